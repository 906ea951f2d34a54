// Says how many owners the audience reaches while the form is filled in.
"use strict";

const audience = document.getElementById("campaign-audience");
const form = document.querySelector("form#campaign_form");
const AUDIENCE = /^(market|stages|parishes|min_score|max_owners|lists|tags|consent)$/;
let asked = 0;

async function count() {
  const turn = ++asked;
  const fields = new FormData(form);
  const body = new FormData();
  for (const [name, value] of fields) if (AUDIENCE.test(name) || name === "csrfmiddlewaretoken") body.append(name, value);
  if (audience.dataset.campaign) body.append("campaign", audience.dataset.campaign);
  audience.classList.add("counting");
  const answer = await fetch(audience.dataset.url, { method: "POST", body });
  if (turn !== asked) return;
  audience.classList.remove("counting");
  if (answer.ok && !answer.redirected) audience.innerHTML = await answer.text();
}

if (audience && form?.elements.namedItem("stages")) {
  const rows = form.querySelectorAll(".field-takes_new_leads, .field-consent");
  const place = rows[rows.length - 1]?.closest("fieldset");
  if (place) place.after(audience);
  audience.hidden = false;
  let timer = 0;
  form.addEventListener("input", (event) => {
    if (!AUDIENCE.test(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(count, 400);
  });
  count();
}
