// What is asked about a unit: the label, then the variables that follow it, each question with its own keys.

import { Keys } from "./keys.js";

class Question {
  /** key: the variable's, null for the label; choices: labels or values; own: the coder's own keys. */
  constructor({ key = null, name, question = "", definition = "", multiple = false, required = true, when = [] }, choices, own) {
    Object.assign(this, { key, name, question, definition, multiple, required, when, choices });
    this.actions = choices.map((choice) => [this.action(choice.key), choice]);
    this.keys = new Keys(this.actions.map(([action, { hotkey }]) => [action, hotkey]), own);
    this.named = new Map(choices.map((choice) => [choice.key, choice]));
  }

  /** What a key that chooses something does: its name in the coder's own keys. */
  action(choice) {
    return this.key === null ? `label:${choice}` : `value:${this.key}.${choice}`;
  }

  nameOf(choice) {
    return this.named.get(choice)?.name ?? choice;
  }

  sign(choice) {
    return this.keys.sign(this.action(choice));
  }
}

export class Questions {
  constructor({ labels, variables }, own, title) {
    this.label = new Question({ name: title }, labels, own);
    this.variables = variables.map((one) => new Question(one, one.values, own));
  }

  get all() {
    return [this.label, ...this.variables];
  }

  /** The variables that are asked after a label. */
  after(label) {
    return this.variables.filter(({ when }) => when.length === 0 || when.includes(label));
  }

  /** A decision's answers in words. */
  inWords({ variables = {} }) {
    return this.variables
      .filter(({ key }) => key in variables)
      .map((one) => [one.name, [variables[one.key]].flat().map((value) => one.nameOf(value)).join(", ") || "–"]);
  }
}

/** A decision in the making: the question at hand, and what was chosen so far. */
export class Draft {
  constructor(questions, decision) {
    this.questions = questions;
    this.label = decision?.label ?? null;
    this.answers = { ...decision?.variables };
    this.spans = decision?.spans ?? [];
    this.unsure = Boolean(decision?.unsure);
    this.place = 0;
  }

  get asked() {
    return this.questions.after(this.label);
  }

  get question() {
    return this.place === 0 ? this.questions.label : this.asked[this.place - 1];
  }

  /** Whether a label is chosen and something is still to be answered. */
  get isAsking() {
    return this.place > 0;
  }

  /** What was answered to the questions that follow the label, in their order. */
  get variables() {
    return Object.fromEntries(this.asked.filter(({ key }) => key in this.answers).map(({ key }) => [key, this.answers[key]]));
  }

  get isAnswered() {
    return this.isAsking && this.question.key in this.answers && this.answers[this.question.key].length > 0;
  }

  isChosen(choice) {
    return this.isAsking && [this.answers[this.question.key]].flat().includes(choice);
  }

  /** Take an answer; return whether the decision is complete. */
  choose(choice) {
    const { question } = this;
    if (question.key === null) this.label = choice;
    else if (!question.multiple) this.answers[question.key] = choice;
    else {
      const before = this.answers[question.key] ?? [];
      const after = before.includes(choice) ? before.filter((one) => one !== choice) : [...before, choice];
      this.answers[question.key] = question.choices.map(({ key }) => key).filter((key) => after.includes(key));
      return false;
    }
    return this.#next();
  }

  /** Leave the answer as it is; return whether the decision is complete, null if the answer is missing. */
  confirm() {
    const { question } = this;
    if (question.required && !this.isAnswered) return null;
    if (question.multiple) this.answers[question.key] ??= [];
    return this.#next();
  }

  /** Go back to the question before; return whether there was one. */
  back() {
    if (!this.isAsking) return false;
    this.place -= 1;
    return true;
  }

  #next() {
    this.place += 1;
    if (this.place <= this.asked.length) return false;
    this.place = 0;
    return true;
  }
}
