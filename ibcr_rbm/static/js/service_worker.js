// Answers for the server while it cannot be reached: with the cached pages for recording, which hold
// no record of anyone. A form that could not be sent is stored on this device.
"use strict";

const CREATE = /^\/records\/([a-z_]+)\/new\/$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) =>
  // Pages cached by an earlier version link to URLs that have moved.
  event.waitUntil(Promise.all([caches.delete("ibcr-pages"), self.clients.claim()])),
);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(getPage(request, pathname));
  } else if (request.mode === "navigate" && CREATE.test(pathname)) {
    event.respondWith(sendForm(request, pathname));
  } else if (request.method === "GET" && pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((cached) => cached || fetch(request)));
  }
});

async function getPage(request, pathname) {
  const response = await fetch(request).catch(() => null);
  // 502 to 504: the proxy reports that the server does not answer.
  if (response && !(response.status >= 502 && response.status <= 504)) return response;
  const kind = CREATE.exec(pathname)?.[1];
  const pages = (await deviceStorage.findPages())?.cache;
  const cached =
    (await pages?.match(kind ? `/offline/${kind}/` : pathname)) || (await pages?.match("/offline/"));
  return cached || response || Response.error();
}

async function sendForm(request, pathname) {
  const copy = request.clone();
  const response = await fetch(request).catch(() => null);
  // 412: another account is signed in; the form waits for its own author.
  if (response && response.status < 500 && response.status !== 412) return response;
  // The form may have arrived all the same: its token shows that when it is sent again.
  const kind = CREATE.exec(pathname)[1];
  const pages = (await deviceStorage.findPages())?.cache;
  const fields = deviceStorage.readFields(await copy.formData());
  const author = Number(deviceStorage.getField({ fields }, "form_author"));
  if (author && (await pages?.match(`/offline/${kind}/`))) {
    const record = deviceStorage.buildRecord(author, kind, fields, "queued");
    const previous = await deviceStorage.records.get(author, record.token);
    const edition = previous ? previous.edition + 1 : 0;
    const sentEdition = previous?.sentEdition ?? edition;
    await deviceStorage.records.put({ ...record, edition, sentEdition, formUrl: pathname });
    return Response.redirect("/offline/", 303);
  }
  return response || Response.error();
}
