//! Seals what is kept with a key that only its owner may read.

use std::fs::{DirBuilder, File, Metadata};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use ring::hmac::{HMAC_SHA256, Key, sign, verify};
use ring::rand::{SecureRandom, SystemRandom};

/// Name and bytes of the key.
const FILE: &str = "hooks.key";
const LENGTH: usize = 32;
/// Bytes of a seal, before what it is for.
const SEAL: usize = 32;

/// Permissions that a file of ours must not give to others.
pub(super) const NOBODY_WRITES: u32 = 0o022;
const NOBODY_READS: u32 = 0o077;

/// The key, ready to be used.
pub(super) struct Seal(Key);

impl Seal {
    /// The key in a folder. One that others could have read or written is replaced, and with it every seal.
    pub(super) fn within(folder: &Path) -> Result<Seal, String> {
        let path = folder.join(FILE);
        let fault =
            |error: &dyn std::fmt::Display| format!("the key of the compiled hooks, {}: {error}", path.display());
        let key = match read(&path) {
            Some(key) => key,
            None => {
                make_folder(folder).and_then(|()| make(folder, &path)).map_err(|error| fault(&error))?;
                // Another run may have made one first.
                read(&path).ok_or_else(|| fault(&"it cannot be kept"))?
            }
        };
        Ok(Seal(Key::new(HMAC_SHA256, &key)))
    }

    /// The seal of some bytes, for a purpose.
    pub(super) fn of(&self, bytes: &[u8], purpose: &str) -> Vec<u8> {
        sign(&self.0, &sealed(bytes, purpose)).as_ref().to_vec()
    }

    /// What is behind a seal, if it is unbroken and for this purpose.
    pub(super) fn opened<'e>(&self, entry: &'e [u8], purpose: &str) -> Option<&'e [u8]> {
        let (seal, bytes) = entry.split_at_checked(SEAL)?;
        verify(&self.0, &sealed(bytes, purpose), seal).ok().map(|()| bytes)
    }
}

/// What is signed: the bytes, of which a digest is as good, and what they are for.
fn sealed(bytes: &[u8], purpose: &str) -> Vec<u8> {
    [digest(&SHA256, bytes).as_ref(), purpose.as_bytes()].concat()
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let file = File::open(path).ok()?;
    if !is_own(&file.metadata().ok()?, NOBODY_READS) {
        return None;
    }
    let mut key = Vec::new();
    file.take(LENGTH as u64 + 1).read_to_end(&mut key).ok()?;
    (key.len() == LENGTH).then_some(key)
}

fn make(folder: &Path, path: &PathBuf) -> std::io::Result<()> {
    let mut key = [0; LENGTH];
    SystemRandom::new().fill(&mut key).map_err(|_| std::io::Error::other("no random bytes"))?;
    // A temporary file is its owner's alone from the beginning.
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(&key)?;
    draft.as_file().sync_all()?;
    draft.persist(path).map(drop).map_err(|error| error.error)
}

/// Whether a file is this user's, and gives others nothing of what it must not.
#[cfg(unix)]
pub(super) fn is_own(file: &Metadata, forbidden: u32) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.is_file() && file.uid() == rustix::process::geteuid().as_raw() && file.mode() & forbidden == 0
}

#[cfg(not(unix))]
pub(super) fn is_own(file: &Metadata, _: u32) -> bool {
    file.is_file()
}

/// Makes a folder that is its owner's alone.
pub(super) fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}
