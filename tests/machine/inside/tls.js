// Run in the machine: does Node, as it is, accept host:port?
"use strict";
const tls = require("node:tls");

function ask(target) {
  const at = target.lastIndexOf(":");
  const socket = tls.connect({ host: target.slice(0, at), port: Number(target.slice(at + 1)) });
  return new Promise((resolve, reject) => {
    socket.setTimeout(10000, () => socket.destroy(new Error("no answer in 10 s")));
    socket.on("secureConnect", () => {
      socket.end();
      resolve({ target, accepted: true, words: "" });
    });
    socket.on("error", (error) => {
      // Anything but the certificate is no answer to the question.
      const about = socket.authorizationError || (error.code || "").startsWith("ERR_TLS_CERT");
      if (about) resolve({ target, accepted: false, words: `${error.code}: ${error.message}` });
      else reject(error);
    });
  });
}

(async () => {
  for (const target of process.argv.slice(2)) console.log(JSON.stringify(await ask(target)));
})();
