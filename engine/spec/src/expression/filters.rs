//! The filters of the language: what each takes and gives, how it is called, what it does. `check`, the
//! running of expressions and the reference page all read this one table.

mod digest;
mod lists;
mod moments;
mod numbers;
mod texts;
mod urls;

use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Value};

use super::digits;
use super::kind::{Kinds, Type};
use crate::words::counted;

/// One filter.
#[derive(Debug)]
pub struct Filter {
    /// As it stands behind the `|`.
    pub name: &'static str,
    /// What it is about, as a heading.
    pub subject: &'static str,
    /// What it gives, for a reader.
    pub meaning: &'static str,
    /// An expression that uses it, without braces.
    pub example: &'static str,
    /// What the example gives, as JSON.
    pub result: &'static str,
    pub(super) takes: Kinds,
    pub(super) arguments: &'static [Argument],
    pub(super) gives: Gives,
    run: fn(&Value, &[Value]) -> Result<Value, String>,
}

/// An argument of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    Any,
    Text,
    Count,
    TimeFormat,
    Shift,
    Unit,
    Regex,
}

/// What type a filter's result has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    Is(fn() -> Type),
    /// What stands before it.
    Same,
    /// An element of the list before it.
    Element,
    /// What stands before it, or the argument.
    Either,
    /// A time in the format that the argument names.
    Written,
}

macro_rules! filters {
    ($($subject:literal { $(
        $name:ident($takes:expr $(; $($argument:ident),+)?) -> $gives:expr, $meaning:literal,
            $example:literal = $result:literal, $run:expr;
    )+ })+) => {
        /// Every filter, in the order of the reference.
        pub static FILTERS: &[Filter] = &[$($(Filter {
            name: stringify!($name),
            subject: $subject,
            meaning: $meaning,
            example: $example,
            result: $result,
            takes: $takes,
            arguments: &[$($(Argument::$argument),+)?],
            gives: $gives,
            run: $run,
        }),+),+];
    };
}

const TEXT: Gives = Gives::Is(|| Type::Text);
const WHOLE: Gives = Gives::Is(|| Type::Integer);
const NUMBER: Gives = Gives::Is(|| Type::Number);
const TRUTH: Gives = Gives::Is(|| Type::Boolean);
const MOMENT: Gives = Gives::Is(Type::moment);
const TEXTS: Gives = Gives::Is(|| Type::List(Box::new(Type::Text)));
const UNKNOWN: Gives = Gives::Is(|| Type::Unknown);
const UNKNOWNS: Gives = Gives::Is(|| Type::List(Box::new(Type::Unknown)));

