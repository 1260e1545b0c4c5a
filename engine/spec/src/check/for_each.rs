//! For what one stream is fetched: parents that exist, values to go through, requests that differ.

use super::names::Names;
use super::scope::{Scope, is_reserved};
use super::streams::{request_templates, unread_entries};
use super::{Whole, jobs, named};
use crate::diagnostic::Diagnostic;
use crate::expression::{Condition, Template};
use crate::grammar::{Reader, Text, list_names};
use crate::language::{self, ConfigTypeWord, Each, ForEachForm};
use crate::model::{self, FieldType, ForEach, KeptParents, Of, Parents, Replication};
use crate::source::Place;

/// The parts of a stream's `for_each`; nothing if one of them has a fault.
pub(super) fn for_each(whole: &Whole<'_>, form: &language::Stream, reader: &mut Reader<'_>) -> Option<ForEach> {
    let written = form.for_each.as_ref()?;
    let faults = reader.faults.len();
    names(written, reader);
    one_of_streams(written, reader);
    let templates = request_templates(form);
    // An endpoint or a body that could not be read may have done so.
    let unread = form.endpoint.is_none() || unread_entries(form);
    let mut parts = Vec::new();
    for each in &written.parts {
        let of = of(whole, (form, each), reader);
        let names = each.known_as();
        let Some(first) = names.first() else { continue };
        if !unread && !names.iter().any(|name| templates.iter().any(|template| template.reads(name))) {
            same_requests(each, first, reader);
        }
        parts.extend(of.map(|of| model::Each { name: names.join(", "), of }));
    }
    (reader.faults.len() == faults && parts.len() == written.parts.len()).then_some(ForEach { parts })
}

fn of(whole: &Whole<'_>, (form, each): (&language::Stream, &Each), reader: &mut Reader<'_>) -> Option<Of> {
    if let (Some(place), None) = (each.said("names"), each.said("hook")) {
        let fault = Diagnostic::new("`names` is about what a hook cuts", place.clone());
        reader.fault(fault.help("name one with `as:`, or a hook with `hook:`"));
    }
    if let Some(hook) = &each.hook {
        only_of_streams(each, reader);
        return named::slices_of(whole, (form, each), hook, reader);
    }
    if let Some(values) = &each.values {
        return values_of(each, values, reader);
    }
    if let Some(config) = &each.config {
        return config_of(whole, each, config, reader);
    }
    let streams = parents(whole, each, reader)?;
    let batch = each.batch.as_ref().and_then(|batch| usize::try_from(batch.0.value).ok());
    let changed_only = each.changed_only.as_ref().is_some_and(|changed| changed.value);
    if let Some(changed) = each.changed_only.as_ref().filter(|changed| changed.value && streams.len() > 1) {
        let fault =
            Diagnostic::new("`changed_only` goes with one parent, whose bookmark it hangs on", changed.place.clone());
        reader.fault(fault.help("write one stream for each parent, or leave `changed_only` out"));
    }
    let keep_if = kept(whole, (form, each), reader);
    let reads = each.called().map(|name| members_read(form, name)).unwrap_or_default();
    Some(Of::Parents(Parents { streams, changed_only, keep_if, batch, reads }))
}

/// Which records of the parents count, where not all do.
fn kept(whole: &Whole<'_>, (form, each): (&language::Stream, &Each), reader: &mut Reader<'_>) -> Option<KeptParents> {
    let condition = each.keep_if.as_ref()?;
    let name = each.one_called();
    if condition.value.reads(name) {
        let names = Names { whole, stream: Some(form), scope: Scope::Parent };
        names.condition(&condition.value, &condition.place, reader);
    } else {
        let fault = Diagnostic::new("the condition is the same for each parent", condition.place.clone());
        reader.fault(fault.help(format!("ask something of `{name}`, as in `{name}.is_member`")));
    }
    Some(KeptParents { condition: condition.value.clone(), name: name.to_owned() })
}

