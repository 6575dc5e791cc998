//! Relations inside a session: loaded for all that came together, true from both sides, written by the flush.

use crate::fresh::Fresh;
use crate::shop::shop_of;
use ormcore::{Db, Entity, ErrorKind, Many, One, RowState, Session, entities};

#[derive(Entity, Debug)]
#[orm(table = "users", insert(NewUser))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
    #[orm(has_one(Profile, key = user_id))]
    profile: One<Option<Profile>>,
}

#[derive(Entity, Debug)]
#[orm(table = "profiles", insert(NewProfile))]
struct Profile {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique, references(User, on_delete = "cascade"))]
    user_id: i64,
}

#[derive(Entity, Debug)]
#[orm(table = "posts", insert(NewPost))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    author_id: i64,
    #[orm(references(User, on_delete = "set null"))]
    editor_id: Option<i64>,
    title: String,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
    #[orm(belongs_to(key = editor_id))]
    editor: One<Option<User>>,
    #[orm(many_to_many(Tag, through = "post_tags"))]
    tags: Many<Tag>,
}

#[derive(Entity, Debug)]
#[orm(table = "tags", insert(NewTag))]
struct Tag {
    #[orm(primary_key, generated)]
    id: i32,
    name: String,
    #[orm(many_to_many(Post, through = "post_tags"))]
    posts: Many<Post>,
}

fn user(name: &str) -> NewUser {
    NewUser { name: name.into() }
}

fn post(author_id: i64, title: &str) -> NewPost {
    NewPost {
        author_id,
        editor_id: None,
        title: title.into(),
    }
}

fn tag(name: &str) -> NewTag {
    NewTag { name: name.into() }
}

/// Three users with two posts each, and a session that knows nothing of them.
async fn blog() -> (Fresh, Session) {
    let (fresh, mut s) = shop_of(entities![User, Profile, Post, Tag]).await;
    for name in ["Ada", "Bob", "Cyd"] {
        let user = s.add(user(name));
        let key = s.key(user);
        s.add_all(["1", "2"].map(|number| post(key, &format!("{name} {number}"))));
    }
    s.commit().await.expect("a blog");
    let s = fresh.db.session();
    fresh.statements();
    (fresh, s)
}

#[tokio::test]
async fn a_load_is_one_for_all_that_came_together() {
    let (fresh, mut s) = blog().await;
    let users = s.all(User::find().order_by(User::ID)).await.unwrap();
    let missing = s.related(users[0], User::POSTS).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotLoaded);
    assert!(missing.to_string().contains("s.load(row, User::POSTS)"));
    s.load(users[1], User::POSTS).await.unwrap();
    assert_eq!(fresh.statements().len(), 2);
    for (user, name) in users.iter().zip(["Ada", "Bob", "Cyd"]) {
        s.load(*user, User::POSTS).await.unwrap();
        let posts = s.related(*user, User::POSTS).unwrap();
        let titles: Vec<&str> = posts.iter().map(|post| &*s[*post].title).collect();
        assert_eq!(titles, [format!("{name} 1"), format!("{name} 2")]);
        // The other side is known by its key.
        assert_eq!(s.related(posts[0], Post::AUTHOR).unwrap(), Some(*user));
        assert_eq!(s.related(posts[0], Post::EDITOR).unwrap(), None);
    }
    s.load(users[0], User::PROFILE).await.unwrap();
    assert_eq!(s.related(users[2], User::PROFILE).unwrap(), None);
    assert_eq!(fresh.statements().len(), 1);
}

#[tokio::test]
async fn where_a_key_leads_is_asked_only_if_it_is_not_known() {
    let (fresh, mut s) = blog().await;
    let posts = s.all(Post::find().order_by(Post::ID)).await.unwrap();
    let ada = s.get::<User>(1).await.unwrap();
    fresh.statements();
    assert!(s.related(posts[2], Post::AUTHOR).is_err());
    s.load(posts[0], Post::AUTHOR).await.unwrap();
    let sent = fresh.statements();
    assert_eq!(sent.len(), 1);
    let bob = s.related(posts[2], Post::AUTHOR).unwrap().unwrap();
    assert_eq!(s[bob].name, "Bob");
    assert_eq!(s.related(posts[0], Post::AUTHOR).unwrap(), Some(ada));
    s.load(posts[4], Post::AUTHOR).await.unwrap();
    s.load(posts[4], Post::EDITOR).await.unwrap();
    assert_eq!(fresh.statements(), [""; 0]);
}

