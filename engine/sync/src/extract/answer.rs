//! An answer while it is judged: its body as text, out of what it is packed in.

use super::archive::{ArchiveFault, File};
use super::charset::{Decoded, Written, decode};
use super::form::{Cut, Form};
use super::split::{Split, SplitFault};
use crate::http::Fetched;

/// An answer while it is judged.
pub(super) struct Answer {
    pub(super) fetched: Fetched,
    /// The body; without its bytes that cannot be read if there are such. Of a document in another format its JSON, of
    /// an archive its one file, of one with several nothing.
    pub(super) text: String,
    /// The body as it came, if it is a document in another format.
    pub(super) written: Option<String>,
    pub(super) unreadable: Option<String>,
    /// How the bytes of the body are its text.
    pub(super) encoded: Option<Written>,
    pub(super) split: Option<Split>,
    /// What was cut out of an archive of several files, or why nothing can be cut out of the answer.
    pub(super) cut: Option<Cut>,
}

impl Answer {
    pub(super) fn new(mut fetched: Fetched, page: Option<&Form>) -> Answer {
        let body = std::mem::take(&mut fetched.response.body);
        let mut answer = Answer {
            fetched,
            text: String::new(),
            written: None,
            unreadable: None,
            encoded: None,
            split: None,
            cut: None,
        };
        let packed = page.filter(|page| page.compression.is_some() && answer.is_success() && !body.is_empty());
        match packed {
            Some(page) => answer.unpack(body, page),
            None => answer.decode(body),
        }
        // A few bytes stay with the response, for messages.
        answer.fetched.response.body = answer.text.as_bytes()[..answer.text.len().min(4_096)].to_vec();
        answer.read_as(page)
    }

    fn decode(&mut self, body: Vec<u8>) {
        let Decoded { text, fault, written } = decode(body, &self.fetched.response.headers);
        (self.text, self.unreadable, self.encoded) = (text, fault, Some(written));
    }

    /// Reads what is in an archive. What is none may be an error of the API's, of which a rule reads the text.
    fn unpack(&mut self, body: Vec<u8>, page: &Form) {
        match page.files(&body, &self.fetched.response.headers) {
            Ok(mut files) if files.len() == 1 => files.drain(..).for_each(|file| self.decode(file.body)),
            Ok(files) => self.cut = Some(self.cut_all(files, page)),
            Err(fault) => {
                if let ArchiveFault::Other { .. } = fault {
                    self.decode(body);
                    if self.unreadable.take().is_some() {
                        self.text.clear();
                    }
                }
                self.cut = Some(Cut::failed(SplitFault::Packed(fault)));
            }
        }
    }

    /// The records of several files, one after another.
    fn cut_all(&self, files: Vec<File>, page: &Form) -> Cut {
        let mut all = Cut { split: Split::default(), made: Some(String::new()) };
        for file in files {
            if let Err(fault) = self.add(file.body, page, &mut all) {
                let name = file.name.unwrap_or_default();
                return Cut::failed(SplitFault::InFile { name, fault: Box::new(fault) });
            }
        }
        all
    }

    fn add(&self, body: Vec<u8>, page: &Form, all: &mut Cut) -> Result<(), SplitFault> {
        let Decoded { text, fault, .. } = decode(body, &self.fetched.response.headers);
        if let Some(fault) = fault {
            return Err(SplitFault::Unreadable(fault));
        }
        let text = match page.to_json(&text) {
            Some(json) => json?,
            None => text,
        };
        if text.trim_ascii().is_empty() {
            return if page.may_be_empty() { Ok(()) } else { Err(SplitFault::Nothing) };
        }
        let Cut { split, made } = page.cut(&text, None);
        if let Some(fault) = split.fault {
            return Err(fault);
        }
        let together = all.made.get_or_insert_default();
        let start = together.len();
        together.push_str(made.as_ref().unwrap_or(&text));
        all.split.records.extend(split.records.into_iter().map(|record| record.start + start..record.end + start));
        Ok(())
    }

    /// With the JSON of a document in another format. An error may be in any format, and is read if it can be.
    fn read_as(mut self, page: Option<&Form>) -> Answer {
        let empty = self.text.trim_ascii().is_empty();
        let readable = !empty && self.unreadable.is_none() && self.cut.is_none();
        match page.filter(|_| readable).and_then(|page| page.to_json(&self.text)) {
            Some(Ok(json)) => self.written = Some(std::mem::replace(&mut self.text, json)),
            Some(Err(fault)) if self.is_success() => {
                self.split = Some(Split { fault: Some(fault), ..Split::default() });
            }
            _ => {}
        }
        self
    }

    /// The body as it came.
    pub(super) fn written(&self) -> &str {
        self.written.as_ref().unwrap_or(&self.text)
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.fetched.response.status)
    }
}
