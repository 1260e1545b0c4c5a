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

#[cfg(feature = "change-records")]
use change_records::tapwright::hook::log as host;
#[cfg(all(feature = "choose-pages", not(feature = "change-records")))]
use choose_pages::tapwright::hook::log as host;
#[cfg(all(feature = "cut-slices", not(any(feature = "change-records", feature = "choose-pages"))))]
use cut_slices::tapwright::hook::log as host;
#[cfg(all(
    feature = "sign-requests",
    not(any(feature = "change-records", feature = "choose-pages", feature = "cut-slices"))
))]
use sign_requests::tapwright::hook::log as host;

/// A crate has one job and so one of the features, but cargo may choose several at once where it only checks.
pub(crate) fn log(level: crate::Level, message: &str) {
    let level = match level {
        crate::Level::Debug => host::Level::Debug,
        crate::Level::Info => host::Level::Info,
        crate::Level::Warning => host::Level::Warning,
    };
    host::write(level, message);
}
