//! OAuth 1.0a, the server's half: is this request signed by somebody we know? After RFC 5849.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use sha1::Sha1;

use crate::options::Credentials;
use crate::query::{Param, Query, RESERVED};

/// What the signature covers besides the OAuth parameters themselves.
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    /// As the client wrote it in `Host`.
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a Query,
}

/// Checks the parameters of an `Authorization: OAuth` header; the error says what is wrong.
pub(crate) fn verify(request: &Signed<'_>, header: &str, known: &Credentials) -> Result<(), &'static str> {
    let params = header_params(header);
    let get = |name: &str| (params.iter().find(|param| param.name == name)).map_or("", |param| param.value.as_str());
    if get("oauth_consumer_key") != known.key {
        return Err("unknown consumer key");
    }
    if get("oauth_token") != known.token {
        return Err("unknown token");
    }
    let expected = match get("oauth_signature_method") {
        "PLAINTEXT" => signing_key(known),
        "HMAC-SHA1" => {
            // Without these a signature could be used for ever.
            if get("oauth_nonce").is_empty() || get("oauth_timestamp").parse::<u64>().is_err() {
                return Err("a signature needs a nonce and a timestamp");
            }
            sign(&base_string(request, &params), &signing_key(known))
        }
        _ => return Err("unknown signature method"),
    };
    if get("oauth_signature") != expected {
        return Err("the signature does not match");
    }
    Ok(())
}

fn header_params(header: &str) -> Vec<Param> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    (header.split(','))
        .filter_map(|pair| pair.trim().split_once('='))
        .map(|(name, value)| Param { name: decode(name), value: decode(value.trim_matches('"')) })
        .filter(|param| param.name != "realm")
        .collect()
}

fn signing_key(known: &Credentials) -> String {
    format!("{}&{}", encoded(&known.secret), encoded(&known.token_secret))
}

fn sign(base: &str, key: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any key length will do");
    mac.update(base.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Section 3.4.1: method, address and all parameters, each encoded once more.
fn base_string(request: &Signed<'_>, header: &[Param]) -> String {
    let mut pairs: Vec<_> = (header.iter().filter(|param| param.name != "oauth_signature"))
        .chain(&request.query.0)
        .map(|param| (encoded(&param.name), encoded(&param.value)))
        .collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = request.host.to_ascii_lowercase();
    let host = host.strip_suffix(":80").unwrap_or(&host);
    let address = format!("http://{host}{}", request.path);
    let method = request.method.to_ascii_uppercase();
    format!("{method}&{}&{}", encoded(&address), encoded(&pairs.join("&")))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(secrets: [&str; 4]) -> Credentials {
        let [key, secret, token, token_secret] = secrets.map(str::to_owned);
        Credentials { key, secret, token, token_secret, ..Credentials::default() }
    }

    /// RFC 5849, section 1.2: the photo that Jane has printed.
    #[test]
    fn the_signature_of_the_rfc_is_accepted() {
        let query = Query::parse("file=vacation.jpg&size=original");
        let request = Signed { method: "GET", host: "photos.example.net", path: "/photos", query: &query };
        let header = r#"realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03",
            oauth_token="nnch734d00sl2jdk", oauth_signature_method="HMAC-SHA1",
            oauth_timestamp="137131202", oauth_nonce="chapoH",
            oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D""#;
        let secrets = ["dpf43f3p2l4k3l03", "kd94hf93k423kf44", "nnch734d00sl2jdk", "pfkkdhi9sl3r4s00"];
        assert_eq!(verify(&request, header, &known(secrets)), Ok(()));

        let other = Query::parse("file=vacation.jpg&size=thumbnail");
        let request = Signed { query: &other, ..request };
        assert_eq!(verify(&request, header, &known(secrets)), Err("the signature does not match"));
    }

    /// RFC 5849, section 3.4.1.1: repeated and empty parameters, sorted after encoding.
    #[test]
    fn the_base_string_of_the_rfc_comes_out() {
        let query = Query::parse("b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2=&a3=2+q");
        let header = header_params(
            r#"realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7",
            oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a",
            oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D""#,
        );
        let request = Signed { method: "post", host: "EXAMPLE.COM:80", path: "/request", query: &query };
        assert_eq!(
            base_string(&request, &header),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }

    #[test]
    fn plaintext_is_the_two_secrets() {
        let query = Query::default();
        let request = Signed { method: "GET", host: "h", path: "/", query: &query };
        let header = |signature: &str| {
            format!(
                r#"oauth_consumer_key="k", oauth_token="t", oauth_signature_method="PLAINTEXT", oauth_signature="{signature}""#
            )
        };
        let known = known(["k", "s&", "t", "ts"]);
        assert_eq!(verify(&request, &header("s%2526%26ts"), &known), Ok(()));
        assert!(verify(&request, &header("s%26ts"), &known).is_err());
    }
}
