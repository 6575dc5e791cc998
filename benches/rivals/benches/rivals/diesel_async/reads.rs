//! Rows on their way out.

use super::DieselAsync;
use super::model::{Author, Comment, Person, Post, authors, people, posts};
use crate::case::Case;
use crate::crowd::crowded;
use crate::rival::{Reads, failed};
use crate::sum;
use ::diesel_async::RunQueryDsl;
use diesel::associations::GroupedBy;
use diesel::{BelongingToDsl, ExpressionMethods, QueryDsl, SelectableHelper};

impl Reads for DieselAsync {
    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, n| {
            let person = people::table
                .find(crate::find::key(n))
                .select(Person::as_select())
                .first(on);
            Ok(sum::people(&[person.await?]))
        })
    }

    fn page<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, n| {
            let people = people::table
                .filter(people::age.ge(sum::age(n)))
                .filter(people::active.eq(true))
                .order(people::id.desc())
                .limit(50)
                .select(Person::as_select())
                .load(on);
            Ok(sum::people(&people.await?))
        })
    }

    fn rows<'w>(&'w self, case: Case<'w>, count: u32) -> Case<'w> {
        self.pooled(case, async move |on, _| {
            let people = people::table
                .order(people::id)
                .limit(count.into())
                .select(Person::as_select())
                .load(on);
            Ok(sum::people(&people.await?))
        })
    }

    fn authors<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, _| {
            let posts = posts::table
                .inner_join(authors::table)
                .order(posts::id)
                .limit(100)
                .select((Post::as_select(), Author::as_select()))
                .load(on);
            let posts: Vec<(Post, Author)> = posts.await?;
            let mut sum = sum::Posts::default();
            for (post, author) in &posts {
                sum.add(post.id, &post.title, &author.name);
            }
            Ok(sum.sum())
        })
    }

    fn three_levels<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, _| {
            let authors = authors::table
                .order(authors::id)
                .select(Author::as_select())
                .load(on);
            let authors: Vec<Author> = authors.await?;
            let posts = Post::belonging_to(&authors)
                .select(Post::as_select())
                .load(on);
            let posts: Vec<Post> = posts.await?;
            let comments = Comment::belonging_to(&posts)
                .select(Comment::as_select())
                .load(on);
            let comments: Vec<Comment> = comments.await?;
            let comments = comments.grouped_by(&posts);
            let posts = posts.into_iter().zip(comments).grouped_by(&authors);
            let mut sum = sum::Tree::default();
            for (author, posts) in authors.iter().zip(&posts) {
                sum.add(author.id, &author.name);
                for (post, comments) in posts {
                    sum.add(post.id, &post.title);
                    for comment in comments {
                        sum.add(comment.id, &comment.body);
                    }
                }
            }
            Ok(sum.sum())
        })
    }

    fn crowd<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        case.way("diesel-async, pool", move |n| {
            crowded(n, async move |n| {
                let on = self.pool.get().await;
                let mut on = on.map_err(|error| failed("diesel-async", error))?;
                let person = people::table
                    .find(crate::find::key(n))
                    .select(Person::as_select())
                    .first(&mut on);
                let person = person
                    .await
                    .map_err(|error| failed("diesel-async", error))?;
                Ok(sum::people(&[person]))
            })
        })
    }
}
