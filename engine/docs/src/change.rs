//! What becomes of a record before and beside its fields, in sentences that hold for every spec.

use tapwright_spec::model::{Stream, Unlisted};

use crate::markdown::code;
use crate::replication::{Point, point};

/// What happens to records, in the order in which it happens.
pub(crate) fn points(stream: &Stream) -> Vec<Point> {
    let mut points = Vec::new();
    if let Some(condition) = &stream.keep_if {
        let text = format!("Only records for which {} holds.", code(condition.source()));
        points.push(point("Kept", text));
    }
    points.extend(unlisted(stream).map(|text| point("Unlisted", text)));
    points
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
