//! Rows of several kinds asked for together: what one kind has, or all have, can be asked about, brought along and brought back.

use crate::fresh::{Fresh, fresh};
use chrono::{DateTime, Utc};
use ormcore::{Alias, Condition, Entity, ErrorKind, IntoCondition, Many, One, Update, entities};

#[derive(Entity, Debug)]
#[orm(table = "keepers", insert(NewKeeper))]
pub(crate) struct Keeper {
    #[orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) name: String,
    #[orm(has_many(Animal, key = keeper_id))]
    pub(crate) animals: Many<Animal>,
}

#[derive(Entity, Debug)]
#[orm(
    table = "animals",
    kind(column = "kind", value = "dog"),
    insert(NewDog, derive(Clone))
)]
pub(crate) struct Dog {
    #[orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) keeper_id: i64,
    pub(crate) helper_id: Option<i64>,
    pub(crate) age: i32,
    pub(crate) breed: Option<String>,
    pub(crate) trained: bool,
    #[orm(version)]
    pub(crate) version: i32,
    #[orm(soft_delete)]
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    #[orm(belongs_to(key = keeper_id))]
    pub(crate) keeper: One<Keeper>,
    #[orm(belongs_to(key = helper_id))]
    pub(crate) helper: One<Option<Keeper>>,
    #[orm(has_many(Walk, key = dog_id))]
    pub(crate) walks: Many<Walk>,
    #[orm(has_one(Walk, key = dog_id, when = longest))]
    pub(crate) longest: One<Option<Walk>>,
    #[orm(many_to_many(Keeper, through = Walk, here = dog_id, there = walker_id))]
    pub(crate) walkers: Many<Keeper>,
}

/// It has a helper too, but no relation says so.
#[derive(Entity, Debug)]
#[orm(
    table = "animals",
    kind(column = "kind", value = "cat"),
    insert(NewCat)
)]
pub(crate) struct Cat {
    pub(crate) lives: i32,
    pub(crate) age: i32,
    pub(crate) helper_id: Option<i64>,
    pub(crate) keeper_id: i64,
    #[orm(version)]
    pub(crate) version: i32,
    #[orm(soft_delete)]
    pub(crate) deleted_at: Option<DateTime<Utc>>,
    #[orm(primary_key)]
    pub(crate) id: i64,
    #[orm(belongs_to(key = keeper_id))]
    pub(crate) keeper: One<Keeper>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a dog has more relations than a cat"
)]
#[derive(Entity, Debug)]
#[orm(
    columns(id: i64, keeper_id: i64, version: i32, deleted_at: Option<DateTime<Utc>>),
    belongs_to(keeper: One<Keeper>)
)]
pub(crate) enum Animal {
    Dog(Dog),
    Cat(Cat),
}

#[derive(Entity, Debug)]
#[orm(table = "walks", insert(NewWalk))]
pub(crate) struct Walk {
    #[orm(primary_key)]
    pub(crate) id: i64,
    pub(crate) dog_id: i64,
    pub(crate) walker_id: i64,
    pub(crate) miles: i32,
    #[orm(belongs_to(key = walker_id))]
    pub(crate) walker: One<Keeper>,
}

fn longest() -> Condition<Walk> {
    Walk::MILES.ge(3)
}

/// The dogs 1 to 3, and the cats 4 and 5; 1, 3 and 4 are kept by Ada, 2 and 5 by Bob. Whoever has a helper has Bob.
pub(crate) async fn zoo() -> Fresh {
    let zoo = fresh(entities![Keeper, Animal, Walk]).await;
    let db = &zoo.db;
    let keepers = [(1, "Ada"), (2, "Bob")].map(|(id, name)| NewKeeper {
        id,
        name: name.into(),
    });
    let keepers = Keeper::insert_many(keepers.into()).execute(db).await;
    assert_eq!(keepers.expect("keepers"), 2);
    let dog = |id, keeper_id, breed: Option<&str>, helper_id| NewDog {
        id,
        keeper_id,
        helper_id,
        age: i32::try_from(id).expect("a small number"),
        breed: breed.map(Into::into),
        trained: id == 1,
    };
    let dogs = vec![
        dog(1, 1, Some("setter"), Some(2)),
        dog(2, 2, Some("poodle"), None),
        dog(3, 1, None, Some(2)),
    ];
    assert_eq!(Dog::insert_many(dogs).execute(db).await.expect("dogs"), 3);
    let cat = |id, keeper_id, helper_id| NewCat {
        lives: 7,
        age: i32::try_from(id).expect("a small number"),
        helper_id,
        keeper_id,
        id,
    };
    let cats = vec![cat(4, 1, Some(2)), cat(5, 2, None)];
    assert_eq!(Cat::insert_many(cats).execute(db).await.expect("cats"), 2);
    let walks = [(1, 1, 1, 2), (2, 1, 2, 3), (3, 2, 2, 1), (4, 4, 1, 9)];
    let walks = walks.map(|(id, dog_id, walker_id, miles)| NewWalk {
        id,
        dog_id,
        walker_id,
        miles,
    });
    let walks = Walk::insert_many(walks.into()).execute(db).await;
    assert_eq!(walks.expect("walks"), 4);
    zoo.statements();
    zoo
}

