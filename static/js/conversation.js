// The reply box tells what would leave while it is written, and keeps what was written until it has left; choosing a
// label saves it.
"use strict";

(function () {
  const PAUSE = 250;
  let asked = 0;
  let pause;

  const nameOf = (box) => `reply:${new URL(box.form.action).pathname}`;

  async function tell(box) {
    const turn = ++asked;
    const place = box.form.querySelector("[data-preview]");
    let words = "";
    if (box.value.trim()) {
      const answer = await fetch(box.dataset.reply, { method: "POST", body: new FormData(box.form) }).catch(() => null);
      if (answer && answer.ok && !answer.redirected) words = await answer.text();
    }
    if (turn === asked) place.innerHTML = words;
  }

  function keep(box) {
    const kept = JSON.stringify({ text: box.value, token: box.form.elements.token.value });
    if (box.value.trim()) window.sessionStorage.setItem(nameOf(box), kept);
    else window.sessionStorage.removeItem(nameOf(box));
  }

  // A text that stands in the conversation has left the box.
  function bring(box) {
    const kept = JSON.parse(window.sessionStorage.getItem(nameOf(box)) || "null");
    if (kept && document.querySelector(`[data-token="${kept.token}"]`)) {
      window.sessionStorage.removeItem(nameOf(box));
      if (box.form.elements.token.value === kept.token) box.value = "";
    } else if (kept && !box.value) {
      box.value = kept.text;
    }
    if (box.value) keep(box);
    tell(box);
  }

  function write(box, text) {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  }

  const bringAll = () => document.querySelectorAll("[data-reply]").forEach(bring);
  bringAll();
  document.addEventListener("conversation:shown", bringAll);

  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-reply]")) return;
    keep(event.target);
    window.clearTimeout(pause);
    pause = window.setTimeout(tell, PAUSE, event.target);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-plain]");
    if (button) write(button.form.elements.body, button.dataset.plain);
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-answers]") && event.target.value) {
      write(event.target.form.elements.body, event.target.selectedOptions[0].dataset.text);
    }
    if (event.target.matches(".talk-reply [name=phone]")) tell(event.target.form.elements.body);
    if (event.target.matches("[data-label-select]") && event.target.value) event.target.form.submit();
  });
})();
