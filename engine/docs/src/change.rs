//! What becomes of a record before and beside its fields, in sentences that hold for every spec.

use tapwright_spec::model::{Flatten, Replication, SchemaPolicy, Split, Stream, Unlisted};

use crate::markdown::code;
use crate::replication::{Point, listed, point};

/// What happens to records, in the order in which it happens.
pub(crate) fn points(stream: &Stream) -> Vec<Point> {
    let mut points = Vec::new();
    points.extend(stream.split.as_ref().map(|rule| point("Split", split(stream, rule))));
    if let Some(condition) = &stream.keep_if {
        let marks = stream.deleted.is_some() && !matches!(stream.replication, Replication::FullTable);
        let deleted = if marks { " The row of a deleted record is marked all the same." } else { "" };
        let text = format!("Only records for which {} holds.{deleted}", code(condition.source()));
        points.push(point("Kept", text));
    }
    points.extend(stream.flatten.iter().map(|rule| point("Flattened", flattened(rule))));
    if !stream.remove.is_empty() {
        let names: Vec<String> = stream.remove.iter().map(|name| code(name)).collect();
        points.push(point("Removed", format!("{}, from each record.", listed(&names))));
    }
    if !stream.rename.is_empty() {
        let names = stream.rename.iter().map(|(new, old)| format!("{} becomes {}", code(old), code(new)));
        points.push(point("Renamed", format!("{}.", listed(&names.collect::<Vec<_>>()))));
    }
    points.extend(unlisted(stream).map(|text| point("Unlisted", text)));
    points.extend(schema_changes(stream).map(|text| point("Schema", text)));
    points
}

fn split(stream: &Stream, rule: &Split) -> String {
    let kept: Vec<String> =
        rule.keep.iter().map(|(name, path)| format!("{} from {}", code(name), code(path.source()))).collect();
    let kept = match kept.as_slice() {
        [] => String::new(),
        kept => format!(" Each also gets {} of the record around it.", listed(kept)),
    };
    let full = matches!(stream.replication, Replication::FullTable);
    let missing = match (rule.optional, full) {
        (true, _) => "A record without the list gives none.",
        (false, true) => "A record without the list fails the read.",
        (false, false) => "A record without the list is set aside.",
    };
    format!("Each element at {} of a record becomes a record of its own.{kept} {missing}", code(rule.path.source()))
}

fn flattened(rule: &Flatten) -> String {
    let depth = if rule.depth > 1 { format!(", {} objects deep", rule.depth) } else { String::new() };
    let name = code(&format!("{}MEMBER", rule.prefix));
    format!("The members of {} move up one level, as {name}{depth}.", code(&rule.member))
}

/// What becomes of what the tables cannot take as they are, where they do not simply get columns.
fn schema_changes(stream: &Stream) -> Option<String> {
    let text = match stream.schema_changes {
        SchemaPolicy::Evolve => return None,
        SchemaPolicy::Freeze => {
            "After the first complete read the tables keep their columns. What would need a new one is left out and counted \
             in the report; a record with a value that its column cannot hold is set aside."
        }
        SchemaPolicy::DiscardValue => {
            "A value that its column cannot hold is left out; after the first complete read, so is one that would need a new \
             column. The report counts them, and the rest of the record is loaded."
        }
        SchemaPolicy::DiscardRow => {
            "A record with a value that its column cannot hold is set aside; after the first complete read, so is one with a \
             value that would need a new column."
        }
        SchemaPolicy::Fail => {
            "The read fails at a value that its column cannot hold and, after the first complete read, at one that would need \
             a new column. The tables stay as they are."
        }
    };
    Some(text.to_owned())
}

/// What becomes of members that no field reads, where it is more than being left out.
fn unlisted(stream: &Stream) -> Option<String> {
    let which = match stream.fields.as_slice() {
        [] => "Every member of a record",
        _ => "Every other member of a record",
    };
    match stream.unlisted {
        Unlisted::Drop => None,
        Unlisted::Add => Some(format!(
            "{which} becomes a column of that name when its first value comes, with the type of its values; the members of an \
             object become {}, and a list is kept as JSON. A column keeps its type: a value that does not fit goes into a \
             column beside it, {}, where {} names the type.",
            code(&stream.naming().member("NAME", "MEMBER")),
            code("NAME__xx"),
            code("xx")
        )),
        Unlisted::Json => Some(format!("{which} is kept as JSON in the column {}.", code(stream.load_mode.extra()))),
        Unlisted::Fail => Some("A record with a member that has no column fails the read.".to_owned()),
    }
}
