// Form drafts and report texts that the server does not have yet, in the browser's IndexedDB.
// Pages and the service worker share this file.
//
// A record draft: {user, token (the key; of a second window's text not the creation token), kind, fields: [[name, text or file]...], title, at, status, problems,
// edition, sentEdition, formUrl, draftUrl, recordUrl}. Its status: "draft" (the user has not saved it),
// "queued" (to be sent), "sending" (sent as a plain form, may have arrived), "rejected" (the server
// refused it), "editing" (open in a form, not sent). `edition` counts its changes; `sentEdition` is
// the edition that was sent first.
// A report text: {user, token, url, name, version, text, at}.
"use strict";

const deviceStorage = (() => {
  let opening;

  function openDatabase() {
    opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open("ibcr-drafts", 1);
      request.onupgradeneeded = () => {
        for (const name of ["records", "texts"]) {
          request.result.createObjectStore(name, { keyPath: ["user", "token"] });
        }
        request.result.createObjectStore("settings");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opening;
  }

  // Resolve once the data is on the disk; reject, with nothing changed, when there is no room for it.
  async function run(store, mode, action) {
    const database = await openDatabase();
    return new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode, { durability: "strict" });
      const request = action(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  const createStore = (name) => ({
    get: (user, token) => run(name, "readonly", (store) => store.get([user, token])),
    put: (draft) =>
      run(name, "readwrite", (store) => {
        const request = store.put(draft);
        // The page may be closing: do not wait for the request's event.
        store.transaction.commit();
        return request;
      }),
    remove: (user, token) => run(name, "readwrite", (store) => store.delete([user, token])),
    count: () => run(name, "readonly", (store) => store.count()),

    // Replace the draft by what `update` returns, in one transaction; null deletes it, undefined
    // changes nothing.
    change: (user, token, update) =>
      run(name, "readwrite", (store) => {
        const request = store.get([user, token]);
        request.onsuccess = () => {
          const draft = request.result && update(request.result);
          if (draft === null) store.delete([user, token]);
          else if (draft) store.put(draft);
        };
        return request;
      }),

    // The drafts of one user, the oldest first.
    async load(user) {
      const range = IDBKeyRange.bound([user], [user, []]);
      const drafts = await run(name, "readonly", (store) => store.getAll(range));
      return drafts.sort((first, second) => first.at - second.at);
    },
  });

  // The fields of a form as they are sent; a file field left empty is not sent.
  const readFields = (data) =>
    [...data].filter(
      ([name, value]) => name !== "csrfmiddlewaretoken" && (typeof value === "string" || value.name),
    );

  function buildRecord(user, kind, fields, status) {
    const getValue = (name) => fields.find(([field, value]) => field === name && value)?.[1] ?? "";
    const title = ["title", "year", "reference"].map(getValue).find(Boolean) ?? "";
    const urls = { formUrl: "", draftUrl: "", recordUrl: "" };
    const token = getValue("creation_token");
    return { user, token, kind, fields, title, status, ...urls, problems: [], edition: 0, at: Date.now() };
  }

  // -- Pages for recording offline: one cache per edition, complete once its edition is in it --------

  const CACHE_PREFIX = "ibcr-pages-";
  const EDITION_URL = "/offline/edition";

  const getCacheNames = async () =>
    (await caches.keys()).filter((name) => name.startsWith(CACHE_PREFIX));

  // The newest complete cache with its edition; undefined while there is none.
  async function findPages() {
    for (const name of (await getCacheNames()).reverse()) {
      const cache = await caches.open(name);
      const edition = await cache.match(EDITION_URL);
      if (edition) return { cache, edition: await edition.text() };
    }
    return undefined;
  }

  // Replace the cached pages once the new ones are complete; until then the old ones stay.
  async function replacePages(edition, fill) {
    const name = `${CACHE_PREFIX}${edition} ${crypto.randomUUID()}`;
    const others = await getCacheNames();
    try {
      const cache = await caches.open(name);
      await fill(cache);
      await cache.put(EDITION_URL, new Response(edition));
    } catch (error) {
      await caches.delete(name);
      throw error;
    }
    await Promise.all(others.map((other) => caches.delete(other)));
  }

  const getField = (record, name) => record.fields.find(([field]) => field === name)?.[1] ?? "";

  return {
    records: createStore("records"),
    texts: createStore("texts"),
    getUser: () => run("settings", "readonly", (store) => store.get("user")),
    setUser: (user) => run("settings", "readwrite", (store) => store.put(user, "user")),
    readFields,
    buildRecord,
    getField,
    findPages,
    replacePages,
  };
})();
