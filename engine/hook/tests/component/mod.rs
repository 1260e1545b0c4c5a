//! Components of texts: the functions of a core module, with the interface around them.

const AROUND: &str = include_str!("around.wat");
/// What the exports of a job are within the module, and outside of it.
const JOBS: [(&str, &str); 4] = [
    ("sign_", include_str!("sign.wat")),
    ("paginate_", include_str!("paginate.wat")),
    ("slices_", include_str!("slices.wat")),
    ("", include_str!("records.wat")),
];
const OUTSIDE: &str = ";; and outside of the module\n";
/// What a case does not define itself.
const DEFAULTS: [(&str, &str); 4] = [
    ("$describe", "(func $describe (result i32) (i32.const 16))"),
    ("$configure", "(func $configure (param i32 i32) (result i32) (i32.const 32))"),
    ("$fields", "(func $fields (result i32) (i32.const 256))"),
    ("$change", "(func $change (param i32 i32) (result i32) (call $answer (local.get 0) (local.get 1)))"),
];
/// What a case needs that writes to the log, by its place in the text.
const LOG: [(&str, &str); 4] = [
    (
        "LOG_INSTANCE",
        r#"(import "tapwright:hook/log@1.0.0" (instance $log
             (type $level' (enum "debug" "info" "warning"))
             (export "level" (type $level (eq $level')))
             (export "write" (func (param "level" $level) (param "message" string)))))"#,
    ),
    (
        "LOG_LOWERED",
        r#"(alias export $log "write" (func $write))
           (core func $write (canon lower (func $write) (memory $memory)))"#,
    ),
    ("LOG_IMPORT", r#"(import "log" "write" (func $log (param i32 i32 i32)))"#),
    ("LOG_WITH", r#"(with "log" (instance (export "write" (func $write))))"#),
];

/// The bytes of a case: a whole `(component …)` or `(module …)`, or functions that stand in for the usual ones.
/// Its first line may cut them: `;; cut at 100 bytes`. Its name begins with its job, unless that is `records`.
pub(crate) fn bytes(name: &str, case: &str) -> Vec<u8> {
    let whole = case.contains("\n(component") || case.contains("\n(module");
    let text = if whole { case.to_owned() } else { around(name, case) };
    let mut bytes = wat::parse_str(text).expect("a text");
    if let Some(cut) = case.lines().next().and_then(|line| line.strip_prefix(";; cut at ")?.strip_suffix(" bytes")) {
        bytes.truncate(cut.parse().expect("a number"));
    }
    bytes
}

/// A component of functions, with all that they do not say.
fn around(name: &str, case: &str) -> String {
    let (_, job) = JOBS.iter().find(|(job, _)| name.starts_with(job)).expect("a job");
    let (exports, types) = job.split_once(OUTSIDE).expect("both parts");
    let around = AROUND.replace("JOB_EXPORTS", exports).replace("JOB_TYPES", types);
    let missing = DEFAULTS.iter().filter(|(name, _)| !case.contains(&format!("(func {name} ")));
    let functions = missing.map(|(_, text)| *text).collect::<String>() + case;
    let writes = case.contains("$log");
    let text = LOG.iter().fold(around, |text, (place, log)| text.replace(place, if writes { log } else { "" }));
    text.replace("CASE", &functions)
}
