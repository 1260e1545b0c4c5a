//! Exports of a hook that signs requests.

use super::Held;
use crate::{Json, Pair, Request, SignRequests};

wit_bindgen::generate!({
    path: "wit",
    inline: "package tapwright:guest;
        world sign-requests {
            include tapwright:hook/sign-requests@1.0.0;
            include tapwright:hook/logging@1.0.0;
        }",
    world: "tapwright:guest/sign-requests",
    generate_all,
    pub_export_macro: true,
    default_bindings_module: "tapwright_hook_sdk::guest::sign_requests",
});

use exports::tapwright::hook::{about, sign};

impl<C: Held<Hook: SignRequests>> about::Guest for C {
    fn describe() -> about::Description {
        about::Description { summary: C::Hook::SUMMARY.to_owned(), options: C::Hook::OPTIONS.to_owned() }
    }

    fn configure(options: String) -> Result<(), String> {
        C::hold(C::Hook::configure(Json::new(&options))?);
        Ok(())
    }
}

impl<C: Held<Hook: SignRequests>> sign::Guest for C {
    fn sign(of: sign::Request) -> Result<sign::Signature, String> {
        let request = Request {
            method: of.method,
            url: of.url,
            headers: of.headers.into_iter().map(|pair| Pair::new(pair.name, pair.value)).collect(),
            body: of.body,
            now: of.now,
            nonce: of.nonce,
        };
        let signature = C::with(|hook| hook.sign(&request))?;
        Ok(sign::Signature { headers: pairs(signature.headers), params: pairs(signature.params) })
    }
}

fn pairs(pairs: Vec<Pair>) -> Vec<sign::Pair> {
    pairs.into_iter().map(|pair| sign::Pair { name: pair.name, value: pair.value }).collect()
}
