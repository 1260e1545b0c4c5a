//! The one line that the compiler cannot check.

use wasmtime::Engine;
use wasmtime::component::Component;

/// Code that [`super::Kept`] has written itself.
#[allow(unsafe_code, reason = "code that was compiled before cannot be run in any other way")]
pub(super) fn from_own(engine: &Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: `deserialize` runs what it is given, which therefore has to be what `Component::serialize` gave, not
    // changed since. The caller has just checked the seal over all these bytes, made with a key that only this user
    // can read, for this component and this engine; and it holds them in memory, where nobody can change them.
    unsafe { Component::deserialize(engine, code) }
}
