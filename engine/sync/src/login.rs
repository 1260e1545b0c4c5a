//! A person logs in: a browser goes to the API, and comes back to this machine with a code for a token.

mod callback;

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use url::Url;

use crate::auth::Attempt;
pub use crate::auth::Standing;
use crate::extract::{ExtractError, Source};
use callback::{Came, Listening};
use tapwright_spec::counted;

/// How long a person has.
const PATIENCE: Duration = Duration::from_secs(600);

/// Why nobody is logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginFault {
    /// This machine does not listen.
    #[error("port {port} of this machine cannot be listened at: {why}")]
    Deaf {
        /// The port.
        port: u16,
        /// Why not.
        why: String,
    },
    /// The browser brought something else than a code.
    #[error("{0}")]
    Denied(String),
    /// Nobody came.
    #[error("nobody has come back within {}; run the login again", counted(.0.as_secs() / 60, "minute"))]
    Alone(Duration),
    /// The code gives no token, or the spec has no login.
    #[error(transparent)]
    Extract(#[from] ExtractError),
}

/// A login under way.
pub struct Login<'a> {
    source: &'a Source,
    listener: TcpListener,
    attempt: Attempt,
    path: String,
}

impl<'a> Login<'a> {
    /// Listens on this machine, at `port` or, without one, at the port that the spec names or at a free one.
    ///
    /// # Errors
    /// A spec without a login, or a port that is taken.
    pub async fn begin(source: &'a Source, port: Option<u16>) -> Result<Login<'a>, LoginFault> {
        let named = source.redirect_url()?.unwrap_or_else(|| "http://127.0.0.1/callback".to_owned());
        // The check has seen to it that it is one.
        let mut redirect: Url =
            named.parse().map_err(|_| LoginFault::Denied(format!("`{named}` is no URL to come back to")))?;
        let port = port.or(redirect.port()).unwrap_or(0);
        let deaf = |error: std::io::Error| LoginFault::Deaf { port, why: error.to_string() };
        let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(deaf)?;
        let port = listener.local_addr().map_err(deaf)?.port();
        // An `http:` URL takes a port.
        let _ = redirect.set_port(Some(port));
        let attempt = source.attempt(redirect.as_str())?;
        Ok(Login { source, listener, attempt, path: redirect.path().to_owned() })
    }

    /// The address at which a person agrees.
    pub fn url(&self) -> &str {
        &self.attempt.url
    }

    /// How long they have.
    pub fn patience(&self) -> Duration {
        PATIENCE
    }

    /// Waits until the browser comes back, and gives the code for a token, which is kept.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn finish(self) -> Result<Standing, LoginFault> {
        let Login { source, listener, attempt, path } = self;
        let listening = Arc::new(Listening { path, state: attempt.state.clone() });
        let (sender, mut came) = mpsc::channel(1);
        let accepting = async {
            loop {
                // A connection that breaks before it is taken is nobody.
                if let Ok((connection, _)) = listener.accept().await {
                    tokio::spawn(Arc::clone(&listening).answer(connection, sender.clone()));
                }
            }
        };
        let code = tokio::select! {
            came = came.recv() => match came {
                Some(Came::Code(code)) => code,
                Some(Came::Denied(why)) => return Err(LoginFault::Denied(source.redactor().redact(&why))),
                None => return Err(LoginFault::Alone(PATIENCE)),
            },
            () = accepting => return Err(LoginFault::Alone(PATIENCE)),
            () = tokio::time::sleep(PATIENCE) => return Err(LoginFault::Alone(PATIENCE)),
        };
        Ok(source.redeem(&attempt, &code).await?)
    }
}
