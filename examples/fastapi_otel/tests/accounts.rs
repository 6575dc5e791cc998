//! Signing up, logging in and who one is then, as clients see it.

use axum::{
    body::Body,
    http::{Method, header::CONTENT_TYPE},
};
use ormcore::sql;
use serde_json::json;

use super::{
    app::{Answer, App, PASSWORD, request},
    problems::{assert_problem, fields},
};

fn challenge(answer: &Answer) -> &str {
    let challenge = answer.headers.get("www-authenticate");
    challenge.map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn whoever_signs_up_can_log_in_and_is_somebody() {
    let app = App::empty().await;
    let new = json!({ "name": "Ada", "email": " Ada@Example.org", "password": PASSWORD });
    let signed_up = app.post("/signup", new).await;
    let id = signed_up.body["id"].clone();
    let ada = json!({ "id": id, "name": "Ada", "email": "ada@example.org" });
    assert_eq!((signed_up.status, &signed_up.body), (201, &ada));

    let login = json!({ "email": "ada@example.org", "password": PASSWORD });
    let logged_in = app.post("/login", login).await;
    assert_eq!(logged_in.status, 200);
    assert_eq!(logged_in.headers["cache-control"], "no-store");
    assert_eq!(logged_in.body["token_type"], "Bearer");
    assert_eq!(logged_in.body["expires_in"], 3600);

    let me = app.get_as(&logged_in.token(), "/me").await;
    assert_eq!((me.status, &me.body), (200, &ada));
    let path = format!("/users/{id}");
    assert_eq!(app.get(&path).await.body["posts_count"], 0);
}

#[tokio::test]
async fn forms_do_as_well_as_json() {
    let app = App::empty().await;
    let form = "name=Ada&email=ada%40example.org&password=at+least+8";
    assert_eq!(app.post_form("/signup", form).await.status, 201);
    for form in [
        "username=ada%40example.org&password=at+least+8",
        "grant_type=password&username=ADA@example.org&password=at%20least%208",
        "email=ada%40example.org&password=at+least+8",
    ] {
        let token = app.post_form("/login", form).await.token();
        assert_eq!(app.get_as(&token, "/me").await.status, 200, "{form}");
    }
    let json = json!({ "username": "ada@example.org", "password": "at least 8" });
    assert_eq!(app.post("/login", json).await.status, 200);
}

#[tokio::test]
async fn an_unknown_user_is_told_what_a_wrong_password_is_told() {
    let app = App::seeded().await;
    app.somebody("mary@example.org").await;
    let mut told = Vec::new();
    for (email, password) in [
        ("mary@example.org", "another password"),
        ("mary@example.org", &PASSWORD.to_uppercase()),
        ("mary@example.org", ""),
        ("nobody@example.org", PASSWORD),
        // Who is there, but has no account.
        ("ada@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("nul\0@example.org", PASSWORD),
    ] {
        let login = json!({ "email": email, "password": password });
        let answer = app.post("/login", login).await;
        assert_problem(&answer, 401, "Unauthorized");
        assert_eq!(challenge(&answer), r#"Bearer realm="fastapi_otel""#);
        told.push(answer.body["detail"].clone());
    }
    told.dedup();
    assert_eq!(told, ["the address or the password is wrong"]);
}

#[tokio::test]
async fn an_unknown_user_costs_what_a_wrong_password_costs() {
    let app = App::seeded().await;
    app.somebody("mary@example.org").await;
    let tree = async |email: &str| {
        let login = json!({ "email": email, "password": "another password" });
        app.post("/login", login).await.tree().await
    };
    let expected = |found: u8| {
        format!(
            "POST /login server status_code=401\n  \
             db.query.find_one client summary=\"SELECT accounts\" count={found}\n  \
             auth.verify_password internal auth.success=false\n"
        )
    };
    assert_eq!(tree("mary@example.org").await, expected(1));
    for unknown in ["nobody@example.org", "ada@example.org"] {
        assert_eq!(tree(unknown).await, expected(0), "{unknown}");
    }
    let nobody_can_have_it = tree("no address").await;
    assert!(nobody_can_have_it.contains("auth.verify_password"));
}

#[tokio::test]
async fn an_address_is_taken_however_it_is_written() {
    let app = App::seeded().await;
    app.somebody("mary@example.org").await;
    for email in ["mary@example.org", "MARY@example.org ", "Ada@Example.org"] {
        for path in ["/signup", "/users"] {
            let new = json!({ "name": "Mary", "email": email, "password": PASSWORD });
            let answer = app.post(path, new).await;
            assert_problem(&answer, 409, "Conflict");
            assert_eq!(fields(&answer), ["email"]);
            let told = answer.body.to_string().to_lowercase();
            assert!(!told.contains("@") && !told.contains("lower"), "{told}");
        }
    }
    // Not even whoever writes past the application can have one twice.
    let past = sql("INSERT INTO users (name, email) VALUES ('Mary', 'MARY@example.org')");
    let refused = past.execute(&app.db).await.expect_err("a refusal");
    assert!(refused.is_unique_violation_of(crate::entities::User::EMAIL));
    let users = sql("SELECT count(*) FROM users").scalars::<i64>(&app.db);
    assert_eq!(users.await.expect("a count"), [11]);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_signup_is_named() {
    let app = App::empty().await;
    let nonsense = json!({ "name": "", "email": "nobody", "password": "1234567" });
    let answer = app.post("/signup", nonsense).await;
    assert_problem(&answer, 422, "Unprocessable Entity");
    assert_eq!(fields(&answer), ["name", "email", "password"]);
    assert!(!answer.body.to_string().contains("1234567"));
    for (password, status) in [
        ("é".repeat(7), 422),
        ("é".repeat(8), 201),
        ("é".repeat(128), 409),
        ("é".repeat(129), 422),
    ] {
        let new = json!({ "name": "Ada", "email": "ada@example.org", "password": password });
        assert_eq!(app.post("/signup", new).await.status, status);
    }
}

#[tokio::test]
async fn what_cannot_be_read_as_a_login_is_told_apart() {
    let app = App::empty().await;
    for path in ["/signup", "/login"] {
        for kind in ["text/plain", "multipart/form-data; boundary=x", ""] {
            let mut asked = request(Method::POST, path, "{}".into());
            if !kind.is_empty() {
                let kind = kind.parse().expect("a header");
                asked.headers_mut().insert(CONTENT_TYPE, kind);
            }
            let answer = app.send(asked).await;
            assert_problem(&answer, 415, "Unsupported Media Type");
        }
        let broken = app.post_text(path, "{").await;
        assert_problem(&broken, 422, "Unprocessable Entity");
        assert_eq!(fields(&broken), ["body"]);
        let half = json!({ "name": "Ada", "email": "ada@example.org" });
        let by_form = "name=Ada&email=ada%40example.org";
        for half in [
            app.post(path, half).await,
            app.post_form(path, by_form).await,
        ] {
            assert_problem(&half, 422, "Unprocessable Entity");
            assert_eq!(fields(&half), ["password"]);
        }
        let wrong_method = app.send(request(Method::GET, path, Body::empty())).await;
        assert_problem(&wrong_method, 405, "Method Not Allowed");
    }
}

#[tokio::test]
async fn a_signup_that_fails_leaves_nobody_behind() {
    let app = App::empty().await;
    let never = sql("ALTER TABLE accounts ADD CHECK (false) NOT VALID");
    never.batch(&app.db).await.expect("a rule");
    let new = json!({ "name": "Ada", "email": "ada@example.org", "password": PASSWORD });
    let answer = app.post("/signup", new).await;
    assert_problem(&answer, 500, "Internal Server Error");
    assert_eq!(app.get("/users").await.body, json!([]));
}

#[tokio::test]
async fn a_password_is_kept_as_a_hash_that_says_how_it_was_made() {
    let app = App::empty().await;
    app.somebody("ada@example.org").await;
    app.somebody("mary@example.org").await;
    let hashes = sql("SELECT password_hash FROM accounts").scalars::<String>(&app.db);
    let hashes = hashes.await.expect("hashes");
    for hash in &hashes {
        // What OWASP asks for at least.
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }
    // The same password, and another salt.
    assert_ne!(hashes[0], hashes[1]);
}

#[tokio::test]
async fn whoever_has_the_address_of_a_listed_user_signs_up_as_that_one() {
    let app = App::seeded().await;
    let listed = json!({ "name": "not Mary", "email": "mary@example.org", "age": 7 });
    let listed = app.post("/users", listed).await;
    assert_eq!(listed.status, 201);
    let new = json!({ "name": "Mary", "email": "Mary@Example.org", "password": PASSWORD });
    let signed_up = app.post("/signup", new.clone()).await;
    assert_eq!(
        (signed_up.status, &signed_up.body["id"]),
        (201, &listed.body["id"])
    );
    let path = format!("/users/{}", listed.body["id"]);
    let mary = json!({ "id": listed.body["id"], "name": "Mary", "age": null, "posts_count": 0 });
    assert_eq!(app.get(&path).await.body, mary);
    let token = app.post("/login", new.clone()).await.token();
    assert_eq!(app.get_as(&token, "/me").await.body, signed_up.body);
    // From now on it is somebody's, as those are who have written something.
    let again = app.post("/signup", new).await;
    assert_problem(&again, 409, "Conflict");
    let ada = json!({ "name": "x", "email": "ada@example.org", "password": PASSWORD });
    assert_problem(&app.post("/signup", ada).await, 409, "Conflict");
    assert_eq!(app.get("/users/1").await.body["name"], "Ada");
}

#[tokio::test]
async fn of_two_who_sign_up_at_once_as_the_same_user_one_does() {
    let app = App::seeded().await;
    let listed = json!({ "name": "Mary", "email": "mary@example.org" });
    assert_eq!(app.post("/users", listed).await.status, 201);
    let sign_up = |name: &str| {
        let new = json!({ "name": name, "email": "mary@example.org", "password": PASSWORD });
        app.post("/signup", new)
    };
    let (one, other) = tokio::join!(sign_up("one"), sign_up("other"));
    let (won, lost) = if one.status == 201 {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!(won.status, 201);
    assert_problem(&lost, 409, "Conflict");
    assert_eq!(fields(&lost), ["email"]);
    let path = format!("/users/{}", won.body["id"]);
    assert_eq!(app.get(&path).await.body["name"], won.body["name"]);
}
