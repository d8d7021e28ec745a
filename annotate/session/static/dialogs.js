// What opens over the page: reasons, comments, questions, help, keys. Native dialogs: Escape closes, focus stays inside.

import { COMMAND_NAMES, keySign } from "./keys.js";
import { make } from "./view.js";

const REASONS = ["language", "unreadable", "split", "context"];
const MOST = 2000;

/** Open a dialog and return what it was closed with; "" if it was given up. focused: whether a field of it takes the focus. */
function ask(title, build, focused = false) {
  return new Promise((resolve) => {
    const heading = make("h2", { text: title, id: "dialog-title", tabindex: "-1", autofocus: !focused });
    const dialog = make("dialog", { "aria-labelledby": "dialog-title" }, heading);
    const close = (value) => {
      dialog.value = value;
      dialog.close();
    };
    dialog.append(...build(close, dialog));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.value ?? "");
    });
    dialog.addEventListener("click", (event) => event.target === dialog && close(""));
    document.body.append(dialog);
    dialog.showModal();
  });
}

const button = (text, onclick, cls = "") => make("button", { type: "button", text, onclick, cls });

/** Why a unit is skipped: a word that means the same in every language, or the coder's own words. */
export function askReason(say) {
  return ask(say("skip_title"), (close, dialog) => {
    const list = make("div", { cls: "reasons" });
    REASONS.forEach((reason, index) => {
      const one = button("", () => close(reason));
      one.append(make("kbd", { text: String(index + 1) }), say(`skip_${reason}`));
      list.append(one);
    });
    const other = make("input", { id: "reason", maxlength: MOST, autocomplete: "off" });
    const form = make(
      "form",
      { method: "dialog" },
      make("label", { for: "reason", text: say("skip_other") }),
      other,
      make("div", { cls: "row" }, button(say("cancel"), () => close("")), make("button", { cls: "main", text: say("skip_button") })),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (other.value.trim()) close(other.value.trim());
      else other.focus();
    });
    dialog.addEventListener("keydown", (event) => {
      const reason = REASONS[Number(event.key) - 1];
      if (reason && dialog.open && event.target !== other) {
        event.preventDefault();
        close(reason);
      }
    });
    return [list, form];
  });
}

export function askComment(say) {
  return ask(say("comment_title"), (close) => {
    const text = make("textarea", { id: "comment", rows: 4, autofocus: true, maxlength: MOST, "aria-describedby": "comment-more" });
    const send = () => text.value.trim() && close(text.value.trim());
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    });
    return [
      make("label", { for: "comment", text: say("comment_label") }),
      text,
      make("p", { cls: "soft", id: "comment-more", text: say("comment_more") }),
      make("div", { cls: "row" }, button(say("cancel"), () => close("")), button(say("comment_button"), send, "main")),
    ];
  }, true);
}

/** The codebook's questions one at a time: the first yes decides. */
export function askTree(say, labels) {
  return ask(say("tree_title"), (close, dialog) => {
    let place = 0;
    const step = make("p", { cls: "soft number" });
    const question = make("p", { cls: "question", "aria-live": "polite" });
    const answer = (yes) => {
      if (yes) close(labels[place].key);
      else if (place < labels.length - 1) show(place + 1);
      else show(0);
    };
    const show = (at) => {
      place = at;
      const last = place === labels.length - 1 && !labels[place].question;
      step.textContent = `${place + 1} / ${labels.length}`;
      question.textContent = last ? `${say("tree_last")}: ${labels[place].name}` : labels[place].question || labels[place].name;
    };
    const [yes, no] = [say("tree_yes"), say("tree_no")];
    dialog.addEventListener("keydown", (event) => {
      const key = event.key.toLowerCase();
      if (key === yes[0].toLowerCase() || key === "y") answer(true);
      else if (key === no[0].toLowerCase()) answer(false);
      else if (key === "arrowleft" && place > 0) show(place - 1);
      else return;
      event.preventDefault();
    });
    show(0);
    const named = (text, yesno) => {
      const one = button("", () => answer(yesno), yesno ? "main" : "");
      one.append(make("kbd", { text: text[0] }), text);
      return one;
    };
    return [step, question, make("div", { cls: "row" }, named(no, false), named(yes, true))];
  });
}

