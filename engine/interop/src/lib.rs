//! What other programs read of a connector: JSON Schema of its rows, DBML, sources of dbt, a catalog of Singer.
//!
//! All are made of the tables as a load creates them, described as the pages describe them. Nothing is fetched, and the
//! same connector gives the same text, byte by byte.

mod catalog;
mod dbml;
mod dbt;
mod place;
mod record;
mod rows;
mod table;
mod twin;

pub use catalog::catalog;
pub use dbml::dbml;
pub use dbt::{SourcesFault, sources};
pub use place::Place;
pub use rows::rows;
pub use table::{Column, Reference, Table, tables};
pub use twin::{Form, Twin, TwinFault, beside, twins};
