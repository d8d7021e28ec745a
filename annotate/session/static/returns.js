// What comes back from the server, or from another tab: which decision stands, what was overtaken, what is told after it.

export class Returns {
  /** visit: show a unit, wherever it is; told: an undo or redo that named no unit is answered; resume: go on after a pause; isPaused: whether the page waits for a client's answer. */
  constructor({ say, queue, outbox, view, status, side, lane, round, questions, visit, told, show, redraw, resume, isPaused, tabs }) {
    Object.assign(this, { say, queue, outbox, view, status, side, lane, round, questions, visit, told, show, redraw, resume, isPaused, tabs });
    outbox.addEventListener("answer", ({ detail }) => this.#take(detail));
    tabs.addEventListener("message", ({ data }) => this.#elsewhere(data));
  }

  #take({ answer, entry }) {
    const { outcome, client, problem } = answer;
    this.queue.learn(client, answer);
    const mine = entry.round === this.round && (entry.lane ?? this.lane) === this.lane;
    if (!mine || entry.kind === "comment") {
      if (outcome === "refused") this.status.notice(this.say("refused", { problem }));
      return;
    }
    const unit = answer.unit ?? entry.unit;
    if (unit && !this.outbox.concerns(unit)) this.#stands(unit, answer.in_force ?? null, answer);
    if (outcome === "stale" && entry.unit) this.#overtaken(unit, answer.in_force, entry);
    else if (outcome === "refused") this.status.notice(this.say("refused", { problem }), { stays: true });
    else if (outcome === "nothing") this.status.notice(this.say(entry.kind === "undo" ? "nothing_to_undo" : "nothing_to_redo"), { brief: true });
    if (!entry.unit) this.told(client, entry.kind, outcome === "stored" ? unit : null);
    if (this.isPaused(client)) this.#learned(answer);
    this.tabs.postMessage({ round: this.round, lane: this.lane, unit, decision: answer.in_force ?? null });
  }

  /** What the server says is in force, in the place of what was painted before it answered. */
  #stands(unit, decision, answer) {
    const item = this.queue.items.get(unit);
    if (!item || answer.outcome === "refused") return;
    const now = item.decision;
    const own = now?.client === answer.client && answer.seq === decision?.seq;
    if (now && decision && (own || now.seq === decision.seq)) {
      now.seq = decision.seq;
      return;
    }
    if (!now && !decision) return;
    this.queue.set(unit, decision);
    if (unit === this.queue.current) this.redraw();
  }

  #overtaken(unit, decision, entry) {
    const { questions } = this;
    const name = ({ label }) => (label ? questions().label.nameOf(label) : this.say("skipped"));
    const look = { text: this.say("stale_look"), act: () => this.visit(unit) };
    const told = { label: decision ? name(decision) : this.say("taken_back_elsewhere"), own: name(entry) };
    this.status.notice(this.say("stale", told), { stays: true, action: look });
  }

  #learned({ known, suggestion, in_force: decided }) {
    if (!decided || (!known && !suggestion)) {
      this.resume();
      return;
    }
    const name = (label) => this.questions().label.nameOf(label);
    const lines = [];
    let wrong = false;
    if (known) {
      wrong = known[0] !== decided.label;
      lines.push(this.say(wrong ? "known_wrong" : "known_right", { own: name(decided.label), label: name(known[0]) }), known[1]);
    }
    if (suggestion) lines.push(this.say("suggested", { label: name(suggestion) }));
    this.side.feedback({ text: lines.filter(Boolean), wrong, go: this.resume });
  }

  /** Another tab of this browser decided something. */
  #elsewhere({ round, lane, unit, decision }) {
    if (round !== this.round || lane !== this.lane || !this.queue.items.has(unit) || this.outbox.concerns(unit)) return;
    if (this.queue.items.get(unit).decision?.seq === decision?.seq) return;
    this.queue.set(unit, decision);
    if (unit === this.queue.current) this.show(unit);
  }
}
