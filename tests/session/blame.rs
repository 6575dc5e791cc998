//! A flush that fails names the rows it failed for, whatever the types of what was in the way.

use crate::fresh::Fresh;
use crate::random::{Label, NewNote, NewPerson, Note, Person};
use crate::shop::{NewUser, Post, User, new_comment, new_post, new_user, shop, shop_of};
use chrono::NaiveDate;
use ormcore::{Config, Entity, ErrorKind, Ref, RowState, Session, entities, sql};
use uuid::Uuid;

#[tokio::test]
async fn two_new_rows_that_want_the_same_are_both_named() {
    let (_fresh, mut s) = shop().await;
    let [ada, bob, cyd] = ["Ada", "Bob", "Cyd"].map(new_user);
    let other = NewUser {
        email: ada.email.clone(),
        ..new_user("Other")
    };
    let rows = s.add_all([ada, bob, other, cyd]);
    let taken = s.flush().await.unwrap_err();
    assert!(
        taken
            .to_string()
            .contains("the flush of 2 rows of `User`: "),
        "{taken}"
    );
    let failure = s.failure().unwrap();
    assert_eq!(failure.rows::<User>(), [rows[0], rows[2]]);
    assert_eq!(failure.row::<User>(), None);
    s.remove(rows[2]);
    assert_eq!(s.commit().await.unwrap().pending, 3);
}

#[tokio::test]
async fn letters_that_count_as_the_same_name_the_row_and_the_column() {
    let (fresh, mut s) = shop().await;
    sql("ALTER TABLE users DROP CONSTRAINT users_email_key; CREATE UNIQUE INDEX once ON users (lower(email))")
        .batch(&fresh.db)
        .await
        .unwrap();
    s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let loud = |name: &str, email: &str| NewUser {
        email: email.into(),
        ..new_user(name)
    };
    let rows = s.add_all([
        new_user("Bob"),
        loud("Cyd", "ADA@example.org"),
        new_user("Dan"),
    ]);
    s.flush().await.unwrap_err();
    let failure = s.failure().unwrap();
    assert_eq!(failure.row::<User>(), Some(rows[1]));
    assert_eq!(failure.columns(), ["email"]);
    s.new_row_mut::<NewUser>(rows[1]).unwrap().email = "BOB@example.org".into();
    s.flush().await.unwrap_err();
    assert_eq!(s.failure().unwrap().rows::<User>(), rows[..2]);
}

#[derive(Entity, Debug)]
#[orm(table = "seats", insert(NewSeat))]
struct Seat {
    #[orm(primary_key)]
    hall: Uuid,
    #[orm(primary_key)]
    day: NaiveDate,
    number: i32,
}

#[derive(Entity, Debug)]
#[orm(table = "guests", insert(NewGuest))]
struct Guest {
    #[orm(primary_key, generated)]
    id: i64,
    hall: Uuid,
    day: NaiveDate,
    name: String,
    age: Option<i32>,
    #[orm(default = "1")]
    tickets: i32,
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 2, day).expect("a day")
}

fn seat(hall: u128, of: u32) -> NewSeat {
    NewSeat {
        hall: Uuid::from_u128(hall),
        day: day(of),
        number: 1,
    }
}

fn guest(hall: u128, of: u32, name: &str) -> NewGuest {
    NewGuest {
        hall: Uuid::from_u128(hall),
        day: day(of),
        name: name.into(),
        age: None,
        tickets: None,
    }
}

async fn cinema() -> (Fresh, Session) {
    let (fresh, s) = shop_of(entities![Seat, Guest]).await;
    sql("ALTER TABLE guests ADD FOREIGN KEY (hall, day) REFERENCES seats (hall, day), ADD UNIQUE (day, name), \
         ADD CHECK (length(name) < 70), ALTER age SET DEFAULT 7")
        .batch(&fresh.db)
        .await
        .expect("constraints");
    (fresh, s)
}

