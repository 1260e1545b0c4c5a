//! The hook of the cases in `tests/recorded`: it does to an order what the order's members say, so that a recording can
//! bring about whatever a hook may do.
//!
//! | member | what becomes of the order |
//! | --- | --- |
//! | `own: {key: value}` | its members become `PREFIXkey`, typed as `definitions` say |
//! | `remarks: [text]` | each goes to the stream `remarks`, with `order_id` and `number` |
//! | `copies: 2` | it is there so many times, with `copy` |
//! | `refuse: why` | it is refused |
//! | `break: true` | the hook breaks down |
//! | `say: text` | the text stands in the log |

use tapwright_hook_sdk::{ChangeRecords, Effect, Field, Given, Json, Level, Output, Stream, Type, export, log};

/// Does what orders say.
#[derive(Debug)]
pub struct Shop {
    prefix: String,
    remarks: bool,
}

export!(Shop: ChangeRecords);

impl ChangeRecords for Shop {
    const SUMMARY: &str = "The shop's own fields become columns, and remarks a table of their own.";
    const OPTIONS: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
        "prefix": {"type": "string", "description": "What stands before the names of the columns.", "default": "own_"},
        "key": {"type": "string", "description": "A secret, which the hook gives away."}
    }}"#;

    fn configure(options: Json<'_>) -> Result<Self, String> {
        let text = |name: &str| Some(options.get(name)?.text()?.into_owned());
        if text("prefix").is_some_and(|prefix| prefix.contains('-')) {
            return Err("a prefix with `-` makes no names; use letters, digits and `_`".to_owned());
        }
        if let Some(key) = text("key") {
            log(Level::Info, &format!("the key is {key}"));
        }
        Ok(Shop { prefix: text("prefix").unwrap_or_else(|| "own_".to_owned()), remarks: false })
    }

    fn fields(&mut self, stream: &Stream, given: &Given) -> Result<Effect, String> {
        self.remarks = stream.routes.iter().any(|route| route == "remarks");
        let mut effect = Effect::on_whole_records();
        effect.fields.push(Field::new("copy", Type::Integer).described("Which of its copies it is."));
        match given.records("definitions") {
            Some(definitions) => effect.fields.extend(definitions.filter_map(|one| self.field(one))),
            None => effect.others = Some(format!("`{}KEY` for each of the shop's own fields", self.prefix)),
        }
        if !given.has("definitions") {
            effect.notes.push("no `definitions` are given, so that columns are typed by their values".to_owned());
        }
        Ok(effect)
    }

    fn change(&mut self, record: Json<'_>, output: &mut Output) -> Result<(), String> {
        if let Some(reason) = record.get("refuse").and_then(Json::text) {
            return Err(reason.into_owned());
        }
        assert!(record.get("break").is_none(), "an order says so");
        if let Some(text) = record.get("say").and_then(Json::text) {
            log(Level::Warning, &text);
        }
        let copies = record.get("copies").and_then(Json::integer).unwrap_or(1);
        for copy in 1..=copies {
            self.one(record, copy, output);
        }
        if self.remarks {
            remarks(record, output);
        }
        Ok(())
    }
}

impl Shop {
    fn field(&self, definition: Json<'_>) -> Option<Field> {
        let kind = match &*definition.get("type")?.text()? {
            "number" => Type::Decimal,
            "day" => Type::Date,
            _ => Type::String,
        };
        Some(Field::new(format!("{}{}", self.prefix, definition.get("key")?.text()?), kind))
    }

    fn one(&self, record: Json<'_>, copy: i64, output: &mut Output) {
        let mut line = output.line();
        if record.get("copy").is_none() {
            line.put("copy", copy);
        }
        for (name, value) in record.members() {
            match &*name {
                "own" => value.members().for_each(|(key, value)| line.put(&format!("{}{key}", self.prefix), value)),
                "remarks" | "copies" | "say" => {}
                _ => line.put(&name, value),
            }
        }
    }
}

fn remarks(record: Json<'_>, output: &mut Output) {
    let Some(remarks) = record.get("remarks") else { return };
    for (at, text) in remarks.items().enumerate() {
        let mut line = output.line_for("remarks");
        line.put("number", at as i64 + 1);
        line.put("text", text);
        if let Some(id) = record.get("id") {
            line.put("order_id", id);
        }
    }
}
