//! What can be set before a program connects: how many connections there are, how long they rest and how old they become, what
//! they remember, where else they lead, what is an error in a test, and what is told about it all.
//! Run it with `cargo run --example settings`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use ormcore::{
    Config, Db, Entity, ErrorKind, Event, Executor, NPlusOne, One, Result, SpanNames, entities, sql,
};
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[derive(Entity, Debug)]
#[orm(table = "settings_authors", insert(NewAuthor))]
struct Author {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
}

#[derive(Entity, Debug)]
#[orm(table = "settings_posts", insert(NewPost))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Author))]
    author_id: i64,
    #[orm(belongs_to(key = author_id))]
    author: One<Author>,
}

type Outcome<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const MOMENT: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Outcome {
    let database = Database::find()?;
    println!("on {database}");
    let url = database.url();
    let db = Db::connect(&url).await?;
    ormcore::schema::create(&db, entities![Author, Post]).await?;
    for name in ["Ada", "Bob", "Cem", "Dora", "Eve"] {
        let author = NewAuthor { name: name.into() };
        let author_id = Author::insert(author).one(&db).await?.id;
        Post::insert(NewPost { author_id }).execute(&db).await?;
    }
    connections(&url).await?;
    kept_open(&url).await?;
    one_connection(&url).await?;
    elsewhere(&url).await?;
    reads_that_share(&url).await?;
    limits(&url).await?;
    past_a_pooler(&url).await?;
    one_by_one(&url).await?;
    telemetry(&url).await?;
    sql("DROP TABLE settings_posts, settings_authors")
        .batch(&db)
        .await?;
    Ok(())
}

async fn connections(url: &str) -> Outcome {
    // Two, and who wants a third does not wait for long.
    let config = Config::new(url)?.pool_size(2).wait_timeout(MOMENT);
    let db = config.connect().await?;
    let (one, other) = (db.begin().await?, db.begin().await?);
    let third = db.begin().await.err().ok_or("there were three")?;
    assert_eq!(third.kind(), ErrorKind::PoolTimeout);
    // It says where in the program the two were taken, and for how long they have been held.
    let held = format!("taken at {}", file!());
    assert!(third.to_string().contains(&held), "{third}");
    println!("{third}");
    one.rollback().await?;
    other.rollback().await?;

    // Each remembers ten statements that it has prepared, this one included.
    let config = Config::new(url)?.pool_size(1).statement_cache(10);
    let db = config.connect().await?;
    for number in 0..20 {
        let other = sql(format!("SELECT {number}"));
        assert_eq!(other.scalar::<i32>(&db).await?, number);
    }
    let prepared = sql("SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql");
    assert_eq!(prepared.scalar::<i64>(&db).await?, 10);

    // One that is too old has a successor.
    let config = Config::new(url)?.pool_size(1).max_lifetime(MOMENT);
    let db = config.connect().await?;
    let before = session(&db).await?;
    sleep(MOMENT).await;
    assert_ne!(session(&db).await?, before);
    Ok(())
}

/// What a pool does while nobody asks anything, and while its server is away.
async fn kept_open(url: &str) -> Outcome {
    let config = Config::new(url)?.pool_size(5).min_connections(3);
    let config = config.idle_timeout(MOMENT).connect_retries(5);
    let config = config.connect_back_off(MOMENT, MOMENT * 10);
    let db = config.comment("pool", "kept_open").connect().await?;
    let open = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY($1)";
    // Five for a moment, and three again soon.
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(db.begin().await?);
    }
    let mut pids = Vec::new();
    for tx in all {
        pids.push(session(&tx).await?);
        tx.rollback().await?;
    }
    let still = || sql(open).bind(pids.clone()).scalar::<i64>(&db);
    let rest = async {
        while still().await? > 3 {
            sleep(MOMENT).await;
        }
        Ok::<_, ormcore::Error>(())
    };
    timeout(Duration::from_secs(30), rest).await??;
    // What the server sees of a statement: its tags, too.
    let itself = "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    let itself: String = sql(itself).scalar(&db).await?;
    assert!(itself.ends_with("/*pool='kept_open'*/"), "{itself}");
    Ok(())
}

