// What a hook in JavaScript is written with: the engine hands over text, this hands over records.
//
// JavaScript reads every number as a double. Let `fields` name in `reads` only what the hook needs: what it does not
// read stays as it was written.

/// Makes a hook that changes records of
/// - `summary`: what it does, in one sentence for the documentation page;
/// - `options`: the options by name, each a JSON Schema (`required`: names of those that a spec has to give);
/// - `configure(options)`: takes the options of the spec; what it throws is for the author of the spec;
/// - `fields(stream, given)`: tells `{reads, fields, others, notes}`, all optional; `given` has the records of other
///   streams by name, null where they are not known yet;
/// - `change(record, put)`: calls `put(record)` or `put(record, stream)` for what is to be; what it throws refuses the
///   record.
/// Its result is what the module exports: `export const { about, records } = changeRecords({…})`.
export function changeRecords({ summary, options = {}, required = [], configure = () => {}, fields, change }) {
  const schema = { type: "object", additionalProperties: false, properties: options, required };
  return {
    about: {
      describe: () => ({ summary, options: JSON.stringify(schema) }),
      configure: (text) => said(() => void configure(JSON.parse(text))),
    },
    records: {
      fields: (stream, given) => said(() => effect(fields(stream, tables(given)))),
      change: (batch) => answer(text(batch), change),
    },
  };
}

/// Does in a test what the engine does in a run: the options, `fields`, then one batch.
export function rehearse(hook, { options = {}, stream = { name: "stream" }, given = {}, records = [] }) {
  hook.about.configure(JSON.stringify(options));
  const lines = (all) => bytes(all.map((one) => `${JSON.stringify(one)}\n`).join(""));
  const parsed = (all) => text(all).split("\n").slice(0, -1).map((line) => JSON.parse(line));
  const tables = Object.entries(given).map(([name, all]) => ({ name, records: all && lines(all) }));
  const effect = hook.records.fields({ fields: [], primaryKey: [], routes: [], ...stream }, tables);
  const answer = hook.records.change(lines(records));
  return { effect, answer: { ...answer, records: parsed(answer.records) } };
}

/// An error that is thrown crosses as its message.
function said(ask) {
  try {
    return ask();
  } catch (error) {
    throw error instanceof Error ? error.message : String(error);
  }
}

function tables(given) {
  const parsed = (lines) => lines.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return Object.fromEntries(given.map(({ name, records }) => [name, records && parsed(text(records))]));
}

function effect({ reads = null, fields = [], others = null, notes = [] }) {
  const whole = fields.map(({ name, kind, description = null }) => ({ name, kind, description }));
  return { reads, fields: whole, others, notes };
}

function answer(batch, change) {
  const [lines, origins, routes, refused] = [[], [], [], []];
  batch.split("\n").slice(0, -1).forEach((line, record) => {
    const before = [lines.length, routes.length];
    const put = (changed, stream) => {
      if (stream !== undefined) routes.push({ line: lines.length, stream });
      lines.push(`${JSON.stringify(changed)}\n`);
      origins.push(record);
    };
    try {
      change(JSON.parse(line), put);
    } catch (error) {
      lines.length = origins.length = before[0];
      routes.length = before[1];
      refused.push({ record, reason: error instanceof Error ? error.message : String(error) });
    }
  });
  return { records: bytes(lines.join("")), origins, routes, refused };
}

/// UTF-8 to text. QuickJS has no TextDecoder, but it undoes percent signs.
function text(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 4096) {
    parts.push(String.fromCharCode.apply(null, bytes.subarray(at, at + 4096)));
  }
  const each = parts.join("");
  return /[\x80-\xff]/.test(each) ? decodeURIComponent(escape(each)) : each;
}

function bytes(text) {
  const each = /[^\0-\x7f]/.test(text) ? unescape(encodeURIComponent(text.toWellFormed())) : text;
  const bytes = new Uint8Array(each.length);
  for (let at = 0; at < each.length; at++) bytes[at] = each.charCodeAt(at);
  return bytes;
}
