//! A recording with its spec and what must come of it: how it is found, played and judged.

use std::fs;
use std::path::{Path, PathBuf};

use tapwright_spec::Source;

use super::difference::{difference, drifted};
use super::format::Runs;
use super::play::{Played, Way, play_on};
use crate::report::RunReport;

/// How the file of a recording ends that stands beside its spec, and that of its expectations.
const RECORDING: &str = "recording.yaml";
const EXPECTED: &str = "expected.yaml";
/// A folder that deep below the one that is searched is not looked into.
const DEEPEST: usize = 8;

/// A recording in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What it is called: its folder, or its file without the ending.
    pub name: String,
    /// The file of the recording.
    pub recording: PathBuf,
    /// The file that says what must come of it.
    pub expected: PathBuf,
}

/// How a case came out.
#[derive(Debug)]
pub struct Judged {
    /// Whether it is as expected.
    pub judgement: Judgement,
    /// Requests that were sent.
    pub requests: usize,
    /// Rows in the tables at the end.
    pub rows: usize,
}

/// Whether a case came out as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// It did.
    Same,
    /// It did not; the difference for a reader.
    Drifted(String),
    /// It asks for what is not recorded: nothing that came of it can be expected.
    Unrecorded(String),
    /// It could not be played.
    Unplayable(String),
}

/// Finds the recordings that `paths` mean: a folder with all below it, a recording, or a spec with the recordings
/// beside it and in `also` that name it.
///
/// # Errors
/// A path that is not there or means no recording.
pub fn find(paths: &[PathBuf], also: &[PathBuf]) -> Result<Vec<Case>, String> {
    let mut found = Vec::new();
    for path in paths {
        let before = found.len();
        if path.is_dir() {
            search(path, DEEPEST, &mut found)?;
        } else if let Some(case) = Case::of(path) {
            found.push(case);
        } else if path.is_file() {
            found.extend(of_spec(path, also)?);
        } else {
            return Err(format!("there is no file or folder `{}`", path.display()));
        }
        if found.len() == before {
            return Err(format!(
                "`{}` has no recording; `tapwright record` makes one, as NAME.{RECORDING} beside the spec NAME.yaml",
                path.display()
            ));
        }
    }
    found.sort_by(|a, b| a.recording.cmp(&b.recording));
    found.dedup();
    Ok(found)
}

/// The recordings of a spec.
fn of_spec(spec: &Path, also: &[PathBuf]) -> Result<Vec<Case>, String> {
    let beside = spec.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut all = Vec::new();
    search(beside, 1, &mut all)?;
    for folder in also.iter().filter(|folder| folder.is_dir()) {
        search(folder, DEEPEST, &mut all)?;
    }
    let wanted = fs::canonicalize(spec).map_err(|error| format!("`{}`: {error}", spec.display()))?;
    let is_of_it =
        |case: &Case| case.spec().ok().and_then(|path| fs::canonicalize(path).ok()).as_ref() == Some(&wanted);
    Ok(all.into_iter().filter(is_of_it).collect())
}

/// Every recording in a folder, and below it as deep as `levels` says.
fn search(folder: &Path, levels: usize, found: &mut Vec<Case>) -> Result<(), String> {
    let unreadable = |error: std::io::Error| format!("the folder `{}` cannot be read: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path().strip_prefix(".").map_or_else(|_| entry.path(), Path::to_owned);
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if kind.is_dir() && levels > 1 && !hidden {
            search(&path, levels - 1, found)?;
        } else if !kind.is_dir() {
            found.extend(Case::of(&path));
        }
    }
    Ok(())
}

impl Case {
    /// The case of a recording's file, if it is called like one.
    pub fn of(path: &Path) -> Option<Case> {
        let file = path.file_name()?.to_str()?;
        let stem = file.strip_suffix(RECORDING)?;
        let name = match stem.strip_suffix('.') {
            Some(stem) if !stem.is_empty() => path.with_file_name(stem),
            None if stem.is_empty() => path.parent()?.to_owned(),
            _ => return None,
        };
        Some(Case {
            name: name.display().to_string(),
            expected: path.with_file_name(format!("{stem}{EXPECTED}")),
            recording: path.to_owned(),
        })
    }

