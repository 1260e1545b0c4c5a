//! OAuth 2.0: what each grant needs, and what it has no use for.

use super::send::sent;
use super::{Written, jwt, templates};
use crate::check::names::Names;
use crate::diagnostic::Diagnostic;
use crate::grammar::{self, At, Reader, Text, list_names};
use crate::language::{GrantWord, Jwt, OAuth2};
use crate::model;

/// Parameters of the token request that have keys of their own.
const OWN: [&str; 11] = [
    "grant_type",
    "client_id",
    "client_secret",
    "scope",
    "username",
    "password",
    "refresh_token",
    "assertion",
    "code",
    "code_verifier",
    "redirect_uri",
];
/// Parameters of the address where a person allows access that it has by itself.
const OWN_OF_LOGIN: [&str; 7] =
    ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"];
/// What only some grants have a use for.
const OF_GRANTS: [&str; 8] =
    ["username", "password", "refresh_token", "assertion", "authorize_url", "authorize_params", "pkce", "redirect_url"];

pub(super) fn scheme(
    (names, of_token): (&Names<'_, '_>, &Names<'_, '_>),
    form: &OAuth2,
    reader: &mut Reader<'_>,
) -> Option<model::Scheme> {
    let written = [&form.token_url, &form.client_id, &form.client_secret, &form.scope];
    let of_grant = [&form.username, &form.password, &form.refresh_token, &form.authorize_url];
    let pairs = [&form.params, &form.headers, &form.authorize_params].into_iter().flatten().flat_map(|pairs| &pairs.0);
    let of_pairs = pairs.filter_map(|(_, value)| value.as_ref());
    for template in written.into_iter().chain(of_grant).flatten().chain(of_pairs) {
        names.template(&template.value, &template.place, reader);
    }
    form.token_url.iter().for_each(|url| is_whole(url, ("URL of a token endpoint", "oauth/token"), reader));
    form.authorize_url.iter().for_each(|url| is_whole(url, ("URL for a browser", "oauth/authorize"), reader));
    own_params(form, reader);
    form.redirect_url.iter().for_each(|url| comes_back(url, reader));
    own_headers(form, reader);
    let grant = form.grant.as_ref().and_then(|word| grant(names, form, word, reader));
    let send = sent(of_token, (form.send.as_ref(), "token"), reader);
    let value = |template: &Written| template.value.clone();
    let paths = form.answer.as_ref();
    let path = |path: Option<&crate::grammar::Text<grammar::Path>>| path.map(|path| path.value.clone());
    Some(model::Scheme::OAuth2(Box::new(model::OAuth2 {
        grant: grant?,
        token_url: value(form.token_url.as_ref()?),
        client_id: form.client_id.as_ref().map(value),
        client_secret: form.client_secret.as_ref().map(value),
        scope: form.scope.as_ref().map(value),
        client_auth: form.client_auth.as_ref().map_or(model::ClientPlace::Basic, |place| place.value),
        params: templates(form.params.as_ref())?,
        headers: templates(form.headers.as_ref())?,
        body: form.body.as_ref().map_or(model::TokenBody::Form, |body| body.value),
        answer: model::TokenAnswer {
            token: path(paths.and_then(|paths| paths.token.as_ref())),
            refresh_token: path(paths.and_then(|paths| paths.refresh_token.as_ref())),
            expires_in: path(paths.and_then(|paths| paths.expires_in.as_ref())),
            expires_at: path(paths.and_then(|paths| paths.expires_at.as_ref())),
        },
        send: send?,
    })))
}

