/** The miners of the class that is looked at. */
import { byId, count, debounced, fine, h, minerButton, seconds, setText, tao } from "./dom.js";
import * as link from "./link.js";
import { Table } from "./table.js";

export class Miners {
  #class = "";
  #rows = [];
  #table;
  #minimumWei = 0n;

  constructor() {
    this.#table = new Table(byId("miners-table"), {
      label: "Miners",
      key: (row) => row.miner,
      empty: "No miner to show.",
      sort: 5,
      descending: true,
      rows: 14,
      columns: [
        { title: "Miner", cell: (row) => minerButton(row.miner), value: (row) => row.miner },
        { title: "On the subnet", cell: (row) => (row.current ? "yes" : "gone"), value: (row) => (row.current ? 0 : 1) },
        { title: "Reliability", kind: "number", cell: (row) => fine(row.reliability), value: (row) => row.reliability },
        { title: "Incidents", kind: "number", cell: (row) => count(row.incidents), value: (row) => row.incidents },
        { title: "Executors", kind: "number", cell: (row) => count(row.executors), value: (row) => row.executors },
        { title: "Busy", kind: "number", cell: busy, value: (row) => row.busy },
        { title: "Collateral", kind: "number", cell: (row) => this.#collateral(row), value: (row) => Number(row.collateralWei) },
        { title: "Free", kind: "number", cell: (row) => seconds(row.freeSeconds), value: (row) => row.freeSeconds },
        { title: "Reserved", kind: "number", cell: (row) => seconds(row.reservedSeconds), value: (row) => row.reservedSeconds },
        { title: "Spent", kind: "number", cell: (row) => seconds(row.spentSeconds), value: (row) => row.spentSeconds },
      ],
    });
    byId("miners-which").addEventListener("change", () => this.#draw());
    byId("miners-filter").addEventListener("input", debounced(150, () => this.#draw()));
  }

  minimumCollateral(wei) {
    this.#minimumWei = BigInt(wei);
    this.#draw();
  }

  async load(executorClass) {
    this.#class = executorClass;
    const answer = await link.json("/v1/page/miners?executorClass=" + encodeURIComponent(executorClass));
    if (answer.executorClass === this.#class) {
      this.#rows = Object.values(answer.rows);
      this.#draw();
    }
  }

  change({ executorClass, rows }) {
    if (executorClass !== this.#class) {
      return;
    }
    for (const [index, row] of Object.entries(rows)) {
      this.#rows[index] = row;
    }
    this.#draw();
  }

  #poor(row) {
    return BigInt(row.collateralWei) < this.#minimumWei;
  }

  #collateral(row) {
    return this.#poor(row)
      ? h("span", { title: "below the minimum that routing asks for" }, "▾ ", tao(row.collateralWei))
      : tao(row.collateralWei);
  }

  #draw() {
    const wanted = byId("miners-filter").value.trim();
    const which = {
      all: () => true,
      current: (row) => row.current,
      busy: (row) => row.busy > 0,
      unreliable: (row) => row.incidents > 0,
      poor: (row) => this.#poor(row),
    }[byId("miners-which").value];
    const shown = this.#rows.filter((row) => row.miner.includes(wanted) && which(row));
    this.#table.set(shown);
    setText(byId("miners-count"), shown.length === this.#rows.length
      ? `${count(shown.length)} with ${this.#class}`
      : `${count(shown.length)} of ${count(this.#rows.length)} with ${this.#class}`);
  }
}

function busy(row) {
  return h("span", { class: row.executors > 0 && row.busy >= row.executors ? "full" : "" }, `${row.busy} of ${row.executors}`);
}
