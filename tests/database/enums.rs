//! Enums of the program: enums of PostgreSQL, and words in text columns.

use crate::fresh::{fresh, fresh_after};
use ormcore::{Entity, ErrorKind, Many, One, Value, entities, schema, sql};

#[derive(Value, Clone, Copy, Debug, PartialEq)]
enum Mood {
    Fine,
    #[orm(rename = "so-so, 'well'")]
    Middling,
    QuiteAwful,
}

#[derive(Value, Clone, Debug, PartialEq)]
#[orm(text, rename_all = "SCREAMING_SNAKE_CASE")]
enum Stage {
    Draft,
    InReview,
    #[orm(rename = "Ünter \"uns\"")]
    Ours,
}

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(table = "days", insert(NewDay), patch(DayPatch))]
struct Day {
    #[orm(primary_key, generated)]
    id: i64,
    mood: Mood,
    #[orm(default = "'fine'")]
    evening: Mood,
    dreaded: Option<Mood>,
    moods: Vec<Mood>,
    gaps: Option<Vec<Option<Mood>>>,
    stage: Stage,
    before: Option<Stage>,
    stages: Vec<Stage>,
}

fn full() -> NewDay {
    NewDay {
        mood: Mood::Middling,
        evening: Some(Mood::QuiteAwful),
        dreaded: Some(Mood::Fine),
        moods: vec![Mood::QuiteAwful, Mood::Middling, Mood::Fine],
        gaps: Some(vec![None, Some(Mood::Middling)]),
        stage: Stage::Ours,
        before: Some(Stage::InReview),
        stages: vec![Stage::Draft, Stage::Ours],
    }
}

fn bare() -> NewDay {
    NewDay {
        mood: Mood::Fine,
        evening: None,
        dreaded: None,
        moods: vec![],
        gaps: None,
        stage: Stage::Draft,
        before: None,
        stages: vec![],
    }
}

fn stored(id: i64, new: NewDay) -> Day {
    Day {
        id,
        mood: new.mood,
        evening: new.evening.unwrap_or(Mood::Fine),
        dreaded: new.dreaded,
        moods: new.moods,
        gaps: new.gaps,
        stage: new.stage,
        before: new.before,
        stages: new.stages,
    }
}

#[tokio::test]
async fn words_come_back_as_they_were_inserted() {
    let fresh = fresh(entities![Day]).await;
    for row in [full(), bare()] {
        let one = Day::insert(row.clone()).one(&fresh.db).await.unwrap();
        assert_eq!(one, stored(one.id, row));
        assert_eq!(Day::get(one.id).one(&fresh.db).await.unwrap(), one);
    }
    let rows = vec![bare(), full(), bare()];
    let many = Day::insert_many(rows.clone()).all(&fresh.db).await.unwrap();
    for (many, row) in many.into_iter().zip(rows) {
        assert_eq!(many, stored(many.id, row));
    }
    assert_eq!(Day::find().count(&fresh.db).await.unwrap(), 5);
}

#[tokio::test]
async fn words_can_be_compared_set_and_patched() {
    let fresh = fresh(entities![Day]).await;
    let rows = Day::insert_many(vec![full(), bare()]).all(&fresh.db);
    let ids: Vec<_> = rows.await.unwrap().iter().map(|row| row.id).collect();
    for condition in [
        Day::MOOD.eq(Mood::Middling),
        Day::MOOD.in_([Mood::Middling, Mood::QuiteAwful]),
        // PostgreSQL orders an enum by its declaration.
        Day::MOOD.gt(Mood::Fine),
        Day::MOOD.between(Mood::Middling, Mood::QuiteAwful),
        Day::DREADED.is_not_null(),
        Day::DREADED.eq(Mood::Fine),
        Day::MOODS.ne(vec![]),
        Day::GAPS.eq(vec![None, Some(Mood::Middling)]),
        Day::STAGE.eq(Stage::Ours),
        Day::STAGE.not_in([Stage::Draft]),
        Day::BEFORE.eq(Stage::InReview),
        Day::STAGES.in_([vec![Stage::Draft, Stage::Ours]]),
    ] {
        let found = Day::find().filter(condition).one(&fresh.db).await.unwrap();
        assert_eq!(found.id, ids[0]);
    }
    let patch = DayPatch {
        mood: Some(Mood::QuiteAwful),
        dreaded: Some(None),
        ..DayPatch::default()
    };
    let row = Day::update(ids[0])
        .patch(patch)
        .set(Day::MOODS, vec![Mood::Fine])
        .set(Day::STAGE, Stage::Draft);
    let row = row.one(&fresh.db).await.unwrap();
    assert_eq!((row.mood, row.dreaded), (Mood::QuiteAwful, None));
    assert_eq!((row.moods, row.stage), (vec![Mood::Fine], Stage::Draft));
}

