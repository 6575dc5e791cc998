//! Columns that the database computes from others.

use crate::fresh::fresh;
use ormcore::{Entity, ErrorKind, entities};

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "lines", insert(NewLine, derive(Debug)), patch(LinePatch))]
struct Line {
    #[orm(primary_key, generated)]
    id: i64,
    cents: i64,
    count: i64,
    #[orm(generated = "cents * count")]
    total: i64,
    #[orm(unique)]
    name: Option<String>,
    #[orm(generated = "lower(name)", index)]
    folded: Option<String>,
}

fn line(cents: i64, count: i64) -> NewLine {
    NewLine {
        cents,
        count,
        name: Some(format!("Line {cents}")),
    }
}

#[tokio::test]
async fn a_computed_column_is_read_and_follows_what_it_is_computed_from() {
    let fresh = fresh(entities![Line]).await;
    let db = &fresh.db;
    let one = Line::insert(line(3, 4)).one(db).await.unwrap();
    assert_eq!((one.total, one.folded.as_deref()), (12, Some("line 3")));
    let many = Line::insert_many(vec![line(7, 1), line(5, 2)])
        .all(db)
        .await;
    let totals = many.unwrap().into_iter().map(|line| line.total);
    assert!(totals.eq([7, 10]));
    let copied = Line::copy_in([line(1, 1)]).execute(db).await.unwrap();
    assert_eq!(copied, 1);
    let patch = LinePatch {
        count: Some(5),
        ..LinePatch::default()
    };
    let one = Line::update(one.id).patch(patch).one(db).await.unwrap();
    assert_eq!(one.total, 15);
    let upsert = Line::upsert(line(3, 9)).on_conflict(Line::NAME);
    assert_eq!(upsert.update_all().one(db).await.unwrap().total, 27);
    let great = Line::find().filter(Line::TOTAL.gt(9)).order_by(Line::TOTAL);
    assert_eq!(great.select(Line::TOTAL).all(db).await.unwrap(), [10, 27]);
}

#[tokio::test]
async fn a_computed_column_cannot_be_set() {
    let fresh = fresh(entities![Line]).await;
    let db = &fresh.db;
    let id = Line::insert(line(3, 4)).one(db).await.unwrap().id;
    fresh.statements();
    let upsert = Line::upsert(line(3, 9)).on_conflict(Line::NAME);
    let total = Line::update_each(Line::TOTAL, [(id, 1)]);
    for error in [
        Line::update(id)
            .set(Line::TOTAL, 1)
            .one(db)
            .await
            .unwrap_err(),
        Line::update(id)
            .set_null(Line::FOLDED)
            .execute(db)
            .await
            .unwrap_err(),
        Line::update(id)
            .set(Line::TOTAL, Line::COUNT)
            .execute(db)
            .await
            .unwrap_err(),
        upsert.set(Line::TOTAL, 1).execute(db).await.unwrap_err(),
        total.execute(db).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Usage);
        assert!(
            error
                .to_string()
                .contains("is computed by the database, and cannot be set"),
            "{error}"
        );
    }
    assert_eq!(fresh.statements(), Vec::<String>::new());
}

#[tokio::test]
async fn a_session_sees_what_is_computed_of_what_it_wrote() {
    let fresh = fresh(entities![Line]).await;
    let mut s = fresh.db.session();
    let line = s.add(line(3, 4));
    s.flush().await.unwrap();
    assert_eq!(s[line].total, 12);
    s[line].count = 2;
    s.commit().await.unwrap();
    assert_eq!(s[line].total, 6);
}
