//! Names that meet those the generated code uses, or those of the standard library.
#![deny(warnings)]
#![allow(dead_code)]

mod orm {
    /// What a user may well call their own module.
    pub type Number = i64;
}

type Text = std::string::String;
type ColumnType = i32;
type Joins = i64;

struct Option;
struct Some;
struct Vec;
struct Result;
struct Clone;
struct String;

#[derive(ormcore::Entity)]
#[orm(insert(NewEntry), patch(EntryPatch))]
pub struct Entry {
    #[orm(primary_key)]
    pub id: orm::Number,
    pub r#type: Text,
    pub kind: ColumnType,
    pub joins: Joins,
    pub row: i32,
    pub rows: i32,
    pub arrays: i32,
    pub changes: i32,
    pub table: i32,
    pub entity: i32,
    pub key: i32,
    pub f: i32,
    pub find: std::option::Option<i32>,
    #[orm(default = "0")]
    pub value: std::option::Option<i32>,
    pub parent_id: std::option::Option<orm::Number>,
    #[orm(belongs_to(key = parent_id))]
    pub parent: ormcore::One<std::option::Option<Entry>>,
    #[orm(has_many(Entry, key = parent_id))]
    pub entries: ormcore::Many<self::Entry>,
}

fn main() {
    let columns = <Entry as ormcore::Entity>::TABLE.columns;
    assert_eq!((columns[1].name, columns[1].field), ("type", "type"));
    let _ = Entry::TYPE;
}
