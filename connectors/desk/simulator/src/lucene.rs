//! The little of Lucene's language that clients used: `q=(updated_at:[A TO B])`, ends in unix seconds.

use crate::moment::Moment;
use crate::table::Bounds;

/// What `q` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) created: Bounds<Moment>,
    pub(crate) updated: Bounds<Moment>,
    /// What is left besides ranges: words to be found, in lower case.
    pub(crate) words: Vec<String>,
}

impl Question {
    pub(crate) fn parse(text: &str) -> Self {
        let mut rest = text.to_owned();
        let created = take_range(&mut rest, "created_at:[");
        let updated = take_range(&mut rest, "updated_at:[");
        let words = rest
            .split(|letter: char| letter.is_whitespace() || matches!(letter, '(' | ')' | '"'))
            .filter(|word| !matches!(*word, "" | "AND" | "*" | "*:*"))
            .map(str::to_lowercase)
            .collect();
        Self { created, updated, words }
    }

    pub(crate) fn is_found_in(&self, texts: &[&str]) -> bool {
        self.words.iter().all(|word| texts.iter().any(|text| text.to_lowercase().contains(word)))
    }
}

/// Cuts `field:[A TO B]` out of the text. `*`, and anything that is no moment, leaves an end open.
fn take_range(text: &mut String, opening: &str) -> Bounds<Moment> {
    let Some(start) = text.find(opening) else {
        return Bounds::OPEN;
    };
    let Some(length) = text[start..].find(']') else {
        return Bounds::OPEN;
    };
    let range = text[start + opening.len()..start + length].to_owned();
    text.replace_range(start..=start + length, " ");
    let (since, max) = range.split_once(" TO ").unwrap_or((&range, "*"));
    Bounds {
        since: since.trim().parse().ok(),
        // The site's own time may be ahead of ours: `NOW` shuts nothing out.
        max: Some(max.trim()).filter(|max| *max != "NOW").and_then(|max| max.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_out_of_the_words() {
        let question = Question::parse("(updated_at:[1370965418 TO NOW]) Acme");
        assert_eq!(question.updated.since, Some(Moment(1_370_965_418)));
        assert_eq!(question.updated.max, None);
        assert_eq!(question.words, ["acme"]);
    }

    #[test]
    fn both_ends_may_be_iso_or_open() {
        let question = Question::parse("created_at:[* TO 2016-01-01T00:00:00Z]");
        assert_eq!(question.created.since, None);
        assert_eq!(question.created.max, Some(Moment(1_451_606_400)));
        assert!(question.words.is_empty());
    }
}
