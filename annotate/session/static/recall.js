// Undo and redo of what was decided in an earlier visit: which unit that is about only the server knows. What is pressed
// until it says so is meant for that unit.

export class Recall {
  #asked = new Set();
  #found = null;
  #held = [];

  /** wait: keep keys from the unit that is lit; stay: take up what was left; visit: show a unit; tell: say of what was not waited for. */
  constructor({ outbox, wait, stay, visit, recalled, tell }) {
    Object.assign(this, { outbox, wait, stay, visit, recalled, tell });
    outbox.addEventListener("change", () => this.#isOn && !outbox.isHeard && stay());
  }

  get #isOn() {
    return this.#asked.size > 0;
  }

  /** Ask for the unit of an undo or redo. Without a server nobody waits for it. */
  ask(client) {
    if (!this.outbox.isHeard) return;
    this.#asked.add(client);
    this.wait();
  }

  /** Do something about the unit that comes; what follows an answer that is held is held too. */
  act(work, { answers = true } = {}) {
    if (answers ? this.#isOn : this.#held.length > 0) this.#held.push(() => this.act(work, { answers }));
    else work();
  }

  /** The server has said which unit an undo or redo was about, null if it came to nothing. */
  async told(client, kind, unit) {
    if (!this.#asked.has(client)) {
      if (unit !== null) this.tell(kind, unit);
      return;
    }
    // Of several the last that came to something is where the coder now is.
    this.#found = unit ?? this.#found;
    if (this.#asked.size > 1) {
      this.#asked.delete(client);
      return;
    }
    const held = this.#held;
    if (this.#found === null) this.stay();
    else if (await this.visit(this.#found)) this.recalled(kind);
    else return;
    for (const one of held) one();
  }

  /** Wait no more: the coder is somewhere else. */
  drop() {
    this.#asked.clear();
    this.#found = null;
    this.#held = [];
  }
}
