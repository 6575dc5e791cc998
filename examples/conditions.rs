//! Conditions and expressions of every family, and what is made of rows.
//! Run it with `cargo run --example conditions`.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use chrono::{DateTime, Utc};
use dev_postgres::Database;
use ormcore::value::{Interval, Range};
use ormcore::{
    Alias, Condition, Db, Entity, Expression, Many, One, Unit, case, count, entities, fragment, now,
};
use serde_json::{Value as Json, json};

#[derive(Entity, Debug)]
#[orm(table = "example_songs", insert(NewSong))]
struct Song {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Band))]
    band_id: i64,
    title: String,
    tags: Vec<String>,
    facts: Json,
    /// Where the chorus is, in seconds.
    chorus: Range<i32>,
    plays: i32,
    released: Option<DateTime<Utc>>,
    #[orm(belongs_to(key = band_id))]
    band: One<Band>,
}

#[derive(Entity, Debug)]
#[orm(table = "example_bands", insert(NewBand))]
struct Band {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(has_many(Song, key = band_id))]
    songs: Many<Song>,
}

/// What a visitor may ask for. What is left out lets everything pass.
#[derive(Default)]
struct Wanted<'a> {
    words: Option<&'a str>,
    tags: Vec<String>,
    least_plays: Option<i32>,
}

impl Wanted<'_> {
    fn condition(&self) -> Condition<Song> {
        let words = self.words.map(|words| Song::TITLE.search("english", words));
        let plays = self.least_plays.map(|plays| Song::PLAYS.ge(plays));
        let tags = (!self.tags.is_empty()).then(|| Song::TAGS.has_any(self.tags.clone()));
        Condition::all([words, plays, tags].into_iter().flatten())
    }
}

