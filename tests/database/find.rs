//! Asking: how many come back, in which order, and what happens when there are none.

use crate::blog::{NewUser, User, blog, new_user};
use crate::fresh::Fresh;
use ormcore::{ErrorKind, IntoOrder};

/// Five users: ages 30, none, 10, 30, none.
async fn five() -> Fresh {
    let blog = blog().await;
    let ages = [Some(30), None, Some(10), Some(30), None];
    let users = ["Ada", "Bob", "Cleo", "Dora", "Eve"].into_iter().zip(ages);
    let users = users.map(|(name, age)| NewUser {
        age,
        ..new_user(name)
    });
    let insert = User::insert_many(users.collect());
    insert.execute(&blog.db).await.expect("users");
    blog
}

fn names(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| user.name.as_str()).collect()
}

impl Fresh {
    async fn ordered(&self, orders: impl IntoIterator<Item = ormcore::Order<User>>) -> String {
        let find = orders
            .into_iter()
            .fold(User::find(), ormcore::Find::order_by);
        let users = find.all(&self.db).await.expect("users");
        users.iter().map(|user| &user.name[..1]).collect()
    }
}

#[tokio::test]
async fn a_row_is_got_by_its_key() {
    let blog = five().await;
    let ada = User::get(1).one(&blog.db).await.unwrap();
    assert_eq!((ada.id, &*ada.name, ada.age), (1, "Ada", Some(30)));
    assert_eq!(
        User::get(3_i64)
            .maybe(&blog.db)
            .await
            .unwrap()
            .unwrap()
            .name,
        "Cleo"
    );
    assert!(User::get(99).maybe(&blog.db).await.unwrap().is_none());
    let error = User::get(99).one(&blog.db).await.unwrap_err();
    assert!(error.is_not_found());
    let text = error.to_string();
    assert!(
        text.starts_with("no such `User` in table `users`"),
        "{text}"
    );
    assert!(text.contains("find.rs:") && !text.contains("99;"), "{text}");
}

#[tokio::test]
async fn one_wants_exactly_one() {
    let blog = five().await;
    let old = || User::find().filter(User::AGE.eq(30));
    let young = || User::find().filter(User::AGE.lt(30));
    let nobody = || User::find().filter(User::AGE.lt(0));
    assert_eq!(young().one(&blog.db).await.unwrap().name, "Cleo");
    let maybe = young().maybe(&blog.db).await.unwrap();
    assert_eq!(maybe.unwrap().name, "Cleo");
    for error in [
        old().one(&blog.db).await.unwrap_err(),
        old().maybe(&blog.db).await.unwrap_err(),
        old().limit(7).one(&blog.db).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::TooManyRows);
        let text = error.to_string();
        assert!(text.starts_with("more than one `User` matches"), "{text}");
        assert!(text.contains("`.first()`"), "{text}");
    }
    assert!(nobody().one(&blog.db).await.unwrap_err().is_not_found());
    assert!(nobody().maybe(&blog.db).await.unwrap().is_none());
    let one = old().order_by(User::ID).limit(1).one(&blog.db).await;
    assert_eq!(one.unwrap().name, "Ada");
}

#[tokio::test]
async fn first_is_the_first_in_the_order() {
    let blog = five().await;
    let first = User::find().order_by(User::ID.desc()).first(&blog.db);
    assert_eq!(first.await.unwrap().unwrap().name, "Eve");
    let nobody = User::find().filter(User::ID.lt(0)).first(&blog.db);
    assert!(nobody.await.unwrap().is_none());
    let second = User::find().order_by(User::ID).offset(1).first(&blog.db);
    assert_eq!(second.await.unwrap().unwrap().name, "Bob");
}

#[tokio::test]
async fn questions_of_one_text_keep_their_names() {
    let blog = five().await;
    blog.operations();
    let limited = || User::find().limit(1);
    limited().all(&blog.db).await.unwrap();
    User::find().first(&blog.db).await.unwrap();
    limited().all(&blog.db).await.unwrap();
    User::find()
        .filter(User::ID.eq(1))
        .all(&blog.db)
        .await
        .unwrap();
    User::get(1).one(&blog.db).await.unwrap();
    let expected = ["find", "find_one", "find", "find", "find_one"];
    assert_eq!(blog.operations(), expected);
}

