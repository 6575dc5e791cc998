//! A database for each test.

use std::thread;
use std::time::{Duration, Instant};

use dev_postgres::{Cluster, Error, Server, TestDatabase};
use tokio::runtime::Builder;

use crate::support::{ask, connect, exists};

#[tokio::test]
async fn a_blank_database_has_no_tables() -> Result<(), Error> {
    let database = TestDatabase::create()?;
    let client = connect(database.url()).await;
    let tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(ask(&client, tables).await, "0");
    assert_eq!(
        ask(&client, "SELECT current_database()::text").await,
        database.name()
    );
    Ok(())
}

#[test]
fn forty_tests_at_once_get_forty_databases() {
    let test = || {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let database = TestDatabase::create().expect("a database");
            let client = connect(database.url()).await;
            client
                .batch_execute("CREATE TABLE mine (); INSERT INTO mine DEFAULT VALUES")
                .await
                .expect("it is empty");
            ask(&client, "SELECT count(*)::text FROM mine").await
        })
    };
    let tests: Vec<_> = (0..40).map(|_| thread::spawn(test)).collect();
    assert!(
        tests
            .into_iter()
            .all(|test| test.join().is_ok_and(|count| count == "1"))
    );
}

#[tokio::test]
async fn a_database_goes_with_its_value_even_when_connections_are_open() -> Result<(), Error> {
    let cluster = Cluster::shared()?;
    let database = TestDatabase::create()?;
    let name = database.name().to_owned();
    let _open = connect(database.url()).await;
    assert!(exists(&cluster, &name).await);
    drop(database);
    is_gone(&cluster, &name).await;
    Ok(())
}

#[tokio::test]
async fn dropping_a_database_does_not_wait_for_the_server() -> Result<(), Error> {
    let cluster = Cluster::of(Server::start()?)?;
    let database = cluster.database()?;
    let name = database.name().to_owned();
    let client = connect(&cluster.url("postgres")?).await;
    let lock = "BEGIN; LOCK TABLE pg_database IN SHARE MODE";
    client
        .batch_execute(lock)
        .await
        .expect("the catalog is locked");
    // Would wait for the lock, which only this test gives back.
    drop(database);
    assert!(exists(&cluster, &name).await);
    client
        .batch_execute("COMMIT")
        .await
        .expect("the catalog is free");
    is_gone(&cluster, &name).await;
    Ok(())
}

async fn is_gone(cluster: &Cluster, name: &str) {
    let started = Instant::now();
    while exists(cluster, name).await {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{name} is still there"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_cluster_may_end_inside_an_async_test() -> Result<(), Error> {
    let cluster = Cluster::of(Server::start()?)?;
    let database = cluster.database()?;
    let client = connect(database.url()).await;
    assert_eq!(ask(&client, "SELECT 'here'").await, "here");
    drop((database, cluster));
    Ok(())
}
