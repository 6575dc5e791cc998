//! Names of every kind are quoted, and values of every kind stay values.

use crate::blog::{NewUser, User, blog, new_user};
use crate::fresh::{fresh, fresh_after};
use ormcore::{Condition, Entity, Many, One, entities, sql};

#[derive(Entity, Debug, Clone)]
#[orm(
    table = "we\"ird '; DROP TABLE \"x\"; --",
    schema = "Sch\"ema 1",
    insert(NewOdd),
    patch(OddPatch)
)]
struct Odd {
    #[orm(primary_key, generated, rename = "Select")]
    id: i64,
    #[orm(rename = "a \"b\" c")]
    spaced: String,
    #[orm(rename = "ünï 🦀")]
    unicode: Option<i32>,
    #[orm(rename = "order", default = "'new'")]
    order: String,
    #[orm(rename = "$1; --")]
    placeholder: Vec<String>,
    #[orm(rename = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    longest: bool,
    #[orm(rename = "it's {} \\ %s", references(Odd))]
    parent_id: Option<i64>,
    #[orm(belongs_to(key = parent_id))]
    parent: One<Option<Odd>>,
    #[orm(has_many(Odd, key = parent_id))]
    children: Many<Odd>,
}

fn odd(spaced: &str, parent_id: Option<i64>) -> NewOdd {
    NewOdd {
        spaced: spaced.into(),
        unicode: Some(1),
        order: None,
        placeholder: vec!["a".into()],
        longest: true,
        parent_id,
    }
}

#[tokio::test]
async fn every_identifier_is_quoted_everywhere() {
    let fresh = fresh_after("CREATE SCHEMA \"Sch\"\"ema 1\"; CREATE TABLE x ()").await;
    for _ in 0..2 {
        let create = ormcore::schema::create(&fresh.db, entities![Odd]);
        create.await.unwrap();
    }
    let one = Odd::insert(odd("one", None)).one(&fresh.db).await.unwrap();
    let rows = vec![odd("two", Some(one.id)), odd("three", Some(one.id))];
    let rows = Odd::insert_many(rows).all(&fresh.db).await.unwrap();
    assert_eq!((&*rows[1].spaced, &*rows[1].order), ("three", "new"));
    assert_eq!(rows[1].parent_id, Some(one.id));
    assert!(rows[1].longest && rows[1].placeholder == ["a"]);
    let copied = Odd::copy_in([odd("four", Some(one.id))]);
    for stored in [
        copied.execute(&fresh.db).await,
        Odd::copy_in([odd("five", None)]).execute(&fresh.db).await,
    ] {
        assert_eq!(stored.unwrap(), 1);
    }
    let four = Odd::find()
        .filter(Odd::SPACED.eq("four"))
        .one(&fresh.db)
        .await
        .unwrap();
    assert_eq!(
        (four.placeholder, four.parent_id),
        (vec!["a".to_owned()], Some(one.id))
    );
    Odd::delete()
        .filter(Odd::SPACED.in_(["four", "five"]))
        .execute(&fresh.db)
        .await
        .unwrap();
    let update = Odd::update(rows[0].id).set(Odd::UNICODE, 2);
    let patch = OddPatch {
        order: Some("patched".into()),
        ..OddPatch::default()
    };
    let patched = update.patch(patch).one(&fresh.db).await.unwrap();
    assert_eq!((patched.unicode, &*patched.order), (Some(2), "patched"));
    let found = Odd::find()
        .filter(Odd::SPACED.ilike("t%") & Odd::UNICODE.in_([1, 2]) & Odd::PARENT_ID.is_not_null())
        .filter(!Odd::PLACEHOLDER.eq(vec![]) & Odd::LONGEST.eq(true))
        .order_by(Odd::SPACED)
        .order_by(Odd::ORDER.desc().nulls_last());
    let found = found.limit(1).all(&fresh.db).await.unwrap();
    assert_eq!(found[0].spaced, "three");
    for (parent, children) in [
        (
            Odd::PARENT.order_by(Odd::ID),
            Odd::CHILDREN.order_by(Odd::SPACED),
        ),
        (
            Odd::PARENT.joined(),
            Odd::CHILDREN.order_by(Odd::SPACED).joined(),
        ),
    ] {
        let find = Odd::find().filter(Odd::SPACED.eq("two"));
        let two = find.with(parent.with(children)).one(&fresh.db).await;
        let two = two.unwrap();
        let one = two.parent.get().unwrap().unwrap();
        assert_eq!(one.children.get().unwrap()[0].spaced, "three");
    }
    assert_eq!(one.children.load(&fresh.db).await.unwrap().len(), 2);
    let raw = sql("SELECT * FROM \"Sch\"\"ema 1\".\"we\"\"ird '; DROP TABLE \"\"x\"\"; --\"");
    assert_eq!(raw.all::<Odd>(&fresh.db).await.unwrap().len(), 3);
    let delete = Odd::delete().filter(Odd::PARENT_ID.eq(one.id));
    assert_eq!(delete.execute(&fresh.db).await.unwrap(), 2);
    sql("DROP TABLE x").execute(&fresh.db).await.unwrap();
}

#[derive(Entity, Debug)]
#[orm(
    table = "a_table_whose_name_is_as_long_as_postgresql_allows_to_be_at_all",
    insert(NewLong)
)]
struct Long {
    #[orm(primary_key)]
    id: i64,
    #[orm(references(Long))]
    first_id: Option<i64>,
    #[orm(references(Long))]
    other_id: Option<i64>,
}

