//! JSON web tokens.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hearth_services::apigateway::v2::{Api, AuthorizerChange, Denial, KeySet, RouteChange};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
        RsaPublicKeyComponents,
    },
};
use serde_json::{Value, json};

use super::{integrate, route, with_header};
use crate::world::World;

const ISSUER: &str = "https://issuer.example.com";
/// The moment at which the world is frozen.
const NOW: i64 = 1_709_572_958;

/// Who issues tokens.
struct Issuer {
    rsa: RsaKeyPair,
    elliptic: EcdsaKeyPair,
    random: SystemRandom,
}

impl Issuer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let rsa = RsaKeyPair::from_der(include_bytes!("issuer-rsa.der")).expect("a key");
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let elliptic = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random);
        Self { rsa, elliptic: elliptic.expect("a key"), random }
    }

    fn keys(&self) -> Vec<u8> {
        let text = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let public: RsaPublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let point = self.elliptic.public_key().as_ref();
        let keys = json!({"keys": [
            {"kty": "RSA", "kid": "rsa", "alg": "RS256", "use": "sig", "n": text(&public.n), "e": text(&public.e)},
            {"kty": "EC", "kid": "ec", "crv": "P-256", "x": text(&point[1..33]), "y": text(&point[33..])},
        ]});
        keys.to_string().into_bytes()
    }

    fn token(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = match header["alg"].as_str() {
            Some("ES256") => {
                self.elliptic.sign(&self.random, signed.as_bytes()).expect("a signature").as_ref().to_vec()
            }
            _ => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                self.rsa
                    .sign(&RSA_PKCS1_SHA256, &self.random, signed.as_bytes(), &mut signature)
                    .expect("a signature");
                signature
            }
        };
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

fn rsa() -> Value {
    json!({"alg": "RS256", "kid": "rsa", "typ": "JWT"})
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": "shop", "sub": "me", "exp": NOW + 60, "iat": NOW, "scope": "read write"})
}

struct Guarded {
    world: World,
    api: Arc<Api>,
    issuer: Issuer,
}