#[tokio::test]
async fn what_comes_along_with_a_question_is_in_the_session() {
    let (fresh, mut s) = blog().await;
    let question = User::find().order_by(User::ID);
    let question = question.with(User::POSTS.order_by(Post::ID).with(Post::AUTHOR));
    let users = s.all(question).await.unwrap();
    // The authors are there already.
    assert_eq!(fresh.statements().len(), 2);
    let posts = s.related(users[1], User::POSTS).unwrap().to_vec();
    assert_eq!(s[posts[1]].title, "Bob 2");
    assert_eq!(s.related(posts[1], Post::AUTHOR).unwrap(), Some(users[1]));
    assert_eq!(s.get::<Post>(s[posts[0]].id).await.unwrap(), posts[0]);
    let joined = Post::find().order_by(Post::ID).with(Post::AUTHOR.joined());
    let again = s.all(joined).await.unwrap();
    assert_eq!(again[2..4], posts);
    fresh.statements();
    // And can be changed like any other.
    s[posts[0]].title = "new".into();
    s[users[2]].name = "Eve".into();
    assert_eq!(s.commit().await.unwrap().dirty, 2);
    assert_eq!(Post::get(3).one(&fresh.db).await.unwrap().title, "new");
}

/// Whoever was asked for a table's rows first, the types of its columns are known from then on.
#[tokio::test]
async fn what_comes_along_is_related_also_when_no_session_has_read_the_like() {
    let (fresh, _) = blog().await;
    let other = Db::connect(fresh.database.url()).await.unwrap();
    let mut s = other.session();
    let posts = s.all(Post::find().with(Post::AUTHOR)).await.unwrap();
    let author = s.related(posts[0], Post::AUTHOR).unwrap().unwrap();
    assert_eq!(s[author].name, "Ada");
    s[author].name = "Eve".into();
    assert_eq!(s.commit().await.unwrap().dirty, 1);
}

#[tokio::test]
async fn rows_that_only_came_along_can_be_changed() {
    let (fresh, mut s) = blog().await;
    let posts = s.all(Post::find().with(Post::AUTHOR)).await.unwrap();
    let author = s.related(posts[0], Post::AUTHOR).unwrap().unwrap();
    s[author].name.push('!');
    assert_eq!(s.state(author).unwrap(), RowState::Dirty(vec!["name"]));
    s.commit().await.unwrap();
    let name = User::get(s[author].id).one(&fresh.db).await.unwrap().name;
    assert!(name.ends_with('!'));
}

#[tokio::test]
async fn both_sides_show_who_belongs_to_whom() {
    let (fresh, mut s) = blog().await;
    let users = s.all(User::find().order_by(User::ID)).await.unwrap();
    s.load(users[0], User::POSTS).await.unwrap();
    let moved = s.related(users[0], User::POSTS).unwrap()[0];
    s.connect(moved, Post::AUTHOR, users[1]).unwrap();
    assert_eq!(s.related(users[0], User::POSTS).unwrap().len(), 1);
    assert!(s.related(users[1], User::POSTS).unwrap().contains(&moved));
    // From the other side, and to a row that is new.
    let dan = s.add(user("Dan"));
    s.connect(dan, User::POSTS, moved).unwrap();
    assert_eq!(s.related(moved, Post::AUTHOR).unwrap(), Some(dan));
    assert_eq!(s.related(dan, User::POSTS).unwrap(), [moved]);
    assert_eq!(s.related(users[1], User::POSTS).unwrap().len(), 2);
    s.connect(moved, Post::EDITOR, users[2]).unwrap();
    s.commit().await.unwrap();
    let stored = Post::get(s[moved].id).one(&fresh.db).await.unwrap();
    assert_eq!(stored.author_id, s[dan].id);
    assert_eq!(stored.editor_id, Some(s[users[2]].id));
    s.disconnect(moved, Post::EDITOR, users[2]).unwrap();
    let refused = s.disconnect(moved, Post::AUTHOR, dan).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage);
    s.commit().await.unwrap();
    let stored = Post::get(s[moved].id).one(&fresh.db).await.unwrap();
    assert_eq!(stored.editor_id, None);
}

