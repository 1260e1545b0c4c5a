//! `tapwright hook run HOOK`: a hook alone, with what it is asked from a file.

mod asked;
mod records;
mod text;

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::Value;
use tapwright_hook::{Capability, Grant, Hook, Host, Job, Limits};

use super::super::{INCOMPLETE, Refusal, print};
use super::Work;

/// Bytes that a file of given records, or a line of the input, may have.
const FILE: u64 = 64 << 20;

/// Run a hook alone on the lines of a file; print what it gives, time and memory
///
/// The lines are what its job is about, one JSON object each. Records for a hook that changes records. For one that signs
/// {"method", "url", "headers", "body", "now", "nonce"}, of which all but `url` may be left out; for one that chooses pages
/// {"url", "status", "headers", "body", "records", "page"}, where the body may be any JSON; for one that cuts slices
/// {"stream", "config", "state", "now"}.
///
/// Exit status: 0 it took all lines; 3 it refused some; 1 the hook cannot run, or its options are wrong; 2 usage.
#[derive(clap::Args)]
pub(crate) struct Run {
    /// The component, as `tapwright hook build` gives it
    #[arg(value_name = "HOOK")]
    hook: PathBuf,
    /// What it is asked, one JSON object a line; without it only what the hook is, and its fields, are shown
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Which of its jobs it is to do; by default its first
    #[arg(long, value_enum)]
    job: Option<Work>,
    /// Name of the stream that the records are said to be of
    #[arg(long, value_name = "NAME", default_value = "records")]
    stream: String,
    /// Options of the hook, a JSON object
    #[arg(long, value_name = "JSON", default_value = "{}")]
    options: String,
    /// Records that the hook is given, one JSON object a line; may be repeated
    #[arg(long = "given", value_name = "NAME=FILE")]
    given: Vec<String>,
    /// A stream that the hook may send records to; may be repeated
    #[arg(long = "route", value_name = "NAME")]
    routes: Vec<String>,
    /// A name that each slice has, as `names` in a spec says; may be repeated
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
    /// Let it write to the log, as `allow: [log]` does in a spec
    #[arg(long)]
    log: bool,
    /// Records in a batch
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// Milliseconds of processor time that a call may take
    #[arg(long, value_name = "N", default_value_t = 1000)]
    time: u32,
    /// MiB of memory that it may take
    #[arg(long, value_name = "N", default_value_t = 64)]
    memory: u16,
}

/// What became of all lines.
#[derive(Default)]
struct Tally {
    lines: usize,
    given: usize,
    refused: usize,
    time: Duration,
}

impl Run {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let host = Host::on_this_machine().map_err(Refusal::Said)?;
        let began = Instant::now();
        let hook = host.load(self.grant())?;
        print(&text::told(&hook, began.elapsed()));
        let options: Value =
            serde_json::from_str(&self.options).map_err(|error| Refusal::Said(format!("--options: {error}")))?;
        let faults: Vec<String> = hook.options_faults(&options).iter().map(ToString::to_string).collect();
        if !faults.is_empty() {
            return Err(Refusal::Said(faults.join("\nerror: ")));
        }
        let tally = match self.job(&hook) {
            Job::Records => self.records(&hook, &options)?,
            Job::Sign => self.signatures(&hook, &options)?,
            Job::Paginate => self.pages(&hook, &options)?,
            Job::Slices => self.slices(&hook, &options)?,
        };
        Ok(if tally.refused > 0 { ExitCode::from(INCOMPLETE) } else { ExitCode::SUCCESS })
    }

    fn job(&self, hook: &Hook) -> Job {
        match self.job {
            Some(Work::Records) => Job::Records,
            Some(Work::Sign) => Job::Sign,
            Some(Work::Paginate) => Job::Paginate,
            Some(Work::Slices) => Job::Slices,
            None => hook.jobs().first().copied().unwrap_or(Job::Records),
        }
    }

    fn grant(&self) -> Grant {
        let name = self.hook.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let time = Duration::from_millis(self.time.into());
        Grant {
            allow: if self.log { vec![Capability::Log] } else { Vec::new() },
            limits: Limits { time, memory: usize::from(self.memory) << 20, ..Limits::default() },
            ..Grant::of(&name, &self.hook)
        }
    }
}

/// The lines of a file that are not empty, as many at once as are asked for.
struct Lines<'p> {
    path: &'p Path,
    file: BufReader<File>,
}

impl<'p> Lines<'p> {
    fn of(path: &'p Path) -> Result<Lines<'p>, Refusal> {
        let file = File::open(path).map_err(|error| Refusal::Said(format!("{}: {error}", path.display())))?;
        Ok(Lines { path, file: BufReader::new(file) })
    }

    /// The next lines, so many at most; none at the end.
    fn next(&mut self, most: usize) -> Result<Vec<String>, Refusal> {
        let fault = |error: &dyn std::fmt::Display| Refusal::Said(format!("{}: {error}", self.path.display()));
        let mut lines = Vec::new();
        while lines.len() < most {
            let mut line = String::new();
            match self.file.by_ref().take(FILE).read_line(&mut line).map_err(|error| fault(&error))? {
                0 => break,
                length if length as u64 == FILE => return Err(fault(&format!("a line has {FILE} bytes or more"))),
                _ if line.trim().is_empty() => {}
                _ => lines.push(line),
            }
        }
        Ok(lines)
    }
}
