//! Exports of a hook that chooses the next page.

use super::Held;
use crate::{ChoosePages, Json, Pair, Response, Step};

wit_bindgen::generate!({
    path: "wit",
    inline: "package tapwright:guest;
        world choose-pages {
            include tapwright:hook/choose-pages@1.0.0;
            include tapwright:hook/logging@1.0.0;
        }",
    world: "tapwright:guest/choose-pages",
    generate_all,
    pub_export_macro: true,
    default_bindings_module: "tapwright_hook_sdk::guest::choose_pages",
});

use exports::tapwright::hook::{about, paginate};

impl<C: Held<Hook: ChoosePages>> about::Guest for C {
    fn describe() -> about::Description {
        about::Description { summary: C::Hook::SUMMARY.to_owned(), options: C::Hook::OPTIONS.to_owned() }
    }

    fn configure(options: String) -> Result<(), String> {
        C::hold(C::Hook::configure(Json::new(&options))?);
        Ok(())
    }
}

impl<C: Held<Hook: ChoosePages>> paginate::Guest for C {
    fn after(page: paginate::Response) -> Result<paginate::Step, String> {
        let response = Response {
            url: page.url,
            status: page.status,
            headers: page.headers.into_iter().map(|pair| Pair::new(pair.name, pair.value)).collect(),
            body: page.body,
            records: page.records,
            page: page.page,
        };
        Ok(match C::with(|hook| hook.after(&response))? {
            Step::Stop(reason) => paginate::Step::Stop(reason),
            Step::Next(next) => paginate::Step::Next(paginate::Next {
                url: next.url,
                params: pairs(next.params),
                headers: pairs(next.headers),
                body: next.body,
            }),
        })
    }
}

fn pairs(pairs: Vec<Pair>) -> Vec<paginate::Pair> {
    pairs.into_iter().map(|pair| paginate::Pair { name: pair.name, value: pair.value }).collect()
}