#[tokio::test]
async fn lists_follow_keys_that_were_set_by_hand() {
    let (_fresh, mut s) = blog().await;
    let users = s.all(User::find().order_by(User::ID)).await.unwrap();
    s.load(users[0], User::POSTS).await.unwrap();
    let moved = s.related(users[0], User::POSTS).unwrap()[0];
    s[moved].author_id = s.key(users[2]);
    let key = s.key(users[0]);
    let new = s.add(post(key, "new"));
    s.flush().await.unwrap();
    assert!(!s.related(users[0], User::POSTS).unwrap().contains(&moved));
    assert!(s.related(users[0], User::POSTS).unwrap().contains(&new));
    assert!(s.related(users[2], User::POSTS).unwrap().contains(&moved));
    s.remove(new);
    s.flush().await.unwrap();
    assert!(!s.related(users[0], User::POSTS).unwrap().contains(&new));
}

#[tokio::test]
async fn links_are_written_with_the_rest() {
    let (fresh, mut s) = blog().await;
    let posts = s.all(Post::find().order_by(Post::ID)).await.unwrap();
    s.load(posts[0], Post::TAGS).await.unwrap();
    let tags = s.add_all(["rust", "orm", "sql"].map(tag));
    let bob = s.add(user("Dan"));
    let key = s.key(bob);
    let new = s.add(post(key, "new"));
    s.connect(posts[0], Post::TAGS, tags[0]).unwrap();
    s.connect(posts[0], Post::TAGS, tags[1]).unwrap();
    s.connect(new, Post::TAGS, tags[0]).unwrap();
    // From the other side; and what is taken back does not come.
    s.connect(tags[2], Tag::POSTS, new).unwrap();
    s.connect(tags[2], Tag::POSTS, posts[1]).unwrap();
    s.disconnect(tags[2], Tag::POSTS, posts[1]).unwrap();
    assert_eq!(s.related(posts[0], Post::TAGS).unwrap(), &tags[..2]);
    assert_eq!(s.related(new, Post::TAGS).unwrap(), [tags[0], tags[2]]);
    assert!(s.changes().to_string().contains("link 4 in post_tags"));
    s.commit().await.unwrap();
    let linked = async |title: &str| {
        let with_tags = Post::find().with(Post::TAGS.order_by(Tag::ID));
        let found = with_tags.filter(Post::TITLE.eq(title)).one(&fresh.db);
        let found = found.await.unwrap();
        let names = found.tags.get().unwrap().iter();
        names.map(|tag| tag.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(linked("Ada 1").await, ["rust", "orm"]);
    assert_eq!(linked("new").await, ["rust", "sql"]);
    assert_eq!(linked("Ada 2").await, [""; 0]);
    s.disconnect(posts[0], Post::TAGS, tags[1]).unwrap();
    s.commit().await.unwrap();
    assert_eq!(linked("Ada 1").await, ["rust"]);
    // What is rolled back is not written later.
    s.connect(posts[0], Post::TAGS, tags[2]).unwrap();
    s.flush().await.unwrap();
    s.rollback().await.unwrap();
    s.commit().await.unwrap();
    assert_eq!(linked("Ada 1").await, ["rust"]);
    // A flush that fails keeps it for the next.
    s.connect(posts[0], Post::TAGS, tags[2]).unwrap();
    let lost = s.add(post(99, "lost"));
    assert!(s.flush().await.unwrap_err().is_foreign_key_violation());
    s.remove(lost);
    s.commit().await.unwrap();
    assert_eq!(linked("Ada 1").await, ["rust", "sql"]);
}

#[tokio::test]
async fn what_the_database_does_to_those_who_refer_is_done_here_too() {
    let (fresh, mut s) = blog().await;
    let users = s.all(User::find().order_by(User::ID)).await.unwrap();
    s.load(users[0], User::POSTS).await.unwrap();
    let of_ada = s.related(users[0], User::POSTS).unwrap().to_vec();
    let of_bob = s.related(users[1], User::POSTS).unwrap().to_vec();
    s.connect(of_bob[0], Post::EDITOR, users[0]).unwrap();
    s.commit().await.unwrap();
    s.remove(users[0]);
    s.flush().await.unwrap();
    assert_eq!(s.state(of_ada[0]).unwrap(), RowState::Deleted);
    assert_eq!(s[of_bob[0]].editor_id, None);
    assert_eq!(s.state(of_bob[0]).unwrap(), RowState::Clean);
    assert_eq!(s.maybe::<Post>(1).await.unwrap(), None);
    s.rollback().await.unwrap();
    assert_eq!(s[of_bob[0]].editor_id, Some(s[users[0]].id));
    assert_eq!(s[of_ada[0]].title, "Ada 1");
    s.remove(users[0]);
    s.commit().await.unwrap();
    assert!(s.state(of_ada[0]).is_err());
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 4);
    s[of_bob[0]].title = "still here".into();
    s.commit().await.unwrap();
}
