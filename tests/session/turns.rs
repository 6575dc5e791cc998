//! What a changed row gives up is free for others in the same flush, wherever the order allows.

use crate::replaced::{NewPlayer, NewTeam, Player, Team};
use crate::shop::{User, new_post, new_user, shop, shop_of};
use ormcore::{Entity, RowState, Session, entities, sql};

#[tokio::test]
async fn what_a_changed_row_gives_up_is_free_for_a_new_one() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob"].map(new_user));
    s.commit().await.unwrap();
    s[rows[0]].email = "free@example.org".into();
    s[rows[1]].age = Some(1);
    let new = s.add(new_user("Ada"));
    fresh.statements();
    let flush = s.commit().await.unwrap();
    assert_eq!((flush.pending, flush.dirty), (1, 2));
    assert_eq!(fresh.statements().len(), 3);
    let stored = User::get(s[new].id).one(&fresh.db).await.unwrap();
    assert_eq!(stored, s[new]);
    assert_eq!(stored.email, "ada@example.org");
    // What is flushed again is so in the same order.
    s[new].email = "gone@example.org".into();
    let again = s.add(new_user("Ada"));
    s.flush().await.unwrap();
    let bad = s.add(new_user("Ada"));
    assert!(s.flush().await.unwrap_err().is_unique_violation());
    assert_eq!(s.failure().unwrap().row::<User>(), Some(bad));
    s.remove(bad);
    let flush = s.commit().await.unwrap();
    assert_eq!((flush.pending, flush.dirty), (1, 1));
    assert_eq!(s[again].email, "ada@example.org");
}

#[tokio::test]
async fn a_new_row_whose_key_others_wait_for_waits_for_its_room() {
    let (fresh, mut s) = shop().await;
    let old = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    s[old].email = "free@example.org".into();
    let new = s.add(new_user("Ada"));
    let key = s.key(new);
    let post = s.add(new_post(key, "a"));
    s.commit().await.unwrap();
    assert_eq!(s[post].author_id, s[new].id);
    assert_eq!(User::find().count(&fresh.db).await.unwrap(), 2);
}

#[tokio::test]
async fn rows_that_take_from_each_other_take_turns() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob", "Cyd", "Dan"].map(new_user));
    s.commit().await.unwrap();
    // Each takes what the next has, and the last one something new; one of them has more to write.
    let mut next = "eve@example.org".to_owned();
    for row in rows.iter().rev() {
        next = std::mem::replace(&mut s[*row].email, next);
    }
    s[rows[1]].age = Some(1);
    let new = s.add(new_user("Ada"));
    fresh.statements();
    assert_eq!(s.commit().await.unwrap().rows(), 5);
    assert_eq!(fresh.statements().len(), 5);
    for (row, name) in rows
        .iter()
        .chain([&new])
        .zip(["bob", "cyd", "dan", "eve", "ada"])
    {
        let stored = User::get(s[*row].id).one(&fresh.db).await.unwrap();
        assert_eq!(stored, s[*row]);
        assert_eq!(stored.email, format!("{name}@example.org"));
    }
}

