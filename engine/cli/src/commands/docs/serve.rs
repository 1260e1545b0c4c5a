//! `--serve`: the pages on this machine. With `--watch` a page that is open loads itself anew when it has changed, and
//! shows what is wrong with a spec.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch::Receiver;

use super::watch::Wrong;

/// How long a page waits for news before it asks again.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where a page asks for news, and the script that does.
const CHANGES: &str = "/-/changes";
const RELOAD: &str = "/-/reload.js";

const SCRIPT: &str = r#"(async () => {
  let at;
  for (;;) {
    try {
      const news = await (await fetch(`/-/changes${at === undefined ? "" : `?since=${at}`}`)).json();
      if (at !== undefined && news.number !== at && !news.fault) return location.reload();
      at = news.number;
      document.getElementById("fault")?.remove();
      const wrong = [news.fault, news.broken].filter(Boolean).join("\n\n");
      if (wrong) {
        const box = Object.assign(document.createElement("pre"), { id: "fault", textContent: wrong });
        box.style.cssText = "position:fixed;inset:auto 1rem 1rem;max-height:70vh;overflow:auto;z-index:99;margin:0;padding:1rem;background:#2a0f0d;color:#ffd9d5;border:2px solid #ff9d94;border-radius:.6rem;font:13px/1.4 monospace;white-space:pre";
        box.setAttribute("role", "alert");
        document.body.append(box);
      }
    } catch {
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
})();
"#;

/// What pages are told.
#[derive(Debug, Clone, Default)]
pub(super) struct News {
    /// How often something has changed.
    pub(super) number: u64,
    /// What is wrong now.
    pub(super) wrong: Wrong,
}

#[derive(Clone)]
struct Served {
    folder: PathBuf,
    news: Receiver<News>,
}

#[derive(Deserialize)]
struct Known {
    since: Option<u64>,
}

/// Serves the files of a folder for ever.
pub(super) async fn serve(listener: TcpListener, folder: &Path, news: Receiver<News>) -> std::io::Result<()> {
    let served = Served { folder: folder.to_owned(), news };
    let routes = Router::new()
        .route(CHANGES, get(changes))
        .route(RELOAD, get(|| async { ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT) }))
        .fallback(get(file))
        .with_state(served);
    axum::serve(listener, routes).await
}

/// Whether a request was made for this machine: a page of a stranger may lead a name of its own here.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    matches!(host.rsplit_once(':').map_or(host, |(name, _)| name), "127.0.0.1" | "localhost")
}

/// Answers when there are news, or after a while.
async fn changes(State(mut served): State<Served>, headers: HeaderMap, Query(known): Query<Known>) -> Response {
    if !is_local(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if let Some(since) = known.since {
        let waited = served.news.wait_for(|news| news.number != since);
        // Without news it is told what is known.
        let _ = tokio::time::timeout(PATIENCE, waited).await;
    }
    let news = served.news.borrow().clone();
    let body = json!({"number": news.number, "fault": news.wrong.fault, "broken": news.wrong.broken}).to_string();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn file(State(served): State<Served>, headers: HeaderMap, uri: Uri) -> Response {
    if !is_local(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let name = uri.path().trim_start_matches('/');
    let name = if name.is_empty() { "index.html" } else { name };
    let path = Path::new(name);
    let is_within = path.components().all(|part| matches!(part, Component::Normal(_)));
    let read = if is_within { tokio::fs::read(served.folder.join(path)).await.ok() } else { None };
    let Some(mut bytes) = read else {
        return (StatusCode::NOT_FOUND, format!("there is no {name}\n")).into_response();
    };
    let kind = match path.extension().and_then(|end| end.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("xml") => "application/xml",
        _ => "text/plain; charset=utf-8",
    };
    if kind.starts_with("text/html") {
        bytes.extend_from_slice(format!("<script src=\"{RELOAD}\"></script>\n").as_bytes());
    }
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")], bytes).into_response()
}
