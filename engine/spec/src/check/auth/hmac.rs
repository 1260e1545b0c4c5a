//! Signatures by HMAC: the names that each of their templates may read.

use super::{send, templates};
use crate::check::Whole;
use crate::check::names::Names;
use crate::check::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::expression::Template;
use crate::grammar::{self, Reader, part_of};
use crate::language::Hmac;
use crate::model;
use crate::source::Place;

/// What `request` has.
const REQUEST: [&str; 8] = ["method", "url", "host", "path", "query", "target", "body", "body_sha256"];

pub(super) fn scheme(whole: &Whole<'_>, form: &Hmac, reader: &mut Reader<'_>) -> Option<model::Scheme> {
    let names = |scope| Names { whole, stream: None, scope };
    if let Some(key) = &form.key {
        names(Scope::Shared).template(&key.value, &key.place, reader);
    }
    for param in form.params.iter().flat_map(|params| &params.0).filter_map(|(_, value)| value.as_ref()) {
        names(Scope::Signing).template(&param.value, &param.place, reader);
    }
    let headers = form.headers.iter().flat_map(|headers| &headers.0);
    for signed in headers.clone().filter_map(|(_, value)| value.as_ref()).chain(&form.message) {
        names(Scope::Message).template(&signed.value, &signed.place, reader);
        of_request(&signed.value, &signed.place, reader);
    }
    for (name, _) in headers {
        if let Err(wrong) = grammar::header(&name.value) {
            reader.fault(Diagnostic::new(wrong, name.place.clone()));
        }
    }
    let send = match &form.send {
        Some(forms) => send::sent(&names(Scope::Signature), (Some(forms), "signature"), reader),
        None => None,
    };
    Some(model::Scheme::Hmac(Box::new(model::Hmac {
        algorithm: form.algorithm.as_ref()?.value,
        key: form.key.as_ref()?.value.clone(),
        key_encoding: form.key_encoding.as_ref().map_or(model::KeyEncoding::Text, |encoding| encoding.value),
        message: form.message.as_ref()?.value.clone(),
        encoding: form.encoding.as_ref().map_or(model::Encoding::Hex, |encoding| encoding.value),
        params: templates(form.params.as_ref())?,
        headers: templates(form.headers.as_ref())?,
        send: send?,
    })))
}

/// Reports parts of `request` that there are not.
fn of_request(template: &Template, place: &Place, reader: &mut Reader<'_>) {
    for (name, range) in template.names() {
        let Some(member) = name.strip_prefix("request").map(|rest| rest.trim_start_matches('.')) else { continue };
        if REQUEST.contains(&member) {
            continue;
        }
        let place = part_of(reader.source, place, template.source(), range);
        let message = match member {
            "" => "`request` alone has no value".to_owned(),
            member => format!("`request` has no `{member}`"),
        };
        let fault = Diagnostic::new(message, place).nearest(member, REQUEST);
        reader.fault(fault.help(format!("`request` has {}", grammar::list_names(REQUEST))));
    }
}
