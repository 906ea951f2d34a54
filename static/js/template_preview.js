// Under each wording: how it reads for one lead, and what it costs, while it is typed.
"use strict";

const url = document.getElementById("template-preview").dataset.url;
const WORDS = "textarea[name$='-body']";
const CHOICES = "#id_purpose, #id_language, #id_market, #id_preview_for";
const waiting = new WeakMap();
const asked = new WeakMap();

const valueOf = (id) => document.getElementById(id)?.value ?? "";

function panelOf(words) {
  let panel = words.parentElement.querySelector(".campaign-preview");
  if (!panel) {
    panel = document.createElement("div");
    panel.className = "campaign-preview";
    panel.setAttribute("aria-live", "polite");
    words.after(panel);
  }
  return panel;
}

async function show(words) {
  const panel = panelOf(words);
  const turn = (asked.get(words) ?? 0) + 1;
  asked.set(words, turn);
  if (!words.value.trim() || !valueOf("id_purpose")) return panel.replaceChildren();
  const body = new URLSearchParams({
    body: words.value, purpose: valueOf("id_purpose"), language: valueOf("id_language"),
    market: valueOf("id_market"), owner: valueOf("id_preview_for"),
  });
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const answer = await fetch(url, { method: "POST", body, headers: { "X-CSRFToken": token } });
  if (asked.get(words) !== turn) return;
  if (answer.ok) panel.innerHTML = await answer.text();
  else panel.textContent = "There is no preview: the page could not be asked. Saving checks the words as well.";
}

const isPattern = (words) => words.name.includes("__prefix__");
const showAll = () => document.querySelectorAll(WORDS).forEach((words) => isPattern(words) || show(words));

document.addEventListener("input", (event) => {
  if (!event.target.matches(WORDS)) return;
  clearTimeout(waiting.get(event.target));
  waiting.set(event.target, setTimeout(() => show(event.target), 300));
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-plain]");
  if (!button) return;
  const words = button.closest(".campaign-preview").parentElement.querySelector(WORDS);
  words.value = button.dataset.plain;
  show(words);
});

window.addEventListener("load", () => {
  django.jQuery(document).on("change", CHOICES, showAll); // the owner's search box speaks through jQuery only
  showAll();
});
