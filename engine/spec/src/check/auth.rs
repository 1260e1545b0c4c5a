//! Credentials: which go together, which a config field chooses, and whether requests can carry them.

mod hmac;
mod jwt;
mod oauth2;
mod send;
mod session;

pub(super) use session::part_of_answer;

use super::names::Names;
use super::scope::Scope;
use super::{Whole, named};
use crate::diagnostic::Diagnostic;
use crate::expression::Template;
use crate::grammar::{self, At, Reader, Text, list_names};
use crate::language::{self, AuthByConfig, AuthChoice, AuthForms, ConfigTypeWord};
use crate::model::{Auth, KeyPlace, Scheme, Signature};

type Written = Text<grammar::Template>;

pub(super) fn auth(whole: &Whole<'_>, reader: &mut Reader<'_>) -> Option<Auth> {
    match whole.spec.auth.as_ref()? {
        AuthChoice::Always(forms) => Some(Auth::Always(together(whole, forms, reader)?)),
        AuthChoice::ByConfig(choice) => by_config(whole, choice, reader),
    }
}

/// Credentials that go together: no two in one place.
fn together(whole: &Whole<'_>, forms: &AuthForms, reader: &mut Reader<'_>) -> Option<Vec<Scheme>> {
    let mut lowered: Vec<Option<Scheme>> = Vec::new();
    for form in &forms.0 {
        let scheme = scheme(whole, form, reader);
        for place in scheme.iter().flat_map(Scheme::places).map(|place| named(&place)) {
            let mut taken = lowered.iter().flatten().flat_map(Scheme::places);
            if let (Some(key), true) = (form.said.first(), taken.any(|one| named(&one).eq_ignore_ascii_case(&place))) {
                let message = format!("`{}` fills {place}, and so does one before it", key.text);
                reader.fault(Diagnostic::new(message, key.place.clone()).help("keep one of them"));
            }
        }
        if let Some(hook) = scheme.as_ref().and_then(Scheme::hook) {
            let mut before = lowered.iter().flatten().filter_map(Scheme::hook);
            if before.any(|one| one.name == hook.name) {
                let fault =
                    Diagnostic::new(format!("`{}` would sign each request twice", hook.name), hook.place.clone());
                reader.fault(fault.help("name each hook once"));
            }
        }
        lowered.push(scheme);
    }
    lowered.into_iter().collect()
}

/// Names with their templates, in order.
fn templates(pairs: Option<&grammar::Map<Written>>) -> Option<Vec<(String, Template)>> {
    let pairs = pairs.iter().flat_map(|pairs| &pairs.0);
    pairs.map(|(name, text)| Some((name.value.clone(), text.as_ref()?.value.clone()))).collect()
}

fn named(place: &KeyPlace) -> String {
    match place {
        KeyPlace::Header(name) => format!("the header `{name}`"),
        KeyPlace::Query(name) => format!("the parameter `{name}`"),
        KeyPlace::Body(name) => format!("`{name}` in the body"),
        KeyPlace::Cookie(name) => format!("the cookie `{name}`"),
    }
}

fn scheme(whole: &Whole<'_>, form: &language::Auth, reader: &mut Reader<'_>) -> Option<Scheme> {
    let shared = |scope| Names { whole, stream: None, scope };
    let names = shared(Scope::Shared);
    let mut take = |template: Option<&Written>| {
        let template = template?;
        names.template(&template.value, &template.place, reader);
        Some(template.value.clone())
    };
    if let Some(basic) = &form.basic {
        let username = take(basic.username.as_ref());
        let password = take(basic.password.as_ref()).unwrap_or_else(|| Template::literal(""));
        return Some(Scheme::Basic { username: username?, password });
    }
    if let Some(bearer) = &form.bearer {
        return Some(Scheme::Bearer { token: take(bearer.token.as_ref())? });
    }
    if let Some(key) = &form.api_key {
        let value = take(key.value.as_ref());
        let place = send::of_key(whole, key, reader);
        return Some(Scheme::ApiKey { place: place?, value: value? });
    }
    if let Some(oauth) = &form.oauth2 {
        return oauth2::scheme((&names, &shared(Scope::Token)), oauth, reader);
    }
    if let Some(jwt) = &form.jwt {
        return jwt::scheme((&names, &shared(Scope::Token)), jwt, reader);
    }
    if let Some(form) = &form.session {
        return session::scheme(whole, form, reader);
    }
    if let Some(hook) = &form.hook {
        return Some(Scheme::Hook(named::named(whole, hook, reader)));
    }
    if let Some(form) = &form.hmac {
        return hmac::scheme(whole, form, reader);
    }
    let oauth = form.oauth1.as_ref()?;
    let parts = [&oauth.consumer_key, &oauth.consumer_secret, &oauth.token, &oauth.token_secret];
    let [consumer_key, consumer_secret, token, token_secret] = parts.map(|part| take(part.as_ref()));
    Some(Scheme::OAuth1 {
        consumer_key: consumer_key?,
        consumer_secret: consumer_secret?,
        token: token?,
        token_secret: token_secret?,
        signature: oauth.signature.as_ref().map_or(Signature::HmacSha1, |signature| signature.value),
    })
}

