//! The program of the README: a table, a relation, lazy and eager.
//! Run it with `cargo run --example blog`.
//! It needs a PostgreSQL, named by DATABASE_URL.

use ormcore::{Db, Entity, Many, One, entities};

#[derive(Entity)]
#[orm(insert(NewUser))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
}

#[derive(Entity)]
#[orm(insert(NewPost))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    author_id: i64,
    title: String,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let db = Db::connect(&std::env::var("DATABASE_URL")?).await?;
    ormcore::schema::create(&db, entities![User, Post]).await?;

    let ada = User::insert(NewUser { name: "Ada".into() });
    let author_id = ada.one(&db).await?.id;
    let titles = ["Notes", "More notes", "The last notes"];
    let posts = titles.map(|title| NewPost {
        author_id,
        title: title.into(),
    });
    Post::insert_many(posts.into()).execute(&db).await?;

    // Lazily: one statement for the posts, then one for each author. ormcore says so, and how to mend it.
    let notes = Post::find().filter(Post::TITLE.ilike("%notes"));
    for post in &notes.all(&db).await? {
        println!("{} by {}", post.title, post.author.load(&db).await?.name);
    }
    // Eagerly: two statements, however many posts there are. With `Post::AUTHOR.joined()` it is one.
    let notes = Post::find().with(Post::AUTHOR).order_by(Post::ID.desc());
    for post in &notes.limit(20).all(&db).await? {
        let (author, title) = (post.author.get()?, &post.title);
        println!("{title} by {}, number {}", author.name, post.author_id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    #[test]
    fn it_runs() {
        if std::env::var_os("DATABASE_URL").is_some() {
            super::main().expect("the program of the README runs to its end");
            return;
        }
        // A process of its own, because the program reads the address from its environment.
        let database = dev_postgres::TestDatabase::create().expect("a database");
        let program = std::env::current_exe().expect("this program");
        let mut again = Command::new(program);
        again.args(["--exact", "tests::it_runs"]);
        let status = again.env("DATABASE_URL", database.url()).status();
        assert!(status.expect("it starts").success());
    }
}
