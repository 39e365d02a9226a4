// Answers for the server while the link is down: with the pages for recording, which hold no
// record of anyone. A form that could not be sent is kept, as it was typed, on this device.
"use strict";

const PAGES = "ibcr-pages-2";
const CREATE = /^\/records\/([a-z_]+)\/new\/$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) =>
  // Pages kept by an earlier version link to URLs that have moved.
  event.waitUntil(Promise.all([caches.delete("ibcr-pages"), self.clients.claim()])),
);

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(page(request, address));
  } else if (request.mode === "navigate" && CREATE.test(address.pathname)) {
    event.respondWith(sent(request, address));
  } else if (request.method === "GET" && address.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});

// 502 to 504: what stands before the server says that it does not answer.
const isAway = (answer) => answer.status >= 502 && answer.status <= 504;

async function page(request, address) {
  let answer = null;
  try {
    answer = await fetch(request);
    if (!isAway(answer)) return answer;
  } catch {
    // The link is down.
  }
  const kind = CREATE.exec(address.pathname)?.[1];
  const pages = await caches.open(PAGES);
  const kept =
    (await pages.match(kind ? `/offline/${kind}/` : address.pathname)) ||
    (await pages.match("/offline/"));
  return kept || answer || Response.error();
}

async function sent(request, address) {
  const copy = request.clone();
  let answer = null;
  try {
    answer = await fetch(request);
    if (answer.status < 500) return answer;
  } catch {
    // Perhaps it arrived all the same: the token tells, when it is sent again.
  }
  const kind = CREATE.exec(address.pathname)[1];
  const pages = await caches.open(PAGES);
  const who = await queue.who();
  if (who && (await pages.match(`/offline/${kind}/`))) {
    const record = queue.record(who.id, kind, queue.fieldsOf(await copy.formData()), "ready");
    const before = await queue.get(who.id, record.token);
    const edition = before ? before.edition + 1 : 0;
    const tried = before?.tried ?? edition;
    Object.assign(record, { edition, tried, form: address.pathname });
    await queue.put(record);
    return Response.redirect("/offline/", 303);
  }
  return answer || Response.error();
}
