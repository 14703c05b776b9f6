/** The dynamic parameters, and who changed them last. */
import { byId, count, h, setText, time } from "./dom.js";
import * as link from "./link.js";

export class Parameters {
  #onMinimum;

  constructor(onMinimumCollateral) {
    this.#onMinimum = onMinimumCollateral;
  }

  async load() {
    const [parameters, history] = await Promise.all([link.json("/v1/parameters"), link.json("/v1/parameters/history")]);
    const lastChange = new Map(history.map((change) => [change.parameter ?? change.name, change]).reverse());
    const changed = parameters.filter((parameter) => parameter.value !== parameter.defaultValue).length;
    setText(byId("parameters-count"), changed ? `${count(changed)} not at ${changed === 1 ? "its default" : "their defaults"}` : "all at their defaults");
    byId("parameters-table").replaceChildren(h("table", { "aria-label": "Dynamic parameters" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Parameter"), h("th", { scope: "col" }, "Value"), h("th", { scope: "col" }, "Default"))),
      h("tbody", {}, ...parameters.map((parameter) => row(parameter, lastChange.get(parameter.name))))));
    this.#onMinimum(parameters.find((parameter) => parameter.name === "DYNAMIC_MINIMUM_COLLATERAL_AMOUNT_WEI")?.value ?? "0");
  }
}

function row(parameter, change) {
  const changed = parameter.value !== parameter.defaultValue;
  const says = changed
    ? h("span", { class: "tag" }, "changed" + (change ? ` by ${change.who} at ${time(change.time)}` : ""))
    : null;
  return h("tr", changed ? { class: "changed" } : {},
    h("th", { scope: "row", title: parameter.description },
      h("span", {}, parameter.name.replace(/^DYNAMIC_/, "").toLowerCase().replaceAll("_", " ")), says,
      h("span", { class: "muted about" }, parameter.description)),
    h("td", { class: "mono value" }, parameter.value || "–"),
    h("td", { class: "mono muted value" }, changed ? parameter.defaultValue || "–" : "same"));
}
