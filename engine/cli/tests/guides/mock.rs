//! `tapwright mock` beside a test: on a free port, and gone with the test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A mock that ends with the test.
pub(crate) struct Mock {
    child: Child,
    pub(crate) url: String,
}

impl Mock {
    /// Starts one by its command, and waits until it answers.
    pub(crate) fn start(mut command: Command) -> Mock {
        let mut child = command.args(["--port", "0"]).stdout(Stdio::piped()).spawn().expect("a mock");
        let mut first = String::new();
        BufReader::new(child.stdout.as_mut().expect("its output")).read_line(&mut first).expect("a line");
        let url = first.split_whitespace().find(|word| word.starts_with("http://")).expect("its address").to_owned();
        // Nobody reads what it tells of requests; it must not wait for that.
        let rest = child.stdout.take().expect("its output");
        std::thread::spawn(move || std::io::copy(&mut BufReader::new(rest), &mut std::io::sink()));
        Mock { child, url }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
