//! Where on this machine a user's things are kept.

use std::path::PathBuf;

/// The environment variable that names the folder of [`state_folder`].
pub const STATE: &str = "TAPWRIGHT_STATE_DIR";

/// What must not be lost, and what nobody else may read: `TAPWRIGHT_STATE_DIR`, else `tapwright` below
/// `XDG_STATE_HOME`, else `~/.local/state/tapwright`.
pub fn state_folder() -> Option<PathBuf> {
    folder(STATE, "XDG_STATE_HOME", ".local/state")
}

/// What may be taken away at any time: `TAPWRIGHT_CACHE_DIR`, else `tapwright` below `XDG_CACHE_HOME`, else
/// `~/.cache/tapwright`.
pub fn cache_folder() -> Option<PathBuf> {
    folder("TAPWRIGHT_CACHE_DIR", "XDG_CACHE_HOME", ".cache")
}

fn folder(own: &str, standard: &str, below_home: &str) -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|text| !text.is_empty()).map(PathBuf::from);
    let parent = || named(standard).or_else(|| Some(named("HOME")?.join(below_home)));
    named(own).or_else(|| Some(parent()?.join("tapwright")))
}
