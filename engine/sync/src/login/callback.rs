//! What a browser brings back, and the page that it gets.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use url::Url;

/// A request for the page is no larger, and takes no longer.
const LARGEST: usize = 16 << 10;
const LONGEST: Duration = Duration::from_secs(10);

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// A code for a token.
    Code(String),
    /// Something else, in words for the user.
    Denied(String),
}

/// Where the browser comes back to, and with what.
pub(super) struct Listening {
    pub(super) path: String,
    pub(super) state: String,
}

impl Listening {
    /// Answers one connection; what it brings goes to `sender`.
    pub(super) async fn answer(self: Arc<Self>, mut connection: TcpStream, sender: mpsc::Sender<Came>) {
        let Ok(Some(target)) = tokio::time::timeout(LONGEST, target(&mut connection)).await else { return };
        let came = self.read(&target);
        let (status, words) = match &came {
            None => ("404 Not Found", "There is nothing here."),
            Some(Came::Code(_)) => {
                ("200 OK", "Tapwright has the answer. Go back to the terminal; this page can be closed.")
            }
            Some(Came::Denied(_)) => {
                ("400 Bad Request", "This is no login. The terminal says why; this page can be closed.")
            }
        };
        let page = format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{words}",
            words.len()
        );
        // Whoever has gone away reads no page; what came counts all the same.
        let _ = tokio::time::timeout(LONGEST, async {
            let _ = connection.write_all(page.as_bytes()).await;
            let _ = connection.shutdown().await;
        })
        .await;
        if let Some(came) = came {
            let _ = sender.send(came).await;
        }
    }

    /// What the target of a request brings; nothing if it is for another page.
    fn read(&self, target: &str) -> Option<Came> {
        let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
        if url.path() != self.path {
            return None;
        }
        let value =
            |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        let denied = |why: String| Some(Came::Denied(why));
        if value("state").as_deref() != Some(&self.state) {
            return denied("the browser came back with another `state` than it was sent with: this is the answer to another login; run the login again".to_owned());
        }
        if let Some(error) = value("error") {
            let described = value("error_description").map_or_else(String::new, |words| format!(": {words}"));
            let words: String = format!("{error}{described}").chars().filter(|c| !c.is_control()).take(300).collect();
            return denied(match &*error {
                "access_denied" => format!("access was not granted ({words})"),
                _ => format!("the API gives no code ({words})"),
            });
        }
        match value("code").filter(|code| !code.is_empty()) {
            Some(code) => Some(Came::Code(code)),
            None => denied("the browser came back without a code".to_owned()),
        }
    }
}

/// The target of a `GET`; nothing if it is none, or too large.
async fn target(connection: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut piece = [0; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = connection.read(&mut piece).await.ok()?;
        if read == 0 || head.len() + read > LARGEST {
            return None;
        }
        head.extend_from_slice(&piece[..read]);
    }
    let line = String::from_utf8(head).ok()?;
    let mut words = line.lines().next()?.split(' ');
    match (words.next(), words.next()) {
        (Some("GET"), Some(target)) if target.starts_with('/') => Some(target.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Came, Listening};

    fn read(target: &str) -> Option<Came> {
        Listening { path: "/callback".into(), state: "s1".into() }.read(target)
    }

    #[test]
    fn a_code_comes_with_its_state_and_nothing_else_is_one() {
        assert_eq!(read("/callback?code=a%2Fb&state=s1"), Some(Came::Code("a/b".into())));
        assert_eq!(read("/favicon.ico"), None);
        let denied = |target: &str| match read(target) {
            Some(Came::Denied(why)) => why,
            other => panic!("{other:?}"),
        };
        assert!(denied("/callback?code=a&state=s2").contains("another `state`"));
        assert!(denied("/callback?code=a").contains("another `state`"));
        assert!(denied("/callback?state=s1").contains("without a code"));
        let why = denied("/callback?state=s1&error=access_denied&error_description=not%20today%1b%5B0m");
        assert_eq!(why, "access was not granted (access_denied: not today[0m)");
        assert!(denied("/callback?state=s1&error=invalid_scope").contains("no code (invalid_scope)"));
    }
}
