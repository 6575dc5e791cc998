//! Functions of a row's place among others.

use crate::blog::Post;
use crate::selections::three;
use ormcore::{Window, count, dense_rank, ntile, rank, row_number};

#[tokio::test]
async fn windows_look_at_the_rows_beside() {
    let blog = three().await;
    let of_author = || Window::new().partition_by(Post::AUTHOR_ID);
    let in_order = || of_author().order_by(Post::ID);
    type Neighbours = (String, i64, i64, Option<String>, Option<String>);
    let rows: Vec<Neighbours> = Post::find()
        .order_by(Post::ID)
        .select((
            Post::TITLE,
            row_number().over(in_order()),
            count().over(of_author()),
            Post::TITLE.lag(1).over(in_order()),
            Post::TITLE.lead(1).over(in_order()),
        ))
        .all(&blog.db)
        .await
        .unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        rows,
        [
            ("a".into(), 1, 3, None, text("b")),
            ("b".into(), 2, 3, text("a"), text("c")),
            ("c".into(), 3, 3, text("b"), None),
            ("d".into(), 1, 1, None, None),
        ]
    );
    let by_author = || Window::new().order_by(Post::AUTHOR_ID);
    let rows: Vec<(i64, i64, i32, String, String, Option<i64>)> = Post::find()
        .order_by(Post::ID)
        .select((
            rank().over(by_author()),
            dense_rank().over(by_author()),
            ntile(2).over(Window::new().order_by(Post::ID)),
            Post::TITLE.first_value().over(in_order()),
            Post::TITLE.last_value().over(in_order().all_rows()),
            Post::ID.sum().over(
                Window::new()
                    .order_by(Post::AUTHOR_ID)
                    .order_by(Post::ID)
                    .rows_so_far(),
            ),
        ))
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(rows[2], (1, 1, 2, "a".into(), "c".into(), Some(6)));
    assert_eq!(rows[3], (4, 2, 2, "d".into(), "d".into(), Some(10)));
    let sent = blog.statements();
    let window = r#"OVER (PARTITION BY "author_id" ORDER BY "id" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"#;
    assert!(sent[1].contains(window), "{}", sent[1]);
}
