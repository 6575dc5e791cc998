//! Several selections as one.

use crate::blog::{Post, User};
use crate::selections::three;
use ormcore::{ErrorKind, count};

#[tokio::test]
async fn selections_are_put_together_and_taken_apart() {
    let blog = three().await;
    let names = || User::find().select((User::ID, User::NAME));
    let titles = || Post::find().select((Post::AUTHOR_ID, Post::TITLE));
    let all: Vec<(i64, String)> = names()
        .limit(1)
        .union_all(titles().filter(Post::TITLE.ne("d")))
        .order_by_position(1)
        .order_by_position_desc(2)
        .limit(3)
        .offset(1)
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(all, [(1, "b".into()), (1, "a".into()), (1, "Ada".into())]);
    let ids = || User::find().select(User::ID);
    let authors = || Post::find().select(Post::AUTHOR_ID);
    let (db, of) = (&blog.db, |rows: Vec<i64>| rows);
    assert_eq!(
        of(ids()
            .union(authors())
            .order_by_position(1)
            .all(db)
            .await
            .unwrap()),
        [1, 2, 3]
    );
    assert_eq!(
        of(ids()
            .intersect(authors())
            .order_by_position(1)
            .all(db)
            .await
            .unwrap()),
        [1, 2]
    );
    assert_eq!(of(ids().except(authors()).all(db).await.unwrap()), [3]);
    assert_eq!(
        of(authors().except_all(ids()).all(db).await.unwrap()),
        [1, 1]
    );
    assert_eq!(
        of(authors().intersect_all(authors()).all(db).await.unwrap()).len(),
        4
    );
    let twice = ids().union(authors()).except(ids().filter(User::ID.eq(1)));
    assert_eq!(
        of(twice.order_by_position(1).all(db).await.unwrap()),
        [2, 3]
    );
    assert_eq!(
        blog.statements()[0],
        r#"(SELECT "id", "name" FROM "users" LIMIT $1) UNION ALL (SELECT "author_id", "title" FROM "posts" WHERE "title" <> $2) ORDER BY 1, 2 DESC LIMIT $3 OFFSET $4"#
    );
}

#[tokio::test]
async fn what_is_put_together_has_the_verbs_of_a_selection() {
    let blog = three().await;
    let db = &blog.db;
    let ids = || User::find().select(User::ID);
    let authors = || Post::find().select(Post::AUTHOR_ID);
    let idle = || ids().except(authors());
    assert_eq!(idle().one(db).await.unwrap(), 3);
    assert_eq!(idle().maybe(db).await.unwrap(), Some(3));
    let none = || ids().filter(User::ID.lt(0)).intersect(authors());
    assert_eq!(none().maybe(db).await.unwrap(), None);
    assert_eq!(none().first(db).await.unwrap(), None);
    assert_eq!(
        none().one(db).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let all = || ids().union_all(authors());
    let more = all().maybe(db).await.unwrap_err();
    assert_eq!(more.kind(), ErrorKind::TooManyRows);
    let last = all().order_by_position_desc(1).first(db).await.unwrap();
    assert_eq!(last, Some(3));
    blog.statements();
    assert_eq!(all().limit(2).offset(1).count(db).await.unwrap(), 7);
    assert!(all().exists(db).await.unwrap());
    assert_eq!(
        blog.statements(),
        [
            r#"SELECT count(*) FROM ((SELECT "id" FROM "users") UNION ALL (SELECT "author_id" FROM "posts")) AS found"#,
            r#"SELECT EXISTS ((SELECT "id" FROM "users") UNION ALL (SELECT "author_id" FROM "posts"))"#,
        ]
    );

    assert_eq!(none().count(db).await.unwrap(), 0);
    assert!(!none().exists(db).await.unwrap());
    assert_eq!(blog.operations(), ["count", "exists"]);

    let asked = User::find().filter(User::ID.in_query(idle()));
    let asked = asked.filter(User::ID.not_in_query(none().limit(1)));
    assert_eq!(asked.select(User::NAME).one(db).await.unwrap(), "Cy");
    assert_eq!(
        blog.statements(),
        [
            r#"SELECT "name" FROM "users" WHERE "id" IN ((SELECT s1."id" FROM "users" AS s1) EXCEPT (SELECT s1."author_id" FROM "posts" AS s1)) AND "id" NOT IN ((SELECT s1."id" FROM "users" AS s1 WHERE s1."id" < $1) INTERSECT (SELECT s1."author_id" FROM "posts" AS s1) LIMIT $2) LIMIT $3"#
        ]
    );
}

#[tokio::test]
async fn rows_of_a_selection_are_counted() {
    let blog = three().await;
    let db = &blog.db;
    let busy = || {
        Post::find()
            .select((Post::AUTHOR_ID, count()))
            .group_by(Post::AUTHOR_ID)
            .order_by(count().desc())
    };
    assert_eq!(busy().limit(1).count(db).await.unwrap(), 2);
    let very = busy().having(count().gt(2));
    assert_eq!(very.count(db).await.unwrap(), 1);
    assert!(busy().exists(db).await.unwrap());
    let nobody = busy().having(count().gt(9));
    assert!(!nobody.exists(db).await.unwrap());
    let authors = Post::find().select(Post::AUTHOR_ID).distinct();
    assert_eq!(authors.count(db).await.unwrap(), 2);
    assert_eq!(
        blog.statements()[0],
        r#"SELECT count(*) FROM ((SELECT "author_id", count(*) FROM "posts" GROUP BY "author_id")) AS found"#
    );
}

#[tokio::test]
async fn selections_are_read_one_by_one_and_in_chunks() {
    let blog = three().await;
    let db = &blog.db;
    let titles = || Post::find().select(Post::TITLE).order_by(Post::TITLE);
    let mut stream = titles().stream(db);
    assert_eq!(stream.next().await.unwrap().unwrap(), "a");
    assert_eq!(stream.next_chunk(2).await.unwrap(), ["b", "c"]);
    assert_eq!(stream.next_chunk(2).await.unwrap(), ["d"]);
    assert!(stream.next_chunk(2).await.unwrap().is_empty());
    assert!(stream.next().await.is_none());

    let mut all = User::find().order_by(User::ID).stream(db);
    assert_eq!(all.next_chunk(100).await.unwrap().len(), 3);
    drop(all);

    // The rows before a failure come first.
    let by_zero = ormcore::fragment!("1 / (3 - {Post::ID})").as_::<i64>();
    let mut failing = Post::find().order_by(Post::ID).select(by_zero).stream(db);
    assert_eq!(failing.next_chunk(10).await.unwrap().len(), 2);
    let error = failing.next_chunk(10).await.unwrap_err();
    assert_eq!(error.code(), Some("22012"));
    assert!(failing.next_chunk(10).await.unwrap().is_empty());
}
