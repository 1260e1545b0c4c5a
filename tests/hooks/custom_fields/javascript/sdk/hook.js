// What a hook in JavaScript is written with: the engine hands over text, this hands over records.
//
// JavaScript reads every number as a double. Let `fields` name in `reads` only what the hook needs: what it does not
// read stays as it was written.
//
// Every hook is made of
// - `summary`: what it does, in one sentence for the documentation page;
// - `options`: the options by name, each a JSON Schema (`required`: names of those that a spec has to give);
// - `configure(options)`: takes the options of the spec; what it throws is for the author of the spec;
// and of what its job asks for. The result is what the module exports, under these names:
// `export const { about, records } = changeRecords({…})`.

/// Makes a hook that changes records of
/// - `fields(stream, given)`: tells `{reads, fields, others, notes}`, all optional; `given` has the records of other
///   streams by name, null where they are not known yet;
/// - `change(record, put)`: calls `put(record)` or `put(record, stream)` for what is to be; what it throws refuses the
///   record.
export function changeRecords({ fields, change, ...hook }) {
  return {
    about: about(hook),
    records: {
      fields: (stream, given) => said(() => effect(fields(stream, tables(given)))),
      change: (batch) => answer(text(batch), change),
    },
  };
}

/// Makes a hook that signs requests of
/// - `sign({method, url, headers, body, now, nonce})`: gives `{headers, params}`, each of them values by name and optional.
///   `headers` come by name, in lower case; `body` and `nonce` are bytes, `now` is milliseconds since 1970.
/// `export const { about, sign } = signRequests({…})`.
export function signRequests({ sign, ...hook }) {
  const signature = ({ headers, params }) => ({ headers: pairs(headers), params: pairs(params) });
  const known = (request) => ({ ...request, headers: byName(request.headers), now: Number(request.now) });
  return { about: about(hook), sign: { sign: (request) => said(() => signature(sign(known(request)))) } };
}

/// Makes a hook that chooses pages of
/// - `after({url, status, headers, body, records, page})`: gives `{stop: "why that is certain"}`, or what differs in the next
///   request, `{url, params, headers, body}`, all optional. `headers` come by name, in lower case; `body` is text.
/// `export const { about, paginate } = choosePages({…})`.
export function choosePages({ after, ...hook }) {
  const known = (page) => ({ ...page, headers: byName(page.headers), body: text(page.body) });
  return { about: about(hook), paginate: { after: (page) => said(() => step(after(known(page)))) } };
}

/// Makes a hook that cuts a stream into slices of
/// - `cut({stream, config, state, now})`: gives a list of slices, each with the names that the spec declares; `state` is a list
///   of `{slice, bookmark}`.
/// `export const { about, slices } = cutSlices({…})`.
export function cutSlices({ cut, ...hook }) {
  const known = ({ stream, config, state, now }) =>
    ({ stream, config: JSON.parse(config), state: JSON.parse(state), now: Number(now) });
  return {
    about: about(hook),
    slices: { cut: (question) => said(() => cut(known(question)).map((slice) => JSON.stringify(slice))) },
  };
}

function about({ summary, options = {}, required = [], configure = () => {} }) {
  const schema = { type: "object", additionalProperties: false, properties: options, required };
  return {
    describe: () => ({ summary, options: JSON.stringify(schema) }),
    configure: (text) => said(() => void configure(JSON.parse(text))),
  };
}

/// Does in a test what the engine does in a run with a hook that changes records: the options, `fields`, then one batch.
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

function step({ stop, url = null, params, headers, body = null }) {
  if (stop !== undefined) return { tag: "stop", val: stop };
  const next = { url, params: pairs(params), headers: pairs(headers), body: body === null ? null : bytes(body) };
  return { tag: "next", val: next };
}

function pairs(values = {}) {
  return Object.entries(values).map(([name, value]) => ({ name, value: String(value) }));
}

/// What comes several times under a name is one value, as HTTP has it.
function byName(pairs) {
  const all = {};
  for (const { name, value } of pairs) all[name] = name in all ? `${all[name]}, ${value}` : value;
  return all;
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
