//! JSON Web Tokens (RFC 7519) that are signed here: HS256, RS256 and ES256.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use ring::{hmac, rand};
use serde_json::{Map, Value, json};
use tapwright_spec::expression::{ExpressionFault, Scope};
use tapwright_spec::model::{Algorithm, Jwt, KeyPlace, Sent};

use super::Redactor;

/// The tokens that go with requests.
pub(super) struct Tokens {
    signed: Signed,
    send: Vec<Sent>,
    scope: Scope,
}

impl Tokens {
    pub(super) fn new(jwt: &Jwt, scope: &Scope) -> Result<Tokens, ExpressionFault> {
        let tokens = Tokens { signed: Signed::new(jwt, scope)?, send: jwt.send.clone(), scope: scope.clone() };
        tokens.parts("***")?;
        Ok(tokens)
    }

    pub(super) fn secret(&self) -> &str {
        self.signed.secret()
    }

    /// Where a request carries a token.
    pub(super) fn places(&self) -> Vec<KeyPlace> {
        self.send.iter().map(|sent| sent.place.clone()).collect()
    }

    /// What goes where in a request.
    pub(super) fn carried(&self, now: Timestamp, redactor: &Redactor) -> Vec<(KeyPlace, String)> {
        // It could be computed with another text when the run began.
        self.parts(&self.signed.token(now, redactor)).unwrap_or_default()
    }

    fn parts(&self, token: &str) -> Result<Vec<(KeyPlace, String)>, ExpressionFault> {
        let scope = self.scope.clone().with("token", &token);
        self.send.iter().map(|sent| Ok((sent.place.clone(), sent.value.render(&scope)?))).collect()
    }
}

/// Tokens that are signed one after the other, each for as long as it is valid.
pub(super) struct Signed {
    key: Key,
    secret: String,
    header: String,
    claims: Map<String, Value>,
    valid_for: SignedDuration,
    /// The token and when to sign another one.
    held: Mutex<Option<(String, Timestamp)>>,
}

enum Key {
    Hmac(hmac::Key),
    Rsa(Box<RsaKeyPair>),
    Ecdsa(EcdsaKeyPair),
}

