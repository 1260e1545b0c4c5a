//! Numbers by their digits: what a 64-bit integer or a double holds exactly, and what it does not.

/// Greatest integer up to which a double holds every one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// An integer written as such or, up to 2^53, with a fraction or exponent that says nothing more.
pub(super) fn integer(text: &str) -> Option<i64> {
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    if !is_decimal(text) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    (value.abs() < EXACT && value.fract() == 0.0 && is_whole(text, value)).then_some(value as i64)
}

/// Whether the digits behind the point are zeros: `1.00000000000000000001` is nearly 1 and not 1.
fn is_whole(text: &str, value: f64) -> bool {
    match text.split_once('.') {
        None => true,
        Some((_, fraction)) if fraction.bytes().all(|b| b == b'0') => true,
        Some(_) => text.contains(['e', 'E']) && text.len() < 16 && value.abs() >= 1.0,
    }
}

/// The double that is nearest; none for an integer that would be rounded or a number beyond all doubles.
pub(super) fn number(text: &str) -> Option<f64> {
    if !is_decimal(text) {
        return None;
    }
    let value: f64 = text.parse().ok()?;
    let digits = text.trim_start_matches('-');
    let exact =
        value.abs() < EXACT || !digits.bytes().all(|b| b.is_ascii_digit()) || format!("{:.0}", value.abs()) == digits;
    (value.is_finite() && exact).then_some(value)
}

/// Digits with a sign, a point and an exponent where JSON has them; a leading `+` or zeros are let pass.
pub(super) fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent = exponent.is_none_or(|part| digits(part.strip_prefix(['-', '+']).unwrap_or(part)));
    let mantissa = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    mantissa && exponent
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use super::{integer, number};

    #[test]
    fn integers_are_exact_or_refused() {
        for (text, value) in [
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("9007199254740993.0", None),
            ("1.00000000000000000001", None),
            ("12.0", Some(12)),
            ("1e3", Some(1_000)),
            ("1.5", None),
            ("inf", None),
        ] {
            assert_eq!(integer(text), value, "{text}");
        }
        assert_eq!(number("9007199254740993"), None);
        assert_eq!(number("9007199254740994"), Some(9_007_199_254_740_994.0));
        assert_eq!(number("1e999"), None);
        assert_eq!(number("NaN"), None);
    }

    proptest! {
        #[test]
        fn every_integer_comes_back(value in any::<i64>()) {
            prop_assert_eq!(integer(&value.to_string()), Some(value));
        }
    }
}
