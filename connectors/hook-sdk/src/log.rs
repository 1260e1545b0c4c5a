//! Lines for the person who runs the sync.

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// For the author of the hook.
    Debug,
    /// Good to know.
    Info,
    /// Something may be wrong.
    Warning,
}

/// Writes one line. A hook that calls this runs only where the spec says `allow: [log]`.
///
/// Natively, the line goes to standard error.
pub fn log(level: Level, message: &str) {
    #[cfg(target_arch = "wasm32")]
    crate::guest::log(level, message);
    #[cfg(not(target_arch = "wasm32"))]
    eprintln!("{level:?}: {message}");
}
