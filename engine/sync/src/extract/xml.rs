//! XML documents as JSON: an element is its text, or an object of its attributes (`@name`), its elements (a list
//! where a name comes more than once) and its text (`#text`).

use std::collections::HashMap;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::Value;
use tapwright_spec::path::Segment;

use super::split::{DEEPEST, SplitFault};

/// The member that an element's own text is, beside attributes and elements.
const TEXT: &str = "#text";

/// Which elements are lists also where one stands alone, or none: by the names that lead to them.
#[derive(Debug, Default)]
pub(super) struct Lists(Vec<Vec<String>>);

impl Lists {
    /// Those that paths go through with `[*]`, and further ones by the names that lead to them.
    pub(super) fn of<'p>(paths: impl IntoIterator<Item = &'p [Segment]>) -> Lists {
        let mut lists = Vec::new();
        for path in paths {
            let mut names = Vec::new();
            for segment in path {
                match segment {
                    Segment::Key(name) => names.push(name.clone()),
                    Segment::Each | Segment::Index(_) => lists.push(names.clone()),
                }
            }
        }
        lists.retain(|names: &Vec<String>| !names.is_empty());
        lists.sort();
        lists.dedup();
        Lists(lists)
    }

    /// The names of the lists directly in the element at `open`.
    fn within<'l>(&'l self, open: &'l [Element]) -> impl Iterator<Item = &'l str> {
        let here = move |names: &&Vec<String>| {
            names.len() == open.len() + 1 && names.iter().zip(open).all(|(name, element)| *name == element.name)
        };
        self.0.iter().filter(here).filter_map(|names| names.last()).map(String::as_str)
    }
}

/// Reads a document; its JSON may have `most` bytes.
pub(super) fn to_json(text: &str, lists: &Lists, most: u64) -> Result<String, SplitFault> {
    let mut reader = Reader::from_str(text);
    let mut tree = Tree { lists, most, open: Vec::new(), root: None };
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let event = reader.read_event().map_err(|error| {
            let offset = usize::try_from(reader.error_position()).unwrap_or(at);
            SplitFault::NotXml { offset, why: error.to_string() }
        })?;
        let fault = |why: String| SplitFault::NotXml { offset: at, why };
        match event {
            Event::Start(start) => tree.open(&start, at).map_err(fault)?,
            Event::Empty(start) => {
                tree.open(&start, at).map_err(fault)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text.xml10_content()).map_err(fault)?,
            Event::CData(text) => tree.text(&text.xml10_content()).map_err(fault)?,
            Event::GeneralRef(reference) => tree.text(&entity(&reference).map_err(fault)?).map_err(fault)?,
            Event::DocType(declared) if declared.contains('[') => {
                return Err(fault("it declares entities or elements of its own, which are not read".to_owned()));
            }
            Event::Eof => break,
            Event::DocType(_) | Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
        }
        if tree.open.len() > DEEPEST {
            return Err(SplitFault::TooDeep { offset: at });
        }
    }
    tree.whole(text.len())
}

/// The text of `&amp;` and `&#38;`; others would have to be declared.
fn entity(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(c) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(c.to_string());
    }
    let name: &str = reference;
    resolve_predefined_entity(name).map(str::to_owned).ok_or_else(|| format!("the entity `&{name};` is not known"))
}

/// The elements that are open, and what is in them.
struct Tree<'l> {
    lists: &'l Lists,
    most: u64,
    open: Vec<Element>,
    /// The whole document.
    root: Option<String>,
}

/// An element that is open.
struct Element {
    name: String,
    at: usize,
    nil: bool,
    text: String,
    members: Members,
}

/// Values by name, in the order in which the names came; an attribute's name begins with `@`.
#[derive(Default)]
struct Members {
    names: Vec<(String, Vec<String>)>,
    known: HashMap<String, usize>,
}

impl Members {
    fn add(&mut self, name: &str, value: String) {
        match self.known.get(name) {
            Some(at) => self.names[*at].1.push(value),
            None => {
                self.known.insert(name.to_owned(), self.names.len());
                self.names.push((name.to_owned(), vec![value]));
            }
        }
    }
}

impl Tree<'_> {
    fn open(&mut self, start: &BytesStart<'_>, at: usize) -> Result<(), String> {
        if self.open.is_empty() && self.root.is_some() {
            return Err("a second element stands beside the first".to_owned());
        }
        let name = start.name().as_ref().to_owned();
        let mut element = Element { name, at, nil: false, text: String::new(), members: Members::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let key = attribute.key.as_ref().to_owned();
            let value =
                attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
            match key.as_str() {
                "xsi:nil" => element.nil = matches!(&*value, "true" | "1"),
                key if key == "xmlns" || key.starts_with("xmlns:") || key.starts_with("xsi:") => {}
                key => element.members.add(&format!("@{key}"), Value::from(&*value).to_string()),
            }
        }
        self.open.push(element);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), String> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err("text stands outside of the document's element".to_owned()),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), SplitFault> {
        let lists: Vec<String> = self.lists.within(&self.open).map(str::to_owned).collect();
        let Some(element) = self.open.pop() else { return Ok(()) };
        let name = element.name.clone();
        let value = element.json(&lists);
        if value.len() as u64 > self.most {
            return Err(SplitFault::TooLarge(self.most));
        }
        match self.open.last_mut() {
            Some(parent) => parent.members.add(&name, value),
            None => self.root = Some(format!("{{{}:{value}}}", Value::from(name))),
        }
        Ok(())
    }

    fn whole(self, end: usize) -> Result<String, SplitFault> {
        match (self.open.last(), self.root) {
            (Some(open), _) => {
                let why = format!("it ends before `{}` does, which begins at byte {}", open.name, open.at);
                Err(SplitFault::NotXml { offset: end, why })
            }
            (None, Some(root)) => Ok(root),
            (None, None) => Err(SplitFault::NotXml { offset: 0, why: "no element stands there".to_owned() }),
        }
    }
}

impl Element {
    /// Its JSON. A list that has no element is empty, unless a text stands in its place.
    fn json(mut self, lists: &[String]) -> String {
        let text = self.text.trim();
        if self.nil {
            return "null".to_owned();
        }
        if text.is_empty() {
            for list in lists.iter().filter(|list| !self.members.known.contains_key(*list)) {
                self.members.names.push((list.clone(), Vec::new()));
            }
        }
        if self.members.names.is_empty() {
            return if text.is_empty() { "null".to_owned() } else { Value::from(text).to_string() };
        }
        let mut out = String::from("{");
        for (at, (name, values)) in self.members.names.iter().enumerate() {
            out.push_str(if at == 0 { "" } else { "," });
            out.push_str(&Value::from(name.as_str()).to_string());
            out.push(':');
            match values.as_slice() {
                [one] if !lists.contains(name) => out.push_str(one),
                values => out.push_str(&format!("[{}]", values.join(","))),
            }
        }
        if !text.is_empty() {
            out.push_str(&format!(",\"{TEXT}\":{}", Value::from(text)));
        }
        out.push('}');
        out
    }
}
