//! Enums, composite types and domains that are others.

use crate::library::{Mood, Seat, User, all, library};
use crate::mended::{fits, mended};
use ormcore::schema::{DifferenceKind as Kind, Risk};
use ormcore::{schema, sql};

#[tokio::test]
async fn missing_labels_are_added_where_they_belong() {
    let fresh = library().await;
    let set_up = sql(
        "ALTER TABLE users DROP COLUMN mood, DROP COLUMN moods, DROP COLUMN home; DROP TYPE \"Postal \"\"Address\"\"\"; DROP TYPE mood;
         CREATE TYPE mood AS ENUM ('awful')",
    );
    set_up.batch(&fresh.db).await.unwrap();
    let differences = schema::differences(&fresh.db, all()).await.unwrap();
    let labels = differences.iter().find(|one| one.kind == Kind::Labels);
    let labels = labels.expect("a difference");
    let text = "the enum `mood` has no `fine`, `so-so, 'well'`: add the labels";
    assert_eq!(labels.to_string(), text);
    assert_eq!(labels.columns, ["fine", "so-so, 'well'"]);
    let changes = schema::diff(&fresh.db, all()).await.unwrap();
    let text = changes.to_string();
    let warned = "-- MAY FAIL: a default that is a new label: commit what adds labels before\nALTER TABLE \"users\" ADD COLUMN \"mood\"";
    assert!(text.contains(warned), "{text}");
    for statement in &changes {
        let sql = sql(statement.sql.clone());
        sql.execute(&fresh.db).await.unwrap();
    }
    fits(&fresh, all()).await;
    let order = "SELECT array_to_string(enum_range(NULL::mood), ';')";
    let order = sql(order).scalar::<String>(&fresh.db).await.unwrap();
    assert_eq!(order, "fine;so-so, 'well';awful");
}

