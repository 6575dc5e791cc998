//! Every public function that takes a text is an entrance: a test sends the corpus of `injections.txt` through each of them, or
//! it is said here why what goes in is no data.

use crate::injections::{Entry, corpus, entry, guarded};
use dev_postgres::TestDatabase;
use ormcore::{Config, Db, Entity, Many, Session, Value, entities, fragment, sql};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The functions with a text among their parameters, and the file whose test hands them the corpus.
const ENTRANCES: [(&str, &str); 40] = [
    ("again", "entrances.rs"),
    ("attribute", "entrances.rs"),
    ("comment", "entrances.rs"),
    ("concat", "injections.rs"),
    ("connect", "entrances.rs"),
    ("contains", "injections.rs"),
    ("direct_url", "entrances.rs"),
    ("ends_with", "injections.rs"),
    ("field", "injected_names.rs"),
    ("field_text", "injected_names.rs"),
    ("fragment", "injections.rs"),
    ("has_all_keys", "injected_names.rs"),
    ("has_any_key", "injected_names.rs"),
    ("has_key", "injected_names.rs"),
    ("icontains", "injections.rs"),
    ("json_path_exists", "injected_names.rs"),
    ("json_path_matches", "injected_names.rs"),
    ("new", "injected_names.rs"),
    ("notify", "injections.rs"),
    ("of_rows", "injected_names.rs"),
    ("on_constraint", "injected_names.rs"),
    ("pad_left", "injected_names.rs"),
    ("path", "injected_names.rs"),
    ("path_text", "injected_names.rs"),
    ("pool_name", "entrances.rs"),
    ("position", "injected_names.rs"),
    ("replace", "injections.rs"),
    ("replica", "entrances.rs"),
    ("replace_matches", "injected_names.rs"),
    ("search", "injections.rs"),
    ("search_rank", "injections.rs"),
    ("split_part", "injected_names.rs"),
    ("sql", "injections.rs"),
    ("starts_with", "injections.rs"),
    ("string_agg", "injections.rs"),
    ("summary", "injected_names.rs"),
    // Those that take more than texts, and texts too.
    ("listen", "injections.rs"),
    ("advisory_lock", "injected_names.rs"),
    ("scope", "entrances.rs"),
    ("get", "entrances.rs"),
];

/// They are called by generated code with what a program says of its types, read a column, or take SQL as such.
const NO_DATA: [&str; 14] = [
    "call",
    "embedded_migrations",
    "from_text",
    "is_kind",
    "kind_column",
    "link_column",
    "maybe_text",
    "named",
    "of",
    "of_kinds",
    "renamed",
    "ruled",
    "text",
    "write_fields",
];

#[test]
fn every_entrance_has_its_test() {
    let found = entrances(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../ormcore/src"));
    assert!(found.len() > 30, "{found:?}");
    for name in &found {
        let listed = ENTRANCES.iter().any(|(known, _)| known == name);
        assert!(
            listed || NO_DATA.contains(&name.as_str()),
            "`{name}` takes a text, and no test says what becomes of it"
        );
    }
    for name in NO_DATA {
        assert!(found.contains(name), "`{name}` is gone");
    }
    for (name, file) in ENTRANCES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("database");
        let test = fs::read_to_string(path.join(file)).expect(file);
        let called = [
            format!("{name}("),
            format!("{name}::<"),
            format!("{name}!("),
        ];
        assert!(
            test.contains("corpus()") && called.iter().any(|call| test.contains(call)),
            "no test in {file} calls `{name}`"
        );
    }
}

#[test]
fn an_entrance_is_seen() {
    for (text, expected) in [
        ("pub fn one(self, name: &str) -> X {", Some("one")),
        (
            "pub fn one<T>(\n    self,\n    name: impl Into<Cow<'static, str>>,\n) {",
            Some("one"),
        ),
        ("pub const fn one(name: &'static str) {", Some("one")),
        ("pub fn one(x: impl Term<E, String>) {", Some("one")),
        ("pub fn one(self) -> String {", None),
        ("pub(crate) fn one(name: &str) {", None),
        ("pub fn one(number: i64) -> &str {", None),
    ] {
        let found: Vec<_> = entrances_in(text).collect();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{text}");
    }
}

