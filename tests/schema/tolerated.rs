//! What makes no difference to a statement is no difference.

use crate::fresh::fresh_after;
use crate::library::{Card, Label, Post, Stage, User, all, library};
use crate::mended::fits;
use ormcore::schema::DifferenceKind as Kind;
use ormcore::{Entity, entities, schema, sql};

#[tokio::test]
async fn what_the_fields_can_hold_too_is_good_enough() {
    for set_up in [
        "ALTER TABLE users ALTER name TYPE text",
        "ALTER TABLE posts ALTER title TYPE varchar(7)",
        "ALTER TABLE posts ALTER title TYPE char(7)",
        "ALTER TABLE users ALTER email TYPE text",
        "ALTER TABLE users ALTER settings TYPE json",
        "ALTER TABLE users ALTER balance TYPE numeric",
        "CREATE DOMAIN size AS int CHECK (VALUE > 0); CREATE DOMAIN big AS size; ALTER TABLE posts ALTER words TYPE big",
        "CREATE DOMAIN title AS text NOT NULL; ALTER TABLE posts ALTER title DROP NOT NULL, ALTER title TYPE title",
    ] {
        let fresh = library().await;
        sql(set_up).batch(&fresh.db).await.unwrap();
        fits(&fresh, all()).await;
    }
}

#[tokio::test]
async fn what_else_there_is_does_not_matter() {
    for set_up in [
        "ALTER TABLE posts ADD note text, ADD read int NOT NULL DEFAULT 0, ADD CHECK (words > 0)",
        "ALTER TABLE posts ADD number bigint NOT NULL GENERATED ALWAYS AS IDENTITY",
        "CREATE DOMAIN given AS int NOT NULL DEFAULT 3; ALTER TABLE posts ADD given given",
        "CREATE INDEX ON posts (words); CREATE UNIQUE INDEX ON posts (title)",
        "DROP INDEX posts_author_id_idx; CREATE INDEX ON posts (author_id, words)",
        "ALTER TABLE posts DROP CONSTRAINT posts_slug_key; CREATE UNIQUE INDEX mine ON posts (slug)",
        // The bin may hold the same.
        "ALTER TABLE users DROP CONSTRAINT users_email_key; CREATE UNIQUE INDEX ON users (email) WHERE deleted_at IS NULL",
        "ALTER TABLE posts DROP CONSTRAINT posts_pkey CASCADE, ADD CONSTRAINT p UNIQUE (id);
         ALTER TABLE post_labels ADD FOREIGN KEY (post_id) REFERENCES posts (id) ON DELETE CASCADE ON UPDATE CASCADE;
         ALTER TABLE \"stage 1\".\"Odd \"\"seats\"\"\" ADD FOREIGN KEY (room) REFERENCES posts (id) ON DELETE CASCADE",
        "ALTER TYPE mood RENAME VALUE 'fine' TO 'x'; ALTER TYPE mood RENAME VALUE 'awful' TO 'fine'; ALTER TYPE mood RENAME VALUE 'x' TO 'awful'",
        "ALTER TABLE payments ALTER id DROP IDENTITY; CREATE SEQUENCE mine; ALTER TABLE payments ALTER id SET DEFAULT nextval('mine')",
        "ALTER TABLE users ALTER created_at SET DEFAULT clock_timestamp()",
        "ALTER TABLE posts ADD slot int NOT NULL; CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN NEW.slot = 1; RETURN NEW; END'; CREATE TRIGGER fill BEFORE INSERT ON posts FOR EACH ROW EXECUTE FUNCTION fill()",
    ] {
        let fresh = library().await;
        sql(set_up).batch(&fresh.db).await.unwrap();
        fits(&fresh, all()).await;
    }
}

#[derive(Entity, Debug)]
#[orm(table = "shown")]
struct Shown {
    #[orm(primary_key)]
    id: i64,
    #[orm(references(User))]
    author_id: i64,
    #[orm(unique)]
    title: String,
    stage: Option<Stage>,
}

