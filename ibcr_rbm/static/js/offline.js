// On every page of users who enter records: shows how many drafts wait on this device, sends them
// when the server can be reached, caches the pages for recording offline, and asks before signing out.
"use strict";

const offline = (() => {
  const settings = document.getElementById("offline-settings").dataset;
  const banner = document.getElementById("offline-banner");
  const editedToken = new URLSearchParams(location.search).get("device_draft") ?? "";
  const { records, texts } = deviceStorage;
  const WEEK_MS = 7 * 24 * 3600 * 1000;
  const [MIN_PAUSE_MS, MAX_PAUSE_MS, TIMEOUT_MS] = [2000, 60000, 60000];

  function getMessage(name) {
    const templates = [...document.querySelectorAll("template")];
    const messages = templates.map(({ content }) => content.querySelector(`[data-message="${name}"]`));
    return messages.find(Boolean).textContent;
  }

  // The signed-in user or, on a cached page, the last one.
  const user = (async () => {
    const previous = await deviceStorage.getUser().catch(() => null);
    if (!settings.user) return previous;
    const current = { id: Number(settings.user), name: settings.name };
    if (previous?.id !== current.id || previous.name !== current.name) {
      await deviceStorage.setUser(current).catch(() => {});
    }
    return current;
  })();

  // Nothing where the browser stores nothing.
  async function loadDrafts(store) {
    const owner = await user;
    return owner ? store.load(owner.id).catch(() => []) : [];
  }
  const loadRecords = () => loadDrafts(records);
  const loadTexts = () => loadDrafts(texts);
  const countDrafts = async () => (await loadRecords()).length + (await loadTexts()).length;
  const forgetUser = () => deviceStorage.setUser(null).catch(() => {});
  const notify = () => document.dispatchEvent(new CustomEvent("drafts"));

  async function showBanner() {
    const count = await countDrafts();
    banner.hidden = !count || location.pathname === settings.queueUrl;
    banner.querySelector("a").textContent = `${getMessage("banner")} (${count})`;
  }

  // -- Sending ---------------------------------------------------------------------------------

  class SendingStopped extends Error {} // Its message is the state that the queue's page shows.

  const stopAway = () => {
    throw new SendingStopped("away");
  };

  async function request(url, options) {
    const response = await fetch(url, { credentials: "same-origin", ...options }).catch(stopAway);
    if (response.status >= 500) stopAway();
    if (response.redirected || response.status === 401 || response.status === 403) {
      throw new SendingStopped("signed-out");
    }
    if (response.status === 412) throw new SendingStopped("other-user");
    return response;
  }

  // The connection may break, or the server die, when only the response's head has arrived.
  const readBody = (response, format) => response[format]().catch(stopAway);

  // The headers of every request, once the session is known to be the owner's.
  async function getHeaders() {
    const owner = await user;
    const response = await request(settings.sessionUrl, { cache: "no-store" });
    const session = await readBody(response, "json");
    if (session.user !== owner.id) throw new SendingStopped("other-user");
    return { "X-CSRFToken": session.token, "X-Draft-Owner": String(owner.id) };
  }

  const getTokenFields = (record) =>
    record.fields.filter(([name]) => ["creation_token", "form_author"].includes(name));
  const hasFiles = (record) => record.fields.some(([, value]) => typeof value !== "string");

  function post(url, record, headers) {
    const signal = hasFiles(record) ? undefined : AbortSignal.timeout(TIMEOUT_MS);
    const body = new FormData();
    // The token alone asks whether a form that was sent as a plain form has arrived.
    const fields = record.status === "sending" ? getTokenFields(record) : record.fields;
    for (const [name, value] of fields) body.append(name, value);
    return request(url, { method: "POST", body, headers, signal });
  }

  // A page that asks about possible duplicates (409) names records of others: store only their URLs.
  async function readRejection(response) {
    const page = new DOMParser().parseFromString(await readBody(response, "text"), "text/html");
    if (response.status === 409) {
      const links = [...page.querySelectorAll("[data-duplicate]")];
      const duplicateUrls = links.map((link) => link.getAttribute("href")).filter(Boolean);
      return { problems: [getMessage(links.length ? "duplicate" : "rejected")], duplicateUrls };
    }
    const problems = [...page.querySelectorAll(".errors li")].map((item) => item.innerText.trim());
    return { problems: problems.length ? problems : [getMessage("rejected")] };
  }

  // Change only the edition that was sent: a later change of the user stays.
  const settle = (record, update) =>
    records.change(record.user, record.token, (current) =>
      current.edition === record.edition && current.status === record.status
        ? update(current)
        : undefined,
    );

  async function sendRecord(record, headers) {
    const sentEdition = record.sentEdition ?? record.edition;
    await settle(record, (current) => ({ ...current, sentEdition }));
    const response = await post(`${settings.queueUrl}${record.kind}/send/`, record, headers);
    const rejection = { sentEdition, status: "rejected", duplicateUrls: [] };
    if (response.status !== 201) {
      const why = record.status === "sending" ? { problems: [] } : await readRejection(response);
      Object.assign(rejection, why);
      await settle(record, (current) => ({ ...current, ...rejection }));
      return;
    }
    const { url, is_repeated: isRepeated, differs } = await readBody(response, "json");
    const isChanged = record.status !== "sending" && (differs || sentEdition !== record.edition);
    Object.assign(rejection, { problems: [getMessage("arrived")], recordUrl: url });
    await settle(record, (current) => (isRepeated && isChanged ? { ...current, ...rejection } : null));
  }

  // An unsaved draft goes to the server's drafts, as it would have online.
  async function sendDraft(record, headers) {
    const response = await post(record.draftUrl, record, headers);
    if (response.ok) await settle(record, () => null);
    if (response.status !== 422) return;
    const { message } = await readBody(response, "json");
    await settle(record, (current) => ({ ...current, problems: [message] }));
  }

  let pause = MIN_PAUSE_MS;
  let timer = 0;
  let state = "";

  // Not what is open in this window; of the unsaved drafts only those that the server can store.
  function isSendable(record) {
    if (record.token === editedToken) return false;
    if (record.status === "draft") return !record.problems.length && !hasFiles(record);
    return record.status === "queued" || record.status === "sending";
  }

  async function sendAll() {
    const sendable = (await loadRecords()).filter(isSendable);
    if (!sendable.length) return;
    const headers = await getHeaders();
    state = "sending";
    for (const record of sendable) {
      notify();
      await (record.status === "draft" ? sendDraft : sendRecord)(record, headers);
      pause = MIN_PAUSE_MS;
    }
  }

  async function send() {
    clearTimeout(timer);
    if (!(await user)) return;
    try {
      // One window sends at a time: on a slow connection a second copy would only cost time.
      const options = { ifAvailable: true };
      await navigator.locks.request("ibcr-sending", options, (lock) => (lock ? sendAll() : stopAway()));
      state = "";
    } catch (error) {
      state = error instanceof SendingStopped ? error.message : "away";
      if (state === "away") {
        timer = setTimeout(send, pause);
        pause = Math.min(pause * 2, MAX_PAUSE_MS);
      }
      if (!(error instanceof SendingStopped)) throw error;
    } finally {
      notify();
    }
  }

  // -- Pages for recording offline -------------------------------------------------------------

  async function fetchPage(url) {
    const response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok || response.redirected) throw new Error(`no page at ${url}`);
    const html = new DOMParser().parseFromString(await response.clone().text(), "text/html");
    return { url, response, html };
  }

  async function cachePages() {
    const edition = `${settings.edition} ${Math.floor(Date.now() / WEEK_MS)}`;
    if ((await deviceStorage.findPages())?.edition === edition) return;
    const pages = [await fetchPage(settings.queueUrl)];
    // One after the other: the connection may be slow, and the user is working on it.
    for (const link of pages[0].html.querySelectorAll("[data-form]")) {
      pages.push(await fetchPage(link.dataset.form));
    }
    const files = pages.flatMap(({ html }) =>
      [...html.querySelectorAll("script[src], link[href]")].map((file) => file.src || file.href),
    );
    await deviceStorage.replacePages(edition, async (cache) => {
      await cache.addAll([...new Set(files)]);
      for (const { url, response } of pages) await cache.put(url, response);
    });
  }

  async function prepareOffline() {
    if (!settings.user || !("serviceWorker" in navigator)) return;
    try {
      await navigator.serviceWorker.register(settings.workerUrl, { scope: "/" });
      await navigator.serviceWorker.ready;
      await cachePages();
    } catch {
      setTimeout(prepareOffline, MAX_PAUSE_MS);
    }
  }

  // -- Signing out -----------------------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.getAttribute("action")?.endsWith("/logout/")) return;
    event.preventDefault();
    if (await countDrafts()) {
      location.assign(`${settings.queueUrl}?leaving`);
    } else {
      await forgetUser();
      form.submit();
    }
  });

  document.addEventListener("drafts", showBanner);
  window.addEventListener("online", () => {
    pause = MIN_PAUSE_MS;
    send();
  });
  showBanner();
  send();
  if (document.readyState === "complete") prepareOffline();
  else window.addEventListener("load", () => setTimeout(prepareOffline, 500));

  const getState = () => state;
  const shared = { user, forgetUser, loadRecords, loadTexts, getMessage, getHeaders, getState };
  return { ...shared, queueUrl: settings.queueUrl, editedToken, send, notify };
})();
