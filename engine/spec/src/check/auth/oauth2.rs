//! OAuth 2.0: what each grant needs, and what it has no use for.

use super::Written;
use crate::check::names::Names;
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader, list_names};
use crate::language::{GrantWord, OAuth2};
use crate::model;

/// Parameters of the token request that have keys of their own.
const OWN: [&str; 7] = ["grant_type", "client_id", "client_secret", "scope", "username", "password", "refresh_token"];

pub(super) fn scheme(names: &Names<'_, '_>, form: &OAuth2, reader: &mut Reader<'_>) -> Option<model::Scheme> {
    let written = [&form.token_url, &form.client_id, &form.client_secret, &form.scope];
    let of_grant = [&form.username, &form.password, &form.refresh_token];
    let params = form.params.iter().flat_map(|params| &params.0);
    let of_params = params.clone().filter_map(|(_, value)| value.as_ref());
    for template in written.into_iter().chain(of_grant).flatten().chain(of_params) {
        names.template(&template.value, &template.place, reader);
    }
    form.token_url.iter().for_each(|url| is_endpoint(url, reader));
    own_params(form, reader);
    let grant = form.grant.as_ref().and_then(|word| grant(form, word, reader));
    let value = |template: &Written| template.value.clone();
    Some(model::Scheme::OAuth2(Box::new(model::OAuth2 {
        grant: grant?,
        token_url: value(form.token_url.as_ref()?),
        client_id: value(form.client_id.as_ref()?),
        client_secret: form.client_secret.as_ref().map(value),
        scope: form.scope.as_ref().map(value),
        send: form.send.as_ref().map_or(model::ClientPlace::Basic, |send| send.value),
        params: params.map(|(name, text)| Some((name.value.clone(), value(text.as_ref()?)))).collect::<Option<_>>()?,
    })))
}

fn grant(form: &OAuth2, word: &At<GrantWord>, reader: &mut Reader<'_>) -> Option<model::Grant> {
    let needs: &[&str] = match word.value {
        GrantWord::ClientCredentials => &["client_secret"],
        GrantWord::Password => &["username", "password"],
        GrantWord::RefreshToken => &["refresh_token"],
    };
    let said = |key: &&str| form.said(key).is_some();
    let missing: Vec<&str> = needs.iter().copied().filter(|key| !said(key)).collect();
    if !missing.is_empty() {
        let message = format!("this grant needs {}", list_names(missing));
        reader.fault(Diagnostic::new(message, word.place.clone()).help("add what the token is given for"));
    }
    for key in ["username", "password", "refresh_token"] {
        if let (Some(place), false) = (form.said(key), needs.contains(&key)) {
            let message = format!("this grant has no use for `{key}`");
            reader.fault(Diagnostic::new(message, place.clone()).help("take it out, or choose another grant"));
        }
    }
    let value = |template: &Option<Written>| template.as_ref().map(|template| template.value.clone());
    Some(match word.value {
        GrantWord::ClientCredentials => model::Grant::ClientCredentials,
        GrantWord::Password => {
            model::Grant::Password { username: value(&form.username)?, password: value(&form.password)? }
        }
        GrantWord::RefreshToken => model::Grant::RefreshToken { refresh_token: value(&form.refresh_token)? },
    })
}

/// Reports a token endpoint that begins with neither a scheme nor an expression.
fn is_endpoint(url: &Written, reader: &mut Reader<'_>) {
    let text = url.value.source();
    let begins = ["{{", "http://", "https://"].iter().any(|begin| text.starts_with(begin));
    let readable = url.value.as_literal().is_none_or(|text| url::Url::parse(text).is_ok_and(|url| url.has_host()));
    if !begins || !readable {
        let fault = Diagnostic::new(format!("`{text}` is no URL of a token endpoint"), url.place.clone());
        reader.fault(fault.help("write it whole: `https://login.example.com/oauth/token`"));
    }
}

fn own_params(form: &OAuth2, reader: &mut Reader<'_>) {
    for (name, _) in form.params.iter().flat_map(|params| &params.0) {
        if OWN.contains(&&*name.value) {
            let fault = Diagnostic::new(format!("`{}` stands not under `params`", name.value), name.place.clone());
            reader.fault(fault.help("it is a key of `oauth2`, or follows from one; take it out here"));
        }
    }
}
