//! Hooks in JavaScript, by componentize-qjs: QuickJS with the author's module in it.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

use crate::run::{printed, run};
use crate::world::{self, Does};
use crate::{Built, Fault};

const NODE: &str = "install Node.js 18 or later, with npm";

#[derive(Deserialize)]
struct Manifest {
    /// The file with the hook.
    main: String,
    #[serde(default)]
    tapwright: Does,
}

pub(crate) fn build(folder: &Path) -> Result<Built, Fault> {
    let file = folder.join("package.json");
    let text = std::fs::read_to_string(&file).map_err(|why| Fault::file(&file, &why))?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|why| Fault::file(&file, &why))?;
    if !folder.join("node_modules/componentize-qjs").is_dir() {
        let install = if folder.join("package-lock.json").is_file() { "ci" } else { "install" };
        run(Command::new("npm").current_dir(folder).args([install, "--no-audit", "--no-fund"]), NODE)?;
    }
    let scratch = tempfile::tempdir().map_err(|why| Fault::Wrong(why.to_string()))?;
    let (wit, out) = (scratch.path().join("wit"), scratch.path().join("hook.wasm"));
    world::write(&wit, &manifest.tapwright)?;
    let mut tool = Command::new("node_modules/.bin/componentize-qjs");
    tool.current_dir(folder).arg("--wit").arg(&wit).args(["--world", world::NAME, "--js", &manifest.main]);
    // Without what a hook may not have, and without waiting, of which a hook has no use.
    tool.args(["--module-root", ".", "--stub-wasi", "--sync", "--opt-size", "--output"]).arg(&out);
    run(&mut tool, NODE)?;
    let component = std::fs::read(&out).map_err(|why| Fault::file(&out, &why))?;
    let mut version = Command::new("node");
    version.current_dir(folder).args(["--print", "require('./node_modules/componentize-qjs/package.json').version"]);
    Ok(Built { component, tools: format!("componentize-qjs {}", printed(&mut version, NODE)?.trim()) })
}