#[tokio::test]
async fn several_columns_together_name_the_row() {
    let (_fresh, mut s) = cinema().await;
    let seats = s.add_all([seat(1, 1), seat(1, 2), seat(2, 1)]);
    s.flush().await.unwrap();
    let first = s.add_all([guest(1, 1, "Ada"), guest(1, 2, "Ada"), guest(2, 1, "Bob")]);
    s.commit().await.unwrap();

    let more = s.add_all([guest(1, 2, "Bob"), guest(2, 1, "Ada"), guest(1, 2, "Cyd")]);
    s.flush().await.unwrap_err();
    let failure = s.failure().unwrap();
    assert_eq!(failure.row::<Guest>(), Some(more[1]));
    assert_eq!(failure.columns(), ["day", "name"]);
    s.rollback().await.unwrap();

    // Nobody to refer to: of new rows, and of one in which a part of the key changed.
    let more = s.add_all([guest(1, 2, "Bob"), guest(2, 2, "Eve"), guest(1, 2, "Cyd")]);
    s.flush().await.unwrap_err();
    let failure = s.failure().unwrap();
    assert_eq!(failure.row::<Guest>(), Some(more[1]));
    assert_eq!(failure.columns(), ["hall", "day"]);
    s.rollback().await.unwrap();
    s[first[1]].hall = Uuid::from_u128(2);
    s[first[0]].hall = Uuid::from_u128(2);
    s.flush().await.unwrap_err();
    assert_eq!(s.failure().unwrap().row::<Guest>(), Some(first[1]));
    s.rollback().await.unwrap();

    // Somebody refers to it still.
    s.remove(first[0]);
    s.remove(first[2]);
    seats.iter().for_each(|seat| s.remove(*seat));
    let error = s.flush().await.unwrap_err();
    assert!(error.is_foreign_key_violation());
    assert_eq!(s.failure().unwrap().row::<Seat>(), Some(seats[1]));
    assert_eq!(s.state(first[0]).unwrap(), RowState::Deleted);
}

#[tokio::test]
async fn a_row_that_a_check_refuses_is_named_by_what_else_it_has() {
    let (fresh, mut s) = cinema().await;
    s.add_all([seat(1, 1), seat(1, 2)]);
    s.commit().await.unwrap();
    let long = "é".repeat(75);
    let rows = s.add_all([guest(1, 1, "Ada"), guest(1, 2, &long), guest(1, 2, "Bob")]);
    let refused = s.flush().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::CheckViolation);
    assert!(!refused.to_string().contains("éé"), "{refused}");
    assert_eq!(s.failure().unwrap().row::<Guest>(), Some(rows[1]));
    s.new_row_mut::<NewGuest>(rows[1]).unwrap().name = "Eve".into();
    s.commit().await.unwrap();
    s[rows[2]].name = long;
    s[rows[1]].name = "Zoe".into();
    s.flush().await.unwrap_err();
    assert_eq!(s.failure().unwrap().row::<Guest>(), Some(rows[2]));
    s.rollback().await.unwrap();

    sql("ALTER TABLE guests ALTER age DROP DEFAULT, ALTER age SET NOT NULL")
        .batch(&fresh.db)
        .await
        .unwrap_err();
    sql("UPDATE guests SET age = 1; ALTER TABLE guests ALTER age DROP DEFAULT, ALTER age SET NOT NULL")
        .batch(&fresh.db)
        .await
        .unwrap();
    let mut s = fresh.db.session();
    let old = |name| NewGuest {
        age: Some(9),
        ..guest(1, 2, name)
    };
    let rows = s.add_all([old("a"), guest(1, 2, "b"), old("c")]);
    let refused = s.flush().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NotNullViolation);
    let failure = s.failure().unwrap();
    assert_eq!(failure.row::<Guest>(), Some(rows[1]));
    assert_eq!(failure.columns(), ["age"]);
}

