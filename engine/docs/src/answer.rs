//! What a run does on which answer of an API, and what bounds it, in sentences.

use std::time::Duration;

use tapwright_spec::model::{
    Action, Compression, Delimiter, Format, Limits, Match, RateLimit, Records, Rule, StatusRange, Stream, Teller, Wait,
};
use tapwright_spec::{Connector, counted};

use crate::evidence::grouped;
use crate::markdown::code;
use crate::replication::listed;

/// What an answer looks like, where that is not a list in a JSON document, Markdown.
pub(crate) fn records(records: &Records) -> Option<String> {
    let packed = records.compression.as_ref().map(|compression| match compression {
        Compression::Gzip => "A file compressed with gzip.".to_owned(),
        Compression::Zip(None) => "A zip archive; its files are read one after another, by name.".to_owned(),
        Compression::Zip(Some(pattern)) => {
            let pattern = code(&pattern.to_string());
            format!("A zip archive; of its files those called {pattern} are read one after another, by name.")
        }
    });
    let parts: Vec<String> = packed.into_iter().chain(written(records)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn written(records: &Records) -> Option<String> {
    match (&records.format, &records.key) {
        (Format::Json, None) => None,
        (Format::Json, Some(key)) => Some(format!(
            "The members of {} are the records; {} is the name of each.",
            code(records.path.source()),
            code(key)
        )),
        (Format::Xml, key) => Some(format!(
            "XML, read as JSON: the records are {} {}; an element is its text, or its attributes (`@name`), elements and \
             text (`#text`).",
            if key.is_some() { "the members of" } else { "at" },
            code(records.path.source())
        )),
        (Format::JsonLines, _) => Some("JSON Lines: each line is a record.".to_owned()),
        (Format::Csv(csv), _) => {
            let header = match &csv.header {
                None => "the first line names the columns".to_owned(),
                Some(names) => format!("without a header line; the columns are {}", code(&names.join(", "))),
            };
            let delimiter = match csv.delimiter {
                Delimiter::Comma => "commas",
                Delimiter::Semicolon => "semicolons",
                Delimiter::Tab => "tabs",
                Delimiter::Pipe => "`|`",
            };
            Some(format!("CSV with {delimiter}; {header}. An empty value without quotes is null."))
        }
    }
}

/// What the first rule that matches decides, one sentence for each rule, Markdown.
pub(crate) fn rules(rules: &[Rule]) -> Vec<String> {
    rules.iter().map(rule).collect()
}

fn rule(rule: &Rule) -> String {
    let action = match &rule.action {
        Action::Retry => "the request is sent again after a pause".to_owned(),
        Action::Wait(Wait::For(how_long)) => {
            format!("the run waits {} and sends the request again", code(how_long.source()))
        }
        Action::Wait(Wait::Until(until)) => {
            format!("the run waits until {}, an hour at most, and sends the request again", code(until.source()))
        }
        Action::RefreshAuth => {
            "the run fetches new credentials and sends the request once more; if that fails too, so does the table"
                .to_owned()
        }
        Action::Skip => "the response counts as a page without records, and the run goes on".to_owned(),
        Action::Stop => "the list ends there".to_owned(),
        Action::Fail => "the table fails".to_owned(),
    };
    let message = rule.message.as_ref().map_or_else(String::new, |message| said(message.source()));
    format!("On {}, {action}.{message}", matched(&rule.when))
}

/// What the report says, with a full stop unless the text ends a sentence by itself.
fn said(text: &str) -> String {
    let stop = if text.trim_end().ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!(" The report says: {}{stop}", code(text))
}

fn matched(when: &Match) -> String {
    let mut parts = Vec::new();
    if !when.status.is_empty() {
        let ranges: Vec<String> = when.status.iter().map(status).collect();
        parts.push(format!("status {}", either(&ranges)));
    }
    if let Some((name, contains)) = &when.header {
        parts.push(match contains {
            Some(text) => format!("a header {} that contains {}", code(name), code(text)),
            None => format!("a header {}", code(name)),
        });
    }
    if let Some(path) = &when.body {
        parts.push(format!("a value at {}", code(path.source())));
    }
    if let Some(text) = &when.text {
        parts.push(format!("the text {} in the body", code(text)));
    }
    if let Some(condition) = &when.condition {
        parts.push(format!("a response for which {} holds", code(condition.source())));
    }
    listed(&parts)
}

/// `a`, `a or b`, `a, b or c`.
fn either(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

fn status(range: &StatusRange) -> String {
    if range.from == range.to { range.from.to_string() } else { format!("{}–{}", range.from, range.to) }
}

/// The rate budgets of all requests, in a sentence or two, Markdown; none if there is none.
pub fn rate(connector: &Connector) -> Option<String> {
    let shared: Vec<&RateLimit> = connector.rate_limit.iter().filter(|limit| limit.of.is_none()).collect();
    (!shared.is_empty()).then(|| budgets(&shared, "shared by all tables"))
}

/// What a stream's requests take of the rate budgets, and those of its own, in a sentence or two, Markdown.
pub(crate) fn own_rate(connector: &Connector, stream: &Stream) -> Option<String> {
    let of = stream.limits.budget.as_deref();
    let own: Vec<&RateLimit> =
        connector.rate_limit.iter().filter(|limit| of.is_some() && limit.of.as_deref() == of).collect();
    let counts = |other: &&Stream| other.limits.budget.as_deref() == of && other.name != stream.name;
    let others: Vec<String> = connector.streams.iter().filter(counts).map(|other| code(&other.name)).collect();
    let whose = match others.as_slice() {
        [] => "for this table".to_owned(),
        others => format!("shared by this table and {}", listed(others)),
    };
    let own_budgets = (!own.is_empty()).then(|| budgets(&own, &whose));
    let mut borne = connector.rate_limit.iter().filter(|limit| limit.of.is_none() || limit.of.as_deref() == of);
    let weight = (stream.limits.weight > 1).then(|| match borne.any(|limit| limit.cost.is_some()) {
        true => format!("A request is sent once at least {} points of the rate limit are left.", stream.limits.weight),
        false => format!("Each request counts as {} against the rate limit.", stream.limits.weight),
    });
    let sentences: Vec<String> = own_budgets.into_iter().chain(weight).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

fn budgets(limits: &[&RateLimit], whose: &str) -> String {
    let budget = |limit: &&RateLimit| match limit.cost {
        None => format!("{} {}", counted(grouped(limit.requests.into()), "request"), each(limit.per.words())),
        Some(_) => format!("{} points {}", grouped(limit.requests.into()), each(limit.per.words())),
    };
    let all: Vec<String> = limits.iter().map(budget).collect();
    let written = |teller: &Teller| code(teller.written());
    let left = limits.iter().flat_map(|limit| [&limit.remaining, &limit.reset, &limit.restore]).flatten();
    let left: Vec<String> = left.map(written).collect();
    let cost: Vec<String> = limits.iter().filter_map(|limit| limit.cost.as_ref()).map(written).collect();
    let told = |what: &str, places: &[String]| (!places.is_empty()).then(|| format!("{what} in {}", listed(places)));
    let told: Vec<String> = told("what is left", &left).into_iter().chain(told("what a request took", &cost)).collect();
    let budget = format!("At most {}, {whose}.", listed(&all));
    if told.is_empty() { budget } else { format!("{budget} The API reports {}.", told.join(", and ")) }
}

/// `per minute`, `in 10 seconds`.
fn each(time: &str) -> String {
    time.strip_prefix("1 ").map_or_else(|| format!("in {time}"), |unit| format!("per {unit}"))
}

/// What bounds a request.
pub(crate) fn limits(limits: &Limits) -> String {
    format!(
        "A request may take {} and is tried up to {}. A response may have {}, or {} once decompressed. Anything beyond that \
         is an error by name; nothing is cut off.",
        seconds(limits.timeout),
        counted(limits.tries, "time"),
        bytes(limits.body_bytes),
        bytes(limits.decompressed_bytes)
    )
}

fn seconds(time: Duration) -> String {
    match time.subsec_millis() {
        0 => counted(time.as_secs(), "second"),
        _ => counted(time.as_millis(), "millisecond"),
    }
}

fn bytes(count: u64) -> String {
    for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if count >= size && count.is_multiple_of(size) {
            return format!("{} {unit}", count / size);
        }
    }
    counted(count, "byte")
}

#[cfg(test)]
mod tests {
    use super::{budgets, bytes, matched};
    use tapwright_spec::model::{Match, RateLimit, StatusRange};
    use tapwright_spec::time::Duration;

    #[test]
    fn sizes_are_written_exactly() {
        assert_eq!(bytes(64 << 20), "64 MiB");
        assert_eq!(bytes((1 << 20) + 1), "1048577 bytes");
        assert_eq!(bytes(5), "5 bytes");
    }

    #[test]
    fn a_match_names_each_of_its_parts() {
        let when = Match {
            status: [(403, 403), (429, 429), (500, 599)].map(|(from, to)| StatusRange { from, to }).into(),
            header: Some(("X-A".into(), Some("b".into()))),
            text: Some("slow".into()),
            ..Match::default()
        };
        assert_eq!(
            matched(&when),
            "status 403, 429 or 500–599, a header `X-A` that contains `b` and the text `slow` in the body"
        );
    }

    #[test]
    fn a_budget_without_headers_claims_none() {
        let limit = RateLimit {
            of: None,
            requests: 5,
            per: Duration::parse("1 second").expect("a duration"),
            remaining: None,
            reset: None,
            restore: None,
            cost: None,
        };
        assert_eq!(budgets(&[&limit], "for this table"), "At most 5 requests per second, for this table.");
    }
}
