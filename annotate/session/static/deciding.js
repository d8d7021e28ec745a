// From answers to entries: the decision in the making, sent when its last question is answered; undo and redo.

import { newClient } from "./net.js";
import { Draft } from "./questions.js";
import { naming } from "./queue.js";

export class Deciding {
  /** told: what the server said at the start; show, goOn, ask (for a unit only the server knows), redraw: what the page does then. */
  constructor({ say, lane, told, queue, outbox, watch, status, side, questions, show, goOn, ask, redraw }) {
    Object.assign(this, { say, lane, told, queue, outbox, watch, status, side, questions, show, goOn, wait: ask, redraw });
    this.draft = null;
    /** The client's name of a decision whose answer is waited for. */
    this.paused = null;
    /** Whether the next unit is still on its way: a key must not decide about the last one again. */
    this.waits = false;
    /** What was decided last, in words, until it is spoken. */
    this.said = null;
  }

  /** Turn to the queue's present unit: what was begun about it and left is still there when one comes back to it. */
  turn() {
    const { item } = this.queue;
    this.draft = item.draft ?? new Draft(this.questions, item.decision);
    return this.draft;
  }

  /** Ask with other keys; what was begun is begun anew. */
  ask(questions) {
    this.questions = questions;
    for (const item of this.queue.items.values()) delete item.draft;
    return this.queue.item ? this.turn() : null;
  }

  /** Take an answer to the question at hand; with the last one the decision is made. */
  choose(choice) {
    if (this.#isPossible()) this.#answered(this.draft.choose(choice));
  }

  /** Choose a label, whatever is being asked. */
  chooseLabel(label) {
    this.draft.place = 0;
    this.choose(label);
  }

  confirm() {
    if (!this.#isPossible()) return;
    const complete = this.draft.confirm();
    if (complete === null) this.status.notice(this.say("answer_needed"), { brief: true });
    else this.#answered(complete);
  }

  /** Go back to the question before; return whether there was one. */
  stepBack() {
    if (!this.draft?.back()) return false;
    if (!this.draft.isAsking) delete this.queue.item.draft;
    this.redraw();
    this.#speak();
    return true;
  }

  skip(reason) {
    this.#decide({ kind: "skip", note: reason });
  }

  comment(unit, note) {
    const item = this.queue.items.get(unit);
    item.comments = [...(item.comments ?? []), note];
    this.outbox.add({ ...this.#entry("comment", newClient()), unit, note });
    this.redraw();
  }

  undo() {
    if (this.stepBack()) return;
    const step = this.queue.undo(newClient());
    const entry = { ...this.#entry("undo", step?.undo.client ?? newClient()), lane: this.lane };
    if (step) {
      Object.assign(entry, { unit: step.unit }, naming(step.after));
      this.paused = null;
      this.show(step.unit);
      // The answers taken back are kept until the unit is decided anew: Enter keeps them.
      this.draft.answers = { ...step.after.variables, ...this.draft.answers };
      this.status.notice(this.say("undone"), { brief: true });
    } else this.wait(entry.client);
    this.outbox.add(entry);
  }

  redo() {
    const step = this.queue.redo();
    const entry = { ...this.#entry("redo", newClient()), lane: this.lane };
    if (step) {
      Object.assign(entry, { unit: step.unit }, naming(step.undo));
      // Done again, it has its old number; a later undo of it names that.
      this.show(step.unit);
      this.status.notice(this.say("redone"), { brief: true });
      this.goOn();
    } else this.wait(entry.client);
    this.outbox.add(entry);
  }

  /** A decision in words. */
  inWords(decision) {
    if (!decision.label) return this.say("skipped");
    const answers = this.questions.inWords(decision).map((pair) => pair.join(": "));
    return [this.questions.label.nameOf(decision.label), ...answers].join(", ");
  }

  #isPossible() {
    return Boolean(this.queue.item) && !this.waits && !this.paused && !this.told.round.closed;
  }

  #answered(complete) {
    const { draft } = this;
    if (complete) {
      const kind = this.lane === "adjudication" ? "adjudication" : "judgment";
      this.#decide({ kind, label: draft.label, variables: draft.variables });
      return;
    }
    const moved = this.asked !== draft.question;
    this.queue.item.draft = draft;
    this.redraw();
    if (moved) this.#speak();
  }

  #speak() {
    const { question, place, asked } = this.draft;
    this.asked = question;
    const text = question.question || question.name;
    this.status.speak(place ? this.say("asked", { text, place: `${place} / ${asked.length}` }) : text);
  }

  #decide({ kind, label = null, note = null, variables = {} }) {
    if (!this.#isPossible()) return;
    const { item } = this.queue;
    delete item.draft;
    this.asked = null;
    const spans = kind === "skip" ? [] : this.draft.spans;
    const decision = { kind, label, note, unsure: this.draft.unsure, spans, variables };
    if (!item.again && alike(item.decision, decision)) {
      this.goOn();
      return;
    }
    const client = newClient();
    const active = this.watch.read();
    const entry = { ...this.#entry(kind, client), unit: item.unit, ...said(decision), active, ...naming(item.decision) };
    entry.codebook = this.told.codebook.fingerprint;
    decision.client = client;
    this.queue.decide(item.unit, decision);
    this.watch.note(active);
    this.said = this.inWords(decision);
    if (this.told.round.waits && kind === "judgment") {
      this.paused = client;
      this.redraw();
      this.side.feedback({ text: this.say("waiting") });
    } else this.goOn();
    this.outbox.add(entry);
  }

  #entry(kind, client) {
    return { kind, client, round: this.told.round.id, time: Date.now() };
  }
}

/** What a decision says; what it leaves open need not travel. */
function said(decision) {
  const isSaid = (value) => value && (typeof value !== "object" || Object.keys(value).length > 0);
  return Object.fromEntries(Object.entries(decision).filter(([, value]) => isSaid(value)));
}

function alike(one, other) {
  if (!one) return false;
  const parts = ({ kind, label, note, unsure, spans, variables }) =>
    JSON.stringify([kind, label ?? null, note ?? null, Boolean(unsure), spans ?? [], Object.entries(variables ?? {}).sort()]);
  return parts(one) === parts(other);
}