    /// The file of the spec.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub fn spec(&self) -> Result<PathBuf, String> {
        Ok(self.spec_of(&self.runs()?))
    }

    fn spec_of(&self, runs: &Runs) -> PathBuf {
        match &runs.spec {
            Some(spec) => self.recording.with_file_name("").join(spec),
            None => self.usual_spec(),
        }
    }

    /// The spec of a recording that names none.
    pub fn usual_spec(&self) -> PathBuf {
        let file = self.recording.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let beside = match file.strip_suffix(RECORDING).and_then(|stem| stem.strip_suffix('.')) {
            Some(name) => format!("{name}.yaml"),
            None => "spec.yaml".to_owned(),
        };
        self.recording.with_file_name(beside)
    }

    /// The recording.
    ///
    /// # Errors
    /// It cannot be read, or is none.
    pub fn runs(&self) -> Result<Runs, String> {
        let name = self.recording.display();
        let text = fs::read_to_string(&self.recording).map_err(|error| format!("`{name}` cannot be read: {error}"))?;
        Runs::parse(&text).map_err(|fault| format!("{name}: {fault}"))
    }

    /// Plays the recording; also gives the spec.
    ///
    /// # Errors
    /// Why it cannot be played.
    pub async fn play(&self) -> Result<(Source, Played), String> {
        self.play_on(Way::Direct).await
    }

    async fn play_on(&self, way: Way) -> Result<(Source, Played), String> {
        let runs = self.runs()?;
        let spec = Source::read(&self.spec_of(&runs))?;
        let played = play_on((way, None), &spec, &runs).await?;
        Ok((spec, played))
    }

    /// Plays the recording on a way into the destination that `to` names; gives the reports of the runs that could begin.
    ///
    /// # Errors
    /// Why it cannot be played.
    pub async fn play_into(&self, way: Way, to: &str) -> Result<Vec<RunReport>, String> {
        let runs = self.runs()?;
        let spec = Source::read(&self.spec_of(&runs))?;
        Ok(play_on((way, Some(to)), &spec, &runs).await?.reports)
    }

    /// Whether more than rows depends on the way, because nobody knows the tables before a load.
    pub fn differs_by_way(&self) -> bool {
        self.expected(Way::Hub) != self.expected
    }

    /// Plays the recording and compares what comes of it with what is expected.
    pub async fn judge(&self) -> Judged {
        self.judge_on(Way::Direct).await
    }

    /// The same with a way for the records.
    pub async fn judge_on(&self, way: Way) -> Judged {
        match self.play_on(way).await {
            Err(fault) => Judged { judgement: Judgement::Unplayable(fault), requests: 0, rows: 0 },
            Ok((spec, played)) => {
                let judgement = self.compare(&spec, &played, way);
                Judged { judgement, requests: played.requests, rows: played.rows }
            }
        }
    }

    /// What must come of it on this way. Where a hub makes a difference, because nobody knows the tables before the load, it
    /// is written down beside what else comes.
    fn expected(&self, way: Way) -> PathBuf {
        let through = self.expected.with_extension("hub.yaml");
        if way == Way::Hub && through.exists() { through } else { self.expected.clone() }
    }

    fn compare(&self, spec: &Source, played: &Played, way: Way) -> Judgement {
        let expected = fs::read_to_string(self.expected(way));
        match expected {
            Ok(expected) if expected == played.told => Judgement::Same,
            Ok(expected) if played.misses.is_empty() => Judgement::Drifted(difference(&expected, &played.told)),
            Err(_) if played.misses.is_empty() => Judgement::Drifted(format!(
                "nothing is expected yet: `{}` is not there; --update writes it\n",
                self.expected.display()
            )),
            _ => Judgement::Unrecorded(drifted(spec, &played.misses)),
        }
    }

    /// Plays the recording and writes down what comes of it as what is expected.
    ///
    /// # Errors
    /// Why it cannot be played, or not be written.
    pub async fn update(&self) -> Result<(), String> {
        self.write(Way::Direct).await?;
        match self.differs_by_way() {
            false => Ok(()),
            true => self.write(Way::Hub).await,
        }
    }

    async fn write(&self, way: Way) -> Result<(), String> {
        let ((_, played), path) = (self.play_on(way).await?, self.expected(way));
        fs::write(&path, played.told).map_err(|error| format!("`{}` cannot be written: {error}", path.display()))
    }
}
