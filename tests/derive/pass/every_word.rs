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

/// What is sold.
#[derive(Entity, Debug, Clone)]
#[orm(
    insert(NewProduct, derive(Default)),
    patch(ProductPatch),
    description = "what is sold",
    index(columns = (name, cents), unique, name = "products_of_one_price"),
    index(columns = (cents,), where = "count > 0", name = "products_left"),
)]
struct Product {
    #[orm(primary_key, default_with = uuid::Uuid::now_v7)]
    id: uuid::Uuid,
    #[orm(index, validate(not_empty, length(max = 80), custom = words::are_right), description = "on the sign")]
    name: String,
    #[orm(index(name = "products_site", unique, using = "btree", where = "site IS NOT NULL"))]
    #[orm(validate(url), default_with = words::nowhere)]
    site: Option<String>,
    #[orm(validate(range(min = -1, max = i64::MAX)))]
    cents: i64,
    #[orm(default = "1", validate(range(min = words::LEAST)))]
    count: i32,
    #[orm(validate(length(min = 1)))]
    tags: Option<Vec<String>>,
    #[orm(generated = "cents * count")]
    total: i64,
}

mod words {
    pub(crate) const LEAST: i32 = 0;

    pub(crate) fn are_right(text: &str) -> Result<(), &'static str> {
        text.is_ascii().then_some(()).ok_or("must be ASCII")
    }

    pub(crate) fn nowhere() -> Option<String> {
        None
    }
}

fn main() {
    let read = |row: &Product| (row.id, row.name.len(), row.site.is_some(), row.cents, row.count, row.tags.is_some(), row.total);
    let _ = (read, Product::TOTAL, Product::insert(NewProduct { name: "Ada".into(), ..NewProduct::default() }));
    let _ = ProductPatch { tags: Some(None), ..ProductPatch::default() };
    let product = <Product as Entity>::TABLE;
    assert_eq!(product.description, Some("what is sold"));
    let rules: Vec<&str> = product.columns.iter().flat_map(|column| column.rules).map(|rule| rule.name).collect();
    assert_eq!(rules, ["not_empty", "length", "custom", "url", "range", "range", "length"]);
    let indexes = product.indexes.iter().map(|index| (index.name, index.unique, index.using, index.predicate, index.columns.len()));
    let expected = [
        (None, false, None, None, 1),
        (Some("products_site"), true, Some("btree"), Some("site IS NOT NULL"), 1),
        (Some("products_of_one_price"), true, None, None, 2),
        (Some("products_left"), false, None, Some("count > 0"), 1),
    ];
    assert!(indexes.eq(expected));
    let columns = product.columns.iter().map(|column| (column.computed, column.constraints, column.description));
    let columns: Vec<_> = columns.collect();
    assert_eq!(columns[6].0, Some("cents * count"));
    assert_eq!((columns[1].1, columns[2].1), (&["products_of_one_price"][..], &["products_site"][..]));
    assert_eq!(columns[1].2, Some("on the sign"));

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
