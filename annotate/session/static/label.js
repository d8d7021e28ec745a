// The page on which people label: keys and clicks in, the queue and the outbox moved on, the view drawn.

import { askComment, askKeys, askReason, askTree, definition, showGuide, showHelp } from "./dialogs.js";
import { Keys } from "./keys.js";
import { Marker, toggle } from "./marks.js";
import { newClient, Refusal, Server } from "./net.js";
import { Outbox } from "./outbox.js";
import { naming, Queue } from "./queue.js";
import { ArticleView, byId, make } from "./view.js";
import { Watch } from "./watch.js";

const SHOWN = 5000;
const SIZES = [0.9, 1, 1.12, 1.25, 1.4, 1.6];
const AT_A_TIME = 250;
const TALLY = 60_000;
const NEAR = 5;

const { lane, round, proof, static: statics } = byId("app").dataset;
const server = new Server(proof);
const phrases = await server.get(`${statics}/words/${document.documentElement.lang}.json`);
const say = (name, values = {}) => phrases[name].replace(/\{(\w+)\}/g, (_, field) => values[field] ?? "");

class Page {
  #noticeTimer = 0;
  #moves = 0;

  async begin() {
    this.queue = new Queue(server, lane, Number(round));
    const told = await this.queue.start();
    this.told = told;
    this.labels = told.codebook.labels;
    this.byKey = new Map(this.labels.map((label) => [label.key, label]));
    this.size = Math.max(0, Math.min(SIZES.length - 1, told.preferences.size ?? 1));
    this.keys = new Keys(this.labels, told.preferences.keys);
    this.watch = new Watch();
    this.view = new ArticleView({
      say,
      capOf: (label) => this.keys.sign(`label:${label}`),
      nameOf: (label) => this.byKey.get(label)?.name ?? label,
      onChoose: (unit) => this.show(unit),
      onWord: (from, to) => this.markWords(from, to),
    });
    this.outbox = new Outbox({ server, project: told.project, coder: told.coder, round: Number(round), lane });
    this.tabs = new BroadcastChannel(`nutgraf ${told.project} ${told.coder}`);
    this.#listen();
    this.#resize(0);
    this.#drawSide();
    if ((await this.outbox.open()) > 0) {
      await Promise.race([this.outbox.send(), new Promise((resolve) => setTimeout(resolve, 2000))]);
      for (const { entry } of this.outbox.waiting) this.#overlay(entry);
    }
    this.drawStatus();
    await this.goOn();
    this.#watchServer();
  }

  // -- going about ---------------------------------------------------------------------------------------------

