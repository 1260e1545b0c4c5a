//! What an API must prepare before a stream can be read, in sentences.

use tapwright_spec::model::{HostPattern, Job, Request, Stream};

use crate::markdown::code;
use crate::replication::listed;

/// How the job of a stream goes.
pub(crate) fn sentences(job: &Job, stream: &Stream, downloads: &[HostPattern]) -> String {
    let mut text = format!(
        "A job is created with {}, then polled with {} after {} and at growing intervals until {} holds. If that takes \
         longer than {}, the read fails.",
        endpoint(&job.create),
        endpoint(&job.poll),
        job.every.words(),
        code(job.done.source()),
        job.timeout.words(),
    );
    if let Some(failed) = &job.failed {
        text.push_str(&format!(" It has failed if {} holds.", code(failed.when.source())));
    }
    if let Some(empty) = &job.empty {
        text.push_str(&format!(" It has no records if {} holds.", code(empty.source())));
    }
    if let Some(result) = &job.result {
        text.push_str(&format!(" The result is at {} of the last response.", code(result.source())));
    }
    if job.result.is_some() && !downloads.is_empty() {
        let hosts: Vec<String> = downloads.iter().map(|host| code(&host.to_string())).collect();
        text.push_str(&format!(" It may lie at {}, where no credentials are sent.", listed(&hosts)));
    }
    text.push_str(&match &job.cleanup {
        Some(cleanup) => {
            format!(" The job is removed with {}, even after a failure or an interruption.", endpoint(cleanup))
        }
        None => " The job itself is left to the API.".to_owned(),
    });
    if stream.for_each.is_some() {
        text.push_str(" Each parent has a job of its own.");
    }
    text
}

fn endpoint(request: &Request) -> String {
    code(&format!("{} {}", request.method.word(), request.path.source()))
}
