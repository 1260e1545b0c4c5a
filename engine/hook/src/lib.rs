//! Runs hooks: WebAssembly components that can do nothing but what a spec lets them.
//!
//! [`Host::load`] gives a [`Hook`], [`Records`] one that changes the records of a stream; [`sign`],
//! [`paginate`] and [`slices`] do the other jobs. A hook is believed
//! nothing: what it gives is checked, its time and memory are bounded, and after a crash a new instance takes its
//! place. `wit/hook.wit` is the interface, documented where it is defined.

mod carried;
mod fault;
mod host;
mod kept;
mod limits;
mod load;
mod meter;
mod options;
pub mod paginate;
pub mod place;
mod records;
mod reference;
mod running;
pub mod sign;
pub mod slices;

#[allow(missing_docs, reason = "what is generated here is documented in the interface's own file")]
mod interface {
    wasmtime::component::bindgen!({
        path: "wit",
        inline: "package tapwright:host;
            world every-job {
                import tapwright:hook/log@1.0.0;
                export tapwright:hook/about@1.0.0;
                export tapwright:hook/records@1.0.0;
                export tapwright:hook/sign@1.0.0;
                export tapwright:hook/paginate@1.0.0;
                export tapwright:hook/slices@1.0.0;
            }",
        world: "tapwright:host/every-job",
        additional_derives: [PartialEq, Eq],
    });
}

pub use fault::{Fault, LoadFault, Trouble, Unfit};
pub use host::Host;
pub use interface::exports::tapwright::hook::records::{Effect, Field, Stream, Table};
pub use interface::tapwright::hook::log::Level;
pub use kept::{Kept, Start};
pub use limits::Limits;
pub use load::{Capability, Grant, Hook, Job};
pub use meter::{Log, Used};
pub use options::OptionFault;
#[doc(hidden)]
pub use records::change_natively;
pub use records::{Changed, Line, Records, Refused};
pub use reference::reference;
