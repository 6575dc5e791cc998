//! Moves money in transactions: committed, rolled back by an error, rolled back in part, dropped,
//! run again when somebody else got in the way, locked, and asked about afterwards.
//! Run it with `cargo run --example transactions`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Db, Entity, Event, Executor, Isolation, Result, TransactionStatus, entities, sql};
use std::cell::Cell;
use std::time::Duration;

#[derive(Entity, Debug)]
#[orm(table = "transactions_accounts", insert(NewAccount))]
struct Account {
    #[orm(primary_key)]
    owner: String,
    #[orm(constraint = "covered")]
    cents: i64,
}

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Account]).await?;
    let never_less_than_nothing = "ALTER TABLE transactions_accounts \
        DROP CONSTRAINT IF EXISTS covered, ADD CONSTRAINT covered CHECK (cents >= 0)";
    sql(never_less_than_nothing).batch(&db).await?;
    Account::delete().all_rows().execute(&db).await?;
    for owner in ["ada", "bob"] {
        let (owner, cents) = (owner.to_owned(), 100);
        let new = NewAccount { owner, cents };
        Account::insert(new).execute(&db).await?;
    }
    report(&db, "at first", [100, 100]).await?;

    // Committed when the work returns `Ok`.
    db.transaction(async |tx| transfer(tx, "ada", "bob", 30).await)
        .await?;
    report(&db, "30 moved", [70, 130]).await?;

    // Rolled back when it returns an error: what was added to one side is taken back too.
    let outcome = db
        .transaction(async |tx| transfer(tx, "ada", "bob", 500).await)
        .await;
    let uncovered = outcome.is_err_and(|error| error.is_violation_of(Account::CENTS));
    assert!(uncovered);
    report(&db, "nothing moved", [70, 130]).await?;

    // Rolled back in part: a savepoint that is dropped undoes what came after it, and the rest goes on.
    let mut tx = db.begin().await?;
    transfer(&tx, "ada", "bob", 20).await?;
    {
        let attempt = tx.savepoint().await?;
        let refused = transfer(&attempt, "bob", "ada", 9_000).await;
        assert!(refused.is_err());
    }
    tx.commit().await?;
    report(&db, "20 moved", [50, 150]).await?;

    // The same with a closure: it is kept when it returns `Ok`.
    db.transaction(async |tx| {
        let refused = tx.attempt(async |part| transfer(part, "bob", "ada", 9_000).await);
        assert!(refused.await.is_err());
        transfer(tx, "bob", "ada", 5).await
    })
    .await?;
    report(&db, "5 moved back", [55, 145]).await?;

    // Dropped without a commit: rolled back.
    let tx = db.begin().await?;
    transfer(&tx, "bob", "ada", 100).await?;
    drop(tx);
    report(&db, "nothing moved", [55, 145]).await?;

    let runs = evened_out(&db).await?;
    report(&db, &format!("evened out in {runs} runs"), [100, 100]).await?;

    // Only one program at a time gets past the lock, which ends with the transaction; and this one can be asked about.
    let begin = db.begin().traceable().lock_timeout(Duration::from_secs(5));
    let tx = begin.await?;
    tx.advisory_lock("transfers").await?;
    transfer(&tx, "ada", "bob", 10).await?;
    let id = tx.id().ok_or("it was begun as traceable")?;
    let before = db.transaction_status(id).await?;
    tx.commit().await?;
    let after = db.transaction_status(id).await?;
    println!("before the commit: {before:?}, after it: {after:?}");
    assert_eq!(after, TransactionStatus::Committed);
    assert_ne!(before, after);
    report(&db, "10 moved", [90, 110]).await?;

    // A lock of its own outlives transactions: whoever has it leads, until it is given back.
    let leader = db.advisory_lock("leader").await?;
    let other = db.try_advisory_lock("leader").await?;
    assert!(other.is_none());
    leader.release().await?;

    // Who listens hears of it when it is committed, and not before.
    let mut events = db.listen(["transfers"]).await?;
    let tx = db.begin().await?;
    transfer(&tx, "bob", "ada", 5).await?;
    tx.notify("transfers", "5 from bob to ada").await?;
    tx.commit().await?;
    if let Some(Event::Notification { payload, .. }) = events.next().await {
        println!("heard: {payload}");
        assert_eq!(payload, "5 from bob to ada");
    }
    Ok(())
}

/// Moves half of the difference, whatever others do meanwhile. Says how many runs that took.
async fn evened_out(db: &Db) -> Result<u32> {
    let runs = Cell::new(0);
    db.begin()
        .isolation(Isolation::Serializable)
        .retry(3)
        .run(async |tx| {
            runs.set(runs.get() + 1);
            let (ada, bob) = (cents(tx, "ada").await?, cents(tx, "bob").await?);
            if runs.get() == 1 {
                // Somebody else is faster: what was read is no longer so, and the first run cannot be kept.
                transfer(db, "ada", "bob", 3).await?;
            }
            transfer(tx, "bob", "ada", (bob - ada) / 2).await
        })
        .await?;
    Ok(runs.get())
}

async fn cents(executor: &impl Executor, owner: &str) -> Result<i64> {
    let account = Account::get(owner.to_owned()).one(executor).await?;
    Ok(account.cents)
}

/// Runs on whatever can run statements; here always a transaction, or a part of one.
async fn transfer(executor: &impl Executor, from: &str, to: &str, cents: i64) -> Result<()> {
    for (owner, change) in [(to, cents), (from, -cents)] {
        sql("UPDATE transactions_accounts SET cents = cents + $1 WHERE owner = $2")
            .summary("UPDATE transactions_accounts")
            .bind(change)
            .bind(owner.to_owned())
            .execute(executor)
            .await?;
    }
    Ok(())
}

async fn report(db: &Db, when: &str, expected: [i64; 2]) -> Result<()> {
    let accounts = Account::find().order_by(Account::OWNER).all(db).await?;
    let amounts: Vec<_> = accounts
        .iter()
        .map(|account| format!("{} has {}", account.owner, account.cents))
        .collect();
    println!("{when}: {}", amounts.join(", "));
    let cents: Vec<i64> = accounts.iter().map(|account| account.cents).collect();
    assert_eq!(cents, expected);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
