//! Structs that are one value of PostgreSQL: composite types, alone, in arrays and in each other.

use crate::fresh::{fresh, fresh_after};
use ormcore::{Entity, ErrorKind, Value, entities, sql};
use rust_decimal::Decimal;

#[derive(Value, Clone, Copy, Debug, PartialEq)]
enum Country {
    Austria,
    Chile,
}

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "postcode", check = "VALUE <> ''")]
struct Postcode(String);

#[derive(Value, Clone, Debug, PartialEq)]
struct Place {
    country: Country,
    height: Option<Decimal>,
}

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(type = "Postal \"Address\"")]
struct Address {
    #[orm(rename = "Street, (old)")]
    street: String,
    postcode: Option<Postcode>,
    r#where: Place,
    notes: Vec<Option<String>>,
    before: Option<Vec<Place>>,
    raw: f64,
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "houses", insert(NewHouse), patch(HousePatch))]
struct House {
    #[orm(primary_key, generated)]
    id: i64,
    address: Address,
    second: Option<Address>,
    places: Vec<Place>,
    gaps: Option<Vec<Option<Address>>>,
    #[orm(default = "ROW('chile', 1.50)::place")]
    place: Place,
    floors: i32,
}

fn place(country: Country, height: &str) -> Place {
    Place {
        country,
        height: height.parse().ok(),
    }
}

fn address(street: &str) -> Address {
    Address {
        street: street.into(),
        postcode: Some(Postcode("1010".into())),
        r#where: place(Country::Austria, "171.500"),
        notes: vec![None, Some("NULL".into()), Some("\", \\ ) ü".into())],
        before: Some(vec![place(Country::Chile, "")]),
        raw: 0.1 + 0.2,
    }
}

fn empty() -> Address {
    Address {
        street: String::new(),
        postcode: None,
        r#where: place(Country::Chile, ""),
        notes: vec![],
        before: None,
        raw: f64::NEG_INFINITY,
    }
}

fn full() -> NewHouse {
    NewHouse {
        address: address("Ring, 1 (left)\\"),
        second: Some(empty()),
        places: vec![
            place(Country::Austria, "1.0"),
            place(Country::Chile, ""),
            place(Country::Chile, "79228162514264337593543950335"),
        ],
        gaps: Some(vec![None, Some(address("")), Some(empty()), None]),
        place: Some(place(Country::Austria, "")),
        floors: 3,
    }
}

fn bare() -> NewHouse {
    NewHouse {
        address: empty(),
        second: None,
        places: vec![],
        gaps: None,
        place: None,
        floors: 1,
    }
}

fn stored(id: i64, new: NewHouse) -> House {
    House {
        id,
        address: new.address,
        second: new.second,
        places: new.places,
        gaps: new.gaps,
        place: new.place.unwrap_or_else(|| place(Country::Chile, "1.50")),
        floors: new.floors,
    }
}

#[tokio::test]
async fn composite_values_come_back_as_they_were_inserted() {
    let fresh = fresh(entities![House]).await;
    for row in [full(), bare()] {
        let one = House::insert(row.clone()).one(&fresh.db).await.unwrap();
        assert_eq!(one, stored(one.id, row));
        assert_eq!(House::get(one.id).one(&fresh.db).await.unwrap(), one);
    }
}

#[tokio::test]
async fn composite_values_of_many_rows_are_not_taken_apart() {
    let fresh = fresh(entities![House]).await;
    let rows = vec![bare(), full(), bare(), full()];
    let many = House::insert_many(rows.clone()).all(&fresh.db).await;
    for (many, row) in many.unwrap().into_iter().zip(rows.clone()) {
        assert_eq!(many, stored(many.id, row));
    }
    assert_eq!(fresh.statements().len(), 1);
    let count = House::insert_many(rows.clone()).execute(&fresh.db).await;
    assert_eq!(count.unwrap(), 4);
    let stored_rows = House::find().order_by(House::ID).all(&fresh.db).await;
    for (row, new) in stored_rows.unwrap().into_iter().skip(4).zip(rows) {
        assert_eq!(row, stored(row.id, new));
    }
}

