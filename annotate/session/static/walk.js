// From unit to unit: to the next open one, along the queue, to one that is named. A move that a later one overtakes
// comes to nothing.

export class Walk {
  #moves = 0;
  /** Whether the next open unit is being asked for. */
  #seeking = false;
  /** The place that arrows have asked for and that is not here yet: the next arrow counts from there. */
  #aim = null;

  /**
   * show, finish: what the page does on arrival, at a unit or at the end; wait: that a unit is on its way, or no longer;
   * left: that nothing is waited for any more; ends: that there is none before or behind; trouble: what went wrong.
   */
  constructor({ queue, show, finish, wait, left, ends, trouble }) {
    Object.assign(this, { queue, show, finish, wait, left, ends, trouble });
  }

  /** Show the next open unit, at once if it is here. */
  async goOn() {
    const at = ++this.#moves;
    const here = this.queue.next();
    if (here !== null) {
      this.show(here);
      return;
    }
    this.#aim = null;
    this.#seeking = true;
    this.wait(true);
    try {
      const unit = await this.queue.following();
      if (at !== this.#moves) return;
      if (unit === null) this.finish();
      else this.show(unit);
    } catch (error) {
      this.trouble(error);
      setTimeout(() => at === this.#moves && this.goOn(), 1500);
    }
  }

  /** Show the unit before or behind. */
  async step(by) {
    const place = by + (this.#aim ?? this.queue.item?.position ?? this.queue.end);
    if (this.queue.places.has(place)) return void this.show(this.queue.places.get(place));
    this.#aim = place;
    const found = await this.#to(this.queue.at(place, by));
    if (found === null) this.ends(by);
  }

  /** Show a unit, wherever it is; return whether it came to that. */
  async visit(unit) {
    return Boolean(await this.#to(this.queue.find(unit)));
  }

  /** Wait for a unit that nobody here knows yet. */
  hold() {
    this.#moves += 1;
    this.wait(true);
  }

  /** Stay at the unit that is shown; what a move came between is taken up again. */
  stay() {
    const seeking = this.#seeking;
    this.arrived();
    if (seeking) this.goOn();
  }

  /** The coder is where they are: nothing that was asked for before leads anywhere now. */
  arrived() {
    this.#moves += 1;
    this.#aim = null;
    this.#seeking = false;
    this.left();
    this.wait(false);
  }

  /** Show a unit once it is here; return it, null if there is none, undefined if it came to nothing. */
  async #to(asked) {
    const at = ++this.#moves;
    this.wait(true);
    try {
      const unit = await asked;
      if (at !== this.#moves) return undefined;
      if (unit === null) this.stay();
      else this.show(unit);
      return unit;
    } catch (error) {
      if (at !== this.#moves) return undefined;
      this.trouble(error);
      this.stay();
      return undefined;
    }
  }
}
