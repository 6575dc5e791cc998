//! Tables made from entities: once, with all they say, whatever refers to whatever.

use crate::fresh::{Fresh, fresh, fresh_after};
use crate::tags::{Article, Credit, Note, Person, Shelf, Tag};
use ormcore::{Entity, ErrorKind, entities, schema, sql};
use rust_decimal::Decimal;

#[derive(Entity, Debug)]
#[orm(table = "teams", insert(NewTeam))]
struct Team {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    name: String,
    #[orm(references(Player, on_delete = "set null", on_update = "cascade"))]
    captain_id: Option<i32>,
    #[orm(type = "numeric(6,2)", default = "12.5")]
    budget: Decimal,
    #[orm(generated)]
    founded: chrono::NaiveDate,
}

#[derive(Entity, Debug)]
#[orm(table = "players", insert(NewPlayer))]
struct Player {
    #[orm(primary_key)]
    id: i32,
    #[orm(references(Team, on_delete = "cascade"))]
    team_id: i64,
}

/// A row of PostgreSQL's own description of a table.
#[derive(Entity, Debug, PartialEq)]
#[orm(table = "described")]
struct Described {
    #[orm(primary_key)]
    name: String,
    kind: String,
    nullable: bool,
    default: Option<String>,
}

#[tokio::test]
async fn tables_have_the_columns_that_entities_have() {
    let fresh = fresh(entities![Team, Player]).await;
    let columns = sql(
        r#"SELECT attname::text AS name, format_type(atttypid, atttypmod) AS kind, NOT attnotnull AS nullable,
             CASE attidentity WHEN '' THEN pg_get_expr(adbin, adrelid) ELSE 'identity' END AS "default"
           FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
           WHERE attrelid = 'teams'::regclass AND attnum > 0 ORDER BY attnum"#,
    );
    let columns: Vec<Described> = columns.all(&fresh.db).await.unwrap();
    let found = columns.iter().map(|column| {
        let Described { name, kind, .. } = column;
        let default = column.default.as_deref().unwrap_or("none");
        format!("{name} {kind} {} {default}", column.nullable)
    });
    let expected = [
        "id bigint false identity",
        "name text false none",
        "captain_id integer true none",
        "budget numeric(6,2) false 12.5",
        "founded date false now()",
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn tables_that_refer_to_each_other_can_be_made_in_any_order() {
    for tables in [entities![Team, Player], entities![Player, Team]] {
        let fresh = fresh(tables).await;
        let team = NewTeam {
            name: "A".into(),
            captain_id: None,
            budget: None,
        };
        let team = Team::insert(team).one(&fresh.db).await.unwrap();
        assert_eq!((&*team.name, team.budget), ("A", Decimal::new(1250, 2)));
        assert!(team.founded.to_string().starts_with("20"));
        let player = NewPlayer {
            id: 7,
            team_id: team.id,
        };
        let player = Player::insert(player).one(&fresh.db).await.unwrap();
        assert_eq!(player.team_id, team.id);
        let captain = Team::update(team.id).set(Team::CAPTAIN_ID, 7);
        captain.execute(&fresh.db).await.unwrap();
        let renumber = Player::update(7).set(Player::ID, 8);
        renumber.execute(&fresh.db).await.unwrap();
        let team = Team::get(team.id).one(&fresh.db).await.unwrap();
        assert_eq!(team.captain_id, Some(8));
        Player::delete().key(8).execute(&fresh.db).await.unwrap();
        let team = Team::get(team.id).one(&fresh.db).await.unwrap();
        assert_eq!(team.captain_id, None);
    }
}

#[tokio::test]
async fn what_exists_stays_as_it_is() {
    let fresh = fresh(entities![Team, Player]).await;
    let team = || NewTeam {
        name: "A".into(),
        captain_id: None,
        budget: Some(Decimal::ONE),
    };
    Team::insert(team()).execute(&fresh.db).await.unwrap();
    for _ in 0..2 {
        let create = schema::create(&fresh.db, entities![Team, Player]);
        create.await.unwrap();
    }
    let keys = sql("SELECT FROM pg_constraint WHERE contype = 'f'");
    assert_eq!(keys.execute(&fresh.db).await.unwrap(), 2);
    assert_eq!(Team::find().count(&fresh.db).await.unwrap(), 1);
    let again = Team::insert(team()).execute(&fresh.db).await.unwrap_err();
    assert!(again.is_unique_violation());
}

/// The indexes of a table, but for those of its constraints, each by the columns it is on.
async fn indexes(fresh: &Fresh, table: &str) -> Vec<String> {
    let columns = sql!(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index
         WHERE indrelid = to_regclass({table}) AND NOT indisunique ORDER BY 1"
    );
    let found: Vec<String> = columns.scalars(&fresh.db).await.expect("indexes");
    let of = |index: &String| {
        index
            .split_once(" USING btree ")
            .expect("a btree")
            .1
            .to_owned()
    };
    found.iter().map(of).collect()
}

#[tokio::test]
async fn foreign_keys_and_both_ends_of_links_have_an_index() {
    let fresh = fresh(entities![Article, Tag, Note, Person, Credit, Shelf]).await;
    for _ in 0..2 {
        let tables = entities![Article, Tag, Note, Person, Credit, Shelf];
        for (table, expected) in [
            ("article_tags", vec!["(tag_id)"]),
            ("citations", vec!["(to_id)"]),
            ("labels", vec!["(tag)"]),
            ("notes", vec!["(tag)"]),
            // The primary key begins with the other.
            ("credits", vec!["(person)"]),
            ("shelves", vec![]),
        ] {
            assert_eq!(indexes(&fresh, table).await, expected, "{table}");
        }
        schema::create(&fresh.db, tables).await.unwrap();
    }
}

#[tokio::test]
async fn an_index_of_ones_own_will_do_unless_it_leaves_rows_out() {
    let fresh = fresh_after(
        "CREATE TABLE tags (name text PRIMARY KEY, article_id int NOT NULL);
         CREATE TABLE notes (id bigint PRIMARY KEY, tag text NOT NULL);
         CREATE INDEX ON notes (tag) WHERE tag <> '';
         CREATE TABLE article_tags (article_id bigint NOT NULL, tag_id text NOT NULL);
         CREATE INDEX ON article_tags (tag_id, article_id)",
    )
    .await;
    let tables = entities![Article, Tag, Note, Person, Credit];
    schema::create(&fresh.db, tables).await.unwrap();
    let of_notes = indexes(&fresh, "notes").await;
    assert_eq!(of_notes, ["(tag) WHERE (tag <> ''::text)", "(tag)"]);
    let of_tags = indexes(&fresh, "article_tags").await;
    assert_eq!(of_tags, ["(article_id)", "(tag_id, article_id)"]);
}

#[tokio::test]
async fn a_transaction_takes_back_the_tables_too() {
    let fresh = fresh([]).await;
    let tx = fresh.db.begin().await.unwrap();
    schema::create(&tx, entities![Team, Player]).await.unwrap();
    assert_eq!(Team::find().count(&tx).await.unwrap(), 0);
    tx.rollback().await.unwrap();
    let error = Team::find().count(&fresh.db).await.unwrap_err();
    assert_eq!(error.code(), Some("42P01"));
}

#[tokio::test]
async fn a_table_that_cannot_be_made_is_an_error_that_names_it() {
    let fresh = fresh_after("CREATE TABLE teams (id text PRIMARY KEY)").await;
    let error = schema::create(&fresh.db, entities![Team, Player]).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Database);
    let text = error.to_string();
    assert!(
        text.contains("\"teams\"") && text.contains("statement: "),
        "{text}"
    );
}