#[tokio::test]
async fn what_leads_to_a_new_row_waits_for_it_and_is_named_when_that_is_too_late() {
    let (fresh, mut s) = shop_of(entities![Team, Player]).await;
    let [red, blue] = ["Red", "Blue"].map(|name| {
        s.add(NewTeam {
            name: name.into(),
            captain_id: None,
        })
    });
    s.commit().await.unwrap();
    let (team_id, name) = (s[red].id, "Ada".to_owned());
    let ada = s.add(NewPlayer { team_id, name });
    // One leads to a new player, and another takes what it gives up: both come behind the new team.
    s[red].captain_id = Some(s.key(ada));
    s[red].name = "Green".into();
    s[blue].name = "Red".into();
    let new = s.add(NewTeam {
        name: "Blue".into(),
        captain_id: None,
    });
    let taken = s.flush().await.unwrap_err();
    assert!(taken.is_unique_violation());
    let text = taken.to_string();
    assert!(
        text.contains("flush those before, or make the constraint DEFERRABLE INITIALLY DEFERRED"),
        "{text}"
    );
    assert_eq!(s.failure().unwrap().rows::<Team>(), [new, blue]);
    // As it says, one way and the other.
    s.new_row_mut::<NewTeam>(new).unwrap().name = "White".into();
    s.flush().await.unwrap();
    s[new].name = "Blue".into();
    s.commit().await.unwrap();
    sql("ALTER TABLE teams DROP CONSTRAINT teams_name_key, ADD UNIQUE (name) DEFERRABLE INITIALLY DEFERRED")
        .batch(&fresh.db)
        .await
        .unwrap();
    let (team_id, name) = (s[red].id, "Bob".to_owned());
    let bob = s.add(NewPlayer { team_id, name });
    s[red].captain_id = Some(s.key(bob));
    s[red].name = "Yellow".into();
    s.add(NewTeam {
        name: "Green".into(),
        captain_id: None,
    });
    s.commit().await.unwrap();
    assert_eq!(Team::find().count(&fresh.db).await.unwrap(), 4);
}

/// What stands where in a list.
#[derive(Entity, Debug)]
#[orm(table = "items", index(columns = (list, place), unique), insert(NewItem))]
struct Item {
    #[orm(primary_key, generated)]
    id: i64,
    list: Option<i32>,
    place: i32,
}

#[tokio::test]
async fn what_is_unique_together_is_taken_in_turns_too() {
    let (fresh, mut s) = shop_of(entities![Item]).await;
    let items = (1..=4).map(|place| NewItem {
        list: Some(1),
        place,
    });
    let items = s.add_all(items);
    // NULL is nobody's.
    let free = s.add_all([1, 2].map(|place| NewItem { list: None, place }));
    s.commit().await.unwrap();
    for item in &items {
        s[*item].place += 1;
    }
    s[free[0]].place = 2;
    s.add(NewItem {
        list: Some(1),
        place: 1,
    });
    s.commit().await.unwrap();
    let stored = Item::find().filter(Item::LIST.eq(1)).order_by(Item::PLACE);
    let stored = stored.select((Item::PLACE, Item::ID)).all(&fresh.db).await;
    let expected: Vec<(i32, i64)> = [(1, 7), (2, 1), (3, 2), (4, 3), (5, 4)].into();
    assert_eq!(stored.unwrap(), expected);
    assert_eq!(s[items[3]].id, 4);
}

#[tokio::test]
async fn two_rows_cannot_swap_a_unique_value_and_both_are_named() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob", "Cyd"].map(new_user));
    s.commit().await.unwrap();
    let swap = |s: &mut Session| {
        let first = s[rows[0]].email.clone();
        s[rows[0]].email = s[rows[2]].email.clone();
        s[rows[2]].email = first;
        s[rows[1]].email = "bobby@example.org".into();
    };
    swap(&mut s);
    let taken = s.flush().await.unwrap_err();
    assert!(taken.is_unique_violation());
    let text = taken.to_string();
    assert!(
        text.contains("the flush of 2 rows of `User`, some of which take"),
        "{text}"
    );
    let failure = s.failure().unwrap();
    let mut named = failure.rows::<User>();
    named.sort_by_key(|row| rows.iter().position(|other| other == row));
    assert_eq!(named, [rows[0], rows[2]]);
    assert_eq!(failure.columns(), ["email"]);
    for row in &rows {
        assert_eq!(s.state(*row).unwrap(), RowState::Dirty(vec!["email"]));
    }
    // PostgreSQL looks at each row by itself, unless it is told to wait for the end of the statement.
    sql("ALTER TABLE users DROP CONSTRAINT users_email_key, ADD UNIQUE (email) DEFERRABLE")
        .batch(&fresh.db)
        .await
        .unwrap();
    s.commit().await.unwrap();
    assert_eq!(s[rows[0]].email, "cyd@example.org");
    let stored = User::find()
        .order_by(User::ID)
        .all(&fresh.db)
        .await
        .unwrap();
    assert_eq!(stored[2].email, "ada@example.org");
}
