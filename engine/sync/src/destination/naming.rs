//! Names as a destination takes them: a name that is too long, or that the destination keeps for itself, becomes
//! another one, always the same.

use std::borrow::Cow;
use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use super::Fault;

/// What names a destination takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Bytes that a name may have.
    pub(super) bytes: usize,
    /// Names that it keeps for itself.
    pub(super) kept: &'static [&'static str],
}

/// Hexadecimal digits behind a name that is cut.
const DIGITS: usize = 8;

impl Rules {
    /// The name as the destination has it: with `_` behind one that is kept, and a hash of the whole in place of the
    /// end of one that is too long.
    pub(super) fn fit<'n>(&self, name: &'n str) -> Cow<'n, str> {
        if self.kept.contains(&name) {
            return Cow::Owned(format!("{name}_"));
        }
        if name.len() <= self.bytes {
            return Cow::Borrowed(name);
        }
        let mut end = self.bytes - DIGITS - 1;
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        Cow::Owned(format!("{}_{:08x}", &name[..end], xxh3_64(name.as_bytes()) as u32))
    }
}

/// Refuses two names that become one.
///
/// # Errors
/// [`Fault::SameName`] with the first two.
pub(super) fn distinct<'n>(names: impl Iterator<Item = (&'n str, &'n str)>) -> Result<(), Fault> {
    let mut known: HashMap<&str, &str> = HashMap::new();
    for (name, becomes) in names {
        if let Some(one) = known.insert(becomes, name) {
            let (one, other, name) = (one.to_owned(), name.to_owned(), becomes.to_owned());
            return Err(Fault::SameName { one, other, name });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Rules, distinct};

    #[test]
    fn a_long_name_is_cut_in_the_same_way_each_time() {
        let rules = Rules { bytes: 20, kept: &["xmin"] };
        assert_eq!(rules.fit("short"), "short");
        assert_eq!(rules.fit("xmin"), "xmin_");
        let long = rules.fit("orders__line_items__tax_lines").into_owned();
        assert_eq!(long, "orders__lin_aec03a55");
        assert_ne!(long, rules.fit("orders__line_items__tax_line"));
        assert_eq!(rules.fit("ääääääääääääää").chars().take(5).collect::<String>(), "äääää");
        assert!(rules.fit("ääääääääääääää").len() <= 20);
        assert!(distinct([("xmin", "xmin_"), ("a", "a")].into_iter()).is_ok());
        let fault = distinct([("xmin", "xmin_"), ("xmin_", "xmin_")].into_iter()).expect_err("one name");
        assert!(fault.to_string().contains("`xmin` and `xmin_` would both be called `xmin_`"), "{fault}");
    }
}
