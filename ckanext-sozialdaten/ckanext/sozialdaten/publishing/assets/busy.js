/* A form that takes long: after the click its buttons rest and a line says what happens. */
"use strict";
(function () {
  document.addEventListener("submit", function (event) {
    var form = event.target;
    var text = form.getAttribute && form.getAttribute("data-busy");
    if (!text || event.defaultPrevented) { return; }
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    var line = form.querySelector("[role=status]");
    if (line) { line.textContent = text; }
    // after this turn: a button that rests already is not sent with the form
    window.setTimeout(function () {
      form.querySelectorAll("button").forEach(function (button) { button.disabled = true; });
    }, 0);
  });
  // back in the history the page returns as it was left
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      form.removeAttribute("data-sent");
      var line = form.querySelector("[role=status]");
      if (line) { line.textContent = ""; }
      form.querySelectorAll("button").forEach(function (button) { button.disabled = false; });
    });
  });
})();
