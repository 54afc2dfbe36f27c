/* Drawing a rectangle on the map of the place search. Choosing a region is a plain link. */
"use strict";

ckan.module("sozialdaten-place-map", function () {
  var DRAG = 4; // movement in pixels from which on a press is a rectangle, no click

  return {
    initialize: function () {
      this.svg = this.el[0].querySelector("svg");
      this.bounds = String(this.options.bounds).split(",").map(Number);
      this.rect = this.svg.querySelector("rect.drawn");
      this.start = null;
      this.dragged = false;
      this.svg.addEventListener("pointerdown", this.press.bind(this));
      this.svg.addEventListener("pointermove", this.move.bind(this));
      window.addEventListener("pointerup", this.release.bind(this));
      this.svg.addEventListener("dragstart", function (event) { event.preventDefault(); });
      this.svg.addEventListener("click", this.click.bind(this), true);
    },

    point: function (event) {
      var box = this.svg.getBoundingClientRect();
      return {
        x: Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1),
        y: Math.min(Math.max((event.clientY - box.top) / box.height, 0), 1),
        px: event.clientX,
        py: event.clientY
      };
    },

    press: function (event) {
      if (event.button !== 0) { return; }
      this.start = this.point(event);
      this.dragged = false;
    },

    move: function (event) {
      if (!this.start) { return; }
      var now = this.point(event);
      if (Math.abs(now.px - this.start.px) + Math.abs(now.py - this.start.py) < DRAG) { return; }
      this.dragged = true;
      this.draw(now);
    },

    draw: function (now) {
      var view = this.svg.viewBox.baseVal;
      if (!this.rect) {
        this.rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
        this.rect.setAttribute("class", "drawn");
        this.svg.appendChild(this.rect);
      }
      this.rect.setAttribute("x", Math.min(this.start.x, now.x) * view.width);
      this.rect.setAttribute("y", Math.min(this.start.y, now.y) * view.height);
      this.rect.setAttribute("width", Math.abs(this.start.x - now.x) * view.width);
      this.rect.setAttribute("height", Math.abs(this.start.y - now.y) * view.height);
    },

    release: function (event) {
      if (!this.start) { return; }
      var start = this.start;
      this.start = null;
      if (!this.dragged) { return; }
      var end = this.point(event);
      var west = this.bounds[0], south = this.bounds[1], east = this.bounds[2], north = this.bounds[3];
      var lon = function (x) { return (west + x * (east - west)).toFixed(5); };
      var lat = function (y) { return (north - y * (north - south)).toFixed(5); };
      var box = [
        lon(Math.min(start.x, end.x)), lat(Math.max(start.y, end.y)),
        lon(Math.max(start.x, end.x)), lat(Math.min(start.y, end.y))
      ].join(",");
      var address = String(this.options.address);
      window.location.href = address + (address.indexOf("?") < 0 ? "?" : "&") + "ext_bbox=" + box;
    },

    click: function (event) {
      if (this.dragged) {
        event.preventDefault();
        event.stopPropagation();
      }
    }
  };
});
