//! The hook of Desk's connector: `custom_fields`, an object with whatever fields a site has defined, becomes columns,
//! typed by the definitions that the site lists at `GET /custom_fields`.

mod column;
mod definition;

use column::Column;
use definition::Definition;
use tapwright_hook_sdk::{ChangeRecords, Columns, Effect, Given, Json, Kind, Line, Output, Stream, export};

/// The member of a record that holds its custom fields.
const MEMBER: &str = "custom_fields";

/// Custom fields become columns.
#[derive(Debug)]
pub struct CustomFields {
    prefix: String,
    keep: bool,
    /// Type of the definitions, where the options tell it.
    kind: Option<String>,
    /// By key.
    columns: Vec<Column>,
    /// Which of them the keys of a record are, in the order in which Desk wrote them in the last ones.
    places: Vec<usize>,
    names: Columns,
}

export!(CustomFields: ChangeRecords);

impl ChangeRecords for CustomFields {
    const SUMMARY: &str = "Each custom field becomes a column, typed by the site's own definition of it.";
    const OPTIONS: &str = include_str!("../options.schema.json");

    fn configure(options: Json<'_>) -> Result<Self, String> {
        let text = |name: &str| Some(options.get(name)?.text()?.into_owned());
        let prefix = text("prefix").unwrap_or_else(|| "custom_".to_owned());
        let keep = options.get("keep").and_then(Json::boolean).unwrap_or(false);
        Ok(CustomFields {
            names: Columns::new(&prefix),
            prefix,
            keep,
            kind: text("type"),
            columns: Vec::new(),
            places: Vec::new(),
        })
    }

    fn fields(&mut self, stream: &Stream, given: &Given) -> Result<Effect, String> {
        let kind = self.kind_of(stream)?;
        self.names = Columns::new(&self.prefix);
        let definitions = given.records("definitions").map(|all| Definition::active(all, &kind)).transpose()?;
        let mut effect = Effect::on([MEMBER]);
        self.columns = definitions.iter().flatten().filter_map(|one| Column::of(one, &mut self.names)).collect();
        effect.fields = self.columns.iter().flat_map(Column::fields).collect();
        effect.notes = self.names.notes().to_vec();
        effect.notes.extend(definitions.iter().flatten().filter_map(Definition::strange));
        effect.others = Some(format!(
            "`{}…` for each custom field that the site {} for this table.",
            self.prefix,
            if definitions.is_some() { "has defined since the run began" } else { "has defined" }
        ));
        if !given.has("definitions") {
            effect.notes.push("no `definitions` are given, so that values stay as Desk sends them".to_owned());
        }
        self.columns.sort_by(|one, other| one.key.cmp(&other.key));
        self.places.clear();
        Ok(effect)
    }

    fn change(&mut self, record: Json<'_>, output: &mut Output) -> Result<(), String> {
        let mut line = output.line();
        for (member, values) in record.members() {
            match values.kind() {
                Kind::Object => self.spread(values, &mut line),
                Kind::Null => {}
                _ => return Err(format!("`{member}` is no object, but {}", values.raw())),
            }
            if self.keep {
                line.put(MEMBER, values);
            }
        }
        Ok(())
    }
}

impl CustomFields {
    /// The word that Desk has for what the records are.
    fn kind_of(&self, stream: &Stream) -> Result<String, String> {
        match (&self.kind, stream.name.as_str()) {
            (Some(kind), _) => Ok(kind.clone()),
            (None, "cases") => Ok("ticket".to_owned()),
            (None, "customers") => Ok("customer".to_owned()),
            (None, "companies") => Ok("company".to_owned()),
            (None, other) => Err(format!(
                "`{other}` is none of cases, customers and companies: say by the option `type` which they are, ticket, customer or company"
            )),
        }
    }

    fn spread(&mut self, values: Json<'_>, line: &mut Line<'_>) {
        for (at, (key, value)) in values.members().enumerate() {
            match self.column(at, &key) {
                Some(column) => self.columns[column].put(value, line),
                None => line.put(&self.undefined(&key), value),
            }
        }
    }

    /// The column of a key, which most records have at the same place.
    fn column(&mut self, at: usize, key: &str) -> Option<usize> {
        if let Some(known) = self.places.get(at).filter(|known| self.columns[**known].key == key) {
            return Some(*known);
        }
        let found = self.columns.binary_search_by(|column| column.key.as_str().cmp(key)).ok()?;
        self.places.truncate(at);
        if self.places.len() == at {
            self.places.push(found);
        }
        Some(found)
    }

    /// The column of a key that no active definition has: the key as it is, so that it depends on nothing else.
    fn undefined(&self, key: &str) -> String {
        let mut name = format!("{}{key}", self.prefix);
        while self.names.has(&name.to_lowercase()) {
            name.push_str("_undefined");
        }
        name
    }
}

#[cfg(test)]
mod tests;