filters! {
    "time" {
        parse_time(Kinds::TEXT.or(Kinds::NUMBER); TimeFormat) -> MOMENT, "a text or number in this format, as a timestamp",
            "'31.01.2026' | parse_time('%d.%m.%Y')" = "\"2026-01-31T00:00:00Z\"", moments::parse;
        format_time(Kinds::MOMENT; TimeFormat) -> Gives::Written, "a timestamp or a day in this format, as a text",
            "'2026-01-31T12:00:00Z' | format_time('date')" = "\"2026-01-31\"", moments::format;
        add_time(Kinds::MOMENT; Shift) -> MOMENT, "so much later, or with a `-` so much earlier, by the calendar in UTC",
            "'2026-03-01T00:00:00Z' | add_time('-1 day')" = "\"2026-02-28T00:00:00Z\"", moments::add;
        start_of(Kinds::MOMENT; Unit) -> MOMENT,
            "the beginning of its `hour`, `day`, `week` (Monday), `month` or `year`, in UTC",
            "'2026-03-17T10:20:30Z' | start_of('month')" = "\"2026-03-01T00:00:00Z\"", moments::start_of;
        unix(Kinds::MOMENT) -> WHOLE, "seconds since 1970, as a number",
            "'1970-01-02' | unix" = "86400", moments::unix;
    }
    "text" {
        lower(Kinds::TEXT) -> TEXT, "in lower case", "'Ab' | lower" = "\"ab\"", texts::lower;
        upper(Kinds::TEXT) -> TEXT, "in upper case", "'Ab' | upper" = "\"AB\"", texts::upper;
        trim(Kinds::TEXT) -> TEXT, "without white space around it", "' a ' | trim" = "\"a\"", texts::trim;
        replace(Kinds::TEXT; Text, Text) -> TEXT, "with one text for another",
            "'a-b' | replace('-', '+')" = "\"a+b\"", texts::replace;
        split(Kinds::TEXT; Text) -> TEXTS, "a list of the parts between separators",
            "'a,b' | split(',')" = "[\"a\",\"b\"]", texts::split;
        last_segment(Kinds::TEXT) -> TEXT, "what stands after the last `/`",
            "'/users/17' | last_segment" = "\"17\"", texts::last_segment;
        zfill(Kinds::TEXT.or(Kinds::NUMBER); Count) -> TEXT, "with zeros before it, so many characters long",
            "7 | zfill(3)" = "\"007\"", texts::zfill;
        starts_with(Kinds::TEXT; Text) -> TRUTH, "whether it begins so",
            "'draft-1' | starts_with('draft')" = "true", texts::starts_with;
        ends_with(Kinds::TEXT; Text) -> TRUTH, "whether it ends so",
            "'a.csv' | ends_with('.csv')" = "true", texts::ends_with;
        matches(Kinds::TEXT; Regex) -> TRUTH, "whether the regular expression is found in it",
            "'A-17' | matches('^[A-Z]-')" = "true", texts::matches;
        regex_find(Kinds::TEXT; Regex) -> TEXT,
            "what the regular expression finds first: its group, or without one the whole; null if nothing",
            "'order 17 of 20' | regex_find('([0-9]+) of')" = "\"17\"", texts::regex_find;
        regex_replace(Kinds::TEXT; Regex, Text) -> TEXT, "with all that it finds replaced; `$1` is its first group",
            "'a1b22' | regex_replace('[0-9]+', '#')" = "\"a#b#\"", texts::regex_replace;
        string(Kinds::SCALAR) -> TEXT, "a single value as a text", "17 | string" = "\"17\"", texts::string;
    }
    "numbers" {
        int(Kinds::DIGITS.or(Kinds::NUMBER)) -> WHOLE, "a text or a number as a whole number, its fraction dropped",
            "'17' | int" = "17", numbers::int;
        float(Kinds::DIGITS.or(Kinds::NUMBER)) -> NUMBER, "a text or a number as a number with a fraction",
            "'1.5' | float" = "1.5", numbers::float;
        abs(Kinds::NUMBER) -> Gives::Same, "without its sign", "-3 | abs" = "3", numbers::abs;
    }
    "lists and objects" {
        first(Kinds::LIST.or(Kinds::TEXT)) -> Gives::Element, "the first element, or character; null if there is none",
            "[1, 2] | first" = "1", lists::first;
        last(Kinds::LIST.or(Kinds::TEXT)) -> Gives::Element, "the last element, or character; null if there is none",
            "[1, 2] | last" = "2", lists::last;
        join(Kinds::LIST; Text) -> TEXT, "its elements as one text", "[1, 2] | join(',')" = "\"1,2\"", lists::join;
        length(Kinds::LIST.or(Kinds::OBJECT).or(Kinds::TEXT)) -> WHOLE, "the number of elements, members or characters",
            "'abc' | length" = "3", lists::length;
        sort(Kinds::LIST) -> Gives::Same, "in ascending order", "[2, 1] | sort" = "[1,2]", lists::sort;
        unique(Kinds::LIST) -> Gives::Same, "each element once, where it came first",
            "[1, 1, 2] | unique" = "[1,2]", lists::unique;
        sum(Kinds::LIST) -> NUMBER, "the sum of its numbers", "[1, 2] | sum" = "3", lists::sum;
        min(Kinds::LIST) -> Gives::Element, "its least element; null if there is none", "[2, 1] | min" = "1", lists::min;
        max(Kinds::LIST) -> Gives::Element, "its greatest element; null if there is none", "[2, 1] | max" = "2", lists::max;
        pluck(Kinds::LIST; Text) -> UNKNOWNS, "of each object in the list this member; null where it has none",
            "[{'id': 1}, {'id': 2}] | pluck('id')" = "[1,2]", lists::pluck;
        keys(Kinds::OBJECT) -> TEXTS, "the names of its members", "{'a': 1} | keys" = "[\"a\"]", lists::keys;
        default(Kinds::ANY; Any) -> Gives::Either, "another value if this one is undefined; null is a value",
            "{}.x | default('none')" = "\"none\"", lists::default;
    }
    "URLs" {
        url_encode(Kinds::TEXT) -> TEXT, "percent-encoded, as it may stand in a query",
            "'a b&c' | url_encode" = "\"a%20b%26c\"", urls::encode;
        url_decode(Kinds::TEXT) -> TEXT, "with percent-encoding undone", "'a%20b' | url_decode" = "\"a b\"", urls::decode;
        host(Kinds::TEXT) -> TEXT, "the host of a URL", "'https://a.example/b?c=d' | host" = "\"a.example\"", urls::host;
        path(Kinds::TEXT) -> TEXT, "the path of a URL", "'https://a.example/b?c=d' | path" = "\"/b\"", urls::path;
        query_param(Kinds::TEXT; Text) -> TEXT, "a parameter of a URL's query; null if it is not there",
            "'https://a.example/b?page=2' | query_param('page')" = "\"2\"", urls::query_param;
    }
    "encoding and hashes" {
        to_json(Kinds::ANY) -> TEXT, "any value as a JSON text", "[1, 'a'] | to_json" = "\"[1,\\\"a\\\"]\"", digest::to_json;
        from_json(Kinds::TEXT) -> UNKNOWN, "what a JSON text says", "'[1, 2]' | from_json" = "[1,2]", digest::from_json;
        base64_encode(Kinds::TEXT) -> TEXT, "in base64 (RFC 4648)", "'a:b' | base64_encode" = "\"YTpi\"", digest::base64_encode;
        base64_decode(Kinds::TEXT) -> TEXT, "the text that was written in base64, of either alphabet",
            "'YTpi' | base64_decode" = "\"a:b\"", digest::base64_decode;
        md5(Kinds::TEXT) -> TEXT, "its MD5 in hex", "'a' | md5" = "\"0cc175b9c0f1b6a831c399e269772661\"", digest::md5;
        sha1(Kinds::TEXT) -> TEXT, "its SHA-1 in hex",
            "'a' | sha1" = "\"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\"", digest::sha1;
        sha256(Kinds::TEXT) -> TEXT, "its SHA-256 in hex", "'' | sha256"
            = "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"", digest::sha256;
        hmac_sha256(Kinds::TEXT; Text) -> TEXT, "its HMAC with SHA-256 under a key, in hex", "'what do ya want for nothing?' | hmac_sha256('Jefe')"
            = "\"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843\"", digest::hmac_sha256;
    }
}

