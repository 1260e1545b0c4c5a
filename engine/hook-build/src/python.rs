//! Hooks in Python, by componentize-py: CPython with the author's modules in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::run::{printed, run};
use crate::world::{self, Does};
use crate::{Built, Fault};

const PYTHON: &str = "install Python 3.11 or later, with venv";

/// Python itself reads its own kind of file.
const READ: &str = "import json, tomllib; print(json.dumps(tomllib.load(open('pyproject.toml', 'rb'))))";

#[derive(Deserialize)]
struct Manifest {
    project: Project,
    #[serde(default)]
    tool: Tools,
}

#[derive(Deserialize)]
struct Project {
    /// The module with the hook.
    name: String,
    /// What the hook is built with, componentize-py first of all.
    #[serde(default)]
    dependencies: Vec<String>,
}

#[derive(Default, Deserialize)]
struct Tools {
    #[serde(default)]
    tapwright: Does,
}

pub(crate) fn build(folder: &Path) -> Result<Built, Fault> {
    let told = printed(Command::new("python3").current_dir(folder).args(["-c", READ]), PYTHON)?;
    let manifest: Manifest =
        serde_json::from_str(&told).map_err(|why| Fault::file(&folder.join("pyproject.toml"), &why))?;
    let tool = tool(folder, &manifest.project.dependencies)?;
    let scratch = tempfile::tempdir().map_err(|why| Fault::Wrong(why.to_string()))?;
    let (wit, out) = (scratch.path().join("wit"), scratch.path().join("hook.wasm"));
    world::write(&wit, &manifest.tool.tapwright)?;
    let mut command = Command::new(&tool);
    command.current_dir(folder).arg("-q").arg("-d").arg(&wit).args(["-w", world::NAME]);
    command.args(["componentize", "--stub-wasi", &manifest.project.name, "-o"]).arg(&out);
    run(&mut command, PYTHON)?;
    let component = std::fs::read(&out).map_err(|why| Fault::file(&out, &why))?;
    let tools = printed(Command::new(&tool).arg("--version"), PYTHON)?.trim().to_owned();
    Ok(Built { component, tools })
}

/// componentize-py of the folder's own environment, which is made where it is missing.
fn tool(folder: &Path, dependencies: &[String]) -> Result<PathBuf, Fault> {
    let tool = folder.join(".venv/bin/componentize-py");
    if !tool.is_file() {
        run(Command::new("python3").current_dir(folder).args(["-m", "venv", ".venv"]), PYTHON)?;
        let mut pip = Command::new(folder.join(".venv/bin/pip"));
        run(pip.current_dir(folder).args(["install", "-q", "--disable-pip-version-check"]).args(dependencies), PYTHON)?;
    }
    Ok(tool)
}
