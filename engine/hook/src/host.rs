//! The engine that all hooks of the program share, and the clock that interrupts them.

use wasmtime::component::{Component, HasSelf, Linker};
use wasmtime::{Config, Engine};

use crate::fault::LoadFault;
use crate::interface::tapwright::hook::log;
use crate::kept::{Kept, Start};
use crate::limits::{STACK, TICK};
use crate::load::{Grant, Hook};
use crate::meter::Meter;

/// Loads hooks. One is enough for a program.
pub struct Host {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Meter>,
    /// Where compiled code is kept, or why it is not.
    kept: Result<Kept, String>,
}

impl Host {
    /// Compiles each hook anew.
    ///
    /// # Errors
    /// Why this machine cannot run WebAssembly.
    pub fn new() -> Result<Host, String> {
        Host::of(Err("nothing is kept in this run".to_owned()))
    }

    /// Keeps compiled code.
    ///
    /// # Errors
    /// Why this machine cannot run WebAssembly.
    pub fn keeping(kept: Kept) -> Result<Host, String> {
        Host::of(Ok(kept))
    }

    /// Keeps compiled code where the user's things are, if it can: hooks run without it too.
    ///
    /// # Errors
    /// Why this machine cannot run WebAssembly.
    pub fn on_this_machine() -> Result<Host, String> {
        Host::of(Kept::on_this_machine())
    }

    fn of(kept: Result<Kept, String>) -> Result<Host, String> {
        let engine = Engine::new(&config()).map_err(|error| format!("hooks cannot run on this machine: {error:#}"))?;
        tick(&engine)?;
        let mut linker = Linker::new(&engine);
        log::add_to_linker::<Meter, HasSelf<Meter>>(&mut linker, |meter| meter)
            .map_err(|error| format!("hooks cannot run on this machine: {error:#}"))?;
        Ok(Host { engine, linker, kept })
    }

    /// Loads the component that a spec names.
    ///
    /// # Errors
    /// Why it cannot be a hook, with the file.
    pub fn load(&self, grant: Grant) -> Result<Hook, LoadFault> {
        Hook::load(self, grant)
    }

    /// The code of a component.
    pub(crate) fn compiled(&self, bytes: &[u8], sha256: &str) -> wasmtime::Result<(Component, Start)> {
        if let Some(component) = self.kept.as_ref().ok().and_then(|kept| kept.code(&self.engine, sha256)) {
            return Ok((component, Start::Warm));
        }
        let component = Component::from_binary(&self.engine, bytes)?;
        let unkept = match &self.kept {
            Ok(kept) => kept.keep(&self.engine, sha256, &component).err(),
            Err(reason) => Some(reason.clone()),
        };
        Ok((component, Start::Cold { unkept }))
    }
}

/// The same results on every machine: no float keeps a pattern of its own, no operation is the machine's choice.
fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(STACK)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_component_model(true);
    config
}

/// Has all calls looked at, as long as there is an engine.
fn tick(engine: &Engine) -> Result<(), String> {
    let engine = engine.weak();
    let clock = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    let thread = std::thread::Builder::new().name("hook clock".to_owned()).spawn(clock);
    thread.map(drop).map_err(|error| format!("no thread for the clock of hooks: {error}"))
}
