//! Anchors of a page: each is given once.

use std::collections::BTreeSet;

/// The anchors that a page has given so far.
#[derive(Debug, Default)]
pub(crate) struct Anchors(BTreeSet<String>);

impl Anchors {
    /// `wanted` as an anchor that nobody else has.
    pub(crate) fn claim(&mut self, wanted: &str) -> String {
        let wanted = slug(wanted);
        let mut anchor = wanted.clone();
        let mut number = 2;
        while !self.0.insert(anchor.clone()) {
            anchor = format!("{wanted}-{number}");
            number += 1;
        }
        anchor
    }
}

/// `text` with what an anchor cannot hold replaced by `-`.
pub(crate) fn slug(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::Anchors;

    #[test]
    fn no_anchor_is_given_twice() {
        let mut anchors = Anchors::default();
        assert_eq!(anchors.claim("a b"), "a-b");
        assert_eq!(anchors.claim("a-b"), "a-b-2");
        assert_eq!(anchors.claim("a.b"), "a-b-3");
    }
}
