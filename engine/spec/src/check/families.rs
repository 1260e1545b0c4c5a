//! Streams that are fetched for each record of another: the parent exists, the requests differ, no circle.

use std::collections::HashSet;

use super::Whole;
use super::{
    jobs,
    streams::{request_templates, unread_entries},
};
use crate::diagnostic::Diagnostic;
use crate::grammar::{Reader, list_names};
use crate::language::{self, ReplicationForm};
use crate::model::ForEach;

pub(super) fn for_each(whole: &Whole<'_>, form: &language::Stream, reader: &mut Reader<'_>) -> Option<ForEach> {
    let written = &form.for_each.as_ref()?.0;
    let parent = written.stream.as_ref()?;
    if !whole.is_stream(&parent.value) {
        let fault = Diagnostic::new(format!("there is no stream `{}`", parent.value), parent.place.clone())
            .nearest(&parent.value, whole.stream_names());
        reader.fault(fault.help(format!("the streams are {}", list_names(whole.stream_names()))));
        return None;
    }
    let templates = request_templates(form);
    // An endpoint or a body that could not be read may have done so.
    let unread = form.endpoint.is_none() || unread_entries(form);
    if !unread && !templates.iter().any(|template| template.reads("parent")) {
        let place = form.said("for_each").cloned().unwrap_or(written.place.clone());
        let fault = Diagnostic::new("the requests are the same for each parent", place);
        reader.fault(
            fault.help("the endpoint, params or body should read `parent`, as in `GET /cases/{{ parent.id }}/replies`"),
        );
    }
    let reads = members_read(form, "parent");
    let changed_only = written.changed_only.as_ref().is_some_and(|changed| changed.value);
    Some(ForEach { stream: parent.value.clone(), changed_only, reads })
}

/// What the stream's expressions read of `root`, wherever they stand: `id` of `parent.id`.
pub(super) fn members_read(form: &language::Stream, root: &str) -> Vec<String> {
    let request = request_templates(form);
    let rules = || form.on_response.iter().flatten();
    let said = rules().flat_map(|rule| rule.how_long.iter().chain(&rule.message)).map(|text| &text.value);
    let added = form.add.iter().flat_map(|add| &add.0).filter_map(|(_, value)| value.as_ref()).map(|text| &text.value);
    let pages = match &form.pagination {
        Some(language::PaginationForm::Form(pages)) => Some(pages),
        _ => None,
    };
    let send = pages.and_then(|pages| pages.cursor.as_ref()?.send.as_ref());
    let turn = send.and_then(|send| send.path.as_ref()).map(|path| &path.value);
    let stops = pages.and_then(|pages| pages.stop.as_ref());
    let stops = stops.iter().flat_map(|stops| &stops.0).filter_map(|stop| match stop {
        language::StopForm::When(condition) => Some(&condition.value),
        _ => None,
    });
    let judged = rules().filter_map(|rule| rule.when.as_ref()?.condition.as_ref()).map(|text| &text.value);
    let of_job = form.job.iter().flat_map(jobs::judged);
    let conditions = form.keep_if.iter().map(|text| &text.value).chain(stops).chain(judged).chain(of_job);
    let templates = request.into_iter().chain(said).chain(added).chain(turn);
    let names = templates.flat_map(crate::expression::Template::names);
    let names = names.chain(conditions.flat_map(crate::expression::Condition::names));
    let mut fields: Vec<String> = names
        .filter_map(|(name, _)| Some(name.strip_prefix(root)?.strip_prefix('.')?.split('.').next()?.to_owned()))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// Parents that are children of their own children, and children of changed parents of a full table.
pub(super) fn families(whole: &Whole<'_>, reader: &mut Reader<'_>) {
    let circle = own_ancestors(whole);
    for (name, form) in whole.streams {
        let Some(written) = form.as_ref().and_then(|form| form.for_each.as_ref()) else { continue };
        let Some(parent) = &written.0.stream else { continue };
        if circle.contains(name.value.as_str()) {
            let fault = Diagnostic::new(format!("`{}` would be its own ancestor", name.value), parent.place.clone());
            reader.fault(fault.help("one of the streams on this circle must be fetched without a parent"));
        }
        let full_parent = match whole.stream(&parent.value).map(|parent| &parent.replication) {
            Some(Some(ReplicationForm::Form(form))) => {
                form.method.as_ref().is_some_and(|method| method.value == language::Method::FullTable)
            }
            Some(Some(ReplicationForm::FullTable)) => true,
            Some(None) => whole.stream(&parent.value).is_some_and(|parent| parent.said("replication").is_none()),
            None => false,
        };
        if let Some(changed) = written.0.changed_only.as_ref().filter(|changed| changed.value && full_parent) {
            let message = format!("`{}` is a full table, so nothing tells which of its records changed", parent.value);
            let fault = Diagnostic::new(message, changed.place.clone());
            reader.fault(fault.help("leave `changed_only` out, or make the parent incremental"));
        }
    }
}

/// The streams that are their own ancestors.
fn own_ancestors<'a>(whole: &Whole<'a>) -> HashSet<&'a str> {
    let parent_of = |name: &str| Some(whole.stream(name)?.for_each.as_ref()?.0.stream.as_ref()?.value.as_str());
    let mut settled: HashSet<&str> = HashSet::new();
    let mut circles: HashSet<&str> = HashSet::new();
    for (name, _) in whole.streams {
        let mut line: Vec<&str> = Vec::new();
        let mut next = Some(name.value.as_str());
        while let Some(name) = next.filter(|name| settled.insert(name)) {
            line.push(name);
            next = parent_of(name);
        }
        let begin = next.and_then(|again| line.iter().position(|name| *name == again));
        circles.extend(begin.map(|begin| &line[begin..]).unwrap_or_default());
    }
    circles
}