async fn ask(db: &Db) -> ormcore::Result<()> {
    let songs = Song::find().with(Song::BAND).order_by(Song::ID);
    for song in &songs.all(db).await? {
        let Song {
            id,
            band_id,
            title,
            tags,
            facts,
            chorus,
            plays,
            released,
            band,
        } = song;
        let band = &band.get()?.name;
        assert_eq!((&**band, facts["key"].as_str()), ("The Typos", Some("C")));
        println!("{id}: {title} {tags:?} of {band} (number {band_id}), chorus {chorus:?}");
        println!("  played {plays} times since {released:?}");
    }
    let day = Interval {
        days: 1,
        ..Interval::default()
    };
    let (love, borrowed, both) = (["Love in C"], ["Borrowed"], ["Love in C", "Borrowed"]);
    // Text, arrays, JSON, ranges, time: each has the operators of PostgreSQL.
    let conditions: [(Condition<Song>, &[&str]); 10] = [
        (
            Song::TITLE.icontains("love") & !Song::TITLE.matches("^[a-z]"),
            &love,
        ),
        (
            Song::TAGS.has("slow") | Song::TAGS.has_all(vec!["loud".to_owned(), "fast".to_owned()]),
            &love,
        ),
        (
            Song::FACTS.json_contains(json!({"key": "C"})) & Song::FACTS.has_key("tempo"),
            &both,
        ),
        (Song::FACTS.path_text(["writers", "0"]).eq("Ada"), &both),
        (Song::FACTS.json_path_matches("$.tempo > 100"), &love),
        (
            Song::CHORUS.overlaps(30..60) & Song::CHORUS.includes(40),
            &borrowed,
        ),
        (
            Song::RELEASED.lt(now().minus(day)) & Song::RELEASED.part(Unit::Year).ge(2020),
            &both,
        ),
        (Song::BAND.is(Band::NAME.starts_with("The ")), &both),
        (
            Song::PLAYS
                .cast::<f64>()
                .gt(Song::TITLE.length().cast::<f64>()),
            &love,
        ),
        (
            Expression::<Song, i32>::call(
                "strpos",
                [Song::TITLE.into(), Expression::value("w".to_owned()).into()],
            )
            .gt(0),
            &borrowed,
        ),
    ];
    for (condition, expected) in conditions {
        let found = Song::find().filter(condition).order_by(Song::ID);
        let titles = found.select(Song::TITLE).all(db).await?;
        println!("{titles:?}");
        assert_eq!(titles, expected);
    }
    let sounding = fragment!("reverse({Song::TITLE}) ILIKE {\"%l%\"}");
    assert_eq!(Song::find().filter(sounding).count(db).await?, 1);

    // Filters made at run time are values of one type.
    let wanted = Wanted {
        words: Some("love -war"),
        tags: vec!["slow".to_owned()],
        ..Wanted::default()
    };
    for (wanted, songs) in [(wanted, 1), (Wanted::default(), 2)] {
        let found = Song::find().filter(wanted.condition());
        assert_eq!(found.count(db).await?, songs);
    }

    // Related rows, by EXISTS or by a query inside.
    let silent = Band::find().filter(Band::SONGS.missing() | Band::SONGS.none(Song::PLAYS.gt(0)));
    assert_eq!(silent.select(Band::NAME).all(db).await?, ["Nulls"]);
    let played = Song::find().filter(Song::PLAYS.gt(100));
    let played = Band::find().filter(Band::ID.in_query(played.select(Song::BAND_ID)));
    let played = played.one(db).await?;
    assert_eq!(played.name, "The Typos");

    // What comes back: columns and expressions, told apart, counted, joined, put together.
    let fame = case::<Song, String>()
        .when(Song::PLAYS.gt(100), "hit")
        .otherwise("song");
    let released = Song::RELEASED.coalesce(now());
    let songs = Song::find()
        .order_by(Song::ID)
        .select((Song::TITLE, fame, released.lt(now())));
    let songs: Vec<(String, String, Option<bool>)> = songs.all(db).await?;
    let expected = [("Love in C", "hit"), ("Borrowed", "song")];
    assert_eq!(
        songs,
        expected.map(|(title, fame)| (title.to_owned(), fame.to_owned(), Some(true)))
    );
    let first = Song::find()
        .order_by(Song::BAND_ID)
        .order_by(Song::PLAYS.desc());
    let first = first
        .select((Song::BAND_ID, Song::TITLE))
        .distinct_on(Song::BAND_ID);
    let best = (played.id, "Love in C".to_owned());
    assert_eq!(first.all(db).await?, [best]);
    let hits = count().filter(Song::PLAYS.gt(100));
    let titles = Song::TITLE.string_agg(", ").order_by(Song::TITLE);
    let bands = Song::find()
        .select((Song::BAND_ID, hits, titles))
        .group_by(Song::BAND_ID);
    let titles = Some("Borrowed, Love in C".to_owned());
    assert_eq!(bands.all(db).await?, [(played.id, 1, titles)]);
    let other = Alias::<Song>::new("other");
    let same = other.col(Song::BAND_ID).eq(Song::BAND_ID) & other.col(Song::ID).gt(Song::ID);
    let pairs = Song::find()
        .join(other, same)
        .select((Song::TITLE, other.col(Song::TITLE)));
    let pair = ("Love in C".to_owned(), "Borrowed".to_owned());
    assert_eq!(pairs.all(db).await?, [pair]);
    let most = Song::find().of(Song::find().order_by(Song::PLAYS.desc()).limit(2));
    assert_eq!(most.select(Song::PLAYS.sum()).one(db).await?, Some(127));
    let titles = || Song::find().select(Song::TITLE);
    let names = || Band::find().select(Band::NAME);
    let unplayed = Song::find().filter(Song::PLAYS.eq(0)).select(Song::TITLE);
    let all = titles().union(names()).except(unplayed);
    let all = all.order_by_position(1).all(db).await?;
    assert_eq!(all, ["Borrowed", "Love in C", "Nulls", "The Typos"]);
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    ormcore::schema::create(&db, entities![Band, Song]).await?;

    let names = ["The Typos", "Nulls"].map(|name| NewBand {
        name: name.to_owned(),
    });
    let bands = Band::insert_many(names.into()).keys(&db).await?;
    let song = |title: &str, tag: &str, plays| NewSong {
        band_id: bands[0],
        title: title.to_owned(),
        tags: vec![tag.to_owned()],
        facts: json!({"key": "C", "tempo": plays, "writers": ["Ada"]}),
        chorus: (plays..plays + 40).into(),
        plays,
        released: "2021-05-01T12:00:00Z".parse().ok(),
    };
    let songs = vec![song("Love in C", "slow", 120), song("Borrowed", "loud", 7)];
    Song::insert_many(songs).execute(&db).await?;
    ask(&db).await?;
    println!("all conditions hold where they should");
    Song::delete().all_rows().execute(&db).await?;
    Band::delete().all_rows().execute(&db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::main().expect("the example runs to its end");
    }
}
