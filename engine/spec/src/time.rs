//! Durations in words and the formats in which APIs write points in time.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// A duration as the spec writes it: `30 minutes`, `1 year`, `90s`.
#[derive(Clone)]
pub struct Duration {
    source: String,
    span: Span,
}

impl Duration {
    /// Reads a duration in words.
    ///
    /// # Errors
    /// A sentence that says what is wrong, for a text that is no duration or is negative.
    pub fn parse(source: &str) -> Result<Duration, String> {
        let wrong = || format!("`{source}` is no duration; write a number and a unit, as in `30 minutes` or `1 year`");
        let span: Span = source.trim().parse().map_err(|_| wrong())?;
        if span.is_negative() || source.trim_start().starts_with(['P', 'p', '-', '+']) {
            return Err(wrong());
        }
        Ok(Duration { source: source.trim().to_owned(), span })
    }

    /// As it was written.
    pub fn words(&self) -> &str {
        &self.source
    }

    /// This long before `moment`, by the calendar, in UTC.
    pub fn before(&self, moment: Timestamp) -> Timestamp {
        let zoned = moment.to_zoned(TimeZone::UTC);
        zoned.checked_sub(self.span).map_or(Timestamp::MIN, |earlier| earlier.timestamp())
    }

    /// This long after `moment`, by the calendar, in UTC.
    pub fn after(&self, moment: Timestamp) -> Timestamp {
        let zoned = moment.to_zoned(TimeZone::UTC);
        zoned.checked_add(self.span).map_or(Timestamp::MAX, |later| later.timestamp())
    }

    /// As a number of seconds; a month counts 30 days, a year 365.
    pub fn as_std(&self) -> std::time::Duration {
        let days = i64::from(self.span.get_years()) * 365
            + i64::from(self.span.get_months()) * 30
            + i64::from(self.span.get_weeks()) * 7
            + i64::from(self.span.get_days());
        let clock = Span::new()
            .hours(self.span.get_hours())
            .minutes(self.span.get_minutes())
            .seconds(self.span.get_seconds())
            .milliseconds(self.span.get_milliseconds());
        let clock = clock.total(jiff::Unit::Millisecond).unwrap_or(0.0).max(0.0);
        let days = u64::try_from(days).unwrap_or(0);
        std::time::Duration::from_secs(days * 86_400) + std::time::Duration::from_millis(clock as u64)
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl PartialEq for Duration {
    fn eq(&self, other: &Self) -> bool {
        self.span.fieldwise() == other.span.fieldwise()
    }
}

/// A duration forward, or with a `-` before it backward: `1 month`, `-7 days`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shift {
    length: Duration,
    back: bool,
}

impl Shift {
    /// Reads a duration with or without a sign.
    ///
    /// # Errors
    /// As [`Duration::parse`].
    pub(crate) fn parse(source: &str) -> Result<Shift, String> {
        let text = source.trim_start();
        let back = text.starts_with('-');
        let length = Duration::parse(text.strip_prefix(['-', '+']).unwrap_or(text)).map_err(|_| {
            format!("`{source}` is no duration; write a number and a unit, as in `1 month` or `-7 days`")
        })?;
        Ok(Shift { length, back })
    }

    /// So much later or earlier than `moment`.
    pub(crate) fn from(&self, moment: Timestamp) -> Timestamp {
        if self.back { self.length.before(moment) } else { self.length.after(moment) }
    }
}

/// How an API writes a point in time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TimeFormat {
    /// `2026-01-31T12:00:00Z`, with or without fractions and offset.
    #[default]
    Rfc3339,
    /// Seconds since 1970, as a number or as text.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// `2026-01-31`
    Date,
    /// A strftime pattern, UTC unless the pattern has an offset.
    Pattern(String),
}

impl TimeFormat {
    /// Reads the name of a format or a strftime pattern.
    ///
    /// # Errors
    /// A sentence for a text that is neither.
    pub fn parse(source: &str) -> Result<TimeFormat, String> {
        match source {
            "rfc3339" => Ok(TimeFormat::Rfc3339),
            "unix" => Ok(TimeFormat::Unix),
            "unix_ms" => Ok(TimeFormat::UnixMs),
            "date" => Ok(TimeFormat::Date),
            pattern if pattern.contains('%') => {
                let sample = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
                match jiff::fmt::strtime::format(pattern, &sample) {
                    Ok(_) => Ok(TimeFormat::Pattern(pattern.to_owned())),
                    Err(error) => {
                        let reason = error.to_string();
                        let reason = reason.rsplit(": ").next().unwrap_or_default();
                        Err(format!("`{pattern}` is no strftime pattern: {reason}"))
                    }
                }
            }
            other => Err(format!(
                "`{other}` is no time format; there are `rfc3339`, `unix`, `unix_ms`, `date` and strftime patterns"
            )),
        }
    }

    /// The name or pattern, as a spec writes it.
    pub fn name(&self) -> &str {
        match self {
            TimeFormat::Rfc3339 => "rfc3339",
            TimeFormat::Unix => "unix",
            TimeFormat::UnixMs => "unix_ms",
            TimeFormat::Date => "date",
            TimeFormat::Pattern(pattern) => pattern,
        }
    }

