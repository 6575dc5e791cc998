//! What each example expands to, frozen: a reviewer sees what users get.
//!
//! After a wanted change: `INSTA_UPDATE=always cargo test -p ormcore-derive`.

use crate::{derive_entity, derive_value};
use syn::{DeriveInput, parse_str};

fn expanded(text: &str) -> String {
    let input: DeriveInput = parse_str(text).expect("Rust");
    prettyplease::unparse(&syn::parse2(derive_entity(&input)).expect("items"))
}

#[test]
fn the_smallest_entity() {
    insta::assert_snapshot!(expanded(
        "struct Tag {
            #[orm(primary_key)]
            name: String,
        }"
    ));
}

#[test]
fn an_entity_with_insert_and_patch() {
    insta::assert_snapshot!(expanded(
        r#"#[orm(table = "users", schema = "blog", insert(NewUser, derive(serde::Deserialize)), patch(UserPatch))]
        pub struct User {
            #[orm(primary_key, generated)]
            pub id: i64,
            pub name: String,
            /// Where mail goes.
            #[orm(unique, sensitive, rename = "e_mail", type = "citext")]
            pub email: String,
            pub age: Option<i32>,
            #[orm(default = "true")]
            pub(crate) active: bool,
            #[orm(default = "'de'")]
            pub language: Option<String>,
            #[orm(generated, default = "now()")]
            created_at: chrono::DateTime<chrono::Utc>,
        }"#
    ));
}

#[test]
fn what_serde_writes() {
    let whole = expanded(
        r#"#[orm(serialize(ids = "string"))]
        #[serde(rename_all = "camelCase")]
        pub struct Post {
            #[orm(primary_key)]
            pub id: i64,
            pub author_id: Option<i64>,
            #[orm(sensitive)]
            pub key_hash: String,
            #[serde(rename = "words")]
            pub body: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub sub_title: Option<String>,
            #[orm(belongs_to(key = author_id))]
            pub author: One<Option<User>>,
            #[orm(many_to_many(Tag, through = "post_tags"))]
            #[serde(skip)]
            pub tags: Many<Tag>,
        }"#,
    );
    let written = whole.split("#[automatically_derived]");
    let written = written.filter(|part| part.contains("_orm::Serialize for"));
    insta::assert_snapshot!(written.collect::<String>());
}

#[test]
fn columns_about_the_row_itself() {
    insta::assert_snapshot!(expanded(
        "#[orm(insert(NewPage))]
        pub struct Page {
            #[orm(primary_key)]
            pub path: String,
            #[orm(version)]
            pub version: i32,
            #[orm(updated)]
            updated_at: DateTime<Utc>,
            #[orm(soft_delete)]
            deleted_at: Option<DateTime<Utc>>,
        }"
    ));
}

#[test]
fn columns_that_say_how_their_values_are_made_and_what_they_are_like() {
    insta::assert_snapshot!(expanded(
        r#"#[orm(description = "what is sold", insert(NewProduct), patch(ProductPatch), index(columns = (name, cents), unique))]
        struct Product {
            #[orm(primary_key, default_with = Uuid::now_v7)]
            id: Uuid,
            #[orm(index(name = "names", unique, using = "btree", where = "cents > 0"), validate(email, length(min = 1, max = 80)))]
            name: String,
            #[orm(default = "0", validate(range(min = -1), custom = rules::is_even), description = "not dollars")]
            cents: Option<i64>,
            #[orm(generated = "cents * 2")]
            double: i64,
        }"#
    ));
}

#[test]
fn relations_both_ways() {
    insta::assert_snapshot!(expanded(
        r#"pub struct Post {
            #[orm(primary_key, generated)]
            pub id: i64,
            #[orm(references(User, on_delete = "cascade", on_update = "no action"))]
            pub author_id: i64,
            pub editor_id: Option<i64>,
            #[orm(belongs_to(key = author_id))]
            pub author: One<User>,
            #[orm(belongs_to(key = editor_id))]
            pub editor: ormcore::One<Option<User>>,
            #[orm(has_many(Comment, key = post_id))]
            pub comments: Many<Comment>,
        }"#
    ));
}

#[test]
fn relations_to_one_other_and_through_tables() {
    insta::assert_snapshot!(expanded(
        r#"#[orm(schema = "blog")]
        struct Post {
            #[orm(primary_key, generated)]
            id: i64,
            #[orm(has_one(Summary, key = post_id, lazy = "raise"))]
            summary: One<Option<Summary>>,
            #[orm(many_to_many(models::Tag, through = "post_tags"))]
            tags: Many<models::Tag>,
            #[orm(many_to_many(User, through = Opinion, there = reader, lazy = "peers"))]
            readers: Many<User>,
        }"#
    ));
}

