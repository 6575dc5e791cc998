//! What users store and bind is in no span, metric, event, log record or error text.

use crate::blog::{NewUser, User};
use crate::events::Events;
use crate::observed::Observed;
use opentelemetry_sdk::trace::Sampler;
use ormcore::{Db, Error, Executor, Failure, sql};
use std::error::Error as _;
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

const EMAIL: &str = "grace.hopper@navy.example";
const PASSWORD: &str = "correct-horse-battery-staple";
/// A word of each, for those who would cut or quote it.
const TRACES: [&str; 4] = [
    "grace.hopper",
    "navy.example",
    "correct-horse",
    "battery-staple",
];

/// The driver speaks through the `log` crate, and would log parameters: everything it says is kept here.
struct Records(Mutex<Vec<String>>);

impl log::Log for Records {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let text = format!("{}: {}", record.target(), record.args());
        self.0.lock().expect("records").push(text);
    }

    fn flush(&self) {}
}

fn records() -> &'static Records {
    static RECORDS: OnceLock<&'static Records> = OnceLock::new();
    RECORDS.get_or_init(|| {
        let records: &'static Records = Box::leak(Box::new(Records(Mutex::default())));
        log::set_logger(records).expect("the first logger");
        log::set_max_level(log::LevelFilter::Trace);
        records
    })
}

/// The error in all its texts, and those of everything behind it.
fn texts(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}");
    let mut source = error.source();
    while let Some(cause) = source {
        text += &format!("\n{cause}\n{cause:?}");
        source = cause.source();
    }
    text
}

fn assert_clean(what: &str, text: &str) {
    for secret in TRACES {
        assert!(!text.contains(secret), "{what} holds {secret}: {text}");
    }
}

fn grace() -> NewUser {
    NewUser {
        name: PASSWORD.to_owned(),
        email: EMAIL.to_owned(),
        age: None,
    }
}

/// What PostgreSQL refuses to do with such a text, and mostly says which text it was.
const CASTS: [&str; 17] = [
    "SELECT $1::text::int",
    "SELECT $1::text::uuid",
    "SELECT $1::text::date",
    "SELECT $1::text::jsonb",
    "SELECT $1::text::int[]",
    "SELECT $1::text::inet",
    "SELECT $1::text::boolean",
    "SELECT $1::text::regclass",
    "SELECT $1::text::regrole",
    "SELECT set_config($1, 'x', true)",
    "SELECT to_number($1, $1)",
    "SELECT decode($1, 'base64')",
    "INSERT INTO posts (author_id, title) VALUES (99, $1)",
    "INSERT INTO users (name, email) VALUES (NULL, $1)",
    "INSERT INTO checked VALUES ($1)",
    "INSERT INTO short VALUES ($1)",
    "INSERT INTO picky VALUES ($1::text::mood)",
];

async fn refused<T>(work: impl Future<Output = Result<T, Error>>) -> Error {
    work.await.map(|_| ()).expect_err("a refusal")
}

/// Every way a value can go wrong; each must fail, or nothing would be tried.
async fn failures(executor: &impl Executor) -> Vec<Error> {
    let mut errors = vec![
        refused(User::insert(grace()).execute(executor)).await,
        refused(User::insert_many(vec![grace(), grace()]).all(executor)).await,
        refused(
            User::find()
                .filter(User::EMAIL.eq(format!("{EMAIL}\0")))
                .all(executor),
        )
        .await,
    ];
    for text in CASTS {
        errors.push(refused(sql(text).bind(PASSWORD.to_owned()).execute(executor)).await);
    }
    errors
}

