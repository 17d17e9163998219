// A page of ours as a document that does nothing: for scripts that take a part of
// it into the page that is shown. The browser reads it as it reads any page, so that
// no text is ever made into HTML by us, which the site's policy forbids (Trusted
// Types).
globalThis.askPage = (url, { method = "GET", body, headers = {}, signal } = {}) => new Promise((done, failed) => {
  const request = new XMLHttpRequest(), asked = new URL(url, location.href);
  asked.hash = "";
  request.open(method, asked);
  request.responseType = "document";
  for (const name in headers) request.setRequestHeader(name, headers[name]);
  request.onload = () => {
    if (!request.responseXML) return failed(new Error("the answer is no page"));
    done({ page: request.responseXML, ok: request.status >= 200 && request.status < 300, redirected: request.responseURL !== asked.href });
  };
  request.onerror = request.onabort = () => failed(new Error("no answer"));
  signal?.addEventListener("abort", () => request.abort());
  request.send(body);
});
