//! The hook of Redmine's connector: `custom_fields`, a list of `{id, name, value}`, becomes columns, typed by the
//! site's definitions where an administrator's key may read them at `GET /custom_fields.json`.

mod definition;

use std::collections::HashMap;

use definition::Definition;
use tapwright_hook_sdk::{
    ChangeRecords, Columns, Effect, Field, Given, Json, Kind, Line, Output, Stream, Text, ToJson, export,
};

/// The member of a record that holds its custom fields.
const MEMBER: &str = "custom_fields";

/// Custom fields become columns.
#[derive(Debug)]
pub struct CustomFields {
    prefix: String,
    keep: bool,
    /// Type of the definitions, where the options tell it.
    kind: Option<String>,
    columns: Vec<Column>,
    names: Columns,
    /// Columns of fields without a definition, in lower case, and the field that came first. A cache: a field keeps its
    /// column as long as none came before it that is called the same but for the case.
    undefined: HashMap<String, i64>,
}

#[derive(Debug)]
struct Column {
    definition: Definition,
    name: String,
}

export!(CustomFields: ChangeRecords);

impl ChangeRecords for CustomFields {
    const SUMMARY: &str = "Each custom field becomes a column, typed by the site's own definition of it.";
    const OPTIONS: &str = include_str!("../options.schema.json");

    fn configure(options: Json<'_>) -> Result<Self, String> {
        let text = |name: &str| Some(options.get(name)?.text()?.into_owned());
        let prefix = text("prefix").unwrap_or_else(|| "custom_".to_owned());
        let keep = options.get("keep").and_then(Json::boolean).unwrap_or(false);
        let (names, kind) = (Columns::new(&prefix), text("type"));
        Ok(CustomFields { names, prefix, keep, kind, columns: Vec::new(), undefined: HashMap::new() })
    }

    fn fields(&mut self, stream: &Stream, given: &Given) -> Result<Effect, String> {
        // `issues` are of the type `issue`, `time_entries` of `time_entry`.
        let singular = match stream.name.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => stream.name.trim_end_matches('s').to_owned(),
        };
        let kind = self.kind.clone().unwrap_or(singular);
        self.names = Columns::new(&self.prefix);
        let definitions = given.records("definitions").map(|all| Definition::of(all, &kind)).transpose()?;
        let known = definitions.is_some();
        let column = |definition: Definition, names: &mut Columns| {
            let name = names.name(&definition.name, &definition.id.to_string());
            Column { definition, name }
        };
        self.columns = definitions.into_iter().flatten().map(|one| column(one, &mut self.names)).collect();
        let mut effect = Effect::on([MEMBER]);
        effect.fields = self.columns.iter().map(Column::field).collect();
        effect.notes = self.names.notes().to_vec();
        let since = if known { "has defined since the run began" } else { "has defined" };
        effect.others = Some(format!("`{}…` for each custom field that the site {since} for this table.", self.prefix));
        if !known && !given.has("definitions") {
            effect.notes.push("no `definitions` are given, so that values stay as Redmine sends them".to_owned());
        }
        Ok(effect)
    }

    fn change(&mut self, record: Json<'_>, output: &mut Output) -> Result<(), String> {
        let mut line = output.line();
        for (member, values) in record.members() {
            match values.kind() {
                Kind::List => self.spread(values, &mut line)?,
                Kind::Null => {}
                _ => return Err(format!("`{member}` is no list, but {}", values.raw())),
            }
            if self.keep {
                line.put(MEMBER, values);
            }
        }
        Ok(())
    }
}

impl CustomFields {
    fn spread(&mut self, values: Json<'_>, line: &mut Line<'_>) -> Result<(), String> {
        let mut written: Vec<String> = Vec::new();
        for one in values.items() {
            // Redmine leaves the value out where several could be chosen and none is.
            let value = one.get("value").unwrap_or(Json::new("null"));
            let (id, name) = (one.get("id").and_then(Json::integer), one.get("name").and_then(Json::text));
            let (Some(id), Some(name)) = (id, name) else {
                return Err(format!("a custom field has no `id` or no `name`: {}", one.raw()));
            };
            match self.columns.iter().find(|column| column.definition.id == id) {
                Some(column) => column.put(value, line),
                None => {
                    let column = self.undefined(&name, id, &written);
                    line.put(&column, value);
                    written.push(column.to_lowercase());
                }
            }
        }
        Ok(())
    }

    /// The column of a field without a definition: its name as it is, so that it depends on nothing else, unless another
    /// field has that name already but for the case, which is one column to most databases.
    fn undefined(&mut self, name: &str, id: i64, written: &[String]) -> String {
        let mut column = format!("{}{name}", self.prefix);
        while written.contains(&column.to_lowercase()) || self.is_taken(&column.to_lowercase(), id) {
            column.push_str(&format!("_{id}"));
        }
        column
    }

    fn is_taken(&mut self, column: &str, id: i64) -> bool {
        self.names.has(column) || *self.undefined.entry(column.to_owned()).or_insert(id) != id
    }
}

impl Column {
    fn field(&self) -> Field {
        let Definition { kind, multiple, .. } = self.definition;
        let field = if multiple { Field::list(&self.name, kind) } else { Field::new(&self.name, kind) };
        field.described(self.definition.described())
    }

    /// Writes the value, which is a text, a list of texts where several can be chosen, or "" where nothing was.
    fn put(&self, value: Json<'_>, line: &mut Line<'_>) {
        let empty = value.raw() == "\"\"";
        match (self.definition.multiple, value.kind()) {
            (true, Kind::List) => {
                let items: Vec<Item<'_>> = value.items().map(|one| Item { value: one, of: self }).collect();
                line.put(&self.name, items);
            }
            (true, Kind::Null) => line.put(&self.name, value),
            (true, _) if empty => line.put(&self.name, Vec::<&str>::new()),
            (true, _) => line.put(&self.name, vec![Item { value, of: self }]),
            (false, _) if empty && self.definition.chosen => line.put(&self.name, None::<&str>),
            (false, _) => line.put_as(&self.name, self.definition.kind, value),
        }
    }
}

/// One of several values.
struct Item<'a> {
    value: Json<'a>,
    of: &'a Column,
}

impl ToJson for Item<'_> {
    fn write(&self, to: &mut Text) {
        self.value.meant(self.of.definition.kind).write(to);
    }
}

#[cfg(test)]
mod tests;
