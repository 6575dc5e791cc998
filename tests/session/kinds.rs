//! Rows of several kinds in one table: each kind is added as what it is, and all of them can be changed as one.

use crate::shop::shop_of;
use ormcore::{Entity, ErrorKind, Many, RowState, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "orders", insert(NewOrder))]
struct Order {
    #[orm(primary_key, generated)]
    id: i64,
    note: String,
    #[orm(has_many(Payment, key = order_id))]
    payments: Many<Payment>,
}

#[derive(Entity, Debug)]
#[orm(
    table = "payments",
    kind(column = "method", value = "card"),
    insert(NewCard)
)]
struct Card {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Order))]
    order_id: i64,
    number: String,
    cents: i64,
}

#[derive(Entity, Debug)]
#[orm(
    table = "payments",
    kind(column = "method", value = "transfer"),
    insert(NewTransfer)
)]
struct Transfer {
    iban: String,
    cents: i64,
    #[orm(references(Order))]
    order_id: i64,
    #[orm(primary_key, generated)]
    id: i64,
}

#[derive(Entity, Debug)]
#[orm(columns(id: i64, order_id: i64, cents: i64))]
enum Payment {
    Card(Card),
    Transfer(Transfer),
}

#[tokio::test]
async fn rows_of_every_kind_are_written_in_their_order() {
    let (fresh, mut s) = shop_of(entities![Order, Payment]).await;
    let order = s.add(NewOrder { note: "a".into() });
    let order_id = s.key(order);
    let card = s.add(NewCard {
        order_id,
        number: "4000".into(),
        cents: 5,
    });
    s.add(NewTransfer {
        iban: "DE".into(),
        cents: 6,
        order_id,
    });
    s.commit().await.unwrap();
    assert_eq!(s[card].order_id, s[order].id);
    s[card].cents = 7;
    s.commit().await.unwrap();

    let mut s = fresh.db.session();
    let order = s.get::<Order>(1).await.unwrap();
    s.load(order, Order::PAYMENTS).await.unwrap();
    let payments = s.related(order, Order::PAYMENTS).unwrap().to_vec();
    assert_eq!(payments.len(), 2);
    for payment in &payments {
        match &mut s[*payment] {
            Payment::Card(card) => card.number.push('1'),
            Payment::Transfer(transfer) => transfer.cents += 10,
        }
    }
    s[order].note = "b".into();
    assert_eq!(s.commit().await.unwrap().dirty, 3);
    assert_eq!(s.state(payments[0]).unwrap(), RowState::Clean);
    let card = Card::find().one(&fresh.db).await.unwrap();
    assert_eq!((&*card.number, card.cents), ("40001", 7));
    let transfer = Transfer::find().one(&fresh.db).await.unwrap();
    assert_eq!((&*transfer.iban, transfer.cents), ("DE", 16));
    s.remove(payments[0]);
    s.rollback().await.unwrap();
    payments.iter().for_each(|payment| s.remove(*payment));
    s.remove(order);
    assert_eq!(s.commit().await.unwrap().deleted, 3);
    assert_eq!(Payment::find().count(&fresh.db).await.unwrap(), 0);
}

#[derive(Entity, Debug)]
#[orm(table = "courses", insert(NewCourse))]
struct Course {
    #[orm(primary_key, generated)]
    id: i64,
    title: String,
    #[orm(many_to_many(Person, through = Teaching))]
    teachers: Many<Person>,
    #[orm(many_to_many(Person, through = Studying))]
    students: Many<Person>,
}

#[derive(Entity, Debug)]
#[orm(table = "persons", insert(NewPerson))]
struct Person {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
}

#[derive(Entity, Debug)]
#[orm(table = "attendances", kind(column = "role", value = "teacher"))]
struct Teaching {
    #[orm(primary_key, generated)]
    id: i64,
    course_id: i64,
    person_id: i64,
}

