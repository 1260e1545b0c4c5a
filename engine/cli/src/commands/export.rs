//! `tapwright export SPEC --as FORM`: what other programs read of a connector.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tapwright_interop::{Form, Place, Twin, twins};

use super::{Refusal, print};

/// Print a connector as other programs read it: JSON Schema, DBML, sources of dbt, a catalog of Singer
///
/// The tables are those that `explain` shows: with `--to` as they are in that destination, without it as they are in
/// PostgreSQL. JSON Schemas are of the rows that a folder of JSON lines holds.
#[derive(clap::Args)]
pub(crate) struct Export {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// For whom; without it, for all, into a folder
    #[arg(long = "as", value_name = "FORM", required_unless_present = "out")]
    form: Option<Written>,
    /// Only this stream; where there is a document for each, and no folder for them
    #[arg(long, value_name = "NAME")]
    stream: Option<String>,
    /// Folder for the files, instead of standard output; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Tell the tables that they are in this destination, of which nothing is opened
    #[arg(long, value_name = "DESTINATION", env = "TAPWRIGHT_TO", hide_env_values = true)]
    to: Option<String>,
}

/// For whom a document is.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Written {
    /// Everything that the page says, as `tapwright schema page` describes it
    Page,
    /// JSON Schema of the rows of each stream
    JsonSchema,
    /// Tables and references, for tools of databases
    Dbml,
    /// `sources.yml` of dbt, with descriptions and tests
    Dbt,
    /// A catalog of Singer, as `--discover` gives it
    Singer,
}

impl From<Written> for Form {
    fn from(written: Written) -> Form {
        match written {
            Written::Page => Form::Page,
            Written::JsonSchema => Form::JsonSchema,
            Written::Dbml => Form::Dbml,
            Written::Dbt => Form::Dbt,
            Written::Singer => Form::Singer,
        }
    }
}

impl Export {
    pub(crate) fn run(self) -> ExitCode {
        self.write().unwrap_or_else(Refusal::code)
    }

    fn write(&self) -> Result<ExitCode, Refusal> {
        let connector = super::connector(&self.spec)?;
        let place = Place::of(self.to.as_deref(), &connector.name)?;
        let forms = self.form.map_or(Form::ALL.to_vec(), |form| vec![form.into()]);
        let mut all = Vec::new();
        for form in forms {
            all.extend(twins(&connector, form, &place)?);
        }
        if let Some(stream) = &self.stream {
            if connector.stream(stream).is_none() {
                let names = connector.streams.iter().map(|stream| stream.name.as_str());
                let near = tapwright_spec::nearest(stream, names.clone());
                let hint = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                let names: Vec<&str> = names.collect();
                let words = format!(
                    "{} has no stream `{stream}`{hint}\n  its streams are {}",
                    connector.name,
                    names.join(", ")
                );
                return Err(Refusal::Said(words));
            }
            all.retain(|twin| !twin.name.starts_with("schemas/") || twin.name == format!("schemas/{stream}.json"));
        }
        match (&self.out, all.as_slice()) {
            (Some(folder), twins) => written(folder, twins),
            (None, [twin]) => {
                print(&twin.text);
                Ok(ExitCode::SUCCESS)
            }
            (None, _) => Err(Refusal::Said(
                "there is a document for each stream: name one with `--stream`, or a folder for all with `--out`"
                    .to_owned(),
            )),
        }
    }
}

fn written(folder: &Path, twins: &[Twin]) -> Result<ExitCode, Refusal> {
    for twin in twins {
        let path = folder.join(&twin.name);
        let fault = |error: std::io::Error| Refusal::Said(format!("{}: {error}", path.display()));
        std::fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(fault)?;
        std::fs::write(&path, &twin.text).map_err(fault)?;
        print(&format!("wrote {}\n", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}
