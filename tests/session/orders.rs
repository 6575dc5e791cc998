//! Rows that refer to each other are written in the order that the database wants.

use crate::shop::{Comment, NewComment, new_comment, new_post, new_user, shop, shop_of};
use ormcore::{Entity, ErrorKind, RowState, entities};

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
