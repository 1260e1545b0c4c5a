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
        let deleted = if marks { " The row of a record that is deleted is marked all the same." } else { "" };
        let text = format!("Only records for which {} holds.{deleted}", code(condition.source()));
        points.push(point("Kept", text));
    }
    points.extend(stream.flatten.iter().map(|rule| point("Flattened", flattened(rule))));
    if !stream.remove.is_empty() {
        let names: Vec<String> = stream.remove.iter().map(|name| code(name)).collect();
        points.push(point("Removed", format!("{} of each record.", listed(&names))));
    }
    if !stream.rename.is_empty() {
        let names = stream.rename.iter().map(|(new, old)| format!("{} is named {}", code(old), code(new)));
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
        kept => format!(" Each gets {} of the record around it.", listed(kept)),
    };
    let full = matches!(stream.replication, Replication::FullTable);
    let missing = match (rule.optional, full) {
        (true, _) => "A record without the list brings none.",
        (false, true) => "A record without the list fails the read.",
        (false, false) => "A record without the list is set aside.",
    };
    format!("Each element at {} of a record is a record.{kept} {missing}", code(rule.path.source()))
}

fn flattened(rule: &Flatten) -> String {
    let depth = if rule.depth > 1 { format!(", {} objects deep", rule.depth) } else { String::new() };
    let name = code(&format!("{}MEMBER", rule.prefix));
    format!("The members of {} come up as {name}{depth}.", code(&rule.member))
}

/// What becomes of what the tables cannot take as they are, where they do not simply get columns.
fn schema_changes(stream: &Stream) -> Option<String> {
    let text = match stream.schema_changes {
        SchemaPolicy::Evolve => return None,
        SchemaPolicy::Freeze => {
            "Once the stream was read whole, its tables stay as they are. What would need a new column is left out, and the \
             report counts it; a record with a value that its column cannot hold is set aside."
        }
        SchemaPolicy::DiscardValue => {
            "A value that its column cannot hold is left out, and, once the stream was read whole, one that would need a new \
             column. The report counts them; the rest of the record is loaded."
        }
        SchemaPolicy::DiscardRow => {
            "A record with a value that its column cannot hold is set aside, and, once the stream was read whole, one with a \
             value that would need a new column."
        }
        SchemaPolicy::Fail => {
            "The read fails at a value that its column cannot hold, and, once the stream was read whole, at one that would \
             need a new column. The tables stay as they are."
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
            "{which} becomes a column of its name when its first value comes, typed by its values; the members of an object \
             become {}, a list is JSON. A column keeps its type: a value that does not fit stands beside it, in {}, where {} \
             tells its type.",
            code("NAME__MEMBER"),
            code("NAME__xx"),
            code("xx")
        )),
        Unlisted::Json => Some(format!("{which} is kept in the column {}, as JSON.", code("_sdc_extra"))),
        Unlisted::Fail => Some("A record with a member that no column takes ends the read as failed.".to_owned()),
    }
}
