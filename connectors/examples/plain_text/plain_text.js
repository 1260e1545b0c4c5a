// Texts in HTML, such as the body of an article or a mail, get a column beside them with what a reader sees.

import { changeRecords } from "./sdk/hook.js";

let names;

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " ", ndash: "–", mdash: "—", hellip: "…" };

export const { about, records } = changeRecords({
  summary: "Fields in HTML get a column beside them with their plain text.",
  options: {
    fields: {
      type: "array",
      description: "The fields in HTML; the column of `body` is `body_text`.",
      items: { type: "string" },
      minItems: 1,
    },
  },
  required: ["fields"],
  configure(options) {
    names = options.fields;
  },
  fields() {
    const fields = names.map((name) => ({ name: `${name}_text`, kind: "string", description: `\`${name}\` without HTML.` }));
    return { reads: names, fields };
  },
  change(record, put) {
    for (const name of names) {
      if (typeof record[name] === "string") record[`${name}_text`] = plain(record[name]);
    }
    put(record);
  },
});

/// What a reader sees: blocks and breaks are lines, links keep their words, scripts and styles are gone.
export function plain(html) {
  return html
    .replace(/<!--[^]*?(-->|$)/g, "")
    .replace(/<(script|style)\b[^]*?(<\/\1\s*>|$)/gi, "")
    .replace(/\s+/g, " ")
    .replace(/<li\b[^>]*>/gi, "\n- ")
    .replace(/<(br|hr|\/?(p|div|ul|ol|tr|table|blockquote|pre|h[1-6]))\b[^>]*>/gi, "\n")
    .replace(/<[a-z/!][^>]*>/gi, "")
    .replace(/&(#x?[0-9a-f]+|[a-z]+);/gi, (whole, name) => character(name) ?? whole)
    .replace(/ *\n */g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function character(name) {
  if (!name.startsWith("#")) return ENTITIES[name];
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
