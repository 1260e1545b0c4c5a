//! Write a Tapwright hook: implement one trait, name it in one macro, done.
//!
//! | job | trait | macro |
//! | --- | --- | --- |
//! | change records | [`ChangeRecords`] | `export!(MyHook: ChangeRecords)` |
//! | sign requests | [`SignRequests`] | `export!(MyHook: SignRequests)` |
//! | choose the next page | [`ChoosePages`] | `export!(MyHook: ChoosePages)` |
//! | cut a stream into slices | [`CutSlices`] | `export!(MyHook: CutSlices)` |
//!
//! A hook built for WebAssembly is handed records as text. [`Json`] reads them where they stand and [`Output`] writes
//! them, so that no tree is built and numbers stay as they were written. The same code runs natively: [`rehearse`] does
//! in a unit test what the engine does in a run.

mod column;
mod export;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod guest;
mod json;
mod log;
mod meant;
mod output;
mod pages;
mod records;
pub mod rehearse;
mod sign;
mod slices;
mod swift;
mod text;
mod write;

pub use column::Columns;
pub use json::{Items, Json, Kind, Members};
pub use log::{Level, log};
pub use meant::Meant;
pub use output::{Answer, Line, Output, Refusal, Route};
pub use pages::{ChoosePages, Next, Response, Step};
pub use records::{ChangeRecords, Effect, Field, Given, Stream, Type};
pub use sign::{Pair, Request, SignRequests, Signature};
pub use slices::{CutSlices, Question};
pub use text::Text;
pub use write::{Name, Named, ToJson, quoted};