export function showHelp(say, labels, keys) {
  return ask(say("help_title"), (close) => [
    ...labels.map((label) => make("section", { cls: `term l-${label.key}` }, ...definition(say, label, keys.sign(`label:${label.key}`)))),
    make("h3", { text: say("keys") }),
    make(
      "dl",
      { cls: "commands-list" },
      ...COMMAND_NAMES.flatMap((name) => [make("dt", {}, make("kbd", { text: keys.sign(`do:${name}`) })), make("dd", { text: say(name) })]),
    ),
    make("div", { cls: "row" }, button(say("settings"), () => close("settings")), button(say("guide"), () => close("guide")), button(say("close"), () => close(""), "main")),
  ]);
}

export function showGuide(say, guidelines) {
  return ask(say("guide"), (close) => [
    make("div", { cls: "guide", text: guidelines || say("guide_none"), tabindex: "0" }),
    make("div", { cls: "row" }, button(say("close"), () => close(""), "main")),
  ]);
}

/** A label's question, definition and examples. */
export function definition(say, label, sign, heading = "h3") {
  return [
    make(heading, {}, make("kbd", { text: sign }), ` ${label.name}`),
    label.question ? make("p", { cls: "soft", text: label.question }) : null,
    label.definition ? make("p", { text: label.definition }) : null,
    label.examples?.length ? make("ul", { cls: "examples", "aria-label": say("examples") }, ...label.examples.map((text) => make("li", { text }))) : null,
  ].filter(Boolean);
}

/** Choose keys; return them by action, {} for "as they were", null if nothing was changed. */
export async function askKeys(say, labels, keys) {
  const actions = [...labels.map(({ key, name }) => [`label:${key}`, name]), ...COMMAND_NAMES.map((name) => [`do:${name}`, say(name)])];
  const chosen = new Map(actions.map(([action]) => [action, keys.of.get(action)]));
  const done = await ask(say("keys_title"), (close) => {
    const warning = make("p", { cls: "problem", role: "alert", hidden: true });
    const inputs = new Map();
    const check = () => {
      const counts = new Map();
      for (const key of chosen.values()) counts.set(key, (counts.get(key) ?? 0) + 1);
      const twice = [...counts].find(([, count]) => count > 1)?.[0];
      for (const [action, input] of inputs) input.setCustomValidity(counts.get(chosen.get(action)) > 1 ? "twice" : "");
      warning.hidden = !twice;
      warning.textContent = twice ? say("keys_twice", { key: keySign(twice) }) : "";
      return !twice;
    };
    const rows = actions.flatMap(([action, name], index) => {
      const input = make("input", { id: `key-${index}`, value: keySign(chosen.get(action)), readonly: true });
      input.addEventListener("keydown", (event) => {
        if (["Tab", "Escape", "Shift", "Control", "Alt", "Meta"].includes(event.key) || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        chosen.set(action, event.key);
        input.value = keySign(event.key);
        check();
      });
      inputs.set(action, input);
      return [make("label", { for: `key-${index}`, text: name }), input];
    });
    const save = () => check() && close("save");
    return [
      make("p", { cls: "soft", text: say("keys_more") }),
      warning,
      make("div", { cls: "keys" }, ...rows),
      make("div", { cls: "row" }, button(say("keys_reset"), () => close("reset")), button(say("cancel"), () => close("")), button(say("save_keys"), save, "main")),
    ];
  });
  if (done === "reset") return {};
  return done === "save" ? Object.fromEntries(chosen) : null;
}
