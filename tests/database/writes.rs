//! Writing: what is left to the database, what is changed, and what is too much to do by accident.

use crate::blog::{NewUser, Post, PostPatch, User, UserPatch, blog, new_post, new_user};
use ormcore::ErrorKind;

#[tokio::test]
async fn what_is_left_out_is_up_to_the_database() {
    let blog = blog().await;
    let ada = User::insert(new_user("Ada")).one(&blog.db).await.unwrap();
    assert_eq!((ada.id, ada.age), (1, None));
    let database = User::find().filter(User::CREATED_AT.eq(ada.created_at));
    assert_eq!(database.count(&blog.db).await.unwrap(), 1);
    let published = |published| crate::blog::NewPost {
        published,
        ..new_post(&ada, "a post")
    };
    let rows = || {
        vec![
            published(None),
            published(Some(false)),
            published(Some(true)),
        ]
    };
    for row in rows() {
        let expected = row.published.unwrap_or(true);
        let post = Post::insert(row).one(&blog.db).await.unwrap();
        assert_eq!(post.published, expected);
    }
    let posts = Post::insert_many(rows()).all(&blog.db).await.unwrap();
    let published: Vec<_> = posts.iter().map(|post| post.published).collect();
    assert_eq!(published, [true, false, true]);
}

#[tokio::test]
async fn inserting_says_how_many_rows_there_are() {
    let blog = blog().await;
    let one = User::insert(new_user("Ada")).execute(&blog.db).await;
    assert_eq!(one.unwrap(), 1);
    let many = User::insert_many(vec![new_user("Bob"), new_user("Cleo")]);
    assert_eq!(many.execute(&blog.db).await.unwrap(), 2);
    blog.statements();
    let none = User::insert_many(Vec::<NewUser>::new());
    assert_eq!(none.execute(&blog.db).await.unwrap(), 0);
    let none = User::insert_many(Vec::<NewUser>::new());
    assert!(none.all(&blog.db).await.unwrap().is_empty());
    assert!(blog.statements().is_empty());
}

#[tokio::test]
async fn many_rows_are_inserted_together_or_not_at_all() {
    let blog = blog().await;
    let mut users: Vec<_> = (0..1_000).map(|n| new_user(&format!("u{n}"))).collect();
    users.push(new_user("u0"));
    let error = User::insert_many(users.clone()).all(&blog.db).await;
    let error = error.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!(error.constraint(), Some("users_email_key"));
    assert!(!error.to_string().contains("u0@"), "{error}");
    assert_eq!(User::find().count(&blog.db).await.unwrap(), 0);
    users.pop();
    let users = User::insert_many(users).all(&blog.db).await.unwrap();
    assert_eq!(users.len(), 1_000);
}

#[tokio::test]
async fn a_hundred_thousand_rows_are_one_statement() {
    let blog = blog().await;
    let user = |n: i32| NewUser {
        age: (n % 3 != 0).then_some(n),
        ..new_user(&format!("user {n}"))
    };
    let users = (0..100_000).map(user).collect();
    let users = User::insert_many(users).all(&blog.db).await.unwrap();
    assert_eq!(blog.statements().len(), 1);
    assert_eq!(users.len(), 100_000);
    for (n, row) in (0..).zip(&users) {
        assert_eq!((row.age, &row.name), (user(n).age, &user(n).name));
    }
}

#[tokio::test]
async fn a_violated_constraint_is_a_kind_of_error() {
    let blog = blog().await;
    let ada = User::insert(new_user("Ada")).one(&blog.db).await.unwrap();
    let again = User::insert(new_user("ADA")).one(&blog.db).await;
    let again = again.unwrap_err();
    assert!(again.is_unique_violation());
    assert_eq!(again.table(), Some("users"));
    let orphan = crate::blog::NewPost {
        author_id: 99,
        ..new_post(&ada, "orphan")
    };
    let orphan = Post::insert(orphan).one(&blog.db).await.unwrap_err();
    assert!(orphan.is_foreign_key_violation());
    assert!(orphan.detail().unwrap().contains("99"));
    for error in [again, orphan] {
        let text = error.to_string();
        assert!(!text.contains("ada@") && !text.contains("(99)"), "{text}");
        assert!(text.contains("writes.rs:"), "{text}");
    }
}

