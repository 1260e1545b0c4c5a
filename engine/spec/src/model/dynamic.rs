//! Streams that only the API can tell.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::expression::{Condition, ExpressionFault, PathTemplate, Scope, Template};
use crate::path::Path;

use super::Stream;

/// A family of streams that only the API can tell.
#[derive(Debug, Clone)]
pub struct Dynamic {
    /// Name of the family.
    pub name: String,
    /// Gives the objects; it is not loaded.
    pub list: Stream,
    /// Only objects for which this holds become streams.
    pub keep_if: Option<Condition>,
    /// Gives the name of a stream.
    pub naming: Template,
    /// How many there may be.
    pub most: usize,
    /// What each of them is.
    pub pattern: Stream,
    /// Where the API tells their fields, if it does.
    pub fields: Option<ToldFields>,
}

/// Where the API tells the fields of a stream.
#[derive(Debug, Clone)]
pub struct ToldFields {
    /// Gives the fields.
    pub place: FieldsPlace,
    /// Gives the name of a field.
    pub naming: Template,
    /// Gives the place of its value in a record, if that is not under its name.
    pub path: Option<PathTemplate>,
    /// Gives the API's word for its type.
    pub kind: Template,
    /// The words that mean a type here.
    pub words: Vec<String>,
}

impl ToldFields {
    /// The field of which the API says what `scope` has as `field`.
    ///
    /// # Errors
    /// The key whose expression cannot be computed, and why not; a name that is empty.
    pub fn field_of(&self, scope: &Scope) -> Result<FoundField, String> {
        let wrong = |key: &'static str| move |fault: ExpressionFault| format!("`{key}` cannot be computed: {fault}");
        let name = self.naming.render(scope).map_err(wrong("name"))?;
        let kind = self.kind.render(scope).map_err(wrong("type"))?;
        let path = self.path.as_ref().map(|path| path.path(scope)).transpose().map_err(wrong("path"))?;
        if name.trim().is_empty() {
            return Err("its name is empty".to_owned());
        }
        Ok(FoundField { name, path, kind })
    }
}

/// Where the fields of an object stand.
#[derive(Debug, Clone)]
pub enum FieldsPlace {
    /// In the answer to a request of their own; it is not loaded.
    List(Box<Stream>),
    /// In the object.
    Member(Path),
}

impl Dynamic {
    /// What is read of it: its list, its streams, and the lists of their fields.
    pub fn streams(&self) -> impl Iterator<Item = &Stream> {
        let fields = self.fields.as_ref().and_then(|fields| match &fields.place {
            FieldsPlace::List(list) => Some(&**list),
            FieldsPlace::Member(_) => None,
        });
        [&self.list, &self.pattern].into_iter().chain(fields)
    }

    /// The name of the stream of the `object` in `scope`: lower case letters, digits and `_`.
    ///
    /// # Errors
    /// A name that cannot be computed.
    pub fn name_of(&self, scope: &Scope) -> Result<String, ExpressionFault> {
        let said = self.naming.render(scope)?;
        let name = said.trim().chars().map(|c| match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '_',
        });
        Ok(name.collect())
    }
}

/// A stream that the API has told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Found {
    /// Name of its family.
    pub family: String,
    /// Its name.
    pub name: String,
    /// What the API says of it.
    pub object: Map<String, Value>,
    /// The fields that the API tells.
    pub fields: Vec<FoundField>,
}

/// A field that the API has told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FoundField {
    /// Its name, in the records and as a column.
    pub name: String,
    /// Where its value stands in a record, if not under its name.
    pub path: Option<Path>,
    /// Its type, in the API's words.
    pub kind: String,
}
