//! Records, changed by a hook alone.

use std::fs;
use std::time::Instant;

use serde_json::Value;
use tapwright_hook::{Changed, Hook, Records, Stream, Table};

use super::text::{Unit, add, effect, ending};
use super::{FILE, Lines, Run, Tally};
use crate::commands::{Refusal, print};

impl Run {
    /// Tells what the hook does to a stream, and hands it the records.
    pub(super) fn records(&self, hook: &Hook, options: &Value) -> Result<Tally, Refusal> {
        let given = self.given.iter().map(|given| table(given)).collect::<Result<_, _>>()?;
        let stream = Stream {
            name: self.stream.clone(),
            fields: Vec::new(),
            primary_key: Vec::new(),
            routes: self.routes.clone(),
        };
        let began = Instant::now();
        let mut records = Records::open(hook, options, stream, given)?;
        print(&effect(records.effect(), began.elapsed()));
        let mut tally = Tally::default();
        if let Some(input) = &self.input {
            self.feed(&mut records, Lines::of(input)?, &mut tally)?;
        }
        print(&ending((&records.log(), records.used()), &tally, Unit::Records));
        Ok(tally)
    }

    /// Hands the records over, batch by batch.
    fn feed(&self, records: &mut Records, mut lines: Lines<'_>, tally: &mut Tally) -> Result<(), Refusal> {
        loop {
            let batch = lines.next(usize::from(self.batch))?;
            if batch.is_empty() {
                return Ok(());
            }
            let texts: Vec<&str> = batch.iter().map(String::as_str).collect();
            let began = Instant::now();
            let changed = records.change(&texts)?;
            tally.time += began.elapsed();
            tally.lines += texts.len();
            tally.given += changed.lines().len();
            tally.refused += changed.refused.len();
            print(&self.changed(&changed));
        }
    }

    /// The records that come out. Those that go to another stream stand behind its name.
    fn changed(&self, changed: &Changed) -> String {
        let mut text = String::new();
        for line in changed.lines() {
            if let Some(route) = line.route.and_then(|route| self.routes.get(route)) {
                text.push_str(route);
                text.push_str(": ");
            }
            text.push_str(line.record);
            text.push('\n');
        }
        changed.refused.iter().for_each(|refused| add(&mut text, format_args!("refused: {}", refused.fault)));
        text
    }
}

/// The records of a `NAME=FILE`.
fn table(given: &str) -> Result<Table, Refusal> {
    let Some((name, path)) = given.split_once('=') else {
        return Err(Refusal::Said(format!("--given {given}: write NAME=FILE")));
    };
    let fault = |error: &dyn std::fmt::Display| Refusal::Said(format!("{path}: {error}"));
    let length = fs::metadata(path).map_err(|error| fault(&error))?.len();
    if length > FILE {
        return Err(fault(&format!("it has more than {FILE} bytes")));
    }
    let records = fs::read(path).map_err(|error| fault(&error))?;
    Ok(Table { name: name.to_owned(), records: Some(records) })
}
