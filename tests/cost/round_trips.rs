//! How many round trips each operation takes: the first time on a connection, and from then on.

use crate::library::library;
use crate::lockstep::Lockstep;
use crate::operations::Table;
use std::sync::Arc;
use tokio_postgres::NoTls;

/// One lost is a failure, and so is one saved: then the table is to be set to it.
const TABLE: &str = "
                                         cold  warm
get                                         2     1
find                                        2     1
count                                       2     1
exists                                      2     1
insert one                                  2     1
insert one, not returning it                2     1
insert 100                                  2     1
insert 100, returning them                  2     1
copy 100                                    3     2
update                                      2     1
update, returning it                        2     1
delete                                      2     1
joined                                      2     1
select-in, one level                        4     2
select-in, two levels                       6     3
select-in, three levels                     8     4
select-in, two relations                    4     2
select-in, three relations                  4     2
select-in, relations on two levels          6     3
joined, with relations of its own           4     2
lazy load, to one                           2     1
lazy load, to many                          2     1
raw sql                                     2     1
raw batch                                   1     1
transaction, empty                          0     0
transaction, one read                       3     2
transaction, one write                      3     2
transaction, one write, traceable           3     2
transaction, one write, retried             3     2
transaction, three writes                   5     4
transaction, one write, rolled back         3     2
transaction, write, savepoint with write    6     5
transaction, savepoint rolled back          6     5
transaction, three relations                5     3
session, nothing changed                    2     1
session, one row added                      3     2
session, a row and two that refer to it     5     3
session, 1 000 rows added                   3     2
session, 1 000 rows read and changed        5     3
session, one row each way                   7     4
";

#[test]
fn operations_take_no_more_round_trips_than_they_must() {
    let lockstep = Arc::new(Lockstep::default());
    let runtime = lockstep.runtime();
    let found = runtime.block_on(Table::of_operations(&lockstep));
    let differing: Vec<&str> = found
        .lines()
        .filter(|line| !TABLE.lines().any(|expected| expected == *line))
        .collect();
    assert!(
        found == TABLE,
        "these differ: {differing:#?}; what was found is:\n{found}"
    );
}

/// A type that is guessed may mean something else than the one the server infers. So the first connection of a `Db` asks
/// before it sends; the others know what it was told. Rows that were written are not read so (see `db/first.rs`).
const NEXT_CONNECTION: &str = "
                                        first  next  then
get                                         2     1     1
find                                        2     1     1
count                                       2     1     1
select-in, one level                        4     2     2
update                                      2     1     1
delete                                      2     1     1
insert one, not returning it                2     1     1
insert one                                  2     2     1
raw sql                                     2     2     1
transaction, one read                       3     2     2
";

#[test]
fn what_one_connection_has_learned_saves_the_next_one_a_round_trip() {
    let lockstep = Arc::new(Lockstep::default());
    let runtime = lockstep.runtime();
    let found = runtime.block_on(Table::of_connections(&lockstep));
    assert_eq!(found, NEXT_CONNECTION, "what was found is:\n{found}");
}

/// The measure itself: what is sent together is one round trip, what waits for a reply is one each.
#[test]
fn a_round_trip_is_a_turn() {
    let lockstep = Arc::new(Lockstep::default());
    lockstep.runtime().block_on(async {
        let database = library();
        let (url, port) = lockstep.before(database.url());
        let (client, connection) = tokio_postgres::connect(&url, NoTls)
            .await
            .expect("a client");
        tokio::spawn(connection);
        let counted = Arc::clone(&lockstep);
        let asked = tokio::spawn(async move {
            let one = || client.simple_query("SELECT 1");
            for _ in 0..50 {
                counted.turns();
                let (first, second, third) = tokio::join!(one(), one(), one());
                assert!(first.is_ok() && second.is_ok() && third.is_ok());
                assert_eq!(counted.turns(), 1);
                for _ in 0..3 {
                    assert!(one().await.is_ok());
                }
                assert_eq!(counted.turns(), 3);
            }
        });
        asked.await.expect("no panic");
        lockstep.close(port);
    });
}
