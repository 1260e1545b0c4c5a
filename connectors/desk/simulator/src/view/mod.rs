//! How each record is written as JSON: its attributes, in the recorded order, and its links.

mod cases;
mod interactions;
mod library;
mod people;

pub(crate) use cases::{attachment, case, feedback, note};
pub(crate) use interactions::{history, interaction, reply};
pub(crate) use library::{article, brand, custom_field, label, topic, topic_translation, translation};
pub(crate) use people::{company, customer, group, user};

use crate::json::Object;
use crate::options::Era;
use crate::site::{FieldValue, Site};

/// Address of a record in one of the top-level collections.
pub(crate) fn href(collection: &str, id: u64) -> String {
    format!("/api/v2/{collection}/{id}")
}

/// Every active custom field of the record; booleans were texts such as `"0"` in 2013.
fn custom_fields(object: &mut Object<'_>, site: &Site, kind: &'static str, record: (u64, u64)) {
    let era = object.shape().era;
    object.nest("custom_fields", |fields| {
        for (name, value) in site.custom_values(kind, record.0, record.1) {
            match (era, value) {
                (Era::Early, FieldValue::Boolean(value)) => {
                    fields.put(name, if value { "1" } else { "0" });
                }
                (_, value) => fields.put(name, &value),
            }
        }
    });
}
