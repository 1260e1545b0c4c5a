//! On a terminal of 80 columns nothing that the program says runs over, but for YAML to be pasted; into a pipe it goes
//! unfolded.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

const SHOP: &str = "\
tapwright: 1
name: shop
title: The shop at the end of the street
version: 1.0.0
about: {summary: A shop.}
auth: none
config:
  site_url: {type: url, title: Site, default: \"http://127.0.0.1:9\"}
http:
  base_url: \"{{ config.site_url }}\"
  records: $.items[*]
  limits: {tries: 1}
check: GET /me
streams:
  items:
    description: Things.
    endpoint: GET /items
    pagination: none
    primary_key: id
    fields: {id: integer}
";

/// Commands that say more than a line of 80 columns, and what stands on one line of it.
const SESSIONS: [(&str, &str); 4] = [
    ("connect shop.yaml --set site_url=SITE", "200 to GET SITE/me:"),
    ("try shop.yaml items --mock http://127.0.0.1:9", "note: everything goes to the mock API at http://127.0.0.1:9,"),
    ("diff shop.yaml next.yaml", "(`count`)"),
    ("check wrong.yaml", "error: one of `basic`, `bearer`,"),
];

/// The program that plays a terminal is that of Linux.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_lines_of_its_width() {
    if Command::new("script").arg("--version").output().is_err() {
        assert!(std::env::var_os("TAPWRIGHT_REQUIRE_ALL").is_none(), "`script` of util-linux is not installed");
        eprintln!("skipped: `script` of util-linux is not installed");
        return;
    }
    let site = site();
    for (command, at_one) in SESSIONS {
        let at_one = at_one.replace("SITE", &site);
        let told = told(Command::new("script").args([
            "-qc",
            &format!("stty cols 80 rows 24; {}", line(command, &site)),
            "/dev/null",
        ]));
        assert!(told.lines().any(|line| line.contains(&at_one)), "{command}: {told}");
        // An item of a changelog's entry stays whole.
        for line in told.lines().filter(|line| !line.starts_with("        - ")) {
            assert!(line.chars().count() <= 80, "{command}: {line}");
        }
    }
}

#[test]
fn a_pipe_gets_whole_lines() {
    let site = site();
    for (command, _) in SESSIONS {
        let told = told(Command::new("sh").args(["-c", &format!("{} 2>&1", line(command, &site))]));
        assert!(told.lines().any(|line| line.chars().count() > 80), "{command}: {told}");
    }
}

/// What a command says in a folder with specs.
fn told(command: &mut Command) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write("shop.yaml", SHOP);
    write(
        "next.yaml",
        &SHOP.replace(
            "pagination: none",
            "pagination: {page_number: {param: page}, size: {param: count, value: 5}, stop: short_page}",
        ),
    );
    write("wrong.yaml", &SHOP.replace("auth: none", "auth: {}"));
    let said = command.current_dir(&folder).env("NO_COLOR", "1").stdin(Stdio::null()).output().expect("it runs");
    String::from_utf8(said.stdout).expect("UTF-8")
}

/// A command of the program for a shell.
fn line(command: &str, site: &str) -> String {
    format!("{} {}", Path::new(env!("CARGO_BIN_EXE_tapwright")).display(), command.replace("SITE", site))
}

/// Where an API answers to whatever it is asked.
fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for mut asked in listener.incoming().flatten() {
            let _ = asked.read(&mut [0; 4096]);
            let _ = asked.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
        }
    });
    url
}
