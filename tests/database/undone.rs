//! Calls of which one would undo another: they are refused by name, or said to be so.

use crate::blog::{Comment, Post, User, blog, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::{Error, ErrorKind, Lazy, Result, row};

/// Ada, who wrote two posts.
async fn two() -> Fresh {
    let blog = blog().await;
    let ada = User::insert(new_user("Ada")).one(&blog.db).await;
    let ada = ada.expect("a user");
    let posts = ["One", "Two"].map(|title| new_post(&ada, title)).into();
    let posts = Post::insert_many(posts).execute(&blog.db).await;
    posts.expect("posts");
    blog.statements();
    blog
}

fn refused<T>(result: Result<T>) -> Error {
    let error = result.err().expect("a refusal");
    assert_eq!(error.kind(), ErrorKind::Usage, "{error}");
    let here = error
        .location()
        .is_some_and(|at| at.file().ends_with("undone.rs"));
    assert!(here, "{error:?}");
    error
}

#[tokio::test]
async fn a_relation_is_not_loaded_with_a_selection_and_the_error_says_what_is() {
    let blog = two().await;
    let db = &blog.db;
    let titles = || Post::find().with(Post::AUTHOR).select(Post::TITLE);
    let plain = || Post::find().select(Post::TITLE);
    let refusals = [
        refused(titles().all(db).await),
        refused(titles().one(db).await),
        refused(titles().maybe(db).await),
        refused(titles().first(db).await),
        refused(titles().rows::<String>().all(db).await),
        refused(titles().stream(db).next().await.expect("an item")),
        refused(titles().copy_out(db).next().await.expect("an item")),
        refused(titles().copy_out_csv(db).next().await.expect("an item")),
        refused(titles().union(plain()).all(db).await),
        refused(plain().union_all(titles()).first(db).await),
        refused(
            Post::find()
                .with(Post::AUTHOR.joined())
                .select((row(), Post::AUTHOR.get(User::NAME)))
                .all(db)
                .await,
        ),
    ];
    for error in refusals {
        let text = error.to_string();
        for word in [
            "`.select(…)`",
            "`.with(Post::AUTHOR)`",
            "`Post::AUTHOR.get(…)`",
        ] {
            assert!(text.contains(word), "{text}");
        }
    }
    assert!(blog.statements().is_empty());
    // What the error advises.
    let authors = Post::find().select(Post::AUTHOR.get(User::NAME));
    let authors = authors.all(db).await.unwrap();
    assert_eq!(authors, [Some("Ada".to_owned()), Some("Ada".into())]);
    // A number has no rows, and a sub-query gives none.
    assert_eq!(titles().count(db).await.unwrap(), 2);
    assert!(titles().exists(db).await.unwrap());
    let within = Post::find().filter(Post::TITLE.in_query(titles()));
    assert_eq!(within.count(db).await.unwrap(), 2);
}

#[tokio::test]
async fn what_a_selection_keeps_of_the_question_it_keeps() {
    let blog = two().await;
    let db = &blog.db;
    let rows = Post::find().lazy(Lazy::Raise).consistent().select(row());
    for post in rows.all(db).await.unwrap() {
        assert_eq!(
            post.author.load(db).await.unwrap_err().kind(),
            ErrorKind::NotLoaded
        );
    }
    // One statement is of one moment by itself.
    assert_eq!(blog.statements().len(), 1);
}

#[tokio::test]
async fn one_relation_with_two_wishes_is_refused_at_each_level() {
    let blog = two().await;
    let db = &blog.db;
    let (one, two) = (
        || User::POSTS.filter(Post::TITLE.eq("One")),
        || User::POSTS.filter(Post::TITLE.eq("Two")),
    );
    let users = || User::find().with(one());
    let refusals = [
        refused(users().with(two()).all(db).await),
        refused(users().with(two().joined()).all(db).await),
        refused(users().with(User::POSTS).all(db).await),
        refused(User::find().with(User::POSTS).with(one()).one(db).await),
        refused(User::get(1).with(one()).with(two()).one(db).await),
        refused(
            User::find()
                .order_by(User::ID)
                .with(one())
                .with(two())
                .page(5, db)
                .await,
        ),
        refused(
            Post::find()
                .with(Post::AUTHOR.with(one()).with(two()))
                .all(db)
                .await,
        ),
        refused(
            Post::find()
                .with(Post::AUTHOR.with(one()).with(two()).joined())
                .all(db)
                .await,
        ),
    ];
    for error in refusals {
        let text = error.to_string();
        assert!(
            text.contains("`.with(User::POSTS)` is said twice"),
            "{text}"
        );
    }
    let both = Post::AUTHOR.with(User::POSTS);
    let again = Post::AUTHOR.with(User::POSTS.with(Post::COMMENTS));
    let error = refused(Post::find().with(both).with(again).all(db).await);
    assert!(error.to_string().contains("Post::AUTHOR"), "{error}");
    let mut s = db.session();
    let twice = User::find().with(one()).with(two());
    assert_eq!(s.all(twice).await.unwrap_err().kind(), ErrorKind::Usage);
}

#[tokio::test]
async fn one_relation_asked_for_twice_without_wishes_is_loaded_once() {
    let blog = two().await;
    let db = &blog.db;
    let posts = Post::find()
        .with(Post::AUTHOR)
        .with(Post::COMMENTS)
        .with(Post::AUTHOR);
    let posts = posts.all(db).await.unwrap();
    assert_eq!(posts[1].author.get().unwrap().name, "Ada");
    assert_eq!(blog.statements().len(), 3);
    let deep = User::POSTS.with(Post::COMMENTS).with(Post::COMMENTS);
    let users = User::find().with(deep).all(db).await.unwrap();
    let comments: &[Comment] = users[0].posts.get().unwrap()[0].comments.get().unwrap();
    assert!(comments.is_empty());
    assert_eq!(blog.statements().len(), 3);
}
