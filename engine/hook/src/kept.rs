//! Compiled code, kept for the next run: compiling takes from half a second to twenty, reading some milliseconds.
//!
//! Compiled code runs unguarded, so none is run that this program did not write for this user. Each entry is sealed
//! with a key that only its owner may read, which is kept apart from the entries. What is not ours, or not for this
//! component and this engine, is compiled anew and replaced.

mod code;
mod seal;

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ring::digest::{Context, SHA256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::load::hexadecimal;
use crate::place;
use seal::Seal;

/// Bytes that an entry may have, and how many entries stay.
const ENTRY: u64 = 512 << 20;
const ENTRIES: usize = 64;

/// A folder of compiled code, and the key that seals it.
pub struct Kept {
    folder: PathBuf,
    seal: Seal,
}

/// Where the code of a hook came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It was compiled before, in this run or another.
    Warm,
    /// It was compiled now.
    Cold {
        /// Why the next run will have to do it again, if it is so.
        unkept: Option<String>,
    },
}

impl Kept {
    /// Where [`place`] says: the entries in the cache, the key with the state.
    ///
    /// # Errors
    /// Why there is no such place.
    pub fn on_this_machine() -> Result<Kept, String> {
        let places = place::cache_folder().zip(place::state_folder());
        let (cache, state) = places.ok_or("neither HOME nor TAPWRIGHT_CACHE_DIR and TAPWRIGHT_STATE_DIR are set")?;
        Kept::within(&cache.join("hooks"), &state)
    }

    /// Entries in one folder, the key in another.
    ///
    /// # Errors
    /// Why they cannot be made, or the key not be read.
    pub fn within(folder: &Path, keys: &Path) -> Result<Kept, String> {
        seal::make_folder(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Kept { folder: folder.to_owned(), seal: Seal::within(keys)? })
    }

    /// The code of a component, if it is there and ours.
    pub(crate) fn code(&self, engine: &Engine, sha256: &str) -> Option<Component> {
        let file = File::open(self.entry(engine, sha256)).ok()?;
        let about = file.metadata().ok()?;
        if !seal::is_own(&about, seal::NOBODY_WRITES) || about.len() > ENTRY {
            return None;
        }
        let mut entry = Vec::new();
        file.take(ENTRY).read_to_end(&mut entry).ok()?;
        let code = self.seal.opened(&entry, &stamp(engine, sha256))?;
        code::from_own(engine, code).ok()
    }

    /// Keeps the code of a component.
    pub(crate) fn keep(&self, engine: &Engine, sha256: &str, component: &Component) -> Result<(), String> {
        let code = component.serialize().map_err(|error| error.to_string())?;
        self.write(&self.entry(engine, sha256), &self.seal.of(&code, &stamp(engine, sha256)), &code)
            .map_err(|error| format!("{}: {error}", self.folder.display()))?;
        self.clear();
        Ok(())
    }

    /// Whole or not at all: another run may read it at any moment.
    fn write(&self, entry: &Path, seal: &[u8], code: &[u8]) -> std::io::Result<()> {
        let mut draft = tempfile::NamedTempFile::new_in(&self.folder)?;
        draft.write_all(seal)?;
        draft.write_all(code)?;
        draft.persist(entry).map(drop).map_err(|error| error.error)
    }

