//! Streams that only the API can tell: objects, and their fields, are made up as the spec reads them.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use tapwright_spec::Connector;
use tapwright_spec::expression::{PathTemplate, Scope, Template};
use tapwright_spec::model::{Dynamic, FieldsPlace, Found, FoundField, Job, Stream, ToldFields};
use tapwright_spec::path::Segment;

use crate::arrange::{arrange, choices, literals, read_below};
use crate::document::{at, put};
use crate::served::Served;

/// Streams of a family.
const STREAMS: usize = 2;

/// The connector with streams that are made up, and the lists that tell of them.
///
/// # Errors
/// Objects that the spec would not take.
pub(crate) fn told(connector: &Connector, scope: &Scope) -> Result<(Connector, Vec<Served>), String> {
    let mut found = Vec::new();
    let mut served = Vec::new();
    for family in &connector.dynamic {
        let mut objects = Vec::new();
        for number in 1..=STREAMS.min(family.most) {
            let mut object = object(family, number, scope)?;
            let fields = match &family.fields {
                None => Vec::new(),
                Some(told) => fields(told, &mut object, scope, &mut served)?,
            };
            let name = family.name_of(&scope.clone().with("object", &object));
            let name = name.map_err(|fault| refused(family, &format!("`name` cannot be computed: {fault}")))?;
            let members = object.as_object().cloned().unwrap_or_default();
            found.push(Found { family: family.name.clone(), name, object: members, fields });
            objects.push(object);
        }
        served.push(Served::plain(family.list.clone(), objects));
    }
    let connector = connector.discover(&found).map_err(|faults| {
        let said: Vec<&str> = faults.faults().iter().map(|fault| fault.message.as_str()).collect();
        format!("made-up streams do not fit the spec: {}; mock a recording in its place", said.join("; "))
    })?;
    Ok((connector, served))
}

fn refused(family: &Dynamic, why: &str) -> String {
    format!("`{}`: no objects can be made up: {why}; mock a recording in its place", family.name)
}

/// An object with all that expressions read of it.
fn object(family: &Dynamic, number: usize, scope: &Scope) -> Result<Value, String> {
    let mut object = json!({});
    let fields = family.fields.iter().filter_map(|told| match &told.place {
        FieldsPlace::List(list) => Some(list.as_ref()),
        FieldsPlace::Member(_) => None,
    });
    let templates = templates(&family.pattern).into_iter().chain(fields.flat_map(templates)).chain([&family.naming]);
    for template in templates {
        fill(&mut object, template, ("object", number), scope);
    }
    let Some(condition) = &family.keep_if else { return Ok(object) };
    let places = read_below(condition.names(), "object");
    let holds = |object: &Value| condition.holds(&scope.clone().with("object", object)) == Ok(true);
    match arrange(&mut object, &places, &choices([condition.source()], &[]), holds) {
        true => Ok(object),
        false => Err(refused(family, "`keep_if` holds for none")),
    }
}

/// Puts a text wherever a template reads below `root`, or what else it can be computed with.
fn fill(document: &mut Value, template: &Template, (root, number): (&str, usize), scope: &Scope) {
    let mut places = read_below(template.names(), root);
    places.retain(|place| at(document, place).is_none());
    for place in &places {
        let word = match place.last() {
            Some(Segment::Key(name)) => name.as_str(),
            _ => root,
        };
        put(document, place, json!(format!("{word}_{number}")));
    }
    let is_right = |document: &Value| template.render(&scope.clone().with(root, document)).is_ok();
    arrange(document, &places, &choices([template.source()], &taken_apart(template, number)), is_right);
}

/// Values as templates take them apart: lists and objects with the members that they ask for.
fn taken_apart(template: &Template, number: usize) -> Vec<Value> {
    let names = literals(template.source());
    let members: Map<String, Value> = names
        .iter()
        .filter_map(|name| Some((name.as_str()?.to_owned(), json!(format!("{}_{number}", name.as_str()?)))))
        .collect();
    vec![json!([members]), json!(members), json!([format!("mock_{number}")]), json!(number)]
}

/// Every template of a stream that may read what the API says of it.
fn templates(stream: &Stream) -> Vec<&Template> {
    let job = stream.job.iter().flat_map(Job::requests).flat_map(|request| request.templates());
    let own = stream.request.templates().into_iter();
    own.chain(job).chain(stream.add.iter().map(|(_, template)| template)).collect()
}

/// Makes up the fields of an object: one for each word that means a type, and one of none of them.
fn fields(
    told: &ToldFields,
    object: &mut Value,
    scope: &Scope,
    served: &mut Vec<Served>,
) -> Result<Vec<FoundField>, String> {
    let words = told.words.iter().map(String::as_str).chain(["mock"]);
    let documents: Vec<Value> = words.enumerate().map(|(at, word)| field(told, at + 1, word, scope)).collect();
    let made = documents.iter().map(|field| {
        let scope = scope.clone().with("object", object).with("field", field);
        told.field_of(&scope).map_err(|why| format!("no fields can be made up: {why}; mock a recording in its place"))
    });
    let made = made.collect::<Result<Vec<_>, String>>()?;
    match &told.place {
        FieldsPlace::Member(path) => {
            for (number, field) in documents.into_iter().enumerate() {
                let mut place = path.plain().unwrap_or_default().to_vec();
                let each = place.iter_mut().rev().find(|step| **step == Segment::Each);
                each.into_iter().for_each(|step| *step = Segment::Index(number));
                put(object, &place, field);
            }
        }
        FieldsPlace::List(list) => {
            let members: Map<String, Value> = object.as_object().cloned().unwrap_or_default();
            let list = Stream { object: Some(Arc::new(members)), ..list.as_ref().clone() };
            served.push(Served::plain(list, documents));
        }
    }
    Ok(made)
}

/// A field whose type is `word`.
fn field(told: &ToldFields, number: usize, word: &str, scope: &Scope) -> Value {
    let mut field = json!({});
    for template in [&told.kind, &told.naming].into_iter().chain(told.path.iter().map(PathTemplate::template)) {
        fill(&mut field, template, ("field", number), scope);
    }
    let is_of_it = |field: &Value| told.kind.render(&scope.clone().with("field", field)).as_deref() == Ok(word);
    arrange(&mut field, &read_below(told.kind.names(), "field"), &choices([], &[json!(word)]), is_of_it);
    field
}
