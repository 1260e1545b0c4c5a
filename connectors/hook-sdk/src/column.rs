//! Names of columns for keys that people chose.

use std::collections::HashMap;

/// Hands out the names of columns: in lower case, of letters, digits and `_`, each once.
///
/// ```
/// use tapwright_hook_sdk::Columns;
/// let mut columns = Columns::new("custom_");
/// assert_eq!(columns.name("Order No.", "7"), "custom_order_no");
/// assert_eq!(columns.name("order-no", "9"), "custom_order_no_9");
/// assert_eq!(columns.notes().len(), 2);
/// ```
#[derive(Debug)]
pub struct Columns {
    prefix: String,
    taken: HashMap<String, String>,
    notes: Vec<String>,
}

impl Columns {
    /// All names begin with the prefix.
    pub fn new(prefix: impl Into<String>) -> Self {
        Columns { prefix: prefix.into(), taken: HashMap::new(), notes: Vec::new() }
    }

    /// The name of a key's column. Where an earlier key has it already, the key's own number is put behind, so that
    /// the name depends on no other key that comes later.
    pub fn name(&mut self, key: &str, number: &str) -> String {
        let plain = format!("{}{}", self.prefix, plain(key));
        let mut name = plain.clone();
        while let Some(other) = self.taken.get(&name) {
            if name == plain {
                self.notes.push(format!(
                    "`{key}` and `{other}` would both be the column `{plain}`; `{key}` is `{plain}_{number}`"
                ));
            }
            name = format!("{name}_{number}");
        }
        if name == plain && name != format!("{}{}", self.prefix, key.to_lowercase()) {
            self.notes.push(format!("`{key}` is the column `{name}`"));
        }
        self.taken.insert(name.clone(), key.to_owned());
        name
    }

    /// Whether a column has that name.
    pub fn has(&self, name: &str) -> bool {
        self.taken.contains_key(name)
    }

    /// Each name that is not simply the prefix and the key, but for capital letters, in words for the person who runs the
    /// sync.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// A key in lower case, each run of what is no letter or digit as one `_`, none at the end.
fn plain(key: &str) -> String {
    let mut plain = String::with_capacity(key.len());
    for character in key.chars().flat_map(char::to_lowercase) {
        if character.is_alphanumeric() {
            plain.push(character);
        } else if character == '_' || !plain.ends_with('_') {
            plain.push('_');
        }
    }
    let ends = if key.ends_with('_') { plain.as_str() } else { plain.trim_end_matches('_') };
    if ends.is_empty() { "_".to_owned() } else { ends.to_owned() }
}