#[tokio::test]
async fn composite_values_can_be_compared_set_and_patched() {
    let fresh = fresh(entities![House]).await;
    let rows = House::insert_many(vec![full(), bare()]).all(&fresh.db);
    let ids: Vec<_> = rows.await.unwrap().iter().map(|row| row.id).collect();
    for condition in [
        House::ADDRESS.eq(full().address),
        House::ADDRESS.ne(empty()),
        House::ADDRESS.in_([full().address, address("other")]),
        House::SECOND.eq(empty()),
        House::SECOND.is_not_null(),
        House::PLACES.eq(full().places),
        House::PLACE.eq(place(Country::Austria, "")),
    ] {
        let found = House::find()
            .filter(condition)
            .all(&fresh.db)
            .await
            .unwrap();
        let found: Vec<_> = found.iter().map(|row| row.id).collect();
        assert_eq!(found, [ids[0]]);
    }
    let without = House::find().filter(House::SECOND.is_null());
    assert_eq!(without.one(&fresh.db).await.unwrap().id, ids[1]);
    let patch = HousePatch {
        address: Some(address("new")),
        second: Some(None),
        ..HousePatch::default()
    };
    let row = House::update(ids[0])
        .patch(patch)
        .set(House::PLACES, vec![place(Country::Austria, "2")]);
    let row = row.one(&fresh.db).await.unwrap();
    assert_eq!((row.address, row.second), (address("new"), None));
    assert_eq!(row.places, [place(Country::Austria, "2")]);
}

#[tokio::test]
async fn what_a_field_cannot_hold_is_an_error_that_names_it() {
    let fresh = fresh(entities![House]).await;
    let wrong = Address {
        street: "secret\0".into(),
        ..empty()
    };
    let row = NewHouse {
        address: wrong,
        ..bare()
    };
    for sent in [
        House::insert(row.clone())
            .execute(&fresh.db)
            .await
            .map(drop),
        House::insert_many(vec![row])
            .execute(&fresh.db)
            .await
            .map(drop),
    ] {
        let error = sent.unwrap_err();
        assert!(error.to_string().contains("NUL"), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
    let unchecked = Address {
        postcode: Some(Postcode(String::new())),
        ..empty()
    };
    let row = NewHouse {
        address: unchecked,
        ..bare()
    };
    let error = House::insert(row).execute(&fresh.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    let id = House::insert(full()).one(&fresh.db).await.unwrap().id;
    sql("UPDATE houses SET place.country = NULL")
        .execute(&fresh.db)
        .await
        .unwrap();
    let error = House::get(id).one(&fresh.db).await.unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        text.contains("column `place`")
            && text.contains("field `country` of the type place is NULL"),
        "{text}"
    );
}

#[derive(Entity, Debug)]
#[orm(table = "spots", insert(NewSpot))]
struct Spot {
    #[orm(primary_key)]
    id: i64,
    place: Option<Place>,
}

#[tokio::test]
async fn a_type_that_changed_is_an_error_that_names_the_field() {
    let at = place;
    for (place, reads, writes) in [
        (
            "height numeric",
            "the type place has no field `country`",
            "the type place has no field `country`",
        ),
        (
            "country text, height numeric",
            "the field `country` of the type place has type text",
            "",
        ),
        (
            "height numeric, country country, depth integer",
            "",
            "the type place has a field `depth` that is not given",
        ),
    ] {
        let fresh = fresh_after("CREATE TYPE country AS ENUM ('austria', 'chile')").await;
        let set_up = format!(
            "CREATE TYPE place AS ({place}); CREATE TABLE spots (id bigint PRIMARY KEY, place place);
             INSERT INTO spots VALUES (1, NULL)"
        );
        sql(set_up).batch(&fresh.db).await.unwrap();
        sql("UPDATE spots SET place.height = 1")
            .execute(&fresh.db)
            .await
            .unwrap();
        if reads.is_empty() {
            sql("UPDATE spots SET place.country = 'chile'")
                .execute(&fresh.db)
                .await
                .unwrap();
            let spot = Spot::get(1).one(&fresh.db).await.unwrap();
            assert_eq!(spot.place, Some(at(Country::Chile, "1")));
        } else {
            let error = Spot::get(1).one(&fresh.db).await.unwrap_err();
            assert!(error.to_string().contains(reads), "{error}");
        }
        if !writes.is_empty() {
            let place = Some(at(Country::Chile, ""));
            let new = NewSpot { id: 2, place };
            let error = Spot::insert(new).execute(&fresh.db).await.unwrap_err();
            assert!(error.to_string().contains(writes), "{error}");
        }
    }
}
