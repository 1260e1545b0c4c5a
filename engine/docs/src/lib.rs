//! The pages: a checked connector becomes a page of documentation, as Markdown and as HTML.
//!
//! Every fact is read from the model that also runs; nothing is fetched, and the same connector gives
//! the same page, byte by byte.

mod addresses;
mod anchor;
mod answer;
mod auth;
mod bookmark;
mod broken;
mod change;
mod chapter;
mod context;
mod described;
mod diagram;
mod diff;
mod document;
mod drift;
mod dynamic;
mod evidence;
mod filter;
mod hooks;
mod job;
mod layers;
mod links;
mod llms;
mod markdown;
mod names;
mod page;
mod paging;
mod redirects;
mod reference;
mod render;
mod replication;
mod search;
mod shape;
mod site;
mod slices;
mod snapshot;
mod sql;
mod template;

pub use addresses::{Astray, Gone};
pub use answer::rate;
pub use auth::authentication;
pub use broken::{Broken, Links};
pub use chapter::{Chapter, Entry, Subject};
pub use described::{DescribedColumn, DescribedTable, described};
pub use diff::{Change, Difference, Weight, difference};
pub use document::{page_document, page_schema};
pub use drift::{Drift, DriftKind};
pub use dynamic::families;
pub use evidence::{Cost, Evidence};
pub use hooks::hooks;
pub use redirects::Redirects;
pub use reference::template_reference;
pub use render::{Format, RenderFault, render};
pub use replication::{Point, points};
pub use site::{Beside, PageFile, Site, SiteFault};
pub use sql::name as sql_name;
pub use template::{Template, TemplateFault};
