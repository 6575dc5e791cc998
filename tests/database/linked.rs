//! What a row is linked to, asked without loading it, and links whose rows say more than who belongs to whom.

use crate::fresh::{Fresh, fresh};
use crate::tags::{Article, Credit, NewPerson, NewShelf, Note, Person, Shelf, Tag, three};
use chrono::{DateTime, Utc};
use ormcore::{Condition, Entity, ErrorKind, Expression, Many, entities, now};

fn sorted<T: Ord>(mut keys: Vec<T>) -> Vec<T> {
    keys.sort();
    keys
}

#[tokio::test]
async fn what_a_row_is_linked_to_is_asked_in_one_statement_each() {
    let press = three().await;
    let db = &press.db;
    let article = Article::get(1).one(db).await.unwrap();
    let of = || Article::TAGS.of(&article);
    press.statements();
    assert!(of().has(db, "rust").await.unwrap());
    assert!(!of().has(db, "idle").await.unwrap());
    assert!(!of().has(db, "none".to_owned()).await.unwrap());
    assert_eq!(sorted(of().keys(db).await.unwrap()), ["orm", "rust"]);
    assert_eq!(of().count(db).await.unwrap(), 2);
    let statements = press.statements();
    assert_eq!(statements.len(), 5);
    let leads_here = r#"EXISTS (SELECT FROM "article_tags" AS s1 WHERE s1."tag_id" = "tags"."name" AND s1."article_id" = $1)"#;
    let rows = format!(r#" FROM "tags" WHERE {leads_here}"#);
    assert_eq!(
        statements[0],
        format!(r#"SELECT EXISTS (SELECT{rows} AND "name" = $2)"#)
    );
    assert_eq!(statements[3], format!(r#"SELECT "name"{rows}"#));
    assert_eq!(statements[4], format!("SELECT count(*){rows}"));
    // As a question it can be gone on with.
    let noted = of().find().filter(Tag::NOTES.exists()).with(Tag::NOTES);
    let noted = noted.one(db).await.unwrap();
    assert_eq!(
        noted
            .notes
            .get()
            .unwrap()
            .iter()
            .map(|note: &Note| note.id)
            .len(),
        1
    );
    let last = of().find().order_by(Tag::NAME.desc()).limit(1);
    assert_eq!(last.select(Tag::NAME).all(db).await.unwrap(), ["rust"]);
    // The third is linked to nothing, and one that is not there neither.
    for key in [3, 99] {
        let of = || Article::TAGS.of_key(&key);
        assert_eq!(of().keys(db).await.unwrap(), Vec::<String>::new());
        assert_eq!(of().count(db).await.unwrap(), 0);
        assert!(!of().has(db, "rust").await.unwrap());
    }
}

#[tokio::test]
async fn rows_linked_to_their_like_are_told_from_those_that_lead_there() {
    let press = three().await;
    let db = &press.db;
    let cites = |from: i64| Article::CITES.of_key(&Box::leak(Box::new(from)).clone());
    cites(1).add(db, [2, 3]).await.unwrap();
    cites(2).add(db, [3]).await.unwrap();
    assert_eq!(sorted(cites(1).keys(db).await.unwrap()), [2, 3]);
    assert_eq!(cites(2).keys(db).await.unwrap(), [3]);
    assert_eq!(cites(3).count(db).await.unwrap(), 0);
    assert!(cites(2).has(db, 3).await.unwrap());
    assert!(!cites(3).has(db, 2).await.unwrap());
}

#[derive(Entity, Debug)]
#[orm(table = "rooms", insert(NewRoom))]
struct Room {
    #[orm(primary_key)]
    id: i32,
    #[orm(many_to_many(Shelf, through = "room_shelves", there = (room, place)))]
    shelves: Many<Shelf>,
}

#[tokio::test]
async fn keys_of_several_columns_are_asked_for_and_come_back_whole() {
    let press = three().await;
    let db = &press.db;
    let shelves = [(1, "a"), (1, "b"), (2, "a")].map(|(room, place)| NewShelf {
        room,
        place: place.into(),
    });
    Shelf::insert_many(shelves.into())
        .execute(db)
        .await
        .unwrap();
    let labels = |room, place: &str| Shelf::LABELS.of_key(&(room, place.to_owned()));
    labels(1, "a").add(db, ["rust".to_owned()]).await.unwrap();
    assert!(labels(1, "a").has(db, "rust").await.unwrap());
    assert!(!labels(1, "b").has(db, "rust").await.unwrap());
    assert!(!labels(2, "a").has(db, "rust").await.unwrap());
    ormcore::schema::create(db, entities![Room]).await.unwrap();
    Room::insert(NewRoom { id: 7 }).execute(db).await.unwrap();
    let of = || Room::SHELVES.of_key(&7);
    of().add(db, [(1, "b".to_owned()), (2, "a".into())])
        .await
        .unwrap();
    let keys = sorted(of().keys(db).await.unwrap());
    assert_eq!(keys, [(1, "b".to_owned()), (2, "a".into())]);
    assert!(of().has(db, (2, "a")).await.unwrap());
    assert!(!of().has(db, (1, "a")).await.unwrap());
}

async fn people() -> Fresh {
    let press = three().await;
    let people = [1, 2, 3].map(|id| NewPerson { id });
    let people = Person::insert_many(people.into()).execute(&press.db);
    assert_eq!(people.await.expect("people"), 3);
    press.statements();
    press
}

async fn roles(press: &Fresh) -> Vec<(i32, String)> {
    let roles = Credit::find().order_by(Credit::WHO);
    let roles = roles.select((Credit::WHO, Credit::ROLE)).all(&press.db);
    roles.await.expect("roles")
}

#[tokio::test]
async fn a_new_link_says_what_is_given_with_it_and_an_old_one_what_it_said() {
    let press = people().await;
    let db = &press.db;
    let of = || Article::PEOPLE.of_key(&1);
    let author = of().with_value(Credit::ROLE, "author");
    assert_eq!(author.add(db, [1, 2]).await.unwrap(), 2);
    let editor = of()
        .with_value(Credit::ROLE, "reader")
        .with_value(Credit::ROLE, "editor");
    assert_eq!(editor.add(db, [2, 3]).await.unwrap(), 1);
    let role = |who, role: &str| (who, role.to_owned());
    let expected = [role(1, "author"), role(2, "author"), role(3, "editor")];
    assert_eq!(roles(&press).await, expected);
    let editor = of().with_value(Credit::ROLE, "editor".to_owned());
    assert_eq!(editor.set(db, [1]).await.unwrap(), 0);
    assert_eq!(roles(&press).await, [role(1, "author")]);
    let called = Expression::call("upper", [Expression::value("reader".to_owned()).into()]);
    let reader = of().with_value(Credit::ROLE, called);
    assert_eq!(reader.set(db, [3]).await.unwrap(), 1);
    assert_eq!(roles(&press).await, [role(3, "READER")]);
    let statements = press.statements();
    assert!(
        !statements
            .iter()
            .any(|statement| statement.contains("author"))
    );
    // Without it the column has no value, and no default either.
    let error = of().add(db, [1]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotNullViolation);
    assert!(error.to_string().contains("role"), "{error}");
}

#[tokio::test]
async fn what_no_link_says_is_refused_before_anything_is_sent() {
    let press = people().await;
    let db = &press.db;
    let people = || Article::PEOPLE.of_key(&1);
    let no_columns = [
        people().with_value(Tag::ARTICLE_ID, 1).add(db, [1]).await,
        people().with_value(Credit::WHO, 2).add(db, [1]).await,
        people()
            .with_value(Credit::ARTICLE_ID, 2)
            .set(db, [1])
            .await,
    ];
    let of_a_plain_table = Article::TAGS.of_key(&1).with_value(Credit::ROLE, "author");
    let of_a_plain_table = of_a_plain_table.add(db, ["rust".to_owned()]).await;
    for error in no_columns.into_iter().chain([of_a_plain_table]) {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Usage);
        let text = error.to_string();
        assert!(
            text.contains("Article::PEOPLE") || text.contains("Article::TAGS"),
            "{text}"
        );
        assert!(text.contains("through = …"), "{text}");
        assert!(
            error
                .location()
                .is_some_and(|at| at.file().ends_with("linked.rs"))
        );
    }
    assert!(press.statements().is_empty());
}

#[derive(Entity, Debug)]
#[orm(table = "clubs", insert(NewClub))]
struct Club {
    #[orm(primary_key)]
    id: i32,
    #[orm(many_to_many(Member, through = Joining))]
    members: Many<Member>,
    #[orm(many_to_many(Member, through = Joining, when = is_grown_up))]
    grown_up: Many<Member>,
}

fn is_grown_up() -> Condition<Member> {
    Member::AGE.ge(18)
}

#[derive(Entity, Debug)]
#[orm(table = "members", insert(NewMember))]
struct Member {
    #[orm(primary_key)]
    id: i32,
    age: i32,
    #[orm(soft_delete)]
    left_at: Option<DateTime<Utc>>,
}

/// A link that is marked as deleted when it ends, is of a kind, and says since when.
#[derive(Entity, Debug)]
#[orm(table = "joinings", kind(column = "kind", value = "full"))]
struct Joining {
    #[orm(primary_key)]
    club_id: i32,
    #[orm(primary_key)]
    member_id: i32,
    since: DateTime<Utc>,
    note: Option<String>,
    #[orm(soft_delete)]
    ended_at: Option<DateTime<Utc>>,
}

/// A club of four, the last of whom is too young for some things.
async fn club() -> Fresh {
    let club = fresh(entities![Club, Member, Joining]).await;
    let db = &club.db;
    Club::insert(NewClub { id: 1 })
        .execute(db)
        .await
        .expect("a club");
    let members = [(1, 30), (2, 40), (3, 50), (4, 7)].map(|(id, age)| NewMember { id, age });
    let members = Member::insert_many(members.into()).execute(db).await;
    assert_eq!(members.expect("members"), 4);
    let since = Club::MEMBERS.of_key(&1).with_value(Joining::SINCE, now());
    let joined = since.with_value(Joining::NOTE, "founder");
    assert_eq!(joined.add(db, [1, 2, 3, 4]).await.expect("links"), 4);
    club
}

#[tokio::test]
async fn only_what_the_relation_leads_to_is_counted() {
    let club = club().await;
    let db = &club.db;
    let (members, grown_up) = (|| Club::MEMBERS.of_key(&1), || Club::GROWN_UP.of_key(&1));
    assert_eq!(sorted(members().keys(db).await.unwrap()), [1, 2, 3, 4]);
    assert_eq!(sorted(grown_up().keys(db).await.unwrap()), [1, 2, 3]);
    assert_eq!(grown_up().count(db).await.unwrap(), 3);
    assert!(members().has(db, 4).await.unwrap());
    assert!(!grown_up().has(db, 4).await.unwrap());
    // Neither a link that has ended nor one to a row that is marked as deleted.
    members().remove(db, [2]).await.unwrap();
    Member::delete().key(3).execute(db).await.unwrap();
    assert_eq!(sorted(members().keys(db).await.unwrap()), [1, 4]);
    assert_eq!(members().count(db).await.unwrap(), 2);
    assert!(!members().has(db, 2).await.unwrap());
    assert!(!members().has(db, 3).await.unwrap());
    let loaded = Club::get(1).with(Club::MEMBERS).one(db).await.unwrap();
    assert_eq!(loaded.members.get().unwrap().len(), 2);
}

#[tokio::test]
async fn a_link_that_comes_back_says_what_it_said() {
    let club = club().await;
    let db = &club.db;
    let members = || Club::MEMBERS.of_key(&1);
    members().remove(db, [1, 2]).await.unwrap();
    let gone = ormcore::sql("DELETE FROM joinings WHERE member_id = 2");
    gone.execute(db).await.unwrap();
    let since = Utc::now();
    let again = members()
        .with_value(Joining::SINCE, since)
        .with_value(Joining::NOTE, "again");
    assert_eq!(again.add(db, [1, 2]).await.unwrap(), 2);
    let notes = Joining::find().order_by(Joining::MEMBER_ID);
    let notes = notes.select(Joining::NOTE).all(db).await.unwrap();
    let notes: Vec<_> = notes.iter().flatten().map(String::as_str).collect();
    assert_eq!(notes, ["founder", "again", "founder", "founder"]);
    let kinds = ormcore::sql("SELECT DISTINCT kind FROM joinings").scalars::<String>(db);
    assert_eq!(kinds.await.unwrap(), ["full"]);
}
