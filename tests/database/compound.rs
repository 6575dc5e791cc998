//! Several selections as one.

use crate::blog::{Post, User};
use crate::selections::three;

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
