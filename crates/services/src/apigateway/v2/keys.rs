//! The keys by which tokens of issuers are checked.

use std::{collections::HashMap, fmt, path::Path, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bytes::Bytes;
use hearth_engine::port::BoxFuture;
use hearth_model::time::Instant;
use parking_lot::RwLock;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use thiserror::Error;

/// The keys of issuers.
///
/// An issuer's keys are those that were [given](Self::set), or else what it publishes: a `file://` URL is a key set itself,
/// and behind an `http://` URL on this machine is a discovery document, as OpenID Connect has it. Hearth asks nobody else.
#[derive(Default)]
pub struct KeySets {
    given: RwLock<HashMap<String, Arc<KeySet>>>,
    fetched: RwLock<HashMap<String, (Instant, Arc<KeySet>)>>,
    source: RwLock<Option<Arc<dyn DocumentSource>>>,
}

/// Gets documents over HTTP from this machine.
pub trait DocumentSource: Send + Sync {
    /// The document behind an `http://` URL, or why there is none.
    fn document<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Bytes, String>>;
}

/// A set of public keys, as RFC 7517 has it: those that can check signatures of tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet(Vec<Key>);

/// Why an issuer's keys are not to be had.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum KeySetError {
    /// What should be a key set is none.
    #[error("it is no key set: {reason}")]
    Invalid {
        /// What is wrong.
        reason: String,
    },
    /// It is not there.
    #[error("`{place}` cannot be read: {reason}")]
    Unreachable {
        /// The file or URL.
        place: String,
        /// Why.
        reason: String,
    },
    /// Hearth asks nobody but this machine.
    #[error(
        "its keys are not known, and Hearth asks only this machine: give it a key set in the manifest, `[jwt_issuers]`"
    )]
    Unknown,
}

/// An algorithm of signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Es256,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    algorithm: Option<String>,
    material: Material,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// A point of P-256, uncompressed.
    P256(Vec<u8>),
}

/// For how long keys that an issuer publishes count. Source: API Gateway developer guide, "Control access to HTTP APIs with JWT
/// authorizers".
const LIFETIME: Duration = Duration::from_secs(2 * 60 * 60);

impl KeySets {
    /// Gives an issuer's keys.
    pub fn set(&self, issuer: &str, keys: KeySet) {
        self.given.write().insert(issuer.to_owned(), Arc::new(keys));
    }

    /// Forgets keys that were given.
    pub fn unset(&self, issuer: &str) {
        self.given.write().remove(issuer);
    }

    /// Says where documents come from.
    pub fn connect(&self, source: Arc<dyn DocumentSource>) {
        *self.source.write() = Some(source);
    }

    /// The keys of an issuer.
    pub(super) async fn keys(&self, now: Instant, issuer: &str) -> Result<Arc<KeySet>, KeySetError> {
        if let Some(keys) = self.given.read().get(issuer) {
            return Ok(Arc::clone(keys));
        }
        if let Some((until, keys)) = self.fetched.read().get(issuer)
            && now < *until
        {
            return Ok(Arc::clone(keys));
        }
        let keys = Arc::new(self.fetch(issuer).await?);
        self.fetched.write().insert(issuer.to_owned(), (now + LIFETIME, Arc::clone(&keys)));
        Ok(keys)
    }

    async fn fetch(&self, issuer: &str) -> Result<KeySet, KeySetError> {
        if let Some(path) = issuer.strip_prefix("file://") {
            return KeySet::read(Path::new(path));
        }
        #[derive(Deserialize)]
        struct Discovery {
            jwks_uri: String,
        }
        let configuration = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = self.document(&configuration).await?;
        let Discovery { jwks_uri } = serde_json::from_slice(&document)
            .map_err(|error| KeySetError::Invalid { reason: format!("`{configuration}`: {error}") })?;
        KeySet::parse(&self.document(&jwks_uri).await?)
    }

    async fn document(&self, url: &str) -> Result<Bytes, KeySetError> {
        let source = self.source.read().clone().filter(|_| is_here(url)).ok_or(KeySetError::Unknown)?;
        let document = source.document(url).await;
        document.map_err(|reason| KeySetError::Unreachable { place: url.to_owned(), reason })
    }
}

