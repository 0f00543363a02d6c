// The user's last input, kept by this browser for this host and port. Knows nothing of the page.

const KEY = "wss-stack console";

// {endpoint, protocols}, or null. The app has the same origin and may have written anything
// there; a browser that keeps nothing for pages throws at the first access.
export function recall(storage = () => localStorage) {
  try {
    const { endpoint, protocols } = JSON.parse(storage().getItem(KEY));
    const areTexts = [endpoint, protocols].every((one) => typeof one === "string");
    return areTexts ? { endpoint, protocols } : null;
  } catch {
    return null;
  }
}

export function remember({ endpoint, protocols }, storage = () => localStorage) {
  try {
    storage().setItem(KEY, JSON.stringify({ endpoint, protocols }));
  } catch {
    // The user types it again next time.
  }
}