#[test]
fn a_key_of_two_columns() {
    insta::assert_snapshot!(expanded(
        "struct Line {
            #[orm(primary_key)]
            order_id: i64,
            #[orm(primary_key)]
            r#type: i32,
            #[orm(belongs_to(key = (order_id, r#type)))]
            kind: One<Kind>,
            #[orm(has_many(Part, key = (order_id, line_type)))]
            parts: Many<Part>,
        }"
    ));
}

#[test]
fn one_kind_of_a_tables_rows() {
    insta::assert_snapshot!(expanded(
        r#"#[orm(table = "payments", kind(column = "method", value = "card"), insert(NewCard))]
        struct Card {
            #[orm(primary_key, generated)]
            id: i64,
            number: String,
        }"#
    ));
}

#[test]
fn an_enum_of_kinds() {
    insta::assert_snapshot!(expanded(
        "#[orm(columns(id: i64), belongs_to(order: One<Order>))]
        pub enum Payment {
            Card(Card),
            Transfer(bank::Transfer),
        }"
    ));
}

#[test]
fn an_entity_that_refers_to_itself() {
    insta::assert_snapshot!(expanded(
        r#"struct Comment {
            #[orm(primary_key)]
            id: uuid::Uuid,
            #[orm(references(Self, on_delete = "set null"))]
            parent_id: Option<uuid::Uuid>,
            #[orm(belongs_to(key = parent_id))]
            parent: One<Option<Self>>,
            #[orm(has_many(key = parent_id))]
            replies: Many<Self>,
        }"#
    ));
}

#[test]
fn a_patch_that_is_json() {
    insta::assert_snapshot!(expanded(
        "#[orm(patch(TagPatch, derive(Debug, Clone, PartialEq, serde::Deserialize, serde::Serialize)))]
        struct Tag {
            #[orm(primary_key)]
            id: i64,
            name: String,
            color: Option<String>,
        }"
    ));
}

#[test]
fn mistakes_that_leave_the_meaning_clear() {
    insta::assert_snapshot!(expanded(
        r#"#[orm(tabel = "tags")]
        struct Tag {
            #[orm(primary_key, generated, generated)]
            id: i64,
            #[orm(unique = true)]
            name: String,
        }"#
    ));
}

fn value(text: &str) -> String {
    let input: DeriveInput = parse_str(text).expect("Rust");
    prettyplease::unparse(&syn::parse2(derive_value(&input)).expect("items"))
}

#[test]
fn an_enum_of_postgresql() {
    insta::assert_snapshot!(value(
        r#"#[orm(type = "mood", schema = "blog")]
        enum Mood {
            Fine,
            #[orm(rename = "so-so")]
            Middling,
        }"#
    ));
}

#[test]
fn an_enum_that_is_text() {
    insta::assert_snapshot!(value(
        r#"#[orm(text, rename_all = "kebab-case")]
        pub enum Stage { InReview, Done }"#
    ));
}

#[test]
fn a_newtype() {
    insta::assert_snapshot!(value("struct UserId(i64);"));
}

#[test]
fn a_newtype_that_is_a_domain() {
    insta::assert_snapshot!(value(
        r#"#[orm(domain = "email", check = "VALUE LIKE '%@%'")]
        struct Email(String);"#
    ));
}

#[test]
fn a_composite_type() {
    insta::assert_snapshot!(value(
        r#"struct Address {
            street: String,
            #[orm(rename = "zip")]
            postcode: Option<Postcode>,
        }"#
    ));
}

#[test]
fn a_row() {
    let input: DeriveInput = parse_str(
        r#"struct Busy {
            author_id: i64,
            #[orm(rename = "count")]
            posts: Option<i64>,
        }"#,
    )
    .expect("Rust");
    insta::assert_snapshot!(prettyplease::unparse(
        &syn::parse2(crate::derive_row(&input)).expect("items")
    ));
}

#[test]
fn sql_with_values_in_braces() {
    let text = r#""SELECT {id} + {id} + {a.b({ 1 }, \"}\")} + '{{}}'""#;
    let template = || text.parse().expect("a literal");
    let sql = crate::from_template(&template(), crate::expand::sql);
    let fragment = crate::from_template(&template(), crate::expand::fragment);
    insta::assert_snapshot!(format!("{sql}\n{fragment}"));
}
