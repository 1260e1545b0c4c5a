//! Hooks that choose pages and cut slices: with what they are begun, and what they have said.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tapwright_hook::Log;
use tapwright_hook::paginate::Pages;
use tapwright_hook::slices::Question;
use tapwright_spec::Connector;
use tapwright_spec::model::{NamedHook, Stream};
use tapwright_spec::settings::Settings;

use super::Source;
use crate::component::{Components, Ready, left_out, lines};
use crate::plan::known;
use crate::state::KeyValue;

/// Lines of hooks that are kept of a stream.
const LINES: usize = 100;

/// What a hook cut.
pub type Cut = Arc<Vec<Map<String, Value>>>;

/// The hooks of a source.
pub(super) struct Hooked {
    components: Components,
    /// The configuration without its secrets.
    config: Value,
    began: Timestamp,
    /// By stream.
    cuts: Mutex<BTreeMap<String, Cut>>,
    said: Mutex<BTreeMap<String, Said>>,
}

/// What hooks have said of a stream.
#[derive(Default)]
struct Said {
    lines: Vec<String>,
    left_out: usize,
}

impl Hooked {
    pub(super) fn of(components: Components, connector: &Connector, settings: &Settings, began: Timestamp) -> Hooked {
        let is_secret = |name: &str| connector.config.iter().any(|field| field.name == name && field.secret);
        let open = settings.values.iter().filter(|(name, _)| !is_secret(name));
        let config: Map<String, Value> = open.map(|(name, value)| (name.clone(), value.clone())).collect();
        let (cuts, said) = (Mutex::default(), Mutex::default());
        Hooked { components, config: config.into(), began, cuts, said }
    }
}

impl Source {
    /// The components that it has loaded; none where no hook signs, chooses pages or cuts.
    pub fn components(&self) -> &Components {
        &self.hooked.components
    }

    /// The slices that a hook cuts a stream into; `state` has the bookmarks of those that are known. A stream is cut
    /// once in a run.
    ///
    /// # Errors
    /// Why it cannot be cut; no secret is in it.
    pub fn cut(&self, stream: &Stream, state: &BTreeMap<String, KeyValue>) -> Result<Cut, String> {
        let Some((hook, names)) = stream.for_each.as_ref().and_then(|for_each| for_each.hook()) else {
            return Ok(Cut::default());
        };
        if let Some(cut) = locked(&self.hooked.cuts).get(&stream.name) {
            return Ok(Arc::clone(cut));
        }
        let cut = Arc::new(self.cut_by(hook, names, (stream, state)).map_err(|why| self.redactor.redact(&why))?);
        locked(&self.hooked.cuts).insert(stream.name.clone(), Arc::clone(&cut));
        Ok(cut)
    }

    fn cut_by(
        &self,
        hook: &NamedHook,
        names: &[String],
        (stream, state): (&Stream, &BTreeMap<String, KeyValue>),
    ) -> Result<Vec<Map<String, Value>>, String> {
        let known = stream.for_each.as_ref().map(|for_each| known(for_each, state)).unwrap_or_default();
        let known = known.into_iter().map(|(slice, key)| json!({"slice": slice, "bookmark": written(&key)}));
        let question = Question {
            stream: stream.name.clone(),
            config: self.hooked.config.to_string(),
            state: known.collect::<Value>().to_string(),
            now: u64::try_from(self.hooked.began.as_millisecond()).unwrap_or(0),
        };
        let mut cutter = self.component(&hook.name)?.cutter().map_err(|fault| fault.to_string())?;
        let cut = cutter.cut(&question, names).map_err(|fault| fault.to_string());
        self.hear(&stream.name, &hook.name, &cutter.log());
        let cut = cut?;
        let holds_secret = |slice: &Map<String, Value>| {
            let text = Value::Object(slice.clone()).to_string();
            self.redactor.redact_for_good(&text) != text
        };
        match cut.iter().any(holds_secret) {
            true => Err(format!("hook `{}`: a slice has a secret in it, and slices are kept in the state", hook.name)),
            false => Ok(cut),
        }
    }

    /// Begins to choose pages.
    pub(super) fn pages(&self, hook: &str) -> Result<Pages, String> {
        self.component(hook)?.pages().map_err(|fault| fault.to_string())
    }

    fn component(&self, hook: &str) -> Result<&Ready, String> {
        self.hooked.components.get(hook).ok_or_else(|| format!("the hook `{hook}` is not loaded"))
    }

    /// Keeps what a hook said while it worked for a stream.
    pub(super) fn hear(&self, stream: &str, hook: &str, log: &Log) {
        if log.lines.is_empty() && log.left_out == 0 {
            return;
        }
        let mut said = locked(&self.hooked.said);
        let said = said.entry(stream.to_owned()).or_default();
        for line in lines(hook, log) {
            match said.lines.len() < LINES {
                true => said.lines.push(self.redactor.redact(&line)),
                false => said.left_out += 1,
            }
        }
    }

    /// What hooks that choose pages and cut slices have said, by stream.
    pub(super) fn said_by_hooks(&self) -> BTreeMap<String, Vec<String>> {
        let told = |said: &Said| {
            let more = (said.left_out > 0).then(|| format!("hooks say more: {}", left_out(said.left_out)));
            said.lines.iter().cloned().chain(more).collect()
        };
        locked(&self.hooked.said).iter().map(|(stream, said)| (stream.clone(), told(said))).collect()
    }

    /// What hooks that sign have said.
    pub fn said_by_signers(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.credentials.log().iter().map(|line| self.redactor.redact(line)).collect();
        let over = lines.len().saturating_sub(LINES);
        lines.truncate(LINES);
        lines.extend((over > 0).then(|| format!("hooks say more: {}", left_out(over))));
        lines
    }
}

/// A bookmark as a hook is told of it.
fn written(key: &KeyValue) -> Value {
    match key {
        KeyValue::Integer(number) => (*number).into(),
        other => other.to_string().into(),
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
