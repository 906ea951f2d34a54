// Keeps the progress of a running import up to date; when it ends the page is loaded again with its result.
"use strict";

(function () {
  const box = document.getElementById("import-progress");
  if (!box || box.dataset.finished === "1") return;
  const number = new Intl.NumberFormat("en-US");

  function show(name, text) {
    const place = box.querySelector(`[data-show="${name}"]`);
    if (place) place.textContent = text;
  }

  function left(seconds) {
    if (seconds === null) return "";
    if (seconds < 90) return `${seconds} s left`;
    const minutes = Math.round(seconds / 60);
    return minutes < 90 ? `${minutes} min left` : `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
  }

  async function look() {
    try {
      const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const state = await answer.json();
        if (state.finished) return window.location.reload();
        for (const place of box.querySelectorAll("[data-when]")) {
          const wanted = state.counting === null ? "working" : "counting";
          place.hidden = place.dataset.when !== wanted || (wanted === "working" && !state.total);
        }
        for (const name of ["counting", "read", "total", "rate", "created", "updated", "unchanged", "rejected"]) {
          show(name, number.format(state[name]));
        }
        show("label", state.label);
        show("left", state.counting === null ? left(state.seconds_left) : "");
        const bar = box.querySelector("progress");
        if (state.counting === null) bar.value = state.percent;
        else bar.removeAttribute("value");  // moves without saying how far
      }
    } catch (error) {
      show("left", "no answer from the server, trying again");
    }
    window.setTimeout(look, 1000);
  }

  look();
})();
