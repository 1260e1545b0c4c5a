//! Runs hooks: WebAssembly components that can do nothing but what a spec lets them.
//!
//! `wit/hook.wit` is the interface, documented where it is defined.

#![allow(missing_docs, reason = "what is generated here is documented in the interface's own file")]

wasmtime::component::bindgen!({
    path: "wit",
    inline: "package tapwright:host;
        world every-job {
            import tapwright:hook/log@1.0.0;
            export tapwright:hook/about@1.0.0;
            export tapwright:hook/records@1.0.0;
            export tapwright:hook/sign@1.0.0;
            export tapwright:hook/paginate@1.0.0;
            export tapwright:hook/slices@1.0.0;
        }",
    world: "tapwright:host/every-job",
});
