//! Asks the API for the streams that only it can tell, and for their fields.

use std::sync::Arc;

use serde_json::{Map, Value};
use tapwright_spec::Connector;
use tapwright_spec::counted;
use tapwright_spec::exact;
use tapwright_spec::expression::{ExpressionFault, Scope};
use tapwright_spec::model::{Dynamic, FieldsPlace, Found, FoundField, Stream, ToldFields};

use crate::extract::{ExtractError, Page, Slice, Source, Walk, elements_at};

/// How many fields one object may have.
const MOST_FIELDS: usize = 2000;

/// Why the streams of a family cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DiscoverFault {
    /// The list cannot be read.
    #[error("the streams of `{family}` cannot be listed: {fault}")]
    List {
        /// The family.
        family: String,
        /// Why not.
        fault: ListFault,
    },
    /// The fields of a stream cannot be read.
    #[error("the fields of `{stream}` cannot be told: {fault}")]
    Fields {
        /// The stream.
        stream: String,
        /// Why not.
        fault: ListFault,
    },
    /// More than the spec allows.
    #[error("`{family}` tells more than {}; raise `most`, or leave some out with `keep_if`", counted(most, "stream"))]
    TooMany {
        /// The family.
        family: String,
        /// How many are allowed.
        most: usize,
    },
    /// What the API tells makes no right streams.
    #[error("what the API tells does not fit the spec: {0}")]
    Spec(String),
}

/// Why a list of objects, or of fields, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ListFault {
    /// A request failed.
    #[error(transparent)]
    Extract(#[from] ExtractError),
    /// The list is not whole.
    #[error("the list was not read to its end: {0}")]
    Bounded(String),
    /// One of the list of which nothing can be made.
    #[error("{place}: {what} {number}: {why}")]
    One {
        /// The request that brought it, or where it stands.
        place: String,
        /// `object` or `field`.
        what: &'static str,
        /// Its number on the page, from 1.
        number: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The object has no list of fields where the spec says.
    #[error("the object has no list of them where `from` leads: {0}")]
    Missing(String),
    /// More fields than a table has.
    #[error("there are more than {MOST_FIELDS}")]
    TooMany,
}

/// The connector with the streams that the API tells. Of `wanted` streams the fields are asked for, and lists are read
/// only until all of them are found; if there are none, all are wanted.
///
/// # Errors
/// A [`DiscoverFault`]; nothing of a list that is not whole is used.
pub async fn discover(connector: &Connector, source: &Source, wanted: &[String]) -> Result<Connector, DiscoverFault> {
    let mut found: Vec<Found> = Vec::new();
    for family in &connector.dynamic {
        let is_known = |name: &String| connector.stream(name).is_some() || found.iter().any(|one| one.name == *name);
        if wanted.is_empty() || !wanted.iter().all(is_known) {
            found.extend(listed(family, source, wanted).await?);
        }
    }
    connector.discover(&found).map_err(|faults| {
        let told = faults.faults().iter().map(|fault| match &fault.help {
            Some(help) => format!("{}; {help}", fault.message),
            None => fault.message.clone(),
        });
        DiscoverFault::Spec(source.redactor().redact(&told.collect::<Vec<_>>().join("\n")))
    })
}

async fn listed(family: &Dynamic, source: &Source, wanted: &[String]) -> Result<Vec<Found>, DiscoverFault> {
    let failed = |fault| DiscoverFault::List { family: family.name.clone(), fault };
    let mut listing = Listing::new(&family.list, source, "object");
    let mut found = Vec::new();
    while let Some(object) = listing.next(|object| named(family, source, object)).await.map_err(failed)? {
        let Some(mut one) = object else { continue };
        if found.len() == family.most {
            return Err(DiscoverFault::TooMany { family: family.name.clone(), most: family.most });
        }
        let is_wanted = wanted.is_empty() || wanted.contains(&one.name);
        if let Some(told) = family.fields.as_ref().filter(|_| is_wanted) {
            let failed = |fault| DiscoverFault::Fields { stream: one.name.clone(), fault };
            one.fields = fields(told, source, &one.object).await.map_err(failed)?;
        }
        found.push(one);
    }
    Ok(found)
}

/// The stream of an object, if it is to be one.
fn named(family: &Dynamic, source: &Source, object: Map<String, Value>) -> Result<Option<Found>, String> {
    let scope = source.scope().clone().with("object", &object);
    if let Some(condition) = &family.keep_if
        && !condition.holds(&scope).map_err(wrong("keep_if"))?
    {
        return Ok(None);
    }
    let name = family.name_of(&scope).map_err(wrong("name"))?;
    if name.is_empty() {
        return Err("its name is empty".to_owned());
    }
    Ok(Some(Found { family: family.name.clone(), name, object, fields: Vec::new() }))
}

/// The fields that the API tells of an object.
async fn fields(told: &ToldFields, source: &Source, object: &Map<String, Value>) -> Result<Vec<FoundField>, ListFault> {
    let scope = source.scope().clone().with("object", object);
    let mut fields = Vec::new();
    let path = match &told.place {
        FieldsPlace::Member(path) => path,
        FieldsPlace::List(list) => {
            let list = Stream { object: Some(Arc::new(object.clone())), ..list.as_ref().clone() };
            let mut listing = Listing::new(&list, source, "field");
            while let Some(field) = listing.next(|field| field_of(told, &scope, &field)).await? {
                if fields.len() == MOST_FIELDS {
                    return Err(ListFault::TooMany);
                }
                fields.push(field);
            }
            return Ok(fields);
        }
    };
    let found = elements_at(&Value::Object(object.clone()), path).map_err(ListFault::Missing)?;
    if found.len() > MOST_FIELDS {
        return Err(ListFault::TooMany);
    }
    let made = found.iter().enumerate().map(|(at, field)| {
        let made = field.as_object().ok_or_else(|| "it is no object".to_owned());
        made.and_then(|field| field_of(told, &scope, field)).map_err(|why| ListFault::One {
            place: format!("`{path}` of the object"),
            what: "field",
            number: at + 1,
            why: source.redactor().redact(&why),
        })
    });
    made.collect()
}

fn field_of(told: &ToldFields, scope: &Scope, field: &Map<String, Value>) -> Result<FoundField, String> {
    told.field_of(&scope.clone().with("field", field))
}

/// Reads a list one by one; it ends well only where it is whole.
struct Listing<'a> {
    source: &'a Source,
    walk: Walk<'a>,
    what: &'static str,
    page: Option<Page>,
    at: usize,
}

