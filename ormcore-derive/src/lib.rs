//! The macros of ormcore; use them through `ormcore`, which re-exports them.
//!
//! Three stages, one folder each: `parse` reads what the user wrote, `model` finds out what it means and checks it,
//! `expand` writes the code.

#![warn(missing_docs)]

mod errors;
mod expand;
mod model;
mod parse;
#[cfg(test)]
mod snapshots;

use errors::Errors;
use proc_macro::TokenStream;
use std::path::Path;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct with named fields an entity: one table, one column for each field; or an enum of such structs.
///
/// On the struct, in `#[orm(…)]`:
///
/// | word | meaning |
/// | --- | --- |
/// | `table = "users"` | the table's name; without it the struct's name in snake case and plural |
/// | `schema = "blog"` | the schema the table is in |
/// | `kind(column = "method", value = "card")` | it is the rows of the table that have this in the column, which is no field; `type = "…"` is the column's type, where it is not text |
/// | `index(columns = (author_id, title))` | an index on these fields; `name`, `unique`, `using` and `where` as on a field; there may be several |
/// | `description = "who may log in"` | the comment on the table |
/// | `insert(NewUser, derive(…))` | declares a struct of what an insert needs |
/// | `patch(UserPatch, derive(…))` | declares a struct of what an update may change |
/// | `serialize` | implements `serde::Serialize`: relations are written where they are loaded, `sensitive` columns never; serde's `rename`, `rename_all`, `skip`, `skip_serializing` and `skip_serializing_if` count |
/// | `serialize(ids = "string")` | the same, with whole numbers that are keys, or refer to one, as strings: JavaScript rounds them beyond 2⁵³ |
///
/// An enum whose variants each hold an entity, `enum Payment { Card(Card), Transfer(Transfer) }`, is a row of one table that is of
/// one of these kinds. On the enum `columns(id: i64, order_id: i64)` names fields that all of them have, and
/// `belongs_to(order: One<Order>)` relations; they become its constants.
///
/// On a field that is a column:
///
/// | word | meaning |
/// | --- | --- |
/// | `primary_key` | the column is the primary key, or a part of it |
/// | `generated` | the database writes the column, so neither insert nor patch has it |
/// | `generated = "price * count"` | the database computes it from other columns (`GENERATED ALWAYS AS (…) STORED`): it is read, and never written |
/// | `default = "now()"` | what the database writes when an insert leaves the column out, as `None`; in an `Option` column NULL is `Some(None)` |
/// | `default_with = Uuid::now_v7` | the function that makes the value when an insert leaves it out, as `None`; in an `Option` column NULL is `Some(None)` |
/// | `validate(email, length(max = 80))` | rules for its values, which are checked before anything is sent |
/// | `unique` | no two rows have the same value |
/// | `unique = "users_email_idx"` | the same, by a constraint or index of that name; it tells in an error which column it is |
/// | `index` | there is an index on the column |
/// | `index(name = "posts_open", where = "closed_at IS NULL")` | the same by that name, on rows for which this holds; `using = "gin"` says how it works, and `unique` that no two of these rows have the same value |
/// | `constraint = "grown_up"` | a constraint on the column has that name, which tells the same in an error |
/// | `sensitive` | the value is never shown, neither in telemetry nor by `Debug` of insert and patch |
/// | `version` | the column counts the changes of a row, so that one can be refused that is based on an old one |
/// | `updated` | the column has the moment of the last change, which every update sets |
/// | `soft_delete` | a deleted row stays, and has the moment here; questions leave it out |
/// | `scope` | the column names the tenant (or other scope) of a row, to which each statement keeps; neither insert nor patch has it |
/// | `rename = "e_mail"` | the column's name, where it is not the field's |
/// | `type = "citext"` | the column's PostgreSQL type, where it is not the one of the Rust type |
/// | `description = "in cents"` | the comment on the column |
/// | `references(User, on_delete = "cascade")` | the column holds the primary key of another entity |
///
/// On a field that is a relation:
///
/// | word | type | meaning |
/// | --- | --- | --- |
/// | `belongs_to(key = author_id)` | `One<User>` | the row this row's `author_id` refers to |
/// | `belongs_to(key = editor_id)` | `One<Option<User>>` | the same where `editor_id` is an `Option` |
/// | `has_one(Profile, key = user_id)` | `One<Option<Profile>>` | the only row whose `user_id`, which is unique, refers to this row |
/// | `has_many(Post, key = author_id)` | `Many<Post>` | the rows whose `author_id` refers to this row |
/// | `many_to_many(Tag, through = "post_tags")` | `Many<Tag>` | the rows that the table between leads to, by its columns `post_id` and `tag_id` |
/// | `many_to_many(Tag, through = PostTag, here = post, there = tag)` | `Many<Tag>` | the same where that table is an entity, or its columns are called otherwise |
///
/// Rules in `validate(…)`:
///
/// | rule | value |
/// | --- | --- |
/// | `not_empty`, `length(min = 1, max = 80)` | text of so many characters, a list of so many elements; one of both limits may be missing |
/// | `range(min = 0, max = 100)` | is no less and no more: expressions of the column's type |
/// | `email` | is an e-mail address, as browsers check it in forms |
/// | `url` | is a whole URL that begins with `http://` or `https://` |
/// | `custom = is_slug` | is what a function lets pass, `fn is_slug(text: &str) -> Result<(), &'static str>`, or says is wrong |
///
/// They are checked wherever a value is at hand: when rows are inserted, upserted or copied, by a patch, by `.set(column, value)`,
/// and when a session writes. NULL has nothing to be checked, nor has an expression. All that is wrong is one error, of the kind
/// `ErrorKind::Invalid`; `Error::invalid_fields` has it as data, and nobody has the values. The database knows nothing of it: what
/// has to hold whoever writes is a check of the table or of a domain.
///
/// Columns that are `version`, `updated` or `soft_delete` are `generated` too: in the table their defaults are `1`, `now()` and
/// NULL.
///
/// `has_one`, `has_many` and `many_to_many` may have `when = is_live`: a function that returns a condition of the rows they lead to.
///
/// A key of several columns is written `key = (order_id, line)`. A relation may have `lazy = "peers"` or `lazy = "raise"`:
/// what a load of it does that was not asked for with its owners.
///
/// All columns of an entity are read with it. To leave one out that is long, `.select(…)` the others, or declare a second entity
/// of the same table without it.
#[proc_macro_derive(Entity, attributes(orm, serde))]
pub fn entity(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive_entity(&input).into()
}

