//! `docs/reference/destinations.md` is what the code says of destinations.

use std::path::Path;

use tapwright_sync::destination::page::page;
use tapwright_sync::destination::{open, shown};

#[test]
fn the_page_is_generated() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/destinations.md");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, page()).expect("a page");
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(there == page(), "docs/reference/destinations.md is old; run this test with UPDATE_PAGES=1");
}

#[test]
fn a_password_in_an_address_is_not_shown() {
    for (address, expected) in [
        ("sqlite:a:b@c.db", "sqlite:a:b@c.db"),
        ("postgres://me@db.example/shop", "postgres://me@db.example/shop"),
        ("postgres://me:se:cr@et@db.example:1/shop?a=b", "postgres://me:***@db.example:1/shop?a=b"),
        ("postgres://db.example/shop?password=secret&a=b", "postgres://db.example/shop?a=b"),
        ("postgres://db.example/shop?password=secret", "postgres://db.example/shop"),
        ("postgres://me:se?c/r#et@db.example/shop", "postgres://me:***@db.example/shop"),
        ("postgres:me:secret@db.example/shop", "postgres:me:***@db.example/shop"),
    ] {
        assert_eq!(shown(address), expected);
    }
    let fault = open("nowhere://me:secret@x", "shop").map(|_| ()).expect_err("no destination").to_string();
    assert!(fault.contains("nowhere://me:***@x") && !fault.contains("secret"), "{fault}");
}