impl<'a> Listing<'a> {
    fn new(list: &'a Stream, source: &'a Source, what: &'static str) -> Listing<'a> {
        let walk = source.walk(Slice { stream: list, since: None, until: None, names: None });
        Listing { source, walk, what, page: None, at: 0 }
    }

    /// What `make` makes of the next of them.
    async fn next<T>(
        &mut self,
        make: impl Fn(Map<String, Value>) -> Result<T, String>,
    ) -> Result<Option<T>, ListFault> {
        loop {
            if let Some(page) = self.page.as_ref().filter(|page| self.at < page.records.len()) {
                let object = object(page.record(self.at));
                self.at += 1;
                let made = object.and_then(make).map_err(|why| ListFault::One {
                    place: page.request.clone(),
                    what: self.what,
                    number: self.at,
                    why: self.source.redactor().redact(&why),
                });
                return made.map(Some);
            }
            self.at = 0;
            self.page = self.walk.next().await?;
            if self.page.is_none() {
                return self.ended().map(|()| None);
            }
        }
    }

    fn ended(&self) -> Result<(), ListFault> {
        match self.walk.end() {
            Some(end) if !end.bounded && end.slid.is_none() => Ok(()),
            end => {
                let why =
                    end.map_or_else(String::new, |end| end.slid.clone().unwrap_or_else(|| end.reason.to_string()));
                Err(ListFault::Bounded(why))
            }
        }
    }
}

fn object(record: &str) -> Result<Map<String, Value>, String> {
    match exact::read(record) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(format!("it is no object but {other}")),
        Err(error) => Err(format!("it is no JSON: {error}")),
    }
}

/// What is wrong with an expression at `place`.
fn wrong(place: &'static str) -> impl Fn(ExpressionFault) -> String {
    move |fault| format!("`{place}` cannot be computed: {fault}")
}
