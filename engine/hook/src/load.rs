//! From a file to a hook: everything that can be wrong with a component is found here, before it does any work.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasmtime::component::{Component, InstancePre};

use crate::fault::{Fault, LoadFault, Trouble, Unfit};
use crate::host::Host;
use crate::interface::exports::tapwright::hook::{about, paginate, records, sign, slices};
use crate::kept::Start;
use crate::limits::{FILE, Limits, WORDS};
use crate::meter::{Meter, shown};
use crate::options::{self, OptionFault};
use crate::running::describe;

/// The interface of this program. `wit/hook.wit` says the same.
pub(crate) const PACKAGE: &str = "tapwright:hook";
pub(crate) const VERSION: &str = "1.0.0";

/// What a spec says of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its name in the spec.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What the file has to be, in hexadecimal.
    pub sha256: Option<String>,
    /// What it may ask of the host.
    pub allow: Vec<Capability>,
    /// What it may use.
    pub limits: Limits,
}

impl Grant {
    /// A component with nothing granted and the usual limits.
    pub fn of(name: &str, path: &Path) -> Grant {
        let (name, path) = (name.to_owned(), path.to_owned());
        Grant { name, path, sha256: None, allow: Vec::new(), limits: Limits::default() }
    }
}

/// What a hook may ask of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// To write lines for the person who runs the sync.
    Log,
}

/// What a hook can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Job {
    /// Change records.
    Records,
    /// Sign requests.
    Sign,
    /// Choose the next page.
    Paginate,
    /// Cut a stream into slices.
    Slices,
}

impl Job {
    /// All of them, in the order of the interface.
    pub const ALL: [Job; 4] = [Job::Records, Job::Sign, Job::Paginate, Job::Slices];

    /// Its name in the interface.
    pub fn name(self) -> &'static str {
        match self {
            Job::Records => "records",
            Job::Sign => "sign",
            Job::Paginate => "paginate",
            Job::Slices => "slices",
        }
    }
}

/// A component that was found fit.
#[derive(Clone)]
pub struct Hook(Arc<Loaded>);

struct Loaded {
    grant: Grant,
    sha256: String,
    start: Start,
    pre: InstancePre<Meter>,
    jobs: Vec<Job>,
    summary: String,
    options: serde_json::Value,
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hook").field("grant", &self.0.grant).field("jobs", &self.0.jobs).finish_non_exhaustive()
    }
}

impl Hook {
    pub(crate) fn load(host: &Host, grant: Grant) -> Result<Hook, LoadFault> {
        let path = grant.path.clone();
        Hook::fit(host, grant).map_err(|what| LoadFault { path, what })
    }

    fn fit(host: &Host, grant: Grant) -> Result<Hook, Unfit> {
        let bytes = read(&grant.path)?;
        let sha256 = pinned(&bytes, grant.sha256.as_deref())?;
        is_component(&bytes)?;
        let (component, start) = host.compiled(&bytes, &sha256).map_err(|error| Unfit::Corrupt(reason(&error)))?;
        asks_for_no_more(&component, &grant)?;
        let pre = host.linker.instantiate_pre(&component).map_err(|error| Unfit::Corrupt(reason(&error)))?;
        let jobs = jobs(&component, &pre)?;
        let (summary, options) = (String::new(), serde_json::Value::Null);
        let mut hook = Hook(Arc::new(Loaded { grant, sha256, start, pre, jobs, summary, options }));
        let description = describe(&hook).map_err(Unfit::Describe)?;
        let options = options::schema(&description.options).map_err(Unfit::Schema)?;
        if let Some(loaded) = Arc::get_mut(&mut hook.0) {
            (loaded.summary, loaded.options) = (shown(description.summary.trim(), WORDS), options);
        }
        Ok(hook)
    }

    /// What the spec says of it.
    pub fn grant(&self) -> &Grant {
        &self.0.grant
    }

    /// The sha256 of its file, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// Where its code came from.
    pub fn start(&self) -> &Start {
        &self.0.start
    }

    /// What it can do.
    pub fn jobs(&self) -> &[Job] {
        &self.0.jobs
    }

    /// What it does, in its own words.
    pub fn summary(&self) -> &str {
        &self.0.summary
    }

    /// The JSON Schema of its options.
    pub fn options_schema(&self) -> &serde_json::Value {
        &self.0.options
    }

