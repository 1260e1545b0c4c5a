//! Requests, auth, pagination, rules and limits: from what is written to what is sent.

use super::Whole;
use super::names::{Names, Scope};
use crate::diagnostic::Diagnostic;
use crate::expression::Template;
use crate::grammar::{self, At, Map, OneOrMany, Reader, Text};
use crate::language::{self, AuthChoice, Do, Endpoint, Pagination, PaginationForm, Rule, StopForm, When};
use crate::model::{
    Action, Auth, Body, KeyPlace, Limits, Match, Method, Next, PageSize, Param, RateLimit, Request, RestartAfter,
    Signature, StatusRange, Stop,
};

type Written = Text<grammar::Template>;

pub(super) fn auth(whole: &Whole<'_>, reader: &mut Reader<'_>) -> Option<Auth> {
    let form = match whole.spec.auth.as_ref()? {
        AuthChoice::None => return Some(Auth::None),
        AuthChoice::Form(form) => form,
    };
    let names = Names { whole, stream: None, scope: Scope::Shared };
    let mut take = |template: Option<&Written>| {
        let template = template?;
        names.template(&template.value, &template.place, reader);
        Some(template.value.clone())
    };
    if let Some(basic) = &form.basic {
        let username = take(basic.username.as_ref());
        let password = take(basic.password.as_ref()).unwrap_or_else(|| Template::literal(""));
        return Some(Auth::Basic { username: username?, password });
    }
    if let Some(bearer) = &form.bearer {
        return Some(Auth::Bearer { token: take(bearer.token.as_ref())? });
    }
    if let Some(key) = &form.api_key {
        let place = match (&key.header, &key.query) {
            (Some(header), _) => KeyPlace::Header(header.value.clone()),
            (None, Some(query)) => KeyPlace::Query(query.value.clone()),
            _ => return None,
        };
        return Some(Auth::ApiKey { place, value: take(key.value.as_ref())? });
    }
    let oauth = form.oauth1.as_ref()?;
    let parts = [&oauth.consumer_key, &oauth.consumer_secret, &oauth.token, &oauth.token_secret];
    let [consumer_key, consumer_secret, token, token_secret] = parts.map(|part| take(part.as_ref()));
    Some(Auth::OAuth1 {
        consumer_key: consumer_key?,
        consumer_secret: consumer_secret?,
        token: token?,
        token_secret: token_secret?,
        signature: oauth.signature.as_ref().map_or(Signature::HmacSha1, |signature| signature.value),
    })
}

pub(super) fn check(whole: &Whole<'_>, reader: &mut Reader<'_>) -> Option<Request> {
    let check = &whole.spec.check.as_ref()?.0;
    let names = Names { whole, stream: None, scope: Scope::Shared };
    let parts = Parts {
        endpoint: check.endpoint.as_ref()?,
        base_url: None,
        params: check.params.as_ref(),
        headers: check.headers.as_ref(),
        body: None,
    };
    request(&names, &parts, reader)
}

/// What a request is made of, as the stream or the check says it.
pub(super) struct Parts<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) base_url: Option<&'a Written>,
    pub(super) params: Option<&'a Map<OneOrMany<Written>>>,
    pub(super) headers: Option<&'a Map<Written>>,
    pub(super) body: Option<&'a language::JsonTree>,
}

