//! The program: its line on standard output, its dump and its control endpoint.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_desk-simulator");

/// Ends the program with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn dump(arguments: &[&str]) -> Value {
    let output = Command::new(PROGRAM).args(arguments).args(["--dump", "-"]).output().expect("it runs");
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).expect("a dump is JSON")
}

fn control(address: &str, request: &str) -> Value {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("sent");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("a reply");
    let (_, body) = reply.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {reply}"))
}

#[test]
fn the_program_serves_what_it_dumps_and_can_be_edited() {
    let arguments = ["--cases", "50", "--seed", "3"];
    let truth = dump(&arguments);
    let mut command = Command::new(PROGRAM);
    let child = command.args(arguments).stdout(Stdio::piped()).spawn().expect("it runs");
    let mut running = Running(child);
    let mut line = String::new();
    let stdout = running.0.stdout.take().expect("its output");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let address = line.trim_end().strip_prefix("READY http://").expect("READY and an address").to_owned();

    assert_eq!(control(&address, "GET /_simulator/dump"), truth);
    let changes = control(&address, "POST /_simulator/edit?cases=2&deleted_users=1");
    assert_eq!(changes["cases"].as_array().map(Vec::len), Some(2));
    assert_ne!(control(&address, "GET /_simulator/dump"), truth);
    assert_eq!(control(&address, "GET /_simulator/requests")["total"], 0);
}

#[test]
fn an_address_outside_this_machine_is_refused() {
    let output = Command::new(PROGRAM).args(["--listen", "0.0.0.0:0"]).output().expect("it runs");
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no loopback address"));
}
