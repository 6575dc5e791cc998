//! Lazy loading: asked once, kept, and never guessed.

use crate::blog::{Comment, Post, User, blog, new_comment, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::{ErrorKind, Many, One, sql};

/// Ada wrote two posts, one of them edited by Bob; Bob wrote none and comments on the first.
async fn small() -> Fresh {
    let blog = blog().await;
    let users = vec![new_user("Ada"), new_user("Bob")];
    let users = User::insert_many(users).all(&blog.db).await.expect("users");
    let posts = ["first", "second"].map(|title| crate::blog::NewPost {
        editor_id: (title == "first").then_some(users[1].id),
        ..new_post(&users[0], title)
    });
    let posts = Post::insert_many(posts.into()).all(&blog.db).await;
    let comment = new_comment(&posts.expect("posts")[0], &users[1], "well");
    let comment = Comment::insert(comment).execute(&blog.db).await;
    comment.expect("a comment");
    blog.statements();
    blog
}

#[tokio::test]
async fn a_lazy_relation_asks_once() {
    let blog = small().await;
    let post = Post::get(1).one(&blog.db).await.unwrap();
    let ada = User::get(1).one(&blog.db).await.unwrap();
    assert_eq!(blog.statements().len(), 2);
    for _ in 0..3 {
        assert_eq!(post.author.load(&blog.db).await.unwrap().name, "Ada");
        assert_eq!(ada.posts.load(&blog.db).await.unwrap().len(), 2);
    }
    assert_eq!(blog.statements().len(), 2);
    assert_eq!(post.author.get().unwrap().name, "Ada");
    assert_eq!(ada.posts.get().unwrap()[1].title, "second");
    assert!(!post.author.is_unloaded() && !ada.posts.is_unloaded());
}

#[tokio::test]
async fn what_was_loaded_is_kept_as_it_was() {
    let blog = small().await;
    let post = Post::get(1).one(&blog.db).await.unwrap();
    post.author.load(&blog.db).await.unwrap();
    let rename = User::update(1).set(User::NAME, "Ada L.");
    rename.execute(&blog.db).await.unwrap();
    assert_eq!(post.author.load(&blog.db).await.unwrap().name, "Ada");
    // A copy takes along what was loaded; a row read again knows nothing yet.
    assert_eq!(post.clone().author.get().unwrap().name, "Ada");
    let again = Post::get(1).one(&blog.db).await.unwrap();
    assert_eq!(again.author.load(&blog.db).await.unwrap().name, "Ada L.");
}

#[tokio::test]
async fn what_is_not_loaded_is_an_error_and_never_empty() {
    let blog = small().await;
    let post = Post::get(1).one(&blog.db).await.unwrap();
    let bob = User::get(2).one(&blog.db).await.unwrap();
    for (error, name) in [
        (post.author.get().unwrap_err(), "Post::AUTHOR"),
        (post.editor.get().unwrap_err(), "Post::EDITOR"),
        (post.comments.get().unwrap_err(), "Post::COMMENTS"),
        (bob.posts.get().unwrap_err(), "User::POSTS"),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotLoaded);
        let text = error.to_string();
        let advice = format!(
            "{name} is not loaded; add `.with({name})` to the query, or await `.load(&db)`; asked at "
        );
        assert!(text.starts_with(&advice), "{text}");
        assert!(text.contains("relations.rs:"), "{text}");
    }
    assert!(bob.posts.load(&blog.db).await.unwrap().is_empty());
    assert!(bob.posts.get().unwrap().is_empty());
    assert_eq!(
        format!("{:?} {:?}", post.author, bob.posts),
        "(not loaded) []"
    );
}

#[tokio::test]
async fn a_null_foreign_key_asks_nothing() {
    let blog = small().await;
    let post = Post::get(2).one(&blog.db).await.unwrap();
    blog.statements();
    assert!(post.editor.load(&blog.db).await.unwrap().is_none());
    assert!(post.editor.get().unwrap().is_none());
    assert!(blog.statements().is_empty());
    let post = Post::get(1).one(&blog.db).await.unwrap();
    let editor = post.editor.load(&blog.db).await.unwrap();
    assert_eq!(editor.unwrap().name, "Bob");
    let unedited = Post::find().filter(Post::ID.eq(2)).with(Post::EDITOR);
    blog.statements();
    let unedited = unedited.one(&blog.db).await.unwrap();
    assert!(unedited.editor.get().unwrap().is_none());
    assert_eq!(blog.statements().len(), 1);
}

