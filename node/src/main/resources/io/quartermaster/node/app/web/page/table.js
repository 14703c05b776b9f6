/** A table that draws only the rows in sight, so that five thousand cost what twenty do. */
import { h } from "./dom.js";

const MARGIN_ROWS = 8;

export class Table {
  #key;
  #columns;
  #rows = [];
  #sort;
  #descending;
  #view;
  #body;
  #above;
  #below;
  #heads;
  #empty;
  #rowHeight;

  /** Columns: {title, cell(row) gives text or an element, value(row) to sort by, kind "number" or "text"}; key(row) names a row. */
  constructor(place, { label, key, columns, sort, descending = false, empty, rowHeight = 26, rows = 12 }) {
    this.#key = key;
    this.#columns = columns;
    this.#sort = sort;
    this.#descending = descending;
    this.#rowHeight = rowHeight;
    this.#heads = columns.map((column, index) =>
      h("th", { scope: "col", class: column.kind ?? "text" },
        column.value ? h("button", { type: "button", onclick: () => this.#sortBy(index) }, column.title) : column.title));
    this.#above = h("tr", { class: "space", "aria-hidden": "true" }, h("td", { colSpan: columns.length }));
    this.#below = h("tr", { class: "space", "aria-hidden": "true" }, h("td", { colSpan: columns.length }));
    this.#body = h("tbody");
    const table = h("table", { "aria-label": label }, h("thead", {}, h("tr", {}, ...this.#heads)), this.#body);
    this.#empty = h("p", { class: "empty" }, empty);
    this.#view = h("div", { class: "view", tabIndex: 0, role: "group", "aria-label": label, onscroll: () => this.#draw() }, table, this.#empty);
    this.#view.style.maxHeight = (rows + 1) * rowHeight + "px";
    this.table = table;
    place.append(this.#view);
    this.#mark();
  }

  set(rows) {
    this.#rows = rows;
    this.#arrange();
  }

  /** Draws what is in sight again; the rows are the same. */
  refresh() {
    this.#draw();
  }

  #sortBy(index) {
    this.#descending = this.#sort === index ? !this.#descending : this.#columns[index].kind === "number";
    this.#sort = index;
    this.#mark();
    this.#arrange();
  }

  #mark() {
    this.#heads.forEach((head, index) => {
      if (this.#columns[index].value) {
        head.setAttribute("aria-sort", index === this.#sort ? (this.#descending ? "descending" : "ascending") : "none");
      }
    });
  }

  #arrange() {
    const value = this.#columns[this.#sort]?.value;
    if (value) {
      const keyed = this.#rows.map((row) => [value(row), row]);
      const sign = this.#descending ? -1 : 1;
      keyed.sort(([a], [b]) => (a < b ? -sign : a > b ? sign : 0));
      this.#rows = keyed.map(([, row]) => row);
    }
    this.#draw();
  }

  #draw() {
    const total = this.#rows.length;
    this.#empty.hidden = total > 0;
    this.table.hidden = total === 0;
    this.table.setAttribute("aria-rowcount", String(total + 1));
    const sight = Math.ceil((this.#view.clientHeight || 400) / this.#rowHeight);
    const from = Math.max(0, Math.min(Math.floor(this.#view.scrollTop / this.#rowHeight) - MARGIN_ROWS, total - sight));
    const to = Math.min(total, from + sight + 2 * MARGIN_ROWS);
    const focused = this.#body.contains(document.activeElement) ? document.activeElement.closest("tr").dataset.key : null;
    const drawn = [];
    for (let index = from; index < to; index++) {
      const row = this.#rows[index];
      drawn.push(h("tr", { "aria-rowindex": String(index + 2), "data-key": this.#key(row) },
        ...this.#columns.map((column) => h("td", { class: column.kind ?? "text" }, column.cell(row)))));
    }
    this.#above.firstChild.style.height = from * this.#rowHeight + "px";
    this.#below.firstChild.style.height = (total - to) * this.#rowHeight + "px";
    this.#body.replaceChildren(...(from > 0 ? [this.#above] : []), ...drawn, ...(to < total ? [this.#below] : []));
    if (focused !== null) {
      // A row that is gone leaves the focus with its table, not at the page's beginning.
      const again = this.#body.querySelector(`[data-key="${CSS.escape(focused)}"] button`) ?? this.#view;
      again.focus({ preventScroll: true });
    }
  }
}
