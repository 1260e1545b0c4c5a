//! What a request carries for a template: a value, or nothing where there is none.

use super::{Compiled, ExpressionFault, Part, Scope, Template, write_value};

impl Template {
    /// Whether it is one expression with nothing beside it.
    pub fn is_one_expression(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Expression(_)])
    }

    /// The members that lead to its value from `root`, if it is no more than such a path: `{{ record.price.amount }}`.
    pub fn path_from(&self, root: &str) -> Option<Vec<&str>> {
        let [Part::Expression(one)] = self.parts.as_slice() else { return None };
        let mut chain = one.path()?.into_iter();
        (chain.next()? == root).then(|| chain.collect())
    }

    /// What a request carries: of one expression alone its value, with its type; of anything else the text.
    /// `None` where one expression alone has no value: then its entry is not sent.
    ///
    /// # Errors
    /// As [`render`](Template::render); also for null with text beside it, and for what a parent lacks.
    pub fn sent(&self, scope: &Scope) -> Result<Option<serde_json::Value>, ExpressionFault> {
        let [Part::Expression(one)] = self.parts.as_slice() else {
            return self.text(scope).map(|text| Some(text.into()));
        };
        let Some(value) = one.given(&scope.context())? else { return absent(one) };
        one.tree_of(&value).map(Some)
    }

    /// The text, for which every expression in it must have a value.
    ///
    /// # Errors
    /// As [`render`](Template::render); also for null.
    pub fn text(&self, scope: &Scope) -> Result<String, ExpressionFault> {
        let context = scope.context();
        let mut out = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Expression(one) => match one.given(&context)? {
                    None => return Err(lacking(one)),
                    Some(value) => write_value(&mut out, &value),
                },
            }
        }
        Ok(out)
    }
}

/// A request without what was to choose among an API's records would ask for all of them: what a parent
/// lacks is left out only where the expression says so.
fn absent(one: &Compiled) -> Result<Option<serde_json::Value>, ExpressionFault> {
    match one.subject() {
        Some(name) if name.starts_with("parent.") => {
            let ExpressionFault { message, range, help } = lacking(one);
            let message = format!("{message}; where it should be left out, write `{{{{ {name} or none }}}}`");
            Err(ExpressionFault { message, range, help })
        }
        _ => Ok(None),
    }
}

pub(super) fn lacking(one: &Compiled) -> ExpressionFault {
    let message = match one.subject() {
        Some(name) => format!("`{name}` has no value here"),
        None => "the expression has no value here".to_owned(),
    };
    ExpressionFault { message, range: one.range.clone(), help: None }
}

#[cfg(test)]
mod tests {
    use super::super::{Scope, Template};
    use serde_json::json;

    fn scope() -> Scope {
        Scope::new()
            .with("config", &json!({"n": 3, "tags": ["a"], "yes": true}))
            .with("parent", &json!({"id": 7, "group": null}))
            .with("since", &json!(null))
    }

    fn sent(source: &str) -> Result<Option<serde_json::Value>, String> {
        Template::compile(source).expect("a template").sent(&scope()).map_err(|fault| fault.message)
    }

    #[test]
    fn one_expression_keeps_its_type_and_is_left_out_without_a_value() {
        assert_eq!(sent("{{ config.n }}"), Ok(Some(json!(3))));
        assert_eq!(sent("{{ config.tags }}"), Ok(Some(json!(["a"]))));
        assert_eq!(sent("n={{ config.n }}"), Ok(Some(json!("n=3"))));
        assert_eq!(sent("{{ config.left_out }}"), Ok(None));
        assert_eq!(sent("{{ config['left_out'] }}"), Ok(None));
        assert_eq!(sent("{{ since }}"), Ok(None));
        assert_eq!(sent("{{ config.left_out | lower }}"), Ok(None));
        assert_eq!(sent("{{ 'updated>' ~ since if since else none }}"), Ok(None));
        assert_eq!(sent(""), Ok(Some(json!(""))));
    }

    #[test]
    fn what_is_lacking_elsewhere_is_an_error() {
        assert_eq!(
            sent("{{ parent.group }}"),
            Err("`parent.group` has no value here; where it should be left out, write `{{ parent.group or none }}`"
                .into())
        );
        assert_eq!(sent("{{ parent.group or none }}"), Ok(None));
        assert_eq!(sent("updated>{{ since }}"), Err("`since` has no value here".into()));
        assert_eq!(sent("a{{ config.left_out }}"), Err("`config.left_out` has no value here".into()));
        assert!(sent("{{ config.left_out ~ 'a' }}").is_err());
    }
}
