use ormcore::{Entity, Many, One};

#[derive(Entity)]
#[orm(insert(NewUser))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    age: Option<i32>,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User))]
    author_id: i64,
    title: String,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

fn main() {
    let _ = User::find().filter(User::NAME == "Ada");
    let _ = User::find().filter(User::AGE.eq(Some(3)));
    let _ = User::find().filter(|user: &User| user.id == 1);
    let _ = User::find().filter("age > 3");
    let _ = User::find().filter(User::POSTS);
    let _ = User::find().filter(User::ID.in_query(Post::find()));
    let _ = User::find().filter(User::NAME.sum().gt(1));
}
