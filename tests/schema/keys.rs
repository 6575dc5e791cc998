//! Keys, foreign keys and indexes that are not there, or are others.

use crate::mended::mended;
use ormcore::schema::DifferenceKind as Kind;
use ormcore::sql;

const BUILT: &str = "-- LOCKS: an index is built meanwhile\n";

#[tokio::test]
async fn a_table_without_its_primary_key_gets_it_again() {
    let mended = mended("ALTER TABLE labels DROP CONSTRAINT labels_pkey CASCADE").await;
    let kinds: Vec<_> = mended.differences.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::PrimaryKey, Kind::ForeignKeyMissing]);
    assert_eq!(
        mended.differences[0].to_string(),
        "`labels` (name) is the key, and is not unique: make it the primary key"
    );
    let text = mended.changes.to_string();
    let by = format!(
        "-- MAY FAIL: rows that share `name`\n{BUILT}ALTER TABLE \"labels\" ADD PRIMARY KEY (\"name\");\n"
    );
    assert!(text.starts_with(&by), "{text}");
    assert!(
        text.contains("REFERENCES \"labels\" (\"name\") ON DELETE cascade ON UPDATE cascade;\n"),
        "{text}"
    );
}

#[tokio::test]
async fn another_primary_key_stays_and_the_key_is_made_unique() {
    let mended =
        mended("ALTER TABLE payments DROP CONSTRAINT payments_pkey, ADD PRIMARY KEY (id, method)")
            .await;
    let text = "`payments` (id) is the key, and is not unique: make it so, or mark the fields of the primary key (id, method)";
    let by = format!(
        "-- MAY FAIL: rows that share `id`\n{BUILT}ALTER TABLE \"payments\" ADD UNIQUE (\"id\");\n"
    );
    mended.was(Kind::PrimaryKey, text).by(&by);
}

#[tokio::test]
async fn a_key_of_several_columns_in_a_scope_is_found_missing() {
    let mended = mended(
        "ALTER TABLE \"stage 1\".\"Odd \"\"seats\"\"\" DROP CONSTRAINT \"Odd \"\"seats\"\"_pkey\"",
    )
    .await;
    let kinds: Vec<_> = mended.differences.iter().map(|one| one.kind).collect();
    // The key's index had served the foreign key.
    assert_eq!(kinds, [Kind::PrimaryKey, Kind::IndexMissing]);
    let text = "`stage 1.Odd \"seats\"` (room, it's) is the key, and is not unique: make it the primary key";
    assert_eq!(mended.differences[0].to_string(), text);
}

#[tokio::test]
async fn what_is_unique_within_a_scope_is_made_so() {
    let mended = mended("ALTER TABLE invoices DROP CONSTRAINT invoices_tenant_id_number_key").await;
    let kinds: Vec<_> = mended.differences.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::NotUnique], "{:#?}", mended.differences);
    let text = "`invoices` (tenant_id, number) is not unique: add a unique constraint";
    let by = format!(
        "-- MAY FAIL: rows that share `tenant_id, number`\n{BUILT}ALTER TABLE \"invoices\" ADD UNIQUE (\"tenant_id\", \"number\");\n"
    );
    mended.was(Kind::NotUnique, text).by(&by);
}

#[tokio::test]
async fn an_index_of_some_rows_or_of_an_expression_makes_nothing_unique() {
    for index in [
        "ALTER TABLE posts DROP CONSTRAINT posts_slug_key; CREATE UNIQUE INDEX ON posts (slug) WHERE words > 3",
        "ALTER TABLE posts DROP CONSTRAINT posts_slug_key; CREATE UNIQUE INDEX ON posts (lower(slug))",
        "ALTER TABLE posts DROP CONSTRAINT posts_slug_key; CREATE UNIQUE INDEX ON posts (slug, words)",
    ] {
        let text = "`posts` (slug) is not unique: add a unique constraint";
        mended(index).await.was(Kind::NotUnique, text);
    }
}