#[tokio::test]
async fn an_unknown_word_is_an_error_that_names_type_and_column() {
    let fresh = fresh(entities![Day]).await;
    let id = Day::insert(full()).one(&fresh.db).await.unwrap().id;
    for (change, column, ty) in [
        ("ALTER TYPE mood ADD VALUE 'odd'", "", ""),
        ("UPDATE days SET mood = 'odd'", "mood", "Mood"),
        (
            "UPDATE days SET mood = 'fine', moods = '{odd}'",
            "moods",
            "Mood",
        ),
        (
            "UPDATE days SET moods = '{}', stage = 'secret'",
            "stage",
            "Stage",
        ),
    ] {
        sql(change).execute(&fresh.db).await.unwrap();
        if column.is_empty() {
            continue;
        }
        let error = Day::get(id).one(&fresh.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = format!("{error:#} {error:?}");
        assert!(text.contains(&format!("column `{column}`")), "{text}");
        assert!(text.contains(&format!("`{ty}` has no variant")), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn a_column_of_another_enum_is_refused_by_name() {
    let fresh = fresh_after("CREATE TYPE other AS ENUM ('fine')").await;
    let days = "CREATE TABLE moods (id bigint PRIMARY KEY, mood other)";
    sql(days).execute(&fresh.db).await.unwrap();
    let error = Feeling::find().all(&fresh.db).await.unwrap_err();
    let text = error.to_string();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(
        text.contains("column `mood`") && text.contains("type other") && text.contains("\"mood\""),
        "{text}"
    );
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "moods")]
struct Feeling {
    #[orm(primary_key)]
    id: i64,
    mood: Mood,
}

#[derive(Value, Clone, Copy, Debug, PartialEq)]
#[orm(type = "Strange \"Kind\"", schema = "shop")]
enum Kind {
    Book,
    Pen,
}

#[derive(Entity, Debug)]
#[orm(table = "kinds", insert(NewKindRow))]
struct KindRow {
    #[orm(primary_key)]
    kind: Kind,
    #[orm(has_many(Article, key = kind))]
    articles: Many<Article>,
}

#[derive(Entity, Debug)]
#[orm(table = "articles", insert(NewArticle))]
struct Article {
    #[orm(primary_key)]
    kind: Kind,
    #[orm(primary_key)]
    number: i32,
    #[orm(references(KindRow))]
    other: Option<Kind>,
    #[orm(belongs_to(key = other))]
    row: One<Option<KindRow>>,
}

#[tokio::test]
async fn an_enum_can_be_a_key() {
    let fresh = fresh_after("CREATE SCHEMA shop").await;
    for _ in 0..2 {
        let create = schema::create(&fresh.db, entities![KindRow, Article]);
        create.await.unwrap();
    }
    let kinds = [Kind::Book, Kind::Pen].map(|kind| NewKindRow { kind });
    KindRow::insert_many(kinds.into())
        .execute(&fresh.db)
        .await
        .unwrap();
    let article = |kind, number, other| NewArticle {
        kind,
        number,
        other,
    };
    let articles = vec![
        article(Kind::Book, 1, Some(Kind::Pen)),
        article(Kind::Pen, 1, None),
        article(Kind::Book, 2, Some(Kind::Book)),
    ];
    let stored = Article::insert_many(articles).all(&fresh.db).await.unwrap();
    assert_eq!((stored[1].kind, stored[2].number), (Kind::Pen, 2));
    assert_eq!(stored[1].other, None);
    let one = Article::get((Kind::Book, 2)).with(Article::ROW);
    let one = one.one(&fresh.db).await.unwrap();
    let row = one.row.get().unwrap().expect("a row");
    assert_eq!(row.kind, Kind::Book);
    let rows = KindRow::find()
        .with(KindRow::ARTICLES)
        .order_by(KindRow::KIND);
    let rows = rows.all(&fresh.db).await.unwrap();
    let lengths = rows.iter().map(|row| row.articles.get().unwrap().len());
    assert_eq!(lengths.collect::<Vec<_>>(), [2, 1]);
    let lazy = stored[0].row.load(&fresh.db).await.unwrap();
    assert_eq!(lazy.expect("a row").kind, Kind::Pen);
    let articles = rows[1].articles.load(&fresh.db).await.unwrap();
    assert_eq!(articles[0].kind, Kind::Pen);
}
