// The reply box counts segments as it is written; choosing a label saves it.
"use strict";

(function () {
  const BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
  const EXTENDED = new Set("^{}\\[~]|€");

  function segments(text) {
    if (!text) return "";
    const letters = [...text];
    if (letters.every((letter) => BASIC.has(letter) || EXTENDED.has(letter))) {
      const units = letters.reduce((sum, letter) => sum + (EXTENDED.has(letter) ? 2 : 1), 0);
      return words(units <= 160 ? 1 : Math.ceil(units / 153), units) + " (GSM-7)";
    }
    return words(text.length <= 70 ? 1 : Math.ceil(text.length / 67), text.length) + ", with special characters (UCS-2)";
  }

  function words(count, units) {
    return `${units} characters, ${count} ${count === 1 ? "segment" : "segments"}`;
  }

  function count(box) {
    box.closest("form").querySelector("[data-segment-count]").textContent = segments(box.value);
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-segments]")) count(event.target);
  });
  document.querySelectorAll("[data-segments]").forEach(count); // what was written before this file came

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-answers]") && event.target.value) {
      const box = event.target.form.elements.body;
      box.value = event.target.selectedOptions[0].dataset.text;
      box.dispatchEvent(new Event("input", { bubbles: true }));
      box.focus();
    }
    if (event.target.matches("[data-label-select]") && event.target.value) event.target.form.submit();
  });
})();
