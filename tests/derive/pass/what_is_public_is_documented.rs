//! A crate that wants documentation on everything public finds it on everything generated.
#![deny(missing_docs, clippy::pedantic)]

/// What the crate is about.
pub mod entities {
    use ormcore::{Entity, Many, One};

    /// A user.
    #[derive(Entity)]
    #[orm(insert(NewUser), patch(UserPatch))]
    pub struct User {
        /// Which one.
        #[orm(primary_key, generated)]
        pub id: i64,
        /// What they are called.
        pub name: String,
        /// How old they are.
        pub age: Option<i32>,
        /// What they wrote.
        #[orm(has_many(Post, key = author_id))]
        pub posts: Many<Post>,
    }

    /// What somebody wrote.
    #[derive(Entity)]
    #[orm(insert(NewPost))]
    pub struct Post {
        /// Which one.
        #[orm(primary_key)]
        pub id: i64,
        /// Who wrote it.
        pub author_id: i64,
        /// Who wrote it, in person.
        #[orm(belongs_to(key = author_id))]
        pub author: One<User>,
    }
}

fn main() {}
