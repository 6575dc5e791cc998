//! A row that has one other: whose foreign key is unique.

use crate::fresh::{Fresh, fresh, fresh_after};
use ormcore::{Entity, ErrorKind, One, entities, row};

#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "members", insert(NewMember))]
struct Member {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(has_one(Profile, key = member_id))]
    profile: One<Option<Profile>>,
    #[orm(has_one(Passport, key = id))]
    passport: One<Option<Passport>>,
}

#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "profiles", insert(NewProfile))]
struct Profile {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique, references(Member))]
    member_id: i64,
    motto: String,
    #[orm(belongs_to(key = member_id))]
    member: One<Member>,
}

/// Its key is its member's.
#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "passports", insert(NewPassport))]
struct Passport {
    #[orm(primary_key, references(Member))]
    id: i64,
    number: String,
}

/// Ada and Cy have a profile, Bob has none; only Bob has a passport.
async fn three() -> Fresh {
    let fresh = fresh(entities![Member, Profile, Passport]).await;
    let members = ["Ada", "Bob", "Cy"].map(|name| NewMember { name: name.into() });
    let members = Member::insert_many(members.into()).execute(&fresh.db);
    members.await.expect("members");
    let profiles = [(3, "slow"), (1, "fast")].map(|(member_id, motto)| NewProfile {
        member_id,
        motto: motto.into(),
    });
    let profiles = Profile::insert_many(profiles.into()).execute(&fresh.db);
    profiles.await.expect("profiles");
    let passport = Passport::insert(NewPassport {
        id: 2,
        number: "P2".into(),
    });
    passport.execute(&fresh.db).await.expect("a passport");
    fresh.statements();
    fresh
}

fn motto(member: &Member) -> Option<&str> {
    let profile = member.profile.get().expect("a look");
    profile.map(|profile| profile.motto.as_str())
}

#[tokio::test]
async fn it_is_loaded_in_every_way() {
    let club = three().await;
    for (profile, statements) in [
        (Member::PROFILE.order_by(Profile::ID), 2),
        (Member::PROFILE.joined(), 1),
        (Member::PROFILE.lateral(), 1),
    ] {
        let find = Member::find().order_by(Member::ID).with(profile);
        let members = find.all(&club.db).await.unwrap();
        let mottos: Vec<_> = members.iter().map(motto).collect();
        assert_eq!(mottos, [Some("fast"), None, Some("slow")]);
        assert_eq!(club.statements().len(), statements);
    }
    let members = Member::find().order_by(Member::ID).all(&club.db).await;
    for (member, expected) in members
        .unwrap()
        .iter()
        .zip([Some("fast"), None, Some("slow")])
    {
        let profile = member.profile.load(&club.db).await.unwrap();
        assert_eq!(profile.map(|profile| profile.motto.as_str()), expected);
        assert_eq!(motto(member), expected);
    }
    assert_eq!(club.statements().len(), 4);
}

#[tokio::test]
async fn it_can_be_filtered_and_have_relations_of_its_own() {
    let club = three().await;
    let fast = || {
        let fast = Member::PROFILE.filter(Profile::MOTTO.eq("fast"));
        fast.with(Profile::MEMBER)
    };
    for profile in [fast(), fast().joined(), fast().lateral()] {
        let find = Member::find().order_by(Member::ID).with(profile);
        let members = find.all(&club.db).await.unwrap();
        let mottos: Vec<_> = members.iter().map(motto).collect();
        assert_eq!(mottos, [Some("fast"), None, None]);
        let profile = members[0].profile.get().unwrap().unwrap();
        assert_eq!(profile.member.get().unwrap().name, "Ada");
    }
    let page = Member::find().order_by(Member::ID).limit(2).offset(1);
    let members = page.with(Member::PROFILE.joined()).all(&club.db).await;
    assert_eq!(
        members.unwrap().iter().map(motto).collect::<Vec<_>>(),
        [None, Some("slow")]
    );
}

#[tokio::test]
async fn a_key_that_is_the_primary_key_will_do() {
    let club = three().await;
    let find = Member::find().filter(Member::PASSPORT.exists());
    let members = find.with(Member::PASSPORT).all(&club.db).await.unwrap();
    let passport = members[0].passport.get().unwrap().unwrap();
    assert_eq!((members.len(), passport.number.as_str()), (1, "P2"));
}

#[tokio::test]
async fn it_can_be_asked_about_without_loading_it() {
    let club = three().await;
    let names = async |condition| {
        let find = Member::find().filter(condition).order_by(Member::ID);
        find.select(Member::NAME)
            .all(&club.db)
            .await
            .unwrap()
            .concat()
    };
    assert_eq!(names(Member::PROFILE.exists()).await, "AdaCy");
    assert_eq!(names(Member::PROFILE.missing()).await, "Bob");
    let slow = Member::PROFILE.is(Profile::MOTTO.eq("slow"));
    assert_eq!(names(slow).await, "Cy");
    let mottos: Vec<(Member, Option<String>)> = Member::find()
        .order_by(Member::PROFILE.get(Profile::MOTTO).asc().nulls_first())
        .select((row(), Member::PROFILE.get(Profile::MOTTO)))
        .all(&club.db)
        .await
        .unwrap();
    let mottos: Vec<_> = mottos.iter().map(|(_, motto)| motto.as_deref()).collect();
    assert_eq!(mottos, [None, Some("fast"), Some("slow")]);
}

/// The database does not keep what the struct says.
#[tokio::test]
async fn two_where_there_may_be_one_are_an_error() {
    let club = fresh_after(
        "CREATE TABLE members (id bigint PRIMARY KEY, name text NOT NULL);
         CREATE TABLE profiles (id bigint PRIMARY KEY, member_id bigint NOT NULL, motto text NOT NULL);
         INSERT INTO members VALUES (1, 'Ada'), (2, 'Bob');
         INSERT INTO profiles VALUES (1, 1, 'fast'), (2, 1, 'slow'), (3, 2, 'slow')",
    )
    .await;
    let find = || Member::find().order_by(Member::ID);
    let lazy = find().all(&club.db).await.unwrap();
    for error in [
        find()
            .with(Member::PROFILE)
            .all(&club.db)
            .await
            .unwrap_err(),
        find()
            .with(Member::PROFILE.joined())
            .all(&club.db)
            .await
            .unwrap_err(),
        lazy[0].profile.load(&club.db).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::TooManyRows);
        let text = error.to_string();
        let advice = "Member::PROFILE leads to several rows; give the column `member_id` a unique constraint";
        assert!(text.starts_with(advice), "{text}");
        assert!(text.contains("one_of_each.rs:"), "{text}");
    }
    assert_eq!(lazy[1].profile.load(&club.db).await.unwrap().unwrap().id, 3);
}
