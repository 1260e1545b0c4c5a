//! Bodies that are archives.

/// In what a body is packed, beside what HTTP says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compression {
    /// One file, packed with gzip.
    Gzip,
    /// A zip archive; of its files those that match, or all.
    Zip(Option<FilePattern>),
}

/// A pattern of file names: `*` stands for any characters, `?` for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePattern(pub(crate) String);

impl FilePattern {
    /// Whether the file at `path` of an archive is meant. Without `/` the pattern is of the name alone.
    pub fn matches(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        let subject = if self.0.contains('/') { path } else { name };
        let pattern: Vec<char> = self.0.chars().collect();
        let subject: Vec<char> = subject.chars().collect();
        // Where the last `*` stood, and how much of the subject it took.
        let (mut at, mut read, mut star) = (0, 0, None::<[usize; 2]>);
        while read < subject.len() {
            match (pattern.get(at), &mut star) {
                (Some('*'), star) => {
                    *star = Some([at, read]);
                    at += 1;
                }
                (Some(sign), _) if *sign == '?' || *sign == subject[read] => (at, read) = (at + 1, read + 1),
                (_, Some([begun, taken])) => {
                    *taken += 1;
                    (at, read) = (*begun + 1, *taken);
                }
                (_, None) => return false,
            }
        }
        pattern[at..].iter().all(|sign| *sign == '*')
    }
}

impl std::fmt::Display for FilePattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::FilePattern;

    #[test]
    fn a_pattern_is_of_the_name_unless_it_has_a_folder() {
        for (pattern, path, meant) in [
            ("*.csv", "a.csv", true),
            ("*.csv", "2026/01/a.csv", true),
            ("*.csv", "a.csv.txt", false),
            ("a.csv", "a.csv", true),
            ("a.csv", "b/a.csv", true),
            ("a.csv", "ba.csv", false),
            ("*orders*-?.csv", "all-orders-of-1-2.csv", true),
            ("*orders*-?.csv", "orders.csv", false),
            ("2026/*.csv", "2026/a.csv", true),
            ("2026/*.csv", "2026/01/a.csv", true),
            ("2026/*.csv", "2025/a.csv", false),
            ("**", "", true),
            ("?", "", false),
            ("ü*", "über", true),
        ] {
            assert_eq!(FilePattern(pattern.to_owned()).matches(path), meant, "{pattern} {path}");
        }
    }
}
