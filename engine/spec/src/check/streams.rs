//! One stream: keys that are fields, a bookmark that reaches the API, a parent that exists.

use super::names::{Names, Scope};
use super::{Whole, answers, carriers, families, fields, pages, requests};
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader};
use crate::language::{self, ReplicationForm};
use crate::model::{Field, FieldType, ForEach, Incremental, Order, Replication, Request, Since, Stream};
use crate::source::Place;
use crate::time::TimeFormat;

pub(super) fn stream<'a>(
    whole: &Whole<'a>,
    name: &At<String>,
    form: &'a language::Stream,
    reader: &mut Reader<'_>,
) -> Option<Stream> {
    super::names::is_name(name, "stream", reader);
    let names = |scope| Names { whole, stream: Some(form), scope };
    let fields = fields::fields(whole, name, form, reader);
    let add = added(&names(Scope::Record), form, reader);
    if let Some(condition) = &form.keep_if {
        names(Scope::Record).condition(&condition.value, &condition.place, reader);
    }
    let parts = form.endpoint.as_ref().map(|endpoint| requests::Parts {
        endpoint,
        base_url: form.base_url.as_ref(),
        params: form.params.as_ref(),
        headers: form.headers.as_ref(),
        body: form.body.as_ref(),
    });
    let request = parts.and_then(|parts| requests::request(&names(Scope::Request), &parts, reader));
    let http = whole.spec.http.as_ref();
    let shared = http.and_then(|http| http.pagination.as_ref());
    let merged = pages::merge_pagination(shared, form.pagination.as_ref());
    let pagination = pages::pagination(&names(Scope::Answer), merged.as_ref(), reader);
    let primary_key = primary_key(name, form, &fields, reader);
    let replication = replication(name, form, &fields, reader);
    let for_each = families::for_each(whole, form, reader);
    let records = answers::records(whole, name, form, reader);
    answers::pages_in_json(whole, form, merged.as_ref(), reader);
    let own = form.on_response.as_deref().unwrap_or_default();
    let shared = http.and_then(|http| http.on_response.as_deref()).unwrap_or_default();
    let on_response = requests::rules(&names(Scope::Answer), own, shared, reader);
    let request = request?;
    let replication = replication?;
    carriers::sent_once((whole, form), &request, (&pagination, &replication), reader);
    bookmark_is_sent(form, &request, &replication, for_each.as_ref(), reader);
    restart(form, merged.as_ref(), &replication, reader);
    Some(Stream {
        name: name.value.clone(),
        title: form.title.as_ref().map_or_else(|| super::names::spoken(&name.value), |title| title.value.clone()),
        description: form.description.as_ref()?.value.clone(),
        link: form.link.as_ref().map(|link| link.value.clone()),
        notes: form.notes.as_ref().map(|notes| notes.value.clone()),
        permission: form.permission.as_ref().map(|permission| permission.value.clone()),
        request,
        records: records?,
        pagination,
        primary_key,
        replication,
        for_each,
        add,
        keep_if: form.keep_if.as_ref().map(|condition| condition.value.clone()),
        fields,
        on_response,
        limits: requests::limits(http.and_then(|http| http.limits.as_ref()), form.limits.as_ref()),
    })
}

fn added(
    names: &Names<'_, '_>,
    form: &language::Stream,
    reader: &mut Reader<'_>,
) -> Vec<(String, crate::expression::Template)> {
    let known: Vec<&str> = form.fields.iter().flat_map(crate::grammar::Map::names).collect();
    let mut add = Vec::new();
    for (name, template) in form.add.iter().flat_map(|add| &add.0) {
        if form.known_fields().is_some() && !known.contains(&name.value.as_str()) {
            let message = format!("`add` gives `{}`, and no field is called so", name.value);
            let fault = Diagnostic::new(message, name.place.clone()).nearest(&name.value, known.iter().copied());
            reader.fault(fault.help("declare it under `fields` with its type"));
        }
        let Some(template) = template else { continue };
        names.template(&template.value, &template.place, reader);
        add.push((name.value.clone(), template.value.clone()));
    }
    add
}

fn primary_key(name: &At<String>, form: &language::Stream, fields: &[Field], reader: &mut Reader<'_>) -> Vec<String> {
    let known: Vec<&str> = form.fields.iter().flat_map(crate::grammar::Map::names).collect();
    let mut keys: Vec<String> = Vec::new();
    for key in form.primary_key.iter().flat_map(|keys| &keys.0) {
        let field = fields.iter().find(|field| field.name == key.value);
        if form.known_fields().is_some() && !known.contains(&key.value.as_str()) {
            let message = format!("stream `{}` has no field `{}`, which its primary key names", name.value, key.value);
            let fault = Diagnostic::new(message, key.place.clone()).nearest(&key.value, known.iter().copied());
            reader.fault(fault.help("a primary key names fields of the stream, with those that `add` gives it"));
        } else if keys.contains(&key.value) {
            let fault = Diagnostic::new(format!("the primary key names `{}` twice", key.value), key.place.clone());
            reader.fault(fault.help("name each field once"));
        } else if let Some(field) = field
            && matches!(field.kind, FieldType::List(_) | FieldType::Object(_) | FieldType::Json | FieldType::Number)
        {
            let message = format!("`{}` cannot identify a record: its type is {}", key.value, field.kind);
            let fault = Diagnostic::new(message, key.place.clone());
            reader.fault(
                fault.help("a key is a string, an integer, a decimal, a boolean, a timestamp, a date or a time"),
            );
        }
        keys.push(key.value.clone());
    }
    keys
}

