//! Transactions that meet: what they see of each other, how long they wait, what is run again, which parts are undone.
//! `transactions` comes before it, `outcomes` behind.
//! Run it with `cargo run --example isolation`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Error, ErrorKind, Executor, Isolation, Result, entities, sql};
use std::cell::Cell;
use std::time::Duration;
use tokio::time::sleep;

/// Somebody has to be on call at any time.
#[derive(Entity, Debug)]
#[orm(table = "isolation_doctors", insert(NewDoctor))]
struct Doctor {
    #[orm(primary_key)]
    name: String,
    on_call: bool,
}

type Outcome = std::result::Result<(), Box<dyn std::error::Error>>;

const MOMENT: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Outcome {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Doctor]).await?;
    what_is_seen(&db).await?;
    run_again(&db).await?;
    deadlock(&db).await?;
    limits(&db).await?;
    parts(&db).await?;
    shared_locks(&db).await?;
    sql("DROP TABLE isolation_doctors").batch(&db).await?;
    Ok(())
}

async fn what_is_seen(db: &Db) -> Outcome {
    let levels = [
        (Isolation::ReadCommitted, 1),
        (Isolation::RepeatableRead, 2),
        (Isolation::Serializable, 2),
    ];
    for (isolation, seen) in levels {
        ada_and_bob(db).await?;
        let tx = db.begin().isolation(isolation).await?;
        assert_eq!(on_call(&tx).await?, 2);
        set("ada", false, db).await?;
        assert_eq!(on_call(&tx).await?, seen, "{isolation:?}");
        // Who still sees the row as it was cannot write it.
        let written = set("ada", true, &tx).await.map_err(|error| error.kind());
        let expected = match isolation {
            Isolation::ReadCommitted => Ok(1),
            _ => Err(ErrorKind::Serialization),
        };
        assert_eq!(written, expected, "{isolation:?}");
        tx.rollback().await?;
        println!("{isolation:?} saw {seen} of 2");
    }

    // A long report waits until nobody can get in its way, and gets in nobody's.
    let report = db.begin().isolation(Isolation::Serializable);
    let report = report.read_only().deferrable().await?;
    assert_eq!(on_call(&report).await?, 1);
    let refused = set("ada", true, &report).await.err();
    assert!(refused.is_some_and(|error| error.kind() == ErrorKind::ReadOnly));
    report.rollback().await?;
    Ok(())
}

async fn run_again(db: &Db) -> Outcome {
    ada_and_bob(db).await?;
    // Ada may go home because Bob stays, and Bob because Ada does: one after the other, only one of them may.
    let runs = Cell::new(0);
    let home = db.begin().isolation(Isolation::Serializable).retry(3);
    let home = home.back_off(MOMENT, MOMENT * 4).run(async |tx| {
        runs.set(runs.get() + 1);
        if on_call(tx).await? < 2 {
            return Ok::<_, Error>(false);
        }
        if runs.get() == 1 {
            let other = db.begin().isolation(Isolation::Serializable).await?;
            assert_eq!(on_call(&other).await?, 2);
            set("bob", false, &other).await?;
            other.commit().await?;
        }
        set("ada", false, tx).await?;
        Ok(true)
    });
    assert!(!home.await?, "Bob was faster");
    assert_eq!((runs.get(), on_call(db).await?), (2, 1));
    println!("Ada stays, as she found out at the second time");

    // A lock that was not to be had is no reason to run again, unless that is said.
    let runs = Cell::new(0);
    let other = db.begin().await?;
    set("ada", true, &other).await?;
    let other = Cell::new(Some(other));
    let retry = db.begin().lock_timeout(MOMENT).retry(1);
    let retry = retry.on_lock_not_available().back_off(MOMENT, MOMENT);
    let written = retry.run(async |tx| {
        runs.set(runs.get() + 1);
        let written = set("ada", false, tx).await;
        if let Some(other) = other.take() {
            other.rollback().await?;
        }
        written
    });
    assert_eq!((written.await?, runs.get()), (1, 2));
    Ok(())
}

