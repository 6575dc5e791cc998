//! Rows are copied out as they are found, whatever the question is about; its values reach the server as values.

use crate::blog::{NewUser, Post, User, blog, new_post, new_user};
use crate::copy_out_values::{Thing, thing};
use crate::fresh::{Fresh, fresh_after};
use dev_postgres::TestDatabase;
use futures_util::{StreamExt as _, TryStreamExt as _};
use ormcore::{Condition, Config, Db, Entity, ErrorKind, Row, Rows, count, entities, sql};

pub(crate) async fn all<E: Unpin>(rows: Rows<'_, E>) -> ormcore::Result<Vec<E>> {
    rows.try_collect().await
}

async fn authors(db: &Db) -> Vec<User> {
    let mut rows: Vec<NewUser> = (0..200)
        .map(|number| new_user(&number.to_string()))
        .collect();
    for (at, row) in rows.iter_mut().enumerate().skip(10) {
        row.age = Some(at as i32);
    }
    User::insert_many(rows).all(db).await.expect("users")
}

fn ids(users: &[User]) -> Vec<i64> {
    users.iter().map(|user| user.id).collect()
}

type Filter = fn(&[User]) -> Condition<User>;

#[tokio::test]
async fn every_row_arrives_as_the_question_finds_it() {
    let blog = blog().await;
    let db = &blog.db;
    let users = authors(db).await;
    let posts = users.iter().map(|user| new_post(user, &user.name));
    Post::insert_many(posts.collect())
        .execute(db)
        .await
        .unwrap();
    let found = all(User::find().order_by(User::ID).copy_out(db))
        .await
        .unwrap();
    assert_eq!(ids(&found), ids(&users));
    assert_eq!(found[77].created_at, users[77].created_at);
    assert_eq!((found[3].age, found[30].age), (None, Some(30)));
    let filters: [Filter; 7] = [
        |_| User::AGE.gt(50) & User::NAME.ne("99"),
        |users| User::ID.in_([users[1].id, users[2].id]),
        |_| User::AGE.is_null(),
        |_| User::NAME.eq("no such"),
        |_| User::POSTS.any(Post::TITLE.starts_with("1")),
        |users| User::CREATED_AT.eq(users[0].created_at),
        |_| Condition::any([User::AGE.between(20, 30), User::NAME.ends_with("7")]),
    ];
    for filter in filters {
        let question = || {
            User::find()
                .filter(filter(&users))
                .order_by(User::ID.desc())
        };
        let expected = ids(&question().all(db).await.unwrap());
        assert_eq!(ids(&all(question().copy_out(db)).await.unwrap()), expected);
        let page = || question().limit(7).offset(1);
        let expected = ids(&page().all(db).await.unwrap());
        assert_eq!(ids(&all(page().copy_out(db)).await.unwrap()), expected);
    }
}

#[tokio::test]
async fn what_is_selected_comes_as_tuples_or_rows() {
    #[derive(Row, Debug, PartialEq)]
    struct Named {
        name: String,
        age: Option<i32>,
    }
    let blog = blog().await;
    let db = &blog.db;
    authors(db).await;
    let some = || User::find().filter(User::AGE.gt(190)).order_by(User::ID);
    let names = all(some().select(User::NAME).copy_out(db)).await.unwrap();
    assert_eq!((names.len(), &*names[0]), (9, "191"));
    let pairs = some().select((User::NAME, User::AGE + 1));
    let pairs: Vec<(String, Option<i32>)> = all(pairs.copy_out(db)).await.unwrap();
    assert_eq!(pairs[0], ("191".into(), Some(192)));
    let rows: Vec<Named> = all(some().select((User::NAME, User::AGE)).rows().copy_out(db))
        .await
        .unwrap();
    assert_eq!(rows[8].age, Some(199));
    let groups = User::find()
        .filter(User::AGE.lt(12))
        .select((User::AGE, count()));
    let groups = groups.group_by(User::AGE).order_by(User::AGE);
    let groups = all(groups.copy_out(db)).await.unwrap();
    assert_eq!(groups, [(Some(10), 1), (Some(11), 1)]);
}

#[tokio::test]
async fn csv_has_a_line_of_names_and_one_for_each_row() {
    let blog = blog().await;
    let db = &blog.db;
    let row = NewUser {
        name: "Ada, \"the\nfirst\"".into(),
        ..new_user("Ada")
    };
    User::insert(row).execute(db).await.unwrap();
    let asked = User::find().filter(User::NAME.starts_with("Ada, \""));
    let asked = asked.select((User::NAME, User::AGE, User::EMAIL));
    let pieces = all(asked.copy_out_csv(db)).await.unwrap().concat();
    let text = "name,age,email\n\"Ada, \"\"the\nfirst\"\"\",,ada@example.org\n";
    assert_eq!(String::from_utf8(pieces).unwrap(), text);
    let nobody = User::find().filter(User::AGE.gt(1)).copy_out_csv(db);
    let names = all(nobody).await.unwrap().concat();
    assert_eq!(names, b"id,name,email,age,created_at\n");
}

