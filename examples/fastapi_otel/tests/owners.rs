//! Who may write what.

use axum::http::Method;
use ormcore::sql;
use serde_json::{Value, json};

use super::{
    app::App,
    problems::{assert_problem, fields},
};

fn new() -> Value {
    json!({ "title": "On signs", "content": "Words." })
}

fn changed(version: i32) -> Value {
    json!({ "title": "On wonders", "content": "Words.", "version": version })
}

#[tokio::test]
async fn whoever_has_a_token_writes_changes_and_deletes_posts() {
    let app = App::seeded().await;
    let (user, token) = app.somebody("mary@example.org").await;
    let post = app.post_as(&token, "/posts", new()).await;
    let id = post.body["id"].clone();
    let expected = |title: &str, version: i32| {
        json!({
            "id": id, "version": version, "title": title, "content": "Words.",
            "author_id": user, "author_name": "Somebody",
        })
    };
    assert_eq!((post.status, &post.body), (201, &expected("On signs", 1)));

    let path = format!("/posts/{id}");
    let put = app.send_as(&token, Method::PUT, &path, changed(1)).await;
    assert_eq!((put.status, &put.body), (200, &expected("On wonders", 2)));
    let read = app.get(&path).await.body;
    assert_eq!(
        (&read["title"], &read["version"]),
        (&json!("On wonders"), &json!(2))
    );

    assert_eq!(app.delete_as(&token, &path).await.status, 204);
    assert_problem(&app.get(&path).await, 404, "Not Found");
    let again = app.delete_as(&token, &path).await;
    assert_problem(&again, 404, "Not Found");
}

