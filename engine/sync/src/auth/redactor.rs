//! Keeps secrets out of every text that is shown, logged or written.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Credentials;
use crate::http::RESERVED;

/// What stands in place of a secret.
const HIDDEN: &str = "***";

/// What requests carried for one time that is known at once, and how long it is at least.
const MOST_PASSING: usize = 64;
const LEAST_PASSING: usize = 12;

/// How much of a body a message shows.
const SHOWN: usize = 200;

/// Replaces secrets by `***`, in each form in which they may come back. Its clones learn of new secrets too.
#[derive(Clone)]
pub struct Redactor(Arc<RwLock<Forms>>);

struct Forms {
    /// What only the last requests carried, the newest last; a text that is kept may have it.
    passing: VecDeque<String>,
    /// Longest first, so that a form that holds another one goes as a whole.
    forms: Vec<String>,
    /// Whether a form begins with this byte: most places of a text need no further look.
    begins: [bool; 256],
}

impl Redactor {
    /// Hides `secrets` and what `credentials` derive from them.
    pub fn new(secrets: &[String], credentials: &Credentials) -> Redactor {
        let redactor = Redactor(Arc::new(RwLock::new(Forms {
            passing: VecDeque::new(),
            forms: Vec::new(),
            begins: [false; 256],
        })));
        redactor.hide(secrets);
        redactor.hide(&credentials.derived());
        redactor
    }

    /// Hides more secrets from now on.
    pub fn hide(&self, secrets: &[String]) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.forms.extend(secrets.iter().flat_map(|secret| forms(secret)).filter(|form| !form.is_empty()));
        known.forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        known.forms.dedup();
        let Forms { forms, begins, .. } = &mut *known;
        forms.iter().filter_map(|form| form.bytes().next()).for_each(|byte| begins[usize::from(byte)] = true);
    }

    /// Hides in messages what a request carries: a few more requests, and it is over with it. What is shorter than a
    /// signature may be anything.
    pub fn hide_for_now(&self, values: impl Iterator<Item = String>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for value in values.filter(|value| value.len() >= LEAST_PASSING) {
            if !known.passing.contains(&value) {
                known.begins[usize::from(value.as_bytes()[0])] = true;
                known.passing.push_back(value);
            }
        }
        let over = known.passing.len().saturating_sub(MOST_PASSING);
        known.passing.drain(..over);
    }

    /// How a body begins, on one line. It is redacted before it is cut, so that no half of a secret stays.
    pub fn beginning(&self, body: &[u8]) -> String {
        // A secret that the cut would halve must be whole when it is redacted.
        let head = &body[..body.len().min(SHOWN * 20)];
        let text = self.redact(&String::from_utf8_lossy(head));
        let words: Vec<&str> = text.split_whitespace().collect();
        let line = words.join(" ");
        match line.char_indices().nth(SHOWN) {
            Some((cut, _)) => format!("{}…", &line[..cut]),
            None => line,
        }
    }

    /// `text` without secrets.
    pub fn redact(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.hidden(text, &known.passing.iter().chain(&known.forms))
    }

    /// The same for a text that is kept: values that only a few requests carried may well be data in it.
    pub(crate) fn redact_for_good(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.hidden(text, &known.forms.iter())
    }
}

impl Forms {
    fn hidden<'f>(&'f self, text: &str, forms: &(impl Iterator<Item = &'f String> + Clone)) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            let may_begin = self.begins[usize::from(rest.as_bytes()[0])];
            let mut forms = forms.clone().filter(|_| may_begin);
            if let Some(form) = forms.find(|form| rest.starts_with(form.as_str())) {
                out.push_str(HIDDEN);
                rest = &rest[form.len()..];
            } else {
                out.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        out
    }
}

/// Each form in which a secret may come back, in one order.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let strict = utf8_percent_encode(secret, RESERVED).to_string();
    let json = serde_json::Value::from(secret).to_string();
    vec![
        strict.to_lowercase(),
        strict.replace("%20", "+"),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        json.trim_matches('"').to_owned(),
        json.trim_matches('"').replace('/', "\\/"),
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        strict,
        secret.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{HIDDEN, Redactor};
    use crate::auth::Credentials;
    use crate::component::Components;
    use tapwright_spec::expression::Scope;
    use tapwright_spec::model::Auth;

    fn redactor(secrets: &[&str]) -> Redactor {
        let secrets: Vec<String> = secrets.iter().map(|&one| one.to_owned()).collect();
        let none =
            Credentials::new(&Auth::Always(Vec::new()), &Scope::new(), &Components::default()).expect("credentials");
        Redactor::new(&secrets, &none)
    }

    #[test]
    fn what_a_request_carried_is_hidden_for_a_while_and_never_in_what_is_kept() {
        let redactor = redactor(&["key"]);
        redactor.hide_for_now(["0123456789abcdef".to_owned(), "short".to_owned(), String::new()].into_iter());
        let text = "short 0123456789abcdef key";
        assert_eq!(redactor.redact(text), "short *** ***");
        assert_eq!(redactor.redact_for_good(text), "short 0123456789abcdef ***");
        redactor.hide_for_now((0..100).map(|number| format!("signature {number}")));
        assert_eq!(redactor.redact(text), "short 0123456789abcdef ***");
        assert_eq!(redactor.redact("signature 99 and signature 12"), "*** and signature 12");
    }

    #[test]
    fn every_form_is_hidden() {
        let redactor = redactor(&["p/w \"é", "p/w", ""]);
        for form in [
            "p/w \"é",
            "p%2Fw%20%22%C3%A9",
            "p%2fw%20%22%c3%a9",
            "p%2Fw+%22%C3%A9",
            "p/w \\\"é",
            "p\\/w \\\"é",
            "cC93ICLDqQ==",
            "cC93ICLDqQ",
            "p/w",
        ] {
            assert_eq!(redactor.redact(form), HIDDEN, "{form}");
        }
        assert_eq!(redactor.redact("nothing ü here"), "nothing ü here");
    }
}
