//! Rows that are marked as deleted are left out of relations, also where those are cut, go sideways or through a table between.

use crate::fresh::{Fresh, fresh};
use chrono::{DateTime, Utc};
use ormcore::{Entity, Many, One, entities};

#[derive(Entity, Debug)]
#[orm(table = "teams", insert(NewTeam))]
struct Team {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(many_to_many(Player, through = Membership))]
    players: Many<Player>,
    #[orm(has_many(Membership, key = team_id))]
    memberships: Many<Membership>,
}

#[derive(Entity, Debug)]
#[orm(table = "players", insert(NewPlayer))]
struct Player {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Entity, Debug)]
#[orm(table = "memberships", insert(NewMembership))]
struct Membership {
    #[orm(primary_key, references(Team))]
    team_id: i64,
    #[orm(primary_key, references(Player))]
    player_id: i64,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
    #[orm(belongs_to(key = player_id))]
    player: One<Player>,
}

/// A team of Ada, Bob, Cleo and Dora. Bob is deleted, and so is Cleo's membership.
async fn team() -> Fresh {
    let fresh = fresh(entities![Team, Player, Membership]).await;
    let db = &fresh.db;
    let team = NewTeam { name: "A".into() };
    Team::insert(team).one(db).await.expect("a team");
    for (name, player_id) in ["Ada", "Bob", "Cleo", "Dora"].into_iter().zip(1..) {
        let player = NewPlayer { name: name.into() };
        Player::insert(player).one(db).await.expect("a player");
        let membership = NewMembership {
            team_id: 1,
            player_id,
        };
        Membership::insert(membership)
            .one(db)
            .await
            .expect("a membership");
    }
    Player::delete().key(2).execute(db).await.expect("no Bob");
    let of_cleo = Membership::delete().key((1, 3));
    of_cleo.execute(db).await.expect("no membership of Cleo's");
    fresh
}

#[tokio::test]
async fn through_a_table_between() {
    let team = team().await;
    let db = &team.db;
    let players = || Team::PLAYERS.order_by(Player::ID);
    for wish in [
        players(),
        players().limit(9),
        players().joined(),
        players().limit(9).joined(),
        players().lateral(),
        players().limit(9).lateral(),
    ] {
        let shown = format!("{wish:?}");
        let teams = Team::find().with(wish).all(db).await.expect("teams");
        let loaded = teams[0].players.get().expect("players");
        let names: Vec<&str> = loaded.iter().map(|player| &*player.name).collect();
        assert_eq!(
            (&*teams[0].name, names),
            ("A", vec!["Ada", "Dora"]),
            "{shown}"
        );
        assert!(loaded.iter().all(|player| player.deleted_at.is_none()));
    }
    let lazy = Team::get(1).one(db).await.expect("the team");
    assert_eq!(lazy.players.load(db).await.expect("players").len(), 2);
    let counted = Team::find().select(Team::PLAYERS.count()).one(db).await;
    assert_eq!(counted.expect("a number"), 2);
    for name in ["Bob", "Cleo"] {
        let with = Team::find().filter(Team::PLAYERS.any(Player::NAME.eq(name)));
        assert!(!with.exists(db).await.expect("an answer"), "{name}");
    }
}

#[tokio::test]
async fn where_an_owners_rows_are_cut() {
    let team = team().await;
    let db = &team.db;
    let memberships = || Team::MEMBERSHIPS.order_by(Membership::PLAYER_ID);
    for (wish, expected) in [
        (memberships(), vec![1, 2, 4]),
        (memberships().limit(2), vec![1, 2]),
        (memberships().limit(3).joined(), vec![1, 2, 4]),
        (memberships().limit(2).lateral(), vec![1, 2]),
    ] {
        let shown = format!("{wish:?}");
        let teams = Team::find().with(wish).all(db).await.expect("teams");
        let loaded = teams[0].memberships.get().expect("memberships");
        let players: Vec<i64> = loaded.iter().map(|one| one.player_id).collect();
        assert_eq!(players, expected, "{shown}");
        assert!(
            loaded
                .iter()
                .all(|one| one.deleted_at.is_none() && one.team_id == 1)
        );
    }
    let of_bob = Membership::get((1, 2)).with(Membership::PLAYER.joined());
    let of_bob = of_bob.one(db).await.expect("a membership");
    assert!(of_bob.player.get().is_err(), "Bob is deleted");
}
