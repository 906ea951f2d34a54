// Keeps the numbers of a running campaign fresh, and asks before a step that cannot be taken back.
"use strict";

const numbers = document.getElementById("campaign-numbers");

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch(numbers.dataset.url);
  if (answer.ok && !answer.redirected) numbers.innerHTML = await answer.text();
}

if (numbers?.dataset.url) setInterval(refresh, 5000);

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

const following = document.querySelector("[data-refresh]");
if (following) setTimeout(() => location.reload(), following.dataset.refresh * 1000);
