//! Rows on their way out.

use super::SeaOrm;
use super::model::{authors, comments, people, posts};
use crate::case::Case;
use crate::crowd::crowded;
use crate::rival::{Reads, failed};
use crate::sum;
use ::sea_orm::{ColumnTrait, EntityTrait, LoaderTrait, QueryFilter, QueryOrder, QuerySelect};

impl Reads for SeaOrm {
    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let person = people::Entity::find_by_id(crate::find::key(n)).one(db);
            Ok(sum::people(person.await?.as_slice()))
        })
    }

    fn page<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let people = people::Entity::find()
                .filter(people::Column::Age.gte(sum::age(n)))
                .filter(people::Column::Active.eq(true))
                .order_by_desc(people::Column::Id)
                .limit(50)
                .all(db);
            Ok(sum::people(&people.await?))
        })
    }

    fn rows<'w>(&'w self, case: Case<'w>, count: u32) -> Case<'w> {
        self.pooled(case, async move |db, _| {
            let people = people::Entity::find()
                .order_by_asc(people::Column::Id)
                .limit(u64::from(count))
                .all(db);
            Ok(sum::people(&people.await?))
        })
    }

    fn authors<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, _| {
            let posts = posts::Entity::find()
                .find_also_related(authors::Entity)
                .order_by_asc(posts::Column::Id)
                .limit(100)
                .all(db);
            let mut sum = sum::Posts::default();
            for (post, author) in &posts.await? {
                let author = author.as_ref().map_or("", |author| &author.name);
                sum.add(post.id, &post.title, author);
            }
            Ok(sum.sum())
        })
    }

    fn three_levels<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, _| {
            let authors = authors::Entity::find()
                .order_by_asc(authors::Column::Id)
                .all(db)
                .await?;
            let posts = authors.load_many(posts::Entity, db).await?;
            let counts: Vec<usize> = posts.iter().map(Vec::len).collect();
            let posts: Vec<posts::Model> = posts.into_iter().flatten().collect();
            let comments = posts.load_many(comments::Entity, db).await?;
            let (mut sum, mut posts) = (sum::Tree::default(), posts.iter().zip(&comments));
            for (author, count) in authors.iter().zip(counts) {
                sum.add(author.id, &author.name);
                for (post, comments) in posts.by_ref().take(count) {
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
        case.way("sea-orm, pool", move |n| {
            crowded(n, async move |n| {
                let person = people::Entity::find_by_id(crate::find::key(n)).one(&self.db);
                let person = person.await.map_err(|error| failed("sea-orm", error))?;
                Ok(sum::people(person.as_slice()))
            })
        })
    }
}
