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
    return seconds < 90 ? `${seconds} s left` : `${Math.round(seconds / 60)} min left`;
  }

  async function look() {
    try {
      const answer = await fetch(box.dataset.url, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const state = await answer.json();
        if (state.finished) return window.location.reload();
        for (const name of ["read", "total", "rate", "created", "updated", "unchanged", "rejected"]) {
          show(name, number.format(state[name]));
        }
        show("label", state.label);
        show("left", left(state.seconds_left));
        box.querySelector("progress").value = state.percent;
      }
    } catch (error) {
      show("left", "no answer from the server, trying again");
    }
    window.setTimeout(look, 1000);
  }

  look();
})();
