//! The authorization code grant (RFC 6749 section 4.1) with PKCE (RFC 7636) and a redirect to this machine (RFC 8252).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use tapwright_spec::expression::{ExpressionFault, Scope};
use tapwright_spec::model::{Authorize, Pkce};
use url::Url;

/// Where a user agrees, and how they come back.
pub(super) struct Authorization {
    url: String,
    params: Vec<(String, String)>,
    scope: Option<String>,
    pkce: bool,
    redirect_url: Option<String>,
}

/// One attempt of a user to log in.
#[derive(Debug)]
pub struct Attempt {
    /// The address at which the user agrees.
    pub url: String,
    /// What the answer must bring back.
    pub state: String,
    pub(super) verifier: Option<String>,
    pub(super) redirect_url: String,
}

impl Authorization {
    /// `access` is the scope that is asked for.
    pub(super) fn new(
        form: &Authorize,
        access: Option<String>,
        scope: &Scope,
    ) -> Result<Authorization, ExpressionFault> {
        let params = form.params.iter().map(|(name, value)| Ok((name.clone(), value.render(scope)?)));
        Ok(Authorization {
            url: form.url.render(scope)?,
            params: params.collect::<Result<_, ExpressionFault>>()?,
            scope: access,
            pkce: form.pkce == Pkce::S256,
            redirect_url: form.redirect_url.clone(),
        })
    }

    /// The address to which the browser is to come back, if the spec names one.
    pub(super) fn redirect_url(&self) -> Option<&str> {
        self.redirect_url.as_deref()
    }

    /// Begins an attempt that comes back to `redirect_url`.
    pub(super) fn begin(&self, client: &str, redirect_url: &str) -> Result<Attempt, String> {
        let mut url: Url = self.url.parse().map_err(|_| format!("`{}` is no URL", self.url))?;
        let state = random()?;
        let verifier = self.pkce.then(random).transpose()?;
        let challenge = verifier.as_ref().map(|verifier| URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes())));
        let own = [
            ("response_type", Some("code")),
            ("client_id", Some(client)),
            ("redirect_uri", Some(redirect_url)),
            ("scope", self.scope.as_deref()),
            ("state", Some(&*state)),
            ("code_challenge", challenge.as_deref()),
            ("code_challenge_method", challenge.as_ref().map(|_| "S256")),
        ];
        {
            let mut query = url.query_pairs_mut();
            query.extend_pairs(own.into_iter().filter_map(|(name, value)| Some((name, value?))));
            query.extend_pairs(&self.params);
        }
        Ok(Attempt { url: url.into(), state, verifier, redirect_url: redirect_url.to_owned() })
    }
}

/// 256 bits that nobody can guess.
fn random() -> Result<String, String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| "this machine gives no random numbers".to_owned())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
