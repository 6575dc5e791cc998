//! What nobody else should know is in no signal: not in a span, a metric, a log record or a line of the log, however much is
//! logged; and on no page that is open to everybody.

use ormcore::sql;
use serde_json::{Value, json};

use super::{
    app::{App, SECRET},
    exported,
};

const EMAIL: &str = "keep.this.quiet@example.org";
const PASSWORD: &str = "open sesame, but quietly";
const WRONG: &str = "open wheat, but quietly";

async fn kept(app: &App, column: &str) -> String {
    let text = sql(format!("SELECT {column}::text FROM accounts")).scalars::<String>(&app.db);
    text.await.expect("an account").remove(0)
}

/// All that can be asked without a token, as it is now.
async fn shown(app: &App) -> Vec<(&'static str, String)> {
    let mut shown = Vec::new();
    for path in [
        "/",
        "/users",
        "/users?eager=true",
        "/users?eager=joined",
        "/users/11",
        "/posts",
        "/posts?eager=true",
        "/posts/11",
        "/traces",
        "/traces/data?limit=100000",
        "/metrics",
        "/health/ready",
    ] {
        let answer = app.get(path).await;
        assert!(answer.status == 200 && !answer.text.is_empty(), "{path}");
        shown.push((path, answer.text));
    }
    shown
}

#[tokio::test]
async fn nobody_is_given_away_by_any_signal_or_page() {
    let app = App::seeded().await;
    let new = |email: &str| json!({ "name": "Mary", "email": email, "password": PASSWORD });
    let login = |password: &str| json!({ "email": EMAIL, "password": password });
    // What goes well.
    let user = app.post("/signup", new(EMAIL)).await.body["id"].clone();
    assert_eq!(user, 11);
    let token = app.post("/login", login(PASSWORD)).await.token();
    let form = format!("username={EMAIL}&password={PASSWORD}");
    let by_form = app.post_form("/login", &form).await.token();
    let post = json!({ "title": "x", "content": "x" });
    assert_eq!(app.post_as(&token, "/posts", post).await.status, 201);
    for path in ["/me", "/users", "/users?eager=joined", "/posts"] {
        assert_eq!(app.get_as(&token, path).await.status, 200);
    }
    // What clients do wrong.
    let large = EMAIL.to_uppercase();
    assert_eq!(app.post("/signup", new(&large)).await.status, 409);
    assert_eq!(app.post("/login", login(WRONG)).await.status, 401);
    let nobody = json!({ "email": format!("x{EMAIL}"), "password": PASSWORD });
    assert_eq!(app.post("/login", nobody).await.status, 401);
    let half = app.post("/login", json!({ "email": EMAIL })).await;
    assert_eq!(half.status, 422);
    let number = json!({ "email": EMAIL, "password": [PASSWORD] });
    assert_eq!(app.post("/login", number).await.status, 422);
    let forged = format!("{token}x");
    assert_eq!(app.get_as(&forged, "/me").await.status, 401);
    let percent = PASSWORD.replace(' ', "%20");
    for path in [
        format!("/login?username={EMAIL}&password={percent}"),
        format!("/signup?email={EMAIL}&password={percent}"),
    ] {
        assert_eq!(app.post(&path, Value::Null).await.status, 422);
    }
    let path = format!("/me?access_token={token}");
    assert_eq!(app.get(&path).await.status, 401);
    // What goes wrong here, with a message of the server that quotes the row: the hash of an account, and an address.
    let listed = "one.more.to.keep.quiet@example.org";
    assert_eq!(app.post("/users", new(listed)).await.status, 201);
    let hash = kept(&app, "password_hash").await;
    let account = kept(&app, "id").await;
    let never = "ALTER TABLE accounts ADD CHECK (false) NOT VALID";
    sql(never).batch(&app.db).await.expect("a rule");
    let other = "another.one.to.keep.quiet@example.org";
    assert_eq!(app.post("/signup", new(other)).await.status, 500);
    let never = "ALTER TABLE users ADD CHECK (false) NOT VALID";
    sql(never).batch(&app.db).await.expect("a rule");
    assert_eq!(app.post("/signup", new(other)).await.status, 500);
    let mut pages = shown(&app).await;
    let path = format!("/users/{user}");
    let last = app.delete_as(&token, &path).await;
    assert_eq!(last.status, 204);
    last.trace().await;

    let part = |token: &str, index| token.split('.').nth(index).expect("a part").to_owned();
    let secrets = [
        EMAIL.to_owned(),
        large,
        EMAIL.replace('@', "%40"),
        "keep.this.quiet".to_owned(),
        "another.one.to.keep".to_owned(),
        "one.more.to.keep".to_owned(),
        PASSWORD.to_owned(),
        percent,
        PASSWORD.replace(' ', "+"),
        WRONG.to_owned(),
        "sesame".to_owned(),
        part(&token, 1),
        part(&token, 2),
        part(&by_form, 2),
        hash.rsplit('$').next().expect("a hash").to_owned(),
        "$argon2id".to_owned(),
        account,
        SECRET.to_owned(),
    ];
    let traces = app.get("/traces/data?limit=100000").await;
    pages.push(("/traces/data?limit=100000", traces.text));
    pages.extend(exported().everything());
    for (signal, text) in pages {
        for secret in &secrets {
            let Some(at) = text.find(secret.as_str()) else {
                continue;
            };
            let before = text[..at].chars().rev().take(300).collect::<Vec<_>>();
            let before: String = before.into_iter().rev().collect();
            panic!("{signal}: {secret} after {before}");
        }
        // All of this was seen, and not nothing.
        let seen: &[&str] = match signal {
            "spans" => &[
                "POST /login",
                "auth.verify_password",
                "auth.hash_password",
                "INSERT INTO",
                "user.id",
            ],
            "metrics" => &[
                "auth.login.attempts",
                "\"success\"",
                "\"invalid_password\"",
                "\"user_not_found\"",
                "\"invalid_request\"",
                "users.registered",
                "db.client.operation.duration",
            ],
            "logs" | "lines" => &["a request failed", "Post::AUTHOR", "DEBUG"],
            "/users" => &["Mary"],
            "/metrics" => &["auth_login_attempts", "users_registered", "db_client"],
            "/traces/data?limit=100000" => &["POST /login", "auth.verify_password"],
            _ => &[],
        };
        for word in seen {
            assert!(text.contains(word), "{signal}: nothing of {word}");
        }
    }
}
