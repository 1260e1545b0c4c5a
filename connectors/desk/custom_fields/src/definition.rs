//! A site's definition of a custom field, as `GET /custom_fields` gives it.

use std::borrow::Cow;

use tapwright_hook_sdk::Json;

/// What the values of a field are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Text,
    /// A whole number, which comes as a text.
    Whole,
    Day,
    /// `true` and `false`; until 2013 `"1"`, `"0"` and `""`.
    Boolean,
    /// One of these.
    Choice(Vec<String>),
    /// One of these, as `Parent::Child`, with as many levels as the deepest of them has.
    Dependent {
        choices: Vec<String>,
        levels: usize,
    },
    /// A type that did not exist when this was written.
    Unknown(String),
}

#[derive(Debug)]
pub(crate) struct Definition {
    /// Desk's number of it; 0 where the record tells none.
    pub(crate) number: u64,
    pub(crate) key: String,
    pub(crate) label: String,
    pub(crate) values: Values,
}

impl Definition {
    /// The active ones of a type, in the order in which they were made: a name that one has, it keeps.
    pub(crate) fn active<'a>(all: impl Iterator<Item = Json<'a>>, kind: &str) -> Result<Vec<Definition>, String> {
        let concerns = |one: &Json<'_>| {
            let active = one.get("active").and_then(Json::boolean) != Some(false);
            active && one.get("type").and_then(Json::text).is_some_and(|own| own == kind)
        };
        let mut active: Vec<_> = all.filter(concerns).map(Definition::read).collect::<Result<_, _>>()?;
        active.sort_by_key(|one| one.number);
        Ok(active)
    }

    fn read(one: Json<'_>) -> Result<Definition, String> {
        let text = |value: Option<Json<'_>>| value.and_then(Json::text).map(Cow::into_owned);
        let key = text(one.get("name")).ok_or_else(|| format!("a definition has no `name`: {}", one.raw()))?;
        let address = text(one.at(&["_links", "self", "href"])).unwrap_or_default();
        let number = address.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        let label = text(one.get("label")).filter(|label| !label.is_empty()).unwrap_or_else(|| key.clone());
        let kind = text(one.at(&["data", "type"])).unwrap_or_default();
        let choices = one.at(&["data", "choices"]).into_iter().flat_map(Json::items).filter_map(|one| text(Some(one)));
        Ok(Definition { number, key, label, values: Values::of(kind, choices.collect()) })
    }

    /// What to say of a type that is not known.
    pub(crate) fn strange(&self) -> Option<String> {
        let Values::Unknown(kind) = &self.values else { return None };
        Some(format!("`{}` is of the type `{kind}`, which was not known; its values stay as Desk sends them", self.key))
    }
}

impl Values {
    fn of(kind: String, choices: Vec<String>) -> Self {
        let levels = choices.iter().map(|choice| choice.split("::").count()).max().unwrap_or(1);
        match kind.as_str() {
            "string" | "text" => Values::Text,
            "integer" | "number" => Values::Whole,
            "date" => Values::Day,
            "boolean" => Values::Boolean,
            "list" if levels > 1 => Values::Dependent { choices, levels },
            "list" => Values::Choice(choices),
            _ => Values::Unknown(kind),
        }
    }
}
