//! Requests, budgets and limits: from what is written to what is sent.

use super::Whole;
use super::absent::Standing;
use super::bodies::{self, Bodies};
use super::budgets;
use super::hosts;
use super::names::Names;
use super::rules;
use super::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Map, Reader, Text};
use crate::language::{self, Endpoint, Entry, PaginationForm};
use crate::model::{self, Limits, Request};

type Written = Text<grammar::Template>;
type Header = Text<grammar::Sendable>;

pub(super) fn check(whole: &Whole<'_>, reader: &mut Reader<'_>) -> Option<model::Check> {
    let check = &whole.spec.check.as_ref()?.0;
    let names = Names { whole, stream: None, scope: Scope::Shared };
    let parts = Parts {
        endpoint: check.endpoint.as_ref()?,
        base_url: None,
        params: check.params.as_ref(),
        headers: check.headers.as_ref(),
        bodies: Bodies::of_check(check),
    };
    let request = request(&names, &parts, reader)?;
    let graphql = matches!(request.body, Some(model::Body::GraphQl(_)));
    let usual = if graphql { model::Expected::Json } else { model::Expected::NoPage };
    let expects = check.expect.as_ref().map_or(usual, |expect| expect.value);
    if let (true, Some(expect), model::Expected::NoPage | model::Expected::Anything) = (graphql, &check.expect, expects)
    {
        let fault =
            Diagnostic::new("a query in GraphQL is answered in JSON, which tells of errors", expect.place.clone());
        reader.fault(fault.help("take `expect` out"));
    }
    let rules = whole.spec.http.as_ref().and_then(|http| http.on_response.as_deref()).unwrap_or_default();
    // They are checked with `http`.
    let answers = Names { whole, stream: None, scope: Scope::Answer };
    let mut rules = rules::rules(&answers, &[], rules, &mut Reader::new(reader.source));
    rules.retain(|rule| !matches!(rule.action, model::Action::Skip | model::Action::Stop));
    Some(model::Check { request, expects, rules })
}

/// What a request is made of, as the stream or the check says it.
pub(super) struct Parts<'a> {
    pub(super) endpoint: &'a Endpoint,
    /// The stream's own, where it is checked.
    pub(super) base_url: Option<&'a Written>,
    pub(super) params: Option<&'a Map<Entry>>,
    pub(super) headers: Option<&'a Map<Header>>,
    pub(super) bodies: Bodies<'a>,
}

/// Checks the expressions of a request and merges it with what `http` says.
pub(super) fn request(names: &Names<'_, '_>, parts: &Parts<'_>, reader: &mut Reader<'_>) -> Option<Request> {
    let http = names.whole.spec.http.as_ref()?;
    names.carried((&parts.endpoint.path, &parts.endpoint.place), Standing::Needed, reader);
    entries(names, (parts.params, parts.headers), reader);
    if let Some(base_url) = parts.base_url {
        names.carried((&base_url.value, &base_url.place), Standing::Needed, reader);
        is_base(base_url, reader);
    }
    header_names(parts.headers, reader);
    for template in parts.bodies.entries() {
        names.carried(template, Standing::Entry, reader);
    }
    for template in parts.bodies.texts() {
        names.carried(template, Standing::Needed, reader);
    }
    let own = names.stream.and_then(|stream| stream.base_url.as_ref());
    let base_url = own.or(http.base_url.as_ref())?.value.clone();
    let homes = hosts::homes(names, parts, &base_url, reader)?;
    let request = Request {
        method: parts.endpoint.method,
        base_url,
        home: homes.home,
        second_home: homes.second,
        path: parts.endpoint.path.clone(),
        params: merged(http.params.as_ref(), parts.params, bodies::param),
        headers: merged(http.headers.as_ref(), parts.headers, |name, value: &Header| {
            (name.to_owned(), value.value.clone())
        }),
        body: parts.bodies.lowered(),
    };
    bodies::fits(&request, parts.bodies.said, &parts.endpoint.method_place(), reader);
    Some(request)
}

/// Checks the expressions of params and headers.
fn entries(
    names: &Names<'_, '_>,
    (params, headers): (Option<&Map<Entry>>, Option<&Map<Header>>),
    reader: &mut Reader<'_>,
) {
    let params = params.iter().flat_map(|params| &params.0).filter_map(|(_, entry)| entry.as_ref());
    let headers = headers.iter().flat_map(|headers| &headers.0).filter_map(|(_, value)| value.as_ref());
    let headers = headers.map(|header| (&header.value, &header.place));
    for template in params.flat_map(|entry| entry.0.templates()).chain(headers) {
        names.carried(template, Standing::Entry, reader);
    }
}