impl Filter {
    /// The filter of this name.
    pub(super) fn named(name: &str) -> Option<&'static Filter> {
        FILTERS.iter().find(|filter| filter.name == name)
    }

    /// As it is called: `parse_time(FORMAT)`.
    pub fn call(&self) -> String {
        let arguments: Vec<&str> = self.arguments.iter().map(|argument| argument.word()).collect();
        match arguments.as_slice() {
            [] => self.name.to_owned(),
            some => format!("{}({})", self.name, some.join(", ")),
        }
    }

    /// Null stays null, except that what asks gives false, and what writes JSON or a default takes it as it is.
    fn apply(&self, value: &Value, given: &[Value]) -> Result<Value, Error> {
        if value.is_undefined() && self.takes != Kinds::ANY {
            return Err(Error::from(ErrorKind::UndefinedError));
        }
        let fault = |what: String| Error::new(ErrorKind::InvalidOperation, what);
        if given.len() != self.arguments.len() {
            return Err(fault(self.miscounted(given.len())));
        }
        if let Some(missing) = given.iter().find(|value| value.is_undefined()) {
            return Err(Error::new(ErrorKind::UndefinedError, format!("{missing:?}")));
        }
        if value.is_none() && self.takes != Kinds::ANY {
            return Ok(if matches!(self.gives, Gives::Is(of) if of() == Type::Boolean) {
                Value::from(false)
            } else {
                value.clone()
            });
        }
        if !self.takes.meets(Kinds::of_value(value)) {
            return Err(fault(format!("`{}` takes {}, and this is {}", self.name, self.takes, spoken(value))));
        }
        (self.run)(value, given).map_err(|why| fault(format!("`{}`: {why}", self.name)))
    }

    pub(super) fn miscounted(&self, given: usize) -> String {
        let taken = match self.arguments.len() {
            0 => "no argument".to_owned(),
            1 => "one argument".to_owned(),
            some => counted(some, "argument"),
        };
        let given = match given {
            0 => "none is".to_owned(),
            1 => "one is".to_owned(),
            some => format!("{some} are"),
        };
        format!("`{}` takes {taken}, and {given} given", self.name)
    }
}

