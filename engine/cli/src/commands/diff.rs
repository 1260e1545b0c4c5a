//! `tapwright diff OLD NEW`: what changed between two versions of a spec, and the entry for its changelog.

use std::path::PathBuf;
use std::process::ExitCode;

use tapwright_docs::{Difference, Weight, difference};

use super::{Format, Refusal, print, print_folded, say};

/// The new spec's version tells less than what changed.
const UNTOLD: u8 = 4;

/// Compare two versions of a spec: what breaks, what is new, and the entry for its changelog
///
/// Exits with 0 if the new spec's version says what changed, after semantic versioning: what breaks needs a new first
/// number, what is new a new second one, anything else a new third one. Exits with 4 if it does not, and with 1 if a
/// spec is wrong.
#[derive(clap::Args)]
pub(crate) struct Diff {
    /// The spec as it was
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The spec as it is
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Day of the entry, YYYY-MM-DD; today without it
    #[arg(long, value_name = "DAY")]
    date: Option<jiff::civil::Date>,
    /// How the changes are printed
    #[arg(long, default_value = "text")]
    format: Format,
}

impl Diff {
    pub(crate) fn run(self) -> ExitCode {
        self.compare().unwrap_or_else(Refusal::code)
    }

    fn compare(&self) -> Result<ExitCode, Refusal> {
        let (old, new) = (super::connector(&self.old)?, super::connector(&self.new)?);
        let found = difference(&old, &new);
        let date = self.date.unwrap_or_else(|| jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date());
        match self.format {
            Format::Json => print(&format!("{}\n", serde_json::to_string_pretty(&found)?)),
            Format::Text => text(&found, &date.to_string()),
        }
        if !found.is_told {
            let Difference { old, new, least, .. } = &found;
            say("error: ", &format!("the version is {new}, and what changed since {old} needs {least} or a later one"));
        }
        Ok(if found.is_told { ExitCode::SUCCESS } else { ExitCode::from(UNTOLD) })
    }
}

fn text(found: &Difference, date: &str) {
    if found.changes.is_empty() {
        return print("Nothing has changed.\n");
    }
    for weight in Weight::ALL {
        let of: Vec<&str> =
            found.changes.iter().filter(|change| change.weight == weight).map(|change| change.text.as_str()).collect();
        if !of.is_empty() {
            let changes: Vec<String> = of.iter().map(|text| format!("  {text}\n")).collect();
            print_folded(&format!("{}\n{}\n", weight.title(), changes.concat()));
        }
    }
    print(&format!("For `about.changelog`:\n{}", found.entry(date)));
}
