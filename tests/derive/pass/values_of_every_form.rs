//! Every form of a value, every word, and names that could be mistaken for ours.

#![deny(warnings)]

use ormcore::{Column, Entity, Value};

mod orm {
    #[derive(ormcore::Value, Debug, Clone, Copy, PartialEq)]
    #[orm(type = "Option", schema = "Some", rename_all = "kebab-case")]
    pub enum Option {
        None,
        #[orm(rename = "Some \"one\"")]
        Some,
        r#Self_,
    }
}

#[derive(Value, Debug, Clone)]
#[orm(text, rename_all = "camelCase")]
pub enum Ok {
    Err = 7,
    InProgress = -1,
}

#[derive(Value, Debug, Clone)]
struct Text(std::string::String);

#[derive(Value, Debug)]
#[orm(domain = "string", schema = "blog", check = "VALUE > 0")]
struct String(pub i64);

#[derive(Value, Debug)]
#[orm(type = "varchar(3)[]")]
struct Vec(std::vec::Vec<Text>);

#[derive(Value, Debug)]
#[orm(type = "Type", schema = "blog", rename_all = "UPPERCASE")]
struct Type {
    r#type: orm::Option,
    ty: std::option::Option<Ok>,
    raw: Text,
    out: String,
    #[orm(rename = "self")]
    at: std::vec::Vec<std::option::Option<orm::Option>>,
}

#[derive(Entity, Debug)]
struct Row {
    #[orm(primary_key)]
    kind: orm::Option,
    #[orm(primary_key)]
    ok: Ok,
    value: Type,
    list: Vec,
}

const _: Column<Row, orm::Option> = Row::KIND;

fn main() {
    use ormcore::value::{KeyType, TextValue, Value};

    fn is_key<T: KeyType>() {}
    fn is_text<T: TextValue>() {}
    is_key::<orm::Option>();
    is_key::<Ok>();
    is_key::<Text>();
    is_text::<Text>();
    assert_eq!(<orm::Option as Value>::TYPE.name(), r#""Some"."Option""#);
    assert_eq!(<Ok as Value>::TYPE.name(), "text");
    assert_eq!(<String as Value>::TYPE.to_string(), r#""blog"."string""#);
    assert_eq!(<Vec as Value>::TYPE.to_string(), "varchar(3)[]");
    assert_eq!(<Type as Value>::TYPE.name(), r#""blog"."Type""#);
    let ty = Type {
        r#type: orm::Option::None,
        ty: Some(Ok::Err),
        raw: Text("x".into()),
        out: String(1),
        at: vec![Some(orm::Option::Some), Some(orm::Option::Self_), None],
    };
    drop(Row {
        kind: orm::Option::Some,
        ok: Ok::InProgress,
        value: ty,
        list: Vec(vec![]),
    });
}
