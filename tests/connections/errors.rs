//! What can go wrong at the server and on the way there, each from its real cause.

use crate::blog::{Comment, Post, User, new_comment, new_post, new_user};
use crate::stage::{Stage, in_time};
use ormcore::{Error, ErrorKind, sql};

/// Every failure of a statement says which one it was and who asked; it shows no value.
fn assert_told(error: &Error, kind: ErrorKind, code: &str) {
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.code(), Some(code), "{error}");
    assert!(error.statement().is_some(), "{error}");
    assert!(
        error
            .location()
            .expect("a line")
            .file()
            .ends_with("errors.rs"),
        "{error}"
    );
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(text.contains(code), "{text}");
        assert!(!text.contains("example.org"), "{text}");
    }
}

#[tokio::test]
async fn unique() {
    let stage = Stage::new().await;
    User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let error = User::insert(new_user("Ada"))
        .one(&stage.db)
        .await
        .unwrap_err();
    assert_told(&error, ErrorKind::UniqueViolation, "23505");
    assert!(error.is_unique_violation());
    assert_eq!(error.constraint(), Some("users_email_key"));
    assert_eq!(error.table(), Some("users"));
    assert!(error.detail().unwrap().contains("ada@example.org"));
}

#[tokio::test]
async fn foreign_key() {
    let stage = Stage::new().await;
    let mut nobody = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    nobody.id = 404;
    let error = Post::insert(new_post(&nobody, "One"))
        .one(&stage.db)
        .await
        .unwrap_err();
    assert_told(&error, ErrorKind::ForeignKeyViolation, "23503");
    assert!(error.is_foreign_key_violation());
    assert_eq!(error.constraint(), Some("posts_author_id_fkey"));
    assert_eq!(error.table(), Some("posts"));
}

#[tokio::test]
async fn check() {
    let stage = Stage::new().await;
    let rule = "ALTER TABLE users ADD CONSTRAINT grown_up CHECK (age >= 18)";
    sql(rule).batch(&stage.db).await.unwrap();
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let error = User::update(ada.id)
        .set(User::AGE, 17)
        .one(&stage.db)
        .await
        .unwrap_err();
    assert_told(&error, ErrorKind::CheckViolation, "23514");
    assert_eq!(error.constraint(), Some("grown_up"));
}

#[tokio::test]
async fn not_null() {
    let stage = Stage::new().await;
    let text = "INSERT INTO users (name) VALUES ('Ada')";
    let error = sql(text).execute(&stage.db).await.unwrap_err();
    assert_told(&error, ErrorKind::NotNullViolation, "23502");
    assert_eq!(
        (error.table(), error.column()),
        (Some("users"), Some("email"))
    );
}

#[tokio::test]
async fn serialization() {
    let stage = Stage::with(|config| config.pool_size(2)).await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let tx = stage.db.begin().await.unwrap();
    let level = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
    sql(level).execute(&tx).await.unwrap();
    User::get(ada.id).one(&tx).await.unwrap();
    User::update(ada.id)
        .set(User::AGE, 1)
        .execute(&stage.db)
        .await
        .unwrap();
    let error = User::update(ada.id)
        .set(User::AGE, 2)
        .execute(&tx)
        .await
        .unwrap_err();
    assert_told(&error, ErrorKind::Serialization, "40001");
    assert!(error.is_retryable() && !error.is_outcome_unknown());
    assert_eq!(
        tx.commit().await.unwrap_err().kind(),
        ErrorKind::TransactionAborted
    );
}

#[tokio::test]
async fn deadlock() {
    let stage = Stage::with(|config| config.pool_size(2)).await;
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let bob = User::insert(new_user("Bob")).one(&stage.db).await.unwrap();
    let (a, b) = (
        stage.db.begin().await.unwrap(),
        stage.db.begin().await.unwrap(),
    );
    for tx in [&a, &b] {
        sql("SET LOCAL deadlock_timeout = '20ms'")
            .execute(tx)
            .await
            .unwrap();
    }
    User::update(ada.id)
        .set(User::AGE, 1)
        .execute(&a)
        .await
        .unwrap();
    User::update(bob.id)
        .set(User::AGE, 1)
        .execute(&b)
        .await
        .unwrap();
    let crosswise = async {
        tokio::join!(
            async {
                let result = User::update(bob.id).set(User::AGE, 2).execute(&a).await;
                a.rollback().await.unwrap();
                result
            },
            async {
                let result = User::update(ada.id).set(User::AGE, 2).execute(&b).await;
                b.rollback().await.unwrap();
                result
            }
        )
    };
    let (one, other) = in_time(crosswise).await;
    let error = one.err().xor(other.err()).expect("one of the two fails");
    assert_told(&error, ErrorKind::Deadlock, "40P01");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_session_ended_by_the_server() {
    let stage = Stage::new().await;
    let asleep = "SELECT count(*) = 1 FROM subjects WHERE wait_event = 'PgSleep'";
    let (result, ()) = in_time(async {
        tokio::join!(sql("SELECT pg_sleep(600)").execute(&stage.db), async {
            stage.witness.until(asleep).await;
            stage.witness.terminate_subjects().await;
        })
    })
    .await;
    let error = result.unwrap_err();
    assert_told(&error, ErrorKind::OutcomeUnknown, "57P01");
    assert!(error.is_outcome_unknown());
    stage.assert_clean().await;
}

#[tokio::test]
async fn those_who_ask_after_the_end_learn_why_it_came() {
    let stage = Stage::new().await;
    let asleep = "SELECT count(*) = 1 FROM subjects WHERE wait_event = 'PgSleep'";
    let tx = stage.db.begin().await.unwrap();
    let (first, ()) = in_time(async {
        tokio::join!(sql("SELECT pg_sleep(600)").execute(&tx), async {
            stage.witness.until(asleep).await;
            stage.witness.terminate_subjects().await;
        })
    })
    .await;
    let second = in_time(User::find().count(&tx)).await;
    for error in [first.unwrap_err(), second.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
        assert!(error.to_string().contains("57P01"), "{error}");
    }
}

#[tokio::test]
async fn a_line_that_is_cut() {
    let stage = Stage::new().await;
    stage.proxy.cut("a needle", false);
    let error = sql("SELECT $1")
        .bind("a needle".to_owned())
        .execute(&stage.db)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown);
    assert!(error.code().is_none());
    stage.assert_clean().await;
}

