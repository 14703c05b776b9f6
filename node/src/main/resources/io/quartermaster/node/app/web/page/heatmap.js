/** The heat map: what each block is to each miner, as a picture to move about in, and as a table. */
import { Cells, PARTS } from "./cells.js";
import { block, byId, count, debounced, fine, h, minerButton, setText, shortKey, time } from "./dom.js";
import * as link from "./link.js";
import { Palette, paintCells, swatch } from "./paint.js";
import { Table } from "./table.js";

/** In CSS pixels; 0 is as small as it takes to see all. */
const WIDTHS = [0, 1, 2, 4, 6, 9, 14];
const HEIGHTS = [0, 1, 2, 4, 8, 12, 18];
const GUTTER = 104;
const AXIS = 20;
const LABEL_FROM = 10;
const TABLE_EVERY_MILLIS = 2_000;

export class HeatMap {
  #cells = null;
  #class = "";
  #order = new Int32Array(0);
  #map = byId("map");
  #canvas = this.#map.querySelector("canvas");
  #sizer = this.#map.querySelector(".sizer");
  #palette = null;
  #cursor = null;
  #planned = false;
  #atEnd = true;
  /** Whether somebody has chosen how large cells are. */
  #chosen = false;
  #loading = false;
  /** Changes that came while the whole was on its way. */
  #early = [];
  #table = null;
  #tableDue = 0;
  #lookUp = debounced(150, () => this.#detail());
  #say = debounced(400, (text) => setText(byId("announcer"), text));

