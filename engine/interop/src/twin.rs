//! All that other programs may read of a connector, as files.

use std::fmt;

use serde_json::Value;
use tapwright_docs::{Beside, PageFile, page_document};
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

    /// Its file within the folder of a connector, as pages tell of it.
    pub fn beside(self) -> Beside {
        let (file, about) = match self {
            Form::Page => ("connector.json", "everything on this page, as JSON"),
            Form::JsonSchema => ("schemas/{stream}.json", "JSON Schema of the rows"),
            Form::Config => ("config.schema.json", "JSON Schema of the configuration"),
            Form::Env => ("config.env", "the variables of the configuration, to fill in"),
            Form::Dbml => ("tables.dbml", "tables and references, for tools of databases"),
            Form::Dbt => ("sources.yml", "the tables as sources of dbt, with tests"),
            Form::Singer => ("catalog.json", "the streams as a catalog of Singer"),
        };
        Beside { file, about }
    }
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
    /// The place of the tables.
    Place(tapwright_sync::destination::Fault),
}

impl fmt::Display for TwinFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TwinFault::Names(fault) => fault.fmt(f),
            TwinFault::Sources(fault) => fault.fmt(f),
            TwinFault::Place(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for TwinFault {}

impl From<NameFault> for TwinFault {
    fn from(fault: NameFault) -> TwinFault {
        TwinFault::Names(fault)
    }
}

impl From<tapwright_sync::destination::Fault> for TwinFault {
    fn from(fault: tapwright_sync::destination::Fault) -> TwinFault {
        TwinFault::Place(fault)
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
    let file = form.beside().file;
    let one = |text: String| vec![Twin { name: file.to_owned(), text }];
    Ok(match form {
        Form::Page => one(json(&page_document(connector))),
        Form::Config => one(json(&self::form(connector))),
        Form::Env => one(start(connector, Start::Environment)),
        Form::Dbml => one(dbml(connector, place)?),
        Form::Dbt => one(sources(connector, place)?),
        Form::Singer => one(json(&catalog(connector))),
        Form::JsonSchema => {
            let of_stream = |stream: &Stream| {
                let name = file.replace("{stream}", &stream.name);
                Ok::<_, NameFault>(Twin { name, text: json(&rows(connector, stream)?) })
            };
            connector.streams.iter().map(of_stream).collect::<Result<_, _>>()?
        }
    })
}

/// All files of a connector, as they stand beside its pages.
///
/// # Errors
/// Names that cannot be tables or columns in PostgreSQL.
pub fn beside(connector: &Connector) -> Result<Vec<PageFile>, TwinFault> {
    let place = Place::of(None, &connector.name)?;
    let mut files = Vec::new();
    for form in Form::ALL {
        let named = |twin: Twin| PageFile { name: format!("{}/{}", connector.name, twin.name), text: twin.text };
        files.extend(twins(connector, form, &place)?.into_iter().map(named));
    }
    Ok(files)
}

fn json(value: &Value) -> String {
    format!("{value:#}\n")
}
