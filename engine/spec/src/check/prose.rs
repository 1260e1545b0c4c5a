//! Prose that contradicts what runs.
//!
//! What a page says of method, frequency and limits is generated; an author's own words beside it must
//! not say the opposite. Only claims that can be read without doubt are compared.

mod named;

use std::sync::LazyLock;

use regex::Regex;

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::{Markdown, Reader, Text};
use crate::language::{self, ReplicationForm};
use crate::model::RateLimit;
use crate::time::Duration;

fn regex(pattern: &str) -> Regex {
    // The patterns stand in this file and are compiled by its tests.
    Regex::new(pattern).unwrap_or_else(|_| unreachable!("a pattern of this file"))
}

static FULL: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bfull[ -](table|refresh|reload)\b"));
static INCREMENTAL: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bincremental(ly)?\b"));
static EVERY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\bevery (\d+ (?:seconds?|minutes?|hours?|days?|weeks?))\b"));
/// What makes a sentence one about when the connector runs.
static RUNS: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(sync(s|ed|s?hroni[sz]e[sd]?)?|replicat(e[sd]?|ions?)|runs?|extract(s|ed|ions?)?|load(s|ed)?)\b")
});
static REQUESTS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(\d[\d,]*) (?:API )?(?:requests|calls)(?:/| (?:per|a|each|every|in a|in one) )(second|minute|hour|day)\b",
    )
});
/// A word shortly before the claim that turns it round.
static NEGATION: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)\b(no|not|never|cannot|can't|without|instead of|unlike|other than|isn't|than)\b[^.;]{0,40}$")
});

pub(super) fn contradictions(whole: &Whole<'_>, reader: &mut Reader<'_>) {
    // As they are written: a stream with another fault is compared too.
    for (name, form) in whole.streams.iter().filter_map(|(name, form)| Some((name, form.as_ref()?))) {
        for text in form.description.iter().chain(&form.notes) {
            if let Some(read) = read(form) {
                method((&name.value, read), text, reader);
            }
            budget(whole, text, reader);
        }
    }
    named::contradictions(whole, reader);
    let Some(about) = &whole.spec.about else { return };
    let remedies = about.troubleshooting.iter().flatten().filter_map(|trouble| trouble.remedy.as_ref());
    for text in general(about).chain(remedies) {
        frequency(whole, text, reader);
        budget(whole, text, reader);
    }
}

/// What stands on the page for all streams: what it was like before, in the changelog, is no part of it.
fn general(about: &language::About) -> impl Iterator<Item = &Text<Markdown>> {
    let steps = about.setup.iter().flatten().filter_map(|step| step.text.as_ref());
    let texts = about.description.iter().chain(&about.notes).chain(&about.limits);
    texts.chain(about.requirements.iter().flatten()).chain(steps)
}

/// How a stream is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    Incrementally,
    AsFullTable,
    AsFeed,
}

/// How the stream is read, if it says so without a fault.
fn read(form: &language::Stream) -> Option<Reading> {
    match &form.replication {
        Some(ReplicationForm::Form(written)) => Some(match written.method.as_ref()?.value {
            language::Method::FullTable => Reading::AsFullTable,
            language::Method::Incremental => Reading::Incrementally,
            language::Method::Feed => Reading::AsFeed,
        }),
        Some(ReplicationForm::FullTable) => Some(Reading::AsFullTable),
        None => form.said("replication").is_none().then_some(Reading::AsFullTable),
    }
}

fn method((name, read): (&str, Reading), text: &Text<Markdown>, reader: &mut Reader<'_>) {
    let (pattern, runs) = match read {
        Reading::Incrementally => (&*FULL, "incrementally"),
        Reading::AsFeed => (&*FULL, "as a feed"),
        Reading::AsFullTable => (&*INCREMENTAL, "as a full table"),
    };
    let claims = pattern.find_iter(&text.value);
    for found in claims.filter(|found| !negated(&text.value, found.start()) && !is_option(&text.value, found.start())) {
        let message = format!("the text says `{}`, and `{}` is read {runs}", found.as_str(), name);
        told(
            text,
            found.range(),
            message,
            "say what runs, or leave it out: the page tells the method by itself",
            reader,
        );
    }
}

