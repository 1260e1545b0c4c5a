//! `tapwright check SPEC…`: every fault of every file at once.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Source, check};

use super::{Format, WRONG};

/// Check specs and tell every fault with its place and remedy
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
            let checked = Source::read(path).map(|source| check(&source));
            match checked {
                Ok(Ok(connector)) => self.good(path, &connector),
                Ok(Err(diagnostics)) => {
                    wrong += 1;
                    match self.format {
                        Format::Text => eprint!("{}", diagnostics.render(style())),
                        Format::Json => faults.extend(diagnostics.to_json().as_array().cloned().unwrap_or_default()),
                    }
                }
                Err(unreadable) => {
                    wrong += 1;
                    match self.format {
                        Format::Text => eprintln!("error: {unreadable}"),
                        Format::Json => faults.push(serde_json::json!({"file": path, "message": unreadable})),
                    }
                }
            }
        }
        if self.format == Format::Json {
            let _ = writeln!(std::io::stdout(), "{:#}", serde_json::Value::Array(faults));
        }
        if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::from(WRONG) }
    }

    fn good(&self, path: &std::path::Path, connector: &tapwright_spec::Connector) {
        if self.format == Format::Text {
            let fields: usize = connector.streams.iter().map(|stream| stream.fields.len()).sum();
            let (path, streams) = (path.display(), connector.streams.len());
            let _ = writeln!(
                std::io::stdout(),
                "{path}: {} {} is well: {streams} streams, {fields} fields",
                connector.name,
                connector.version
            );
        }
    }
}

/// Coloured on a terminal, unless `NO_COLOR` is set.
pub(crate) fn style() -> Style {
    let coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    if coloured { Style::Coloured } else { Style::Plain }
}
