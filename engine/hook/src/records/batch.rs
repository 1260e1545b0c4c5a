//! Records on their way to the hook: as JSON Lines, and of each only the members that the hook reads.

use std::ops::Range;

use memchr::memchr;

use super::members::{Member, each_member};

/// Some records, as they go over and with what stays here.
#[derive(Default)]
pub(super) struct Batch<'r> {
    bytes: Vec<u8>,
    records: Vec<Handed>,
    /// What stays here, of all records one after the other: stretches of text, and the names in them.
    stretches: Vec<&'r str>,
    names: Vec<Member<'r>>,
    /// Which of the names that are read the record at hand has.
    seen: Vec<bool>,
}

/// A record that goes over.
struct Handed {
    /// Its place in what the caller gave.
    number: usize,
    stretches: Range<usize>,
    names: Range<usize>,
    /// A bit for each of the names, by which most of those that are none of them are told at once.
    bits: u64,
}

/// What stays here of a record.
#[derive(Clone, Copy)]
pub(super) struct Rest<'b, 'r> {
    /// Members, several in each stretch.
    pub(super) stretches: &'b [&'r str],
    names: &'b [Member<'r>],
    bits: u64,
}

impl Rest<'_, '_> {
    /// Whether a member of this name stays here.
    pub(super) fn has(&self, name: &str) -> bool {
        self.bits & bit(name) != 0 && self.names.iter().any(|member| member.is(name))
    }
}

impl<'r> Batch<'r> {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The places of the records in what the caller gave.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> {
        self.records.iter().map(|record| record.number)
    }

    /// The place of a record in what the caller gave.
    pub(super) fn number(&self, record: usize) -> usize {
        self.records[record].number
    }

    /// Bytes of what stays here, with a comma for each stretch and the braces of the records.
    pub(super) fn rest_bytes(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.len() + 1).sum::<usize>() + 2 * self.records.len()
    }

    pub(super) fn rest(&self, record: usize) -> Rest<'_, 'r> {
        let Handed { stretches, names, bits, .. } = &self.records[record];
        Rest { stretches: &self.stretches[stretches.clone()], names: &self.names[names.clone()], bits: *bits }
    }

    /// Adds a record, whole or the members that are read.
    ///
    /// # Errors
    /// Why it cannot go over.
    pub(super) fn add(&mut self, number: usize, record: &'r str, reads: Option<&[String]>) -> Result<(), String> {
        let (stretches, names, bytes) = (self.stretches.len(), self.names.len(), self.bytes.len());
        let added = match reads {
            Some(reads) => self.add_read(record, reads),
            None => self.add_whole(record),
        };
        if added.is_err() {
            self.stretches.truncate(stretches);
            self.names.truncate(names);
            self.bytes.truncate(bytes);
        } else {
            self.bytes.push(b'\n');
            let (stretches, names) = (stretches..self.stretches.len(), names..self.names.len());
            let bits = self.names[names.clone()].iter().fold(0, |bits, member| bits | bits_of(member));
            self.records.push(Handed { number, stretches, names, bits });
        }
        added
    }

    fn add_whole(&mut self, record: &str) -> Result<(), String> {
        let record = record.trim_ascii();
        if !(record.starts_with('{') && record.ends_with('}')) {
            return Err(NO_OBJECT.to_owned());
        }
        self.write(record);
        Ok(())
    }

    fn add_read(&mut self, record: &'r str, reads: &[String]) -> Result<(), String> {
        let first = self.bytes.len();
        // The stretch that grows: from its first member to its last one.
        let mut open: Option<Range<usize>> = None;
        let mut twice = None;
        let mut seen = std::mem::take(&mut self.seen);
        seen.clear();
        seen.resize(reads.len(), false);
        self.bytes.push(b'{');
        let walked = each_member(record, |member| match reads.iter().position(|name| member.is(name)) {
            Some(read) => {
                twice = twice.or(seen[read].then_some(read));
                seen[read] = true;
                self.stretches.extend(open.take().map(|stretch| &record[stretch]));
                if self.bytes.len() > first + 1 {
                    self.bytes.push(b',');
                }
                self.write(&record[member.from..member.to]);
            }
            None => {
                self.names.push(member);
                open = Some(open.as_ref().map_or(member.from, |stretch| stretch.start)..member.to);
            }
        });
        self.stretches.extend(open.map(|stretch| &record[stretch]));
        self.bytes.push(b'}');
        self.seen = seen;
        walked.map_err(|_| NO_OBJECT.to_owned())?;
        match twice {
            Some(read) => Err(format!("the key `{}` stands twice in the record", reads[read])),
            None => Ok(()),
        }
    }

    /// On one line: in JSON a line feed can only stand between the parts.
    fn write(&mut self, text: &str) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        let mut added = &mut self.bytes[from..];
        while let Some(at) = memchr(b'\n', added) {
            added[at] = b' ';
            added = &mut added[at..];
        }
    }
}

