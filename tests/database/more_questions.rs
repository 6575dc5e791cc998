//! The shapes that a blog has no use for, and their SQL: `more_questions.sql`. It is made and checked as `questions.sql` is.

use crate::fresh::fresh;
use crate::questions::{Table, asked};
use chrono::{DateTime, NaiveDate, Utc};
use ormcore::value::{Cidr, Inet, Interval, Json, Multirange, Range};
use ormcore::{Alias, Entity, Lazy, Many, One, Unit, Value, Window, count, entities, excluded};
use ormcore::{now, percent_rank, random, row_number, sql};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(domain = "label", check = "VALUE <> ''")]
struct Label(String);

#[derive(Entity, Debug, Clone)]
#[orm(table = "works", insert(NewWork, derive(Clone)), patch(WorkPatch))]
struct Work {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Work))]
    part_of: Option<i64>,
    #[orm(unique)]
    title: String,
    label: Option<Label>,
    price: Decimal,
    #[orm(default = "1.5")]
    weight: f64,
    tags: Vec<String>,
    notes: Json<BTreeMap<String, i32>>,
    pages: Range<i32>,
    gaps: Multirange<i32>,
    seen_from: Option<Inet>,
    published: Option<NaiveDate>,
    #[orm(version)]
    version: i32,
    #[orm(updated)]
    changed: DateTime<Utc>,
    #[orm(soft_delete)]
    deleted: Option<DateTime<Utc>>,
    #[orm(belongs_to(key = part_of))]
    whole: One<Option<Work>>,
    #[orm(has_many(Work, key = part_of))]
    parts: Many<Work>,
    #[orm(has_one(Shelf, key = work_id))]
    shelf: One<Option<Shelf>>,
    #[orm(many_to_many(Reader, through = "loans"))]
    readers: Many<Reader>,
}

/// With a key of two columns.
#[derive(Entity, Debug, Clone)]
#[orm(table = "shelves", insert(NewShelf))]
struct Shelf {
    #[orm(primary_key)]
    room: i32,
    #[orm(primary_key)]
    place: i64,
    #[orm(unique, references(Work))]
    work_id: i64,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "readers", insert(NewReader))]
struct Reader {
    #[orm(primary_key)]
    id: i32,
    #[orm(type = "json")]
    card: Option<serde_json::Value>,
    #[orm(many_to_many(Work, through = "loans"))]
    works: Many<Work>,
}

fn work(title: &str) -> NewWork {
    NewWork {
        part_of: None,
        title: title.to_owned(),
        label: None,
        price: Decimal::ONE,
        weight: None,
        tags: vec!["a".to_owned()],
        notes: Json(BTreeMap::new()),
        pages: (1..9).into(),
        gaps: Multirange::default(),
        seen_from: None,
        published: None,
    }
}

#[tokio::test]
async fn every_other_shape_has_its_words_and_the_server_takes_them() {
    let fresh = fresh(entities![Work, Shelf, Reader]).await;
    let db = &fresh.db;
    Work::insert(work("a")).execute(db).await.unwrap();
    let shelf = NewShelf {
        room: 1,
        place: 1,
        work_id: 1,
    };
    Shelf::insert(shelf).execute(db).await.unwrap();
    Reader::insert(NewReader { id: 1, card: None })
        .execute(db)
        .await
        .unwrap();
    let mut table = Table::new(&fresh);
    relations(&mut table).await;
    keys_and_sources(&mut table).await;
    families(&mut table).await;
    writes(&mut table).await;
    table.end("more_questions.sql", 90).await;
}

