//! When a request is tried again, and how long that waits.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use jiff::Timestamp;

use super::Headers;

/// The first wait; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait that nobody asked for.
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait before try number `tried + 1`: exponential, with half of it left to chance.
pub(crate) fn backoff(tried: u32) -> Duration {
    let full = FIRST.saturating_mul(1 << tried.saturating_sub(1).min(16)).min(LONGEST);
    full / 2 + full.mul_f64(chance() / 2.0)
}

/// A number from 0 to 1. The standard library's hash keys are random enough to spread requests.
fn chance() -> f64 {
    let bits = RandomState::new().hash_one(0_u8) >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

/// What `Retry-After` says: seconds, or a date (RFC 9110).
pub(crate) fn retry_after(headers: &Headers, now: Timestamp) -> Option<Duration> {
    let text = headers.get("Retry-After")?.trim();
    match text.parse::<f64>() {
        Ok(seconds) => from_seconds(seconds),
        Err(_) => {
            let date = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
            Some(until(date, now))
        }
    }
}

/// What a reset header says: seconds from now, or a unix time in seconds or milliseconds.
pub(crate) fn reset_after(value: &str, now: Timestamp) -> Option<Duration> {
    /// Seconds beyond this many are no wait but a point in time (September 2001).
    const LEAST_MOMENT: f64 = 1e9;
    const LEAST_MS: f64 = 1e12;
    let value = value.trim();
    let Ok(number) = value.parse::<f64>() else {
        return value.parse().ok().map(|moment| until(moment, now));
    };
    if number < LEAST_MOMENT {
        return from_seconds(number);
    }
    let ms = if number < LEAST_MS { number * 1e3 } else { number };
    Some(until(Timestamp::from_millisecond(ms as i64).ok()?, now))
}

fn from_seconds(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds.max(0.0)).ok()
}

fn until(moment: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, backoff, reset_after, retry_after};
    use crate::http::Headers;
    use jiff::Timestamp;
    use std::time::Duration;

    #[test]
    fn waits_grow_to_a_bound() {
        for (tried, least, most) in [(1, 250, 500), (3, 1_000, 2_000), (40, 15_000, 30_000)] {
            let wait = backoff(tried);
            assert!((least..=most).contains(&wait.as_millis()), "{tried}: {wait:?}");
        }
        assert_eq!(LONGEST.as_secs(), 30);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let wait = |value| {
            let mut headers = Headers::default();
            headers.add("retry-after", value);
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(wait("7"), Some(7));
        assert_eq!(wait("Thu, 01 Jan 2026 00:01:00 GMT"), Some(60));
        assert_eq!(wait("Wed, 31 Dec 2025 00:01:00 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
    }

    #[test]
    fn a_reset_is_seconds_or_a_moment() {
        let now = Timestamp::from_second(1_700_000_000).expect("a time");
        for (value, seconds) in [("30", 30), ("1700000030", 30), ("1700000030000", 30), ("1", 1)] {
            assert_eq!(reset_after(value, now), Some(Duration::from_secs(seconds)), "{value}");
        }
        assert_eq!(reset_after("later", now), None);
    }
}