  /** Show the next open unit, at once if it is here. */
  async goOn() {
    const at = ++this.#moves;
    const here = this.queue.next();
    if (here !== null) {
      this.show(here);
      return;
    }
    // Until the next unit is here a key must not decide about the last one again.
    this.#between(true);
    try {
      const unit = await this.queue.following();
      if (at !== this.#moves) return;
      if (unit === null) this.#finish();
      else this.show(unit);
    } catch (error) {
      this.#trouble(error);
      setTimeout(() => at === this.#moves && this.goOn(), 1500);
    }
  }

  #between(waiting) {
    this.waits = waiting;
    byId("side").setAttribute("aria-busy", String(waiting));
  }

  show(unit) {
    this.#moves += 1;
    this.#between(false);
    const { queue } = this;
    queue.current = unit;
    const { item } = queue;
    const decision = item.decision;
    this.draft = { spans: decision?.spans ?? [], unsure: Boolean(decision?.unsure) };
    this.marker = null;
    this.view.show(queue.article, queue.items);
    this.view.light(unit, { draft: this.draft, spans: this.told.round.spans });
    byId("choices").hidden = byId("commands").hidden = false;
    this.#feedback(null);
    this.#drawChoice();
    this.#drawVotes();
    this.watch.start();
    this.#announce(unit);
    if (item.again) this.notice(say("again"));
    else if (item.suggestion) this.#feedback({ text: say("suggestion", { label: this.view.nameOf(item.suggestion) }) });
    queue.fill().catch((error) => this.#trouble(error));
  }

  async step(by) {
    const from = this.queue.item ?? { position: this.queue.counts.all };
    const at = ++this.#moves;
    try {
      const unit = await this.queue.at(from.position + by);
      if (at !== this.#moves) return;
      if (unit === null) this.notice(say(by < 0 ? "first_unit" : "last_unit"));
      else this.show(unit);
    } catch (error) {
      this.#trouble(error);
    }
  }

  // -- deciding ------------------------------------------------------------------------------------------------

  label(key) {
    this.#decide({ kind: lane === "adjudication" ? "adjudication" : "judgment", label: key });
  }

  async skip() {
    const unit = this.queue.current;
    const reason = await askReason(say);
    if (reason && unit === this.queue.current) this.#decide({ kind: "skip", note: reason });
  }

  #decide({ kind, label = null, note = null }) {
    const { item } = this.queue;
    if (!item || this.waits || this.paused || this.told.round.closed) return;
    const spans = kind === "skip" ? [] : this.draft.spans;
    const decision = { kind, label, note, unsure: this.draft.unsure, spans };
    if (!item.again && alike(item.decision, decision)) return void this.goOn();
    const client = newClient();
    const active = this.watch.read();
    decision.client = client;
    const entry = { ...this.#entry(kind, client), unit: item.unit, label, note, unsure: decision.unsure, spans, active, ...naming(item.decision) };
    entry.codebook = this.told.codebook.fingerprint;
    this.queue.decide(item.unit, decision);
    this.watch.note(active);
    this.said = kind === "skip" ? say("skipped") : this.view.nameOf(label);
    const waits = this.told.round.waits && kind === "judgment";
    if (waits) {
      this.paused = client;
      this.#drawChoice();
      this.#feedback({ text: say("waiting") });
    } else this.goOn();
    this.outbox.add(entry);
  }

  #entry(kind, client) {
    return { kind, client, round: Number(round), time: Date.now() };
  }

  undo() {
    const step = this.queue.undo(newClient());
    const client = step?.undo.client ?? newClient();
    const entry = { ...this.#entry("undo", client), lane };
    if (step) {
      Object.assign(entry, { unit: step.unit }, naming(step.after));
      this.paused = null;
      this.show(step.unit);
      this.notice(say("undone", { text: "" }), { brief: true });
    }
    this.outbox.add(entry);
  }

  redo() {
    const step = this.queue.redo();
    const entry = { ...this.#entry("redo", newClient()), lane };
    if (step) {
      Object.assign(entry, { unit: step.unit }, naming(step.undo));
      // Done again, it has its old number; a later undo of it names that.
      this.show(step.unit);
      this.notice(say("redone", { text: "" }), { brief: true });
      this.goOn();
    }
    this.outbox.add(entry);
  }

  unsure() {
    this.draft.unsure = !this.draft.unsure;
    this.#drawChoice();
    this.#speak(say(this.draft.unsure ? "announce_unsure" : "announce_sure"));
  }

  async comment() {
    const unit = this.queue.current;
    const note = await askComment(say);
    if (!note || unit === null) return;
    this.outbox.add({ ...this.#entry("comment", newClient()), unit, note });
    this.notice(say("comment_added"), { brief: true });
  }

  async tree() {
    const unit = this.queue.current;
    const key = await askTree(say, this.labels);
    if (key && unit === this.queue.current) this.label(key);
  }

  async guide() {
    await showGuide(say, this.told.codebook.guidelines);
  }

  async help() {
    const wish = await showHelp(say, this.labels, this.keys);
    if (wish) await this[wish]();
  }

  async settings() {
    const chosen = await askKeys(say, this.labels, this.keys);
    if (chosen === null) return;
    this.keys = new Keys(this.labels, chosen);
    this.#drawSide();
    this.#drawChoice();
    await this.#prefer({ keys: chosen });
    this.notice(say("keys_saved"), { brief: true });
  }

  back() {
    return this.step(-1);
  }

  forward() {
    return this.paused ? this.#resume() : this.step(1);
  }

  larger() {
    this.#resize(1);
  }

  smaller() {
    this.#resize(-1);
  }

  // -- marking words -------------------------------------------------------------------------------------------

  mark() {
    if (!this.told.round.spans) return;
    const found = this.view.draw(this.queue.current, this.draft, null);
    if (found.length === 0) return;
    this.marker = new Marker(found);
    this.#drawMarks();
    this.notice(say("mark_on"));
  }

  markWords(from, to) {
    const before = this.draft.spans.length ? JSON.stringify(this.draft.spans) : "";
    this.draft.spans = toggle(this.draft.spans, from, to);
    const more = JSON.stringify(this.draft.spans).length >= before.length;
    const text = Array.from(this.view.textOf(this.queue.current)).slice(from, to).join("");
    this.#speak(say(more ? "marked" : "unmarked", { text }));
    this.#drawMarks();
  }

  #markKey(event) {
    const { marker } = this;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -5, ArrowDown: 5 }[event.key];
    if (step) marker.move(step, event.shiftKey);
    else if (event.key === " ") this.markWords(marker.range.from, marker.range.to);
    else if (event.key === "Escape" || event.key === "Enter" || this.keys.read(event) === "do:mark") this.marker = null;
    else return false;
    if (step) this.#speak(marker.words.slice(marker.range.first, marker.range.last + 1).map((word) => word.text).join(" "));
    this.#drawMarks();
    return true;
  }

  /** A stretch that was drawn over is marked; a double click, which selects a word too, has marked it by its click. */
  #markSelection({ clientX, clientY }) {
    const selection = getSelection();
    if (!this.told.round.spans || selection.isCollapsed || this.queue.current === null) return;
    if (Math.hypot(clientX - this.drawnFrom[0], clientY - this.drawnFrom[1]) < NEAR) return;
    const chosen = [...document.querySelectorAll(".u.lit .w")].filter((word) => selection.containsNode(word, true));
    if (chosen.length === 0) return;
    const [from, to] = [Number(chosen[0].dataset.from), Number(chosen.at(-1).dataset.to)];
    selection.removeAllRanges();
    this.markWords(from, to);
  }

  #drawMarks() {
    this.view.draw(this.queue.current, this.draft, this.marker);
    this.#drawChoice();
  }

  // -- what comes back -----------------------------------------------------------------------------------------

  #answered({ answer, entry }) {
    this.queue.learn(answer.client, answer);
    const mine = entry.round === Number(round) && (entry.lane ?? lane) === lane;
    if (!mine || entry.kind === "comment") {
      if (answer.outcome === "refused") this.notice(say("refused", { problem: answer.problem }));
      return;
    }
    const unit = answer.unit ?? entry.unit;
    if (unit && !this.outbox.concerns(unit)) this.#stands(unit, answer.in_force ?? null, answer);
    if (answer.outcome === "stale" && entry.unit) this.#overtaken(unit, answer.in_force, entry);
    else if (answer.outcome === "refused") this.notice(say("refused", { problem: answer.problem }), { stays: true });
    else if (answer.outcome === "nothing") this.notice(say(entry.kind === "undo" ? "nothing_to_undo" : "nothing_to_redo"), { brief: true });
    else if (answer.outcome === "stored" && !entry.unit && !entry.base && !entry.after) this.#visit(unit);
    if (answer.client === this.paused) this.#learned(answer);
    this.tabs.postMessage({ round, lane, unit, decision: answer.in_force ?? null });
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
    if (unit === this.queue.current) this.#drawChoice();
  }

  #overtaken(unit, decision, entry) {
    const label = decision ? (decision.label ? this.view.nameOf(decision.label) : say("skipped")) : say("taken_back_elsewhere");
    const own = entry.label ? this.view.nameOf(entry.label) : say("skipped");
    const look = { text: say("stale_look"), act: () => this.#visit(unit) };
    this.notice(say("stale", { label, own }), { stays: true, action: look });
  }

  async #visit(unit) {
    try {
      if ((await this.queue.find(unit)) !== null) this.show(unit);
    } catch (error) {
      this.#trouble(error);
    }
  }

