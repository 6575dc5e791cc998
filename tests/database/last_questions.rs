//! What the other questions leave out, and their SQL: `last_questions.sql`. It is made and checked as `questions.sql` is.

use crate::fresh::fresh;
use crate::questions::{Table, asked};
use chrono::{DateTime, Utc};
use ormcore::value::Json;
use ormcore::{
    Alias, Condition, Db, Edge, Entity, Expression, Many, One, Result, Row, Session, Window, case,
    count, cume_dist, entities, fragment, sql,
};

#[derive(Entity, Debug, Clone)]
#[orm(table = "leaves", insert(NewLeaf, derive(Clone)), patch(LeafPatch))]
struct Leaf {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Twig))]
    twig_id: Option<i64>,
    name: String,
    size: Option<i32>,
    spots: Json<Vec<i32>>,
    fallen: bool,
    #[orm(version)]
    version: i32,
    #[orm(updated)]
    changed: DateTime<Utc>,
    #[orm(belongs_to(key = twig_id))]
    twig: One<Option<Twig>>,
}

#[derive(Entity, Debug)]
#[orm(table = "nests")]
struct Nest {
    #[orm(primary_key, references(Twig))]
    twig_id: i64,
    #[orm(primary_key, references(Bird))]
    bird_id: i64,
    eggs: i32,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "twigs", insert(NewTwig))]
struct Twig {
    #[orm(primary_key, generated)]
    id: i64,
    length: i32,
    #[orm(has_many(Leaf, key = twig_id, when = is_green))]
    leaves: Many<Leaf>,
    #[orm(many_to_many(Bird, through = "perches", when = is_loud))]
    birds: Many<Bird>,
    #[orm(many_to_many(Bird, through = Nest))]
    nests: Many<Bird>,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "birds", insert(NewBird))]
struct Bird {
    #[orm(primary_key)]
    id: i64,
    song: Option<String>,
    #[orm(many_to_many(Twig, through = "perches"))]
    twigs: Many<Twig>,
}

/// Rows of one garden each.
#[derive(Entity, Debug, Clone)]
#[orm(table = "plots", insert(NewPlot, derive(Clone)))]
struct Plot {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    garden: i32,
    #[orm(unique)]
    crop: String,
}

/// There is no such table.
#[derive(Entity, Debug)]
struct Sum {
    #[orm(primary_key)]
    name: String,
    leaves: i64,
}

#[derive(Row, Debug)]
#[allow(dead_code, reason = "what counts is the statement")]
struct Named {
    name: String,
    size: Option<i32>,
}

fn is_green() -> Condition<Leaf> {
    !Leaf::FALLEN.eq(true)
}

fn is_loud() -> Condition<Bird> {
    Bird::SONG.is_not_null()
}

fn leaf(name: &str) -> NewLeaf {
    NewLeaf {
        twig_id: None,
        name: name.to_owned(),
        size: Some(1),
        spots: Json(vec![1]),
        fallen: false,
    }
}

fn plot(crop: &str) -> NewPlot {
    let crop = crop.to_owned();
    NewPlot { crop }
}

#[tokio::test]
async fn every_last_shape_has_its_words_and_the_server_takes_them() {
    let fresh = fresh(entities![Leaf, Twig, Bird, Nest, Plot]).await;
    let db = &fresh.db;
    let leaves = vec![leaf("a"), leaf("b"), leaf("c")];
    Leaf::insert_many(leaves).execute(db).await.unwrap();
    Twig::insert(NewTwig { length: 1 })
        .execute(db)
        .await
        .unwrap();
    let bird = Bird::insert(NewBird { id: 1, song: None });
    let bird = bird.one(db).await.unwrap();
    assert_eq!((bird.id, bird.song), (1, None));
    let mut table = Table::new(&fresh);
    conditions(&mut table).await;
    selections(&mut table).await;
    pages(&mut table).await;
    relations(&mut table).await;
    writes(&mut table).await;
    sessions(&mut table).await;
    table.end("last_questions.sql", 71).await;
}

