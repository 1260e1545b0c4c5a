//! `--watch`: pages made anew whenever a file changes of which they are made. Only a connector whose files have changed is
//! read again; what the list and the search need of the others is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tapwright_docs::{Chapter, Entry, Site, Subject};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Connector, Source, counted};
use tapwright_sync::hook::load;

use super::evidence::{evidence, recordings};
use super::specs::{files, same_name, shelved};
use crate::commands::{Refusal, print, say, shown};

/// Time between two looks at the files.
const PAUSE: Duration = Duration::from_millis(250);

/// When a file was last changed, and its size; nothing of a file that is not there.
type Mark = Option<(SystemTime, u64)>;

/// The files of a connector as they were when its pages were made.
type Marks = BTreeMap<PathBuf, Mark>;

/// What is kept of a connector.
struct Kept {
    marks: Marks,
    /// Its part of the list and the search, and the names of its files, as they were when nothing was wrong.
    made: Option<(Entry, BTreeSet<String>)>,
    /// What is wrong with it.
    fault: Option<String>,
}

/// Pages that are kept fresh.
pub(super) struct Workshop<'s> {
    /// Specs, or folders of them.
    pub(super) specs: &'s [PathBuf],
    /// Those of older versions.
    pub(super) previous: &'s [PathBuf],
    /// Where the pages go.
    pub(super) out: &'s Path,
    /// What makes them.
    pub(super) site: Site<'s>,
    kept: BTreeMap<PathBuf, Kept>,
}

impl<'s> Workshop<'s> {
    /// Pages that are still to be made.
    pub(super) fn new(specs: &'s [PathBuf], previous: &'s [PathBuf], out: &'s Path, site: Site<'s>) -> Workshop<'s> {
        Workshop { specs, previous, out, site, kept: BTreeMap::new() }
    }

    /// Looks at the files for ever; `told` learns after each change what is wrong, if something is.
    pub(super) fn keep_fresh(&mut self, told: impl Fn(Option<String>)) -> Result<(), Refusal> {
        loop {
            if self.refresh()? {
                told(self.faults());
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Everything that is wrong now.
    fn faults(&self) -> Option<String> {
        let faults: Vec<&str> = self.kept.values().filter_map(|kept| kept.fault.as_deref()).collect();
        (!faults.is_empty()).then(|| faults.join("\n"))
    }

    /// Makes the pages of connectors that have changed, and says whether there were some.
    fn refresh(&mut self) -> Result<bool, Refusal> {
        let paths = files(self.specs)?;
        let gone = self.kept.len();
        self.kept.retain(|path, _| paths.contains(path));
        let mut has_changed = self.kept.len() != gone;
        for path in &paths {
            let is_fresh =
                self.kept.get(path).is_some_and(|kept| kept.marks.iter().all(|(path, then)| mark(path) == *then));
            if !is_fresh {
                has_changed = true;
                let mut kept = self.make(path)?;
                if kept.made.is_none() {
                    kept.made = self.kept.remove(path).and_then(|before| before.made);
                }
                self.kept.insert(path.clone(), kept);
            }
        }
        if has_changed {
            self.front()?;
        }
        Ok(has_changed)
    }

    /// Reads one spec and writes the pages of its connector.
    fn make(&self, path: &Path) -> Result<Kept, Refusal> {
        let begun = Instant::now();
        let mut watched: Vec<PathBuf> = vec![path.to_owned()];
        watched.extend(files(self.previous)?);
        // Marked before they are read: what changes meanwhile is seen at the next look.
        let mut marks: Marks = watched.into_iter().map(|path| (path.clone(), mark(&path))).collect();
        let made = match read(path) {
            Err(fault) => Err(fault),
            Ok(connector) => {
                marks.extend(beside(&connector, path).into_iter().map(|path| (path.clone(), mark(&path))));
                let rendered = self.render(connector, path, begun);
                rendered.inspect_err(|fault| say("error: ", fault))
            }
        };
        let (made, fault) = match made {
            Ok(made) => (Some(made), None),
            Err(fault) => (None, Some(fault)),
        };
        Ok(Kept { marks, made, fault })
    }

    fn render(&self, connector: Connector, path: &Path, begun: Instant) -> Result<(Entry, BTreeSet<String>), String> {
        let words = |refusal: Refusal| refusal.words().to_owned();
        let is_same = |kept: &Kept| kept.made.as_ref().is_some_and(|(entry, _)| entry.name() == connector.name);
        if let Some((other, _)) = self.kept.iter().find(|(other, kept)| *other != path && is_same(kept)) {
            return Err(same_name(&connector.name, other, path));
        }
        let evidence = evidence(&connector, path).map_err(words)?;
        let shelf = shelved(connector, self.previous, evidence).map_err(words)?;
        let subject: Subject<'_> = shelf.subject();
        let Chapter { entry, files } = self.site.chapter(&subject).map_err(|fault| fault.to_string())?;
        let mut written = 0;
        for file in &files {
            written += usize::from(file.write(self.out).map_err(|fault| fault.to_string())?.is_some());
        }
        let (took, name) = (begun.elapsed().as_millis(), &subject.connector.name);
        print(&format!("{name}: {} changed, {took} ms\n", counted(written, "file")));
        Ok((entry, files.into_iter().map(|file| file.name).collect()))
    }

    /// Writes what belongs to no connector.
    fn front(&self) -> Result<(), Refusal> {
        let made: Vec<&(Entry, BTreeSet<String>)> = self.kept.values().filter_map(|kept| kept.made.as_ref()).collect();
        let entries: Vec<&Entry> = made.iter().map(|(entry, _)| entry).collect();
        let names = made.iter().flat_map(|(_, names)| names.iter().cloned()).collect();
        for file in self.site.front(&entries, &names)? {
            file.write(self.out)?;
        }
        Ok(())
    }
}

/// Reads and checks a spec; what is wrong goes to the terminal, and into the page.
fn read(path: &Path) -> Result<Connector, String> {
    let source = Source::read(path).inspect_err(|fault| say("error: ", fault))?;
    let checked = tapwright_spec::check(&source).and_then(|connector| Ok(load(&connector, None)?.0));
    checked.map_err(|faults| {
        eprint!("{}", shown(&faults));
        faults.render(Style::Plain)
    })
}

/// The files beside the spec of which pages are made: recordings, and what lies in the connector's own folder.
fn beside(connector: &Connector, spec: &Path) -> Vec<PathBuf> {
    let mut paths = recordings(connector, spec);
    let folder = spec.with_file_name("..").join("connectors").join(&connector.name);
    let own = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    paths.extend(own.filter(|path| path.is_file()));
    paths
}

fn mark(path: &Path) -> Mark {
    let about = std::fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}
