//! The tour of the library, block by block, as a program: each thing it promises to say can be said.

use crate::fresh::{Fresh, fresh};
use chrono::{DateTime, Utc};
use ormcore::{
    Entity, ErrorKind, Event, Isolation, Lazy, Many, One, Session, count, entities, sql,
};

#[derive(Entity, Debug, Clone, serde::Serialize)]
#[orm(
    table = "users",
    insert(NewUser, derive(Clone, serde::Deserialize)),
    patch(UserPatch)
)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(unique, sensitive)]
    email: String,
    age: Option<i32>,
    #[orm(generated, default = "now()")]
    created_at: DateTime<Utc>,
    #[orm(version)]
    version: i32,
    #[orm(has_many(Post, key = author_id))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    posts: Many<Post>,
}

#[derive(Entity, Debug, Clone, serde::Serialize)]
#[orm(table = "posts", insert(NewPost, derive(Clone)))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    author_id: i64,
    title: String,
    published: bool,
    #[orm(belongs_to(key = author_id))]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    author: One<User>,
    #[orm(has_many(Comment, key = post_id))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    comments: Many<Comment>,
    #[orm(many_to_many(Tag, through = "post_tags"))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    tags: Many<Tag>,
}

#[derive(Entity, Debug, Clone, serde::Serialize)]
#[orm(table = "comments", insert(NewComment))]
struct Comment {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Post, on_delete = "cascade"))]
    post_id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    author_id: i64,
    #[orm(belongs_to(key = author_id))]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    author: One<User>,
}

#[derive(Entity, Debug, Clone, serde::Serialize)]
#[orm(table = "tags", insert(NewTag))]
struct Tag {
    #[orm(primary_key)]
    name: String,
}

fn user(name: &str) -> NewUser {
    NewUser {
        name: name.into(),
        email: format!("{name}@x.org"),
        age: None,
    }
}

fn post(author_id: i64, title: &str) -> NewPost {
    NewPost {
        author_id,
        title: title.into(),
        published: true,
    }
}

/// Ada and Bob; Ada wrote five posts, the first of which Bob commented on.
async fn opened() -> Fresh {
    let fresh = fresh(entities![User, Post, Comment, Tag]).await;
    let db = &fresh.db;
    let users = User::insert_many(vec![user("ada"), user("bob")]);
    let users = users.all(db).await.expect("users");
    let posts = ["a", "b", "c", "d", "e"].map(|title| post(users[0].id, title));
    let posts = Post::insert_many(posts.into())
        .all(db)
        .await
        .expect("posts");
    let comment = NewComment {
        post_id: posts[0].id,
        author_id: users[1].id,
    };
    Comment::insert(comment).execute(db).await.expect("one");
    Tag::insert(NewTag { name: "orm".into() })
        .execute(db)
        .await
        .expect("a tag");
    Post::TAGS
        .of(&posts[0])
        .add(db, ["orm".to_owned()])
        .await
        .expect("a link");
    fresh.statements();
    fresh
}

#[tokio::test]
async fn rows_are_asked_for() {
    let fresh = opened().await;
    let db = &fresh.db;
    let ada = User::get(1).one(db).await.unwrap();
    assert_eq!((&*ada.name, ada.age, ada.version), ("ada", None, 1));
    assert!(ada.created_at <= Utc::now() && ada.email == "ada@x.org");
    assert!(User::get(9).one(db).await.unwrap_err().is_not_found());
    assert!(User::get(9).maybe(db).await.unwrap().is_none());
    let users = User::find()
        .filter(User::NAME.ilike("A%").and(User::AGE.is_null()))
        .filter(User::POSTS.any(Post::PUBLISHED.eq(true)))
        .order_by(User::ID.desc())
        .limit(20)
        .offset(0)
        .all(db)
        .await
        .unwrap();
    assert_eq!(users.len(), 1);
    let n = Post::find().filter(Post::AUTHOR_ID.eq(1)).count(db).await;
    assert_eq!(n.unwrap(), 5);
    let top = Post::find().select((Post::AUTHOR_ID, count()));
    let top = top.group_by(Post::AUTHOR_ID).having(count().gt(3));
    assert_eq!(top.rows::<(i64, i64)>().all(db).await.unwrap(), [(1, 5)]);
    let mut s = Post::find().order_by(Post::ID).stream(db);
    let first = s.next().await.transpose().unwrap();
    assert_eq!(first.unwrap().title, "a");
    drop(s);
    let page = Post::find().order_by(Post::ID).page(3, db).await.unwrap();
    let rest = Post::find().order_by(Post::ID).after(page.next);
    assert_eq!(rest.page(50, db).await.unwrap().rows.len(), 2);
    let name = "ada";
    let raw = sql!("SELECT * FROM users WHERE lower(name) = {name}");
    assert_eq!(raw.all::<User>(db).await.unwrap()[0].id, 1);
}