/// Checks the expressions of a request and merges it with what `http` says.
pub(super) fn request(names: &Names<'_, '_>, parts: &Parts<'_>, reader: &mut Reader<'_>) -> Option<Request> {
    let http = names.whole.spec.http.as_ref()?;
    names.template(&parts.endpoint.path, &parts.endpoint.place, reader);
    for (_, values) in parts.params.iter().flat_map(|params| &params.0) {
        for value in values.iter().flat_map(|values| &values.0) {
            names.template(&value.value, &value.place, reader);
        }
    }
    for header in parts.headers.iter().flat_map(|headers| &headers.0).filter_map(|(_, value)| value.as_ref()) {
        names.template(&header.value, &header.place, reader);
    }
    if let Some(base_url) = parts.base_url {
        names.template(&base_url.value, &base_url.place, reader);
    }
    if let Some(body) = parts.body {
        for (template, place) in &body.templates {
            names.template(template, place, reader);
        }
        if parts.endpoint.method == Method::Get {
            let fault = Diagnostic::new("a `GET` has no body", parts.endpoint.place.clone());
            reader.fault(fault.help("write `POST` if the API wants one, or take `body` out"));
        }
    }
    let base_url = parts.base_url.or(http.base_url.as_ref())?.value.clone();
    Some(Request {
        method: parts.endpoint.method,
        base_url,
        path: parts.endpoint.path.clone(),
        params: merged(http.params.as_ref(), parts.params, |name, values: &OneOrMany<Written>| Param {
            name: name.to_owned(),
            values: values.0.iter().map(|value| value.value.clone()).collect(),
        }),
        headers: merged(http.headers.as_ref(), parts.headers, |name, value: &Written| {
            (name.to_owned(), value.value.clone())
        }),
        body: parts.body.map(|body| Body::Json(body.tree.clone())),
    })
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
    let params = http.params.iter().flat_map(|params| &params.0).filter_map(|(_, values)| values.as_ref());
    let headers = http.headers.iter().flat_map(|headers| &headers.0).filter_map(|(_, value)| value.as_ref());
    let templates = http.base_url.iter().chain(headers).chain(params.flat_map(|values| &values.0));
    for template in templates {
        names.template(&template.value, &template.place, reader);
    }
    if let Some(base) = &http.base_url
        && let Some(text) = base.value.as_literal()
        && !text.starts_with("http://")
        && !text.starts_with("https://")
    {
        let fault = Diagnostic::new(format!("`{text}` is no base URL"), base.place.clone());
        reader.fault(fault.help("it begins with `https://` or `http://`, or with a config field of type url"));
    }
    let answers = Names { whole, stream: None, scope: Scope::Answer };
    rules(&answers, &[], http.on_response.as_deref().unwrap_or_default(), reader);
    if let Some(PaginationForm::Form(form)) = &http.pagination {
        stop_conditions(&answers, form, reader);
    }
}

fn stop_conditions(names: &Names<'_, '_>, form: &Pagination, reader: &mut Reader<'_>) {
    for stop in form.stop.iter().flat_map(|stop| &stop.0) {
        if let StopForm::When(condition) = stop {
            names.condition(&condition.value, &condition.place, reader);
        }
    }
}

pub(super) fn rate_limit(limit: &language::RateLimit) -> Option<RateLimit> {
    Some(RateLimit {
        requests: u32::try_from(limit.requests.as_ref()?.0.value).ok()?,
        per: limit.per.as_ref()?.value.clone(),
        remaining: limit.remaining.as_ref().map(|header| header.value.clone()),
        reset: limit.reset.as_ref().map(|header| header.value.clone()),
    })
}

pub(super) fn limits(shared: Option<&language::Limits>, own: Option<&language::Limits>) -> Limits {
    let mut limits = Limits::default();
    for form in [shared, own].into_iter().flatten() {
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
    }
    limits
}

/// The rules of a stream, its own before the shared ones; unreachable ones are faults.
pub(super) fn rules(
    names: &Names<'_, '_>,
    own: &[Rule],
    shared: &[Rule],
    reader: &mut Reader<'_>,
) -> Vec<crate::model::Rule> {
    let mut lowered: Vec<crate::model::Rule> = Vec::new();
    // The rules of `http` are told once, by the call that has no own ones, not again for each stream.
    let told = |index: usize| names.stream.is_none() || index < own.len();
    for (index, form) in own.iter().chain(shared).enumerate() {
        let mut scratch = Reader::new(reader.source);
        let rule = rule(names, form, if told(index) { reader } else { &mut scratch });
        let Some(rule) = rule else { continue };
        if told(index) && lowered.iter().any(|earlier| covers(&earlier.when, &rule.when)) {
            let fault = Diagnostic::new("an earlier rule takes every answer that this one would", form.place.clone());
            reader.fault(fault.label("never reached").help("put it before the wider rule, or take it out"));
        }
        lowered.push(rule);
    }
    lowered
}

