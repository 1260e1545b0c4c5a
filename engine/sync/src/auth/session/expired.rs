//! Whether an answer says that a session is over.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tapwright_spec::expression::Scope;
use tapwright_spec::model::Match;

use crate::auth::find::find;
use crate::http::Response;

/// Whether every part of `when` holds; a condition that cannot be computed does not.
pub(super) fn matches(when: &Match, response: &Response, scope: &Scope) -> bool {
    let status = response.status;
    if !when.status.is_empty() && !when.status.iter().any(|range| (range.from..=range.to).contains(&status)) {
        return false;
    }
    if let Some((name, part)) = &when.header {
        let part = part.as_deref().unwrap_or_default();
        if !response.headers.get(name).is_some_and(|value| value.contains(part)) {
            return false;
        }
    }
    if when.text.is_none() && when.body.is_none() && when.condition.is_none() {
        return true;
    }
    let text = String::from_utf8_lossy(&response.body);
    if when.text.as_ref().is_some_and(|part| !text.contains(part.as_str())) {
        return false;
    }
    let Some(body) = (when.body.is_some() || when.condition.is_some()).then(|| serde_json::from_str(&text)) else {
        return true;
    };
    let body: Value = body.unwrap_or_else(|_| text.as_ref().into());
    if when.body.as_ref().is_some_and(|path| find(path, &body).is_none_or(Value::is_null)) {
        return false;
    }
    when.condition.as_ref().is_none_or(|condition| {
        let headers: BTreeMap<String, &str> =
            response.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let answer = json!({"status": status, "headers": headers, "body": body});
        condition.holds(&scope.clone().with("response", &answer)).unwrap_or(false)
    })
}
