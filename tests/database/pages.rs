//! Pages, one after the other and by number.

use crate::blog::{Post, User, blog, new_post, new_user};
use crate::fresh::{Fresh, fresh};
use ormcore::{Cursor, Entity, ErrorKind, Find, entities};

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "marks", insert(NewMark))]
struct Mark {
    #[orm(primary_key, generated)]
    id: i64,
    word: Option<String>,
    points: i32,
}

async fn marks() -> Fresh {
    let fresh = fresh(entities![Mark]).await;
    let words = [
        Some("b"),
        None,
        Some("a"),
        Some("b"),
        None,
        Some("a"),
        Some("c"),
    ];
    let rows = words
        .iter()
        .zip([2, 1, 2, 1, 2, 2, 1])
        .map(|(word, points)| NewMark {
            word: word.map(str::to_owned),
            points,
        });
    Mark::insert_many(rows.collect())
        .execute(&fresh.db)
        .await
        .expect("marks");
    fresh.statements();
    fresh
}

/// All rows, page by page; the cursor travels as text.
async fn paged(fresh: &Fresh, find: impl Fn() -> Find<Mark>, size: u32) -> Vec<i64> {
    let mut ids = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = find()
            .after(cursor)
            .page(size, &fresh.db)
            .await
            .expect("a page");
        assert!(page.rows.len() <= usize::try_from(size).expect("a size"));
        ids.extend(page.rows.iter().map(|mark| mark.id));
        let Some(next) = page.next else { return ids };
        let text = serde_json::to_string(&next).expect("text");
        cursor = Some(serde_json::from_str(&text).expect("a cursor"));
    }
}

#[tokio::test]
async fn pages_one_after_the_other_are_all_rows_in_order() {
    let marks = marks().await;
    type Question = fn() -> Find<Mark>;
    let questions: [Question; 8] = [
        Mark::find,
        || Mark::find().order_by(Mark::ID.desc()),
        || Mark::find().order_by(Mark::POINTS),
        || {
            Mark::find()
                .order_by(Mark::POINTS.desc())
                .order_by(Mark::ID.desc())
        },
        || Mark::find().order_by(Mark::WORD),
        || Mark::find().order_by(Mark::WORD.desc()),
        || {
            Mark::find()
                .order_by(Mark::WORD.asc().nulls_first())
                .order_by(Mark::POINTS.desc())
        },
        || {
            Mark::find()
                .order_by(Mark::WORD.desc().nulls_last())
                .filter(Mark::POINTS.eq(2))
        },
    ];
    for question in questions {
        let all = question().order_by(Mark::ID).all(&marks.db).await.unwrap();
        let all: Vec<i64> = all.iter().map(|mark| mark.id).collect();
        for size in [1, 2, 3, 7, 8] {
            assert_eq!(
                paged(&marks, question, size).await,
                all,
                "{:?} by {size}",
                question()
            );
        }
    }
}

#[tokio::test]
async fn a_page_asks_an_index_and_for_one_row_more() {
    let marks = marks().await;
    let find = || Mark::find().order_by(Mark::POINTS);
    let page = find().page(2, &marks.db).await.unwrap();
    find()
        .after(page.next.clone())
        .page(2, &marks.db)
        .await
        .unwrap();
    let mixed = || Mark::find().order_by(Mark::WORD.desc());
    let page = mixed().page(6, &marks.db).await.unwrap();
    mixed().after(page.next).page(2, &marks.db).await.unwrap();
    let sent = marks.statements();
    let tail = |sent: &str| {
        sent.split_once(r#"FROM "marks""#)
            .expect("marks")
            .1
            .to_owned()
    };
    assert_eq!(tail(&sent[0]), r#" ORDER BY "points", "id" LIMIT $1"#);
    assert_eq!(
        tail(&sent[1]),
        r#" WHERE ("points", "id") > ($1, $2) ORDER BY "points", "id" LIMIT $3"#
    );
    assert_eq!(
        tail(&sent[3]),
        r#" WHERE ("word" < $1 OR ("word" = $2 AND "id" > $3)) ORDER BY "word" DESC, "id" LIMIT $4"#
    );
}

#[tokio::test]
async fn a_cursor_of_another_order_or_of_no_order_is_refused() {
    let marks = marks().await;
    let next = Mark::find()
        .order_by(Mark::WORD)
        .page(2, &marks.db)
        .await
        .unwrap()
        .next;
    for find in [
        Mark::find(),
        Mark::find().order_by(Mark::WORD.desc()),
        Mark::find().order_by(Mark::POINTS),
    ] {
        let refused = find
            .after(next.clone())
            .page(2, &marks.db)
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Usage);
        assert!(refused.to_string().contains("another order"), "{refused}");
    }
    let expression = Mark::find()
        .order_by(Mark::POINTS + 1)
        .page(2, &marks.db)
        .await
        .unwrap_err();
    assert!(expression.to_string().contains("`Mark`"), "{expression}");
    for text in [
        "",
        "x",
        "0123-0",
        "0123-zz",
        "0123-ü",
        "'; DROP TABLE marks; --",
    ] {
        assert!(text.parse::<Cursor>().is_err(), "{text}");
    }
    // One that was tampered with is the server's error, or a place; the connection survives.
    let text = next.expect("a next page").to_string();
    let (order, _) = text.split_once('-').expect("values");
    let forged: Cursor = format!("{order}-00ff-00").parse().unwrap();
    let refused = Mark::find()
        .order_by(Mark::WORD)
        .after(Some(forged))
        .page(2, &marks.db)
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Database);
    assert_eq!(Mark::find().count(&marks.db).await.unwrap(), 7);
    assert!(!format!("{:?}", text.parse::<Cursor>().unwrap()).contains("62"));
}

#[tokio::test]
async fn pages_bring_their_relations() {
    let blog = blog().await;
    let ada = User::insert(new_user("Ada")).one(&blog.db).await.unwrap();
    for title in ["a", "b", "c"] {
        Post::insert(new_post(&ada, title))
            .one(&blog.db)
            .await
            .unwrap();
    }
    let page = Post::find()
        .with(Post::AUTHOR)
        .page(2, &blog.db)
        .await
        .unwrap();
    assert_eq!(page.rows.len(), 2);
    assert_eq!(page.rows[1].author.get().unwrap().name, "Ada");
    let rest = Post::find()
        .with(Post::AUTHOR.joined())
        .after(page.next)
        .page(2, &blog.db)
        .await
        .unwrap();
    assert_eq!((rest.rows.len(), rest.next), (1, None));
    assert_eq!(rest.rows[0].author.get().unwrap().name, "Ada");
}

#[tokio::test]
async fn numbered_pages_know_the_total() {
    let marks = marks().await;
    let page = Mark::find()
        .order_by(Mark::ID)
        .numbered_page(2, 3, &marks.db)
        .await
        .unwrap();
    let ids: Vec<i64> = page.rows.iter().map(|mark| mark.id).collect();
    assert_eq!((ids, page.total, page.pages), (vec![4, 5, 6], 7, 3));
    let beyond = Mark::find()
        .order_by(Mark::ID)
        .numbered_page(9, 3, &marks.db)
        .await
        .unwrap();
    assert_eq!((beyond.rows.len(), beyond.total), (0, 7));
    let some = Mark::find()
        .filter(Mark::POINTS.eq(1))
        .order_by(Mark::ID)
        .numbered_page(0, 2, &marks.db)
        .await
        .unwrap();
    assert_eq!((some.rows.len(), some.total, some.pages), (2, 3, 2));
}
