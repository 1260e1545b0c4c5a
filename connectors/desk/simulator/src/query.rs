//! The parameters of a request, in the order in which they were sent.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::moment::Moment;
use crate::table::Bounds;

/// Everything but the unreserved characters of RFC 3986.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One parameter, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Param {
    pub(crate) name: String,
    pub(crate) value: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Query(pub(crate) Vec<Param>);

impl Query {
    pub(crate) fn parse(raw: &str) -> Self {
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        let pairs = raw.split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    Param { name: decode(name), value: decode(value) }
                })
                .collect(),
        )
    }

    /// The value of a parameter; one without any counts as not sent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        (self.0.iter().find(|param| param.name == name))
            .map(|param| param.value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn has_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.get(name).is_some())
    }

    /// A comma-separated list.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        self.get(name).map(|value| {
            (value.split(',').map(|part| part.trim().to_owned())).filter(|part| !part.is_empty()).collect()
        })
    }

    /// `since_updated_at`, `max_updated_at` and their like.
    pub(crate) fn moments(&self, field: &str) -> Bounds<Moment> {
        let read = |end: &str| self.get(&format!("{end}_{field}")).and_then(|at| at.parse().ok());
        Bounds { since: read("since"), max: read("max") }
    }

    /// `since_id` and `max_id`.
    pub(crate) fn ids(&self) -> Bounds<u64> {
        let read = |name: &str| self.get(name).and_then(|id| id.parse().ok());
        Bounds { since: read("since_id"), max: read("max_id") }
    }

    /// As it stands in links: form-encoded, without what pages by and what signs.
    pub(crate) fn own(&self) -> impl Iterator<Item = &Param> {
        (self.0.iter())
            .filter(|param| !matches!(param.name.as_str(), "page" | "per_page") && !param.name.starts_with("oauth_"))
    }
}

impl Param {
    /// Adds this parameter to a link that already has a `?`.
    pub(crate) fn append_to(&self, link: &mut String) {
        if !link.ends_with('?') {
            link.push('&');
        }
        link.push_str(&form_encoded(&self.name));
        link.push('=');
        link.push_str(&form_encoded(&self.value));
    }
}

/// A space is `+`, as the recorded links have it (`subject=please+help`).
fn form_encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string().replace("%20", "+")
}
