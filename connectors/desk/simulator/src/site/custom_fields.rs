//! The site's own fields. Every active one stands on every record of its kind, so a value is worked
//! out from the record and the definition, never stored: a new definition would be on all records at once,
//! as was recorded.

use super::{Site, Span};
use crate::dice::Dice;
use crate::model::{Definition, Values};
use crate::moment::Moment;

/// A definition as it is listed below.
struct Row {
    kind: &'static str,
    name: &'static str,
    label: &'static str,
    values: Values,
}

const fn row(kind: &'static str, name: &'static str, label: &'static str, values: Values) -> Row {
    Row { kind, name, label, values }
}

const AREAS: [&str; 5] = ["Billing::Refund", "Billing::Invoice", "Delivery::Lost", "Delivery::Late", "Größe::Zu klein"];

const ROWS: [Row; 15] = [
    row("ticket", "order_no", "Order number", Values::Text),
    row("ticket", "plan", "Plan", Values::List(&["Gold", "Silver"])),
    row("ticket", "score", "Score", Values::Number),
    row("ticket", "area", "Area", Values::List(&AREAS)),
    row("ticket", "due", "Due on", Values::Date),
    row("ticket", "vip", "VIP", Values::Boolean),
    row("ticket", "legacy_code", "Legacy code", Values::Text),
    row("customer", "level", "Level", Values::List(&["vip", "regular"])),
    row("customer", "newsletter", "Newsletter", Values::Boolean),
    row("customer", "visits", "Visits", Values::Number),
    row("company", "tier", "Tier", Values::List(&["A", "B", "C"])),
    row("company", "contract_end", "Contract ends", Values::Date),
    // Keys that would be the same column as another's, or that are no name of a column as they are.
    row("ticket", "Plan", "Plan (old)", Values::Text),
    row("ticket", "order-no", "Order number (shop)", Values::Number),
    row("customer", "Kunden-Nr.", "Kundennummer", Values::Number),
];

/// Names that an edit gives to fields, by their ids.
const RENAMES: [(u64, &str); 3] = [(3, "points"), (8, "rank"), (11, "grade")];

pub(super) fn definitions(eras: Span) -> Vec<Definition> {
    (ROWS.iter().enumerate())
        .map(|(place, row)| Definition {
            id: place as u64 + 1,
            name: row.name,
            label: row.label,
            kind: row.kind,
            active: row.name != "legacy_code",
            values: row.values,
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
    /// None where nobody said yes or no.
    Boolean(Option<bool>),
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
                let mut dice = Dice::new(seed, definition.label);
                (definition.name, draw(definition.values, self.options.today, &mut dice))
            },
        )
    }

    /// Gives other names to so many fields; records carry their values under them from then on.
    pub(super) fn rename_fields(&mut self, count: usize) -> Vec<u64> {
        let now = self.clock;
        let renamed = RENAMES.iter().take(count);
        renamed
            .filter_map(|(id, name)| {
                let row = self.custom_fields.position(*id)?;
                self.custom_fields.change(row, |definition| {
                    definition.name = name;
                    definition.updated_at = now;
                });
                Some(*id)
            })
            .collect()
    }
}

fn draw(values: Values, today: Moment, dice: &mut Dice) -> FieldValue {
    if dice.percent(25) {
        return if values == Values::Boolean { FieldValue::Boolean(None) } else { FieldValue::Unset };
    }
    FieldValue::Text(match values {
        Values::Boolean => return FieldValue::Boolean(Some(dice.percent(50))),
        Values::Text if dice.percent(10) => String::new(),
        Values::Text => format!("A-{}", dice.below(10_000)),
        Values::Number => dice.below(11).to_string(),
        Values::Date => today.plus(-dice.seconds(400 * 86_400)).day().to_string(),
        Values::List(choices) => dice.pick(choices).to_owned(),
    })
}
