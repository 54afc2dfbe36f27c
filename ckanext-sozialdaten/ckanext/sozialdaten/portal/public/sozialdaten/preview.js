// Enhances the previews. Everything here also works without this file: the server draws each state.

const PAUSE = 150; // milliseconds
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A tooltip that can be dismissed (Escape), hovered, and stays until focus or pointer leave. */
function tooltip(root) {
  const box = document.createElement("div");
  box.className = "sd-tip";
  box.hidden = true;
  box.setAttribute("aria-hidden", "true"); // the same words are the label of the focused element
  root.append(box);
  const hide = () => { box.hidden = true; };
  const show = (target) => {
    box.textContent = target.getAttribute("aria-label");
    box.hidden = false;
    const area = root.getBoundingClientRect();
    const place = target.getBoundingClientRect();
    const left = place.left + place.width / 2 - area.left - box.offsetWidth / 2;
    box.style.left = `${Math.max(0, Math.min(left, area.width - box.offsetWidth))}px`;
    box.style.top = `${Math.max(0, place.top - area.top - box.offsetHeight - 8)}px`;
  };
  const find = (event) => event.target.closest?.("a[data-key], .sd-point");
  root.addEventListener("pointerover", (event) => {
    const target = find(event);
    if (target) show(target);
    else if (event.target !== box) hide();
  });
  root.addEventListener("pointerleave", hide);
  root.addEventListener("focusin", (event) => { const t = find(event); if (t) show(t); });
  root.addEventListener("focusout", hide);
  root.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
}

/** One tab stop for many elements; arrows move to the nearest one in their direction. */
function roving(root, items) {
  const centre = (item) => {
    const box = item.getBoundingClientRect();
    return [box.left + box.width / 2, box.top + box.height / 2];
  };
  const activate = (item, focus) => {
    for (const other of items) other.setAttribute("tabindex", other === item ? "0" : "-1");
    if (focus) item.focus();
  };
  const nearest = (from, [dx, dy]) => {
    const [x, y] = centre(from);
    let best = null;
    let shortest = Infinity;
    for (const item of items) {
      if (item === from) continue;
      const [cx, cy] = centre(item);
      const along = (cx - x) * dx + (cy - y) * dy;
      const across = Math.abs((cx - x) * dy) + Math.abs((cy - y) * dx);
      const distance = along + 2 * across;
      if (along > 0.5 && across <= 2.5 * along && distance < shortest) [best, shortest] = [item, distance];
    }
    return best;
  };
  root.addEventListener("keydown", (event) => {
    const item = event.target.closest("[tabindex]");
    if (!items.includes(item)) return;
    let next = null;
    if (ARROWS[event.key]) next = nearest(item, ARROWS[event.key]);
    else if (event.key === "Home") next = items[0];
    else if (event.key === "End") next = items.at(-1);
    else return;
    event.preventDefault();
    if (next) activate(next, true);
  });
  root.addEventListener("focusin", (event) => {
    const item = event.target.closest("[tabindex]");
    if (items.includes(item)) activate(item, false);
  });
  if (items.length) activate(items[0], false);
}

