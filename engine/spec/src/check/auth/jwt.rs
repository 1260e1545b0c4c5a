//! JSON Web Tokens: claims that the engine does not give itself.

use std::time::Duration;

use super::send::sent;
use crate::check::names::Names;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language::Jwt;
use crate::model;

/// How long a token is valid where the spec does not say.
const VALID_FOR: Duration = Duration::from_secs(300);

pub(super) fn scheme(
    (names, of_token): (&Names<'_, '_>, &Names<'_, '_>),
    form: &Jwt,
    reader: &mut Reader<'_>,
) -> Option<model::Scheme> {
    let send = sent(of_token, (form.send.as_ref(), "token"), reader);
    let signed = signed(names, form, reader);
    Some(model::Scheme::Jwt(Box::new(model::Jwt { send: send?, ..signed? })))
}

/// A token that goes nowhere yet.
pub(super) fn signed(names: &Names<'_, '_>, form: &Jwt, reader: &mut Reader<'_>) -> Option<model::Jwt> {
    let claims = form.claims.iter().flat_map(|claims| &claims.0);
    let of_claims = claims.clone().filter_map(|(_, value)| value.as_ref());
    for template in [&form.key, &form.key_id].into_iter().flatten().chain(of_claims) {
        names.template(&template.value, &template.place, reader);
    }
    for (name, _) in claims.clone().filter(|(name, _)| matches!(&*name.value, "iat" | "exp")) {
        let fault = Diagnostic::new(format!("the claim `{}` is given by itself", name.value), name.place.clone());
        reader.fault(fault.help("take it out; `valid_for` says how long the token is valid"));
    }
    if let Some(valid_for) = form.valid_for.as_ref().filter(|valid_for| valid_for.as_std() < Duration::from_secs(1)) {
        let fault = Diagnostic::new("a token that is valid for less than a second", valid_for.place.clone());
        reader.fault(fault.help("write `5 minutes`, or leave it out"));
    }
    Some(model::Jwt {
        algorithm: form.algorithm.as_ref()?.value,
        key: form.key.as_ref()?.value.clone(),
        key_id: form.key_id.as_ref().map(|id| id.value.clone()),
        claims: claims
            .map(|(name, text)| Some((name.value.clone(), text.as_ref()?.value.clone())))
            .collect::<Option<_>>()?,
        valid_for: form.valid_for.as_ref().map_or(VALID_FOR, |valid_for| valid_for.as_std()),
        send: Vec::new(),
    })
}
