// The page on which people label: keys and clicks in, the queue and the outbox moved on, the view drawn.

import { watchServer } from "./alive.js";
import { Deciding } from "./deciding.js";
import { askComment, askKeys, askReason, askTree, showGuide, showHelp } from "./dialogs.js";
import { Marking } from "./marking.js";
import { Refusal, Server } from "./net.js";
import { number } from "./numbers.js";
import { Outbox } from "./outbox.js";
import { Questions } from "./questions.js";
import { Queue } from "./queue.js";
import { Recall } from "./recall.js";
import { Returns } from "./returns.js";
import { Side } from "./side.js";
import { Status } from "./status.js";
import { ArticleView, byId, make } from "./view.js";
import { Walk } from "./walk.js";
import { Watch } from "./watch.js";

const SIZES = [0.9, 1, 1.12, 1.25, 1.4, 1.6];
const DECISIONS = ["judgment", "skip", "adjudication"];
const RECALLED = { undo: "undone", redo: "redone" };
const ALSO_PAUSED = ["undo", "forward", "help", "guide", "larger", "smaller"];

const { lane, round, proof, static: statics } = byId("app").dataset;
const server = new Server(proof);
const phrases = await server.get(`${statics}/words/${document.documentElement.lang}.json`);
const written = (value) => (typeof value === "number" ? number(value) : value ?? "");
const say = (name, values = {}) => {
  const phrase = (values.n === 1 && phrases[`${name}_one`]) || phrases[name];
  return phrase.replace(/\{(\w+)\}/g, (_, field) => written(values[field]));
};

class Page {
  async begin() {
    this.queue = new Queue(server, lane, Number(round));
    this.told = await this.queue.start();
    const { codebook, preferences, project, coder } = this.told;
    const questions = new Questions(codebook, preferences.keys, say("labels"));
    this.size = Math.max(0, Math.min(SIZES.length - 1, preferences.size ?? 1));
    this.watch = new Watch();
    this.view = new ArticleView({
      say,
      capOf: (label) => this.deciding.questions.label.sign(label),
      nameOf: (decision) => this.deciding.inWords(decision),
      onChoose: (unit) => this.show(unit),
      onWord: (from, to) => this.marking.mark(from, to),
    });
    this.outbox = new Outbox({ server, project, coder, round: Number(round), lane });
    this.walk = new Walk({
      queue: this.queue,
      show: (unit) => this.show(unit),
      finish: () => this.#finish(),
      wait: (waiting) => this.#between(waiting),
      left: () => this.recall.drop(),
      ends: (by) => this.status.notice(say(by < 0 ? "first_unit" : "last_unit")),
      trouble: (error) => this.#trouble(error),
    });
    this.recall = new Recall({
      outbox: this.outbox,
      wait: () => this.walk.hold(),
      stay: () => this.walk.stay(),
      visit: (unit) => this.walk.visit(unit),
      recalled: (kind) => this.#recalled(kind),
      tell: (kind, unit) => this.#tell(kind, unit),
    });
    this.status = new Status({ say, queue: this.queue, outbox: this.outbox, watch: this.watch });
    this.side = new Side({
      say,
      lane,
      spans: this.told.round.spans,
      onChoose: (choice) => this.#choose(choice),
      onConfirm: () => this.#confirm(),
      onRun: (name) => this.run(name),
    });
    this.side.reset(questions);
    this.deciding = new Deciding({
      say,
      lane,
      questions,
      told: this.told,
      queue: this.queue,
      outbox: this.outbox,
      watch: this.watch,
      status: this.status,
      side: this.side,
      show: (unit) => this.show(unit),
      goOn: () => this.walk.goOn(),
      ask: (client) => this.recall.ask(client),
      redraw: () => this.#draw(),
    });
    this.marking = new Marking({ view: this.view, status: this.status, say, onChange: () => this.#draw() });
    this.marking.isPossible = this.told.round.spans;
    this.tabs = new BroadcastChannel(`nutgraf ${project} ${coder}`);
    this.#listen();
    this.#resize(0);
    if ((await this.outbox.open()) > 0) {
      await Promise.race([this.outbox.send(), new Promise((resolve) => setTimeout(resolve, 2000))]);
      for (const { entry } of this.outbox.waiting) this.#overlay(entry);
    }
    this.status.draw();
    await this.walk.goOn();
    watchServer(server, this.outbox, this.queue);
  }

  // -- going about ---------------------------------------------------------------------------------------------

  show(unit) {
    this.walk.arrived();
    const { queue } = this;
    queue.current = unit;
    const { item } = queue;
    const draft = this.deciding.turn();
    this.marking.turn(unit, draft);
    this.view.show(queue.article, queue.items);
    this.view.light(unit, { draft, spans: this.told.round.spans });
    this.side.feedback(null);
    this.#draw();
    this.side.drawVotes(item);
    this.watch.start();
    this.#announce(unit);
    if (item.again) this.status.notice(say("again"));
    else if (item.suggestion) this.side.feedback({ text: say("suggestion", { label: this.deciding.questions.label.nameOf(item.suggestion) }) });
    queue.stock().catch((error) => this.#trouble(error));
  }

  #recalled(kind) {
    this.status.notice(say(RECALLED[kind]), { brief: true });
    if (kind === "redo") this.walk.goOn();
  }

  #tell(kind, unit) {
    this.status.notice(say(RECALLED[kind]), { action: { text: say("stale_look"), act: () => this.walk.visit(unit) } });
  }

  /** While the unit asked for is on its way a key must not decide about the one before it. */
  #between(waiting) {
    if (waiting === this.deciding.waits) return;
    this.deciding.waits = waiting;
    this.status.waits = waiting;
    this.side.busy(waiting);
    this.status.draw();
  }