fn rule(names: &Names<'_, '_>, form: &Rule, reader: &mut Reader<'_>) -> Option<crate::model::Rule> {
    let action = form.action.as_ref()?;
    for template in form.how_long.iter().chain(&form.message) {
        names.template(&template.value, &template.place, reader);
    }
    let action = match (action.value, &form.how_long) {
        (Do::Wait, Some(how_long)) => Action::Wait { how_long: how_long.value.clone() },
        (Do::Wait, None) => {
            let fault = Diagnostic::new("`do: wait` does not say how long", action.place.clone());
            reader.fault(fault.help("add `for: 30 seconds`, or an expression that gives such a text"));
            return None;
        }
        (_, Some(how_long)) => {
            let fault =
                Diagnostic::new("`for` says how long to wait, and this rule does not wait", how_long.place.clone());
            reader.fault(fault.help("write `do: wait`, or take `for` out"));
            return None;
        }
        (Do::Retry, None) => Action::Retry,
        (Do::Skip, None) => Action::Skip,
        (Do::Stop, None) => Action::Stop,
        (Do::Fail, None) => Action::Fail,
    };
    let when = when(names, form.when.as_ref()?, reader)?;
    Some(crate::model::Rule { when, action, message: form.message.as_ref().map(|message| message.value.clone()) })
}

fn when(names: &Names<'_, '_>, when: &When, reader: &mut Reader<'_>) -> Option<Match> {
    if let Some(condition) = &when.condition {
        names.condition(&condition.value, &condition.place, reader);
    }
    let lowered = Match {
        status: when.status.iter().flat_map(|status| &status.0).map(|status| status.0.value).collect(),
        header: when.header.as_ref().map(|header| (header.name.clone(), header.contains.clone())),
        body: when.body.as_ref().map(|path| path.value.clone()),
        text: when.text.as_ref().map(|text| text.value.clone()),
        condition: when.condition.as_ref().map(|condition| condition.value.clone()),
    };
    let nothing = lowered.status.is_empty()
        && lowered.header.is_none()
        && lowered.body.is_none()
        && lowered.text.is_none()
        && lowered.condition.is_none();
    if nothing {
        let fault = Diagnostic::new("this rule says of no answer what it looks like", when.place.clone());
        reader.fault(fault.help("give it a `status`, `header`, `body`, `text` or `condition`"));
        return None;
    }
    Some(lowered)
}

/// Whether every answer that `later` matches is matched by `earlier`.
fn covers(earlier: &Match, later: &Match) -> bool {
    let within = |inner: &StatusRange| earlier.status.iter().any(|r| r.from <= inner.from && inner.to <= r.to);
    let status = earlier.status.is_empty() || (!later.status.is_empty() && later.status.iter().all(within));
    let header = match (&earlier.header, &later.header) {
        (None, _) => true,
        (Some((a, None)), Some((b, _))) => a.eq_ignore_ascii_case(b),
        (Some(a), Some(b)) => a == b,
        (Some(_), None) => false,
    };
    let body = earlier.body.is_none() || earlier.body == later.body;
    let text = match (&earlier.text, &later.text) {
        (None, _) => true,
        (Some(a), Some(b)) => b.contains(a.as_str()),
        (Some(_), None) => false,
    };
    let condition = match (&earlier.condition, &later.condition) {
        (None, _) => true,
        (Some(a), Some(b)) => a.source() == b.source(),
        (Some(_), None) => false,
    };
    status && header && body && text && condition
}

/// What a stream says of its pages over what `http` says, key by key; another way to the next page
/// takes the shared one's place with its stop rules.
pub(super) fn merge_pagination(shared: Option<&PaginationForm>, own: Option<&PaginationForm>) -> Option<Pagination> {
    let form = |form: &PaginationForm| match form {
        PaginationForm::None => None,
        PaginationForm::Form(form) => Some((**form).clone()),
    };
    let Some(own) = own else { return shared.and_then(form) };
    let own = form(own)?;
    let Some(shared) = shared.and_then(form) else { return Some(own) };
    if next(&own).is_some() {
        return Some(Pagination {
            size: own.size.or(shared.size),
            restart_after: own.restart_after.or(shared.restart_after),
            max_pages: own.max_pages.or(shared.max_pages),
            ..own
        });
    }
    Some(Pagination {
        place: own.place,
        size: own.size.or(shared.size),
        stop: own.stop.or(shared.stop),
        total: own.total.or(shared.total),
        max_pages: own.max_pages.or(shared.max_pages),
        restart_after: own.restart_after.or(shared.restart_after),
        ..shared
    })
}