async fn ids(zoo: &Fresh, condition: impl IntoCondition<Animal>) -> Vec<i64> {
    let found = Animal::find().filter(condition).order_by(Animal::ID);
    let found = found.all(&zoo.db).await.expect("animals");
    found.iter().map(Entity::key).collect()
}

#[tokio::test]
async fn deleted_rows_of_every_kind_are_seen_by_whoever_asks_and_come_back() {
    let zoo = zoo().await;
    let db = &zoo.db;
    let gone = Animal::delete().filter(Animal::ID.ge(3)).execute(db).await;
    assert_eq!(gone.unwrap(), 3);
    assert_eq!(Animal::find().count(db).await.unwrap(), 2);
    assert_eq!(Animal::find().with_deleted().count(db).await.unwrap(), 5);
    let bin = Animal::find().only_deleted().order_by(Animal::ID);
    let bin: Vec<i64> = bin.all(db).await.unwrap().iter().map(Entity::key).collect();
    assert_eq!(bin, [3, 4, 5]);
    assert!(Animal::get(4).maybe(db).await.unwrap().is_none());
    let cat = Animal::get(4).with_deleted().one(db).await.unwrap();
    assert!(matches!(&cat, Animal::Cat(cat) if cat.deleted_at.is_some() && cat.version == 2));
    let all = Animal::find().filter(Dog::DELETED_AT.is_not_null());
    assert_eq!(all.with_deleted().count(db).await.unwrap(), 1);

    assert_eq!(Animal::restore(4).one(db).await.unwrap().key(), 4);
    let dog = Update::<Animal>::restore(3).version(2).one(db).await;
    assert!(matches!(dog.unwrap(), Animal::Dog(_)));
    assert_eq!(Animal::find().count(db).await.unwrap(), 4);
    let stale = Animal::update(4).version(2).set(Animal::KEEPER_ID, 2);
    let stale = stale.execute(db).await.unwrap_err();
    assert_eq!(stale.kind(), ErrorKind::StaleVersion);
    let hard = Animal::delete().key(5).hard().execute(db).await.unwrap();
    let hard_too = Animal::delete().key(4).hard().execute(db).await.unwrap();
    // What is marked already can still be removed.
    assert_eq!((hard, hard_too), (1, 1));
    let each = Animal::update_each(Animal::KEEPER_ID, [(1, 2), (2, 1), (5, 1)]);
    assert_eq!(each.execute(db).await.unwrap(), 2);
}

