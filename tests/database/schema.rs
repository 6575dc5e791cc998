//! Tables made from entities: once, with all they say, whatever refers to whatever.

use crate::fresh::{fresh, fresh_after};
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
