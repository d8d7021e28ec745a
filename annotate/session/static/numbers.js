// Numbers as the page's language writes them.

const { lang } = document.documentElement;
const formats = new Map();

/** Write a number with so many digits after the point at least and at most; a share as a percentage. */
export function number(value, { least = 0, most = 1, style = "decimal" } = {}) {
  const name = `${least} ${most} ${style}`;
  if (!formats.has(name)) formats.set(name, new Intl.NumberFormat(lang, { style, minimumFractionDigits: least, maximumFractionDigits: most }));
  return formats.get(name).format(value);
}
