//! Functions of a row's place among others.

use crate::blog::Post;
use crate::selections::three;
use ormcore::{Edge, Window, count, cume_dist, dense_rank, ntile, percent_rank, rank, row_number};

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

#[tokio::test]
async fn frames_have_edges() {
    let blog = three().await;
    let ordered = || Window::new().order_by(Post::ID);
    let rows: Vec<(Option<i64>, Option<i64>, i64, i64)> = Post::find()
        .order_by(Post::ID)
        .select((
            Post::ID
                .sum()
                .over(ordered().rows_between(Edge::Before(1), Edge::After(1))),
            Post::ID
                .sum()
                .over(ordered().range_between(Edge::Before(2_i64), Edge::Current)),
            count().over(ordered().rows_between(Edge::Current, Edge::End)),
            count().over(ordered().rows_between(Edge::Start, Edge::Before(1))),
        ))
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(
        rows,
        [
            (Some(3), Some(1), 4, 0),
            (Some(6), Some(3), 3, 1),
            (Some(9), Some(6), 2, 2),
            (Some(7), Some(9), 1, 3)
        ]
    );
    let sent = blog.statements().pop().unwrap();
    for frame in [
        "ROWS BETWEEN $1::bigint PRECEDING AND $2::bigint FOLLOWING)",
        "RANGE BETWEEN $3::bigint PRECEDING AND CURRENT ROW)",
        "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)",
        "ROWS BETWEEN UNBOUNDED PRECEDING AND $4::bigint PRECEDING)",
    ] {
        assert!(sent.contains(frame), "{frame} is not in {sent}");
    }
}

#[tokio::test]
async fn neighbours_may_be_missing() {
    let blog = three().await;
    let ordered = || Window::new().order_by(Post::ID);
    type Places = (String, String, Option<String>, f64, f64);
    let rows: Vec<Places> = Post::find()
        .order_by(Post::ID)
        .select((
            Post::TITLE.lag_or(2, "none").over(ordered()),
            Post::TITLE.lead_or(1, Post::TITLE).over(ordered()),
            Post::TITLE.nth_value(2).over(ordered()),
            percent_rank().over(Window::new().order_by(Post::AUTHOR_ID)),
            cume_dist().over(Window::new().order_by(Post::AUTHOR_ID)),
        ))
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(rows[0], ("none".into(), "b".into(), None, 0.0, 0.75));
    let second = Some("b".to_owned());
    assert_eq!(rows[3], ("b".into(), "d".into(), second, 1.0, 1.0));
}