/// The parents' names, if all of them exist.
fn parents(whole: &Whole<'_>, each: &Each, reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let written = &each.stream.as_ref()?.0;
    let mut streams: Vec<String> = Vec::new();
    for parent in written {
        if !whole.is_stream(&parent.value) {
            let fault = Diagnostic::new(format!("there is no stream `{}`", parent.value), parent.place.clone())
                .nearest(&parent.value, whole.stream_names());
            reader.fault(fault.help(format!("the streams are {}", list_names(whole.stream_names()))));
        } else if whole.stream(&parent.value).is_some_and(|stream| stream.said("routed_from").is_some()) {
            let message = format!("`{}` has no requests of its own, so none can be made for its records", parent.value);
            let fault = Diagnostic::new(message, parent.place.clone());
            reader.fault(fault.help("go through the stream whose hooks send the records"));
        } else if streams.contains(&parent.value) {
            let fault = Diagnostic::new(format!("`{}` stands here twice", parent.value), parent.place.clone());
            reader.fault(fault.help("name each parent once"));
        }
        streams.push(parent.value.clone());
    }
    if written.is_empty() {
        nothing(each, "stream", reader);
    }
    Some(streams)
}

fn values_of(each: &Each, values: &[Text<crate::grammar::Plain>], reader: &mut Reader<'_>) -> Option<Of> {
    only_of_streams(each, reader);
    if values.is_empty() {
        nothing(each, "values", reader);
    }
    for (at, value) in values.iter().enumerate() {
        if values[..at].iter().any(|earlier| earlier.value == value.value) {
            let fault = Diagnostic::new(format!("`{}` stands here twice", value.value), value.place.clone());
            reader.fault(fault.help("its records would be read twice: name each value once"));
        }
    }
    Some(Of::Values(values.iter().map(|value| value.value.clone()).collect()))
}

fn config_of(
    whole: &Whole<'_>,
    each: &Each,
    config: &Text<crate::grammar::Plain>,
    reader: &mut Reader<'_>,
) -> Option<Of> {
    only_of_streams(each, reader);
    reader.config_read.insert(config.value.clone());
    if !whole.config_known {
        return None;
    }
    let field = whole.spec.config.iter().flat_map(|config| &config.0).find(|(name, _)| name.value == config.value);
    let Some((_, field)) = field else {
        let known = || whole.config.iter().copied();
        reader.config_read.extend(crate::nearest(&config.value, known()).map(str::to_owned));
        let fault = Diagnostic::new(format!("there is no config field `{}`", config.value), config.place.clone())
            .nearest(&config.value, known());
        reader.fault(fault.help("name a field of `config:`, of type `list`, or an `enum` or a `string` as one value"));
        return None;
    };
    let field = field.as_ref()?;
    if field.secret.as_ref().is_some_and(|secret| secret.value) {
        let message =
            format!("the config field `{}` is secret, and what is gone through is kept in the state", config.value);
        reader.fault(Diagnostic::new(message, config.place.clone()).help("go through values that may be known"));
    }
    let kind = field.kind.as_ref()?.value;
    if !matches!(kind, ConfigTypeWord::List | ConfigTypeWord::Enum | ConfigTypeWord::String) {
        let message = format!("the config field `{}` has no values to go through", config.value);
        let fault = Diagnostic::new(message, config.place.clone());
        reader.fault(fault.help("its type should be `list`, or `enum` or `string` for one value"));
        return None;
    }
    Some(Of::Config(config.value.clone()))
}

/// Reports what only parents can have.
fn only_of_streams(each: &Each, reader: &mut Reader<'_>) {
    for key in ["changed_only", "keep_if", "batch"] {
        if let Some(place) = each.said(key) {
            let fault = Diagnostic::new(format!("`{key}` is about records of a stream"), place.clone());
            reader.fault(fault.help(format!("take `{key}` out, or name a parent with `stream:`")));
        }
    }
}

