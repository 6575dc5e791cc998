//! What questions are asked of: joined tables, what another question finds, trees.

use crate::fresh::{Fresh, fresh};
use ormcore::{Alias, Entity, ErrorKind, Many, One, count, entities};

#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "workers", insert(NewWorker))]
struct Worker {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    wage: i32,
    #[orm(references(Worker))]
    boss_id: Option<i64>,
    #[orm(belongs_to(key = boss_id))]
    boss: One<Option<Worker>>,
    #[orm(has_many(Worker, key = boss_id))]
    staff: Many<Worker>,
}

/// Ann leads Bob and Cid, Bob leads Dot, Dot leads Eve; Flo is alone.
async fn firm() -> Fresh {
    let fresh = fresh(entities![Worker]).await;
    let rows = [
        ("Ann", 50, None),
        ("Bob", 40, Some(1)),
        ("Cid", 60, Some(1)),
        ("Dot", 30, Some(2)),
        ("Eve", 30, Some(4)),
        ("Flo", 10, None),
    ];
    let rows = rows.map(|(name, wage, boss_id)| NewWorker {
        name: name.into(),
        wage,
        boss_id,
    });
    Worker::insert_many(rows.into())
        .execute(&fresh.db)
        .await
        .expect("workers");
    fresh.statements();
    fresh
}

fn initials(workers: &[Worker]) -> String {
    workers.iter().map(|worker| &worker.name[..1]).collect()
}

#[tokio::test]
async fn a_table_is_joined_by_a_name_of_its_own() {
    let firm = firm().await;
    let boss = Alias::<Worker>::new("boss");
    let better: Vec<(String, String)> = Worker::find()
        .join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
        .filter(boss.col(Worker::WAGE).lt(Worker::WAGE))
        .select((Worker::NAME, boss.col(Worker::NAME)))
        .all(&firm.db)
        .await
        .unwrap();
    assert_eq!(better, [("Cid".to_owned(), "Ann".to_owned())]);
    assert_eq!(
        firm.statements(),
        [
            r#"SELECT "workers"."name", "boss"."name" FROM "workers" JOIN "workers" AS "boss" ON "boss"."id" = "workers"."boss_id" WHERE "boss"."wage" < "workers"."wage""#
        ]
    );

    let all: Vec<(String, Option<String>)> = Worker::find()
        .left_join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
        .order_by(Worker::ID)
        .select((Worker::NAME, boss.maybe(Worker::NAME)))
        .all(&firm.db)
        .await
        .unwrap();
    assert_eq!(
        (all.len(), &all[0].1, all[1].1.as_deref()),
        (6, &None, Some("Ann"))
    );
    let leaders: Vec<Option<String>> = Worker::find()
        .right_join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
        .filter(boss.col(Worker::WAGE).lt(40))
        .order_by(boss.col(Worker::ID))
        .select(ormcore::Expression::from(Worker::NAME).nullable())
        .all(&firm.db)
        .await
        .unwrap();
    assert_eq!(leaders, [Some("Eve".to_owned()), None, None]);
    let both: i64 = Worker::find()
        .full_join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
        .select(count())
        .one(&firm.db)
        .await
        .unwrap();
    assert_eq!(both, 9);
    let entities = Worker::find()
        .join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
        .filter(boss.col(Worker::NAME).eq("Ann"));
    let count = Worker::find()
        .join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
        .count(&firm.db)
        .await
        .unwrap();
    let entities = entities.order_by(Worker::ID).all(&firm.db).await.unwrap();
    assert_eq!((initials(&entities), count), ("BC".to_owned(), 4));
    let missing = Worker::find()
        .filter(boss.col(Worker::ID).eq(1))
        .all(&firm.db)
        .await
        .unwrap_err();
    assert_eq!(
        (missing.kind(), missing.code()),
        (ErrorKind::Database, Some("42P01"))
    );
}

#[tokio::test]
async fn joins_and_eager_relations_go_together() {
    let firm = firm().await;
    let boss = Alias::<Worker>::new("boss");
    let find = || {
        Worker::find()
            .join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
            .filter(boss.col(Worker::WAGE).ge(Worker::WAGE))
            .order_by(boss.col(Worker::NAME).desc())
            .limit(2)
    };
    for staff in [Worker::STAFF.order_by(Worker::ID), Worker::STAFF.joined()] {
        let workers = find()
            .with(staff)
            .with(Worker::BOSS.joined())
            .all(&firm.db)
            .await
            .unwrap();
        assert_eq!(initials(&workers), "ED");
        assert_eq!(initials(workers[1].staff.get().unwrap()), "E");
        assert_eq!(workers[1].boss.get().unwrap().unwrap().name, "Bob");
    }
}

