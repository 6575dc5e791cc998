//! What a session shows of rows that left it, went, or may have changed behind its back.

use crate::fresh::Fresh;
use crate::shop::{Comment, new_comment, new_post, new_user, shop, shop_of};
use ormcore::{Entity, ErrorKind, Many, One, Ref, RowState, Session, entities};

#[derive(Entity, Debug)]
#[orm(table = "users", insert(NewUser))]
struct User {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
}

#[derive(Entity, Debug)]
#[orm(table = "posts", insert(NewPost))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    author_id: i64,
    title: String,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
    #[orm(many_to_many(Tag, through = "post_tags"))]
    tags: Many<Tag>,
}

#[derive(Entity, Debug)]
#[orm(table = "tags", insert(NewTag))]
struct Tag {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(many_to_many(Post, through = "post_tags"))]
    posts: Many<Post>,
}

fn user(id: i64, name: &str) -> NewUser {
    NewUser {
        id,
        name: name.into(),
    }
}

fn post(author_id: i64, title: &str) -> NewPost {
    NewPost {
        author_id,
        title: title.into(),
    }
}

/// Two users, the first with three posts, and a session that has loaded them.
async fn blog() -> (Fresh, Session, Vec<Ref<User>>, Vec<Ref<Post>>) {
    let (fresh, mut s) = shop_of(entities![User, Post, Tag]).await;
    s.add_all([user(1, "Ada"), user(2, "Bob")]);
    s.add_all(["1", "2", "3"].map(|title| post(1, title)));
    s.commit().await.expect("a blog");
    let mut s = fresh.db.session();
    let question = User::find().order_by(User::ID);
    let question = question.with(User::POSTS.order_by(Post::ID));
    let users = s.all(question).await.expect("users");
    let posts = s.related(users[0], User::POSTS).expect("posts").to_vec();
    fresh.statements();
    (fresh, s, users, posts)
}

/// The titles of a user's posts, as the session shows them.
fn titles(s: &Session, user: Ref<User>) -> Vec<&str> {
    let posts = s.related(user, User::POSTS).expect("posts");
    posts.iter().map(|post| &*s[*post].title).collect()
}

#[tokio::test]
async fn a_row_that_is_to_go_is_not_shown_any_more() {
    let (_fresh, mut s, users, posts) = blog().await;
    s.remove(posts[1]);
    assert_eq!(titles(&s, users[0]), ["1", "3"]);
    s.rollback().await.unwrap();
    s.load(users[0], User::POSTS).await.unwrap();
    assert_eq!(s.related(users[0], User::POSTS).unwrap().len(), 3);
}

#[tokio::test]
async fn a_new_row_that_is_taken_back_is_not_shown_any_more() {
    let (_fresh, mut s, users, posts) = blog().await;
    let new = s.add(post(1, "new"));
    s.connect(users[0], User::POSTS, new).unwrap();
    assert_eq!(s.related(users[0], User::POSTS).unwrap().len(), 4);
    s.remove(new);
    assert_eq!(s.related(users[0], User::POSTS).unwrap(), posts);
}

#[tokio::test]
async fn a_row_that_leaves_is_shown_again_when_it_is_loaded_again() {
    let (_fresh, mut s, users, posts) = blog().await;
    s.detach(posts[0]).unwrap();
    assert_eq!(titles(&s, users[0]), ["2", "3"]);
    let taken = s.take(posts[2]).unwrap();
    assert_eq!((&*taken.title, titles(&s, users[0])), ("3", vec!["2"]));
    s.load(users[0], User::POSTS).await.unwrap();
    assert_eq!(s.related(users[0], User::POSTS).unwrap().len(), 3);
    assert_eq!(titles(&s, users[0]).len(), 3);
}

#[tokio::test]
async fn rows_that_go_along_are_not_shown_any_more() {
    let (_fresh, mut s, users, posts) = blog().await;
    let other = s.add(post(2, "4"));
    let tag = s.add(NewTag { name: "a".into() });
    for post in [posts[0], other] {
        s.connect(tag, Tag::POSTS, post).unwrap();
    }
    s.commit().await.unwrap();
    s.remove(users[0]);
    s.flush().await.unwrap();
    assert_eq!(s.related(tag, Tag::POSTS).unwrap(), [other]);
}

#[tokio::test]
async fn a_row_that_is_changed_keeps_its_place_among_the_others() {
    let (_fresh, mut s, users, posts) = blog().await;
    s[posts[0]].title = "one".into();
    s.flush().await.unwrap();
    assert_eq!(titles(&s, users[0]), ["one", "2", "3"]);
}