fn frequency(whole: &Whole<'_>, text: &Text<Markdown>, reader: &mut Reader<'_>) {
    let Some(frequency) = whole.spec.schedule.as_ref().and_then(|schedule| schedule.frequency.as_ref()) else { return };
    for found in EVERY.captures_iter(&text.value) {
        let (Some(all), Some(words)) = (found.get(0), found.get(1)) else { continue };
        let said = Duration::parse(words.as_str());
        let of_runs = RUNS.is_match(sentence(&text.value, all.range()));
        let differs = said.is_ok_and(|said| said.as_std() != frequency.as_std());
        if of_runs && differs && !negated(&text.value, all.start()) {
            let message =
                format!("the text says `{}`, and the schedule says every {}", all.as_str(), frequency.words());
            told(
                text,
                all.range(),
                message,
                "say what runs, or leave it out: the page tells the schedule by itself",
                reader,
            );
        }
    }
}

fn budget(whole: &Whole<'_>, text: &Text<Markdown>, reader: &mut Reader<'_>) {
    let limits = super::budgets::shared(whole.spec.http.as_ref());
    let Some(limit) = limits.first() else { return };
    for found in REQUESTS.captures_iter(&text.value) {
        let (Some(all), Some(number), Some(unit)) = (found.get(0), found.get(1), found.get(2)) else { continue };
        let number: Option<u32> = number.as_str().replace(',', "").parse().ok();
        let unit = Duration::parse(&format!("1 {}", unit.as_str().to_lowercase()));
        let (Some(number), Ok(unit)) = (number, unit) else { continue };
        let said = f64::from(number) / unit.as_std().as_secs_f64();
        let runs = |limit: &RateLimit| f64::from(limit.requests) / limit.per.as_std().as_secs_f64();
        let differs = |limit: &RateLimit| (said - runs(limit)).abs() > runs(limit) * 1e-9;
        if limits.iter().all(differs) && !negated(&text.value, all.start()) {
            let message = format!(
                "the text says `{}`, and `rate_limit` says {} in {}",
                all.as_str(),
                limit.requests,
                limit.per.words()
            );
            told(text, all.range(), message, "make the two agree: the engine keeps `rate_limit`", reader);
        }
    }
}

/// The sentence around a part of a text.
fn sentence(text: &str, range: std::ops::Range<usize>) -> &str {
    let ends = |c: char| matches!(c, '.' | ';' | '!' | '?');
    let start = text[..range.start].rfind(ends).map_or(0, |end| end + 1);
    let end = text[range.end..].find(ends).map_or(text.len(), |end| range.end + end);
    &text[start..end]
}

fn negated(text: &str, start: usize) -> bool {
    NEGATION.is_match(&text[..start])
}

/// `--full-refresh` names an option of the program and claims nothing of the stream.
fn is_option(text: &str, start: usize) -> bool {
    text[..start].ends_with("--")
}

fn told(text: &Text<Markdown>, range: std::ops::Range<usize>, message: String, help: &str, reader: &mut Reader<'_>) {
    let place = place_of(text, range, reader);
    reader.fault(Diagnostic::new(message, place).help(help));
}

/// Where a part of a text stands in the file.
fn place_of(text: &Text<Markdown>, range: std::ops::Range<usize>, reader: &Reader<'_>) -> crate::source::Place {
    // A block's lines are indented in the file: look for the claim itself within the text's place.
    let part = reader.source.text().get(text.place.clone()).unwrap_or_default();
    let claim = &text.value[range];
    match part.find(claim) {
        Some(at) => text.place.start + at..text.place.start + at + claim.len(),
        None => text.place.clone(),
    }
}

#[cfg(test)]
mod tests {
    use crate::{Source, check};

    fn faults(notes: &str) -> Vec<String> {
        let spec = format!(
            "tapwright: 1\nname: a\ntitle: A\nversion: 1.0.0\nabout: {{summary: A.}}\nconfig: {{}}\nauth: none\n\
             http: {{base_url: \"http://a.example\", records: \"$[*]\", pagination: none}}\nstreams:\n  s:\n    \
             description: Rows.\n    notes: {notes}\n    endpoint: GET /s\n    primary_key: id\n    \
             replication: {{method: incremental, key: at, since: {{param: since}}}}\n    \
             fields: {{id: integer, at: timestamp}}\n"
        );
        match check(&Source::new("a.yaml", &spec)) {
            Ok(_) => Vec::new(),
            Err(diagnostics) => diagnostics.faults().iter().map(|fault| fault.message.clone()).collect(),
        }
    }

    #[test]
    fn an_option_of_the_program_is_no_claim() {
        assert_eq!(faults("Run it with `--full-refresh` now and then."), Vec::<String>::new());
        assert_eq!(faults("A full refresh."), ["the text says `full refresh`, and `s` is read incrementally"]);
    }
}