fn entrances(source: &Path) -> BTreeSet<String> {
    let mut folders: Vec<PathBuf> = vec![source.to_owned()];
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).expect("a text");
                found.extend(entrances_in(&text).map(str::to_owned));
            }
        }
    }
    found
}

/// Public functions of which a parameter is a text.
fn entrances_in(text: &str) -> impl Iterator<Item = &str> {
    let starts = ["pub fn ", "pub const fn ", "pub async fn "];
    let functions = starts
        .into_iter()
        .flat_map(|start| text.split(start).skip(1));
    functions.filter_map(|function| {
        let head = function.split(['{', ';']).next()?;
        let (name, rest) = head.split_once(['(', '<'])?;
        // What is behind the arrow comes out.
        let taken = rest.rsplit_once(") ->").map_or(rest, |(taken, _)| taken);
        let texts = [
            "&str",
            "&'static str",
            "&'a str",
            "String",
            "Cow<",
            "AsRef<str>",
        ];
        let takes = texts.iter().any(|ty| taken.contains(ty));
        (takes
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '_'))
        .then_some(name)
    })
}

#[derive(Value, Clone, Debug, PartialEq)]
struct House(String);

/// With a key, a scope and links that are texts.
#[derive(Entity, Debug, Clone)]
#[orm(table = "rooms", insert(NewRoom, derive(Clone)))]
struct Room {
    #[orm(primary_key)]
    name: String,
    #[orm(scope)]
    house: House,
    #[orm(many_to_many(Guest, through = "stays"))]
    guests: Many<Guest>,
}

#[derive(Entity, Debug, Clone)]
#[orm(table = "guests", insert(NewGuest, derive(Clone)))]
struct Guest {
    #[orm(primary_key)]
    name: String,
    #[orm(scope)]
    house: House,
}

#[tokio::test]
async fn as_a_scope_or_what_is_linked_it_is_a_value() {
    let fresh = guarded().await;
    let db = &fresh.db;
    ormcore::schema::create(db, entities![Room, Guest])
        .await
        .unwrap();
    for text in corpus() {
        let house = db.scope(House(text.to_owned()));
        let room = NewRoom {
            name: text.to_owned(),
        };
        let room = Room::insert(room).one(&house).await.unwrap();
        assert_eq!((&*room.name, &*room.house.0), (text, text));
        let guest = NewGuest {
            name: text.to_owned(),
        };
        let guest = Guest::insert(guest).one(&house).await.unwrap();
        assert_eq!(guest.house, room.house);
        let added = Room::GUESTS.of(&room).add(&house, [text.to_owned()]).await;
        assert_eq!(added.unwrap(), 1);
        let found = Room::get(text)
            .scope(House(text.to_owned()))
            .with(Room::GUESTS);
        let found = found.one(db).await.unwrap();
        assert_eq!(found.guests.get().unwrap()[0].name, text);
        let other = db.scope(House(format!("{text}!")));
        assert!(Room::get(text).maybe(&other).await.unwrap().is_none());
        assert_eq!(Room::GUESTS.of(&room).clear(&house).await.unwrap(), 1);
        assert_eq!(Room::delete().key(text).execute(&house).await.unwrap(), 1);
        Guest::delete().key(text).execute(&house).await.unwrap();
        fresh.is_unharmed(text).await;
    }
}

