// Guidelines as they are meant: headings, paragraphs, lists, tables, emphasis. Everything goes in as text; an address is
// shown and never a link.

import { make } from "./view.js";

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|__(.+?)__|\*([^\s*](?:.*?[^\s*])?)\*|\[([^\]]+)\]\(([^)\s]+)\)/;
const ITEM = /^\s*(?:[-*+]|\d+[.)])\s+(.*)$/;
const RULE = /^\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$/;

/** Return the elements that a text stands for; headings begin at a level. */
export function markdown(text, level = 3) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const found = [];
  while (lines.length > 0) {
    if (lines[0].trim() === "") lines.shift();
    else found.push(block(lines, level));
  }
  return found;
}

/** Take the lines of the next block and return its element. */
function block(lines, level) {
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(lines[0]);
  if (heading) {
    lines.shift();
    return make(`h${Math.min(6, level + heading[1].length - 1)}`, {}, ...inline(heading[2]));
  }
  if (lines[0].trim().startsWith("|") && RULE.test(lines[1] ?? "")) return table(takeWhile(lines, (line) => line.trim().startsWith("|")));
  if (ITEM.test(lines[0])) return list(lines);
  if (lines[0].startsWith(">")) {
    const said = takeWhile(lines, (line) => line.startsWith(">"));
    return make("blockquote", {}, ...inline(said.map((line) => line.slice(1).trim()).join(" ")));
  }
  const first = lines.shift();
  return make("p", {}, ...inline([first, ...takeWhile(lines, isProse)].join("\n")));
}

const isProse = (line) => line.trim() !== "" && !/^#{1,6}\s/.test(line) && !/^[>|]/.test(line) && !ITEM.test(line);

function list(lines) {
  const ordered = /^\s*\d/.test(lines[0]);
  const items = [];
  while (lines.length > 0 && ITEM.test(lines[0])) {
    const [, first] = ITEM.exec(lines.shift());
    items.push(make("li", {}, ...inline([first, ...takeWhile(lines, isProse)].join("\n"))));
  }
  return make(ordered ? "ol" : "ul", {}, ...items);
}

function table([head, , ...rows]) {
  const cells = (line, tag, more = {}) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => make(tag, { ...more }, ...inline(cell.trim())));
  return make(
    "div",
    { cls: "scroll", tabindex: "0", role: "group", "aria-label": head.replaceAll("|", " ").trim() },
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...cells(head, "th", { scope: "col" }))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...cells(row, "td", { cls: "words" })))),
    ),
  );
}

/** Return text and the elements in it. */
function inline(text) {
  const found = INLINE.exec(text);
  if (!found) return [text];
  const [whole, code, bold, strong, emphasis, name, address] = found;
  const element = code
    ? make("code", { text: code })
    : bold ?? strong
      ? make("strong", {}, ...inline(bold ?? strong))
      : emphasis
        ? make("em", {}, ...inline(emphasis))
        : make("span", {}, ...inline(name), ` (${address})`);
  return [text.slice(0, found.index), element, ...inline(text.slice(found.index + whole.length))];
}

function takeWhile(lines, holds) {
  const taken = [];
  while (lines.length > 0 && holds(lines[0])) taken.push(lines.shift());
  return taken;
}
