//! Relations of other shapes: keys of several columns, tables in schemas, rows that refer to their own table.

use crate::fresh::{Fresh, fresh, fresh_after};
use ormcore::{Entity, ErrorKind, Many, One, entities};
use serde::Serialize;
use uuid::Uuid;

#[derive(Entity, Debug, Serialize)]
#[orm(table = "people", insert(NewPerson))]
struct Person {
    #[orm(primary_key)]
    id: i32,
    #[orm(references(Person))]
    manager_id: Option<i32>,
    #[orm(belongs_to(key = manager_id))]
    #[serde(skip_serializing_if = "One::is_unloaded")]
    manager: One<Option<Person>>,
    #[orm(has_many(Person, key = manager_id))]
    #[serde(skip_serializing_if = "Many::is_unloaded")]
    reports: Many<Person>,
}

/// 1 leads 2 and 3; 2 leads 4, who leads 5.
async fn company() -> Fresh {
    let fresh = fresh(entities![Person]).await;
    let people = [
        (1, None),
        (2, Some(1)),
        (3, Some(1)),
        (4, Some(2)),
        (5, Some(4)),
    ];
    let people = people.map(|(id, manager_id)| NewPerson { id, manager_id });
    let people = Person::insert_many(people.into()).execute(&fresh.db);
    people.await.expect("people");
    fresh.statements();
    fresh
}

#[tokio::test]
async fn a_row_leads_up_to_others_of_its_own_table() {
    let company = company().await;
    let up = || Person::MANAGER.with(Person::MANAGER.with(Person::MANAGER));
    let joined = Person::MANAGER.joined().with(Person::MANAGER.joined());
    let joined = Person::MANAGER.joined().with(joined);
    let mixed = Person::MANAGER.with(Person::MANAGER.joined());
    let mixed = Person::MANAGER.joined().with(mixed);
    for (up, statements) in [(up(), 4), (joined, 1), (mixed, 2)] {
        let five = Person::get(5).with(up).one(&company.db).await.unwrap();
        let four = five.manager.get().unwrap().unwrap();
        let two = four.manager.get().unwrap().unwrap();
        let one = two.manager.get().unwrap().unwrap();
        assert_eq!([four.id, two.id, one.id], [4, 2, 1]);
        assert!(one.manager.get().is_err());
        assert_eq!(company.statements().len(), statements);
    }
    let one = Person::get(1).with(up()).one(&company.db).await.unwrap();
    assert!(one.manager.get().unwrap().is_none());
    assert_eq!(company.statements().len(), 1);
}

#[tokio::test]
async fn a_row_leads_down_to_others_of_its_own_table() {
    let company = company().await;
    let last = || Person::REPORTS.order_by(Person::ID);
    let down = last().with(last().with(last()));
    let joined = last().joined().with(last().joined().with(last().joined()));
    for (down, statements) in [(down, 4), (joined, 1)] {
        let one = Person::get(1).with(down).one(&company.db).await.unwrap();
        let expected = r#"{"id":1,"manager_id":null,"reports":[{"id":2,"manager_id":1,"reports":[{"id":4,"manager_id":2,"reports":[{"id":5,"manager_id":4}]}]},{"id":3,"manager_id":1,"reports":[]}]}"#;
        assert_eq!(serde_json::to_string(&one).unwrap(), expected);
        assert_eq!(company.statements().len(), statements);
    }
}

#[tokio::test]
async fn a_row_leads_to_itself_and_back() {
    let company = company().await;
    let colleagues = Person::MANAGER.with(Person::REPORTS.order_by(Person::ID.desc()).joined());
    let two = Person::get(2)
        .with(colleagues)
        .one(&company.db)
        .await
        .unwrap();
    let manager = two.manager.get().unwrap().unwrap();
    let reports = manager.reports.get().unwrap();
    let ids: Vec<_> = reports.iter().map(|person| person.id).collect();
    assert_eq!(ids, [3, 2]);
    let own = Person::update(1)
        .set(Person::MANAGER_ID, 1)
        .one(&company.db);
    let own = own.await.unwrap();
    assert_eq!(own.manager.load(&company.db).await.unwrap().unwrap().id, 1);
}

#[derive(Entity, Debug)]
#[orm(table = "order lines", schema = "Sales", insert(NewLine))]
struct Line {
    #[orm(primary_key)]
    order_id: Uuid,
    #[orm(primary_key)]
    number: i32,
    #[orm(has_many(Part, key = (order_id, line)))]
    parts: Many<Part>,
}

#[derive(Entity, Debug)]
#[orm(table = "parts", schema = "Sales", insert(NewPart))]
struct Part {
    #[orm(primary_key, generated)]
    id: i64,
    order_id: Uuid,
    line: i32,
    spare_order_id: Option<Uuid>,
    spare_line: Option<i32>,
    #[orm(belongs_to(key = (order_id, line)))]
    of: One<Line>,
    #[orm(belongs_to(key = (spare_order_id, spare_line)))]
    spare_of: One<Option<Line>>,
}

