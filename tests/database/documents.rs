//! Values of the program's own as JSON documents.

use crate::fresh::fresh;
use ormcore::value::Json;
use ormcore::{Entity, ErrorKind, Many, One, entities, sql};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Settings {
    theme: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<f64>,
    #[serde(flatten)]
    more: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Event {
    Click { x: i32, y: i32 },
    Leave,
}

#[derive(Entity, Debug, Clone, PartialEq, Serialize)]
#[orm(
    table = "profiles",
    insert(NewProfile, derive(Clone, Deserialize)),
    patch(ProfilePatch)
)]
struct Profile {
    #[orm(primary_key, generated)]
    id: i64,
    settings: Json<Settings>,
    last: Option<Json<Event>>,
    events: Vec<Json<Event>>,
    gaps: Vec<Option<Json<Vec<i32>>>>,
    #[orm(type = "json")]
    plain: Json<(String, bool)>,
    #[orm(default = "'{\"theme\": \"light\"}'")]
    fallback: Json<Settings>,
}

fn settings(theme: &str) -> Json<Settings> {
    Json(Settings {
        theme: theme.into(),
        size: Some(0.1),
        more: BTreeMap::from([("x".to_owned(), serde_json::json!([1, null]))]),
    })
}

fn full() -> NewProfile {
    NewProfile {
        settings: settings("dark \" 'ü"),
        last: Some(Json(Event::Leave)),
        events: vec![Json(Event::Click { x: 1, y: -1 }), Json(Event::Leave)],
        gaps: vec![None, Some(Json(vec![])), Some(Json(vec![1, 2]))],
        plain: Json(("a".into(), true)),
        fallback: Some(settings("")),
    }
}

fn bare() -> NewProfile {
    NewProfile {
        settings: Json::default(),
        last: None,
        events: vec![],
        gaps: vec![],
        plain: Json::default(),
        fallback: None,
    }
}

fn stored(id: i64, new: NewProfile) -> Profile {
    let light = Settings {
        theme: "light".into(),
        ..Settings::default()
    };
    Profile {
        id,
        settings: new.settings,
        last: new.last,
        events: new.events,
        gaps: new.gaps,
        plain: new.plain,
        fallback: new.fallback.unwrap_or(Json(light)),
    }
}

#[tokio::test]
async fn documents_come_back_as_they_were_inserted() {
    let fresh = fresh(entities![Profile]).await;
    for row in [full(), bare()] {
        let one = Profile::insert(row.clone()).one(&fresh.db).await.unwrap();
        assert_eq!(one, stored(one.id, row));
        assert_eq!(Profile::get(one.id).one(&fresh.db).await.unwrap(), one);
    }
    let rows = vec![bare(), full(), bare()];
    let many = Profile::insert_many(rows.clone()).all(&fresh.db).await;
    for (many, row) in many.unwrap().into_iter().zip(rows) {
        assert_eq!(many, stored(many.id, row));
    }
}

#[tokio::test]
async fn documents_can_be_compared_set_and_patched() {
    let fresh = fresh(entities![Profile]).await;
    let rows = Profile::insert_many(vec![full(), bare()]).all(&fresh.db);
    let ids: Vec<_> = rows.await.unwrap().iter().map(|row| row.id).collect();
    for condition in [
        Profile::SETTINGS.eq(full().settings),
        Profile::SETTINGS.in_([full().settings, settings("x")]),
        Profile::LAST.eq(Json(Event::Leave)),
        Profile::EVENTS.eq(full().events),
        Profile::LAST.is_not_null(),
    ] {
        let found = Profile::find().filter(condition).one(&fresh.db).await;
        assert_eq!(found.unwrap().id, ids[0]);
    }
    let patch = ProfilePatch {
        settings: Some(settings("new")),
        last: Some(None),
        ..ProfilePatch::default()
    };
    let row = Profile::update(ids[0])
        .patch(patch)
        .set(Profile::EVENTS, vec![Json(Event::Leave)]);
    let mut row = row.one(&fresh.db).await.unwrap();
    assert_eq!((&*row.settings.theme, &row.last), ("new", &None));
    row.settings.theme = "changed".into();
    assert_eq!(row.settings.into_inner().theme, "changed");
}