#[tokio::test]
async fn of_a_view_only_the_columns_matter() {
    let fresh = library().await;
    let view = sql("CREATE VIEW shown AS SELECT id, author_id, title, stage, slug FROM posts");
    view.batch(&fresh.db).await.unwrap();
    fits(&fresh, entities![Shown, User]).await;
    let view = sql(
        "DROP VIEW shown; CREATE MATERIALIZED VIEW shown AS SELECT id, title, words AS author_id FROM posts",
    );
    view.batch(&fresh.db).await.unwrap();
    let differences = schema::differences(&fresh.db, entities![Shown])
        .await
        .unwrap();
    let kinds: Vec<_> = differences.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::ColumnType, Kind::ColumnMissing]);
    let changes = schema::diff(&fresh.db, entities![Shown])
        .await
        .unwrap()
        .to_string();
    assert_eq!(
        changes,
        "-- BY HAND: `shown` is a view: change what it selects\n".repeat(2)
    );
}

#[derive(Entity, Debug)]
#[orm(table = "events")]
struct Event {
    #[orm(primary_key, generated)]
    id: i64,
    at: chrono::DateTime<chrono::Utc>,
    #[orm(references(Label))]
    label: String,
}

#[tokio::test]
async fn a_partitioned_table_has_the_columns_of_its_partitions_in_its_key() {
    let fresh = fresh_after(
        "CREATE TABLE labels (name text PRIMARY KEY);
         CREATE TABLE events (id bigserial, at timestamptz NOT NULL, label text NOT NULL REFERENCES labels, PRIMARY KEY (id, at))
           PARTITION BY RANGE (at);
         CREATE INDEX ON events (label);
         CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    )
    .await;
    fits(&fresh, entities![Event]).await;
    let dropped =
        sql("ALTER TABLE events DROP CONSTRAINT events_label_fkey; DROP INDEX events_label_idx");
    dropped.batch(&fresh.db).await.unwrap();
    let mended = crate::mended::mend(fresh, entities![Event]).await;
    assert_eq!(mended.differences.len(), 2);
}

#[tokio::test]
async fn one_kind_alone_allows_for_others_that_nobody_named() {
    let fresh = library().await;
    fits(&fresh, entities![Card]).await;
    fits(&fresh, entities![Post]).await;
}

#[derive(Entity, Debug)]
#[orm(table = "users")]
struct Name {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

#[tokio::test]
async fn two_entities_may_see_one_table() {
    let fresh = library().await;
    fits(&fresh, entities![Name, User, Post]).await;
    let gone = sql("ALTER TABLE users ALTER name DROP NOT NULL");
    gone.execute(&fresh.db).await.unwrap();
    let differences = schema::differences(&fresh.db, entities![User, Name])
        .await
        .unwrap();
    assert_eq!(differences.len(), 1);
    // Alone it cannot insert: that takes what the other has.
    let differences = schema::differences(&fresh.db, entities![Name])
        .await
        .unwrap();
    let kinds: Vec<_> = differences.iter().map(|one| one.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::MayBeNull,
            Kind::UnknownRequired,
            Kind::UnknownRequired
        ]
    );
}

#[tokio::test]
async fn another_search_path_finds_other_tables() {
    let fresh = library().await;
    let set_up = sql("CREATE SCHEMA other; CREATE TABLE other.labels (name int PRIMARY KEY)");
    set_up.batch(&fresh.db).await.unwrap();
    fits(&fresh, entities![Label]).await;
    let tx = fresh.db.begin().await.unwrap();
    sql("SET LOCAL search_path = other, public")
        .execute(&tx)
        .await
        .unwrap();
    let differences = schema::differences(&tx, entities![Label]).await.unwrap();
    let kinds: Vec<_> = differences.iter().map(|one| one.kind).collect();
    assert!(kinds.contains(&Kind::ColumnType), "{differences:#?}");
    tx.rollback().await.unwrap();
}
