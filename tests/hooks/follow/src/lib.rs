//! The hook of the cases of pages in `tests/recorded`: it does what a page says, so that a recording can bring about
//! whatever a hook may do.
//!
//! | `then` in the body | what follows |
//! | --- | --- |
//! | `stop: why` | nothing |
//! | `url`, `params: {name: value}`, `headers: {name: value}`, `body: {…}` | a request with these |
//! | `refuse: why`, `break: true`, `loop: true` | the hook refuses; breaks down; never comes back |
//! | `say: text` | the text stands in the log, and what else is said follows |
//!
//! Without `then`, the header `X-Next` of the answer has the number of the next page, and its absence is the end.

use tapwright_hook_sdk::{ChoosePages, Json, Level, Next, Pair, Response, Step, export, log};

/// Follows what pages say.
#[derive(Debug)]
pub struct Follow {
    param: String,
}

export!(Follow: ChoosePages);

impl ChoosePages for Follow {
    const SUMMARY: &str = "Pages say what follows them.";
    const OPTIONS: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
        "param": {"type": "string", "description": "The parameter that carries the number of a page.", "default": "page"}
    }}"#;

    fn configure(options: Json<'_>) -> Result<Self, String> {
        let param = options.get("param").and_then(Json::text);
        Ok(Follow { param: param.map_or_else(|| "page".to_owned(), std::borrow::Cow::into_owned) })
    }

    fn after(&mut self, page: &Response) -> Result<Step, String> {
        let body = std::str::from_utf8(&page.body).map_err(|fault| fault.to_string())?;
        match Json::new(body).get("then") {
            Some(then) => said(then),
            None => Ok(self.counted(page)),
        }
    }
}

impl Follow {
    fn counted(&self, page: &Response) -> Step {
        match page.headers.iter().find(|header| header.name == "x-next") {
            Some(next) => {
                let params = vec![Pair::new(self.param.as_str(), next.value.as_str())];
                Step::Next(Next { params, ..Next::default() })
            }
            None => Step::Stop(format!("page {} names no other, and has so many records: {}", page.page, page.records)),
        }
    }
}

fn said(then: Json<'_>) -> Result<Step, String> {
    let text = |name: &str| Some(then.get(name)?.text()?.into_owned());
    if let Some(line) = text("say") {
        log(Level::Info, &line);
    }
    if let Some(reason) = text("refuse") {
        return Err(reason);
    }
    assert!(then.get("break").is_none(), "a page says so");
    if then.get("loop").is_some() {
        loop {
            std::hint::spin_loop();
        }
    }
    if let Some(reason) = text("stop") {
        return Ok(Step::Stop(reason));
    }
    let pairs = |name: &str| -> Vec<Pair> {
        let members = then.get(name).into_iter().flat_map(Json::members);
        members.map(|(name, value)| Pair::new(name, value.text().map_or(value.raw().into(), |text| text))).collect()
    };
    let body = then.get("body").map(|body| body.raw().as_bytes().to_vec());
    Ok(Step::Next(Next { url: text("url"), params: pairs("params"), headers: pairs("headers"), body }))
}