/// `&db`, a transaction, a part of one, and what a session has begun are all asked alike, also at the same time.
#[tokio::test]
async fn everything_that_executes_is_asked_alike() {
    let fresh = opened().await;
    let db = &fresh.db;
    assert_eq!(Post::find().count(db).await.unwrap(), 5);
    let mut tx = db.begin().await.unwrap();
    let (users, posts) = tokio::join!(User::find().count(&tx), Post::find().count(&tx));
    assert_eq!((users.unwrap(), posts.unwrap()), (2, 5));
    let mut part = tx.savepoint().await.unwrap();
    Post::delete().key(5).execute(&part).await.unwrap();
    let inner = part.savepoint().await.unwrap();
    assert_eq!(Post::find().count(&inner).await.unwrap(), 4);
    inner.rollback().await.unwrap();
    part.rollback().await.unwrap();
    tx.commit().await.unwrap();
    let mut s = db.session();
    let top = Post::find().select((Post::AUTHOR_ID, count()));
    let top = top.group_by(Post::AUTHOR_ID);
    let top = top.all(s.executor().await.unwrap()).await.unwrap();
    assert_eq!(top, [(1, 5)]);
    let mut stream = Post::find().stream(s.executor().await.unwrap());
    assert!(stream.next().await.transpose().unwrap().is_some());
    drop(stream);
    s.commit().await.unwrap();
}

