//! The whole library: made, compared, written out, and written anew from nothing.

use crate::fresh::fresh;
use crate::library::{
    Address, Email, Label, Mood, NewLabel, NewPost, NewUser, Post, Postcode, Stage, Tenant, User,
    all, library,
};
use crate::mended::{fits, mend, run};
use ormcore::migrate::{self, Migrations};
use ormcore::schema::{self, DifferenceKind};
use ormcore::{ErrorKind, entities, sql};

#[tokio::test]
async fn what_was_created_differs_in_nothing() {
    let fresh = library().await;
    fits(&fresh, all()).await;
    let statements = fresh.statements();
    assert_eq!(statements, Vec::<String>::new());
    schema::verify(&fresh.db, all()).await.unwrap();
    let statements = fresh.statements();
    assert_eq!(statements.len(), 6, "{statements:#?}");
    assert!(
        statements[3].contains("FROM pg_constraint"),
        "{statements:#?}"
    );
    schema::verify(&fresh.db, entities![Label]).await.unwrap();
    schema::verify(&fresh.db, []).await.unwrap();
}

#[tokio::test]
async fn tables_are_written_from_nothing_and_can_be_used() {
    let fresh = fresh([]).await;
    let mended = mend(fresh, all()).await;
    let kinds: Vec<_> = mended.differences.iter().map(|one| one.kind).collect();
    let types = kinds
        .iter()
        .filter(|kind| **kind == DifferenceKind::TypeMissing);
    assert_eq!(types.count(), 4);
    let tables = kinds
        .iter()
        .filter(|kind| **kind == DifferenceKind::TableMissing);
    assert_eq!(tables.count(), 10, "{:#?}", mended.differences);
    assert_eq!(kinds.len(), 14);
    let risks: Vec<_> = mended
        .changes
        .statements()
        .iter()
        .flat_map(|one| &one.risks)
        .collect();
    assert!(risks.is_empty(), "{risks:?}");

    let db = &mended.fresh.db;
    let user = NewUser {
        email: Email("a@b".into()),
        name: "Ada".into(),
        mood: None,
        moods: vec![Some(Mood::Awful), None],
        home: Some(Address {
            street: "Ring".into(),
            postcode: Some(Postcode("1010".into())),
            moods: vec![Mood::Middling],
        }),
        settings: None,
        balance: None,
        seen_from: None,
        seats: None,
        away: None,
        every: None,
        born: None,
        boss_id: None,
    };
    let user = User::insert(user).one(db).await.unwrap();
    let post = NewPost {
        author_id: user.id,
        title: "T".into(),
        slug: "t".into(),
        stage: Stage::Draft,
        words: 1,
    };
    let post = Post::insert(post).one(db).await.unwrap();
    let label = NewLabel { name: "x".into() };
    Label::insert(label).execute(db).await.unwrap();
    assert_eq!(
        Post::LABELS
            .of(&post)
            .add(db, ["x".to_owned()])
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn what_is_created_and_what_is_written_are_the_same() {
    let written = fresh([]).await;
    let changes = schema::diff(&written.db, all()).await.unwrap();
    run(&written, &changes).await;
    let created = library().await;
    let described = "SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, \
         pg_get_expr(adbin, adrelid)) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid \
         LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
         WHERE relnamespace::regnamespace::text IN ('public', '\"stage 1\"') AND attnum > 0 \
         UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint \
         WHERE connamespace::regnamespace::text IN ('public', '\"stage 1\"') ORDER BY 1";
    let of = async |db| sql(described).scalars::<String>(db).await.unwrap();
    let (created, written) = (of(&created.db).await, of(&written.db).await);
    assert!(created.len() > 100, "{created:#?}");
    assert_eq!(created, written);
}

#[tokio::test]
async fn a_transaction_can_be_asked_and_a_refusal_names_the_line_that_asked() {
    let fresh = fresh([]).await;
    let tx = fresh.db.begin().await.unwrap();
    schema::create(&tx, entities![Tenant]).await.unwrap();
    schema::verify(&tx, entities![Tenant]).await.unwrap();
    tx.rollback().await.unwrap();
    let error = schema::verify(&fresh.db, entities![Tenant]).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    let text = error.to_string();
    let says = "the database differs from the entities:\n- the table `tenants` is missing";
    assert!(text.contains(says), "{text}");
    assert!(text.contains("schema/whole.rs:"), "{text}");
    fresh.db.close();
    let error = schema::verify(&fresh.db, entities![Tenant]).await;
    let text = error.unwrap_err().to_string();
    assert!(text.contains("schema/whole.rs:"), "{text}");
}

#[tokio::test]
async fn what_is_written_can_be_migrations() {
    let fresh = fresh([]).await;
    let mut files = Vec::new();
    for (name, meanwhile) in [
        ("20260101_090000_all.sql", "CREATE TABLE else_where ()"),
        (
            "20260102_090000_next.sql",
            "ALTER TABLE posts DROP title, ALTER words TYPE int8, ALTER stage DROP NOT NULL",
        ),
    ] {
        sql(meanwhile).batch(&fresh.db).await.unwrap();
        let changes = migrate::diff(&fresh.db, all()).await.unwrap();
        files.push((name, format!("-- UP\n{changes}")));
        let migrations = Migrations::new(files.clone()).unwrap();
        let steps = migrate::run(&fresh.db, &migrations).await.unwrap();
        assert_eq!(steps.len(), 1);
        fits(&fresh, all()).await;
    }
}
