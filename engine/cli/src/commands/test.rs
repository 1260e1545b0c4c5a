//! `tapwright test [SPEC…]`: recordings, played without a network.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tapwright_sync::replay::{Case, Judged, Judgement, find};

use super::sync::runtime;
use super::{Format, INCOMPLETE, Refusal, print};
use tapwright_spec::counted;

/// Where recordings are looked for if nothing is said, beside the specs of the current folder and of `specs`.
const PLACES: [&str; 2] = ["tests", "specs"];

/// Play recordings without a network and compare requests, rows and state with what is expected
///
/// A recording is NAME.recording.yaml beside the spec NAME.yaml, or recording.yaml in a folder with spec.yaml; what
/// must come of it stands in NAME.expected.yaml or expected.yaml. `tapwright record` makes both.
///
/// Exit status: 0 all is as expected; 3 something is not; 1 nothing to play; 2 usage.
#[derive(clap::Args)]
pub(crate) struct Test {
    /// Specs, recordings, or folders of recordings [default: tests, specs and the current folder]
    #[arg(value_name = "SPEC|RECORDING|DIR")]
    paths: Vec<PathBuf>,
    /// Write down what came out as what is expected, after showing the difference
    #[arg(long)]
    update: bool,
    /// Print the report as text, or as JSON on standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    report: Format,
}

/// A case with what became of it.
struct Outcome {
    case: Case,
    judged: Judged,
    updated: bool,
}

impl Test {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let cases = self.cases()?;
        let runtime = runtime()?;
        let mut outcomes = Vec::new();
        for case in cases {
            let judged = runtime.block_on(case.judge());
            if self.report == Format::Text {
                print(&shown(&case, &judged, if self.update { "changed" } else { "FAILED" }));
            }
            let updated = self.update && matches!(judged.judgement, Judgement::Drifted(_));
            if updated {
                runtime.block_on(case.update()).map_err(Refusal::Said)?;
                if self.report == Format::Text {
                    print(&format!("    written: {}\n", case.expected.display()));
                }
            }
            outcomes.push(Outcome { case, judged, updated });
        }
        let failed = outcomes.iter().filter(|outcome| !outcome.is_well()).count();
        match self.report {
            Format::Text => print(&format!("\n{}, {failed} failed\n", passed(&outcomes))),
            Format::Json => print(&format!("{:#}\n", data(&outcomes, failed))),
        }
        Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
    }

    fn cases(&self) -> Result<Vec<Case>, Refusal> {
        let tests = [PathBuf::from("tests")];
        if !self.paths.is_empty() {
            return find(&self.paths, &tests).map_err(Refusal::Said);
        }
        let mut paths: Vec<PathBuf> = PLACES.iter().map(PathBuf::from).filter(|path| path.is_dir()).collect();
        let here = std::fs::read_dir(".")?.filter_map(|entry| Some(entry.ok()?.path()));
        let here = here.map(|path| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path));
        paths.extend(here.filter(|path| path.is_file() && Case::of(path).is_some()));
        let found: Vec<Case> =
            paths.iter().filter_map(|path| find(std::slice::from_ref(path), &[]).ok()).flatten().collect();
        if found.is_empty() {
            let nothing =
                "there is no recording in this folder, in `tests` or in `specs`; `tapwright record` makes one";
            return Err(Refusal::Said(nothing.to_owned()));
        }
        Ok(found)
    }
}

impl Outcome {
    fn is_well(&self) -> bool {
        self.updated || self.judged.judgement == Judgement::Same
    }
}

/// How many came out as expected, and of how many that was written anew.
fn passed(outcomes: &[Outcome]) -> String {
    let same = outcomes.iter().filter(|outcome| outcome.judged.judgement == Judgement::Same).count();
    match outcomes.iter().filter(|outcome| outcome.updated).count() {
        0 => format!("{same} passed"),
        updated => format!("{same} passed, {updated} written anew"),
    }
}

/// What became of a case; `drifted` says so of one that is not as expected.
fn shown(case: &Case, judged: &Judged, drifted: &str) -> String {
    let name = &case.name;
    match &judged.judgement {
        Judgement::Same => {
            format!("{name}: ok, {}, {}\n", counted(judged.requests, "request"), counted(judged.rows, "row"))
        }
        Judgement::Drifted(why) => format!("{name}: {drifted}\n{}", indented(why)),
        Judgement::Unrecorded(why) | Judgement::Unplayable(why) => format!("{name}: FAILED\n{}", indented(why)),
    }
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}").trim_end().to_owned() + "\n").collect()
}

fn data(outcomes: &[Outcome], failed: usize) -> Value {
    let cases = outcomes.iter().map(|outcome| {
        let (result, why) = match &outcome.judged.judgement {
            Judgement::Same => ("ok", None),
            Judgement::Drifted(why) if outcome.updated => ("updated", Some(why)),
            Judgement::Drifted(why) => ("drifted", Some(why)),
            Judgement::Unrecorded(why) => ("unrecorded", Some(why)),
            Judgement::Unplayable(why) => ("unplayable", Some(why)),
        };
        json!({
            "case": outcome.case.name, "recording": outcome.case.recording, "result": result, "why": why,
            "requests": outcome.judged.requests, "rows": outcome.judged.rows,
        })
    });
    json!({"cases": cases.collect::<Vec<_>>(), "passed": outcomes.len() - failed, "failed": failed})
}
