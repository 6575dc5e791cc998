//! Random blogs, loaded in every way: eager loading, however it is done, finds what asking one by one finds.

use crate::blog::{Comment, NewPost, Post, User, blog, new_comment, new_post, new_user};
use crate::dice::Dice;
use crate::fresh::Fresh;
use ormcore::{Db, Find};
use serde_json::Value as Json;
use std::cmp::Reverse;

async fn random(dice: &mut Dice) -> Fresh {
    let blog = blog().await;
    let users = (0..1 + dice.below(6)).map(|n| new_user(&format!("user {n}")));
    let users = User::insert_many(users.collect()).all(&blog.db).await;
    let users = users.expect("users");
    let posts = (0..dice.below(12)).map(|n| NewPost {
        editor_id: dice.one_in(2).then(|| dice.pick(&users).id),
        published: Some(dice.one_in(2)),
        ..new_post(&dice.pick(&users), &format!("post {}", n % 5))
    });
    let posts = Post::insert_many(posts.collect()).all(&blog.db).await;
    let posts = posts.expect("posts");
    if !posts.is_empty() {
        let comments = (0..dice.below(20)).map(|n| {
            let (post, author) = (dice.pick(&posts), dice.pick(&users));
            new_comment(&post, &author, &format!("comment {n}"))
        });
        let comments = Comment::insert_many(comments.collect()).execute(&blog.db);
        comments.await.expect("comments");
    }
    blog
}

/// Which of the four relations are joined.
type Way = [bool; 4];

fn ways() -> impl Iterator<Item = Way> {
    (0..16_u8).map(|bits| [1, 2, 4, 8].map(|bit| bits & bit != 0))
}

macro_rules! joined_if {
    ($joined:expr, $include:expr) => {
        if $joined { $include.joined() } else { $include }
    };
}

/// Users with their posts, the editors of those, the comments on them, and who wrote those.
fn users([posts, editor, comments, author]: Way) -> Find<User> {
    let author = joined_if!(author, Comment::AUTHOR.order_by(User::ID));
    let comments = joined_if!(comments, Post::COMMENTS.order_by(Comment::ID.desc()));
    let editor = joined_if!(editor, Post::EDITOR.order_by(User::ID));
    let of_posts = User::POSTS.order_by(Post::TITLE).order_by(Post::ID);
    let posts = joined_if!(posts, of_posts);
    User::find().with(posts.with(editor).with(comments.with(author)))
}

async fn users_one_by_one(find: Find<User>, db: &Db) -> Json {
    let users = find.all(db).await.expect("users");
    for user in &users {
        for post in user.posts.load(db).await.expect("posts") {
            post.editor.load(db).await.expect("an editor");
            for comment in post.comments.load(db).await.expect("comments") {
                comment.author.load(db).await.expect("an author");
            }
        }
    }
    sorted(serde_json::to_value(&users).expect("JSON"))
}

/// Comments with their posts, the authors of those, all they wrote, and the comments on it.
fn comments([post, author, posts, on_them]: Way) -> Find<Comment> {
    let on_them = joined_if!(on_them, Post::COMMENTS.order_by(Comment::ID.desc()));
    let of_posts = User::POSTS.order_by(Post::TITLE).order_by(Post::ID);
    let posts = joined_if!(posts, of_posts);
    let author = joined_if!(author, Post::AUTHOR.order_by(User::ID));
    let post = joined_if!(post, Comment::POST.order_by(Post::ID));
    Comment::find().with(post.with(author.with(posts.with(on_them))))
}

async fn comments_one_by_one(find: Find<Comment>, db: &Db) -> Json {
    let comments = find.all(db).await.expect("comments");
    for comment in &comments {
        let post = comment.post.load(db).await.expect("a post");
        let author = post.author.load(db).await.expect("an author");
        for post in author.posts.load(db).await.expect("posts") {
            post.comments.load(db).await.expect("comments");
        }
    }
    sorted(serde_json::to_value(&comments).expect("JSON"))
}

/// The same with all inner lists in the order that eager loading is asked for.
fn sorted(mut json: Json) -> Json {
    match &mut json {
        Json::Array(rows) => {
            for row in rows {
                *row = sorted(row.take());
            }
        }
        Json::Object(fields) => {
            for (name, value) in fields {
                *value = sorted(value.take());
                let Json::Array(rows) = value else { continue };
                let id = |row: &Json| row["id"].as_i64();
                match name.as_str() {
                    "posts" => rows.sort_by_key(|row| (row["title"].to_string(), id(row))),
                    "comments" => rows.sort_by_key(|row| Reverse(id(row))),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    json
}

#[tokio::test]
async fn users_are_the_same_in_every_way() {
    for seed in 0..6 {
        let dice = &mut Dice::new(seed);
        let blog = random(dice).await;
        let (limit, offset) = (1 + dice.below(4) as u32, dice.below(3));
        for paged in [false, true] {
            let page = |find: Find<User>| {
                let find = find.order_by(User::NAME.desc());
                if paged {
                    find.limit(limit).offset(offset)
                } else {
                    find
                }
            };
            let expected = users_one_by_one(page(User::find()), &blog.db).await;
            for way in ways() {
                let users = page(users(way)).all(&blog.db).await.unwrap();
                let found = serde_json::to_value(&users).unwrap();
                assert_eq!(found, expected, "seed {seed}, {way:?}, paged {paged}");
            }
        }
    }
}

#[tokio::test]
async fn comments_are_the_same_in_every_way() {
    let mut deep = 0;
    for seed in 100..106 {
        let dice = &mut Dice::new(seed);
        let blog = random(dice).await;
        let in_order = |find: Find<Comment>| find.order_by(Comment::ID);
        let expected = comments_one_by_one(in_order(Comment::find()), &blog.db).await;
        for way in ways() {
            let comments = in_order(comments(way)).all(&blog.db).await.unwrap();
            let found = serde_json::to_value(&comments).unwrap();
            assert_eq!(found, expected, "seed {seed}, {way:?}");
        }
        deep += expected.as_array().map_or(0, Vec::len);
    }
    assert!(deep > 20, "{deep} comments are too few to prove anything");
}