fn grant(names: &Names<'_, '_>, form: &OAuth2, word: &At<GrantWord>, reader: &mut Reader<'_>) -> Option<model::Grant> {
    let needs: &[&str] = match word.value {
        GrantWord::ClientCredentials => &["client_id", "client_secret"],
        GrantWord::Password => &["client_id", "username", "password"],
        GrantWord::RefreshToken => &["client_id", "refresh_token"],
        GrantWord::AuthorizationCode => &["client_id", "authorize_url"],
        GrantWord::JwtBearer => &["assertion"],
    };
    let said = |key: &&str| form.said(key).is_some();
    let missing: Vec<&str> = needs.iter().copied().filter(|key| !said(key)).collect();
    if !missing.is_empty() {
        let message = format!("this grant needs {}", list_names(missing));
        reader.fault(Diagnostic::new(message, word.place.clone()).help("add what the token is given for"));
    }
    let login = word.value == GrantWord::AuthorizationCode;
    for key in OF_GRANTS {
        let used = needs.contains(&key) || (login && ["authorize_params", "pkce", "redirect_url"].contains(&key));
        if let (Some(place), false) = (form.said(key), used) {
            let message = format!("this grant has no use for `{key}`");
            reader.fault(Diagnostic::new(message, place.clone()).help("take it out, or choose another grant"));
        }
    }
    let value = |template: &Option<Written>| template.as_ref().map(|template| template.value.clone());
    let assertion = form.assertion.as_ref().map(|assertion| assertion_of(names, assertion, reader));
    Some(match word.value {
        GrantWord::ClientCredentials => model::Grant::ClientCredentials,
        GrantWord::Password => {
            model::Grant::Password { username: value(&form.username)?, password: value(&form.password)? }
        }
        GrantWord::RefreshToken => model::Grant::RefreshToken { refresh_token: value(&form.refresh_token)? },
        GrantWord::AuthorizationCode => model::Grant::AuthorizationCode(Box::new(model::Authorize {
            url: value(&form.authorize_url)?,
            params: templates(form.authorize_params.as_ref())?,
            pkce: form.pkce.as_ref().map_or(model::Pkce::S256, |pkce| pkce.value),
            redirect_url: form.redirect_url.as_ref().map(|url| url.value.clone()),
        })),
        GrantWord::JwtBearer => model::Grant::JwtBearer { assertion: assertion?? },
    })
}

fn assertion_of(names: &Names<'_, '_>, form: &Jwt, reader: &mut Reader<'_>) -> Option<model::Jwt> {
    if let Some(place) = form.said("send") {
        let fault = Diagnostic::new("an assertion goes in the token request and nowhere else", place.clone());
        reader.fault(fault.help("take it out; `send` of `oauth2` says where the access token goes"));
    }
    jwt::signed(names, form, reader)
}

/// Reports a URL that begins with neither a scheme nor an expression.
fn is_whole(url: &Written, (what, example): (&str, &str), reader: &mut Reader<'_>) {
    let text = url.value.source();
    let begins = ["{{", "http://", "https://"].iter().any(|begin| text.starts_with(begin));
    let readable = url.value.as_literal().is_none_or(|text| url::Url::parse(text).is_ok_and(|url| url.has_host()));
    if !begins || !readable {
        let fault = Diagnostic::new(format!("`{text}` is no {what}"), url.place.clone());
        reader.fault(fault.help(format!("write it whole: `https://login.example.com/{example}`")));
    }
}

fn own_params(form: &OAuth2, reader: &mut Reader<'_>) {
    let own = [(&form.params, "params", OWN.as_slice()), (&form.authorize_params, "authorize_params", &OWN_OF_LOGIN)];
    for (params, key, own) in own {
        for (name, _) in params.iter().flat_map(|params| &params.0).filter(|(name, _)| own.contains(&&*name.value)) {
            let fault = Diagnostic::new(format!("`{}` stands not under `{key}`", name.value), name.place.clone());
            reader.fault(fault.help("it is a key of `oauth2`, or follows from one; take it out here"));
        }
    }
}

/// Reports an address to come back to that is not on this machine.
fn comes_back(url: &Text<grammar::Url>, reader: &mut Reader<'_>) {
    let here = url::Url::parse(&url.value).is_ok_and(|url| {
        let host = url.host_str().is_some_and(|host| matches!(host, "127.0.0.1" | "localhost"));
        host && url.scheme() == "http" && url.query().is_none() && url.fragment().is_none()
    });
    if !here {
        let message = format!("`{}` is no address on this machine, and the browser comes back to it", url.value);
        let fault = Diagnostic::new(message, url.place.clone());
        reader.fault(
            fault.help("write `http://127.0.0.1:8400/callback` or `http://localhost:8400/callback`, without a query"),
        );
    }
}

/// Reports headers that HTTP could not carry, and those that the token request has by itself.
fn own_headers(form: &OAuth2, reader: &mut Reader<'_>) {
    let basic = form.client_secret.is_some()
        && form.client_auth.as_ref().is_none_or(|place| place.value == model::ClientPlace::Basic);
    for (name, _) in form.headers.iter().flat_map(|headers| &headers.0) {
        if let Err(wrong) = grammar::header(&name.value) {
            reader.fault(Diagnostic::new(wrong, name.place.clone()));
        }
        let of_client = basic && name.value.eq_ignore_ascii_case("Authorization");
        if of_client || name.value.eq_ignore_ascii_case("Content-Type") {
            let fault = Diagnostic::new(format!("`{}` is sent by itself", name.value), name.place.clone());
            reader.fault(fault.help(if of_client {
                "it carries the client's secret; write `client_auth: body`, or take it out here"
            } else {
                "`body` says how the parameters are written; take it out here"
            }));
        }
    }
}
