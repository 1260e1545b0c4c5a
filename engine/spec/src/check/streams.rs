//! One stream: keys that are fields, a bookmark that reaches the API, a parent that exists.

use super::names::Names;
use super::replication::replication;
use super::scope::Scope;
use super::{
    Whole, answers, bodies, bookmark, budgets, carriers, change, deletions, fields, for_each, hooks, jobs, pages,
    requests, rules,
};
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Reader};
use crate::language;
use crate::model::{Field, FieldType, ForEach, Limits, Replication, Request, Rule, Stream};

pub(super) fn stream<'a>(
    whole: &Whole<'a>,
    name: &At<String>,
    form: &'a language::Stream,
    reader: &mut Reader<'_>,
) -> Option<Stream> {
    super::names::is_name(name, "stream", reader);
    let names = |scope| Names { whole, stream: Some(form), scope };
    let fields = fields::fields(whole, form, reader);
    let add = added(&names(Scope::Record), form, reader);
    let keep_if = kept(&names(Scope::Record), form, reader);
    change::contradictions(form, reader);
    let request = request(&names(Scope::Request), form, reader);
    let merged = pages::merged(whole, form);
    let pagination = pages::pagination(&names(Scope::Answer), merged.as_ref(), reader);
    let job = jobs::job(whole, form, (merged.as_ref(), &pagination), reader);
    let primary_key = primary_key(name, form, &fields, reader);
    let replication = replication(name, form, &fields, reader);
    let deleted = deletions::deleted(name, form, replication.as_ref(), reader);
    let for_each = for_each::for_each(whole, form, reader);
    let records = answers::records(whole, name, form, reader);
    answers::read_from_json(whole, form, merged.as_ref(), reader);
    let on_response = on_response(whole, &names(Scope::Answer), form, reader);
    let budget = budgets::of(whole, name, form, reader);
    let (request, replication) = (request?, replication?);
    if job.is_none() && form.said("job").is_some() {
        return None;
    }
    carriers::sent_once((whole, form), &request, (&pagination, &replication), reader);
    bookmark::restart(form, merged.as_ref(), &replication, reader);
    bookmarks(whole, form, (&replication, for_each.as_ref()), &fields, reader);
    Some(Stream {
        name: name.value.clone(),
        title: form.title.as_ref().map_or_else(|| super::names::spoken(&name.value), |title| title.value.clone()),
        description: form.description.as_ref()?.value.clone(),
        link: form.link.as_ref().map(|link| link.value.clone()),
        notes: form.notes.as_ref().map(|notes| notes.value.clone()),
        permission: form.permission.as_ref().map(|permission| permission.value.clone()),
        object: None,
        routed_from: None,
        job,
        request,
        records: records?,
        pagination,
        primary_key,
        deleted,
        replication,
        for_each,
        add,
        hooks: hooks::used(whole, form, reader),
        split: change::split(form, reader),
        flatten: change::flatten(form),
        remove: change::remove(form),
        rename: change::rename(form),
        keep_if,
        unlisted: fields::unlisted(whole, name, form, reader),
        schema_changes: fields::schema_changes(whole, form),
        load_mode: whole.load_mode,
        fields,
        on_response,
        limits: Limits { budget, ..requests::limits(whole, form) },
    })
}

fn request(names: &Names<'_, '_>, form: &language::Stream, reader: &mut Reader<'_>) -> Option<Request> {
    let parts = requests::Parts {
        endpoint: form.endpoint.as_ref()?,
        base_url: form.base_url.as_ref(),
        params: form.params.as_ref(),
        headers: form.headers.as_ref(),
        bodies: bodies::Bodies::of(form),
    };
    requests::request(names, &parts, reader)
}

fn kept(
    names: &Names<'_, '_>,
    form: &language::Stream,
    reader: &mut Reader<'_>,
) -> Option<crate::expression::Condition> {
    let condition = form.keep_if.as_ref()?;
    names.condition(&condition.value, &condition.place, reader);
    Some(condition.value.clone())
}

fn on_response(
    whole: &Whole<'_>,
    names: &Names<'_, '_>,
    form: &language::Stream,
    reader: &mut Reader<'_>,
) -> Vec<Rule> {
    let own = form.on_response.as_deref().unwrap_or_default();
    let shared = whole.spec.http.as_ref().and_then(|http| http.on_response.as_deref()).unwrap_or_default();
    rules::rules(names, own, shared, reader)
}