#[tokio::test]
async fn labels_that_have_no_variant_go_with_a_type_made_anew() {
    let mended = mended(
        "ALTER TYPE mood ADD VALUE 'odd' BEFORE 'awful'; ALTER TYPE mood RENAME VALUE 'awful' TO 'terrible';
         ALTER TABLE users DROP COLUMN home; DROP TYPE \"Postal \"\"Address\"\"\";
         CREATE TABLE days (mood mood DEFAULT 'fine', moods mood[]); INSERT INTO days (moods) VALUES ('{fine,NULL}');
         INSERT INTO users (email, name, mood, moods) VALUES ('a@b', 'A', 'so-so, ''well''', '{fine}')",
    )
    .await;
    let labels = &mended.differences[0];
    assert_eq!(
        labels.to_string(),
        "the enum `mood` has no `awful`, but `odd`, `terrible`: rename labels (ALTER TYPE … RENAME VALUE), or create it anew"
    );
    let user = User::find().one(&mended.fresh.db).await.unwrap();
    assert_eq!(
        (user.mood, user.moods),
        (Mood::Middling, vec![Some(Mood::Fine)])
    );
    let days = "INSERT INTO days DEFAULT VALUES RETURNING mood::text";
    assert_eq!(
        sql(days).scalar::<String>(&mended.fresh.db).await.unwrap(),
        "fine"
    );
    let left = "SELECT count(*) FROM pg_type WHERE typname LIKE '%before%'";
    assert_eq!(sql(left).scalar::<i64>(&mended.fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn fields_are_added_and_dropped_and_what_that_loses_is_said() {
    let mended = mended(
        "ALTER TYPE \"Postal \"\"Address\"\"\" DROP ATTRIBUTE postcode; ALTER TYPE \"Postal \"\"Address\"\"\" ADD ATTRIBUTE floor int;
         INSERT INTO users (email, name, moods, home) VALUES ('a@b', 'A', '{}', ROW('Ring', '{fine}', 3))",
    )
    .await;
    let text = "the type `Postal \"Address\"` has no `postcode`, `floor`, which the struct has not: alter its attributes";
    mended.was(Kind::Fields, text).by(
        "-- LOSES DATA: the values of `floor`\nALTER TYPE \"Postal \"\"Address\"\"\" DROP ATTRIBUTE \"floor\";\n\
         ALTER TYPE \"Postal \"\"Address\"\"\" ADD ATTRIBUTE \"postcode\" \"postcode\";\n",
    );
    let user = User::find().one(&mended.fresh.db).await.unwrap();
    assert_eq!(user.home.unwrap().street, "Ring");
}

#[tokio::test]
async fn a_field_of_another_type_is_dropped_where_the_others_differ_too() {
    let mended = mended(
        "ALTER TABLE users DROP COLUMN home; DROP TYPE \"Postal \"\"Address\"\"\";
         CREATE TYPE \"Postal \"\"Address\"\"\" AS (\"Street, (old)\" text, postcode int);
         ALTER TABLE users ADD home \"Postal \"\"Address\"\"\"",
    )
    .await;
    let text = "the type `Postal \"Address\"` has no `moods`, with another type `postcode`: alter its attributes";
    mended.was(Kind::Fields, text);
    let text = mended.changes.to_string();
    assert!(
        text.contains("-- LOSES DATA: the values of `postcode`\n"),
        "{text}"
    );
}

#[tokio::test]
async fn a_field_of_another_type_makes_the_type_anew() {
    let mended = mended(
        "ALTER TABLE users DROP COLUMN home; DROP TYPE \"Postal \"\"Address\"\"\";
         CREATE TYPE \"Postal \"\"Address\"\"\" AS (\"Street, (old)\" text, postcode int, moods mood[]);
         ALTER TABLE users ADD home \"Postal \"\"Address\"\"\";
         INSERT INTO users (email, name, moods, home) VALUES ('a@b', 'A', '{}', ROW('Ring', 1010, '{fine}'))",
    )
    .await;
    let text =
        "the type `Postal \"Address\"` has with another type `postcode`: alter its attributes";
    mended.was(Kind::Fields, text);
    let user = User::find().one(&mended.fresh.db).await.unwrap();
    assert_eq!(user.home.unwrap().postcode.unwrap().0, "1010");
}

#[tokio::test]
async fn a_domain_over_another_type_is_made_anew() {
    let mended = mended(
        "ALTER TABLE users DROP COLUMN email; DROP DOMAIN email; CREATE DOMAIN email AS int;
         ALTER TABLE users ADD email email NOT NULL UNIQUE",
    )
    .await;
    let text = "the domain `email` is over another type than `text`: create it anew";
    mended.was(Kind::TypeForm, text);
    let risks: Vec<_> = mended
        .changes
        .into_iter()
        .flat_map(|one| &one.risks)
        .collect();
    assert!(
        risks.iter().any(|risk| matches!(risk, Risk::MayFail(_))),
        "{risks:?}"
    );
    let bad = "INSERT INTO users (email, name, moods) VALUES ('a', 'A', '{}')";
    let error = sql(bad).execute(&mended.fresh.db).await.unwrap_err();
    assert!(error.to_string().contains("email_check"), "{error}");
}

#[tokio::test]
async fn another_kind_of_type_under_the_name_is_replaced() {
    let mended = mended(
        "ALTER TABLE users DROP COLUMN mood, DROP COLUMN moods, DROP COLUMN home;
         DROP TYPE \"Postal \"\"Address\"\"\"; DROP TYPE mood; CREATE DOMAIN mood AS text;
         ALTER TABLE users ADD mood mood NOT NULL DEFAULT 'fine', ADD moods mood[] NOT NULL;
         INSERT INTO users (email, name, moods) VALUES ('a@b', 'A', '{awful}')",
    )
    .await;
    let text = "`mood` is another kind of type: create it anew under this name";
    assert_eq!(mended.differences[0].to_string(), text);
    let user = User::find().one(&mended.fresh.db).await.unwrap();
    assert_eq!(
        (user.mood, user.moods),
        (Mood::Fine, vec![Some(Mood::Awful)])
    );
}

#[tokio::test]
async fn tables_in_other_schemas_are_mended_there() {
    let mended = mended("ALTER TABLE \"stage 1\".\"Odd \"\"seats\"\"\" DROP COLUMN taken").await;
    let text = "`stage 1.Odd \"seats\".taken` is missing: add it as boolean NOT NULL";
    mended.was(Kind::ColumnMissing, text);
    assert_eq!(Seat::find().count(&mended.fresh.db).await.unwrap(), 0);
}
