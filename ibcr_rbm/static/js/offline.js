// On every page of who enters records: says what waits on this device, sends it one by one when
// the link is there, keeps the pages for recording without a link, and asks before signing out.
"use strict";

const offline = (() => {
  const page = document.getElementById("offline-words");
  const note = document.getElementById("unsent");
  const typing = new URLSearchParams(location.search).get("unsent") ?? "";
  const say = (name) => page.content.querySelector(`[data-say="${name}"]`).textContent;
  const PAGES = "ibcr-pages-2";
  const WEEK = 7 * 24 * 3600 * 1000;
  const [FIRST_PAUSE, LONGEST_PAUSE, PATIENCE] = [2000, 60000, 60000];

  // Who types here: who is signed in or, on a page that stays on the device, who was last.
  const person = (async () => {
    const before = await queue.who().catch(() => null);
    const { user, name } = page.dataset;
    if (!user) return before && localStorage.getItem("who") === String(before.id) ? before : null;
    const now = { id: Number(user), name };
    localStorage.setItem("who", user);
    if (before?.id !== now.id || before.name !== now.name) await queue.setWho(now).catch(() => {});
    return now;
  })();

  // What the person typed here and is not sent; nothing where the browser keeps nothing.
  const unsent = async () => {
    const who = await person;
    return who ? queue.of(who.id).catch(() => []) : [];
  };

  // The person's texts of reports that could not be saved, as reports.js keeps them.
  const texts = async () => {
    const mine = `text ${(await person)?.id} `;
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(mine));
    return keys.map((key) => {
      const [address, name] = key.slice(mine.length).split(" ");
      const [seen, text] = JSON.parse(localStorage.getItem(key));
      return { key, address, name: name.replace("text:", ""), seen, text };
    });
  };

  // Before somebody signs out: nothing is typed here under their name any more.
  function leave() {
    localStorage.removeItem("who");
    return queue.setWho(null).catch(() => {});
  }

  const changed = () => document.dispatchEvent(new CustomEvent("unsent"));

  async function show() {
    const number = (await unsent()).length + (await texts()).length;
    const all = await queue.size().catch(() => 0);
    // For the pages of figures, which look no further.
    if (all) localStorage.setItem("unsent", "yes");
    else localStorage.removeItem("unsent");
    const isHere = location.pathname === page.dataset.unsent;
    note.hidden = !number || isHere;
    note.querySelector("a").textContent = `${say("waits")} (${number})`;
  }

  // -- Sending ---------------------------------------------------------------------------------

  class Stop extends Error {} // Nothing more can be sent now; its message says why.

  async function ask(address, options) {
    const answer = await fetch(address, { credentials: "same-origin", ...options }).catch(() => {
      throw new Stop("away");
    });
    if (answer.status >= 500) throw new Stop("away");
    if (answer.redirected || answer.status === 401 || answer.status === 403) {
      throw new Stop("signed-out");
    }
    return answer;
  }

  // What the answer says: the link may break, or the server die, when only its head has come.
  const read = (answer, how) =>
    answer[how]().catch(() => {
      throw new Stop("away");
    });

  // Of a form that was sent as any other only its token: to hear whether it arrived.
  function body(record) {
    const data = new FormData();
    const fields = record.state === "posted" ? [["creation_token", record.token]] : record.fields;
    for (const [name, value] of fields) data.append(name, value);
    return data;
  }

  async function passFor(who) {
    const pass = await read(await ask(page.dataset.pass, { cache: "no-store" }), "json");
    if (pass.user !== who.id) throw new Stop("other");
    return { "X-CSRFToken": pass.token, "X-Typed-By": String(who.id) };
  }

  const isLong = (record) => record.fields.some(([, value]) => typeof value !== "string");

  async function post(address, record, headers) {
    const signal = isLong(record) ? undefined : AbortSignal.timeout(PATIENCE);
    const answer = await ask(address, { method: "POST", body: body(record), headers, signal });
    if (answer.status === 412) throw new Stop("other");
    return answer;
  }

  // The sentences of the page of a form that was not taken. One that asks about likely duplicates
  // names records of others: nothing of it stays on the device.
  async function problemsIn(answer) {
    if (answer.status === 409) return [say("refused")];
    const said = new DOMParser().parseFromString(await read(answer, "text"), "text/html");
    const sentences = [...said.querySelectorAll(".errors li")].map((one) => one.innerText.trim());
    return sentences.length ? sentences : [say("refused")];
  }

  // Only the edition that was sent is settled: what was changed meanwhile stays.
  const settle = (record, to) =>
    queue.change(record.user, record.token, (now) =>
      now.edition === record.edition && now.state === record.state ? to(now) : undefined,
    );

  async function sendRecord(record, headers) {
    const tried = record.tried ?? record.edition;
    await settle(record, (now) => ({ ...now, tried }));
    const answer = await post(`${page.dataset.unsent}${record.kind}/send/`, record, headers);
    if (answer.status !== 201) {
      const problems = record.state === "posted" ? [] : await problemsIn(answer);
      await settle(record, (now) => ({ ...now, tried, state: "mend", problems }));
      return;
    }
    const { address, was_there: wasThere, differs } = await read(answer, "json");
    const isNew = record.state !== "posted" && (differs || tried !== record.edition);
    const isOlder = wasThere && isNew;
    const mend = { tried, state: "mend", problems: [say("arrived")], address };
    await settle(record, (now) => (isOlder ? { ...now, ...mend } : null));
  }

  // What is only begun goes where it would have gone while it was typed.
  async function keepRecord(record, headers) {
    const answer = await post(record.keep, record, headers);
    if (answer.ok) await settle(record, () => null);
    if (answer.status !== 422) return;
    const { sentence } = await read(answer, "json");
    await settle(record, (now) => ({ ...now, problems: [sentence] }));
  }

  let pause = FIRST_PAUSE;
  let timer = 0;
  let state = "";

  // What is open in this window is not; of what is begun only what the server keeps as it is.
  function isToBeSent(record) {
    if (record.token === typing) return false;
    if (record.state === "begun") return !record.problems.length && !isLong(record);
    return record.state === "ready" || record.state === "posted";
  }

  async function sendAll(who) {
    const waiting = (await unsent()).filter(isToBeSent);
    if (!waiting.length) return;
    const headers = await passFor(who);
    state = "sending";
    for (const record of waiting) {
      changed();
      await (record.state === "begun" ? keepRecord : sendRecord)(record, headers);
      pause = FIRST_PAUSE;
    }
  }

  const alone = (what) =>
    navigator.locks
      ? navigator.locks.request("ibcr-sending", { ifAvailable: true }, what)
      : what(true);

  async function send() {
    clearTimeout(timer);
    const who = await person;
    if (!who) return;
    try {
      // Two windows do not send the same at once; the token would tell, but the line is slow.
      await alone((lock) => {
        if (!lock) throw new Stop("away");
        return sendAll(who);
      });
      state = "";
    } catch (error) {
      state = error instanceof Stop ? error.message : "away";
      if (state === "away") {
        timer = setTimeout(send, pause);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
      if (!(error instanceof Stop)) throw error;
    } finally {
      changed();
    }
  }

  // -- Pages for recording without a link ------------------------------------------------------

  async function keepPages() {
    const edition = `${page.dataset.edition} ${Math.floor(Date.now() / WEEK)}`;
    const pages = await caches.open(PAGES);
    const kept = await pages.match("/offline/edition");
    if (kept && (await kept.text()) === edition) return;
    const list = await fetched(page.dataset.unsent);
    const forms = list && [...list.html.querySelectorAll("[data-form]")];
    const all = forms && (await eachFetched(forms.map((link) => link.dataset.form)));
    if (!all) return;
    const files = [list, ...all].flatMap(({ html }) =>
      [...html.querySelectorAll("script[src], link[href]")].map((one) => one.src || one.href),
    );
    await caches.delete(PAGES);
    const anew = await caches.open(PAGES);
    await anew.addAll([...new Set(files)]);
    for (const { address, answer } of [list, ...all]) await anew.put(address, answer);
    await anew.put("/offline/edition", new Response(edition));
  }

  // One after the other: the line may be slow, and somebody works on it.
  async function eachFetched(addresses) {
    const all = [];
    for (const address of addresses) {
      const one = await fetched(address);
      if (!one) return null;
      all.push(one);
    }
    return all;
  }

  async function fetched(address) {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return null;
    const html = new DOMParser().parseFromString(await answer.clone().text(), "text/html");
    return { address, answer, html };
  }

  async function stayReady() {
    if (!page.dataset.user || !("serviceWorker" in navigator)) return;
    await navigator.serviceWorker.register(page.dataset.worker, { scope: "/" });
    await navigator.serviceWorker.ready;
    await keepPages();
  }

  // -- Signing out -----------------------------------------------------------------------------

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.getAttribute("action")?.endsWith("/logout/")) return;
    event.preventDefault();
    if ((await unsent()).length + (await texts()).length) {
      location.assign(`${page.dataset.unsent}?leaving`);
    } else {
      await leave();
      form.submit();
    }
  });

  document.addEventListener("unsent", show);
  window.addEventListener("online", () => {
    pause = FIRST_PAUSE;
    send();
  });
  show();
  send();
  const start = () => stayReady().catch(() => setTimeout(start, LONGEST_PAUSE));
  if (document.readyState === "complete") start();
  else window.addEventListener("load", () => setTimeout(start, 500));

  return { person, leave, unsent, texts, say, send, changed, passFor, typing, state: () => state };
})();