fn bits_of(member: &Member<'_>) -> u64 {
    // With escapes it could be any name.
    if member.escaped { u64::MAX } else { bit(member.name) }
}

fn bit(name: &str) -> u64 {
    let (first, last) = (name.bytes().next().unwrap_or_default(), name.bytes().last().unwrap_or_default());
    1 << ((name.len() + 3 * usize::from(first) + 7 * usize::from(last)) % 64)
}

const NO_OBJECT: &str = "the record is no JSON object";

#[cfg(test)]
mod tests {
    use super::Batch;

    fn batch<'r>(records: &[&'r str], reads: Option<&[&str]>) -> (Batch<'r>, Vec<String>) {
        let reads: Option<Vec<String>> = reads.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let mut batch = Batch::default();
        let faults = records.iter().enumerate();
        let faults = faults.filter_map(|(at, record)| batch.add(at, record, reads.as_deref()).err()).collect();
        (batch, faults)
    }

    #[test]
    fn only_what_is_read_goes_over() {
        let records = [
            "{\"id\": 1,\n \"x\": [1,\n 2], \"y\": 2, \"z\\u0021\": null, \"last\": 3}",
            "{\"y\":1}",
            "{}",
            "{\"a\":1}",
        ];
        let (batch, faults) = batch(&records, Some(&["x", "z!", "gone", "y"]));
        let bytes = String::from_utf8(batch.bytes().to_vec()).expect("a text");
        assert_eq!(bytes, "{\"x\": [1,  2],\"y\": 2,\"z\\u0021\": null}\n{\"y\":1}\n{}\n{}\n");
        assert_eq!((batch.rest(0).stretches, faults.len()), (&["\"id\": 1", "\"last\": 3"][..], 0));
        assert_eq!(batch.rest(1).stretches.len() + batch.rest(2).stretches.len(), 0);
        assert_eq!(batch.rest(3).stretches, ["\"a\":1"]);
        assert!(batch.rest(0).has("last") && !batch.rest(0).has("x") && !batch.rest(1).has("id"));
    }

    #[test]
    fn whole_records_go_over_on_one_line() {
        let (batch, faults) = batch(&[" {\"a\":\n1} ", "[]", "{\"b\":2}"], None);
        assert_eq!(batch.bytes(), b"{\"a\": 1}\n{\"b\":2}\n");
        assert_eq!((batch.number(1), faults), (2, vec!["the record is no JSON object".to_owned()]));
    }

    #[test]
    fn what_cannot_go_over_leaves_nothing_behind() {
        let (batch, faults) = batch(&["{\"x\":1,\"o\":1,\"x\":2}", "{\"x\":1,", "{\"x\":3,\"p\":4}"], Some(&["x"]));
        assert_eq!(faults, ["the key `x` stands twice in the record", "the record is no JSON object"]);
        assert_eq!(batch.bytes(), b"{\"x\":3}\n");
        assert_eq!(batch.rest(0).stretches, ["\"p\":4"]);
    }
}