#[tokio::test]
async fn a_question_is_asked_of_what_another_finds() {
    let firm = firm().await;
    let richest = || Worker::find().order_by(Worker::WAGE.desc()).limit(3);
    let found = Worker::find()
        .of(richest())
        .filter(Worker::BOSS_ID.is_not_null())
        .order_by(Worker::ID)
        .all(&firm.db)
        .await
        .unwrap();
    assert_eq!(initials(&found), "BC");
    let wages: Option<i64> = Worker::find()
        .of(richest())
        .select(Worker::WAGE.sum())
        .one(&firm.db)
        .await
        .unwrap();
    assert_eq!(wages, Some(150));
    assert_eq!(
        Worker::find().of(richest()).count(&firm.db).await.unwrap(),
        3
    );
    let sent = firm.statements();
    assert_eq!(
        sent[1],
        r#"WITH source AS (SELECT "id", "name", "wage", "boss_id" FROM "workers" ORDER BY "wage" DESC LIMIT $1) SELECT CAST(sum("wage") AS bigint) FROM source AS "workers" LIMIT $2"#
    );
    let with_boss = Worker::find()
        .of(richest())
        .with(Worker::BOSS.joined())
        .order_by(Worker::ID)
        .all(&firm.db)
        .await
        .unwrap();
    assert_eq!(initials(&with_boss), "ABC");
}

#[tokio::test]
async fn a_tree_is_followed_to_its_ends() {
    let firm = firm().await;
    let bob = || Worker::find().filter(Worker::NAME.eq("Bob"));
    let below = Worker::find()
        .tree(bob(), Worker::STAFF)
        .order_by(Worker::ID)
        .all(&firm.db)
        .await
        .unwrap();
    assert_eq!(initials(&below), "BDE");
    let eve = Worker::find().filter(Worker::NAME.eq("Eve"));
    let above = Worker::find()
        .tree(eve, Worker::BOSS)
        .order_by(Worker::ID)
        .filter(Worker::NAME.ne("Dot"));
    assert_eq!(initials(&above.all(&firm.db).await.unwrap()), "ABE");
    assert_eq!(
        firm.statements()[0],
        r#"WITH RECURSIVE source AS (SELECT "id" FROM "workers" WHERE "name" = $1 UNION SELECT s1."id" FROM "workers" AS s1 JOIN source ON s1."boss_id" = source."id") SELECT "id", "name", "wage", "boss_id" FROM (SELECT "id", "name", "wage", "boss_id" FROM "workers" WHERE ("id") IN (SELECT "id" FROM source)) AS "workers" ORDER BY "id""#
    );
    // Whatever the roots are found by.
    let last = || Worker::find().filter(Worker::BOSS_ID.is_not_null());
    let last = || last().order_by(Worker::ID.desc()).limit(1);
    for roots in [last(), Worker::find().of(last()), last().of(Worker::find())] {
        let tree = Worker::find().tree(roots, Worker::BOSS);
        let tree = tree.order_by(Worker::ID).all(&firm.db).await;
        assert_eq!(initials(&tree.unwrap()), "ABDE");
    }
    // A circle ends where it began.
    Worker::update(1)
        .set(Worker::BOSS_ID, 5)
        .execute(&firm.db)
        .await
        .unwrap();
    let round = Worker::find()
        .tree(bob(), Worker::STAFF)
        .order_by(Worker::ID)
        .all(&firm.db)
        .await
        .unwrap();
    assert_eq!(initials(&round), "ABCDE");
}

#[tokio::test]
async fn rows_that_have_a_name_are_asked_and_joined_as_often_as_wanted() {
    let firm = firm().await;
    let db = &firm.db;
    let poor = Alias::<Worker>::of_rows("poor");
    let boss = poor.again("boss");
    let found = || {
        Worker::find()
            .filter(Worker::WAGE.lt(45))
            .of(Worker::find())
    };
    let of_poor = || Worker::find().of_rows(poor);
    let pairs: Vec<(String, String)> = Worker::find()
        .given(poor, found())
        .join(poor, poor.col(Worker::ID).eq(Worker::ID))
        .join(boss, boss.col(Worker::ID).eq(Worker::BOSS_ID))
        .filter(Worker::ID.in_query(of_poor().select(Worker::ID)))
        .order_by(Worker::ID)
        .select((poor.col(Worker::NAME), boss.col(Worker::NAME)))
        .all(db)
        .await
        .unwrap();
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(pairs, [pair("Dot", "Bob"), pair("Eve", "Dot")]);
    assert_eq!(
        firm.statements(),
        [concat!(
            r#"WITH "poor" AS (WITH source AS (SELECT "id", "name", "wage", "boss_id" FROM "workers") "#,
            r#"SELECT "id", "name", "wage", "boss_id" FROM source AS "workers" WHERE "wage" < $1) "#,
            r#"SELECT "poor"."name", "boss"."name" FROM "workers" JOIN "poor" AS "poor" ON "poor"."id" = "workers"."id" "#,
            r#"JOIN "poor" AS "boss" ON "boss"."id" = "workers"."boss_id" "#,
            r#"WHERE "workers"."id" IN (SELECT s1."id" FROM "poor" AS s1) ORDER BY "workers"."id""#
        )]
    );
    let roots = of_poor().filter(Worker::NAME.eq("Bob"));
    let below = Worker::find().given(poor, found());
    let below = below.tree(roots, Worker::STAFF).order_by(Worker::ID);
    let below = below.all(db).await.unwrap();
    assert_eq!(initials(&below), "BDE");
    let again = || of_poor().given(poor, found());
    assert_eq!(again().count(db).await.unwrap(), 4);
    let staff = again().with(Worker::STAFF.joined()).limit(2);
    let staff = staff.order_by(Worker::ID).all(db).await.unwrap();
    assert_eq!(initials(&staff), "BD");
    // Nobody gave rows this name.
    let nobody = Worker::find().of_rows(poor).all(db).await.unwrap_err();
    assert_eq!(nobody.code(), Some("42P01"));
}
