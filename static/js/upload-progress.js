// Tells how much of the files has gone out: `fetch` does not know, so that uploads go by the older way.
const upload = document.getElementById("attach");
const shown = document.getElementById("upload-percent");

function send(url, { method, headers, body, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const fail = () => reject(new TypeError("The upload was interrupted."));
    request.open(method, url);
    for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => tell(loaded / total));
    request.addEventListener("load", () => resolve(answer(request)));
    request.addEventListener("error", fail);
    request.addEventListener("abort", () => resolve(new Response(null, { status: 204 })));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}

function answer(request) {
  const lines = request.getAllResponseHeaders().trim().split(/[\r\n]+/);
  const headers = lines.map((line) => line.split(/:\s*(.*)/s).slice(0, 2));
  const hasBody = request.status !== 204;
  return new Response(hasBody ? request.responseText : null, { status: request.status, headers });
}

function tell(share) {
  shown.textContent = share < 1 ? `${Math.floor(100 * share)} %` : "";
}

upload?.addEventListener("htmx:config:request", ({ detail }) => {
  if (detail.ctx.request.method !== "POST") return;
  tell(0);
  detail.ctx.request.timeout = 0;  // A large file on a slow line takes longer than the minute that htmx gives.
  detail.ctx.fetch = send;
});
