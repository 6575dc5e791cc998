//! Values that hold many: arrays, documents, ranges, sets of ranges, networks, and what is asked of them.
//! Run it with `cargo run --example collections`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::value::{Char, Cidr, Inet, Json, Multirange, Oid, Range};
use ormcore::{Condition, Db, Entity, Row, Value, entities, sql};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::net::IpAddr;

/// What goes wrong is the database's error, or an address's.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// An enum whose words are written another way than Rust's, and one of them in a way of its own.
#[derive(Value, Clone, Debug, PartialEq)]
#[orm(type = "collections_layout", rename_all = "kebab-case")]
enum Layout {
    InRows,
    UShape,
    #[orm(rename = "tables, round")]
    Tables,
}

/// A composite type, its fields too.
#[derive(Value, Clone, Debug, PartialEq)]
#[orm(type = "collections_door", rename_all = "camelCase")]
struct Door {
    leads_to: String,
}

/// A domain.
#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "collections_phone", check = "VALUE LIKE '+%'")]
struct Phone(String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Note {
    Text(String),
}

/// A room that is let.
#[derive(Entity, Debug, PartialEq)]
#[orm(table = "collections_rooms", insert(NewRoom))]
struct Room {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(rename = "called", type = "varchar(20)")]
    name: String,
    tags: Vec<String>,
    facts: serde_json::Value,
    /// For how many.
    seats: Range<i32>,
    /// The hours of a day.
    open: Multirange<i32>,
    address: Inet,
    network: Cidr,
    price: Decimal,
    layouts: Vec<Layout>,
    doors: Vec<Door>,
    phones: Vec<Phone>,
    breaks: Vec<Range<i32>>,
    notes: Vec<Json<Note>>,
    /// Of the last days; none where it was closed.
    earned: Vec<Option<Decimal>>,
}

fn attic() -> Result<NewRoom> {
    Ok(NewRoom {
        name: "attic".to_owned(),
        tags: words(["quiet", "light"]),
        facts: json!({"floor": 4, "lift": null, "owner": {"name": "Ada", "age": 36}, "was": ["loft", "study"]}),
        seats: (10..30).into(),
        open: [8..12, 14..18].into_iter().collect(),
        address: "10.1.2.3".parse()?,
        network: "10.1.0.0/16".parse()?,
        price: Decimal::new(12_50, 2),
        layouts: vec![Layout::InRows, Layout::UShape],
        doors: vec![Door {
            leads_to: "roof".to_owned(),
        }],
        phones: vec![Phone("+4930".to_owned())],
        breaks: vec![(10..11).into(), (15..=16).into()],
        notes: vec![Json(Note::Text("mind the step".to_owned()))],
        earned: vec![Some(Decimal::new(25, 0)), None],
    })
}

fn cellar() -> Result<NewRoom> {
    Ok(NewRoom {
        name: "cellar".to_owned(),
        tags: words(["quiet"]),
        facts: json!({"floor": -1, "was": ["study"]}),
        seats: (30..40).into(),
        open: [Range::from(18..24)].into_iter().collect(),
        address: "192.168.0.7/24".parse()?,
        network: "192.168.0.0/24".parse()?,
        price: Decimal::new(7_25, 2),
        layouts: vec![Layout::Tables],
        ..shed()?
    })
}

/// Nobody can sit in it, and it is never open.
fn shed() -> Result<NewRoom> {
    Ok(NewRoom {
        name: "shed".to_owned(),
        tags: vec![],
        facts: json!({"floor": 0, "was": []}),
        seats: Range::empty(),
        open: Multirange::default(),
        address: "10.9.0.1".parse()?,
        network: "10.0.0.0/8".parse()?,
        price: Decimal::ONE,
        layouts: vec![],
        doors: vec![],
        phones: vec![],
        breaks: vec![],
        notes: vec![],
        earned: vec![],
    })
}

fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

/// Each condition holds for the rooms beside it.
async fn expect<const N: usize>(db: &Db, cases: [(Condition<Room>, &[&str]); N]) -> Result {
    for (condition, expected) in cases {
        let rooms = Room::find().filter(condition).order_by(Room::ID);
        assert_eq!(rooms.select(Room::NAME).all(db).await?, expected);
    }
    Ok(())
}

