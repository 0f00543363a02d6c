// What a page's script gets to see.
((url) =>
  new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => resolve(data);
    socket.onclose = ({ code }) => resolve(`closed with ${code}`);
  }));
