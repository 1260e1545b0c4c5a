//! An instance of a hook, and how it is called: within its limits, and after a crash with a new instance.

use serde_json::Value;
use wasmtime::component::Instance;
use wasmtime::{Store, Trap};

use crate::fault::{Fault, Trouble};
use crate::interface::exports::tapwright::hook::{about, paginate, records, sign, slices};
use crate::limits::WORDS;
use crate::load::{Hook, Job};
use crate::meter::{Log, Meter, Over, Used, shown};

/// The exports of a job.
pub(crate) trait Exports: Sized {
    fn of(hook: &Hook, store: &mut Store<Meter>, instance: &Instance) -> wasmtime::Result<Self>;
}

macro_rules! exports {
    ($($job:ident),*) => {$(
        impl Exports for $job::Guest {
            fn of(hook: &Hook, store: &mut Store<Meter>, instance: &Instance) -> wasmtime::Result<Self> {
                $job::GuestIndices::new(hook.pre())?.load(store, instance)
            }
        }
    )*};
}
exports!(about, records, sign, paginate, slices);

/// A hook at its job.
pub(crate) struct Running<E> {
    hook: Hook,
    options: String,
    /// None after a crash, until it is needed again.
    live: Option<Live<E>>,
    used: Used,
    log: Log,
}

/// An instance that has not crashed.
struct Live<E> {
    store: Store<Meter>,
    guest: E,
}

/// Asks a hook what it is.
pub(crate) fn describe(hook: &Hook) -> Result<about::Description, Trouble> {
    let mut store = store(hook, Used::default(), Log::default());
    let told = instantiate(hook, &mut store)
        .and_then(|instance| about::Guest::of(hook, &mut store, &instance))
        .and_then(|about| about.call_describe(&mut store));
    told.map_err(|error| trouble(hook, &store, &error))
}

impl<E: Exports> Running<E> {
    /// Makes an instance and hands it the options, a JSON text.
    fn open(hook: &Hook, options: &str) -> Result<Running<E>, Trouble> {
        let (used, log) = (Used::default(), Log::default());
        let mut running = Running { hook: hook.clone(), options: options.to_owned(), live: None, used, log };
        running.live = Some(running.renewed()?);
        Ok(running)
    }

    /// The same for a hook that must have this job, with options as the spec gives them.
    pub(crate) fn open_for(job: Job, hook: &Hook, options: &Value) -> Result<Running<E>, Fault> {
        if !hook.jobs().contains(&job) {
            return Err(hook.fault(Trouble::Jobless(job.name())));
        }
        Running::open(hook, &options.to_string()).map_err(|what| hook.fault(what))
    }

    /// What happened, with the name of the hook.
    pub(crate) fn fault(&self, what: Trouble) -> Fault {
        self.hook.fault(what)
    }

    pub(crate) fn hook(&self) -> &Hook {
        &self.hook
    }

    /// Whether its instance is there: not before it was asked for, and not after a crash.
    pub(crate) fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// Calls the hook, a new instance of it where the last one crashed.
    pub(crate) fn call<T>(
        &mut self,
        with: impl FnOnce(&E, &mut Store<Meter>) -> wasmtime::Result<Result<T, String>>,
    ) -> Result<T, Trouble> {
        let mut live = match self.live.take() {
            Some(live) => live,
            None => self.renewed()?,
        };
        begin(&mut live.store);
        match with(&live.guest, &mut live.store) {
            Ok(given) => {
                self.live = Some(live);
                given.map_err(|reason| said(&reason))
            }
            Err(error) => {
                let trouble = trouble(&self.hook, &live.store, &error);
                self.ended(live.store);
                Err(trouble)
            }
        }
    }

    /// Gives up the instance, whose answer showed that it is not in its right mind.
    pub(crate) fn give_up(&mut self) {
        if let Some(live) = self.live.take() {
            self.ended(live.store);
        }
    }

    /// What the hook has told since it was asked last.
    pub(crate) fn log(&mut self) -> Log {
        let log = self.live.as_mut().map_or(&mut self.log, |live| &mut live.store.data_mut().log);
        std::mem::take(log)
    }

    /// What it has used so far.
    pub(crate) fn used(&self) -> Used {
        self.live.as_ref().map_or(self.used, |live| live.store.data().used)
    }

    fn ended(&mut self, store: Store<Meter>) {
        let meter = store.into_data();
        (self.used, self.log) = (meter.used, meter.log);
    }

    /// A new instance, configured.
    fn renewed(&mut self) -> Result<Live<E>, Trouble> {
        let mut store = store(&self.hook, self.used, std::mem::take(&mut self.log));
        match configured(&self.hook, &mut store, &self.options) {
            Ok(guest) => Ok(Live { store, guest }),
            Err(trouble) => {
                self.ended(store);
                Err(trouble)
            }
        }
    }
}

fn configured<E: Exports>(hook: &Hook, store: &mut Store<Meter>, options: &str) -> Result<E, Trouble> {
    let made = instantiate(hook, store).and_then(|instance| {
        let about = about::Guest::of(hook, store, &instance)?;
        begin(store);
        Ok((about.call_configure(&mut *store, options)?, E::of(hook, store, &instance)?))
    });
    match made {
        Ok((Ok(()), guest)) => Ok(guest),
        Ok((Err(reason), _)) => Err(said(&reason)),
        Err(error) => Err(trouble(hook, store, &error)),
    }
}

fn store(hook: &Hook, used: Used, log: Log) -> Store<Meter> {
    let limits = &hook.grant().limits;
    let mut store = Store::new(hook.pre().engine(), Meter::new(limits.clone(), used, log));
    store.limiter(|meter| meter);
    store.epoch_deadline_callback(|mut store| store.data_mut().look());
    store.set_hostcall_fuel(limits.output);
    begin(&mut store);
    store
}

fn instantiate(hook: &Hook, store: &mut Store<Meter>) -> wasmtime::Result<Instance> {
    hook.pre().instantiate(store)
}

fn begin(store: &mut Store<Meter>) {
    store.data_mut().begin();
    store.set_epoch_deadline(1);
}

fn said(reason: &str) -> Trouble {
    Trouble::Said(shown(reason.trim(), WORDS))
}

/// What a call that came to nothing ran into.
fn trouble(hook: &Hook, store: &Store<Meter>, error: &wasmtime::Error) -> Trouble {
    let limits = &hook.grant().limits;
    match store.data().over {
        Some(Over::Time) => return Trouble::Time(limits.time),
        Some(Over::Memory) => return Trouble::Memory(limits.memory),
        None => {}
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => Trouble::Stack,
        Some(Trap::UnreachableCodeReached) => Trouble::Crash("it panicked".to_owned()),
        Some(trap) => Trouble::Crash(trap.to_string()),
        None if error.root_cause().to_string().contains("fuel") => Trouble::Output(limits.output),
        None => Trouble::Answer(shown(&error.root_cause().to_string(), WORDS)),
    }
}
