//! One value of a record as a serde visitor: whatever stands there, converted for its leaf.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::batch::Cell;
use super::convert::Leaf;

/// A value that is converted; `None` says that its digits are needed and a double has not all of them.
pub(super) struct Single<'s> {
    pub(super) leaf: &'s mut Leaf,
}

pub(super) type Converted<'a> = Option<Result<Cell<'a>, String>>;

impl<'a> Visitor<'a> for Single<'_> {
    type Value = Converted<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value for `{}`", self.leaf.name)
    }

    fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Converted<'a>, E> {
        Ok(Some(self.leaf.text(Cow::Borrowed(text))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Converted<'a>, E> {
        Ok(Some(self.leaf.text(Cow::Owned(text.to_owned()))))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Converted<'a>, E> {
        Ok(Some(self.leaf.integer(value)))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Converted<'a>, E> {
        match i64::try_from(value) {
            Ok(value) => self.visit_i64(value),
            Err(_) => self.visit_f64(0.0),
        }
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Converted<'a>, E> {
        self.leaf.raw = true;
        Ok(None)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Converted<'a>, E> {
        Ok(Some(self.leaf.boolean(value)))
    }

    fn visit_unit<E>(self) -> Result<Converted<'a>, E> {
        Ok(Some(Ok(Cell::Null)))
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<Converted<'a>, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Some(Err(self.leaf.refusal("an object"))))
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut list: S) -> Result<Converted<'a>, S::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Some(Err(self.leaf.refusal("a list"))))
    }
}
