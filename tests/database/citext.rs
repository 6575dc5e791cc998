//! Text that is compared in any case, as the extension `citext` has it: a type whose number no program knows beforehand.

use crate::fresh::{Fresh, fresh};
use futures_util::TryStreamExt as _;
use ormcore::{Config, Entity, Value, sql};
use std::time::Duration;

#[derive(Value, Clone, Debug, PartialEq)]
enum Rank {
    Low,
    High,
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "people", insert(NewPerson, derive(Clone)))]
struct Person {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, type = "citext")]
    email: String,
    #[orm(type = "citext")]
    nick: Option<String>,
    #[orm(type = "citext[]")]
    aliases: Vec<String>,
    rank: Rank,
}

/// A server without the extension gets a type of that name that does the same.
const BY_HAND: &str = "
    CREATE TYPE citext;
    CREATE FUNCTION citextin(cstring) RETURNS citext AS 'textin' LANGUAGE internal IMMUTABLE STRICT;
    CREATE FUNCTION citextout(citext) RETURNS cstring AS 'textout' LANGUAGE internal IMMUTABLE STRICT;
    CREATE FUNCTION citextrecv(internal) RETURNS citext AS 'textrecv' LANGUAGE internal STABLE STRICT;
    CREATE FUNCTION citextsend(citext) RETURNS bytea AS 'textsend' LANGUAGE internal STABLE STRICT;
    CREATE TYPE citext (INPUT = citextin, OUTPUT = citextout, RECEIVE = citextrecv, SEND = citextsend,
                        INTERNALLENGTH = VARIABLE, STORAGE = extended, CATEGORY = 'S', COLLATABLE = true);
    CREATE CAST (citext AS text) WITHOUT FUNCTION AS IMPLICIT;
    CREATE CAST (text AS citext) WITHOUT FUNCTION AS ASSIGNMENT;
    CREATE FUNCTION citext_cmp(citext, citext) RETURNS int LANGUAGE sql IMMUTABLE STRICT AS
        'SELECT bttextcmp(lower($1::text), lower($2::text))';
    CREATE FUNCTION citext_lt(citext, citext) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT citext_cmp($1, $2) < 0';
    CREATE FUNCTION citext_le(citext, citext) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT citext_cmp($1, $2) <= 0';
    CREATE FUNCTION citext_eq(citext, citext) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT citext_cmp($1, $2) = 0';
    CREATE FUNCTION citext_ge(citext, citext) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT citext_cmp($1, $2) >= 0';
    CREATE FUNCTION citext_gt(citext, citext) RETURNS bool LANGUAGE sql IMMUTABLE STRICT AS 'SELECT citext_cmp($1, $2) > 0';
    CREATE OPERATOR < (LEFTARG = citext, RIGHTARG = citext, FUNCTION = citext_lt);
    CREATE OPERATOR <= (LEFTARG = citext, RIGHTARG = citext, FUNCTION = citext_le);
    CREATE OPERATOR = (LEFTARG = citext, RIGHTARG = citext, FUNCTION = citext_eq, COMMUTATOR = =);
    CREATE OPERATOR >= (LEFTARG = citext, RIGHTARG = citext, FUNCTION = citext_ge);
    CREATE OPERATOR > (LEFTARG = citext, RIGHTARG = citext, FUNCTION = citext_gt);
    CREATE OPERATOR CLASS citext_ops DEFAULT FOR TYPE citext USING btree AS
        OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 citext_cmp(citext, citext)";

async fn people() -> Fresh {
    let fresh = fresh([]).await;
    let offered = sql("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citext')");
    let offered: bool = offered.scalar(&fresh.db).await.expect("an answer");
    let text = if offered {
        "CREATE EXTENSION citext"
    } else {
        BY_HAND
    };
    sql(text).batch(&fresh.db).await.expect("citext");
    let create = ormcore::schema::create(&fresh.db, ormcore::entities![Person]);
    create.await.expect("a table");
    fresh
}

fn person(id: i64, email: &str) -> NewPerson {
    NewPerson {
        id,
        email: email.into(),
        nick: Some(email.to_uppercase()),
        aliases: vec![email.into(), "Ünï".into()],
        rank: Rank::High,
    }
}

