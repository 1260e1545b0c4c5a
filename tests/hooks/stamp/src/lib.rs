//! The hook of the cases of signed requests in `tests/recorded`. It signs as its options say, and does with a request
//! what the parameter `do` of its query says, so that a recording can bring about whatever a hook may do.
//!
//! | `do` | what becomes of the request |
//! | --- | --- |
//! | `refuse` | it is not signed, and the reason has the key in it |
//! | `break`, `loop` | the hook breaks down; it never comes back |
//! | `host`, `again` | it gives the header `Host`; a parameter that is there already |
//! | `say` | the key stands in the log |

use tapwright_hook_sdk::{Json, Level, Pair, Request, SignRequests, Signature, export, log};

/// Signs with a hash that nobody should use.
#[derive(Debug)]
pub struct Stamp {
    key: String,
    param: Option<String>,
}

export!(Stamp: SignRequests);

impl SignRequests for Stamp {
    const SUMMARY: &str = "Requests carry a hash of the key and of all that they say.";
    const OPTIONS: &str = r#"{"type": "object", "additionalProperties": false, "required": ["key"], "properties": {
        "key": {"type": "string", "minLength": 3, "description": "The key."},
        "param": {"type": "string", "description": "The parameter that carries the signature, in place of a header."}
    }}"#;

    fn configure(options: Json<'_>) -> Result<Self, String> {
        let text = |name: &str| Some(options.get(name)?.text()?.into_owned());
        let key = text("key").unwrap_or_default();
        if key.contains(' ') {
            return Err(format!("the key `{key}` has a space in it; write it without"));
        }
        Ok(Stamp { key, param: text("param") })
    }

    fn sign(&mut self, request: &Request) -> Result<Signature, String> {
        let mut signature = Signature::default();
        let asked = request.url.split(['?', '&']).find_map(|pair| pair.strip_prefix("do=")).unwrap_or_default();
        match asked {
            "refuse" => return Err(format!("the key {} is worn out", self.key)),
            "break" => panic!("a request says so"),
            "loop" => loop {
                std::hint::spin_loop();
            },
            "host" => signature.headers.push(Pair::new("Host", "elsewhere.example")),
            "again" => signature.params.push(Pair::new("do", "something else")),
            "say" => log(Level::Info, &format!("the key is {}", self.key)),
            _ => {}
        }
        let stamp = self.stamp(request);
        match &self.param {
            Some(param) => signature.params.push(Pair::new(param.as_str(), stamp)),
            None => signature.headers.push(Pair::new("X-Stamp", stamp)),
        }
        signature.headers.push(Pair::new("X-Stamp-Time", request.now.to_string()));
        Ok(signature)
    }
}

impl Stamp {
    /// Over method, address, headers, body and the key; the key stands before it, as an API may want it.
    fn stamp(&self, request: &Request) -> String {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut take = |part: &[u8]| {
            for byte in part.iter().chain(&[0]) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        };
        take(request.method.as_bytes());
        take(request.url.as_bytes());
        for header in &request.headers {
            take(header.name.as_bytes());
            take(header.value.as_bytes());
        }
        take(request.body.as_deref().unwrap_or_default());
        take(self.key.as_bytes());
        format!("{}.{hash:016x}", &self.key[..1])
    }
}
