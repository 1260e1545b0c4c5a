//! Pages tell of the tables as the load mode of the spec makes them.

use tapwright_docs::{Format, Template, render};

const SPEC: &str = "tests/specs/right/load_mode.yaml";

/// The rows of a table of columns that begin so.
fn row<'p>(page: &'p str, column: &str) -> &'p str {
    let begin = ["| <a id=", "| "]
        .into_iter()
        .find_map(|begin| page.lines().find(|line| line.starts_with(begin) && line.contains(&format!("`{column}` |"))));
    begin.unwrap_or_else(|| panic!("no column {column}\n{page}"))
}

#[test]
fn a_page_of_merged_records_tells_of_its_columns_and_rules() {
    let page = super::page(SPEC, Format::Markdown);
    assert!(!page.contains("_sdc_"), "{page}");
    for column in ["property_received_at", "property_uuid", "property_deleted_at", "updated_at", "labels", "messages"] {
        row(&page, column);
    }
    for column in ["customer_first_name", "customer_home_address_zip_code", "customer_home_address_lines", "extra"] {
        row(&page, column);
    }
    for column in ["received_at", "uuid", "uuid_ts", "deleted_at"] {
        row(&page, column);
    }
    for said in [
        "Every table also has the columns `received_at`, `uuid` and `uuid_ts`",
        "A record is merged onto the row with the same `id`",
        "A record is merged onto the row with the same `case_id` and `reply`",
        "`deleted_at` says since when",
        "`custom_fields_KEY`",
        "Kept as JSON text: a list of string.",
        "`segment`: records are merged onto rows",
        "The values of `case_id` and `reply` with `:` between them.",
        "replies.case_id = cases.id",
    ] {
        assert!(page.contains(said), "{said}\n{page}");
    }
}

#[test]
fn pages_of_the_template_segment_tell_of_its_load_mode_whatever_the_spec_says() {
    let template = Template::named("segment").expect("a template");
    let desk = render(&super::connector("specs/desk.yaml"), &template, Format::Markdown).expect("a page");
    assert!(row(&desk, "received_at").contains("The column is `property_received_at`."), "{desk}");
    assert!(desk.contains("Every table also has the columns `received_at`, `uuid` and `uuid_ts`"), "{desk}");
    // What cannot be loaded so is shown as it is loaded.
    let corners = render(&super::connector("tests/pages/corners.yaml"), &template, Format::Markdown).expect("a page");
    assert!(!corners.contains("uuid_ts"), "{corners}");
    let stitch = Template::named("stitch").expect("a template");
    let replaced = render(&super::connector(SPEC), &stitch, Format::Markdown).expect("a page");
    assert!(replaced.contains("updatedAt") && !replaced.contains("updated_at"), "{replaced}");
}