fn nothing(each: &Each, key: &str, reader: &mut Reader<'_>) {
    let place = each.said(key).cloned().unwrap_or(each.place.clone());
    let fault = Diagnostic::new(format!("`{key}` names nothing to go through"), place);
    reader.fault(fault.help("give it one value at least, or take `for_each` out"));
}

fn same_requests(each: &Each, name: &str, reader: &mut Reader<'_>) {
    let place = each.said.first().map_or(each.place.clone(), |key| key.place.clone());
    let (what, how) = match (each.said("stream").is_some(), each.said("batch").is_some()) {
        (true, true) => ("batch of parents", format!("{name}.id | join(',')")),
        (true, false) => ("parent", format!("{name}.id")),
        (false, _) if each.said("hook").is_some() => ("slice", name.to_owned()),
        (false, _) => ("value", name.to_owned()),
    };
    let fault = Diagnostic::new(format!("the requests are the same for each {what}"), place);
    reader.fault(fault.help(format!(
        "the endpoint, params or body should read `{name}`, as in `GET /cases/{{{{ {how} }}}}/replies`"
    )));
}

/// Names that are missing, that stand there twice, or that hide another.
fn names(written: &language::ForEachForm, reader: &mut Reader<'_>) {
    let mut known: Vec<(&str, bool)> = Vec::new();
    for each in &written.parts {
        let place = each.name.as_ref().map_or(each.place.clone(), |name| name.place.clone());
        let names = each.known_as();
        if names.is_empty() {
            if each.said("as").is_none() && (each.said("values").is_some() || each.said("config").is_some()) {
                let key = each.said("values").or(each.said("config")).cloned().unwrap_or(place);
                let fault = Diagnostic::new("expressions need a name by which they read these values", key);
                reader.fault(fault.help("add `as:`, as in `{values: [eu, us], as: region}`, and read `{{ region }}`"));
            }
            continue;
        }
        let of_stream = each.said("stream").is_some();
        for name in &names {
            let listed = each.names.iter().flatten().find(|one| one.value == *name);
            let place = listed.map_or(&place, |one| &one.place).clone();
            if is_reserved(name) {
                let fault = Diagnostic::new(format!("`{name}` has a meaning of its own in expressions"), place);
                reader.fault(fault.help("choose another name"));
            } else if known.iter().any(|(known, stream)| known == name && !(*stream && of_stream)) {
                let fault = Diagnostic::new(format!("two parts of `for_each` are called `{name}`"), place);
                reader.fault(fault.help("give each its own name with `as:`"));
            }
        }
        known.extend(names.iter().map(|name| (*name, of_stream)));
    }
}

fn one_of_streams(written: &language::ForEachForm, reader: &mut Reader<'_>) {
    for each in written.parts.iter().filter(|each| each.said("stream").is_some()).skip(1) {
        let place = each.said("stream").cloned().unwrap_or(each.place.clone());
        let fault = Diagnostic::new("only one part of `for_each` can be of streams", place);
        reader.fault(fault.help(
            "for the records of several streams, one after the other, write `{stream: [posts, pages]}`; for a record of a \
             record, make the one stream a child of the other",
        ));
    }
}

