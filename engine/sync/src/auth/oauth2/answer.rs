//! What a token endpoint gives.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tapwright_spec::model::TokenAnswer;
use tapwright_spec::path::Path;

use crate::auth::Redactor;
use crate::auth::fetched::Got;
use crate::auth::find::{find, moment};
use crate::http::Fetched;

/// What an answer gives.
pub(super) struct Given {
    pub(super) got: Got,
    pub(super) refresh_token: Option<String>,
}

/// What an answer gives; its secrets are hidden before anybody sees them. A body without a token is not shown
/// whole: it may hold one under another name.
pub(super) fn given(fetched: &Fetched, paths: &TokenAnswer, redactor: &Redactor) -> Result<Given, String> {
    let body: Value = serde_json::from_slice(&fetched.response.body).unwrap_or_default();
    let access = text(&body, paths.token.as_ref(), "access_token");
    let refresh_token = text(&body, paths.refresh_token.as_ref(), "refresh_token");
    redactor.hide(&[&access, &refresh_token].into_iter().flatten().cloned().collect::<Vec<_>>());
    let Some(access) = access else {
        return Err(missing(&body, paths.token.as_ref(), "access_token"));
    };
    if let (Some(path), None) = (&paths.refresh_token, &refresh_token) {
        return Err(missing(&body, Some(path), ""));
    }
    let ends = ends(&body, paths, fetched.received_at)?;
    Ok(Given { got: Got { value: access.into(), ends }, refresh_token })
}

fn text(body: &Value, path: Option<&Path>, name: &str) -> Option<String> {
    let found = path.map_or_else(|| body.get(name), |path| find(path, body));
    found.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn missing(body: &Value, path: Option<&Path>, name: &str) -> String {
    let said: Vec<&str> = ["error", "error_description"].iter().filter_map(|name| body[name].as_str()).collect();
    let said = if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) };
    format!("the answer holds no `{}`{said}", path.map_or(name, Path::source))
}

/// When the token ends; null and nothing at all are no end, and so is a life that the default finds unreadable.
fn ends(body: &Value, paths: &TokenAnswer, now: Timestamp) -> Result<Option<Timestamp>, String> {
    if let Some(path) = &paths.expires_at {
        let wrong = || format!("the answer has no time at `{path}`");
        return match find(path, body).ok_or_else(wrong)? {
            Value::Null => Ok(None),
            value => moment(value).map(Some).ok_or_else(wrong),
        };
    }
    let Some(path) = &paths.expires_in else {
        return Ok(life(&body["expires_in"]).and_then(|life| now.checked_add(life).ok()));
    };
    let wrong = || format!("the answer has no number of seconds at `{path}`");
    match find(path, body).ok_or_else(wrong)? {
        Value::Null => Ok(None),
        value => Ok(now.checked_add(life(value).ok_or_else(wrong)?).ok()),
    }
}

fn life(value: &Value) -> Option<SignedDuration> {
    let seconds = match value {
        Value::String(text) => text.trim().parse().ok(),
        number => number.as_f64(),
    };
    SignedDuration::try_from_secs_f64(seconds.filter(|seconds| *seconds > 0.0)?).ok()
}