#[tokio::test]
async fn a_missing_foreign_key_is_added() {
    let mended = mended("ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey").await;
    let text = "`posts` (author_id) has no foreign key to `users`: add it";
    mended.was(Kind::ForeignKeyMissing, text).by(
        "-- MAY FAIL: rows that refer to no row of `users`\n\
         -- LOCKS: all rows are looked at, and nobody writes `users` meanwhile\n\
         ALTER TABLE \"posts\" ADD FOREIGN KEY (\"author_id\") REFERENCES \"users\" (\"id\") ON DELETE cascade;\n",
    );
}

#[tokio::test]
async fn a_foreign_key_to_another_table_is_none() {
    let mended = mended(
        "CREATE TABLE people (id bigint PRIMARY KEY);
         ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey, ADD FOREIGN KEY (author_id) REFERENCES people",
    )
    .await;
    assert_eq!(mended.differences[0].kind, Kind::ForeignKeyMissing);
    let keys =
        "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid = 'posts'::regclass";
    assert_eq!(sql(keys).scalar::<i64>(&mended.fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_foreign_key_that_does_something_else_is_made_anew() {
    let mended = mended(
        "ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey, ADD CONSTRAINT \"by\" FOREIGN KEY (author_id) REFERENCES users",
    )
    .await;
    let text = "the foreign key `by` of `posts` does not say ON DELETE cascade: make it anew";
    mended.was(Kind::ForeignKeyAction, text);
    let text = mended.changes.to_string();
    assert!(
        text.starts_with("ALTER TABLE posts DROP CONSTRAINT \"by\";\n"),
        "{text}"
    );
    assert_eq!(text.matches("ADD ").count(), 1, "{text}");
}

#[tokio::test]
async fn scopes_whose_ids_are_unique_in_all_of_them_are_referred_to_by_these() {
    let mended =
        mended("ALTER TABLE invoices DROP CONSTRAINT invoices_pkey CASCADE, ADD PRIMARY KEY (id)")
            .await;
    let kinds: Vec<_> = mended.differences.iter().map(|one| one.kind).collect();
    assert_eq!(
        kinds,
        [Kind::ForeignKeyMissing; 2],
        "{:#?}",
        mended.differences
    );
    let text = mended.changes.to_string();
    let by =
        "ADD FOREIGN KEY (\"corrects\") REFERENCES \"invoices\" (\"id\") ON DELETE set null;\n";
    assert!(text.contains(by), "{text}");
}

#[tokio::test]
async fn a_foreign_key_without_an_index_gets_one() {
    let mended = mended("DROP INDEX posts_author_id_idx; CREATE INDEX ON posts (author_id) WHERE words > 1; CREATE INDEX ON posts (words, author_id)").await;
    let text = "`posts` (author_id) has no index, and refers to another table: create one, or the rows are looked for one by one";
    mended.was(Kind::IndexMissing, text).by(
        "-- LOCKS: nobody writes meanwhile; CREATE INDEX CONCURRENTLY, outside of a transaction, lets them\n\
         CREATE INDEX ON \"posts\" (\"author_id\");\n",
    );
}

#[tokio::test]
async fn an_index_whose_building_failed_does_not_count() {
    let mended = mended(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'posts_author_id_idx'::regclass",
    )
    .await;
    assert_eq!(mended.differences[0].kind, Kind::IndexMissing);
}

#[tokio::test]
async fn links_are_compared_and_made_like_tables() {
    for set_up in [
        "DROP TABLE post_labels",
        "DROP TABLE invoice_marks",
        "ALTER TABLE post_labels DROP CONSTRAINT post_labels_pkey",
        "ALTER TABLE post_labels DROP CONSTRAINT post_labels_label_id_fkey",
        "DROP INDEX post_labels_label_id_idx",
        "ALTER TABLE post_labels ADD since timestamptz NOT NULL",
        "ALTER TABLE invoice_marks DROP COLUMN tenant_id",
        "ALTER TABLE post_labels DROP CONSTRAINT post_labels_post_id_fkey, ALTER post_id TYPE int",
    ] {
        let mended = mended(set_up).await;
        assert!(
            mended.differences.iter().all(|one| one.name.ends_with("s")),
            "{set_up}"
        );
    }
}
