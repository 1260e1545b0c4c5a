//! Exports of a hook that changes records.

use std::cell::Cell;

use super::Held;
use crate::{ChangeRecords, Effect, Field, Given, Json, Output, Stream, Text};

wit_bindgen::generate!({
    path: "wit",
    inline: "package tapwright:guest;
        world change-records {
            include tapwright:hook/change-records@1.0.0;
            include tapwright:hook/logging@1.0.0;
        }",
    world: "tapwright:guest/change-records",
    generate_all,
    pub_export_macro: true,
    default_bindings_module: "tapwright_hook_sdk::guest::change_records",
});

use exports::tapwright::hook::{about, records};

impl<C: Held<Hook: ChangeRecords>> about::Guest for C {
    fn describe() -> about::Description {
        about::Description { summary: C::Hook::SUMMARY.to_owned(), options: C::Hook::OPTIONS.to_owned() }
    }

    fn configure(options: String) -> Result<(), String> {
        C::hold(C::Hook::configure(Json::new(&options))?);
        Ok(())
    }
}

impl<C: Held<Hook: ChangeRecords>> records::Guest for C {
    fn fields(of: records::Stream, given: Vec<records::Table>) -> Result<records::Effect, String> {
        let mut all = Given::default();
        for table in given {
            all = all.and(table.name, table.records.map(text).transpose()?);
        }
        let effect = C::with(|hook| hook.fields(&of.into(), &all))?;
        Ok(effect.into())
    }

    fn change(batch: Vec<u8>) -> Result<records::Answer, String> {
        let batch = text(batch)?;
        let answer = C::with(|hook| Ok(Output::of(&batch, ROOM.take(), |record, output| hook.change(record, output))))?;
        let (records, room) = answer.records.crossing();
        ROOM.set(room);
        let route = |one: crate::Route| records::Route { line: one.line, stream: one.stream };
        let refusal = |one: crate::Refusal| records::Refusal { record: one.record, reason: one.reason };
        Ok(records::Answer {
            records,
            origins: answer.origins,
            routes: answer.routes.into_iter().map(route).collect(),
            refused: answer.refused.into_iter().map(refusal).collect(),
        })
    }
}

std::thread_local! {
    /// Room for the lines of the next batch.
    static ROOM: Cell<Text> = const { Cell::new(Text::new()) };
}

fn text(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|fault| fault.to_string())
}

impl From<records::Stream> for Stream {
    fn from(of: records::Stream) -> Self {
        Stream {
            name: of.name,
            fields: of.fields.into_iter().map(|one| Field::spoken(one.name, &one.kind, one.description)).collect(),
            primary_key: of.primary_key,
            routes: of.routes,
        }
    }
}

impl From<Effect> for records::Effect {
    fn from(effect: Effect) -> Self {
        let field =
            |field: Field| records::Field { kind: field.word(), name: field.name, description: field.description };
        records::Effect {
            reads: effect.reads,
            fields: effect.fields.into_iter().map(field).collect(),
            others: effect.others,
            notes: effect.notes,
        }
    }
}
