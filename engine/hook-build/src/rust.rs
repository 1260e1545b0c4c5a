//! Hooks in Rust, by cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::run::{printed, run};
use crate::{Built, Download, Fault, component, debian};

const TARGET: &str = "wasm32-unknown-unknown";
const RUST: &str = "install Rust 1.95 or later";

/// Small, and nothing in it that tells of the machine; a panic ends the instance anyway.
const PROFILE: [(&str, &str); 5] =
    [("OPT_LEVEL", "3"), ("LTO", "true"), ("CODEGEN_UNITS", "1"), ("PANIC", "abort"), ("STRIP", "true")];

/// What can compile for WebAssembly.
enum Toolchain {
    /// The machine's Rust has the target.
    Installed,
    /// Debian's, unpacked: it has the sources of the standard library instead.
    Unpacked(debian::Unpacked),
}

pub(crate) fn build(folder: &Path, download: Download) -> Result<Built, Fault> {
    let toolchain = Toolchain::find(folder, download)?;
    let package = Package::of(folder)?;
    let mut cargo = Command::new("cargo");
    cargo.current_dir(folder).args(["rustc", "--release", "--lib", "--crate-type", "cdylib", "--target", TARGET]);
    cargo.arg("--target-dir").arg(package.target.join("hooks"));
    for (name, value) in PROFILE {
        cargo.env(format!("CARGO_PROFILE_RELEASE_{name}"), value);
    }
    toolchain.configure(&mut cargo);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", toolchain.without_places(&package.root).join("\u{1f}"));
    run(&mut cargo, RUST)?;
    let file = package.target.join("hooks").join(TARGET).join("release").join(format!("{}.wasm", package.library));
    let module = std::fs::read(&file).map_err(|why| Fault::file(&file, &why))?;
    Ok(Built { component: component::of(&module)?, tools: toolchain.told(folder)? })
}

impl Toolchain {
    fn find(folder: &Path, download: Download) -> Result<Toolchain, Fault> {
        let mut rustc = Command::new("rustc");
        rustc.current_dir(folder).args(["--print", "target-libdir", "--target", TARGET]);
        let library = printed(&mut rustc, RUST)?;
        if Path::new(library.trim()).is_dir() {
            return Ok(Toolchain::Installed);
        }
        debian::find(download).map(Toolchain::Unpacked)
    }

    fn configure(&self, cargo: &mut Command) {
        if let Toolchain::Unpacked(unpacked) = self {
            unpacked.configure(cargo);
            cargo.arg("-Zbuild-std=std,panic_abort");
        }
    }

    /// Flags by which no folder of this machine stands in the component.
    fn without_places(&self, root: &Path) -> Vec<String> {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        let cargo = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
        let mut places = vec![(root.to_owned(), "/hook"), (cargo, "/cargo")];
        if let Toolchain::Unpacked(unpacked) = self {
            places.push((unpacked.root().to_owned(), "/rust"));
        }
        places.iter().map(|(place, name)| format!("--remap-path-prefix={}={name}", place.display())).collect()
    }

    fn told(&self, folder: &Path) -> Result<String, Fault> {
        let mut rustc = Command::new("rustc");
        if let Toolchain::Unpacked(unpacked) = self {
            rustc = unpacked.rustc();
        }
        let rustc = printed(rustc.current_dir(folder).arg("--version"), RUST)?;
        let linker = match self {
            Toolchain::Installed => String::new(),
            Toolchain::Unpacked(unpacked) => format!(", {}", unpacked.linker_version()?),
        };
        Ok(format!("{}{linker}", rustc.trim()))
    }
}

/// What cargo tells of the package of a folder.
struct Package {
    /// Name of the library's file.
    library: String,
    /// Folder of the workspace.
    root: PathBuf,
    /// Where cargo builds.
    target: PathBuf,
}

impl Package {
    fn of(folder: &Path) -> Result<Package, Fault> {
        #[derive(Deserialize)]
        struct Metadata {
            packages: Vec<Listed>,
            workspace_root: PathBuf,
            target_directory: PathBuf,
        }
        #[derive(Deserialize)]
        struct Listed {
            name: String,
            manifest_path: PathBuf,
        }
        let mut cargo = Command::new("cargo");
        let told = printed(cargo.current_dir(folder).args(["metadata", "--no-deps", "--format-version", "1"]), RUST)?;
        let told: Metadata = serde_json::from_str(&told).map_err(|why| Fault::file(folder, &why))?;
        let own = told.packages.into_iter().find(|one| one.manifest_path == folder.join("Cargo.toml"));
        let name = own.ok_or_else(|| Fault::file(&folder.join("Cargo.toml"), &"cargo knows no package there"))?.name;
        Ok(Package { library: name.replace('-', "_"), root: told.workspace_root, target: told.target_directory })
    }
}