#[tokio::test]
async fn in_a_session_it_is_a_value() {
    let fresh = guarded().await;
    for text in corpus() {
        let mut s: Session = fresh.db.session();
        let one = s.add(entry(text, None));
        let two = s.add(entry(&format!("{text}!"), Some(text)));
        s.commit().await.unwrap();
        let again = s.get::<Entry>(text.to_owned()).await.unwrap();
        assert_eq!((again, &*s[again].name), (one, text));
        s[two].words = vec![text.to_owned()];
        s[one].above = Some(format!("{text}!"));
        s.commit().await.unwrap();
        s.load(one, Entry::PARENT).await.unwrap();
        assert_eq!(s.related(one, Entry::PARENT).unwrap(), Some(two));
        s[one].above = None;
        s.commit().await.unwrap();
        s.remove(two);
        s.remove(one);
        assert_eq!(s.commit().await.unwrap().deleted, 2);
        fresh.is_unharmed(text).await;
    }
    assert_eq!(Entry::find().count(&fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn in_rows_that_have_a_name_and_in_copies_it_is_a_value() {
    let fresh = guarded().await;
    let db = &fresh.db;
    let named = ormcore::Alias::<Entry>::of_rows("named");
    for text in corpus() {
        let rows = futures_util::stream::iter([entry(text, None)]);
        assert_eq!(Entry::copy_in_stream(rows).execute(db).await.unwrap(), 1);
        let other = named.again(text);
        let mine = fragment!("SELECT {text.to_owned()}");
        let found = Entry::find()
            .given_as(named, Entry::NAME, mine)
            .join(named, named.col(Entry::NAME).eq(Entry::NAME))
            .join(other, other.col(Entry::NAME).eq(Entry::NAME))
            .select(other.col::<Entry, _>(Entry::NAME));
        assert_eq!(found.one(db).await.unwrap(), text);
        // There it is, as a name in quotes.
        fresh.statements();
        let mut out = Entry::find().filter(Entry::NAME.eq(text)).copy_out(db);
        let out_again = out.next().await.transpose().unwrap().expect(text);
        assert_eq!(out_again.name, text);
        drop(out);
        let mut csv = Entry::find()
            .filter(Entry::NAME.eq(text))
            .select(Entry::NAME)
            .copy_out_csv(db);
        let mut written = Vec::new();
        while let Some(chunk) = csv.next().await.transpose().unwrap() {
            written.extend(chunk);
        }
        let plain = String::from_utf8_lossy(&written).replace("\"\"", "\"");
        assert!(plain.contains(text), "{plain}");
        drop(csv);
        let mut tx = db.begin().await.unwrap();
        let pieces = tx
            .attempt_each(
                &[entry(text, None), entry(&format!("{text}!"), None)],
                async |part, rows| Entry::insert_many(rows.to_vec()).execute(part).await,
            )
            .await
            .unwrap();
        assert!(pieces[0].1.as_ref().unwrap_err().is_unique_violation());
        tx.rollback().await.unwrap();
        Entry::delete().key(text).execute(db).await.unwrap();
        fresh.is_unharmed(text).await;
    }
}

#[tokio::test]
async fn in_the_settings_of_a_pool_it_is_a_setting_or_refused() {
    let database = TestDatabase::create().unwrap();
    for text in corpus().step_by(9) {
        let config = || Config::new(database.url()).unwrap();
        let named = config().pool_name(text).attribute("text", text.to_owned());
        let db = named.connect().await.unwrap();
        let one: i32 = sql("SELECT 1").scalar(&db).await.unwrap();
        assert_eq!(one, 1);
        db.close();
        let tagged = config().comment("text", text).comment(text, "text");
        let db = tagged.connect().await.unwrap();
        let told: String = sql("SELECT $1::text").bind(text).scalar(&db).await.unwrap();
        assert_eq!(told, text);
        db.close();
        let elsewhere = [config().direct_url(text), config().replica(text)];
        for error in elsewhere.into_iter().filter_map(ormcore::Result::err) {
            assert_eq!(error.kind(), ormcore::ErrorKind::Config, "{text}: {error}");
        }
        // What is no address is not asked for.
        if Config::new(text).is_err() {
            let error = Db::connect(text).await.unwrap_err();
            assert_eq!(error.kind(), ormcore::ErrorKind::Config, "{text}: {error}");
        }
    }
}
