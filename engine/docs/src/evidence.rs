//! What only other parts of the program know of a connector: what its streams cost, and rows that were recorded.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::counted;

use crate::context::shown;
use crate::page::Section;

/// Rows that a page shows of a table.
const MOST_ROWS: usize = 2;
/// Letters that are shown of a value.
const MOST_LETTERS: usize = 160;

/// What other parts of the program know of a connector.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// What streams cost, by name.
    pub costs: BTreeMap<String, Cost>,
    /// Rows of tables, by name, each a text of JSON; as a recording gives them.
    pub rows: BTreeMap<String, Vec<String>>,
}

/// What a number of records costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    /// So many records of the stream
    pub amount: u64,
    /// or of its parent
    pub of_parents: bool,
    /// take at least so many requests,
    pub requests: u64,
    /// for which the rate limit makes a run wait so long.
    pub waits_seconds: u64,
    /// A bound of the spec ends the read before all is read.
    pub is_bounded: bool,
}

impl Cost {
    /// What a reader is told of it, as `explain` does.
    pub fn sentence(&self, connector: &Connector, stream: &str) -> String {
        let wait = match self.wait() {
            None if is_budgeted(connector, stream) => ", within the rate limit".to_owned(),
            None => String::new(),
            Some(wait) => format!(", which take {wait} at the rate limit"),
        };
        let (amount, requests) = (self.of_what(), counted(grouped(self.requests), "request"));
        match self.is_bounded {
            true => format!("{amount}: {requests}{wait}; then a limit of the spec ends the read."),
            false => format!("{amount}: at least {requests}{wait}."),
        }
    }

    /// `1,000 records`
    fn of_what(&self) -> String {
        format!("{} {}", grouped(self.amount), if self.of_parents { "parents" } else { "records" })
    }

    /// `2 min 30 s`
    fn wait(&self) -> Option<String> {
        (self.waits_seconds > 0).then(|| span(self.waits_seconds))
    }
}

/// Whether a rate limit of the spec counts the requests of a stream.
fn is_budgeted(connector: &Connector, stream: &str) -> bool {
    let budget = connector.stream(stream).and_then(|stream| stream.limits.budget.as_ref());
    connector.rate_limit.iter().any(|limit| limit.of.is_none() || limit.of.as_ref() == budget)
}

fn span(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let part = |count: u64, unit: &str| (count > 0).then(|| format!("{count} {unit}"));
    let parts =
        [part(days, "d"), part(hours, "h"), part(minutes, "min"), part(if days > 0 { 0 } else { seconds % 60 }, "s")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// `100,000`
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

shown! {
    /// What a thousand records of a stream cost.
    pub(crate) struct Price {
        /// Of what: `1,000 records` of the stream, or `1,000 parents` where it is read for each of these.
        pub(crate) amount: String,
        /// How many requests they take at least.
        pub(crate) requests: String,
        /// How long the rate limit makes a run wait for them, such as `3 min`; none where it does not.
        pub(crate) wait: Option<String>,
        /// All of it in a sentence.
        pub(crate) sentence: String,
    }

    /// Rows as a recording of the API gives them.
    pub(crate) struct Sample {
        /// The first of them, as JSON: an object each. What is null and what Tapwright adds is left out, and long texts
        /// are cut.
        pub(crate) json: String,
        /// How many are shown.
        pub(crate) shown: usize,
        /// How many there are.
        pub(crate) rows: usize,
    }
}

impl Section {
    /// Adds what is known of the stream.
    pub(crate) fn prove(&mut self, connector: &Connector, evidence: &Evidence) {
        self.price = evidence.costs.get(&self.name).map(|cost| Price {
            amount: cost.of_what(),
            requests: grouped(cost.requests),
            wait: cost.wait(),
            sentence: cost.sentence(connector, &self.name),
        });
        self.sample = evidence.rows.get(&self.name).and_then(|rows| self.sampled(rows));
    }

    fn sampled(&self, rows: &[String]) -> Option<Sample> {
        let shown: Vec<String> = rows.iter().take(MOST_ROWS).filter_map(|row| self.row(row)).collect();
        (!shown.is_empty()).then(|| Sample { json: shown.join("\n"), shown: shown.len(), rows: rows.len() })
    }

    /// A row with its columns in the order of the page, those that the page does not know at the end.
    fn row(&self, row: &str) -> Option<String> {
        let mut values: Map<String, Value> = serde_json::from_str(row).ok()?;
        let (added, known): (Vec<_>, Vec<_>) = self.columns.iter().partition(|column| column.added);
        let known = known.into_iter().map(|column| column.name.clone());
        let others: Vec<String> = values.keys().cloned().collect();
        let is_added = |name: &str| name.contains("_sdc_") || added.iter().any(|column| column.name == name);
        let mut lines = Vec::new();
        for name in known.chain(others).filter(|name| !is_added(name)) {
            if let Some(value) = values.remove(&name) {
                lines.push(format!("  {}: {}", Value::from(name), cut(value)));
            }
        }
        Some(format!("{{\n{}\n}}", lines.join(",\n")))
    }
}

/// A value without the end of a long text.
fn cut(value: Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > MOST_LETTERS => {
            Value::from(text.chars().take(MOST_LETTERS).chain(['…']).collect::<String>())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, span};

    #[test]
    fn numbers_and_times_are_easy_to_read() {
        assert_eq!([1, 1_000, 1_234_567].map(grouped), ["1", "1,000", "1,234,567"]);
        assert_eq!([59, 3_600, 90_061].map(span), ["59 s", "1 h", "1 d 1 h 1 min"]);
    }
}