fn next(form: &Pagination) -> Option<language::NextForm> {
    if let Some(path) = &form.next_url {
        return Some((Next::NextUrl { path: path.value.clone() }, path.place.clone()));
    }
    if let Some(link) = &form.link_header {
        return Some((Next::LinkHeader, link.place.clone()));
    }
    if let Some(page) = &form.page_number {
        let param = page.param.as_ref()?;
        let next = Next::PageNumber { param: param.value.clone(), first: page.first.unwrap_or(1) };
        return Some((next, param.place.clone()));
    }
    if let Some(offset) = &form.offset {
        let param = offset.param.as_ref()?;
        let next = Next::Offset { param: param.value.clone(), first: offset.first.unwrap_or(0) };
        return Some((next, param.place.clone()));
    }
    let cursor = form.cursor.as_ref()?;
    let (path, param) = (cursor.from.as_ref()?, cursor.param.as_ref()?);
    Some((Next::Cursor { path: path.value.clone(), param: param.value.clone() }, param.place.clone()))
}

/// Lowers the merged pagination of a stream. `tell` is false for what `http` said and another stream told.
pub(super) fn pagination(
    names: &Names<'_, '_>,
    form: Option<&Pagination>,
    reader: &mut Reader<'_>,
) -> crate::model::Pagination {
    let single = crate::model::Pagination {
        next: Next::Single,
        size: None,
        stop: Vec::new(),
        total: None,
        max_pages: None,
        restart_after: None,
    };
    let Some(form) = form else { return single };
    one_way(form, reader);
    stop_conditions(names, form, reader);
    let Some((next, place)) = next(form) else {
        without_way(form, reader);
        return single;
    };
    let size = form.size.as_ref().and_then(|size| {
        let value = u64::try_from(size.value.as_ref()?.0.value).ok()?;
        Some(PageSize { param: size.param.as_ref()?.value.clone(), value })
    });
    let stop: Vec<Stop> = stops(form, size.is_some(), reader);
    let counts = matches!(next, Next::PageNumber { .. } | Next::Offset { .. });
    if counts && stop.is_empty() && form.total.is_none() {
        let fault = Diagnostic::new("nothing says where this count of pages ends", place);
        reader.fault(
            fault.help("give `total: $.path` where the API tells it, or `stop: short_page` or `stop: empty_page`"),
        );
    }
    crate::model::Pagination {
        next,
        size,
        stop: if counts && form.total.is_some() { [stop, vec![Stop::Total]].concat() } else { stop },
        total: form.total.as_ref().map(|path| path.value.clone()),
        max_pages: form.max_pages.as_ref().and_then(|pages| u64::try_from(pages.0.value).ok()),
        restart_after: form
            .restart_after
            .as_ref()
            .and_then(|restart| Some(RestartAfter { pages: u64::try_from(restart.pages.as_ref()?.0.value).ok()? })),
    }
}

fn one_way(form: &Pagination, reader: &mut Reader<'_>) {
    let ways = [
        ("next_url", form.next_url.is_some()),
        ("link_header", form.link_header.is_some()),
        ("page_number", form.page_number.is_some()),
        ("offset", form.offset.is_some()),
        ("cursor", form.cursor.is_some()),
    ];
    let said: Vec<&str> = ways.iter().filter(|(_, said)| *said).map(|(name, _)| *name).collect();
    if let [first, second, ..] = said.as_slice() {
        let message = format!("`{first}` and `{second}` both lead to the next page");
        reader.fault(Diagnostic::new(message, form.place.clone()).help("keep the one that the API documents"));
    }
}

fn without_way(form: &Pagination, reader: &mut Reader<'_>) {
    let help = "add one of `next_url`, `link_header`, `page_number`, `offset` or `cursor`";
    let (what, place) = match (&form.size, &form.stop, &form.restart_after) {
        (Some(size), ..) => ("a page size", size.place.clone()),
        (_, Some(_), _) => ("a stop rule", form.place.clone()),
        (_, _, Some(restart)) => ("`restart_after`", restart.place.clone()),
        _ => ("a mapping", form.place.clone()),
    };
    reader.fault(Diagnostic::new(format!("{what} stands here, and nothing leads to the next page"), place).help(help));
}

fn stops(form: &Pagination, sized: bool, reader: &mut Reader<'_>) -> Vec<Stop> {
    let mut stops = Vec::new();
    for stop in form.stop.iter().flat_map(|stop| &stop.0) {
        stops.push(match stop {
            StopForm::ShortPage(place) => {
                if !sized {
                    let fault = Diagnostic::new("`short_page` needs to know the size of a full page", place.clone());
                    reader.fault(fault.help("add `size: {param: per_page, value: 100}`"));
                }
                Stop::ShortPage
            }
            StopForm::EmptyPage => Stop::EmptyPage,
            StopForm::When(condition) => Stop::When(condition.value.clone()),
        });
    }
    stops
}
