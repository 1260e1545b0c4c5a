//! `tapwright hook build`: from sources to a component beside them, or whether one is what its sources give.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tapwright_hook_build::{Built, Download, Fault, Seal, Verdict, build, verdict};

use crate::commands::{INCOMPLETE, Refusal, print};

/// Build hooks: the component NAME.wasm beside the folder NAME, and NAME.built.yaml, which tells what made it
///
/// Rust is built by cargo, JavaScript by componentize-qjs from npm, Python by componentize-py from PyPI; the last two
/// are installed into the folder where they are missing.
///
/// Exit status: 0 built, or as the sources give it; 1 not; 2 usage; 3 with --check: built by other tools than there
/// are here, which tells nothing.
#[derive(clap::Args)]
pub(crate) struct Build {
    /// Folders with the sources of a hook
    #[arg(value_name = "DIR", default_value = ".")]
    folders: Vec<PathBuf>,
    /// Write nothing; compare the component with what the sources give, byte by byte
    #[arg(long)]
    check: bool,
    /// Fetch Debian's Rust into the cache where the machine's own has no target for WebAssembly
    #[arg(long)]
    download: bool,
}

impl Build {
    pub(crate) fn run(self) -> ExitCode {
        let mut worst = 0;
        for folder in &self.folders {
            match self.one(folder) {
                Ok(code) => worst = worst.max(code),
                Err(fault) => return Refusal::Said(fault.to_string()).code(),
            }
        }
        ExitCode::from(worst)
    }

    fn one(&self, folder: &Path) -> Result<u8, Fault> {
        let place = Built::place(folder)?;
        let download = if self.download { Download::Allowed } else { Download::Forbidden };
        let built = build(folder, download)?;
        if self.check { compared(&place, &built) } else { written(&place, &built) }
    }
}

fn written(place: &Path, built: &Built) -> Result<u8, Fault> {
    let seal = Seal::of(built);
    for (file, bytes) in [(place.to_owned(), built.component.as_slice()), (Seal::place(place), seal.text().as_bytes())]
    {
        std::fs::write(&file, bytes).map_err(|why| Fault::file(&file, &why))?;
    }
    let size = built.component.len().div_ceil(1024);
    print(&format!("{}: {size} KiB, by {}\nsha256: {}\n", place.display(), built.tools, seal.sha256));
    Ok(0)
}

fn compared(place: &Path, built: &Built) -> Result<u8, Fault> {
    let shown = place.display();
    match verdict(place, built)? {
        Verdict::Same => {
            print(&format!("{shown} is what its sources give\n"));
            Ok(0)
        }
        Verdict::Different => {
            Err(Fault::Wrong(format!("{shown} is not what its sources give: run `tapwright hook build`")))
        }
        Verdict::OtherTools(tools) => {
            print(&format!("{shown} was built by {tools}; here is {}, so that bytes tell nothing\n", built.tools));
            Ok(INCOMPLETE)
        }
    }
}
