//! What changed between two versions of a spec, for those who read its tables.

mod page;
mod streams;

use serde::Serialize;
use tapwright_spec::Connector;
use tapwright_spec::model::{ConfigField, ConfigType};

use crate::auth::authentication;
use crate::markdown::code;

/// What a change means to those who read the tables. What weighs most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Tables, queries or configurations that worked do so no more.
    Breaking,
    /// Something new, beside what there was.
    Additive,
    /// Runs do something in another way; tables and configurations stay as they are.
    Behaviour,
    /// The page says something else.
    Documentation,
}

impl Weight {
    /// All, the heaviest first.
    pub const ALL: [Weight; 4] = [Weight::Breaking, Weight::Additive, Weight::Behaviour, Weight::Documentation];

    /// The heading above such changes.
    pub fn title(self) -> &'static str {
        match self {
            Weight::Breaking => "Breaking",
            Weight::Additive => "Additive",
            Weight::Behaviour => "Behaviour",
            Weight::Documentation => "Documentation",
        }
    }
}

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it means.
    pub weight: Weight,
    /// What changed, Markdown.
    pub text: String,
}

/// What changed between two versions of a spec.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The changes, the heaviest first.
    pub changes: Vec<Change>,
    /// The version of the old spec.
    pub old: String,
    /// The version of the new spec.
    pub new: String,
    /// The least version that tells of such changes, after semantic versioning.
    pub least: String,
    /// Whether the new spec's version is that, or a later one.
    pub is_told: bool,
}

/// Compares two versions of a spec.
pub fn difference(old: &Connector, new: &Connector) -> Difference {
    let mut changes = Changes::default();
    changes.unless_same(Weight::Breaking, "the connector's name", &old.name, &new.name);
    changes.unless_same(Weight::Breaking, "the load mode", old.load_mode.word(), new.load_mode.word());
    config(old, new, &mut changes);
    changes.unless_same(Weight::Breaking, "the authentication", &authentication(&old.auth), &authentication(&new.auth));
    streams::compare(old, new, &mut changes);
    page::compare(old, new, &mut changes);
    let Changes(mut changes) = changes;
    changes.sort_by_key(|change| change.weight);
    let least = least_version(&old.version, changes.first().map(|change| change.weight));
    Difference {
        is_told: numbers(&new.version) >= numbers(&least),
        changes,
        old: old.version.clone(),
        new: new.version.clone(),
        least,
    }
}

impl Difference {
    /// The entry for `about.changelog` of the new spec, as it stands there.
    pub fn entry(&self, date: &str) -> String {
        let version = if self.is_told { &self.new } else { &self.least };
        let mut entry = format!("    - version: {version}\n      date: \"{date}\"\n      text: |\n");
        for weight in Weight::ALL {
            let of: Vec<&Change> = self.changes.iter().filter(|change| change.weight == weight).collect();
            if of.is_empty() {
                continue;
            }
            entry.push_str(&format!("        **{}**\n\n", weight.title()));
            of.iter().for_each(|change| entry.push_str(&format!("        - {}\n", change.text)));
            entry.push('\n');
        }
        format!("{}\n", entry.trim_end())
    }
}

/// The changes that were found so far.
#[derive(Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, weight: Weight, text: impl Into<String>) {
        let mut text = text.into();
        if let Some(first) = text.get(..1).map(str::to_uppercase) {
            text.replace_range(..1, &first);
        }
        self.0.push(Change { weight, text: format!("{text}.") });
    }

    /// A change if two Markdown texts differ.
    fn unless_same(&mut self, weight: Weight, what: &str, old: &str, new: &str) {
        if old != new {
            self.add(weight, format!("{what} was {} and is {}", shown(old), shown(new)));
        }
    }
}

fn shown(text: &str) -> &str {
    let text = text.trim_end_matches('.');
    if text.is_empty() { "nothing" } else { text }
}

fn config(old: &Connector, new: &Connector, changes: &mut Changes) {
    let find = |connector: &Connector, name: &str| connector.config.iter().find(|field| field.name == name).cloned();
    for was in &old.config {
        let name = code(&was.name);
        match find(new, &was.name) {
            None => changes.add(Weight::Breaking, format!("the config field {name} is gone")),
            Some(is) => field((was, &is), &name, changes),
        }
    }
    for is in new.config.iter().filter(|is| find(old, &is.name).is_none()) {
        let (weight, must) = match is.required {
            true => (Weight::Breaking, ", which must be given"),
            false => (Weight::Additive, ""),
        };
        changes.add(weight, format!("there is a new config field {}{must}", code(&is.name)));
    }
}

fn field((was, is): (&ConfigField, &ConfigField), name: &str, changes: &mut Changes) {
    let what = format!("the config field {name}");
    if let (ConfigType::Enum(old), ConfigType::Enum(new)) = (&was.kind, &is.kind) {
        for gone in old.iter().filter(|value| !new.contains(value)) {
            changes.add(Weight::Breaking, format!("{what} has no value {} any more", code(gone)));
        }
        for more in new.iter().filter(|value| !old.contains(value)) {
            changes.add(Weight::Additive, format!("{what} has a new value {}", code(more)));
        }
    } else if was.kind != is.kind {
        changes.add(Weight::Breaking, format!("{what} has another type"));
    }
    match (was.required, is.required) {
        (false, true) => changes.add(Weight::Breaking, format!("{what} must be given")),
        (true, false) => changes.add(Weight::Additive, format!("{what} may be left out")),
        _ => {}
    }
    if was.default != is.default {
        changes.add(Weight::Behaviour, format!("{what} has another default"));
    }
    if was.pattern != is.pattern {
        changes.add(Weight::Breaking, format!("{what} must look otherwise"));
    }
    if was.secret != is.secret {
        let now = if is.secret { "is a secret" } else { "is no secret any more" };
        changes.add(Weight::Behaviour, format!("{what} {now}"));
    }
    let told = |field: &ConfigField| (field.title.clone(), field.description.clone(), field.example.clone());
    if told(was) != told(is) {
        changes.add(Weight::Documentation, format!("{what} is explained otherwise"));
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version.split('.').filter_map(|number| number.parse().ok()).collect()
}

/// The least version that tells of changes of this weight. Before 1.0.0 the second number tells what breaks.
fn least_version(old: &str, heaviest: Option<Weight>) -> String {
    let (major, minor, patch) = match numbers(old).as_slice() {
        [major, minor, patch] => (*major, *minor, *patch),
        _ => return old.to_owned(),
    };
    match heaviest {
        None => old.to_owned(),
        Some(Weight::Breaking) if major == 0 => format!("0.{}.0", minor + 1),
        Some(Weight::Breaking) => format!("{}.0.0", major + 1),
        Some(Weight::Additive) if major > 0 => format!("{major}.{}.0", minor + 1),
        Some(_) => format!("{major}.{minor}.{}", patch + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::{Weight, least_version};

    #[test]
    fn versions_tell_what_changed() {
        assert_eq!(least_version("1.4.2", Some(Weight::Breaking)), "2.0.0");
        assert_eq!(least_version("1.4.2", Some(Weight::Additive)), "1.5.0");
        assert_eq!(least_version("1.4.2", Some(Weight::Behaviour)), "1.4.3");
        assert_eq!(least_version("0.4.2", Some(Weight::Breaking)), "0.5.0");
        assert_eq!(least_version("0.4.2", Some(Weight::Additive)), "0.4.3");
        assert_eq!(least_version("1.4.2", None), "1.4.2");
    }
}