/// A link that is marked as deleted when it ends.
#[derive(Entity, Debug)]
#[orm(table = "studies", kind(column = "role", value = "student"))]
struct Studying {
    #[orm(primary_key, generated)]
    id: i64,
    course_id: i64,
    person_id: i64,
    #[orm(soft_delete)]
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[tokio::test]
async fn links_of_one_kind_come_and_go_and_those_of_another_stay() {
    let (fresh, mut s) = shop_of(entities![Course, Person, Teaching, Studying]).await;
    let course = s.add(NewCourse {
        title: "SQL".into(),
    });
    let [ada, bob] = ["Ada", "Bob"].map(|name| s.add(NewPerson { name: name.into() }));
    s.connect(course, Course::TEACHERS, ada).unwrap();
    s.connect(course, Course::STUDENTS, ada).unwrap();
    s.connect(course, Course::STUDENTS, bob).unwrap();
    s.commit().await.unwrap();
    let others = "INSERT INTO attendances (course_id, person_id, role) VALUES (1, 1, 'guest');
                  INSERT INTO studies (course_id, person_id, role) VALUES (1, 1, 'guest')";
    sql(others).batch(&fresh.db).await.unwrap();
    s.disconnect(course, Course::TEACHERS, ada).unwrap();
    s.disconnect(course, Course::STUDENTS, ada).unwrap();
    s.commit().await.unwrap();
    let links = "SELECT role || ' ' || person_id FROM attendances UNION ALL
                 SELECT role || ' ' || person_id || coalesce(' until ' || left(deleted_at::text, 0), '') FROM studies
                 ORDER BY 1";
    let links = || sql(links).scalars::<String>(&fresh.db);
    let left = ["guest 1", "guest 1", "student 1 until ", "student 2"];
    assert_eq!(links().await.unwrap(), left);
    s.connect(course, Course::STUDENTS, ada).unwrap();
    s.commit().await.unwrap();
    let back = ["guest 1", "guest 1", "student 1", "student 2"];
    assert_eq!(links().await.unwrap(), back);
}

#[tokio::test]
async fn a_row_of_one_kind_makes_room_for_one_of_another() {
    let (fresh, mut s) = shop_of(entities![Order, Payment]).await;
    sql("CREATE UNIQUE INDEX ON payments (order_id, cents)")
        .batch(&fresh.db)
        .await
        .unwrap();
    let order = s.add(NewOrder { note: "a".into() });
    let order_id = s.key(order);
    let iban = "DE".to_owned();
    let cents = 5;
    s.add(NewTransfer {
        iban,
        cents,
        order_id,
    });
    s.commit().await.unwrap();
    let mut s = fresh.db.session();
    let payments = s.all(Payment::find()).await.unwrap();
    let Payment::Transfer(old) = &s[payments[0]] else {
        panic!("a transfer");
    };
    let order_id = old.order_id;
    s.remove(payments[0]);
    s.add(NewCard {
        order_id,
        number: "4000".into(),
        cents,
    });
    s.commit().await.unwrap();
    assert_eq!(Card::find().one(&fresh.db).await.unwrap().cents, 5);
    assert_eq!(Transfer::find().count(&fresh.db).await.unwrap(), 0);
}

/// A row would be changed as one and not as the other.
#[tokio::test]
async fn a_row_is_not_known_as_two_types() {
    let (fresh, mut s) = shop_of(entities![Order, Payment]).await;
    let order = s.add(NewOrder { note: "a".into() });
    let order_id = s.key(order);
    let card = s.add(NewCard {
        order_id,
        number: "4000".into(),
        cents: 5,
    });
    s.add(NewTransfer {
        iban: "DE".into(),
        cents: 6,
        order_id,
    });
    s.commit().await.unwrap();
    let id = s[card].id;
    for refused in [
        s.get::<Payment>(id).await.unwrap_err(),
        s.all(Payment::find()).await.unwrap_err(),
        s.load(order, Order::PAYMENTS).await.unwrap_err(),
        s.all(Order::find().with(Order::PAYMENTS.joined()))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(refused.kind(), ErrorKind::Usage);
        let text = refused.to_string();
        let told = "asked for as `Payment`, and this session has it as `Card`";
        assert!(text.contains(told) && text.contains("kinds.rs"), "{text}");
    }
    // Nothing of what was refused is left.
    assert_eq!(
        s.related(order, Order::PAYMENTS).unwrap_err().kind(),
        ErrorKind::NotLoaded
    );
    assert!(s.get::<Payment>(id).await.is_err());
    // As what it is known as it is the same, and what is not known may be asked for as anything.
    assert_eq!(s.all(Card::find()).await.unwrap(), [card]);
    s.detach(card).unwrap();
    let payment = s.get::<Payment>(id).await.unwrap();
    let back = s.get::<Card>(id).await.unwrap_err();
    assert!(back.to_string().contains("has it as `Payment`"), "{back}");
    assert!(s.get::<Payment>(id + 1).await.is_err());
    assert_eq!(s.all(Transfer::find()).await.unwrap().len(), 1);
    s.detach(payment).unwrap();
    assert_eq!(Payment::find().count(&fresh.db).await.unwrap(), 2);
    s.get::<Card>(id).await.unwrap();
}