async fn tables(db: &Db) -> Result<(), Error> {
    sql("CREATE TABLE checked (word text CHECK (length(word) < 3));
         CREATE TABLE short (word varchar(3));
         CREATE TYPE mood AS ENUM ('sad', 'happy');
         CREATE TABLE picky (word mood)")
    .batch(db)
    .await
}

#[tokio::test]
async fn no_value_is_in_anything_that_is_told() {
    assert_nothing_tells(None, "ormcore.statement").await;
}

#[tokio::test]
async fn no_value_is_in_what_is_told_of_slow_statements() {
    // Every statement is slow.
    assert_nothing_tells(Some(Duration::ZERO), "ormcore.slow_statement").await;
}

async fn assert_nothing_tells(slow: Option<Duration>, event: &str) {
    let records = records();
    let (events, _guard) = Events::keep();
    let slow = |config: ormcore::Config| config.slow_statement(slow);
    let blog = Observed::blog_with(Sampler::AlwaysOn, slow).await;
    let db = &blog.db;
    tables(db).await.expect("tables");

    let stored = User::insert(grace()).one(db).await.expect("a user");
    assert_eq!(
        (stored.email.as_str(), stored.name.as_str()),
        (EMAIL, PASSWORD)
    );
    let found = User::find().filter(User::EMAIL.eq(EMAIL)).all(db).await;
    assert_eq!(found.expect("users").len(), 1);
    let patch = User::update(stored.id).set(User::NAME, PASSWORD);
    patch.one(db).await.expect("a user");
    sql("SELECT * FROM users WHERE name = $1")
        .bind(PASSWORD.to_owned())
        .all::<User>(db)
        .await
        .expect("users");

    let errors = failures(db).await;
    assert!(
        errors
            .iter()
            .any(|error| error.detail().is_some_and(|detail| detail.contains(EMAIL)))
    );
    for error in &errors {
        assert_clean("an error", &texts(error));
    }
    // A session knows which row was wrong, and does not say what was in it.
    let mut session = db.session();
    let known = session.get::<User>(stored.id).await.expect("a user");
    session[known].name.push('!');
    session.flush().await.expect("a flush");
    session.add(grace());
    let taken = refused(session.commit()).await;
    assert_clean("an error of a session", &texts(&taken));
    // Of several it asks which it was.
    session.add(NewUser {
        email: "x@example.org".to_owned(),
        ..grace()
    });
    let taken = refused(session.commit()).await;
    assert_clean("an error of one row of several", &texts(&taken));
    let one = session.failure().and_then(Failure::row::<User>);
    assert!(one.is_some(), "{taken}");
    let told = format!("{session:?}{:?}{:?}", session.failure(), session.changes());
    assert_clean("a session", &told);
    // The error of a commit says why it cannot be.
    for text in CASTS {
        let tx = db.begin().await.expect("a transaction");
        refused(sql(text).bind(PASSWORD.to_owned()).execute(&tx)).await;
        assert_clean("a commit's error", &texts(&refused(tx.commit()).await));
    }

    let spans = blog.spans();
    assert!(spans.len() > errors.len());
    assert_clean("a span", &format!("{spans:?}"));
    assert_clean("a metric", &format!("{:?}", blog.metrics()));

    let told = events.all();
    for name in [event, "ormcore.statement_failed"] {
        assert!(
            told.iter().any(|event| event.name == name),
            "{name} was told"
        );
    }
    assert_clean("an event", &format!("{told:?}"));

    let logged = records.0.lock().expect("records").join("\n");
    assert!(
        logged.contains("tokio_postgres"),
        "the driver logged: {logged}"
    );
    assert_clean("a record of the driver", &logged);
}

#[tokio::test]
async fn what_is_about_to_be_stored_is_not_in_its_debug_text() {
    // `email` is marked as sensitive.
    assert!(!format!("{:?}", grace()).contains(EMAIL));
    let insert = format!("{:?}", User::insert(grace()));
    assert!(!insert.contains(EMAIL), "{insert}");
    let question = User::find().filter(User::EMAIL.eq(EMAIL));
    assert_clean("a question", &format!("{question:?}"));
    assert_clean(
        "sql",
        &format!("{:?}", sql("SELECT $1").bind(PASSWORD.to_owned())),
    );
    let change = User::update(1).set(User::NAME, PASSWORD);
    assert_clean("a change", &format!("{change:?}"));
}

#[tokio::test]
async fn the_password_of_a_connection_is_in_no_error_and_no_debug_text() {
    let database = crate::observed::database();
    let wrong = |from: &str| {
        let config: tokio_postgres::Config = database.url().parse().expect("an address");
        let password = String::from_utf8(config.get_password().expect("one").to_vec());
        database.url().replace(&password.expect("text"), from)
    };
    let config = ormcore::Config::new(&wrong(PASSWORD)).expect("a URL");
    assert_clean("a configuration", &format!("{config:?}"));
    assert_clean("a refusal", &texts(&config.connect().await.unwrap_err()));
    for url in [
        // A password that somebody forgot to quote, and such mistakes.
        format!("host=localhost password=se {PASSWORD}=1"),
        format!("host=localhost password='{PASSWORD}"),
        format!("host=localhost port={PASSWORD}"),
    ] {
        let error = ormcore::Config::new(&url).map(|_| ()).unwrap_err();
        assert_clean("a mistake in a URL", &texts(&error));
    }
}
