//! The commands, one file each, and what they share: exit codes, and how a spec is read.

mod check;
mod compact;
mod config;
mod connect;
mod demo;
mod diff;
mod docs;
mod explain;
mod export;
mod extract;
mod fold;
mod hook;
mod hub;
mod load;
mod login;
mod logs;
mod mock;
mod new;
mod plan;
mod record;
mod report;
mod schema;
mod state;
mod sync;
mod test;
mod r#try;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use tapwright_spec::diagnostic::{Diagnostics, Style};
use tapwright_spec::model::LoadMode;
use tapwright_spec::{Connector, Source};
use tapwright_sync::hook::load;
use terminal_size::{Height, Width, terminal_size, terminal_size_of};

/// A wrong spec or configuration, or a destination that cannot be opened.
const WRONG: u8 = 1;
/// Something failed or is bounded: not all data is there.
const INCOMPLETE: u8 = 3;
/// Ended by Ctrl-C (128 + SIGINT).
const INTERRUPTED: u8 = 130;
/// Ended by SIGTERM (128 + SIGTERM).
const TERMINATED: u8 = 143;

/// What the program can do.
#[derive(clap::Subcommand)]
pub(crate) enum Command {
    New(new::New),
    Check(check::Check),
    Config(config::Config),
    Connect(connect::Connect),
    Login(login::Login),
    Explain(explain::Explain),
    Try(r#try::Try),
    Plan(plan::Plan),
    Sync(sync::Sync),
    Extract(extract::Extract),
    Load(load::Load),
    Hub(hub::Hub),
    State(state::State),
    Logs(logs::Logs),
    Report(report::Report),
    Record(record::Record),
    Mock(mock::Mock),
    Test(test::Test),
    Compact(compact::Compact),
    Docs(docs::Docs),
    Export(export::Export),
    Diff(diff::Diff),
    Schema(schema::Schema),
    Hook(hook::Hook),
    Demo(demo::Demo),
}

impl Command {
    pub(crate) fn run(self) -> ExitCode {
        match self {
            Command::New(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::Config(command) => command.run(),
            Command::Connect(command) => command.run(),
            Command::Login(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Try(command) => command.run(),
            Command::Plan(command) => command.run(),
            Command::Sync(command) => command.run(),
            Command::Extract(command) => command.run(),
            Command::Load(command) => command.run(),
            Command::Hub(command) => command.run(),
            Command::State(command) => command.run(),
            Command::Logs(command) => command.run(),
            Command::Report(command) => command.run(),
            Command::Record(command) => command.run(),
            Command::Mock(command) => command.run(),
            Command::Test(command) => command.run(),
            Command::Compact(command) => command.run(),
            Command::Docs(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Diff(command) => command.run(),
            Command::Schema(command) => command.run(),
            Command::Hook(command) => command.run(),
            Command::Demo(command) => command.run(),
        }
    }
}

/// How faults and results are printed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Why a command ends before its work, told already or in these words.
pub(crate) enum Refusal {
    Told,
    Said(String),
}

impl Refusal {
    /// What is said.
    pub(crate) fn words(&self) -> &str {
        match self {
            Refusal::Said(words) => words,
            Refusal::Told => "the spec or the configuration is wrong",
        }
    }

    /// Tells the faults on standard error.
    pub(crate) fn of(faults: &Diagnostics) -> Refusal {
        eprint!("{}", shown(faults));
        Refusal::Told
    }

    /// Says it, and gives the exit code.
    pub(crate) fn code(self) -> ExitCode {
        if let Refusal::Said(words) = self {
            say("error: ", &words);
        }
        ExitCode::from(WRONG)
    }
}

impl<E: std::error::Error> From<E> for Refusal {
    fn from(error: E) -> Refusal {
        Refusal::Said(error.to_string())
    }
}

/// What the help says of an address: `what`, and how destinations are named.
fn places(what: &str) -> String {
    format!("{what}: {}", tapwright_sync::destination::forms())
}

/// How messages and logs call a hub as the place of a run.
fn hub_place(folder: &Path) -> String {
    format!("the hub {}", folder.display())
}

/// Reads and checks a spec, and loads its hooks; faults go to standard error.
pub(crate) fn connector(path: &Path) -> Result<Connector, Refusal> {
    let source = Source::read(path).map_err(Refusal::Said)?;
    let checked = tapwright_spec::check(&source).and_then(|connector| Ok(load(&connector, None)?.0));
    checked.map_err(|faults| Refusal::of(&faults))
}

/// How records become rows, if a user says it.
#[derive(clap::Args, Default)]
pub(crate) struct HowLoaded {
    /// How records become rows, whatever the spec says: stitch replaces rows, segment merges records onto them
    #[arg(long, value_name = "MODE", value_parser = LoadMode::named)]
    load_mode: Option<LoadMode>,
}

impl HowLoaded {
    /// The connector as it is loaded; what cannot be loaded so goes to standard error.
    fn of(&self, connector: Connector) -> Result<Connector, Refusal> {
        let Some(mode) = self.load_mode else { return Ok(connector) };
        connector.in_load_mode(mode).map_err(|faults| Refusal::of(&faults))
    }
}

/// Coloured on a terminal, unless `NO_COLOR` is set.
fn style() -> Style {
    let coloured = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    if coloured { Style::Coloured } else { Style::Plain }
}

/// Faults as standard error shows them: to the width of a terminal.
pub(crate) fn shown(faults: &Diagnostics) -> String {
    match columns(terminal_size_of(std::io::stderr())) {
        Some(width) => faults.render_within(style(), width),
        None => faults.render(style()),
    }
}

/// Says words on standard error, behind a label and folded beside it on a terminal.
pub(crate) fn say(label: &str, words: &str) {
    match columns(terminal_size_of(std::io::stderr())) {
        Some(width) => eprint!("{}", fold::beside(label, words, width)),
        None => eprintln!("{label}{words}"),
    }
}

/// Writes lines to standard output, as [`print`] does; folded on a terminal.
pub(crate) fn print_folded(text: &str) {
    match columns(terminal_size_of(std::io::stdout())) {
        Some(width) => print(&fold::sentences(text, width)),
        None => print(text),
    }
}

/// The width of a terminal; none of what is no terminal.
fn columns(size: Option<(Width, Height)>) -> Option<usize> {
    size.map(|(width, _)| usize::from(width.0)).filter(|width| *width > 0)
}

/// Writes to standard output; a reader that has gone away ends the program as if it had read all.
pub(crate) fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Columns of the terminal, or 100 where there is none.
pub(crate) fn width() -> usize {
    columns(terminal_size()).unwrap_or(100)
}
