//! What a hook gives for a batch of records.

use crate::{Json, Named, ToJson, Type};

/// Takes what a hook gives for a record: no line, one, or several.
#[derive(Default)]
pub struct Output {
    answer: Answer,
    /// Place in the batch of the record that is being changed.
    record: u32,
    /// Number of lines, routes and bytes before it.
    before: Before,
}

#[derive(Default)]
struct Before {
    bytes: usize,
    lines: usize,
    routes: usize,
}

/// The answer to a batch, as the engine takes it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// JSON Lines.
    pub records: String,
    /// By line: place in the batch of the record that it comes of.
    pub origins: Vec<u32>,
    /// The lines that go to another stream.
    pub routes: Vec<Route>,
    /// The records that the hook cannot make sense of.
    pub refused: Vec<Refusal>,
}

/// A line that goes to another stream.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// Its place among the lines, from 0.
    pub line: u32,
    /// Name of the stream.
    pub stream: String,
}

/// A record that is refused.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its place in the batch, from 0.
    pub record: u32,
    /// Why.
    pub reason: String,
}

impl Output {
    /// Begins a line: a record for the same stream.
    pub fn line(&mut self) -> Line<'_> {
        self.answer.origins.push(self.record);
        self.answer.records.push('{');
        Line { text: &mut self.answer.records, comma: "" }
    }

    /// Begins a line for another stream, one of [`crate::Stream::routes`].
    pub fn line_for(&mut self, stream: &str) -> Line<'_> {
        self.answer.routes.push(Route { line: self.answer.origins.len() as u32, stream: stream.to_owned() });
        self.line()
    }

    /// Hands a whole object on as it is.
    pub fn pass(&mut self, record: Json<'_>) {
        self.answer.origins.push(self.record);
        self.answer.records.push_str(record.raw());
        self.answer.records.push('\n');
    }

    /// Takes back the lines of a record, since it is refused.
    fn refuse(&mut self, reason: String) {
        self.answer.records.truncate(self.before.bytes);
        self.answer.origins.truncate(self.before.lines);
        self.answer.routes.truncate(self.before.routes);
        self.answer.refused.push(Refusal { record: self.record, reason });
    }

    /// Changes each record of a batch of JSON Lines.
    #[doc(hidden)]
    pub fn of(batch: &str, mut change: impl FnMut(Json<'_>, &mut Output) -> Result<(), String>) -> Answer {
        let mut output = Output::default();
        output.answer.records.reserve(batch.len() + batch.len() / 4);
        let mut records = 0;
        for line in batch.lines() {
            output.record = records;
            records += 1;
            output.before = Before {
                bytes: output.answer.records.len(),
                lines: output.answer.origins.len(),
                routes: output.answer.routes.len(),
            };
            if let Err(reason) = change(Json::new(line), &mut output) {
                output.refuse(reason);
            }
        }
        output.answer.shortened(records)
    }
}

impl Answer {
    /// Without the origins, where each record gave one line.
    fn shortened(mut self, records: u32) -> Self {
        let one_each = self.origins.iter().copied().eq(0..records);
        if one_each {
            self.origins.clear();
        }
        self
    }
}

/// A record that is being written; it ends when it is dropped.
pub struct Line<'a> {
    text: &'a mut String,
    comma: &'static str,
}

impl Line<'_> {
    /// Adds a member.
    pub fn put(&mut self, name: &(impl Named + ?Sized), value: impl ToJson) {
        self.text.push_str(self.comma);
        name.write_name(self.text);
        value.write(self.text);
        self.comma = ",";
    }

    /// Adds a member whose value may have come as a text, as what it means: see [`Json::meant`].
    pub fn put_as(&mut self, name: &(impl Named + ?Sized), kind: Type, value: Json<'_>) {
        self.put(name, value.meant(kind));
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.text.push_str("}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(change: impl FnMut(Json<'_>, &mut Output) -> Result<(), String>) -> Answer {
        Output::of("{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n", change)
    }

    #[test]
    fn one_line_each_needs_no_origins() {
        let same = answer(|record, output| {
            output.pass(record);
            Ok(())
        });
        let expected = "{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n".to_owned();
        assert_eq!(same, Answer { records: expected, ..Answer::default() });
    }

    #[test]
    fn records_are_left_out_split_and_sent_elsewhere() {
        let split = answer(|record, output| {
            let id = record.get("id").and_then(Json::integer).expect("an id");
            for part in 1..id {
                output.line_for("parts").put("part", part);
            }
            if id > 1 {
                let mut line = output.line();
                line.put("id", id);
                line.put("name", "a \"b\"");
            }
            Ok(())
        });
        let lines = [
            "{\"part\":1}",
            "{\"id\":2,\"name\":\"a \\\"b\\\"\"}",
            "{\"part\":1}",
            "{\"part\":2}",
            "{\"id\":3,\"name\":\"a \\\"b\\\"\"}",
        ];
        assert_eq!(split.records.lines().collect::<Vec<_>>(), lines);
        assert_eq!(split.origins, [1, 1, 2, 2, 2]);
        assert_eq!(split.routes.iter().map(|route| route.line).collect::<Vec<_>>(), [0, 2, 3]);
        assert!(split.routes.iter().all(|route| route.stream == "parts"));
    }

    #[test]
    fn texts_become_what_they_mean() {
        let line = |kind, value: &str| {
            let answer = Output::of("{}\n", |_, output| {
                output.line().put_as("a", kind, Json::new(value));
                Ok(())
            });
            answer.records[5..].trim_end().trim_end_matches('}').to_owned()
        };
        for (kind, value, expected) in [
            (Type::Integer, "\"007\"", "7"),
            (Type::Integer, "\"-7\"", "-7"),
            (Type::Integer, "\"7.5\"", "\"7.5\""),
            (Type::Integer, "7.5", "7.5"),
            (Type::Number, "\"0.10\"", "0.10"),
            (Type::Number, "\"-1e+9\"", "-1e+9"),
            (Type::Number, "\"01\"", "\"01\""),
            (Type::Number, "\"1.\"", "\"1.\""),
            (Type::Number, "\"NaN\"", "\"NaN\""),
            (Type::Boolean, "\"1\"", "true"),
            (Type::Boolean, "\"0\"", "false"),
            (Type::Boolean, "\"\"", "null"),
            (Type::Boolean, "\"yes\"", "\"yes\""),
            (Type::Date, "\" \"", "null"),
            (Type::Date, "\"2014-02-03\"", "\"2014-02-03\""),
            (Type::String, "\"\"", "\"\""),
            (Type::String, "null", "null"),
        ] {
            assert_eq!(line(kind, value), expected, "{value} as {kind:?}");
        }
    }

    #[test]
    fn a_refused_record_leaves_no_line_behind() {
        let some = answer(|record, output| {
            output.line_for("parts").put("id", record);
            output.pass(record);
            if record.raw().contains('2') { Err("two".to_owned()) } else { Ok(()) }
        });
        assert_eq!(some.records.lines().count(), 4);
        assert_eq!(some.origins, [0, 0, 2, 2]);
        assert_eq!(some.routes.iter().map(|route| route.line).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(some.refused, [Refusal { record: 1, reason: "two".to_owned() }]);
    }
}
