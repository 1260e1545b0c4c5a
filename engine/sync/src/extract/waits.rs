//! Until when an answer has a run wait.

use std::time::Duration;

use jiff::Timestamp;

/// Smaller numbers are no moment of our time (September 2001), but seconds from now.
const LEAST: f64 = 1e9;
/// From here on a Unix time is in milliseconds.
const LEAST_MS: f64 = 1e12;

/// The moment of a text: RFC 3339, or a Unix time in seconds or milliseconds.
///
/// # Errors
/// Why it is none, with what may be meant.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    let Ok(number) = text.parse::<f64>() else {
        return text.parse().map_err(|_| format!("`{text}` is no time; it should be RFC 3339 or a Unix time"));
    };
    if number.is_nan() || number < LEAST {
        return Err(format!("`{text}` is no Unix time; seconds from now stand under `for`, as in `{text} seconds`"));
    }
    let ms = if number < LEAST_MS { number * 1e3 } else { number };
    Timestamp::from_millisecond(ms.ceil() as i64).map_err(|_| format!("`{text}` is no Unix time"))
}

/// How long it is until then; no time at all if it is over.
pub(super) fn from_now(moment: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(moment.duration_since(now)).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::{from_now, moment};
    use jiff::Timestamp;

    #[test]
    fn a_moment_is_a_timestamp_or_a_unix_time() {
        let now = Timestamp::from_second(1_700_000_000).expect("a time");
        for (text, seconds) in [
            ("1700000030", 30),
            ("1700000030.0", 30),
            ("1700000030000", 30),
            ("2023-11-14T22:13:50Z", 30),
            (" 2023-11-14T23:13:50+01:00 ", 30),
            ("2020-01-01T00:00:00Z", 0),
        ] {
            assert_eq!(moment(text).map(|moment| from_now(moment, now).as_secs()), Ok(seconds), "{text}");
        }
        for text in ["", "30", "soon", "NaN", "-5", "1e300"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
