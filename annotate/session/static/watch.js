// How long the coder works: time without a sign of life, in another tab or another window does not count.

const IDLE = 30_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchmove"];
const REMEMBERED = 20;

export class Watch {
  #active = 0;
  #last = performance.now();
  #here = true;
  #recent = [];

  constructor() {
    for (const sign of SIGNS) addEventListener(sign, () => this.#settle(), { passive: true, capture: true });
    const look = () => this.#look();
    addEventListener("focus", look);
    addEventListener("blur", look);
    document.addEventListener("visibilitychange", look);
    this.#look();
  }

  /** Begin anew: another unit is shown. */
  start() {
    this.#active = 0;
    this.#last = performance.now();
  }

  /** Return the milliseconds worked since the start. */
  read() {
    this.#settle();
    return Math.round(this.#active);
  }

  /** Remember how long a decision took. */
  note(milliseconds) {
    this.#recent.push(milliseconds);
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
  }

  /** The median of the last decisions in milliseconds, null before there are three. */
  get pace() {
    if (this.#recent.length < 3) return null;
    const sorted = [...this.#recent].sort((one, two) => one - two);
    return Math.max(sorted[Math.floor(sorted.length / 2)], 200);
  }

  #settle() {
    const now = performance.now();
    if (this.#here) this.#active += Math.min(now - this.#last, IDLE);
    this.#last = now;
  }

  #look() {
    this.#settle();
    this.#here = document.visibilityState === "visible" && document.hasFocus();
  }
}
