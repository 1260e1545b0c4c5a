//! What a recorded request must have besides method, path and query.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::http::Request;

/// Headers and body of a recorded request, as far as they matter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// As JSON, or the text of a body that is none.
    #[serde(default)]
    body: Option<Value>,
}

/// A part of a request that is another one than what is recorded.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unlike {
    pub(super) recorded: String,
    pub(super) asked: String,
}

impl Sent {
    pub(super) fn is_in(&self, request: &Request) -> bool {
        self.unlike(request).is_none()
    }

    /// The first part that is not as it is recorded.
    pub(super) fn unlike(&self, request: &Request) -> Option<Unlike> {
        let wrong = self.headers.iter().find(|(name, value)| request.headers.get(name) != Some(value));
        if let Some((name, value)) = wrong {
            let asked = request.headers.get(name).map_or(format!("without {name}"), |other| format!("{name}: {other}"));
            return Some(Unlike { recorded: format!("{name}: {value}"), asked });
        }
        let wanted = self.body.as_ref()?;
        let asked = request.body.as_deref().map(body);
        let is_it = asked.as_ref() == Some(wanted);
        let shown = |body: &Value| body.as_str().map_or_else(|| body.to_string(), str::to_owned);
        let asked = asked.as_ref().map_or("without a body".to_owned(), shown);
        (!is_it).then(|| Unlike { recorded: shown(wanted), asked })
    }
}

/// A body that is no JSON is compared as a text.
fn body(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into())
}
