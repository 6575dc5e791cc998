//! sea-orm: active records over sqlx.

use crate::case::Case;
use crate::rival::{Rival, failed};
use crate::sum::{self, Input, Seen};
use crate::{Outcome, POOL};
use ::sea_orm::{
    ActiveValue, ColumnTrait, ConnectOptions, Database, DatabaseConnection, DbErr, EntityTrait,
    LoaderTrait, QueryFilter, QueryOrder, QuerySelect,
};

mod people {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "people")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub email: String,
        pub age: Option<i32>,
        pub active: bool,
        pub created_at: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod authors {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "authors")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(has_many = "super::posts::Entity")]
        Posts,
    }

    impl Related<super::posts::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Posts.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod posts {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "posts")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub author_id: i64,
        pub title: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::authors::Entity",
            from = "Column::AuthorId",
            to = "super::authors::Column::Id"
        )]
        Author,
        #[sea_orm(has_many = "super::comments::Entity")]
        Comments,
    }

    impl Related<super::authors::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Author.def()
        }
    }

    impl Related<super::comments::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Comments.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod comments {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "comments")]
    pub(crate) struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub post_id: i64,
        pub body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {
        #[sea_orm(
            belongs_to = "super::posts::Entity",
            from = "Column::PostId",
            to = "super::posts::Column::Id"
        )]
        Post,
    }

    impl Related<super::posts::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Post.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

impl sum::Person for people::Model {
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

impl From<Input> for people::ActiveModel {
    fn from(new: Input) -> Self {
        Self {
            id: ActiveValue::NotSet,
            created_at: ActiveValue::Set(new.utc()),
            name: ActiveValue::Set(new.name),
            email: ActiveValue::Set(new.email),
            age: ActiveValue::Set(new.age),
            active: ActiveValue::Set(new.active),
        }
    }
}

pub(crate) struct SeaOrm {
    db: DatabaseConnection,
}

impl SeaOrm {
    pub(crate) async fn connect(url: &str) -> Outcome<Self> {
        let mut options = ConnectOptions::new(url);
        options
            .min_connections(POOL.into())
            .max_connections(POOL.into())
            .test_before_acquire(false)
            .sqlx_logging(false);
        let db = Database::connect(options)
            .await
            .map_err(|error| failed("sea-orm", error))?;
        crate::sqlx::open(db.get_postgres_connection_pool())
            .await
            .map_err(|error| failed("sea-orm", error))?;
        Ok(Self { db })
    }

    fn pooled<'w>(
        &'w self,
        case: Case<'w>,
        task: impl AsyncFn(&DatabaseConnection, usize) -> Result<u64, DbErr> + Copy + 'w,
    ) -> Case<'w> {
        case.way("sea-orm, pool", move |n| async move {
            task(&self.db, n)
                .await
                .map_err(|error| failed("sea-orm", error))
        })
    }
}

impl Rival for SeaOrm {
    fn crates(&self) -> &'static [&'static str] {
        &["sea-orm"]
    }

    fn configuration(&self) -> &'static str {
        "sqlx's pool with `test_before_acquire(false)` and `sqlx_logging(false)`; the statement cache of sqlx (100). Bulk by \
         `insert_many`, posts by `find_also_related` (a join), three levels by `load_many`."
    }

    fn by_key<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let person = people::Entity::find_by_id(crate::find::key(n)).one(db);
            Ok(sum::people(person.await?.as_slice()))
        })
    }

    fn rows<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, _| {
            let people = people::Entity::find()
                .order_by_asc(people::Column::Id)
                .limit(1_000)
                .all(db);
            Ok(sum::people(&people.await?))
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

    fn insert_one<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let new = people::ActiveModel::from(Input::new(n));
            let person = people::Entity::insert(new).exec_with_returning(db);
            Ok(sum::written(&person.await?))
        })
    }

    fn insert_many<'w>(&'w self, case: Case<'w>) -> Case<'w> {
        self.pooled(case, async |db, n| {
            let new = Input::many(n).map(people::ActiveModel::from);
            people::Entity::insert_many(new)
                .exec_without_returning(db)
                .await
        })
    }
}
