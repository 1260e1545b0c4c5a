//! Where keys, tokens and signatures go, and whether every request has a place for them.

use crate::check::Whole;
use crate::check::bodies::Bodies;
use crate::check::names::Names;
use crate::diagnostic::Diagnostic;
use crate::expression::Template;
use crate::grammar::{self, Reader, Text, list_names};
use crate::language::{self, ApiKey, SendTokens};
use crate::model::{Body, JsonTemplate, KeyPlace, Method, Sent};

/// What `send` says; `name` stands for what is sent, and goes as a bearer token where nothing is said.
pub(super) fn sent(
    names: &Names<'_, '_>,
    (forms, name): (Option<&SendTokens>, &str),
    reader: &mut Reader<'_>,
) -> Option<Vec<Sent>> {
    let bare = |before: &str| Template::compile(&format!("{before}{{{{ {name} }}}}")).ok();
    let Some(forms) = forms else {
        return Some(vec![Sent { place: KeyPlace::Header("Authorization".to_owned()), value: bare("Bearer ")? }]);
    };
    let mut sent = Vec::new();
    for form in &forms.0 {
        let value = form.value.as_ref().map_or_else(|| bare(""), |value| Some(value.value.clone()));
        if let Some(written) = &form.value {
            names.template(&written.value, &written.place, reader);
            let root = name.split('.').next().unwrap_or(name);
            if !written.value.reads(root) {
                let message = format!("this value holds no `{root}`, so nothing of it would be sent");
                let help = format!("write `{{{{ {name} }}}}` where it goes, as in \"Token {{{{ {name} }}}}\"");
                reader.fault(Diagnostic::new(message, written.place.clone()).help(help));
            }
        }
        let places = Places {
            header: form.header.as_ref(),
            query: form.query.as_ref(),
            body: form.body.as_ref(),
            cookie: form.cookie.as_ref(),
        };
        sent.push(Sent { place: places.one(names.whole, reader)?, value: value? });
    }
    Some(sent)
}

pub(super) fn of_key(whole: &Whole<'_>, key: &ApiKey, reader: &mut Reader<'_>) -> Option<KeyPlace> {
    let places = Places {
        header: key.header.as_ref(),
        query: key.query.as_ref(),
        body: key.body.as_ref(),
        cookie: key.cookie.as_ref(),
    };
    places.one(whole, reader)
}

/// The places of which one is given.
struct Places<'a> {
    header: Option<&'a Text<grammar::Header>>,
    query: Option<&'a Text<grammar::Plain>>,
    body: Option<&'a Text<grammar::Plain>>,
    cookie: Option<&'a Text<grammar::Cookie>>,
}

impl Places<'_> {
    fn one(&self, whole: &Whole<'_>, reader: &mut Reader<'_>) -> Option<KeyPlace> {
        if let Some(body) = self.body {
            carried_by_bodies(whole, body, reader);
        }
        match (self.header, self.query, self.body, self.cookie) {
            (Some(header), ..) => Some(KeyPlace::Header(header.value.clone())),
            (None, Some(query), ..) => Some(KeyPlace::Query(query.value.clone())),
            (None, None, Some(body), _) => Some(KeyPlace::Body(body.value.clone())),
            (None, None, None, Some(cookie)) => Some(KeyPlace::Cookie(cookie.value.clone())),
            (None, None, None, None) => None,
        }
    }
}

/// Reports requests whose body cannot hold a key: those without one, and lists.
fn carried_by_bodies(whole: &Whole<'_>, key: &Text<grammar::Plain>, reader: &mut Reader<'_>) {
    let is_get = |endpoint: Option<&language::Endpoint>| endpoint.is_some_and(|one| one.method == Method::Get);
    let check = whole.spec.check.as_ref().filter(|check| is_get(check.0.endpoint.as_ref())).map(|_| "check");
    let streams = whole.streams.iter().filter_map(|(name, stream)| Some((name.value.as_str(), stream.as_ref()?)));
    let of_job = |stream: &language::Stream| {
        stream.job.iter().flat_map(crate::check::jobs::endpoints).any(|endpoint| endpoint.method != Method::Post)
    };
    let without = |stream: &language::Stream| is_get(stream.endpoint.as_ref()) || of_job(stream);
    let gets = streams.clone().filter(|(_, stream)| without(stream)).map(|(name, _)| name);
    let gets: Vec<&str> = check.into_iter().chain(gets).collect();
    if !gets.is_empty() {
        let message = format!("only a `POST` has a body that could carry the key: {}", list_names(gets));
        let fault = Diagnostic::new(message, key.place.clone());
        reader.fault(fault.help("send the key in a header, in the query or in a cookie, or send `POST`"));
    }
    let other = streams.filter(|(_, stream)| has_no_members(Bodies::of(stream))).map(|(name, _)| name);
    let checked = whole.spec.check.as_ref().is_some_and(|check| has_no_members(Bodies::of_check(&check.0)));
    let other: Vec<&str> = checked.then_some("check").into_iter().chain(other).collect();
    if !other.is_empty() {
        let message = format!("the key is a member of the body, and this body is no mapping: {}", list_names(other));
        reader.fault(Diagnostic::new(message, key.place.clone()).help("write the body as a mapping"));
    }
}

fn has_no_members(bodies: Bodies<'_>) -> bool {
    match bodies.lowered() {
        Some(Body::Json(tree)) => !matches!(tree, JsonTemplate::Object(_)),
        Some(Body::Text(_)) => true,
        Some(Body::Form(_) | Body::GraphQl(_)) | None => false,
    }
}
