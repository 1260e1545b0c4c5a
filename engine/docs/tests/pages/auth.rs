//! What the page says of each way to authenticate: the right specs that are called `auth_…`.

use tapwright_docs::Format;

#[test]
fn each_way_to_authenticate_is_said_in_words() {
    let entries = std::fs::read_dir(super::repository("tests/specs/right")).expect("the right specs");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("auth_"))
        .collect();
    names.sort();
    let said = |name: &String| {
        let page = super::page(&format!("tests/specs/right/{name}"), Format::Markdown);
        let line = page.lines().find(|line| line.starts_with("| Authentication |")).expect("a line").to_owned();
        format!("{name}\n{line}")
    };
    let said: Vec<String> = names.iter().map(said).collect();
    let folder = super::repository("tests/pages");
    insta::with_settings!({snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("authentication", said.join("\n"));
    });
}

#[test]
fn a_login_is_the_last_step_of_the_setup() {
    let page = super::page("tests/specs/right/auth_oauth2_authorization_code.yaml", Format::Markdown);
    let (_, step) = page.split_once("Step 1: Log in").unwrap_or_else(|| panic!("{page}"));
    let step: String = step.lines().find(|line| !line.is_empty()).expect("a text").to_owned();
    assert!(step.contains("Run `tapwright login shop.yaml`"), "{step}");
    assert!(step.contains("Register `http://localhost:8400/callback`"), "{step}");
}
