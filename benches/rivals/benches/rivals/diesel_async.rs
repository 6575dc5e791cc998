//! diesel-async: diesel's typed queries over tokio-postgres.

use crate::case::Case;
use crate::rival::{Rival, failed};
use crate::sum::{self, Input, Seen};
use crate::{Outcome, POOL};
use ::diesel_async::pooled_connection::deadpool::Pool;
use ::diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use ::diesel_async::{AsyncPgConnection, RunQueryDsl};
use chrono::{DateTime, Utc};
use deadpool::managed::QueueMode;
use diesel::associations::{Associations, GroupedBy, Identifiable};
use diesel::pg::Pg;
use diesel::{
    BelongingToDsl, ExpressionMethods, Insertable, QueryDsl, QueryResult, Queryable, Selectable,
    SelectableHelper,
};

diesel::table! {
    people (id) {
        id -> Int8,
        name -> Text,
        email -> Text,
        age -> Nullable<Int4>,
        active -> Bool,
        created_at -> Timestamptz,
    }
}
diesel::table! {
    authors (id) {
        id -> Int8,
        name -> Text,
    }
}
diesel::table! {
    posts (id) {
        id -> Int8,
        author_id -> Int8,
        title -> Text,
    }
}
diesel::table! {
    comments (id) {
        id -> Int8,
        post_id -> Int8,
        body -> Text,
    }
}
diesel::joinable!(posts -> authors (author_id));
diesel::allow_tables_to_appear_in_same_query!(posts, authors);

#[derive(Queryable, Selectable)]
#[diesel(table_name = people, check_for_backend(Pg))]
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

/// `NULL` for `None` instead of `DEFAULT`: only so can the statement be kept prepared.
#[derive(Insertable)]
#[diesel(table_name = people, treat_none_as_default_value = false)]
struct NewPerson {
    name: String,
    email: String,
    age: Option<i32>,
    active: bool,
    created_at: DateTime<Utc>,
}

impl From<Input> for NewPerson {
    fn from(new: Input) -> Self {
        Self {
            created_at: new.utc(),
            name: new.name,
            email: new.email,
            age: new.age,
            active: new.active,
        }
    }
}

#[derive(Queryable, Selectable, Identifiable)]
#[diesel(table_name = authors, check_for_backend(Pg))]
struct Author {
    id: i64,
    name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = posts, belongs_to(Author), check_for_backend(Pg))]
struct Post {
    id: i64,
    author_id: i64,
    title: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = comments, belongs_to(Post), check_for_backend(Pg))]
struct Comment {
    id: i64,
    post_id: i64,
    body: String,
}

pub(crate) struct DieselAsync {
    pool: Pool<AsyncPgConnection>,
}

impl DieselAsync {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(POOL.into())
            .queue_mode(QueueMode::Lifo)
            .build();
        let pool: Pool<AsyncPgConnection> = pool.map_err(|error| failed("diesel-async", error))?;
        let mut held = Vec::new();
        for _ in 0..POOL {
            held.push(
                pool.get()
                    .await
                    .map_err(|error| failed("diesel-async", error))?,
            );
        }
        drop(held);
        Ok(Self { pool })
    }

    fn pooled<'w>(
        &'w self,
        case: Case<'w>,
        task: impl AsyncFn(&mut AsyncPgConnection, usize) -> QueryResult<u64> + Copy + 'w,
    ) -> Case<'w> {
        case.way("diesel-async, pool", move |n| async move {
            let on = self.pool.get().await;
            let mut on = on.map_err(|error| failed("diesel-async", error))?;
            task(&mut on, n)
                .await
                .map_err(|error| failed("diesel-async", error))
        })
    }
}

impl Rival for DieselAsync {
    fn crates(&self) -> &'static [&'static str] {
        &["diesel-async", "diesel"]
    }

    fn configuration(&self) -> &'static str {
        "its deadpool with `RecyclingMethod::Fast` and `QueueMode::Lifo`; its statement cache as it comes (unbounded). \
         `treat_none_as_default_value = false`, so that an insert of one row is kept prepared; bulk by a `Vec` of values, posts \
         by `inner_join`, three levels by `belonging_to` and `grouped_by`."
    }

    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, n| {
            let person = people::table
                .find(crate::find::key(n))
                .select(Person::as_select())
                .first(on);
            Ok(sum::people(&[person.await?]))
        })
    }

    fn rows<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, _| {
            let people = people::table
                .order(people::id)
                .limit(1_000)
                .select(Person::as_select())
                .load(on);
            Ok(sum::people(&people.await?))
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

    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, n| {
            let person = diesel::insert_into(people::table)
                .values(NewPerson::from(Input::new(n)))
                .returning(Person::as_returning())
                .get_result(on);
            Ok(sum::written(&person.await?))
        })
    }

    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |on, n| {
            let new: Vec<NewPerson> = Input::many(n).map(NewPerson::from).collect();
            let insert = diesel::insert_into(people::table).values(new).execute(on);
            Ok(insert.await? as u64)
        })
    }
}
