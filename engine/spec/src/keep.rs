//! A connector that is kept for later, when the files of its spec and the API that told its streams may be gone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::check_beside;
use crate::model::{Beside, Connector};
use crate::{Diagnostics, Source};

/// All that a connector is made of: its spec, the files that this names, and what the API and the components of hooks
/// have told. No configuration is in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kept {
    name: String,
    text: String,
    files: BTreeMap<String, String>,
    told: Beside,
}

impl Kept {
    /// What is kept of a connector.
    pub fn of(connector: &Connector) -> Kept {
        let source = &connector.source;
        Kept {
            name: source.name().to_owned(),
            text: source.text().to_owned(),
            files: source.files().clone(),
            told: connector.told.clone(),
        }
    }

    /// The connector as it was. Its hooks are known and not loaded.
    ///
    /// # Errors
    /// What this version has against the spec, if an older or newer one had nothing against it.
    pub fn connector(&self) -> Result<Connector, Diagnostics> {
        let source = Source::new(self.name.clone(), self.text.clone()).with(self.files.clone());
        check_beside(&source, self.told.clone())
    }
}
