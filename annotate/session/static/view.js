// Draw the article and what stands around it. Everything that comes from data goes in as text, never as markup.

import { isMarked, words } from "./marks.js";

/** Make an element: its class, its text or children, its attributes. */
export function make(tag, { cls, text, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  if (cls) element.className = cls;
  if (text !== undefined && text !== null) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

export class ArticleView {
  #shown = null;
  #elements = new Map();
  #texts = new Map();

  /** capOf: what stands for a label behind a decided sentence; nameOf: a decision in words. */
  constructor({ say, capOf, nameOf, onChoose, onWord }) {
    Object.assign(this, { say, capOf, nameOf, onChoose, onWord });
    this.root = byId("article");
    this.scroller = byId("reading");
  }

  show(article, items) {
    if (this.#shown === article) return;
    this.#shown = article;
    this.#elements.clear();
    this.#texts.clear();
    const parts = document.createDocumentFragment();
    const header = this.#header(article);
    if (header) parts.append(header);
    for (const paragraph of article.paragraphs) parts.append(this.#paragraph(paragraph, items));
    this.root.replaceChildren(parts);
    if (article.language) this.root.lang = article.language;
    else this.root.removeAttribute("lang");
    this.lit = null;
  }

  finished(...children) {
    this.#shown = null;
    this.lit = null;
    this.root.replaceChildren(make("div", { cls: "finished", tabindex: "-1" }, ...children));
    this.scroller.scrollTo({ top: 0, behavior: "instant" });
  }

  textOf(unit) {
    return this.#texts.get(unit) ?? "";
  }

  /** Light a unit and bring it where the eye is. */
  light(unit, { draft, marking, spans }) {
    if (this.lit !== null && this.lit !== unit) this.#quiet(this.lit);
    this.lit = unit;
    const element = this.#elements.get(unit);
    if (!element) return;
    element.classList.add("lit");
    element.setAttribute("aria-current", "true");
    if (spans) this.draw(unit, draft, marking);
    this.#follow(element);
  }

  /** Draw the lit unit's words, the marked ones and the caret. */
  draw(unit, draft, marking) {
    const element = this.#elements.get(unit);
    const { found, rest } = words(this.textOf(unit));
    const body = this.#body(element);
    if (body.childElementCount === 0) {
      const parts = found.map((word) => [word.gap, make("span", { cls: "w", text: word.text, "data-from": word.from, "data-to": word.to })]);
      body.replaceChildren(...parts.flat(), rest);
    }
    const range = marking?.range;
    found.forEach((word, index) => {
      const classes = body.children[index].classList;
      classes.toggle("marked", isMarked(draft.spans, word));
      classes.toggle("caret", Boolean(range) && index >= range.first && index <= range.last);
    });
    return found;
  }

  /** Draw what is decided about a unit. */
  mark(item) {
    const element = this.#elements.get(item.unit);
    if (!element) return;
    const { decision } = item;
    for (const name of [...element.classList]) if (name.startsWith("l-")) element.classList.remove(name);
    element.classList.toggle("done", decision?.kind !== "skip" && Boolean(decision));
    element.classList.toggle("skipped", decision?.kind === "skip");
    element.classList.toggle("again", Boolean(item.again));
    element.querySelector(":scope > .cap")?.remove();
    if (!decision) return;
    if (decision.label) element.classList.add(`l-${decision.label}`);
    const name = this.nameOf(decision);
    const sign = decision.kind === "skip" ? "–" : this.capOf(decision.label);
    const cap = make("span", { cls: decision.label ? `cap l-${decision.label}` : "cap none", title: name });
    cap.append(
      make("span", { text: sign + (decision.unsure ? "?" : ""), "aria-hidden": "true" }),
      make("span", { cls: "unseen", text: ` (${name}${decision.unsure ? `, ${this.say("is_unsure")}` : ""})` }),
    );
    element.append(cap);
  }

  #header(article) {
    const line = [article.outlet, article.byline, article.published].filter(Boolean).join(" · ");
    if (!article.title && !line) return null;
    return make("header", { dir: "auto" }, article.title ? make("h2", { text: article.title }) : null, line ? make("p", { text: line }) : null);
  }

  #paragraph(paragraph, items) {
    const element = make("p", { dir: "auto" });
    for (const [before, unit, text] of paragraph) {
      if (before) element.append(before);
      if (text === null) {
        element.append(make("span", { cls: "hidden-text", text: this.say("hidden") }));
        continue;
      }
      const item = items.get(unit);
      const span = make("span", { cls: item ? "u own" : "u", "data-unit": unit }, make("span", { text }));
      this.#elements.set(unit, span);
      this.#texts.set(unit, text);
      if (item) {
        span.addEventListener("click", (event) => this.#clicked(unit, event));
        this.mark(item);
      }
      element.append(span);
    }
    return element;
  }

  #clicked(unit, event) {
    if (unit !== this.lit) this.onChoose(unit);
    else if (event.target.dataset?.from && event.detail < 2) this.onWord(Number(event.target.dataset.from), Number(event.target.dataset.to));
  }

  #body(element) {
    return element.firstElementChild;
  }

  #quiet(unit) {
    const element = this.#elements.get(unit);
    if (!element) return;
    element.classList.remove("lit");
    element.removeAttribute("aria-current");
    const body = this.#body(element);
    if (body.childElementCount > 0) body.textContent = this.textOf(unit);
  }

  /** Scroll only when the unit leaves the band where the eye rests; then bring it to the band's top. */
  #follow(element) {
    const box = this.scroller.getBoundingClientRect();
    const place = element.getBoundingClientRect();
    const top = place.top - box.top;
    if (top > box.height * 0.12 && place.bottom - box.top < box.height * 0.62) return;
    const far = Math.abs(top) > box.height * 1.5;
    const still = far || matchMedia("(prefers-reduced-motion: reduce)").matches;
    const room = place.height > box.height * 0.5 ? 0.06 : 0.22;
    this.scroller.scrollTo({ top: this.scroller.scrollTop + top - box.height * room, behavior: still ? "instant" : "smooth" });
  }
}
