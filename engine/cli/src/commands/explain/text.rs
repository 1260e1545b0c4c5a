//! An explanation for people.

use tapwright_docs::{authentication, families, hooks, points, rate};
use tapwright_spec::Connector;
use tapwright_spec::counted;
use tapwright_sync::destination::Layout;
use tapwright_sync::explain::{Asked, Branch, Decides, Explained, Explanation, Unit};
use tapwright_sync::extract::{Following, Shown};

use crate::commands::docs::known_cost;
use crate::commands::fold::{fold, hanging, pieces, request};

/// Columns in front of what a label names.
const LABEL: usize = 12;

/// The whole explanation, at most `width` columns wide where words can be parted.
pub(super) fn text(connector: &Connector, explanation: &Explanation, width: usize) -> String {
    let mut out = String::new();
    fold(&mut out, &format!("{} {}: {}", connector.name, connector.version, connector.about.summary), width);
    out.push('\n');
    for family in &explanation.families {
        branch(&mut out, family, "", "");
    }
    out.push('\n');
    let examples = format!(
        "The examples are of a run that goes on from bookmarks at {}. `{{name}}` is a value of the configuration that is \
         not given, `***` a secret.",
        explanation.bookmark
    );
    let none = "The spec names no rate budget for all requests; a server that says when to come back is obeyed.";
    let budget = rate(connector).unwrap_or_else(|| match connector.rate_limit.is_empty() {
        true => none.replace(" for all requests", ""),
        false => none.to_owned(),
    });
    fold(&mut out, &budget, width);
    fold(&mut out, &format!("Authentication: {}.", authentication(&connector.auth)), width);
    fold(&mut out, &examples, width);
    for one in families(connector).into_iter().chain(hooks(connector)) {
        fold(&mut out, &format!("{}: {}", one.label, one.plain()), width);
    }
    for explained in &explanation.streams {
        stream(&mut out, connector, explained, width);
    }
    out
}

fn branch(out: &mut String, branch: &Branch, before: &str, below: &str) {
    let which = match &branch.each {
        Some(each) if each.starts_with(|c: char| c.is_ascii_digit()) => format!("  for {each} at once"),
        Some(each) => format!("  for each {each}"),
        None if branch.routed => "  sent by hooks".to_owned(),
        None => String::new(),
    };
    out.push_str(&format!("{before}{}{which}\n", branch.stream));
    for (at, child) in branch.children.iter().enumerate() {
        let last = at + 1 == branch.children.len();
        let (corner, line) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        self::branch(out, child, &format!("{below}{corner}"), &format!("{below}{line}"));
    }
}

fn stream(out: &mut String, connector: &Connector, explained: &Explained, width: usize) {
    let Some(known) = connector.stream(&explained.stream) else { return };
    out.push_str(&format!("\n── {} ──\n", known.name));
    fold(out, known.description.trim(), width);
    match &explained.requests {
        Asked::Examples(requests) => {
            if let Some(job) = &requests.job {
                shown(out, "creates", &job.create, width);
                shown(out, "asks", &job.poll, width);
            }
            shown(out, "first", &requests.first, width);
            following(out, &requests.first, &requests.following, width);
            if let Some(cleanup) = requests.job.as_ref().and_then(|job| job.cleanup.as_ref()) {
                shown(out, "cleans up", cleanup, width);
            }
        }
        Asked::Routed(_) => {}
        Asked::Fault(why) => {
            let parents = if known.parents().is_empty() { "" } else { ", and fields of the parent an `example`" };
            let remedy = format!("give the values of the configuration with --config or --set{parents}");
            labelled(out, "first", &format!("cannot be shown: {why}; {remedy}"), width);
        }
    }
    // The request stands above, as it is sent.
    for point in points(connector, known).iter().filter(|point| point.label != "Request") {
        labelled(out, &point.label.to_lowercase(), &point.plain(), width);
    }
    labelled(out, "cost", &costs(explained, connector), width);
    for layout in &explained.tables {
        table(out, layout, width);
    }
}

fn labelled(out: &mut String, label: &str, words: &str, width: usize) {
    hanging(out, &padded(label), words, width);
}

fn padded(label: &str) -> String {
    format!("{label:LABEL$}")
}

fn shown(out: &mut String, label: &str, shown: &Shown, width: usize) {
    request(out, &padded(label), &shown.request, width);
    for (name, value) in &shown.headers {
        labelled(out, "", &format!("{name}: {value}"), width);
    }
    if let Some(body) = &shown.body {
        labelled(out, "", body, width);
    }
}

fn following(out: &mut String, first: &Shown, following: &Following, width: usize) {
    match following {
        Following::Nothing => {}
        Following::Chosen(hook) => labelled(out, "then", &format!("what the hook `{hook}` chooses"), width),
        Following::Link => labelled(out, "then", "the address that the page names", width),
        Following::Request(next) => shown(out, "then", &differing(first, next), width),
        Following::Restart(next) => {
            shown(out, "then", &differing(first, next), width);
            labelled(out, "", "(a new walk, from the last key of the page)", width);
        }
    }
}

/// What the next request has that the first one has not.
fn differing(first: &Shown, next: &Shown) -> Shown {
    let headers = next.headers.iter().filter(|header| !first.headers.contains(header)).cloned().collect();
    let body = next.body.clone().filter(|body| first.body.as_ref() != Some(body));
    Shown { request: next.request.clone(), headers, body }
}

fn costs(explained: &Explained, connector: &Connector) -> String {
    if let Asked::Routed(origin) = &explained.requests {
        return format!("nothing beyond what `{origin}` costs.");
    }
    match &explained.cost_decided_by {
        Some(Decides::Pages(hook)) => {
            return format!("unknown: one request at least; how many pages follow, the hook `{hook}` decides.");
        }
        Some(Decides::Slices(hook)) => {
            return format!(
                "unknown: one request at least for each slice; how many there are, the hook `{hook}` decides."
            );
        }
        None => {}
    }
    if explained.costs.is_empty() {
        return "unknown: the spec asks for no number of records a page, so the API decides how many come.".to_owned();
    }
    let size = connector.stream(&explained.stream).and_then(|stream| stream.pagination.size.as_ref());
    let costs = explained.costs.iter().map(|cost| known_cost(cost).sentence(connector, &explained.stream));
    let mut words: Vec<String> = costs.collect();
    if explained.costs.iter().any(|cost| cost.unit == Unit::Parents) {
        words.push(match size {
            Some(size) => {
                let records = counted(size.value, "record");
                format!("A parent costs one request, and one more for each further {records}.")
            }
            None => "A parent costs one request for each page.".to_owned(),
        });
    }
    words.join(" ")
}

fn table(out: &mut String, layout: &Layout, width: usize) {
    let columns = layout.columns.iter().map(|column| format!("{} {}", column.name, column.declared));
    let open = layout.open.iter().map(|prefix| match prefix.as_str() {
        "" if layout.parent.is_some() => "and the keys of its elements, as they are seen".to_owned(),
        "" => "and what else records hold, as it is seen".to_owned(),
        prefix => format!("{prefix}… as its keys are seen"),
    });
    let mut columns: Vec<String> = columns.chain(open).map(|column| format!("{column}, ")).collect();
    if let Some(last) = columns.last_mut() {
        last.truncate(last.len() - 2);
    }
    let label = if layout.parent.is_none() { "tables" } else { "" };
    labelled(out, label, &format!("{}, key {}:", layout.table, layout.key.join(", ")), width);
    pieces(out, &" ".repeat(LABEL + 2), &columns, width);
}