impl Signed {
    pub(super) fn new(jwt: &Jwt, scope: &Scope) -> Result<Signed, ExpressionFault> {
        let secret = jwt.key.render(scope)?;
        let wrong = |why: &str| ExpressionFault {
            message: format!("the key of the JSON Web Token is no private key in PKCS #8 as PEM: {why}"),
            range: 0..0,
            help: None,
        };
        let (name, key) = match jwt.algorithm {
            Algorithm::Hs256 => ("HS256", Key::Hmac(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))),
            Algorithm::Rs256 => {
                let der = der(&secret).ok_or_else(|| wrong("its base64 cannot be read"))?;
                ("RS256", Key::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).map_err(|why| wrong(&why.to_string()))?)))
            }
            Algorithm::Es256 => {
                let der = der(&secret).ok_or_else(|| wrong("its base64 cannot be read"))?;
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &SystemRandom::new());
                ("ES256", Key::Ecdsa(pair.map_err(|why| wrong(&why.to_string()))?))
            }
        };
        let mut header = json!({"alg": name, "typ": "JWT"});
        if let Some(id) = &jwt.key_id {
            header["kid"] = id.render(scope)?.into();
        }
        let claims = jwt.claims.iter().map(|(name, text)| Ok((name.clone(), text.render(scope)?.into())));
        Ok(Signed {
            key,
            secret,
            header: URL_SAFE_NO_PAD.encode(header.to_string()),
            claims: claims.collect::<Result<_, ExpressionFault>>()?,
            valid_for: SignedDuration::try_from(jwt.valid_for).unwrap_or(SignedDuration::MAX),
            held: Mutex::default(),
        })
    }

    pub(super) fn secret(&self) -> &str {
        &self.secret
    }

    /// A token that is valid; of its life the last tenth is left alone.
    pub(super) fn token(&self, now: Timestamp, redactor: &Redactor) -> String {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((token, _)) = held.as_ref().filter(|(_, until)| now < *until) {
            return token.clone();
        }
        let token = self.sign(now);
        redactor.hide(std::slice::from_ref(&token));
        let until = now.saturating_add(self.valid_for - self.valid_for / 10).unwrap_or(Timestamp::MAX);
        held.insert((token, until)).0.clone()
    }

    fn sign(&self, now: Timestamp) -> String {
        let mut claims = self.claims.clone();
        claims.insert("iat".to_owned(), now.as_second().into());
        claims.insert("exp".to_owned(), now.as_second().saturating_add(self.valid_for.as_secs()).into());
        let text = format!("{}.{}", self.header, URL_SAFE_NO_PAD.encode(Value::Object(claims).to_string()));
        let signature = self.key.sign(text.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Key {
    /// Only a machine without randomness cannot sign; its API refuses the empty signature.
    fn sign(&self, text: &[u8]) -> Vec<u8> {
        let random: &dyn rand::SecureRandom = &SystemRandom::new();
        match self {
            Key::Hmac(key) => hmac::sign(key, text).as_ref().to_vec(),
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = pair.sign(&RSA_PKCS1_SHA256, random, text, &mut signature);
                signed.map(|()| signature).unwrap_or_default()
            }
            Key::Ecdsa(pair) => pair.sign(random, text).map(|signed| signed.as_ref().to_vec()).unwrap_or_default(),
        }
    }
}

/// The bytes of a PEM; line ends may have been written as `\n`.
fn der(pem: &str) -> Option<Vec<u8>> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let body: String = body.replace("\\n", "").split_whitespace().collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::{STANDARD, Signed, URL_SAFE_NO_PAD};
    use crate::auth::{Credentials, Redactor};
    use base64::Engine;
    use jiff::Timestamp;
    use ring::rand::SystemRandom;
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_2048_8192_SHA256,
        RsaKeyPair, UnparsedPublicKey, VerificationAlgorithm,
    };
    use std::time::Duration;
    use tapwright_spec::expression::{Scope, Template};
    use tapwright_spec::model::{Algorithm, Jwt};

    fn signed(algorithm: Algorithm, key: &str) -> Signed {
        let jwt = Jwt {
            algorithm,
            key: Template::literal(key),
            key_id: Some(Template::literal("k1")),
            claims: vec![("iss".into(), Template::literal("me"))],
            valid_for: Duration::from_secs(100),
            send: Vec::new(),
        };
        Signed::new(&jwt, &Scope::new()).expect("a key")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn redactor() -> Redactor {
        Redactor::new(&[], &Credentials::default())
    }

    fn verify(token: &str, algorithm: &'static dyn VerificationAlgorithm, public: &[u8]) {
        let (text, signature) = token.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        UnparsedPublicKey::new(algorithm, public).verify(text.as_bytes(), &signature).expect("a signature");
    }

    fn pem(der: &[u8]) -> String {
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
    }

    #[test]
    fn a_token_says_who_and_how_long_and_is_signed_anew_before_it_expires() {
        let (signed, redactor) = (signed(Algorithm::Hs256, "s3cret"), redactor());
        let token = signed.token(at(1_000), &redactor);
        let parts: Vec<String> = token
            .split('.')
            .take(2)
            .map(|part| String::from_utf8(URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("text"))
            .collect();
        let expected = [r#"{"alg":"HS256","kid":"k1","typ":"JWT"}"#, r#"{"exp":1100,"iat":1000,"iss":"me"}"#];
        assert_eq!(parts, expected);
        assert_eq!(signed.token(at(1_089), &redactor), token);
        let next = signed.token(at(1_090), &redactor);
        assert_ne!(next, token);
        assert_eq!(redactor.redact(&format!("{token} {next}")), "*** ***");
    }

    /// Made with `HMAC-SHA256` of another program.
    #[test]
    fn hs256_is_what_others_make_of_it() {
        let token = signed(Algorithm::Hs256, "s3cret").sign(at(1_000));
        assert_eq!(token.rsplit_once('.').expect("three parts").1, "ouFfIpgn8MRvZvFPjSmaJkIdgY361NHoJAX2ZxDBW14");
    }

    #[test]
    fn es256_is_verified_with_the_public_key() {
        let random = SystemRandom::new();
        let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random).expect("a pair");
        let token = signed(Algorithm::Es256, &pem(der.as_ref()).replace('\n', "\\n")).sign(at(0));
        verify(&token, &ECDSA_P256_SHA256_FIXED, pair.public_key().as_ref());
    }

    #[test]
    fn rs256_is_verified_with_the_public_key() {
        let text = tapwright_spec::settings::RSA;
        let pair = RsaKeyPair::from_pkcs8(&super::der(text).expect("a PEM")).expect("a pair");
        verify(&signed(Algorithm::Rs256, text).sign(at(0)), &RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
    }

    #[test]
    fn what_is_no_key_is_told_without_showing_it() {
        for key in ["s3cret", "-----BEGIN PRIVATE KEY-----\ns3cret==\n-----END PRIVATE KEY-----"] {
            let jwt = Jwt {
                algorithm: Algorithm::Rs256,
                key: Template::literal(key),
                key_id: None,
                claims: Vec::new(),
                valid_for: Duration::from_secs(1),
                send: Vec::new(),
            };
            let fault = Signed::new(&jwt, &Scope::new()).err().expect("no key");
            assert!(fault.message.contains("no private key") && !fault.message.contains("s3cret"), "{fault}");
        }
    }
}
