// The coder's work: what is done, what comes next, what can be taken back. No drawing, no sending.

const ENOUGH = 12;
const AT_ONCE = 24;

export class Queue extends EventTarget {
  #fetching = null;
  #exhausted = false;
  #upcoming = [];
  #done = [];
  #undone = [];

  constructor(server, lane, round) {
    super();
    this.server = server;
    this.lane = lane;
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
    this.#take(told.work);
    return told;
  }

  /** How many units are decided, of how many. */
  get counts() {
    return { done: this.progress.done - this.progress.again, all: this.progress.assigned };
  }

  get item() {
    return this.items.get(this.current);
  }

  get article() {
    return this.articles.get(this.homes.get(this.current));
  }

  /** Whether anything is open that is here already. */
  next() {
    const here = this.item?.position ?? -1;
    const open = this.#upcoming.filter((unit) => unit !== this.current && isOpen(this.items.get(unit)));
    return open.find((unit) => this.items.get(unit).position > here) ?? open[0] ?? null;
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
  fill() {
    const open = this.#upcoming.filter((unit) => isOpen(this.items.get(unit)));
    if (this.#exhausted || (open.length >= ENOUGH && this.next() !== null)) return Promise.resolve();
    this.#fetching ??= this.#more(open.at(-1) ?? this.current).finally(() => (this.#fetching = null));
    return this.#fetching;
  }

  /** The unit at a place of the queue, null if there is none. */
  async at(position) {
    if (position < 0) return null;
    if (!this.places.has(position)) this.#take(await this.server.get(`${this.base}/at/${position}?have=${this.#have()}`), false);
    return this.places.get(position) ?? null;
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
    const before = this.#upcoming.length;
    this.#take(await this.server.get(`${this.base}/work?after=${after}&count=${AT_ONCE}&have=${this.#have()}`));
    this.#exhausted = this.#upcoming.length === before;
  }

  #take({ units = [], articles = [] }, coming = true) {
    for (const article of articles) {
      this.articles.set(article.id, article);
      for (const item of article.items ?? []) {
        if (!this.items.has(item.unit)) this.items.set(item.unit, item);
        this.places.set(item.position, item.unit);
        this.homes.set(item.unit, article.id);
      }
    }
    if (!coming) return;
    for (const unit of units) {
      if (isOpen(this.items.get(unit)) && !this.#upcoming.includes(unit)) this.#upcoming.push(unit);
    }
  }

  #reopen(unit) {
    this.#upcoming = [unit, ...this.#upcoming.filter((other) => other !== unit && isOpen(this.items.get(other)))];
  }

  #have() {
    return [...this.articles.keys()].slice(-200).join(",");
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
