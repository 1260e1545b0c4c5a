//! What a template can read: each part is a Rust type whose doc comments are its reference, and from that one
//! definition come the values, the check of names and the reference page.

/// What a value looks like to a template.
#[derive(Clone)]
pub(crate) enum Shape {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// True or false.
    Flag,
    /// May be none.
    Maybe(Box<Shape>),
    /// Any number of values.
    List(Box<Shape>),
    /// Names with values.
    Record(Record),
}

/// Names with values.
#[derive(Clone)]
pub(crate) struct Record {
    /// What it is called in the reference.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) doc: String,
    /// The names, in order.
    pub(crate) fields: Vec<Field>,
}

/// A name of a [`Record`].
#[derive(Clone)]
pub(crate) struct Field {
    /// The name.
    pub(crate) name: &'static str,
    /// What its value says.
    pub(crate) doc: String,
    /// What its value looks like.
    pub(crate) shape: fn() -> Shape,
}

/// Something that a template can read.
pub(crate) trait Shown {
    /// What it looks like.
    fn shape() -> Shape;
}

impl Shown for String {
    fn shape() -> Shape {
        Shape::Text
    }
}

impl Shown for &str {
    fn shape() -> Shape {
        Shape::Text
    }
}

impl Shown for usize {
    fn shape() -> Shape {
        Shape::Number
    }
}

impl Shown for bool {
    fn shape() -> Shape {
        Shape::Flag
    }
}

impl<T: Shown> Shown for Option<T> {
    fn shape() -> Shape {
        Shape::Maybe(Box::new(T::shape()))
    }
}

impl<T: Shown> Shown for Vec<T> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

/// Doc comment lines as one text.
pub(crate) fn doc(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// Defines a struct that templates can read, and what it looks like to them.
macro_rules! shown {
    ($(
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident {
            $( $(#[doc = $about:literal])* $field_vis:vis $field:ident : $kind:ty, )*
        }
    )+) => { $(
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize)]
        $vis struct $name {
            $( $(#[doc = $about])* $field_vis $field: $kind, )*
        }

        impl $crate::context::Shown for $name {
            fn shape() -> $crate::context::Shape {
                $crate::context::Shape::Record($crate::context::Record {
                    name: stringify!($name),
                    doc: $crate::context::doc(&[$($doc),*]),
                    fields: vec![ $( $crate::context::Field {
                        name: stringify!($field),
                        doc: $crate::context::doc(&[$($about),*]),
                        shape: <$kind as $crate::context::Shown>::shape,
                    } ),* ],
                })
            }
        }
    )+ };
}
pub(crate) use shown;
