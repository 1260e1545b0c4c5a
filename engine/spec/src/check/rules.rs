//! What is done on which answer, and what an answer must look like.

use super::names::Names;
use crate::diagnostic::Diagnostic;
use crate::grammar::Reader;
use crate::language::{self, Do, Rule};
use crate::model::{Action, LONGEST_WAIT, Match, StatusRange, Wait};
use crate::source::Place;
use crate::time::Duration;

/// The rules of a stream, its own before the shared ones; unreachable ones are faults.
pub(super) fn rules(
    names: &Names<'_, '_>,
    own: &[Rule],
    shared: &[Rule],
    reader: &mut Reader<'_>,
) -> Vec<crate::model::Rule> {
    let mut lowered: Vec<crate::model::Rule> = Vec::new();
    // The rules of `http` are told once, by the call that has no own ones, not again for each stream.
    let told = |index: usize| names.stream.is_none() || index < own.len();
    for (index, form) in own.iter().chain(shared).enumerate() {
        let mut scratch = Reader::new(reader.source);
        let rule = rule(names, form, if told(index) { reader } else { &mut scratch });
        let Some(rule) = rule else { continue };
        if told(index) && lowered.iter().any(|earlier| covers(&earlier.when, &rule.when)) {
            let fault = Diagnostic::new("an earlier rule takes every answer that this one would", form.place.clone());
            reader.fault(fault.label("never reached").help("put it before the wider rule, or take it out"));
        }
        lowered.push(rule);
    }
    lowered
}

fn rule(names: &Names<'_, '_>, form: &Rule, reader: &mut Reader<'_>) -> Option<crate::model::Rule> {
    for template in form.how_long.iter().chain(&form.until).chain(&form.message) {
        names.template(&template.value, &template.place, reader);
    }
    let action = form.action.as_ref()?;
    let action = match action.value {
        Do::Wait => Action::Wait(wait(form, &action.place, reader)?),
        other => {
            for (key, place) in ["for", "until"].iter().filter_map(|key| Some((key, form.said(key)?))) {
                let message = format!("`{key}` says how long to wait, and this rule does not wait");
                let fault = Diagnostic::new(message, place.clone());
                reader.fault(fault.help(format!("write `do: wait`, or take `{key}` out")));
            }
            match other {
                Do::Retry => Action::Retry,
                Do::Skip => Action::Skip,
                Do::Stop => Action::Stop,
                Do::RefreshAuth => {
                    is_refreshable(names, &action.place, reader);
                    Action::RefreshAuth
                }
                Do::Wait | Do::Fail => Action::Fail,
            }
        }
    };
    let when = when(names, form, reader)?;
    Some(crate::model::Rule { when, action, message: form.message.as_ref().map(|message| message.value.clone()) })
}

/// How long a rule waits: one of `for` and `until` says it.
fn wait(form: &Rule, place: &Place, reader: &mut Reader<'_>) -> Option<Wait> {
    if let (Some(_), Some(until)) = (form.said("for"), form.said("until")) {
        let fault = Diagnostic::new("`for` and `until` exclude each other", until.clone());
        reader.fault(fault.help("keep one of them"));
        return None;
    }
    if let Some(how_long) = &form.how_long {
        if how_long.as_literal().is_some_and(|text| Duration::parse(text).is_err()) {
            let message = format!("`{}` is no duration", how_long.source());
            let fault = Diagnostic::new(message, how_long.place.clone());
            reader.fault(fault.help("write a number and a unit: `30 seconds`"));
            return None;
        }
        let fixed = how_long.as_literal().and_then(|text| Duration::parse(text).ok());
        if fixed.is_some_and(|fixed| fixed.as_std() > LONGEST_WAIT) {
            let fault = Diagnostic::new("a run waits for one request an hour at most", how_long.place.clone());
            reader
                .fault(fault.help("write `1 hour` or less, or `do: fail`: the next run goes on where this one ended"));
            return None;
        }
        return Some(Wait::For(how_long.value.clone()));
    }
    if let Some(until) = &form.until {
        if let Some(text) = until.as_literal() {
            let message = format!("`{text}` would be the same moment for ever");
            let fault = Diagnostic::new(message, until.place.clone());
            reader.fault(fault.help("write an expression that reads it from the answer, or `for: 30 seconds`"));
            return None;
        }
        return Some(Wait::Until(until.value.clone()));
    }
    if form.said("for").or(form.said("until")).is_none() {
        let fault = Diagnostic::new("`do: wait` does not say how long", place.clone());
        reader.fault(fault.help("add `for: 30 seconds`, or `until` with an expression that gives a time"));
    }
    None
}