async fn relations(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let work = Work::find().one(db).await.expect("a work");
    table.blog.statements();
    asked! { table:
        Work::find().with(Work::SHELF).all(db);
        Work::find().with(Work::SHELF.joined()).all(db);
        Work::find().with(Work::READERS).all(db);
        Work::find().with(Work::READERS.filter(Reader::ID.gt(1)).order_by(Reader::ID).limit(2)).all(db);
        Work::find().with(Work::READERS.lateral()).all(db);
        Reader::find().with(Reader::WORKS.order_by(Work::TITLE).offset(1).limit(2).lateral()).all(db);
        Work::find().with(Work::PARTS.order_by(Work::ID.desc()).limit(1)).all(db);
        Work::find().with(Work::PARTS.limit(1).lateral().with(Work::SHELF)).all(db);
        Work::find().with(Work::WHOLE.joined().with(Work::SHELF.joined())).limit(2).all(db);
        Work::find().filter(Work::READERS.any(Reader::ID.gt(1)) & Work::READERS.exists()).all(db);
        Work::find().filter(Work::READERS.every(Reader::WORKS.exists())).all(db);
        Work::find().filter(Work::SHELF.is(Shelf::ROOM.eq(1)) | Work::SHELF.missing()).all(db);
        Work::find().select((Work::READERS.count(), Work::READERS.aggregate(Reader::ID.max()))).all(db);
        Shelf::find().select(Work::find().filter(Work::ID.eq(1)).select(Work::TITLE).scalar::<Shelf>()).all(db);
        work.parts.load(db);
        work.shelf.load(db);
        work.readers.load(db);
        Work::READERS.of(&work).add(db, [1]);
        Work::READERS.of(&work).set(db, [1]);
        Work::READERS.of(&work).remove(db, [1]);
        Work::READERS.of(&work).clear(db);
        Work::find().lazy(Lazy::Peers).all(db);
    }
}

async fn keys_and_sources(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let root = || Work::find().filter(Work::PART_OF.is_null());
    let rows = Alias::<Work>::of_rows("chosen");
    let again = rows.again("others");
    let page = Work::find()
        .order_by(Work::TITLE)
        .page(1, db)
        .await
        .expect("a page");
    assert!(page.next.is_none());
    Work::insert(work("z")).execute(db).await.expect("a work");
    let by = || {
        Work::find()
            .order_by(Work::PUBLISHED.desc())
            .order_by(Work::TITLE)
    };
    let next = by().page(1, db).await.expect("a page").next;
    let counted = Work::find()
        .select((Work::TITLE, count()))
        .group_by(Work::TITLE);
    table.blog.statements();
    asked! { table:
        Shelf::get((1, 1)).one(db);
        Shelf::get((1, 1)).maybe(db);
        Shelf::find().filter(Shelf::PLACE.in_([1])).for_update().maybe(db);
        Shelf::find().order_by(Shelf::PLACE).page(1, db);
        by().after(next.clone()).page(1, db);
        by().filter(Work::TITLE.ne("")).after(next).page(1, db);
        Work::find().tree(root(), Work::PARTS).order_by(Work::ID).all(db);
        Work::find().tree(root().limit(1), Work::WHOLE).count(db);
        Work::find().given(rows, root()).join(rows, rows.col(Work::ID).eq(Work::ID)).all(db);
        Work::find().given(rows, root()).left_join(rows, rows.col(Work::ID).eq(Work::ID)).left_join(again, again.col(Work::ID).eq(rows.col(Work::ID))).count(db);
        Work::find().given(rows, root()).of_rows(rows).filter(Work::PRICE.gt(Decimal::ONE)).all(db);
        Work::find().with_deleted().count(db);
        Work::find().only_deleted().exists(db);
        Work::find().first(db);
        Work::find().order_by(random()).limit(1).all(db);
        Work::find().for_each(db, |_| Ok(()));
        counted.count(db);
        sql!("SELECT title FROM works WHERE id = {1_i64} AND title = ANY({vec![String::new()]})").scalars::<String>(db);
    }
}