#[tokio::test]
async fn a_row_that_should_be_there_and_is_not_is_an_error() {
    let blog = small().await;
    sql("ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey, DROP CONSTRAINT posts_editor_id_fkey;
         UPDATE posts SET author_id = 99, editor_id = 99 WHERE id = 1")
        .batch(&blog.db)
        .await
        .unwrap();
    let lazy = Post::get(1).one(&blog.db).await.unwrap();
    let find = || Post::find().filter(Post::ID.eq(1));
    let select_in = find().with(Post::AUTHOR).with(Post::EDITOR);
    let select_in = select_in.one(&blog.db).await.unwrap();
    let joined = find()
        .with(Post::AUTHOR.joined())
        .with(Post::EDITOR.joined());
    let joined = joined.one(&blog.db).await.unwrap();
    for error in [
        lazy.author.load(&blog.db).await.unwrap_err(),
        lazy.author.get().unwrap_err(),
        select_in.author.get().unwrap_err(),
        joined.author.get().unwrap_err(),
    ] {
        assert!(error.is_not_found());
        let text = error.to_string();
        assert!(
            text.starts_with("Post::AUTHOR leads to a row that is not there"),
            "{text}"
        );
        assert!(
            text.contains("relations.rs:") && !text.contains("99"),
            "{text}"
        );
    }
    // An optional relation has a word for it.
    assert!(lazy.editor.load(&blog.db).await.unwrap().is_none());
    assert!(select_in.editor.get().unwrap().is_none());
    assert!(joined.editor.get().unwrap().is_none());
}

#[tokio::test]
async fn two_relations_to_one_table_do_not_meet() {
    let blog = small().await;
    for find in [
        Post::find(),
        Post::find().with(Post::AUTHOR).with(Post::EDITOR),
        Post::find()
            .with(Post::AUTHOR.joined())
            .with(Post::EDITOR.joined()),
        Post::find().with(Post::EDITOR.joined()).with(Post::AUTHOR),
    ] {
        let post = find.filter(Post::ID.eq(1)).one(&blog.db).await.unwrap();
        assert_eq!(post.author.load(&blog.db).await.unwrap().name, "Ada");
        let editor = post.editor.load(&blog.db).await.unwrap();
        assert_eq!(editor.unwrap().name, "Bob");
    }
}

#[tokio::test]
async fn a_relation_loads_on_any_executor() {
    let blog = small().await;
    let mut tx = blog.db.begin().await.unwrap();
    let ada = User::get(1).one(&tx).await.unwrap();
    Post::insert(new_post(&ada, "third"))
        .execute(&tx)
        .await
        .unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    assert_eq!(ada.posts.load(&savepoint).await.unwrap().len(), 3);
    savepoint.release().await.unwrap();
    drop(tx);
    let again = User::get(1).one(&blog.db).await.unwrap();
    assert_eq!(again.posts.load(&&blog.db).await.unwrap().len(), 2);
}

#[tokio::test]
async fn loads_at_the_same_time_agree() {
    let blog = small().await;
    let ada = User::get(1).one(&blog.db).await.unwrap();
    let (one, other) = tokio::join!(ada.posts.load(&blog.db), ada.posts.load(&blog.db));
    assert!(std::ptr::eq(one.unwrap(), other.unwrap()));
}

#[tokio::test]
async fn a_failed_load_is_asked_again() {
    let blog = small().await;
    let ada = User::get(1).one(&blog.db).await.unwrap();
    let rename = |from: &str, to: &str| sql(format!("ALTER TABLE {from} RENAME TO {to}"));
    rename("posts", "hidden").batch(&blog.db).await.unwrap();
    let error = ada.posts.load(&blog.db).await.unwrap_err();
    assert_eq!(error.code(), Some("42P01"));
    assert!(ada.posts.is_unloaded());
    rename("hidden", "posts").batch(&blog.db).await.unwrap();
    assert_eq!(ada.posts.load(&blog.db).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_row_made_by_hand_has_no_relations_to_load() {
    let blog = small().await;
    let by_hand = User {
        id: 1,
        name: "Ada".into(),
        email: "ada@example.org".into(),
        age: None,
        created_at: chrono::Utc::now(),
        posts: Many::unloaded(),
    };
    let error = by_hand.posts.load(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("was not read from the database"));
    let error = by_hand.posts.get().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    assert_eq!(
        One::<User>::default().get().unwrap_err().kind(),
        ErrorKind::NotLoaded
    );
}

#[tokio::test]
async fn json_shows_what_was_loaded_and_leaves_out_the_rest() {
    let blog = small().await;
    let find = Post::find().filter(Post::ID.eq(2));
    let bare = find.one(&blog.db).await.unwrap();
    let plain = r#"{"id":2,"author_id":1,"editor_id":null,"title":"second","published":true}"#;
    assert_eq!(serde_json::to_string(&bare).unwrap(), plain);
    bare.editor.load(&blog.db).await.unwrap();
    bare.comments.load(&blog.db).await.unwrap();
    bare.author.load(&blog.db).await.unwrap();
    let json = serde_json::to_value(&bare).unwrap();
    assert_eq!(json["editor"], serde_json::Value::Null);
    assert_eq!(json["comments"], serde_json::json!([]));
    assert_eq!(json["author"]["name"], "Ada");
    let author = json["author"].as_object().unwrap();
    assert!(!author.contains_key("posts"));
    assert!(json.as_object().unwrap().contains_key("editor"));
}
