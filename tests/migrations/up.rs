//! Migrations run once, in their order.

use crate::database::{empty, empty_with, in_time, migrations, shown};
use ormcore::migrate::{self, State};
use ormcore::{Config, embed_migrations, sql};
use std::time::{Duration, SystemTime};

#[tokio::test]
async fn each_runs_once_in_the_order_of_their_versions() {
    let empty = empty().await;
    let ran = migrate::run(&empty.db, embed_migrations!("migrations/blog")).await;
    assert_eq!(
        shown(&ran.unwrap()),
        [
            "20260101_090000_users up",
            "20260102_090000_posts up",
            "20260103_090000_titles up"
        ]
    );
    assert!(empty.has("posts_title").await);
    // What looked like the end of a statement was none.
    let insert =
        sql("INSERT INTO posts SELECT id, id FROM users WHERE name = 'Ada; -- of Lovelace'");
    assert_eq!(insert.execute(&empty.db).await.unwrap(), 1);
    let found = sql("SELECT title, posts_of(author_id) FROM posts").one::<(String, i64)>(&empty.db);
    assert_eq!(found.await.unwrap(), ("Untitled;".to_owned(), 1));

    let again = migrate::run(&empty.db, embed_migrations!("migrations/blog")).await;
    assert_eq!(again.unwrap(), []);
    assert_eq!(empty.in_force().await, 3);
    assert!(!empty.is_locked().await);
}

#[tokio::test]
async fn what_ran_is_noted_with_its_checksum_and_time() {
    let empty = empty().await;
    let slow = "-- UP\nSELECT pg_sleep(0.02);";
    let migrations = migrations([("one", "-- UP\n"), ("two", slow)]);
    assert_eq!(migrate::current(&empty.db).await.unwrap(), None);
    migrate::run(&empty.db, &migrations).await.unwrap();
    let history = migrate::history(&empty.db).await.unwrap();
    let noted: Vec<_> = history
        .iter()
        .map(|record| (&*record.version, &*record.name, &*record.checksum))
        .collect();
    let files: Vec<_> = migrations
        .all()
        .iter()
        .map(|one| (&*one.version, &*one.name, &*one.checksum))
        .collect();
    assert_eq!(noted, files);
    let [one, two] = &history[..] else {
        panic!("{history:?}")
    };
    assert!(one.applied_at < two.applied_at, "{history:?}");
    assert!(two.took >= Duration::from_millis(20), "{two:?}");
    // The server's clock is this machine's.
    let age = SystemTime::now().duration_since(two.applied_at);
    assert!(
        age.unwrap_or_default() < Duration::from_secs(600),
        "{two:?}"
    );
    assert_eq!(one.undone_at, None);
    assert_eq!(
        migrate::current(&empty.db).await.unwrap().as_ref(),
        Some(two)
    );
}

#[tokio::test]
async fn a_plan_tells_and_changes_nothing() {
    let empty = empty().await;
    let one = ("one", "-- UP\nCREATE TABLE a ();\n-- DOWN\nDROP TABLE a;\n");
    let two = ("two", "-- NO TRANSACTION\n-- UP\nCREATE TABLE b ();\n");
    let both = migrations([one, two]);
    let plan = migrate::plan(&empty.db, &both).await.unwrap();
    assert_eq!(
        shown(&plan),
        ["20260101_090000_one up", "20260102_090000_two up"]
    );
    assert_eq!(plan[0].sql, "CREATE TABLE a ();\n");
    assert_eq!(
        (plan[0].transactional, plan[1].transactional),
        (true, false)
    );
    assert!(
        migrate::plan_down(&empty.db, &both, 5)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(!empty.has("a").await && !empty.has("ormcore_migrations").await);

    migrate::run(&empty.db, migrations([one])).await.unwrap();
    let plan = migrate::plan(&empty.db, &both).await.unwrap();
    assert_eq!(shown(&plan), ["20260102_090000_two up"]);
    let plan = migrate::plan_down(&empty.db, &both, 5).await.unwrap();
    assert_eq!(shown(&plan), ["20260101_090000_one down"]);
    assert_eq!(plan[0].sql, "DROP TABLE a;\n");
    assert!(empty.has("a").await && !empty.has("b").await);

    let status = migrate::status(&empty.db, &both).await.unwrap();
    let states: Vec<_> = status.iter().map(|one| (&*one.name, one.state)).collect();
    assert_eq!(states, [("one", State::Applied), ("two", State::Pending)]);
    let history = migrate::history(&empty.db).await.unwrap();
    assert_eq!(status[0].applied_at, Some(history[0].applied_at));
    assert_eq!(status[1].applied_at, None);
}

#[tokio::test]
async fn what_a_migration_sets_is_gone_with_it() {
    let empty = empty().await;
    let elsewhere = "CREATE SCHEMA elsewhere;\nSET search_path = elsewhere;\nCREATE TABLE a ();";
    let in_one = format!("-- UP\n{elsewhere}\n");
    let alone = "-- NO TRANSACTION\n-- UP\nSET search_path = elsewhere;\nCREATE TABLE b ();\n";
    let then = "-- UP\nCREATE TABLE c ();\n";
    let migrations = migrations([("one", &in_one), ("two", alone), ("three", then)]);
    migrate::run(&empty.db, migrations).await.unwrap();
    for there in [
        "elsewhere.a",
        "elsewhere.b",
        "public.c",
        "public.ormcore_migrations",
    ] {
        assert!(empty.has(there).await, "{there}");
    }
    assert_eq!(empty.in_force().await, 3);
}

/// One may take hours, whatever holds for the statements of a program.
#[tokio::test]
async fn a_migration_has_all_the_time_it_takes() {
    let short = Duration::from_millis(150);
    let empty = empty_with(|config| config.pool_size(1).statement_timeout(short)).await;
    let slow = "-- UP\nSELECT pg_sleep(0.6);";
    let ran = in_time(migrate::run(&empty.db, migrations([("slow", slow)]))).await;
    assert_eq!(ran.unwrap().len(), 1);
}

#[tokio::test]
async fn migrations_go_where_the_direct_url_leads() {
    let first = empty().await;
    let direct = format!("{}?application_name=direct", first.database.url());
    let config = Config::new(first.database.url()).unwrap();
    let config = config.direct_url(&direct).unwrap();
    let db = config.connect().await.unwrap();
    let who = "-- UP\nCREATE TABLE who AS SELECT current_setting('application_name') AS name;";
    migrate::run(&db, migrations([("who", who)])).await.unwrap();
    let name = sql("SELECT name FROM who").scalar::<String>(&first.db);
    assert_eq!(name.await.unwrap(), "direct");
}
