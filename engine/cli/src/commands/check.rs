//! `tapwright check SPEC…`: every fault of every file at once.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;
use tapwright_spec::counted;
use tapwright_spec::{Connector, Source, check};
use tapwright_sync::hook::load;

use super::{Format, WRONG, print, say, shown};

/// Check specs with the hooks that they name, and tell every fault with its place and remedy
#[derive(clap::Args)]
pub(crate) struct Check {
    /// Spec files
    #[arg(required = true, value_name = "SPEC")]
    specs: Vec<PathBuf>,
    /// Print faults as text, or as a JSON list on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Check {
    pub(crate) fn run(self) -> ExitCode {
        let mut faults = Vec::new();
        let mut wrong = 0;
        for path in &self.specs {
            match self.one(path) {
                Ok(()) => {}
                Err(mut found) => {
                    wrong += 1;
                    faults.append(&mut found);
                }
            }
        }
        if self.format == Format::Json {
            print(&format!("{:#}\n", Value::Array(faults)));
        }
        if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::from(WRONG) }
    }

    /// Checks a file; its faults are told here, or handed back as data.
    fn one(&self, path: &Path) -> Result<(), Vec<Value>> {
        let text = self.format == Format::Text;
        let source = Source::read(path).map_err(|unreadable| {
            if text {
                say("error: ", &unreadable);
            }
            vec![serde_json::json!({"file": path, "message": unreadable})]
        })?;
        match check(&source).and_then(|connector| Ok(load(&connector, None)?.0)) {
            Ok(connector) if text => {
                print(&well(path, &connector));
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(diagnostics) if text => {
                let count = diagnostics.faults().len();
                eprint!("{}", shown(&diagnostics));
                eprintln!("{}: {}", path.display(), counted(count, "fault"));
                Err(Vec::new())
            }
            Err(diagnostics) => Err(diagnostics.to_json().as_array().cloned().unwrap_or_default()),
        }
    }
}

fn well(path: &Path, connector: &Connector) -> String {
    let fields: usize = connector.streams.iter().map(|stream| stream.fields.len()).sum();
    let mut counts = vec![counted(connector.streams.len(), "stream"), counted(fields, "field")];
    match connector.dynamic.len() {
        0 => {}
        1 => counts.push("1 family of streams that the API tells".to_owned()),
        families => counts.push(format!("{families} families of streams that the API tells")),
    }
    format!("{}: {} {} is well: {}\n", path.display(), connector.name, connector.version, counts.join(", "))
}
