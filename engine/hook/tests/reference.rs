//! The reference page of hooks is what the interface, its bounds and its faults say.

use std::path::Path;

use tapwright_hook::reference;

#[test]
fn the_reference_page_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/hooks.md");
    let there = std::fs::read_to_string(file).unwrap_or_default();
    let command = "cargo run -- schema --hooks > docs/reference/hooks.md";
    assert!(
        there == reference(),
        "docs/reference/hooks.md is not what the interface says; write it anew:\n\n    {command}\n"
    );
}
