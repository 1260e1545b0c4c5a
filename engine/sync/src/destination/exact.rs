//! Moments, days and decimals as the whole numbers that binary formats hold. What does not fit is refused, never rounded.

use jiff::civil::{Date, Time};

/// Microseconds since 1970 of a timestamp as the engine writes it; `None` if it is finer.
pub(super) fn micros(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| bytes[from..to].iter().fold(0_i64, |sum, b| sum * 10 + i64::from(b & 15));
    if bytes.len() < 20 || bytes[4] != b'-' || bytes[bytes.len() - 1] != b'Z' {
        return None;
    }
    let days = days_of(number(0, 4) as i32, number(5, 7) as u32, number(8, 10) as u32);
    let seconds = (number(11, 13) * 60 + number(14, 16)) * 60 + number(17, 19);
    Some((i64::from(days) * 86_400 + seconds) * 1_000_000 + fraction(&bytes[19..bytes.len() - 1])?)
}

/// Microseconds since midnight; `None` if the time is finer.
pub(super) fn time_micros(text: &str) -> Option<i64> {
    let time: Time = text.parse().ok()?;
    let nanos = i64::from(time.subsec_nanosecond());
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    (nanos % 1_000 == 0).then(|| seconds * 1_000_000 + nanos / 1_000)
}

/// Days since 1970-01-01.
pub(super) fn days(text: &str) -> Option<i32> {
    let date: Date = text.parse().ok()?;
    Some(days_of(i32::from(date.year()), u32::from(date.month().unsigned_abs()), u32::from(date.day().unsigned_abs())))
}

fn days_of(year: i32, month: u32, day: u32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month as i32 + 9) % 12) + 2) / 5 + day as i32 - 1;
    let of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468
}

/// Microseconds of `.123`.
fn fraction(text: &[u8]) -> Option<i64> {
    let digits = text.get(1..).unwrap_or_default();
    let whole = digits.len() <= 6 || digits[6..].iter().all(|digit| *digit == b'0');
    let digit = |at: usize| digits.get(at).map_or(0, |digit| i64::from(digit & 15));
    whole.then(|| (0..6).fold(0, |sum, at| sum * 10 + digit(at)))
}

/// Digits of a decimal of fixed width, and how many of them stand behind the point.
pub(super) const DIGITS: u8 = 38;
/// See [`DIGITS`].
pub(super) const SCALE: u8 = 18;

/// A decimal as a multiple of 10^-[`SCALE`]; `None` if it has more digits before the point or behind it.
pub(super) fn fixed(text: &str) -> Option<i128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, behind) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits = format!("{whole}{behind}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut shift = exponent.checked_sub(behind.len() as i64)?.checked_add(i64::from(SCALE))?;
    while shift < 0 && digits.ends_with('0') {
        digits.pop();
        shift += 1;
    }
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let fits = shift >= 0 && digits.len() as i64 + shift <= i64::from(DIGITS);
    let value = digits.parse::<i128>().ok().filter(|_| fits)? * 10_i128.pow(shift as u32);
    Some(if negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::{days, fixed, micros, time_micros};

    #[test]
    fn what_is_finer_than_a_microsecond_is_refused() {
        assert_eq!(micros("1970-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(micros("1969-12-31T23:59:59.999999Z"), Some(-1));
        assert_eq!(micros("2000-01-01T00:00:00.1234567Z"), None);
        assert_eq!(time_micros("08:00:00.000001"), Some(28_800_000_001));
        assert_eq!(time_micros("08:00:00.0000001"), None);
        assert_eq!(
            (days("1970-01-01"), days("2000-03-01"), days("0001-01-01")),
            (Some(0), Some(11_017), Some(-719_162))
        );
    }

    #[test]
    fn a_decimal_is_whole_or_refused() {
        let one = 1_000_000_000_000_000_000_i128;
        for (text, value) in [
            ("1.50", Some(one * 3 / 2)),
            ("-0.000000000000000001", Some(-1)),
            ("0.0000000000000000010", Some(1)),
            ("0.0000000000000000001", None),
            ("12345678901234567890", Some(12_345_678_901_234_567_890 * one)),
            ("123456789012345678901", None),
            ("1e3", Some(1_000 * one)),
            ("1e400", None),
            ("0e400", Some(0)),
            ("1e-99999999999999999999", None),
            ("", None),
            ("1.2.3", None),
        ] {
            assert_eq!(fixed(text), value, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

        #[test]
        fn moments_are_those_of_the_engine(second in -62_000_000_000_i64..250_000_000_000, micro in 0..1_000_000_i32) {
            let moment = Timestamp::new(second, micro * 1_000).expect("in range");
            prop_assert_eq!(micros(&moment.to_string()), Some(moment.as_microsecond()));
        }
    }
}
