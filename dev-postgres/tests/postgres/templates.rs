//! Databases cloned from one that was migrated.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use dev_postgres::{Cluster, Error, Server, Template};

use crate::support::{ask, connect};

static NOTES: Template = Template::new("notes", |url| {
    Box::pin(async move {
        let client = connect(&url).await;
        client
            .batch_execute("CREATE TABLE notes (body text); INSERT INTO notes VALUES ('first')")
            .await?;
        Ok(())
    })
});

const COUNT: &str = "SELECT count(*)::text FROM notes";

#[tokio::test]
async fn clones_have_what_was_migrated_and_nothing_of_one_another() -> Result<(), Error> {
    let (one, other) = (NOTES.database()?, NOTES.database()?);
    let (one, other) = (connect(one.url()).await, connect(other.url()).await);
    one.batch_execute("INSERT INTO notes VALUES ('second')")
        .await
        .expect("a clone can be written");
    assert_eq!(
        (
            ask(&one, COUNT).await.as_str(),
            ask(&other, COUNT).await.as_str()
        ),
        ("2", "1")
    );
    Ok(())
}

/// PostgreSQL clones nothing anyone is connected to.
#[tokio::test]
async fn a_connection_the_migration_left_open_is_in_nobodys_way() -> Result<(), Error> {
    static LEAKY: Template = Template::new("leaky", |url| {
        Box::pin(async move {
            let (url, (sender, receiver)) = (url.clone(), std::sync::mpsc::channel());
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()?;
                runtime.block_on(async {
                    let client = connect(&url).await;
                    client
                        .batch_execute("CREATE TABLE notes (body text)")
                        .await
                        .expect("a table");
                    let _ = sender.send(());
                    let _ = client.batch_execute("SELECT pg_sleep(60)").await;
                });
                Ok::<(), std::io::Error>(())
            });
            Ok(receiver.recv()?)
        })
    });
    let database = LEAKY.database()?;
    let client = connect(database.url()).await;
    assert_eq!(ask(&client, COUNT).await, "0");
    Ok(())
}

#[tokio::test]
async fn processes_on_one_server_share_the_migrated_template() -> Result<(), Error> {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    static SHARED: Template = Template::new("shared", |url| {
        Box::pin(async move {
            RUNS.fetch_add(1, Ordering::Relaxed);
            Ok(connect(&url)
                .await
                .batch_execute("CREATE TABLE notes (body text)")
                .await?)
        })
    });
    let server = Server::start()?;
    // Each cluster is what one more process would have.
    let processes: Vec<_> = (0..4)
        .map(|_| {
            let cluster = Cluster::at(&server.url("postgres"));
            thread::spawn(move || SHARED.database_in(&cluster?))
        })
        .collect();
    for process in processes {
        let database = process.join().expect("no panic")?;
        let client = connect(database.url()).await;
        assert_eq!(ask(&client, COUNT).await, "0");
    }
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn a_migration_that_fails_is_the_error_of_every_test() {
    static BROKEN: Template = Template::new("broken", |_| {
        Box::pin(async { Err("no such column".into()) })
    });
    for _ in 0..2 {
        let error = BROKEN.database().expect_err("no database");
        assert_eq!(
            error.to_string(),
            "cannot make the template \"broken\": no such column"
        );
    }
}

#[test]
fn a_migration_that_panics_is_an_error_too() {
    static PANICKY: Template =
        Template::new("panicky", |_| Box::pin(async { panic!("as intended") }));
    let error = PANICKY.database().expect_err("no database");
    assert_eq!(
        error.to_string(),
        "cannot make the template \"panicky\": its migration panicked"
    );
}

#[test]
fn a_template_is_not_named_what_a_server_would_cut_or_misread() {
    static QUOTED: Template = Template::new("a\"b", |_| Box::pin(async { Ok(()) }));
    let error = QUOTED.database().expect_err("no database");
    assert!(
        error.to_string().contains("cannot name a template"),
        "{error}"
    );
}
