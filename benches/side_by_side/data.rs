//! Rows to measure on, and both ways to reach them.

use crate::Outcome;
use crate::case::Checksum;
use crate::watch::Watch;
use chrono::{DateTime, Utc};
use dev_postgres::{Cluster, TestDatabase};
use ormcore::{Config, Db, Entity, Many, One, entities};
use tokio_postgres::{Client, NoTls, Row};

/// A row of six columns, as in the tables of `performance.md`'s kind: key, two texts, a number, a flag, a time.
#[derive(Entity, Debug)]
#[orm(table = "people", insert(NewPerson))]
pub(crate) struct Person {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) age: Option<i32>,
    pub(crate) active: bool,
    pub(crate) created_at: DateTime<Utc>,
}

#[derive(Entity, Debug)]
#[orm(table = "authors")]
pub(crate) struct Author {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    pub(crate) name: String,
    #[orm(has_many(Post, key = author_id))]
    pub(crate) posts: Many<Post>,
}

#[derive(Entity, Debug)]
#[orm(table = "posts")]
pub(crate) struct Post {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    #[orm(references(Author))]
    pub(crate) author_id: i64,
    pub(crate) title: String,
    #[orm(belongs_to(key = author_id))]
    pub(crate) author: One<Author>,
    #[orm(has_many(Comment, key = post_id))]
    pub(crate) comments: Many<Comment>,
}

#[derive(Entity, Debug)]
#[orm(table = "comments")]
pub(crate) struct Comment {
    #[orm(primary_key, generated)]
    pub(crate) id: i64,
    #[orm(references(Post))]
    pub(crate) post_id: i64,
    pub(crate) body: String,
}

/// In every pool.
pub(crate) const CONNECTIONS: usize = 8;

/// A filled database, the bare driver and ormcore.
pub(crate) struct World {
    pub(crate) bare: Client,
    /// The one handle without an SDK behind it.
    pub(crate) db: Db,
    /// All of ormcore's that are measured, that one among them.
    pub(crate) handles: Vec<(Watch, Db)>,
    pub(crate) url: String,
    database: Option<TestDatabase>,
}

impl World {
    pub(crate) async fn new(server: &Cluster) -> Outcome<Self> {
        let database = server.database()?;
        let mut world = Self::at(database.url()).await?;
        world.database = Some(database);
        let tables = entities![Person, Author, Post, Comment];
        ormcore::schema::create(&world.db, tables).await?;
        world.bare.batch_execute(FILL).await?;
        Ok(world)
    }

    /// One that another process has filled.
    pub(crate) async fn at(url: &str) -> Outcome<Self> {
        let (bare, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let db = Config::new(url)?.pool_size(CONNECTIONS).connect().await?;
        Ok(Self {
            bare,
            handles: vec![(Watch::NoSdk, db.clone())],
            db,
            url: url.to_owned(),
            database: None,
        })
    }

    /// Takes away what cases before have written, so that the next one finds the rows and the planner's figures of the
    /// beginning.
    pub(crate) async fn settle(&self) -> Outcome<()> {
        for statement in [
            "DELETE FROM people WHERE id > 10000",
            "VACUUM ANALYZE people",
        ] {
            self.bare.batch_execute(statement).await?;
        }
        Ok(())
    }
}

const FILL: &str = "
    INSERT INTO people (name, email, age, active, created_at)
    SELECT 'name ' || n, 'person' || n || '@example.org', CASE WHEN n % 3 = 0 THEN NULL ELSE n % 90 END, n % 2 = 0,
           '2026-01-01'::timestamptz + n * interval '1 minute'
    FROM generate_series(1, 10000) AS n;
    INSERT INTO authors (name) SELECT 'author ' || n FROM generate_series(1, 100) AS n;
    INSERT INTO posts (author_id, title) SELECT a, 'post ' || p FROM generate_series(1, 10) AS p, generate_series(1, 100) AS a;
    INSERT INTO comments (post_id, body) SELECT p, 'comment ' || c FROM generate_series(1, 1000) AS p, generate_series(1, 5) AS c;
    ANALYZE;";

/// The same row, read as the driver's manual shows.
pub(crate) fn person(row: &Row) -> Person {
    Person {
        id: row.get(0),
        name: row.get(1),
        email: row.get(2),
        age: row.get(3),
        active: row.get(4),
        created_at: row.get(5),
    }
}

impl Person {
    pub(crate) fn sum(&self, sum: &mut Checksum) {
        sum.add(self.id);
        sum.text(&self.name);
        sum.text(&self.email);
        sum.add(self.age.map_or(-1, i64::from));
        sum.add(self.active.into());
        sum.add(self.created_at.timestamp_micros());
    }
}

pub(crate) fn sum_of(people: &[Person]) -> u64 {
    let mut sum = Checksum::default();
    for person in people {
        person.sum(&mut sum);
    }
    sum.sum()
}
