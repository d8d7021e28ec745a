// How far the coders agree: asked for when the page is there, for it takes a moment.

import { Server } from "./net.js";
import { number } from "./numbers.js";
import { make } from "./view.js";

const place = document.getElementById("agreement");
const words = place.dataset;
const names = new Map(Object.entries(JSON.parse(words.names)));

const figure = (value) => (value === null || value === undefined ? "–" : number(value, { least: 3, most: 3 }));
const between = ({ low, high }) => (low === null || low === undefined ? "–" : `${figure(low)} – ${figure(high)}`);

function table(title, rows, name) {
  if (!rows?.length) return null;
  const head = make("tr", {}, ...[title, words.units, "α", number(0.95, { style: "percent" })].map((text) => make("th", { text, scope: "col" })));
  const body = rows.map(([key, units, found]) =>
    make("tr", {}, name(key), make("td", { text: number(units) }), make("td", { text: figure(found.estimate) }), make("td", { cls: "number", text: between(found) })),
  );
  const region = make("div", { cls: "scroll", tabindex: "0", role: "group", "aria-label": title });
  region.append(make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
  return region;
}

const plain = (key) => make("th", { text: key, scope: "row" });
// What has no phrase in the page's language is said in English.
const sentence = ([text, isEnglish], cls) => make("p", { cls, text, lang: isEnglish && "en" });
const coloured = (key) => make("th", { scope: "row" }, make("span", { cls: `swatch l-${key}` }), names.get(key) ?? key);

try {
  const found = await new Server("").get(words.source, { patience: 150_000 });
  const parts = found.problem
    ? [sentence(found.problem)]
    : [
        make("p", {}, make("span", { cls: "big", text: `α ${figure(found.alpha.estimate)}` }), " ", make("span", { cls: "number", text: `${number(0.95, { style: "percent" })}: ${between(found.alpha)}` })),
        sentence(found.verdict),
        ...found.cautions.map((one) => sentence(one, "problem")),
        make("p", { cls: "soft", text: found.basis }),
        table(words.label, found.labels, coloured),
        table(words.variable, found.variables, plain),
        found.pairs?.length > 1 ? table(words.pair, found.pairs, plain) : null,
        found.weeks?.length > 1 ? table(words.week, found.weeks, plain) : null,
      ];
  place.querySelector("[role=status]").remove();
  place.append(...parts.filter(Boolean));
} catch {
  place.querySelector("[role=status]").textContent = words.failed;
}
document.documentElement.dataset.ready = "true";
