//! Makes requests out of what the spec says of them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use tapwright_spec::exact;
use tapwright_spec::expression::{ExpressionFault, Scope, Template};
use tapwright_spec::model::Request as Described;
use url::Url;

use super::body::{add_body, sent, text_of, texts};
use super::{Headers, Hosts, Origins, Request};

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
    /// This host is not at home.
    Foreign {
        /// Where the request would go.
        host: String,
        /// Where it is at home.
        home: String,
    },
    /// A download is at a host that the job does not name.
    Elsewhere {
        /// Where the request would go.
        host: String,
        /// Where it is at home.
        home: String,
    },
    /// A value from the API, or of `for_each`, would be taken out of the path.
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
            PrepareFault::Foreign { host, home } => {
                write!(f, "nothing is sent to {host}, which is neither {home} nor in `allow_hosts`")
            }
            PrepareFault::Elsewhere { host, home } => {
                write!(f, "nothing is sent to {host}, which is neither {home} nor in `allow_hosts` or `download_hosts`")
            }
        }
    }
}

/// What a request is made with, beside the scope.
pub(crate) struct Given<'a> {
    /// What `for_each` gives, by the names under which expressions read it.
    pub(crate) each: Option<&'a Map<String, Value>>,
    /// What the API says of the stream, if only it can tell it.
    pub(crate) object: Option<&'a Map<String, Value>>,
    /// What is known of a job.
    pub(crate) job: Option<&'a Map<String, Value>>,
    /// Where requests may go, beside the host of the base URL.
    pub(crate) hosts: &'a Hosts,
}

impl<'a> Given<'a> {
    /// Hosts, and nothing of the API's.
    pub(crate) fn to_hosts(hosts: &'a Hosts) -> Given<'a> {
        Given { each: None, object: None, job: None, hosts }
    }

    fn has_values(&self) -> bool {
        self.each.is_some() || self.object.is_some() || self.job.is_some()
    }
}

/// A request with the place where it is at home.
#[derive(Clone)]
pub(crate) struct Prepared {
    pub(crate) request: Request,
    pub(crate) origins: Origins,
}

/// `described` with the values of `scope`.
pub(crate) fn prepare(described: &Described, scope: &Scope, given: &Given<'_>) -> Result<Prepared, PrepareFault> {
    let base = render(&described.base_url, scope, "base_url")?;
    let base = base.trim_end_matches('/');
    let begin = address(base)?;
    let whole = described.path.source().starts_with("{{");
    let path = path(&described.path, scope, given)?;
    let url = if whole {
        begin.join(&path).map_err(|_| PrepareFault::Url(path.clone()))?.into()
    } else if path.starts_with("http://") || path.starts_with("https://") {
        path
    } else if path.starts_with('/') || path.is_empty() {
        format!("{base}{path}")
    } else {
        format!("{base}/{path}")
    };
    let text = url;
    let url: Url = text.parse().map_err(|_| PrepareFault::Url(text.clone()))?;
    if !whole && given.has_values() && loses_segments(&text, &url) {
        return Err(PrepareFault::Dots(text));
    }
    let origins = origins(described, scope, given.hosts)?;
    if !origins.trusts(&url) {
        if whole {
            return download(url, origins);
        }
        return Err(PrepareFault::Foreign { host: url.origin().ascii_serialization(), home: origins.home() });
    }
    let mut request = Request::get(url);
    request.method = described.method;
    add_params(&mut request, described, scope)?;
    add_headers(&mut request, described, scope)?;
    add_body(&mut request, described, scope)?;
    Ok(Prepared { request, origins })
}

/// Where credentials may go: not where the base URL leads, which an answer may have told.
fn origins(described: &Described, scope: &Scope, hosts: &Hosts) -> Result<Origins, PrepareFault> {
    let home = |template| address(&render(template, scope, "base_url")?);
    let mut hosts = hosts.clone();
    if let Some(second) = &described.second_home {
        hosts.allowed.push(super::authority(&home(second)?));
    }
    Ok(Origins::new(home(&described.home)?, hosts))
}

fn address(text: &str) -> Result<Url, PrepareFault> {
    let url: Option<Url> = text.parse().ok();
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some());
    url.ok_or_else(|| PrepareFault::Url(text.to_owned()))
}

/// A request to a host that is told neither credentials nor what the spec sends to the API.
fn download(url: Url, origins: Origins) -> Result<Prepared, PrepareFault> {
    if !origins.lead_to(&url) {
        return Err(PrepareFault::Elsewhere { host: url.origin().ascii_serialization(), home: origins.home() });
    }
    let request = Request { headers: Headers::ours(), veiled: true, ..Request::get(url) };
    Ok(Prepared { request, origins })
}

/// The text of a template that needs a value.
fn render(template: &Template, scope: &Scope, place: &str) -> Result<String, PrepareFault> {
    template.text(scope).map_err(|fault| PrepareFault::Expression(place.to_owned(), fault))
}

/// What comes from the API, and what `for_each` gives, is one segment of a path, whatever it holds.
fn path(template: &Template, scope: &Scope, given: &Given<'_>) -> Result<String, PrepareFault> {
    if !template.source().starts_with('/') {
        return render(template, scope, "endpoint");
    }
    let each = given.each.into_iter().flatten();
    let mut scope = each.fold(scope.clone(), |scope, (name, value)| scope.with(name.as_str(), &escape(value)));
    for (root, values) in [("object", given.object), ("job", given.job)] {
        let Some(values) = values else { continue };
        let values: Map<String, Value> = values.iter().map(|(name, value)| (name.clone(), escape(value))).collect();
        scope = scope.with(root, &values);
    }
    render(template, &scope, "endpoint")
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
        number if exact::number(number).is_some() => number.clone(),
        Value::Array(values) => values.iter().map(escape).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), escape(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

fn add_params(request: &mut Request, described: &Described, scope: &Scope) -> Result<(), PrepareFault> {
    for param in &described.params {
        for value in texts(&param.value, scope, &format!("params.{}", param.name))? {
            request.add_query(&param.name, &value);
        }
    }
    Ok(())
}

fn add_headers(request: &mut Request, described: &Described, scope: &Scope) -> Result<(), PrepareFault> {
    request.headers = Headers::ours();
    for (name, template) in &described.headers {
        if let Some(value) = sent(template, scope, &format!("headers.{name}"))? {
            request.headers.set(name, &text_of(&value));
        }
    }
    Ok(())
}
