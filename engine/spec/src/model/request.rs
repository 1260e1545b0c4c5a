//! What is sent: one request, as far as the spec says it.

use crate::expression::Template;

/// One request, as far as the spec says it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Scheme, host and prefix of the path, without a trailing slash.
    pub base_url: Template,
    /// Path with a leading slash, or an absolute URL.
    pub path: Template,
    /// Query parameters, in order; a list repeats the name.
    pub params: Vec<Param>,
    /// Headers, in order.
    pub headers: Vec<(String, Template)>,
    /// Body of a POST.
    pub body: Option<Body>,
}

impl Request {
    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        let mut templates = vec![&self.base_url, &self.path];
        templates.extend(self.params.iter().flat_map(|param| &param.values));
        templates.extend(self.headers.iter().map(|(_, value)| value));
        if let Some(Body::Json(tree)) = &self.body {
            tree.collect(&mut templates);
        }
        templates
    }
}

/// HTTP method of a request. What reads a stream is a `GET` or a `POST`; a job may need the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Method {
    /// The word that stands in a request.
    pub fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

/// A query parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name, unescaped.
    pub name: String,
    /// One value for each time it is sent.
    pub values: Vec<Template>,
}

/// Body of a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// `application/json`: a tree whose text leaves may be templates.
    Json(JsonTemplate),
}

/// A JSON tree whose texts are templates.
#[derive(Debug, Clone)]
pub enum JsonTemplate {
    /// A null, boolean or number, as written.
    Fixed(serde_json::Value),
    /// A text, perhaps computed; it stays a text.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object, in order.
    Object(Vec<(String, JsonTemplate)>),
}

impl JsonTemplate {
    fn collect<'a>(&'a self, templates: &mut Vec<&'a Template>) {
        match self {
            JsonTemplate::Fixed(_) => {}
            JsonTemplate::Text(template) => templates.push(template),
            JsonTemplate::List(items) => items.iter().for_each(|item| item.collect(templates)),
            JsonTemplate::Object(members) => members.iter().for_each(|(_, member)| member.collect(templates)),
        }
    }
}
