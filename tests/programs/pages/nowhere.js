// From here on, every WebSocket of the page goes where there is none.
(() => {
  globalThis.Whole = WebSocket;
  globalThis.WebSocket = class extends Whole {
    constructor(url, protocols) {
      super(url.replace(/ws$/, "nowhere"), protocols);
    }
  };
});