#[tokio::test]
async fn text_with_a_nul_is_not_sent() {
    let stage = Stage::new().await;
    let error = User::insert(new_user("A\0da"))
        .one(&stage.db)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    let text = error.to_string();
    assert!(
        text.contains("parameter $1") && text.contains("NUL"),
        "{text}"
    );
    let error = sql("SELECT '\0'").execute(&stage.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_date_postgresql_does_not_have_is_refused() {
    let stage = Stage::new().await;
    let text = "SELECT count(*) FROM users WHERE created_at = $1";
    let long_ago = chrono::DateTime::<chrono::Utc>::MIN_UTC;
    let error = sql(text)
        .bind(long_ago)
        .execute(&stage.db)
        .await
        .unwrap_err();
    assert_told(&error, ErrorKind::Database, "22008");
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_value_of_another_type_than_the_placeholder_is_not_sent() {
    let stage = Stage::new().await;
    let error = sql("SELECT $1::int")
        .bind("s3cr3t".to_owned())
        .execute(&stage.db)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    let text = error.to_string();
    assert!(
        text.contains("parameter $1") && text.contains("int4"),
        "{text}"
    );
    assert!(!text.contains("s3cr3t"), "{text}");
    stage.assert_clean().await;
}

#[tokio::test]
async fn values_and_placeholders_that_differ_in_number_are_not_sent() {
    let stage = Stage::new().await;
    let error = sql("SELECT $1::int + $2::int")
        .bind(1)
        .execute(&stage.db)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let text = error.to_string();
    assert!(text.contains("2 placeholders, but 1 values"), "{text}");
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_null_where_none_may_be_names_its_column() {
    let stage = Stage::new().await;
    User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    let text = "SELECT id, NULL::text AS name, email, age, created_at FROM users";
    let error = sql(text).all::<User>(&stage.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        error.to_string().contains("column `name` is NULL"),
        "{error}"
    );
    assert!(error.location().unwrap().file().ends_with("errors.rs"));
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_column_of_another_type_names_column_table_and_field() {
    let stage = Stage::new().await;
    sql("ALTER TABLE users ALTER age TYPE text")
        .batch(&stage.db)
        .await
        .unwrap();
    let error = User::find().all(&stage.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let text = error.to_string();
    for part in ["`age`", "`users`", "`User::age`", "text"] {
        assert!(text.contains(part), "{text}");
    }
    stage.assert_clean().await;
}

#[tokio::test]
async fn a_result_without_a_column_names_it() {
    let stage = Stage::new().await;
    let error = sql("SELECT 1::bigint AS id")
        .all::<User>(&stage.db)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(error.to_string().contains("no column `name`"), "{error}");
}

#[tokio::test]
async fn values_postgresql_quotes_are_left_out() {
    let stage = Stage::new().await;
    let secrets = [
        "'s3cr3t'::int",
        "'s3cr3t'::date",
        "to_date('s3cr3t', 'YYYY')",
        "'{s3cr3t'::jsonb",
    ];
    for expression in secrets {
        // As a value: in the statement it would be the caller's own text.
        let value = expression.split('\'').nth(1).unwrap();
        let text = expression.replacen(&format!("'{value}'"), "$1::text", 1);
        let query = sql(format!("SELECT ({text})")).bind(value.to_owned());
        let error = query.execute(&stage.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Database);
        assert!(error.code().unwrap().starts_with("22"), "{error}");
        assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error}");
    }
}

#[tokio::test]
async fn a_statement_postgresql_does_not_understand() {
    let stage = Stage::new().await;
    let error = sql("SELEKT 1").execute(&stage.db).await.unwrap_err();
    assert_told(&error, ErrorKind::Database, "42601");
    let error = sql("SELECT 1 FROM nowhere")
        .execute(&stage.db)
        .await
        .unwrap_err();
    assert_told(&error, ErrorKind::Database, "42P01");
    stage.assert_clean().await;
}

#[tokio::test]
async fn no_row_and_too_many() {
    let stage = Stage::new().await;
    let missing = User::get(404).one(&stage.db).await.unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    let ada = User::insert(new_user("Ada")).one(&stage.db).await.unwrap();
    User::insert(new_user("Bob")).one(&stage.db).await.unwrap();
    let two = User::find().one(&stage.db).await.unwrap_err();
    assert_eq!(two.kind(), ErrorKind::TooManyRows);
    let unloaded = ada.posts.get().unwrap_err();
    assert_eq!(unloaded.kind(), ErrorKind::NotLoaded);
    let post = Post::insert(new_post(&ada, "One"))
        .one(&stage.db)
        .await
        .unwrap();
    let comment = Comment::insert(new_comment(&post, "Yes"));
    assert_eq!(comment.execute(&stage.db).await.unwrap(), 1);
}