#[tokio::test]
async fn it_comes_back_as_written_and_is_found_in_any_case() {
    let fresh = people().await;
    let db = &fresh.db;
    let ada = Person::insert(person(1, "Ada@X.org"))
        .one(db)
        .await
        .unwrap();
    assert_eq!(
        (&*ada.email, ada.nick.as_deref()),
        ("Ada@X.org", Some("ADA@X.ORG"))
    );
    let rows = vec![
        person(2, "bob@x.org"),
        NewPerson {
            nick: None,
            ..person(3, "Cy@x.org")
        },
    ];
    let rows = Person::insert_many(rows).all(db).await.unwrap();
    assert_eq!((&*rows[0].aliases[1], &rows[1].nick), ("Ünï", &None));
    assert_eq!(
        Person::copy_in([person(4, "Dan@x.org")])
            .execute(db)
            .await
            .unwrap(),
        1
    );
    for condition in [
        Person::EMAIL.eq("ada@x.ORG"),
        Person::EMAIL.in_(["ADA@x.org", "nobody"]),
        Person::EMAIL.between("ada@X", "ADA@Y"),
        Person::EMAIL.not_in(["bob@X.org", "cy@X.org", "dan@X.org"]),
        Person::NICK.eq("ada@x.org"),
        Person::NICK.is_not_distinct_from("ada@x.org"),
        Person::EMAIL.eq(Person::NICK) & Person::EMAIL.lt("b"),
    ] {
        let found = Person::find().filter(condition).one(db).await.unwrap();
        assert_eq!(found, ada);
    }
    let again = Person::insert(person(5, "ADA@X.ORG")).execute(db).await;
    assert!(again.unwrap_err().is_unique_violation_of(Person::EMAIL));
    let upsert = Person::upsert(person(6, "aDA@x.org")).on_conflict(Person::EMAIL);
    let upserted = upsert.update(Person::NICK).one(db).await.unwrap();
    assert_eq!((upserted.id, &*upserted.email), (1, "Ada@X.org"));
    let set = Person::update(1)
        .set(Person::EMAIL, "new@x.org")
        .set(Person::ALIASES, vec!["N".to_owned()]);
    let set = set.one(db).await.unwrap();
    assert_eq!(
        (&*set.email, set.aliases),
        ("new@x.org", vec!["N".to_owned()])
    );
}

/// The driver asks the server for a type it does not know. While a reply of many rows is on its way, that must not wait
/// for an answer behind it.
#[tokio::test]
async fn many_rows_of_types_that_nobody_asked_for_before_are_read_by_every_way() {
    let fresh = people().await;
    let rows = (0..5_000).map(|id| person(id, &format!("{id:0>200}@x.org")));
    Person::copy_in(rows).execute(&fresh.db).await.unwrap();
    let url = fresh.database.url();
    // Each on connections that know nothing.
    let new = || async {
        Config::new(url)
            .expect("a URL")
            .connect()
            .await
            .expect("connections")
    };
    let ways = async {
        assert_eq!(Person::find().all(&new().await).await.unwrap().len(), 5_000);
        let db = new().await;
        let tx = db.begin().await.unwrap();
        assert_eq!(Person::find().all(&tx).await.unwrap().len(), 5_000);
        tx.rollback().await.unwrap();
        let db = new().await;
        let streamed: Vec<Person> = Person::find().stream(&db).try_collect().await.unwrap();
        assert_eq!(streamed.len(), 5_000);
        let db = new().await;
        let raw = sql("SELECT * FROM people WHERE rank = $1").bind(Rank::High);
        assert_eq!(raw.all::<Person>(&db).await.unwrap().len(), 5_000);
        let db = new().await;
        let some = Person::find()
            .select((Person::EMAIL, Person::RANK))
            .all(&db);
        assert_eq!(some.await.unwrap().len(), 5_000);
        let shared = Config::new(url).expect("a URL").multiplexed_reads(1);
        let db = shared.connect().await.expect("connections");
        let find = || Person::find().filter(Person::RANK.eq(Rank::High));
        let (one, other, few) =
            tokio::join!(find().all(&db), find().all(&db), Person::get(1).one(&db));
        assert_eq!((one.unwrap().len(), other.unwrap().len()), (5_000, 5_000));
        assert_eq!(few.unwrap().id, 1);
    };
    // Not a measurement: it would never end.
    let ended = tokio::time::timeout(Duration::from_secs(120), ways).await;
    ended.expect("a way hangs");
}
