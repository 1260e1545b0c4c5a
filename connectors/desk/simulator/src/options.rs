//! What a simulated site and its server can be told. The doc comment of a field is its `--help`.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

use crate::moment::Moment;

/// Which API the site answers with. Bodies grew over the years: integer ids, `page` in the envelope,
/// counts on collection links and real booleans are all missing from the responses recorded in 2013.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Era {
    /// As recorded in 2013: one server generation, no integer ids.
    #[value(name = "2013")]
    Early,
    /// As recorded in 2016: cases come from the newer service, ids are present.
    #[value(name = "2016")]
    Late,
}

/// What decides every record of a [`Site`](crate::Site): the same options give the same site.
#[derive(Clone, Debug, Args)]
pub struct SiteOptions {
    /// Number of cases; the other entities scale with it
    #[arg(long, default_value_t = Self::default().cases)]
    pub cases: usize,
    /// Seed of all randomness, of the records and of the faults
    #[arg(long, default_value_t = Self::default().seed)]
    pub seed: u64,
    /// The site's present: its youngest record is about this old. A timestamp, or `now`
    #[arg(long, default_value_t = Self::default().today)]
    pub today: Moment,
    /// Which year's bodies to answer with
    #[arg(long, value_enum, default_value_t = Self::default().era)]
    pub era: Era,
    /// Give booleans of custom fields as texts, `"0"`, `"1"` or `""`, as in 2013, whatever the era
    #[arg(long)]
    pub text_booleans: bool,
}

impl Default for SiteOptions {
    fn default() -> Self {
        // Half past noon, 30 November 2016: the month of the youngest recorded responses.
        Self { cases: 2_000, seed: 7, today: Moment(1_480_509_000), era: Era::Late, text_booleans: false }
    }
}

/// Who may read the site. All of them are accepted side by side, as on Desk.
#[derive(Clone, Debug, Args)]
pub struct Credentials {
    /// Basic authentication: e-mail of the agent
    #[arg(long, default_value_t = Self::default().user)]
    pub user: String,
    /// Basic authentication: password of the agent
    #[arg(long, default_value_t = Self::default().password)]
    pub password: String,
    /// OAuth 1.0a: consumer key
    #[arg(long, default_value_t = Self::default().key)]
    pub key: String,
    /// OAuth 1.0a: consumer secret
    #[arg(long, default_value_t = Self::default().secret)]
    pub secret: String,
    /// OAuth 1.0a: access token
    #[arg(long, default_value_t = Self::default().token)]
    pub token: String,
    /// OAuth 1.0a: secret of the access token
    #[arg(long, default_value_t = Self::default().token_secret)]
    pub token_secret: String,
    /// Bearer token, as the portal's own kit sends it
    #[arg(long, default_value_t = Self::default().bearer)]
    pub bearer: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            user: "agent@shop.example".into(),
            password: "desk-password".into(),
            key: "desk-key".into(),
            secret: "desk-secret".into(),
            token: "desk-token".into(),
            token_secret: "desk-token-secret".into(),
            bearer: "desk-bearer".into(),
        }
    }
}

/// How a [`Server`](crate::Server) serves its site.
#[derive(Clone, Debug, Args)]
pub struct ServerOptions {
    /// Loopback address to listen on; port 0 takes a free one
    #[arg(long, default_value_t = Self::default().listen)]
    pub listen: SocketAddr,
    /// Whom to let in
    #[command(flatten)]
    pub credentials: Credentials,
    /// Requests per window, counted apart for the two server generations
    #[arg(long, value_name = "N", default_value_t = Self::default().rate_limit)]
    pub rate_limit: u64,
    /// Length of the rate limit's window in seconds; 60 on Desk
    #[arg(long, value_name = "SECONDS", default_value_t = Self::default().rate_window)]
    pub rate_window: f64,
    /// Share of requests to answer with a 500 that is gone on the next attempt
    #[arg(long, value_name = "SHARE", default_value_t = Self::default().errors)]
    pub errors: f64,
    /// Change a case and add a reply after every N requests; 0 keeps the site still
    #[arg(long, value_name = "N", default_value_t = Self::default().churn)]
    pub churn: u64,
    /// Milliseconds to wait before each answer
    #[arg(long, value_name = "MS", default_value_t = Self::default().latency)]
    pub latency: u64,
    /// Refuse a `per_page` above the maximum with 422, instead of lowering it silently
    #[arg(long)]
    pub strict_per_page: bool,
    /// Let links of article searches lose the search, as recorded in 2013
    #[arg(long)]
    pub forgetful_search: bool,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            credentials: Credentials::default(),
            rate_limit: 100_000,
            rate_window: 60.0,
            errors: 0.0,
            churn: 0,
            latency: 0,
            strict_per_page: false,
            forgetful_search: false,
        }
    }
}