async fn conditions(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let size = Leaf::SIZE;
    asked! { table:
        Leaf::find().filter(size.ge(1).and(size.le(2)).or(Leaf::NAME.like("a%")) & Leaf::NAME.ilike("A%")).all(db);
        Leaf::find().filter(Leaf::SPOTS.json_length().gt(1) & Expression::<Leaf, i32>::value(1).eq(size)).all(db);
        Leaf::find().filter(Expression::from(Leaf::NAME).nullable().is_null()).exists(db);
        Leaf::find().order_by(size.asc().nulls_first()).order_by(fragment!("random()")).all(db);
        Leaf::find().stream(db).next_chunk(9);
        Leaf::find().select(Leaf::NAME).stream(db).next_chunk(9);
        Twig::find().filter(Twig::ID.eq(1)).for_update().referrers(entities![Leaf], db);
        Plot::find().scope(1).all(db);
        Plot::find().all_scopes().order_by(Plot::CROP).all(db);
        Plot::get(1).scope(1).maybe(db);
        sql("SELECT 1 AS one").idempotent().summary("one").execute(db);
        sql("SELECT 2 AS two").batch(db);
    }
}

async fn selections(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let (size, name) = (Leaf::SIZE, Leaf::NAME);
    let by_size = || Window::new().order_by(Leaf::SIZE);
    let other = Alias::<Leaf>::new("other");
    let sums = Alias::<Sum>::of_rows("sums");
    let columns = (Sum::NAME, Sum::LEAVES);
    let counted = || {
        Leaf::find()
            .select((Leaf::NAME, count()))
            .group_by(Leaf::NAME)
    };
    let single = || Leaf::find().select((Leaf::NAME, Leaf::ID));
    asked! { table:
        Leaf::find().select((name, size)).rows::<Named>().all(db);
        Leaf::find().select(case::<Leaf, i32>().when(size.gt(1), 2).or_null()).all(db);
        Leaf::find().select(fragment!("{name} || {name}").as_::<String>()).all(db);
        Leaf::find().select(count()).group_by(fragment!("ROLLUP ({name}, {size})")).all(db);
        Leaf::find().select(name).distinct_on(fragment!("{size} % {2}")).all(db);
        Leaf::find().select(cume_dist().over(Window::new().partition_by(size).order_by(name))).all(db);
        Leaf::find().select((size.lag_or(1, 0).over(by_size()), size.lead_or(2, size).over(by_size()))).all(db);
        Leaf::find().select(name.nth_value(2).over(by_size().all_rows())).all(db);
        Leaf::find().select(size.sum().over(by_size().rows_between(Edge::Before(1), Edge::After(2)))).all(db);
        Leaf::find().select(size.sum().over(by_size().range_between(Edge::<i32>::Start, Edge::Current))).all(db);
        Leaf::find().select(size.sum().over(by_size().range_between(Edge::Before(1), Edge::End))).all(db);
        Leaf::find().join(other.again("third"), other.again("third").col(Leaf::ID).eq(Leaf::ID)).count(db);
        Leaf::find().given_as(sums, columns, counted()).join(sums, sums.col(Sum::NAME).eq(Leaf::NAME)).all(db);
        Sum::find().given_as(sums, columns, counted()).of_rows(sums).filter(Sum::LEAVES.gt(1)).all(db);
        Sum::find().given_as(sums, columns, single().union(single())).of_rows(sums).count(db);
        Sum::find().given_as(sums, columns, fragment!("SELECT 'a', {1_i64}")).of_rows(sums).select(Sum::LEAVES.max()).all(db);
    }
}

/// By columns that go up and down, may be NULL or not: behind a row that has a value, and behind one that has none.
async fn pages(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let mixed = || {
        Leaf::find()
            .order_by(Leaf::FALLEN.desc())
            .order_by(Leaf::NAME)
    };
    let nullable = || Leaf::find().order_by(Leaf::SIZE.desc().nulls_last());
    let first = || Leaf::find().order_by(Leaf::TWIG_ID.asc().nulls_first());
    let down = || {
        Leaf::find()
            .order_by(Leaf::NAME.desc())
            .order_by(Leaf::ID.desc())
    };
    let after_mixed = mixed().page(1, db).await.expect("a page").next;
    let after_nullable = nullable().page(1, db).await.expect("a page").next;
    let after_null = first().page(1, db).await.expect("a page").next;
    let after_down = down().page(1, db).await.expect("a page").next;
    table.blog.statements();
    asked! { table:
        mixed().after(after_mixed).page(1, db);
        nullable().after(after_nullable).page(1, db);
        first().after(after_null).page(1, db);
        down().after(after_down).page(1, db);
    }
}

