//! `tapwright login SPEC`: a person allows access in a browser, once.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tapwright_sync::clock::SystemClock;
use tapwright_sync::extract::Source;
use tapwright_sync::http::Live;
use tapwright_sync::login::{self, Standing};

use super::sync::{configuration, runtime};
use super::{Refusal, WRONG, print};

/// Log in to an API in a browser, once; later runs use what the login gives
///
/// For specs with `grant: authorization_code`. The address to open is printed; the browser must run on this machine,
/// to which it comes back. What the login gives is kept in a file that only its owner may read, in the folder
/// TAPWRIGHT_STATE_DIR, by default ~/.local/state/tapwright.
#[derive(clap::Args)]
pub(crate) struct Login {
    /// Spec file
    #[arg(value_name = "SPEC")]
    spec: PathBuf,
    /// Configuration file, YAML or JSON; TAPWRIGHT_<CONNECTOR>_<FIELD> and .env go over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A value of the configuration; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    values: Vec<String>,
    /// Port of this machine to which the browser comes back; without it the spec's, or a free one
    #[arg(long, value_name = "PORT", conflicts_with_all = ["status", "forget"])]
    port: Option<u16>,
    /// Tell whether somebody is logged in; exit status 1 if nobody is
    #[arg(long, conflicts_with = "forget")]
    status: bool,
    /// Forget the login on this machine; the API goes on to know it
    #[arg(long)]
    forget: bool,
}

impl Login {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        let connector = super::connector(&self.spec)?;
        let settings = configuration::read(&connector, self.config.as_deref(), &self.values)?;
        let transport = Arc::new(Live::new().map_err(Refusal::Said)?);
        let source = Source::new(&connector, &settings, transport, Arc::new(SystemClock))?;
        if self.status {
            let standing = source.standing()?;
            print(&standing.as_ref().map_or_else(|| "Nobody is logged in.\n".to_owned(), words));
            return Ok(standing.map_or(ExitCode::from(WRONG), |_| ExitCode::SUCCESS));
        }
        if self.forget {
            print(&match source.forget_login()? {
                Some(file) => {
                    format!("Forgotten: {} is gone. Revoke the access at {} too.\n", file.display(), connector.title)
                }
                None => "Nobody was logged in.\n".to_owned(),
            });
            return Ok(ExitCode::SUCCESS);
        }
        let standing = runtime()?.block_on(async {
            let login = login::Login::begin(&source, self.port).await?;
            print(&format!(
                "Open this address in a browser on this machine, and allow access:\n\n{}\n\nWaiting up to {} minutes for the \
                 browser to come back …\n",
                login.url(),
                login.patience().as_secs() / 60
            ));
            login.finish().await
        })?;
        print(&words(&standing));
        Ok(ExitCode::SUCCESS)
    }
}

fn words(standing: &Standing) -> String {
    let file = standing.file.display();
    match (standing.refreshes, standing.ends) {
        (true, _) => format!("Logged in: a refresh token is kept in {file}\n"),
        (false, Some(ends)) => {
            format!("Logged in until {ends}: the API gives no refresh token; the access token is kept in {file}\n")
        }
        (false, None) => {
            format!(
                "Logged in: the API gives no refresh token; the access token, which has no end, is kept in {file}\n"
            )
        }
    }
}
