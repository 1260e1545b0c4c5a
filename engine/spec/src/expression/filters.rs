//! What an expression may call, and the environment in which it is computed.

use std::sync::LazyLock;

use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

/// Instructions that one evaluation may use, so that no expression hangs.
const FUEL: u64 = 100_000;

/// The filters that an expression may use, for messages and the reference.
pub const FILTERS: [(&str, &str); 12] = [
    ("abs", "the absolute value of a number"),
    ("default", "another value if this one is undefined: `x | default('')`"),
    ("first", "the first element of a list"),
    ("int", "a text as an integer"),
    ("float", "a text as a number"),
    ("join", "a list as text: `x | join(',')`"),
    ("last", "the last element of a list"),
    ("last_segment", "what stands after the last `/`; null stays null"),
    ("length", "the number of characters, elements or members"),
    ("lower", "in lower case"),
    ("replace", "with a text replaced: `x | replace('a', 'b')`"),
    ("trim", "without white space around it"),
];

pub(super) static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.add_filter("abs", minijinja::filters::abs);
    environment.add_filter("default", minijinja::filters::default);
    environment.add_filter("first", minijinja::filters::first);
    environment.add_filter("int", minijinja::filters::int);
    environment.add_filter("float", minijinja::filters::float);
    environment.add_filter("join", minijinja::filters::join);
    environment.add_filter("last", minijinja::filters::last);
    environment.add_filter("last_segment", last_segment);
    environment.add_filter("length", minijinja::filters::length);
    environment.add_filter("lower", minijinja::filters::lower);
    environment.add_filter("replace", minijinja::filters::replace);
    environment.add_filter("trim", minijinja::filters::trim);
    environment.add_test("defined", minijinja::tests::is_defined);
    environment.add_test("none", minijinja::tests::is_none);
    environment
});

fn last_segment(value: &Value) -> Result<Value, minijinja::Error> {
    if value.is_none() {
        return Ok(Value::from(()));
    }
    match value.as_str() {
        Some(text) => Ok(Value::from(text.rsplit('/').next().unwrap_or(text))),
        None => Err(minijinja::Error::new(
            ErrorKind::InvalidOperation,
            format!("last_segment takes a text, this is {}", value.kind()),
        )),
    }
}
