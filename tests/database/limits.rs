//! So many rows of each owner, in one statement.

use crate::blog::{Comment, NewPost, Post, User, blog, new_comment, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::Find;

/// Ada wrote a to e, Bob f and g, Cy nothing; b and f are not published; each post has as many comments as Bob wrote posts.
async fn three() -> Fresh {
    let blog = blog().await;
    let users = ["Ada", "Bob", "Cy"].map(new_user).into();
    let users = User::insert_many(users).all(&blog.db).await.expect("users");
    let post = |title: &str| NewPost {
        published: Some(!["b", "f"].contains(&title)),
        ..new_post(&users[usize::from(title > "e")], title)
    };
    let posts = ["a", "b", "c", "d", "e", "f", "g"].map(post).into();
    let posts = Post::insert_many(posts).all(&blog.db).await.expect("posts");
    let comments = posts.iter().flat_map(|post| {
        ["1", "2"].map(|body| new_comment(post, &users[1], &format!("{}{body}", post.title)))
    });
    let comments = Comment::insert_many(comments.collect()).execute(&blog.db);
    comments.await.expect("comments");
    blog.statements();
    blog
}

impl Fresh {
    /// The titles of each user's posts.
    async fn written(&self, find: Find<User>) -> Vec<String> {
        let users = find.order_by(User::ID).all(&self.db).await.expect("users");
        let titles = |user: &User| {
            let posts = user.posts.get().expect("posts").iter();
            posts.map(|post| post.title.as_str()).collect()
        };
        users.iter().map(titles).collect()
    }
}

#[tokio::test]
async fn each_owner_has_so_many_at_most() {
    let blog = three().await;
    let newest = || User::POSTS.order_by(Post::ID.desc()).limit(3);
    for (posts, statements) in [
        (newest(), 2),
        (newest().joined(), 1),
        (newest().lateral(), 1),
    ] {
        assert_eq!(
            blog.written(User::find().with(posts)).await,
            ["edc", "gf", ""]
        );
        assert_eq!(blog.statements().len(), statements);
    }
    let second = || User::POSTS.order_by(Post::TITLE).limit(2).offset(1);
    for posts in [second(), second().joined(), second().lateral()] {
        assert_eq!(
            blog.written(User::find().with(posts)).await,
            ["bc", "g", ""]
        );
    }
    let rest = || User::POSTS.order_by(Post::TITLE).limit(9).offset(4);
    for posts in [rest(), rest().joined(), rest().lateral()] {
        assert_eq!(blog.written(User::find().with(posts)).await, ["e", "", ""]);
    }
    let none = || User::POSTS.limit(0);
    for posts in [none(), none().joined(), none().lateral()] {
        assert_eq!(blog.written(User::find().with(posts)).await, ["", "", ""]);
    }
}

#[tokio::test]
async fn only_rows_that_pass_the_filter_are_counted() {
    let blog = three().await;
    let published = || {
        let published = User::POSTS.filter(Post::PUBLISHED);
        published.order_by(Post::TITLE).limit(2)
    };
    for posts in [published(), published().joined(), published().lateral()] {
        assert_eq!(
            blog.written(User::find().with(posts)).await,
            ["ac", "g", ""]
        );
    }
    let discussed = || {
        let about = Post::COMMENTS.any(Comment::BODY.ends_with("2"));
        let posts = User::POSTS.filter(about).order_by(Post::COMMENTS.count());
        posts.order_by(Post::TITLE.desc()).limit(1)
    };
    for posts in [discussed(), discussed().joined(), discussed().lateral()] {
        assert_eq!(blog.written(User::find().with(posts)).await, ["e", "g", ""]);
    }
}

#[tokio::test]
async fn limits_hold_at_every_depth() {
    let blog = three().await;
    let comments = || Post::COMMENTS.order_by(Comment::ID.desc()).limit(1);
    let posts = || User::POSTS.order_by(Post::TITLE).limit(2);
    for posts in [
        posts().with(comments()),
        posts().with(comments().joined()),
        posts().joined().with(comments()),
        posts().joined().with(comments().joined()),
        posts().lateral().with(comments().lateral()),
        posts()
            .with(Post::AUTHOR.joined())
            .with(comments().lateral()),
    ] {
        let find = User::find().order_by(User::ID).with(posts);
        let users = find.all(&blog.db).await.unwrap();
        let bodies = |user: &User| {
            let posts = user.posts.get().unwrap().iter();
            let comments = posts.flat_map(|post| post.comments.get().unwrap());
            comments.map(|comment| comment.body.as_str()).collect()
        };
        let bodies: Vec<String> = users.iter().map(bodies).collect();
        assert_eq!(bodies, ["a2b2", "f2g2", ""]);
    }
}

#[tokio::test]
async fn a_page_of_owners_has_its_own_limit() {
    let blog = three().await;
    let posts = || User::POSTS.order_by(Post::TITLE).limit(1);
    for posts in [posts(), posts().joined(), posts().lateral()] {
        let page = User::find().limit(1).offset(1).with(posts);
        assert_eq!(blog.written(page).await, ["f"]);
    }
}

#[tokio::test]
async fn without_a_limit_nothing_is_ranked() {
    let blog = three().await;
    let posts = || User::POSTS.order_by(Post::ID);
    blog.written(User::find().with(posts())).await;
    blog.written(User::find().with(posts().offset(0))).await;
    assert!(!blog.statements().concat().contains("row_number"));
    blog.written(User::find().with(posts().limit(3))).await;
    assert_eq!(
        blog.statements()[1],
        r#"SELECT "id", "author_id", "editor_id", "title", "published" FROM (SELECT s1."id", s1."author_id", s1."editor_id", s1."title", s1."published", row_number() OVER (PARTITION BY s1."author_id" ORDER BY s1."id") AS "ormcore place" FROM "posts" AS s1 WHERE s1."author_id" = ANY($1)) AS "posts" WHERE "ormcore place" <= $2 ORDER BY "ormcore place""#
    );
}

#[tokio::test]
async fn what_is_asked_about_some_is_asked_about_no_others() {
    let blog = three().await;
    let posts = || User::POSTS.order_by(Post::ID);
    let asked = User::find().order_by(User::ID).select((
        User::POSTS.limit(3).count(),
        posts().limit(3).offset(1).count(),
        posts().limit(2).aggregate(Post::ID.max()),
        User::POSTS.filter(Post::PUBLISHED).limit(1).count(),
    ));
    let asked: Vec<(i64, i64, Option<i64>, i64)> = asked.all(&blog.db).await.expect("numbers");
    assert_eq!(
        asked,
        [(3, 3, Some(2), 1), (2, 1, Some(7), 1), (0, 0, None, 0)]
    );
    let third = || posts().limit(9).offset(2);
    let with = User::find().filter(third().exists()).order_by(User::ID);
    assert_eq!(with.all(&blog.db).await.expect("users")[0].name, "Ada");
    let without = User::find().filter(third().missing()).count(&blog.db);
    assert_eq!(without.await.expect("a number"), 2);
}