fn replication(
    name: &At<String>,
    form: &language::Stream,
    fields: &[Field],
    reader: &mut Reader<'_>,
) -> Option<Replication> {
    let written = match &form.replication {
        None if form.said("replication").is_some() => return None,
        None | Some(ReplicationForm::FullTable) => return Some(Replication::FullTable),
        Some(ReplicationForm::Form(written)) => written,
    };
    let method = written.method.as_ref()?;
    if method.value == language::Method::FullTable {
        if let Some(extra) = written.said.iter().find(|key| key.text != "method") {
            let message = format!("a full table has no bookmark, and `{}` belongs to one", extra.text);
            let fault = Diagnostic::new(message, extra.place.clone());
            reader.fault(fault.help("write `method: incremental`, or `replication: full_table` and nothing else"));
        }
        return Some(Replication::FullTable);
    }
    let Some(key) = &written.key else {
        if written.said("key").is_some() {
            return None;
        }
        let message = format!("stream `{}` is incremental and names no replication key", name.value);
        let fault = Diagnostic::new(message, method.place.clone());
        reader.fault(fault.help("add `key:` with the field whose greatest value is the bookmark"));
        return None;
    };
    replication_key(name, form, fields, key, reader);
    time_only(fields, key, written, reader);
    if form.said("primary_key").is_none() {
        let message = format!("stream `{}` is incremental and has no primary key", name.value);
        let fault = Diagnostic::new(message, key.place.clone());
        reader
            .fault(fault.help("records at the bookmark come again; a `primary_key` keeps them from being there twice"));
    }
    let since = written.since.as_ref();
    Some(Replication::Incremental(Incremental {
        key: key.value.clone(),
        since: since.and_then(|since| {
            let prefix = since.prefix.as_ref().map_or_else(String::new, |prefix| prefix.value.clone());
            Some(Since { param: since.param.as_ref()?.value.clone(), prefix })
        }),
        format: since
            .and_then(|since| since.format.as_ref())
            .map_or(TimeFormat::Rfc3339, |format| format.value.clone()),
        exclusive: since.and_then(|since| since.exclusive.as_ref()).is_some_and(|exclusive| exclusive.value),
        order: written.order.as_ref().map_or(Order::None, |order| order.value),
        lookback: written.lookback.as_ref().map(|lookback| lookback.value.clone()),
    }))
}

/// Reports what belongs to a point in time where the key is none.
fn time_only(
    fields: &[Field],
    key: &crate::grammar::Text<crate::grammar::Plain>,
    written: &language::Replication,
    reader: &mut Reader<'_>,
) {
    let Some(field) = fields.iter().find(|field| field.name == key.value) else { return };
    if !matches!(field.kind, FieldType::Integer | FieldType::String) {
        return;
    }
    let since = written.since.as_ref();
    if let (FieldType::String, Some(place)) = (&field.kind, since.and_then(|since| since.said("exclusive"))) {
        let message = format!("no text comes right before another, and `{}` is of type string", key.value);
        let help = "let the API compare with `>=`, or leave `exclusive` out if it does";
        reader.fault(Diagnostic::new(message, place.clone()).help(help));
    }
    let format = since.and_then(|since| since.said("format"));
    for (what, place) in [("format", format), ("lookback", written.said("lookback"))] {
        if let Some(place) = place {
            let message = format!("`{what}` is about points in time, and `{}` is of type {}", key.value, field.kind);
            let fault = Diagnostic::new(message, place.clone());
            reader.fault(fault.help(format!("take `{what}` out, or make the field's type `timestamp` or `date`")));
        }
    }
}

fn replication_key(
    name: &At<String>,
    form: &language::Stream,
    fields: &[Field],
    key: &crate::grammar::Text<crate::grammar::Plain>,
    reader: &mut Reader<'_>,
) {
    let known: Vec<&str> = form.fields.iter().flat_map(crate::grammar::Map::names).collect();
    if form.known_fields().is_some() && !known.contains(&key.value.as_str()) {
        let message = format!("stream `{}` has no field `{}`, which its replication key names", name.value, key.value);
        let fault = Diagnostic::new(message, key.place.clone()).nearest(&key.value, known.iter().copied());
        return reader.fault(fault.help("a replication key is a field of the stream"));
    }
    let kind = fields.iter().find(|field| field.name == key.value).map(|field| &field.kind);
    if let Some(kind) = kind
        && !matches!(kind, FieldType::Timestamp | FieldType::Date | FieldType::Integer | FieldType::String)
    {
        let message = format!("`{}` cannot be a bookmark: its type is {kind}", key.value);
        let fault = Diagnostic::new(message, key.place.clone());
        reader.fault(fault.help("a replication key is a timestamp, a date, an integer or a string"));
    }
}