async fn deadlock(db: &Db) -> Outcome {
    ada_and_bob(db).await?;
    let (first, second) = (db.begin().await?, db.begin().await?);
    set("ada", false, &first).await?;
    set("bob", false, &second).await?;
    // Each waits for the other. PostgreSQL sees that after a second, and chooses who has to go.
    let (one, other) = tokio::join!(set("bob", false, &first), set("ada", false, &second));
    let errors: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    let [error] = errors.as_slice() else {
        return Err("one of them goes on".into());
    };
    assert_eq!(error.kind(), ErrorKind::Deadlock);
    assert!(error.is_retryable());
    println!("{error}");
    first.rollback().await?;
    second.rollback().await?;
    Ok(())
}

async fn limits(db: &Db) -> Outcome {
    // For each statement.
    let tx = db.begin().statement_timeout(MOMENT).await?;
    let slow = sql("SELECT pg_sleep(60)").execute(&tx).await.err();
    assert!(slow.is_some_and(|error| error.kind() == ErrorKind::Timeout));
    // What failed cannot be committed.
    let undone = tx.commit().await.err();
    assert!(undone.is_some_and(|error| error.kind() == ErrorKind::TransactionAborted));

    // For the time between two statements: a transaction that is left lying keeps others waiting.
    let tx = db.begin().idle_timeout(MOMENT).await?;
    set("ada", false, &tx).await?;
    let pid: i32 = sql("SELECT pg_backend_pid()").scalar(&tx).await?;
    let there = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)";
    while sql(there).bind(pid).scalar(db).await? {
        sleep(MOMENT).await;
    }
    let ended = tx.commit().await.err().ok_or("it was committed")?;
    assert!(!ended.is_outcome_unknown(), "{ended}");
    assert_eq!(on_call(db).await?, 2);
    println!("{ended}");
    Ok(())
}

async fn parts(db: &Db) -> Outcome {
    ada_and_bob(db).await?;
    let mut tx = db.begin().await?;
    // A closure is kept when it returns `Ok`. What fails in a part fails the part alone.
    let twice = tx.attempt(async |part| hire("ada", part).await).await.err();
    assert!(twice.is_some_and(|error| error.is_unique_violation()));
    tx.attempt(async |part| hire("cem", part).await).await?;
    // A guard is kept when it is released, and may have parts of its own.
    let mut part = tx.savepoint().await?;
    hire("dora", &part).await?;
    let inner = part.savepoint().await?;
    hire("eve", &inner).await?;
    inner.rollback().await?;
    part.release().await?;
    tx.commit().await?;
    let names = Doctor::find().order_by(Doctor::NAME).select(Doctor::NAME);
    assert_eq!(names.all(db).await?, ["ada", "bob", "cem", "dora"]);

    // All of it.
    let tx = db.begin().await?;
    hire("eve", &tx).await?;
    tx.rollback().await?;
    assert_eq!(Doctor::find().count(db).await?, 4);
    Ok(())
}

async fn shared_locks(db: &Db) -> Outcome {
    // Many may read the rota together; who draws up a new one is alone.
    let (one, other) = (db.begin().await?, db.begin().await?);
    one.advisory_lock_shared("rota").await?;
    assert!(other.try_advisory_lock_shared("rota").await?);
    assert!(!other.try_advisory_lock("rota").await?);
    one.commit().await?;
    assert!(other.try_advisory_lock("rota").await?);
    // The same across transactions.
    assert!(db.try_advisory_lock_shared("rota").await?.is_none());
    other.commit().await?;
    let reader = db.advisory_lock_shared("rota").await?;
    assert!(reader.is_held() && db.try_advisory_lock("rota").await?.is_none());
    reader.release().await?;
    Ok(())
}

/// Ada and Bob, who both are on call.
async fn ada_and_bob(db: &Db) -> Result<()> {
    Doctor::delete().all_rows().execute(db).await?;
    hire("ada", db).await?;
    hire("bob", db).await
}

async fn hire(name: &str, executor: &impl Executor) -> Result<()> {
    let (name, on_call) = (name.to_owned(), true);
    let hired = Doctor::insert(NewDoctor { name, on_call });
    hired.execute(executor).await?;
    Ok(())
}

async fn set(name: &str, on_call: bool, executor: &impl Executor) -> Result<u64> {
    let doctor = Doctor::update(name.to_owned());
    doctor.set(Doctor::ON_CALL, on_call).execute(executor).await
}

async fn on_call(executor: &impl Executor) -> Result<u64> {
    let on_call = Doctor::find().filter(Doctor::ON_CALL.eq(true));
    on_call.count(executor).await
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