/// Reports a stream that cannot keep a bookmark for each of its parents.
pub(super) fn bookmarks(
    whole: &Whole<'_>,
    form: &language::Stream,
    (for_each, replication): (Option<&ForEach>, &Replication),
    fields: &[model::Field],
    reader: &mut Reader<'_>,
) {
    let Replication::Incremental(incremental) = replication else { return };
    let Some(written) = form.for_each.as_ref() else { return };
    let Some(parents) = for_each.and_then(ForEach::parents).filter(|parents| !parents.changed_only) else { return };
    let unkeyed = |name: &&String| whole.stream(name).is_some_and(|stream| stream.said("primary_key").is_none());
    if let Some(parent) = parents.streams.iter().find(unkeyed) {
        let place = written.streams().find(|stream| stream.value == *parent).map(|stream| stream.place.clone());
        let message = format!("nothing tells the records of `{parent}` apart, so none can have a bookmark of its own");
        let fault = Diagnostic::new(message, place.unwrap_or(written.place.clone()));
        reader.fault(fault.help(format!("give `{parent}` a `primary_key`, or read this stream as a full table")));
    }
    let Some(key) = incremental.key() else { return };
    let kind = fields.iter().find(|field| field.name == key).map(|field| &field.kind);
    let batch = written.parts.iter().find_map(|each| each.said("batch"));
    if let (Some(kind @ (FieldType::Integer | FieldType::String)), Some(place)) = (kind, batch) {
        let message = format!(
            "a batch brings records of several parents, and `{key}`, of type {kind}, may grow on its own in each"
        );
        let fault = Diagnostic::new(message, place.clone());
        reader
            .fault(fault.help("take `batch` out, so that each parent has a bookmark, or choose a key that is a time"));
    }
}

/// What the stream's expressions read of `root`, wherever they stand: `id` of `parent.id`.
pub(super) fn members_read(form: &language::Stream, root: &str) -> Vec<String> {
    let request = request_templates(form);
    let rules = || form.on_response.iter().flatten();
    let said =
        rules().flat_map(|rule| rule.how_long.iter().chain(&rule.until).chain(&rule.message)).map(|text| &text.value);
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
    let names = templates.flat_map(Template::names);
    let names = names.chain(conditions.flat_map(Condition::names));
    let member =
        |name: &str, root: &str| Some(name.strip_prefix(root)?.strip_prefix('.')?.split('.').next()?.to_owned());
    let judging = form.for_each.as_ref().and_then(ForEachForm::of_streams).filter(|each| each.called() == Some(root));
    let judging = judging.and_then(|each| Some((each.keep_if.as_ref()?, each.one_called())));
    let judged = judging
        .iter()
        .flat_map(|(condition, one)| condition.value.names().filter_map(move |(name, _)| member(name, one)));
    let mut fields: Vec<String> = names.filter_map(|(name, _)| member(name, root)).chain(judged).collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

/// What is wrong with reading `member` of the part `each`, if something is.
pub(super) fn misread(
    whole: &Whole<'_>,
    each: &Each,
    (name, member): (&str, &str),
    place: &Place,
) -> Option<Diagnostic> {
    let fields = |name: &str| whole.stream(name)?.known_fields();
    let parents: Vec<(&str, Vec<&str>)> =
        each.streams().filter_map(|name| Some((name.value.as_str(), fields(&name.value)?))).collect();
    let (lacking, _) = parents.iter().find(|(_, fields)| !fields.contains(&member))?;
    if let Some(stream) = whole.stream(lacking).filter(|stream| !member.is_empty() && stream.fields.is_none()) {
        let fault = Diagnostic::new(format!("`{name}` has no `{member}` whose type is known"), place.clone());
        return Some(super::fields::undeclared(stream, fault, "declare it under the parent's `fields`"));
    }
    let (_, first) = &parents[0];
    let shared = || first.iter().copied().filter(|name| parents.iter().all(|(_, fields)| fields.contains(name)));
    let has = match parents.len() {
        1 => format!("`{name}` has"),
        _ => format!("`{name}` has what each of {} has:", list_names(parents.iter().map(|(name, _)| *name))),
    };
    let message = match parents.len() {
        _ if member.is_empty() => format!("`{name}` alone has no value"),
        1 => format!("`{name}` has no `{member}`"),
        _ => format!("`{name}` has no `{member}`, because `{lacking}` has none"),
    };
    let fault = Diagnostic::new(message, place.clone()).nearest(member, shared());
    Some(fault.help(format!("{has} {}", list_names(shared()))))
}
