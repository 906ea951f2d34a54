// Keeps the inbox up to date while it is open, and lets keys do what its buttons do. Without this file the page works
// by its links and forms.
"use strict";

(function () {
  const inbox = document.getElementById("inbox");
  if (!inbox) return;
  const EVERY = 2000;
  const order = remembered();
  meet(links());
  let version = inbox.dataset.version;

  function links() {
    return [...document.querySelectorAll("[data-thread-link]")];
  }

  // Reading moves a conversation down the list, so the order in which one walks through them is kept from page to page.
  function remembered() {
    const kept = JSON.parse(window.sessionStorage.getItem("inbox-order") || "null");
    return inbox.dataset.thread && kept && kept.query === window.location.search ? kept.order : [];
  }

  function meet(shown) {
    const fresh = shown.map((link) => link.dataset.threadLink).filter((id) => !order.includes(id));
    order.unshift(...fresh);
    window.sessionStorage.setItem("inbox-order", JSON.stringify({ query: window.location.search, order }));
  }

  function part(name) {
    return inbox.querySelector(`[data-part="${name}"]`);
  }

  function form(step) {
    return inbox.querySelector(`form[data-step="${step}"]`);
  }

  function show(answer) {
    if (answer.gone) return window.location.assign(inbox.dataset.home);
    const talk = part("talk");
    const atEnd = talk && talk.scrollHeight - talk.scrollTop - talk.clientHeight < 80;
    for (const [name, html] of Object.entries(answer.parts)) {
      const place = part(name);
      if (!place) continue;
      if (name === "box" && !answer.locked === !inbox.dataset.locked) continue; // what is being written stays
      if (place.contains(document.activeElement) && name !== "box" && document.activeElement.matches("input, textarea, select")) continue;
      place.innerHTML = html;
    }
    inbox.dataset.locked = answer.locked ? "1" : "";
    meet(links());
    if (talk && atEnd) talk.scrollTop = talk.scrollHeight;
  }

  async function look() {
    const address = new URL(inbox.dataset.live, window.location.origin);
    if (inbox.dataset.thread) address.searchParams.set("thread", inbox.dataset.thread);
    const here = new URLSearchParams(window.location.search);
    for (const name of ["after", "before", "lead"]) if (here.get(name)) address.searchParams.set(name, here.get(name));
    try {
      const answer = await fetch(address, { headers: { "If-None-Match": version, Accept: "application/json" }, cache: "no-store" });
      if (answer.status === 200 && answer.headers.get("Content-Type").startsWith("application/json")) {
        version = answer.headers.get("ETag") || version;
        show(await answer.json());
        seen();
      } else if (answer.redirected) {
        return window.location.reload(); // logged out
      }
      inbox.classList.remove("offline");
    } catch (error) {
      inbox.classList.add("offline");
    }
    window.setTimeout(look, EVERY);
  }

  function seen() {
    const read = form("read");
    if (!read || document.hidden || !inbox.querySelector("[aria-current='true'].unread")) return;
    fetch(read.action, { method: "POST", body: new FormData(read), headers: { "X-Quietly": "1" } }).catch(() => {});
  }

  function go(by) {
    const at = order.indexOf(inbox.dataset.thread);
    const next = at < 0 ? (by > 0 ? order[0] : order[order.length - 1]) : order[at + by];
    const page = document.querySelector(`[data-page="${by > 0 ? "older" : "newer"}"]`);
    if (next) window.location.assign(`${inbox.dataset.home}${next}/${window.location.search}`);
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

  const talk = part("talk");
  if (talk) talk.scrollTop = talk.scrollHeight;
  seen();
  window.setTimeout(look, EVERY);
})();
