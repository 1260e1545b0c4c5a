//! The loading report as a page of its own.

use super::loaded::Loaded;

const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width\">
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; }
table { border-collapse: collapse; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid #ddd; text-align: left; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
</style>
";

/// Names of columns, with what stands in their tags.
const COLUMNS: [(&str, &str); 7] = [
    ("Table", ""),
    ("Rows", " class=\"number\""),
    ("24 hours", " class=\"number\""),
    ("30 days", " class=\"number\""),
    ("Bytes", " class=\"number\""),
    ("Last load", ""),
    ("Largest bookmark", ""),
];

/// The page.
pub(super) fn page(loaded: &Loaded) -> String {
    let title = format!("{}: what run {} loaded", loaded.connector, loaded.run);
    let mut out = format!("{HEAD}<title>{0}</title>\n<h1>{0}</h1>\n", escaped(&title));
    let place = loaded.destination.as_ref().map(|place| format!(", into {place}")).unwrap_or_default();
    let began = loaded.began.map(|at| format!("{at:.0}")).unwrap_or_default();
    out += &format!("<p>{}: {}{}</p>\n<table>\n<tr>", began, loaded.outcome, escaped(&place));
    for (name, class) in COLUMNS {
        out += &format!("<th{class}>{name}</th>");
    }
    out += "</tr>\n";
    for one in &loaded.tables {
        let last = one.last_load.map_or_else(|| "never".to_owned(), |at| format!("{at:.0}"));
        let cells = [
            escaped(&one.table),
            one.rows.to_string(),
            one.rows_in_24_hours.to_string(),
            one.rows_in_30_days.to_string(),
            one.bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
            last,
            escaped(one.bookmark.as_deref().unwrap_or_default()),
        ];
        out += "<tr>";
        for (cell, (_, class)) in cells.iter().zip(COLUMNS) {
            out += &format!("<td{class}>{cell}</td>");
        }
        out += "</tr>\n";
    }
    out += "</table>\n";
    let changes = loaded.tables.iter().flat_map(|one| &one.schema_changes).map(ToString::to_string);
    out += &list("Changed tables", changes);
    let rejections = loaded.tables.iter().flat_map(|one| one.rejections.iter().map(move |why| (one, why)));
    let aside = rejections.map(|(one, why)| format!("{}: {} set aside: {}", one.table, why.records, why.reason));
    let discards = loaded.tables.iter().flat_map(|one| one.discards.iter().map(move |why| (one, why)));
    let left_out = discards.map(|(one, why)| format!("{}: {why}", one.table));
    out + &list("Set aside, left out and failed", aside.chain(left_out).chain(loaded.errors.iter().cloned()))
}

/// A list under its heading, if there is anything in it.
fn list(heading: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("<li>{}</li>\n", escaped(&line))).collect();
    if lines.is_empty() { lines } else { format!("<h2>{heading}</h2>\n<ul>\n{lines}</ul>\n") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
