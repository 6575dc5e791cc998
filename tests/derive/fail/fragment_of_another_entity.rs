//! What stands in the braces of `fragment!` is a column or expression of the entity, or a value.

use ormcore::{Entity, Fragment, fragment};

#[derive(Entity)]
struct User {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key)]
    id: i64,
}

struct Secret;

fn main() {
    let secret = Secret;
    let _: Fragment<User> = fragment!("{User::ID} = {Post::ID}");
    let _: Fragment<User> = fragment!("{User::ID} = {secret}");
    let _: Fragment<User> = fragment!("{User::ID} = {}");
}