/// Those with a condition, and the verbs of links.
async fn relations(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let twig = Twig::get(1).one(db).await.expect("a twig");
    table.blog.statements();
    asked! { table:
        Twig::find().with(Twig::LEAVES).all(db);
        Twig::find().with(Twig::LEAVES.joined()).all(db);
        Twig::find().with(Twig::LEAVES.order_by(Leaf::ID).limit(1)).all(db);
        Twig::find().with(Twig::BIRDS.joined()).all(db);
        Twig::find().with(Twig::BIRDS.limit(1).lateral()).all(db);
        Twig::find().filter(Twig::LEAVES.exists() & Twig::BIRDS.any(Bird::ID.gt(1))).all(db);
        twig.leaves.load(db);
        Twig::BIRDS.of(&twig).add(db, [1]);
        Twig::BIRDS.of_key(&1).set(db, [1]);
        Twig::BIRDS.of_key(&1).remove(db, [1]);
        Twig::BIRDS.of_key(&1).clear(db);
        Twig::NESTS.of_key(&1).with_value(Nest::EGGS, 3).add(db, [1]);
    }
}

async fn writes(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let patch = || LeafPatch {
        size: Some(None),
        ..LeafPatch::default()
    };
    asked! { table:
        Leaf::update(1).version(1).set(Leaf::SIZE, 2).one(db);
        Leaf::update(1).version(2).patch(patch()).execute(db);
        Leaf::update(1).version(3).patch(LeafPatch::default()).one(db);
        Leaf::update(1).version(3).set(Leaf::SIZE, 2).returning(Leaf::VERSION).one(db);
        Leaf::update(1).set(Leaf::SIZE, fragment!("{Leaf::SIZE} + {1}").as_::<Option<i32>>()).execute(db);
        Leaf::update_each(Leaf::SIZE, [(1, None)]).filter(Leaf::VERSION.gt(1)).execute(db);
        Leaf::delete().key(2).version(1).execute(db);
        Leaf::delete().key(3).version(1).one(db);
        Plot::insert(plot("peas")).scope(1).one(db);
        Plot::insert_many(vec![plot("corn")]).scope(1).keys(db);
        Plot::copy_in([plot("rice")]).scope(1).execute(db);
        Plot::upsert(plot("peas")).scope(1).on_conflict(Plot::CROP).update_all().one(db);
        Plot::update(1).scope(1).set(Plot::CROP, "beans").execute(db);
        Plot::update_many().all_scopes().all_rows().set(Plot::CROP, Plot::CROP.upper()).execute(db);
        Plot::delete().key(1).scope(1).execute(db);
    }
}

/// What a session writes, in one burst.
async fn flushed(db: &Db, work: impl AsyncFnOnce(&mut Session) -> Result<()>) -> Result<()> {
    let mut s = db.session();
    work(&mut s).await?;
    s.commit().await.map(drop)
}

async fn sessions(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let rows = [leaf("x"), leaf("y"), leaf("z")];
    Leaf::insert_many(rows.into())
        .execute(db)
        .await
        .expect("leaves");
    let all = || Leaf::find().order_by(Leaf::ID);
    table.blog.statements();
    asked! { table:
        flushed(db, async |s| { s.add(leaf("one")); Ok(()) });
        flushed(db, async |s| { s.add(leaf("one")); s.add(leaf("two")); Ok(()) });
        flushed(db, async |s| { let twig = s.add(NewTwig { length: 1 }); let twig_id = Some(s.key(twig)); s.add(NewLeaf { twig_id, ..leaf("three") }); Ok(()) });
        flushed(db, async |s| { let one = s.one(all().limit(1)).await?; s[one].size = Some(7); Ok(()) });
        flushed(db, async |s| { for leaf in s.all(all()).await? { s[leaf].size = Some(8); } Ok(()) });
        flushed(db, async |s| { let one = s.one(all().limit(1)).await?; s.remove(one); Ok(()) });
        flushed(db, async |s| { for leaf in s.all(all().limit(2)).await? { s.remove(leaf); } Ok(()) });
        flushed(db, async |s| { let twig = s.get::<Twig>(1).await?; let bird = s.get::<Bird>(1).await?; s.connect(twig, Twig::BIRDS, bird) });
        flushed(db, async |s| { let twig = s.get::<Twig>(1).await?; s.load(twig, Twig::BIRDS).await?; s.load(twig, Twig::LEAVES).await });
    }
}