async fn arrays(db: &Db) -> Result {
    let rooms: [(Condition<Room>, &[&str]); 10] = [
        (Room::TAGS.has("light"), &["attic"]),
        (Room::TAGS.has_any(words(["light", "dark"])), &["attic"]),
        (Room::TAGS.has_all(words(["light", "quiet"])), &["attic"]),
        (Room::TAGS.is_within(words(["quiet"])), &["cellar", "shed"]),
        (Room::TAGS.count_elements().ge(1), &["attic", "cellar"]),
        // Whatever the elements are.
        (Room::LAYOUTS.has(Layout::Tables), &["cellar"]),
        (Room::DOORS.has(attic()?.doors[0].clone()), &["attic"]),
        (Room::PHONES.has(Phone("+4930".to_owned())), &["attic"]),
        (Room::BREAKS.has(Range::from(10..11)), &["attic"]),
        (Room::NOTES.has_any(attic()?.notes), &["attic"]),
    ];
    expect(db, rooms).await?;

    // They come back as they were, and the server has them under the names that were given.
    let room = Room::find().filter(Room::NAME.eq("attic")).one(db).await?;
    let new = attic()?;
    assert_eq!((room.layouts, room.doors), (new.layouts, new.doors));
    assert_eq!((room.phones, room.notes), (new.phones, new.notes));
    assert_eq!(room.earned, new.earned);
    // A range is the same however its end is written.
    assert_eq!(room.breaks[1], (15..17).into());
    let text = r#"SELECT (doors[1])."leadsTo" FROM collections_rooms WHERE called = $1 AND 'u-shape' = ANY (layouts)"#;
    let leads_to: String = sql(text).bind("attic").scalar(db).await?;
    assert_eq!(leads_to, "roof");
    Ok(())
}

async fn documents(db: &Db) -> Result {
    let was = || Room::FACTS.field("was");
    let owner = Room::FACTS.path(["owner", "name"]);
    let age = Room::FACTS.path_text(["owner", "age"]);
    let study = json!({"was": ["study"]});
    let once_a_loft = r#"$.was[*] ? (@ == "loft")"#;
    let rooms: [(Condition<Room>, &[&str]); 16] = [
        (Room::FACTS.field("floor").eq(json!(4)), &["attic"]),
        (Room::FACTS.field_text("floor").eq("-1"), &["cellar"]),
        // `null` is a value; as text it is none.
        (Room::FACTS.field("lift").is_not_null(), &["attic"]),
        (Room::FACTS.field_text("lift").is_not_null(), &[]),
        (was().element(-1).eq(json!("study")), &["attic", "cellar"]),
        (was().element_text(0).eq("loft"), &["attic"]),
        (owner.eq(json!("Ada")), &["attic"]),
        (age.cast::<Option<i32>>().gt(30), &["attic"]),
        (Room::FACTS.json_contains(study), &["attic", "cellar"]),
        (was().json_within(json!(["study"])), &["cellar", "shed"]),
        (Room::FACTS.has_key("owner"), &["attic"]),
        (Room::FACTS.has_any_key(["lift", "stairs"]), &["attic"]),
        (Room::FACTS.has_all_keys(["lift", "stairs"]), &[]),
        (Room::FACTS.json_path_exists(once_a_loft), &["attic"]),
        (Room::FACTS.json_path_matches("$.floor < 0"), &["cellar"]),
        (was().json_length().eq(2), &["attic"]),
    ];
    expect(db, rooms).await
}