async fn families(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let (notes, tags, pages, from) = (Work::NOTES, Work::TAGS, Work::PAGES, Work::SEEN_FROM);
    let (price, title, published) = (Work::PRICE, Work::TITLE, Work::PUBLISHED);
    let day = Interval {
        days: 1,
        ..Interval::default()
    };
    let net: Cidr = "10.0.0.0/8".parse().expect("a network");
    let document = || Json(BTreeMap::from([("a".to_owned(), 1)]));
    let words = || vec!["a".to_owned()];
    let early: NaiveDate = "2000-01-01".parse().expect("a day");
    let window = || Window::new().order_by(Work::ID);
    let find = Work::find;
    asked! { table:
        find().filter(notes.field("it's").is_not_null() & notes.field_text("a\\").eq("1")).all(db);
        find().filter(notes.element(0).is_null() & notes.element_text(-1).is_null()).all(db);
        find().filter(notes.path(["a", "0"]).is_null() & notes.path_text(["a"]).ne("2")).all(db);
        find().filter(notes.json_contains(document()) & notes.json_within(document())).all(db);
        Reader::find().filter(Reader::CARD.field_text("a").eq("1") & Reader::CARD.has_key("a")).all(db);
        find().filter(notes.has_key("a") & notes.has_any_key(["a"]) & notes.has_all_keys(["a"])).all(db);
        find().filter(notes.json_path_exists("$.a") & notes.json_path_matches("$.a > 1")).all(db);
        find().filter(tags.has("a") & tags.has_any(words()) & tags.has_all(words()) & tags.is_within(words())).all(db);
        find().filter(tags.count_elements().gt(1) & tags.in_([words()]) & tags.not_in([words()])).all(db);
        find().filter(pages.covers(1..2) & pages.covered_by(1..2) & pages.overlaps(1..)).all(db);
        find().filter(pages.is_before(9..) & pages.is_after(..1) & pages.is_adjacent_to(9..=9)).all(db);
        find().filter(pages.includes(1) & pages.lower_bound().eq(1) & pages.upper_bound().eq(2)).all(db);
        find().filter(pages.joined_with(1..9).eq(1..9) & pages.in_common_with(1..9).is_empty()).all(db);
        find().filter(pages.without(1..2).overlaps(Work::GAPS) & Work::ID.cast::<i32>().in_range(1..2)).all(db);
        find().filter(from.in_network(net) & from.has_address(from) & from.shares_addresses(net)).all(db);
        find().filter(published.plus(day).gt(early) & published.minus(day).lt(now())).all(db);
        find().filter(published.since(early).gt(day) & Work::CHANGED.lt(now().plus(day))).all(db);
        find().filter(published.part(Unit::Week).eq(1) & published.truncate(Unit::Year).eq(early)).all(db);
        find().filter(price.round().eq(price.ceil()) & price.floor().eq(price.round_to(1))).all(db);
        find().filter(price.sign().eq(price) & price.sqrt().lt(price.power(2.0))).all(db);
        find().filter(title.left(1).eq(title.right(1)) & title.pad_left(2, "0").ne(title.split_part(",", 1))).all(db);
        find().filter(title.position("a").eq(1) & title.initcap().ne(title.md5()) & title.replace_matches("a", "b").eq("")).all(db);
        find().filter(Work::LABEL.eq(Label("x".into())) | Work::LABEL.in_([Label("x".into())])).all(db);
        find().select((row_number().over(window()), percent_rank().over(window()), price.sum().over(window()))).all(db);
        find().select((price.array_agg(), title.string_agg("; "), price.min().filter(Work::ID.gt(1)))).all(db);
    }
}

async fn writes(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let shelf = |place| NewShelf {
        room: 1,
        place,
        work_id: 1,
    };
    let upsert = || Work::upsert(work("a")).on_conflict(Work::TITLE);
    let many = || Work::upsert_many(vec![work("a"), work("b")]).on_conflict(Work::TITLE);
    asked! { table:
        upsert().do_nothing().maybe(db);
        upsert().do_nothing().execute(db);
        upsert().update(Work::LABEL).one(db);
        upsert().update((Work::LABEL, Work::PRICE)).set(Work::WEIGHT, excluded(Work::WEIGHT) * 2.0).execute(db);
        upsert().update_all().filter(Work::PRICE.lt(excluded(Work::PRICE))).maybe(db);
        many().update(Work::PRICE).all(db);
        many().do_nothing().execute(db);
        Work::upsert(work("a")).on_constraint("works_title_key").update_all().one(db);
        Shelf::upsert(shelf(1)).on_conflict((Shelf::ROOM, Shelf::PLACE)).update(Shelf::WORK_ID).maybe(db);
        Work::update_each(Work::PRICE, [(1, Decimal::ONE)]).execute(db);
        Work::update_each((Work::LABEL, Work::TAGS), [(1, (None, vec![]))]).execute(db);
        Shelf::update_each(Shelf::WORK_ID, [((1, 1), 1)]).execute(db);
        Work::update(1).set(Work::PRICE, Work::PRICE + Decimal::ONE).execute(db);
        Work::update_many().set_null(Work::LABEL).filter(Work::PARTS.exists()).all(db);
        Shelf::update((1, 1)).set(Shelf::WORK_ID, 1).one(db);
        Work::delete().key(2).execute(db);
        Work::restore(2).execute(db);
        Work::delete().key(2).hard().one(db);
        Work::delete().filter(Work::ID.gt(9)).all(db);
        Shelf::delete().key((1, 1)).execute(db);
        Shelf::delete().filter(Shelf::ROOM.eq(9)).all(db);
        Shelf::insert_many(vec![shelf(7)]).keys(db);
        Work::copy_in([work("c")]).execute(db);
    }
}
