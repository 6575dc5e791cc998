//! What a column can hold: types of one's own, JSON, addresses, ranges and arrays.
//! Run it with `cargo run --example types`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::value::{Cidr, Inet, Interval, Json, Multirange, Numeric, Range};
use ormcore::{Entity, Value};

/// An enum of PostgreSQL.
#[derive(Value, Clone, Debug, PartialEq)]
enum Mood {
    Fine,
    SoSo,
}

/// Words in a text column.
#[derive(Value, Clone, Debug, PartialEq)]
#[orm(text)]
enum Plan {
    Basic,
    Full,
}

/// A number that is mistaken for no other, and computed with like one.
#[derive(Value, Clone, Copy, Debug, PartialEq)]
struct Cents(i64);

/// A bigint that is mistaken for no other, as a key too.
#[derive(Value, Clone, Debug)]
struct MemberId(i64);

/// A domain.
#[derive(Value, Clone, Debug)]
#[orm(domain = "email", check = "VALUE LIKE '%@%'")]
struct Email(String);

/// A composite type.
#[derive(Value, Clone, Debug)]
struct Address {
    street: String,
    postcode: Option<String>,
}

/// A JSON document.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Settings {
    theme: String,
}

#[derive(Entity, Debug)]
#[orm(insert(NewMember))]
struct Member {
    #[orm(primary_key, generated)]
    id: MemberId,
    email: Email,
    home: Option<Address>,
    moods: Vec<Mood>,
    settings: Json<Settings>,
    seen_from: Option<Inet>,
    seats: Range<i32>,
    plan: Plan,
    renewed_every: Option<Interval>,
    balance: Cents,
    lucky_number: Numeric,
    away: Multirange<i32>,
    may_come_from: Vec<Option<Cidr>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = ormcore::Db::connect(&database.url()).await?;
    // Makes the types too: mood, email and address.
    ormcore::schema::create(&db, ormcore::entities![Member]).await?;

    let home = Address {
        street: "Ring 1".into(),
        postcode: None,
    };
    let ada = NewMember {
        email: Email("ada@example.org".into()),
        home: Some(home.clone()),
        moods: vec![Mood::Fine, Mood::SoSo],
        settings: Json(Settings {
            theme: "dark".into(),
        }),
        seen_from: Some("10.0.0.1/8".parse()?),
        seats: (1..=3).into(),
        plan: Plan::Full,
        renewed_every: Some(Interval {
            months: 1,
            ..Interval::default()
        }),
        balance: Cents(1250),
        lucky_number: "0.142857142857142857142857142857142857142857".parse()?,
        away: Multirange::from_iter([3..5, 9..12]),
        may_come_from: vec![Some("10.0.0.0/8".parse()?), None],
    };
    let id = Member::insert(ada).one(&db).await?.id;

    let at_home = Member::find().filter(Member::HOME.eq(home));
    let at_home = at_home.all(&db).await?;
    assert_eq!(at_home.len(), 1);
    for member in &at_home {
        let Member {
            email, moods, home, ..
        } = member;
        println!(
            "{email:?} of {home:?} was {moods:?}, and likes it {}",
            member.settings.theme
        );
        assert_eq!((&*email.0, &moods[1]), ("ada@example.org", &Mood::SoSo));
        assert_eq!(home.as_ref().map(|home| &*home.street), Some("Ring 1"));
        assert_eq!(home.as_ref().and_then(|home| home.postcode.clone()), None);
        assert_eq!(
            (&*member.settings.theme, &member.plan),
            ("dark", &Plan::Full)
        );
        assert_eq!(member.seen_from, Some("10.0.0.1/8".parse()?));
        // Whole numbers have one way to be written.
        assert_eq!(member.seats, (1..4).into());
        println!(
            "  last seen from {:?}, in seats {:?}",
            member.seen_from, member.seats
        );
    }

    let paid = Member::update(id.clone()).set(Member::BALANCE, Member::BALANCE - Cents(250));
    let paid = paid.one(&db).await?;
    println!(
        "{:?} left on the plan {:?}, renewed every {:?}",
        paid.balance, paid.plan, paid.renewed_every
    );
    println!(
        "  the number {} has all its digits; away {:?}, comes from {:?}",
        paid.lucky_number, paid.away, paid.may_come_from
    );

    assert_eq!((paid.balance, &paid.plan), (Cents(1000), &Plan::Full));
    assert_eq!(paid.renewed_every.map(|every| every.months), Some(1));
    assert_eq!(paid.lucky_number.to_string().len(), 44);
    assert_eq!(paid.away, Multirange::from_iter([3..5, 9..12]));
    assert_eq!(paid.may_come_from, [Some("10.0.0.0/8".parse()?), None]);
    let basic = Member::find().filter(Member::PLAN.eq(Plan::Basic));
    assert_eq!(basic.count(&db).await?, 0);

    let nobody = Member::update(id.clone()).set(Member::EMAIL, Email("nobody".into()));
    match nobody.execute(&db).await {
        Err(error) if error.is_check_violation() => {
            println!("the domain checks what the newtype does not: {error}");
        }
        other => return Err(format!("it was stored: {other:?}").into()),
    }

    Member::delete().key(id).execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
