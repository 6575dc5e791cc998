//! The ways in which a statement fails: provoked, told apart, and answered. None of the errors tells a value.
//! `errors` comes first. Run it with `cargo run --example failures`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::{Config, Db, Entity, Error, ErrorKind, Isolation, One, Result, entities, sql};
use std::error::Error as _;
use std::time::Duration;

#[derive(Entity, Debug)]
#[orm(table = "failures_guests", insert(NewGuest))]
struct Guest {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    email: String,
    #[orm(constraint = "failures_adult")]
    age: i32,
    #[orm(version)]
    version: i32,
}

#[derive(Entity, Debug)]
#[orm(table = "failures_bookings", insert(NewBooking))]
struct Booking {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Guest))]
    guest_id: i64,
    room: String,
    #[orm(belongs_to(key = guest_id))]
    guest: One<Guest>,
}

/// The same table, by somebody who thinks that the room can be chosen later.
#[derive(Entity, Debug)]
#[orm(table = "failures_bookings", insert(NewHasty))]
struct Hasty {
    #[orm(primary_key, generated)]
    id: i64,
    guest_id: i64,
    room: Option<String>,
}

/// Each hotel of the house has its own.
#[derive(Entity, Debug)]
#[orm(table = "failures_notes")]
struct Note {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    hotel_id: i64,
    text: String,
}

type Outcome<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What is stored and bound here, and no error may tell.
const SECRETS: [&str; 3] = [ADA, SUITE, "1234567"];
const ADA: &str = "ada@hotel.example";
const SUITE: &str = "suite 4711";
const NOBODY: i64 = 1_234_567;
const MOMENT: Duration = Duration::from_millis(20);

/// What a web server would answer.
fn status(error: &Error) -> u16 {
    match error.kind() {
        ErrorKind::NotFound => 404,
        ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation | ErrorKind::StaleVersion => {
            409
        }
        ErrorKind::CheckViolation
        | ErrorKind::NotNullViolation
        | ErrorKind::Encode
        | ErrorKind::Invalid
        | ErrorKind::Refused => 422,
        ErrorKind::LockNotAvailable | ErrorKind::Timeout => 503,
        // Later it may go well: a serialization failure, a deadlock, a pool that is exhausted, a connection that ended.
        _ if error.is_retryable() => 503,
        // Nothing that the client could do better.
        _ => 500,
    }
}

/// The error of what went wrong as it was meant to: it has this kind, says where it was asked for, and tells no secret.
fn failed<T>(result: Result<T>, kind: ErrorKind, answer: u16) -> Outcome<Error> {
    let error = result.err().ok_or("it went well")?;
    assert_eq!((error.kind(), status(&error)), (kind, answer), "{error}");
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(
            !SECRETS.iter().any(|secret| text.contains(secret)),
            "{text}"
        );
    }
    println!("{answer} {error}\n");
    Ok(error)
}

#[tokio::main]
async fn main() -> Outcome {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Guest, Booking, Note]).await?;
    let check = "TRUNCATE failures_guests, failures_bookings;
                 ALTER TABLE failures_guests DROP CONSTRAINT IF EXISTS failures_adult,
                 ADD CONSTRAINT failures_adult CHECK (age >= 18)";
    sql(check).batch(&db).await?;
    let ada = Guest::insert(guest(ADA, 36)).one(&db).await?;
    Guest::insert(guest("bob@hotel.example", 40))
        .execute(&db)
        .await?;
    rows(&db, &ada).await?;
    constraints(&db, &ada).await?;
    others(&db, &ada).await?;
    waiting(&db, &database.url(), &ada).await?;
    never_sent(&db).await?;
    sql("DROP TABLE failures_notes, failures_bookings, failures_guests")
        .batch(&db)
        .await?;
    Ok(())
}

/// There are fewer rows than were asked for, or more, or they are not what they were.
async fn rows(db: &Db, ada: &Guest) -> Outcome {
    let error = failed(Guest::get(NOBODY).one(db).await, ErrorKind::NotFound, 404)?;
    assert!(error.is_not_found());
    // PostgreSQL had nothing against it.
    assert_eq!(error.code(), None);

    let one = Guest::find().filter(Guest::AGE.ge(18)).one(db).await;
    failed(one, ErrorKind::TooManyRows, 500)?;

    let older = || {
        Guest::update(ada.id)
            .version(ada.version)
            .set(Guest::AGE, 37)
    };
    older().execute(db).await?;
    failed(older().execute(db).await, ErrorKind::StaleVersion, 409)?;

    let booking = Booking::insert(booking(ada.id)).one(db).await?;
    failed(booking.guest.get(), ErrorKind::NotLoaded, 500)?;

    // The column is named, and what is in it is not.
    let text = "SELECT id, room AS guest_id, room FROM failures_bookings";
    let numbers = sql(text).all::<Booking>(db).await;
    let error = failed(numbers, ErrorKind::Decode, 500)?;
    assert!(error.to_string().contains("`guest_id`"), "{error}");
    let text = "SELECT id, guest_id, NULL AS room FROM failures_bookings";
    let rooms = sql(text).all::<Booking>(db).await;
    let error = failed(rooms, ErrorKind::Decode, 500)?;
    assert!(error.to_string().contains("`room` is NULL"), "{error}");
    Ok(())
}

