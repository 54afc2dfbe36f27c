// Goes on by itself once the document is there. Without this file the page has a button that looks.

const EVERY = 1500; // milliseconds
const WAITING = 202;

const waits = document.querySelector("[data-sd-waits]");

async function look() {
  let status = WAITING;
  try {
    const answer = await fetch(waits.dataset.sdWaits, { cache: "no-store" });
    status = answer.status;
  } catch {
    // the line is away for a moment
  }
  if (status === WAITING) {
    setTimeout(look, EVERY);
    return;
  }
  const form = waits.querySelector("form");
  if (form) form.requestSubmit();
  else location.reload();
}

setTimeout(look, EVERY);
