// Custom fields of Desk become columns, typed by the definitions that the site lists.

import { changeRecords } from "./sdk/hook.js";

const MEMBER = "custom_fields";
const KINDS = { cases: "ticket", customers: "customer", companies: "company" };
const TYPES = { string: "string", text: "string", integer: "integer", number: "integer", date: "date", boolean: "boolean", list: "string" };
const LONG = 12;

let [prefix, keep, kind] = ["custom_", false, undefined];
/// By key: `{name, type, chosen, levels}`.
let columns = new Map();
/// By the name of a column its key.
let taken = new Map();
let notes = [];

export const { about, records } = changeRecords({
  summary: "Each custom field becomes a column, typed by the site's own definition of it.",
  options: {
    prefix: { type: "string", pattern: "^[a-z][a-z0-9_]*$", default: "custom_", description: "What names of columns begin with." },
    keep: { type: "boolean", default: false, description: "Whether `custom_fields` stays as well." },
    type: { enum: ["ticket", "customer", "company"], description: "Which definitions concern the stream." },
  },
  configure(options) {
    [prefix, keep, kind] = [options.prefix ?? "custom_", options.keep ?? false, options.type];
  },
  fields(stream, given) {
    const own = kind ?? KINDS[stream.name];
    if (!own) throw new Error(`\`${stream.name}\` is none of cases, customers and companies: say by the option \`type\` which`);
    [columns, taken, notes] = [new Map(), new Map(), []];
    const definitions = given.definitions?.filter((one) => one.active !== false && one.type === own).map(definition);
    definitions?.sort((one, other) => one.number - other.number);
    const fields = (definitions ?? []).flatMap(column);
    for (const one of definitions ?? []) {
      if (!one.type) notes.push(`\`${one.key}\` is of the type \`${one.word}\`, which was not known; its values stay as Desk sends them`);
    }
    if (!("definitions" in given)) notes.push("no `definitions` are given, so that values stay as Desk sends them");
    const when = definitions ? "has defined since the run began" : "has defined";
    return { reads: [MEMBER], fields, others: `\`${prefix}…\` for each custom field that the site ${when} for this table.`, notes };
  },
  change(record, put) {
    const values = record[MEMBER];
    const line = {};
    if (values !== null && values !== undefined) {
      if (typeof values !== "object" || Array.isArray(values)) {
        throw new Error(`\`${MEMBER}\` is no object, but ${JSON.stringify(values)}`);
      }
      for (const key in values) spread(key, values[key], line);
    }
    if (keep && values !== undefined) line[MEMBER] = values;
    put(line);
  },
});

function spread(key, value, line) {
  const column = columns.get(key);
  if (!column) {
    line[undefinedName(key)] = value;
    return;
  }
  const { name, type, chosen, levels } = column;
  if (chosen && value === "") line[name] = null;
  else line[name] = typeof value === "string" && type !== "string" ? meant(value, type) : value;
  if (levels.length > 0) {
    const parts = typeof value === "string" ? value.split("::").filter(Boolean) : [];
    for (let at = 0; at < levels.length; at++) line[levels[at]] = parts[at] ?? null;
  }
}

/// What a text means; what is none of its type stays.
function meant(text, type) {
  const trimmed = text.trim();
  if (trimmed === "") return null;
  if (type === "boolean") return trimmed === "1" || trimmed === "true" ? true : trimmed === "0" || trimmed === "false" ? false : text;
  if (type === "integer" && /^[+-]?\d+$/.test(trimmed) && Number.isSafeInteger(Number(trimmed))) return Number(trimmed);
  return text;
}

function definition({ name, label, data = {}, _links = {} }) {
  if (typeof name !== "string") throw new Error("a definition has no `name`");
  const choices = data.choices ?? [];
  const depth = data.type === "list" ? Math.max(1, ...choices.map((choice) => choice.split("::").length)) : 1;
  const number = Number(_links.self?.href?.split("/").pop()) || 0;
  return { key: name, label: label || name, word: data.type, type: TYPES[data.type], choices, depth, number };
}

/// The fields of a definition; its column is kept by its key.
function column({ key, label, type, word, choices, depth, number }) {
  if (!type) return [];
  const name = named(key, number);
  const levels = depth > 1 ? Array.from({ length: depth }, (_, level) => named(`${key}_level_${level + 1}`, number)) : [];
  columns.set(key, { name, type, chosen: word === "list", levels });
  const shown = choices.slice(0, LONG).map((choice) => `\`${choice}\``);
  if (choices.length > LONG) shown.push("…");
  const description = word === "list" ? `${label}: ${shown.join(", ")}.` : `${label}.`;
  const below = levels.map((level, at) => ({ name: level, kind: "string", description: `Level ${at + 1} of \`${name}\`.` }));
  return [{ name, kind: type, description }, ...below];
}

/// The name of a key's column. Where an earlier key has it already, the number of the definition is put behind.
function named(key, number) {
  const simple = `${prefix}${plain(key)}`;
  let name = simple;
  while (taken.has(name)) {
    if (name === simple) {
      const other = taken.get(name);
      notes.push(`\`${key}\` and \`${other}\` would both be the column \`${simple}\`; \`${key}\` is \`${simple}_${number}\``);
    }
    name += `_${number}`;
  }
  if (name === simple && name !== `${prefix}${key.toLowerCase()}`) notes.push(`\`${key}\` is the column \`${name}\``);
  taken.set(name, key);
  return name;
}

function plain(key) {
  const words = key.toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, "_");
  return (key.endsWith("_") ? words : words.replace(/_+$/, "")) || "_";
}

function undefinedName(key) {
  let name = `${prefix}${key}`;
  while (taken.has(name.toLowerCase())) name += "_undefined";
  return name;
}