/// Makes a type of the program's own a type that a column can have. What it is decides what the column holds:
///
/// | type | column |
/// | --- | --- |
/// | `enum Mood { Fine, Awful }` | an enum of PostgreSQL, `mood` |
/// | the same with `#[orm(text)]` | text |
/// | `struct UserId(i64)` | what a column of the inner type holds |
/// | the same with `#[orm(domain = "user_id")]` | a domain over it |
/// | `struct Address { street: String, city: String }` | a composite type, `address` |
///
/// A newtype has the operators and functions of what it is around: `Item::PRICE + Cents(5)`.
///
/// The type also has to be `Debug`, and `Clone` where it is (part of) a key. `schema::create` makes enums, domains and
/// composite types that are missing.
///
/// On the type, in `#[orm(…)]`:
///
/// | word | of | meaning |
/// | --- | --- | --- |
/// | `type = "mood"` | enum, composite | the type's name; without it the Rust type's in snake case |
/// | `type = "citext"` | newtype | the column's type, where it is not the inner type's |
/// | `domain = "email"` | newtype | the domain's name |
/// | `check = "VALUE LIKE '%@%'"` | newtype | what holds for each value of the domain |
/// | `schema = "blog"` | all | the schema the type is in |
/// | `text` | enum | the column is text |
/// | `rename_all = "kebab-case"` | enum, composite | the case of the words or fields; without it `snake_case` |
///
/// On a variant or field `rename = "…"` is its name in the database.
#[proc_macro_derive(Value, attributes(orm))]
pub fn value(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive_value(&input).into()
}

