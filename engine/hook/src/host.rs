//! The engine that all hooks of the program share, and the clock that interrupts them.

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Config, Engine};

use crate::fault::LoadFault;
use crate::interface::tapwright::hook::log;
use crate::limits::{STACK, TICK};
use crate::load::{Grant, Hook};
use crate::meter::Meter;

/// Loads hooks. One is enough for a program.
pub struct Host {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Meter>,
}

impl Host {
    /// # Errors
    /// Why this machine cannot run WebAssembly.
    pub fn new() -> Result<Host, String> {
        let engine = Engine::new(&config()).map_err(|error| format!("hooks cannot run on this machine: {error:#}"))?;
        tick(&engine)?;
        let mut linker = Linker::new(&engine);
        log::add_to_linker::<Meter, HasSelf<Meter>>(&mut linker, |meter| meter)
            .map_err(|error| format!("hooks cannot run on this machine: {error:#}"))?;
        Ok(Host { engine, linker })
    }

    /// Loads the component that a spec names.
    ///
    /// # Errors
    /// Why it cannot be a hook, with the file.
    pub fn load(&self, grant: Grant) -> Result<Hook, LoadFault> {
        Hook::load(self, grant)
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
