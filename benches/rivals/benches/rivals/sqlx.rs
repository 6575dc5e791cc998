//! sqlx: SQL by hand, rows into structs by `FromRow`.

use crate::case::Case;
use crate::rival::{Rival, failed};
use crate::sum::{self, Input, Seen};
use crate::{Outcome, POOL};
use ::sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgSslMode};
use ::sqlx::{ConnectOptions, FromRow, Result, query, query_as};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::str::FromStr;
use tokio::sync::Mutex;

#[derive(FromRow)]
struct Person {
    id: i64,
    name: String,
    email: String,
    age: Option<i32>,
    active: bool,
    created_at: DateTime<Utc>,
}

impl sum::Person for Person {
    fn seen(&self) -> Seen<'_> {
        Seen {
            id: self.id,
            name: &self.name,
            email: &self.email,
            age: self.age,
            active: self.active,
            created_at: self.created_at.timestamp_micros(),
        }
    }
}

#[derive(FromRow)]
struct PostWithAuthor {
    id: i64,
    title: String,
    author: String,
}

#[derive(FromRow)]
struct Author {
    id: i64,
    name: String,
}

#[derive(FromRow)]
struct Post {
    id: i64,
    author_id: i64,
    title: String,
}

#[derive(FromRow)]
struct Comment {
    id: i64,
    post_id: i64,
    body: String,
}

pub(crate) struct Sqlx {
    held: Mutex<PgConnection>,
    pool: PgPool,
}

impl Sqlx {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let failed = |error| failed("sqlx", error);
        let options = PgConnectOptions::from_str(url)
            .map_err(failed)?
            .ssl_mode(PgSslMode::Disable)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .min_connections(POOL.into())
            .max_connections(POOL.into())
            .test_before_acquire(false)
            .connect_with(options.clone());
        let pool = pool.await.map_err(failed)?;
        open(&pool).await.map_err(failed)?;
        Ok(Self {
            pool,
            held: Mutex::new(options.connect().await.map_err(failed)?),
        })
    }

    /// The same on one connection and through the pool.
    fn both<'w>(
        &'w self,
        case: Case<'w>,
        task: impl AsyncFn(&mut PgConnection, usize) -> Result<u64> + Copy + 'w,
    ) -> Case<'w> {
        case.way("sqlx, held", move |n| async move {
            let mut on = self.held.lock().await;
            task(&mut on, n)
                .await
                .map_err(|error| failed("sqlx, held", error))
        })
        .way("sqlx, pool", move |n| async move {
            let failed = |error| failed("sqlx, pool", error);
            let mut on = self.pool.acquire().await.map_err(failed)?;
            task(&mut on, n).await.map_err(failed)
        })
    }
}

/// Opens all connections of a pool.
pub(crate) async fn open(pool: &PgPool) -> Result<()> {
    let mut held = Vec::new();
    for _ in 0..POOL {
        held.push(pool.acquire().await?);
    }
    Ok(())
}

impl Rival for Sqlx {
    fn crates(&self) -> &'static [&'static str] {
        &["sqlx"]
    }

    fn configuration(&self) -> &'static str {
        "one connection held, and its pool with `test_before_acquire(false)`; no TLS, no statement log, its statement cache as \
         it comes (100). Structs by `FromRow`; bulk by `unnest`, posts by a join, three levels by `= ANY` and HashMaps."
    }

    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, n| {
            let person = query_as(crate::find::BY_KEY).bind(crate::find::key(n));
            Ok(sum::people::<Person>(&[person.fetch_one(on).await?]))
        })
    }

    fn rows<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, _| {
            let people = query_as(
                "SELECT id, name, email, age, active, created_at FROM people ORDER BY id LIMIT $1",
            );
            Ok(sum::people::<Person>(
                &people.bind(1_000_i64).fetch_all(on).await?,
            ))
        })
    }

    fn page<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, n| {
            let people = query_as(
                "SELECT id, name, email, age, active, created_at FROM people
                 WHERE age >= $1 AND active = $2 ORDER BY id DESC LIMIT $3",
            );
            let people = people.bind(sum::age(n)).bind(true).bind(50_i64);
            Ok(sum::people::<Person>(&people.fetch_all(on).await?))
        })
    }

    fn authors<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, _| {
            let posts = query_as(
                "SELECT p.id, p.title, a.name AS author
                 FROM posts p LEFT JOIN authors a ON a.id = p.author_id ORDER BY p.id LIMIT $1",
            );
            let posts: Vec<PostWithAuthor> = posts.bind(100_i64).fetch_all(on).await?;
            let mut sum = sum::Posts::default();
            for post in &posts {
                sum.add(post.id, &post.title, &post.author);
            }
            Ok(sum.sum())
        })
    }

    fn three_levels<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, _| three_levels(on).await)
    }

    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, n| {
            let (new, insert) = (
                Input::new(n),
                query_as(
                    "INSERT INTO people (name, email, age, active, created_at) VALUES ($1, $2, $3, $4, $5)
                     RETURNING id, name, email, age, active, created_at",
                ),
            );
            let created_at = new.utc();
            let insert = insert
                .bind(new.name)
                .bind(new.email)
                .bind(new.age)
                .bind(new.active)
                .bind(created_at);
            Ok(sum::written::<Person>(&insert.fetch_one(on).await?))
        })
    }

    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, n| {
            let mut columns = (vec![], vec![], vec![], vec![], vec![]);
            for new in Input::many(n) {
                columns.4.push(new.utc());
                columns.0.push(new.name);
                columns.1.push(new.email);
                columns.2.push(new.age);
                columns.3.push(new.active);
            }
            let insert = query(
                "INSERT INTO people (name, email, age, active, created_at)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::int4[], $4::bool[], $5::timestamptz[])",
            );
            let insert = insert
                .bind(columns.0)
                .bind(columns.1)
                .bind(columns.2)
                .bind(columns.3)
                .bind(columns.4);
            Ok(insert.execute(on).await?.rows_affected())
        })
    }
}

async fn three_levels(on: &mut PgConnection) -> Result<u64> {
    let authors: Vec<Author> = query_as("SELECT id, name FROM authors ORDER BY id")
        .fetch_all(&mut *on)
        .await?;
    let keys: Vec<i64> = authors.iter().map(|author| author.id).collect();
    let posts: Vec<Post> =
        query_as("SELECT id, author_id, title FROM posts WHERE author_id = ANY($1)")
            .bind(keys)
            .fetch_all(&mut *on)
            .await?;
    let keys: Vec<i64> = posts.iter().map(|post| post.id).collect();
    let comments: Vec<Comment> =
        query_as("SELECT id, post_id, body FROM comments WHERE post_id = ANY($1)")
            .bind(keys)
            .fetch_all(on)
            .await?;
    let mut comments_of: HashMap<i64, Vec<Comment>> = HashMap::new();
    for comment in comments {
        comments_of
            .entry(comment.post_id)
            .or_default()
            .push(comment);
    }
    let mut posts_of: HashMap<i64, Vec<Post>> = HashMap::new();
    for post in posts {
        posts_of.entry(post.author_id).or_default().push(post);
    }
    let mut sum = sum::Tree::default();
    for author in &authors {
        sum.add(author.id, &author.name);
        for post in posts_of.get(&author.id).into_iter().flatten() {
            sum.add(post.id, &post.title);
            for comment in comments_of.get(&post.id).into_iter().flatten() {
                sum.add(comment.id, &comment.body);
            }
        }
    }
    Ok(sum.sum())
}
