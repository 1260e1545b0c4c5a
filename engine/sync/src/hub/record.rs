//! Records in a frame: what came for streams in some pages, one behind the other.
//!
//! | bytes | what |
//! |---|---|
//! | text | the stream |
//! | 12 | when the answer came: seconds since 1970, then nanoseconds |
//! | 4 | how many records |
//! | for each: 1 | 0 kept, 1 gone, 2 refused, 3 not to be split |
//! | text | its JSON |
//! | text | what `add` gave it, as a list of place and value, empty for none; or why it is refused |
//!
//! A text has 4 bytes of length before it.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use crate::normalise::{Added, Changed, Kept};

/// Records of a stream that came with one page.
#[derive(Debug)]
pub(crate) struct Came<'f> {
    pub(crate) stream: &'f str,
    pub(crate) received: Timestamp,
    pub(crate) records: Vec<Changed<'f>>,
}

/// Writes records at the end of a payload.
pub(super) fn put<'r>(out: &mut Vec<u8>, (stream, received): (&str, Timestamp), records: &[&'r Changed<'r>]) {
    text(out, stream);
    out.extend_from_slice(&received.as_second().to_le_bytes());
    out.extend_from_slice(&received.subsec_nanosecond().to_le_bytes());
    let count = records.iter().filter(|record| record.text().is_some()).count();
    out.extend_from_slice(&(count as u32).to_le_bytes());
    for record in records {
        let (tag, json, beside) = match record {
            Changed::LeftOut => continue,
            Changed::Kept(kept) => (0, &kept.record, added(&kept.added)),
            Changed::Gone(kept) => (1, &kept.record, added(&kept.added)),
            Changed::Refused(json, reason) => (2, json, Cow::Borrowed(&**reason)),
            Changed::Unsplit(json, reason) => (3, json, Cow::Borrowed(&**reason)),
        };
        out.push(tag);
        text(out, json);
        text(out, &beside);
    }
}

/// A record of a page is within the bounds of an answer, which are far below 4 GiB.
fn text(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u32).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn added(added: &[Added]) -> Cow<'static, str> {
    if added.is_empty() {
        return Cow::Borrowed("");
    }
    let pairs = added.iter().map(|(place, value)| Value::Array(vec![Value::from(*place), value.clone()]));
    // Numbers that no double holds are marked in a tree, and stay so.
    Cow::Owned(Value::Array(pairs.collect()).to_string())
}

/// Reads the records of a payload.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn deliveries(payload: &[u8]) -> Result<Vec<Came<'_>>, String> {
    let mut rest = Rest(payload);
    let mut all = Vec::new();
    while !rest.0.is_empty() {
        let stream = rest.text()?;
        let second = i64::from_le_bytes(rest.fixed()?);
        let nanosecond = i32::from_le_bytes(rest.fixed()?);
        let received = Timestamp::new(second, nanosecond).map_err(|error| error.to_string())?;
        let count = u32::from_le_bytes(rest.fixed()?);
        let records = (0..count).map(|_| rest.record()).collect::<Result<_, _>>()?;
        all.push(Came { stream, received, records });
    }
    Ok(all)
}

struct Rest<'f>(&'f [u8]);

impl<'f> Rest<'f> {
    fn take(&mut self, count: usize) -> Result<&'f [u8], String> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("a record breaks off")?;
        self.0 = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(N)?);
        Ok(bytes)
    }

    fn text(&mut self) -> Result<&'f str, String> {
        let length = u32::from_le_bytes(self.fixed()?) as usize;
        std::str::from_utf8(self.take(length)?).map_err(|error| error.to_string())
    }

    fn record(&mut self) -> Result<Changed<'f>, String> {
        let [tag] = self.fixed()?;
        let (json, beside) = (Cow::Borrowed(self.text()?), self.text()?);
        let kept = |json| Ok::<_, String>(Kept { record: json, added: given(beside)? });
        Ok(match tag {
            0 => Changed::Kept(kept(json)?),
            1 => Changed::Gone(kept(json)?),
            2 => Changed::Refused(json, beside.to_owned()),
            3 => Changed::Unsplit(json, beside.to_owned()),
            other => return Err(format!("a record is of kind {other}")),
        })
    }
}

fn given(beside: &str) -> Result<Vec<Added>, String> {
    if beside.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(beside).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use jiff::Timestamp;
    use serde_json::json;
    use tapwright_spec::exact::marked;

    use super::{deliveries, put};
    use crate::normalise::{Changed, Kept};

    #[test]
    fn records_come_back_as_they_were() {
        let number = marked("12345678901234567890.50");
        let added = vec![(3, json!({"a": [1, null]})), (4, number), (5, json!("é\u{0}"))];
        let one = Changed::Kept(Kept { record: Cow::Borrowed("{\"id\": 1.00}"), added });
        let gone = Changed::Gone(Kept { record: Cow::Borrowed("{\"id\": 2}"), added: Vec::new() });
        let refused = Changed::Refused(Cow::Borrowed("nonsense"), "no JSON".to_owned());
        let unsplit = Changed::Unsplit(Cow::Borrowed("[]"), "no list".to_owned());
        let received: Timestamp = "1969-12-31T23:59:59.25Z".parse().expect("a moment");
        let mut payload = Vec::new();
        put(&mut payload, ("items", received), &[&one, &gone]);
        put(&mut payload, ("é", Timestamp::MAX), &[&refused, &unsplit]);
        let read = deliveries(&payload).expect("records");
        let told: Vec<String> = read.iter().map(|came| format!("{came:?}")).collect();
        assert_eq!(read.len(), 2);
        assert_eq!(format!("{:?}", read[0].records), format!("{:?}", [one, gone]));
        assert_eq!(format!("{:?}", read[1].records), format!("{:?}", [refused, unsplit]));
        assert_eq!((read[0].received, read[1].received), (received, Timestamp::MAX), "{told:?}");
        for end in 1..payload.len() {
            // No part of it is taken for the whole, but for the first page alone.
            assert!(
                deliveries(&payload[..end]).is_err() || deliveries(&payload[..end]).is_ok_and(|all| all.len() == 1)
            );
        }
    }
}
