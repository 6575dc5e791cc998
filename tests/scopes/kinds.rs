//! Rows of several kinds, each of one tenant: whoever asks for all kinds gets those of its tenant, as whoever asks for one does.

use crate::fresh::{Fresh, fresh};
use ormcore::{Entity, ErrorKind, Many, One, Value, entities};

#[derive(Value, Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct TenantId(i64);

#[derive(Entity, Debug)]
#[orm(table = "owners", insert(NewOwner))]
struct Owner {
    #[orm(primary_key)]
    id: i64,
    #[orm(scope)]
    tenant_id: TenantId,
    name: String,
    #[orm(has_many(Pet, key = owner_id))]
    pets: Many<Pet>,
}

#[derive(Entity, Debug)]
#[orm(table = "pets", kind(column = "kind", value = "dog"), insert(NewDog))]
struct Dog {
    #[orm(primary_key)]
    id: i64,
    #[orm(scope)]
    tenant_id: TenantId,
    owner_id: i64,
    breed: String,
    sitter_id: i64,
    #[orm(belongs_to(key = owner_id))]
    owner: One<Owner>,
    #[orm(belongs_to(key = sitter_id))]
    sitter: One<Owner>,
}

#[derive(Entity, Debug)]
#[orm(table = "pets", kind(column = "kind", value = "cat"), insert(NewCat))]
struct Cat {
    #[orm(primary_key)]
    id: i64,
    owner_id: i64,
    #[orm(scope)]
    tenant_id: TenantId,
    #[orm(belongs_to(key = owner_id))]
    owner: One<Owner>,
}

#[derive(Entity, Debug)]
#[orm(
    columns(id: i64, owner_id: i64, tenant_id: TenantId),
    belongs_to(owner: One<Owner>)
)]
enum Pet {
    Dog(Dog),
    Cat(Cat),
}

/// Two tenants with the same keys: an owner, a dog and a cat each.
async fn pets() -> Fresh {
    let fresh = fresh(entities![Owner, Pet]).await;
    for tenant in [1, 2] {
        let db = fresh.db.scope(TenantId(tenant));
        let name = format!("owner of {tenant}");
        let owner = Owner::insert(NewOwner { id: 1, name }).one(&db).await;
        assert_eq!(owner.expect("an owner").tenant_id, TenantId(tenant));
        let dog = NewDog {
            id: 1,
            owner_id: 1,
            breed: format!("breed {tenant}"),
            sitter_id: 1,
        };
        Dog::insert(dog).one(&db).await.expect("a dog");
        let cat = NewCat { id: 2, owner_id: 1 };
        Cat::insert(cat).one(&db).await.expect("a cat");
    }
    fresh.statements();
    fresh
}

fn owner(pet: &Pet) -> &Owner {
    let owner = match pet {
        Pet::Dog(dog) => &dog.owner,
        Pet::Cat(cat) => &cat.owner,
    };
    owner.get().expect("loaded")
}

#[tokio::test]
async fn all_kinds_of_one_tenant_are_found() {
    let pets = pets().await;
    for tenant in [TenantId(1), TenantId(2)] {
        let find = || Pet::find().order_by(Pet::ID);
        let named = format!("owner of {}", tenant.0);
        for found in [
            find().scope(tenant).with(Pet::OWNER).all(&pets.db).await,
            find()
                .with(Pet::OWNER.joined())
                .all(&pets.db.scope(tenant))
                .await,
        ] {
            let found = found.unwrap();
            assert!(matches!(found.as_slice(), [Pet::Dog(_), Pet::Cat(_)]));
            assert!(found.iter().all(|pet| owner(pet).name == named));
        }
        for wish in [
            Dog::SITTER.order_by(Owner::ID),
            Dog::SITTER.joined(),
            Dog::SITTER.lateral(),
        ] {
            let dogs = find().filter(Dog::BREED.eq(format!("breed {}", tenant.0)));
            let dogs = dogs.scope(tenant).with(wish).all(&pets.db).await.unwrap();
            let [Pet::Dog(dog)] = dogs.as_slice() else {
                panic!("no dog");
            };
            assert_eq!(dog.sitter.get().unwrap().name, named);
        }
        let one = Pet::get(2).scope(tenant).one(&pets.db).await.unwrap();
        assert!(matches!(one, Pet::Cat(cat) if cat.tenant_id == tenant));
        let owners = Owner::find().scope(tenant).with(Owner::PETS);
        let owners = owners.all(&pets.db).await.unwrap();
        assert_eq!(owners[0].pets.get().unwrap().len(), 2);
        let changed = Pet::update_many().scope(tenant).filter(Dog::BREED.ne(""));
        let changed = changed.set(Pet::OWNER_ID, 1).all(&pets.db).await.unwrap();
        assert!(matches!(changed.as_slice(), [Pet::Dog(dog)] if dog.tenant_id == tenant));
    }
    let all = Pet::find()
        .all_scopes()
        .with(Pet::OWNER)
        .with(Dog::SITTER.joined());
    let all = all.all(&pets.db).await.unwrap();
    assert_eq!(all.len(), 4);
    for pet in &all {
        let (Pet::Dog(Dog { tenant_id, .. }) | Pet::Cat(Cat { tenant_id, .. })) = pet;
        assert_eq!(owner(pet).tenant_id, *tenant_id);
    }
    let gone = Pet::delete().scope(TenantId(2)).all_rows();
    assert_eq!(gone.execute(&pets.db).await.unwrap(), 2);
    assert_eq!(Pet::find().all_scopes().count(&pets.db).await.unwrap(), 2);
    let missing = Pet::find().filter(Dog::BREED.ne("")).all(&pets.db).await;
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::ScopeMissing);
}
