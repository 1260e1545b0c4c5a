//! A spec full of corners: each kind of paging, nested fields, texts that try to break out.

use tapwright_docs::Format;

const CORNERS: &str = "tests/pages/corners.yaml";

#[test]
fn the_page_of_corners_stays_as_it_is() {
    let page = super::page(CORNERS, Format::Markdown);
    let folder = super::repository("tests/pages");
    insta::with_settings!({snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("corners.md", page);
    });
}

#[test]
fn the_page_of_hooks_stays_as_it_is() {
    let page = super::page("tests/pages/hooks.yaml", Format::Markdown);
    let folder = super::repository("tests/pages");
    insta::with_settings!({snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("hooks.md", page);
    });
}

#[test]
fn a_row_of_a_table_has_as_many_cells_as_its_head() {
    for spec in [CORNERS, "specs/desk.yaml"] {
        let page = super::page(spec, Format::Markdown);
        let mut head = 0;
        for line in page.lines() {
            let cells = line.replace("\\\\", "").replace("\\|", "").matches('|').count();
            if !line.trim_start().starts_with('|') {
                head = 0;
            } else if head == 0 {
                head = cells;
            } else {
                assert_eq!(cells, head, "{spec}: {line}");
            }
        }
    }
}

#[test]
fn what_runs_is_not_in_the_pages() {
    for page in super::pages(&super::connector(CORNERS)) {
        let html = page.text.replacen("<script src=", "", 1);
        assert!(!html.contains("<script") && !html.contains("onclick=x") && !html.contains("pixel.png\" "));
    }
    let markdown = super::page(CORNERS, Format::Markdown);
    assert!(!markdown.contains("<script") && !markdown.contains("![") && !markdown.contains("<div"));
}

#[test]
fn a_page_is_the_same_each_time() {
    for format in Format::ALL {
        assert_eq!(super::page(CORNERS, format), super::page(CORNERS, format));
    }
}