class MapView {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(root.dataset.sdMap);
    const { language, decimals } = this.data;
    const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
    this.number = new Intl.NumberFormat(language === "de" ? "de-DE" : "en-GB", digits);
    this.year = root.querySelector("[data-sd-year]");
    this.slider = root.querySelector("input[type=range]");
    this.regions = [...root.querySelectorAll("a[data-key]")];
    this.chosen = root.querySelector("a.sd-chosen")?.dataset.key ?? "";
    this.place = this.data.periods.findIndex(([key]) => key === this.year.value);
    this.labels = new Map([...root.querySelectorAll("text[data-for]")].map((t) => [t.dataset.for, t]));
    this.cells = new Map([...root.querySelectorAll("[data-sd-row]")].map((r) => [r.dataset.sdRow, r]));
    this.listen();
  }

  listen() {
    this.slider.value = this.place;
    this.slider.setAttribute("aria-valuetext", this.data.periods[this.place][1]);
    this.slider.closest(".sd-slider").hidden = false;
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.year.addEventListener("change", () => {
      this.show(this.data.periods.findIndex(([key]) => key === this.year.value));
    });
    this.root.addEventListener("click", (event) => {
      const step = event.target.closest("[data-sd-step]");
      const region = event.target.closest("a[data-key]");
      if (event.ctrlKey || event.metaKey || event.shiftKey || !(step || region)) return;
      event.preventDefault();
      if (region) this.choose(region.dataset.key);
      else this.show(this.place + Number(step.dataset.sdStep));
    });
    const map = this.root.querySelector(".sd-map-drawing");
    const { compare } = new Intl.Collator(this.data.language);
    const ordered = [...this.regions].sort((a, b) => compare(this.name(a), this.name(b)));
    roving(map, ordered);
    tooltip(map);
  }

  name(link) { return this.data.names[link.dataset.key]; }

  /** Value, remark and kind of a packed cell. */
  read(packed) {
    if (typeof packed === "string") return { kind: packed };
    const [value, remark] = Array.isArray(packed) ? packed : [packed, ""];
    return { value, remark };
  }

  format(cell) {
    if (cell.kind) return this.data.kinds[cell.kind][1];
    return this.number.format(cell.value).replace("-", "−");
  }

  class(value) {
    let index = 0;
    while (index < this.data.breaks.length && value >= this.data.breaks[index]) index += 1;
    return index;
  }

  label(key, cell) {
    const parts = `${this.data.names[key]}: ${this.format(cell)}`;
    if (cell.kind) return parts;
    const unit = this.data.unit ? ` ${this.data.unit}` : "";
    return `${parts}${unit}${cell.remark ? ` (${cell.remark})` : ""}`;
  }

  show(place) {
    if (place < 0 || place >= this.data.periods.length || place === this.place) return;
    this.place = place;
    const [key, label] = this.data.periods[place];
    this.year.value = key;
    this.slider.value = place;
    this.slider.setAttribute("aria-valuetext", label);
    for (const step of this.root.querySelectorAll("[data-sd-step]")) {
      step.hidden = !this.data.periods[place + Number(step.dataset.sdStep)];
    }
    for (const element of this.root.querySelectorAll("h2 [data-sd-period]")) element.textContent = label;
    this.root.querySelector("svg title").textContent = `${this.data.caption}, ${label}`;
    for (const link of this.regions) this.paint(link);
    this.above();
    this.count();
    this.summarise();
    this.box();
    this.address();
    // hundreds of rows, words and addresses follow once the steps pause: the map must not wait
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.settle(), PAUSE);
  }

  /** The table, and the words and addresses of the regions, for the period shown. */
  settle() {
    const [, label] = this.data.periods[this.place];
    for (const element of this.root.querySelectorAll("caption [data-sd-period]")) element.textContent = label;
    for (const [row, element] of this.cells) this.fill(row, element);
    this.sort();
    for (const link of this.regions) {
      const { key } = link.dataset;
      link.setAttribute("aria-label", this.label(key, this.cell(key)));
      this.follow(link);
    }
  }

  cell(key) {
    const cells = key === "above" ? this.data.above : this.data.rows[key];
    return this.read(cells[this.place]);
  }

  paint(link) {
    const { key } = link.dataset;
    const cell = this.cell(key);
    const path = link.firstElementChild;
    const pattern = cell.kind ? this.data.kinds[cell.kind][0] : "";
    const index = cell.kind ? 0 : this.class(cell.value);
    const fill = pattern ? `url(#${this.data.ident}-${pattern})` : this.data.colours[index];
    // most regions stay in their class: what is not touched is not styled and painted again
    if (path.getAttribute("fill") !== fill) path.setAttribute("fill", fill);
    const text = this.labels.get(key);
    if (!text) return;
    text.textContent = cell.kind ? "" : this.format(cell);
    if (!cell.kind) text.setAttribute("fill", this.data.inks[index]);
  }

  /** A figure, or in its pattern why there is none. */
  figure(cell) {
    const text = document.createElement("span");
    text.textContent = this.format(cell);
    if (cell.kind) text.className = `sd-none sd-none-${this.data.kinds[cell.kind][0]}`;
    return text;
  }

  fill(key, row) {
    const cell = this.cell(key);
    const [target, remark] = row.querySelectorAll("td");
    target.replaceChildren(this.figure(cell));
    remark.textContent = cell.remark || "–";
  }

  above() {
    this.root.querySelector("[data-sd-above]")?.replaceChildren(this.figure(this.cell("above")));
  }

  sort() {
    if (!this.root.querySelector("th[aria-sort=descending]")) return;
    const value = (row) => this.cell(row.dataset.sdRow).value ?? -Infinity;
    const body = this.root.querySelector(".sd-table tbody");
    body.append(...[...body.rows].sort((a, b) => value(b) - value(a)));
  }

  count() {
    const { breaks, kinds, missing } = this.data;
    const totals = [...(this.data.colours.length ? [...breaks, 0].map(() => 0) : []), ...missing.map(() => 0)];
    const classes = totals.length - missing.length;
    for (const key of Object.keys(this.data.rows)) {
      const cell = this.cell(key);
      const place = cell.kind ? classes + missing.indexOf(cell.kind) : this.class(cell.value);
      if (kinds && place >= 0) totals[place] += 1;
    }
    this.root.querySelectorAll("[data-sd-count]").forEach((element, place) => { element.textContent = totals[place]; });
  }

  summarise() {
    const { words, rows, names } = this.data;
    const cells = Object.keys(rows).map((key) => [names[key], this.cell(key)]);
    const known = cells.filter(([, cell]) => !cell.kind).sort((a, b) => a[1].value - b[1].value);
    const gaps = cells.length - known.length;
    let text = words.none;
    if (known.length) {
      const [low, high] = [known[0], known.at(-1)];
      text = words.range.replace("{high}", high[0]).replace("{top}", this.format(high[1]))
        .replace("{low}", low[0]).replace("{bottom}", this.format(low[1]));
      if (gaps) text += ` ${(gaps === 1 ? words.gap : words.gaps).replace("{count}", gaps)}`;
    }
    this.root.querySelector("[data-sd-summary]").textContent = text;
    this.root.querySelector("svg desc").textContent = text;
  }

  choose(key) {
    this.chosen = key === this.chosen ? "" : key;
    for (const link of this.regions) {
      const chosen = link.dataset.key === this.chosen;
      link.classList.toggle("sd-chosen", chosen);
      link.toggleAttribute("aria-current", chosen);
      if (chosen) link.setAttribute("aria-current", "true");
      for (const [name, value] of [["stroke-width", "5"], ["stroke", "#000"]]) {
        if (chosen) link.firstElementChild.setAttribute(name, value);
        else link.firstElementChild.removeAttribute(name);
      }
      // moving the node in the tree would lose the focus: a copy of the outline lies on top instead
      if (chosen) this.outline(link);
    }
    if (!this.chosen) this.root.querySelector("[data-sd-outline]")?.remove();
    for (const [row, element] of this.cells) element.classList.toggle("sd-row-chosen", row === this.chosen);
    this.box();
    this.address();
  }

  outline(link) {
    this.root.querySelector("[data-sd-outline]")?.remove();
    const copy = link.firstElementChild.cloneNode();
    copy.setAttribute("fill", "none");
    copy.setAttribute("pointer-events", "none");
    copy.dataset.sdOutline = "";
    link.parentNode.insertBefore(copy, link.parentNode.querySelector(".sd-map-values"));
  }

  box() {
    const box = this.root.querySelector("[data-sd-live]");
    const period = this.data.periods[this.place][1];
    if (!this.chosen) {
      box.textContent = `${period}. ${this.root.querySelector("[data-sd-summary]").textContent}`;
      return;
    }
    const cell = this.cell(this.chosen);
    const name = document.createElement("strong");
    name.textContent = `${this.data.names[this.chosen]}, ${period}`;
    const figure = document.createElement("span");
    figure.className = "sd-big";
    figure.textContent = cell.kind ? this.format(cell) : `${this.format(cell)} ${this.data.unit}`.trim();
    box.replaceChildren(name, figure);
    if (cell.remark) {
      const remark = document.createElement("span");
      remark.className = "sd-remark";
      remark.textContent = cell.remark;
      box.append(remark);
    }
  }

  /** The address always names the state that is shown; so do the links beside the figures. */
  address() {
    const own = this.dated(location.href);
    own.searchParams.delete("gebiet");
    if (this.chosen) own.searchParams.set("gebiet", this.chosen);
    if (this.root.dataset.sdTab) own.searchParams.set("ansicht", this.root.dataset.sdTab);
    history.replaceState(null, "", own);
    const permanent = this.root.querySelector("[data-sd-permalink]");
    if (permanent) permanent.value = own.href;
    for (const link of this.root.querySelectorAll("[data-sd-file], th a")) this.follow(link);
  }

  dated(address) {
    const url = new URL(address, location.href);
    url.searchParams.set("jahr", this.data.periods[this.place][0]);
    return url;
  }

  follow(link) { link.setAttribute("href", this.dated(link.getAttribute("href")).href); }
}

for (const root of document.querySelectorAll("[data-sd-map]")) new MapView(root);
/** Points of a chart: one tab stop, arrows walk, a tooltip says what the screen reader says. */
function chart(area) {
  const points = [...area.querySelectorAll(".sd-point, a[data-key]")];
  for (const point of points) point.setAttribute("focusable", "true");
  roving(area, points);
  tooltip(area);
}

for (const root of document.querySelectorAll("[data-sd-charts]")) {
  root.querySelectorAll(".sd-lines").forEach(chart);
  for (const field of root.querySelectorAll(".sd-copy input")) {
    field.addEventListener("focus", () => field.select());
  }
}
for (const root of document.querySelectorAll("[data-sd-series]")) {
  chart(root.querySelector(".sd-lines"));
  const boxes = [...root.querySelectorAll("input[name=gebiet]")];
  const most = Number(root.dataset.sdSeries || 5);
  const limit = () => {
    const full = boxes.filter((box) => box.checked).length >= most;
    for (const box of boxes) box.disabled = full && !box.checked;
  };
  for (const box of boxes) box.addEventListener("change", limit);
  limit();
}
