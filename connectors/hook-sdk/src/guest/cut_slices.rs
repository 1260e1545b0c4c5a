//! Exports of a hook that cuts a stream into slices.

use super::Held;
use crate::{CutSlices, Json, Question};

wit_bindgen::generate!({
    path: "wit",
    inline: "package tapwright:guest;
        world cut-slices {
            include tapwright:hook/cut-slices@1.0.0;
            include tapwright:hook/logging@1.0.0;
        }",
    world: "tapwright:guest/cut-slices",
    generate_all,
    pub_export_macro: true,
    default_bindings_module: "tapwright_hook_sdk::guest::cut_slices",
});

use exports::tapwright::hook::{about, slices};

impl<C: Held<Hook: CutSlices>> about::Guest for C {
    fn describe() -> about::Description {
        about::Description { summary: C::Hook::SUMMARY.to_owned(), options: C::Hook::OPTIONS.to_owned() }
    }

    fn configure(options: String) -> Result<(), String> {
        C::hold(C::Hook::configure(Json::new(&options))?);
        Ok(())
    }
}

impl<C: Held<Hook: CutSlices>> slices::Guest for C {
    fn cut(of: slices::Question) -> Result<Vec<String>, String> {
        let question =
            Question { stream: &of.stream, config: Json::new(&of.config), state: Json::new(&of.state), now: of.now };
        C::with(|hook| hook.cut(&question))
    }
}