  #finish() {
    this.walk.arrived();
    this.queue.current = null;
    this.marking.turn(null);
    const { done, all } = this.queue.counts;
    this.side.hide();
    const thanks = () => `${say("all_done_more", { n: done })}${this.queue.grows ? ` ${say("more_follows")}` : ""}`;
    const more = lane === "coding" ? thanks() : say(all ? "all_settled" : "nothing_disputed");
    const actions = make("p", { cls: "actions" });
    if (all) actions.append(make("button", { type: "button", text: say("look_back"), onclick: () => this.walk.step(-1) }));
    actions.append(make("a", { cls: "button main", href: "/", text: say("overview") }));
    this.view.finished(make("h2", { text: say("all_done") }), make("p", { text: more }), actions);
    this.status.speak(`${say("all_done")}. ${more}`);
  }

  /** The round has grown, or was given out anew: who was done goes on. */
  #resized(more) {
    this.status.draw();
    if (this.queue.current === null) this.walk.goOn();
    else this.queue.fill().catch((error) => this.#trouble(error));
    if (more > 0) this.status.notice(say("more_units", { n: more }));
  }

  /** What an earlier tab decided and the server has not taken yet counts as decided. */
  #overlay(entry) {
    if (entry.round !== Number(round) || !this.queue.items.has(entry.unit)) return;
    if (DECISIONS.includes(entry.kind)) this.queue.set(entry.unit, { ...entry });
  }

  // -- commands ------------------------------------------------------------------------------------------------

  run(name) {
    if (this.deciding.paused && !ALSO_PAUSED.includes(name)) return;
    this[name]();
  }

  #choose(choice) {
    this.recall.act(() => this.deciding.choose(choice));
  }

  undo() {
    this.recall.act(() => this.deciding.undo(), { answers: false });
  }

  redo() {
    this.recall.act(() => this.deciding.redo(), { answers: false });
  }

  back() {
    return this.walk.step(-1);
  }

  forward() {
    return this.deciding.paused ? this.#resume() : this.walk.step(1);
  }

  #confirm() {
    this.recall.act(() => this.deciding.confirm());
  }

  async skip() {
    const unit = this.queue.current;
    const reason = await askReason(say);
    if (reason && unit === this.queue.current) this.deciding.skip(reason);
  }

  unsure() {
    const { draft } = this.deciding;
    draft.unsure = !draft.unsure;
    this.#draw();
    this.status.speak(say(draft.unsure ? "announce_unsure" : "announce_sure"));
  }

  async comment() {
    const unit = this.queue.current;
    const note = await askComment(say);
    if (!note || unit === null) return;
    this.deciding.comment(unit, note);
    this.status.notice(say("comment_added"), { brief: true });
  }

  mark() {
    if (this.told.round.spans) this.marking.begin();
  }

  async tree() {
    const unit = this.queue.current;
    const key = await askTree(say, this.deciding.questions.label.choices);
    if (key && unit === this.queue.current) this.deciding.chooseLabel(key);
  }

  async guide() {
    await showGuide(say, this.told.codebook.guidelines);
  }

  async help() {
    const wish = await showHelp(say, this.deciding.questions);
    if (wish) await this[wish]();
  }

  async settings() {
    const chosen = await askKeys(say, this.deciding.questions);
    if (chosen === null) return;
    const questions = new Questions(this.told.codebook, chosen, say("labels"));
    this.side.reset(questions);
    this.marking.turn(this.queue.current, this.deciding.ask(questions));
    this.#draw();
    await this.#prefer({ keys: chosen });
    this.status.notice(say("keys_saved"), { brief: true });
  }

  larger() {
    this.#resize(1);
  }

  smaller() {
    this.#resize(-1);
  }

  #resume() {
    this.deciding.paused = null;
    this.walk.goOn();
  }

  #resize(by) {
    this.size = Math.max(0, Math.min(SIZES.length - 1, this.size + by));
    byId("article").style.setProperty("--size", SIZES[this.size]);
    if (by) this.#prefer({ size: this.size });
  }

  async #prefer(chosen) {
    try {
      await server.post("/api/preferences", chosen);
    } catch (error) {
      this.#trouble(error);
    }
  }

  // -- drawing and listening -----------------------------------------------------------------------------------

  #draw() {
    if (!this.queue.item) return;
    this.side.draw(this.deciding.draft, this.queue.item, this.marking.isOn);
  }

  #announce(unit) {
    const { done, all } = this.queue.counts;
    const text = this.view.textOf(unit);
    const count = say("count", { done, all });
    const { said } = this.deciding;
    this.status.speak(said ? say("now", { label: said, count, text }) : say("here", { place: count, text }));
    this.deciding.said = null;
  }

  #listen() {
    addEventListener("keydown", (event) => this.#pressed(event));
    byId("open-help").addEventListener("click", () => this.run("help"));
    this.outbox.addEventListener("change", () => this.status.draw());
    this.queue.addEventListener("item", ({ detail: unit }) => {
      this.view.mark(this.queue.items.get(unit));
      this.status.draw();
    });
    this.queue.addEventListener("size", ({ detail: more }) => this.#resized(more));
    this.returns = new Returns({
      say,
      lane,
      round: Number(round),
      queue: this.queue,
      outbox: this.outbox,
      status: this.status,
      side: this.side,
      tabs: this.tabs,
      questions: () => this.deciding.questions,
      visit: (unit) => this.walk.visit(unit),
      told: (client, kind, unit) => this.recall.told(client, kind, unit),
      show: (unit) => this.show(unit),
      redraw: () => this.#draw(),
      resume: () => this.#resume(),
      isPaused: (client) => this.deciding.paused === client,
    });
    addEventListener("beforeunload", (event) => {
      if (!this.outbox.keeps && this.outbox.waiting.length > 0) event.preventDefault();
    });
  }

  #pressed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select")) return;
    const { deciding } = this;
    const action = (deciding.draft?.question ?? deciding.questions.label).keys.read(event);
    if (this.marking.isOn && this.marking.press(event, action)) return void event.preventDefault();
    if (event.key === "Enter" && this.#entered(event)) return void event.preventDefault();
    if (deciding.paused && event.key === " " && byId("feedback").querySelector("button")) {
      event.preventDefault();
      return void this.#resume();
    }
    if (event.key === "Escape") {
      byId("definition").hidden = byId("notice").hidden = true;
      while (deciding.stepBack());
      return;
    }
    if (!action) return;
    event.preventDefault();
    const [kind, name] = action.split(/:(?:\w+\.)?/);
    if (kind === "do") this.run(name);
    else if (!event.repeat) this.#choose(name);
  }

  /** Enter goes on: after an answer from the server, or with the answer as it is; on a button it presses that. */
  #entered(event) {
    if (this.deciding.paused) {
      if (byId("feedback").querySelector("button")) this.#resume();
      return true;
    }
    if (!this.deciding.draft?.isAsking || event.repeat || event.target.closest("#commands button, a")) return false;
    this.#confirm();
    return true;
  }

  #trouble(error) {
    if (!(error instanceof Refusal)) this.outbox.heard(false);
    else if (error.status === 401) this.outbox.signedOut();
    else this.status.notice(error.message);
  }
}

const page = new Page();
globalThis.addEventListener("pagehide", () => page.tabs?.close());
try {
  await page.begin();
} catch (error) {
  const text = error instanceof Refusal ? error.message : say("offline_none");
  byId("article").replaceChildren(make("p", { cls: "card narrow", role: "alert", text }));
}
document.documentElement.dataset.ready = "true";