impl Argument {
    fn word(self) -> &'static str {
        match self {
            Argument::Any => "VALUE",
            Argument::Text => "TEXT",
            Argument::Count => "COUNT",
            Argument::TimeFormat => "FORMAT",
            Argument::Shift => "DURATION",
            Argument::Unit => "UNIT",
            Argument::Regex => "REGEX",
        }
    }

    pub(super) fn takes(self) -> Kinds {
        match self {
            Argument::Any => Kinds::ANY,
            Argument::Count => Kinds::NUMBER,
            _ => Kinds::TEXT,
        }
    }

    /// What is wrong with a text that stands there, if anything.
    pub(super) fn refuses(self, text: &str) -> Option<String> {
        match self {
            Argument::Any | Argument::Text | Argument::Count => None,
            Argument::TimeFormat => crate::time::TimeFormat::parse(text).err(),
            Argument::Shift => crate::time::Shift::parse(text).err(),
            Argument::Unit => moments::unit(text).err(),
            Argument::Regex => texts::regex(text).err(),
        }
    }
}

pub(super) fn register(environment: &mut Environment<'static>) {
    for filter in FILTERS {
        environment.add_filter(filter.name, |value: &Value, given: Rest<Value>| filter.apply(value, &given));
    }
}

fn spoken(value: &Value) -> &'static str {
    match value.kind() {
        _ if digits::long(value).is_some() => "a number",
        ValueKind::Bool => "a boolean",
        ValueKind::Number => "a number",
        ValueKind::String => "a text",
        ValueKind::Map => "an object",
        ValueKind::None => "null",
        _ => "a list",
    }
}

/// A text, or a number as one.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::FILTERS;
    use crate::expression::{Scope, Template};

    #[test]
    fn every_filter_gives_what_its_example_says() {
        for filter in FILTERS {
            let template = Template::compile(&format!("{{{{ {} }}}}", filter.example)).expect(filter.name);
            let given = template.value(&Scope::new()).unwrap_or_else(|fault| panic!("{}: {fault}", filter.name));
            assert_eq!(given.to_string(), filter.result, "{}", filter.example);
        }
    }

    #[test]
    fn null_stays_null_and_what_asks_gives_false() {
        for (source, given) in [
            ("none | lower", "null"),
            ("none | add_time('1 day')", "null"),
            ("none | matches('a')", "false"),
            ("none | to_json", "\"null\""),
            ("none | default(1)", "null"),
        ] {
            let template = Template::compile(&format!("{{{{ {source} }}}}")).expect(source);
            assert_eq!(template.value(&Scope::new()).expect(source).to_string(), given, "{source}");
        }
    }

    #[test]
    fn what_a_filter_cannot_do_is_a_sentence() {
        for (source, said) in [
            ("x | lower", "`lower` takes a text, and this is a number"),
            ("'a' | int", "`int`: `a` is no number"),
            ("'yesterday' | unix", "`unix`: `yesterday` is no timestamp; `parse_time` reads other formats"),
            ("'1.2.' | parse_time('%d.%m.%Y')", "`parse_time`: `1.2.` is not written as `%d.%m.%Y`"),
            ("'%%%' | base64_decode", "`base64_decode`: this is no base64"),
            ("[1, 'a'] | sum", "`sum`: `a` is no number"),
        ] {
            let template = Template::compile(&format!("{{{{ {source} }}}}")).expect(source);
            let fault = template.value(&Scope::new().with("x", &1)).expect_err(source);
            assert_eq!(fault.message, said);
        }
    }
}
