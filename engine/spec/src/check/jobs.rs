//! Jobs: their requests, what is kept of an answer and read, and where a download may lead.

use super::Whole;
use super::auth::part_of_answer;
use super::bodies::Bodies;
use super::for_each::members_read;
use super::names::{Names, is_name};
use super::requests::{Parts, request};
use super::scope::Scope;
use super::streams::own_templates;
use crate::diagnostic::Diagnostic;
use crate::expression::{Condition, Template};
use crate::grammar::{Map, Reader};
use crate::language::{self, JobRequestForm, ReplicationForm};
use crate::model::{Job, JobFailure, Kept, Next, Order, Pagination, Request};
use crate::time::Duration;

/// The job of a stream, if it has one.
pub(super) fn job(
    whole: &Whole<'_>,
    form: &language::Stream,
    (pages, pagination): (Option<&language::Pagination>, &Pagination),
    reader: &mut Reader<'_>,
) -> Option<Job> {
    let written = form.job.as_ref()?;
    let names = |scope| Names { whole, stream: Some(form), scope };
    for condition in conditions(written) {
        names(Scope::Job).condition(&condition.value, &condition.place, reader);
    }
    let message = written.failed.as_ref().and_then(|failed| failed.0.message.as_ref());
    message.iter().for_each(|message| names(Scope::Job).template(&message.value, &message.place, reader));
    let create = of_job(&names(Scope::Create), written.create.as_ref(), reader);
    let poll = of_job(&names(Scope::Poll), written.poll.as_ref(), reader);
    let cleanup = written.cleanup.as_ref().map(|form| of_job(&names(Scope::Poll), Some(form), reader));
    is_read(whole, form, written, reader);
    bookmark(form, pages, reader);
    downloads(whole, form, pagination, reader);
    let keep = kept(written, reader);
    let (every, timeout) = waits(written, reader)?;
    let failed = written.failed.as_ref();
    Some(Job {
        create: create?,
        keep,
        poll: poll?,
        every,
        timeout,
        done: written.done.as_ref()?.value.clone(),
        failed: match failed {
            Some(failed) => Some(JobFailure {
                when: failed.0.when.as_ref()?.value.clone(),
                message: message.map(|message| message.value.clone()),
            }),
            None => None,
        },
        empty: written.empty.as_ref().map(|condition| condition.value.clone()),
        result: written.result.as_ref().map(|path| path.value.clone()),
        cleanup: match cleanup {
            Some(cleanup) => Some(cleanup?),
            None => None,
        },
    })
}

type WrittenCondition = crate::grammar::Text<crate::grammar::Condition>;

fn conditions(job: &language::Job) -> impl Iterator<Item = &WrittenCondition> {
    let failed = job.failed.iter().filter_map(|failed| failed.0.when.as_ref());
    job.done.iter().chain(&job.empty).chain(failed)
}

/// The endpoints of a job.
pub(super) fn endpoints(job: &language::Job) -> impl Iterator<Item = &language::Endpoint> {
    let requests = job.create.iter().chain(&job.poll).chain(&job.cleanup);
    requests.filter_map(|form| form.0.endpoint.as_ref()).map(|endpoint| &endpoint.0)
}

/// Every template of a job's requests and its message.
pub(super) fn templates(job: &language::Job) -> impl Iterator<Item = &Template> {
    let requests = job.create.iter().chain(&job.poll).chain(&job.cleanup).map(|form| &form.0);
    let sent = requests.flat_map(|request| {
        let params = request.params.iter().flat_map(|params| &params.0).filter_map(|(_, entry)| entry.as_ref());
        let headers = request.headers.iter().flat_map(|headers| &headers.0).filter_map(|(_, value)| value.as_ref());
        let params = params.flat_map(|entry| entry.0.templates()).map(|(template, _)| template);
        let bodies = Bodies::of_job(request);
        let body = bodies.entries().into_iter().chain(bodies.texts()).map(|(template, _)| template);
        let endpoint = request.endpoint.iter().map(|endpoint| &endpoint.0.path);
        endpoint.chain(params).chain(headers.map(|value| &value.value)).chain(body)
    });
    let message = job.failed.iter().filter_map(|failed| failed.0.message.as_ref()).map(|message| &message.value);
    sent.chain(message)
}

/// Every condition of a job.
pub(super) fn judged(job: &language::Job) -> impl Iterator<Item = &Condition> {
    conditions(job).map(|condition| &condition.value)
}

/// Whether something of a job could not be read.
pub(super) fn unread(job: &language::Job) -> bool {
    let request = |key: &str, form: Option<&JobRequestForm>| {
        job.said(key).is_some()
            && form.is_none_or(|form| {
                let unread = |key: &str, read: bool| form.0.said(key).is_some() && !read;
                form.0.endpoint.is_none()
                    || Bodies::of_job(&form.0).is_unread()
                    || unread("params", form.0.params.is_some())
            })
    };
    request("create", job.create.as_ref())
        || request("poll", job.poll.as_ref())
        || request("cleanup", job.cleanup.as_ref())
}

fn of_job(names: &Names<'_, '_>, form: Option<&JobRequestForm>, reader: &mut Reader<'_>) -> Option<Request> {
    let written = &form?.0;
    let parts = Parts {
        endpoint: &written.endpoint.as_ref()?.0,
        // It is checked with the stream.
        base_url: None,
        params: written.params.as_ref(),
        headers: written.headers.as_ref(),
        bodies: Bodies::of_job(written),
    };
    request(names, &parts, reader)
}

