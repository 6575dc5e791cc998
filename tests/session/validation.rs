//! A session checks what it writes by the rules of the columns, behind the hooks and before anything is sent.

use crate::fresh::fresh;
use ormcore::{
    Db, Entity, ErrorKind, Ref, Result, RowHooks, RowState, Session, async_trait, entities, sql,
};
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

static NUMBERS: AtomicI64 = AtomicI64::new(1);

fn number() -> i64 {
    NUMBERS.fetch_add(1, Ordering::Relaxed)
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "members", insert(NewMember, derive(Debug)))]
struct Member {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(validate(length(min = 1, max = 9)))]
    name: String,
    #[orm(validate(email))]
    email: Option<String>,
    age: i32,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "badges", insert(NewBadge, derive(Debug)))]
struct Badge {
    #[orm(primary_key, default_with = Uuid::now_v7)]
    id: Uuid,
    #[orm(default_with = number)]
    number: i64,
    #[orm(validate(not_empty))]
    text: String,
    #[orm(references(Badge))]
    parent_id: Option<Uuid>,
}

fn member(name: &str, email: Option<&str>) -> NewMember {
    NewMember {
        name: name.into(),
        email: email.map(Into::into),
        age: 36,
    }
}

fn badge(text: &str, parent_id: Option<Uuid>) -> NewBadge {
    NewBadge {
        id: None,
        number: None,
        text: text.into(),
        parent_id,
    }
}

/// No blanks around a name.
struct Tidy;

#[async_trait]
impl RowHooks<Member> for Tidy {
    async fn before_insert(&self, s: &mut Session, row: Ref<Member>) -> Result<()> {
        let new: &mut NewMember = s.new_row_mut(row)?;
        new.name = new.name.trim().to_owned();
        Ok(())
    }

    async fn before_update(&self, s: &mut Session, row: Ref<Member>) -> Result<()> {
        s[row].email = Some("hook".into());
        Ok(())
    }
}

async fn count(db: &Db) -> u64 {
    Member::find().count(db).await.expect("a count")
}

#[tokio::test]
async fn a_flush_is_refused_for_all_rows_at_once_and_nothing_is_sent() {
    let fresh = fresh(entities![Member, Badge]).await;
    let mut s = fresh.db.session();
    let ada = s.add(member("Ada", Some("ada@example.org")));
    s.commit().await.unwrap();
    fresh.statements();
    s[ada].email = Some("SECRET".into());
    let long = s.add(member("SECRET-of-many-letters", None));
    let right = s.add(member("Bob", None));
    let empty = s.add(badge("", None));
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    let fields = error.invalid_fields().iter();
    let fields: Vec<_> = fields
        .map(|one| (one.entity, one.field, one.rule, one.row))
        .collect();
    assert_eq!(
        fields,
        [
            ("Member", "name", "length", Some(0)),
            ("Member", "email", "email", Some(1)),
            ("Badge", "text", "not_empty", None),
        ]
    );
    let failure = s.failure().expect("a failure");
    assert_eq!(failure.kind(), ErrorKind::Invalid);
    assert_eq!(failure.rows::<Member>(), [long, ada]);
    assert_eq!(failure.columns(), ["email", "name"]);
    let text = error.to_string();
    assert!(text.starts_with("the flush of 2 rows of `Member`: 3 values are not valid: rows[0]: "));
    assert!(!text.contains("SECRET"), "{text}");
    assert_eq!(fresh.statements(), Vec::<String>::new());
    assert_eq!(s.state(right).unwrap(), RowState::Pending);

    // What is wrong is put right, and written as it was meant.
    s[ada].email = None;
    s.new_row_mut::<NewMember>(long).unwrap().name = "Cleo".into();
    s.new_row_mut::<NewBadge>(empty).unwrap().text = "1".into();
    s.commit().await.unwrap();
    assert_eq!(count(&fresh.db).await, 3);
    assert_eq!(s[ada].email, None);
}

#[tokio::test]
async fn what_was_wrong_before_and_is_not_changed_is_let_alone() {
    let fresh = fresh(entities![Member]).await;
    let old = "INSERT INTO members (name, email, age) VALUES ('', 'old', 1)";
    sql(old).execute(&fresh.db).await.unwrap();
    let mut s = fresh.db.session();
    let row = s.get::<Member>(1).await.unwrap();
    s[row].age = 2;
    s.commit().await.unwrap();
    s[row].name = "much too long".into();
    let error = s.commit().await.unwrap_err();
    let fields = error.invalid_fields().iter().map(|one| one.field);
    assert!(fields.eq(["name"]), "{error}");
    let failure = s.failure().expect("a failure");
    assert_eq!(failure.row::<Member>(), Some(row));
}

#[tokio::test]
async fn hooks_come_first_and_what_they_write_is_checked() {
    let fresh = fresh(entities![Member]).await;
    let db = fresh.db.on_rows::<Member>(Tidy);
    let mut s = db.session();
    let row = s.add(member("   Ada   Ada ", None));
    s.commit().await.unwrap();
    assert_eq!(s[row].name, "Ada   Ada");
    let blank = s.add(member("    ", None));
    let error = s.commit().await.unwrap_err();
    let fields = error.invalid_fields().iter().map(|one| one.field);
    assert!(fields.eq(["name"]), "{error}");
    s.remove(blank);
    s[row].age += 1;
    let error = s.commit().await.unwrap_err();
    let fields = error.invalid_fields().iter().map(|one| one.field);
    assert!(fields.eq(["email"]), "{error}");
    assert_eq!(count(&fresh.db).await, 1);
}

#[tokio::test]
async fn a_transaction_goes_on_behind_a_refusal() {
    let fresh = fresh(entities![Member]).await;
    let mut s = fresh.db.session();
    s.add(member("Ada", None));
    s.flush().await.unwrap();
    let bob = s.add(member("", None));
    s.flush().await.unwrap_err();
    assert_eq!(s.changes().iter().count(), 1);
    s.new_row_mut::<NewMember>(bob).unwrap().name = "Bob".into();
    s.commit().await.unwrap();
    assert_eq!(count(&fresh.db).await, 2);
}

#[tokio::test]
async fn what_a_function_makes_is_there_when_a_row_is_added() {
    let fresh = fresh(entities![Badge]).await;
    let mut s = fresh.db.session();
    let one = s.add(badge("one", None));
    let made = s.new_row::<NewBadge>(one).unwrap();
    let (id, number) = (made.id.expect("an id"), made.number.expect("a number"));
    let key = s.key(one);
    assert_eq!(key, id);
    let two = s.add(badge("two", Some(key)));
    s.commit().await.unwrap();
    assert_eq!((s[one].id, s[one].number), (id, number));
    assert_eq!((s[two].parent_id, s[two].number), (Some(id), number + 1));
    let found = Badge::get(id).one(&fresh.db).await.unwrap();
    assert_eq!(found.text, "one");
}
