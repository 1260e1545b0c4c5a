//! Rate budgets: of all streams, of one, shared by several; and weights that fit into them.

use super::Whole;
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader, list_names};
use crate::language::{self, StreamRate};
use crate::model::{RateLimit, Teller};
use crate::path::Segment;

/// The budgets of all requests.
pub(super) fn shared(http: Option<&language::Http>) -> Vec<RateLimit> {
    let limits = http.iter().flat_map(|http| &http.rate_limit).flat_map(|limits| &limits.0);
    limits.filter_map(|limit| budget(None, limit)).collect()
}

/// The budgets of all requests, then those of single streams.
pub(super) fn all(whole: &Whole<'_>) -> Vec<RateLimit> {
    let own = whole.streams.iter().filter_map(|(name, stream)| Some((name, stream.as_ref()?)));
    let own = own.flat_map(|(name, stream)| of_stream(&name.value, stream));
    shared(whole.spec.http.as_ref()).into_iter().chain(own).collect()
}

fn of_stream(name: &str, stream: &language::Stream) -> Vec<RateLimit> {
    match &stream.rate_limit {
        Some(StreamRate::Own(limits)) => limits.iter().filter_map(|limit| budget(Some(name), limit)).collect(),
        _ => Vec::new(),
    }
}

/// The stream in whose own budgets the requests of this one count.
pub(super) fn of(
    whole: &Whole<'_>,
    name: &At<String>,
    form: &language::Stream,
    reader: &mut Reader<'_>,
) -> Option<String> {
    let other = match form.rate_limit.as_ref()? {
        StreamRate::Own(_) if whole.object => {
            let place = form.said("rate_limit").cloned().unwrap_or(form.place.clone());
            let fault = Diagnostic::new("each of the streams that the API tells would have a budget of its own", place);
            reader.fault(fault.help("say it under `http`, or name a stream under `streams` whose budget they share"));
            return None;
        }
        StreamRate::Own(_) => return Some(name.value.clone()),
        StreamRate::Of(other) => other,
    };
    let owns = |stream: &language::Stream| matches!(stream.rate_limit, Some(StreamRate::Own(_)));
    let unread = |stream: &language::Stream| stream.said("rate_limit").is_some() && stream.rate_limit.is_none();
    match whole.stream(&other.value) {
        Some(stream) if owns(stream) || unread(stream) => return Some(other.value.clone()),
        Some(_) => {
            let fault =
                Diagnostic::new(format!("`{}` has no `rate_limit` of its own", other.value), other.place.clone());
            reader
                .fault(fault.help("write the budget at one of the streams that share it, and its name at the others"));
        }
        None if whole.is_stream(&other.value) => {}
        None => {
            let fault = Diagnostic::new(format!("there is no stream `{}`", other.value), other.place.clone())
                .nearest(&other.value, whole.stream_names());
            let owners = whole.streams.iter().filter(|(_, stream)| stream.as_ref().is_some_and(owns));
            let owners: Vec<&str> = owners.map(|(name, _)| name.value.as_str()).collect();
            reader.fault(match owners.as_slice() {
                [] => fault.help("write a budget, as in `rate_limit: {requests: 30, per: 1 minute}`"),
                _ => {
                    fault.help(format!("streams with budgets of their own are {}", list_names(owners.iter().copied())))
                }
            });
        }
    }
    None
}

/// Reports a weight that no budget could bear, or that is of no budget, and what no answer could tell of one.
pub(super) fn weights(whole: &Whole<'_>, reader: &mut Reader<'_>) {
    let Some(http) = &whole.spec.http else { return };
    let own = whole.streams.iter().filter_map(|(_, stream)| stream.as_ref()?.rate_limit.as_ref());
    let own = own.flat_map(|rate| match rate {
        StreamRate::Own(limits) => limits.as_slice(),
        StreamRate::Of(_) => &[],
    });
    http.rate_limit.iter().flat_map(|limits| &limits.0).chain(own).for_each(|limit| told(limit, reader));
    let shared = shared(Some(http));
    let none = http.said("rate_limit").is_none()
        && whole.streams.iter().flat_map(|(_, stream)| stream).all(|stream| stream.said("rate_limit").is_none());
    weight(http.limits.as_ref(), (&shared, none), reader);
    for (name, stream) in whole.streams.iter().filter_map(|(name, stream)| Some((name, stream.as_ref()?))) {
        let owner = match &stream.rate_limit {
            Some(StreamRate::Of(other)) => whole.stream(&other.value).map(|stream| (other.value.as_str(), stream)),
            _ => Some((name.value.as_str(), stream)),
        };
        let own = owner.map(|(name, stream)| of_stream(name, stream)).unwrap_or_default();
        let borne: Vec<RateLimit> = shared.iter().cloned().chain(own).collect();
        weight(stream.limits.as_ref(), (&borne, none), reader);
    }
}

fn weight(limits: Option<&language::Limits>, (borne, none): (&[RateLimit], bool), reader: &mut Reader<'_>) {
    let Some(weight) = limits.and_then(|limits| limits.weight.as_ref()) else { return };
    let place = weight.0.place.clone();
    match borne.iter().min_by_key(|limit| limit.requests) {
        None if none => {
            let fault = Diagnostic::new("a weight is taken from the rate budget, and there is none", place);
            reader
                .fault(fault.help("give `http` a `rate_limit: {requests: 300, per: 1 minute}`, or take `weight` out"));
        }
        Some(limit) if weight.0.value > i64::from(limit.requests) => {
            let message = format!("no request fits into {} in {}", limit.requests, limit.per.words());
            reader.fault(Diagnostic::new(message, place).help("a weight is no more than the budget's `requests`"));
        }
        _ => {}
    }
}

fn budget(of: Option<&str>, limit: &language::RateLimit) -> Option<RateLimit> {
    Some(RateLimit {
        of: of.map(str::to_owned),
        requests: u32::try_from(limit.requests.as_ref()?.0.value).ok()?,
        per: limit.per.as_ref()?.value.clone(),
        remaining: limit.remaining.as_ref().map(teller),
        reset: limit.reset.as_ref().map(teller),
        restore: limit.restore.as_ref().map(teller),
        cost: limit.cost.as_ref().map(teller),
    })
}

fn teller(form: &language::Teller) -> Teller {
    match form {
        language::Teller::Header(name) => Teller::Header(name.value.clone()),
        language::Teller::Body(path) => Teller::Body(path.value.clone()),
    }
}

/// Reports what no answer could tell.
fn told(limit: &language::RateLimit, reader: &mut Reader<'_>) {
    for form in [&limit.remaining, &limit.reset, &limit.restore, &limit.cost].into_iter().flatten() {
        let language::Teller::Body(path) = form else { continue };
        if path.plain().is_none_or(|steps| steps.is_empty() || steps.contains(&Segment::Each)) {
            let fault =
                Diagnostic::new("a budget is told by one value, and this path may lead to several", path.place.clone());
            reader.fault(fault.help("name the member that tells it, as in `$.data.rateLimit.remaining`"));
        }
    }
    if let (Some(place), None) = (limit.said("restore"), limit.said("remaining")) {
        let fault =
            Diagnostic::new("what comes back adds to what is left, and nothing tells what is left", place.clone());
        reader.fault(fault.help("say where answers tell it, as in `remaining: X-Points-Left`"));
    }
}
