//! Rows that are locked while they are read.

use crate::blog::{User, blog, new_user};
use ormcore::ErrorKind;

#[tokio::test]
async fn a_locked_row_is_waited_for_skipped_or_an_error() {
    let blog = blog().await;
    for name in ["Ada", "Bob"] {
        User::insert(new_user(name)).one(&blog.db).await.unwrap();
    }
    let holder = blog.db.begin().await.unwrap();
    let ada = User::get(1).for_update().one(&holder).await.unwrap();
    assert_eq!(ada.name, "Ada");

    let other = blog.db.begin().await.unwrap();
    let free = User::find()
        .for_update()
        .skip_locked()
        .order_by(User::ID)
        .all(&other)
        .await
        .unwrap();
    assert_eq!(free.iter().map(|user| user.id).collect::<Vec<_>>(), [2]);
    let refused = User::get(1).nowait().one(&other).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.code()),
        (ErrorKind::LockNotAvailable, Some("55P03"))
    );
    other.rollback().await.unwrap();
    holder.rollback().await.unwrap();

    let sharer = blog.db.begin().await.unwrap();
    User::get(1).for_share().one(&sharer).await.unwrap();
    let second = blog.db.begin().await.unwrap();
    User::get(1)
        .for_share()
        .nowait()
        .one(&second)
        .await
        .unwrap();
    let refused = User::get(1)
        .for_no_key_update()
        .nowait()
        .one(&second)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::LockNotAvailable);
}

#[tokio::test]
async fn locks_are_written_as_asked() {
    let blog = blog().await;
    User::find().for_update().all(&blog.db).await.unwrap();
    User::find()
        .for_no_key_update()
        .skip_locked()
        .limit(1)
        .all(&blog.db)
        .await
        .unwrap();
    User::find()
        .skip_locked()
        .for_share()
        .all(&blog.db)
        .await
        .unwrap();
    User::get(1).maybe(&blog.db).await.unwrap();
    User::get(1).nowait().maybe(&blog.db).await.unwrap();
    User::get(1).maybe(&blog.db).await.unwrap();
    let sent = blog.statements();
    let ends: Vec<&str> = sent
        .iter()
        .map(|sent| sent.split_once("\"users\"").expect("users").1)
        .collect();
    assert_eq!(
        ends,
        [
            " FOR UPDATE",
            " LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED",
            " FOR SHARE SKIP LOCKED",
            r#" WHERE "id" = $1"#,
            r#" WHERE "id" = $1 FOR UPDATE NOWAIT"#,
            r#" WHERE "id" = $1"#,
        ]
    );
}
