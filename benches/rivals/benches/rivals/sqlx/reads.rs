//! Rows on their way out.

use super::{Person, Sqlx};
use crate::case::Case;
use crate::crowd::crowded;
use crate::rival::{Reads, failed};
use crate::sum;
use ::sqlx::postgres::PgConnection;
use ::sqlx::{FromRow, Result, query_as};
use std::collections::HashMap;

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

impl Reads for Sqlx {
    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.both(case, async |on, n| {
            let person = query_as(crate::find::BY_KEY).bind(crate::find::key(n));
            Ok(sum::people::<Person>(&[person.fetch_one(on).await?]))
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

    fn rows<'w>(&'w self, case: Case<'w>, count: u32) -> Case<'w> {
        self.both(case, async move |on, _| {
            let people = query_as(
                "SELECT id, name, email, age, active, created_at FROM people ORDER BY id LIMIT $1",
            );
            Ok(sum::people::<Person>(
                &people.bind(i64::from(count)).fetch_all(on).await?,
            ))
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

    fn crowd<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        case.way("sqlx, pool", move |n| {
            crowded(n, async move |n| {
                let failed = |error| failed("sqlx, pool", error);
                let mut on = self.pool.acquire().await.map_err(failed)?;
                let person = query_as(crate::find::BY_KEY).bind(crate::find::key(n));
                let person: Person = person.fetch_one(&mut *on).await.map_err(failed)?;
                Ok(sum::people(&[person]))
            })
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
