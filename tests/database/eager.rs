//! Eager loading: as many statements as are said, filtered and ordered, for owners with and without.

use crate::blog::{Comment, NewPost, Post, User, blog, new_comment, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::{Alias, Find};

/// Four users; the n-th wrote n posts, but the last wrote none; post n has n % 3 comments by all in turn.
async fn busy() -> Fresh {
    let blog = blog().await;
    let users = ["Ada", "Bob", "Cleo", "Dora"].map(new_user).into();
    let users = User::insert_many(users).all(&blog.db).await.expect("users");
    let mut posts = Vec::new();
    for (n, user) in users[..3].iter().enumerate() {
        posts.extend((0..=n).map(|post| NewPost {
            editor_id: (post == 1).then_some(users[3].id),
            published: Some(post != 1),
            ..new_post(user, &format!("{} {post}", user.name))
        }));
    }
    let posts = Post::insert_many(posts).all(&blog.db).await.expect("posts");
    let mut comments = Vec::new();
    for (n, post) in posts.iter().enumerate() {
        let author = |comment: usize| &users[(n + comment) % 4];
        comments.extend((0..n % 3).map(|c| new_comment(post, author(c), &format!("{n}.{c}"))));
    }
    let comments = Comment::insert_many(comments).execute(&blog.db);
    comments.await.expect("comments");
    blog.statements();
    blog
}

fn titles(user: &User) -> Vec<&str> {
    let posts = user.posts.get().expect("posts");
    posts.iter().map(|post| post.title.as_str()).collect()
}

impl Fresh {
    async fn users(&self, find: Find<User>) -> Vec<User> {
        find.order_by(User::ID).all(&self.db).await.expect("users")
    }
}

#[tokio::test]
async fn select_in_takes_one_statement_a_relation() {
    let blog = busy().await;
    let users = blog
        .users(User::find().with(User::POSTS.order_by(Post::ID)))
        .await;
    assert_eq!(blog.statements().len(), 2);
    assert_eq!(titles(&users[2]), ["Cleo 0", "Cleo 1", "Cleo 2"]);
    let deep = User::find().with(User::POSTS.with(Post::COMMENTS.with(Comment::AUTHOR)));
    blog.users(deep).await;
    assert_eq!(blog.statements().len(), 4);
    let wide = Post::find()
        .with(Post::AUTHOR)
        .with(Post::EDITOR)
        .with(Post::COMMENTS)
        .all(&blog.db);
    assert_eq!(wide.await.unwrap().len(), 6);
    assert_eq!(blog.statements().len(), 4);
}

#[tokio::test]
async fn joined_takes_one_statement_for_everything() {
    let blog = busy().await;
    let comments = Post::COMMENTS.joined().order_by(Comment::ID);
    let comments = comments.with(Comment::AUTHOR.joined());
    let posts = User::POSTS.joined().order_by(Post::ID).with(comments);
    let users = blog.users(User::find().with(posts)).await;
    assert_eq!(blog.statements().len(), 1);
    assert_eq!(users.len(), 4);
    assert_eq!(titles(&users[1]), ["Bob 0", "Bob 1"]);
    let comments = users[1].posts.get().unwrap()[1].comments.get().unwrap();
    let authors: Vec<_> = comments
        .iter()
        .map(|comment| &*comment.author.get().unwrap().name)
        .collect();
    assert_eq!(authors, ["Cleo", "Dora"]);
}

#[tokio::test]
async fn strategies_can_be_mixed() {
    let blog = busy().await;
    let posts = User::POSTS.order_by(Post::ID).with(Post::EDITOR.joined());
    let posts = posts.with(Post::COMMENTS.order_by(Comment::ID));
    let users = blog.users(User::find().with(posts)).await;
    assert_eq!(blog.statements().len(), 3);
    let posts = User::POSTS.joined().order_by(Post::ID).with(Post::EDITOR);
    let posts = posts.with(Post::COMMENTS.order_by(Comment::ID));
    let others = blog.users(User::find().with(posts)).await;
    assert_eq!(blog.statements().len(), 3);
    let json = |users: &[User]| serde_json::to_string(users).unwrap();
    assert_eq!(json(&users), json(&others));
    assert!(json(&users).contains("Dora"));
}

#[tokio::test]
async fn owners_without_targets_have_an_empty_list() {
    let blog = busy().await;
    for posts in [User::POSTS.order_by(Post::ID), User::POSTS.joined()] {
        let users = blog.users(User::find().with(posts)).await;
        assert_eq!(titles(&users[3]), Vec::<&str>::new());
    }
    let dora = || User::find().filter(User::NAME.eq("Dora"));
    let deep = dora().with(User::POSTS.with(Post::COMMENTS));
    blog.statements();
    assert_eq!(titles(&blog.users(deep).await[0]).len(), 0);
    // Nobody is there whose comments could be asked for.
    assert_eq!(blog.statements().len(), 2);
    let nobody = User::find().filter(User::ID.lt(0)).with(User::POSTS);
    assert!(blog.users(nobody).await.is_empty());
    assert_eq!(blog.statements().len(), 1);
}

#[tokio::test]
async fn a_relation_can_be_filtered_and_ordered() {
    let blog = busy().await;
    let posts = || {
        User::POSTS
            .filter(Post::PUBLISHED.eq(true))
            .filter(Post::TITLE.ne("Ada 0"))
            .order_by(Post::TITLE.desc())
    };
    for posts in [posts(), posts().joined()] {
        let users = blog.users(User::find().with(posts)).await;
        assert_eq!(users.len(), 4);
        assert!(titles(&users[0]).is_empty());
        assert_eq!(titles(&users[1]), ["Bob 0"]);
        assert_eq!(titles(&users[2]), ["Cleo 2", "Cleo 0"]);
    }
    let editor = || Post::EDITOR.filter(User::NAME.eq("Nobody"));
    for editor in [editor(), editor().joined()] {
        let posts = Post::find().with(editor).all(&blog.db).await.unwrap();
        assert_eq!(posts.len(), 6);
        assert!(
            posts
                .iter()
                .all(|post| post.editor.get().unwrap().is_none())
        );
    }
}

#[tokio::test]
async fn a_second_order_decides_between_equals() {
    let blog = busy().await;
    let posts = || {
        User::POSTS
            .order_by(Post::PUBLISHED)
            .order_by(Post::ID.desc())
    };
    for posts in [posts(), posts().joined()] {
        let users = blog.users(User::find().with(posts)).await;
        assert_eq!(titles(&users[2]), ["Cleo 1", "Cleo 2", "Cleo 0"]);
    }
}

#[tokio::test]
async fn a_page_counts_owners_and_not_the_rows_of_a_join() {
    let blog = busy().await;
    let page = || User::find().order_by(User::NAME.desc()).offset(1).limit(2);
    let by_name = |posts| page().with(posts);
    for posts in [
        User::POSTS.order_by(Post::ID),
        User::POSTS.joined().order_by(Post::ID),
        User::POSTS
            .joined()
            .order_by(Post::ID)
            .with(Post::COMMENTS.joined()),
    ] {
        let users = by_name(posts).all(&blog.db).await.unwrap();
        assert_eq!(users.len(), 2);
        assert_eq!(titles(&users[0]), ["Cleo 0", "Cleo 1", "Cleo 2"]);
        assert_eq!(titles(&users[1]), ["Bob 0", "Bob 1"]);
    }
    let one = User::find()
        .filter(User::NAME.eq("Cleo"))
        .with(User::POSTS.joined());
    assert_eq!(titles(&one.one(&blog.db).await.unwrap()).len(), 3);
    let first = User::find().order_by(User::ID.desc()).offset(1);
    let first = first.with(User::POSTS.joined()).first(&blog.db).await;
    assert_eq!(titles(&first.unwrap().unwrap()).len(), 3);
}

#[tokio::test]
async fn joins_beside_each_other_repeat_nothing() {
    let blog = busy().await;
    let find = Post::find()
        .with(Post::COMMENTS.joined().order_by(Comment::ID))
        .with(
            Post::AUTHOR
                .with(User::POSTS.joined().order_by(Post::ID))
                .joined(),
        )
        .order_by(Post::ID);
    let posts = find.all(&blog.db).await.unwrap();
    assert_eq!(blog.statements().len(), 1);
    assert_eq!(posts.len(), 6);
    for (n, post) in posts.iter().enumerate() {
        assert_eq!(post.comments.get().unwrap().len(), n % 3);
        let author = post.author.get().unwrap();
        let expected = usize::try_from(author.id).unwrap();
        assert_eq!(author.posts.get().unwrap().len(), expected);
    }
}

#[tokio::test]
async fn owners_of_the_same_row_share_it() {
    let blog = busy().await;
    for author in [Post::AUTHOR.with(User::POSTS), Post::AUTHOR.joined()] {
        let find = Post::find().order_by(Post::ID).with(author);
        let posts = find.all(&blog.db).await.unwrap();
        let author = |n: usize| posts[n].author.get().unwrap();
        assert!(std::ptr::eq(author(1), author(2)));
        assert!(!std::ptr::eq(author(0), author(1)));
    }
}

#[tokio::test]
async fn a_row_got_by_key_brings_its_relations() {
    let blog = busy().await;
    let cleo = User::get(3).with(User::POSTS).one(&blog.db).await.unwrap();
    assert_eq!(titles(&cleo).len(), 3);
    let cleo = User::get(3).with(User::POSTS.joined()).one(&blog.db).await;
    assert_eq!(titles(&cleo.unwrap()).len(), 3);
    let nobody = User::get(99).with(User::POSTS.joined()).maybe(&blog.db);
    assert!(nobody.await.unwrap().is_none());
    let dora = User::get(4).with(User::POSTS.joined()).one(&blog.db).await;
    assert!(titles(&dora.unwrap()).is_empty());
}

#[tokio::test]
async fn thousands_of_owners_are_one_parameter() {
    let blog = blog().await;
    let users = (0..70_000).map(|n| new_user(&format!("u{n}"))).collect();
    let users = User::insert_many(users).all(&blog.db).await.unwrap();
    let posts = users
        .iter()
        .step_by(2)
        .map(|user| new_post(user, &user.name));
    let posts = Post::insert_many(posts.collect()).execute(&blog.db);
    posts.await.unwrap();
    blog.statements();
    let users = blog.users(User::find().with(User::POSTS)).await;
    assert_eq!(blog.statements().len(), 2);
    for (n, user) in users.iter().enumerate() {
        let expected = if n % 2 == 0 {
            vec![&*user.name]
        } else {
            vec![]
        };
        assert_eq!(titles(user), expected);
    }
}

#[tokio::test]
async fn an_owner_that_comes_twice_has_its_rows_twice() {
    let blog = busy().await;
    for posts in [
        User::POSTS.order_by(Post::ID).with(Post::COMMENTS),
        User::POSTS.order_by(Post::ID).with(Post::COMMENTS.joined()),
        User::POSTS
            .order_by(Post::ID)
            .limit(9)
            .with(Post::AUTHOR.joined()),
    ] {
        let post = Alias::<Post>::new("post");
        let find = User::find().join(post, post.col(Post::AUTHOR_ID).eq(User::ID));
        let users = blog.users(find.with(posts)).await;
        let ids: Vec<i64> = users.iter().map(|user| user.id).collect();
        assert_eq!(ids, [1, 2, 2, 3, 3, 3]);
        for user in &users {
            assert_eq!(titles(user).len(), usize::try_from(user.id).unwrap());
        }
    }
}
