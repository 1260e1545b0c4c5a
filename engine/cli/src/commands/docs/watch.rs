//! `--watch`: pages made anew whenever a file changes of which they are made. Only a connector whose files have changed is
//! read again; what the list, the search and the check of links need of the others is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tapwright_docs::{Chapter, Entry, Links, Site, Subject};
use tapwright_spec::diagnostic::Style;
use tapwright_spec::{Connector, Source, counted};
use tapwright_sync::hook::load;

use super::evidence::{evidence, recordings};
use super::look::Touched;
use super::marks::{Marks, named};
use super::specs::{files, same_name, shelved};
use crate::commands::{Refusal, print, say, shown};

/// Time between two looks at the files.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// What is wrong after a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wrong {
    /// With specs or templates: their pages are as they were.
    pub(super) fault: Option<String>,
    /// Links that lead nowhere.
    pub(super) broken: Option<String>,
}

/// What is kept of a connector.
struct Kept {
    /// Its files as they were when its pages were made; none where they must be made anew whatever they are.
    marks: Option<Marks>,
    /// What is left of its pages, as they were when nothing was wrong.
    made: Option<Made>,
    /// What is wrong with it.
    fault: Option<String>,
}

/// What is left of the pages of a connector.
struct Made {
    /// Its part of the list and the search.
    entry: Entry,
    /// Names of its files.
    names: BTreeSet<String>,
    links: Links,
}

/// Pages that are kept fresh.
pub(super) struct Workshop<'s> {
    /// Specs, or folders of them.
    specs: &'s [PathBuf],
    /// Those of older versions.
    previous: &'s [PathBuf],
    /// Where the pages go.
    out: &'s Path,
    kept: BTreeMap<PathBuf, Kept>,
    /// Whether the list and what pages share must be made anew.
    is_stale: bool,
}

impl<'s> Workshop<'s> {
    /// Pages that are still to be made.
    pub(super) fn new(specs: &'s [PathBuf], previous: &'s [PathBuf], out: &'s Path) -> Workshop<'s> {
        Workshop { specs, previous, out, kept: BTreeMap::new(), is_stale: true }
    }

    /// Has what is touched made anew.
    pub(super) fn renew(&mut self, touched: &Touched) {
        self.is_stale = true;
        for kept in self.kept.values_mut() {
            let name = kept.made.as_ref().map(|made| made.entry.name());
            let is_touched = match touched {
                Touched::All => true,
                Touched::Some(names) => name.is_some_and(|name| names.contains(name)),
            };
            if is_touched {
                kept.marks = None;
            }
        }
    }

    /// Makes pages anew while they are to look like this; `told` learns after each change what is wrong.
    pub(super) fn keep_fresh(
        &mut self,
        site: &Site<'_>,
        is_so: impl Fn() -> bool,
        told: &impl Fn(Wrong),
    ) -> Result<(), Refusal> {
        while is_so() {
            if self.refresh(site)? {
                told(Wrong { fault: self.faults(), broken: self.front(site)? });
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Everything that is wrong with specs now.
    fn faults(&self) -> Option<String> {
        let faults: Vec<&str> = self.kept.values().filter_map(|kept| kept.fault.as_deref()).collect();
        (!faults.is_empty()).then(|| faults.join("\n"))
    }

    /// Makes the pages of connectors that have changed, and says whether anything has.
    fn refresh(&mut self, site: &Site<'_>) -> Result<bool, Refusal> {
        let paths = files(self.specs)?;
        let gone = self.kept.len();
        self.kept.retain(|path, _| paths.contains(path));
        let mut has_changed = self.kept.len() != gone || std::mem::take(&mut self.is_stale);
        for path in &paths {
            let marks = self.kept.get(path).and_then(|kept| kept.marks.as_ref());
            if !marks.is_some_and(Marks::are_fresh) {
                has_changed = true;
                let mut kept = self.make(site, path)?;
                if kept.made.is_none() {
                    kept.made = self.kept.remove(path).and_then(|before| before.made);
                }
                self.kept.insert(path.clone(), kept);
            }
        }
        Ok(has_changed)
    }

    /// Reads one spec and writes the pages of its connector.
    fn make(&self, site: &Site<'_>, path: &Path) -> Result<Kept, Refusal> {
        let begun = Instant::now();
        // Marked before they are read: what changes meanwhile is seen at the next look.
        let mut marks = Marks::of([path.to_owned()]);
        marks.add(named(path));
        for older in files(self.previous)? {
            marks.add(named(&older));
            marks.add([older]);
        }
        let made = match read(path) {
            Err(fault) => Err(fault),
            Ok(connector) => {
                marks.add(beside(&connector, path));
                let rendered = self.render(site, connector, (path, begun));
                rendered.inspect_err(|fault| say("error: ", fault))
            }
        };
        let (made, fault) = match made {
            Ok(made) => (Some(made), None),
            Err(fault) => (None, Some(fault)),
        };
        Ok(Kept { marks: Some(marks), made, fault })
    }

    fn render(&self, site: &Site<'_>, connector: Connector, (path, begun): (&Path, Instant)) -> Result<Made, String> {
        let words = |refusal: Refusal| refusal.words().to_owned();
        let is_same = |kept: &Kept| kept.made.as_ref().is_some_and(|made| made.entry.name() == connector.name);
        if let Some((other, _)) = self.kept.iter().find(|(other, kept)| *other != path && is_same(kept)) {
            return Err(same_name(&connector.name, other, path));
        }
        let evidence = evidence(&connector, path).map_err(words)?;
        let shelf = shelved(connector, self.previous, evidence).map_err(words)?;
        let subject: Subject<'_> = shelf.subject();
        let Chapter { entry, files } = site.chapter(&subject).map_err(|fault| fault.to_string())?;
        let mut written = 0;
        for file in &files {
            written += usize::from(file.write(self.out).map_err(|fault| fault.to_string())?.is_some());
        }
        let (took, name) = (begun.elapsed().as_millis(), &subject.connector.name);
        print(&format!("{name}: {} changed, {took} ms\n", counted(written, "file")));
        let links = Links::of(&files);
        Ok(Made { entry, names: files.into_iter().map(|file| file.name).collect(), links })
    }

    /// Writes what belongs to no connector, and tells the links of the site that lead nowhere.
    fn front(&self, site: &Site<'_>) -> Result<Option<String>, Refusal> {
        let made: Vec<&Made> = self.kept.values().filter_map(|kept| kept.made.as_ref()).collect();
        let entries: Vec<&Entry> = made.iter().map(|made| &made.entry).collect();
        let names = made.iter().flat_map(|made| made.names.iter().cloned()).collect();
        let mut front = site.front(&entries, &names)?;
        front.extend(site.moved_pages());
        for file in &front {
            file.write(self.out)?;
        }
        let own = Links::of(&front);
        let links: Vec<&Links> = made.iter().map(|made| &made.links).chain([&own]).collect();
        let broken = site.broken(&links, self.out);
        let told: Vec<String> = broken.iter().map(ToString::to_string).collect();
        told.iter().for_each(|link| say("warning: ", link));
        Ok((!told.is_empty()).then(|| told.join("\n")))
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
