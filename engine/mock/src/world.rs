//! A connector as an API: its streams with records that are made up, and who may ask for them.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use tapwright_spec::Connector;
use tapwright_spec::expression::Scope;
use tapwright_spec::settings::Settings;
use tapwright_sync::clock::SystemClock;
use tapwright_sync::extract::Source;
use tapwright_sync::http::{Live, Request};

use crate::gate::Gate;
use crate::making::{Amount, Making};
use crate::route::{Routes, Target};
use crate::served::Served;
use crate::{Answer, page, told};

/// A connector with its records.
pub struct World {
    served: Vec<Served>,
    settings: Settings,
    routes: Routes,
    gate: Gate,
}

impl World {
    /// Makes the records of `connector`, for requests with the configuration `settings`.
    ///
    /// # Errors
    /// A stream whose answers cannot be made up, or credentials that cannot be computed.
    pub fn new(connector: &Connector, settings: &Settings, amount: Amount) -> Result<World, String> {
        let now = Timestamp::now();
        let scope = Scope::new().with("config", &settings.values).with("now", &now);
        let (connector, lists) = told::told(connector, &scope)?;
        for stream in connector.streams.iter().chain(lists.iter().map(|list| &list.stream)) {
            page::makeable(stream)?;
        }
        let source = Source::new(&connector, settings, Arc::new(Live::new()?), Arc::new(SystemClock));
        let source = source.map_err(|error| error.to_string())?;
        let mut served = Making { connector: &connector, settings, source: &source, amount, now }.served()?;
        served.extend(lists);
        let routes = Routes::new(&source, &served, &scope)?;
        let gate = Gate::new(&connector, settings, source);
        Ok(World { served, settings: settings.clone(), routes, gate })
    }

    /// Answers; says whether it is a page.
    pub(crate) fn answer(&self, request: &Request) -> (Answer, bool) {
        if let Some(tokens) = self.gate.tokens(request) {
            return (tokens, false);
        }
        if let Some(why) = self.gate.refuses(request) {
            return (Answer::refusal(401, &why), false);
        }
        match self.routes.find(&self.served, request) {
            Some(Target::Pages { list, slices }) => {
                let asked = page::Asked { request, settings: &self.settings };
                (page::answer(&self.served[list], slices.as_deref(), &asked), true)
            }
            Some(Target::Fixed(answer)) => (answer, true),
            None if self.routes.is_check(request) => (Answer::json(200, &json!({"mock": true})), false),
            None => (Answer::refusal(404, &self.routes.unknown(request)), false),
        }
    }
}
