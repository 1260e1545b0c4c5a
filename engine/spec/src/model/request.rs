//! What is sent: one request, as far as the spec says it.

use super::Rule;
use crate::expression::Template;

/// One request, as far as the spec says it.
#[derive(Debug, Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Scheme, host and prefix of the path, without a trailing slash.
    pub base_url: Template,
    /// An address whose host is at home: it may know the credentials. No answer tells it.
    pub home: Template,
    /// Another such address: where a login goes that names its host.
    pub second_home: Option<Template>,
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
    /// Whether an answer tells the host of the base URL.
    pub fn host_is_told(&self) -> bool {
        !self.base_url.source().starts_with(self.home.source())
    }

    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        let mut templates = vec![&self.base_url, &self.path];
        templates.extend(self.params.iter().flat_map(|param| param.value.templates()));
        templates.extend(self.headers.iter().map(|(_, value)| value));
        templates.extend(self.body.iter().flat_map(Body::templates));
        templates
    }
}

/// The request that proves that the credentials work.
#[derive(Debug, Clone)]
pub struct Check {
    /// The request.
    pub request: Request,
    /// What the body of its answer must be.
    pub expects: Expected,
    /// Rules that make of an answer a fault, or have the request sent again; the first that matches decides.
    pub rules: Vec<Rule>,
}

/// What the body of an answer must be that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// No page for people.
    NoPage,
    /// A JSON document.
    Json,
    /// It does not matter.
    Anything,
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

/// A parameter of the query or of a form.
#[derive(Debug, Clone)]
pub struct Param {
    /// Its name, unescaped.
    pub name: String,
    /// A text; a list, which repeats the name; or an object, which is sent as JSON.
    pub value: JsonTemplate,
}

/// Body of a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// `application/json`: a tree whose text leaves may be templates.
    Json(JsonTemplate),
    /// `application/x-www-form-urlencoded`, in order.
    Form(Vec<Param>),
    /// `text/plain`, unless a header says otherwise.
    Text(Template),
    /// A query in GraphQL, sent as JSON.
    GraphQl(GraphQl),
}

/// A query in GraphQL.
#[derive(Debug, Clone)]
pub struct GraphQl {
    /// The document.
    pub query: Template,
    /// The values of its variables: an object.
    pub variables: Option<JsonTemplate>,
    /// Which of its operations is asked for.
    pub operation: Option<Template>,
}

impl Body {
    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Body::Json(tree) => tree.templates(),
            Body::Form(fields) => fields.iter().flat_map(|field| field.value.templates()).collect(),
            Body::Text(text) => vec![text],
            Body::GraphQl(graphql) => {
                let variables = graphql.variables.iter().flat_map(JsonTemplate::templates);
                variables.chain([&graphql.query]).chain(&graphql.operation).collect()
            }
        }
    }
}

/// A JSON tree whose texts are templates. What a text that is one expression alone does not have is left out
/// where it stands: a member, an element.
#[derive(Debug, Clone)]
pub enum JsonTemplate {
    /// A null, boolean or number, as written.
    Fixed(serde_json::Value),
    /// A text, perhaps computed; one expression alone keeps its type.
    Text(Template),
    /// A list.
    List(Vec<JsonTemplate>),
    /// An object, in order.
    Object(Vec<(String, JsonTemplate)>),
}

impl JsonTemplate {
    /// Every template in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            JsonTemplate::Fixed(_) => Vec::new(),
            JsonTemplate::Text(template) => vec![template],
            JsonTemplate::List(items) => items.iter().flat_map(JsonTemplate::templates).collect(),
            JsonTemplate::Object(members) => members.iter().flat_map(|(_, value)| value.templates()).collect(),
        }
    }
}
