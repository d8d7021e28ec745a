// Marking the words that carry the framing in the lit unit: by arrow keys, by click, or by drawing over them.

import { Marker, toggle } from "./marks.js";
import { byId } from "./view.js";

const NEAR = 5;
const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -5, ArrowDown: 5 };

export class Marking {
  #marker = null;
  #from = [0, 0];

  /** onChange: the marks or the mode have changed. */
  constructor({ view, status, say, onChange }) {
    Object.assign(this, { view, status, say, onChange });
    byId("reading").addEventListener("pointerdown", ({ clientX, clientY }) => (this.#from = [clientX, clientY]));
    byId("reading").addEventListener("pointerup", (event) => this.#selected(event));
  }

  /** Whether words are being chosen by keyboard. */
  get isOn() {
    return this.#marker !== null;
  }

  /** Turn to a unit, null for none. */
  turn(unit, draft) {
    Object.assign(this, { unit, draft });
    this.#marker = null;
  }

  begin() {
    const found = this.view.draw(this.unit, this.draft, null);
    if (found.length === 0) return;
    this.#marker = new Marker(found);
    this.#draw();
    this.status.notice(this.say(matchMedia("(pointer: coarse)").matches ? "mark_on_touch" : "mark_on"));
  }

  mark(from, to) {
    const before = JSON.stringify(this.draft.spans).length;
    const first = this.draft.spans.length === 0;
    this.draft.spans = toggle(this.draft.spans, from, to);
    const more = first || JSON.stringify(this.draft.spans).length >= before;
    const text = Array.from(this.view.textOf(this.unit)).slice(from, to).join("");
    this.status.speak(this.say(more ? "marked" : "unmarked", { text }));
    this.#draw();
  }

  /** Take a key while words are being chosen; return whether it meant anything. */
  press(event, action) {
    const step = STEPS[event.key];
    const { range } = this.#marker;
    if (step) {
      this.#marker.move(step, event.shiftKey);
      const { first, last } = this.#marker.range;
      this.status.speak(this.#marker.words.slice(first, last + 1).map((word) => word.text).join(" "));
    } else if (event.key === " ") this.mark(range.from, range.to);
    else if (event.key === "Escape" || event.key === "Enter" || action === "do:mark") this.#marker = null;
    else return false;
    this.#draw();
    return true;
  }

  /** A stretch that was drawn over is marked; a double click, which selects a word too, has marked it by its click. */
  #selected({ clientX, clientY }) {
    const selection = getSelection();
    if (!this.isPossible || selection.isCollapsed || !this.unit) return;
    if (Math.hypot(clientX - this.#from[0], clientY - this.#from[1]) < NEAR) return;
    const chosen = [...document.querySelectorAll(".u.lit .w")].filter((word) => selection.containsNode(word, true));
    if (chosen.length === 0) return;
    const [from, to] = [Number(chosen[0].dataset.from), Number(chosen.at(-1).dataset.to)];
    selection.removeAllRanges();
    this.mark(from, to);
  }

  #draw() {
    this.view.draw(this.unit, this.draft, this.#marker);
    this.onChange();
  }
}
