//! What a person's login needs of a source: an address to go to, and a place for the token.

use std::path::PathBuf;
use std::sync::Arc;

use tapwright_spec::model::Limits;

use super::{ExtractError, FaultKind, Source};
use crate::auth::{Attempt, AuthFault, Endpoint, Standing};

impl Source {
    fn endpoint(&self) -> Result<&Endpoint, ExtractError> {
        self.credentials.login().ok_or_else(|| {
            let what = "nobody logs in here: only `grant: authorization_code` of `oauth2` has a login";
            ExtractError::new(&self.redactor, FaultKind::Credentials, "auth", what)
        })
    }

    fn unready(&self, fault: &AuthFault) -> ExtractError {
        ExtractError::unready(&self.redactor, fault)
    }

    /// The address to which the browser comes back, if the spec names one.
    pub(crate) fn redirect_url(&self) -> Result<Option<String>, ExtractError> {
        Ok(self.endpoint()?.login().flatten().map(str::to_owned))
    }

    /// Begins a login that comes back to `redirect_url`.
    pub(crate) fn attempt(&self, redirect_url: &str) -> Result<Attempt, ExtractError> {
        self.endpoint()?.begin(redirect_url).map_err(|fault| self.unready(&fault))
    }

    /// Gives the code of a login for a token, and keeps it.
    pub(crate) async fn redeem(&self, attempt: &Attempt, code: &str) -> Result<Standing, ExtractError> {
        let errand = self.errand(&Limits::default(), &Arc::default());
        self.endpoint()?.redeem(&errand, attempt, code).await.map_err(|fault| self.unready(&fault))
    }

    /// Where the login of this machine stands; nothing if nobody is logged in.
    ///
    /// # Errors
    /// A spec without a login, or a file that cannot be read.
    pub fn standing(&self) -> Result<Option<Standing>, ExtractError> {
        self.endpoint()?.standing(&self.keep).map_err(|fault| self.unready(&fault))
    }

    /// Forgets the login of this machine; gives the file that is gone.
    ///
    /// # Errors
    /// A spec without a login, or a file that cannot be taken away.
    pub fn forget_login(&self) -> Result<Option<PathBuf>, ExtractError> {
        self.endpoint()?.forget(&self.keep).map_err(|fault| self.unready(&fault))
    }
}
