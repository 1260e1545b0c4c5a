//! The way from one page to the next, and its end.

use super::about::Positive;
use crate::grammar::{self, At, OneOrMany, Read, Reader, Shape, Text, Whole, record, words};
use crate::model;
use crate::source::Place;
use crate::tree::{Key, Node, Value};

type Line = Text<grammar::Plain>;
type Path = Text<grammar::Path>;

/// `none`, `link_header`, or a mapping.
#[derive(Debug, Clone)]
pub(crate) enum PaginationForm {
    None,
    Form(Box<Pagination>),
}

impl Read for PaginationForm {
    fn shape() -> Shape {
        let words = vec![
            ("none", "One page is all.".to_owned()),
            ("link_header", "The `Link` header (RFC 8288) with `rel=\"next\"` leads on.".to_owned()),
        ];
        Shape::Either(vec![Shape::Words(words), Pagination::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Scalar(scalar) if scalar.text == "none" => Some(PaginationForm::None),
            Value::Scalar(scalar) if scalar.text == "link_header" => {
                let place = node.place.clone();
                let said = vec![Key { text: "link_header".to_owned(), place: place.clone() }];
                let link_header = Some(At { value: LinkRel, place: place.clone() });
                Some(PaginationForm::Form(Box::new(Pagination { said, link_header, ..Pagination::nothing(place) })))
            }
            Value::Map(_) => Pagination::read(node, reader).map(|form| PaginationForm::Form(Box::new(form))),
            _ => reader.expected_word(node, "`none`, `link_header` or a mapping", &["none", "link_header"]),
        }
    }
}

record! {
    /// How to come to the next page: one of `next_url`, `link_header`, `page_number`, `offset` and `cursor`,
    /// with the size of a page and what ends the walk. A page seen twice is an error in every form.
    Pagination = "pagination", AtMostOne of &["next_url", "link_header", "page_number", "offset", "cursor"];
    /// Path to the URL of the next page: absolute, from the host's root, or relative. Null or absent is the end.
    next_url: optional Path,
    /// The `Link` header with `rel="next"`.
    link_header: optional At<LinkRel>,
    /// A page number in this query parameter. It needs `total` or `stop`, or would never end.
    page_number: optional Counted,
    /// An offset in this query parameter, moved on by the number of records that came. It needs `total` or `stop`.
    offset: optional Counted,
    /// A token from the body that goes into the query of the next request. Null, absent or empty is the end.
    cursor: optional Cursor,
    /// How many records to ask for.
    size: optional Size,
    /// What ends the walk.
    stop: optional OneOrMany<StopForm>,
    /// Path to the number of all records. With page numbers and offsets, reading ends there. It is checked
    /// while paging, and shown as progress.
    total: optional Path,
    /// Ends the walk after so many pages with the verdict `bounded`.
    max_pages: optional Positive,
    /// Begins a new walk from the last replication key after some pages: for APIs that refuse deep pages, and so
    /// that records that move while being read are not missed. Only for incremental streams in ascending order.
    restart_after: optional RestartAfter,
}

impl Pagination {
    /// With no key said.
    pub(crate) fn nothing(place: Place) -> Pagination {
        Pagination {
            place,
            said: Vec::new(),
            next_url: None,
            link_header: None,
            page_number: None,
            offset: None,
            cursor: None,
            size: None,
            stop: None,
            total: None,
            max_pages: None,
            restart_after: None,
        }
    }
}

/// `next`
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkRel;

words! {
    /// The relation of the link.
    LinkRel = "link relation" {
        /// The link with `rel="next"`.
        "next" => LinkRel,
    }
}

/// A parameter alone, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) param: Option<Line>,
    pub(crate) first: Option<i64>,
}

record! {
    /// A query parameter that counts.
    CountedForm = "counter";
    /// Its name.
    param: required Line,
    /// Its value on the first page; default 1 for page numbers, 0 for offsets.
    first: optional Whole<0>,
}

impl Read for Counted {
    fn shape() -> Shape {
        Shape::Either(vec![Line::shape(), CountedForm::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => {
                let form = CountedForm::read(node, reader)?;
                Some(Counted { param: form.param, first: form.first.map(|first| first.0.value) })
            }
            _ => Some(Counted { param: Some(Line::read(node, reader)?), first: None }),
        }
    }
}

record! {
    /// A token that leads to the next page.
    Cursor = "cursor";
    /// Path to it in the body.
    from: required Path,
    /// Query parameter that carries it.
    param: required Line,
}

record! {
    /// The size of a page.
    Size = "size";
    /// Query parameter that asks for it.
    param: required Line,
    /// Records per page.
    value: required Positive,
}

record! {
    /// A new walk from the last replication key.
    RestartAfter = "restart_after";
    /// As soon as so many pages were read and the key has moved on.
    pages: required Positive,
    /// From where: the replication key of the last record that came.
    from: required At<LastKey>,
}

/// `last_key`
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastKey;

words! {
    /// Where a new walk begins.
    LastKey = "start of a walk" {
        /// The replication key of the last record that came.
        "last_key" => LastKey,
    }
}

/// What ends a walk.
#[derive(Debug, Clone)]
pub(crate) enum StopForm {
    ShortPage(Place),
    EmptyPage,
    When(Text<grammar::Condition>),
}

record! {
    /// A condition that ends the walk.
    StopWhen = "stop";
    /// It holds on the last page.
    when: required Text<grammar::Condition>,
}

/// The words of [`StopForm`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum StopWord {
    ShortPage,
    EmptyPage,
}

words! {
    /// What ends a walk.
    StopWord = "stop rule" {
        /// A page with fewer records than `size`.
        "short_page" => StopWord::ShortPage,
        /// A page without records.
        "empty_page" => StopWord::EmptyPage,
    }
}

impl Read for StopForm {
    fn shape() -> Shape {
        Shape::Either(vec![At::<StopWord>::shape(), StopWhen::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            return StopWhen::read(node, reader)?.when.map(StopForm::When);
        }
        let word: At<StopWord> = Read::read(node, reader)?;
        Some(match word.value {
            StopWord::ShortPage => StopForm::ShortPage(word.place),
            StopWord::EmptyPage => StopForm::EmptyPage,
        })
    }
}

/// What leads to the next page, with the place of the key that says it.
pub(crate) type NextForm = (model::Next, Place);
