//! DuckDB's library, found when the program runs: where `TAPWRIGHT_LIBDUCKDB` says, else where the system looks.

use std::path::{Path, PathBuf};

use adbc_core::options::AdbcVersion;
use adbc_driver_manager::ManagedDriver;

use crate::destination::Fault;

/// What tells where the library is: the file, or the folder that it is in.
const WHERE: &str = "TAPWRIGHT_LIBDUCKDB";

/// What begins the conversation.
const ENTRY: &[u8] = b"duckdb_adbc_init";

/// Folders in which packages put it, beside those that the system searches itself.
const FOLDERS: [&str; 3] = ["/usr/local/lib", "/opt/homebrew/lib", "/usr/lib"];

fn name() -> String {
    match cfg!(windows) {
        true => "duckdb.dll".to_owned(),
        false => format!("libduckdb{}", std::env::consts::DLL_SUFFIX),
    }
}

/// Loads the library.
///
/// # Errors
/// A [`Fault`] that says how to get it, or what is wrong with the one that is named.
pub(super) fn load() -> Result<ManagedDriver, Fault> {
    let open = |path: &Path| ManagedDriver::load_dynamic_from_filename(path, Some(ENTRY), AdbcVersion::V110);
    if let Some(named) = std::env::var_os(WHERE).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        let path = if named.is_dir() { named.join(name()) } else { named };
        let wrong = |reason: String| Fault::Library { path: format!("{} ({WHERE})", path.display()), reason };
        return open(&path).map_err(|error| wrong(error.message));
    }
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join(name())));
    let usual = FOLDERS.iter().map(|folder| Path::new(folder).join(name()));
    let found = beside.into_iter().chain(usual).find(|path| path.exists());
    let path = found.unwrap_or_else(|| PathBuf::from(name()));
    open(&path).map_err(|error| match path.is_absolute() {
        true => Fault::Library { path: path.display().to_string(), reason: error.message },
        false => Fault::NoLibrary { name: name(), setting: WHERE },
    })
}
