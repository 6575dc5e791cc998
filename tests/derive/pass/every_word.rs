//! Every word there is, with nothing for the strictest compiler to complain about.
#![deny(
    warnings,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    rust_2018_idioms
)]

use ormcore::{Entity, Many, One};

/// A user.
#[derive(Entity, Debug, Clone)]
#[orm(
    table = "users",
    schema = "blog",
    insert(NewUser, derive(PartialEq, serde::Deserialize)),
    patch(UserPatch, derive(serde::Serialize, serde::Deserialize))
)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(unique, sensitive, rename = "e_mail", type = "citext")]
    email: String,
    age: Option<i32>,
    #[orm(default = "true")]
    active: bool,
    #[orm(default = "'de'")]
    language: Option<String>,
    #[orm(version)]
    version: i32,
    #[orm(updated)]
    changed: chrono::DateTime<chrono::Utc>,
    #[orm(soft_delete)]
    deleted: Option<chrono::NaiveDateTime>,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
    #[orm(has_many(key = editor_id, lazy = "peers"))]
    edited: Many<Post>,
    #[orm(has_one(Profile, key = user_id, lazy = "one"))]
    profile: One<Option<Profile>>,
}

/// A profile.
#[derive(Entity, Debug, Clone)]
struct Profile {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    user_id: i64,
}

/// A tag.
#[derive(Entity, Debug, Clone)]
struct Tag {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(many_to_many(Post, through = "post_tags", here = tag_id, there = post_id))]
    posts: Many<Post>,
}

/// What a reader thinks of a post.
#[derive(Entity, Debug, Clone)]
struct Opinion {
    #[orm(primary_key)]
    post_id: i64,
    #[orm(primary_key)]
    reader: i64,
    stars: i16,
}

/// A post.
#[derive(Entity, Debug, Clone)]
#[orm(insert(NewPost), patch(PostPatch))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User, on_delete = "cascade", on_update = "no action"))]
    author_id: i64,
    #[orm(references(User, on_delete = "set null"))]
    editor_id: Option<i64>,
    title: String,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
    #[orm(belongs_to(User, key = editor_id, lazy = "raise"))]
    editor: One<Option<User>>,
    #[orm(many_to_many(Tag, through = "post_tags"))]
    tags: Many<Tag>,
    #[orm(many_to_many(User, through = Opinion, there = reader, lazy = "raise"))]
    readers: Many<User>,
}

fn main() {
    let ada = NewUser {
        name: "Ada".into(),
        email: "ada@x.org".into(),
        age: None,
        active: None,
        language: Some(Some("en".into())),
    };
    let _ = User::insert(ada.clone());
    let _ = User::insert_many(vec![ada.clone()]);
    let _ = User::upsert(ada.clone()).on_conflict((User::NAME, User::EMAIL));
    let _ = User::upsert_many(vec![ada]).on_constraint("users_key");
    let _ = (
        User::find(),
        User::get(1),
        User::update(1),
        User::update_many(),
        User::update_each(User::NAME, [(1, "Ada".into())]),
        User::update(1).version(1),
        User::restore(1),
        User::delete(),
    );
    let _ = (
        User::ID,
        User::NAME,
        User::EMAIL,
        User::AGE,
        User::POSTS,
        User::EDITED,
        Post::AUTHOR,
        Post::EDITOR,
        User::PROFILE,
        Post::TAGS,
        Post::READERS,
        Tag::POSTS,
    );
    let _ = |opinion: &Opinion| (opinion.post_id, opinion.reader, opinion.stars);
    let _ = |profile: &Profile| (profile.id, profile.user_id);
    let _ = |tag: &Tag| tag.id;

    let read = |user: &User| {
        format!(
            "{}{}{:?}{:?}{}",
            user.name, user.email, user.age, user.language, user.version
        )
    };
    let more = |user: &User| (user.active && user.deleted.is_none(), user.id + user.changed.timestamp());
    let post = |post: &Post| (post.title.clone(), post.id);
    let _: (
        fn(&User) -> String,
        fn(&User) -> (bool, i64),
        fn(&Post) -> (String, i64),
    ) = (read, more, post);
    let _ = PostPatch {
        title: Some("On engines".into()),
        ..PostPatch::default()
    };
    let _ = NewPost {
        author_id: 1,
        editor_id: None,
        title: "On engines".into(),
    };

    let table = <User as Entity>::TABLE;
    assert_eq!(
        (table.schema, table.name, table.entity),
        (Some("blog"), "users", "User")
    );
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    assert_eq!(
        names,
        [
            "id", "name", "e_mail", "age", "active", "language", "version", "changed", "deleted"
        ]
    );
    let nullable: Vec<&str> = table
        .columns
        .iter()
        .filter(|column| column.nullable)
        .map(|column| column.field)
        .collect();
    assert_eq!(nullable, ["age", "language", "deleted"]);
    let marks = [table.version, table.updated, table.deleted];
    let marks = marks.map(|column| column.map(|column| (column.name, column.default)));
    let expected = [
        ("version", Some("1")),
        ("changed", Some("now()")),
        ("deleted", Some("NULL")),
    ];
    assert_eq!(marks, expected.map(Some));
    assert_eq!(<Post as Entity>::TABLE.name, "posts");
    let reference = <Post as Entity>::TABLE.columns[2]
        .references
        .as_ref()
        .expect("it refers to a user");
    assert_eq!(
        (
            (reference.table)().name,
            reference.on_delete,
            reference.on_update
        ),
        ("users", Some("set null"), None)
    );
}