/// Whether something of the request, apart from the endpoint, could not be read.
pub(super) fn unread_entries(form: &language::Stream) -> bool {
    let params = form.params.is_none() && form.said("params").is_some();
    let body = form.body.is_none() && form.said("body").is_some();
    let param = form.params.iter().flat_map(|params| &params.0).any(|(_, value)| value.is_none());
    let header = form.headers.iter().flat_map(|headers| &headers.0).any(|(_, value)| value.is_none());
    params || body || param || header
}

/// Every template of the stream's request.
pub(super) fn request_templates(form: &language::Stream) -> Vec<&crate::expression::Template> {
    let params = form.params.iter().flat_map(|params| &params.0).filter_map(|(_, values)| values.as_ref());
    let headers = form.headers.iter().flat_map(|headers| &headers.0).filter_map(|(_, value)| value.as_ref());
    let mut templates: Vec<_> = form.endpoint.iter().map(|endpoint| &endpoint.path).collect();
    templates.extend(params.flat_map(|values| &values.0).map(|value| &value.value));
    templates.extend(headers.map(|value| &value.value));
    templates.extend(form.base_url.iter().map(|url| &url.value));
    templates.extend(form.body.iter().flat_map(|body| &body.templates).map(|(template, _)| template));
    templates
}

fn bookmark_is_sent(
    form: &language::Stream,
    request: &Request,
    replication: &Replication,
    for_each: Option<&ForEach>,
    reader: &mut Reader<'_>,
) {
    let (Replication::Incremental(incremental), Some(ReplicationForm::Form(written))) =
        (replication, &form.replication)
    else {
        if let Some(for_each) = &form.for_each
            && let Some(changed) = for_each.0.changed_only.as_ref().filter(|changed| changed.value)
        {
            let fault = Diagnostic::new(
                "a full table of the children of changed parents alone would lose the others",
                changed.place.clone(),
            );
            reader.fault(
                fault.help("give the stream `replication: {method: incremental, key: …}`, or leave `changed_only` out"),
            );
        }
        return;
    };
    let expressions = request_templates(form).iter().any(|template| template.reads("since"))
        || request.params.iter().flat_map(|param| &param.values).any(|value| value.reads("since"));
    let place: Place = written.key.as_ref().map_or(written.place.clone(), |key| key.place.clone());
    let changed_only = for_each.is_some_and(|for_each| for_each.changed_only);
    if form.said("for_each").is_some() && for_each.is_none() {
        return;
    }
    if changed_only && incremental.since.is_some() {
        let place = written.since.as_ref().map_or(place, |since| since.place.clone());
        let fault = Diagnostic::new("children of changed parents are read whole; `since` has no use here", place);
        return reader.fault(fault.help("take `since` out, or `changed_only`"));
    }
    let told = (written.said("since").is_some() && incremental.since.is_none() && since_unread(written))
        || form.for_each.as_ref().is_some_and(|f| f.0.changed_only.is_none() && f.0.said("changed_only").is_some());
    if told || unread_entries(form) {
        return;
    }
    if !changed_only && incremental.since.is_none() && !expressions && form.for_each.is_none() {
        let fault = Diagnostic::new("nothing sends the bookmark to the API, so every run would read everything", place);
        reader.fault(
            fault.help("add `since: {param: …}`, use `since` in an expression, or write `replication: full_table`"),
        );
    } else if !changed_only && incremental.since.is_none() && !expressions {
        let fault = Diagnostic::new("nothing says which records of a parent are new", place);
        reader.fault(fault.help(
            "add `since: {param: …}`, or read only changed parents: `for_each: {stream: …, changed_only: true}`",
        ));
    }
}

/// Whether `since` could not be read, or its parameter.
fn since_unread(written: &language::Replication) -> bool {
    written.since.as_ref().is_none_or(|since| since.param.is_none() && since.said("param").is_some())
}

fn restart(
    form: &language::Stream,
    pages: Option<&language::Pagination>,
    replication: &Replication,
    reader: &mut Reader<'_>,
) {
    let Some(restart) = pages.and_then(|pages| pages.restart_after.as_ref()) else { return };
    let own = matches!(&form.pagination, Some(language::PaginationForm::Form(own)) if own.restart_after.is_some());
    let sends = match replication {
        Replication::Incremental(incremental) => {
            incremental.order == Order::Ascending
                && (incremental.since.is_some() || request_templates(form).iter().any(|t| t.reads("since")))
        }
        Replication::FullTable => false,
    };
    let unread = match &form.replication {
        Some(ReplicationForm::Form(written)) => {
            (written.said("since").is_some() && since_unread(written))
                || (written.order.is_none() && written.said("order").is_some())
        }
        _ => false,
    };
    if !sends && own && !unread {
        let fault = Diagnostic::new("a walk can restart only where the last key can be sent", restart.place.clone());
        reader.fault(fault.help("it needs `replication: {method: incremental, since: …, order: ascending}`"));
    }
}