    /// What is wrong with these options, each fault with its place.
    pub fn options_faults(&self, options: &serde_json::Value) -> Vec<OptionFault> {
        options::faults(&self.0.options, options)
    }

    pub(crate) fn pre(&self) -> &InstancePre<Meter> {
        &self.0.pre
    }

    pub(crate) fn fault(&self, what: Trouble) -> Fault {
        Fault { hook: self.0.grant.name.clone(), batch: None, record: None, what }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Unfit> {
    let unreadable = |error: std::io::Error| Unfit::Unreadable(error.to_string());
    let file = File::open(path).map_err(unreadable)?;
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(Unfit::Unreadable("it is no file".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(FILE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    match bytes.len() as u64 > FILE {
        true => Err(Unfit::Large { limit: FILE }),
        false => Ok(bytes),
    }
}

/// The sha256 of the file, which is the pinned one if there is one.
fn pinned(bytes: &[u8], pinned: Option<&str>) -> Result<String, Unfit> {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let found = hexadecimal(digest.as_ref());
    match pinned {
        Some(pinned) if !pinned.eq_ignore_ascii_case(&found) => Err(Unfit::Pinned { pinned: pinned.to_owned(), found }),
        _ => Ok(found),
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first bytes tell a component from a core module.
fn is_component(bytes: &[u8]) -> Result<(), Unfit> {
    match bytes {
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => Err(Unfit::CoreModule),
        [0, b'a', b's', b'm', ..] => Ok(()),
        _ => Err(Unfit::Foreign),
    }
}

fn reason(error: &wasmtime::Error) -> String {
    shown(&format!("{error:#}"), WORDS)
}

/// The name of an interface without its package and version, and the version, if it is one of ours.
fn of_ours(name: &str) -> Option<(&str, &str)> {
    let name = name.strip_prefix(PACKAGE)?.strip_prefix('/')?;
    Some(name.split_once('@').unwrap_or((name, "")))
}

/// Nothing but `log`, and this where the spec grants it.
fn asks_for_no_more(component: &Component, grant: &Grant) -> Result<(), Unfit> {
    let mut forbidden = Vec::new();
    for (import, _) in component.component_type().imports(component.engine()) {
        match of_ours(import) {
            Some((_, version)) if version != VERSION => return Err(other_version(import)),
            Some(("log", _)) if grant.allow.contains(&Capability::Log) => {}
            Some(("log", _)) => {
                return Err(Unfit::NotGranted { import: import.to_owned(), grant: "log".to_owned() });
            }
            _ => forbidden.push(shown(import, WORDS)),
        }
    }
    match forbidden.is_empty() {
        true => Ok(()),
        false => Err(Unfit::Forbidden(forbidden)),
    }
}

fn other_version(has: &str) -> Unfit {
    Unfit::OtherVersion { has: shown(has, WORDS), ours: format!("{PACKAGE}@{VERSION}") }
}

/// What the component exports, all of it as the interface has it.
fn jobs(component: &Component, pre: &InstancePre<Meter>) -> Result<Vec<Job>, Unfit> {
    let ty = component.component_type();
    let exports: Vec<&str> = ty.exports(component.engine()).map(|(name, _)| name).collect();
    if let Some(other) = exports.iter().find(|name| of_ours(name).is_some_and(|(_, version)| version != VERSION)) {
        return Err(other_version(other));
    }
    let has = |name: &str| exports.iter().any(|export| of_ours(export).is_some_and(|(own, _)| own == name));
    if !has("about") {
        return Err(Unfit::Silent(format!("{PACKAGE}/about@{VERSION}")));
    }
    let jobs: Vec<Job> = Job::ALL.into_iter().filter(|job| has(job.name())).collect();
    if jobs.is_empty() {
        return Err(Unfit::Idle(Job::ALL.map(|job| job.name().to_owned()).to_vec()));
    }
    about::GuestIndices::new(pre).map_err(|error| Unfit::OtherTypes(reason(&error)))?;
    for job in &jobs {
        let typed = match job {
            Job::Records => records::GuestIndices::new(pre).map(drop),
            Job::Sign => sign::GuestIndices::new(pre).map(drop),
            Job::Paginate => paginate::GuestIndices::new(pre).map(drop),
            Job::Slices => slices::GuestIndices::new(pre).map(drop),
        };
        typed.map_err(|error| Unfit::OtherTypes(reason(&error)))?;
    }
    Ok(jobs)
}
