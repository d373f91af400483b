/** Waits for the page that embeds this frame and answers its calls with the given methods. */
export function serve(methods, onConnect) {
  window.addEventListener("message", function greet({ source, data, ports }) {
    if (source !== window.parent || data?.type !== "connect" || !ports[0]) return;
    window.removeEventListener("message", greet);
    const port = ports[0];
    const send = (event, payload) => port.postMessage({ event, payload });
    port.onmessage = async ({ data: { call, method, params } }) => {
      port.postMessage({ call, result: (await methods[method](params)) ?? null });
    };
    send("connected");
    onConnect(data.options, send);
  });
}
