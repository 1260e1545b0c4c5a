//! Numbers in sentences.

use std::fmt::Display;

/// A count with its noun: `1 row`, `2 rows`, `0 tries`.
pub fn counted(count: impl Display, noun: &str) -> String {
    let count = count.to_string();
    if count == "1" { format!("1 {noun}") } else { format!("{count} {}", plural(noun)) }
}

/// What agrees with a count, such as `was` and `were`.
pub fn agreeing<'w>(count: impl Display, one: &'w str, many: &'w str) -> &'w str {
    if count.to_string() == "1" { one } else { many }
}

/// `rows`, `tries`, `batches`
fn plural(noun: &str) -> String {
    let vowel = |sign: char| "aeiou".contains(sign);
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(vowel) => format!("{stem}ies"),
        _ if ["s", "x", "sh", "ch"].iter().any(|end| noun.ends_with(end)) => format!("{noun}es"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{agreeing, counted};

    #[test]
    fn one_stands_alone() {
        let told = [counted(1, "row"), counted(0, "row"), counted(2_u64, "key"), counted(1, "try"), counted(3, "try")];
        assert_eq!(told, ["1 row", "0 rows", "2 keys", "1 try", "3 tries"]);
        assert_eq!((counted(2, "batch"), agreeing(1, "was", "were")), ("2 batches".to_owned(), "was"));
    }
}
