//! Which time each walk of a stream reads: all of it, or one window after the other.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tapwright_spec::model::{Replication, Stream};
use tapwright_spec::time::{Duration, TimeFormat};

use super::Step;
use crate::state::KeyValue;

/// The time that one walk reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Span {
    /// From this key on.
    pub since: Option<KeyValue>,
    /// Up to this moment.
    pub until: Option<Timestamp>,
}

impl Step {
    /// The spans that a run reads of `stream`, in their order; without windows there is one. Of a stream that has
    /// slices those of the slice with these identifiers.
    pub fn spans(&self, stream: &Stream, ids: &[String]) -> Spans {
        let (since, until) = (self.since_of(ids), self.until);
        let windows = match (&stream.replication, &since, until) {
            (Replication::Incremental(incremental), Some(KeyValue::Timestamp(from)), Some(end)) => {
                let format = incremental.until_format.clone();
                incremental.window.clone().map(|length| Windows { length, format, from: *from, end })
            }
            _ => None,
        };
        Spans { whole: windows.is_none().then_some(Span { since, until }), windows }
    }
}

impl Span {
    /// The step for this span alone.
    pub(crate) fn of(self, step: &Step) -> Step {
        Step {
            stream: step.stream,
            load: step.load,
            since: self.since,
            slices: BTreeMap::new(),
            until: self.until,
            start: step.start,
            note: None,
            parents: step.parents.clone(),
            children: step.children.clone(),
            dependents: step.dependents.clone(),
            routed: step.routed.clone(),
        }
    }
}

/// How long the stream's windows are, if it is read in such.
pub(crate) fn window(stream: &Stream) -> Option<&Duration> {
    match &stream.replication {
        Replication::Incremental(incremental) => incremental.window.as_ref(),
        Replication::FullTable | Replication::Feed(_) => None,
    }
}

/// One span after the other.
#[derive(Debug)]
pub struct Spans {
    whole: Option<Span>,
    windows: Option<Windows>,
}

/// The windows that are left.
#[derive(Debug)]
struct Windows {
    length: Duration,
    format: TimeFormat,
    from: Timestamp,
    end: Timestamp,
}

impl Windows {
    /// The moment as the API is told it: a day, if that is all that the format tells. What the format cuts off is
    /// asked for by the next window, or the next run.
    fn told(&self, moment: Timestamp) -> Timestamp {
        self.format.read(&self.format.write(moment)).filter(|told| *told < moment).unwrap_or(moment)
    }
}

impl Iterator for Spans {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let Some(windows) = self.windows.take() else { return self.whole.take() };
        let from = windows.from;
        let mut until = windows.length.after(from);
        // A window that is shorter than what the format tells grows until it tells.
        while until < windows.end && windows.told(until) <= from {
            let longer = windows.length.after(until);
            until = if longer > until { longer } else { windows.end };
        }
        let until = windows.told(until.min(windows.end));
        if until > from && until < windows.told(windows.end) {
            self.windows = Some(Windows { from: until, ..windows });
        }
        Some(Span { since: Some(KeyValue::Timestamp(from)), until: Some(until) })
    }
}

#[cfg(test)]
mod tests {
    use super::{Spans, TimeFormat, Windows};
    use tapwright_spec::time::Duration;

    fn spans(length: &str, format: &str, from: &str, end: &str) -> Vec<String> {
        let moment = |text: &str| text.parse().expect("a time");
        let length = Duration::parse(length).expect("a duration");
        let format = TimeFormat::parse(format).expect("a format");
        let windows = Windows { length, format, from: moment(from), end: moment(end) };
        let spans = Spans { whole: None, windows: Some(windows) };
        spans.map(|span| format!("{} {}", span.since.expect("a key"), span.until.expect("an end"))).collect()
    }

    #[test]
    fn windows_touch_and_end_at_the_end() {
        let found = spans("1 month", "rfc3339", "2025-12-01T10:00:00Z", "2026-01-31T00:00:00Z");
        assert_eq!(found, ["2025-12-01T10:00:00Z 2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z 2026-01-31T00:00:00Z"]);
        assert_eq!(spans("1 day", "unix", "2026-01-01T00:00:00Z", "2025-12-31T00:00:00Z").len(), 1);
    }

    #[test]
    fn a_window_begins_where_the_format_lets_the_one_before_end() {
        let found = spans("1 day", "date", "2025-12-01T10:00:00Z", "2025-12-02T18:00:00Z");
        assert_eq!(found, ["2025-12-01T10:00:00Z 2025-12-02T00:00:00Z"]);
        let found = spans("7 hours", "date", "2025-12-01T10:00:00Z", "2025-12-03T18:00:00Z");
        assert_eq!(found, ["2025-12-01T10:00:00Z 2025-12-02T00:00:00Z", "2025-12-02T00:00:00Z 2025-12-03T00:00:00Z"]);
    }
}
