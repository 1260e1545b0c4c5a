//! JSON written straight into the answer, keys in the order in which they are put.
//!
//! The recorded bodies have an order, the two server generations differ in it, and building a tree for
//! each record would only cost.

use std::ops::Range;

use serde::Serialize;

use crate::options::Era;

/// The two servers behind one site in 2016: the monolith, and the newer service for cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Generation {
    A,
    B,
}

/// How the records of one answer are written.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) generation: Generation,
    pub(crate) era: Era,
    /// The attributes asked for by `fields=`; `_links` and `_embedded` stay, clients lean on them.
    pub(crate) fields: Option<Vec<String>>,
    pub(crate) embed: Vec<String>,
}

impl Shape {
    /// The whole record, as the truth is dumped.
    pub(crate) fn whole(generation: Generation, era: Era) -> Self {
        Self { generation, era, fields: None, embed: Vec::new() }
    }
}

/// An object being written.
pub(crate) struct Object<'a> {
    out: &'a mut Vec<u8>,
    shape: &'a Shape,
    depth: usize,
    empty: bool,
}

/// Writes one whole object to the end of `out`.
pub(crate) fn object(out: &mut Vec<u8>, shape: &Shape, write: impl FnOnce(&mut Object<'_>)) {
    nested(out, shape, 0, write);
}

fn nested(out: &mut Vec<u8>, shape: &Shape, depth: usize, write: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    write(&mut Object { out, shape, depth, empty: true });
    out.push(b'}');
}

/// Writes a plain value to the end of `out`.
pub(crate) fn value<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    serde_json::to_writer(out, value).expect("plain values can be written to memory");
}

impl Object<'_> {
    pub(crate) fn shape(&self) -> &Shape {
        self.shape
    }

    pub(crate) fn is_late(&self) -> bool {
        self.shape.era == Era::Late
    }

    pub(crate) fn put<T: Serialize + ?Sized>(&mut self, key: &str, content: &T) {
        if self.wants(key) {
            self.key(key);
            value(self.out, content);
        }
    }

    /// An attribute that bodies of 2013 did not have.
    pub(crate) fn put_late<T: Serialize + ?Sized>(&mut self, key: &str, content: &T) {
        if self.is_late() {
            self.put(key, content);
        }
    }

    /// An attribute that is only sent where `fields=` names it.
    pub(crate) fn put_asked<T: Serialize + ?Sized>(&mut self, key: &str, content: &T) {
        if self.shape.fields.is_some() {
            self.put(key, content);
        }
    }

    pub(crate) fn nest(&mut self, key: &str, write: impl FnOnce(&mut Object<'_>)) {
        if self.wants(key) {
            self.key(key);
            nested(self.out, self.shape, self.depth + 1, write);
        }
    }

    /// A full record in place of its link, as `embed=` asks for.
    pub(crate) fn nest_record(&mut self, key: &str, write: impl FnOnce(&mut Object<'_>)) {
        let shape = Shape::whole(self.shape.generation, self.shape.era);
        self.key(key);
        nested(self.out, &shape, 0, write);
    }

    /// A list of records, written in a shape of their own.
    pub(crate) fn list_of(
        &mut self,
        key: &str,
        places: Range<usize>,
        shape: &Shape,
        write: impl Fn(usize, &mut Object<'_>),
    ) {
        self.key(key);
        self.out.push(b'[');
        for place in places.clone() {
            if place > places.start {
                self.out.push(b',');
            }
            object(self.out, shape, |object| write(place, object));
        }
        self.out.push(b']');
    }

    /// A link to one record.
    pub(crate) fn link(&mut self, name: &str, class: &str, href: &str) {
        self.link_counted(name, class, href, None);
    }

    /// A link to a record that may be unset: the link is `null` then.
    pub(crate) fn link_to(&mut self, name: &str, class: &str, href: Option<String>) {
        match href {
            Some(href) => self.link(name, class, &href),
            None => self.put(name, &()),
        }
    }

    /// A link to a collection; how many it holds is told since 2014.
    pub(crate) fn collection(&mut self, name: &str, class: &str, href: &str, count: usize) {
        self.link_counted(name, class, href, Some(count).filter(|_| self.is_late()));
    }

    fn link_counted(&mut self, name: &str, class: &str, href: &str, count: Option<usize>) {
        let generation = self.shape.generation;
        self.nest(name, |link| {
            if generation == Generation::A {
                link.put("href", href);
            }
            link.put("class", class);
            if let Some(count) = count {
                link.put("count", &count);
            }
            if generation == Generation::B {
                link.put("href", href);
            }
        });
    }

    fn wants(&self, key: &str) -> bool {
        self.depth > 0
            || key.starts_with('_')
            || (self.shape.fields.as_ref()).is_none_or(|fields| fields.iter().any(|field| field == key))
    }

    fn key(&mut self, key: &str) {
        if !self.empty {
            self.out.push(b',');
        }
        self.empty = false;
        value(self.out, key);
        self.out.push(b':');
    }
}
