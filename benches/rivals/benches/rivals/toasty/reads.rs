//! Rows on their way out.

use super::Toasty;
use super::model::{Author, Person, Post};
use crate::case::Case;
use crate::crowd::crowded;
use crate::rival::{Reads, failed};
use crate::sum;

impl Reads for Toasty {
    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let person = Person::get_by_id(db, crate::find::key(n));
            Ok(sum::people(&[person.await?]))
        })
    }

    fn page<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let people = Person::filter(Person::fields().age().ge(sum::age(n)))
                .filter(Person::fields().active().eq(true))
                .order_by(Person::fields().id().desc())
                .limit(50)
                .exec(db);
            Ok(sum::people(&people.await?))
        })
    }

    fn rows<'w>(&'w self, case: Case<'w>, count: u32) -> Case<'w> {
        self.pooled(case, async move |db, _| {
            let people = Person::all()
                .order_by(Person::fields().id().asc())
                .limit(count as usize)
                .exec(db);
            Ok(sum::people(&people.await?))
        })
    }

    fn authors<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, _| {
            let posts = Post::all()
                .include(Post::fields().author())
                .order_by(Post::fields().id().asc())
                .limit(100)
                .exec(db);
            let mut sum = sum::Posts::default();
            for post in &posts.await? {
                sum.add(post.id, &post.title, &post.author.get().name);
            }
            Ok(sum.sum())
        })
    }

    fn three_levels<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, _| {
            let authors = Author::all()
                .include(Author::fields().posts())
                .include(Author::fields().posts().comments())
                .order_by(Author::fields().id().asc())
                .exec(db);
            let mut sum = sum::Tree::default();
            for author in &authors.await? {
                sum.add(author.id, &author.name);
                for post in author.posts.get() {
                    sum.add(post.id, &post.title);
                    for comment in post.comments.get() {
                        sum.add(comment.id, &comment.body);
                    }
                }
            }
            Ok(sum.sum())
        })
    }

    fn crowd<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        case.way("toasty, pool", move |n| {
            crowded(n, async move |n| {
                let mut db = self.db.clone();
                let person = Person::get_by_id(&mut db, crate::find::key(n));
                let person = person.await.map_err(|error| failed("toasty", error))?;
                Ok(sum::people(&[person]))
            })
        })
    }
}
