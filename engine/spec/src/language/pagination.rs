//! The way from one page to the next, and its end.

use super::about::Positive;
use super::carrier::{Carried, Keys, Send};
use crate::grammar::{self, At, OneOrMany, Read, Reader, Shape, Text, Whole, record, words};
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
    /// How to come to the next page: one of `next_url`, `link_header`, `page_number`, `offset`, `cursor`, `merge` and
    /// `hook`, with the size of a page and what ends the walk. A page seen twice is an error in every form.
    Pagination = "pagination", AtMostOne of
        &["next_url", "link_header", "page_number", "offset", "cursor", "merge", "hook"];
    /// Path to the URL of the next page: absolute, from the host's root, or relative. Null or absent is the end.
    next_url: optional Path,
    /// The `Link` header with `rel="next"`.
    link_header: optional At<LinkRel>,
    /// A page number: a query parameter, or a mapping. It needs `total` or `stop`, or would never end.
    page_number: optional Counted,
    /// An offset, moved on by the number of records that came: a query parameter, or a mapping. It needs `total`
    /// or `stop`.
    offset: optional Offset,
    /// A token from the answer that goes into the next request.
    cursor: optional Cursor,
    /// Path to an object whose members go into the query of the next request, such as MediaWiki's `$.continue`.
    /// Null, absent or empty is the end.
    merge: optional Path,
    /// The name of a hook that sees each page, with status, headers and body, and says how the next request differs from
    /// the one before, or why there is none. Its requests go only to hosts of the spec, and one that was sent before is
    /// an error.
    hook: optional Line,
    /// How many records to ask for.
    size: optional Size,
    /// What ends the walk.
    stop: optional OneOrMany<StopForm>,
    /// Path to the number of all records, or `{header: NAME}` where a header tells it. With page numbers and
    /// offsets, reading ends there. It is checked while paging, and shown as progress.
    total: optional TotalForm,
    /// Ends the walk after so many pages with the verdict `bounded`.
    max_pages: optional Positive,
    /// Ends the walk after the page with which so many records came, with the verdict `bounded`.
    max_records: optional Positive,
    /// Begins a new walk from the last replication key after some pages: for APIs that refuse deep pages, and so
    /// that records that move while being read are not missed. Only for incremental streams in ascending order.
    restart_after: optional RestartAfter,
    /// How many pages are asked for at once, with page numbers and offsets; default 1. What ends the walk is read
    /// of one page after the other all the same, and what was asked for beyond the end is thrown away, errors
    /// too. As many answers are in memory. A stream with `for_each` does so for each of its `concurrency` parents.
    ahead: optional Positive,
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
            merge: None,
            hook: None,
            size: None,
            stop: None,
            total: None,
            max_pages: None,
            max_records: None,
            restart_after: None,
            ahead: None,
        }
    }
}

/// A path, or a mapping.
#[derive(Debug, Clone)]
pub(crate) enum TotalForm {
    Body(Path),
    Header(String),
}

record! {
    /// Where an answer says how many records there are in all, if not in its body.
    TotalHeader = "total";
    /// The header that tells it.
    header: required Text<grammar::Header>,
}

impl Read for TotalForm {
    fn shape() -> Shape {
        Shape::Either(vec![Path::shape(), TotalHeader::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::Map(_) => {
                let header = TotalHeader::read(node, reader)?.header?;
                Some(TotalForm::Header(header.value))
            }
            _ => Path::read(node, reader).map(TotalForm::Body),
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
    pub(crate) carried: Carried,
    pub(crate) first: Option<i64>,
}

record! {
    /// A number that counts pages.
    CountedForm = "page_number", ExactlyOne of &["param", "send"];
    /// The query parameter that carries it.
    param: optional Line,
    /// Where in the request it stands, if not in the query.
    send: optional Send,
    /// Its value on the first page; default 1.
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
                let carried = Carried { param: form.param, send: form.send };
                Some(Counted { carried, first: form.first.map(|first| first.0.value) })
            }
            _ => {
                let carried = Carried { param: Some(Line::read(node, reader)?), send: None };
                Some(Counted { carried, first: None })
            }
        }
    }
}

/// A parameter alone, or a mapping.
#[derive(Debug, Clone)]
pub(crate) struct Offset {
    pub(crate) counted: Counted,
    pub(crate) overlap: bool,
    pub(crate) place: Place,
}

record! {
    /// A number that counts records.
    OffsetForm = "offset", ExactlyOne of &["param", "send"];
    /// The query parameter that carries it.
    param: optional Line,
    /// Where in the request it stands, if not in the query.
    send: optional Send,
    /// Its value on the first page; default 0.
    first: optional Whole<0>,
    /// Whether each page begins with the last record of the one before; default false. If another record stands
    /// there, rows have slid, and the stream is read again: in a list that only grows at its end, such as one in
    /// the order of ids, no record can then be passed over, whatever is deleted meanwhile.
    overlap: optional At<bool>,
}

impl Read for Offset {
    fn shape() -> Shape {
        Shape::Either(vec![Line::shape(), OffsetForm::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let place = node.place.clone();
        let Value::Map(_) = &node.value else {
            return Counted::read(node, reader).map(|counted| Offset { counted, overlap: false, place });
        };
        let form = OffsetForm::read(node, reader)?;
        let carried = Carried { param: form.param, send: form.send };
        let counted = Counted { carried, first: form.first.map(|first| first.0.value) };
        Some(Offset { counted, overlap: form.overlap.is_some_and(|overlap| overlap.value), place })
    }
}

record! {
    /// A token that leads to the next page.
    Cursor = "cursor", ExactlyOne of &["from", "header", "last"];
    /// Path to it in the body. Null, absent or empty is the end.
    from: optional Path,
    /// The header of the answer that holds it. Its absence is the end.
    header: optional Text<grammar::Header>,
    /// The key in the page's last record whose value it is, or a path to it in that record. It needs `stop`; a
    /// page without records is the end.
    last: optional Keys,
    /// The query parameter that carries it.
    param: optional Line,
    /// Where in the request it stands, if not in the query. One of `param` and `send` must be given.
    send: optional Send,
}

impl Cursor {
    pub(crate) fn carried(&self) -> Carried {
        Carried { param: self.param.clone(), send: self.send.clone() }
    }
}

record! {
    /// The size of a page.
    Size = "size", ExactlyOne of &["param", "send"];
    /// The query parameter that asks for it.
    param: optional Line,
    /// Where in the request it stands, if not in the query.
    send: optional Send,
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
    More(Path),
}

record! {
    /// What in an answer ends the walk.
    StopRule = "stop", ExactlyOne of &["when", "more"];
    /// A condition that holds on the last page.
    when: optional Text<grammar::Condition>,
    /// Path to a boolean: `false` is the end, `true` says that there is more, whatever else the page looks
    /// like. Anything else there, or nothing, is an error.
    more: optional Path,
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
        Shape::Either(vec![At::<StopWord>::shape(), StopRule::shape()])
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Map(_) = &node.value {
            let rule = StopRule::read(node, reader)?;
            return rule.when.map(StopForm::When).or(rule.more.map(StopForm::More));
        }
        let word: At<StopWord> = Read::read(node, reader)?;
        Some(match word.value {
            StopWord::ShortPage => StopForm::ShortPage(word.place),
            StopWord::EmptyPage => StopForm::EmptyPage,
        })
    }
}
