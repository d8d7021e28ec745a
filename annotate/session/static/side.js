// The side of the page: the question at hand with its answers, the commands, what others said, what comes back.

import { definition } from "./dialogs.js";
import { byId, make } from "./view.js";

const COMMANDS = ["undo", "redo", "back", "forward", "skip", "unsure", "comment", "mark", "tree", "guide", "settings"];
const CODERS_ONLY = ["skip", "unsure"];
const AT_A_TIME = 250;

export class Side {
  #asked = null;

  constructor({ say, lane, spans, onChoose, onConfirm, onRun }) {
    Object.assign(this, { say, lane, spans, onChoose, onConfirm, onRun });
    // It stays while the pointer is on it, so that it can be read and scrolled.
    for (const id of ["side", "definition"]) {
      byId(id).addEventListener("pointerleave", ({ relatedTarget }) => {
        if (!relatedTarget?.closest("#side, #definition")) byId("definition").hidden = true;
      });
    }
  }

  /** Draw all anew: the keys have changed. */
  reset(questions) {
    this.questions = questions;
    this.#asked = null;
  }

  /** There is nothing to decide. */
  hide() {
    for (const id of ["side", "definition", "votes", "feedback", "comments"]) byId(id).hidden = true;
  }

  busy(waiting) {
    byId("side").setAttribute("aria-busy", String(waiting));
  }

  /** Draw the question at hand and what is chosen. */
  draw(draft, item, marking) {
    byId("side").hidden = false;
    const { question } = draft;
    // A label already decided stays where it is; a question is drawn with what was answered before it.
    if (this.#asked !== question || draft.isAsking) this.#ask(draft);
    const decided = item?.decision;
    for (const one of byId("choices").querySelectorAll(".choice")) {
      const on = draft.isAsking ? draft.isChosen(one.dataset.value) : one.dataset.label === decided?.label;
      one.setAttribute("aria-pressed", String(Boolean(on)));
    }
    const told = byId("answers");
    if (told) {
      const answers = decided ? this.questions.inWords(decided) : [];
      told.hidden = answers.length === 0;
      told.replaceChildren(...answers.flatMap(([name, answer]) => [make("dt", { text: name }), make("dd", { text: answer })]));
    }
    this.#drawComments(item);
    byId("do-unsure")?.setAttribute("aria-pressed", String(draft.unsure));
    byId("do-mark")?.setAttribute("aria-pressed", String(marking));
  }

  /** What the coder remarked on the unit: it can't be taken back, so it is shown. */
  #drawComments({ comments = [] } = {}) {
    const place = byId("comments");
    place.hidden = comments.length === 0;
    place.replaceChildren(...comments.map((note) => make("p", {}, make("strong", { text: this.say("own_comment") }), ": ", make("span", { text: note, dir: "auto" }))));
  }

