//! Runs the tools of a language, and says what went wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why no hook came of it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A tool that is not there.
    #[error("`{program}` is needed and not found: {remedy}")]
    Missing {
        /// The program.
        program: String,
        /// Where to get it.
        remedy: &'static str,
    },
    /// A tool that failed; what it said stands above.
    #[error("`{command}` failed{}", .status.map(|status| format!(" with exit status {status}")).unwrap_or_default())]
    Failed {
        /// As one would type it.
        command: String,
        /// Its exit status, where it ended by itself.
        status: Option<i32>,
    },
    /// A Rust that cannot build for WebAssembly.
    #[error(
        "this Rust cannot build for WebAssembly: with rustup, `rustup target add wasm32-unknown-unknown`; on Debian 12 \
         or later, `tapwright hook build --download` fetches Debian's Rust (138 MB, into {}; nothing is installed)",
        .0.display()
    )]
    NoTarget(PathBuf),
    /// A file or folder that cannot be read or written.
    #[error("{}: {why}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A folder that is no hook, or a name that is none.
    #[error("{0}")]
    Wrong(String),
}

impl Fault {
    /// Of a file or folder that cannot be read or written.
    pub fn file(path: &Path, why: &dyn std::fmt::Display) -> Fault {
        Fault::File { path: path.to_owned(), why: why.to_string() }
    }
}

/// Runs a tool to its end; its messages go to standard error, so that ours stay readable.
pub(crate) fn run(command: &mut Command, remedy: &'static str) -> Result<(), Fault> {
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    let status = status.map_err(|why| unstarted(command, &why, remedy))?;
    if status.success() { Ok(()) } else { Err(Fault::Failed { command: typed(command), status: status.code() }) }
}

/// What a tool prints.
pub(crate) fn printed(command: &mut Command, remedy: &'static str) -> Result<String, Fault> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|why| unstarted(command, &why, remedy))?;
    if !output.status.success() {
        return Err(Fault::Failed { command: typed(command), status: output.status.code() });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn unstarted(command: &Command, why: &std::io::Error, remedy: &'static str) -> Fault {
    let program = command.get_program().to_string_lossy().into_owned();
    match why.kind() {
        std::io::ErrorKind::NotFound => Fault::Missing { program, remedy },
        _ => Fault::file(Path::new(&program), &why),
    }
}

fn typed(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