/// A connection for what lives in a session, without a transaction.
async fn one_connection(url: &str) -> Outcome {
    let db = Config::new(url)?.pool_size(2).connect().await?;
    let one = db.pin().await?;
    sql("CREATE TEMP TABLE seen AS SELECT id FROM settings_posts")
        .execute(&one)
        .await?;
    let seen = || sql("SELECT count(*) FROM seen");
    assert_eq!(seen().scalar::<i64>(&one).await?, 5);
    // Nobody else sees it, and nobody has the connection after this.
    assert!(seen().scalar::<i64>(&db).await.is_err());
    let before = session(&one).await?;
    drop(one);
    assert_ne!(session(&db).await?, before);
    Ok(())
}

/// A replica answers what it is asked, and writes nothing. Here it is the same server.
async fn elsewhere(url: &str) -> Outcome {
    let db = Config::new(url)?.replica(url)?.connect().await?;
    let replica = db.replica()?;
    assert_eq!(Post::find().count(&replica).await?, 5);
    let deleted = Post::delete().all_rows().execute(&replica).await;
    let error = deleted.err().ok_or("it wrote")?;
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    println!("{error}");
    Ok(())
}

/// Reads go out one behind the other on a connection that they share, also when those of the pool are in use.
async fn reads_that_share(url: &str) -> Outcome {
    let config = Config::new(url)?.pool_size(1).wait_timeout(MOMENT);
    let db = config.multiplexed_reads(1).connect().await?;
    let tx = db.begin().await?;
    session(&tx).await?;
    // The first time it is opened, and each kind of read is prepared; until then reads go to the pool as ever.
    let both = async {
        loop {
            match tokio::try_join!(Post::find().all(&db), Author::find().all(&db)) {
                Err(error) if error.kind() == ErrorKind::PoolTimeout => {}
                both => return both,
            }
        }
    };
    let (posts, authors) = timeout(Duration::from_secs(30), both).await??;
    assert_eq!((posts.len(), authors.len()), (5, 5));
    // SQL of your own may be anything: it has no share.
    let own = sql("SELECT 1").execute(&db).await.err();
    assert!(own.is_some_and(|error| error.kind() == ErrorKind::PoolTimeout));
    tx.rollback().await?;
    Ok(())
}

/// For every connection, where a transaction says nothing else.
async fn limits(url: &str) -> Outcome {
    let config = Config::new(url)?
        .lock_timeout(Duration::from_secs(2))
        .idle_in_transaction_timeout(Duration::from_secs(60));
    let db = config.connect().await?;
    let tx = db.begin().lock_timeout(MOMENT).await?;
    let lock = async |db: &_| sql("SHOW lock_timeout").scalar::<String>(db).await;
    assert_eq!(lock(&tx).await?, "20ms");
    tx.rollback().await?;
    assert_eq!(sql("SHOW lock_timeout").scalar::<String>(&db).await?, "2s");
    let idle = sql("SHOW idle_in_transaction_session_timeout");
    assert_eq!(idle.scalar::<String>(&db).await?, "1min");
    Ok(())
}

