//! The application from a client's side, step by step on an empty database.

use serde_json::{Value, json};

use super::app::App;

#[tokio::test]
async fn the_ten_steps_of_the_demonstration() {
    let app = App::empty().await;

    // 1. It says who it is.
    let about = app.get("/").await;
    assert_eq!(about.status, 200);
    assert_eq!(
        about.body,
        json!({
            "service": "fastapi-otel",
            "version": env!("CARGO_PKG_VERSION"),
            "environment": "development",
            "tracing": true,
            "export": { "endpoint": null, "last": "never", "error": null },
            "requests": {
                "GET /docs": "lists all that can be asked",
                "GET /traces": "shows what the last requests did in the database",
                "POST /signup": "makes an account of name, email and password",
                "POST /login": "takes email and password, and has a token for an hour",
                "GET /me": "says whose token it is: Authorization: Bearer …",
            },
        })
    );

    // 2. Five users.
    let mut users = Vec::new();
    for (number, name) in ["Ada", "Grace", "Alan", "Barbara", "Edsger"]
        .into_iter()
        .enumerate()
    {
        let email = format!("{}@example.org", name.to_lowercase());
        let age = (number > 0).then_some(30 + number);
        let created = app
            .post(
                "/users",
                json!({ "name": name, "email": email, "age": age }),
            )
            .await;
        assert_eq!(created.status, 201);
        let id = created.body["id"].clone();
        assert_eq!(
            created.body,
            json!({ "id": id, "name": name, "email": email, "age": age, "posts_count": 0 })
        );
        users.push(id);
    }

    // 3. and 4. All of them, and one.
    let listed = app.get("/users").await;
    assert_eq!(
        (listed.status, listed.body.as_array().map(Vec::len)),
        (200, Some(5))
    );
    let one = app.get(&format!("/users/{}", users[0])).await;
    assert_eq!((one.status, &one.body), (200, &listed.body[0]));
    assert_eq!(one.body["age"], Value::Null);

    // 5. Ten posts, each by whoever has the token.
    let mut tokens = Vec::new();
    for user in &users {
        let user = user.as_i64().expect("a number");
        tokens.push(app.token_of(user).await);
    }
    let mut posts = Vec::new();
    for number in 0..10 {
        let author = &users[number % 5];
        let new = json!({ "title": format!("post {number}"), "content": "words" });
        let created = app.post_as(&tokens[number % 5], "/posts", new).await;
        assert_eq!(created.status, 201);
        assert_eq!(created.body["author_id"], *author);
        posts.push(created.body);
    }
    assert_eq!(posts[1]["author_name"], "Grace");

    // 6. and 7. The list is the same, however it is loaded.
    let lazy = app.get("/posts").await;
    assert_eq!(
        (lazy.status, &lazy.body),
        (200, &Value::Array(posts.clone()))
    );
    for eager in [
        "/posts?eager=true",
        "/posts?eager=joined",
        "/posts?eager=false",
    ] {
        assert_eq!(app.get(eager).await.body, lazy.body, "{eager}");
    }

    // 8. One post.
    let one = app.get(&format!("/posts/{}", posts[0]["id"])).await;
    assert_eq!((one.status, &one.body["author_name"]), (200, &json!("Ada")));
    assert_eq!(one.body["comments"], json!([]));

    // 9. Two pages.
    let names = async |path: &str| {
        let page = app.get(path).await.body;
        let page = page.as_array().cloned().unwrap_or_default();
        page.iter()
            .map(|user| user["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("/users?limit=2&offset=0").await, ["Ada", "Grace"]);
    assert_eq!(names("/users?limit=2&offset=2").await, ["Alan", "Barbara"]);

    // 10. Three that are not there.
    let nowhere = app.delete_as(&tokens[0], "/posts/99999").await;
    for (missing, detail) in [
        (app.get("/users/99999").await, "user not found"),
        (app.get("/posts/99999").await, "post not found"),
        (nowhere, "post not found"),
    ] {
        assert_eq!(
            (missing.status, &missing.body["detail"]),
            (404, &json!(detail))
        );
    }
}

#[tokio::test]
async fn posts_are_counted_however_they_are_loaded() {
    let app = App::seeded().await;
    let new = json!({ "title": "again", "content": "words" });
    let ada = app.token_of(1).await;
    assert_eq!(app.post_as(&ada, "/posts", new).await.status, 201);
    let lazy = app.get("/users?limit=3").await.body;
    let counts: Vec<_> = lazy
        .as_array()
        .into_iter()
        .flatten()
        .map(|user| &user["posts_count"])
        .collect();
    assert_eq!(counts, [2, 1, 1]);
    for eager in ["true", "joined"] {
        let path = format!("/users?limit=3&eager={eager}");
        assert_eq!(app.get(&path).await.body, lazy, "{path}");
    }
}

#[tokio::test]
async fn a_deleted_user_takes_posts_and_comments_along() {
    let app = App::seeded().await;
    assert_eq!(
        app.get("/posts/1").await.body["comments"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    let ada = app.token_of(1).await;
    assert_eq!(app.delete_as(&ada, "/users/1").await.status, 204);
    assert_eq!(app.get("/posts/1").await.status, 404);
    assert_eq!(
        app.get("/posts").await.body.as_array().map(Vec::len),
        Some(9)
    );
    let grace = app.token_of(2).await;
    assert_eq!(app.delete_as(&grace, "/users/1").await.status, 404);
}

#[tokio::test]
async fn tables_from_before_there_were_accounts_and_versions_get_them() {
    let app = App::seeded().await;
    let before = ormcore::sql(
        "DROP TABLE accounts; DROP INDEX users_email_lower_key; ALTER TABLE posts DROP COLUMN version",
    );
    before.batch(&app.db).await.expect("tables as they were");
    let seeded = crate::seed::tables(app.database.url()).await;
    seeded.expect("tables");
    let (user, token) = app.somebody("mary@example.org").await;
    assert_eq!(app.get_as(&token, "/me").await.body["id"], user);
    assert_eq!(app.get("/posts/1").await.body["version"], 1);
}

#[tokio::test]
async fn what_is_there_already_is_left_alone() {
    let app = App::seeded().await;
    let seeded = crate::seed::tables(app.database.url())
        .await
        .expect("tables");
    assert_eq!(
        seeded,
        crate::seed::Seeded::Found {
            users: 10,
            posts: 10
        }
    );
}
