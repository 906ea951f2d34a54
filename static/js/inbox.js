// Keeps the inbox up to date while it is open, and lets keys do what its buttons do. Without this file the page works
// by its links and forms.
"use strict";

(function () {
  const inbox = document.getElementById("inbox");
  if (!inbox) return;
  const EVERY = Number(inbox.dataset.every) * 1000;
  const WEEK = 7 * 1440;
  const TITLE = document.title;
  const AGO = new Intl.RelativeTimeFormat("en");
  const FAST = Date.now() - Date.parse(inbox.dataset.now); // by how much the clock here is before the server's
  const order = remembered();
  const later = {}; // parts that are not shown yet: a person is writing there
  let version = inbox.dataset.version;
  meet(links());

  function links() {
    return [...document.querySelectorAll("[data-thread-link]")];
  }

  // Reading moves a conversation down the list, so the order in which one walks through them is kept from page to page.
  function remembered() {
    const kept = JSON.parse(window.sessionStorage.getItem("inbox-order") || "null");
    return inbox.dataset.thread && kept && kept.query === inbox.dataset.query ? kept.order : [];
  }

  function meet(shown) {
    const fresh = shown.map((link) => link.dataset.threadLink).filter((id) => !order.includes(id));
    order.unshift(...fresh);
    window.sessionStorage.setItem("inbox-order", JSON.stringify({ query: inbox.dataset.query, order }));
  }

  function part(name) {
    return inbox.querySelector(`[data-part="${name}"]`);
  }

  function form(step) {
    return inbox.querySelector(`form[data-step="${step}"]`);
  }

  // Something is written, chosen, opened or shown in clear there.
  function inUse(place) {
    const changed = (field) => (field.matches("select") ? field.selectedIndex > 0 && !field.selectedOptions[0].defaultSelected : field.value !== field.defaultValue);
    return [...place.querySelectorAll("input, textarea, select")].some(changed) || place.querySelector("details[open], a[href^='tel:']");
  }

  function twin(element, place) {
    const same = (other) => ["name", "href", "formAction", "type"].every((what) => other[what] === element[what]) && other.form?.action === element.form?.action;
    return [...place.querySelectorAll(element.tagName)].find(same);
  }

  function put(name, html) {
    const place = part(name);
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    place.innerHTML = html;
    if (focused) twin(focused, place)?.focus({ preventScroll: true });
  }

  function show() {
    const talk = part("talk");
    const atEnd = talk && talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
    for (const [name, { html, locks }] of Object.entries(later)) {
      if (part(name) && inUse(part(name)) && !locks) continue;
      delete later[name];
      if (part(name)) put(name, html);
    }
    if (talk && atEnd) talk.scrollTop = talk.scrollHeight;
  }

  function take(answer) {
    for (const [name, html] of Object.entries(answer.parts)) later[name] = { html, locks: name === "box" && answer.locked };
    show();
    meet(links());
    count();
    seen();
    document.dispatchEvent(new Event("conversation:shown"));
  }

  function count() {
    const unread = [...inbox.querySelectorAll(".inbox-count")].reduce((sum, row) => sum + parseInt(row.textContent, 10), 0);
    document.title = unread ? `(${unread}) ${TITLE}` : TITLE;
    document.getElementById("inbox-unread").textContent = unread ? `${unread} unread` : "";
  }

  function say(words, link) {
    const place = document.getElementById("inbox-notice");
    if (place.firstChild?.data === words) return;
    place.replaceChildren(words);
    if (link) place.append(Object.assign(document.createElement("a"), { href: link, textContent: "Open it" }));
  }

  async function look() {
    const address = new URL(inbox.dataset.live + window.location.search, window.location.origin);
    if (inbox.dataset.thread) address.searchParams.set("thread", inbox.dataset.thread);
    const last = inbox.querySelector("[name=seen][form]");
    if (last) address.searchParams.set("seen", last.value);
    try {
      const answer = await fetch(address, { headers: { "If-None-Match": version, Accept: "application/json" }, cache: "no-store" });
      if (answer.redirected) return window.location.reload(); // logged out; what was being written is kept
      if (!answer.ok && answer.status !== 304) throw new Error(answer.status);
      const news = answer.status === 200 ? await answer.json() : null;
      if (news?.gone) return say("This conversation went into another. ", news.gone);
      say("");
      version = answer.headers.get("ETag") || version;
      if (news) take(news);
      else show();
    } catch (error) {
      say("No answer from the server, trying again.");
    }
    age();
    window.setTimeout(look, EVERY);
  }

  // “3 minutes ago” is true for a minute.
  function age() {
    for (const time of inbox.querySelectorAll("time[datetime]")) {
      const minutes = Math.floor((Date.now() - FAST - Date.parse(time.dateTime)) / 60_000);
      const [span, unit] = [[1440, "day"], [60, "hour"], [1, "minute"]].find(([least]) => minutes >= least) || [];
      if (unit && minutes < WEEK) time.textContent = AGO.format(-Math.floor(minutes / span), unit);
    }
  }

  function seen() {
    const read = form("read");
    if (!read || document.hidden || read.dataset.unread === "0") return;
    fetch(read.action, { method: "POST", body: new FormData(read), headers: { "X-Quietly": "1" } }).catch(() => {});
  }

  function go(by) {
    const at = order.indexOf(inbox.dataset.thread);
    const next = at < 0 ? (by > 0 ? order[0] : order[order.length - 1]) : order[at + by];
    const page = document.querySelector(`[data-page="${by > 0 ? "older" : "newer"}"]`);
    if (next) window.location.assign(`${inbox.dataset.home}${next}/${inbox.dataset.query}`);
    else if (page) page.click();
  }

  function press(step, change) {
    const found = form(step);
    if (!found) return;
    if (change) change(found);
    else found.submit();
  }

  function label(number) {
    const selects = [...inbox.querySelectorAll("[data-label-select]")];
    const last = selects[selects.length - 1];
    if (!last || number >= last.options.length) return;
    last.selectedIndex = number;
    last.form.submit();
  }

  const KEYS = {
    j: () => go(1),
    k: () => go(-1),
    e: () => press("done"),
    u: () => press("unread"),
    s: () => press("snooze", (found) => found.querySelector("[value=tomorrow]").click()),
    a: () => press("assign", (found) => { found.elements.to.value = found.dataset.me; found.submit(); }),
    r: () => inbox.querySelector("textarea[name=body]")?.focus(),
    "?": () => document.getElementById("inbox-keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) {
      if (event.key === "Escape" && event.target.matches("textarea")) event.target.blur();
      return;
    }
    const act = KEYS[event.key] || (/^[1-8]$/.test(event.key) ? () => label(Number(event.key)) : null);
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submits]")) event.target.form.submit();
  });

  document.addEventListener("visibilitychange", seen);

  const talk = part("talk");
  if (talk) talk.scrollTop = talk.scrollHeight;
  const current = inbox.querySelector("[data-thread-link][aria-current]");
  if (current) inbox.querySelector(".inbox-list").scrollTop = current.offsetTop - inbox.clientHeight / 2;
  count();
  seen();
  window.setTimeout(look, EVERY);
})();
