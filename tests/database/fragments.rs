//! SQL of one's own at every place of a typed statement.

use crate::blog::{Post, User, blog, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::{
    Alias, Condition, Expression, Window, case, count, excluded, fragment, inserted, row_number,
};

/// Ada is 30, Bob 20, Cy has no age; posts "a" and "B" are Ada's, "c" is Bob's.
async fn people() -> Fresh {
    let blog = blog().await;
    let db = &blog.db;
    let mut new = ["Ada", "Bob", "Cy"].map(new_user);
    (new[0].age, new[1].age) = (Some(30), Some(20));
    let users = User::insert_many(new.into()).all(db).await.expect("users");
    let posts = [(0, "a"), (0, "B"), (1, "c")].map(|(user, title)| new_post(&users[user], title));
    Post::insert_many(posts.into())
        .execute(db)
        .await
        .expect("posts");
    blog.statements();
    blog
}

fn initials(names: &[String]) -> String {
    names.iter().map(|name| &name[..1]).collect()
}

#[tokio::test]
async fn rows_are_ordered_by_it() {
    let blog = people().await;
    let db = &blog.db;
    let by = |find: ormcore::Find<User>| find.select(User::NAME).all(db);
    let (from, to) = (20, 0);
    let plain = fragment!("coalesce(nullif({User::AGE}, {from}), {to})");
    let plain = User::find().order_by(plain).order_by(User::ID.desc());
    assert_eq!(initials(&by(plain).await.unwrap()), "CBA");
    let typed = fragment!("-{User::AGE}").as_::<Option<i32>>().desc();
    let typed = User::find().order_by(typed.nulls_last());
    assert_eq!(initials(&by(typed).await.unwrap()), "BAC");
    assert_eq!(
        blog.statements(),
        [
            r#"SELECT "name" FROM "users" ORDER BY (coalesce(nullif("age", $1::integer), $2::integer)), "id" DESC"#,
            r#"SELECT "name" FROM "users" ORDER BY (-"age") DESC NULLS LAST"#,
        ]
    );
    // In each owner's rows, of a selection, and in an aggregate.
    let posts = User::POSTS.order_by(fragment!("lower({Post::TITLE})").as_::<String>().desc());
    let ada = User::get(1).with(posts.limit(1)).one(db).await.unwrap();
    assert_eq!(ada.posts.get().unwrap()[0].title, "B");
    let titles = Post::find()
        .select(Post::TITLE)
        .order_by(fragment!("{Post::TITLE} COLLATE \"C\""));
    assert_eq!(titles.all(db).await.unwrap(), ["B", "a", "c"]);
    let joined = Post::TITLE
        .string_agg("")
        .order_by(fragment!("{Post::TITLE} COLLATE \"C\""));
    let joined = Post::find().select(joined).one(db).await.unwrap();
    assert_eq!(joined.as_deref(), Some("Bac"));
}

#[tokio::test]
async fn rows_are_grouped_and_told_apart_by_it() {
    let blog = people().await;
    let db = &blog.db;
    let (odd, two) = (|n: i32| fragment!("{Post::ID} % {n}").as_::<i64>(), 2);
    // What is selected and grouped by is one text, without a parameter that could differ.
    let rest = || fragment!("{Post::ID} % 2").as_::<i64>();
    let groups = Post::find()
        .select((rest(), count()))
        .group_by(rest())
        .order_by(rest());
    let groups: Vec<(i64, i64)> = groups.all(db).await.unwrap();
    assert_eq!(groups, [(0, 1), (1, 2)]);
    let counts = Post::find()
        .select(count())
        .group_by(odd(two))
        .order_by(count());
    assert_eq!(counts.all(db).await.unwrap(), [1, 2]);
    let having = Post::find()
        .select(Post::AUTHOR_ID)
        .group_by(Post::AUTHOR_ID);
    let having = having.having(fragment!("count(*) > {1}"));
    assert_eq!(having.one(db).await.unwrap(), 1);
    // Not an expression, but something to group by.
    let rollup = Post::find()
        .select((Expression::from(Post::AUTHOR_ID).nullable(), count()))
        .group_by(fragment!("ROLLUP ({Post::AUTHOR_ID})"))
        .order_by(
            Expression::from(Post::AUTHOR_ID)
                .nullable()
                .asc()
                .nulls_last(),
        );
    let rollup: Vec<(Option<i64>, i64)> = rollup.all(db).await.unwrap();
    assert_eq!(rollup, [(Some(1), 2), (Some(2), 1), (None, 3)]);
    blog.statements();
    let first = Post::find()
        .select(Post::TITLE)
        .distinct_on(fragment!("{Post::AUTHOR_ID} + 1"))
        .order_by(fragment!("{Post::AUTHOR_ID} + 1"))
        .order_by(Post::ID);
    assert_eq!(first.all(db).await.unwrap(), ["a", "c"]);
    assert_eq!(
        blog.statements(),
        [
            r#"SELECT DISTINCT ON (("author_id" + 1)) "title" FROM "posts" ORDER BY ("author_id" + 1), "id""#
        ]
    );
}

#[tokio::test]
async fn columns_are_set_to_it() {
    let blog = people().await;
    let db = &blog.db;
    let (more, less) = (10, 5);
    let update = User::update(1)
        .set(
            User::AGE,
            fragment!("{User::AGE} + {more}").as_::<Option<i32>>(),
        )
        .set(
            User::NAME,
            fragment!("{User::NAME} || {\"!\"}").as_::<String>(),
        );
    let ada = update.one(db).await.unwrap();
    assert_eq!((&*ada.name, ada.age), ("Ada!", Some(40)));
    let typed = User::update_many()
        .set(User::AGE, fragment!("{less}").as_::<i32>())
        .filter(fragment!(
            "{User::AGE} IS NULL AND {User::NAME} <> {\"Bob\"}"
        ));
    assert_eq!(typed.execute(db).await.unwrap(), 1);
    // What is in the way, and what was to be written.
    let oldest = fragment!("greatest({User::AGE}, {excluded(User::AGE)})");
    let mut new = new_user("Bob");
    new.age = Some(7);
    let upsert = User::upsert(new)
        .on_conflict(User::EMAIL)
        .set(User::AGE, oldest.as_::<Option<i32>>())
        .filter(fragment!("{User::NAME} = {excluded(User::NAME)}"));
    assert_eq!(upsert.one(db).await.unwrap().age, Some(20));
    let each = User::update_each(User::AGE, [(1, Some(1)), (2, Some(2))]);
    let each = each.filter(fragment!("{User::AGE} > {30}"));
    assert_eq!(each.execute(db).await.unwrap(), 1);
    let deleted = User::delete().filter(fragment!("{User::NAME} LIKE {\"C%\"}"));
    assert_eq!(deleted.execute(db).await.unwrap(), 1);
}

#[tokio::test]
async fn it_comes_back_from_writes() {
    let blog = people().await;
    let db = &blog.db;
    let short = || fragment!("left({User::NAME}, {2})").as_::<String>();
    let new = User::insert(new_user("Dot")).returning((User::ID, short()));
    let (id, name) = new.one(db).await.unwrap();
    assert_eq!((id, &*name), (4, "Do"));
    let many = vec![new_user("Eve"), new_user("Flo")];
    let many = User::insert_many(many).returning(short()).all(db).await;
    assert_eq!(many.unwrap(), ["Ev", "Fl"]);
    let update = User::update(1).set(User::NAME, "Zoe").returning(short());
    assert_eq!(update.one(db).await.unwrap(), "Zo");
    let each = User::update_each(User::NAME, [(2, "Yan".to_owned())]);
    assert_eq!(each.returning(short()).all(db).await.unwrap(), ["Ya"]);
    let upsert = User::upsert(new_user("Dot")).on_conflict(User::EMAIL);
    let upsert = upsert.update(User::NAME).returning((short(), inserted()));
    assert_eq!(upsert.one(db).await.unwrap(), ("Do".to_owned(), false));
    let delete = User::delete().key(3).returning(short());
    assert_eq!(delete.one(db).await.unwrap(), "Cy");
}

#[tokio::test]
async fn tables_are_joined_and_relations_asked_by_it() {
    let blog = people().await;
    let db = &blog.db;
    let other = Alias::<User>::new("other");
    let years = 5;
    let older = fragment!("{other.col::<User, _>(User::AGE)} > {User::AGE} + {years}");
    let pairs = User::find()
        .join(other, older)
        .select((User::NAME, other.col(User::NAME)));
    let pairs: Vec<(String, String)> = pairs.all(db).await.unwrap();
    assert_eq!(pairs, [("Bob".to_owned(), "Ada".to_owned())]);
    assert_eq!(
        blog.statements(),
        [concat!(
            r#"SELECT "users"."name", "other"."name" FROM "users" JOIN "users" AS "other" "#,
            r#"ON ("other"."age" > "users"."age" + $1::integer)"#
        )]
    );
    // Columns inside are those of the table it stands in.
    let capital = || fragment!("{Post::TITLE} = upper({Post::TITLE})");
    let loud = User::find()
        .filter(User::POSTS.any(capital()))
        .one(db)
        .await;
    assert_eq!(loud.unwrap().name, "Ada");
    let loud = User::POSTS.filter(capital());
    for posts in [
        loud,
        User::POSTS.filter(capital()).joined(),
        User::POSTS.filter(capital()).limit(1).lateral(),
    ] {
        let ada = User::get(1).with(posts).one(db).await.unwrap();
        assert_eq!(ada.posts.get().unwrap()[0].title, "B");
    }
    let last = User::POSTS.aggregate(Post::ID.max());
    let both = fragment!("{last} || {User::NAME}").as_::<Option<String>>();
    let both = User::find()
        .order_by(User::ID)
        .select(both)
        .all(db)
        .await
        .unwrap();
    assert_eq!(both, [Some("2Ada".into()), Some("3Bob".into()), None]);
    let either = Condition::from(fragment!("{User::AGE} > {25}")) | User::AGE.is_null();
    let either = User::find()
        .filter(either)
        .order_by(User::ID)
        .select(User::NAME);
    assert_eq!(initials(&either.all(db).await.unwrap()), "AC");
    let of = Post::find().filter(fragment!("{Post::AUTHOR_ID} = {1_i64}"));
    let found = User::find().filter(User::ID.in_query(of.select(Post::AUTHOR_ID)));
    assert_eq!(found.count(db).await.unwrap(), 1);
}

#[tokio::test]
async fn windows_cases_and_aggregates_have_it() {
    let blog = people().await;
    let db = &blog.db;
    let window = Window::new()
        .partition_by(fragment!("{Post::AUTHOR_ID} % 2"))
        .order_by(fragment!("{Post::TITLE} COLLATE \"C\""));
    let places = Post::find().order_by(Post::ID).select((
        Post::TITLE,
        row_number().over(window),
        case::<Post, String>()
            .when(
                fragment!("{Post::TITLE} < {\"b\"}"),
                fragment!("{\"x\"}").as_::<String>(),
            )
            .otherwise(fragment!("upper({Post::TITLE})").as_::<String>()),
        count()
            .filter(fragment!("{Post::ID} > {1_i64}"))
            .over(Window::new()),
    ));
    let places: Vec<(String, i64, String, i64)> = places.all(db).await.unwrap();
    let expected = [("a", 2, "x", 2), ("B", 1, "B", 2), ("c", 1, "C", 2)];
    let small = |row: &(String, i64, String, i64)| (row.0.clone(), row.1, row.3);
    let found: Vec<_> = places.iter().map(small).collect();
    assert_eq!(found, expected.map(|row| (row.0.to_owned(), row.1, row.3)));
    assert_eq!((&*places[0].2, &*places[2].2), ("x", "C"));
    let sum = fragment!("{User::AGE} * {2}").as_::<Option<i32>>().sum();
    assert_eq!(User::find().select(sum).one(db).await.unwrap(), Some(100));
    let mean = Expression::<User, f64>::call("round", [fragment!("{2.5}").into()]);
    let mean = User::find().limit(1).select(mean).one(db).await.unwrap();
    assert_eq!(mean, 2.0);
    // One in another.
    let inner = fragment!("{User::AGE} + {1}");
    let outer = fragment!("({inner}) * {2} = {42}");
    assert_eq!(
        User::find().filter(outer).one(db).await.unwrap().name,
        "Bob"
    );
}