fn by_config(whole: &Whole<'_>, choice: &AuthByConfig, reader: &mut Reader<'_>) -> Option<Auth> {
    let values = choice.by.as_ref().and_then(|by| values_of(whole, by, reader));
    let cases = choice.when.as_ref()?;
    if let Some(values) = &values {
        has_each(cases, values, choice, reader);
    }
    let chosen = Whole { chosen: true, ..whole.clone() };
    let lowered: Vec<_> = cases
        .0
        .iter()
        .map(|(value, forms)| Some((value.value.clone(), together(&chosen, forms.as_ref()?, reader)?)))
        .collect();
    let cases = lowered.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Auth::ByConfig { field: choice.by.as_ref()?.value.clone(), cases })
}

/// The values of the config field that chooses; it must always have one.
fn values_of<'a>(whole: &Whole<'a>, by: &Text<grammar::Plain>, reader: &mut Reader<'_>) -> Option<Vec<&'a str>> {
    let known = || whole.config.iter().copied();
    // As an expression it would be `{{ config.NAME }}`.
    let bare = by.value.trim_start_matches("{{").trim_end_matches("}}").trim().trim_start_matches("config.");
    let meant = crate::nearest(bare, known()).unwrap_or(&by.value);
    reader.config_read.insert(meant.to_owned());
    let mut fields = whole.spec.config.iter().flat_map(|config| &config.0);
    let Some((_, field)) = fields.find(|(name, _)| name.value == by.value) else {
        if whole.config_known {
            let fault = Diagnostic::new(format!("no config field is called `{}`", by.value), by.place.clone());
            reader.fault(fault.nearest(bare, known()).help("`by` is the bare name of a config field of type `enum`"));
        }
        return None;
    };
    let field = field.as_ref()?;
    let kind = field.kind.as_ref()?;
    if kind.value != ConfigTypeWord::Enum {
        let message = format!("`{}` is no `enum`, and only an enum has values to choose by", by.value);
        reader.fault(Diagnostic::new(message, by.place.clone()).help("make its type `enum`, and list its `values`"));
        return None;
    }
    if field.optional.as_ref().is_some_and(|optional| optional.value) && field.default.is_none() {
        let message = format!("`{}` may be left out, and then nothing says how to authenticate", by.value);
        reader.fault(Diagnostic::new(message, by.place.clone()).help("give it a `default`, or take `optional` out"));
    }
    Some(field.values.as_ref()?.iter().map(|value| value.value.as_str()).collect())
}

/// Reports values without a case, and cases without a value.
fn has_each(cases: &grammar::Map<AuthForms>, values: &[&str], choice: &AuthByConfig, reader: &mut Reader<'_>) {
    let is_value = |case: &At<String>| values.contains(&&*case.value);
    let mut strays = Vec::new();
    for (case, _) in cases.0.iter().filter(|(case, _)| !is_value(case)) {
        let fault = Diagnostic::new(format!("the field has no value `{}`", case.value), case.place.clone());
        let fault = fault.nearest(&case.value, values.iter().copied());
        reader.fault(fault.help(format!("its values are {}", list_names(values.iter().copied()))));
        strays.extend(crate::nearest(&case.value, values.iter().copied()));
    }
    let has_case = |value: &&str| cases.names().any(|name| name == *value) || strays.contains(value);
    let missing: Vec<&str> = values.iter().copied().filter(|value| !has_case(value)).collect();
    if let (false, Some(place)) = (missing.is_empty(), choice.said("when")) {
        let message = format!("`when` does not say how to authenticate with {}", list_names(missing));
        reader.fault(Diagnostic::new(message, place.clone()).help("add a case; it may be `none`"));
    }
}