#[tokio::test]
async fn a_column_that_one_kind_has_is_asked_about_and_other_kinds_do_not_match() {
    let zoo = zoo().await;
    let db = &zoo.db;
    zoo.statements();
    assert_eq!(ids(&zoo, Dog::BREED.eq("setter")).await, [1]);
    let statements = zoo.statements();
    let filter = r#"WHERE ("kind" = 'dog' AND "breed" = $1) AND "deleted_at" IS NULL"#;
    assert!(statements[0].contains(filter), "{statements:?}");
    // Cats have no breed either, but are no dogs without one.
    assert_eq!(ids(&zoo, Dog::BREED.is_null()).await, [3]);
    assert_eq!(ids(&zoo, !Dog::BREED.eq("setter")).await, [2]);
    assert_eq!(ids(&zoo, Dog::TRAINED).await, [1]);
    assert_eq!(ids(&zoo, Dog::TRAINED.ne(Dog::TRAINED)).await, [0_i64; 0]);
    // A column that others have too, by the same name, is that of this kind all the same.
    assert_eq!(ids(&zoo, Dog::AGE.gt(1)).await, [2, 3]);
    assert_eq!(ids(&zoo, Cat::AGE.gt(1)).await, [4, 5]);
    assert_eq!(ids(&zoo, None::<Condition<Dog>>).await, [1, 2, 3, 4, 5]);
    assert_eq!(ids(&zoo, Condition::<Cat>::all([])).await, [4, 5]);
    let either = Dog::BREED.eq("poodle").among_kinds::<Animal>() | Cat::AGE.eq(4).among_kinds();
    assert_eq!(ids(&zoo, either & Animal::ID.gt(0)).await, [2, 4]);
    let neither = !Dog::AGE.ge(2).among_kinds::<Animal>();
    assert_eq!(ids(&zoo, neither).await, [1, 4, 5]);

    // Relations that one kind has; a walk of a cat is nobody's.
    assert_eq!(ids(&zoo, Dog::HELPER.exists()).await, [1, 3]);
    assert_eq!(
        ids(&zoo, Dog::HELPER.is(Keeper::NAME.eq("Bob"))).await,
        [1, 3]
    );
    assert_eq!(ids(&zoo, Dog::WALKS.any(Walk::MILES.gt(0))).await, [1, 2]);
    assert_eq!(ids(&zoo, Dog::WALKS.missing()).await, [3]);
    assert_eq!(ids(&zoo, Dog::WALKS.count().gt(1)).await, [1]);

    // Wherever rows of all kinds are named.
    let dogs = Keeper::find().filter(Keeper::ANIMALS.any(Dog::AGE.eq(3)));
    assert_eq!(dogs.one(db).await.unwrap().id, 1);
    let keepers = Keeper::find()
        .order_by(Keeper::ID)
        .with(Keeper::ANIMALS.filter(Cat::LIVES.eq(7)));
    let keepers = keepers.all(db).await.unwrap();
    let cats = keepers[0].animals.get().unwrap();
    assert!(matches!(cats, [Animal::Cat(cat)] if cat.id == 4));
    let keeper = Alias::<Keeper>::new("keeper");
    let joined = Animal::find()
        .join(keeper, keeper.col(Keeper::ID).eq(Animal::KEEPER_ID))
        .filter(Dog::KEEPER_ID.lt(keeper.col(Keeper::ID) + 1))
        .filter(keeper.col::<Animal, _>(Keeper::NAME).eq("Ada"));
    assert_eq!(joined.count(db).await.unwrap(), 2);
    let older = Animal::update_many()
        .filter(Cat::AGE.eq(5))
        .set(Animal::KEEPER_ID, 1);
    assert_eq!(older.execute(db).await.unwrap(), 1);
    let gone = Animal::delete().filter(Dog::AGE.gt(1)).execute(db).await;
    assert_eq!(gone.unwrap(), 2);
    assert_eq!(ids(&zoo, Animal::KEEPER_ID.eq(1)).await, [1, 4, 5]);
}

/// The id of each animal, and that of its helper, if it is a dog and has one.
fn helpers(animals: &[Animal]) -> Vec<(i64, Option<i64>)> {
    let helper = |animal: &Animal| match animal {
        Animal::Dog(dog) => dog.helper.get().expect("loaded").map(|helper| helper.id),
        Animal::Cat(_) => None,
    };
    animals.iter().map(|row| (row.key(), helper(row))).collect()
}

/// The miles of each dog's walks.
fn miles(animals: &[Animal]) -> Vec<(i64, Vec<i32>)> {
    let dogs = animals.iter().filter_map(|animal| match animal {
        Animal::Dog(dog) => Some(dog),
        Animal::Cat(_) => None,
    });
    let walks = |dog: &Dog| -> Vec<i32> {
        let walks = dog.walks.get().expect("loaded");
        walks.iter().map(|walk| walk.miles).collect()
    };
    dogs.map(|dog| (dog.id, walks(dog))).collect()
}

