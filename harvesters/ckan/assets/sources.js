/* While a source is being fetched, its state comes anew every few seconds; without script there is
   a link to reload. */
"use strict";
(function () {
  var every = 3000;
  function look() {
    var shown = document.getElementById("sources-state");
    if (!shown || shown.contains(document.activeElement)) { return window.setTimeout(look, every); }
    fetch(window.location.href, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer.status); })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        var fresh = page.getElementById("sources-state");
        if (!fresh) { return window.location.reload(); }
        shown.replaceWith(document.importNode(fresh, true));
        if (fresh.querySelector(".sozialdaten-source__progress")) {
          window.setTimeout(look, every);
        } else {
          window.location.reload();
        }
      })
      .catch(function () { window.setTimeout(look, every * 4); });
  }
  window.setTimeout(look, every);
})();
