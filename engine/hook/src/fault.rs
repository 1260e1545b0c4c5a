//! What goes wrong with hooks, in sentences: what, where, and what to do.

use std::path::PathBuf;
use std::time::Duration;

/// Why a component cannot be a hook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct LoadFault {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub what: Unfit,
}

/// What is wrong with a component.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is not there, or may not be read.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It is too large.
    #[error("it has more than {limit} bytes; build it for size, without what it does not use")]
    Large {
        /// Bytes that it may have.
        limit: u64,
    },
    /// It is another file than the spec names.
    #[error(
        "its sha256 is {found}, and the spec pins {pinned}; take the file that was meant, or pin this one after a look at it"
    )]
    Pinned {
        /// What the spec says.
        pinned: String,
        /// What it is.
        found: String,
    },
    /// It is something else.
    #[error("it is no WebAssembly; name the component that `tapwright hook build` gives")]
    Foreign,
    /// It is a core module.
    #[error("it is a core module of WebAssembly, not a component; make one of it with `wasm-tools component new`")]
    CoreModule,
    /// It is damaged, or uses what is not spoken here.
    #[error("it is no component that can be run: {0}; build it anew")]
    Corrupt(String),
    /// It speaks another version of the interface.
    #[error("it speaks {has}, and this program {ours}; build it against the interface of this program")]
    OtherVersion {
        /// The interface that it has.
        has: String,
        /// The one that is spoken here.
        ours: String,
    },
    /// It wants what no hook gets.
    #[error(
        "it asks for {}, which no hook gets: no files, no network, no clock, no environment; build it without",
        listed(.0)
    )]
    Forbidden(Vec<String>),
    /// It wants what the spec does not grant.
    #[error("it asks for {import}, which the spec does not grant; write `allow: [{grant}]`, or build it without")]
    NotGranted {
        /// The import.
        import: String,
        /// The word of the spec.
        grant: String,
    },
    /// It does not say what it is.
    #[error("it does not export {0}, which every hook does; build it against one of the worlds of tapwright:hook")]
    Silent(String),
    /// It does nothing.
    #[error("it has no job: it exports none of {}", listed(.0))]
    Idle(Vec<String>),
    /// Its exports have other types than the interface.
    #[error("its exports are not those of the interface: {0}; build it against the interface of this program")]
    OtherTypes(String),
    /// Asking what it is went wrong.
    #[error("asked what it does, {0}")]
    Describe(Trouble),
    /// The schema of its options is none.
    #[error("the schema of its options is none: {0}")]
    Schema(String),
}

/// Why a call of a hook came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("hook `{hook}`{}: {what}", place(*batch, *record))]
pub struct Fault {
    /// Its name in the spec.
    pub hook: String,
    /// Number of the batch within the stream, from 1, if it was one.
    pub batch: Option<u64>,
    /// Number of the record within the batch, from 1, if it is known.
    pub record: Option<usize>,
    /// What happened.
    pub what: Trouble,
}

/// What happened in a call of a hook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It ran into its limit of time.
    #[error("it took longer than {}; `limits: {{time: …}}` gives it more", seconds(*.0))]
    Time(Duration),
    /// It ran into its limit of memory.
    #[error("it took more memory than {}; `limits: {{memory: …}}` gives it more", bytes(*.0))]
    Memory(usize),
    /// It called itself too deeply.
    #[error("it called itself too deeply, and its stack was used up")]
    Stack,
    /// It gave more than there may be.
    #[error("its answer takes more than {}", bytes(*.0))]
    Output(usize),
    /// It broke off.
    #[error("it broke off: {0}")]
    Crash(String),
    /// What it gave is not what the interface says.
    #[error("its answer is wrong: {0}")]
    Answer(String),
    /// The record and the hook do not go together.
    #[error("{0}")]
    Record(String),
    /// It has not the job that it is to do.
    #[error("it does not export `{0}`; name it where its own job is, or build that into it")]
    Jobless(&'static str),
    /// It says itself that it cannot.
    #[error("{0}")]
    Said(String),
    /// It has crashed often enough.
    #[error("{last}; it broke {count} times in this stream, and that is enough")]
    Often {
        /// How often.
        count: u32,
        /// What happened last.
        last: Box<Trouble>,
    },
}

impl Trouble {
    /// Whether the hook failed, rather than to say that it cannot.
    pub fn is_crash(&self) -> bool {
        !matches!(self, Trouble::Said(_) | Trouble::Record(_) | Trouble::Jobless(_))
    }
}

fn place(batch: Option<u64>, record: Option<usize>) -> String {
    let batch = batch.map(|batch| format!(", batch {batch}")).unwrap_or_default();
    let record = record.map(|record| format!(", record {record}")).unwrap_or_default();
    format!("{batch}{record}")
}

fn listed(names: &[String]) -> String {
    names.join(", ")
}

fn seconds(time: Duration) -> String {
    match time.as_millis() {
        1000 => "1 second".to_owned(),
        millis if millis % 1000 == 0 => format!("{} seconds", millis / 1000),
        millis => format!("{millis} milliseconds"),
    }
}

fn bytes(count: usize) -> String {
    match count % (1 << 20) {
        0 => format!("{} MiB", count >> 20),
        _ => format!("{count} bytes"),
    }
}