/// Reports a bookmark that cannot do what is asked of it.
fn bookmarks(
    whole: &Whole<'_>,
    form: &language::Stream,
    (replication, for_each): (&Replication, Option<&ForEach>),
    fields: &[Field],
    reader: &mut Reader<'_>,
) {
    bookmark::bookmark_is_sent(form, replication, for_each, reader);
    bookmark::until_is_sent(form, reader);
    bookmark::windows(whole, form, fields, reader);
    for_each::bookmarks(whole, form, (for_each, replication), fields, reader);
}

pub(super) fn added(
    names: &Names<'_, '_>,
    form: &language::Stream,
    reader: &mut Reader<'_>,
) -> Vec<(String, crate::expression::Template)> {
    let known = form.known_fields();
    let mut add = Vec::new();
    for (name, template) in form.add.iter().flat_map(|add| &add.0) {
        if let Some(known) = known.as_ref().filter(|known| !known.contains(&name.value.as_str())) {
            let message = format!("`add` gives `{}`, and no field is called so", name.value);
            let fault = Diagnostic::new(message, name.place.clone()).nearest(&name.value, known.iter().copied());
            reader.fault(fields::undeclared(form, fault, "declare it under `fields` with its type"));
        }
        let Some(template) = template else { continue };
        names.template(&template.value, &template.place, reader);
        add.push((name.value.clone(), template.value.clone()));
    }
    add
}

pub(super) fn primary_key(
    name: &At<String>,
    form: &language::Stream,
    fields: &[Field],
    reader: &mut Reader<'_>,
) -> Vec<String> {
    let known = form.known_fields();
    let mut keys: Vec<String> = Vec::new();
    for key in form.primary_key.iter().flat_map(|keys| &keys.0) {
        let field = fields.iter().find(|field| field.name == key.value);
        if let Some(known) = known.as_ref().filter(|known| !known.contains(&key.value.as_str())) {
            let message = format!("stream `{}` has no field `{}`, which its primary key names", name.value, key.value);
            let fault = Diagnostic::new(message, key.place.clone()).nearest(&key.value, known.iter().copied());
            let help = "a primary key names fields of the stream, with those that `add` gives it";
            reader.fault(fields::undeclared(form, fault, help));
        } else if keys.contains(&key.value) {
            let fault = Diagnostic::new(format!("the primary key names `{}` twice", key.value), key.place.clone());
            reader.fault(fault.help("name each field once"));
        } else if let Some(field) = field
            && matches!(
                field.kind,
                FieldType::List(_)
                    | FieldType::Object(_)
                    | FieldType::Pairs(_)
                    | FieldType::Json
                    | FieldType::AsJson(_)
                    | FieldType::Number
            )
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

/// Whether something of the request, apart from the endpoint, could not be read.
pub(super) fn unread_entries(form: &language::Stream) -> bool {
    let base_url = form.base_url.is_none() && form.said("base_url").is_some();
    let params = form.params.is_none() && form.said("params").is_some();
    let body = bodies::Bodies::of(form).is_unread();
    let param = form.params.iter().flat_map(|params| &params.0).any(|(_, value)| value.is_none());
    let header = form.headers.iter().flat_map(|headers| &headers.0).any(|(_, value)| value.is_none());
    let job = form.job.as_ref().map_or(form.said("job").is_some(), jobs::unread);
    base_url || params || body || param || header || job
}

/// Every template of the stream's requests, with those of its job.
pub(super) fn request_templates(form: &language::Stream) -> Vec<&crate::expression::Template> {
    let mut templates = own_templates(form);
    templates.extend(form.job.iter().flat_map(jobs::templates));
    templates
}

/// Every template of the request for the stream's pages.
pub(super) fn own_templates(form: &language::Stream) -> Vec<&crate::expression::Template> {
    let params = form.params.iter().flat_map(|params| &params.0).filter_map(|(_, entry)| entry.as_ref());
    let headers = form.headers.iter().flat_map(|headers| &headers.0).filter_map(|(_, value)| value.as_ref());
    let mut templates: Vec<_> = form.endpoint.iter().map(|endpoint| &endpoint.path).collect();
    templates.extend(params.flat_map(|entry| entry.0.templates()).map(|(template, _)| template));
    templates.extend(headers.map(|value| &value.value));
    templates.extend(form.base_url.iter().map(|url| &url.value));
    let body = bodies::Bodies::of(form);
    templates.extend(body.entries().into_iter().chain(body.texts()).map(|(template, _)| template));
    templates
}

/// Whether an expression of the stream's request reads the name.
pub(super) fn reads(form: &language::Stream, name: &str) -> bool {
    request_templates(form).iter().any(|template| template.reads(name))
}