#[tokio::test]
async fn a_row_is_updated_by_its_key() {
    let blog = blog().await;
    let users = vec![new_user("Ada"), new_user("Bob")];
    User::insert_many(users).execute(&blog.db).await.unwrap();
    let update = User::update(1).set(User::AGE, 37).set(User::NAME, "Ada L.");
    let ada = update.one(&blog.db).await.unwrap();
    assert_eq!((ada.age, &*ada.name), (Some(37), "Ada L."));
    let bob = User::get(2).one(&blog.db).await.unwrap();
    assert_eq!((bob.age, &*bob.name), (None, "Bob"));
    let ada = User::update(1).set_null(User::AGE).one(&blog.db).await;
    assert_eq!(ada.unwrap().age, None);
    let nobody = || User::update(99).set(User::AGE, 1);
    assert!(nobody().one(&blog.db).await.unwrap_err().is_not_found());
    assert_eq!(nobody().execute(&blog.db).await.unwrap(), 0);
    assert!(nobody().all(&blog.db).await.unwrap().is_empty());
    let young = User::update(2).filter(User::AGE.lt(18)).set(User::AGE, 18);
    assert_eq!(young.execute(&blog.db).await.unwrap(), 0);
}

#[tokio::test]
async fn the_last_value_for_a_column_counts() {
    let blog = blog().await;
    User::insert(new_user("Ada"))
        .execute(&blog.db)
        .await
        .unwrap();
    let update = User::update(1).set(User::AGE, 1).set(User::NAME, "X");
    let update = update.set_null(User::AGE).set(User::AGE, 2);
    let patch = UserPatch {
        name: Some("Ada L.".into()),
        ..UserPatch::default()
    };
    let ada = update.patch(patch).one(&blog.db).await.unwrap();
    assert_eq!((ada.age, &*ada.name), (Some(2), "Ada L."));
}

#[tokio::test]
async fn many_rows_are_updated_by_a_filter() {
    let blog = blog().await;
    let users = ["Ada", "Bob", "Cleo"].map(new_user).into();
    User::insert_many(users).execute(&blog.db).await.unwrap();
    let some = || User::update_many().filter(User::ID.gt(1));
    let set = some().set(User::AGE, 5);
    assert_eq!(set.execute(&blog.db).await.unwrap(), 2);
    let mut rows = some().set(User::AGE, 6).all(&blog.db).await.unwrap();
    rows.sort_by_key(|row| row.id);
    let ages: Vec<_> = rows.iter().map(|row| (row.id, row.age)).collect();
    assert_eq!(ages, [(2, Some(6)), (3, Some(6))]);
    assert_eq!(User::get(1).one(&blog.db).await.unwrap().age, None);
    let all = User::update_many().all_rows().set(User::AGE, 7);
    assert_eq!(all.execute(&blog.db).await.unwrap(), 3);
}