/// A constraint says no: the entity knows which field that is about.
async fn constraints(db: &Db, ada: &Guest) -> Outcome {
    let twice = Guest::insert(guest(ADA, 20)).execute(db).await;
    let error = failed(twice, ErrorKind::UniqueViolation, 409)?;
    assert!(error.is_unique_violation() && error.is_unique_violation_of(Guest::EMAIL));
    assert_eq!(error.constraint(), Some("failures_guests_email_key"));
    assert_eq!(error.code(), Some("23505"));
    // The statement has placeholders, and the place is a line of this file.
    assert!(error.statement().is_some_and(|text| text.contains("$1")));
    assert!(
        error
            .location()
            .is_some_and(|place| place.file() == file!())
    );
    // Here it is, for those who may see it.
    assert!(error.detail().is_some_and(|detail| detail.contains(ADA)));

    let young = Guest::insert(guest("eve@hotel.example", 12))
        .execute(db)
        .await;
    let error = failed(young, ErrorKind::CheckViolation, 422)?;
    assert_eq!(error.constraint(), Some("failures_adult"));
    assert!(error.is_violation_of(Guest::AGE) && !error.is_violation_of(Guest::EMAIL));

    let stray = Booking::insert(booking(NOBODY)).execute(db).await;
    let error = failed(stray, ErrorKind::ForeignKeyViolation, 409)?;
    assert!(error.is_foreign_key_violation() && error.is_violation_of(Booking::GUEST_ID));
    // From the other side it is the same.
    let left = Guest::delete().key(ada.id).execute(db).await;
    let error = failed(left, ErrorKind::ForeignKeyViolation, 409)?;
    assert!(error.is_violation_of(Booking::GUEST_ID));

    let hasty = NewHasty {
        guest_id: ada.id,
        room: None,
    };
    let error = failed(
        Hasty::insert(hasty).execute(db).await,
        ErrorKind::NotNullViolation,
        422,
    )?;
    let place = (error.table(), error.column());
    assert_eq!(place, (Some("failures_bookings"), Some("room")));
    Ok(())
}

/// PostgreSQL has something against the statement itself.
async fn others(db: &Db, ada: &Guest) -> Outcome {
    let quotient = sql("SELECT 1 / (age - age) FROM failures_guests")
        .execute(db)
        .await;
    let error = failed(quotient, ErrorKind::Database, 500)?;
    assert_eq!(error.code(), Some("22012"));

    // Who has seen the row as it was cannot write what is newer.
    let tx = db.begin().isolation(Isolation::RepeatableRead).await?;
    Guest::get(ada.id).one(&tx).await?;
    let older = || Guest::update(ada.id).set(Guest::AGE, Guest::AGE + 1);
    older().execute(db).await?;
    let error = failed(older().execute(&tx).await, ErrorKind::Serialization, 503)?;
    assert!(error.is_retryable());
    // Behind a failure there is nothing to commit.
    failed(tx.commit().await, ErrorKind::TransactionAborted, 500)?;
    Ok(())
}

/// Something takes too long.
async fn waiting(db: &Db, url: &str, ada: &Guest) -> Outcome {
    let tx = db.begin().statement_timeout(MOMENT).await?;
    let slow = sql("SELECT pg_sleep(60)").execute(&tx).await;
    let error = failed(slow, ErrorKind::Timeout, 503)?;
    assert!(!error.is_retryable() && !error.is_outcome_unknown());
    tx.rollback().await?;

    let tx = db.begin().await?;
    Guest::get(ada.id).for_update().one(&tx).await?;
    let taken = Guest::get(ada.id).for_update().nowait().one(db).await;
    failed(taken, ErrorKind::LockNotAvailable, 503)?;
    tx.rollback().await?;

    // The only connection is in use.
    let small = Config::new(url)?
        .pool_size(1)
        .wait_timeout(MOMENT)
        .connect()
        .await?;
    let tx = small.begin().await?;
    Guest::find().count(&tx).await?;
    let other = Guest::find().count(&small).await;
    let error = failed(other, ErrorKind::PoolTimeout, 503)?;
    assert!(error.is_retryable());
    tx.commit().await?;
    assert_eq!(Guest::find().count(&small).await?, 2);

    // Nobody is there.
    let nobody = Config::new("postgres://localhost:1/hotel?password=suite%204711")?;
    let error = failed(nobody.connect().await, ErrorKind::Connect, 503)?;
    assert!(error.is_retryable());
    Ok(())
}

/// It makes no sense to ask.
async fn never_sent(db: &Db) -> Outcome {
    let whose = Note::find().filter(Note::TEXT.eq(SUITE)).all(db).await;
    failed(whose, ErrorKind::ScopeMissing, 500)?;
    assert_eq!(Note::find().count(&db.scope(1_i64)).await?, 0);

    let nul = format!("{SUITE}\0");
    let nul = Guest::find().filter(Guest::EMAIL.eq(nul)).count(db).await;
    failed(nul, ErrorKind::Encode, 422)?;

    let url = format!("postgres://ada:{SUITE}@localhost:port/hotel");
    failed(Config::new(&url), ErrorKind::Config, 500)?;

    // Code of yours says no, and the transaction is undone. What it says is its own affair.
    let full: Result<()> = db
        .transaction(async |tx| {
            Booking::delete().all_rows().execute(tx).await?;
            Err(Error::refused("the house is full"))
        })
        .await;
    let error = failed(full, ErrorKind::Refused, 422)?;
    let source = error.source().map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("the house is full"));
    assert_eq!(Booking::find().count(db).await?, 1);
    Ok(())
}

fn guest(email: &str, age: i32) -> NewGuest {
    let email = email.to_owned();
    NewGuest { email, age }
}

fn booking(guest_id: i64) -> NewBooking {
    let room = SUITE.to_owned();
    NewBooking { guest_id, room }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
