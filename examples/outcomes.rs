//! What to do when the answer does not come: whether a transaction was committed, statements that are given up, and writes
//! that may go out twice.
//! Run it with `cargo run --example outcomes`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{
    Config, Db, Entity, Error, ErrorKind, Executor, Result, TransactionId, TransactionStatus,
    entities, sql,
};
use std::time::Duration;
use tokio::time::{sleep, timeout};

#[derive(Entity, Debug)]
#[orm(table = "outcomes_jobs", insert(NewJob))]
struct Job {
    #[orm(primary_key)]
    name: String,
    done: bool,
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
    traced(&db).await?;
    nobody_knows(&db, &database.url()).await?;
    given_up(&database.url()).await?;
    sql("DROP TABLE outcomes_jobs; DROP FUNCTION outcomes_dawdle")
        .batch(&db)
        .await?;
    Ok(())
}

/// The number of a transaction is known from its first statement on, and can be kept wherever numbers can.
async fn traced(db: &Db) -> Outcome {
    let tx = db.begin().traceable().await?;
    assert_eq!(tx.id(), None, "nothing was sent yet");
    add("sweep", &tx).await?;
    let kept = tx.id().ok_or("it was begun as traceable")?.get();
    let id = TransactionId::new(kept);
    assert_eq!(
        db.transaction_status(id).await?,
        TransactionStatus::InProgress
    );
    tx.commit().await?;
    assert_eq!(
        db.transaction_status(id).await?,
        TransactionStatus::Committed
    );

    let tx = db.begin().traceable().await?;
    add("paint", &tx).await?;
    let id = tx.id().ok_or("it was begun as traceable")?;
    tx.rollback().await?;
    assert_eq!(db.transaction_status(id).await?, TransactionStatus::Aborted);
    Ok(())
}

/// What to do when something did not work: whether it was done all the same, if that can be found out.
async fn was_done(db: &Db, error: &Error) -> Result<Option<bool>> {
    match error.kind() {
        // COMMIT was not answered. The server knows what became of a transaction that was begun as traceable.
        ErrorKind::CommitUnknown => match error.transaction_id() {
            Some(id) => loop {
                match db.transaction_status(id).await? {
                    TransactionStatus::Committed => return Ok(Some(true)),
                    TransactionStatus::Aborted => return Ok(Some(false)),
                    // The server has not noticed yet that nobody is there any more.
                    TransactionStatus::InProgress => sleep(MOMENT).await,
                    _ => return Ok(None),
                }
            },
            None => Ok(None),
        },
        // A write outside of a transaction was not answered. Read what it would have written; or make it one that may be
        // done twice, and do it again.
        ErrorKind::OutcomeUnknown => Ok(None),
        // Of everything else nothing was kept.
        _ => Ok(Some(false)),
    }
}

async fn nobody_knows(db: &Db, url: &str) -> Outcome {
    // A server that takes a minute to commit, and a program that does not wait for so long.
    sql("CREATE OR REPLACE FUNCTION outcomes_dawdle() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
         DROP TRIGGER IF EXISTS dawdle ON outcomes_jobs;
         CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON outcomes_jobs DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW WHEN (NEW.name = 'ponder') EXECUTE FUNCTION outcomes_dawdle()")
        .batch(db)
        .await?;
    let config = Config::new(url)?.statement_timeout(Duration::from_millis(500));
    let impatient = config.connect().await?;
    let tx = impatient.begin().traceable().await?;
    add("ponder", &tx).await?;
    let error = tx.commit().await.err().ok_or("it was committed")?;
    assert_eq!(error.kind(), ErrorKind::CommitUnknown);
    assert_eq!(was_done(db, &error).await?, Some(false));
    println!("{error}");

    let slow = "UPDATE outcomes_jobs SET done = pg_sleep(60) IS NULL";
    let error = sql(slow).execute(&impatient).await.err();
    let error = error.ok_or("it was updated")?;
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert_eq!(was_done(db, &error).await?, None);
    Ok(())
}

async fn given_up(url: &str) -> Outcome {
    // To drop a future is to cancel its statement. The only connection is not lost: it answers the next one.
    let db = Config::new(url)?.pool_size(1).connect().await?;
    let pid = async || sql("SELECT pg_backend_pid()").scalar::<i32>(&db).await;
    let before = pid().await?;
    let slow = sql("SELECT pg_sleep(60)");
    assert!(timeout(MOMENT, slow.execute(&db)).await.is_err());
    assert_eq!(pid().await?, before);

    // This one makes the server end its session in the middle, and nobody knows whether it was carried out.
    let write = "UPDATE outcomes_jobs SET done = true WHERE CASE pg_backend_pid()
        WHEN $1 THEN pg_terminate_backend($1) AND pg_sleep(60) IS NULL ELSE true END";
    let error = sql(write).bind(before).execute(&db).await.err();
    assert!(error.is_some_and(|error| error.kind() == ErrorKind::OutcomeUnknown));
    // It goes out once more, on another connection, if it is said that this makes no difference.
    let again = sql(write).bind(pid().await?).idempotent();
    assert_eq!(again.execute(&db).await?, 1);
    Ok(())
}

async fn add(name: &str, executor: &impl Executor) -> Result<()> {
    let (name, done) = (name.to_owned(), false);
    Job::insert(NewJob { name, done }).execute(executor).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
