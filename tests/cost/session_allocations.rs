//! How much sessions allocate.

use crate::counter::{Counter, each};
use crate::library::Person;
use ormcore::{Error, Find};

const ROWS: u64 = 1_000;

fn people() -> Find<Person> {
    Person::find().order_by(Person::ID).limit(ROWS as u32)
}

#[test]
fn a_session_allocates_little_more_for_a_row_than_a_plain_load() {
    let counter = Counter::new();
    let plain = counter.count(10, async |_| people().all(&counter.db).await);
    let kept = counter.count(10, async |_| {
        let mut session = counter.db.session();
        let people = session.all(people()).await?;
        assert_eq!(people.len() as u64, ROWS);
        Ok::<_, Error>(())
    });
    let plain = each(plain.count_total, 10 * ROWS);
    let kept = each(kept.count_total, 10 * ROWS);
    println!("a row of {ROWS}: {plain:.3} allocations, in a session {kept:.3}");
    assert!(kept <= plain + 0.05, "{kept} to {plain}");
}

#[test]
fn a_flush_allocates_so_much_for_a_changed_row_and_no_more() {
    let counter = Counter::new();
    let load = counter.count(10, async |_| {
        let mut session = counter.db.session();
        session.all(people()).await
    });
    let whole = counter.count(10, async |number| {
        let mut session = counter.db.session();
        for person in session.all(people()).await? {
            session[person].age = Some(100 + number as i32);
        }
        assert_eq!(session.commit().await?.dirty as u64, ROWS);
        Ok::<_, Error>(())
    });
    let flush = each(whole.count_total - load.count_total, 10 * ROWS);
    println!("a changed row of {ROWS}: {flush:.3} allocations more");
    assert!(flush <= 13.5, "{flush}");
}
