//! Keeps a refresh token that an API has replaced: on this machine, in a file that only its owner may read.
//!
//! Not in the destination: whoever may read the rows may not read the API. The file is there before the token in
//! it is used, and before the old one is given away there is a place for it. One run at a time may replace a token.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde::{Deserialize, Serialize};
use tapwright_hook::place::{STATE, state_folder};

use super::AuthFault;
use crate::clock::Clock;

/// How often a run looks whether another one has replaced the token, and how long between two looks.
const LOOKS: u32 = 300;
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Where the tokens of a connector are kept.
#[derive(Debug, Clone)]
pub struct Keep {
    connector: String,
    folder: Option<Folder>,
    /// The refresh token that stands in for a login that was never made.
    stand_in: Option<String>,
}

/// A folder that stays, or one that goes with whoever uses it.
#[derive(Debug, Clone)]
enum Folder {
    Lasting(PathBuf),
    Passing(Arc<tempfile::TempDir>),
}

impl Folder {
    fn path(&self) -> &Path {
        match self {
            Folder::Lasting(path) => path,
            Folder::Passing(folder) => folder.path(),
        }
    }
}

/// What is kept: a refresh token, or an access token where the API gives no other.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) access_token: Option<String>,
    /// When the access token ends, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<Timestamp>,
}

impl Keep {
    /// In [`state_folder`].
    pub fn on_this_machine(connector: &str) -> Keep {
        let folder = state_folder();
        Keep { connector: connector.to_owned(), folder: folder.map(Folder::Lasting), stand_in: None }
    }

    /// In `folder`.
    pub fn within(folder: &Path, connector: &str) -> Keep {
        Keep { connector: connector.to_owned(), folder: Some(Folder::Lasting(folder.to_owned())), stand_in: None }
    }

    /// In a folder that goes with it, as if somebody had logged in: for an API that is made up.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn for_a_mock(connector: &str) -> std::io::Result<Keep> {
        let folder = Some(Folder::Passing(Arc::new(tempfile::tempdir()?)));
        let keep = Keep { connector: connector.to_owned(), folder, stand_in: None };
        Ok(keep.logged_in_with("mock-refresh-token"))
    }

    /// As if somebody had logged in, for a run against a recording: with this refresh token.
    #[must_use]
    pub fn logged_in_with(self, refresh_token: &str) -> Keep {
        Keep { stand_in: Some(refresh_token.to_owned()), ..self }
    }

    pub(super) fn stand_in(&self) -> Option<&str> {
        self.stand_in.as_deref()
    }

    /// What is kept for `account`, and where.
    pub(super) fn look(&self, account: &str) -> Result<Option<(PathBuf, Content)>, AuthFault> {
        let Some(path) = self.path(account) else { return Ok(None) };
        Ok(read(&path)?.map(|content| (path, content)))
    }

    /// Forgets what is kept for `account`; gives the file that is gone.
    pub(super) fn forget(&self, account: &str) -> Result<Option<PathBuf>, AuthFault> {
        let Some(path) = self.path(account) else { return Ok(None) };
        match fs::remove_file(&path) {
            Ok(()) => Ok(Some(path)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(AuthFault::Unkept(format!("{} cannot be taken away: {error}", path.display()))),
        }
    }

    fn path(&self, account: &str) -> Option<PathBuf> {
        let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, account.as_bytes());
        let digest: String = digest.as_ref().iter().take(10).map(|byte| format!("{byte:02x}")).collect();
        Some(self.folder.as_ref()?.path().join(format!("{}-{digest}.json", self.connector)))
    }

    /// Opens the place of `account` for this run alone, and makes sure that a token can be kept there. The account
    /// holds the configured token: another one in the configuration has a place of its own.
    pub(super) async fn open(&self, account: &str, clock: &dyn Clock) -> Result<Kept, AuthFault> {
        let (Some(folder), Some(path)) = (self.folder.as_ref().map(Folder::path), self.path(account)) else {
            return Err(AuthFault::Unkept(format!("a replaced refresh token could not be kept: {}", remedy())));
        };
        let fault = |error: &dyn std::fmt::Display| {
            AuthFault::Unkept(format!("no refresh token can be kept in {}: {error}; {}", folder.display(), remedy()))
        };
        make_folder(folder).map_err(|error| fault(&error))?;
        let lock = own(&path.with_extension("lock")).map_err(|error| fault(&error))?;
        for look in 0.. {
            match lock.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if look < LOOKS => clock.sleep(BETWEEN_LOOKS).await,
                Err(TryLockError::WouldBlock) => return Err(fault(&"another run has held it for a minute")),
                Err(TryLockError::Error(error)) => return Err(fault(&error)),
            }
        }
        let content = read(&path)?;
        let draft_path = path.with_extension("new");
        // What a killed run has left would keep its own permissions.
        let _ = fs::remove_file(&draft_path);
        let draft = own(&draft_path).map_err(|error| fault(&error))?;
        Ok(Kept { path, draft_path, draft, content, _lock: lock })
    }
}

/// The place of an account, held by this run.
pub(super) struct Kept {
    path: PathBuf,
    draft_path: PathBuf,
    draft: File,
    /// What an earlier refresh or a login has brought.
    pub(super) content: Option<Content>,
    _lock: File,
}

impl Kept {
    /// The file of the token, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps `content` from now on: when this comes back it is on the disk.
    pub(super) fn replace(mut self, content: &Content) -> Result<(), AuthFault> {
        let content = serde_json::json!(content).to_string();
        let written = self
            .draft
            .write_all(content.as_bytes())
            .and_then(|()| self.draft.sync_all())
            .and_then(|()| fs::rename(&self.draft_path, &self.path))
            .and_then(|()| self.path.parent().map_or(Ok(()), sync_folder));
        written.map_err(|error| {
            let path = self.path.display();
            AuthFault::Unkept(format!("the new token cannot be kept in {path}: {error}; issue another one"))
        })
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // After a rename it is gone already.
        let _ = fs::remove_file(&self.draft_path);
    }
}

fn remedy() -> String {
    format!("name a folder that can be written in {STATE}")
}

fn read(path: &Path) -> Result<Option<Content>, AuthFault> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(AuthFault::Unkept(format!("{} cannot be read: {error}", path.display()))),
    };
    // serde's message could quote the token.
    match serde_json::from_str::<Content>(&text) {
        Ok(content) if content.refresh_token.is_some() || content.access_token.is_some() => Ok(Some(content)),
        Ok(_) | Err(_) => Err(AuthFault::Unkept(format!(
            "{} holds no refresh token; take it away and configure a new one",
            path.display()
        ))),
    }
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).create(folder)
}

/// Opens a file that only its owner may read, and makes it if need be.
fn own(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a rename in the folder last.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
