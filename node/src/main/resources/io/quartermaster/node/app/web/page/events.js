/** What happened, on all replicas. */
import { byId, count, debounced, h, keepingFocus, minerButton, setText, time, words } from "./dom.js";
import * as link from "./link.js";

const MOST = 300;

export class Events {
  #live = [];
  #known = new Set();
  #types = new Set();
  #elements = new Map();
  #filter = byId("events-type");
  #miner = byId("events-miner");
  #job = byId("events-job");

  constructor() {
    const look = debounced(200, () => this.#look());
    [this.#filter, this.#miner, this.#job].forEach((input) => input.addEventListener("input", look));
    this.#draw(this.#live);
  }

  /** Newest first. */
  add(events) {
    const fresh = events.filter((event) => !this.#known.has(key(event)));
    if (fresh.length === 0) {
      return;
    }
    fresh.forEach((event) => this.#known.add(key(event)));
    this.#live = [...fresh, ...this.#live].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0)).slice(0, MOST);
    if (this.#known.size > 4 * MOST) {
      this.#known = new Set(this.#live.map(key));
    }
    if (fresh.some((event) => !this.#types.has(event.type))) {
      this.#drawTypes(fresh);
    }
    if (!this.#filtered()) {
      this.#draw(this.#live);
    } else if (fresh.some((event) => this.#matches(event))) {
      this.#look();
    }
  }

  about(miner) {
    this.#miner.value = miner;
    this.#look();
  }

  #drawTypes(events) {
    events.forEach((event) => this.#types.add(event.type));
    const chosen = this.#filter.value;
    this.#filter.replaceChildren(h("option", { value: "" }, "all"),
      ...[...this.#types].sort().map((type) => h("option", { value: type }, words(type))));
    this.#filter.value = chosen;
  }

  #filtered() {
    return this.#filter.value || this.#miner.value.trim() || this.#job.value.trim();
  }

  #matches(event) {
    const { miner, job } = event.fields;
    return (!this.#filter.value || event.type === this.#filter.value)
      && (!this.#miner.value.trim() || miner === this.#miner.value.trim())
      && (!this.#job.value.trim() || job === this.#job.value.trim());
  }

  async #look() {
    if (!this.#filtered()) {
      this.#draw(this.#live);
      return;
    }
    const query = new URLSearchParams({ limit: String(MOST) });
    for (const [name, input] of [["type", this.#filter], ["miner", this.#miner], ["job", this.#job]]) {
      if (input.value.trim()) {
        query.set(name, input.value.trim());
      }
    }
    try {
      this.#draw(await link.json("/v1/events?" + query));
    } catch (failure) {
      byId("events-list").replaceChildren(h("p", { class: "empty" }, failure.message));
    }
  }

  #draw(events) {
    setText(byId("events-count"), this.#filtered() ? `${count(events.length)} found` : "newest first");
    this.#elements = new Map(events.map((event) => [key(event), this.#elements.get(key(event)) ?? drawn(event)]));
    const list = byId("events-list");
    keepingFocus(list, () => list.replaceChildren(events.length
      ? h("ol", { class: "events" }, ...this.#elements.values())
      : h("p", { class: "empty" }, this.#filtered() ? "No event that is kept matches." : "Nothing has happened yet.")));
  }
}

const key = (event) => event.time + event.type + event.message;

function drawn(event) {
  const { miner, job } = event.fields;
  return h("li", {},
    h("time", { datetime: event.time, class: "when" }, time(event.time)),
    h("span", { class: "type" }, words(event.type)),
    h("span", { class: "message", title: event.message }, shortened(event.message, miner, job)),
    miner ? minerButton(miner) : null);
}

/** Long names are shown in short, so that the sentence can be read; the title has all. */
function shortened(message, miner, job) {
  let text = message;
  for (const name of [miner, job]) {
    if (name && name.length > 14) {
      text = text.replaceAll(name, name.slice(0, 6) + "…");
    }
  }
  return text;
}
