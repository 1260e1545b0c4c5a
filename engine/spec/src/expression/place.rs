//! A path in which expressions stand for names: `$.properties.{{ field.name }}`.

use std::fmt::Write as _;

use super::{ExpressionFault, Part, Scope, Template};
use crate::path::{self, Path, PathFault, Segment};

/// What stands for the first expression while the path is read; the next stands for the second. No name has them.
const STAND_IN: u32 = 0xE000;

/// A path to one value that is known when its expressions are: each of them is a name in it, or a part of one.
#[derive(Debug, Clone)]
pub struct PathTemplate {
    template: Template,
    /// With a stand-in for each expression.
    segments: Vec<Segment>,
}

impl PathTemplate {
    /// Reads it.
    ///
    /// # Errors
    /// Those of a template and of a path; more than names and indices.
    pub fn compile(source: &str) -> Result<PathTemplate, ExpressionFault> {
        let template = Template::compile(source)?;
        let whole = || 0..source.chars().count();
        let mut text = String::new();
        let mut places = Vec::new();
        let mut at = 0;
        for (part, number) in template.parts.iter().zip(0..) {
            match part {
                Part::Text(part) => {
                    places.extend(part.chars().zip(at..).map(|(_, at)| at));
                    text.push_str(part);
                    at += part.chars().count();
                }
                Part::Expression(one) => {
                    places.push(one.range.start);
                    text.extend(char::from_u32(STAND_IN + number));
                    at = one.range.end;
                }
            }
        }
        let misread = |PathFault { message, at }| {
            let range = at.map_or_else(whole, |at| places.get(at).map_or(at..at + 1, |place| *place..*place + 1));
            let help = Some("a path is JSONPath (RFC 9535), such as `$.properties.{{ field.name }}`".to_owned());
            ExpressionFault { message, range, help }
        };
        let path = Path::compile(&text).map_err(misread)?;
        match path.plain() {
            Some(segments) if !segments.contains(&Segment::Each) => {
                Ok(PathTemplate { segments: segments.to_vec(), template })
            }
            _ => Err(ExpressionFault {
                message: "a path to one value has names and indices alone".to_owned(),
                range: whole(),
                help: Some("lead to the one place where the value stands".to_owned()),
            }),
        }
    }

    /// The text with its expressions.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The path that it is where its expressions are known.
    ///
    /// # Errors
    /// As [`Template::text`]; also for a name that no path can hold.
    pub fn path(&self, scope: &Scope) -> Result<Path, ExpressionFault> {
        let whole = 0..self.template.source().chars().count();
        let mut text = "$".to_owned();
        for segment in &self.segments {
            match segment {
                Segment::Key(key) => text.push_str(&path::member(&self.filled(key, scope)?)),
                // Writing into a String cannot fail.
                Segment::Index(index) => drop(write!(text, "[{index}]")),
                Segment::Each => text.push_str("[*]"),
            }
        }
        Path::compile(&text).map_err(|_| ExpressionFault {
            message: format!("no path can hold a name with quotes or `\\` as in {text}"),
            range: whole,
            help: None,
        })
    }

    fn filled(&self, key: &str, scope: &Scope) -> Result<String, ExpressionFault> {
        let context = scope.context();
        let mut filled = String::new();
        for c in key.chars() {
            let number = u32::from(c).checked_sub(STAND_IN).and_then(|number| usize::try_from(number).ok());
            match number.and_then(|number| self.template.parts.get(number)) {
                Some(Part::Expression(one)) => {
                    let value = one.given(&context)?.ok_or_else(|| super::sent::lacking(one))?;
                    super::write_value(&mut filled, &value);
                }
                _ => filled.push(c),
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::{PathTemplate, Scope};
    use serde_json::json;

    fn path(source: &str, name: &str) -> Result<String, String> {
        let scope = Scope::new().with("field", &json!({"name": name, "group": "g", "none": null}));
        let path = PathTemplate::compile(source).map_err(|fault| fault.message)?.path(&scope);
        path.map(|path| path.source().to_owned()).map_err(|fault| fault.message)
    }

    #[test]
    fn an_expression_is_one_name_whatever_it_holds() {
        for (source, name, found) in [
            ("$.properties.{{ field.name }}", "make", "$.properties.make"),
            ("$.properties.{{ field.name }}", "a b.c", "$.properties['a b.c']"),
            ("$.properties.{{ field.name }}", "it's", "$.properties[\"it's\"]"),
            ("$['{{ field.group }}'][0].hs_{{ field.name }}.value", "x", "$.g[0].hs_x.value"),
            ("$.a.{{ field.name }}-x", "x", ""),
        ] {
            match found {
                "" => assert!(path(source, name).is_err(), "{source}"),
                found => assert_eq!(path(source, name).as_deref(), Ok(found), "{source}"),
            }
        }
    }

    #[test]
    fn what_leads_to_no_one_value_is_refused() {
        for source in
            ["properties.{{ field.name }}", "$.a[*].{{ field.name }}", "$..{{ field.name }}", "$.{{ field.name"]
        {
            assert!(PathTemplate::compile(source).is_err(), "{source}");
        }
        assert_eq!(path("$.{{ field.none }}", "x"), Err("`field.none` has no value here".to_owned()));
        assert!(path("$.{{ field.name }}", "'\"").is_err());
        let fault = PathTemplate::compile("$.{{ field.name }}.a b").expect_err("a space");
        assert_eq!(fault.range, 20..21);
    }
}
