//! The interface for tools that read it as files: the package, and a world of what a hook does.

use std::path::Path;

use serde::Deserialize;

use crate::Fault;

/// The interface itself.
pub(crate) const INTERFACE: &str = include_str!("../../hook/wit/hook.wit");

/// What a hook does, as its `package.json` or `pyproject.toml` says under `tapwright`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Does {
    #[serde(default)]
    job: Job,
    /// Whether it writes lines for the person who runs the sync.
    #[serde(default)]
    log: bool,
}

/// A job of a hook: a world of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// It changes records.
    #[default]
    ChangeRecords,
    /// It signs requests.
    SignRequests,
    /// It chooses the next page.
    ChoosePages,
    /// It cuts a stream into slices.
    CutSlices,
}

impl Job {
    /// The world of the interface.
    pub(crate) fn world(self) -> &'static str {
        match self {
            Job::ChangeRecords => "change-records",
            Job::SignRequests => "sign-requests",
            Job::ChoosePages => "choose-pages",
            Job::CutSlices => "cut-slices",
        }
    }
}

/// The name of the world that [`write`] makes.
pub(crate) const NAME: &str = "author";

/// Writes the package and the world into a folder.
pub(crate) fn write(folder: &Path, does: &Does) -> Result<(), Fault> {
    let deps = folder.join("deps/hook");
    let logging = if does.log { "\n    include tapwright:hook/logging@1.0.0;" } else { "" };
    let job = does.job.world();
    let world =
        format!("package tapwright:{NAME};\n\nworld {NAME} {{\n    include tapwright:hook/{job}@1.0.0;{logging}\n}}\n");
    std::fs::create_dir_all(&deps).map_err(|why| Fault::file(&deps, &why))?;
    for (file, text) in [(deps.join("hook.wit"), INTERFACE), (folder.join("world.wit"), world.as_str())] {
        std::fs::write(&file, text).map_err(|why| Fault::file(&file, &why))?;
    }
    Ok(())
}
