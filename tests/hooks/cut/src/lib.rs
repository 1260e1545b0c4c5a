//! The hook of the cases of slices in `tests/recorded`: it cuts as its options say, so that a spec can bring about
//! whatever a hook may do.
//!
//! | option | what becomes of the stream |
//! | --- | --- |
//! | `slices: [{…}]` | these |
//! | `regions: true` | one for each region of the configuration that has no bookmark above 100 |
//! | `refuse: why`, `break: true`, `loop: true` | the hook refuses; breaks down; never comes back |
//! | `say: text` | the text stands in the log, with all that is known |

use tapwright_hook_sdk::{CutSlices, Json, Level, Question, export, log, quoted};

/// Cuts as its options say.
#[derive(Debug)]
pub struct Cut {
    options: String,
}

export!(Cut: CutSlices);

impl CutSlices for Cut {
    const SUMMARY: &str = "A stream is read region by region, without those that are read to their end.";
    const OPTIONS: &str = r#"{"type": "object", "additionalProperties": false, "properties": {
        "slices": {"type": "array", "description": "The slices."},
        "regions": {"type": "boolean", "description": "One for each region of the configuration."},
        "refuse": {"type": "string"}, "break": {"type": "boolean"}, "loop": {"type": "boolean"},
        "say": {"type": "string", "description": "A line for the log."}
    }}"#;

    fn configure(options: Json<'_>) -> Result<Self, String> {
        Ok(Cut { options: options.raw().to_owned() })
    }

    fn cut(&mut self, question: &Question<'_>) -> Result<Vec<String>, String> {
        let options = Json::new(&self.options);
        if let Some(line) = options.get("say").and_then(Json::text) {
            let (config, state) = (question.config.raw(), question.state.raw());
            log(Level::Info, &format!("{line} {} {config} {state} {}", question.stream, question.now));
        }
        if let Some(reason) = options.get("refuse").and_then(Json::text) {
            return Err(reason.into_owned());
        }
        assert!(options.get("break").is_none(), "the options say so");
        if options.get("loop").is_some() {
            loop {
                std::hint::spin_loop();
            }
        }
        if options.get("regions").is_some() {
            return Ok(regions(question));
        }
        let slices = options.get("slices").into_iter().flat_map(Json::items);
        Ok(slices.map(|slice| slice.raw().to_owned()).collect())
    }
}

fn regions(question: &Question<'_>) -> Vec<String> {
    let is_read = |region: &str| {
        let of_region = |one: &Json<'_>| {
            let known = one.at(&["slice", "region"]).and_then(Json::text);
            known.is_some_and(|known| known == region)
        };
        let known = question.state.items().filter(of_region);
        known.filter_map(|one| one.get("bookmark")?.integer()).any(|bookmark| bookmark > 100)
    };
    let all = question.config.get("regions").into_iter().flat_map(Json::items).filter_map(Json::text);
    let open = all.filter(|region| !is_read(region));
    open.map(|region| format!("{{\"region\": {}, \"part\": 1}}", quoted(&region))).collect()
}
