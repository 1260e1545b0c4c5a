//! How records become rows of a table, and how the table and its columns are called.

use std::borrow::Cow;

use super::{Stream, Unlisted};

/// How records become rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LoadMode {
    /// A record replaces the row of its key; lists become tables of their own.
    #[default]
    Stitch,
    /// A record is merged onto the row of its key; lists stay texts.
    Segment,
}

impl LoadMode {
    /// All of them.
    pub const ALL: [LoadMode; 2] = [LoadMode::Stitch, LoadMode::Segment];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            LoadMode::Stitch => "stitch",
            LoadMode::Segment => "segment",
        }
    }

    /// The column that tells when a record was deleted.
    pub fn deleted(self) -> &'static str {
        match self {
            LoadMode::Stitch => "_sdc_deleted_at",
            LoadMode::Segment => "deleted_at",
        }
    }

    /// The column of what no field reads.
    pub fn extra(self) -> &'static str {
        match self {
            LoadMode::Stitch => "_sdc_extra",
            LoadMode::Segment => "extra",
        }
    }

    /// The mode that a user calls so.
    ///
    /// # Errors
    /// Which there are.
    pub fn named(word: &str) -> Result<LoadMode, String> {
        let found = LoadMode::ALL.into_iter().find(|mode| mode.word() == word);
        found.ok_or_else(|| format!("there are {}", LoadMode::ALL.map(LoadMode::word).join(" and ")))
    }
}

/// When the answer came that held the record, in a table of the mode `segment`.
pub const RECEIVED_AT: &str = "received_at";
/// What the record said last, as one value.
pub const UUID: &str = "uuid";
/// When the row was written.
pub const UUID_TS: &str = "uuid_ts";
/// What identifies a row, as one value.
pub const ID: &str = "id";

/// How the tables and columns of a stream are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Naming {
    /// The mode in which it is loaded.
    pub mode: LoadMode,
    /// The engine adds a column `id`: the key has several fields, or is called otherwise.
    makes_id: bool,
    /// The engine adds the column of the mark of a deletion.
    marks: bool,
    /// The engine adds the column of what no field reads.
    extra: bool,
}

impl Stream {
    /// How its tables and columns are called.
    pub fn naming(&self) -> Naming {
        let is_id = |field: &String| snake_case(field) == ID;
        Naming {
            mode: self.load_mode,
            makes_id: match self.primary_key.as_slice() {
                [] => false,
                [one] => !is_id(one),
                _ => true,
            },
            marks: self.deleted.is_some(),
            extra: self.unlisted == Unlisted::Json,
        }
    }

    /// Whether a record is merged onto the row of its key: what it does not tell stays.
    pub fn merges(&self) -> bool {
        self.load_mode == LoadMode::Segment && !self.primary_key.is_empty()
    }
}

impl Naming {
    fn is_segment(self) -> bool {
        self.mode == LoadMode::Segment
    }

    /// Whether lists are columns and not tables.
    pub fn keeps_lists(self) -> bool {
        self.is_segment()
    }

    /// Whether the engine adds a column `id`, which holds the values of the key.
    pub fn makes_id(self) -> bool {
        self.is_segment() && self.makes_id
    }

    /// The table of a stream.
    pub fn table(self, stream: &str) -> Cow<'_, str> {
        if self.is_segment() { Cow::Owned(snake_case(stream)) } else { Cow::Borrowed(stream) }
    }

    /// What stands between the names of an object and of its member.
    pub fn separator(self) -> &'static str {
        if self.is_segment() { "_" } else { "__" }
    }

    /// The path to a member of an object, as [`Naming::column`] takes it.
    pub fn member(self, object: &str, member: &str) -> String {
        format!("{object}{}{member}", self.separator())
    }

    /// What the columns of an object's members begin with.
    pub fn prefix(self, object: &str) -> String {
        match self.is_segment() {
            true => format!("{}_", snake_case(object)),
            false => format!("{object}__"),
        }
    }

    /// The column of a field, or of a member by its path. In the mode `segment` a name that the engine keeps for itself
    /// gets `property_` in front.
    pub fn column(self, path: &str) -> String {
        if !self.is_segment() {
            return path.to_owned();
        }
        let name = snake_case(path);
        if self.keeps(&name) { format!("property_{name}") } else { name }
    }

    /// Whether the engine keeps the name of a column for itself.
    pub fn keeps(self, column: &str) -> bool {
        self.is_segment()
            && match column {
                RECEIVED_AT | UUID | UUID_TS => true,
                ID => self.makes_id,
                other => self.marks && other == self.mode.deleted() || self.extra && other == self.mode.extra(),
            }
    }
}

/// A name as lower-case words with one `_` between them: `createdAt` is `created_at`, `HTTP-Server` is `http_server`. What
/// begins with a digit gets `_` in front; what has neither letters nor digits is empty.
pub fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = None;
    let mut rest = name.chars().peekable();
    while let Some(sign) = rest.next() {
        if !sign.is_alphanumeric() {
            before = None;
            continue;
        }
        let begins = match before {
            None => true,
            // The last of several capitals begins the word after them.
            Some(last) if sign.is_uppercase() => {
                !char::is_uppercase(last) || rest.peek().is_some_and(|next| next.is_lowercase())
            }
            Some(_) => false,
        };
        if begins && (!out.is_empty() || sign.is_numeric()) {
            out.push('_');
        }
        out.extend(sign.to_lowercase().filter(|sign| sign.is_alphanumeric()));
        before = Some(sign);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn names_are_words_with_one_line_between_them() {
        for (name, snake) in [
            ("createdAt", "created_at"),
            ("CreatedAt", "created_at"),
            ("created_at", "created_at"),
            ("HTTPServer", "http_server"),
            ("HTTP-Server 2", "http_server_2"),
            ("userID", "user_id"),
            ("address1", "address1"),
            ("oauth2Token", "oauth2_token"),
            ("custom__field", "custom_field"),
            ("_links", "links"),
            ("address.City", "address_city"),
            ("2nd", "_2nd"),
            ("a2nd", "a2nd"),
            ("größeInÖl", "größe_in_öl"),
            ("İd", "id"),
            ("🦀", ""),
        ] {
            assert_eq!(snake_case(name), snake, "{name}");
            assert_eq!(snake_case(snake), snake, "a name that is made once stays");
        }
    }
}
