//! Which tokens hold, and which do not.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::{body::Body, http::Method};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    app::{App, SECRET, request},
    problems::assert_problem,
};

fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock").as_secs()
}

/// As the application signs.
fn signed(claims: &Value, secret: &str) -> String {
    let key = EncodingKey::from_secret(secret.as_bytes());
    encode(&Header::new(Algorithm::HS256), claims, &key).expect("a token")
}

fn part(token: &str, index: usize) -> &str {
    token.split('.').nth(index).expect("a part")
}

/// What a token says.
fn claims(token: &str) -> Value {
    let claims = jsonwebtoken::dangerous::insecure_decode_claims(token);
    claims.expect("claims")
}

fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    claims[name] = value;
    claims
}

fn without(claims: &Value, name: &str) -> Value {
    let mut claims = claims.clone();
    claims.as_object_mut().expect("claims").remove(name);
    claims
}

async fn assert_refused(app: &App, token: &str, why: &str) {
    for (method, path) in [(Method::GET, "/me"), (Method::DELETE, "/posts/1")] {
        let answer = app.send_as(token, method, path, Value::Null).await;
        assert_eq!(answer.status, 401, "{why}: {}", answer.body);
        assert_problem(&answer, 401, "Unauthorized");
        let challenge = answer.headers["www-authenticate"].to_str().expect("text");
        let expected = r#"Bearer realm="fastapi_otel", error="invalid_token""#;
        assert_eq!(challenge, expected, "{why}");
        // Nothing helps whoever tries.
        let detail = "this token does not hold, or not any more; log in again";
        assert_eq!(answer.body["detail"], detail, "{why}");
    }
}

#[tokio::test]
async fn a_token_says_no_more_than_it_has_to() {
    let app = App::empty().await;
    let (_, token) = app.somebody("ada@example.org").await;
    let header = jsonwebtoken::decode_header(&token).expect("a header");
    assert_eq!(header.alg, Algorithm::HS256);
    let claims = claims(&token);
    let mut names: Vec<_> = claims.as_object().expect("claims").keys().collect();
    names.sort();
    assert_eq!(names, ["exp", "iat", "iss", "sub"]);
    let until = claims["exp"].as_u64().expect("a time");
    assert!((3_590..=3_600).contains(&(until - now())), "{until}");
    assert!(
        claims["sub"]
            .as_str()
            .expect("an id")
            .parse::<Uuid>()
            .is_ok()
    );
}

#[tokio::test]
async fn a_token_that_was_tampered_with_does_not_hold() {
    let app = App::seeded().await;
    let (_, ada) = app.somebody("mary@example.org").await;
    let (_, grace) = app.somebody("joan@example.org").await;
    let (head, body, signature) = (part(&ada, 0), part(&ada, 1), part(&ada, 2));
    let mut other = signature.to_owned();
    let last = if other.starts_with('A') { "B" } else { "A" };
    other.replace_range(..1, last);
    for (token, why) in [
        (
            format!("{head}.{}.{signature}", part(&grace, 1)),
            "somebody else's claims",
        ),
        (format!("{head}.{body}.{other}"), "another signature"),
        (format!("{head}.{body}."), "no signature"),
        (format!("{head}.{body}"), "two parts"),
        (format!("{ada}.{signature}"), "four parts"),
        (String::new(), "nothing"),
        ("nonsense".to_owned(), "nonsense"),
        (
            signed(&claims(&ada), "another secret of just as many bytes"),
            "another secret",
        ),
    ] {
        assert_refused(&app, &token, why).await;
    }
    // And it was not the test that was wrong.
    assert_eq!(app.get_as(&ada, "/me").await.status, 200);
    let again = signed(&claims(&ada), SECRET);
    assert_eq!(app.get_as(&again, "/me").await.status, 200);
}

#[tokio::test]
async fn a_token_does_not_choose_its_algorithm() {
    let app = App::seeded().await;
    let (_, token) = app.somebody("mary@example.org").await;
    let (body, signature) = (part(&token, 1), part(&token, 2));
    for (header, algorithm) in [
        // {"alg":"none","typ":"JWT"}, "None", "HS384", "HS512", "RS256"
        ("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "none"),
        ("eyJhbGciOiJOb25lIiwidHlwIjoiSldUIn0", "None"),
        ("eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9", "HS384"),
        ("eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9", "HS512"),
        ("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9", "RS256"),
    ] {
        for signature in ["", signature] {
            let token = format!("{header}.{body}.{signature}");
            assert_refused(&app, &token, algorithm).await;
        }
    }
}

#[tokio::test]
async fn claims_that_are_wrong_or_missing_do_not_hold_however_well_signed() {
    let app = App::seeded().await;
    let (_, token) = app.somebody("mary@example.org").await;
    let claims = claims(&token);
    // A second more than the clocks of two instances may differ.
    let past = now() - 6;
    for (claims, why) in [
        (with(&claims, "exp", json!(past)), "expired"),
        (with(&claims, "exp", json!("tomorrow")), "no time"),
        (without(&claims, "exp"), "without an end"),
        (
            with(&claims, "iss", json!("somebody else")),
            "another issuer",
        ),
        (without(&claims, "iss"), "no issuer"),
        (
            with(&claims, "aud", json!("another service")),
            "for another service",
        ),
        (without(&claims, "sub"), "about nobody"),
        (with(&claims, "sub", json!("1")), "about a user's number"),
        (
            with(&claims, "sub", json!(Uuid::new_v4())),
            "about an account that never was",
        ),
    ] {
        assert_refused(&app, &signed(&claims, SECRET), why).await;
    }
    // And it was not the test that was wrong.
    let later = with(&claims, "exp", json!(now() + 60));
    assert_eq!(app.get_as(&signed(&later, SECRET), "/me").await.status, 200);
}

#[tokio::test]
async fn the_token_of_a_deleted_user_does_not_hold() {
    let app = App::seeded().await;
    let (user, token) = app.somebody("mary@example.org").await;
    let path = format!("/users/{user}");
    assert_eq!(app.delete_as(&token, &path).await.status, 204);
    assert_refused(&app, &token, "deleted").await;
    let new = json!({ "title": "x", "content": "x" });
    let late = app.post_as(&token, "/posts", new).await;
    assert_problem(&late, 401, "Unauthorized");
    // Nor is it whoever comes after, with the same address.
    app.somebody("mary@example.org").await;
    assert_refused(&app, &token, "signed up again").await;
}

#[tokio::test]
async fn without_a_token_one_is_told_that_it_takes_one() {
    let app = App::seeded().await;
    let (_, token) = app.somebody("mary@example.org").await;
    for authorization in ["", "Basic bWFyeTp4", "Bearer", token.as_str()] {
        let mut asked = request(Method::GET, "/me", Body::empty());
        if !authorization.is_empty() {
            let value = authorization.parse().expect("a header");
            asked.headers_mut().insert("authorization", value);
        }
        let answer = app.send(asked).await;
        assert_problem(&answer, 401, "Unauthorized");
        let challenge = &answer.headers["www-authenticate"];
        assert_eq!(challenge, r#"Bearer realm="fastapi_otel""#);
    }
    // The scheme is the same in small letters.
    let mut asked = request(Method::GET, "/me", Body::empty());
    let value = format!("bearer {token}").parse().expect("a header");
    asked.headers_mut().insert("authorization", value);
    assert_eq!(app.send(asked).await.status, 200);
    // And a token in the address is none.
    let in_the_address = app.get(&format!("/me?access_token={token}")).await;
    assert_eq!(in_the_address.status, 401);
}
