//! What is sent about rows of several kinds: `kinds_questions.sql`. It is made and checked as `questions.sql` is.

use crate::kinds_together::{Animal, Cat, Dog, Keeper, Walk, zoo};
use crate::questions::{Table, asked};
use ormcore::ErrorKind;

#[tokio::test]
async fn every_shape_has_its_words_and_the_server_takes_them() {
    let zoo = zoo().await;
    let (db, mut table) = (&zoo.db, Table::new(&zoo));
    let older = || Dog::AGE.gt(2).among_kinds::<Animal>() | Cat::LIVES.lt(7).among_kinds();
    asked! { table:
        Animal::find().all(db);
        Animal::find().with_deleted().order_by(Animal::ID).limit(2).all(db);
        Animal::find().only_deleted().count(db);
        Animal::get(1).with_deleted().maybe(db);
        Animal::find().filter(Dog::BREED.eq("setter")).all(db);
        Animal::find().filter(Dog::BREED.is_null()).filter(Dog::TRAINED).exists(db);
        Animal::find().filter(older()).count(db);
        Animal::find().filter(Dog::AGE.gt(2).among_kinds::<Animal>() & Animal::ID.gt(1)).count(db);
        Animal::find().filter(!older()).select(Animal::ID).all(db);
        Animal::find().filter(Dog::WALKS.any(Walk::MILES.gt(1))).all(db);
        Animal::find().filter(Dog::HELPER.is(Keeper::NAME.eq("Bob"))).all(db);
        Animal::find().filter(Animal::KEEPER.is(Keeper::NAME.eq("Ada"))).all(db);
        Animal::find().select((Animal::ID, Animal::KEEPER.get(Keeper::NAME))).all(db);
        Keeper::find().filter(Keeper::ANIMALS.any(Cat::LIVES.eq(7))).all(db);
        Animal::find().with(Animal::KEEPER).all(db);
        Animal::find().with(Animal::KEEPER.joined()).all(db);
        Animal::find().with(Dog::HELPER).with(Dog::WALKS.limit(1)).all(db);
        Animal::find().with(Dog::HELPER.joined()).all(db);
        Animal::find().with(Dog::HELPER.lateral()).all(db);
        Animal::find().with(Dog::WALKS.joined()).limit(2).all(db);
        Animal::find().with(Dog::WALKS.order_by(Walk::MILES).limit(1).joined()).all(db);
        Animal::find().with(Dog::WALKERS.joined()).all(db);
        Animal::find().with(Dog::WALKERS.limit(1).lateral()).all(db);
        Keeper::find().with(Keeper::ANIMALS.with(Dog::HELPER.joined()).joined()).all(db);
        Animal::update(4).version(1).set(Animal::KEEPER_ID, 2).execute(db);
        Animal::update_many().filter(Dog::BREED.eq("poodle")).set(Animal::KEEPER_ID, 1).all(db);
        Animal::update_each(Animal::KEEPER_ID, [(1, 1), (2, 2)]).execute(db);
        Animal::delete().filter(Cat::LIVES.eq(7)).execute(db);
        Animal::restore(4).one(db);
        Animal::delete().key(5).hard().execute(db);
    }
    table.end("kinds_questions.sql", 30).await;
}

#[tokio::test]
async fn a_session_of_an_enum_knows_what_all_kinds_lead_to() {
    let zoo = zoo().await;
    let mut s = zoo.db.session();
    let find = || Animal::find().filter(Animal::ID.in_([1, 4]));
    let find = || find().order_by(Animal::ID).with(Animal::KEEPER);
    // What one kind leads to is that kind's, and its rows would be known as two types.
    let refused = s.all(find().with(Dog::HELPER)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Usage);
    let text = refused.to_string();
    assert!(
        text.contains("does not know this relation of `Animal`"),
        "{text}"
    );
    let animals = s.all(find()).await.unwrap();
    let Animal::Dog(dog) = &s[animals[0]] else {
        panic!("no dog");
    };
    // What is the enum's is the session's.
    assert!(dog.keeper.is_unloaded());
    let keeper = s.related(animals[0], Animal::KEEPER).unwrap().unwrap();
    assert_eq!(Some(keeper), s.related(animals[1], Animal::KEEPER).unwrap());
    s[keeper].name = "Ann".into();
    assert_eq!(s.commit().await.unwrap().dirty, 1);
    let ann = Animal::find().filter(Animal::KEEPER.is(Keeper::NAME.eq("Ann")));
    assert_eq!(ann.count(&zoo.db).await.unwrap(), 3);
}
