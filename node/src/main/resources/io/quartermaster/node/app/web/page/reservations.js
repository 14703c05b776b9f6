/** The active reservations, and how long each has left. */
import { byId, count, h, minerButton, seconds, setText, shortJob, span } from "./dom.js";
import { Table } from "./table.js";

const SOON_MILLIS = 30_000;

export class Reservations {
  #held = new Map();
  #total = 0;
  #now;
  #table;

  constructor(now) {
    this.#now = now;
    this.#table = new Table(byId("reservations-table"), {
      label: "Active reservations",
      key: (held) => held.id,
      empty: "Nothing is reserved.",
      sort: 0,
      columns: [
        { title: "Ends in", kind: "number", cell: (held) => this.#left(held), value: (held) => held.deadline },
        { title: "Job", cell: (held) => h("span", { class: "mono", title: held.job }, shortJob(held.job)), value: (held) => held.job },
        { title: "Miner", cell: (held) => minerButton(held.miner), value: (held) => held.miner },
        { title: "Class", cell: (held) => h("span", { class: "class", title: held.executorClass }, held.executorClass), value: (held) => held.executorClass },
        { title: "Blocks", kind: "number", cell: (held) => count(held.blocks), value: (held) => held.blocks },
        { title: "Holds", kind: "number", cell: (held) => seconds(held.seconds), value: (held) => held.seconds },
      ],
    });
    setInterval(() => this.#table.refresh(), 1000);
  }

  /** The first message after the stream was opened has all of them. */
  begin() {
    this.#held.clear();
  }

  change({ total, added, removed }) {
    removed.forEach((id) => this.#held.delete(id));
    added.forEach((held) => this.#held.set(held.id, held));
    this.#total = total;
    this.#table.set([...this.#held.values()]);
    const shown = this.#held.size;
    setText(byId("reservations-count"), total > shown ? `${count(shown)} that end first, of ${count(total)}` : count(total));
  }

  #left(held) {
    const left = held.deadline - this.#now();
    return h("span", { class: left < SOON_MILLIS ? "soon" : "" }, left <= 0 ? "due" : span(left));
  }
}