#[tokio::test]
async fn what_one_kind_leads_to_comes_along_with_rows_of_all_in_one_statement() {
    let zoo = zoo().await;
    let db = &zoo.db;
    let find = || Animal::find().order_by(Animal::ID);
    zoo.statements();
    let animals = find().with(Dog::HELPER).all(db).await.unwrap();
    let of_dogs = [(1, Some(2)), (2, None), (3, Some(2)), (4, None), (5, None)];
    assert_eq!(helpers(&animals), of_dogs);
    assert_eq!(zoo.statements().len(), 2);
    for wish in [Dog::HELPER.joined(), Dog::HELPER.lateral()] {
        let animals = find().with(wish).all(db).await.unwrap();
        assert_eq!(helpers(&animals), of_dogs);
        let statements = zoo.statements();
        assert_eq!(statements.len(), 1);
        // The cats have the column too, but not the relation.
        assert!(
            statements[0].contains(r#""kind" = 'dog'"#),
            "{statements:?}"
        );
    }

    let walks = || Dog::WALKS.order_by(Walk::ID);
    let all = [(1, vec![2, 3]), (2, vec![1]), (3, vec![])];
    for wish in [
        walks(),
        walks().joined(),
        walks().lateral(),
        walks().limit(9).joined(),
    ] {
        let animals = find().with(wish).all(db).await.unwrap();
        assert_eq!(miles(&animals), all);
    }
    let animals = find().with(walks().limit(1)).all(db).await.unwrap();
    assert_eq!(miles(&animals), [(1, vec![2]), (2, vec![1]), (3, vec![])]);
    zoo.statements();
    let animals = find()
        .with(walks().with(Walk::WALKER))
        .with(Dog::WALKERS.order_by(Keeper::ID))
        .with(Dog::LONGEST)
        .with(Dog::HELPER);
    let animals = animals.all(db).await.unwrap();
    assert_eq!(zoo.statements().len(), 6);
    let Animal::Dog(dog) = &animals[0] else {
        panic!("no dog");
    };
    assert_eq!(dog.walks.get().unwrap()[1].walker.get().unwrap().id, 2);
    let walkers = dog.walkers.get().unwrap().iter();
    assert_eq!(walkers.map(|walker| walker.id).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(dog.longest.get().unwrap().unwrap().miles, 3);
    let one = Animal::get(1).with(walks()).one(db).await.unwrap();
    assert_eq!(miles(&[one]), [(1, vec![2, 3])]);
    // Where nobody has it, nobody is asked for.
    zoo.statements();
    let cats = find().filter(Animal::ID.gt(3)).with(Dog::HELPER);
    assert_eq!(cats.all(db).await.unwrap().len(), 2);
    assert_eq!(zoo.statements().len(), 1);

    let keepers = || Keeper::find().order_by(Keeper::ID);
    let animals = || Keeper::ANIMALS.order_by(Animal::ID);
    for wish in [
        animals().with(walks()).with(Dog::HELPER),
        animals()
            .with(walks().joined())
            .with(Dog::HELPER.joined())
            .joined(),
        animals()
            .with(walks())
            .with(Dog::HELPER.lateral())
            .lateral(),
    ] {
        let keepers = keepers().with(wish).all(db).await.unwrap();
        let of_ada = keepers[0].animals.get().unwrap();
        assert_eq!(miles(of_ada), [(1, vec![2, 3]), (3, vec![])]);
        assert_eq!(helpers(of_ada), [(1, Some(2)), (3, Some(2)), (4, None)]);
        assert_eq!(miles(keepers[1].animals.get().unwrap()), [(2, vec![1])]);
    }
}

fn keeper(animal: &Animal) -> &One<Keeper> {
    match animal {
        Animal::Dog(dog) => &dog.keeper,
        Animal::Cat(cat) => &cat.keeper,
    }
}

#[tokio::test]
async fn a_relation_that_all_kinds_have_is_one_of_the_enum() {
    let zoo = zoo().await;
    let db = &zoo.db;
    let find = || Animal::find().order_by(Animal::ID);
    let named = |animals: &[Animal]| -> Vec<String> {
        let names = animals.iter().map(|row| keeper(row).get().expect("loaded"));
        names.map(|keeper| keeper.name.clone()).collect()
    };
    zoo.statements();
    let animals = find().with(Animal::KEEPER).all(db).await.unwrap();
    assert_eq!(named(&animals), ["Ada", "Bob", "Ada", "Ada", "Bob"]);
    assert_eq!(zoo.statements().len(), 2);
    for wish in [Animal::KEEPER.joined(), Animal::KEEPER.lateral()] {
        let animals = find().with(wish).all(db).await.unwrap();
        assert_eq!(named(&animals), ["Ada", "Bob", "Ada", "Ada", "Bob"]);
        assert_eq!(zoo.statements().len(), 1);
    }
    let of_ada = Animal::KEEPER.is(Keeper::NAME.eq("Ada"));
    assert_eq!(ids(&zoo, of_ada).await, [1, 3, 4]);
    let names = find().select((Animal::ID, Animal::KEEPER.get(Keeper::NAME)));
    let names: Vec<(i64, Option<String>)> = names.limit(1).all(db).await.unwrap();
    assert_eq!(names, [(1, Some("Ada".into()))]);
    let keepers = Keeper::find().with(Keeper::ANIMALS.with(Animal::KEEPER));
    let keepers = keepers.all(db).await.unwrap();
    let animals = keepers[0].animals.get().unwrap();
    assert_eq!(keeper(&animals[0]).get().unwrap().id, keepers[0].id);

    let mut s = db.session();
    let animals = s.all(find().with(Animal::KEEPER)).await.unwrap();
    zoo.statements();
    for animal in &animals {
        let keeper = s.related(*animal, Animal::KEEPER).unwrap().unwrap();
        let id = match &s[*animal] {
            Animal::Dog(dog) => dog.keeper_id,
            Animal::Cat(cat) => cat.keeper_id,
        };
        assert_eq!(s[keeper].id, id);
    }
    let mut s = db.session();
    let cat = s.get::<Animal>(5).await.unwrap();
    s.load(cat, Animal::KEEPER).await.unwrap();
    let bob = s.related(cat, Animal::KEEPER).unwrap().unwrap();
    assert_eq!(s[bob].name, "Bob");
}
