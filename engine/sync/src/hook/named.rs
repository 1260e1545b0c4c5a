//! Hooks that sign, choose pages and cut slices: whether the components that a spec names for it do so.

use tapwright_hook::{Fault, Job};
use tapwright_spec::Connector;
use tapwright_spec::diagnostic::Diagnostic;
use tapwright_spec::model::HookWork;
use tapwright_spec::source::Place;

use super::words::does;
use crate::component::{Components, Ready, split};

/// What is wrong with them, each at the place where the spec names it.
pub(super) fn faults(connector: &Connector, components: &Components) -> Vec<Diagnostic> {
    let fault = |(hook, work): (&tapwright_spec::model::NamedHook, HookWork)| {
        let ready = components.get(&hook.name)?;
        let job = job(work);
        without(ready, job, &hook.place).or_else(|| {
            let refused = begin(ready, job).err().filter(|_| !ready.is_told_stand_ins())?;
            Some(split(&refused.to_string(), hook.place.clone()))
        })
    };
    connector.named_hooks().into_iter().filter_map(fault).collect()
}

/// What is wrong with a component that does not do this job.
pub(super) fn without(ready: &Ready, job: Job, place: &Place) -> Option<Diagnostic> {
    let jobs = ready.component.jobs();
    if jobs.contains(&job) {
        return None;
    }
    let others: Vec<&str> = jobs.iter().map(|job| does(*job)).collect();
    let message = format!("the hook `{}` does not {}; it {}", ready.name, would(job), others.join(" and "));
    let help = format!("name a hook that exports the job `{}`", job.name());
    Some(Diagnostic::new(message, place.clone()).help(help))
}

fn begin(ready: &Ready, job: Job) -> Result<(), Fault> {
    match job {
        Job::Records => Ok(()),
        Job::Sign => ready.signer().map(drop),
        Job::Paginate => ready.pages().map(drop),
        Job::Slices => ready.cutter().map(drop),
    }
}

fn job(work: HookWork) -> Job {
    match work {
        HookWork::Sign => Job::Sign,
        HookWork::Paginate => Job::Paginate,
        HookWork::Slices => Job::Slices,
    }
}

fn would(job: Job) -> &'static str {
    match job {
        Job::Records => "change records",
        Job::Sign => "sign requests",
        Job::Paginate => "choose pages",
        Job::Slices => "cut slices",
    }
}
