//! A worker that is woken up when there is something to do: LISTEN and NOTIFY, in transactions and through the end of a
//! connection, without a job that is overlooked.
//! Run it with `cargo run --example listening`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, ErrorKind, Event, Executor, Listener, Result, entities, sql};
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[derive(Entity, Debug)]
#[orm(table = "listening_jobs", insert(NewJob))]
struct Job {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
}

type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

const MOMENT: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Outcome {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Job]).await?;
    Job::delete().all_rows().execute(&db).await?;
    // Who waits for what nobody says waits for ever: this one ends.
    let listening = async {
        transactions(&db).await?;
        work(&db).await?;
        the_end(&db, &database.url()).await
    };
    timeout(Duration::from_secs(60), listening).await??;
    sql("DROP TABLE listening_jobs").batch(&db).await?;
    Ok(())
}

async fn transactions(db: &Db) -> Outcome {
    // On a connection of its own: what is notified from now on is heard, in the order of the commits.
    let mut events = db.listen(["listening_news", "listening_jobs"]).await?;

    let mut tx = db.begin().await?;
    let pid: i32 = sql("SELECT pg_backend_pid()").scalar(&tx).await?;
    tx.notify("listening_news", "second").await?;
    // The same words are heard once.
    tx.notify("listening_news", "second").await?;
    // A part that is undone is not heard of.
    let part = tx.savepoint().await?;
    part.notify("listening_news", "undone").await?;
    part.rollback().await?;
    // Nobody hears of it before it is committed. Giving up to wait loses nothing.
    assert!(timeout(MOMENT, events.next()).await.is_err());
    db.notify("listening_jobs", "first").await?;
    tx.commit().await?;

    // Nor when it is not.
    let tx = db.begin().await?;
    tx.notify("listening_news", "never").await?;
    tx.rollback().await?;
    // A payload may be empty, and others may listen to other channels.
    db.notify("listening_weather", "rain").await?;
    db.notify("listening_news", "").await?;

    let mut heard = Vec::new();
    while heard.len() < 3 {
        if let Some(Event::Notification {
            channel,
            payload,
            pid: by,
            ..
        }) = events.next().await
        {
            // Who said it: this tells one's own words from those of others.
            if payload == "second" {
                assert_eq!(by, pid);
            }
            heard.push((channel, payload));
        }
    }
    let expected = [
        ("listening_jobs", "first"),
        ("listening_news", "second"),
        ("listening_news", ""),
    ];
    assert_eq!(
        heard,
        expected.map(|(channel, payload)| (channel.to_owned(), payload.to_owned()))
    );

    let long = db.notify("listening_news", &"x".repeat(8_000)).await.err();
    let long = long.ok_or("it was sent")?;
    assert_eq!(long.kind(), ErrorKind::Usage);
    println!("{long}");
    Ok(())
}

/// A job and the word that there is one: both, or neither.
async fn give(name: &str, db: &Db) -> Result<()> {
    let name = name.to_owned();
    db.transaction(async |tx| {
        let job = Job::insert(NewJob { name }).one(tx).await?;
        tx.notify("listening_jobs", &job.id.to_string()).await
    })
    .await
}

/// What a worker has done, and how it came to hear of it.
#[derive(Debug, Default, PartialEq)]
struct Worker {
    done: Vec<String>,
    notified: u32,
    reconnected: u32,
}

impl Worker {
    /// Takes whatever is there: one word may stand for several jobs, and some words come when all is done.
    async fn take(&mut self, db: &Db) -> Result<()> {
        let taken = Job::delete().all_rows().all(db).await?;
        self.done.extend(taken.into_iter().map(|job| job.name));
        Ok(())
    }

    /// Works until so many jobs are done.
    async fn until(&mut self, jobs: usize, events: &mut Listener, db: &Db) -> Result<()> {
        while self.done.len() < jobs {
            match events.next().await {
                Some(Event::Notification { .. }) => self.notified += 1,
                // The connection had ended, and there is another one. What was said between the two was heard by nobody: only
                // the table knows.
                Some(Event::Reconnected) => self.reconnected += 1,
                Some(_) => {}
                None => break,
            }
            self.take(db).await?;
        }
        Ok(())
    }
}

async fn work(db: &Db) -> Outcome {
    give("before", db).await?;
    // First to listen, and then to look: the other way round a job could come between the two.
    let mut events = db.listen(["listening_jobs"]).await?;
    let mut worker = Worker::default();
    worker.take(db).await?;
    assert_eq!(worker.done, ["before"]);

    give("sweep", db).await?;
    worker.until(2, &mut events, db).await?;
    assert_eq!((worker.notified, worker.reconnected), (1, 0));

    // The connection ends, and a job comes while nobody listens.
    terminate("LISTEN \"listening_jobs\"", db).await?;
    give("paint", db).await?;
    worker.until(3, &mut events, db).await?;
    assert_eq!((worker.notified, worker.reconnected), (1, 1));

    // Everything is as it was.
    give("rest", db).await?;
    worker.until(4, &mut events, db).await?;
    let expected = Worker {
        done: ["before", "sweep", "paint", "rest"]
            .map(str::to_owned)
            .into(),
        notified: 2,
        reconnected: 1,
    };
    assert_eq!(worker, expected);
    println!("{worker:?}");
    Ok(())
}

async fn the_end(db: &Db, url: &str) -> Outcome {
    // A program that ends closes its `Db`: a listener whose connection ends then has no other.
    let closing = Db::connect(url).await?;
    let mut events = closing.listen(["listening_end"]).await?;
    db.notify("listening_end", "the last word").await?;
    closing.close();
    let last = events.next().await;
    assert!(
        matches!(last, Some(Event::Notification { payload, .. }) if payload == "the last word")
    );
    terminate("LISTEN \"listening_end\"", db).await?;
    assert_eq!(events.next().await, None);
    Ok(())
}

/// Ends the session whose last statement this is, as a server that is restarted would.
async fn terminate(listen: &str, executor: &impl Executor) -> Result<()> {
    let terminated =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query = $1";
    let terminated = sql(terminated).bind(listen.to_owned());
    assert_eq!(terminated.scalar::<i64>(executor).await?, 1, "{listen}");
    let there = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query = $1)";
    while sql(there).bind(listen.to_owned()).scalar(executor).await? {
        sleep(MOMENT).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
