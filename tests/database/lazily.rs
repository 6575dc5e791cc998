//! What a load does that was not asked for along with its owner: for one, for all of its peers, or not at all.

use crate::blog::{Comment, Post, User, blog, new_comment, new_post, new_user};
use crate::fresh::{Fresh, fresh_after};
use ormcore::{Entity, ErrorKind, Lazy, Many, One};

/// Four users, each of whom wrote two posts; each post has a comment by the next user.
async fn four() -> Fresh {
    let blog = blog().await;
    let users = ["Ada", "Bob", "Cy", "Di"].map(new_user).into();
    let users = User::insert_many(users).all(&blog.db).await.expect("users");
    let posts = users
        .iter()
        .flat_map(|user| ["a", "b"].map(|title| new_post(user, title)));
    let posts = Post::insert_many(posts.collect())
        .all(&blog.db)
        .await
        .expect("posts");
    let comments = posts
        .iter()
        .enumerate()
        .map(|(n, post)| new_comment(post, &users[(n / 2 + 1) % 4], "well"));
    let comments = Comment::insert_many(comments.collect()).execute(&blog.db);
    comments.await.expect("comments");
    blog.statements();
    blog
}

#[tokio::test]
async fn the_first_load_is_one_for_all_peers() {
    let blog = four().await;
    let posts = Post::find().order_by(Post::ID).lazy(Lazy::Peers);
    let posts = posts.all(&blog.db).await.unwrap();
    assert_eq!(blog.statements().len(), 1);
    for (n, post) in posts.iter().enumerate() {
        let author = post.author.load(&blog.db).await.unwrap();
        assert_eq!(author.id, i64::try_from(n).unwrap() / 2 + 1);
        assert!(post.editor.load(&blog.db).await.unwrap().is_none());
    }
    assert_eq!(blog.statements().len(), 1);
    assert!(posts.iter().all(|post| !post.author.is_unloaded()));
    // Owners of one row share it.
    assert!(std::ptr::eq(
        posts[0].author.get().unwrap(),
        posts[1].author.get().unwrap()
    ));
}

#[tokio::test]
async fn rows_that_were_loaded_by_peers_are_peers_too() {
    let blog = four().await;
    let users = User::find().order_by(User::ID).lazy(Lazy::Peers);
    let users = users.all(&blog.db).await.unwrap();
    let mut names = String::new();
    for user in &users {
        for post in user.posts.load(&blog.db).await.unwrap() {
            for comment in post.comments.load(&blog.db).await.unwrap() {
                names += &comment.author.load(&blog.db).await.unwrap().name[..1];
            }
        }
    }
    assert_eq!(names, "BBCCDDAA");
    assert_eq!(blog.statements().len(), 4);
}

#[tokio::test]
async fn rows_that_came_along_are_peers_as_well() {
    let blog = four().await;
    for posts in [
        User::POSTS.order_by(Post::ID),
        User::POSTS.joined(),
        User::POSTS.limit(5),
    ] {
        let find = User::find().with(posts).lazy(Lazy::Peers);
        let users = find.all(&blog.db).await.unwrap();
        blog.statements();
        for user in &users {
            for post in user.posts.get().unwrap() {
                assert_eq!(post.comments.load(&blog.db).await.unwrap().len(), 1);
            }
        }
        assert_eq!(blog.statements().len(), 1);
    }
}

#[tokio::test]
async fn only_peers_that_are_still_there_are_asked_for() {
    let blog = four().await;
    let find = Post::find().order_by(Post::ID).lazy(Lazy::Peers);
    let mut posts = find.all(&blog.db).await.unwrap();
    posts.truncate(2);
    blog.statements();
    posts[0].comments.load(&blog.db).await.unwrap();
    assert_eq!(blog.outcomes()[0].last().unwrap(), "2");
    let kept = posts.pop().unwrap();
    drop(posts);
    assert_eq!(kept.comments.get().unwrap().len(), 1);
    // A copy shares what is loaded, whichever of the two loads it.
    let copy = kept.clone();
    copy.author.load(&blog.db).await.unwrap();
    assert_eq!(kept.author.get().unwrap().name, "Ada");
}

#[tokio::test]
async fn peers_that_fail_or_come_at_once_lose_nothing() {
    let blog = four().await;
    let find = Post::find().order_by(Post::ID).lazy(Lazy::Peers);
    let posts = find.all(&blog.db).await.unwrap();
    let rename = |from: &str, to: &str| ormcore::sql(format!("ALTER TABLE {from} RENAME TO {to}"));
    rename("comments", "hidden").batch(&blog.db).await.unwrap();
    let error = posts[0].comments.load(&blog.db).await.unwrap_err();
    assert_eq!(error.code(), Some("42P01"));
    assert!(error.to_string().contains("lazily.rs:"), "{error}");
    rename("hidden", "comments").batch(&blog.db).await.unwrap();
    drop(posts[1].comments.load(&blog.db));
    let (one, other) = tokio::join!(
        posts[0].comments.load(&blog.db),
        posts[1].comments.load(&blog.db)
    );
    assert_eq!((one.unwrap().len(), other.unwrap().len()), (1, 1));
    assert!(
        posts
            .iter()
            .all(|post| post.comments.get().unwrap().len() == 1)
    );
}

