// Checks while staff write. Without this file the button “Prüfen” does the same.

const form = document.getElementById("sd-edit");
const WAIT = 700; // ms after the last change
let timer = 0;
let asked = 0;

/** Put the fresh parts of the answer in place of the old ones; what is being typed stays. */
function replaceParts(page) {
  const active = document.activeElement;
  const id = active?.id;
  const open = new Map([...document.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
  for (const old of document.querySelectorAll("[data-live]")) {
    const made = page.getElementById(old.id);
    const typing = old.contains(active) && active.tagName === "TEXTAREA";
    if (!made || typing) continue;
    for (const one of made.querySelectorAll("details[id]")) if (open.has(one.id)) one.open ||= open.get(one.id);
    old.replaceWith(document.adoptNode(made));
  }
  const again = id && document.activeElement !== active ? document.getElementById(id) : null;
  if (!again) return;
  again.focus({ preventScroll: true });
  if (again.matches("input[type=text], input[type=search]")) { // what was typed meanwhile stays
    again.value = active.value;
    again.setSelectionRange(active.selectionStart, active.selectionEnd);
  }
}

async function check() {
  const number = ++asked;
  const body = new FormData(form);
  body.set("aktion", "pruefen");
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const text = await answer.text();
    if (number === asked && answer.ok) replaceParts(new DOMParser().parseFromString(text, "text/html"));
  } finally {
    if (number === asked) form.removeAttribute("aria-busy");
  }
}

function soon(event) {
  if (event.target.name === "yaml" && form.elements.modus.value === "formular") return; // taken over by its button
  window.clearTimeout(timer);
  timer = window.setTimeout(check, WAIT);
}

form?.addEventListener("input", soon);
form?.addEventListener("change", soon);
