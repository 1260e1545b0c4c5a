//! Sessions: what each request of a login may read, and whether anything of it is used.

use super::send;
use crate::check::Whole;
use crate::check::bodies::Bodies;
use crate::check::names::{Names, is_name};
use crate::check::requests::{self, Parts};
use crate::check::rules;
use crate::check::scope::Scope;
use crate::diagnostic::Diagnostic;
use crate::expression::Template;
use crate::grammar::{Map, Reader, list_names, part_of};
use crate::language::{KeepForm, Login, Session};
use crate::model::{self, Kept, LoginStep};
use crate::source::Place;

pub(super) fn scheme(whole: &Whole<'_>, form: &Session, reader: &mut Reader<'_>) -> Option<model::Scheme> {
    let names = Names { whole, stream: None, scope: Scope::Login };
    let mut kept = KeptNames::default();
    let mut login = Vec::new();
    for step in &form.login.as_ref()?.0 {
        if let (Some(_), Some(form)) = (step.said("body"), step.said("form")) {
            let fault = Diagnostic::new("`body` and `form` exclude each other", form.clone());
            reader.fault(fault.help("keep one of them"));
        }
        let parts = Parts {
            endpoint: &step.endpoint.as_ref()?.0,
            base_url: None,
            params: step.params.as_ref(),
            headers: step.headers.as_ref(),
            bodies: Bodies::of_login(step),
        };
        templates(&parts).for_each(|(template, place)| known(template, place, &kept, reader));
        let request = requests::request(&names, &parts, reader);
        let keep = keep(step, reader);
        kept.add(step);
        login.push(request.zip(keep).map(|(request, keep)| LoginStep { request, keep }));
    }
    let cookies = form.cookies.as_ref().is_some_and(|cookies| cookies.value);
    let sends = sends(whole, form, &kept, reader);
    let unread = form.said("cookies").is_some() && form.cookies.is_none();
    if form.said("send").is_none() && !cookies && !unread && !kept.has("token") {
        let place = form.said("login").cloned().unwrap_or(form.place.clone());
        let fault = Diagnostic::new("nothing of this login goes with the requests after it", place);
        reader.fault(fault.help("name the token of the answer (`token: $.token`), write `cookies: true`, or say with `send` what goes where"));
    }
    let logout = form.logout.as_ref().and_then(|logout| {
        let logout = &logout.0;
        let parts = Parts {
            endpoint: &logout.endpoint.as_ref()?.0,
            base_url: None,
            params: logout.params.as_ref(),
            headers: logout.headers.as_ref(),
            bodies: Bodies::of_job(logout),
        };
        templates(&parts).for_each(|(template, place)| known(template, place, &kept, reader));
        requests::request(&names, &parts, reader)
    });
    let expired = form.expired.as_ref().and_then(|when| {
        let answers = Names { whole, stream: None, scope: Scope::Expired };
        rules::answer(&answers, when, form.said("expired"), reader)
    });
    Some(model::Scheme::Session(Box::new(model::Session {
        login: login.into_iter().collect::<Option<_>>()?,
        send: sends?,
        cookies,
        expires_after: form.expires_after.as_ref().map(|after| after.as_std()),
        expired,
        logout,
    })))
}

fn sends(whole: &Whole<'_>, form: &Session, kept: &KeptNames, reader: &mut Reader<'_>) -> Option<Vec<model::Sent>> {
    let has_token = kept.has("token");
    if form.send.is_none() && !has_token {
        return form.said("send").is_none().then(Vec::new);
    }
    let templates = form.send.iter().flat_map(|send| &send.0).filter_map(|send| send.value.as_ref());
    templates.for_each(|value| known(&value.value, &value.place, kept, reader));
    let bare = form.send.iter().flat_map(|send| &send.0).find(|send| send.value.is_none());
    if let (Some(bare), false) = (bare, has_token) {
        let fault =
            Diagnostic::new("this place gets `session.token`, and the login keeps no `token`", bare.place.clone());
        reader.fault(fault.help("add a `value`, such as \"{{ session.NAME }}\", or keep a `token`"));
    }
    let names = Names { whole, stream: None, scope: Scope::Session };
    send::sent(&names, (form.send.as_ref(), "session.token"), reader)
}

/// What the requests of a login keep so far.
#[derive(Default)]
struct KeptNames {
    names: Vec<String>,
    /// Whether some could not be read: any name may be among them.
    partly: bool,
}

impl KeptNames {
    fn add(&mut self, step: &Login) {
        self.names.extend(step.said("token").map(|_| "token".to_owned()));
        self.names.extend(step.keep.iter().flat_map(Map::names).map(str::to_owned));
        self.partly |= step.said("keep").is_some() && step.keep.is_none();
    }

    fn has(&self, name: &str) -> bool {
        self.partly || self.names.iter().any(|known| known == name)
    }
}

/// The templates of a request, with the place of each.
fn templates<'a>(parts: &Parts<'a>) -> impl Iterator<Item = (&'a Template, &'a Place)> {
    let params = parts.params.into_iter().flat_map(|params| &params.0).filter_map(|(_, entry)| entry.as_ref());
    let params = params.flat_map(|entry| entry.0.templates());
    let headers = parts.headers.into_iter().flat_map(|headers| &headers.0).filter_map(|(_, value)| value.as_ref());
    let headers = headers.map(|text| (&text.value, &text.place));
    let bodies = parts.bodies.entries().into_iter().chain(parts.bodies.texts());
    std::iter::once((&parts.endpoint.path, &parts.endpoint.place)).chain(params).chain(headers).chain(bodies)
}

fn keep(step: &Login, reader: &mut Reader<'_>) -> Option<Vec<(String, Kept)>> {
    if let Some(token) = &step.token {
        return Some(vec![("token".to_owned(), Kept::Body(token.value.clone()))]);
    }
    if step.said("token").is_some() {
        return None;
    }
    let entries = step.keep.iter().flat_map(|keep| &keep.0);
    let mut kept = Vec::new();
    for (name, form) in entries {
        is_name(name, "value that is kept", reader);
        kept.push((name.value.clone(), part_of_answer(form.as_ref()?)?));
    }
    Some(kept)
}

/// The part of an answer that is kept.
pub(in crate::check) fn part_of_answer(form: &KeepForm) -> Option<Kept> {
    Some(match form {
        KeepForm::Path(path) => Kept::Body(path.value.clone()),
        KeepForm::Part(part) => match (&part.body, &part.header, &part.cookie) {
            (Some(path), ..) => Kept::Body(path.value.clone()),
            (None, Some(header), _) => Kept::Header(header.value.clone()),
            (None, None, Some(cookie)) => Kept::Cookie(cookie.value.clone()),
            (None, None, None) => return None,
        },
    })
}

/// Reports names of `session` that no request before this place keeps.
fn known(template: &Template, place: &Place, kept: &KeptNames, reader: &mut Reader<'_>) {
    for (name, range) in template.names() {
        let Some(member) = name.strip_prefix("session") else { continue };
        let member = member.trim_start_matches('.').split('.').next().unwrap_or_default();
        if kept.has(member) {
            continue;
        }
        let place = part_of(reader.source, place, template.source(), range);
        let known = || kept.names.iter().map(String::as_str);
        let fault = Diagnostic::new(format!("no request before this one keeps `{member}`"), place);
        let fault = fault.nearest(member, known());
        reader.fault(match kept.names.as_slice() {
            [] => fault.help("a login keeps parts of its answer: `keep: {csrf: $.token}`"),
            _ => fault.help(format!("`session` has {}", list_names(known()))),
        });
    }
}
