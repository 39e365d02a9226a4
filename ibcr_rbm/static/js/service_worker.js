// Answers for the server while it cannot be reached: with the cached pages for recording, which hold
// no record of anyone. A form that could not be sent is stored on this device.
"use strict";

const CACHE = "ibcr-pages-2";
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
  const pages = await caches.open(CACHE);
  const cached =
    (await pages.match(kind ? `/offline/${kind}/` : pathname)) || (await pages.match("/offline/"));
  return cached || response || Response.error();
}

async function sendForm(request, pathname) {
  const copy = request.clone();
  const response = await fetch(request).catch(() => null);
  if (response && response.status < 500) return response;
  // The form may have arrived all the same: its token shows that when it is sent again.
  const kind = CREATE.exec(pathname)[1];
  const pages = await caches.open(CACHE);
  const user = await deviceStorage.getUser();
  if (user && (await pages.match(`/offline/${kind}/`))) {
    const fields = deviceStorage.readFields(await copy.formData());
    const record = deviceStorage.buildRecord(user.id, kind, fields, "queued");
    const previous = await deviceStorage.records.get(user.id, record.token);
    const edition = previous ? previous.edition + 1 : 0;
    const sentEdition = previous?.sentEdition ?? edition;
    await deviceStorage.records.put({ ...record, edition, sentEdition, formUrl: pathname });
    return Response.redirect("/offline/", 303);
  }
  return response || Response.error();
}
