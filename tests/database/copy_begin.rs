//! A COPY begins with the types that its columns have now, or it does not begin.

use crate::copy::answer;
use crate::fresh::fresh;
use ormcore::{Entity, ErrorKind, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "numbers", insert(NewNumber))]
struct Number {
    #[orm(primary_key)]
    name: String,
    number: i64,
}

fn number(name: &str) -> [NewNumber; 1] {
    [NewNumber {
        name: name.into(),
        number: 7,
    }]
}

#[tokio::test]
async fn a_column_of_another_type_than_before_is_noticed() {
    let fresh = fresh(entities![Number]).await;
    Number::copy_in(number("a"))
        .execute(&fresh.db)
        .await
        .unwrap();
    assert_eq!(Number::get("a").one(&fresh.db).await.unwrap().number, 7);
    sql("ALTER TABLE numbers ALTER name TYPE varchar(3)")
        .execute(&fresh.db)
        .await
        .unwrap();
    Number::copy_in(number("b"))
        .execute(&fresh.db)
        .await
        .unwrap();
    // In a transaction there is no second time.
    sql("ALTER TABLE numbers ALTER name TYPE text")
        .execute(&fresh.db)
        .await
        .unwrap();
    let tx = fresh.db.begin().await.unwrap();
    let error = Number::copy_in(number("c")).execute(&tx).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    assert!(error.to_string().contains("changed"), "{error}");
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    let tx = fresh.db.begin().await.unwrap();
    Number::copy_in(number("c")).execute(&tx).await.unwrap();
    tx.commit().await.unwrap();
    // Eight bytes as well, which the server would believe.
    sql("ALTER TABLE numbers ALTER number TYPE double precision")
        .execute(&fresh.db)
        .await
        .unwrap();
    let error = Number::copy_in(number("d"))
        .execute(&fresh.db)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert!(
        error.to_string().contains("column `number` cannot be sent"),
        "{error}"
    );
    assert_eq!(
        answer(&fresh.db, "SELECT sum(number) FROM numbers").await,
        21
    );
}

#[tokio::test]
async fn a_copy_that_cannot_begin_confuses_nobody() {
    let fresh = fresh(entities![Number]).await;
    let db = &fresh.db;
    Number::copy_in(number("a")).execute(db).await.unwrap();
    // It is prepared, so it is the COPY itself that is refused; and what follows is not sent twice.
    sql("ALTER TABLE numbers RENAME TO hidden")
        .execute(db)
        .await
        .unwrap();
    let error = Number::copy_in(number("b")).execute(db).await.unwrap_err();
    assert_eq!(error.code(), Some("42P01"), "{error}");
    for expected in 1..4 {
        assert_eq!(answer(db, &expected.to_string()).await, expected);
    }
    sql("ALTER TABLE hidden RENAME TO numbers")
        .execute(db)
        .await
        .unwrap();
    Number::copy_in(number("b")).execute(db).await.unwrap();
    Number::delete()
        .filter(Number::NAME.eq("b"))
        .execute(db)
        .await
        .unwrap();
    let tx = db.begin().await.unwrap();
    sql("SET TRANSACTION READ ONLY").execute(&tx).await.unwrap();
    let error = Number::copy_in(number("b")).execute(&tx).await.unwrap_err();
    assert_eq!(error.code(), Some("25006"), "{error}");
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
    assert_eq!(Number::find().count(db).await.unwrap(), 1);

    sql("DROP TABLE numbers").execute(db).await.unwrap();
    for _ in 0..3 {
        let error = Number::copy_in(number("c")).execute(db).await.unwrap_err();
        assert_eq!(error.code(), Some("42P01"), "{error}");
        assert_eq!(answer(db, "1").await, 1);
    }
    ormcore::schema::create(db, entities![Number])
        .await
        .unwrap();
    Number::copy_in(number("d")).execute(db).await.unwrap();
    assert_eq!(Number::find().count(db).await.unwrap(), 1);

    // Once a savepoint is undone the transaction goes on, but not on this connection.
    let mut tx = db.begin().await.unwrap();
    let savepoint = tx.savepoint().await.unwrap();
    sql("DROP TABLE numbers").execute(&savepoint).await.unwrap();
    let gone = Number::copy_in(number("e")).execute(&savepoint).await;
    assert_eq!(gone.unwrap_err().code(), Some("42P01"));
    let _ = savepoint.rollback().await;
    assert!(
        Number::insert(NewNumber {
            name: "f".into(),
            number: 1
        })
        .execute(&tx)
        .await
        .is_err()
    );
    assert!(tx.commit().await.is_err());
    assert_eq!(Number::find().count(db).await.unwrap(), 1);
}

#[tokio::test]
async fn whoever_may_only_insert_may_copy() {
    let fresh = fresh(entities![Number]).await;
    let role = "CREATE ROLE copies_only; GRANT INSERT ON numbers TO copies_only";
    sql(role).batch(&fresh.db).await.unwrap();
    for name in ["a", "b"] {
        let tx = fresh.db.begin().await.unwrap();
        sql("SET LOCAL ROLE copies_only")
            .execute(&tx)
            .await
            .unwrap();
        Number::copy_in(number(name)).execute(&tx).await.unwrap();
        let refused = Number::find().count(&tx).await.unwrap_err();
        assert_eq!(refused.code(), Some("42501"));
        drop(tx);
    }
    let drop = "REVOKE ALL ON numbers FROM copies_only; DROP ROLE copies_only";
    sql(drop).batch(&fresh.db).await.unwrap();
}