    /// `moment` in this format, for a request. RFC 3339 is written with whole seconds unless there are fractions.
    pub fn write(&self, moment: Timestamp) -> String {
        match self {
            TimeFormat::Rfc3339 => moment.to_string(),
            TimeFormat::Unix => moment.as_second().to_string(),
            TimeFormat::UnixMs => moment.as_millisecond().to_string(),
            TimeFormat::Date => moment.to_zoned(TimeZone::UTC).date().to_string(),
            TimeFormat::Pattern(pattern) => {
                let zoned = moment.to_zoned(TimeZone::UTC);
                jiff::fmt::strtime::format(pattern, &zoned).unwrap_or_else(|_| moment.to_string())
            }
        }
    }

    /// An earlier moment that this format writes in another way: by a millisecond or a second earlier, or by the
    /// least that it tells.
    pub fn earlier(&self, moment: Timestamp) -> Timestamp {
        let steps = [1_i64, 60, 3_600, 86_400, 31 * 86_400, 366 * 86_400];
        let millisecond = matches!(self, TimeFormat::UnixMs).then_some(1);
        let before = |milliseconds| moment - jiff::SignedDuration::from_millis(milliseconds);
        let mut tried = millisecond.into_iter().chain(steps.map(|seconds| seconds * 1_000)).map(before);
        tried.find(|earlier| self.write(*earlier) != self.write(moment)).unwrap_or(moment)
    }

    /// The moment that a record's text or number says. A day is its midnight in UTC. With the format
    /// `rfc3339` a space instead of the `T` is read too, and a missing offset means UTC.
    pub fn read(&self, text: &str) -> Option<Timestamp> {
        match self {
            TimeFormat::Rfc3339 => {
                text.parse::<Timestamp>().ok().or_else(|| text.parse::<DateTime>().ok().and_then(in_utc))
            }
            TimeFormat::Unix => match text.split_once('.') {
                None => Timestamp::from_second(text.parse().ok()?).ok(),
                Some(_) => {
                    let seconds: f64 = text.parse().ok()?;
                    Timestamp::from_microsecond((seconds * 1e6).round() as i64).ok()
                }
            },
            TimeFormat::UnixMs => Timestamp::from_millisecond(text.parse().ok()?).ok(),
            TimeFormat::Date => text.parse::<Date>().ok().and_then(|day| in_utc(day.at(0, 0, 0, 0))),
            TimeFormat::Pattern(pattern) => {
                let parsed = jiff::fmt::strtime::parse(pattern, text).ok()?;
                parsed
                    .to_timestamp()
                    .ok()
                    .or_else(|| in_utc(parsed.to_datetime().ok()?))
                    .or_else(|| in_utc(parsed.to_date().ok()?.at(0, 0, 0, 0)))
            }
        }
    }
}

fn in_utc(moment: DateTime) -> Option<Timestamp> {
    moment.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// What a user writes for a point in time (`--start`): a timestamp, a day, or a duration before `now`.
///
/// # Errors
/// A sentence for a text that is none of them.
pub fn parse_moment(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    TimeFormat::Rfc3339
        .read(text)
        .or_else(|| TimeFormat::Date.read(text))
        .or_else(|| Duration::parse(text.trim_end_matches(" ago")).ok().map(|d| d.before(now)))
        .ok_or_else(|| format!("`{text}` is no point in time; write 2026-01-31, 2026-01-31T12:00:00Z or `30 days`"))
}

#[cfg(test)]
mod tests {
    use super::{Duration, TimeFormat, parse_moment};

    #[test]
    fn durations_are_words() {
        let year = Duration::parse("1 year").expect("a duration");
        assert_eq!(year.before("2024-02-29T00:00:00Z".parse().expect("a time")).to_string(), "2023-02-28T00:00:00Z");
        assert_eq!(Duration::parse("90 minutes").expect("a duration").as_std().as_secs(), 5_400);
        for wrong in ["", "often", "-1 day", "PT1H", "12"] {
            assert!(Duration::parse(wrong).is_err(), "{wrong} was accepted");
        }
    }

    #[test]
    fn formats_read_what_they_write() {
        let moment = "2026-01-31T12:30:00Z".parse().expect("a time");
        for name in ["rfc3339", "unix", "unix_ms", "%Y/%m/%d %H:%M:%S"] {
            let format = TimeFormat::parse(name).expect("a format");
            assert_eq!(format.read(&format.write(moment)), Some(moment), "{name}");
        }
        assert_eq!(TimeFormat::Rfc3339.read("2026-01-31 12:30:00"), Some(moment));
        assert!(TimeFormat::parse("iso").is_err());
    }

    #[test]
    fn an_earlier_moment_is_written_in_another_way() {
        let moment = "2026-03-01T00:00:30Z".parse().expect("a time");
        for (name, earlier) in [
            ("rfc3339", "2026-03-01T00:00:29Z"),
            ("unix_ms", "1772323229999"),
            ("%Y-%m-%dT%H:%M", "2026-02-28T23:59"),
            ("date", "2026-02-28"),
            ("%Y-%m", "2026-02"),
        ] {
            let format = TimeFormat::parse(name).expect("a format");
            assert_eq!(format.write(format.earlier(moment)), earlier, "{name}");
        }
    }

    #[test]
    fn a_start_is_a_day_a_moment_or_a_duration() {
        let now = "2026-01-31T00:00:00Z".parse().expect("a time");
        let read = |text| parse_moment(text, now).map(|moment| moment.to_string());
        assert_eq!(read("2026-01-01").as_deref(), Ok("2026-01-01T00:00:00Z"));
        assert_eq!(read("30 days ago").as_deref(), Ok("2026-01-01T00:00:00Z"));
        assert!(read("yesterday").is_err());
    }
}
