//! How it is told that a transaction was run again: once, on its own span.

use crate::blog::User;
use crate::measured::metric;
use crate::observed::Observed;
use crate::tree_text::tree;
use ormcore::{Error, ErrorKind, sql};
use std::time::Duration;

#[tokio::test]
async fn a_transaction_that_is_run_again_is_one_span_and_says_why() {
    let blog = Observed::blog().await;
    let runs = std::cell::Cell::new(0);
    let (first, longest) = (Duration::from_millis(1), Duration::from_millis(2));
    let retried = blog.db.begin().retry(2).back_off(first, longest);
    let count = retried.run(async |tx| {
        let count = User::find().count(tx).await?;
        runs.set(runs.get() + 1);
        for (run, code) in [(1, "40001"), (2, "40P01")] {
            if runs.get() == run {
                let refusal = format!("DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$");
                sql(refusal).summary("DO").execute(tx).await?;
            }
        }
        Ok::<_, Error>(count)
    });
    assert_eq!(count.await.expect("a count"), 0);

    let spans = blog.spans();
    assert_eq!(
        tree(&spans),
        "
db.transaction [INTERNAL] status=committed attempts=3
  db.query.count [CLIENT] collection=users count=1
  db.query.raw [CLIENT] error=40001 ERROR
  db.query.count [CLIENT] collection=users count=1
  db.query.raw [CLIENT] error=40P01 ERROR
  db.query.count [CLIENT] collection=users count=1
"
    );
    let transaction = spans.iter().find(|span| span.name == "db.transaction");
    let events = transaction.expect("a transaction").events.iter();
    let told: Vec<_> = events
        .map(|event| {
            let attribute = |name: &str| {
                let found = event
                    .attributes
                    .iter()
                    .find(|found| found.key.as_str() == name);
                found.expect("an attribute").value.to_string()
            };
            let delay: f64 = attribute("ormcore.retry.delay").parse().expect("seconds");
            assert!((0.0..=0.002).contains(&delay), "{delay}");
            format!(
                "{} {} {}",
                event.name,
                attribute("ormcore.retry.attempt"),
                attribute("error.type")
            )
        })
        .collect();
    assert_eq!(
        told,
        ["db.retry 1 serialization_failure", "db.retry 2 deadlock"]
    );
    let metrics = blog.metrics();
    let retries = metric(&metrics, "ormcore.transaction.retries");
    for reason in ["serialization_failure", "deadlock"] {
        assert_eq!(retries.point("error.type", reason).value, 1.0, "{reason}");
    }
    let transactions = metric(&metrics, "ormcore.transaction.duration");
    assert_eq!(transactions.observations(), 1);
}

#[tokio::test]
async fn one_that_never_works_ends_as_it_did_the_last_time() {
    let blog = Observed::blog().await;
    let short = Duration::from_millis(1);
    let refused = blog.db.begin().retry(1).back_off(short, short);
    let refused = refused.run(async |tx| {
        let refusal = "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$";
        let _ = sql(refusal).execute(tx).await;
        Ok::<_, Error>(())
    });
    let error = refused.await.expect_err("a refusal");
    assert_eq!(error.kind(), ErrorKind::TransactionAborted);

    assert_eq!(
        tree(&blog.spans()),
        "
db.transaction [INTERNAL] status=failed attempts=2 error=transaction_aborted ERROR
  db.query.raw [CLIENT] error=40001 ERROR
  db.query.raw [CLIENT] error=40001 ERROR
"
    );
}