#[tokio::test]
async fn a_link_to_a_row_that_is_gone_names_the_row_that_was_linked() {
    let (fresh, mut s) = shop_of(entities![Person, Note, Label]).await;
    let labels = sql("INSERT INTO labels VALUES (1), (2), (3)");
    labels.batch(&fresh.db).await.unwrap();
    let ada = s.add(NewPerson {
        name: "Ada".into(),
        email: "ada".into(),
        age: None,
    });
    let author_id = s.key(ada);
    let notes = s.add_all(["a", "b", "c"].map(|title| NewNote {
        author_id,
        title: title.into(),
    }));
    let labels = s.all(Label::find().order_by(Label::ID)).await.unwrap();
    for (note, label) in notes.iter().zip(&labels) {
        s.connect(*note, Note::LABELS, *label).unwrap();
    }
    Label::delete().key(2).execute(&fresh.db).await.unwrap();
    assert!(s.commit().await.unwrap_err().is_foreign_key_violation());
    assert_eq!(s.failure().unwrap().row::<Note>(), Some(notes[1]));
    s.disconnect(notes[1], Note::LABELS, labels[1]).unwrap();
    s.commit().await.unwrap();
}

#[tokio::test]
async fn who_would_go_along_is_not_mistaken_for_who_is_removed() {
    let (_fresh, mut s) = shop().await;
    let users = s.add_all(["Ada", "Bob", "Cyd"].map(new_user));
    s.flush().await.unwrap();
    let author_id = s[users[0]].id;
    let posts: Vec<Ref<Post>> = s.add_all(["a", "b", "c"].map(|title| new_post(author_id, title)));
    s.flush().await.unwrap();
    // The second post has the key of the second user.
    assert_eq!(s[posts[1]].id, s[users[1]].id);
    let key = s[posts[1]].id;
    s.add(new_comment(key, "why"));
    s.commit().await.unwrap();
    users.iter().for_each(|user| s.remove(*user));
    let refused = s.commit().await.unwrap_err();
    assert!(refused.is_foreign_key_violation());
    assert_eq!(s.failure().unwrap().rows::<User>(), users);
    s.rollback().await.unwrap();
    // And here it is the post itself.
    posts.iter().for_each(|post| s.remove(*post));
    s.commit().await.unwrap_err();
    assert_eq!(s.failure().unwrap().row::<Post>(), Some(posts[1]));
}

#[tokio::test]
async fn a_part_of_a_session_names_its_rows_and_the_rest_goes_on() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    s.flush().await.unwrap();
    let part = s.nested(async |s| {
        let rows = s.add_all(["Bob", "Ada", "Cyd"].map(new_user));
        let error = s.flush().await.unwrap_err();
        assert!(error.is_unique_violation());
        let bad = s.failure().unwrap().row::<User>();
        assert_eq!(bad, Some(rows[1]));
        s.remove(rows[1]);
        Ok::<_, ormcore::Error>(rows[2])
    });
    let cyd = part.await.unwrap();
    s[ada].age = Some(1);
    s.commit().await.unwrap();
    assert_eq!(s[cyd].name, "Cyd");
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 3);
}

#[tokio::test]
async fn the_only_connection_is_enough_to_ask() {
    let (fresh, mut s) = shop().await;
    s.add(new_user("Ada"));
    s.commit().await.unwrap();
    let config = Config::new(fresh.database.url()).unwrap().pool_size(1);
    let db = config.connect().await.unwrap();
    let mut s = db.session();
    let rows = s.add_all(["Bob", "Ada"].map(new_user));
    assert!(s.commit().await.unwrap_err().is_unique_violation());
    assert_eq!(s.failure().unwrap().row::<User>(), Some(rows[1]));
    s.remove(rows[1]);
    s.commit().await.unwrap();
}

#[tokio::test]
async fn where_nothing_is_told_all_that_were_sent_are_named() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob", "Cyd"].map(new_user));
    sql("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
           IF new.name = 'Bob' THEN RAISE unique_violation USING table = 'users', constraint = 'users_email_key'; END IF; \
           RETURN new; END $$; \
         CREATE TRIGGER refuse BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse()")
        .batch(&fresh.db)
        .await
        .unwrap();
    fresh.statements();
    assert!(s.flush().await.unwrap_err().is_unique_violation());
    assert_eq!(s.failure().unwrap().rows::<User>(), rows);
    assert_eq!(s.failure().unwrap().columns(), ["email"]);
    let asked = fresh.statements();
    assert_eq!(asked.len(), 1, "{asked:?}");
}