#[tokio::test]
async fn a_patch_changes_what_it_has_and_leaves_the_rest() {
    let blog = blog().await;
    let ada = NewUser {
        age: Some(30),
        ..new_user("Ada")
    };
    let ada = User::insert(ada).one(&blog.db).await.unwrap();
    let patch: UserPatch = serde_json::from_str(r#"{"name": "Ada L."}"#).unwrap();
    let patched = User::update(ada.id)
        .patch(patch)
        .one(&blog.db)
        .await
        .unwrap();
    assert_eq!((&*patched.name, patched.age), ("Ada L.", Some(30)));
    assert_eq!(patched.email, ada.email);
    let patch: UserPatch = serde_json::from_str(r#"{"age": null}"#).unwrap();
    let patched = User::update(ada.id)
        .patch(patch)
        .one(&blog.db)
        .await
        .unwrap();
    assert_eq!((&*patched.name, patched.age), ("Ada L.", None));
}

#[tokio::test]
async fn an_empty_patch_writes_nothing() {
    let blog = blog().await;
    User::insert(new_user("Ada"))
        .execute(&blog.db)
        .await
        .unwrap();
    blog.statements();
    let empty = || User::update(1).patch(UserPatch::default());
    assert_eq!(empty().execute(&blog.db).await.unwrap(), 0);
    assert!(blog.statements().is_empty());
    // The row is asked for all the same, since it is to be returned.
    assert_eq!(empty().one(&blog.db).await.unwrap().name, "Ada");
    assert_eq!(empty().all(&blog.db).await.unwrap().len(), 1);
    assert!(
        blog.statements()
            .iter()
            .all(|sql| sql.starts_with("SELECT "))
    );
    let nobody = User::update(99).patch(UserPatch::default());
    assert!(nobody.one(&blog.db).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn updating_everything_must_be_said() {
    let blog = blog().await;
    User::insert(new_user("Ada"))
        .execute(&blog.db)
        .await
        .unwrap();
    blog.statements();
    let all = || User::update_many().set(User::AGE, 1);
    for error in [
        all().execute(&blog.db).await.unwrap_err(),
        all().all(&blog.db).await.unwrap_err(),
        all().one(&blog.db).await.unwrap_err(),
        User::update_many().execute(&blog.db).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Usage);
        let text = error.to_string();
        assert!(
            text.contains("an update of `User` without a filter"),
            "{text}"
        );
        assert!(text.contains("`.filter(…)`") && text.contains("`.all_rows()`"));
        assert!(text.contains("writes.rs:"), "{text}");
    }
    assert!(blog.statements().is_empty());
    assert_eq!(User::get(1).one(&blog.db).await.unwrap().age, None);
}

#[tokio::test]
async fn rows_are_deleted_by_key_by_filter_and_all_when_it_is_said() {
    let blog = blog().await;
    let users = ["Ada", "Bob", "Cleo", "Dora"].map(new_user).into();
    User::insert_many(users).execute(&blog.db).await.unwrap();
    assert_eq!(User::delete().key(1).execute(&blog.db).await.unwrap(), 1);
    assert_eq!(User::delete().key(1).execute(&blog.db).await.unwrap(), 0);
    let bob = User::delete().filter(User::NAME.eq("Bob"));
    assert_eq!(bob.execute(&blog.db).await.unwrap(), 1);
    let not_cleo = User::delete().key(3).filter(User::NAME.ne("Cleo"));
    assert_eq!(not_cleo.execute(&blog.db).await.unwrap(), 0);
    blog.statements();
    let error = User::delete().execute(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let text = error.to_string();
    assert!(
        text.contains("a delete of `User` without a filter"),
        "{text}"
    );
    assert!(text.contains("`.filter(…)`") && text.contains("`.all_rows()`"));
    assert!(blog.statements().is_empty());
    let all = User::delete().all_rows().execute(&blog.db).await;
    assert_eq!(all.unwrap(), 2);
}

#[tokio::test]
async fn what_is_deleted_can_be_had_once_more() {
    let blog = blog().await;
    let users = ["Ada", "Bob", "Cleo", "Dora"].map(new_user).into();
    User::insert_many(users).execute(&blog.db).await.unwrap();
    let ada = User::delete().key(1).one(&blog.db).await.unwrap();
    assert_eq!((ada.id, &*ada.name), (1, "Ada"));
    let again = User::delete().key(1).one(&blog.db).await.unwrap_err();
    assert!(again.is_not_found());
    assert!(again.to_string().contains("writes.rs:"), "{again}");
    let some = || User::delete().filter(User::ID.gt(2));
    let mut gone = some().all(&blog.db).await.unwrap();
    gone.sort_by_key(|user| user.id);
    let names: Vec<_> = gone.iter().map(|user| &*user.name).collect();
    assert_eq!(names, ["Cleo", "Dora"]);
    assert!(some().all(&blog.db).await.unwrap().is_empty());
    blog.statements();
    let all = User::delete().all(&blog.db).await.unwrap_err();
    assert_eq!(all.kind(), ErrorKind::Usage);
    let one = User::delete().one(&blog.db).await.unwrap_err();
    assert_eq!(one.kind(), ErrorKind::Usage);
    assert!(blog.statements().is_empty());
    assert_eq!(User::find().count(&blog.db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_row_that_is_still_referred_to_stays() {
    let blog = blog().await;
    let drop = "ALTER TABLE posts DROP CONSTRAINT posts_author_id_fkey,
                ADD FOREIGN KEY (author_id) REFERENCES users (id)";
    ormcore::sql(drop).batch(&blog.db).await.unwrap();
    let ada = User::insert(new_user("Ada")).one(&blog.db).await.unwrap();
    let post = Post::insert(new_post(&ada, "a post"))
        .one(&blog.db)
        .await
        .unwrap();
    let error = User::delete().key(ada.id).execute(&blog.db).await;
    assert!(error.unwrap_err().is_foreign_key_violation());
    let unedited = PostPatch {
        editor_id: Some(None),
        ..PostPatch::default()
    };
    let post = Post::update(post.id).patch(unedited).one(&blog.db).await;
    assert_eq!(post.unwrap().editor_id, None);
}