#[tokio::test]
async fn a_document_that_does_not_fit_is_an_error_that_names_the_column_and_no_value() {
    let fresh = fresh(entities![Profile]).await;
    let id = Profile::insert(full()).one(&fresh.db).await.unwrap().id;
    for (column, literal, name) in [
        ("settings", r#"{"theme": ["secret"]}"#, "Settings"),
        ("last", r#"{"kind": "secret"}"#, "Event"),
        ("events", r#"{"{\"kind\": \"secret\"}"}"#, "Event"),
    ] {
        let change = format!(
            "UPDATE profiles SET {column} = $1::text::{}",
            ["jsonb", "jsonb[]"][usize::from(column == "events")]
        );
        let old = format!("SELECT * FROM profiles WHERE id = {id}");
        let before: Profile = sql(old).one(&fresh.db).await.unwrap();
        let change = sql(change).bind(literal.to_owned());
        change.execute(&fresh.db).await.unwrap();
        let error = Profile::get(id).one(&fresh.db).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let text = format!("{error} {error:?}");
        assert!(text.contains(&format!("column `{column}`")), "{text}");
        assert!(text.contains(&format!("does not fit `{name}`")), "{text}");
        assert!(!text.contains("secret"), "{text}");
        let restored = Profile::update(id)
            .set(Profile::SETTINGS, before.settings)
            .set(Profile::LAST, before.last)
            .set(Profile::EVENTS, before.events);
        restored.execute(&fresh.db).await.unwrap();
    }
}

#[tokio::test]
async fn null_is_not_the_same_as_the_document_null() {
    let fresh = fresh(entities![Profile]).await;
    let id = Profile::insert(bare()).one(&fresh.db).await.unwrap().id;
    let set = sql("UPDATE profiles SET gaps = ARRAY['null'::jsonb, NULL]");
    set.execute(&fresh.db).await.unwrap();
    let error = Profile::get(id).one(&fresh.db).await.unwrap_err();
    assert!(error.to_string().contains("column `gaps`"), "{error}");
    let nulls = "ALTER TABLE profiles ALTER settings DROP NOT NULL;
                 UPDATE profiles SET settings = NULL, gaps = '{}'";
    sql(nulls).batch(&fresh.db).await.unwrap();
    let error = Profile::get(id).one(&fresh.db).await.unwrap_err();
    assert!(
        error.to_string().contains("column `settings` is NULL"),
        "{error}"
    );
}

#[tokio::test]
async fn a_document_is_no_wrapper_to_serde() {
    let fresh = fresh(entities![Profile]).await;
    let body = r#"{"settings": {"theme": "dark"}, "events": [{"kind": "leave"}], "gaps": [], "plain": ["a", false]}"#;
    let new: NewProfile = serde_json::from_str(body).expect("a profile");
    let row = Profile::insert(new).one(&fresh.db).await.unwrap();
    let json = serde_json::to_value(&row).expect("JSON");
    assert_eq!(json["settings"], serde_json::json!({"theme": "dark"}));
    assert_eq!(json["fallback"]["theme"], "light");
}

/// No two values of its column are equal to PostgreSQL, nor are they different.
#[derive(Entity, Debug)]
#[orm(table = "folders", insert(NewFolder))]
struct Folder {
    #[orm(primary_key)]
    drive: i32,
    #[orm(primary_key)]
    name: String,
    above: Option<String>,
    #[orm(type = "json")]
    notes: Json<Vec<i32>>,
    #[orm(belongs_to(key = (drive, above)))]
    parent: One<Option<Folder>>,
    #[orm(has_many(Folder, key = (drive, above)))]
    folders: Many<Folder>,
    #[orm(many_to_many(Folder, through = "shortcuts", here = (drive, name), there = (to_drive, to_name)))]
    shortcuts: Many<Folder>,
}

#[tokio::test]
async fn a_tree_of_rows_with_documents_is_followed_by_their_keys() {
    let fresh = fresh(entities![Folder]).await;
    let db = &fresh.db;
    let folder = |drive, name: &str, above: Option<&str>| NewFolder {
        drive,
        name: name.into(),
        above: above.map(Into::into),
        notes: Json(vec![drive]),
    };
    let folders = vec![
        folder(1, "a", None),
        folder(1, "b", Some("a")),
        folder(1, "c", Some("b")),
        folder(1, "d", Some("b")),
        folder(2, "b", Some("a")),
    ];
    Folder::insert_many(folders).execute(db).await.unwrap();
    let roots = |name: &str| Folder::find().filter(Folder::NAME.eq(name) & Folder::DRIVE.eq(1));
    let find = || Folder::find().order_by(Folder::NAME);
    let names = |found: Vec<Folder>| {
        assert!(found.iter().all(|folder| *folder.notes == [1]));
        found
            .into_iter()
            .map(|folder| folder.name)
            .collect::<String>()
    };
    let below = find().tree(roots("b"), Folder::FOLDERS).all(db).await;
    assert_eq!(names(below.unwrap()), "bcd");
    let above = find().tree(roots("d"), Folder::PARENT).all(db).await;
    assert_eq!(names(above.unwrap()), "abd");
    let shortcuts = "INSERT INTO shortcuts VALUES (1, 'a', 1, 'd'), (1, 'd', 1, 'a')";
    sql(shortcuts).execute(db).await.unwrap();
    let near = find().tree(roots("d"), Folder::SHORTCUTS);
    assert_eq!(names(near.all(db).await.unwrap()), "ad");
    let of_all = find().tree(find().tree(roots("c"), Folder::PARENT), Folder::FOLDERS);
    assert_eq!(of_all.count(db).await.unwrap(), 4);
    let within = find().filter(
        Folder::NAME.in_query(
            Folder::find()
                .tree(roots("c"), Folder::PARENT)
                .select(Folder::NAME),
        ),
    );
    assert_eq!(within.count(db).await.unwrap(), 4);
    let page = find().tree(roots("b"), Folder::FOLDERS).limit(2);
    let page = page.with(Folder::PARENT).with(Folder::FOLDERS.joined());
    assert_eq!(names(page.all(db).await.unwrap()), "bc");
    let tx = db.begin().await.unwrap();
    let locked = find().tree(roots("b"), Folder::FOLDERS).for_update();
    assert_eq!(names(locked.all(&tx).await.unwrap()), "bcd");
    tx.rollback().await.unwrap();
}
