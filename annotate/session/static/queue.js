// The coder's work: what is done, what comes next, what can be taken back. No drawing, no sending.

const AT_ONCE = 24;
// A cut network is no reason to stop: at a sentence every five seconds this lasts six minutes.
const ENOUGH = 3 * AT_ONCE;

export class Queue extends EventTarget {
  #fetching = null;
  #exhausted = false;
  #upcoming = [];
  #done = [];
  #undone = [];
  #last = -1;
  /** Articles that came with all of the coder's units in them. */
  #whole = new Set();

  constructor(server, lane, round) {
    super();
    this.server = server;
    this.lane = lane;
    this.round = round;
    this.base = `/api/${lane}/${round}`;
    this.items = new Map();
    this.places = new Map();
    this.articles = new Map();
    this.homes = new Map();
    this.current = null;
  }

  async start() {
    const told = await this.server.get(`${this.base}/start`);
    this.progress = told.progress;
    this.grows = Boolean(told.grows);
    this.#last = told.last;
    this.#take(told.work);
    return told;
  }

  /** How many units are decided, of how many. */
  get counts() {
    return { done: this.progress.done - this.progress.again, all: this.progress.assigned };
  }

  /** What the server must know to say when there is more, as the end of an address. */
  get known() {
    return this.lane === "coding" ? `?round=${this.round}&assigned=${this.progress.assigned}` : "";
  }

  /** Hear how many units there are now: a round may grow while its coders work. */
  hear({ assigned = this.progress.assigned, grows = this.grows }) {
    const more = assigned - this.progress.assigned;
    if (more === 0 && grows === this.grows) return;
    this.progress.assigned = assigned;
    this.grows = grows;
    this.#exhausted = false;
    this.#last += Math.max(more, 0);
    // What was added may stand in articles that are here: they are sent again, with what is the coder's in them now.
    this.#whole.clear();
    this.dispatchEvent(new CustomEvent("size", { detail: more }));
  }

  get item() {
    return this.items.get(this.current);
  }

  get article() {
    return this.articles.get(this.homes.get(this.current));
  }

  /** The next open unit that is here already, in the order of the queue; behind the last comes the first. */
  next() {
    const here = this.item?.position ?? -1;
    const open = this.#upcoming.filter((unit) => unit !== this.current).map((unit) => this.items.get(unit)).filter(isOpen);
    open.sort((one, two) => one.position - two.position);
    return (open.find(({ position }) => position > here) ?? open[0])?.unit ?? null;
  }

  /** The next open unit, asked for if it is not here. */
  async following() {
    for (;;) {
      const unit = this.next();
      if (unit !== null) return unit;
      if (this.#exhausted) return isOpen(this.item) ? this.current : null;
      await this.fill();
    }
  }

  /** Have enough to go on without asking. */
  async stock() {
    while (this.#isShort) await this.fill();
  }

  /** Ask for more, if there is need and nobody asks already. */
  fill() {
    if (!this.#isShort) return Promise.resolve();
    this.#fetching ??= this.#more(this.#open.at(-1) ?? this.current).finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  get #open() {
    return this.#upcoming.filter((unit) => isOpen(this.items.get(unit)));
  }

  get #isShort() {
    return !this.#exhausted && (this.#open.length < ENOUGH || this.next() === null);
  }

  /** The place behind the last unit. */
  get end() {
    return this.#last + 1;
  }

  /** The unit at a place of the queue, else the next one in that direction: units that went to others leave gaps. */
  async at(position, by) {
    if (position < 0) return null;
    if (this.places.has(position)) return this.places.get(position);
    const found = await this.server.get(`${this.base}/at/${position}?back=${Number(by < 0)}&have=${this.#have()}`);
    this.#take(found, false);
    const [unit] = found.units;
    return this.items.has(unit) ? unit : null;
  }

  /** A unit that is named, null if it is not the coder's. */
  async find(unit) {
    if (!this.items.has(unit)) this.#take(await this.server.get(`${this.base}/work?unit=${unit}&have=${this.#have()}`), false);
    return this.items.has(unit) ? unit : null;
  }

  /** Put a decision in force; null takes it away. */
  set(unit, decision) {
    const item = this.items.get(unit);
    if (!item) return;
    const before = standing(item);
    item.decision = decision;
    delete item.draft;
    if (decision) item.again = false;
    const after = standing(item);
    this.progress.done += after.done - before.done;
    this.progress.skipped += after.skipped - before.skipped;
    this.progress.again += after.again - before.again;
    if (!decision) this.#reopen(unit);
    this.dispatchEvent(new CustomEvent("item", { detail: unit }));
  }

  /** Decide: what was in force until then can be brought back. */
  decide(unit, decision) {
    this.#done.push({ unit, before: this.items.get(unit).decision ?? null, after: decision });
    this.#undone = [];
    this.set(unit, decision);
  }

  /** Take the last decision back; return what was taken back, null if nothing of this visit is left. */
  undo(client) {
    const step = this.#done.pop();
    if (!step) return null;
    step.undo = { client };
    this.#undone.push(step);
    this.set(step.unit, step.before);
    return step;
  }

  redo() {
    const step = this.#undone.pop();
    if (!step) return null;
    this.#done.push(step);
    this.set(step.unit, step.after);
    return step;
  }

  /** Learn what the server says: the number of what was sent, or that something else is in force. */
  learn(client, { seq, outcome }) {
    for (const step of [...this.#done, ...this.#undone]) {
      for (const one of [step.after, step.undo]) if (one?.client === client && seq) one.seq = seq;
    }
    if (outcome === "stale" || outcome === "refused") {
      const stands = (step) => step.after.client !== client && step.undo?.client !== client;
      this.#done = this.#done.filter(stands);
      this.#undone = this.#undone.filter(stands);
    }
  }

  async #more(last) {
    const after = this.items.get(last)?.position ?? "";
    const { assigned } = this.progress;
    const work = await this.server.get(`${this.base}/work?after=${after}&count=${AT_ONCE}&have=${this.#have()}`);
    // What came while the answer was on its way is not in it; and an undo meanwhile has changed what is to come.
    const news = this.#take(work);
    this.#exhausted = news === 0 && assigned === this.progress.assigned;
  }

  /** Learn of units and their articles; return how many of those that come next are new. */
  #take({ units = [], articles = [] }, coming = true) {
    for (const article of articles) {
      this.articles.set(article.id, article);
      this.#whole.add(article.id);
      for (const item of article.items ?? []) {
        if (!this.items.has(item.unit)) this.items.set(item.unit, item);
        this.places.set(item.position, item.unit);
        this.homes.set(item.unit, article.id);
      }
    }
    if (!coming) return 0;
    const news = units.filter((unit) => isOpen(this.items.get(unit)) && !this.#upcoming.includes(unit));
    this.#upcoming.push(...news);
    return news.length;
  }

  #reopen(unit) {
    this.#upcoming = [unit, ...this.#upcoming.filter((other) => other !== unit && isOpen(this.items.get(other)))];
  }

  #have() {
    return [...this.#whole].slice(-200).join(",");
  }
}

export function isOpen(item) {
  return Boolean(item) && (!item.decision || Boolean(item.again));
}

/** How an entry names what it replaces. */
export function naming(decision) {
  if (!decision) return {};
  return decision.seq ? { base: decision.seq } : { after: decision.client };
}

function standing(item) {
  return { done: Number(Boolean(item.decision)), skipped: Number(item.decision?.kind === "skip"), again: Number(Boolean(item.again)) };
}
