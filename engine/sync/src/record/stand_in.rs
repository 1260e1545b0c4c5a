//! Stand-ins: texts of the same shape that say nothing. Within a recording the same text has the same stand-in, and
//! no two have the same one, so that keys stay keys and joins hold.

use std::collections::{HashMap, HashSet};

use crate::http::RESERVED;
use jiff::{SignedDuration, Timestamp};
use percent_encoding::utf8_percent_encode;
use ring::hmac;
use serde_json::Value;
use tapwright_spec::time::TimeFormat;

/// Tries to find one that no other text has; then it grows.
const TRIES: u32 = 50;
/// Characters from which on a text is looked for also within others.
const FINDABLE: usize = 4;

/// The stand-ins of a recording. They hang on a key that is nowhere kept: nobody can try texts out.
pub(super) struct StandIns {
    key: [u8; 32],
    made: HashMap<String, String>,
    taken: HashSet<String>,
    /// Texts of personal fields, and whether each is a key of its record.
    learned: HashMap<String, bool>,
    /// Those that are looked for within others, by their first characters, the longest first.
    within: HashMap<String, Vec<String>>,
}

impl StandIns {
    pub(super) fn new() -> StandIns {
        let mut key = [0; 32];
        let random = ring::rand::SystemRandom::new();
        // Without random bytes of the system nothing could have been sent over TLS either.
        let _ = ring::rand::SecureRandom::fill(&random, &mut key);
        StandIns::with(key)
    }

    fn with(key: [u8; 32]) -> StandIns {
        let (made, taken, learned, within) = Default::default();
        StandIns { key, made, taken, learned, within }
    }

    /// The stand-in of a text.
    pub(super) fn of(&mut self, text: &str) -> String {
        if let Some(known) = self.made.get(text) {
            return known.clone();
        }
        let mut made = text.to_owned();
        for attempt in 0..=TRIES {
            made = self.shaped(text, attempt);
            if attempt == TRIES {
                made.push_str(&self.taken.len().to_string());
            }
            if !self.taken.contains(&made) && made != text {
                break;
            }
        }
        self.taken.insert(made.clone());
        self.made.insert(text.to_owned(), made.clone());
        made
    }

    /// A text stands in a personal field; `is_key` if it may stand in requests, however short it is.
    pub(super) fn learn(&mut self, text: &str, is_key: bool) {
        *self.learned.entry(text.to_owned()).or_default() |= is_key;
        let stand_in = self.of(text);
        self.findable(text);
        // As it stands in links.
        for encode in [strictly, as_in_forms] {
            let encoded = encode(text);
            if encoded != text {
                self.made.insert(encoded.clone(), encode(&stand_in));
                self.findable(&encoded);
            }
        }
    }

    /// Looks for a text also within others.
    fn findable(&mut self, text: &str) {
        if text.chars().count() >= FINDABLE {
            let bucket = self.within.entry(text.chars().take(FINDABLE).collect()).or_default();
            if !bucket.iter().any(|known| known == text) {
                bucket.push(text.to_owned());
                bucket.sort_by_key(|text| std::cmp::Reverse(text.len()));
            }
        }
    }

    /// How many texts of personal fields there are.
    pub(super) fn learned(&self) -> usize {
        self.learned.len()
    }

    /// The stand-in of a text that as a whole is that of a personal field and could not be so by chance, or
    /// stands where a key stands.
    pub(super) fn whole(&self, text: &str, where_keys_stand: bool) -> Option<&str> {
        let is_key = *self.learned.get(text)?;
        let by_chance = text.chars().count() < FINDABLE;
        (!by_chance || (is_key && where_keys_stand)).then(|| self.made.get(text).map(String::as_str))?
    }

