//! toasty: models compiled to SQL at every call, over tokio-postgres.

use crate::case::Case;
use crate::rival::{Rival, failed};
use crate::sum::{self, Input, Seen};
use crate::{Outcome, POOL};
use ::toasty::{Db, Deferred};
use jiff::Timestamp;

#[derive(::toasty::Model)]
#[table = "people"]
struct Person {
    #[key]
    #[auto]
    id: i64,
    name: String,
    email: String,
    age: Option<i32>,
    active: bool,
    created_at: Timestamp,
}

#[derive(::toasty::Model)]
#[table = "authors"]
struct Author {
    #[key]
    #[auto]
    id: i64,
    name: String,
    #[has_many]
    posts: Deferred<Vec<Post>>,
}

#[derive(::toasty::Model)]
#[table = "posts"]
struct Post {
    #[key]
    #[auto]
    id: i64,
    #[index]
    author_id: i64,
    title: String,
    #[belongs_to(key = author_id, references = id)]
    author: Deferred<Author>,
    #[has_many]
    comments: Deferred<Vec<Comment>>,
}

#[derive(::toasty::Model)]
#[table = "comments"]
struct Comment {
    #[key]
    #[auto]
    id: i64,
    #[index]
    post_id: i64,
    body: String,
    #[belongs_to(key = post_id, references = id)]
    post: Deferred<Post>,
}

impl sum::Person for Person {
    fn seen(&self) -> Seen<'_> {
        Seen {
            id: self.id,
            name: &self.name,
            email: &self.email,
            age: self.age,
            active: self.active,
            created_at: self.created_at.as_microsecond(),
        }
    }
}

/// What [`Person::create`] is filled with.
fn timestamp(new: &Input) -> Timestamp {
    Timestamp::from_microsecond(new.micros()).unwrap_or_default()
}

pub(crate) struct Toasty {
    db: Db,
}

impl Toasty {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let failed = |error| failed("toasty", error);
        let db = Db::builder()
            .models(::toasty::models!(Person, Author, Post, Comment))
            .max_pool_size(POOL.into())
            .pool_health_check_interval(None)
            .connect(url)
            .await
            .map_err(failed)?;
        let mut held = Vec::new();
        for _ in 0..POOL {
            held.push(db.connection().await.map_err(failed)?);
        }
        drop(held);
        Ok(Self { db })
    }

    fn pooled<'w>(
        &'w self,
        case: Case<'w>,
        task: impl AsyncFn(&mut Db, usize) -> ::toasty::Result<u64> + Copy + 'w,
    ) -> Case<'w> {
        case.way("toasty, pool", move |n| async move {
            let mut db = self.db.clone();
            task(&mut db, n)
                .await
                .map_err(|error| failed("toasty", error))
        })
    }
}

impl Rival for Toasty {
    fn crates(&self) -> &'static [&'static str] {
        &["toasty"]
    }

    fn configuration(&self) -> &'static str {
        "its pool, which pings neither when a connection is taken nor, here, in the background; its statement cache as it \
         comes. Bulk by `create_many`, posts and three levels by `include`."
    }

    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let person = Person::get_by_id(db, crate::find::key(n));
            Ok(sum::people(&[person.await?]))
        })
    }

    fn rows<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, _| {
            let people = Person::all()
                .order_by(Person::fields().id().asc())
                .limit(1_000)
                .exec(db);
            Ok(sum::people(&people.await?))
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

    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let new = Input::new(n);
            let person = Person::create()
                .created_at(timestamp(&new))
                .name(new.name)
                .email(new.email)
                .age(new.age)
                .active(new.active)
                .exec(db);
            Ok(sum::written(&person.await?))
        })
    }

    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let mut insert = Person::create_many();
            for new in Input::many(n) {
                insert = insert.item(
                    Person::create()
                        .created_at(timestamp(&new))
                        .name(new.name)
                        .email(new.email)
                        .age(new.age)
                        .active(new.active),
                );
            }
            Ok(insert.exec(db).await?.len() as u64)
        })
    }
}
