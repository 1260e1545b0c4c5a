//! What type a name has where an expression reads it, as far as the spec declares it.

use super::names::Names;
use super::scope::Scope;
use crate::expression::Type;
use crate::grammar::Map;
use crate::language::{ConfigTypeWord, FieldSpec, Method, ReplicationForm, SinceForm, Stream};
use crate::model::{FieldType, Format, Stored};
use crate::time::TimeFormat;

impl Names<'_, '_> {
    /// The type of `config.shop`, given as its names.
    pub(super) fn type_of(&self, chain: &[&str]) -> Type {
        // A key that could not be read may be the one that says the type.
        if !self.whole.all_read {
            return Type::Unknown;
        }
        match chain {
            ["now"] => Type::moment(),
            ["since"] => self.stream.map_or(Type::Unknown, since),
            ["until"] => self.stream.map_or(Type::Unknown, until),
            ["config", name] => self.config(name),
            ["page", "number" | "records"] | ["response", "status"] => Type::Integer,
            ["response", "headers"] => Type::Object,
            ["response", "headers", _] => Type::Text,
            ["record", name] => self.record_field(name),
            [root, rest @ ..] => self.part_type(root, rest),
            [] => Type::Unknown,
        }
    }

    /// What a name of the `for_each` holds; of a batch a list of each field.
    fn part_type(&self, root: &str, rest: &[&str]) -> Type {
        let Some(each) = self.each(root) else { return Type::Unknown };
        match rest {
            [] if each.said("values").is_some() || each.said("config").is_some() => Type::Text,
            [name] => {
                let mut types = each.streams().map(|parent| self.parent_field(&parent.value, name));
                let first = types.next().unwrap_or(Type::Unknown);
                let one = if types.all(|other| other == first) { first } else { Type::Unknown };
                let is_one = each.said("batch").is_none() || self.scope == Scope::Parent;
                if is_one { one } else { Type::List(Box::new(one)) }
            }
            _ => Type::Unknown,
        }
    }

    fn config(&self, name: &str) -> Type {
        let fields = self.whole.spec.config.iter().flat_map(|config| &config.0);
        let mut field = fields.filter_map(|(known, field)| (known.value == name).then_some(field.as_ref()?));
        let Some(kind) = field.next_back().and_then(|field| field.kind.as_ref()) else { return Type::Unknown };
        match kind.value {
            ConfigTypeWord::String | ConfigTypeWord::Url | ConfigTypeWord::Enum => Type::Text,
            ConfigTypeWord::Integer => Type::Integer,
            ConfigTypeWord::Number => Type::Number,
            ConfigTypeWord::Boolean => Type::Boolean,
            ConfigTypeWord::Date => Type::Time(TimeFormat::Date),
            ConfigTypeWord::Timestamp => Type::moment(),
            ConfigTypeWord::List => Type::List(Box::new(Type::Text)),
        }
    }

    /// A parent's field as its table has it: converted.
    fn parent_field(&self, parent: &str, name: &str) -> Type {
        let Some(stream) = self.whole.stream(parent) else { return Type::Unknown };
        let Some(field) = field(stream, name) else { return Type::Unknown };
        let stored = field.stored.as_ref().map(|stored| stored.value);
        match field.kind.as_ref().map(|kind| &kind.value).filter(|_| stored != Some(Stored::Json)) {
            Some(FieldType::String | FieldType::Decimal | FieldType::Time) => Type::Text,
            Some(FieldType::Integer) => Type::Integer,
            Some(FieldType::Number) => Type::Number,
            Some(FieldType::Boolean) => Type::Boolean,
            Some(FieldType::Timestamp) => Type::moment(),
            Some(FieldType::Date) => Type::Time(TimeFormat::Date),
            Some(FieldType::Object(_)) => Type::Object,
            Some(FieldType::List(_) | FieldType::Pairs(_)) => Type::List(Box::new(Type::Unknown)),
            Some(FieldType::Json | FieldType::AsJson(_)) | None => Type::Unknown,
        }
    }

    /// A field of a record as the API sends it, where it stands under its own name.
    fn record_field(&self, name: &str) -> Type {
        let Some(stream) = self.stream else { return Type::Unknown };
        // What is renamed to it is another member before that.
        if stream.rename.iter().flat_map(Map::names).any(|new| new == name) {
            return Type::Unknown;
        }
        let http = self.whole.spec.http.as_ref();
        let format = stream.format.as_ref().or(http.and_then(|http| http.format.as_ref()));
        if format.is_some_and(|format| !matches!(format.0, Format::Json | Format::JsonLines)) {
            return Type::Unknown;
        }
        match field(stream, name) {
            Some(field) if field.from.is_none() && field.take.is_none() => raw(field),
            _ => Type::Unknown,
        }
    }
}

/// A field under this name that is not computed.
fn field<'a>(stream: &'a Stream, name: &str) -> Option<&'a FieldSpec> {
    if stream.add.iter().flat_map(Map::names).any(|added| added == name) {
        return None;
    }
    let fields = stream.fields.iter().flat_map(|fields| &fields.0);
    fields.filter_map(|(known, field)| (known.value == name).then_some(&field.as_ref()?.0)).next_back()
}

/// What an API may send for a type: a number also as a text, true also as 1.
fn raw(field: &FieldSpec) -> Type {
    let written = |default: TimeFormat| match field.format.as_ref().map_or(default, |format| format.value.clone()) {
        TimeFormat::Unix | TimeFormat::UnixMs => Type::Numeral,
        format => Type::Time(format),
    };
    match field.kind.as_ref().map(|kind| &kind.value) {
        Some(FieldType::String | FieldType::Time) => Type::Text,
        Some(FieldType::Integer | FieldType::Number | FieldType::Decimal) => Type::Numeral,
        Some(FieldType::Timestamp) => written(TimeFormat::Rfc3339),
        Some(FieldType::Date) => written(TimeFormat::Date),
        Some(FieldType::List(_) | FieldType::Pairs(_)) => Type::List(Box::new(Type::Unknown)),
        Some(FieldType::Object(_)) => Type::Object,
        Some(FieldType::Boolean | FieldType::Json | FieldType::AsJson(_)) | None => Type::Unknown,
    }
}

/// `until` of an incremental stream: written in the format that the API takes.
fn until(stream: &Stream) -> Type {
    let Some(ReplicationForm::Form(form)) = &stream.replication else { return Type::Unknown };
    let format = form.until.as_ref().and_then(|until| until.format.as_ref());
    Type::Time(format.map_or(TimeFormat::Rfc3339, |format| format.value.clone()))
}

/// `since` of an incremental stream: written in the format that the API takes.
fn since(stream: &Stream) -> Type {
    let Some(ReplicationForm::Form(form)) = &stream.replication else { return Type::Unknown };
    let (Some(method), Some(key)) = (&form.method, &form.key) else { return Type::Unknown };
    let kind = field(stream, &key.value).and_then(|field| field.kind.as_ref()).map(|kind| &kind.value);
    if method.value != Method::Incremental || !matches!(kind, Some(FieldType::Timestamp | FieldType::Date)) {
        return Type::Unknown;
    }
    let format = form.since.as_ref().and_then(SinceForm::form).and_then(|since| since.format.as_ref());
    Type::Time(format.map_or(TimeFormat::Rfc3339, |format| format.value.clone()))
}
