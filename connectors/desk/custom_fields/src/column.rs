//! The column, or the columns, of a custom field.

use tapwright_hook_sdk::{Columns, Field, Json, Line, Name, Type};

use crate::definition::{Definition, Values};

#[derive(Debug)]
pub(crate) struct Column {
    /// The key among the custom fields of a record.
    pub(crate) key: String,
    name: String,
    member: Name,
    /// Those of the levels, where the field is a dependent list.
    levels: Vec<String>,
    members: Vec<Name>,
    values: Values,
    description: String,
}

impl Column {
    /// None where the type of the values is not known, since no type could be told.
    pub(crate) fn of(definition: &Definition, names: &mut Columns) -> Option<Self> {
        if matches!(definition.values, Values::Unknown(_)) {
            return None;
        }
        let number = definition.number.to_string();
        let name = names.name(&definition.key, &number);
        let levels = match definition.values {
            Values::Dependent { levels, .. } => {
                (1..=levels).map(|level| names.name(&format!("{}_level_{level}", definition.key), &number)).collect()
            }
            _ => Vec::new(),
        };
        Some(Column {
            key: definition.key.clone(),
            member: Name::new(&name),
            members: levels.iter().map(|name| Name::new(name)).collect(),
            name,
            levels,
            values: definition.values.clone(),
            description: described(definition),
        })
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        let levels = self.levels.iter().zip(1..).map(|(name, level)| {
            Field::new(name, Type::String).described(format!("Level {level} of `{}`.", self.name))
        });
        std::iter::once(Field::new(&self.name, self.kind()).described(&self.description)).chain(levels)
    }

    /// Writes the value. What is none of its type stays as it is, for the engine to judge: nothing is lost here. Levels that
    /// the value does not have are told to be empty, for where records are merged, what is not told stays.
    pub(crate) fn put(&self, value: Json<'_>, line: &mut Line<'_>) {
        let chosen = matches!(self.values, Values::Choice(_) | Values::Dependent { .. });
        if chosen && value.raw() == "\"\"" {
            line.put(&self.member, None::<&str>);
        } else {
            line.put_as(&self.member, self.kind(), value);
        }
        if self.levels.is_empty() {
            return;
        }
        let text = value.text().unwrap_or_default();
        let mut levels = levels(&text);
        for name in &self.members {
            line.put(name, levels.next());
        }
    }

    fn kind(&self) -> Type {
        match self.values {
            Values::Whole => Type::Integer,
            Values::Day => Type::Date,
            Values::Boolean => Type::Boolean,
            _ => Type::String,
        }
    }
}

/// `A::B` as `A` and `B`. The standard library searches texts in a way that pays where they are long.
fn levels(mut text: &str) -> impl Iterator<Item = &str> {
    let all = std::iter::from_fn(move || {
        let ends = text.as_bytes().windows(2).position(|pair| pair == b"::").unwrap_or(text.len());
        let (level, rest) = text.split_at_checked(ends)?;
        text = rest.get(2..).unwrap_or_default();
        (ends > 0 || !rest.is_empty()).then_some(level)
    });
    all.filter(|level| !level.is_empty())
}

/// The label, and the choices where there are some.
fn described(definition: &Definition) -> String {
    const SHOWN: usize = 12;
    let (Values::Choice(choices) | Values::Dependent { choices, .. }) = &definition.values else {
        return format!("{}.", definition.label);
    };
    let mut shown: Vec<String> = choices.iter().take(SHOWN).map(|choice| format!("`{choice}`")).collect();
    if choices.len() > SHOWN {
        shown.push("…".to_owned());
    }
    format!("{}: {}.", definition.label, shown.join(", "))
}
