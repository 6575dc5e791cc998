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

/// The links of team 1: of each its player, and whether it is marked as deleted.
async fn links(team: &Fresh) -> Vec<(i64, bool)> {
    let links = Membership::find().with_deleted();
    let links = links.order_by(Membership::PLAYER_ID).all(&team.db).await;
    let links = links.expect("memberships").into_iter();
    links
        .map(|link| (link.player_id, link.deleted_at.is_some()))
        .collect()
}

#[tokio::test]
async fn links_are_marked_when_they_end_and_come_back_when_they_are_added() {
    let team = team().await;
    let db = &team.db;
    let of = || Team::PLAYERS.of_key(&1);
    let player = NewPlayer { name: "Eve".into() };
    Player::insert(player).one(db).await.expect("Eve");
    let before = Membership::get((1, 1)).one(db).await.expect("Ada's");
    team.statements();
    // Cleo's comes back, Eve's is new, and Ada's was there.
    assert_eq!(of().add(db, [1, 3, 5, 3]).await.expect("links"), 2);
    assert_eq!(team.statements().len(), 1);
    let all = [1, 2, 3, 4, 5].map(|player| (player, false));
    assert_eq!(links(&team).await, all);
    let after = Membership::get((1, 1)).one(db).await.expect("Ada's");
    assert_eq!(before.deleted_at, after.deleted_at);

    assert_eq!(of().remove(db, [1, 3, 9]).await.expect("an end"), 2);
    assert_eq!(of().remove(db, [1, 3]).await.expect("no end"), 0);
    let ended = |player: &i64| (*player, [1, 3].contains(player));
    let expected: Vec<_> = [1, 2, 3, 4, 5].iter().map(ended).collect();
    assert_eq!(links(&team).await, expected);

    team.statements();
    assert_eq!(of().set(db, [3, 4]).await.expect("links"), 1);
    assert_eq!(team.statements().len(), 1);
    let ended = |player: &i64| (*player, ![3, 4].contains(player));
    let expected: Vec<_> = [1, 2, 3, 4, 5].iter().map(ended).collect();
    assert_eq!(links(&team).await, expected);

    assert_eq!(of().clear(db).await.expect("an end"), 2);
    assert_eq!(links(&team).await.len(), 5);
    assert!(!Membership::find().exists(db).await.expect("an answer"));
}

#[derive(Entity, Debug)]
#[orm(table = "pages")]
struct Page {
    #[orm(primary_key)]
    id: i64,
    #[orm(many_to_many(Page, through = Reference, here = from_id, there = to_id))]
    pages: Many<Page>,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Entity, Debug)]
#[orm(table = "page_references")]
struct Reference {
    #[orm(primary_key)]
    from_id: i64,
    #[orm(primary_key)]
    to_id: i64,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

#[tokio::test]
async fn a_tree_ends_at_what_is_deleted_and_at_links_that_are() {
    let pages = fresh(entities![Page, Reference]).await;
    let db = &pages.db;
    let fill =
        "INSERT INTO pages SELECT n, CASE n WHEN 3 THEN now() END FROM generate_series(1, 6) AS n;
        INSERT INTO page_references SELECT a, b, CASE b WHEN 5 THEN now() END
        FROM (VALUES (1, 2), (2, 3), (3, 4), (2, 5), (5, 6), (2, 6)) AS of (a, b)";
    ormcore::sql(fill).batch(db).await.expect("pages");
    let roots = || Page::find().filter(Page::ID.eq(1));
    let tree = |find: ormcore::Find<Page>| find.tree(roots(), Page::PAGES).order_by(Page::ID);
    let ids = |pages: Vec<Page>| pages.iter().map(|page| page.id).collect::<Vec<_>>();
    let found = tree(Page::find()).all(db).await.expect("pages");
    assert!(found.iter().all(|page| page.deleted_at.is_none()));
    assert_eq!(ids(found), [1, 2, 6]);
    // The links are others' rows, about which nothing was said.
    let found = tree(Page::find().with_deleted()).all(db).await;
    assert_eq!(ids(found.expect("pages")), [1, 2, 3, 4, 6]);
    let links = Reference::find().only_deleted().all(db).await;
    let links: Vec<_> = links.expect("links");
    let ends = links
        .iter()
        .map(|link| (link.from_id, link.to_id, link.deleted_at.is_some()));
    assert_eq!(ends.collect::<Vec<_>>(), [(2, 5, true)]);
}

#[derive(Entity, Debug)]
#[orm(table = "groups")]
struct Group {
    #[orm(primary_key)]
    id: i64,
    #[orm(many_to_many(Player, through = Place))]
    players: Many<Player>,
}

/// A link of its own key, which may be there again once it was deleted.
#[derive(Entity, Debug)]
#[orm(table = "places")]
struct Place {
    #[orm(primary_key, generated)]
    id: i64,
    group_id: i64,
    player_id: i64,
    #[orm(version)]
    version: i32,
    #[orm(soft_delete)]
    deleted_at: Option<DateTime<Utc>>,
}

#[tokio::test]
async fn of_links_that_ended_several_times_the_last_comes_back() {
    let team = team().await;
    let db = &team.db;
    let set_up = "CREATE TABLE groups (id bigint PRIMARY KEY);
         CREATE TABLE places (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, group_id bigint, player_id bigint,
                              version int NOT NULL DEFAULT 1, deleted_at timestamptz);
         CREATE UNIQUE INDEX ON places (group_id, player_id) WHERE deleted_at IS NULL;
         INSERT INTO groups VALUES (1);
         INSERT INTO places (group_id, player_id, deleted_at) VALUES
             (1, 1, '2026-01-01'), (1, 1, '2026-03-01'), (1, 1, '2026-02-01'), (1, 4, '2026-01-01'), (1, 4, NULL)";
    ormcore::sql(set_up).batch(db).await.expect("places");
    let added = Group::PLAYERS.of_key(&1).add(db, [1, 4]);
    assert_eq!(added.await.expect("links"), 1);
    let places = Place::find().order_by(Place::ID).all(db).await;
    let places: Vec<_> = places.expect("places");
    let places = places.iter().map(|place| {
        assert_eq!((place.group_id, place.deleted_at), (1, None));
        (place.id, place.player_id, place.version)
    });
    assert_eq!(places.collect::<Vec<_>>(), [(2, 1, 2), (5, 4, 1)]);
    let groups = Group::find().with(Group::PLAYERS).all(db).await;
    assert_eq!(
        groups.expect("groups")[0]
            .players
            .get()
            .expect("players")
            .len(),
        2
    );
}