impl KeySet {
    /// Reads a key set. Keys of kinds that cannot check tokens are left out.
    ///
    /// # Errors
    /// If it is no JSON, has no `keys`, or one of them has what it cannot have.
    pub fn parse(document: &[u8]) -> Result<Self, KeySetError> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<KeyDocument>,
        }
        let invalid = |reason: String| KeySetError::Invalid { reason };
        let Document { keys } =
            serde_json::from_slice(document).map_err(|error| invalid(error.to_string()))?;
        let keys = keys.into_iter().filter_map(|key| key.read().transpose()).collect::<Result<_, _>>();
        keys.map(Self).map_err(invalid)
    }

    /// Reads the key set in a file.
    ///
    /// # Errors
    /// If the file can't be read, or as [`parse`](Self::parse).
    pub fn read(path: &Path) -> Result<Self, KeySetError> {
        let unreachable = |error: std::io::Error| KeySetError::Unreachable {
            place: path.display().to_string(),
            reason: error.to_string(),
        };
        Self::parse(&std::fs::read(path).map_err(unreachable)?)
    }

    /// Whether there is a key of this identifier.
    pub(super) fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id.as_deref() == Some(id))
    }

    /// Whether one of the keys of this identifier made a signature.
    pub(super) fn verifies(&self, id: &str, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        let mut meant = self.0.iter().filter(|key| key.id.as_deref() == Some(id));
        meant.any(|key| key.verifies(algorithm, message, signature))
    }
}

impl Algorithm {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "ES256" => Self::Es256,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Es256 => "ES256",
        }
    }

    /// How RSA keys check it; `None` if they do not.
    fn rsa(self) -> Option<&'static RsaParameters> {
        match self {
            Self::Rs256 => Some(&RSA_PKCS1_2048_8192_SHA256),
            Self::Rs384 => Some(&RSA_PKCS1_2048_8192_SHA384),
            Self::Rs512 => Some(&RSA_PKCS1_2048_8192_SHA512),
            Self::Es256 => None,
        }
    }
}

impl Key {
    /// A key of one kind never checks a signature of another: a token does not choose what it is checked by.
    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        if self.algorithm.as_deref().is_some_and(|name| name != algorithm.name()) {
            return false;
        }
        match (&self.material, algorithm.rsa()) {
            (Material::Rsa { modulus, exponent }, Some(parameters)) => {
                let key = RsaPublicKeyComponents { n: modulus, e: exponent };
                key.verify(parameters, message, signature).is_ok()
            }
            (Material::P256(point), None) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            (Material::Rsa { .. }, None) | (Material::P256(_), Some(_)) => false,
        }
    }
}

#[derive(Deserialize)]
struct KeyDocument {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeyDocument {
    /// `None` if it cannot check tokens.
    fn read(self) -> Result<Option<Key>, String> {
        let bytes = |name: &str, text: Option<String>| {
            let text = text.ok_or_else(|| format!("a key has no `{name}`"))?;
            BASE64_URL_SAFE_NO_PAD
                .decode(text)
                .map_err(|error| format!("`{name}` of a key is no base64url: {error}"))
        };
        if self.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
            return Ok(None);
        }
        let material = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => Material::Rsa { modulus: bytes("n", self.n)?, exponent: bytes("e", self.e)? },
            ("EC", Some("P-256")) => {
                let point = [vec![4], bytes("x", self.x)?, bytes("y", self.y)?].concat();
                Material::P256(point)
            }
            _ => return Ok(None),
        };
        Ok(Some(Key { id: self.kid, algorithm: self.alg, material }))
    }
}

/// Whether a URL is one of this machine.
fn is_here(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "127.0.0.1" || host == "[::1]" || host == "localhost" || host.ends_with(".localhost")
}

impl fmt::Debug for KeySets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.given.read().keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_sets_are_read() {
        let set = br#"{"keys": [
            {"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB", "alg": "RS256", "use": "sig"},
            {"kty": "EC", "crv": "P-256", "kid": "b", "x": "AA", "y": "AA"},
            {"kty": "EC", "crv": "P-384", "kid": "c", "x": "AA", "y": "AA"},
            {"kty": "RSA", "kid": "d", "n": "AQAB", "e": "AQAB", "use": "enc"},
            {"kty": "oct", "kid": "e", "k": "AA"}
        ]}"#;
        let set = KeySet::parse(set).expect("a key set");
        let known: Vec<_> = ["a", "b", "c", "d", "e"].into_iter().filter(|id| set.has(id)).collect();
        assert_eq!(known, ["a", "b"]);
        for document in
            ["[]", "{}", r#"{"keys": [{"kty": "RSA"}]}"#, r#"{"keys": [{"kty": "RSA", "n": "=", "e": "A"}]}"#]
        {
            assert!(
                matches!(KeySet::parse(document.as_bytes()), Err(KeySetError::Invalid { .. })),
                "{document}"
            );
        }
    }

    #[test]
    fn nobody_is_asked_but_this_machine() {
        for url in
            ["http://localhost/a", "http://127.0.0.1:80", "http://[::1]:80/", "http://id.localhost:4566/a"]
        {
            assert!(is_here(url), "{url}");
        }
        for url in [
            "https://localhost",
            "http://example.com/",
            "http://localhost.example.com",
            "http://example.com/localhost",
        ] {
            assert!(!is_here(url), "{url}");
        }
    }
}
