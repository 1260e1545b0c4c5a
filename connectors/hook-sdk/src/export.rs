//! The macro that names a hook to the engine.

/// Exports a hook to the engine: `export!(MyHook: ChangeRecords);`
///
/// The second name is the trait that the hook implements. `ChangeRecords` needs nothing further; for another job, choose
/// the feature of this crate that is called like it: `default-features = false, features = ["sign-requests"]`.
///
/// Where the crate is built natively, for its tests, nothing is exported.
#[macro_export]
macro_rules! export {
    ($hook:ty: ChangeRecords) => {
        $crate::export!(@component $hook, change_records);
    };
    ($hook:ty: SignRequests) => {
        $crate::export!(@component $hook, sign_requests);
    };
    ($hook:ty: ChoosePages) => {
        $crate::export!(@component $hook, choose_pages);
    };
    ($hook:ty: CutSlices) => {
        $crate::export!(@component $hook, cut_slices);
    };
    (@component $hook:ty, $job:ident) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            std::thread_local! {
                static HOOK: std::cell::RefCell<Option<$hook>> = const { std::cell::RefCell::new(None) };
            }

            struct Component;

            impl $crate::guest::Held for Component {
                type Hook = $hook;

                fn hold(hook: $hook) {
                    HOOK.set(Some(hook));
                }

                fn with<T>(ask: impl FnOnce(&mut $hook) -> Result<T, String>) -> Result<T, String> {
                    HOOK.with_borrow_mut(|hook| ask(hook.as_mut().ok_or("it was called before `configure`")?))
                }
            }

            $crate::guest::$job::export!(Component with_types_in $crate::guest::$job);
        };
    };
}
