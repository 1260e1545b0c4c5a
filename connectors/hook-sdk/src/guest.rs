//! What a component exports. Here alone stand the types of the interface; the rest of the crate, and so a native
//! test, knows nothing of them.

#![allow(
    missing_docs,
    unsafe_code,
    clippy::all,
    reason = "most of it is generated from the interface, which documents itself"
)]

#[cfg(feature = "change-records")]
pub mod change_records;
#[cfg(feature = "choose-pages")]
pub mod choose_pages;
#[cfg(feature = "cut-slices")]
pub mod cut_slices;
#[cfg(feature = "sign-requests")]
pub mod sign_requests;

/// Keeps the hook between the calls of the engine.
pub trait Held {
    type Hook;

    fn hold(hook: Self::Hook);

    fn with<T>(ask: impl FnOnce(&mut Self::Hook) -> Result<T, String>) -> Result<T, String>;
}