#[tokio::test]
async fn no_rows_and_many_take_one_statement() {
    let blog = blog().await;
    assert!(
        all(User::find().copy_out(&blog.db))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        blog.statements(),
        [
            r#"COPY (SELECT "id", "name", "email", "age", "created_at" FROM "users") TO STDOUT (FORMAT binary)"#
        ]
    );
    let text = "INSERT INTO users (name, email) SELECT repeat('x', 1000), n::text FROM generate_series(1, 20000) n";
    sql(text).execute(&blog.db).await.unwrap();
    blog.statements();
    let mut rows = User::find()
        .filter(User::AGE.is_null() & User::ID.gt(0))
        .copy_out(&blog.db);
    let mut count = 0;
    while let Some(user) = rows.next().await.transpose().unwrap() {
        count += user.name.len();
    }
    assert_eq!(count, 20_000_000);
    drop(rows);
    let [texts, errors] = blog.outcomes();
    assert_eq!((texts, errors), (vec!["20000".to_owned()], Vec::new()));
}

#[tokio::test]
async fn one_that_is_dropped_is_forgotten() {
    let database = TestDatabase::create().expect("a database");
    let config = Config::new(database.url()).expect("a URL").pool_size(1);
    let db = config.connect().await.expect("a connection");
    ormcore::schema::create(&db, entities![Thing])
        .await
        .unwrap();
    let many = (0..2_000)
        .map(|number| thing(&number.to_string()))
        .collect();
    Thing::insert_many(many).execute(&db).await.unwrap();
    for taken in [0, 1, 3, 500] {
        let mut rows = Thing::find().filter(Thing::YES.eq(true)).copy_out(&db);
        for _ in 0..taken {
            rows.next().await.expect("a row").expect("a row");
        }
        drop(rows);
        assert_eq!(Thing::find().count(&db).await.unwrap(), 2_000);
        let open = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL";
        assert!(!sql(open).scalar::<bool>(&db).await.unwrap());
    }
    let tx = db.begin().await.unwrap();
    let mut rows = Thing::find().copy_out(&tx);
    rows.next().await.expect("a row").expect("a row");
    drop(rows);
    let refused = tx.commit().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::TransactionAborted);
    assert_eq!(Thing::find().count(&db).await.unwrap(), 2_000);
}

#[tokio::test]
async fn in_a_transaction_it_sees_what_that_did() {
    let blog = blog().await;
    let tx = blog.db.begin().await.unwrap();
    User::insert(new_user("Ada")).execute(&tx).await.unwrap();
    let mut rows = User::find().filter(User::NAME.eq("Ada")).copy_out(&tx);
    assert_eq!(rows.next().await.unwrap().unwrap().name, "Ada");
    assert!(rows.next().await.is_none());
    drop(rows);
    // The first statement of one brings BEGIN along.
    tx.commit().await.unwrap();
    let tx = blog.db.begin().await.unwrap();
    let ada = User::find().filter(User::NAME.eq("Ada"));
    assert_eq!(all(ada.copy_out(&tx)).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_refusal_names_the_place_and_leaves_the_connection_usable() {
    let blog = blog().await;
    let db = &blog.db;
    authors(db).await;
    let by_zero = (User::AGE * 0 + 1) / (User::AGE - 150);
    let asked = User::find().order_by(User::ID).select((User::ID, by_zero));
    let mut rows = asked.copy_out(db);
    let mut seen = 0;
    let error = loop {
        match rows.next().await.expect("an end") {
            Ok(_) => seen += 1,
            Err(error) => break error,
        }
    };
    assert!(rows.next().await.is_none());
    assert_eq!(error.code(), Some("22012"), "{error}");
    assert!(error.to_string().contains("copy_out.rs"), "{error}");
    assert!(seen < 200);
    drop(rows);
    let unstorable = User::find().filter(User::NAME.eq("a\0")).copy_out(db);
    let error = all(unstorable).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Encode);
    let related = User::find().with(User::POSTS).copy_out(db);
    assert_eq!(all(related).await.unwrap_err().kind(), ErrorKind::Usage);
    for _ in 0..3 {
        let rest = User::find().filter(User::AGE.gt(1)).copy_out(db);
        assert_eq!(all(rest).await.unwrap().len(), 190);
    }
}

#[derive(Entity, Debug)]
#[orm(table = "numbers")]
struct Number {
    #[orm(primary_key)]
    name: String,
    number: i64,
}

#[tokio::test]
async fn a_column_of_another_type_than_before_is_noticed() {
    let set_up = "CREATE TABLE numbers (name text PRIMARY KEY, number bigint NOT NULL); INSERT INTO numbers VALUES ('a', 7)";
    let fresh: Fresh = fresh_after(set_up).await;
    let db = &fresh.db;
    let sum = async || {
        let rows = Number::find().filter(Number::NAME.eq("a")).copy_out(db);
        let rows = rows.map(|row| row.map(|row| row.number));
        rows.try_fold(0, async |sum, number| Ok(sum + number)).await
    };
    assert_eq!(sum().await.unwrap(), 7);
    // Read as before, it would be taken for it.
    let other = "ALTER TABLE numbers ALTER number TYPE double precision";
    sql(other).execute(db).await.unwrap();
    let error = sum().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
    let back = "ALTER TABLE numbers ALTER number TYPE bigint, ALTER name TYPE varchar(7)";
    sql(back).execute(db).await.unwrap();
    assert_eq!(sum().await.unwrap(), 7);
}