impl Guarded {
    async fn new() -> Self {
        let world = World::new();
        world.deploy("orders", None).await;
        world.allow("orders");
        world.sandbox.script(|_| r#"echo "done""#.to_owned());
        let (api, issuer) = (world.api(), Issuer::new());
        let keys = KeySet::parse(&issuer.keys()).expect("a key set");
        world.apis().key_sets().set(ISSUER, keys);
        let target = integrate(&api, "orders", "2.0");
        let change = AuthorizerChange {
            name: Some("tokens".to_owned()),
            kind: Some("JWT".to_owned()),
            identity_sources: Some(vec!["$request.header.Authorization".to_owned()]),
            issuer: Some(ISSUER.to_owned()),
            audience: Some(vec!["shop".to_owned(), "other".to_owned()]),
            ..AuthorizerChange::default()
        };
        let authorizer = api.create_authorizer(change).expect("an authorizer").id.clone();
        for (key, scopes) in
            [("GET /", &[][..]), ("GET /admin", &["admin"]), ("GET /read", &["read", "admin"])]
        {
            let guarded = RouteChange {
                authorization: Some("JWT".to_owned()),
                authorizer: Some(authorizer.clone()),
                scopes: Some(scopes.iter().map(|scope| (*scope).to_owned()).collect()),
                ..route(key, &target)
            };
            api.create_route(guarded).expect("a route");
        }
        Self { world, api, issuer }
    }

    async fn call(&self, line: &str, token: &str) -> Result<(), Denial> {
        let reply = self.world.send_request(&self.api, with_header(line, "authorization", token)).await;
        reply.result.map(drop)
    }

    /// Why a token is not taken.
    async fn refusal(&self, token: &str) -> String {
        match self.call("GET /", token).await {
            Err(Denial::Unauthorized { challenge: Some(challenge) }) => challenge,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_token_lets_in_and_its_claims_are_told() {
    let guarded = Guarded::new().await;
    let token = guarded.issuer.token(&rsa(), &claims());
    for shown in [token.clone(), format!("Bearer {token}"), format!("bearer {token}")] {
        assert_eq!(guarded.call("GET /", &shown).await, Ok(()));
    }
    let authorizer = guarded.world.event("orders")["requestContext"]["authorizer"].clone();
    let expected = json!({
        "aud": "shop", "iss": ISSUER, "sub": "me", "scope": "read write",
        "exp": (NOW + 60).to_string(), "iat": NOW.to_string(),
    });
    assert_eq!(authorizer, json!({"jwt": {"claims": expected, "scopes": null}}));
    let elliptic = guarded.issuer.token(&json!({"alg": "ES256", "kid": "ec"}), &claims());
    assert_eq!(guarded.call("GET /", &elliptic).await, Ok(()));
}

#[tokio::test]
async fn scopes_are_what_a_route_asks_for() {
    let guarded = Guarded::new().await;
    let token = guarded.issuer.token(&rsa(), &claims());
    assert_eq!(guarded.call("GET /read", &token).await, Ok(()));
    let scopes = &guarded.world.event("orders")["requestContext"]["authorizer"]["jwt"]["scopes"];
    assert_eq!(*scopes, json!(["read"]));
    let Err(Denial::Forbidden { challenge: Some(challenge) }) = guarded.call("GET /admin", &token).await
    else {
        panic!("the scope is not there");
    };
    assert!(challenge.starts_with(r#"Bearer scope="admin" error="insufficient_scope""#), "{challenge}");
    let mut listed = claims();
    listed["scope"] = Value::Null;
    listed["scp"] = json!(["admin"]);
    assert_eq!(guarded.call("GET /admin", &guarded.issuer.token(&rsa(), &listed)).await, Ok(()));
}

#[tokio::test]
async fn claims_are_checked() {
    let guarded = Guarded::new().await;
    let check = async |change: Value, expected: Option<&str>| {
        let mut claims = claims();
        for (name, value) in change.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("claims").retain(|_, value| !value.is_null());
        let token = guarded.issuer.token(&rsa(), &claims);
        match expected {
            None => assert_eq!(guarded.call("GET /", &token).await, Ok(()), "{change}"),
            Some(expected) => {
                let refusal = guarded.refusal(&token).await;
                assert!(refusal.contains(expected), "{change} {refusal}");
            }
        }
    };
    check(json!({"aud": ["a", "other"]}), None).await;
    check(json!({"aud": null, "client_id": "shop"}), None).await;
    check(json!({"nbf": NOW}), None).await;
    check(json!({"exp": NOW}), Some("the token has expired")).await;
    check(json!({"exp": null}), Some("the token has expired")).await;
    check(json!({"exp": "tomorrow"}), Some("a date that is none")).await;
    check(json!({"nbf": NOW + 1}), Some("not valid yet")).await;
    check(json!({"iat": NOW + 1}), Some("issued in the future")).await;
    check(json!({"iss": "https://other.example.com"}), Some("invalid issuer")).await;
    check(json!({"aud": "none"}), Some("valid audience")).await;
    check(json!({"aud": null}), Some("valid audience")).await;
    check(json!({"aud": "none", "client_id": "shop"}), Some("valid audience")).await;
    guarded.world.advance(60).await;
    check(json!({}), Some("the token has expired")).await;
}

#[tokio::test]
async fn signatures_are_checked() {
    let guarded = Guarded::new().await;
    let token = guarded.issuer.token(&rsa(), &claims());
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let (header, _) = signed.split_once('.').expect("claims");
    let mut other = claims();
    other["sub"] = json!("you");
    let forged = format!("{header}.{}.{signature}", BASE64_URL_SAFE_NO_PAD.encode(other.to_string()));
    let check = async |token: &str, expected: &str| {
        let refusal = guarded.refusal(token).await;
        assert!(refusal.contains(expected), "{token} {refusal}");
    };
    check(&forged, "signature verification failed").await;
    check(&format!("{signed}."), "signature verification failed").await;
    check("no token", "malformed").await;
    check("a.b.c", "malformed").await;
    let issue = |header: Value| guarded.issuer.token(&header, &claims());
    check(&issue(json!({"alg": "none", "kid": "rsa"})), "malformed").await;
    check(&issue(json!({"alg": "HS256", "kid": "rsa"})), "malformed").await;
    check(&issue(json!({"alg": "RS256"})), "malformed").await;
    check(&issue(json!({"alg": "RS256", "kid": "other"})), "kid not found").await;
    check(&issue(json!({"alg": "RS512", "kid": "rsa"})), "signature verification failed").await;
    check(&issue(json!({"alg": "ES256", "kid": "rsa"})), "signature verification failed").await;
}

#[tokio::test]
async fn without_a_token_nobody_is_let_in() {
    let guarded = Guarded::new().await;
    let denied = guarded.world.request(&guarded.api, "GET /").await.result;
    assert_eq!(denied, Err(Denial::Unauthorized { challenge: Some("Bearer".to_owned()) }));
}

#[tokio::test]
async fn keys_may_lie_in_a_file_and_are_asked_of_nobody_else() {
    let guarded = Guarded::new().await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    std::fs::write(&path, guarded.issuer.keys()).expect("it is written");
    let of = async |issuer: &str| {
        let page = guarded.api.authorizers(&Default::default()).expect("a page");
        let change = AuthorizerChange { issuer: Some(issuer.to_owned()), ..AuthorizerChange::default() };
        guarded.api.update_authorizer(&page.items[0].id, change).expect("an authorizer");
        let mut claims = claims();
        claims["iss"] = json!(issuer);
        guarded.issuer.token(&rsa(), &claims)
    };
    let token = of(&format!("file://{}", path.display())).await;
    assert_eq!(guarded.call("GET /", &token).await, Ok(()));
    let token = of("https://unknown.example.com").await;
    assert!(guarded.refusal(&token).await.contains("communication error"));
}
