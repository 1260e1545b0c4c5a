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

/// HTTP method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
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