#[tokio::test]
async fn foreign_keys_of_a_long_name_are_all_made_and_made_once() {
    let fresh = fresh(entities![Long]).await;
    let create = ormcore::schema::create(&fresh.db, entities![Long]);
    create.await.unwrap();
    for (first_id, other_id) in [(Some(9), None), (None, Some(9))] {
        let id = 1;
        let row = NewLong {
            id,
            first_id,
            other_id,
        };
        let error = Long::insert(row).one(&fresh.db).await.unwrap_err();
        assert!(error.is_foreign_key_violation());
    }
    let own = Long::insert(NewLong {
        id: 1,
        first_id: Some(1),
        other_id: None,
    });
    let own = own.one(&fresh.db).await.unwrap();
    assert_eq!((own.first_id, own.other_id), (Some(1), None));
    let made = sql("SELECT FROM pg_constraint WHERE contype = 'f'").execute(&fresh.db);
    assert_eq!(made.await.unwrap(), 2);
}

/// What has broken programs before.
const ATTACKS: [&str; 16] = [
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "\\'; DROP TABLE users; --",
    "$1",
    "$1'); DELETE FROM users; --",
    "{0}",
    "%",
    "_",
    "%' OR name LIKE '%",
    "\\",
    "NULL",
    "{\"a\",NULL}",
    "/* */ -- \n ;",
    "\u{2019} OR 1=1",
    "E'\\x27'",
];

#[tokio::test]
async fn a_value_is_a_value_whatever_it_says() {
    let blog = blog().await;
    let users = ATTACKS.iter().enumerate().map(|(n, attack)| NewUser {
        name: (*attack).into(),
        ..new_user(&n.to_string())
    });
    let users = User::insert_many(users.collect());
    let users = users.all(&blog.db).await.unwrap();
    for (user, attack) in users.iter().zip(ATTACKS) {
        assert_eq!(user.name, attack);
        let only = |condition: Condition<User>| {
            let find = User::find().filter(condition);
            let db = blog.db.clone();
            async move { find.one(&db).await.map(|found| found.id) }
        };
        assert_eq!(only(User::NAME.eq(attack)).await.unwrap(), user.id);
        assert_eq!(only(User::NAME.in_([attack])).await.unwrap(), user.id);
        let others = User::find().filter(User::NAME.not_in([attack]));
        assert_eq!(others.count(&blog.db).await.unwrap(), 15);
        let between = User::NAME.between(attack, attack);
        assert_eq!(only(between).await.unwrap(), user.id);
        for condition in [
            User::NAME.starts_with(attack),
            User::NAME.ends_with(attack),
            User::NAME.contains(attack),
        ] {
            let found = User::find().filter(condition).all(&blog.db).await;
            let found = found.unwrap();
            assert!(found.iter().all(|found| found.name.contains(attack)));
            assert!(found.iter().any(|found| found.id == user.id));
        }
        let raw = sql("SELECT * FROM users WHERE name = $1").bind(attack.to_owned());
        assert_eq!(raw.one::<User>(&blog.db).await.unwrap().id, user.id);
        let renamed = format!("{attack}{attack}");
        let update = User::update(user.id).set(User::NAME, &renamed);
        assert_eq!(update.one(&blog.db).await.unwrap().name, renamed);
        let back = User::update_many().filter(User::NAME.eq(&renamed));
        let back = back.set(User::NAME, attack).execute(&blog.db).await;
        assert_eq!(back.unwrap(), 1);
    }
    for statement in blog.statements() {
        assert!(
            !statement.contains("DROP") && !statement.contains("1=1"),
            "{statement}"
        );
    }
    assert_eq!(User::find().count(&blog.db).await.unwrap(), 16);
}

#[derive(Entity, Debug)]
#[orm(table = "pages", insert(NewPage))]
struct Page {
    #[orm(primary_key)]
    path: String,
    #[orm(references(Page))]
    above: Option<String>,
    #[orm(belongs_to(key = above))]
    parent: One<Option<Page>>,
    #[orm(has_many(Page, key = above))]
    pages: Many<Page>,
}

#[tokio::test]
async fn a_key_is_a_value_whatever_it_says() {
    let fresh = fresh(entities![Page]).await;
    let page = |path: &str, above: Option<&str>| NewPage {
        path: path.into(),
        above: above.map(str::to_owned),
    };
    let pages = ATTACKS.iter().map(|attack| page(attack, None)).collect();
    Page::insert_many(pages).execute(&fresh.db).await.unwrap();
    for attack in ATTACKS {
        let below = page(&format!("{attack}/{attack}"), Some(attack));
        let below = Page::insert(below).one(&fresh.db).await.unwrap();
        assert_eq!(below.above.as_deref(), Some(attack));
        let parent = below.parent.load(&fresh.db).await.unwrap();
        assert_eq!(parent.unwrap().path, attack);
        let page = Page::get(attack).one(&fresh.db).await.unwrap();
        assert_eq!(page.pages.load(&fresh.db).await.unwrap().len(), 1);
    }
    let all = Page::find().filter(Page::ABOVE.is_null()).with(Page::PAGES);
    let all = all.all(&fresh.db).await.unwrap();
    assert_eq!(all.len(), 16);
    assert!(all.iter().all(|page| page.pages.get().unwrap().len() == 1));
    for attack in ATTACKS {
        let delete = Page::delete().filter(Page::ABOVE.eq(attack));
        assert_eq!(delete.execute(&fresh.db).await.unwrap(), 1);
        let delete = Page::delete().key(attack).execute(&fresh.db).await;
        assert_eq!(delete.unwrap(), 1);
    }
    assert_eq!(Page::find().count(&fresh.db).await.unwrap(), 0);
}
