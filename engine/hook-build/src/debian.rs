//! Debian's Rust, for machines whose own has no target for WebAssembly: its packages are downloaded and unpacked, and
//! nothing is installed. Debian builds the standard library for no such target, but has its sources.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Fault;
use crate::run::{printed, run};

/// Whether packages may be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Download {
    /// Where they are missing.
    Allowed,
    /// What is missing is a fault.
    Forbidden,
}

/// The newest Rust that Debian keeps for its web browsers, in four packages; the linker and its library are named by
/// the version of LLVM that they ask for.
const COMPILER: [&str; 3] = ["rustc-web", "rust-web-src", "libstd-rust-web-dev"];
const APT: &str = "this is Debian's; elsewhere use rustup";

pub(crate) struct Unpacked {
    root: PathBuf,
    linker: PathBuf,
}

pub(crate) fn find(download: Download) -> Result<Unpacked, Fault> {
    let root = place()?;
    if let Some(unpacked) = Unpacked::at(&root) {
        return Ok(unpacked);
    }
    if download == Download::Forbidden {
        return Err(Fault::NoTarget(root));
    }
    fetch(&root)?;
    Unpacked::at(&root).ok_or_else(|| Fault::file(&root, &"rustc or wasm-ld is not in Debian's packages"))
}

/// `~/.cache/tapwright/debian-rust`
fn place() -> Result<PathBuf, Fault> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    let cache = cache.ok_or_else(|| Fault::Wrong("neither XDG_CACHE_HOME nor HOME is set".to_owned()))?;
    Ok(cache.join("tapwright/debian-rust"))
}

/// Unpacks beside the place first, so that half of it is never taken for all.
fn fetch(root: &Path) -> Result<(), Fault> {
    let parent = root.parent().unwrap_or(root);
    std::fs::create_dir_all(parent).map_err(|why| Fault::file(parent, &why))?;
    let scratch = tempfile::tempdir_in(parent).map_err(|why| Fault::file(parent, &why))?;
    let unpacked = scratch.path().join("root");
    run(Command::new("apt-get").current_dir(&scratch).args(["download", "-q"]).args(packages()?), APT)?;
    for entry in std::fs::read_dir(scratch.path()).map_err(|why| Fault::file(scratch.path(), &why))? {
        let package = entry.map_err(|why| Fault::file(scratch.path(), &why))?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            run(Command::new("dpkg-deb").arg("-x").arg(&package).arg(&unpacked), APT)?;
        }
    }
    std::fs::rename(&unpacked, root).map_err(|why| Fault::file(root, &why))
}

fn packages() -> Result<Vec<String>, Fault> {
    let mut all = COMPILER.map(str::to_owned).to_vec();
    let library = depends("libstd-rust-web-dev", "libstd-rust-web-")?;
    let llvm = depends(&library, "libllvm")?;
    all.push(format!("lld-{}", llvm.trim_start_matches("libllvm")));
    all.extend([library, llvm]);
    Ok(all)
}

/// The package with that beginning which another asks for.
fn depends(package: &str, beginning: &str) -> Result<String, Fault> {
    let told = printed(Command::new("apt-cache").args(["depends", package]), APT)?;
    let names = told.lines().filter_map(|line| line.trim().strip_prefix("Depends: "));
    let found = names.map(str::to_owned).find(|name| name.starts_with(beginning));
    found.ok_or_else(|| {
        Fault::Wrong(format!("apt knows no `{package}`: this is no Debian 12 or later, or `apt-get update` is due"))
    })
}

impl Unpacked {
    fn at(root: &Path) -> Option<Unpacked> {
        let programs = std::fs::read_dir(root.join("usr/bin")).ok()?;
        let linker = programs.filter_map(|entry| Some(entry.ok()?.path()));
        let linker =
            linker.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("wasm-ld-")));
        let linker = linker.max()?;
        root.join("usr/bin/rustc").is_file().then(|| Unpacked { root: root.to_owned(), linker })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn rustc(&self) -> Command {
        let mut rustc = Command::new(self.root.join("usr/bin/rustc"));
        rustc.env("LD_LIBRARY_PATH", self.libraries());
        rustc
    }

    pub(crate) fn linker_version(&self) -> Result<String, Fault> {
        let mut linker = Command::new(&self.linker);
        let told = printed(linker.env("LD_LIBRARY_PATH", self.libraries()).arg("--version"), APT)?;
        let words: Vec<&str> = told.split_whitespace().collect();
        let at = words.iter().position(|word| *word == "LLD").unwrap_or(0);
        Ok(words[at..].iter().take(2).copied().collect::<Vec<_>>().join(" "))
    }

    /// The standard library is built from its sources, which only a nightly Rust does unasked.
    pub(crate) fn configure(&self, cargo: &mut Command) {
        cargo.env("RUSTC", self.root.join("usr/bin/rustc"));
        cargo.env("RUSTC_BOOTSTRAP", "1");
        cargo.env("LD_LIBRARY_PATH", self.libraries());
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker);
    }

    fn libraries(&self) -> OsString {
        self.root.join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH)).into_os_string()
    }
}
