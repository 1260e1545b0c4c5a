//! The site's own fields. Every active one stands on every record of its kind, so a value is worked
//! out from the record and the definition, never stored: a new definition is on all records at once,
//! as was recorded.

use super::{Site, Span};
use crate::dice::Dice;
use crate::model::{Definition, Values};
use crate::moment::Moment;

/// Name, label, kind, whether active, and what it holds.
struct Row(&'static str, &'static str, &'static str, Values);

const AREAS: [&str; 5] = ["Billing::Refund", "Billing::Invoice", "Delivery::Lost", "Delivery::Late", "Größe::Zu klein"];

const ROWS: [Row; 12] = [
    Row("order_no", "Order number", "ticket", Values::Text),
    Row("plan", "Plan", "ticket", Values::List(&["Gold", "Silver"])),
    Row("score", "Score", "ticket", Values::Number),
    Row("area", "Area", "ticket", Values::List(&AREAS)),
    Row("due", "Due on", "ticket", Values::Date),
    Row("vip", "VIP", "ticket", Values::Boolean),
    Row("legacy_code", "Legacy code", "ticket", Values::Text),
    Row("level", "Level", "customer", Values::List(&["vip", "regular"])),
    Row("newsletter", "Newsletter", "customer", Values::Boolean),
    Row("visits", "Visits", "customer", Values::Number),
    Row("tier", "Tier", "company", Values::List(&["A", "B", "C"])),
    Row("contract_end", "Contract ends", "company", Values::Date),
];

pub(super) fn definitions(eras: Span) -> Vec<Definition> {
    (ROWS.iter().enumerate())
        .map(|(place, &Row(name, label, kind, values))| Definition {
            id: place as u64 + 1,
            name,
            label,
            kind,
            active: name != "legacy_code",
            values,
            created_at: eras.start,
            updated_at: eras.start,
        })
        .collect()
}

/// The value of a custom field as JSON has it: numbers are texts, only booleans are not.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub(crate) enum FieldValue {
    Unset,
    Text(String),
    Boolean(bool),
}

impl Site {
    /// Every active field of that kind with its value on the record.
    pub(crate) fn custom_values(
        &self,
        kind: &'static str,
        record: u64,
        revision: u64,
    ) -> impl Iterator<Item = (&'static str, FieldValue)> {
        (self.custom_fields.rows().iter()).filter(move |definition| definition.active && definition.kind == kind).map(
            move |definition| {
                let seed = self.options.seed ^ (record << 16) ^ (revision << 8) ^ definition.id;
                let mut dice = Dice::new(seed, definition.name);
                (definition.name, draw(definition.values, self.options.today, &mut dice))
            },
        )
    }
}

fn draw(values: Values, today: Moment, dice: &mut Dice) -> FieldValue {
    if dice.percent(25) {
        return FieldValue::Unset;
    }
    FieldValue::Text(match values {
        Values::Boolean => return FieldValue::Boolean(dice.percent(50)),
        Values::Text if dice.percent(10) => String::new(),
        Values::Text => format!("A-{}", dice.below(10_000)),
        Values::Number => dice.below(11).to_string(),
        Values::Date => today.plus(-dice.seconds(400 * 86_400)).day().to_string(),
        Values::List(choices) => dice.pick(choices).to_owned(),
    })
}
