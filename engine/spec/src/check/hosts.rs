//! To which hosts a request may go: those that the spec or the user names, never one that an answer chooses.

use super::names::Names;
use super::requests::Parts;
use super::scope::{Scope, is_reserved};
use crate::diagnostic::Diagnostic;
use crate::expression::Template;
use crate::grammar::{Reader, list_names, part_of};
use crate::source::Place;

/// Where a request is at home, as the model says it.
pub(super) struct Homes {
    pub(super) home: Template,
    pub(super) second: Option<Template>,
}

/// The homes of a request with this base URL. Reports an address that can lead to none of them.
pub(super) fn homes(
    names: &Names<'_, '_>,
    parts: &Parts<'_>,
    base_url: &Template,
    reader: &mut Reader<'_>,
) -> Option<Homes> {
    let shared = &names.whole.spec.http.as_ref()?.base_url.as_ref()?.value;
    let told = |root: &str| is_told(names, root);
    let home = base_url.host_that_is_fixed(&told).unwrap_or_else(|| shared.clone());
    let endpoint = (&parts.endpoint.path, &parts.endpoint.place);
    let is_whole = endpoint.0.source().contains("://");
    if names.scope == Scope::Login {
        let second = is_whole.then(|| endpoint.0.host_that_is_fixed(&told));
        if let Some(None) = second {
            of_a_login(endpoint, reader);
        }
        return Some(Homes { home, second: second.flatten() });
    }
    let own = parts.base_url.map(|own| (&own.value, &own.place));
    for address in own.into_iter().chain(is_whole.then_some(endpoint)) {
        leads_home(names, &home, address, reader);
    }
    Some(Homes { home, second: None })
}

/// Whether an answer tells what a name stands for. What the spec lists and the user configures is not told.
fn is_told(names: &Names<'_, '_>, root: &str) -> bool {
    match names.for_each().filter(|_| !is_reserved(root)).and_then(|for_each| for_each.part(root)) {
        // What a hook cuts comes of bookmarks too, which answers tell.
        Some(each) => each.said("stream").is_some() || each.said("hook").is_some(),
        None => !matches!(root, "config" | "now" | "until"),
    }
}

/// Reports an address of which its text says that it is at no host to which the request may go.
fn leads_home(names: &Names<'_, '_>, home: &Template, (address, place): (&Template, &Place), reader: &mut Reader<'_>) {
    let Some(host) = address.host_text() else { return };
    // A home that the user configures may be any host.
    let Some(at_home) = home.host_text().and_then(|home| home.whole().map(str::to_owned)) else { return };
    let Some(http) = &names.whole.spec.http else { return };
    if http.said("allow_hosts").is_some() && http.allow_hosts.is_none() {
        return;
    }
    let allowed = http.allow_hosts.iter().flatten().map(|host| host.value.as_str());
    let known: Vec<&str> = std::iter::once(at_home.as_str()).chain(allowed).collect();
    if known.iter().any(|known| host.may_be(known)) {
        return;
    }
    let teller = address.names().find(|(name, _)| is_told(names, name.split('.').next().unwrap_or_default()));
    // A name that means nothing is a fault of its own.
    let stray =
        |name: &str| !is_reserved(name) && names.for_each().is_none_or(|for_each| for_each.part(name).is_none());
    if teller.as_ref().is_some_and(|(name, _)| stray(name.split('.').next().unwrap_or_default())) {
        return;
    }
    let known = list_names(known.iter().copied());
    let (message, place, remedy) = match teller {
        Some((name, at)) => (
            format!("an answer tells this host, as `{name}`, and it cannot be one that the spec names"),
            part_of(reader.source, place, address.source(), at),
            "name under `http` those that may know the credentials: `allow_hosts: [eu.example.com]`".to_owned(),
        ),
        None => (
            "nothing would be sent to this host, because it is not one that requests go to".to_owned(),
            place.clone(),
            format!(
                "give the stream a `base_url` of its own, or name it under `http`: `allow_hosts: [{}]`",
                host.whole().unwrap_or_default()
            ),
        ),
    };
    reader.fault(Diagnostic::new(message, place).help(format!("requests go to {known}; {remedy}")));
}

/// Reports a login whose host an answer would choose: what it sends must go to hosts that the spec names.
fn of_a_login((address, place): (&Template, &Place), reader: &mut Reader<'_>) {
    let told = address.names().find(|(name, _)| name.split('.').next() == Some("session"));
    let place = told.map_or(place.clone(), |(_, at)| part_of(reader.source, place, address.source(), at));
    let fault = Diagnostic::new("the host of a login cannot come out of an answer", place);
    reader.fault(fault.help("write the host, or a config field: credentials go only to hosts that the spec names"));
}