fn kept(job: &language::Job, reader: &mut Reader<'_>) -> Vec<(String, Kept)> {
    let entries = job.keep.iter().flat_map(|keep| &keep.0);
    let kept = entries.filter_map(|(name, form)| {
        let part = part_of_answer(form.as_ref()?)?;
        if let Kept::Cookie(_) = part {
            let fault = Diagnostic::new("a job keeps no cookie", name.place.clone());
            reader.fault(fault.help("keep a path in the body, or a header; cookies belong to a session under `auth`"));
        }
        Some((name.value.clone(), part))
    });
    kept.collect()
}

fn waits(job: &language::Job, reader: &mut Reader<'_>) -> Option<(Duration, Duration)> {
    let or = |written: Option<&crate::grammar::Text<crate::grammar::Duration>>, words: &str| {
        written.map_or_else(|| Duration::parse(words).ok(), |written| Some(written.value.clone()))
    };
    let every = or(job.every.as_ref(), "5 seconds")?;
    let timeout = or(job.timeout.as_ref(), "30 minutes")?;
    if timeout.as_std() <= every.as_std() {
        let place = job.said("timeout").or(job.said("every")).cloned().unwrap_or(job.place.clone());
        let (every, timeout) = (every.words(), timeout.words());
        let message = format!("the job is given {timeout}, and is asked for the first time after {every}");
        reader.fault(Diagnostic::new(message, place).help("`timeout` must be longer than `every`"));
    }
    Some((every, timeout))
}

/// Reports what is kept and read by nobody, and a stream that reads nothing of its job.
fn is_read(whole: &Whole<'_>, form: &language::Stream, job: &language::Job, reader: &mut Reader<'_>) {
    for (name, _) in job.keep.iter().flat_map(|keep| &keep.0) {
        if name.value == "result" {
            let fault = Diagnostic::new("`job.result` is what there is to read of the job", name.place.clone());
            reader.fault(fault.help("write `result:` beside `keep`, or keep it under another name"));
        } else {
            is_name(name, "value that is kept", reader);
        }
    }
    if !whole.all_read {
        return;
    }
    let read = members_read(form, "job");
    let kept = job.keep.iter().flat_map(Map::names);
    let unused: Vec<&str> = kept
        .chain(job.result.as_ref().map(|_| "result"))
        .filter(|name| !read.iter().any(|known| known == name))
        .collect();
    for name in unused {
        let places = job.keep.iter().flat_map(|keep| &keep.0).map(|(known, _)| known);
        let place = places.filter(|known| known.value == name).map(|known| known.place.clone()).next();
        let place = place.or(job.said("result").cloned()).unwrap_or(job.place.clone());
        let fault = Diagnostic::new(format!("nothing reads `job.{name}`"), place);
        reader.fault(fault.help(format!("read it in a request, as {{{{ job.{name} }}}}, or take it out")));
    }
    if !own_templates(form).iter().any(|template| template.reads("job")) {
        let place = form.said("job").cloned().unwrap_or(job.place.clone());
        let fault = Diagnostic::new("the stream reads nothing of its job", place);
        reader.fault(fault.help(
            "its endpoint, params or body should read `job`, as in `GET {{ job.result }}` or `GET /reports/{{ job.id }}/rows`",
        ));
    }
}

/// A job is made for one read: its bookmark is in the request that creates it, and no walk begins within it anew.
fn bookmark(form: &language::Stream, pages: Option<&language::Pagination>, reader: &mut Reader<'_>) {
    let written = match &form.replication {
        Some(ReplicationForm::Form(written)) => Some(written),
        _ => None,
    };
    let since = written.and_then(|written| written.since.as_ref()?.form()?.param.as_ref());
    let until = written.and_then(|written| written.until.as_ref()?.param.as_ref());
    for (param, name) in since.map(|param| (param, "since")).into_iter().chain(until.map(|param| (param, "until"))) {
        let message = format!("of a stream with a job no request has a parameter for `{name}`");
        let fault = Diagnostic::new(message, param.place.clone());
        let help =
            format!("send it when the job is created: `body: {{from: \"{{{{ {name} }}}}\"}}`, and take `param` out");
        reader.fault(fault.help(help));
    }
    let order = written.and_then(|written| written.order.as_ref());
    if let Some(order) = order.filter(|order| order.value == Order::Descending) {
        let fault =
            Diagnostic::new("what a job has brought is read to its end, in whatever order", order.place.clone());
        reader.fault(fault.help("take `order` out"));
    }
    if let Some(restart) = pages.and_then(|pages| pages.restart_after.as_ref()) {
        let fault =
            Diagnostic::new("what a job has brought does not change: no walk in it begins anew", restart.place.clone());
        reader.fault(fault.help("take `restart_after` out, or write `pagination: none` for the stream"));
    }
}

/// What may be at another host is one answer: there nothing is known of pages.
fn downloads(whole: &Whole<'_>, form: &language::Stream, pagination: &Pagination, reader: &mut Reader<'_>) {
    let elsewhere = whole.spec.http.as_ref().is_some_and(|http| http.download_hosts.is_some());
    let Some(endpoint) = form.endpoint.as_ref().filter(|endpoint| elsewhere && endpoint.is_whole_address()) else {
        return;
    };
    if !matches!(pagination.next, Next::Single) || pagination.size.is_some() {
        let place = form.said("pagination").unwrap_or(&endpoint.place).clone();
        let fault = Diagnostic::new("a download is one answer, and here it would have pages", place);
        reader.fault(fault.help("write `pagination: none` for the stream"));
    }
}