  /** What coders said, for whoever settles it. */
  drawVotes({ votes = [], decision } = {}) {
    const place = byId("votes");
    place.hidden = votes.length === 0;
    const answers = votes.map((vote) => new Map(this.questions.inWords(vote.decision)));
    const disputed = (name) => new Set(answers.filter((one) => one.has(name)).map((one) => one.get(name))).size > 1;
    const lines = votes.map(({ name, decision: said, comments = [] }, index) => {
      const line = make("li", { cls: said.label ? `l-${said.label}` : "" }, make("strong", { text: name }), `: ${this.#nameOf(said)}`);
      if (said.unsure) line.append(` (${this.say("is_unsure")})`);
      for (const [variable, answer] of answers[index]) line.append(make("span", { cls: "answer" }, `${variable}: `, make(disputed(variable) ? "mark" : "span", { text: answer })));
      for (const note of [said.note, ...comments].filter(Boolean)) line.append(make("span", { cls: "note", text: note }));
      return line;
    });
    place.replaceChildren(make("h2", { text: this.say("votes") }), make("ul", {}, ...lines));
    if (decision) place.append(make("p", { text: this.say("agreed", { label: [this.#nameOf(decision), ...this.questions.inWords(decision).map((pair) => pair.join(": "))].join(" · ") }) }));
  }

  /** Say something that stays until the next decision; told: text, wrong, go (what happens on "go on"). */
  feedback(told) {
    const place = byId("feedback");
    place.hidden = !told;
    if (!told) return;
    place.classList.toggle("wrong", Boolean(told.wrong));
    place.replaceChildren(...[told.text].flat().map((text) => make("p", { text })));
    if (!told.go) return;
    const go = make("button", { cls: "main", type: "button", onclick: told.go }, this.say("go_on"), make("kbd", { text: "⏎", "aria-hidden": "true" }));
    place.append(go);
    go.focus({ preventScroll: true });
  }

  #nameOf({ label }) {
    return label ? this.questions.label.nameOf(label) : this.say("skipped");
  }

  #ask(draft) {
    const { question } = draft;
    const moved = this.#asked !== question;
    this.#asked = question;
    const place = byId("choices");
    const held = place.contains(document.activeElement) ? document.activeElement.dataset.value : null;
    place.classList.toggle("asking", draft.isAsking);
    place.setAttribute("aria-label", draft.isAsking ? question.question || question.name : this.say("labels"));
    const around = draft.isAsking ? [this.#soFar(draft), this.#confirm(draft)] : [null, make("dl", { id: "answers", hidden: true })];
    place.replaceChildren(...[around[0], ...question.choices.map((choice) => this.#choice(question, choice)), around[1]].filter(Boolean));
    if (moved) {
      byId("definition").hidden = true;
      this.#drawCommands(question);
    } else if (held) place.querySelector(`[data-value="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
  }

  /** The label and the answers before this question, and the question. */
  #soFar(draft) {
    const { question, label, place, asked } = draft;
    const before = { variables: Object.fromEntries(asked.slice(0, place - 1).filter(({ key }) => key in draft.answers).map(({ key }) => [key, draft.answers[key]])) };
    const line = [this.questions.label.nameOf(label), ...this.questions.inWords(before).map((pair) => pair.join(": "))].join(" · ");
    return make(
      "div",
      { cls: "asked" },
      make("p", { cls: `so-far l-${label}` }, make("kbd", { text: this.questions.label.sign(label), "aria-hidden": "true" }), make("span", { text: line })),
      make("h2", {}, question.question || question.name, asked.length > 1 ? make("span", { cls: "soft number", text: ` ${place} / ${asked.length}` }) : null),
      question.multiple ? make("p", { cls: "soft", text: this.say("any_number") }) : null,
    );
  }

  #confirm(draft) {
    const { question, isAnswered } = draft;
    if (!question.multiple && question.required && !isAnswered) return null;
    const text = this.say(isAnswered ? "keep_answer" : question.multiple ? "none_of_these" : "pass_over");
    if (question.multiple && question.required && !isAnswered) return null;
    return make("button", { cls: "confirm", type: "button", onclick: () => this.onConfirm() }, make("kbd", { text: "⏎", "aria-hidden": "true" }), text);
  }

  #choice(question, choice) {
    const isLabel = question.key === null;
    const action = question.action(choice.key);
    const one = make("button", {
      cls: isLabel ? `choice l-${choice.key}` : "choice value",
      type: "button",
      [isLabel ? "data-label" : "data-value"]: choice.key,
      "aria-pressed": "false",
      "aria-keyshortcuts": question.keys.of.get(action),
    });
    one.append(make("kbd", { text: question.sign(choice.key), "aria-hidden": "true" }), make("span", { cls: "name", text: choice.name }));
    const more = isLabel ? choice.question : choice.definition;
    if (more) {
      const id = `more-${isLabel ? "label" : question.key}-${choice.key}`;
      one.append(make("span", { cls: "question", text: more, id }));
      one.setAttribute("aria-describedby", id);
      one.setAttribute("aria-label", choice.name);
    }
    one.addEventListener("click", (event) => this.#clicked(event, () => this.onChoose(choice.key)));
    for (const kind of ["pointerenter", "focus"]) one.addEventListener(kind, () => this.#define(question, choice));
    return one;
  }

  /** A double click is one decision, not one about the next unit too. */
  #clicked(event, act) {
    const now = event.timeStamp;
    if (event.detail > 1 && now - (this.clickedAt ?? -AT_A_TIME) < AT_A_TIME) return;
    this.clickedAt = now;
    act();
  }

  #drawCommands({ keys }) {
    const possible = COMMANDS.filter((name) => (name !== "mark" || this.spans) && (this.lane === "coding" || !CODERS_ONLY.includes(name)));
    const commands = possible.map((name) => {
      const action = `do:${name}`;
      const one = make("button", { cls: "command", type: "button", id: `do-${name}`, "aria-keyshortcuts": keys.of.get(action) });
      one.append(make("kbd", { text: keys.sign(action), "aria-hidden": "true" }), this.say(name));
      one.addEventListener("click", () => this.onRun(name));
      return one;
    });
    byId("commands").replaceChildren(...commands);
    for (const name of ["unsure", "mark"]) byId(`do-${name}`)?.setAttribute("aria-pressed", "false");
  }

  #define(question, choice) {
    const told = definition(this.say, choice, question.sign(choice.key), "h2");
    if (question.key !== null && told.length === 1 && !question.definition) return;
    const place = byId("definition");
    place.className = question.key === null ? `l-${choice.key}` : "";
    if (question.key !== null && question.definition) told.push(make("p", { cls: "soft", text: question.definition }));
    place.replaceChildren(...told);
    place.hidden = false;
  }
}
