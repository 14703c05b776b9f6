/** How the grid and the chain are. */
import { block, byId, count, h, setText, shortKey, span } from "./dom.js";

export class Health {
  #now;
  #overview = null;

  constructor(now) {
    this.#now = now;
    setInterval(() => this.#drawLag(), 1000);
  }

  get overview() {
    return this.#overview;
  }

  set(overview) {
    this.#overview = overview;
    const { status, chain, members } = overview;
    const who = byId("who");
    who.replaceChildren("subnet " + status.netuid, h("span", { class: "muted", title: status.validator }, "validator " + shortKey(status.validator)));
    setText(byId("grid-state"), overview.mustLeave ? "must leave" : status.waitingFor ? "waits" : overview.ready ? "serves" : "catches up");
    byId("grid-state").dataset.state = overview.mustLeave || status.waitingFor ? "bad" : overview.ready ? "good" : "so-so";
    setText(byId("grid-more"), status.view + " · " + status.gridAddress);
    byId("grid-more").title = "replica " + status.replica + " at " + status.gridAddress;
    byId("members").replaceChildren(...members.map((member) => this.#member(member)));
    setText(byId("members-more"), `${status.replicasPresent} of ${status.replicasConfigured} within reach`);
    const none = status.block < 0;
    setText(byId("block"), none ? "none yet" : block(status.block));
    setText(byId("block-more"), none ? "" : `${count(status.blocksKept)} kept, from ${block(chain.oldestBlock)}`);
    this.#drawBackfill();
    setText(byId("jobs"), `${count(status.jobsRouted)} routed`);
    setText(byId("jobs-more"), `${count(status.jobsNotRouted)} not routed`);
    setText(byId("reserved"), count(status.activeReservations));
    setText(byId("reserved-more"), `${count(status.ledgers)} ledgers, ${count(status.miners)} neurons`);
    this.#drawLag();
  }

  #member(member) {
    const says = [];
    const follower = this.#overview.follower === "replica " + member.replica;
    if (member.self) {
      says.push("this one");
    }
    if (follower) {
      says.push("follows the chain");
    }
    says.push(!member.present ? "not within reach" : member.inView ? "in the view" : "not in the view");
    const mark = !member.present ? "×" : member.inView ? "✓" : "…";
    return h("li", { "data-state": !member.present ? "bad" : member.inView ? "good" : "so-so", title: says.join(", ") },
      h("span", { "aria-hidden": "true" }, mark), " ", String(member.replica),
      h("span", { class: "role" }, member.self ? " here" : "", follower ? " follows" : ""),
      h("span", { class: "hidden" }, ": " + says.join(", ")));
  }

  #drawBackfill() {
    const { status, chain } = this.#overview;
    const bar = byId("backfill-progress");
    const total = status.block - chain.backfillTarget + 1;
    if (!status.follows) {
      setText(byId("backfill"), this.#overview.follower ? "with " + this.#overview.follower : "–");
      bar.hidden = true;
    } else if (chain.backfillTarget < 0) {
      setText(byId("backfill"), "not begun");
      bar.hidden = true;
    } else {
      const done = chain.backfillDone ? 1 : Math.max(0, 1 - status.backfillLeft / Math.max(1, total));
      const missing = chain.missingInArchive;
      setText(byId("backfill"), chain.backfillDone
        ? (missing ? `done, ${count(missing)} missing` : "done")
        : `${Math.floor(done * 100)} %, ${count(status.backfillLeft)} to go`);
      bar.hidden = false;
      bar.value = done;
    }
  }

  #drawLag() {
    if (!this.#overview) {
      return;
    }
    const { status, chain } = this.#overview;
    const behind = status.head >= 0 ? Math.max(0, status.head - status.block) : 0;
    setText(byId("lag"), chain.newestBlockTime ? span(this.#now() - Date.parse(chain.newestBlockTime)) : "–");
    const gaps = status.blocksMissing ? `, ${count(status.blocksMissing)} of the last 100 missing` : "";
    setText(byId("lag-more"), status.head < 0 ? "since the newest block" + gaps : `${count(behind)} behind head ${block(status.head)}${gaps}`);
  }

  /** What is wrong, worst first: [kind, text]. */
  notices() {
    if (!this.#overview) {
      return [];
    }
    const { status, mustLeave, chain } = this.#overview;
    const notices = [];
    if (mustLeave) {
      notices.push(["bad", `This replica has to leave the grid: ${mustLeave}`]);
    }
    if (status.waitingFor) {
      notices.push(["bad", `Nothing can be booked here: this replica waits for ${status.waitingFor}. What is shown may be out of date.`]);
    }
    if (status.chainError) {
      notices.push(["bad", `The chain is no longer followed: ${status.chainError}`]);
    } else if (status.chainEnded) {
      notices.push(["note", "The recording has ended: nothing new will come."]);
    }
    if (status.block < 0 && !status.waitingFor) {
      notices.push(["note", "No block of the chain has been taken in yet."]);
    } else if (chain.missingInLookback > 0) {
      notices.push(["note", `${chain.missingInLookback} of the last 100 blocks are missing; they are asked for again.`]);
    }
    return notices;
  }
}