#[tokio::test]
async fn what_a_refreshed_row_leads_to_is_asked_for_again() {
    let (fresh, mut s, users, _) = blog().await;
    Post::insert(post(1, "4")).one(&fresh.db).await.unwrap();
    s.load(users[0], User::POSTS).await.unwrap();
    assert_eq!(titles(&s, users[0]), ["1", "2", "3"]);
    s.refresh(users[0]).await.unwrap();
    let missing = s.related(users[0], User::POSTS).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotLoaded);
    s.load(users[0], User::POSTS).await.unwrap();
    assert_eq!(titles(&s, users[0]).len(), 4);
    // Those of others are as they were.
    assert_eq!(titles(&s, users[1]), [""; 0]);
}

#[tokio::test]
async fn a_refreshed_row_is_shown_where_it_belongs_now() {
    let (fresh, mut s, users, posts) = blog().await;
    let moves = Post::update(s[posts[1]].id).set(Post::AUTHOR_ID, 2);
    moves.execute(&fresh.db).await.unwrap();
    s.refresh(posts[1]).await.unwrap();
    assert_eq!(titles(&s, users[0]), ["1", "3"]);
    assert_eq!(titles(&s, users[1]), ["2"]);
}

#[tokio::test]
async fn where_an_expired_row_belongs_is_asked_by_the_next_load() {
    let (fresh, mut s, users, posts) = blog().await;
    let moves = Post::update(s[posts[1]].id).set(Post::AUTHOR_ID, 2);
    moves.execute(&fresh.db).await.unwrap();
    s.expire(posts[1]).unwrap();
    s.load(users[0], User::POSTS).await.unwrap();
    assert_eq!(titles(&s, users[0]).len(), 2);
    // And what it leads to.
    s.expire(users[1]).unwrap();
    s.get::<User>(2).await.unwrap();
    s.load(users[1], User::POSTS).await.unwrap();
    assert_eq!(titles(&s, users[1]), ["2"]);
}

#[tokio::test]
async fn relations_expire_with_the_commit() {
    let (fresh, s, users, _) = blog().await;
    let mut s = s.expire_on_commit(true);
    s[users[0]].name = "Eve".into();
    s.commit().await.unwrap();
    Post::insert(post(1, "4")).one(&fresh.db).await.unwrap();
    let users = s.all(User::find().order_by(User::ID)).await.unwrap();
    s.load(users[0], User::POSTS).await.unwrap();
    assert_eq!(titles(&s, users[0]).len(), 4);
}

#[tokio::test]
async fn a_row_that_has_expired_can_be_removed() {
    let (fresh, mut s, _, posts) = blog().await;
    s.expire(posts[0]).unwrap();
    s.try_remove(posts[0]).unwrap();
    assert_eq!(s.state(posts[0]).unwrap(), RowState::Deleted);
    let twice = s.try_remove(posts[0]).unwrap_err();
    assert!(twice.to_string().contains("was removed"), "{twice}");
    s.rollback().await.unwrap();
    assert_eq!(s.state(posts[0]).unwrap(), RowState::Expired);
    s.remove(posts[0]);
    assert_eq!(s.commit().await.unwrap().deleted, 1);
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_key_that_others_made_free_is_one_row_again() {
    let (fresh, mut s, users, _) = blog().await;
    User::delete().key(2).execute(&fresh.db).await.unwrap();
    let new = s.add(user(2, "Cyd"));
    s.flush().await.unwrap();
    assert_eq!(s.get::<User>(2).await.unwrap(), new);
    assert!(s.try_row(users[1]).is_err());
    s.rollback().await.unwrap();
    assert_eq!(s.maybe::<User>(2).await.unwrap(), None);
    s.add(user(2, "Dan"));
    s.commit().await.unwrap();
    let names = s.all(User::find().order_by(User::ID)).await.unwrap();
    let names: Vec<&str> = names.iter().map(|user| &*s[*user].name).collect();
    assert_eq!(names, ["Ada", "Dan"]);
}

#[tokio::test]
async fn a_change_of_a_row_that_went_along_unseen_is_refused() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let ada_id = s.key(ada);
    let post = s.add(new_post(ada_id, "a"));
    let post_id = s.key(post);
    s.add(new_comment(post_id, "b"));
    s.commit().await.unwrap();
    let cascade = "ALTER TABLE comments DROP CONSTRAINT comments_post_id_fkey, ADD CONSTRAINT \
        comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES posts ON DELETE CASCADE";
    ormcore::sql(cascade).batch(&fresh.db).await.unwrap();
    let mut s = fresh.db.session();
    // Its post is never read here.
    let comment = s.one(Comment::find()).await.unwrap();
    let ada = s.get::<crate::shop::User>(1).await.unwrap();
    s.remove(ada);
    s.flush().await.unwrap();
    assert_eq!(s[comment].body, "b");
    s[comment].body = "c".into();
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StaleVersion);
    assert!(s.refresh(comment).await.is_ok(), "it is rolled back");
}
