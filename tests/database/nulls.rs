//! NULL and nothing are two things where a column has a default.

use crate::fresh::{Fresh, fresh};
use crate::statements::sent;
use ormcore::{Entity, entities};

#[derive(Entity, Debug, Clone, PartialEq)]
#[orm(
    table = "notes",
    insert(NewNote, derive(PartialEq, serde::Deserialize, serde::Serialize))
)]
struct Note {
    #[orm(primary_key)]
    id: i64,
    #[orm(default = "'de'")]
    language: Option<String>,
    #[orm(default = "'{new}'")]
    tags: Option<Vec<String>>,
    #[orm(default = "7")]
    stars: i32,
}

async fn notes() -> Fresh {
    fresh(entities![Note]).await
}

fn note(id: i64, language: Option<Option<&str>>, tags: Option<Option<&[&str]>>) -> NewNote {
    let list = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    NewNote {
        id,
        language: language.map(|language| language.map(str::to_owned)),
        tags: tags.map(|tags| tags.map(list)),
        stars: None,
    }
}

/// Every pair of nothing, NULL and a value.
fn every() -> Vec<NewNote> {
    let languages = [None, Some(None), Some(Some("en"))];
    let tags: [Option<Option<&[&str]>>; 4] =
        [None, Some(None), Some(Some(&[])), Some(Some(&["a", "b"]))];
    let pairs = languages
        .into_iter()
        .flat_map(|language| tags.map(|tags| (language, tags)));
    (1..)
        .zip(pairs)
        .map(|(id, (language, tags))| note(id, language, tags))
        .collect()
}

/// What is stored of it.
fn stored(note: &NewNote) -> Note {
    Note {
        id: note.id,
        language: note.language.clone().unwrap_or(Some("de".into())),
        tags: note.tags.clone().unwrap_or(Some(vec!["new".into()])),
        stars: 7,
    }
}

#[tokio::test]
async fn a_new_row_has_null_the_default_or_a_value() {
    let notes = notes().await;
    let expected: Vec<Note> = every().iter().map(stored).collect();
    for (new, expected) in every().into_iter().zip(&expected) {
        let one = Note::insert(new).one(&notes.db).await.unwrap();
        assert_eq!(one, *expected);
    }
    let clear = async || Note::delete().all_rows().execute(&notes.db).await.unwrap();
    clear().await;
    let many = Note::insert_many(every()).all(&notes.db).await.unwrap();
    assert_eq!(many, expected);
    clear().await;
    let count = Note::insert_many(every()).execute(&notes.db).await;
    assert_eq!(count.unwrap(), 12);
    let read = Note::find().order_by(Note::ID).all(&notes.db).await;
    assert_eq!(read.unwrap(), expected);
    let again = Note::upsert_many(every()).on_conflict(Note::ID);
    let again = again.update_all().all(&notes.db).await.unwrap();
    assert_eq!(again, expected);
    clear().await;
    let nulls = [note(1, Some(None), None), note(2, Some(Some("x")), None)];
    let expected: Vec<Note> = nulls.iter().map(stored).collect();
    Note::copy_in(nulls).execute(&notes.db).await.unwrap();
    let read = Note::find().order_by(Note::ID).all(&notes.db).await;
    assert_eq!(read.unwrap(), expected);
}

#[tokio::test]
async fn rows_without_a_null_of_their_own_are_sent_as_before() {
    let notes = notes().await;
    let rows = vec![note(1, None, None), note(2, Some(Some("x")), None)];
    Note::insert_many(rows).execute(&notes.db).await.unwrap();
    let text = sent(&notes);
    assert!(
        text.contains(r#"COALESCE(t0."language", 'de') AS "language""#),
        "{text}"
    );
    let rows = vec![note(3, None, None), note(4, Some(None), None)];
    Note::insert_many(rows).execute(&notes.db).await.unwrap();
    let expected = r#"CASE WHEN t1.given THEN t0."language" ELSE 'de' END AS "language""#;
    let text = sent(&notes);
    assert!(text.contains(expected), "{text}");
}

#[test]
fn in_json_null_is_null_and_what_is_missing_is_left_to_the_database() {
    let read = |json: &str| -> NewNote { serde_json::from_str(json).unwrap() };
    let missing = read(r#"{"id": 1}"#);
    assert_eq!(missing, note(1, None, None));
    let null = read(r#"{"id": 1, "language": null}"#);
    assert_eq!(null, note(1, Some(None), None));
    for note in every() {
        assert_eq!(read(&serde_json::to_string(&note).unwrap()), note);
    }
}
