use ormcore::{Db, Entity, Many, One, Result};

#[derive(Entity)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
    #[orm(has_one(Profile, key = user_id))]
    profile: One<Option<Profile>>,
}

#[derive(Entity)]
struct Profile {
    #[orm(primary_key)]
    user_id: i64,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    author_id: i64,
    title: String,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
    #[orm(many_to_many(Tag, through = PostTag))]
    tags: Many<Tag>,
}

#[derive(Entity)]
struct Tag {
    #[orm(primary_key)]
    id: i64,
}

#[derive(Entity)]
struct PostTag {
    #[orm(primary_key)]
    post_id: i64,
    #[orm(primary_key)]
    tag_id: i64,
    weight: i32,
}

async fn run(db: &Db, user: User, post: Post) -> Result<()> {
    User::find().with((User::POSTS, User::PROFILE)).all(db).await?;
    User::find().with(User::PROFILE.limit(1)).all(db).await?;
    User::POSTS.of(&user).add(db, [1]).await?;
    Post::find().filter(Post::AUTHOR.any(User::NAME.eq("x"))).all(db).await?;
    User::find().filter(User::POSTS.is(Post::TITLE.eq("x"))).all(db).await?;
    PostTag::get(1).one(db).await?;
    Post::TAGS.of(&post).with_value(PostTag::WEIGHT, "3").add(db, [1]).await?;
    Post::TAGS.of(&post).with_value(PostTag::WEIGHT, 3).remove(db, [1]).await?;
    user.posts.iter().count();
    Ok(())
}

fn main() {}
