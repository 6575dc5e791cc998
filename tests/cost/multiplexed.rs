//! What reads that share a connection save: they do not wait for each other's replies.

use crate::library::{Person, library};
use crate::lockstep::Lockstep;
use ormcore::Config;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

#[test]
fn reads_on_one_connection_take_one_round_trip_together() {
    let lockstep = Arc::new(Lockstep::default());
    let runtime = lockstep.runtime();
    runtime.block_on(async {
        let database = library();
        let (proxied, port) = lockstep.before(database.url());
        let config = Config::new(&proxied).expect("a URL").pool_size(1);
        let config = config.wait_timeout(Duration::from_millis(50));
        let db = config.multiplexed_reads(1).connect().await;
        let (db, counted) = (db.expect("a connection"), Arc::clone(&lockstep));
        let asked = tokio::spawn(async move {
            // Whatever is read from now on is read without the pool.
            let tx = db.begin().await.expect("the only connection");
            while Person::get(1).one(&db).await.is_err() {}
            counted.turns();
            let mut reads = JoinSet::new();
            for _ in 0..16 {
                let db = db.clone();
                reads.spawn(async move { Person::get(1).one(&db).await.map(|ada| ada.id) });
            }
            while let Some(read) = reads.join_next().await {
                assert!(matches!(read, Ok(Ok(1))), "{read:?}");
            }
            let turns = counted.turns();
            tx.rollback().await.expect("nothing to undo");
            turns
        });
        assert_eq!(asked.await.expect("no panic"), 1);
        lockstep.close(port);
    });
}
