//! Requests that are signed by HMAC (RFC 2104).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::{digest, hmac};
use serde_json::json;
use tapwright_spec::expression::{ExpressionFault, Scope};
use tapwright_spec::model::{Encoding, Hash, Hmac, KeyEncoding, KeyPlace};

use super::carry;
use crate::http::{Request, authority};

/// Signs requests with one key.
pub(super) struct Signer {
    hmac: Hmac,
    key: hmac::Key,
    secret: String,
    scope: Scope,
}

impl Signer {
    pub(super) fn new(form: &Hmac, scope: &Scope) -> Result<Signer, ExpressionFault> {
        let secret = form.key.render(scope)?;
        let wrong = |what: &str| ExpressionFault {
            message: format!("the key of the signature is not written in {what}, as `key_encoding` says"),
            range: 0..0,
            help: None,
        };
        let bytes = match form.key_encoding {
            KeyEncoding::Text => secret.clone().into_bytes(),
            KeyEncoding::Hex => from_hex(secret.trim()).ok_or_else(|| wrong("hex"))?,
            KeyEncoding::Base64 => STANDARD.decode(secret.trim()).map_err(|_| wrong("base64"))?,
        };
        let algorithm = match form.algorithm {
            Hash::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Hash::Sha256 => hmac::HMAC_SHA256,
            Hash::Sha512 => hmac::HMAC_SHA512,
        };
        Ok(Signer { hmac: form.clone(), key: hmac::Key::new(algorithm, &bytes), secret, scope: scope.clone() })
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// Where a request carries what is added to it.
    pub(super) fn places(&self) -> Vec<KeyPlace> {
        let params = self.hmac.params.iter().map(|(name, _)| KeyPlace::Query(name.clone()));
        let headers = self.hmac.headers.iter().map(|(name, _)| KeyPlace::Header(name.clone()));
        params.chain(headers).chain(self.hmac.send.iter().map(|sent| sent.place.clone())).collect()
    }

    /// Signs one try.
    pub(super) fn sign(&self, request: &mut Request, now: Timestamp, nonce: &str) -> Result<(), ExpressionFault> {
        // A redirect may have brought an older signature along.
        let queries = self.hmac.send.iter().filter(|sent| matches!(sent.place, KeyPlace::Query(_)));
        queries.for_each(|sent| carry::take(request, &sent.place));
        let scope = self.scope.clone();
        let scope = scope.with("now", &now).with("timestamp", &now.as_second());
        let scope = scope.with("timestamp_ms", &now.as_millisecond()).with("nonce", &nonce);
        for (name, value) in &self.hmac.params {
            request.set_query(name, &value.render(&scope)?);
        }
        let of_request = scope.clone().with("request", &parts(request));
        for (name, value) in &self.hmac.headers {
            request.headers.set(name, &value.render(&of_request)?);
        }
        let message = self.hmac.message.render(&of_request)?;
        let signature = hmac::sign(&self.key, message.as_bytes());
        let signature = match self.hmac.encoding {
            Encoding::Hex => to_hex(signature.as_ref()),
            Encoding::Base64 => STANDARD.encode(signature),
        };
        let scope = scope.with("signature", &signature);
        for sent in &self.hmac.send {
            carry::put(request, &sent.place, &sent.value.render(&scope)?);
        }
        Ok(())
    }
}

/// What a message may say of a request.
fn parts(request: &Request) -> serde_json::Value {
    let (url, body) = (&request.url, request.body.as_deref().unwrap_or_default());
    let query = url.query().unwrap_or_default();
    let target = if query.is_empty() { url.path().to_owned() } else { format!("{}?{query}", url.path()) };
    json!({
        "method": request.method.word(),
        "url": url.as_str(),
        "host": authority(url),
        "path": url.path(),
        "query": query,
        "target": target,
        "body": String::from_utf8_lossy(body),
        "body_sha256": to_hex(digest::digest(&digest::SHA256, body).as_ref()),
    })
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    });
    pairs.collect()
}