/// Reports credentials that would be fetched anew and are not fetched.
fn is_refreshable(names: &Names<'_, '_>, place: &Place, reader: &mut Reader<'_>) {
    let Some(auth) = &names.whole.spec.auth else { return };
    let fetched = |form: &&language::Auth| form.said("oauth2").is_some() || form.said("session").is_some();
    if !auth.forms().iter().any(fetched) {
        let fault =
            Diagnostic::new("no credentials of this spec are fetched, so none can be fetched anew", place.clone());
        reader.fault(
            fault.help("`refresh_auth` goes with `oauth2` and `session`; take the rule out, or write `do: fail`"),
        );
    }
}

fn when(names: &Names<'_, '_>, form: &Rule, reader: &mut Reader<'_>) -> Option<Match> {
    answer(names, form.when.as_ref()?, form.said("when"), reader)
}

/// What an answer must look like; it must be said of something.
pub(super) fn answer(
    names: &Names<'_, '_>,
    when: &language::When,
    said: Option<&Place>,
    reader: &mut Reader<'_>,
) -> Option<Match> {
    if let Some(condition) = &when.condition {
        names.condition(&condition.value, &condition.place, reader);
    }
    let lowered = Match {
        status: when.status.iter().flat_map(|status| &status.0).map(|status| status.0.value).collect(),
        header: when.header.as_ref().map(|header| (header.name.clone(), header.contains.clone())),
        body: when.body.as_ref().map(|path| path.value.clone()),
        text: when.text.as_ref().map(|text| text.value.clone()),
        condition: when.condition.as_ref().map(|condition| condition.value.clone()),
    };
    let nothing = lowered.status.is_empty()
        && lowered.header.is_none()
        && lowered.body.is_none()
        && lowered.text.is_none()
        && lowered.condition.is_none();
    if nothing {
        if !when.said.is_empty() && when.status.as_ref().is_none_or(|status| !status.0.is_empty()) {
            return None;
        }
        let place = said.cloned().unwrap_or(when.place.clone());
        let fault = Diagnostic::new("this says of no answer what it looks like", place);
        reader.fault(fault.help("give it a `status`, `header`, `body`, `text` or `condition`"));
        return None;
    }
    Some(lowered)
}

/// Whether every answer that `later` matches is matched by `earlier`.
fn covers(earlier: &Match, later: &Match) -> bool {
    let within = |inner: &StatusRange| earlier.status.iter().any(|r| r.from <= inner.from && inner.to <= r.to);
    let status = earlier.status.is_empty() || (!later.status.is_empty() && later.status.iter().all(within));
    let header = match (&earlier.header, &later.header) {
        (None, _) => true,
        (Some((a, wide)), Some((b, narrow))) => {
            let wider = |wide: &String| narrow.as_ref().is_some_and(|narrow| narrow.contains(wide.as_str()));
            a.eq_ignore_ascii_case(b) && wide.as_ref().is_none_or(wider)
        }
        (Some(_), None) => false,
    };
    let body = earlier.body.is_none() || earlier.body == later.body;
    let text = match (&earlier.text, &later.text) {
        (None, _) => true,
        (Some(a), Some(b)) => b.contains(a.as_str()),
        (Some(_), None) => false,
    };
    let condition = match (&earlier.condition, &later.condition) {
        (None, _) => true,
        (Some(a), Some(b)) => a.source() == b.source(),
        (Some(_), None) => false,
    };
    status && header && body && text && condition
}