#[tokio::test]
async fn relations_are_loaded() {
    let fresh = opened().await;
    let db = &fresh.db;
    let posts = Post::find().order_by(Post::ID).all(db).await.unwrap();
    assert_eq!(posts[0].author.load(db).await.unwrap().name, "ada");
    fresh.statements();
    let eager = Post::find().with(Post::AUTHOR).all(db).await.unwrap();
    assert_eq!((eager.len(), fresh.statements().len()), (5, 2));
    let joined = Post::find().with(Post::AUTHOR.joined()).all(db).await;
    assert_eq!((joined.unwrap().len(), fresh.statements().len()), (5, 1));
    let users = User::find()
        .with(
            User::POSTS
                .filter(Post::PUBLISHED.eq(true))
                .order_by(Post::ID)
                .limit(3)
                .with(Post::COMMENTS.with(Comment::AUTHOR))
                .with(Post::TAGS),
        )
        .order_by(User::ID)
        .all(db)
        .await
        .unwrap();
    let posts = users[0].posts.get().unwrap();
    assert_eq!((posts.len(), users[1].posts.get().unwrap().len()), (3, 0));
    let comment = &posts[0].comments.get().unwrap()[0];
    assert_eq!((comment.id, comment.post_id), (1, posts[0].id));
    let author = comment.author.get().unwrap();
    assert_eq!(author.posts.get().unwrap_err().kind(), ErrorKind::NotLoaded);
    assert_eq!(comment.author_id, author.id);
    let json = serde_json::to_value(&users).unwrap();
    assert_eq!(json[0]["posts"][0]["tags"][0]["name"], "orm");
    let author = &json[0]["posts"][0]["comments"][0]["author"];
    assert!(author["name"] == "bob" && author.get("posts").is_none());

    let peers = Post::find().lazy(Lazy::Peers).all(db).await.unwrap();
    fresh.statements();
    for post in &peers {
        post.author.load(db).await.unwrap();
    }
    assert_eq!(fresh.statements().len(), 1);
    let raising = Post::find().lazy(Lazy::Raise).all(db).await.unwrap();
    let error = raising[0].author.load(db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
}

#[tokio::test]
async fn rows_are_written() {
    let fresh = opened().await;
    let db = &fresh.db;
    let body = r#"{"name": "cy", "email": "cy@x.org", "age": 7}"#;
    let new: NewUser = serde_json::from_str(body).unwrap();
    let cy = User::insert(new.clone()).one(db).await.unwrap();
    let many = (0..30_000).map(|n| post(cy.id, &n.to_string())).collect();
    // Three values each: more than a statement has parameters.
    let many = Post::insert_many(many).all(db).await.unwrap();
    assert_eq!((many.len(), &*many[29_999].title), (30_000, "29999"));
    let rows = futures_util::stream::iter([post(cy.id, "copied")]);
    let copied = Post::copy_in_stream(rows).execute(db).await.unwrap();
    assert_eq!(copied, 1);
    let older = User::update(cy.id).set(User::AGE, 37).one(db).await;
    assert_eq!(older.unwrap().age, Some(37));
    let patch = UserPatch {
        name: Some("Cy".into()),
        ..UserPatch::default()
    };
    User::update(cy.id).patch(patch).execute(db).await.unwrap();
    let upsert = User::upsert(new).on_conflict(User::EMAIL);
    let upsert = upsert.update(User::NAME).one(db).await.unwrap();
    assert_eq!(
        (upsert.id, &*upsert.name, upsert.age),
        (cy.id, "cy", Some(37))
    );
    let some = Post::delete().filter(Post::AUTHOR_ID.eq(cy.id));
    assert_eq!(some.execute(db).await.unwrap(), 30_001);
    let all = Post::delete().execute(db).await.unwrap_err();
    assert_eq!(all.kind(), ErrorKind::Usage);
    assert_eq!(Post::delete().all_rows().execute(db).await.unwrap(), 5);
}

#[tokio::test]
async fn transactions_are_all_or_nothing() {
    let fresh = opened().await;
    let db = &fresh.db;
    let tx = db.begin().await.unwrap();
    Post::delete().all_rows().execute(&tx).await.unwrap();
    drop(tx);
    let begin = db.begin().isolation(Isolation::Serializable).retry(3);
    let work = begin.run(async |tx| {
        let kept = tx.attempt(async |part| Post::delete().key(1).execute(part).await);
        kept.await?;
        let queue = Post::find().for_update().skip_locked();
        queue.all(tx).await.map(|posts| posts.len())
    });
    assert_eq!(work.await.unwrap(), 4);
    let mut events = db.listen(["news"]).await.unwrap();
    db.notify("news", "42").await.unwrap();
    let event = events.next().await.unwrap();
    let is_it = matches!(&event, Event::Notification { payload, .. } if payload == "42");
    assert!(is_it, "{event:?}");
}

#[tokio::test]
async fn a_session_is_a_unit_of_work() {
    let fresh = opened().await;
    let mut s: Session = fresh.db.session();
    let u = s.get::<User>(1).await.unwrap();
    assert_eq!(
        u,
        s.first(User::find().order_by(User::ID))
            .await
            .unwrap()
            .unwrap()
    );
    let old = s.get::<Post>(5).await.unwrap();
    s[u].name = "Ada Lovelace".into();
    let author_id = s.key(u);
    let p = s.add(post(author_id, "new"));
    s.remove(old);
    fresh.statements();
    let flush = s.flush().await.unwrap();
    assert_eq!((flush.pending, flush.dirty, flush.deleted), (1, 1, 1));
    assert_eq!(fresh.statements().len(), 3);
    assert_eq!(s.flush().await.unwrap().pending, 0);
    assert!(fresh.statements().is_empty());
    // Before a question it would have flushed by itself.
    s.load(u, User::POSTS).await.unwrap();
    assert_eq!(s.related(u, User::POSTS).unwrap().len(), 5);
    s.commit().await.unwrap();
    assert_eq!(s[p].title, "new");
    let other = User::update(1).set(User::AGE, 1).execute(&fresh.db);
    other.await.unwrap();
    s[u].age = Some(2);
    let error = s.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StaleVersion, "{error}");
}

#[tokio::test]
async fn tables_are_made_and_compared() {
    let fresh = opened().await;
    let db = &fresh.db;
    let all = entities![User, Post, Comment, Tag];
    ormcore::schema::verify(db, all).await.unwrap();
    sql("ALTER TABLE users DROP COLUMN age")
        .batch(db)
        .await
        .unwrap();
    let error = ormcore::schema::verify(db, all).await.unwrap_err();
    assert!(error.to_string().contains("age"), "{error}");
    let diff = ormcore::schema::diff(db, all).await.unwrap();
    assert!(diff.to_string().contains("ADD COLUMN \"age\""), "{diff}");
}
