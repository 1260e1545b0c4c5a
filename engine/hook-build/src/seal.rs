//! What is kept beside a component: what made it, so that anybody can make the same.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Built, Fault};

/// The file `NAME.built.yaml` beside `NAME.wasm`.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Of the component, in hexadecimal.
    pub sha256: String,
    /// The tools with their versions.
    pub tools: String,
}

/// Whether a component is what its sources give.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Byte by byte.
    Same,
    /// The same tools give other bytes: the sources changed, or the component did.
    Different,
    /// Other tools are here than those that made it, so that bytes tell nothing; these.
    OtherTools(String),
}

impl Seal {
    /// Of what was built.
    pub fn of(built: &Built) -> Seal {
        let sha256 = Sha256::digest(&built.component).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Seal { sha256, tools: built.tools.clone() }
    }

    /// The place of the seal of a component.
    pub fn place(component: &Path) -> PathBuf {
        component.with_extension("built.yaml")
    }

    /// Reads the seal of a component.
    ///
    /// # Errors
    /// It is not there, or is none.
    pub fn read(component: &Path) -> Result<Seal, Fault> {
        let place = Seal::place(component);
        let text = std::fs::read_to_string(&place).map_err(|why| Fault::file(&place, &why))?;
        serde_yaml::from_str(&text).map_err(|why| Fault::file(&place, &why))
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        format!(
            "# Written by `tapwright hook build`; `tapwright hook build --check` compares.\nsha256: {}\ntools: {}\n",
            self.sha256,
            serde_json::Value::from(self.tools.as_str())
        )
    }
}

/// Compares a component and its seal with what was built of its sources.
///
/// # Errors
/// The component or its seal cannot be read.
pub fn verdict(component: &Path, built: &Built) -> Result<Verdict, Fault> {
    let sealed = Seal::read(component)?;
    let here = std::fs::read(component).map_err(|why| Fault::file(component, &why))?;
    let here = Seal::of(&Built { component: here, tools: sealed.tools.clone() });
    let fresh = Seal::of(built);
    Ok(match () {
        () if here != sealed => Verdict::Different,
        () if fresh.tools != sealed.tools => Verdict::OtherTools(sealed.tools),
        () if fresh == sealed => Verdict::Same,
        () => Verdict::Different,
    })
}
