//! Streams that only the API can tell: the pattern, and what is made of it when the API has told them.

use std::collections::HashSet;

use super::names::Names;
use super::scope::Scope;
use super::{Whole, fields, streams};
use crate::diagnostic::Diagnostic;
use crate::grammar::{At, Map, Reader, Text};
use crate::language::{self, FieldForm, FieldList, FieldTypeText, Spec, ToldFields};
use crate::model::{self, Dynamic, FieldType, FieldsPlace, Found};
use crate::path::Path;
use crate::source::Place;

/// How many streams a family has at most, where the spec says nothing.
const MOST: usize = 200;

/// The families of a spec.
pub(super) fn families(whole: &Whole<'_>, reader: &mut Reader<'_>) -> Vec<Dynamic> {
    let families = whole.spec.dynamic_streams.iter().flat_map(|families| &families.0);
    families.filter_map(|(name, form)| family(whole, name, form.as_ref()?, reader)).collect()
}

fn family<'a>(
    whole: &Whole<'a>,
    name: &At<String>,
    form: &'a language::Dynamic,
    reader: &mut Reader<'_>,
) -> Option<Dynamic> {
    let of_object = Whole { object: true, ..whole.clone() };
    let names = Names { whole: &of_object, stream: None, scope: Scope::Shared };
    if let Some(condition) = &form.keep_if {
        names.condition(&condition.value, &condition.place, reader);
    }
    if let Some(naming) = &form.name {
        names.template(&naming.value, &naming.place, reader);
        if !naming.value.reads("object") {
            let fault = Diagnostic::new("all streams of the family would have the same name", naming.place.clone());
            reader.fault(fault.help("read it from the object, as in \"{{ object.api_name }}\""));
        }
    }
    let told = form.fields.as_ref().map(|form| told_fields(&of_object, name, form, reader));
    let list = form.list.as_ref().and_then(|list| streams::stream(whole, name, &list.0, reader));
    let of_pattern = Whole { fields_told: form.said("fields").is_some(), ..of_object.clone() };
    let pattern = form.stream.as_ref().and_then(|stream| streams::stream(&of_pattern, name, stream, reader));
    if let Some(stream) = form.stream.as_ref().filter(|stream| stream.endpoint.is_some())
        && !streams::request_templates(stream).iter().any(|template| template.reads("object"))
    {
        let fault = Diagnostic::new("the requests are the same for each stream of the family", stream.place.clone());
        reader
            .fault(fault.help("the endpoint, params or body should read `object`, as in `GET /rows/{{ object.id }}`"));
    }
    if let Some(place) = form.stream.as_ref().and_then(|stream| stream.said("routed_from")) {
        let fault = Diagnostic::new("each stream of a family has requests of its own", place.clone());
        reader.fault(fault.help("give it an `endpoint`; a stream that hooks send records to stands under `streams`"));
    }
    let most = form.most.as_ref().and_then(|most| usize::try_from(most.0.value).ok());
    Some(Dynamic {
        name: name.value.clone(),
        list: list?,
        keep_if: form.keep_if.as_ref().map(|condition| condition.value.clone()),
        naming: form.name.as_ref()?.value.clone(),
        most: most.unwrap_or(MOST),
        pattern: pattern?,
        fields: match told {
            Some(told) => Some(told?),
            None => None,
        },
    })
}

