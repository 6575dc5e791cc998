//! Many writes of which some are refused: the others are done.

use crate::blog::{Post, User, blog, new_post, new_user};
use crate::fresh::fresh;
use ormcore::{Entity, ErrorKind, Result, Savepoint, entities, sql};
use std::ops::Range;

#[derive(Entity, Debug)]
#[orm(table = "coins", insert(NewCoin, derive(Clone)))]
struct Coin {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    name: String,
    cents: i32,
}

async fn insert(part: &mut Savepoint<'_>, coins: &[NewCoin]) -> Result<u64> {
    Coin::insert_many(coins.to_vec()).execute(part).await
}

fn coins(number: i64) -> Vec<NewCoin> {
    let coin = |id: i64| NewCoin {
        id,
        name: id.to_string(),
        cents: 1,
    };
    (0..number).map(coin).collect()
}

/// The numbers of those that failed, after a look at the others: they are all there, each once and in order.
fn failed(pieces: &[(Range<usize>, Result<u64>)], number: usize) -> Vec<(usize, ErrorKind)> {
    let mut next = 0;
    let mut failed = Vec::new();
    for (piece, done) in pieces {
        assert_eq!(piece.start, next);
        next = piece.end;
        match done {
            Ok(rows) => assert_eq!(*rows, piece.len() as u64),
            Err(error) => {
                assert_eq!(piece.len(), 1);
                failed.push((piece.start, error.kind()));
            }
        }
    }
    assert_eq!(next, number);
    failed
}

#[tokio::test]
async fn rows_that_are_refused_are_told_and_the_others_stored() {
    let fresh = fresh(entities![Coin]).await;
    sql("ALTER TABLE coins ADD CHECK (cents > 0)")
        .execute(&fresh.db)
        .await
        .unwrap();
    fresh.statements();
    let mut tx = fresh.db.begin().await.unwrap();
    let mut rows = coins(100);
    rows[0].cents = -1;
    rows[41].name = "40".into();
    rows[70].name = "a\0b".into();
    rows[99].id = 3;
    let pieces = tx.attempt_each(&rows, insert).await.unwrap();
    let expected = [
        (0, ErrorKind::CheckViolation),
        (41, ErrorKind::UniqueViolation),
        (70, ErrorKind::Encode),
        (99, ErrorKind::UniqueViolation),
    ];
    assert_eq!(failed(&pieces, 100), expected);
    // 2 · 4 · log2(100) more than one, at most.
    assert!(fresh.statements().len() < 1 + 8 * 7);
    tx.commit().await.unwrap();
    assert_eq!(Coin::find().count(&fresh.db).await.unwrap(), 96);
    assert!(
        Coin::find()
            .filter(Coin::ID.in_([0, 41, 70, 99]))
            .count(&fresh.db)
            .await
            .unwrap()
            == 0
    );
}

#[tokio::test]
async fn without_a_failure_it_is_one_statement_and_without_things_none() {
    let fresh = fresh(entities![Coin]).await;
    let mut tx = fresh.db.begin().await.unwrap();
    let pieces = tx.attempt_each(&coins(50), insert).await.unwrap();
    assert_eq!(failed(&pieces, 50), []);
    assert_eq!((pieces.len(), fresh.statements().len()), (1, 1));
    assert!(tx.attempt_each(&[], insert).await.unwrap().is_empty());
    assert_eq!(fresh.statements().len(), 0);
    tx.rollback().await.unwrap();
    // When all fail each is told.
    sql("INSERT INTO coins SELECT n, n, 1 FROM generate_series(0, 9) AS n")
        .execute(&fresh.db)
        .await
        .unwrap();
    let mut tx = fresh.db.begin().await.unwrap();
    let pieces = tx.attempt_each(&coins(10), insert).await.unwrap();
    assert_eq!(failed(&pieces, 10).len(), 10);
    // Others can be done afterwards.
    assert_eq!(
        Coin::update(1)
            .set(Coin::CENTS, 2)
            .execute(&tx)
            .await
            .unwrap(),
        1
    );
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn updates_and_deletes_go_on_too() {
    let blog = blog().await;
    let db = &blog.db;
    let users = User::insert_many(["Ada", "Bob", "Cy", "Dot"].map(new_user).into());
    let users = users.all(db).await.unwrap();
    Post::insert(new_post(&users[1], "a"))
        .execute(db)
        .await
        .unwrap();
    sql("ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey, ADD FOREIGN KEY (author_id) REFERENCES users")
        .execute(db)
        .await
        .unwrap();
    let emails = ["a", "a", "c", "d"].map(str::to_owned);
    let changes: Vec<_> = users.iter().map(|user| user.id).zip(emails).collect();
    let mut tx = db.begin().await.unwrap();
    let updated = tx
        .attempt_each(&changes, async |part, changes| {
            User::update_each(User::EMAIL, changes.to_vec())
                .execute(part)
                .await
        })
        .await
        .unwrap();
    assert_eq!(failed(&updated, 4), [(1, ErrorKind::UniqueViolation)]);
    let ids: Vec<i64> = users.iter().map(|user| user.id).collect();
    let deleted = tx
        .attempt_each(&ids, async |part, ids| {
            User::delete()
                .filter(User::ID.in_(ids.to_vec()))
                .execute(part)
                .await
        })
        .await
        .unwrap();
    assert_eq!(failed(&deleted, 4), [(1, ErrorKind::ForeignKeyViolation)]);
    // Who refers to it is told.
    let Err(error) = &deleted
        .iter()
        .find(|(piece, _)| piece.start == 1)
        .unwrap()
        .1
    else {
        panic!("it was deleted");
    };
    assert!(error.is_violation_of(Post::AUTHOR_ID), "{error}");
    tx.commit().await.unwrap();
    assert_eq!(User::find().one(db).await.unwrap().name, "Bob");
}

#[tokio::test]
async fn what_is_no_rows_fault_ends_it() {
    let fresh = fresh(entities![Coin]).await;
    let mut tx = fresh.db.begin().await.unwrap();
    let mut attempts = 0;
    let error = tx
        .attempt_each(&coins(8), async |part, _| {
            attempts += 1;
            sql("SELECT * FROM nowhere").execute(part).await
        })
        .await
        .unwrap_err();
    assert_eq!((error.code(), attempts), (Some("42P01"), 1));
    // What your own code refuses is a row's fault.
    let pieces = tx
        .attempt_each(&coins(8), async |part, coins| {
            match coins.iter().any(|coin| coin.id == 5) {
                true => Err(ormcore::Error::refused("not this one")),
                false => insert(part, coins).await,
            }
        })
        .await
        .unwrap();
    assert_eq!(failed(&pieces, 8), [(5, ErrorKind::Refused)]);
    tx.commit().await.unwrap();
    assert_eq!(Coin::find().count(&fresh.db).await.unwrap(), 7);
}

#[tokio::test]
async fn it_can_be_spawned() {
    let fresh = fresh(entities![Coin]).await;
    let db = fresh.db.clone();
    let task = tokio::spawn(async move {
        let mut tx = db.begin().await?;
        let rows = coins(3);
        let pieces = tx.attempt_each(&rows, insert).await?;
        tx.commit().await?;
        Ok::<_, ormcore::Error>(pieces.len())
    });
    assert_eq!(task.await.unwrap().unwrap(), 1);
}
