//! A Desk.com site that can be generated, served on loopback and changed while it is served.
//!
//! Desk.com ended in 2020. This crate answers as its API v2 was recorded and documented to answer, so
//! that a connector for it can still be run and tested; the README says what is evidence and what is
//! a guess.
//!
//! ```
//! use desk_simulator::{Edit, Server, ServerOptions, Site, SiteOptions};
//!
//! # async fn example() -> std::io::Result<()> {
//! let site = Site::generate(&SiteOptions::default());
//! let server = Server::start(site, ServerOptions::default()).await?;
//! println!("{}/api/v2/users/current", server.base_url());
//! let changes = server.edit(&Edit { cases: 5, ..Edit::default() });
//! assert_eq!(changes.cases.len(), 5);
//! server.stop().await;
//! # Ok(())
//! # }
//! ```

mod access;
mod answer;
mod budget;
mod control;
mod dice;
mod dump;
mod faults;
mod json;
mod lucene;
mod model;
mod moment;
mod oauth;
mod options;
mod page;
mod query;
mod requests;
mod route;
mod select;
mod server;
mod site;
mod table;
mod view;
mod wire;

pub use moment::Moment;
pub use options::{Credentials, Era, ServerOptions, SiteOptions};
pub use requests::Requests;
pub use server::Server;
pub use site::{Changes, Edit, Site};