/// Listeners, locks and migrations need a session of their own, which no pooler gives them.
async fn past_a_pooler(url: &str) -> Outcome {
    let nowhere = "postgres://localhost:1/nowhere";
    let db = Config::new(url)?.direct_url(nowhere)?.connect().await?;
    assert_eq!(Post::find().count(&db).await?, 5);
    let error = db
        .listen(["posts"])
        .await
        .err()
        .ok_or("somebody is there")?;
    assert_eq!(error.kind(), ErrorKind::Connect);
    println!("{error}");

    // One whose clients share sessions has to be told of; there is none here.
    let pooled = Config::new(url)?.transaction_pooler().connect().await;
    let error = pooled.err().ok_or("there is one")?;
    assert_eq!(error.kind(), ErrorKind::Config);
    println!("{error}");

    let db = Config::new(url)?.direct_url(url)?.connect().await?;
    // A server that was silent for so long is asked whether it is still there; if so, nobody notices.
    let mut events = db.listen(["posts"]).await?.check_after(MOMENT);
    assert!(timeout(MOMENT * 5, events.next()).await.is_err());
    db.notify("posts", "5").await?;
    let heard = events.next().await;
    assert!(matches!(heard, Some(Event::Notification { payload, .. }) if payload == "5"));
    Ok(())
}

/// The author of each post, by a statement for each.
async fn authors(db: &Db) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for post in Post::find().order_by(Post::ID).all(db).await? {
        names.push(post.author.load(db).await?.name.clone());
    }
    Ok(names)
}

async fn one_by_one(url: &str) -> Outcome {
    // A warning in the log, which says what to do instead; or nothing.
    for reaction in [NPlusOne::Warn, NPlusOne::Off] {
        let db = Config::new(url)?.n_plus_one(reaction).connect().await?;
        assert_eq!(authors(&db).await?.len(), 5);
    }
    // In a test, an error: at the fifth, or earlier.
    let strict = || Ok::<_, ormcore::Error>(Config::new(url)?.n_plus_one(NPlusOne::Error));
    for config in [strict()?, strict()?.n_plus_one_threshold(2)] {
        let db = config.connect().await?;
        let error = authors(&db).await.err().ok_or("nobody minds")?;
        assert_eq!(error.kind(), ErrorKind::NPlusOne);
        println!("{error}");
    }
    let db = strict()?.n_plus_one_threshold(6).connect().await?;
    assert_eq!(authors(&db).await?.len(), 5);
    Ok(())
}

/// The spans of one question.
async fn told(url: &str, set: impl Fn(Config) -> Config) -> Outcome<Vec<SpanData>> {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(exporter.clone());
    // Without this, spans go to the global provider.
    let config = Config::new(url)?.tracer_provider(&provider.build());
    let db = set(config).connect().await?;
    exporter.reset();
    assert_eq!(
        Author::find()
            .filter(Author::NAME.eq("Ada"))
            .all(&db)
            .await?
            .len(),
        1
    );
    Ok(exporter.get_finished_spans()?)
}

fn names(spans: &[SpanData]) -> Vec<&str> {
    spans.iter().map(|span| &*span.name).collect()
}

fn attribute(spans: &[SpanData], key: &str) -> Option<String> {
    let attributes = spans.iter().flat_map(|span| &span.attributes);
    let mut found = attributes.filter(|attribute| attribute.key.as_str() == key);
    found.next().map(|attribute| attribute.value.to_string())
}

async fn telemetry(url: &str) -> Outcome {
    let spans = told(url, |config| config).await?;
    assert_eq!(names(&spans), ["db.query.find"]);
    let text = attribute(&spans, "db.query.text").ok_or("it has a text")?;
    assert!(text.ends_with("WHERE \"name\" = $1"), "{text}");

    let spans = told(url, |config| config.span_names(SpanNames::Semconv)).await?;
    assert_eq!(names(&spans), ["SELECT settings_authors"]);

    let spans = told(url, |config| {
        config.query_text(false).attribute("service.part", "shop")
    })
    .await?;
    assert_eq!(attribute(&spans, "db.query.text"), None);
    assert_eq!(attribute(&spans, "service.part").as_deref(), Some("shop"));

    let spans = told(url, |config| config.telemetry(false)).await?;
    assert!(spans.is_empty());
    Ok(())
}

/// The number of the session at the server.
async fn session(executor: &impl Executor) -> Result<i32> {
    sql("SELECT pg_backend_pid()").scalar(executor).await
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
