//! How much operations allocate. Each test counts what happens on its own thread, and its runtime has no other.

use crate::counter::{Counter, each};
use crate::library::{Author, Book, Person, Scroll, new_person};
use allocation_counter::{AllocationInfo, measure};
use ormcore::sql;
use tokio_postgres::Row;

const BY_KEY: &str = "SELECT id, name, email, age, active, created_at FROM people WHERE id = $1";

fn person(row: &Row) -> Person {
    Person {
        id: row.get(0),
        name: row.get(1),
        email: row.get(2),
        age: row.get(3),
        active: row.get(4),
        created_at: row.get(5),
    }
}

#[test]
fn finding_a_row_by_its_key_allocates_little_more_than_the_bare_driver() {
    const TIMES: u64 = 1_000;
    let counter = Counter::new();
    let (client, statement) = counter.bare(BY_KEY);
    let floor = counter.count(TIMES, async |_| {
        let row = client.query_one(&statement, &[&7_i64]).await;
        row.map(|row| person(&row))
    });
    let ours = counter.count(TIMES, async |_| Person::get(7).one(&counter.db).await);
    println!(
        "find by key: {:.2} allocations, {} bytes; the bare driver: {:.2}, {} bytes",
        each(ours.count_total, TIMES),
        ours.bytes_total / TIMES,
        each(floor.count_total, TIMES),
        floor.bytes_total / TIMES
    );
    // Rounded down: the driver's buffers are replaced now and then.
    assert!(ours.count_total / TIMES <= 14);
    assert_eq!(floor.count_total / TIMES, 12, "the floor has moved");
}

/// The two texts, and room in the result for the row: as many for each row, however many there are.
#[test]
fn a_row_of_two_texts_allocates_the_texts_and_one_more() {
    let counter = Counter::new();
    counter.run(1, async |_| sql(MORE).execute(&counter.db).await);
    let ask = async |count: u32| Person::find().limit(count).all(&counter.db).await;
    let none = counter.count(10, async |_| ask(0).await).count_total;
    for rows in [10, 1_000, 100_000] {
        let all = counter.count(2, async |_| {
            let people = ask(rows).await?;
            assert_eq!(people.len(), rows as usize);
            Ok::<_, ormcore::Error>(people)
        });
        let all = each(all.count_total, 2) - each(none, 10);
        let row = all / f64::from(rows);
        println!("{rows} rows: {all:.1} allocations, {row:.3} each");
        // A few are for the whole result, and every thirtieth row or so begins another buffer of the driver's.
        assert!(
            all <= 3.05 * f64::from(rows) + 20.0,
            "{row} for each of {rows} rows"
        );
    }
}

const MORE: &str = "
    INSERT INTO people (name, email, age, active)
    SELECT 'name ' || n, n || '@example.org', n % 90, n % 2 = 0 FROM generate_series(2001, 100000) AS n";

/// Ten columns of sixty letters make no difference to a question that was asked before.
#[test]
fn the_text_of_a_known_shape_is_not_written_again() {
    const TIMES: u64 = 1_000;
    let counter = Counter::new();
    let long = counter.count(TIMES, async |_| Scroll::get(0).maybe(&counter.db).await);
    let short = counter.count(TIMES, async |_| Person::get(0).maybe(&counter.db).await);
    println!(
        "a long text: {} bytes, a short one: {}",
        long.bytes_total / TIMES,
        short.bytes_total / TIMES
    );
    assert!(long.bytes_total / TIMES < short.bytes_total / TIMES + 64);
}

#[test]
fn nothing_grows_with_repetition() {
    const TIMES: u64 = 10_000;
    let counter = Counter::new();
    let found = counter.count(TIMES, async |number| {
        Person::get(number as i64 % 2_000 + 1)
            .one(&counter.db)
            .await
    });
    assert_flat("find by key", found);
    let written = counter.count(TIMES / 10, async |_| {
        let tx = counter.db.begin().await?;
        Person::insert(new_person()).one(&tx).await?;
        Person::update(1).set(Person::AGE, 40).execute(&tx).await?;
        tx.rollback().await
    });
    assert_flat("transactions", written);
    let loaded = counter.count(TIMES / 100, async |_| {
        let authors = Author::find().with(Author::BOOKS.with(Book::CHAPTERS));
        authors.all(&counter.db).await
    });
    assert_flat("eager loads", loaded);
}

/// Each result whose rows load something is watched; they are forgotten in time.
#[test]
fn the_watch_for_loads_one_by_one_is_bounded() {
    let counter = Counter::new();
    let load = async |_| {
        for book in Book::find().limit(1).all(&counter.db).await? {
            book.author.load(&counter.db).await?;
        }
        ormcore::Result::<()>::Ok(())
    };
    counter.run(10, load);
    let first = measure(|| counter.run(4_200, load));
    let second = measure(|| counter.run(4_200, load));
    assert_bounded("watched results", first, second);
}

#[test]
fn shapes_made_up_for_ever_do_not_grow_for_ever() {
    let counter = Counter::new();
    let half = |from: u64| {
        counter.run(10_000, async |number| {
            let text = format!("SELECT {}", from + number);
            sql(text).execute(&counter.db).await
        });
    };
    let first = measure(|| half(0));
    let second = measure(|| half(10_000));
    assert_bounded("plans and statements", first, second);
}

fn assert_flat(what: &str, info: AllocationInfo) {
    println!("{what}: {} bytes more are held", info.bytes_current);
    // The driver's buffers differ by some kilobytes from moment to moment.
    assert!(
        info.bytes_current < 64 * 1024,
        "{what} hold {} bytes more",
        info.bytes_current
    );
}

/// The second half reaches no higher than the first.
fn assert_bounded(what: &str, first: AllocationInfo, second: AllocationInfo) {
    let highest = first.bytes_current + i64::try_from(second.bytes_max).expect("little");
    let allowed = i64::try_from(first.bytes_max).expect("little");
    println!("{what}: at most {allowed} bytes in the first half, {highest} in the second");
    assert!(
        highest < allowed + allowed / 20 + 64 * 1024,
        "{what} grow from {allowed} to {highest} bytes"
    );
}
