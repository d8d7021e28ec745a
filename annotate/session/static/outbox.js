// Everything decided goes through here: kept in the browser until the server says that it is on disk.
//
// Entries are sent in the order in which they were made. One that replaces another names it by the other's client id
// until its number is known; so a chain of decisions survives an outage, a closed tab, a killed server. The page hears of
// an answer before this browser's disk does: a key pressed meanwhile must find the numbers known.

import { Refusal } from "./net.js";

const DATABASE = "nutgraf";
const STORE = "outbox";
const AT_ONCE = 50;
const SLOW = 900;
const AGAIN = [300, 700, 1500, 3000, 5000];

export class Outbox extends EventTarget {
  #database = null;
  #sending = false;
  #tries = 0;
  #timer = 0;
  #counter = 0;

  /**
   * state: "ok", "slow", "offline", "signed-out", "foreign" or "full"; keeps: whether a closed tab loses nothing.
   */
  constructor({ server, project, coder, round, lane }) {
    super();
    Object.assign(this, { server, project, coder, round, lane });
    this.scope = `${project} ${coder}`;
    this.waiting = [];
    this.state = "ok";
    this.keeps = true;
    addEventListener("online", () => this.send());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.send());
  }

  /** Whether the server answers, as far as is known. */
  get isHeard() {
    return this.state === "ok" || this.state === "slow";
  }

  /** Find what earlier tabs could not send. */
  async open() {
    try {
      this.#database = await openDatabase();
      const kept = await this.#do("readonly", (store) => store.getAll());
      this.waiting = kept.filter((row) => row.scope === this.scope).sort((one, two) => one.made - two.made || one.n - two.n);
    } catch {
      this.keeps = false;
    }
    return this.waiting.length;
  }

  /** Take an entry; it is kept and sent at once, and the caller need not wait. */
  add(entry) {
    const row = { client: entry.client, scope: this.scope, made: Date.now(), n: this.#counter++, entry };
    this.waiting.push(row);
    this.#keep(row);
    this.dispatchEvent(new Event("change"));
    this.send();
  }

  /** Whether anything about a unit of this round is still on its way. */
  concerns(unit) {
    return this.waiting.some(({ entry }) => entry.unit === unit && entry.round === this.round);
  }

  /** Send what waits, until nothing waits or the server does not take it. */
  async send() {
    if (this.#sending || this.waiting.length === 0) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    const slow = setTimeout(() => this.#become("slow"), SLOW);
    try {
      while (this.waiting.length > 0) await this.#sendSome(this.#tries > 0 && this.failed400 ? 1 : AT_ONCE);
      this.#tries = 0;
      this.#become("ok");
    } catch (error) {
      this.#later(error);
    } finally {
      clearTimeout(slow);
      this.#sending = false;
      this.dispatchEvent(new Event("change"));
    }
  }

  /** Say that the server went away or came back, as somebody else noticed. */
  async heard(answers) {
    if (!answers) {
      if (!this.#sending) this.#become("offline");
      return;
    }
    if (this.waiting.length > 0) await this.send();
    else this.#become("ok");
  }

  /** Say that the server knows the coder no more, as somebody else was told. */
  signedOut() {
    this.#become("signed-out");
  }

  async #sendSome(most) {
    const rows = this.waiting.slice(0, most);
    let told;
    try {
      told = await this.server.post("/api/entries", { project: this.project, coder: this.coder, entries: rows.map((row) => row.entry) });
      this.failed400 = false;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 400) throw error;
      // One of them can't be understood: find out which, one by one, and never let it block the others.
      if (rows.length > 1) {
        this.failed400 = true;
        return this.#sendSome(1);
      }
      told = { answers: [{ client: rows[0].client, outcome: "refused", unit: rows[0].entry.unit, problem: error.message }] };
    }
    this.#settle(told.answers);
  }

  #settle(answers) {
    const sent = new Map(this.waiting.map((row) => [row.client, row]));
    const settled = answers.filter(({ client }) => sent.has(client));
    const numbers = new Map(settled.filter(({ seq }) => seq).map(({ client, seq }) => [client, seq]));
    const changed = this.waiting.filter(({ entry }) => numbers.has(entry.after));
    for (const { entry } of changed) {
      entry.base = numbers.get(entry.after);
      delete entry.after;
    }
    for (const answer of settled) {
      // One by one: until its own answer is heard an entry is on its way, and what came before it does not stand.
      this.waiting = this.waiting.filter(({ client }) => client !== answer.client);
      this.dispatchEvent(new CustomEvent("answer", { detail: { answer, entry: sent.get(answer.client).entry } }));
    }
    const gone = settled.map(({ client }) => client);
    this.#forget(gone, changed);
  }

  #later(error) {
    const status = error instanceof Refusal ? error.status : 0;
    const state = { 401: "signed-out", 403: "signed-out", 409: "foreign", 507: "full" }[status] ?? "offline";
    this.#become(state);
    const wait = AGAIN[Math.min(this.#tries, AGAIN.length - 1)];
    this.#tries += 1;
    this.#timer = setTimeout(() => this.send(), wait);
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  async #keep(row) {
    if (!this.#database) return;
    try {
      await this.#do("readwrite", (store) => store.put(row));
    } catch {
      this.keeps = false;
    }
  }

  async #forget(gone, changed) {
    if (!this.#database) return;
    try {
      await this.#do("readwrite", (store) => {
        for (const row of changed) store.put(row);
        for (const client of gone) store.delete(client);
      });
    } catch {
      this.keeps = false;
    }
  }

  #do(mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(STORE, mode, { durability: "strict" });
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
}

function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "client" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
