//! What a hook wants to go with a request: nothing of it may change what the request is.

use crate::limits::{CARRIED, CARRIED_BYTES, WORDS};
use crate::meter::shown;

/// Headers that say how a request is framed and where it goes. They are the engine's.
const FRAMING: [&str; 10] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Checks headers and parameters, each a name and a value.
///
/// # Errors
/// What is wrong with them. No value is told: it may be a secret.
pub(crate) fn check<'p>(
    headers: impl Iterator<Item = (&'p str, &'p str)>,
    params: impl Iterator<Item = (&'p str, &'p str)>,
) -> Result<(), String> {
    let (mut count, mut bytes) = (0, 0);
    let mut take = |name: &str, value: &str| {
        (count, bytes) = (count + 1, bytes + name.len() + value.len());
        match count > CARRIED || bytes > CARRIED_BYTES {
            true => {
                Err(format!("it gives more than {CARRIED} headers and parameters or {CARRIED_BYTES} bytes of them"))
            }
            false => Ok(()),
        }
    };
    for (name, value) in headers {
        take(name, value)?;
        header(name, value)?;
    }
    for (name, value) in params {
        take(name, value)?;
        if name.is_empty() {
            return Err("it gives a parameter without a name".to_owned());
        }
    }
    Ok(())
}

fn header(name: &str, value: &str) -> Result<(), String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let name_shown = shown(name, WORDS);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("it gives a header `{name_shown}`, which is no name of one"));
    }
    if FRAMING.iter().any(|framing| name.eq_ignore_ascii_case(framing)) {
        return Err(format!("it gives the header `{name_shown}`, which is the engine's"));
    }
    match value.chars().any(|c| c.is_control() && c != '\t') {
        true => Err(format!("the value of its header `{name_shown}` has a control character in it")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    fn told(name: &str, value: &str) -> String {
        check([(name, value)].into_iter(), [("ok", "a\nb")].into_iter()).err().unwrap_or_default()
    }

    #[test]
    fn what_would_change_the_request_is_refused() {
        assert_eq!(told("x-signature", "a=b; c"), "");
        assert_eq!(told("Host", "other.example"), "it gives the header `Host`, which is the engine's");
        assert_eq!(told("a b", "x"), "it gives a header `a b`, which is no name of one");
        assert_eq!(told("x", "S3CRET\r\nhost: b"), "the value of its header `x` has a control character in it");
        assert_eq!(
            told("x", &"y".repeat(70_000)),
            "it gives more than 100 headers and parameters or 65536 bytes of them"
        );
        let nameless = check(std::iter::empty(), [("", "x")].into_iter());
        assert_eq!(nameless, Err("it gives a parameter without a name".to_owned()));
    }
}
