//! A site's definition of a custom field, as `GET /custom_fields.json` gives it.

use std::borrow::Cow;

use tapwright_hook_sdk::{Json, Type};

#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) kind: Type,
    /// Whether a value is one of a list, so that an empty one is none.
    pub(crate) chosen: bool,
    pub(crate) multiple: bool,
    /// The values of a list.
    possible: Vec<String>,
}

impl Definition {
    /// Those of a type, in the order in which they were made: a name that one has, it keeps.
    pub(crate) fn of<'a>(all: impl Iterator<Item = Json<'a>>, kind: &str) -> Result<Vec<Definition>, String> {
        let concerns = |one: &Json<'_>| one.get("customized_type").and_then(Json::text).is_some_and(|own| own == kind);
        let mut definitions: Vec<_> = all.filter(concerns).map(Definition::read).collect::<Result<_, _>>()?;
        definitions.sort_by_key(|one| one.id);
        Ok(definitions)
    }

    fn read(one: Json<'_>) -> Result<Definition, String> {
        let text = |value: Option<Json<'_>>| value.and_then(Json::text).map(Cow::into_owned);
        let (id, name) = (one.get("id").and_then(Json::integer), text(one.get("name")));
        let (Some(id), Some(name)) = (id, name) else {
            return Err(format!("a definition has no `id` or no `name`: {}", one.raw()));
        };
        let format = text(one.get("field_format")).unwrap_or_default();
        let possible = one.get("possible_values").into_iter().flat_map(Json::items);
        Ok(Definition {
            id,
            name,
            kind: kind_of(&format),
            chosen: format == "list",
            multiple: one.get("multiple").and_then(Json::boolean) == Some(true),
            possible: if format == "list" {
                possible.filter_map(|one| text(one.get("value"))).collect()
            } else {
                Vec::new()
            },
        })
    }

    /// The name, and the values of a list.
    pub(crate) fn described(&self) -> String {
        const SHOWN: usize = 12;
        if self.possible.is_empty() {
            return format!("{}.", self.name);
        }
        let mut shown: Vec<String> = self.possible.iter().take(SHOWN).map(|value| format!("`{value}`")).collect();
        if self.possible.len() > SHOWN {
            shown.push("…".to_owned());
        }
        format!("{}: {}.", self.name, shown.join(", "))
    }
}

/// What the values of a format are; those of plugins stay texts.
fn kind_of(format: &str) -> Type {
    match format {
        // Users, versions and the like are told by their numbers.
        "int" | "user" | "version" | "attachment" | "enumeration" | "progressbar" => Type::Integer,
        "float" => Type::Number,
        "bool" => Type::Boolean,
        "date" => Type::Date,
        _ => Type::String,
    }
}
