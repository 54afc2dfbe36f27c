/* A box that finds regions by name and adds them to the lines of a text field. */
"use strict";

ckan.module("sozialdaten-region-picker", function () {
  return {
    initialize: function () {
      this.box = this.el[0];
      this.input = this.box.querySelector("input");
      this.list = this.box.querySelector("datalist");
      this.status = this.box.querySelector("[role=status]");
      this.lines = document.getElementById(this.options.target);
      this.box.hidden = false;
      this.input.addEventListener("input", this.ask.bind(this));
      this.input.addEventListener("keydown", this.key.bind(this));
      this.box.querySelector("button").addEventListener("click", this.add.bind(this));
    },

    ask: function () {
      var self = this, text = this.input.value.trim();
      window.clearTimeout(this.wait);
      if (text.length < 2) { return; }
      this.wait = window.setTimeout(function () {
        fetch(self.options.source + "?q=" + encodeURIComponent(text))
          .then(function (answer) { return answer.json(); })
          .then(function (found) { self.offer(found.regions); });
      }, 150);
    },

    offer: function (lines) {
      this.list.replaceChildren.apply(this.list, lines.map(function (line) {
        var option = document.createElement("option");
        option.value = line;
        return option;
      }));
    },

    key: function (event) {
      if (event.key !== "Enter") { return; }
      event.preventDefault();
      this.add();
    },

    add: function () {
      var text = this.input.value.trim();
      if (!text) { this.input.focus(); return; }
      var lines = this.lines.value.split("\n").map(function (line) { return line.trim(); })
        .filter(Boolean);
      if (lines.indexOf(text) < 0) { lines.push(text); }
      this.lines.value = lines.join("\n");
      this.status.textContent = this.options.added.replace("{name}", text);
      this.input.value = "";
      this.input.focus();
    }
  };
});