/// Lets a struct with named fields be what a row of a result is read as, where it is no whole entity.
///
/// A row of the caller's own SQL is read by the names of its columns; what a query selects by the order of the fields,
/// whose types are then those of the tuple: `.select((Post::AUTHOR_ID, count())).rows::<Busy>()`.
///
/// On a field `#[orm(rename = "…")]` is the column's name, where it is not the field's.
#[proc_macro_derive(Row, attributes(orm))]
pub fn row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive_row(&input).into()
}

/// SQL of the caller's own with values in braces: what stands in them is an expression, whose value is bound and never
/// pasted into the text. A name that occurs several times is bound once. Braces of the SQL itself are written `{{` and
/// `}}`.
///
/// It makes what the function `sql` makes: `sql!("SELECT * FROM users WHERE id = {id}").one::<User>(&db)`.
#[proc_macro]
pub fn sql(input: TokenStream) -> TokenStream {
    from_template(&input.into(), expand::sql).into()
}

/// SQL of the caller's own inside a typed query, with columns, expressions and values in braces. Columns are written so
/// that they are found wherever the fragment stands; values are bound. Braces of the SQL itself are written `{{` and `}}`.
///
/// It makes what the function `fragment` makes: `fragment!("soundex({User::NAME}) = soundex({name})")` is a condition.
#[proc_macro]
pub fn fragment(input: TokenStream) -> TokenStream {
    from_template(&input.into(), expand::fragment).into()
}

/// A folder of migrations, all its files in one: `embed_migrations!("migrations")`, from where Cargo.toml is.
///
/// It makes a `Migrations`. The files are read when the program is compiled: each is named `YYYYMMDD_HHMMSS_name.sql`, and has
/// a line `-- UP`. A file that changes is compiled again. For one that is added, have a `build.rs` that prints
/// `cargo:rerun-if-changed=migrations`.
#[proc_macro]
pub fn embed_migrations(input: TokenStream) -> TokenStream {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    embedded(&input.into(), root.as_ref()).into()
}

fn embedded(input: &proc_macro2::TokenStream, root: &Path) -> proc_macro2::TokenStream {
    let errors = Errors::new();
    let code = parse::folder(input, root, &errors).map(|files| expand::migrations(&files));
    let complaints = errors.into_tokens();
    code.unwrap_or(complaints)
}

fn from_template(
    input: &proc_macro2::TokenStream,
    expand: fn(&parse::Template) -> proc_macro2::TokenStream,
) -> proc_macro2::TokenStream {
    let errors = Errors::new();
    let code = parse::template(input, &errors).map(|template| expand(&template));
    let complaints = errors.into_tokens();
    code.unwrap_or(complaints)
}

fn derive_row(input: &DeriveInput) -> proc_macro2::TokenStream {
    let errors = Errors::new();
    let declaration = parse::row(input, &errors);
    let row = declaration.map(|declaration| model::Row::new(declaration, &errors));
    let code = row.as_ref().map(expand::row);
    let complaints = errors.into_tokens();
    quote::quote!(#complaints #code)
}

fn derive_value(input: &DeriveInput) -> proc_macro2::TokenStream {
    let errors = Errors::new();
    let declaration = parse::value(input, &errors);
    let value = declaration.map(|declaration| model::Value::new(declaration, &errors));
    let code = value.as_ref().map(expand::value);
    let complaints = errors.into_tokens();
    quote::quote!(#complaints #code)
}

/// The three stages. What is wrong is reported beside the code, where there can be any, so that one mistake in a
/// struct does not make every use of it another.
fn derive_entity(input: &DeriveInput) -> proc_macro2::TokenStream {
    let errors = Errors::new();
    if let Some(declaration) = parse::kinds(input, &errors) {
        let kinds = model::Kinds::new(declaration, &errors);
        let code = kinds.as_ref().map(expand::kinds);
        let complaints = errors.into_tokens();
        return quote::quote!(#complaints #code);
    }
    let declaration = parse::declaration(input, &errors);
    let entity = declaration.and_then(|declaration| model::Entity::new(declaration, &errors));
    let code = entity.as_ref().map(expand::entity);
    let complaints = errors.into_tokens();
    quote::quote!(#complaints #code)
}
