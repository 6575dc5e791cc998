//! Made-up names, wherever a program may choose one while it runs: they name what they are to name, or are refused.

use crate::blog::{Post, User, blog, new_post, new_user};
use crate::chance::{is_clear, runtime, session, try_many};
use crate::fresh::Fresh;
use ormcore::{Alias, Entity, Error, Event, count, fragment};
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use std::time::Duration;

/// Words of the language, quotes, letters of many bytes, and names about as long as names may be.
fn name() -> impl Strategy<Value = &'static str> {
    let piece = prop_oneof![
        4 => any::<char>().prop_map(String::from),
        2 => Just("\"".to_owned()),
        1 => Just("'".to_owned()),
        1 => Just("\\".to_owned()),
        1 => Just("$1".to_owned()),
        1 => Just(";--".to_owned()),
        1 => Just("\0".to_owned()),
        2 => prop_oneof![Just("select"), Just("user"), Just("t0"), Just("s1"), Just("source")].prop_map(str::to_owned),
        1 => (55_usize..70).prop_map(|times| "n".repeat(times)),
        1 => (15_usize..22).prop_map(|times| "🦀".repeat(times)),
    ];
    // As long as the program runs: an alias is a constant.
    vec(piece, 0..4).prop_map(|pieces| &*pieces.concat().leak())
}

/// One user with one post.
async fn ada() -> Fresh {
    let blog = blog().await;
    let ada = User::insert(new_user("Ada"))
        .one(&blog.db)
        .await
        .expect("Ada");
    Post::insert(new_post(&ada, "a"))
        .execute(&blog.db)
        .await
        .expect("a post");
    blog
}

/// Refused in words about the name: there is none, it is too long or is no text, or two are the same.
fn is_about_a_name(error: &Error) -> bool {
    is_clear(error)
        || matches!(
            error.code(),
            Some("42601" | "42712" | "42602" | "42622" | "42P10")
        )
}

/// How a name that is longer than names can be is cut.
fn cut(name: &str) -> &str {
    let mut end = name.len().min(63);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}

/// Two that PostgreSQL takes for one, or one that it cannot take.
fn is_odd(names: &[&str]) -> bool {
    let one = |name: &&str| name.is_empty() || name.contains('\0');
    let same = |(at, name): (usize, &&str)| names[..at].iter().any(|other| cut(other) == cut(name));
    names.iter().any(one) || names.iter().enumerate().any(same)
}

#[test]
fn tables_and_rows_have_any_name() {
    let runtime = runtime();
    let blog = runtime.block_on(ada());
    let at_first = runtime.block_on(session(&blog));
    try_many(300, &(name(), name()), |(table, rows)| {
        runtime.block_on(async {
            let (other, given) = (Alias::<Post>::new(table), Alias::<User>::of_rows(rows));
            let found = User::find()
                .given(given, User::find().filter(User::NAME.eq("Ada")))
                .join(other, other.col(Post::AUTHOR_ID).eq(User::ID))
                .join(given, given.col(User::ID).eq(other.col(Post::AUTHOR_ID)))
                .filter(fragment!("{other.col::<User, _>(Post::TITLE)} = {\"a\"}"))
                .select((given.col(User::NAME), other.col(Post::TITLE)))
                .all(&blog.db)
                .await;
            let odd = is_odd(&["users", table, rows]);
            match found {
                Ok(found) if !odd => assert_eq!(found, [("Ada".to_owned(), "a".to_owned())]),
                Err(error) if odd && is_about_a_name(&error) => {}
                other => return Err(format!("{other:?}")),
            }
            let counted = User::find()
                .given_as(given, User::ID, Post::find().select(Post::AUTHOR_ID))
                .of_rows(given)
                .select(count())
                .one(&blog.db)
                .await;
            match counted {
                Ok(1) if !is_odd(&[rows]) => {}
                Err(error) if is_odd(&[rows]) && is_about_a_name(&error) => {}
                other => return Err(format!("{other:?}")),
            }
            Ok(())
        })
    });
    // A name that was refused cost nobody the connection.
    assert_eq!(runtime.block_on(session(&blog)), at_first);
}

#[test]
fn channels_and_locks_have_any_name() {
    let runtime = runtime();
    let blog = runtime.block_on(ada());
    try_many(60, &(name(), name()), |(channel, payload)| {
        runtime.block_on(async {
            let can_be = !channel.is_empty() && channel.len() <= 63 && !channel.contains('\0');
            let heard = blog.db.listen([channel]).await;
            let said = blog.db.notify(channel, payload).await;
            match (heard, said) {
                (Ok(mut events), Ok(())) if can_be && !payload.contains('\0') => {
                    let limit = Duration::from_secs(20);
                    let event = tokio::time::timeout(limit, events.next()).await;
                    let Ok(Some(Event::Notification {
                        channel: on,
                        payload: what,
                        ..
                    })) = event
                    else {
                        return Err(format!("{event:?}"));
                    };
                    assert_eq!((&*on, &*what), (channel, payload));
                }
                (Ok(_), Err(error)) if can_be && is_clear(&error) => {}
                (Err(heard), Err(said))
                    if !can_be && is_about_a_name(&heard) && is_clear(&said) => {}
                other => return Err(format!("{channel:?} {payload:?}: {other:?}")),
            }
            // Whatever it is, it is the key of a lock.
            let (tx, other) = (
                blog.db.begin().await.unwrap(),
                blog.db.begin().await.unwrap(),
            );
            tx.advisory_lock(channel).await.unwrap();
            assert!(!other.try_advisory_lock(channel).await.unwrap());
            if cut(payload) != cut(channel) {
                assert!(other.try_advisory_lock(payload).await.unwrap());
            }
            other.rollback().await.unwrap();
            tx.rollback().await.unwrap();
            Ok(())
        })
    });
}

#[derive(Entity, Debug)]
#[orm(table = "odd", insert(NewOdd))]
struct Odd {
    #[orm(primary_key)]
    id: i64,
    #[orm(constraint = "as \"long\" as names may be, and no longer: nnnnnnnnnnnnnnnnnnnnnnnn")]
    name: String,
}

#[tokio::test]
async fn a_constraint_is_known_by_any_name() {
    let odd = crate::fresh::fresh(ormcore::entities![Odd]).await;
    let name = "as \"long\" as names may be, and no longer: nnnnnnnnnnnnnnnnnnnnnnnn";
    let quoted = name.replace('"', "\"\"");
    let add = format!("ALTER TABLE odd ADD CONSTRAINT \"{quoted}\" UNIQUE (name)");
    ormcore::sql(add).execute(&odd.db).await.unwrap();
    let new = || NewOdd {
        id: 1,
        name: "a".into(),
    };
    let stored = Odd::insert(new()).one(&odd.db).await.unwrap();
    assert_eq!((stored.id, &*stored.name), (1, "a"));
    let again = Odd::insert(NewOdd { id: 2, ..new() });
    let error = again.execute(&odd.db).await.unwrap_err();
    assert_eq!(error.constraint(), Some(cut(name)));
    assert!(error.is_unique_violation_of(Odd::NAME), "{error}");
    let upsert = Odd::upsert(NewOdd { id: 2, ..new() });
    let upsert = upsert.on_constraint(name.to_owned().leak()).do_nothing();
    assert_eq!(upsert.execute(&odd.db).await.unwrap(), 0);
}
