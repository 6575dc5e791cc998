//! `Debug` of what is declared beside an entity shows no secret, unless the user derives their own.

use ormcore::Entity;

#[derive(Entity)]
#[orm(insert(NewUser), patch(UserPatch, derive(Debug)))]
pub struct User {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub name: String,
    #[orm(sensitive)]
    pub password: String,
}

fn main() {
    let new = NewUser {
        name: "Ada".into(),
        password: "secret".into(),
    };
    assert_eq!(
        format!("{new:?}"),
        r#"NewUser { name: "Ada", password: … }"#
    );

    let patch = UserPatch {
        name: None,
        password: Some("secret".into()),
    };
    assert_eq!(
        format!("{patch:?}"),
        r#"UserPatch { name: None, password: Some("secret") }"#
    );
}
