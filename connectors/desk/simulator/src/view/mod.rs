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

/// Every active custom field of the record; booleans were texts in 2013, `"0"`, `"1"` and `""`.
fn custom_fields(object: &mut Object<'_>, site: &Site, kind: &'static str, record: (u64, u64)) {
    let as_texts = object.shape().era == Era::Early || site.options.text_booleans;
    object.nest("custom_fields", |fields| {
        for (name, value) in site.custom_values(kind, record.0, record.1) {
            match value {
                FieldValue::Boolean(value) if as_texts => {
                    fields.put(name, value.map_or("", |value| if value { "1" } else { "0" }));
                }
                value => fields.put(name, &value),
            }
        }
    });
}