#[tokio::test]
async fn a_load_can_be_forbidden() {
    let blog = four().await;
    let find = || Post::find().order_by(Post::ID).lazy(Lazy::Raise);
    let posts = find().with(Post::AUTHOR).all(&blog.db).await.unwrap();
    blog.statements();
    // What was asked for is there; what comes along is held to the same.
    let author = posts[0].author.load(&blog.db).await.unwrap();
    for error in [
        posts[0].comments.load(&blog.db).await.unwrap_err(),
        posts[0].editor.load(&blog.db).await.unwrap_err(),
        author.posts.load(&blog.db).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::NotLoaded);
    }
    let error = posts[0]
        .comments
        .load(&blog.db)
        .await
        .unwrap_err()
        .to_string();
    let advice = "Post::COMMENTS is not loaded, and must not be loaded row by row; add `.with(Post::COMMENTS)` to the query; asked at ";
    assert!(
        error.starts_with(advice) && error.contains("lazily.rs:"),
        "{error}"
    );
    assert!(blog.statements().is_empty());
    let error = posts[0].comments.get().unwrap_err().to_string();
    let advice =
        "Post::COMMENTS is not loaded; add `.with(Post::COMMENTS)` to the query; asked at ";
    assert!(error.starts_with(advice), "{error}");
}

#[tokio::test]
async fn rows_of_a_stream_are_peers_as_long_as_they_are_there() {
    let blog = four().await;
    let mut stream = Post::find()
        .order_by(Post::ID)
        .lazy(Lazy::Peers)
        .stream(&blog.db);
    let mut kept = Vec::new();
    while let Some(post) = stream.next().await {
        let post = post.unwrap();
        if post.id % 4 == 0 {
            kept.push(post);
        }
    }
    drop(stream);
    blog.statements();
    assert_eq!(kept[0].author.load(&blog.db).await.unwrap().name, "Bob");
    assert_eq!(kept[1].author.get().unwrap().name, "Di");
    assert_eq!(blog.statements().len(), 1);

    let mut raised = Vec::new();
    let find = Post::find().order_by(Post::ID).lazy(Lazy::Raise);
    let each = find.for_each(&blog.db, |post| {
        raised.push(post.to_entity()?);
        Ok(())
    });
    each.await.unwrap();
    let error = raised[0].author.load(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
}

#[derive(Entity, Debug)]
#[orm(table = "nodes")]
struct Node {
    #[orm(primary_key)]
    id: i64,
    parent_id: Option<i64>,
    #[orm(belongs_to(key = parent_id, lazy = "raise"))]
    parent: One<Option<Node>>,
    #[orm(has_many(Node, key = parent_id, lazy = "peers"))]
    children: Many<Node>,
    #[orm(many_to_many(Node, through = "edges", here = a, there = b, lazy = "peers"))]
    others: Many<Node>,
}

#[tokio::test]
async fn a_field_can_say_it_and_the_question_says_otherwise() {
    let tree = fresh_after(
        "CREATE TABLE nodes (id bigint PRIMARY KEY, parent_id bigint);
         CREATE TABLE edges (a bigint, b bigint, PRIMARY KEY (a, b));
         INSERT INTO nodes VALUES (1, NULL), (2, 1), (3, 1), (4, 2);
         INSERT INTO edges VALUES (1, 4), (2, 4)",
    )
    .await;
    let find = || Node::find().order_by(Node::ID);
    let nodes = find().all(&tree.db).await.unwrap();
    let error = nodes[1].parent.load(&tree.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    tree.statements();
    let mut counts = Vec::new();
    for node in &nodes {
        counts.push(node.children.load(&tree.db).await.unwrap().len());
        counts.push(node.others.load(&tree.db).await.unwrap().len());
    }
    assert_eq!(counts, [2, 1, 1, 1, 0, 0, 0, 0]);
    assert_eq!(tree.statements().len(), 2);

    let nodes = find().lazy(Lazy::One).all(&tree.db).await.unwrap();
    let parent = nodes[1].parent.load(&tree.db).await.unwrap();
    assert_eq!(parent.map(|parent| parent.id), nodes[1].parent_id);
    nodes[1].children.load(&tree.db).await.unwrap();
    assert!(nodes[2].children.is_unloaded());
    let alone = Node::get(2).one(&tree.db).await.unwrap();
    assert_eq!(alone.children.load(&tree.db).await.unwrap().len(), 1);
}
