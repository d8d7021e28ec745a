// The words that carry the framing, marked by mouse, finger or keyboard. Spans count code points from the unit's first.

const WORD = /\S+/gu;

/** The words of a text with their places in code points. */
export function words(text) {
  const found = [];
  let passed = 0;
  let place = 0;
  for (const match of text.matchAll(WORD)) {
    place += length(text.slice(passed, match.index));
    const size = length(match[0]);
    found.push({ from: place, to: place + size, text: match[0], gap: text.slice(passed, match.index) });
    place += size;
    passed = match.index + match[0].length;
  }
  return { found, rest: text.slice(passed) };
}

/** Mark or unmark a stretch. Spans never overlap, and they stand in order. */
export function toggle(spans, from, to) {
  const covered = spans.some(([first, last]) => first <= from && to <= last);
  const kept = [];
  let [start, end] = [from, to];
  for (const [first, last] of spans) {
    if (last < from || first > to) kept.push([first, last]);
    else if (covered) {
      if (first < from) kept.push([first, from]);
      if (to < last) kept.push([to, last]);
    } else {
      start = Math.min(start, first);
      end = Math.max(end, last);
    }
  }
  if (!covered) kept.push([start, end]);
  return kept.sort((one, two) => one[0] - two[0]);
}

export function isMarked(spans, { from, to }) {
  return spans.some(([first, last]) => first < to && from < last);
}

function length(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** Chooses words by keyboard. */
export class Marker {
  constructor(list) {
    this.words = list;
    this.head = 0;
    this.tail = 0;
  }

  move(step, selecting) {
    this.head = Math.max(0, Math.min(this.words.length - 1, this.head + step));
    if (!selecting) this.tail = this.head;
  }

  get range() {
    const [first, last] = [Math.min(this.head, this.tail), Math.max(this.head, this.tail)];
    return { first, last, from: this.words[first].from, to: this.words[last].to };
  }
}