fn order(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Two orders of two lines; line (n, m) has n + m parts, and each third part may replace one of line (1, 1).
async fn sales() -> Fresh {
    let fresh = fresh_after("CREATE SCHEMA \"Sales\"").await;
    let create = ormcore::schema::create(&fresh.db, entities![Line, Part]);
    create.await.expect("tables");
    let keys = [(1, 1), (1, 2), (2, 1), (2, 2)];
    let lines = keys.map(|(n, number)| NewLine {
        order_id: order(n),
        number,
    });
    let lines = Line::insert_many(lines.into()).execute(&fresh.db);
    lines.await.expect("lines");
    let parts = keys.into_iter().flat_map(|(n, line)| {
        (0..n + line.unsigned_abs() as u128).map(move |part| NewPart {
            order_id: order(n),
            line,
            spare_order_id: (part != 1).then(|| order(1)),
            spare_line: (part == 2).then_some(1),
        })
    });
    let parts = Part::insert_many(parts.collect()).execute(&fresh.db);
    parts.await.expect("parts");
    fresh.statements();
    fresh
}

#[tokio::test]
async fn keys_of_two_columns_lead_both_ways_in_every_way() {
    let sales = sales().await;
    let lines = || Line::find().order_by(Line::ORDER_ID).order_by(Line::NUMBER);
    for (find, statements) in [
        (lines(), 5),
        (lines().with(Line::PARTS), 2),
        (lines().with(Line::PARTS.joined()), 1),
    ] {
        let mut counts = Vec::new();
        for line in find.all(&sales.db).await.unwrap() {
            let key = (line.order_id, line.number);
            let parts = line.parts.load(&sales.db).await.unwrap();
            assert!(parts.iter().all(|part| (part.order_id, part.line) == key));
            counts.push(parts.len());
        }
        assert_eq!(counts, [2, 3, 3, 4]);
        assert_eq!(sales.statements().len(), statements);
    }
    let parts = || Part::find().order_by(Part::ID);
    for (find, statements) in [
        (parts().with(Part::OF).with(Part::SPARE_OF), 3),
        (
            parts()
                .with(Part::OF.joined())
                .with(Part::SPARE_OF.joined()),
            1,
        ),
    ] {
        let parts = find.all(&sales.db).await.unwrap();
        assert_eq!(sales.statements().len(), statements);
        assert_eq!(parts.len(), 12);
        for part in &parts {
            let of = part.of.get().unwrap();
            assert_eq!((of.order_id, of.number), (part.order_id, part.line));
            let spare = part.spare_of.get().unwrap();
            let has_spare = part.spare_order_id.is_some() && part.spare_line.is_some();
            assert_eq!(spare.is_some(), has_spare);
            assert!(spare.is_none_or(|line| (line.order_id, line.number) == (order(1), 1)));
        }
    }
}

#[tokio::test]
async fn half_a_foreign_key_is_none() {
    let sales = sales().await;
    let half = Part::SPARE_ORDER_ID.is_not_null() & Part::SPARE_LINE.is_null();
    let part = Part::find()
        .filter(half)
        .first(&sales.db)
        .await
        .unwrap()
        .unwrap();
    sales.statements();
    assert!(part.spare_of.load(&sales.db).await.unwrap().is_none());
    assert!(sales.statements().is_empty());
}

#[derive(Entity, Debug)]
#[orm(table = "airports")]
struct Airport {
    #[orm(primary_key)]
    code: String,
    #[orm(has_many(Flight, key = to))]
    arrivals: Many<Flight>,
}

#[derive(Entity, Debug)]
#[orm(table = "flights")]
struct Flight {
    #[orm(primary_key)]
    id: i64,
    to: String,
    #[orm(belongs_to(key = to))]
    destination: One<Airport>,
}

#[tokio::test]
async fn keys_that_only_the_database_finds_equal_are_an_error_and_not_absent() {
    let fresh = fresh_after(
        "CREATE TABLE airports (code char(4) PRIMARY KEY);
         CREATE TABLE flights (id bigint PRIMARY KEY, \"to\" char(5) NOT NULL);
         INSERT INTO airports VALUES ('BER'), ('TXL');
         INSERT INTO flights VALUES (1, 'BER'), (2, 'BER')",
    )
    .await;
    let flight = Flight::get(1).one(&fresh.db).await.unwrap();
    let airport = flight.destination.load(&fresh.db).await.unwrap();
    assert_eq!((&*flight.to, &*airport.code), ("BER  ", "BER "));
    assert_eq!(airport.arrivals.load(&fresh.db).await.unwrap().len(), 2);
    let flights = || Flight::find().filter(Flight::ID.eq(1));
    let airports = || Airport::find().order_by(Airport::CODE);
    // In a join the database says itself who belongs to whom.
    let joined = flights().with(Flight::DESTINATION.joined());
    let joined = joined.one(&fresh.db).await.unwrap();
    assert_eq!(joined.destination.get().unwrap().code, "BER ");
    let joined = airports().with(
        Airport::ARRIVALS
            .joined()
            .with(Flight::DESTINATION.joined()),
    );
    let joined = joined.all(&fresh.db).await.unwrap();
    assert_eq!(joined[0].arrivals.get().unwrap().len(), 2);
    assert!(joined[1].arrivals.get().unwrap().is_empty());
    for (error, name) in [
        (
            flights()
                .with(Flight::DESTINATION)
                .one(&fresh.db)
                .await
                .unwrap_err(),
            "Flight::DESTINATION",
        ),
        (
            airports()
                .with(Airport::ARRIVALS)
                .all(&fresh.db)
                .await
                .unwrap_err(),
            "Airport::ARRIVALS",
        ),
    ] {
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = error.to_string();
        assert!(
            text.starts_with(name) && text.contains("`.joined()` or `.load(&db)`"),
            "{text}"
        );
        assert!(
            text.contains("shapes.rs:") && !text.contains("BER"),
            "{text}"
        );
    }
}
