//! From a core module, as compilers make it, to a component.

use wit_component::ComponentEncoder;

use crate::Fault;

/// The interface tells itself in the module, where the crate to write hooks with has put it.
pub(crate) fn of(module: &[u8]) -> Result<Vec<u8>, Fault> {
    let encoder = ComponentEncoder::default().module(module);
    let component = encoder.and_then(|encoder| encoder.validate(true).encode());
    component.map_err(|why| {
        Fault::Wrong(format!(
            "the module makes no component: {why:#}. Is there one `export!(…)`, and does the feature of the crate fit \
             its job?"
        ))
    })
}
