//! From a folder with sources to a component.

use std::path::{Path, PathBuf};

use crate::{Download, Fault, Language, javascript, python, rust};

/// A component, and what made it.
#[derive(Debug)]
pub struct Built {
    /// The component.
    pub component: Vec<u8>,
    /// The tools with their versions. The same tools make the same bytes of the same sources.
    pub tools: String,
}

impl Built {
    /// Where the component of a folder goes: beside the folder, under its name.
    ///
    /// # Errors
    /// The folder is not there, or is the root.
    pub fn place(folder: &Path) -> Result<PathBuf, Fault> {
        let folder = folder.canonicalize().map_err(|why| Fault::file(folder, &why))?;
        let name = folder.file_name().ok_or_else(|| Fault::Wrong("the root is no folder of a hook".to_owned()))?;
        Ok(folder.with_file_name(format!("{}.wasm", name.to_string_lossy())))
    }
}

/// Builds the hook of a folder. Nothing but what tools keep for the next time is written.
///
/// # Errors
/// What is missing, or what a tool says; see [`Fault`].
pub fn build(folder: &Path, download: Download) -> Result<Built, Fault> {
    let folder = folder.canonicalize().map_err(|why| Fault::file(folder, &why))?;
    match Language::of(&folder)? {
        Language::Rust => rust::build(&folder, download),
        Language::JavaScript => javascript::build(&folder),
        Language::Python => python::build(&folder),
    }
}
