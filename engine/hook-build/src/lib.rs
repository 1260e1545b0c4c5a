//! Makes hooks: a first source in the author's language, and the component that is built of it.
//!
//! Everything is done by the tools of that language: cargo, componentize-qjs for JavaScript, componentize-py for
//! Python. What they need of ours, a crate or a module to write against and the interface, lies beside the author's
//! sources: see [`new`].

mod build;
mod component;
mod debian;
mod javascript;
mod language;
mod new;
mod python;
mod run;
mod rust;
mod seal;
mod world;

pub use build::{Built, build};
pub use debian::Download;
pub use language::Language;
pub use new::new;
pub use run::Fault;
pub use seal::{Seal, Verdict, verdict};
pub use world::Job;
