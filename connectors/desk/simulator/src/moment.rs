//! Whole seconds in UTC, the only time Desk tells.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Serialize, Serializer};

/// A second since 1970, written as `2016-03-01T09:10:11Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// The moment `seconds` later.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    pub(crate) fn day(self) -> Date {
        Timestamp::from_second(self.0).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC).date()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Timestamp::from_second(self.0).unwrap_or(Timestamp::UNIX_EPOCH).fmt(out)
    }
}

impl FromStr for Moment {
    type Err = String;

    /// Filters came as unix seconds from most clients and as ISO 8601 from one: both are read.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("now") {
            return Ok(Self(Timestamp::now().as_second()));
        }
        if let Ok(seconds) = text.parse() {
            return Ok(Self(seconds));
        }
        if let Ok(timestamp) = text.parse::<Timestamp>() {
            return Ok(Self(timestamp.as_second()));
        }
        text.parse::<Date>()
            .and_then(|day| day.to_zoned(TimeZone::UTC))
            .map(|midnight| Self(midnight.timestamp().as_second()))
            .map_err(|_| format!("`{text}` is neither unix seconds nor a timestamp"))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
