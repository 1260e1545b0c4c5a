//! OAuth 1.0a (RFC 5849) with a token at hand: HMAC-SHA1, HMAC-SHA256 and PLAINTEXT.

use std::hash::{BuildHasher, RandomState};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use percent_encoding::utf8_percent_encode;
use ring::hmac;
use tapwright_spec::model::Signature;

use crate::http::{RESERVED, Request, authority};

/// Both pairs of key and secret.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) consumer_key: String,
    pub(super) consumer_secret: String,
    pub(super) token: String,
    pub(super) token_secret: String,
    pub(super) signature: Signature,
}

/// A text that no other request carries. The standard library's hash keys are random.
pub(super) fn nonce() -> String {
    let random = || RandomState::new().hash_one(0_u8);
    format!("{:016x}{:016x}", random(), random())
}

impl Keys {
    /// The value of the `Authorization` header. Of bodies only a form takes part in it (section 3.4.1.3.1).
    pub(super) fn authorization(&self, request: &Request, now: Timestamp, nonce: &str) -> String {
        let method = match self.signature {
            Signature::HmacSha1 => "HMAC-SHA1",
            Signature::HmacSha256 => "HMAC-SHA256",
            Signature::Plaintext => "PLAINTEXT",
        };
        let mut protocol = vec![
            ("oauth_consumer_key", self.consumer_key.clone()),
            ("oauth_nonce", nonce.to_owned()),
            ("oauth_signature_method", method.to_owned()),
            ("oauth_timestamp", now.as_second().to_string()),
            ("oauth_version", "1.0".to_owned()),
        ];
        if !self.token.is_empty() {
            protocol.push(("oauth_token", self.token.clone()));
        }
        protocol.push(("oauth_signature", self.signature(request, &protocol)));
        let fields: Vec<String> =
            protocol.iter().map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
        format!("OAuth {}", fields.join(", "))
    }

    fn signature(&self, request: &Request, protocol: &[(&str, String)]) -> String {
        let key = format!("{}&{}", escape(&self.consumer_secret), escape(&self.token_secret));
        let algorithm = match self.signature {
            Signature::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Signature::HmacSha256 => hmac::HMAC_SHA256,
            Signature::Plaintext => return key,
        };
        let key = hmac::Key::new(algorithm, key.as_bytes());
        STANDARD.encode(hmac::sign(&key, base_string(request, protocol).as_bytes()))
    }
}

/// Section 3.4.1: method, address and all parameters, sorted.
fn base_string(request: &Request, protocol: &[(&str, String)]) -> String {
    let url = &request.url;
    let mut parameters: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| (escape(&name), escape(&value)))
        .chain(request.form().iter().map(|(name, value)| (escape(name), escape(value))))
        .chain(protocol.iter().map(|(name, value)| (escape(name), escape(value))))
        .collect();
    parameters.sort();
    let parameters: Vec<String> = parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let address = format!("{}://{}{}", url.scheme(), authority(url), url.path());
    format!("{}&{}&{}", request.method.word(), escape(&address), escape(&parameters.join("&")))
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Keys, base_string, nonce};
    use crate::http::Request;
    use jiff::Timestamp;
    use tapwright_spec::model::{Method, Signature};

    fn keys(signature: Signature) -> Keys {
        Keys {
            consumer_key: "dpf43f3p2l4k3l03".into(),
            consumer_secret: "kd94hf93k423kf44".into(),
            token: "nnch734d00sl2jdk".into(),
            token_secret: "pfkkdhi9sl3r4s00".into(),
            signature,
        }
    }

    fn photos() -> Request {
        let url = "http://photos.example.net/photos?file=vacation.jpg&size=original";
        Request::get(url.parse().expect("a url"))
    }

    /// The example of section 1.2, except for `oauth_version`, which the example leaves out.
    #[test]
    fn the_example_of_the_rfc_is_signed_as_there() {
        let parameters = [
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        let signature = keys(Signature::HmacSha1).signature(&photos(), &parameters);
        assert_eq!(signature, "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    /// What HMAC-SHA256 of another program makes of the same base string.
    #[test]
    fn sha256_signs_the_same_text() {
        let header = keys(Signature::HmacSha256).authorization(&photos(), Timestamp::UNIX_EPOCH, "n");
        assert!(header.contains("oauth_signature_method=\"HMAC-SHA256\""), "{header}");
        let parameters = [
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_signature_method", "HMAC-SHA256"),
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        let signature = keys(Signature::HmacSha256).signature(&photos(), &parameters);
        assert_eq!(signature, "HtMwoX2zenlFjgGg/SNEoKEQmL7CzxYFEKzs7er044Y=");
    }

    /// The example of section 3.4.1.1 without its form body.
    #[test]
    fn the_base_string_sorts_and_escapes_twice() {
        let url = "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q";
        let mut request = Request::get(url.parse().expect("a url"));
        request.method = Method::Post;
        let parameters = [("oauth_token", "kkk9d7dh3k39sjv7".to_owned())];
        assert_eq!(
            base_string(&request, &parameters),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D\
             %25253D%26c%2540%3D%26c2%3D%26oauth_token%3Dkkk9d7dh3k39sjv7"
        );
    }

    #[test]
    fn plaintext_sends_the_secrets_themselves() {
        let header = keys(Signature::Plaintext).authorization(&photos(), Timestamp::UNIX_EPOCH, "n");
        assert!(header.ends_with("oauth_signature=\"kd94hf93k423kf44%26pfkkdhi9sl3r4s00\""), "{header}");
        assert!(header.starts_with("OAuth oauth_consumer_key=\"dpf43f3p2l4k3l03\", oauth_nonce"));
    }

    #[test]
    fn no_two_nonces_are_the_same() {
        assert_ne!(nonce(), nonce());
    }
}
