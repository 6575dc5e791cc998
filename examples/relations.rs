//! Loads the authors of some posts lazily, then eagerly, then joined: as many statements as rows, two, one.
//! Run it with `cargo run --example relations`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, ErrorKind, Many, One, entities};

#[derive(Entity, Debug)]
#[orm(table = "relations_users", insert(NewUser))]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(has_many(Post, key = author_id))]
    posts: Many<Post>,
}

#[derive(Entity, Debug)]
#[orm(table = "relations_posts", insert(NewPost))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    title: String,
    body: String,
    #[orm(references(User, on_delete = "cascade"))]
    author_id: i64,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

/// The same table without what is long, which is loaded when it is asked for.
#[derive(Entity, Debug)]
#[orm(table = "relations_posts")]
struct Headline {
    #[orm(primary_key)]
    id: i64,
    title: String,
    #[orm(has_one(Post, key = id))]
    whole: One<Option<Post>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![User, Post]).await?;
    fill(&db).await?;

    println!("\nlazily: one statement for the posts, one for each author");
    for post in &Post::find().order_by(Post::ID).all(&db).await? {
        let author = post.author.load(&db).await?;
        println!(
            "  {} by {}, user {}",
            post.title, author.name, post.author_id
        );
        assert_eq!(author.id, post.author_id);
    }

    println!("\neagerly: one for the posts, one for all their authors");
    let posts = Post::find().order_by(Post::ID).with(Post::AUTHOR);
    for post in &posts.all(&db).await? {
        assert_eq!(post.author.get()?.id, post.author_id);
        println!("  {} by {}", post.title, post.author.get()?.name);
    }

    println!("\njoined: one for everything");
    let posts = Post::find().order_by(Post::ID).with(Post::AUTHOR.joined());
    for post in &posts.all(&db).await? {
        assert_eq!(post.author.get()?.id, post.author_id);
        println!("  {} by {}", post.title, post.author.get()?.name);
    }

    println!("\nfrom the other side, latest first");
    let latest_first = User::POSTS.order_by(Post::ID.desc());
    let users = User::find().order_by(User::ID).with(latest_first);
    for user in &users.all(&db).await? {
        let titles: Vec<_> = user.posts.get()?.iter().map(|post| &post.title).collect();
        println!("  {} wrote {titles:?}", user.name);
        assert!(titles.len() == 2 && titles[0] > titles[1]);
    }

    println!("\nauthors and posts of one moment, whatever others commit meanwhile");
    let users = User::find().with(User::POSTS).consistent().all(&db).await?;
    let posts = users.iter().map(|user| Ok(user.posts.get()?.len()));
    let posts: usize = posts.sum::<ormcore::Result<_>>()?;
    println!("  {} users, {posts} posts", users.len());
    assert_eq!((users.len(), posts), (3, 6));

    println!("\nwithout what is long, until it is needed");
    let headlines = Headline::find().order_by(Headline::ID).all(&db).await?;
    let last = headlines.last().ok_or("no headline")?;
    assert!(last.whole.is_unloaded());
    let body = last.whole.load(&db).await?.map(|post| post.body.len());
    println!("  {} has {body:?} letters", last.title);
    let titles = Headline::find().filter(Headline::WHOLE.is(Post::AUTHOR.is(User::NAME.eq("Ada"))));
    assert_eq!(titles.count(&db).await?, 2);

    let post = Post::find().first(&db).await?.ok_or("no post")?;
    let Err(error) = post.author.get() else {
        return Err("it was not loaded".into());
    };
    assert_eq!(error.kind(), ErrorKind::NotLoaded);
    println!("\nwhat is not loaded is an error, never an empty answer: {error}");
    User::delete().all_rows().execute(&db).await?;
    Ok(())
}

async fn fill(db: &Db) -> ormcore::Result<()> {
    let names = ["Ada", "Grace", "Alan"].map(|name| NewUser {
        name: name.to_owned(),
    });
    let users = User::insert_many(names.into()).all(db).await?;
    // Two each, by turns.
    let posts = users.iter().cycle().take(6).enumerate();
    let posts = posts.map(|(number, author)| NewPost {
        title: format!("post {}", number + 1),
        body: "What is long. ".repeat(100),
        author_id: author.id,
    });
    Post::insert_many(posts.collect()).execute(db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