fn told_fields<'a>(
    of_object: &Whole<'a>,
    family: &At<String>,
    form: &'a ToldFields,
    reader: &mut Reader<'_>,
) -> Option<model::ToldFields> {
    let names = Names { whole: of_object, stream: None, scope: Scope::Field };
    for template in form.name.iter().chain(&form.kind) {
        names.template(&template.value, &template.place, reader);
    }
    if let Some(path) = &form.path {
        names.template(path.value.template(), &path.place, reader);
        if !path.value.template().reads("field") {
            let fault = Diagnostic::new("all fields of the stream would be read from one place", path.place.clone());
            reader.fault(fault.help("read the name from the field, as in \"$.properties.{{ field.name }}\""));
        }
    }
    if let Some(naming) = form.name.as_ref().filter(|naming| !naming.value.reads("field")) {
        let fault = Diagnostic::new("all fields of the stream would have the same name", naming.place.clone());
        reader.fault(fault.help("read it from the field, as in \"{{ field.name }}\""));
    }
    if let Some(types) = &form.types {
        fields::types(of_object, form, types, reader);
    }
    let place = match (&form.list, &form.from) {
        (Some(list), _) => {
            if list.0.endpoint.is_some()
                && !streams::request_templates(&list.0).iter().any(|template| template.reads("object"))
            {
                let fault = Diagnostic::new("the fields would be the same for each stream", list.0.place.clone());
                reader.fault(fault.help("the request should read `object`, as in `GET /fields/{{ object.id }}`"));
            }
            streams::stream(of_object, family, &list.0, reader).map(|list| FieldsPlace::List(Box::new(list)))
        }
        (None, from) => from.as_ref().map(|from| FieldsPlace::Member(from.value.clone())),
    };
    let (naming, kind) = (form.name.as_ref()?.value.clone(), form.kind.as_ref()?.value.clone());
    let words = form.types.iter().flat_map(Map::names).map(str::to_owned).collect();
    let path = form.path.as_ref().map(|path| path.value.clone());
    Some(model::ToldFields { place: place?, naming, path, kind, words })
}

/// Adds what the API has told to the streams of a spec.
pub(super) fn add(spec: &mut Spec, found: &[Found], reader: &mut Reader<'_>) {
    let mut made: Vec<(At<String>, Option<language::Stream>)> = Vec::new();
    let known = |name: &str| spec.streams.iter().flat_map(Map::names).any(|known| known == name);
    for one in found {
        let families = spec.dynamic_streams.iter().flat_map(|families| &families.0);
        let Some((family, Some(form))) = families.into_iter().find(|(family, _)| family.value == one.family) else {
            continue;
        };
        if known(&one.name) || made.iter().any(|(name, _)| name.value == one.name) {
            let message = format!("`{}` tells a stream `{}`, and there is one of this name", one.family, one.name);
            let fault = Diagnostic::new(message, family.place.clone());
            reader.fault(fault.help("let `name` tell them apart, or leave one out with `keep_if`"));
            continue;
        }
        let mut stream = form.stream.clone();
        if let (Some(stream), Some(told)) = (&mut stream, &form.fields) {
            add_fields(stream, one, (&family.place, told), reader);
        }
        made.push((At { value: one.name.clone(), place: family.place.clone() }, stream));
    }
    if let Some(streams) = &mut spec.streams {
        streams.0.extend(made);
    }
}

/// Adds the fields that the API has told to those that the spec lists.
fn add_fields(
    stream: &mut language::Stream,
    one: &Found,
    (place, told): (&Place, &ToldFields),
    reader: &mut Reader<'_>,
) {
    let listed: HashSet<String> = stream.fields.iter().flat_map(|fields| fields.names()).map(str::to_owned).collect();
    let mut names = HashSet::new();
    let mut made = Vec::new();
    for field in one.fields.iter().filter(|field| !listed.contains(&field.name)) {
        if !names.insert(&field.name) {
            let message = format!("`{}` is told two fields `{}`", one.name, field.name);
            let fault = Diagnostic::new(message, place.clone());
            reader.fault(fault.help("let `name` tell them apart"));
            continue;
        }
        let known = told.types.iter().flat_map(|types| &types.0).find(|(word, _)| word.value == field.kind);
        let json = || FieldForm::of(FieldTypeText { value: FieldType::Json, place: place.clone() });
        let mut form = known.map_or_else(|| Some(json()), |(_, form)| form.clone());
        if let (Some(FieldForm(spec)), Some(path)) = (&mut form, &field.path) {
            spec.from = Some(Text::made(leading_on(path, spec.from.as_ref().map(|from| &from.value)), place.clone()));
        }
        made.push((At { value: field.name.clone(), place: place.clone() }, form));
    }
    if !made.is_empty() {
        stream.fields.get_or_insert_with(|| FieldList::of(Map(Vec::new()))).listed.0.extend(made);
    }
}

/// A path that goes on where another ends.
fn leading_on(path: &Path, on: Option<&Path>) -> Path {
    let whole = on.map(|on| format!("{path}{}", on.source().trim_start_matches('$')));
    // Two paths make one.
    whole.and_then(|whole| Path::compile(&whole).ok()).unwrap_or_else(|| path.clone())
}