/// The shared entries without those that are overridden, then the own ones.
fn merged<T, R>(shared: Option<&Map<T>>, own: Option<&Map<T>>, make: impl Fn(&str, &T) -> R) -> Vec<R> {
    let own = own.map(|map| map.0.as_slice()).unwrap_or_default();
    let overridden = |name: &str| own.iter().any(|(known, _)| known.value.eq_ignore_ascii_case(name));
    let shared = shared.map(|map| map.0.as_slice()).unwrap_or_default();
    shared
        .iter()
        .filter(|(name, _)| !overridden(&name.value))
        .chain(own)
        .filter_map(|(name, value)| Some(make(&name.value, value.as_ref()?)))
        .collect()
}

/// Checks the expressions of `http` itself, once.
pub(super) fn shared(whole: &Whole<'_>, reader: &mut Reader<'_>) {
    let Some(http) = &whole.spec.http else { return };
    let names = Names { whole, stream: None, scope: Scope::Shared };
    entries(&names, (http.params.as_ref(), http.headers.as_ref()), reader);
    if let Some(base) = &http.base_url {
        names.carried((&base.value, &base.place), Standing::Needed, reader);
        is_base(base, reader);
    }
    header_names(http.headers.as_ref(), reader);
    budgets::weights(whole, reader);
    let answers = Names { whole, stream: None, scope: Scope::Answer };
    rules::rules(&answers, &[], http.on_response.as_deref().unwrap_or_default(), reader);
    if let Some(PaginationForm::Form(form)) = &http.pagination {
        super::pages::stop_conditions(&answers, form, reader);
        super::pages::cursor_is_sent(form, reader);
    }
}

/// Reports a base URL that begins with neither a scheme nor an expression, or has a query.
fn is_base(base: &Written, reader: &mut Reader<'_>) {
    let text = base.value.source();
    let begins = ["{{", "http://", "https://"].iter().any(|begin| text.starts_with(begin));
    let readable = base.value.as_literal().is_none_or(|text| url::Url::parse(text).is_ok_and(|url| url.has_host()));
    if !begins || !readable {
        let fault = Diagnostic::new(format!("`{text}` is no base URL"), base.place.clone());
        reader.fault(fault.help("it begins with `https://` or `http://`, or with a config field of type url"));
    } else if base.value.literals().any(|text| text.contains(['?', '#'])) {
        let fault = Diagnostic::new("a base URL ends before the query", base.place.clone());
        reader.fault(fault.help("what every request should send stands under `params`"));
    }
}

/// Reports headers that HTTP could not carry.
fn header_names(headers: Option<&Map<Header>>, reader: &mut Reader<'_>) {
    for (name, _) in headers.iter().flat_map(|headers| &headers.0) {
        if let Err(wrong) = grammar::header(&name.value) {
            reader.fault(Diagnostic::new(wrong, name.place.clone()));
        }
    }
}

/// What a stream says of its limits over what `http` says.
pub(super) fn limits(whole: &Whole<'_>, stream: &language::Stream) -> Limits {
    let shared = whole.spec.http.as_ref().and_then(|http| http.limits.as_ref());
    let mut limits = Limits::default();
    for form in [shared, stream.limits.as_ref()].into_iter().flatten() {
        let whole = |number: &At<i64>| u32::try_from(number.value).unwrap_or(u32::MAX);
        if let Some(timeout) = &form.timeout {
            limits.timeout = timeout.as_std();
        }
        if let Some(body) = &form.body {
            limits.body_bytes = body.value;
        }
        if let Some(decompressed) = &form.decompressed {
            limits.decompressed_bytes = decompressed.value;
        }
        if let Some(redirects) = &form.redirects {
            limits.redirects = whole(&redirects.0);
        }
        if let Some(tries) = &form.tries {
            limits.tries = whole(&tries.0);
        }
        if let Some(concurrency) = &form.concurrency {
            limits.concurrency = whole(&concurrency.0);
        }
        if let Some(weight) = &form.weight {
            limits.weight = whole(&weight.0);
        }
    }
    limits
}