#[tokio::test]
async fn without_a_token_posts_and_users_are_only_read() {
    let app = App::seeded().await;
    for (method, path, body) in [
        (Method::POST, "/posts", new()),
        (Method::PUT, "/posts/1", changed(1)),
        (Method::DELETE, "/posts/1", Value::Null),
        (Method::DELETE, "/users/1", Value::Null),
        (Method::GET, "/me", Value::Null),
        // Before anything else is looked at.
        (Method::POST, "/posts", json!({ "title": 1 })),
        (Method::DELETE, "/posts/99999", Value::Null),
    ] {
        let mut asked = super::app::request(method, path, body.to_string().into());
        let json = "application/json".parse().expect("a header");
        asked.headers_mut().insert("content-type", json);
        let answer = app.send(asked).await;
        assert_problem(&answer, 401, "Unauthorized");
    }
    for path in ["/posts", "/posts/1", "/users", "/users/1"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn an_address_is_read_by_whose_it_is_and_nobody_else() {
    let app = App::seeded().await;
    let (user, token) = app.somebody("mary@example.org").await;
    for path in [
        "/users",
        "/users?eager=true",
        "/users?eager=joined",
        &format!("/users/{user}"),
        "/posts",
        "/posts/1",
    ] {
        let answer = app.get_as(&token, path).await;
        let text = answer.body.to_string();
        assert!(
            answer.status == 200 && !text.contains('@'),
            "{path}: {text}"
        );
    }
    assert_eq!(
        app.get_as(&token, "/me").await.body["email"],
        "mary@example.org"
    );
}

#[tokio::test]
async fn what_is_somebody_elses_is_left_alone() {
    let app = App::seeded().await;
    let (_, token) = app.somebody("mary@example.org").await;
    let before = app.get("/posts/1").await.body;
    let put = app
        .send_as(&token, Method::PUT, "/posts/1", changed(1))
        .await;
    assert_problem(&put, 403, "Forbidden");
    let delete = app.delete_as(&token, "/posts/1").await;
    assert_problem(&delete, 403, "Forbidden");
    let delete = app.delete_as(&token, "/users/1").await;
    assert_problem(&delete, 403, "Forbidden");
    assert_eq!(app.get("/posts/1").await.body, before);
    // 401 is for those nobody knows.
    assert!(!put.headers.contains_key("www-authenticate"));
}

#[tokio::test]
async fn what_is_not_there_is_nobodys() {
    let app = App::seeded().await;
    let (_, token) = app.somebody("mary@example.org").await;
    let put = app.send_as(&token, Method::PUT, "/posts/99999", changed(1));
    assert_problem(&put.await, 404, "Not Found");
    for path in ["/posts/99999", "/users/99999"] {
        let delete = app.delete_as(&token, path).await;
        assert_problem(&delete, 404, "Not Found");
    }
}

#[tokio::test]
async fn what_is_not_any_more_what_was_read_is_not_changed() {
    let app = App::seeded().await;
    let ada = app.token_of(1).await;
    let put = app.send_as(&ada, Method::PUT, "/posts/1", changed(1)).await;
    assert_eq!((put.status, &put.body["version"]), (200, &json!(2)));
    for version in [1, 3, 0] {
        let late = json!({ "title": "Late", "content": "Words.", "version": version });
        let late = app.send_as(&ada, Method::PUT, "/posts/1", late).await;
        assert_problem(&late, 409, "Conflict");
    }
    let read = app.get("/posts/1").await.body;
    assert_eq!(
        (&read["title"], &read["version"]),
        (&json!("On wonders"), &json!(2))
    );
    // Whoever does not say what was read may not have read it.
    let blind = app.send_as(&ada, Method::PUT, "/posts/1", new()).await;
    assert_problem(&blind, 422, "Unprocessable Entity");
    assert_eq!(fields(&blind), ["version"]);
}

#[tokio::test]
async fn of_two_who_change_the_same_at_once_one_does() {
    let app = App::seeded().await;
    let ada = app.token_of(1).await;
    let put = |title: &str| {
        let body = json!({ "title": title, "content": "Words.", "version": 1 });
        app.send_as(&ada, Method::PUT, "/posts/1", body)
    };
    let (one, other) = tokio::join!(put("one"), put("other"));
    let (won, lost) = if one.status == 200 {
        (one, other)
    } else {
        (other, one)
    };
    assert_eq!((won.status, &won.body["version"]), (200, &json!(2)));
    assert_problem(&lost, 409, "Conflict");
    assert_eq!(app.get("/posts/1").await.body["title"], won.body["title"]);
}

/// As if somebody else were faster: a trigger sees to it that the row is not written, and still there.
#[tokio::test]
async fn what_was_changed_while_it_was_looked_at_is_a_conflict() {
    let app = App::seeded().await;
    let ada = app.token_of(1).await;
    let faster = "CREATE FUNCTION faster() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER faster BEFORE UPDATE OR DELETE ON posts FOR EACH ROW EXECUTE FUNCTION faster()";
    sql(faster).batch(&app.db).await.expect("a trigger");
    let put = app.send_as(&ada, Method::PUT, "/posts/1", changed(1));
    assert_problem(&put.await, 409, "Conflict");
    let delete = app.delete_as(&ada, "/posts/1").await;
    assert_problem(&delete, 409, "Conflict");
}

/// As if somebody else were faster: triggers see to it that no row is there any more when it is to be written.
#[tokio::test]
async fn what_went_while_it_was_looked_at_is_not_there() {
    let app = App::seeded().await;
    let ada = app.token_of(1).await;
    let faster = "CREATE FUNCTION faster() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN IF pg_trigger_depth() > 1 THEN RETURN OLD; END IF;
                EXECUTE format(''DELETE FROM %I WHERE id = $1'', TG_TABLE_NAME) USING OLD.id; RETURN NULL; END';
        CREATE TRIGGER faster BEFORE UPDATE OR DELETE ON posts FOR EACH ROW EXECUTE FUNCTION faster();
        CREATE TRIGGER faster BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION faster()";
    sql(faster).batch(&app.db).await.expect("triggers");
    let put = app.send_as(&ada, Method::PUT, "/posts/1", changed(1));
    assert_problem(&put.await, 404, "Not Found");
    for path in ["/posts/1", "/users/1"] {
        let delete = app.delete_as(&ada, path).await;
        assert_problem(&delete, 404, "Not Found");
    }
}

#[tokio::test]
async fn who_went_since_the_token_was_looked_at_has_to_log_in_again() {
    let app = App::seeded().await;
    let ada = app.token_of(1).await;
    let faster = "CREATE FUNCTION faster() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN DELETE FROM users WHERE id = NEW.author_id; RETURN NEW; END';
        CREATE TRIGGER faster BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION faster()";
    sql(faster).batch(&app.db).await.expect("a trigger");
    let post = app.post_as(&ada, "/posts", new()).await;
    assert_problem(&post, 401, "Unauthorized");
}

#[tokio::test]
async fn nobody_writes_as_somebody_else() {
    let app = App::seeded().await;
    let (_, token) = app.somebody("mary@example.org").await;
    let forged = json!({ "title": "x", "content": "x", "author_id": 1 });
    let post = app.post_as(&token, "/posts", forged.clone()).await;
    assert_problem(&post, 422, "Unprocessable Entity");
    let put = app.send_as(&token, Method::PUT, "/posts/1", forged).await;
    assert_problem(&put, 422, "Unprocessable Entity");
    assert_eq!(
        (fields(&post), fields(&put)),
        (vec!["author_id"], vec!["author_id"])
    );
}
