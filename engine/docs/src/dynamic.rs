//! Streams that only the API can tell, in sentences.

use tapwright_spec::Connector;
use tapwright_spec::model::{Dynamic, FieldsPlace, Request, Unlisted};

use crate::markdown::code;
use crate::replication::Point;

/// What is known of each family before the API has told its streams.
pub fn families(connector: &Connector) -> Vec<Point> {
    connector.dynamic.iter().map(|family| Point { label: "Dynamic tables", text: sentences(family) }).collect()
}

fn sentences(family: &Dynamic) -> String {
    let kept = family
        .keep_if
        .as_ref()
        .map_or_else(String::new, |condition| format!(" for which {} holds", code(condition.source())));
    format!(
        "{}. {} At the start of a run {} lists them: each object{kept} becomes a table named {}, in lower-case letters, \
         digits and `_`, whose rows are read with {}. {} More than {} tables are an error. A table that is no longer listed stays as \
         it is.",
        code(&family.name),
        family.pattern.description,
        endpoint(&family.list.request),
        code(family.naming.source()),
        endpoint(&family.pattern.request),
        columns(family),
        crate::evidence::grouped(family.most as u64),
    )
}

/// Where the columns of a family come from.
fn columns(family: &Dynamic) -> String {
    let listed: Vec<String> = family.pattern.fields.iter().map(|field| code(&field.name)).collect();
    let listed = listed.join(", ");
    let told = family.fields.as_ref().map(|told| {
        let told_by = match &told.place {
            FieldsPlace::List(list) => format!("those that {} lists", endpoint(&list.request)),
            FieldsPlace::Member(path) => format!("those that the object lists at {}", code(path.source())),
        };
        let path = told.path.as_ref().map(|path| format!(", read from {} of a record", code(path.template().source())));
        told_by + &path.unwrap_or_default()
    });
    match (told, listed.is_empty()) {
        (Some(told), true) => format!("Its columns are {told}."),
        (Some(told), false) => format!("Its columns are {listed} and {told}."),
        (None, true) => "Its columns are those that the rows have.".to_owned(),
        (None, false) if family.pattern.unlisted == Unlisted::Add => {
            format!("Its columns are {listed} and whatever else the rows have.")
        }
        (None, false) => format!("Its columns are {listed}."),
    }
}

fn endpoint(request: &Request) -> String {
    code(&format!("{} {}", request.method.word(), request.path.source()))
}
