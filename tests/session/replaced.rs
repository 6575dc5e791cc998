//! What is removed makes room for what comes in the same flush, wherever nothing else needs it longer.

use crate::shop::{Comment, NewUser, Post, User, new_comment, new_post, new_user, shop, shop_of};
use ormcore::{Entity, ErrorKind, RowState, entities};

#[tokio::test]
async fn a_row_takes_the_place_of_another_that_has_its_unique_value() {
    let (fresh, mut s) = shop().await;
    let old = s.add(new_user("Ada"));
    s.commit().await.unwrap();
    s.remove(old);
    let new = s.add(NewUser {
        age: Some(36),
        ..new_user("Ada")
    });
    s.flush().await.unwrap();
    // What was flushed is flushed again in the same order.
    s.add(new_user("Ada"));
    assert!(s.flush().await.unwrap_err().is_unique_violation());
    assert_eq!(s.state(old).unwrap(), RowState::Deleted);
    let bad = s.failure().unwrap().row::<User>().unwrap();
    s.remove(bad);
    let flush = s.commit().await.unwrap();
    assert_eq!((flush.pending, flush.deleted), (1, 1));
    let stored = User::find().one(&fresh.db).await.unwrap();
    assert_eq!((stored.age, &stored), (Some(36), &s[new]));
    assert!(s.try_row(old).is_err());
}

#[tokio::test]
async fn a_change_takes_the_value_of_a_row_that_goes() {
    let (fresh, mut s) = shop().await;
    let [ada, bob] = [s.add(new_user("Ada")), s.add(new_user("Bob"))];
    s.commit().await.unwrap();
    s.remove(bob);
    s[ada].email = "bob@example.org".into();
    s.commit().await.unwrap();
    let stored = User::find().one(&fresh.db).await.unwrap();
    assert_eq!(stored.email, "bob@example.org");
}

#[tokio::test]
async fn what_belongs_to_it_goes_before_and_comes_behind() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let post = s.add(new_post(key, "a"));
    let key = s.key(post);
    let comment = s.add(new_comment(key, "first"));
    s.commit().await.unwrap();
    s.remove(ada);
    s.remove(post);
    s.remove(comment);
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let post = s.add(new_post(key, "b"));
    let key = s.key(post);
    s.add(new_comment(key, "second"));
    s.commit().await.unwrap();
    let second = Comment::find().one(&fresh.db).await.unwrap();
    assert_eq!((second.post_id, &*second.body), (s[post].id, "second"));
    assert_eq!(s[post].author_id, s[ada].id);
    // And also where nothing comes but the one row.
    let comments = s.all(Comment::find()).await.unwrap();
    s.remove(comments[0]);
    s.remove(post);
    s.remove(ada);
    s.add(new_user("Ada"));
    s.commit().await.unwrap();
    assert_eq!(Comment::find().count(&fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn what_the_database_does_to_those_that_refer_to_it_is_seen_and_undone() {
    let (fresh, mut s) = shop().await;
    let rows = s.add_all(["Ada", "Bob", "Cyd"].map(new_user));
    let [ada, bob] = [s.key(rows[0]), s.key(rows[1])];
    let [first, second] = [s.add(new_post(ada, "a")), s.add(new_post(bob, "b"))];
    s.commit().await.unwrap();
    let (ada, bob) = (s[rows[0]].id, s[rows[1]].id);
    s[second].editor_id = Some(ada);
    s.commit().await.unwrap();
    // Looked at to be changed, and left as it is.
    s[second].title = "b".into();
    s.remove(rows[0]);
    let new = s.add(new_user("Ada"));
    let key = s.key(new);
    let third = s.add(new_post(key, "c"));
    s.flush().await.unwrap();
    assert_eq!(s.state(first).unwrap(), RowState::Deleted);
    assert_eq!((s[second].editor_id, s[second].author_id), (None, bob));
    assert_eq!(s[third].author_id, s[new].id);
    let left = Post::find().order_by(Post::ID).all(&fresh.db);
    assert_eq!(left.await.unwrap().len(), 2);
    s.rollback().await.unwrap();
    assert_eq!((s[first].author_id, s[second].editor_id), (ada, Some(ada)));
    assert!(s.changes().is_empty());
}

#[tokio::test]
async fn what_is_moved_away_is_moved_before_its_old_owner_goes() {
    let (fresh, mut s) = shop().await;
    let [ada, bob] = [s.add(new_user("Ada")), s.add(new_user("Bob"))];
    let key = s.key(ada);
    let post = s.add(new_post(key, "a"));
    s.commit().await.unwrap();
    let cyd = s.add(new_user("Cyd"));
    s[post].author_id = s.key(cyd);
    s[bob].age = Some(1);
    s.remove(ada);
    s.commit().await.unwrap();
    // It would have gone with its author.
    let stored = Post::find().one(&fresh.db).await.unwrap();
    assert_eq!(
        (stored.author_id, s.state(post).unwrap()),
        (s[cyd].id, RowState::Clean)
    );
}

#[tokio::test]
async fn what_would_go_along_is_changed_before() {
    let (fresh, mut s) = shop().await;
    let ada = s.add(new_user("Ada"));
    let key = s.key(ada);
    let post = s.add(new_post(key, "a"));
    s.commit().await.unwrap();
    s[post].title = "b".into();
    s.remove(ada);
    let new = s.add(new_user("Bob"));
    s.commit().await.unwrap();
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 0);
    assert!(s.try_row(post).is_err());
    assert_eq!(s[new].name, "Bob");
}

#[derive(Entity, Debug, PartialEq)]
#[orm(table = "countries", insert(NewCountry))]
struct Country {
    #[orm(primary_key)]
    code: String,
    name: String,
}

#[derive(Entity, Debug)]
#[orm(table = "cities", insert(NewCity))]
struct City {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Country, on_delete = "cascade"))]
    country: String,
    name: String,
}

