// How far the coder is, whether all is saved, and what the page has to say.

import { byId, make } from "./view.js";

const SHOWN = 5000;
const MINUTE = 60_000;

export class Status {
  #timer = 0;

  constructor({ say, queue, outbox, watch }) {
    Object.assign(this, { say, queue, outbox, watch });
    /** Whether the coder can't go on before the server answers. */
    this.waits = false;
  }

  draw() {
    const { done, all } = this.queue.counts;
    byId("progress").max = Math.max(all, 1);
    byId("progress").value = done;
    byId("count").textContent = this.say("count", { done, all });
    const { pace } = this.watch;
    byId("pace").textContent = pace && done < all ? `${this.say("pace", { n: MINUTE / pace })} · ${this.#left((all - done) * pace)}` : "";
    const { state, waiting, keeps } = this.outbox;
    const n = waiting.length;
    const saved = byId("saved");
    const text = n === 0 ? this.say("saved") : this.say(state === "ok" ? "sending" : "kept", { n });
    if (saved.textContent !== text) saved.textContent = text;
    saved.classList.toggle("waits", n > 0 && state !== "ok");
    this.#banner(state, n, keeps);
  }

  /** Say something for a moment, or until it is closed. */
  notice(text, { brief = false, stays = false, action = null } = {}) {
    const place = byId("notice");
    clearTimeout(this.#timer);
    place.replaceChildren(make("span", { text }));
    if (action) place.append(make("button", { type: "button", text: action.text, onclick: action.act }));
    if (stays) place.append(make("button", { type: "button", text: this.say("close"), onclick: () => (place.hidden = true) }));
    place.hidden = false;
    if (!stays) this.#timer = setTimeout(() => (place.hidden = true), brief ? SHOWN / 2.5 : SHOWN);
  }

  /** Say something to a screen reader. */
  speak(text) {
    byId("live").textContent = text;
  }

  #left(milliseconds) {
    const minutes = milliseconds / MINUTE;
    return minutes < 90 ? this.say("left_minutes", { n: Math.max(1, Math.round(minutes)) }) : this.say("left_hours", { n: minutes / 60 });
  }

  #banner(state, n, keeps) {
    const texts = {
      slow: n && this.say("slow", { n }),
      offline: this.say(n ? (this.waits ? "offline_waits" : "offline") : "offline_none", { n }),
      "signed-out": this.say("signed_out", { n }),
      foreign: this.say("foreign"),
      full: this.say("disk_full", { n }),
    };
    const text = texts[state] || (keeps ? "" : this.say("unkept"));
    const banner = byId("banner");
    if (banner.dataset.text === text) return;
    banner.dataset.text = text;
    banner.hidden = !text;
    banner.replaceChildren(text);
    if (state === "signed-out") banner.append(" ", make("a", { href: `/sign-in?to=${location.pathname}`, text: this.say("sign_in") }));
  }
}
