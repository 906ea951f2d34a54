// Keeps the progress of a list or a scoring up to date. When it ends the page is loaded again with its result, or, where
// somebody may be filling in a form (data-stay), only says so.
"use strict";

(function () {
  const box = document.getElementById("live-progress");
  if (!box || box.dataset.finished === "1") return;
  const number = new Intl.NumberFormat("en-US");

  function show(name, value) {
    const place = box.querySelector(`[data-show="${name}"]`);
    if (place) place.textContent = typeof value === "number" ? number.format(value) : value;
  }

  function left(seconds) {
    if (seconds === null) return "";
    if (seconds < 90) return `${seconds} s left`;
    const minutes = Math.round(seconds / 60);
    return minutes < 90 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
  }

  function end() {
    if (!box.dataset.stay) return window.location.reload();
    box.querySelectorAll("[data-while-running]").forEach((part) => { part.hidden = true; });
  }

  async function look() {
    try {
      const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const state = await answer.json();
        const counting = state.counting ?? null; // lists are counted before they are read
        for (const place of box.querySelectorAll("[data-when]")) {
          const wanted = counting === null ? "working" : "counting";
          place.hidden = place.dataset.when !== wanted || (wanted === "working" && !state.total);
        }
        for (const [name, value] of Object.entries(state)) show(name, value);
        show("left", counting === null ? left(state.seconds_left) : "");
        const bar = box.querySelector("progress");
        if (counting === null) bar.value = state.percent;
        else bar.removeAttribute("value"); // moves without saying how far
        if (state.finished) return end();
      }
    } catch (error) {
      show("left", "no answer from the server, trying again");
    }
    window.setTimeout(look, 1000);
  }

  look();
})();