  #learned({ known, suggestion, in_force: decided }) {
    if (!known && !suggestion) {
      this.paused = null;
      this.goOn();
      return;
    }
    const own = this.view.nameOf(decided.label);
    const lines = [];
    let wrong = false;
    if (known) {
      const label = this.view.nameOf(known[0]);
      wrong = known[0] !== decided.label;
      lines.push(say(wrong ? "known_wrong" : "known_right", { own, label }), known[1]);
    }
    if (suggestion) lines.push(say("suggested", { label: this.view.nameOf(suggestion) }));
    this.#feedback({ text: lines.filter(Boolean), wrong, go: true });
  }

  #resume() {
    this.paused = null;
    this.goOn();
  }

  /** What an earlier tab decided and the server has not taken yet counts as decided. */
  #overlay(entry) {
    if (entry.round !== Number(round) || !this.queue.items.has(entry.unit)) return;
    if (["judgment", "skip", "adjudication"].includes(entry.kind)) this.queue.set(entry.unit, { ...entry });
  }

  async #watchServer() {
    for (;;) {
      try {
        await server.get("/api/alive", { patience: 40_000 });
        await this.outbox.heard(true);
      } catch (error) {
        if (error instanceof Refusal) {
          if (error.status === 401) await this.outbox.send();
          await new Promise((resolve) => setTimeout(resolve, 5000));
          continue;
        }
        await this.outbox.heard(false);
        for (;;) {
          await new Promise((resolve) => setTimeout(resolve, 1000));
          if (await server.get("/ping", { patience: 3000 }).then(() => true, () => false)) break;
        }
        await this.outbox.heard(true);
      }
    }
  }

  // -- drawing -------------------------------------------------------------------------------------------------

  #drawSide() {
    const choices = this.labels.map((label) => {
      const action = `label:${label.key}`;
      const id = `question-${label.key}`;
      const one = make("button", { cls: `choice l-${label.key}`, type: "button", "data-label": label.key, "aria-pressed": "false", "aria-keyshortcuts": this.keys.of.get(action) });
      one.append(make("kbd", { text: this.keys.sign(action), "aria-hidden": "true" }), make("span", { cls: "name", text: label.name }));
      if (label.question) {
        one.append(make("span", { cls: "question", text: label.question, id }));
        one.setAttribute("aria-describedby", id);
        one.setAttribute("aria-label", label.name);
      }
      one.addEventListener("click", (event) => this.#clicked(event, () => this.label(label.key)));
      for (const kind of ["pointerenter", "focus"]) one.addEventListener(kind, () => this.#define(label));
      return one;
    });
    byId("choices").replaceChildren(...choices);
    const shown = ["undo", "redo", "back", "forward", "skip", "unsure", "comment", "mark", "tree", "guide", "settings"];
    const possible = shown.filter((name) => (name !== "mark" || this.told.round.spans) && (lane === "coding" || !["skip", "unsure"].includes(name)));
    const commands = possible.map((name) => {
      const action = `do:${name}`;
      const one = make("button", { cls: "command", type: "button", id: `do-${name}`, "aria-keyshortcuts": this.keys.of.get(action) });
      one.append(make("kbd", { text: this.keys.sign(action), "aria-hidden": "true" }), say(name));
      one.addEventListener("click", () => this.run(name));
      return one;
    });
    byId("commands").replaceChildren(...commands);
    byId("do-unsure")?.setAttribute("aria-pressed", "false");
    byId("do-mark")?.setAttribute("aria-pressed", "false");
  }

  #drawChoice() {
    const label = this.queue.item?.decision?.label;
    for (const one of byId("choices").children) one.setAttribute("aria-pressed", String(one.dataset.label === label));
    byId("do-unsure")?.setAttribute("aria-pressed", String(this.draft.unsure));
    byId("do-mark")?.setAttribute("aria-pressed", String(Boolean(this.marker)));
  }

  #define(label) {
    const place = byId("definition");
    place.className = `l-${label.key}`;
    place.replaceChildren(...definition(say, label, this.keys.sign(`label:${label.key}`), "h2"));
    place.hidden = false;
  }

  #drawVotes() {
    const place = byId("votes");
    const votes = this.queue.item?.votes ?? [];
    place.hidden = votes.length === 0;
    const settled = this.queue.item?.decision;
    place.replaceChildren(
      make("h2", { text: say("votes") }),
      make(
        "ul",
        {},
        ...votes.map(({ name, decision, comments = [] }) => {
          const said = decision.label ? this.view.nameOf(decision.label) : say("skipped");
          const line = make("li", { cls: decision.label ? `l-${decision.label}` : "" }, make("strong", { text: name }), `: ${said}`);
          if (decision.unsure) line.append(` (${say("is_unsure")})`);
          for (const note of [decision.note, ...comments].filter(Boolean)) line.append(make("span", { cls: "note", text: note }));
          return line;
        }),
      ),
      ...(settled ? [make("p", { text: say("agreed", { label: this.view.nameOf(settled.label) }) })] : []),
    );
  }

  #feedback(told) {
    const place = byId("feedback");
    place.hidden = !told;
    if (!told) return;
    place.classList.toggle("wrong", Boolean(told.wrong));
    place.replaceChildren(...[told.text].flat().map((text) => make("p", { text })));
    if (told.go) {
      const go = make("button", { cls: "main", type: "button", onclick: () => this.#resume() }, say("go_on"), make("kbd", { text: "⏎", "aria-hidden": "true" }));
      place.append(go);
      go.focus({ preventScroll: true });
    }
  }

  drawStatus() {
    const { done, all } = this.queue.counts;
    byId("progress").max = Math.max(all, 1);
    byId("progress").value = done;
    byId("count").textContent = say("count", { done, all });
    const { pace } = this.watch;
    byId("pace").textContent = pace && done < all ? `${say("pace", { n: Math.round(600_000 / pace) / 10 })} · ${this.#left((all - done) * pace)}` : "";
    const { state, waiting, keeps } = this.outbox;
    const n = waiting.length;
    const saved = byId("saved");
    const text = n === 0 ? say("saved") : say(state === "ok" ? "sending" : "kept", { n });
    if (saved.textContent !== text) saved.textContent = text;
    saved.classList.toggle("waits", n > 0 && state !== "ok");
    this.#banner(state, n, keeps);
  }

  #left(milliseconds) {
    const minutes = milliseconds / TALLY;
    return minutes < 90 ? say("left_minutes", { n: Math.max(1, Math.round(minutes)) }) : say("left_hours", { n: Math.round(minutes / 6) / 10 });
  }

  #banner(state, n, keeps) {
    const texts = {
      slow: n && say("slow", { n }),
      offline: say(n ? "offline" : "offline_none", { n }),
      "signed-out": say("signed_out", { n }),
      foreign: say("foreign"),
      full: say("disk_full", { n }),
    };
    const text = texts[state] || (keeps ? "" : say("unkept"));
    const banner = byId("banner");
    if (banner.dataset.text === text) return;
    banner.dataset.text = text;
    banner.hidden = !text;
    banner.replaceChildren(text);
    if (state === "signed-out") banner.append(" ", make("a", { href: `/sign-in?to=${location.pathname}`, text: say("sign_in") }));
  }

  notice(text, { brief = false, stays = false, action = null } = {}) {
    const place = byId("notice");
    clearTimeout(this.#noticeTimer);
    place.replaceChildren(make("span", { text }));
    if (action) place.append(make("button", { type: "button", text: action.text, onclick: action.act }));
    if (stays) place.append(make("button", { type: "button", text: say("close"), onclick: () => (place.hidden = true) }));
    place.hidden = false;
    if (!stays) this.#noticeTimer = setTimeout(() => (place.hidden = true), brief ? SHOWN / 2.5 : SHOWN);
  }

  #finish() {
    this.#between(false);
    this.queue.current = null;
    const { done, all } = this.queue.counts;
    byId("choices").hidden = byId("commands").hidden = true;
    byId("definition").hidden = byId("votes").hidden = byId("feedback").hidden = true;
    const more = lane === "coding" ? say("all_done_more", { n: done }) : say(all ? "all_settled" : "nothing_disputed");
    const actions = make("p", { cls: "actions" });
    if (all) actions.append(make("button", { type: "button", text: say("look_back"), onclick: () => this.step(-1) }));
    actions.append(make("a", { cls: "button main", href: "/", text: say("overview") }));
    this.view.finished(make("h2", { text: say("all_done") }), make("p", { text: more }), actions);
    this.#speak(`${say("all_done")}. ${more}`);
  }

  #announce(unit) {
    const { done, all } = this.queue.counts;
    const text = this.view.textOf(unit);
    const count = say("count", { done, all });
    this.#speak(this.said ? say("now", { label: this.said, count, text }) : say("here", { place: count, text }));
    this.said = null;
  }

  #speak(text) {
    byId("live").textContent = text;
  }

  // -- listening -----------------------------------------------------------------------------------------------

  run(name) {
    if (this.paused && !["undo", "forward", "help", "guide", "larger", "smaller"].includes(name)) return;
    this[name]();
  }

  #listen() {
    addEventListener("keydown", (event) => this.#pressed(event));
    byId("reading").addEventListener("pointerdown", ({ clientX, clientY }) => (this.drawnFrom = [clientX, clientY]));
    byId("reading").addEventListener("pointerup", (event) => this.#markSelection(event));
    // It stays while the pointer is on it, so that it can be read and scrolled.
    for (const id of ["side", "definition"]) {
      byId(id).addEventListener("pointerleave", ({ relatedTarget }) => {
        if (!relatedTarget?.closest("#side, #definition")) byId("definition").hidden = true;
      });
    }
    byId("open-help").addEventListener("click", () => this.run("help"));
    this.outbox.addEventListener("change", () => this.drawStatus());
    this.outbox.addEventListener("answer", ({ detail }) => this.#answered(detail));
    this.queue.addEventListener("item", ({ detail: unit }) => {
      this.view.mark(this.queue.items.get(unit));
      this.drawStatus();
    });
    this.tabs.addEventListener("message", ({ data }) => this.#elsewhere(data));
    addEventListener("beforeunload", (event) => {
      if (!this.outbox.keeps && this.outbox.waiting.length > 0) event.preventDefault();
    });
  }

  /** Another tab of this browser decided something. */
  #elsewhere({ round: where, lane: which, unit, decision }) {
    if (where !== round || which !== lane || !this.queue.items.has(unit) || this.outbox.concerns(unit)) return;
    if (this.queue.items.get(unit).decision?.seq === decision?.seq) return;
    this.queue.set(unit, decision);
    if (unit === this.queue.current) this.show(unit);
  }

  #pressed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select")) return;
    if (this.marker && this.#markKey(event)) return void event.preventDefault();
    if (this.paused && (event.key === "Enter" || event.key === " ")) {
      if (!byId("feedback").querySelector("button")) return;
      event.preventDefault();
      this.#resume();
      return;
    }
    if (event.key === "Escape") {
      byId("definition").hidden = byId("notice").hidden = true;
      return;
    }
    const action = this.keys.read(event);
    if (!action) return;
    event.preventDefault();
    const [kind, name] = action.split(":");
    if (kind === "do") this.run(name);
    else if (!event.repeat) this.label(name);
  }

  /** A double click is one decision, not one about the next unit too. */
  #clicked(event, act) {
    const now = event.timeStamp;
    if (event.detail > 1 && now - (this.clickedAt ?? -AT_A_TIME) < AT_A_TIME) return;
    this.clickedAt = now;
    act();
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

  #trouble(error) {
    if (error instanceof Refusal && error.status !== 401) this.notice(error.message);
    else this.outbox.heard(false);
  }
}

function alike(one, other) {
  if (!one) return false;
  const parts = ({ kind, label, note, unsure, spans }) => JSON.stringify([kind, label ?? null, note ?? null, Boolean(unsure), spans ?? []]);
  return parts(one) === parts(other);
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
