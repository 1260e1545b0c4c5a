//! Takes segments away that every destination has loaded, the oldest first: all of them if somebody asks for it, and else
//! only when room is needed, so that another destination may still begin at the beginning.

use std::collections::BTreeSet;
use std::fs;

use super::manifest::{Manifest, Segment};
use super::paths::Paths;
use super::readers::{Held, Readers, Standing};
use crate::destination::Fault;
use crate::state::Position;

/// Takes away what everybody has read, until so many bytes at most are left; the last segment stays. For whoever holds
/// the lock of the hub. Gives what stands in the way of more, and what helps.
pub(super) fn collect(paths: &Paths, manifest: &mut Manifest, most: u64) -> Result<String, Fault> {
    let Some(_held) = Held::take(paths)? else {
        return Ok("somebody reads it; try again".to_owned());
    };
    let readers = Readers::read(paths)?;
    let place = paths.shown();
    if let Some(name) = readers.unreadable.first() {
        return Ok(format!(
            "readers/{name} is damaged, and nobody knows what that destination needs: load it again and drop the file with \
             `tapwright hub {place} --drop-reader {name}`"
        ));
    }
    let Some(slowest) = readers.slowest() else {
        return Ok(format!("nothing has loaded of it yet: run `tapwright load --hub {place} --to DESTINATION`"));
    };
    let needed = manifest.needed_from(slowest.up_to());
    let mut left = manifest.bytes();
    let is_gone = |segment: &&Segment| {
        let is_gone = segment.number < needed && left > most;
        left -= if is_gone { segment.bytes } else { 0 };
        is_gone
    };
    let behind_last = manifest.segments.len().saturating_sub(1);
    let gone = manifest.segments[..behind_last].iter().take_while(is_gone).count();
    if gone > 0 {
        let gone: Vec<_> = manifest.segments.drain(..gone).collect();
        manifest.collected = gone.last().map_or(manifest.collected, |last| last.number);
        // What the manifest does not list is taken away by the next run, if this one is killed.
        manifest.write(paths)?;
        for segment in gone {
            remove(paths, &paths.segment(segment.number))?;
        }
        specs(paths, manifest)?;
    }
    Ok(wanting(&place, slowest))
}

/// What a destination needs that nothing goes for, and what helps.
fn wanting(place: &str, slowest: &Standing) -> String {
    let Standing { destination, loaded, .. } = slowest;
    let behind = slowest.behind();
    let named = || behind.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let (what, streams) = match behind.is_empty() {
        true => ("and needs what it has not loaded: load it".to_owned(), String::new()),
        false => (
            format!("but not all of {}: load that, too", named()),
            behind.iter().map(|name| format!(" --stream {name}")).collect(),
        ),
    };
    format!(
        "{destination} loaded last at {loaded:.0}, {what}, or drop it with \
         `tapwright hub {place} --drop-reader {destination}{streams}`"
    )
}

/// Takes away specs by which nothing is extracted any more.
fn specs(paths: &Paths, manifest: &Manifest) -> Result<(), Fault> {
    let used: BTreeSet<String> = manifest.segments.iter().map(|segment| format!("{}.json", segment.spec)).collect();
    for entry in fs::read_dir(&paths.specs).map_err(|error| paths.fault(&error))? {
        let entry = entry.map_err(|error| paths.fault(&error))?;
        if !used.contains(&*entry.file_name().to_string_lossy()) {
            remove(paths, &entry.path())?;
        }
    }
    Ok(())
}

fn remove(paths: &Paths, file: &std::path::Path) -> Result<(), Fault> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(paths.fault(&error)),
        _ => Ok(()),
    }
}

impl Manifest {
    /// The number of the first segment of which something stands behind `up_to`.
    fn needed_from(&self, up_to: Position) -> u64 {
        let is_read = self.segment(up_to.segment).is_some_and(|segment| up_to.byte >= segment.bytes);
        up_to.segment + u64::from(is_read)
    }
}
