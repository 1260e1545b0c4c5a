//! Makes requests out of what the spec says of them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use tapwright_spec::expression::{ExpressionFault, Scope, Template};
use tapwright_spec::model::{Body, JsonTemplate, Request as Described};
use url::Url;

use super::{Headers, Origins, Request};

/// What a parent's value may not bring into a path: whatever begins another part of the URL.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b'+')
    .remove(b'&');

/// Why a request cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrepareFault {
    /// An expression at this place.
    Expression(String, ExpressionFault),
    /// This is no URL.
    Url(String),
    /// This URL is not at the base URL's host.
    Foreign(String),
    /// A parent's value would be taken out of the path.
    Dots(String),
}

impl std::fmt::Display for PrepareFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PrepareFault::Expression(at, fault) => write!(f, "{at}: {fault}"),
            PrepareFault::Dots(text) => {
                write!(f, "`{text}` cannot be asked for: a segment of dots is no name in a URL")
            }
            PrepareFault::Url(text) => write!(f, "`{text}` is no URL"),
            PrepareFault::Foreign(host) => {
                write!(f, "{host} is neither the host of `base_url` nor in `allow_hosts`")
            }
        }
    }
}

/// A request with the place where it is at home.
pub(crate) struct Prepared {
    pub(crate) request: Request,
    pub(crate) origins: Origins,
}

/// `described` with the values of `scope`.
pub(crate) fn prepare(
    described: &Described,
    scope: &Scope,
    parent: Option<&Map<String, Value>>,
    allow_hosts: &[String],
) -> Result<Prepared, PrepareFault> {
    let base = render(&described.base_url, scope, "base_url")?;
    let base = base.trim_end_matches('/');
    let home: Url = base.parse().map_err(|_| PrepareFault::Url(base.to_owned()))?;
    if !matches!(home.scheme(), "http" | "https") || home.host().is_none() {
        return Err(PrepareFault::Url(base.to_owned()));
    }
    let path = path(&described.path, scope, parent)?;
    let url = if path.starts_with("http://") || path.starts_with("https://") {
        path
    } else if path.starts_with('/') || path.is_empty() {
        format!("{base}{path}")
    } else {
        format!("{base}/{path}")
    };
    let text = url;
    let url: Url = text.parse().map_err(|_| PrepareFault::Url(text.clone()))?;
    if parent.is_some() && loses_segments(&text, &url) {
        return Err(PrepareFault::Dots(text));
    }
    let origins = Origins::new(home, allow_hosts.to_vec());
    if !origins.trusts(&url) {
        return Err(PrepareFault::Foreign(url.origin().ascii_serialization()));
    }
    let mut request = Request::get(url);
    request.method = described.method;
    add_params(&mut request, described, scope)?;
    add_headers(&mut request, described, scope)?;
    add_body(&mut request, described, scope)?;
    Ok(Prepared { request, origins })
}

fn render(template: &Template, scope: &Scope, place: &str) -> Result<String, PrepareFault> {
    template.render(scope).map_err(|fault| PrepareFault::Expression(place.to_owned(), fault))
}

/// A parent's values come from the API: in a path they are one segment, whatever they hold.
fn path(template: &Template, scope: &Scope, parent: Option<&Map<String, Value>>) -> Result<String, PrepareFault> {
    match parent {
        Some(parent) if template.source().starts_with('/') => {
            let escaped: Map<String, Value> =
                parent.iter().map(|(name, value)| (name.clone(), escape(value))).collect();
            render(template, &scope.clone().with("parent", &escaped), "endpoint")
        }
        _ => render(template, scope, "endpoint"),
    }
}

/// Whether segments of dots, which no escape keeps in a path, were taken out with what stands before them.
fn loses_segments(text: &str, url: &Url) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let segments = path.split_once("://").map_or(path, |(_, rest)| rest).matches('/').count();
    url.path().matches('/').count() < segments || path.ends_with("/.")
}

/// A value as one segment of a path.
pub(crate) fn escape(value: &Value) -> Value {
    match value {
        Value::String(text) => utf8_percent_encode(text, IN_PATH).to_string().into(),
        other => other.clone(),
    }
}

fn add_params(request: &mut Request, described: &Described, scope: &Scope) -> Result<(), PrepareFault> {
    for param in &described.params {
        for template in &param.values {
            let value = render(template, scope, &format!("params.{}", param.name))?;
            // A first run has no `since`: nothing is asked for, rather than an empty bound.
            if !(value.is_empty() && template.reads("since")) {
                request.add_query(&param.name, &value);
            }
        }
    }
    Ok(())
}

fn add_headers(request: &mut Request, described: &Described, scope: &Scope) -> Result<(), PrepareFault> {
    request.headers = Headers::ours();
    for (name, template) in &described.headers {
        let value = render(template, scope, &format!("headers.{name}"))?;
        request.headers.set(name, &value);
    }
    Ok(())
}

fn add_body(request: &mut Request, described: &Described, scope: &Scope) -> Result<(), PrepareFault> {
    let Some(Body::Json(tree)) = &described.body else {
        return Ok(());
    };
    let value = json(tree, scope)?;
    if request.headers.get("Content-Type").is_none() {
        request.headers.add("Content-Type", "application/json");
    }
    request.body = Some(value.to_string().into_bytes());
    Ok(())
}

fn json(tree: &JsonTemplate, scope: &Scope) -> Result<Value, PrepareFault> {
    Ok(match tree {
        JsonTemplate::Fixed(value) => value.clone(),
        JsonTemplate::Text(template) => render(template, scope, "body")?.into(),
        JsonTemplate::List(list) => {
            let values: Result<Vec<Value>, _> = list.iter().map(|one| json(one, scope)).collect();
            values?.into()
        }
        JsonTemplate::Object(members) => {
            let mut object = Map::new();
            for (name, member) in members {
                object.insert(name.clone(), json(member, scope)?);
            }
            object.into()
        }
    })
}
