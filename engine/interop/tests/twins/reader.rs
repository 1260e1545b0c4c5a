//! Programs that others wrote, and that read what we write: run where they are installed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program.
pub(crate) struct Reader {
    /// The package that has what its script needs.
    pub(crate) package: &'static str,
    /// The variable that names the interpreter, or for `node` the folder with `node_modules`.
    pub(crate) variable: &'static str,
    /// The interpreter where nothing names one.
    pub(crate) interpreter: &'static str,
    /// What shows that the package is there.
    pub(crate) probe: &'static [&'static str],
    /// In `readers`.
    pub(crate) script: &'static str,
}

impl Reader {
    /// Gives the paths to the program, which must be content with all; what it says, or nothing where it is not
    /// installed.
    pub(crate) fn read(&self, paths: &[PathBuf]) -> Option<String> {
        let named = std::env::var(self.variable).ok();
        let (interpreter, packages) = match self.interpreter {
            "node" => ("node".to_owned(), named.unwrap_or_default()),
            python => (named.unwrap_or_else(|| python.to_owned()), String::new()),
        };
        let command = || {
            let mut command = Command::new(&interpreter);
            // Node looks for packages beside the script, and there are none.
            command.env("NODE_PATH", Path::new(&packages).join("node_modules"));
            command
        };
        if !command().args(self.probe).output().is_ok_and(|found| found.status.success()) {
            let skipped = format!("skipped: {} (not installed; {} names where it is)", self.package, self.variable);
            assert!(std::env::var("TAPWRIGHT_REQUIRE_ALL").as_deref() != Ok("1"), "{skipped}");
            // Not by `eprintln!`: what a passing test says that way is swallowed.
            writeln!(std::io::stderr(), "{skipped}").expect("standard error");
            return None;
        }
        let script = format!("{}/tests/twins/readers/{}", env!("CARGO_MANIFEST_DIR"), self.script);
        let output = command().arg(script).args(paths).output().expect("an interpreter");
        let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}:\n{}{}", self.script, said(&output.stdout), said(&output.stderr));
        Some(said(&output.stdout))
    }
}
