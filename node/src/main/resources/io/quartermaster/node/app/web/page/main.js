/** Puts the parts of the page together, and hands each what comes by the stream. */
import { byId, h, setText, time } from "./dom.js";
import { Decisions } from "./decisions.js";
import { Events } from "./events.js";
import { Health } from "./health.js";
import { HeatMap } from "./heatmap.js";
import * as link from "./link.js";
import { Miners } from "./miners.js";
import { Parameters } from "./parameters.js";
import { Reservations } from "./reservations.js";

const THEME = "quartermaster-theme";
const CLASS = "quartermaster-class";

/** The replica's time: a simulation's goes faster. */
let clock = { now: Date.now(), rate: 1, at: performance.now() };
const now = () => clock.now + (performance.now() - clock.at) * clock.rate;

const health = new Health(now);
const heatMap = new HeatMap();
const reservations = new Reservations(now);
const decisions = new Decisions();
const miners = new Miners();
const parameters = new Parameters((wei) => miners.minimumCollateral(wei));
const events = new Events();

let stream = null;
let lost = null;
let opening = false;
let shown = "";

function connection(state, said) {
  byId("connection").dataset.state = state;
  setText(byId("connection-words"), said);
  document.body.classList.toggle("stale", state === "lost");
}

function drawNotices() {
  const notices = health.notices();
  if (lost) {
    notices.unshift(["bad", `The connection to the replica was lost at ${lost.at} UTC (${lost.why}). What is shown is of then. It is tried again by itself.`]);
  }
  const text = notices.map(([, words]) => words).join("\n");
  const place = byId("notices");
  if (place.dataset.text !== text) {
    place.dataset.text = text;
    place.replaceChildren(...notices.map(([kind, words]) => h("p", { class: "notice", "data-kind": kind }, words)));
  }
}

async function trying(action) {
  try {
    await action();
  } catch (failure) {
    setText(byId("announcer"), failure.message);
  }
}

const handlers = {
  opened: ({ executorClass }) => {
    shown = executorClass;
    opening = true;
    lost = null;
    connection("live", "live");
    drawNotices();
    trying(() => heatMap.load(executorClass));
    trying(() => miners.load(executorClass));
    trying(() => parameters.load());
  },
  clock: (value) => (clock = { ...value, at: performance.now() }),
  status: (overview) => {
    health.set(overview);
    drawClasses(overview.classes);
    drawNotices();
  },
  reservations: (change) => {
    if (opening) {
      opening = false;
      reservations.begin();
    }
    reservations.change(change);
  },
  decisions: (list) => decisions.add(list),
  events: (list) => events.add(list),
  parameters: () => trying(() => parameters.load()),
  miners: (change) => miners.change(change),
  cells: (change) => trying(async () => {
    if (!change.changes) {
      await miners.load(change.executorClass);
    }
    await heatMap.change(change);
  }),
};

/** Without a class, the replica chooses one. */
function open(executorClass) {
  stream?.close();
  const query = executorClass ? "?executorClass=" + encodeURIComponent(executorClass) : "";
  stream = new link.Stream("/v1/page/stream" + query, {
    message: (kind, value) => handlers[kind]?.(value),
    lost: (why) => {
      lost ??= { at: time(Date.now()), why };
      connection("lost", "connection lost");
      drawNotices();
    },
  });
}

function drawClasses(classes) {
  const select = byId("class");
  if (select.options.length !== classes.length) {
    select.replaceChildren(...classes.map((name) => h("option", { value: name }, name)));
  }
  if (document.activeElement !== select) {
    select.value = shown;
  }
}

function theme(chosen) {
  document.documentElement.dataset.theme = chosen;
  heatMap.recolour();
}

byId("class").addEventListener("change", (event) => {
  sessionStorage.setItem(CLASS, event.target.value);
  open(event.target.value);
});

byId("theme").value = localStorage.getItem(THEME) ?? "auto";
byId("theme").addEventListener("change", (event) => {
  localStorage.setItem(THEME, event.target.value);
  theme(event.target.value);
});
theme(byId("theme").value);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => heatMap.recolour());

function pick(miner) {
  heatMap.show(miner);
  events.about(miner);
  byId("miners-filter").value = miner;
  byId("miners-filter").dispatchEvent(new Event("input"));
  setText(byId("announcer"), `Shown: what concerns miner ${miner}`);
}

document.addEventListener("pick-miner", (event) => pick(event.detail));
document.addEventListener("click", (event) => {
  const miner = event.target.closest?.("button[data-miner]")?.dataset.miner;
  if (miner) {
    pick(miner);
  }
});

let asking = null;
link.onTokenNeeded((status) => (asking ??= ask(status).finally(() => (asking = null))));

function ask(status) {
  const dialog = byId("token-dialog");
  const wrong = status === 403 ? "This token may not read. "
    : link.hasToken() ? "The replica does not know this token: it is mistyped, or has ended. " : "";
  setText(byId("token-why"), wrong + "Give one that may read; it stays in this tab until you close it.");
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    link.keepToken(byId("token").value.trim());
    byId("token").value = "";
    resolve();
  }, { once: true }));
}

open(sessionStorage.getItem(CLASS));

/** For tests and for the curious: what the page knows. */
globalThis.quartermaster = { heatMap };
