//! All that other programs may read of a connector, as files.

use std::fmt;

use serde_json::Value;
use tapwright_docs::page_document;
use tapwright_spec::Connector;
use tapwright_spec::model::Stream;
use tapwright_spec::settings::{Start, form, start};
use tapwright_sync::normalise::NameFault;

use crate::catalog::catalog;
use crate::dbml::dbml;
use crate::dbt::{SourcesFault, sources};
use crate::place::Place;
use crate::rows::rows;

/// For whom a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any program: everything that the page says.
    Page,
    /// Whatever checks rows: JSON Schema.
    JsonSchema,
    /// Whatever asks for the configuration: JSON Schema.
    Config,
    /// Whoever fills in the configuration.
    Env,
    /// Tools of databases: DBML.
    Dbml,
    /// dbt: `sources.yml`.
    Dbt,
    /// Singer: a catalog.
    Singer,
}

impl Form {
    /// All of them.
    pub const ALL: [Form; 7] =
        [Form::Page, Form::JsonSchema, Form::Config, Form::Env, Form::Dbml, Form::Dbt, Form::Singer];
}

/// A file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Its name within the connector's folder.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// Why a file could not be made.
#[derive(Debug)]
pub enum TwinFault {
    /// Names that collide or are reserved.
    Names(NameFault),
    /// The sources of dbt.
    Sources(SourcesFault),
}

impl fmt::Display for TwinFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TwinFault::Names(fault) => fault.fmt(f),
            TwinFault::Sources(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for TwinFault {}

impl From<NameFault> for TwinFault {
    fn from(fault: NameFault) -> TwinFault {
        TwinFault::Names(fault)
    }
}

impl From<SourcesFault> for TwinFault {
    fn from(fault: SourcesFault) -> TwinFault {
        TwinFault::Sources(fault)
    }
}

/// The files of one form; there is one for each stream where rows are told of, else one.
///
/// # Errors
/// Names that cannot be tables or columns in `place`.
pub fn twins(connector: &Connector, form: Form, place: &Place) -> Result<Vec<Twin>, TwinFault> {
    let one = |name: &str, text: String| vec![Twin { name: name.to_owned(), text }];
    Ok(match form {
        Form::Page => one("connector.json", json(&page_document(connector))),
        Form::Config => one("config.schema.json", json(&self::form(connector))),
        Form::Env => one("config.env", start(connector, Start::Environment)),
        Form::Dbml => one("tables.dbml", dbml(connector, place)?),
        Form::Dbt => one("sources.yml", sources(connector, place)?),
        Form::Singer => one("catalog.json", json(&catalog(connector))),
        Form::JsonSchema => {
            let of_stream = |stream: &Stream| {
                let name = format!("schemas/{}.json", stream.name);
                Ok::<_, NameFault>(Twin { name, text: json(&rows(connector, stream)?) })
            };
            connector.streams.iter().map(of_stream).collect::<Result<_, _>>()?
        }
    })
}

fn json(value: &Value) -> String {
    format!("{value:#}\n")
}
