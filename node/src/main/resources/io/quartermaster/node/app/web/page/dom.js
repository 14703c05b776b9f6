/** Small things that all parts use: elements, and how values are written. */

export const byId = (id) => document.getElementById(id);

/** An element with properties and children; strings become text, never markup. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), value);
    } else if (name in element && typeof value !== "string") {
      element[name] = value;
    } else {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const exact = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });

export const count = (value) => whole.format(value);

/** Block numbers are names, not amounts: no commas. */
export const block = (number) => String(number);

export const seconds = (value) => (value >= 1000 ? whole.format(value) : exact.format(Math.round(value * 10) / 10)) + " s";

export const fine = (value) => exact.format(value);

export function tao(wei) {
  const value = Number(wei) / 1e18;
  return value === 0 ? "0" : value.toPrecision(3).replace(/\.?0+$/, "");
}

export const shortKey = (hotkey) => (hotkey.length > 14 ? hotkey.slice(0, 6) + "…" + hotkey.slice(-4) : hotkey);

export const shortJob = (job) => (job.length > 14 ? job.slice(0, 8) + "…" : job);

export function time(instant) {
  return new Date(instant).toISOString().slice(11, 19);
}

export function span(millis) {
  const s = Math.max(0, Math.floor(millis / 1000));
  if (s < 60) {
    return s + " s";
  }
  const two = (value) => String(value).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** Words of a constant's name: JOB_ROUTED is "job routed". */
export const words = (name) => name.toLowerCase().replaceAll("_", " ");

/** A miner that can be picked: the whole page then shows what concerns it. */
export function minerButton(hotkey) {
  return h("button", { class: "key", type: "button", title: hotkey, "data-miner": hotkey, "aria-label": "miner " + hotkey }, shortKey(hotkey));
}

/** Draws a place anew; what has the focus and is drawn again, as the same element, keeps it. */
export function keepingFocus(place, draw) {
  const focused = document.activeElement;
  const inside = focused !== place && place.contains(focused);
  draw();
  if (inside && focused.isConnected) {
    focused.focus({ preventScroll: true });
  }
}

export function debounced(millis, action) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...given), millis);
  };
}