async fn ranges(db: &Db) -> Result {
    let five = Decimal::from(5);
    let rooms: [(Condition<Room>, &[&str]); 11] = [
        (Room::SEATS.includes(12), &["attic"]),
        (Room::SEATS.covers(12..20), &["attic"]),
        // The empty range lies in every other.
        (Room::SEATS.covered_by(0..35), &["attic", "shed"]),
        (Room::SEATS.overlaps(25..=30), &["attic", "cellar"]),
        (Room::SEATS.is_before(30..), &["attic"]),
        (Room::SEATS.is_after(..30), &["cellar"]),
        (Room::SEATS.is_adjacent_to(40..50), &["cellar"]),
        (Room::SEATS.is_empty(), &["shed"]),
        (Room::SEATS.lower_bound().eq(30), &["cellar"]),
        (Room::SEATS.upper_bound().is_null(), &["shed"]),
        // Decimals too, and the other way round.
        (Room::PRICE.in_range(five..five + five), &["cellar"]),
    ];
    expect(db, rooms).await?;

    let attic = || Room::find().filter(Room::NAME.eq("attic"));
    let (more, less) = (Room::SEATS.joined_with(30..35), Room::SEATS.without(..=11));
    let made = (more, less, Room::SEATS.in_common_with(20..));
    let made = attic().select(made).one(db).await?;
    let expected = ((10..35).into(), (12..30).into(), (20..30).into());
    assert_eq!(made, expected);

    // A set of ranges is asked the same, and may be taken apart.
    let noon = Multirange::from_iter([Range::from(12..14)]);
    let rooms: [(Condition<Room>, &[&str]); 7] = [
        (Room::OPEN.includes(15), &["attic"]),
        (Room::OPEN.covers(9..=11), &["attic"]),
        (Room::OPEN.overlaps(noon.clone()), &[]),
        (Room::OPEN.covered_by(8..18), &["attic", "shed"]),
        (Room::OPEN.is_adjacent_to(Range::from(24..25)), &["cellar"]),
        (Room::OPEN.lower_bound().eq(18), &["cellar"]),
        (Room::OPEN.is_empty(), &["shed"]),
    ];
    expect(db, rooms).await?;
    let nine = Multirange::from_iter([Range::from(9..10)]);
    let made = (Room::OPEN.joined_with(noon), Room::OPEN.without(nine));
    let (joined, without) = attic().select(made).one(db).await?;
    assert_eq!(joined.ranges(), [(8..18).into()]);
    assert_eq!(without, Multirange::from_iter([8..9, 10..12, 14..18]));
    Ok(())
}

async fn networks(db: &Db) -> Result {
    let ten: Cidr = "10.0.0.0/8".parse()?;
    let host: IpAddr = "192.168.0.9".parse()?;
    let some: Cidr = "10.1.2.0/24".parse()?;
    let rooms: [(Condition<Room>, &[&str]); 4] = [
        (Room::ADDRESS.in_network(ten), &["attic", "shed"]),
        (!Room::ADDRESS.in_network(Room::NETWORK), &[]),
        (Room::NETWORK.has_address(host), &["cellar"]),
        (Room::NETWORK.shares_addresses(some), &["attic", "shed"]),
    ];
    expect(db, rooms).await
}

/// What PostgreSQL's own tables have.
#[derive(Row)]
struct Class {
    oid: Oid,
    relkind: Char,
}

async fn numbers_and_letters(db: &Db) -> Result {
    // A decimal has all its digits.
    let total: Option<Decimal> = Room::find().select(Room::PRICE.sum()).one(db).await?;
    assert_eq!(total, Some(Decimal::new(20_75, 2)));

    let text = "SELECT oid, relkind FROM pg_class WHERE oid = 'collections_rooms'::regclass";
    let class: Class = sql(text).one(db).await?;
    assert_eq!(class.relkind, Char(b'r'));
    let text = "SELECT relname FROM pg_class WHERE oid = $1";
    let name: String = sql(text).bind(class.oid).scalar(db).await?;
    assert_eq!(name, "collections_rooms");
    Ok(())
}

#[tokio::main]
async fn main() -> Result {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Room]).await?;
    let rooms = Room::insert_many(vec![attic()?, cellar()?, shed()?]);
    rooms.execute(&db).await?;
    arrays(&db).await?;
    documents(&db).await?;
    ranges(&db).await?;
    networks(&db).await?;
    numbers_and_letters(&db).await?;
    println!("three rooms, looked into");
    Room::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
