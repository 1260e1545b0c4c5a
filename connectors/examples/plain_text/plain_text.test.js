import assert from "node:assert";
import { test } from "node:test";

import * as hook from "./plain_text.js";
import { rehearse } from "./sdk/hook.js";

test("what a reader sees", () => {
  for (const [html, text] of [
    ["<p>How to <b>refund</b></p><p>Ask&nbsp;us</p>", "How to refund\n\nAsk us"],
    ["<ul><li>one</li>\n<li class='x'>two &amp; three</li></ul>", "- one\n- two & three"],
    ["a<br>b<br/>c", "a\nb\nc"],
    ["<style>p {color: red}</style><script>alert('<p>')</script>x<!-- y -->z", "xz"],
    ["1 < 2 &lt;b&gt; &#228;&#x1F600; &unknown; &#0;", "1 < 2 <b> ä😀 &unknown; &#0;"],
    ["", ""],
  ]) {
    assert.equal(hook.plain(html), text);
  }
});

test("columns stand beside the fields, also where they are null or missing", () => {
  const records = [{ body: "<p>Größe</p>" }, { body: null }, {}];
  const { effect, answer } = rehearse(hook, { options: { fields: ["body"] }, records });
  assert.deepEqual(effect.reads, ["body"]);
  assert.deepEqual(effect.fields.map(({ name, kind }) => [name, kind]), [["body_text", "string"]]);
  assert.deepEqual(answer.records, [{ body: "<p>Größe</p>", body_text: "Größe" }, { body: null }, {}]);
  assert.deepEqual(answer.refused, []);
});