  constructor() {
    this.#map.addEventListener("scroll", () => {
      this.#atEnd = this.#map.scrollLeft + this.#map.clientWidth >= this.#map.scrollWidth - 2;
      this.#plan();
    });
    this.#map.addEventListener("pointermove", (event) => this.#point(event));
    this.#map.addEventListener("click", (event) => this.#point(event));
    this.#map.addEventListener("dblclick", () => this.#pick());
    this.#map.addEventListener("keydown", (event) => this.#key(event));
    this.#map.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.#resized()).observe(this.#map);
    for (const id of ["cell-width", "cell-height"]) {
      byId(id).addEventListener("input", () => {
        this.#chosen = true;
        this.#resized();
      });
    }
    byId("order").addEventListener("change", () => this.#arrange());
    byId("find-miner").addEventListener("input", debounced(150, () => this.#arrange()));
    byId("as-table").addEventListener("click", () => this.#toggleTable());
    this.recolour();
  }

  get miners() {
    return this.#cells?.miners ?? [];
  }

  recolour() {
    this.#palette = new Palette(document.documentElement);
    const ratio = devicePixelRatio || 1;
    const meanings = {
      free: "can be reserved", reserved: "held by a reservation", spent: "paid for a job",
      invalidated: "lost to a drop", expired: "too old", nothing: "yields nothing",
    };
    byId("legend").replaceChildren(...[1, 2, 3, 4, 5, 0].map((part) =>
      h("li", {}, swatch(this.#palette, part, ratio), h("span", {}, PARTS[part]), h("span", { class: "muted" }, meanings[PARTS[part]]))));
    this.#plan();
  }

  /** Reads a class's map from the replica. */
  async load(executorClass) {
    if (this.#loading && this.#class === executorClass) {
      return;
    }
    this.#loading = true;
    if (executorClass !== this.#class) {
      this.#class = executorClass;
      this.#cursor = null;
      this.#chosen = false;
      this.#early = [];
    }
    try {
      const bytes = await link.bytes("/v1/page/heat-map?executorClass=" + encodeURIComponent(executorClass));
      if (executorClass === this.#class) {
        this.#cells = new Cells(bytes);
        this.#early.splice(0).forEach((changes) => this.#cells.apply(changes));
        this.#arrange();
      }
    } finally {
      this.#loading = false;
    }
  }

  /** Changes that came by the stream. */
  async change({ executorClass, changes }) {
    if (executorClass !== this.#class) {
      return;
    }
    const bytes = changes && Uint8Array.from(atob(changes), (c) => c.charCodeAt(0));
    if (this.#loading || !this.#cells) {
      this.#early.push(...(bytes ? [bytes] : []));
      return;
    }
    const before = this.#cells.first;
    const applied = bytes && this.#cells.apply(bytes);
    if (!applied) {
      await this.load(executorClass);
      return;
    }
    const shift = this.#cells.first - before;
    this.#layOut();
    if (this.#atEnd) {
      this.#map.scrollLeft = this.#map.scrollWidth;
    } else if (shift > 0) {
      this.#map.scrollLeft -= shift * this.#width();
    }
    this.#plan();
    this.#drawTable(false);
  }

  /** Shows a miner's row. */
  show(miner) {
    const row = this.#cells?.rowOf.get(miner);
    if (row === undefined) {
      return;
    }
    let index = this.#order.indexOf(row);
    if (index < 0) {
      byId("find-miner").value = "";
      this.#arrange();
      index = this.#order.indexOf(row);
    }
    this.#moveTo(index, this.#cursor?.block ?? this.#cells.end - 1, true);
  }

  /** For tests: what a cell is, by name. */
  partOf(miner, number) {
    return PARTS[this.#cells.part(this.#cells.rowOf.get(miner), number)];
  }

  get range() {
    return { first: this.#cells?.first ?? 0, length: this.#cells?.length ?? 0, generation: this.#cells?.generation ?? 0 };
  }

  #arrange() {
    if (!this.#cells) {
      return;
    }
    const wanted = byId("find-miner").value.trim();
    let rows = [...this.#cells.miners.keys()].filter((row) => this.#cells.miners[row].includes(wanted));
    const by = byId("order").value;
    if (by === "hotkey") {
      rows.sort((a, b) => (this.#cells.miners[a] < this.#cells.miners[b] ? -1 : 1));
    } else if (by !== "number") {
      const keys = new Map(rows.map((row) => {
        const counts = this.#cells.counts(row);
        return [row, by === "free" ? counts[1] : -(counts[2] + counts[3])];
      }));
      rows = rows.sort((a, b) => keys.get(a) - keys.get(b));
    }
    this.#order = Int32Array.from(rows);
    this.#layOut();
    if (this.#atEnd) {
      this.#map.scrollLeft = this.#map.scrollWidth;
    }
    this.#plan();
    this.#drawTable(true);
  }

  /** As large as can be with all of it in sight. */
  #size() {
    const room = this.#map.clientWidth - GUTTER;
    byId("cell-width").value = String(WIDTHS.findLastIndex((width) => width !== 1 && width * this.#cells.length <= room));
    byId("cell-height").value = String(HEIGHTS.findLastIndex((height) => height * this.#order.length <= 520 - AXIS));
  }

  #sayWhatIsMissing() {
    const empty = byId("map-empty");
    empty.hidden = this.#order.length > 0 && this.#cells.length > 0;
    setText(empty, this.#cells.length === 0
      ? "No block has been taken in yet."
      : this.#cells.rows === 0 ? "No manifest has named this class yet." : "No miner's hotkey has this in it.");
  }

  #ratio() {
    return devicePixelRatio || 1;
  }

  /** Of a cell, in CSS pixels, a whole number of the screen's own, or less than one of them. */
  #width() {
    const chosen = WIDTHS[byId("cell-width").value];
    const fit = (this.#map.clientWidth - GUTTER) / Math.max(1, this.#cells?.length ?? 1);
    return chosen ? Math.round(chosen * this.#ratio()) / this.#ratio() : Math.min(fit, 14);
  }

  #height() {
    const chosen = HEIGHTS[byId("cell-height").value];
    const fit = (this.#map.clientHeight - AXIS) / Math.max(1, this.#order.length);
    return chosen ? Math.round(chosen * this.#ratio()) / this.#ratio() : Math.min(fit, 18);
  }

  #layOut() {
    if (this.#cells) {
      this.#sayWhatIsMissing();
    }
    if (!this.#chosen && this.#cells) {
      this.#size();
    }
    const fits = HEIGHTS[byId("cell-height").value] === 0;
    const high = fits ? 480 : Math.min(540, AXIS + this.#order.length * this.#height() + 14);
    this.#map.style.height = Math.max(120, high) + "px";
    this.#sizer.style.width = Math.floor(GUTTER + (this.#cells?.length ?? 0) * this.#width()) + "px";
    this.#sizer.style.height = Math.floor(AXIS + this.#order.length * this.#height()) + "px";
  }

  #resized() {
    this.#layOut();
    if (this.#atEnd) {
      this.#map.scrollLeft = this.#map.scrollWidth;
    }
    this.#plan();
  }

  #plan() {
    if (!this.#planned) {
      this.#planned = true;
      requestAnimationFrame(() => {
        this.#planned = false;
        this.#draw();
      });
    }
  }

  #draw() {
    const ratio = this.#ratio();
    const wide = this.#map.clientWidth;
    const high = this.#map.clientHeight;
    if (this.#canvas.width !== Math.round(wide * ratio) || this.#canvas.height !== Math.round(high * ratio)) {
      this.#canvas.width = Math.round(wide * ratio);
      this.#canvas.height = Math.round(high * ratio);
      this.#canvas.style.width = wide + "px";
      this.#canvas.style.height = high + "px";
    }
    const context = this.#canvas.getContext("2d");
    context.fillStyle = this.#palette.ground;
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    if (!this.#cells || this.#order.length === 0 || this.#cells.length === 0) {
      return;
    }
    const width = this.#width() * ratio;
    const height = this.#height() * ratio;
    const view = {
      cells: this.#cells, order: this.#order, palette: this.#palette, ratio, width, height,
      left: Math.round(GUTTER * ratio), top: Math.round(AXIS * ratio), right: this.#canvas.width, bottom: this.#canvas.height,
      x: Math.round(this.#map.scrollLeft * ratio), y: Math.round(this.#map.scrollTop * ratio),
    };
    view.right = Math.min(view.right, Math.ceil(view.left + this.#cells.length * width - view.x));
    view.bottom = Math.min(view.bottom, Math.ceil(view.top + this.#order.length * height - view.y));
    paintCells(context, view);
    this.#drawLabels(context, view);
    this.#drawCursor(context, view);
  }

  #drawLabels(context, view) {
    const { ratio } = view;
    context.font = `${11 * ratio}px ui-monospace, monospace`;
    context.fillStyle = this.#palette.muted;
    context.textBaseline = "middle";
    context.textAlign = "left";
    const every = Math.max(1, Math.ceil((LABEL_FROM + 4) * ratio / view.height));
    const first = Math.floor(view.y / view.height / every) * every;
    context.save();
    context.beginPath();
    context.rect(0, view.top, view.left, view.bottom - view.top);
    context.clip();
    for (let index = first; index < this.#order.length; index += every) {
      const y = view.top + index * view.height - view.y + Math.max(view.height / 2, 6 * ratio);
      if (y > view.bottom) {
        break;
      }
      context.fillText(shortKey(this.#cells.miners[this.#order[index]]), 4 * ratio, y);
    }
    context.restore();
    context.textAlign = "center";
    const apart = Math.max(1, Math.ceil((84 * ratio) / view.width));
    const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000].find((nice) => nice >= apart) ?? 2000;
    const from = Math.ceil((this.#cells.first + view.x / view.width) / step) * step;
    for (let number = from; number < this.#cells.end; number += step) {
      const x = view.left + (number - this.#cells.first + 0.5) * view.width - view.x;
      if (x > view.right - 24 * ratio) {
        break;
      }
      if (x < view.left + 24 * ratio) {
        continue;
      }
      context.fillText(block(number), x, (AXIS / 2) * ratio);
      context.fillRect(Math.round(x), (AXIS - 3) * ratio, Math.max(1, Math.round(ratio)), 3 * ratio);
    }
  }

  #drawCursor(context, view) {
    if (!this.#cursor) {
      return;
    }
    const { ratio } = view;
    const x = view.left + (this.#cursor.block - this.#cells.first) * view.width - view.x;
    const y = view.top + this.#cursor.index * view.height - view.y;
    context.save();
    context.beginPath();
    context.rect(view.left - 2 * ratio, view.top - 2 * ratio, view.right - view.left + 4 * ratio, view.bottom - view.top + 4 * ratio);
    context.clip();
    context.fillStyle = this.#palette.ink;
    context.globalAlpha = 0.14;
    context.fillRect(view.left, y, view.right - view.left, Math.max(view.height, ratio));
    context.fillRect(x, view.top, Math.max(view.width, ratio), view.bottom - view.top);
    context.globalAlpha = 1;
    context.strokeStyle = this.#palette.ink;
    context.lineWidth = 2 * ratio;
    const least = 6 * ratio;
    const wide = Math.max(view.width, least);
    const high = Math.max(view.height, least);
    context.strokeRect(x + view.width / 2 - wide / 2, y + view.height / 2 - high / 2, wide, high);
    context.restore();
  }

  #point(event) {
    if (!this.#cells) {
      return;
    }
    const box = this.#map.getBoundingClientRect();
    const x = event.clientX - box.left - this.#map.clientLeft;
    const y = event.clientY - box.top - this.#map.clientTop;
    if (x < GUTTER || y < AXIS || x > this.#map.clientWidth || y > this.#map.clientHeight) {
      return;
    }
    const index = Math.floor((y - AXIS + this.#map.scrollTop) / this.#height());
    const number = this.#cells.first + Math.floor((x - GUTTER + this.#map.scrollLeft) / this.#width());
    if (index < this.#order.length && number < this.#cells.end) {
      this.#moveTo(index, number, false);
    }
  }

  #key(event) {
    if (!this.#cells || this.#order.length === 0 || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const at = this.#cursor ?? { index: 0, block: this.#cells.end };
    const moves = {
      ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0], PageUp: [-10, 0], PageDown: [10, 0],
      Home: [0, -Infinity], End: [0, Infinity],
    };
    if (event.key === "Enter") {
      this.#pick();
    } else if (moves[event.key]) {
      const far = event.shiftKey ? 10 : 1;
      const index = Math.max(0, Math.min(this.#order.length - 1, at.index + moves[event.key][0]));
      const number = Math.max(this.#cells.first, Math.min(this.#cells.end - 1, at.block + far * moves[event.key][1]));
      this.#moveTo(index, number, true);
    } else {
      return;
    }
    event.preventDefault();
  }

  #wheel(event) {
    if (!event.ctrlKey) {
      return;
    }
    event.preventDefault();
    this.#chosen = true;
    const by = event.deltaY < 0 ? 1 : -1;
    for (const id of ["cell-width", "cell-height"]) {
      byId(id).value = String(Number(byId(id).value) + by);
    }
    this.#resized();
  }

  #moveTo(index, number, follow) {
    this.#cursor = { index, block: number, miner: this.#cells.miners[this.#order[index]] };
    if (follow) {
      const x = (number - this.#cells.first) * this.#width();
      const y = index * this.#height();
      const wide = this.#map.clientWidth - GUTTER - this.#width();
      const high = this.#map.clientHeight - AXIS - this.#height();
      this.#map.scrollLeft = Math.min(x, Math.max(x - wide, this.#map.scrollLeft));
      this.#map.scrollTop = Math.min(y, Math.max(y - high, this.#map.scrollTop));
    }
    this.#tell("");
    this.#lookUp();
    this.#plan();
    if (this.#table && !byId("map-table").hidden) {
      this.#drawRuns();
    }
  }

  #pick() {
    if (this.#cursor) {
      this.#map.dispatchEvent(new CustomEvent("pick-miner", { bubbles: true, detail: this.#cursor.miner }));
    }
  }

  #tell(more) {
    const { block: number, miner } = this.#cursor;
    const part = PARTS[this.#cells.part(this.#cells.rowOf.get(miner), number)];
    byId("cell").replaceChildren(
      minerButton(miner), h("span", {}, "block " + block(number)), h("strong", {}, part), h("span", { class: "muted" }, more));
    this.#say(`miner ${shortKey(miner)}, block ${number}, ${part} ${more}`);
  }

  async #detail() {
    const at = this.#cursor;
    const query = new URLSearchParams({ miner: at.miner, executorClass: this.#class, block: at.block });
    try {
      const cell = await link.json("/v1/page/cell?" + query);
      if (at === this.#cursor) {
        this.#tell(inWords(cell));
      }
    } catch (failure) {
      if (at === this.#cursor) {
        this.#tell(failure.message);
      }
    }
  }

  #toggleTable() {
    const place = byId("map-table");
    place.hidden = !place.hidden;
    byId("as-table").setAttribute("aria-pressed", String(!place.hidden));
    if (!this.#table) {
      const parts = [1, 2, 3, 4, 5, 0];
      this.#table = new Table(place, {
        label: "Blocks of each miner, counted",
        key: (row) => row.miner,
        empty: "Nothing yet.",
        rows: 10,
        sort: -1,
        columns: [
          { title: "Miner", cell: (row) => minerButton(row.miner), value: (row) => row.miner },
          ...parts.map((part) => ({
            title: PARTS[part], kind: "number", cell: (row) => count(row.counts[part]), value: (row) => row.counts[part],
          })),
        ],
      });
      place.append(h("div", { id: "runs" }));
    }
    this.#drawTable(true);
  }

  #drawTable(now) {
    if (!this.#table || byId("map-table").hidden || (!now && Date.now() < this.#tableDue)) {
      return;
    }
    this.#tableDue = Date.now() + TABLE_EVERY_MILLIS;
    this.#table.set([...this.#order].map((row) => ({ miner: this.#cells.miners[row], counts: this.#cells.counts(row) })));
    this.#drawRuns();
  }

  #drawRuns() {
    const place = byId("runs");
    if (!this.#cursor) {
      place.replaceChildren(h("p", { class: "muted" }, "Pick a miner to see its blocks from the newest to the oldest."));
      return;
    }
    const runs = this.#cells.runs(this.#cells.rowOf.get(this.#cursor.miner)).reverse().slice(0, 200);
    place.replaceChildren(h("p", {}, "Blocks of ", minerButton(this.#cursor.miner), ", newest first"), h("ol", { class: "runs" },
      ...runs.map(([from, to, part]) => h("li", {}, from === to ? block(from) : `${block(from)}–${block(to)}`, " ", h("strong", {}, PARTS[part])))));
  }
}

function inWords(cell) {
  const said = [];
  said.push(`${fine(cell.amountSeconds)} s from ${cell.executors} ${cell.executors === 1 ? "executor" : "executors"}`);
  if (cell.invalidatedAt) {
    said.push("a drop at block " + block(cell.invalidatedAt));
  }
  if (cell.booking) {
    said.push(`reservation ${cell.booking.reservation} of job ${cell.booking.job}`
      + (cell.booking.spent ? "" : ", until " + time(cell.booking.deadline)));
  } else if (cell.part === "RESERVED" || cell.part === "SPENT") {
    said.push("its booking is no longer known");
  }
  return said.join(" · ");
}