    /// The oldest go where there are too many.
    fn clear(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let mut entries: Vec<(SystemTime, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        entries.sort();
        for (_, path) in entries.iter().rev().skip(ENTRIES) {
            // Another run may have done so.
            let _ = fs::remove_file(path);
        }
    }

    fn entry(&self, engine: &Engine, sha256: &str) -> PathBuf {
        self.folder.join(format!("{sha256}-{}.code", &engine_digest(engine)[..16]))
    }
}

/// What a seal is for: this component, compiled by this engine.
fn stamp(engine: &Engine, sha256: &str) -> String {
    format!("tapwright hook code 1, component {sha256}, engine {}", engine_digest(engine))
}

/// Of wasmtime's version, its settings and this machine's processor: whatever compiled code depends on.
fn engine_digest(engine: &Engine) -> String {
    struct Digest(Context);
    impl Hasher for Digest {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut digest = Digest(Context::new(&SHA256));
    engine.precompile_compatibility_hash().hash(&mut digest);
    hexadecimal(digest.0.finish().as_ref())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use tempfile::TempDir;
    use wasmtime::component::Component;
    use wasmtime::{Config, Engine};

    use super::Kept;

    const ONE: &str = "1111";
    const OTHER: &str = "2222";

    struct Place {
        _folder: TempDir,
        cache: PathBuf,
        keys: PathBuf,
    }

    impl Place {
        fn new() -> Place {
            let folder = tempfile::tempdir().expect("a folder");
            let (cache, keys) = (folder.path().join("cache"), folder.path().join("state"));
            Place { _folder: folder, cache, keys }
        }

        fn kept(&self) -> Kept {
            Kept::within(&self.cache, &self.keys).expect("a place")
        }
    }

    fn engine() -> Engine {
        Engine::default()
    }

    fn keep(kept: &Kept, engine: &Engine, sha256: &str) -> PathBuf {
        let component = Component::new(engine, wat::parse_str("(component)").expect("a text")).expect("a component");
        kept.keep(engine, sha256, &component).expect("it can be kept");
        assert!(kept.code(engine, sha256).is_some(), "what is kept is there");
        kept.entry(engine, sha256)
    }

    #[cfg(unix)]
    fn permit(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
    }

    #[test]
    fn what_was_touched_is_not_run() {
        type Touch = fn(Vec<u8>) -> Vec<u8>;
        let touches: [(&str, Touch); 5] = [
            ("cut", |bytes| bytes[..bytes.len() / 2].to_vec()),
            ("cut to nothing", |_| Vec::new()),
            ("a byte of the code", |mut bytes| {
                let at = bytes.len() - 1;
                bytes[at] ^= 1;
                bytes
            }),
            ("a byte of the seal", |mut bytes| {
                bytes[0] ^= 1;
                bytes
            }),
            ("longer", |bytes| [bytes, vec![0]].concat()),
        ];
        let (place, engine) = (Place::new(), engine());
        let kept = place.kept();
        for (name, touch) in touches {
            let entry = keep(&kept, &engine, ONE);
            fs::write(&entry, touch(fs::read(&entry).expect("an entry"))).expect("a file");
            assert!(kept.code(&engine, ONE).is_none(), "{name}");
        }
        keep(&kept, &engine, ONE);
        assert!(place.kept().code(&engine, ONE).is_some(), "the next run finds what was replaced");
    }

    #[test]
    fn code_for_another_component_or_engine_or_user_is_not_run() {
        let (place, engine) = (Place::new(), engine());
        let kept = place.kept();
        let entry = keep(&kept, &engine, ONE);
        fs::copy(&entry, kept.entry(&engine, OTHER)).expect("a copy");
        assert!(kept.code(&engine, OTHER).is_none(), "another component");
        let other = Engine::new(Config::new().epoch_interruption(true)).expect("an engine");
        fs::copy(&entry, kept.entry(&other, ONE)).expect("a copy");
        assert!(kept.code(&other, ONE).is_none(), "another engine");
        fs::remove_dir_all(&place.keys).expect("the key goes");
        assert!(place.kept().code(&engine, ONE).is_none(), "another key");
    }

    #[cfg(unix)]
    #[test]
    fn what_others_could_write_or_read_is_not_trusted() {
        use std::os::unix::fs::PermissionsExt;
        let (place, engine) = (Place::new(), engine());
        let kept = place.kept();
        let entry = keep(&kept, &engine, ONE);
        permit(&entry, 0o622);
        assert!(kept.code(&engine, ONE).is_none(), "an entry that others may write");
        keep(&kept, &engine, ONE);
        let key = place.keys.join("hooks.key");
        let before = fs::read(&key).expect("a key");
        permit(&key, 0o644);
        assert!(place.kept().code(&engine, ONE).is_none(), "a key that others may read");
        assert_ne!(fs::read(&key).expect("a key"), before, "it is replaced");
        fs::write(&key, "short").expect("a file");
        keep(&place.kept(), &engine, ONE);
        for (path, mode) in [(&key, 0o600), (&place.keys, 0o700), (&place.cache, 0o700)] {
            let is = fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
            assert_eq!(is, mode, "{}", path.display());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_belongs_to_another_user_is_not_trusted() {
        use std::os::unix::fs::chown;
        const NOBODY: u32 = 65_534;
        let (place, engine) = (Place::new(), engine());
        let kept = place.kept();
        let entry = keep(&kept, &engine, ONE);
        if let Err(why) = chown(&entry, Some(NOBODY), None) {
            eprintln!("skipped: entries of another user: only root gives files away ({why})");
            return;
        }
        assert!(kept.code(&engine, ONE).is_none(), "an entry of another user");
        keep(&kept, &engine, ONE);
        let key = place.keys.join("hooks.key");
        let before = fs::read(&key).expect("a key");
        chown(&key, Some(NOBODY), None).expect("root");
        assert!(place.kept().code(&engine, ONE).is_none(), "a key of another user");
        assert_ne!(fs::read(&key).expect("a key"), before, "it is replaced");
    }

    #[test]
    fn the_oldest_entries_go() {
        let (place, engine) = (Place::new(), engine());
        let kept = place.kept();
        for number in 0..super::ENTRIES + 3 {
            keep(&kept, &engine, &format!("{number:04}"));
        }
        assert_eq!(fs::read_dir(&place.cache).expect("a folder").count(), super::ENTRIES);
    }
}
