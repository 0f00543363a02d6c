// Run in the machine, by Node, deno or bun: does its fetch accept host:port?

const CERTIFICATE = /cert|issuer|subtree|constraint/i;
const targets = "Deno" in globalThis ? Deno.args : process.argv.slice(2);

for (const target of targets) {
  let words = "";
  try {
    await fetch(`https://${target}/`);
  } catch (error) {
    const cause = error.cause ?? error;
    words = `${cause.code ?? ""} ${cause.message}`;
    // Anything but the certificate is no answer to the question.
    if (!CERTIFICATE.test(words)) throw error;
  }
  console.log(JSON.stringify({ target, accepted: !words, words }));
}
