//! Rows on their way in.

use super::{Person, Sqlx};
use crate::case::Case;
use crate::rival::Writes;
use crate::sum::{self, Input};
use ::sqlx::postgres::{PgArguments, PgConnection};
use ::sqlx::query::Query;
use ::sqlx::{Connection, Postgres, Result, query, query_as, query_scalar};
use std::fmt::Write as _;

impl Writes for Sqlx {
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

    fn update_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, n| {
            Ok(update(n).execute(on).await?.rows_affected())
        })
    }

    fn transaction<'w>(&'w self, case: Case<'w>, updates: usize) -> Case<'w> {
        self.both(case, async move |on, n| {
            let (mut rows, mut transaction) = (0, on.begin().await?);
            for n in n..n + updates {
                rows += update(n).execute(&mut *transaction).await?.rows_affected();
            }
            transaction.commit().await?;
            Ok(rows)
        })
    }

    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| Input::many(n, 1_000);
        self.built(case, build, async |on, people| {
            let insert = query(
                "INSERT INTO people (name, email, age, active, created_at)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::int4[], $4::bool[], $5::timestamptz[])",
            );
            let columns = Columns::from(people);
            let insert = insert
                .bind(columns.name)
                .bind(columns.email)
                .bind(columns.age)
                .bind(columns.active)
                .bind(columns.created_at);
            Ok(insert.execute(on).await?.rows_affected())
        })
    }

    fn insert_with_ids<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| Input::many(n, 1_000);
        self.built(case, build, async |on, people| {
            let insert = query_scalar(
                "INSERT INTO people (name, email, age, active, created_at)
                 SELECT * FROM unnest($1::text[], $2::text[], $3::int4[], $4::bool[], $5::timestamptz[]) RETURNING id",
            );
            let columns = Columns::from(people);
            let insert = insert
                .bind(columns.name)
                .bind(columns.email)
                .bind(columns.age)
                .bind(columns.active)
                .bind(columns.created_at);
            let ids: Vec<i64> = insert.fetch_all(on).await?;
            Ok(ids.len() as u64)
        })
    }

    fn insert_100_000<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        let build = |n| Input::many(n, 100_000);
        self.built(case, build, async |on, people| copy(on, people).await)
    }
}

fn update(n: usize) -> Query<'static, Postgres, PgArguments> {
    let update = query("UPDATE people SET age = $1 WHERE id = $2");
    update.bind(n as i32).bind(crate::find::key(n))
}

/// What `unnest` takes.
#[derive(Default)]
struct Columns {
    name: Vec<String>,
    email: Vec<String>,
    age: Vec<Option<i32>>,
    active: Vec<bool>,
    created_at: Vec<chrono::DateTime<chrono::Utc>>,
}

impl From<Vec<Input>> for Columns {
    fn from(people: Vec<Input>) -> Self {
        let mut columns = Self::default();
        for new in people {
            columns.created_at.push(new.utc());
            columns.name.push(new.name);
            columns.email.push(new.email);
            columns.age.push(new.age);
            columns.active.push(new.active);
        }
        columns
    }
}

/// Its COPY takes bytes, and leaves it to its user to write them; a letter that has a meaning in CSV is quoted.
async fn copy(on: &mut PgConnection, people: Vec<Input>) -> Result<u64> {
    const PIECE: usize = 64 * 1024;
    let text = "COPY people (name, email, age, active, created_at) FROM STDIN (FORMAT csv)";
    let mut copy = on.copy_in_raw(text).await?;
    let mut lines = String::with_capacity(2 * PIECE);
    for new in &people {
        quote(&new.name, &mut lines);
        quote(&new.email, &mut lines);
        if let Some(age) = new.age {
            let _ = write!(lines, "{age}");
        }
        let _ = writeln!(lines, ",{},{}", new.active, new.utc());
        if lines.len() > PIECE {
            copy.send(lines.as_bytes()).await?;
            lines.clear();
        }
    }
    copy.send(lines.as_bytes()).await?;
    copy.finish().await
}

fn quote(text: &str, lines: &mut String) {
    lines.push('"');
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            lines.push_str("\"\"");
        }
        lines.push_str(part);
    }
    lines.push_str("\",");
}
