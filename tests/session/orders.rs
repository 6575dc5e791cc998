//! Rows that refer to each other are written in the order that the database wants.

use crate::fresh::Fresh;
use crate::shop::{Comment, NewComment, new_comment, new_post, new_user, shop, shop_of};
use ormcore::{Entity, ErrorKind, Ref, RowState, Session, entities};

#[tokio::test]
async fn rows_may_refer_to_others_of_their_table() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let post = s.add(new_post(key, "a"));
    let post_id = s.key(post);
    // Added before what it answers.
    let answer = s.add(new_comment(post_id, "answer"));
    let first = s.add(new_comment(post_id, "first"));
    let first_id = s.key(first);
    s.new_row_mut::<NewComment>(answer).unwrap().parent_id = Some(first_id);
    s.commit().await.unwrap();
    assert_eq!(s[answer].parent_id, Some(s[first].id));
    // And go together.
    s.remove(first);
    s.remove(answer);
    s.commit().await.unwrap();
    assert_eq!(Comment::find().count(&fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_stored_row_can_refer_to_a_new_one() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let post = s.add(new_post(key, "a"));
    s.commit().await.unwrap();
    let bob = s.add(new_user("Bob"));
    s[post].editor_id = Some(s.key(bob));
    s.commit().await.unwrap();
    assert_eq!(s[post].editor_id, Some(s[bob].id));
    let stored = crate::shop::Post::get(s[post].id)
        .one(&fresh.db)
        .await
        .unwrap();
    assert_eq!(stored.editor_id, Some(s[bob].id));
}

#[derive(Entity, Debug)]
#[orm(table = "teams", insert(NewTeam))]
struct Team {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(references(Player))]
    captain_id: Option<i64>,
    #[orm(version)]
    version: i32,
}

#[derive(Entity, Debug)]
#[orm(table = "players", insert(NewPlayer))]
struct Player {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Team))]
    team_id: i64,
}

#[tokio::test]
async fn a_circle_is_closed_behind_the_inserts() {
    let (fresh, mut s) = shop_of(entities![Team, Player]).await;
    let team = s.add(NewTeam {
        name: "Red".into(),
        captain_id: None,
    });
    let team_id = s.key(team);
    let captain = s.add(NewPlayer { team_id });
    let captain_id = s.key(captain);
    s.new_row_mut::<NewTeam>(team).unwrap().captain_id = Some(captain_id);
    s.commit().await.unwrap();
    assert_eq!(s[team].captain_id, Some(s[captain].id));
    assert_eq!(s[captain].team_id, s[team].id);
    let stored = Team::find().one(&fresh.db).await.unwrap();
    assert_eq!(stored.captain_id, Some(s[captain].id));
    assert_eq!(
        (stored.version, &stored.name),
        (s[team].version, &s[team].name)
    );
    // What is stored is found by its version again.
    s[team].name = "Blue".into();
    s.commit().await.unwrap();
}

#[tokio::test]
async fn a_circle_that_was_flushed_before_a_failure_is_flushed_again() {
    let (fresh, mut s) = shop_of(entities![Team, Player]).await;
    let team = s.add(NewTeam {
        name: "Red".into(),
        captain_id: None,
    });
    let team_id = s.key(team);
    let captain = s.add(NewPlayer { team_id });
    let captain_id = s.key(captain);
    s.new_row_mut::<NewTeam>(team).unwrap().captain_id = Some(captain_id);
    s.flush().await.unwrap();
    let stray = s.add(NewPlayer { team_id: 77 });
    let refused = s.flush().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ForeignKeyViolation);
    s.remove(stray);
    s.commit().await.unwrap();
    let stored = Team::get(s[team].id).one(&fresh.db).await.unwrap();
    assert_eq!(stored.captain_id, Some(s[captain].id));
    assert_eq!(s[team].captain_id, Some(s[captain].id));
    assert_eq!(s.state(team).unwrap(), RowState::Clean);
}

#[derive(Entity, Debug)]
#[orm(table = "eggs", insert(NewEgg))]
struct Egg {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Hen))]
    hen_id: i64,
}

#[derive(Entity, Debug)]
#[orm(table = "hens", insert(NewHen))]
struct Hen {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Egg))]
    egg_id: i64,
}

#[tokio::test]
async fn a_circle_that_cannot_be_closed_is_an_error_that_says_so() {
    let (_fresh, mut s) = shop_of(entities![Egg, Hen]).await;
    let egg = s.add(NewEgg { hen_id: 0 });
    let egg_id = s.key(egg);
    let hen = s.add(NewHen { egg_id });
    let hen_id = s.key(hen);
    s.new_row_mut::<NewEgg>(egg).unwrap().hen_id = hen_id;
    let error = s.flush().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Usage);
    let text = error.to_string();
    assert!(
        text.contains("in a circle") && text.contains("make `Egg::hen_id` an `Option`"),
        "{text}"
    );
}

/// A team of two, with its captain.
async fn red() -> (Fresh, Session, Ref<Team>, Vec<Ref<Player>>) {
    let (fresh, mut s) = shop_of(entities![Team, Player]).await;
    let team = s.add(NewTeam {
        name: "Red".into(),
        captain_id: None,
    });
    let team_id = s.key(team);
    let players = s.add_all([NewPlayer { team_id }, NewPlayer { team_id }]);
    let captain_id = s.key(players[0]);
    s.new_row_mut::<NewTeam>(team)
        .expect("a new team")
        .captain_id = Some(captain_id);
    s.commit().await.expect("a team");
    fresh.statements();
    (fresh, s, team, players)
}

#[tokio::test]
async fn a_stored_circle_can_be_removed() {
    let (fresh, mut s, team, players) = red().await;
    s[team].name = "Blue".into();
    let remove_all = |s: &mut Session| {
        s.remove(team);
        players.iter().for_each(|player| s.remove(*player));
    };
    remove_all(&mut s);
    assert_eq!(s.flush().await.unwrap().deleted, 3);
    assert_eq!(fresh.statements().len(), 3);
    s.rollback().await.unwrap();
    assert_eq!(s[team].captain_id, Some(s[players[0]].id));
    assert_eq!(s[team].name, "Red");
    remove_all(&mut s);
    s.commit().await.unwrap();
    assert_eq!(Team::find().count(&fresh.db).await.unwrap(), 0);
    assert_eq!(Player::find().count(&fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn a_circle_that_others_changed_is_not_removed() {
    let (fresh, mut s, team, players) = red().await;
    let changed = Team::update(s[team].id).set(Team::NAME, "Blue");
    changed.execute(&fresh.db).await.unwrap();
    s.remove(team);
    players.iter().for_each(|player| s.remove(*player));
    // Whoever is refused first: the team, or those whom it still refers to.
    assert!(s.commit().await.is_err());
    assert_eq!(Team::find().one(&fresh.db).await.unwrap().name, "Blue");
    assert_eq!(Player::find().count(&fresh.db).await.unwrap(), 2);
    s.rollback().await.unwrap();
    assert_eq!(s[team].name, "Red");
}

#[tokio::test]
async fn a_captain_who_stays_is_not_taken_from_a_team_that_goes() {
    let (fresh, mut s, team, players) = red().await;
    let other = s.add(NewTeam {
        name: "Blue".into(),
        captain_id: None,
    });
    for player in &players {
        s[*player].team_id = s.key(other);
    }
    s.flush().await.unwrap();
    fresh.statements();
    s.remove(team);
    s.remove(players[1]);
    s.commit().await.unwrap();
    assert_eq!(fresh.statements().len(), 2);
    assert_eq!(s[players[0]].team_id, s[other].id);
}
