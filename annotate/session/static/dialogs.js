// What opens over the page: reasons, comments, questions, help, keys. Native dialogs: Escape closes, focus stays inside.

import { COMMAND_NAMES, keySign } from "./keys.js";
import { markdown } from "./markdown.js";
import { make } from "./view.js";

const REASONS = ["language", "unreadable", "split", "context"];
const MOST = 2000;

/** Open a dialog and return what it was closed with; "" if it was given up. focused: whether a field of it takes the focus. */
function ask(title, build, focused = false) {
  return new Promise((resolve) => {
    const heading = make("h2", { text: title, id: "dialog-title", tabindex: "-1", autofocus: !focused });
    const dialog = make("dialog", { "aria-labelledby": "dialog-title" }, heading);
    // The event "close" comes a turn later, and a quick coder's next key before it: what was answered is known at once.
    const close = (value) => {
      dialog.close();
      dialog.remove();
      resolve(value);
    };
    dialog.append(...build(close, dialog));
    dialog.addEventListener("close", () => close(""));
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
    const text = make("textarea", { id: "comment", rows: 4, autofocus: true, "aria-describedby": "comment-more" });
    // Not a maxlength: it cuts what is pasted without a word.
    const warning = make("p", { cls: "problem", role: "alert", hidden: true });
    const fits = () => {
      const n = Array.from(text.value.trim()).length;
      warning.hidden = n <= MOST;
      warning.textContent = n > MOST ? say("too_long", { n, most: MOST }) : "";
      return n > 0 && n <= MOST;
    };
    const send = () => fits() && close(text.value.trim());
    text.addEventListener("input", fits);
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    });
    return [
      make("label", { for: "comment", text: say("comment_label") }),
      text,
      warning,
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

export function showHelp(say, questions) {
  const { keys } = questions.label;
  return ask(say("help_title"), (close) => [
    ...questions.label.choices.map((label) => make("section", { cls: `term l-${label.key}` }, ...definition(say, label, questions.label.sign(label.key)))),
    ...questions.variables.map((variable) =>
      make(
        "section",
        { cls: "term" },
        make("h3", { text: variable.name }),
        ...[variable.question, variable.definition].filter(Boolean).map((text) => make("p", { cls: "soft", text })),
        ...variable.choices.flatMap((value) => definition(say, value, variable.sign(value.key), "h4")),
      ),
    ),
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
    make("div", { cls: "guide" }, ...markdown(guidelines || say("guide_none"))),
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
export async function askKeys(say, questions) {
  const commands = COMMAND_NAMES.map((name) => [`do:${name}`, say(name), questions.label.keys]);
  const groups = questions.all.map((question) => question.actions.map(([action, { name }]) => [action, name, question.keys]));
  const actions = [...groups.flat(), ...commands];
  const chosen = new Map(actions.map(([action, , keys]) => [action, keys.of.get(action)]));
  const changed = new Set();
  const done = await ask(say("keys_title"), (close) => {
    const warning = make("p", { cls: "problem", role: "alert", hidden: true });
    const inputs = new Map();
    const check = () => {
      const twice = twiceIn(groups, commands, chosen, changed);
      for (const [action, input] of inputs) input.setCustomValidity(twice.has(action) ? "twice" : "");
      const [first] = twice;
      warning.hidden = !first;
      warning.textContent = first ? say("keys_twice", { key: keySign(chosen.get(first)) }) : "";
      return !first;
    };
    const row = ([action, name]) => {
      const id = `key-${inputs.size}`;
      const input = make("input", { id, value: keySign(chosen.get(action)), readonly: true });
      input.addEventListener("keydown", (event) => {
        if (["Tab", "Escape", "Shift", "Control", "Alt", "Meta"].includes(event.key) || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        chosen.set(action, event.key);
        changed.add(action);
        input.value = keySign(event.key);
        check();
      });
      inputs.set(action, input);
      return [make("label", { for: id, text: name }), input];
    };
    const save = () => check() && close("save");
    const parts = groups.map((group, index) => [index ? make("h3", { text: questions.all[index].name }) : null, make("div", { cls: "keys" }, ...group.flatMap(row))]);
    return [
      make("p", { cls: "soft", text: say("keys_more") }),
      warning,
      ...parts.flat().filter(Boolean),
      groups.length > 1 ? make("h3", { text: say("commands") }) : null,
      make("div", { cls: "keys" }, ...commands.flatMap(row)),
      make("div", { cls: "row" }, button(say("keys_reset"), () => close("reset")), button(say("cancel"), () => close("")), button(say("save_keys"), save, "main")),
    ].filter(Boolean);
  });
  if (done === "reset") return {};
  return done === "save" ? Object.fromEntries(chosen) : null;
}

/** The actions whose key does something else while the same question is asked. */
function twiceIn(groups, commands, chosen, changed) {
  const twice = new Set();
  groups.forEach((group, index) => {
    // Where the codebook's own key of a value is a command's, the command has another key there; only a choice can clash.
    const together = index === 0 ? [...group, ...commands] : [...group, ...commands.filter(([action]) => changed.has(action))];
    const byKey = Map.groupBy(together.map(([action]) => action), (action) => chosen.get(action));
    for (const actions of byKey.values()) if (actions.length > 1) for (const action of actions) twice.add(action);
  });
  return twice;
}