#[derive(Entity, Debug)]
#[orm(table = "streets", insert(NewStreet))]
struct Street {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(City, on_delete = "cascade"))]
    city_id: i64,
    name: String,
}

fn country(name: &str) -> NewCountry {
    NewCountry {
        code: "SU".into(),
        name: name.into(),
    }
}

fn city(name: &str) -> NewCity {
    NewCity {
        country: "SU".into(),
        name: name.into(),
    }
}

#[tokio::test]
async fn a_key_that_somebody_gives_is_free_again_at_once() {
    let (fresh, mut s) = shop_of(entities![Country, City, Street]).await;
    let old = s.add(country("Old"));
    let gone = s.add(city("Gone"));
    s.commit().await.unwrap();
    s.remove(old);
    let new = s.add(country("New"));
    let stays = s.add(city("Stays"));
    s.flush().await.unwrap();
    // Those of the new one are not taken for those of the old one.
    assert_eq!(s.state(gone).unwrap(), RowState::Deleted);
    assert_eq!(s.state(stays).unwrap(), RowState::Clean);
    assert_eq!(s.get::<Country>("SU".to_owned()).await.unwrap(), new);
    s.rollback().await.unwrap();
    assert_eq!(s.get::<Country>("SU".to_owned()).await.unwrap(), old);
    assert_eq!(s[old].name, "Old");
    s.remove(old);
    let new = s.add(country("New"));
    s.flush().await.unwrap();
    // Once more, because all of it is lost.
    s.add(country("Another"));
    let taken = s.flush().await.unwrap_err();
    assert!(taken.is_unique_violation());
    let bad = s.failure().unwrap().row::<Country>().unwrap();
    s.remove(bad);
    s.commit().await.unwrap();
    assert_eq!(Country::find().one(&fresh.db).await.unwrap(), s[new]);
    assert_eq!(s.get::<Country>("SU".to_owned()).await.unwrap(), new);
}

#[tokio::test]
async fn what_goes_along_further_down_is_written_before() {
    let (_fresh, mut s) = shop_of(entities![Country, City, Street]).await;
    let old = s.add(country("Old"));
    let city = s.add(city("Gone"));
    let city_id = s.key(city);
    let name = "Old street".into();
    let street = s.add(NewStreet { city_id, name });
    s.commit().await.unwrap();
    s.remove(old);
    s[street].name = "New street".into();
    s.add(NewCountry {
        code: "RU".into(),
        name: "New".into(),
    });
    s.commit().await.unwrap();
    assert!(s.try_row(city).is_err() && s.try_row(street).is_err());
}

#[derive(Entity, Debug)]
#[orm(table = "teams", insert(NewTeam))]
pub(crate) struct Team {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(unique)]
    pub name: String,
    #[orm(references(Player))]
    pub captain_id: Option<i64>,
}

#[derive(Entity, Debug)]
#[orm(table = "players", insert(NewPlayer))]
pub(crate) struct Player {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Team))]
    pub team_id: i64,
    #[orm(unique)]
    pub name: String,
}

#[tokio::test]
async fn in_a_circle_a_row_goes_behind_what_lets_go_of_it() {
    let (fresh, mut s) = shop_of(entities![Team, Player]).await;
    let red = s.add(NewTeam {
        name: "Red".into(),
        captain_id: None,
    });
    let team_id = s.key(red);
    let name = "Ada".to_owned();
    let ada = s.add(NewPlayer { team_id, name });
    s.new_row_mut::<NewTeam>(red).unwrap().captain_id = Some(s.key(ada));
    s.commit().await.unwrap();
    // One captain for another, and the old one leaves.
    let (team_id, name) = (s[red].id, "Bob".to_owned());
    let bob = s.add(NewPlayer { team_id, name });
    s[red].captain_id = Some(s.key(bob));
    s.remove(ada);
    s.commit().await.unwrap();
    let stored = Player::find().one(&fresh.db).await.unwrap();
    assert_eq!((stored.id, s[red].captain_id), (s[bob].id, Some(stored.id)));
    // Nobody holds the new captain, but its name is taken as long as the old one is needed.
    let name = "Bob".to_owned();
    let other = s.add(NewPlayer { team_id, name });
    s[red].captain_id = Some(s.key(other));
    s.remove(bob);
    let taken = s.commit().await.unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::UniqueViolation);
    s.rollback().await.unwrap();
    s[red].captain_id = None;
    s.flush().await.unwrap();
    s.remove(bob);
    let name = "Bob".to_owned();
    let other = s.add(NewPlayer { team_id, name });
    s.commit().await.unwrap();
    assert_eq!(Player::find().one(&fresh.db).await.unwrap().id, s[other].id);
}
