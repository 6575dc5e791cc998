//! The same texts where they are no values of a column: paths and parts of documents, names, constants of functions, keys
//! of locks, and what a program parses.

use crate::chance::{is_clear, session};
use crate::injections::{Entry, corpus, entry, guarded};
use ormcore::value::{Cidr, Inet, Json};
use ormcore::{Alias, Condition, Error, ErrorKind, Expression, sql};
use std::collections::BTreeMap;

/// Refused in words of the server's about the text, or found.
fn is_clear_about(error: &Error) -> bool {
    // No JSON path is an error of syntax to PostgreSQL, though the statement has none.
    is_clear(error) || error.code() == Some("42601")
}

#[tokio::test]
async fn as_a_path_into_a_document_it_leads_there() {
    let fresh = guarded().await;
    let db = &fresh.db;
    let at_first = session(&fresh).await;
    let document = |text: &str| Json(BTreeMap::from([(text.to_owned(), text.to_owned())]));
    for text in corpus() {
        Entry::insert(entry(text, None)).execute(db).await.unwrap();
        let json = Entry::JSON;
        let holds = Condition::all([
            json.path_text([text]).eq(text) & json.path([text]).is_not_null(),
            json.field_text(text).eq(text) & json.field(text).is_not_null(),
            json.has_key(text) & json.has_any_key([text, "other"]) & json.has_all_keys([text]),
            json.json_contains(document(text)) & json.json_within(document(text)),
        ]);
        let found = Entry::find().filter(holds).one(db).await;
        assert_eq!(found.expect(text).name, text);
        for condition in [
            json.json_path_exists(text),
            json.json_path_matches(text),
            json.path([text, text, ""]).is_not_null(),
        ] {
            let found = Entry::find().filter(condition).count(db).await;
            let unclear = found.err().filter(|error| !is_clear_about(error));
            assert!(unclear.is_none(), "{text}: {unclear:?}");
        }
        assert_eq!(Entry::delete().key(text).execute(db).await.unwrap(), 1);
    }
    fresh.statements();
    fresh.is_unharmed("").await;
    assert_eq!(session(&fresh).await, at_first);
}

#[tokio::test]
async fn as_what_a_function_takes_it_is_taken() {
    let fresh = guarded().await;
    let db = &fresh.db;
    for text in corpus() {
        let other = entry(&format!("{text}{text}"), None);
        Entry::insert_many(vec![entry(text, None), other])
            .execute(db)
            .await
            .unwrap();
        let (name, length) = (Entry::NAME, text.chars().count() as i32);
        let words = || vec![text.to_owned(), String::new()];
        let holds = Condition::all([
            name.coalesce("").eq(text) & name.null_if("").eq(text),
            name.greatest(text).eq(text) & name.least(text).eq(text),
            name.pad_left(length * 2, text).eq(text.repeat(2)) & name.position(text).eq(1),
            name.split_part(text, 1).eq("") & name.split_part(format!("{text}-"), 1).eq(text),
            Entry::WORDS.has_all(words()) & Entry::WORDS.has_any(words()),
            Entry::WORDS.is_within(words()) & Entry::WORDS.eq(words()),
            name.is_not_distinct_from(text) & name.not_in(["", "nobody"]),
            name.in_query(
                Entry::find()
                    .filter(Entry::WORDS.has(text))
                    .select(Entry::NAME),
            ),
            Expression::<Entry, String>::value(text.to_owned()).eq(name),
        ]);
        let found = Entry::find().filter(holds).one(db).await;
        assert_eq!(found.expect(text).name, text);
        for pattern in [
            name.replace_matches(text, text),
            name.replace_matches("^", text),
        ] {
            let replaced = Entry::find().select(pattern).all(db).await;
            let unclear = replaced.err().filter(|error| !is_clear(error));
            assert!(unclear.is_none(), "{text}: {unclear:?}");
        }
        let upserts = [
            Entry::upsert(entry(text, None))
                .on_conflict(Entry::NAME)
                .update(Entry::WORDS)
                .one(db)
                .await,
            Entry::upsert(entry(text, None))
                .on_conflict(Entry::NAME)
                .update(Entry::JSON)
                .set(Entry::WORDS, vec![text.to_owned(), String::new()])
                .filter(name.eq(text))
                .one(db)
                .await,
        ];
        assert_eq!(upserts.map(|entry| entry.unwrap().name), [text, text]);
        let each = Entry::update_each(
            Entry::ABOVE,
            [(text.to_owned(), Some(format!("{text}{text}")))],
        );
        assert_eq!(each.execute(db).await.unwrap(), 1);
        let above = Entry::find().filter(Entry::PARENT.is(name.eq(format!("{text}{text}"))));
        assert_eq!(above.one(db).await.unwrap().name, text);
        fresh.is_unharmed(text).await;
        Entry::delete().key(text).execute(db).await.unwrap();
        Entry::delete().all_rows().execute(db).await.unwrap();
    }
}

#[tokio::test]
async fn as_a_name_it_is_quoted() {
    let fresh = guarded().await;
    let db = &fresh.db;
    Entry::insert(entry("a", None)).execute(db).await.unwrap();
    // A name has at most 63 bytes, and PostgreSQL has no empty one.
    for text in corpus().filter(|text| !text.is_empty() && text.len() <= 63) {
        let other = Alias::<Entry>::new(text);
        let joined = Entry::find().join(other, other.col(Entry::NAME).eq(Entry::NAME));
        let names = joined
            .select((Entry::NAME, other.col(Entry::NAME)))
            .all(db)
            .await;
        assert_eq!(names.expect(text), [("a".to_owned(), "a".to_owned())]);
        let rows = Alias::<Entry>::of_rows(text);
        let given = Entry::find().given(rows, Entry::find().filter(Entry::NAME.eq("a")));
        let given = given.left_join(rows, rows.col(Entry::NAME).eq(Entry::NAME));
        assert_eq!(given.count(db).await.expect(text), 1);

        let upsert = Entry::upsert(entry("a", None))
            .on_constraint(text)
            .do_nothing();
        let error = upsert.execute(db).await.unwrap_err();
        assert_eq!(error.code(), Some("42704"), "{text}: {error}");
        let language = Entry::find().filter(Entry::NAME.search(text, "a"));
        let error = language.count(db).await.unwrap_err();
        // No such configuration, or no name of one.
        let codes = ["42704", "42602", "42601", "3F000", "0A000"];
        assert!(
            codes.contains(&error.code().unwrap_or_default()),
            "{text}: {error}"
        );
        sql("SELECT 1").summary(text).execute(db).await.unwrap();
    }
    fresh.statements();
    fresh.is_unharmed("").await;
}

#[tokio::test]
async fn as_the_key_of_a_lock_it_is_a_number() {
    let fresh = guarded().await;
    for text in corpus() {
        let tx = fresh.db.begin().await.unwrap();
        tx.advisory_lock(text).await.unwrap();
        assert!(tx.try_advisory_lock(text).await.unwrap());
        tx.rollback().await.unwrap();
        fresh.is_unharmed(text).await;
    }
}

#[tokio::test]
async fn as_an_address_it_is_refused_before_it_is_sent() {
    for text in corpus() {
        assert!(text.parse::<Inet>().is_err(), "{text}");
        assert!(text.parse::<Cidr>().is_err(), "{text}");
        let url = ormcore::Config::new(text).map(drop);
        // Two words without "=" are no settings, and no words are none.
        if let Err(error) = url {
            assert_eq!(error.kind(), ErrorKind::Config, "{text}");
            assert!(
                text.len() < 10 || !error.to_string().contains(text),
                "{error}"
            );
        }
    }
}
