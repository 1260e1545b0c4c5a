//! Bodies of requests as HTML forms send them.

use url::form_urlencoded::{Serializer, parse};

use super::Request;

const FORM: &str = "application/x-www-form-urlencoded";

impl Request {
    /// Whether its body is a form.
    pub fn is_form(&self) -> bool {
        self.headers.get("Content-Type").is_some_and(|kind| kind.starts_with(FORM))
    }

    /// The names and values of its form.
    pub fn form(&self) -> Vec<(String, String)> {
        match &self.body {
            Some(body) if self.is_form() => parse(body).into_owned().collect(),
            _ => Vec::new(),
        }
    }

    /// Gives it a form of these names and values as its body.
    pub fn set_form(&mut self, pairs: &[(String, String)]) {
        if self.headers.get("Content-Type").is_none() {
            self.headers.add("Content-Type", FORM);
        }
        self.body = Some(Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes());
    }

    /// Gives `name` this one value in its form; what it had before is gone.
    pub fn set_in_form(&mut self, name: &str, value: &str) {
        let mut pairs = self.form();
        pairs.retain(|(known, _)| known != name);
        pairs.push((name.to_owned(), value.to_owned()));
        self.set_form(&pairs);
    }
}