#[tokio::test]
async fn rows_come_in_the_order_asked_for() {
    let blog = five().await;
    let (age, id) = (|| User::AGE, || User::ID);
    let id = |descending: bool| if descending { id().desc() } else { id().asc() };
    // NULLs are last when ascending and first when descending, unless they are put elsewhere.
    for (orders, expected) in [
        ([age().asc(), id(false)], "CADBE"),
        ([age().asc(), id(true)], "CDAEB"),
        ([age().desc(), id(false)], "BEADC"),
        ([age().asc().nulls_first(), id(false)], "BECAD"),
        ([age().desc().nulls_last(), id(false)], "ADCBE"),
        ([age().desc().nulls_first(), id(true)], "EBDAC"),
        ([User::NAME.into_order(), id(true)], "ABCDE"),
    ] {
        let shown = format!("{orders:?}");
        assert_eq!(blog.ordered(orders).await, expected, "{shown}");
    }
}

#[tokio::test]
async fn limit_and_offset_cut_a_page() {
    let blog = five().await;
    let page = |limit, offset| {
        let find = User::find().order_by(User::ID);
        find.limit(limit).offset(offset)
    };
    let users = page(2, 1).all(&blog.db).await.unwrap();
    assert_eq!(names(&users), ["Bob", "Cleo"]);
    let users = page(2, 4).all(&blog.db).await.unwrap();
    assert_eq!(names(&users), ["Eve"]);
    assert!(page(0, 0).all(&blog.db).await.unwrap().is_empty());
    assert!(page(9, 5).all(&blog.db).await.unwrap().is_empty());
    let beyond = page(u32::MAX, u64::MAX).all(&blog.db).await.unwrap();
    assert!(beyond.is_empty());
    let last = User::find().order_by(User::ID).offset(4).all(&blog.db);
    assert_eq!(names(&last.await.unwrap()), ["Eve"]);
    let twice = User::find().order_by(User::ID).limit(4).limit(1);
    assert_eq!(names(&twice.all(&blog.db).await.unwrap()), ["Ada"]);
}

#[tokio::test]
async fn counting_ignores_pages_and_relations() {
    let blog = five().await;
    let old = || User::find().filter(User::AGE.eq(30));
    assert_eq!(User::find().count(&blog.db).await.unwrap(), 5);
    assert_eq!(old().count(&blog.db).await.unwrap(), 2);
    let page = old().order_by(User::NAME).limit(1).offset(1);
    let page = page.with(User::POSTS.joined());
    assert_eq!(page.count(&blog.db).await.unwrap(), 2);
    let nobody = old().filter(User::NAME.eq("Nobody"));
    assert_eq!(nobody.count(&blog.db).await.unwrap(), 0);
}

#[tokio::test]
async fn existing_ignores_pages_and_relations() {
    let blog = five().await;
    let old = || User::find().filter(User::AGE.eq(30));
    assert!(old().exists(&blog.db).await.unwrap());
    let page = old().order_by(User::NAME).limit(0).offset(9);
    assert!(page.with(User::POSTS).exists(&blog.db).await.unwrap());
    let nobody = old().filter(User::NAME.eq("Nobody"));
    assert!(!nobody.exists(&blog.db).await.unwrap());
}

#[tokio::test]
async fn many_rows_come_back_whole() {
    let blog = blog().await;
    let users = (0..20_000)
        .map(|n| new_user(&format!("user {n}")))
        .collect();
    User::insert_many(users).execute(&blog.db).await.unwrap();
    let users = User::find().order_by(User::ID).all(&blog.db).await.unwrap();
    assert_eq!(users.len(), 20_000);
    let expected = (0..20_000).map(|n| format!("user {n}"));
    assert!(
        users
            .iter()
            .map(|user| &*user.name)
            .eq(expected.collect::<Vec<_>>())
    );
}
