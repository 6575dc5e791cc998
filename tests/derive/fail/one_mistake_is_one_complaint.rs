use ormcore::{Entity, Many, One};

#[derive(Entity)]
#[orm(insert(NewUser))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    team_id: i64,
    #[orm(belongs_to(key = tema_id))]
    team: One<Team>,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
}

#[derive(Entity)]
struct Team {
    id: i64,
    #[orm(has_many(User, key = team_id))]
    members: Many<User>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User))]
    author_id: i64,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

fn main() {
    let _ = (
        User::find(),
        User::get(1),
        User::TEAM_ID,
        User::insert(NewUser { team_id: 1 }),
        Post::AUTHOR,
        Team::MEMBERS,
    );
}
