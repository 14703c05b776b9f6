/** Routing decisions as they are made, each with its why. */
import { byId, count, fine, h, keepingFocus, minerButton, seconds, setText, shortJob, tao, time } from "./dom.js";

const MOST = 100;

const VERDICTS = {
  PICKED: "picked",
  NOT_NEEDED: "ranked after it",
  BUSY: "skipped: all at work",
  ALLOWANCE_GONE: "skipped: allowance gone meanwhile",
  COLLATERAL_TOO_LOW: "left out: collateral too low",
};

export class Decisions {
  #decisions = new Map();
  #elements = new Map();
  #waiting = [];
  #hold = byId("hold");

  constructor() {
    this.#hold.addEventListener("click", () => {
      const held = this.#hold.getAttribute("aria-pressed") !== "true";
      this.#hold.setAttribute("aria-pressed", String(held));
      if (!held) {
        this.#take(this.#waiting.splice(0));
      }
      this.#count();
    });
    this.#draw();
  }

  /** Newest first. */
  add(decisions) {
    if (this.#hold.getAttribute("aria-pressed") === "true") {
      this.#waiting = [...decisions, ...this.#waiting].slice(0, MOST);
    } else {
      this.#take(decisions);
    }
    this.#count();
  }

  #count() {
    const waiting = this.#waiting.length;
    setText(byId("decisions-count"), waiting ? `held, ${count(waiting)} new` : "newest first, of this replica");
  }

  #take(decisions) {
    for (const decision of decisions.toReversed()) {
      this.#decisions.delete(decision.job);
      this.#decisions.set(decision.job, decision);
    }
    while (this.#decisions.size > MOST) {
      this.#decisions.delete(this.#decisions.keys().next().value);
    }
    this.#draw();
  }

  #draw() {
    const list = byId("decisions-list");
    if (this.#decisions.size === 0) {
      list.replaceChildren(h("p", { class: "empty" }, "This replica has routed no job yet."));
      return;
    }
    const elements = new Map();
    for (const decision of [...this.#decisions.values()].reverse()) {
      const known = this.#elements.get(decision.job);
      elements.set(decision.job, known?.decision === decision ? known : { decision, element: drawn(decision) });
    }
    this.#elements = elements;
    keepingFocus(list, () => list.replaceChildren(...[...elements.values()].map((known) => known.element)));
  }
}

function drawn(decision) {
  const details = h("details", { class: "decision", "data-job": decision.job });
  const picked = decision.picked;
  details.append(h("summary", {},
    h("span", { class: "when" }, time(decision.time)),
    h("span", { class: "mono", title: decision.job }, shortJob(decision.job)),
    h("span", { class: "class" }, decision.executorClass),
    h("span", { class: "number" }, seconds(decision.requiredSeconds)),
    picked
      ? h("span", { class: "outcome", "data-state": "good" }, "→ ", h("span", { class: "mono", title: picked }, picked.slice(0, 6) + "…" + picked.slice(-4)))
      : h("span", { class: "outcome", "data-state": "bad" }, "→ nobody")));
  // Filled when it is first opened: most never are.
  details.addEventListener("toggle", () => details.open && details.childElementCount === 1 && details.append(why(decision)));
  return details;
}

function why(decision) {
  const more = decision.candidatesFound - decision.candidates.length;
  return h("div", { class: "why" },
    h("p", {}, `Job ${decision.job} at block ${decision.block}, by ${decision.rule}. `
      + `${count(decision.candidatesFound)} miners had enough allowance`
      + (decision.minimumCollateralWei > 0 ? `; at least ${tao(decision.minimumCollateralWei)} of collateral was asked for.` : "."),
      decision.refusal ? h("span", { class: "refusal" }, " " + decision.refusal) : null),
    decision.candidates.length ? candidates(decision) : null,
    more > 0 ? h("p", { class: "muted" }, `and ${count(more)} more, ranked after these`) : null);
}

function candidates(decision) {
  const weighted = decision.candidates.some((candidate) => candidate.probability !== undefined);
  const head = ["Miner", "Why", "Available", "Reliability", "Busy", "Collateral", ...(weighted ? ["Weight"] : [])];
  return h("table", {},
    h("caption", { class: "hidden" }, "Candidates for job " + decision.job),
    h("thead", {}, h("tr", {}, ...head.map((title, index) => h("th", { scope: "col", class: index > 1 ? "number" : "text" }, title)))),
    h("tbody", {}, ...decision.candidates.map((candidate) => h("tr", { "data-verdict": candidate.verdict },
      h("td", {}, minerButton(candidate.miner)),
      h("td", {}, VERDICTS[candidate.verdict] ?? candidate.verdict),
      h("td", { class: "number" }, seconds(candidate.availableSeconds)),
      h("td", { class: "number" }, fine(candidate.score)),
      h("td", { class: "number" }, `${candidate.busy ?? "–"} of ${candidate.executors}`),
      h("td", { class: "number" }, candidate.collateralWei === undefined ? "–" : tao(candidate.collateralWei)),
      weighted ? h("td", { class: "number" }, candidate.probability === undefined ? "–" : fine(candidate.probability)) : null))));
}
