//! Creates tables, changes one behind the entities' back, says what differs, and writes the SQL that mends it.
//! Run it with `cargo run --example schema`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::schema::{self, DifferenceKind, Risk};
use ormcore::{Db, Entity, ErrorKind, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "schema_users")]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    email: String,
    visits: i64,
}

#[derive(Entity, Debug)]
#[orm(table = "schema_posts")]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(User, on_delete = "cascade"))]
    author_id: i64,
    title: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;

    // A program that starts asks whether the database is the one it was written for.
    schema::create(&db, entities![User, Post]).await?;
    schema::verify(&db, entities![User, Post]).await?;

    // Somebody was here.
    let meanwhile = "ALTER TABLE schema_users ALTER visits TYPE integer, ADD origin text NOT NULL;
                     ALTER TABLE schema_posts DROP COLUMN title;
                     DROP INDEX schema_posts_author_id_idx";
    sql(meanwhile).batch(&db).await?;
    let Err(error) = schema::verify(&db, entities![User, Post]).await else {
        return Err("nothing differs".into());
    };
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    println!("{error}\n");

    // The same as data.
    let differences = schema::differences(&db, entities![User, Post]).await?;
    let found: Vec<_> = differences
        .iter()
        .map(|one| (one.kind, one.columns[0].as_str()))
        .collect();
    let expected = [
        (DifferenceKind::ColumnType, "visits"),
        (DifferenceKind::UnknownRequired, "origin"),
        (DifferenceKind::ColumnMissing, "title"),
        (DifferenceKind::IndexMissing, "author_id"),
    ];
    assert_eq!(found, expected);

    // SQL to read, with a comment before what may hurt. No data is lost unless it is asked for.
    let changes = schema::diff(&db, entities![User, Post]).await?;
    println!("{changes}");
    let loses = |risk: &Risk| matches!(risk, Risk::LosesData(_));
    let lossy = |changes: &schema::Changes| {
        let risks = changes.into_iter().flat_map(|statement| &statement.risks);
        risks.filter(|risk| loses(risk)).count()
    };
    assert_eq!(lossy(&changes), 0);
    let with_drops = changes.clone().and_drop_columns();
    assert_eq!(lossy(&with_drops), 1);

    sql(with_drops.to_string()).batch(&db).await?;
    schema::verify(&db, entities![User, Post]).await?;
    assert!(schema::diff(&db, entities![User, Post]).await?.is_empty());
    println!("it fits again");
    sql("DROP TABLE schema_posts, schema_users")
        .batch(&db)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
