// From here on, a try hangs, as it does where the network is gone; the test ends it.
(() => {
  globalThis.Whole = WebSocket;
  globalThis.tries = [];
  globalThis.WebSocket = class {
    constructor() {
      tries.push(this);
    }
    close() {}
  };
});