    /// A text with stand-ins for what of it stands in personal fields.
    pub(super) fn within(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut before = None;
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if let Some((found, stand_in)) = self.begins(rest, before) {
                out.push_str(stand_in);
                before = found.chars().last();
                rest = &rest[found.len()..];
            } else {
                out.push(next);
                before = Some(next);
                rest = &rest[next.len_utf8()..];
            }
        }
        out
    }

    /// A value of the configuration with stand-ins for what of it stands in personal fields.
    pub(super) fn within_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.within(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.within_value(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.within_value(member)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// The text of a personal field with which `rest` begins, as a word of its own, with its stand-in.
    fn begins<'a>(&'a self, rest: &'a str, before: Option<char>) -> Option<(&'a str, &'a str)> {
        let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        if in_word(before) {
            return None;
        }
        if matches!(before, Some('/' | '=')) {
            let segment = rest.split(['/', '?', '&', '#', '=']).next().unwrap_or_default();
            if let Some(stand_in) = self.whole(segment, true) {
                return Some((segment, stand_in));
            }
        }
        let head: String = rest.chars().take(FINDABLE).collect();
        let found = self
            .within
            .get(&head)?
            .iter()
            .find(|text| rest.starts_with(text.as_str()) && !in_word(rest[text.len()..].chars().next()))?;
        Some((found, self.made.get(found)?))
    }

    /// Whether a text of a personal field is left.
    pub(super) fn left_in(&self, text: &str) -> bool {
        self.within(text) != text
    }

    fn shaped(&self, text: &str, attempt: u32) -> String {
        if let Some(moved) = self.moved(text) {
            return moved;
        }
        let mut dice = Dice::new(&self.key, text, attempt);
        if let Some((local, domain)) = text.split_once('@')
            && domain.contains('.')
            && !text.contains(char::is_whitespace)
        {
            let domain = domain.rsplit_once('.').map_or(domain, |(name, _)| name);
            return format!("{}@{}.example", dice.like(local), dice.like(domain));
        }
        if let Some((scheme, rest)) = text.split_once("://") {
            let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
            return format!(
                "{scheme}://{}.example{}",
                dice.like(host).to_lowercase().replace([':', '@'], "-"),
                dice.like(path)
            );
        }
        dice.like(text)
    }

    /// A day or a moment, moved by as much as every other.
    fn moved(&self, text: &str) -> Option<String> {
        let days = i64::from(self.key[0]) * 11 + i64::from(self.key[1]) + 1;
        let back = |moment: Timestamp| moment.checked_sub(SignedDuration::from_hours(24 * days)).ok();
        match text.len() {
            10 => Some(TimeFormat::Date.write(back(TimeFormat::Date.read(text)?)?)),
            11.. => Some(TimeFormat::Rfc3339.write(back(TimeFormat::Rfc3339.read(text)?)?)),
            _ => None,
        }
    }
}

fn strictly(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn as_in_forms(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Numbers that hang on a text and the recording's key.
struct Dice<'k> {
    key: &'k [u8],
    text: String,
    block: Vec<u8>,
    number: u32,
}

impl<'k> Dice<'k> {
    fn new(key: &'k [u8], text: &str, attempt: u32) -> Dice<'k> {
        Dice { key, text: format!("{attempt}:{text}"), block: Vec::new(), number: 0 }
    }

    fn next(&mut self) -> u8 {
        if self.block.is_empty() {
            self.number += 1;
            let text = format!("{}:{}", self.number, self.text);
            self.block = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, self.key), text.as_bytes()).as_ref().to_vec();
        }
        self.block.pop().unwrap_or_default()
    }

    /// Another text of the same shape: letters for letters, digits for digits, all else as it is.
    fn like(&mut self, text: &str) -> String {
        let all_digits = text.chars().all(|c| c.is_ascii_digit());
        let mut shape = |(at, c): (usize, char)| {
            let roll = self.next();
            match c {
                '1'..='9' if at == 0 && all_digits => char::from(b'1' + roll % 9),
                c if c.is_ascii_digit() => char::from(b'0' + roll % 10),
                c if c.is_uppercase() => char::from(b'A' + roll % 26),
                c if c.is_alphabetic() => char::from(b'a' + roll % 26),
                c => c,
            }
        };
        text.chars().enumerate().map(&mut shape).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::StandIns;
    use std::collections::HashSet;

    #[test]
    fn the_shape_stays_and_the_text_goes() {
        let mut all = StandIns::with([7; 32]);
        let name = all.of("Zoë Miller-Ann");
        assert_eq!(
            name.chars().map(char::is_alphabetic).collect::<Vec<_>>(),
            "Zoe Miller-Ann".chars().map(char::is_alphabetic).collect::<Vec<_>>()
        );
        assert_eq!(name, all.of("Zoë Miller-Ann"));
        let mail = all.of("ann@corp.com");
        assert!(mail.ends_with(".example") && mail.contains('@') && !mail.contains("corp"), "{mail}");
        let number: u64 = all.of("4401").parse().expect("a number");
        assert!((1000..10_000).contains(&number));
        assert!(all.of("1984-02-29").parse::<jiff::civil::Date>().is_ok());
        assert!(all.of("1984-02-29T10:00:00+02:00").parse::<jiff::Timestamp>().is_ok());
    }

    #[test]
    fn no_two_texts_have_one_stand_in() {
        let mut all = StandIns::with([1; 32]);
        let texts: Vec<String> = (0..200).map(|number: u32| number.to_string()).collect();
        let made: HashSet<String> = texts.iter().map(|text| all.of(text)).collect();
        assert_eq!(made.len(), texts.len());
    }

    #[test]
    fn a_text_is_found_as_a_word_of_its_own() {
        let mut all = StandIns::with([3; 32]);
        all.learn("Miller", false);
        all.learn("17", true);
        let (miller, key) = (all.of("Miller"), all.of("17"));
        assert_eq!(all.within("Ms Miller, Millers"), format!("Ms {miller}, Millers"));
        assert_eq!(all.within("/users/17/x?a=17&b=170 17"), format!("/users/{key}/x?a={key}&b=170 17"));
        assert!(all.left_in("<Miller>") && !all.left_in("Millers"));
    }
}
