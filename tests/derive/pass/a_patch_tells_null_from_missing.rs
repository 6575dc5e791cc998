//! In JSON a null sets a column to NULL, and a missing field leaves it alone.

use ormcore::Entity;

#[derive(Entity)]
#[orm(
    insert(NewUser, derive(Debug, serde::Deserialize)),
    patch(UserPatch, derive(PartialEq, serde::Deserialize, serde::Serialize))
)]
pub struct User {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: String,
    pub age: Option<i32>,
    #[orm(default = "true")]
    pub active: bool,
}

fn main() {
    for (json, patch) in [
        ("{}", UserPatch::default()),
        (
            r#"{"age":null}"#,
            UserPatch {
                age: Some(None),
                ..UserPatch::default()
            },
        ),
        (
            r#"{"name":"Ada","age":36}"#,
            UserPatch {
                name: Some("Ada".into()),
                age: Some(Some(36)),
                active: None,
            },
        ),
    ] {
        assert_eq!(
            serde_json::from_str::<UserPatch>(json).expect("a patch"),
            patch
        );
        assert_eq!(serde_json::to_string(&patch).expect("JSON"), json);
    }

    let new: NewUser =
        serde_json::from_str(r#"{"name":"Ada"}"#).expect("what has a default may be missing");
    assert!(new.age.is_none() && new.active.is_none());
    serde_json::from_str::<NewUser>("{}").expect_err("a name has no default");
}
