//! Hooks that every session of a database has: to tidy up, to refuse, to keep a history, and to tell others, who listen.
//! Run it with `cargo run --example events`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{
    Db, Entity, Error, ErrorKind, Event, Flush, Hooks, Ref, Result, RowHooks, Session, async_trait,
    entities,
};

#[derive(Entity, Debug)]
#[orm(table = "events_posts", insert(NewPost))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    title: String,
}

/// What was done to which post.
#[derive(Entity, Debug)]
#[orm(table = "events_history", insert(NewEntry))]
struct Entry {
    #[orm(primary_key, generated)]
    id: i64,
    post_id: i64,
    text: String,
}

/// No title begins or ends with a blank, and none is empty.
struct Tidy;

fn tidied(title: &str) -> Result<String> {
    match title.trim() {
        "" => Err(Error::refused("a post has a title")),
        title => Ok(title.to_owned()),
    }
}

#[async_trait]
impl RowHooks<Post> for Tidy {
    async fn before_insert(&self, s: &mut Session, post: Ref<Post>) -> Result<()> {
        let new: &mut NewPost = s.new_row_mut(post)?;
        new.title = tidied(&new.title)?;
        Ok(())
    }

    async fn before_update(&self, s: &mut Session, post: Ref<Post>) -> Result<()> {
        s[post].title = tidied(&s[post].title)?;
        Ok(())
    }
}

/// What is done to posts is written down, in the same transaction.
struct Remember;

impl Remember {
    fn note(s: &mut Session, post_id: i64, text: String) -> Result<()> {
        s.add(NewEntry { post_id, text });
        Ok(())
    }
}

#[async_trait]
impl RowHooks<Post> for Remember {
    async fn after_insert(&self, s: &mut Session, post: Ref<Post>) -> Result<()> {
        let Post { id, title } = &s[post];
        let (id, text) = (*id, format!("written: {title}"));
        Self::note(s, id, text)
    }

    async fn after_update(&self, s: &mut Session, post: Ref<Post>) -> Result<()> {
        let Post { id, title } = &s[post];
        let (id, text) = (*id, format!("now called {title}"));
        Self::note(s, id, text)
    }

    async fn after_delete(&self, s: &mut Session, id: i64) -> Result<()> {
        Self::note(s, id, "removed".into())
    }

    async fn before_load(&self, _: &mut Session) -> Result<()> {
        println!("  posts are asked for");
        Ok(())
    }

    async fn after_load(&self, s: &mut Session, post: Ref<Post>) -> Result<()> {
        println!("  post {} was read", s[post].id);
        Ok(())
    }
}

/// Whoever listens hears of it.
struct Tell;

#[async_trait]
impl Hooks for Tell {
    async fn after_flush(&self, s: &mut Session, flush: Flush) -> Result<()> {
        // In the session's transaction: heard when that is committed, and not before.
        let rows = format!("{} rows", flush.rows());
        s.executor().await?.notify("posts", &rows).await
    }

    async fn after_commit(&self, _: &mut Session) -> Result<()> {
        println!("  committed");
        Ok(())
    }

    async fn after_rollback(&self, _: &mut Session) -> Result<()> {
        println!("  rolled back");
        Ok(())
    }
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Post, Entry]).await?;
    Post::delete().all_rows().execute(&db).await?;
    Entry::delete().all_rows().execute(&db).await?;

    // Registered once, where the program connects: they run in this order, in every session of this handle and its clones.
    let db = db.on_rows::<Post>(Tidy).on_rows::<Post>(Remember).on(Tell);
    let mut events = db.listen(["posts"]).await?;

    println!("a post is added");
    let mut s = db.session();
    let post = s.add(NewPost {
        title: "  Light ".into(),
    });
    s.commit().await?;
    println!("  it is called {:?}", s[post].title);
    assert_eq!(s[post].title, "Light");
    hear(&mut events).await;

    println!("a title is refused, and nothing is sent");
    s[post].title = " ".into();
    match s.commit().await {
        Err(error) => {
            println!("  {error}");
            assert_eq!(error.kind(), ErrorKind::Refused);
        }
        Ok(_) => return Err("it was not".into()),
    }
    s.rollback().await?;
    println!("  it is still called {:?}", s[post].title);
    assert_eq!(s[post].title, "Light");

    println!("another session");
    let id = s[post].id;
    let mut s = db.session();
    let post = s.get::<Post>(id).await?;
    s[post].title = "Waves".into();
    s.commit().await?;
    hear(&mut events).await;
    s.remove(post);
    s.commit().await?;
    hear(&mut events).await;

    // A statement that is sent directly changes rows that nobody has read: there is no row to give to a hook.
    println!("statements without a session");
    let new = NewPost {
        title: " as it stands ".into(),
    };
    let post = Post::insert(new).one(&db).await?;
    println!("  {:?} is called so", post.title);
    assert_eq!(post.title, " as it stands ");

    println!("the history");
    let history = Entry::find().order_by(Entry::ID).all(&db).await?;
    for entry in &history {
        println!("  {}: post {} {}", entry.id, entry.post_id, entry.text);
    }
    let history: Vec<_> = history.iter().map(|entry| &*entry.text).collect();
    assert_eq!(history, ["written: Light", "now called Waves", "removed"]);
    Ok(())
}

/// What is notified next. A listener that lost its connection makes another, and says so: what came in between is to be
/// looked up; what comes after is heard.
async fn hear(events: &mut ormcore::Listener) {
    match events.next().await {
        Some(Event::Notification { payload, .. }) => println!("  heard of {payload}"),
        Some(Event::Reconnected) => println!("  look at all posts again"),
        _ => println!("  nothing more is heard"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
