// Which key does what: the coder's own choice, else the codebook's, else ours; a key never does two things.

const COMMANDS = {
  undo: ["u", "z", "Backspace"],
  redo: ["y", "Z"],
  back: ["ArrowLeft", "h"],
  forward: ["ArrowRight", "l"],
  skip: ["s", "x"],
  unsure: ["n", "q"],
  comment: ["c", "k"],
  mark: ["m", "w"],
  tree: ["t", "d"],
  guide: ["g", "b"],
  help: ["?", "F1"],
  larger: ["+", ">"],
  smaller: ["-", "<"],
  settings: [",", ";"],
};
const SPARE = [..."1234567890abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const SIGNS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Backspace: "⌫", Enter: "⏎", Delete: "Del", " ": "␣" };

export class Keys {
  /**
   * choices: actions with the codebook's key or none; own: what the coder chose, by action, such as "label:KEY",
   * "value:VARIABLE.KEY" or "do:COMMAND".
   */
  constructor(choices, own = {}) {
    this.of = new Map();
    this.does = new Map();
    const wishes = [
      ...choices.map(([action, hotkey]) => [action, hotkey ? [hotkey] : []]),
      ...Object.entries(COMMANDS).map(([command, keys]) => [`do:${command}`, keys]),
    ];
    for (const [action] of wishes) if (own?.[action]) this.#give(action, own[action]);
    for (const [action, hotkey] of choices) if (hotkey && !this.of.has(action)) this.#give(action, hotkey);
    for (const [action, keys] of wishes) {
      if (!this.of.has(action)) this.#give(action, [...keys, ...SPARE].find((key) => !this.does.has(key)));
    }
  }

  #give(action, key) {
    if (this.does.has(key)) return;
    this.of.set(action, key);
    this.does.set(key, action);
  }

  /** What a key press asks for, null if nothing. */
  read(event) {
    if (event.ctrlKey || event.metaKey) {
      const letter = event.key.toLowerCase();
      if (letter === "z") return event.shiftKey ? "do:redo" : "do:undo";
      return letter === "y" ? "do:redo" : null;
    }
    if (event.altKey) return null;
    // Some keyboards have other letters, or digits only with Shift, where these stand.
    const place = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(event.code);
    const there = place ? place[2] ?? place[1].toLowerCase() : null;
    return this.does.get(event.key) ?? (event.key.length === 1 && there ? this.does.get(there) : null) ?? null;
  }

  sign(action) {
    return keySign(this.of.get(action) ?? "");
  }
}

export function keySign(key) {
  return SIGNS[key] ?? (key.length === 1 && key >= "a" && key <= "z" ? key.toUpperCase() : /^[A-Z]$/.test(key) ? `⇧${key}` : key);
}

export const COMMAND_NAMES = Object.keys(COMMANDS);
