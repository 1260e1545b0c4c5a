//! What a hook gives for a batch of records.

use crate::{Json, Named, Text, ToJson, Type, swift};

/// Takes what a hook gives for a record: no line, one, or several.
#[derive(Default)]
pub struct Output {
    text: Text,
    /// Number of lines so far.
    lines: u32,
    /// Of each line the record that it comes of, once that is not simply one line a record.
    origins: Option<Vec<u32>>,
    routes: Vec<Route>,
    refused: Vec<Refusal>,
    /// Place in the batch of the record that is being changed.
    record: u32,
    before: Before,
}

/// What there was before the record that is being changed.
#[derive(Default)]
struct Before {
    bytes: usize,
    lines: u32,
    routes: usize,
}

/// The answer to a batch, as the engine takes it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answer<T = String> {
    /// JSON Lines.
    pub records: T,
    /// By line: place in the batch of the record that it comes of. Empty where each record gave one line.
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
        self.count();
        self.text.push("{");
        Line { text: &mut self.text, is_first: true }
    }

    /// Begins a line for another stream, one of [`crate::Stream::routes`].
    pub fn line_for(&mut self, stream: &str) -> Line<'_> {
        self.routes.push(Route { line: self.lines, stream: stream.to_owned() });
        self.line()
    }

    /// Hands a whole object on as it is.
    pub fn pass(&mut self, record: Json<'_>) {
        self.count();
        self.text.push(record.raw());
        self.text.push("\n");
    }

    /// One line more, of the record that is being changed.
    fn count(&mut self) {
        match &mut self.origins {
            Some(origins) => origins.push(self.record),
            None if self.lines == self.record => {}
            None => self.origins = Some((0..self.lines).chain([self.record]).collect()),
        }
        self.lines += 1;
    }

    /// Takes back the lines of a record, since it is refused.
    fn refuse(&mut self, reason: String) {
        let Before { bytes, lines, routes } = self.before;
        self.text.truncate(bytes);
        self.lines = lines;
        if let Some(origins) = &mut self.origins {
            origins.truncate(lines as usize);
        }
        self.routes.truncate(routes);
        self.refused.push(Refusal { record: self.record, reason });
    }

    /// Changes each record of a batch of JSON Lines, and writes them where there is room.
    #[doc(hidden)]
    pub fn of(
        batch: &str,
        room: Text,
        mut change: impl FnMut(Json<'_>, &mut Output) -> Result<(), String>,
    ) -> Answer<Text> {
        let mut output = Output { text: room, ..Output::default() };
        output.text.reserve(batch.len() + batch.len() / 4);
        let mut rest = batch;
        while !rest.is_empty() {
            let end = swift::line_feed(rest.as_bytes()).unwrap_or(rest.len());
            output.before = Before { bytes: output.text.len(), lines: output.lines, routes: output.routes.len() };
            if let Err(reason) = change(Json::new(&rest[..end]), &mut output) {
                output.refuse(reason);
            }
            output.record += 1;
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        output.answer()
    }

    fn answer(self) -> Answer<Text> {
        let Output { text: records, lines, origins, routes, refused, record: count, .. } = self;
        // Where the last records gave no line, it has to be told of which the others come.
        let origins = origins.unwrap_or_else(|| if lines < count { (0..lines).collect() } else { Vec::new() });
        Answer { records, origins, routes, refused }
    }
}

impl From<Answer<Text>> for Answer {
    fn from(answer: Answer<Text>) -> Answer {
        let Answer { records, origins, routes, refused } = answer;
        Answer { records: records.into(), origins, routes, refused }
    }
}

/// A record that is being written; it ends when it is dropped.
pub struct Line<'a> {
    text: &'a mut Text,
    is_first: bool,
}

impl Line<'_> {
    /// Adds a member.
    pub fn put(&mut self, name: &(impl Named + ?Sized), value: impl ToJson) {
        if !std::mem::take(&mut self.is_first) {
            self.text.push(",");
        }
        name.write_name(self.text);
        value.write(self.text);
    }

    /// Adds a member whose value may have come as a text, as what it means: see [`Json::meant`].
    pub fn put_as(&mut self, name: &(impl Named + ?Sized), kind: Type, value: Json<'_>) {
        self.put(name, value.meant(kind));
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.text.push("}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(change: impl FnMut(Json<'_>, &mut Output) -> Result<(), String>) -> Answer {
        Output::of("{\"id\":1}\n{\"id\":2}\n{\"id\":3}\n", Text::new(), change).into()
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
    fn origins_are_told_once_lines_and_records_part() {
        for (kept, origins) in
            [("123", &[][..]), ("12", &[0, 1]), ("13", &[0, 2]), ("23", &[1, 2]), ("3", &[2]), ("1", &[0]), ("", &[])]
        {
            let given = answer(|record, output| {
                let id = record.get("id").and_then(Json::integer).expect("an id");
                if kept.contains(&id.to_string()) {
                    output.pass(record);
                }
                Ok(())
            });
            assert_eq!((given.records.lines().count(), given.origins.as_slice()), (kept.len(), origins), "{kept}");
        }
    }

    #[test]
    fn texts_become_what_they_mean() {
        let line = |kind, value: &str| {
            let answer: Answer = Output::of("{}\n", Text::new(), |_, output| {
                output.line().put_as("a", kind, Json::new(value));
                Ok(())
            })
            .into();
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
