//! The SQL of every kind of question, word for word. That PostgreSQL takes it is shown by sending it.

use crate::blog::{Comment, Post, User, UserPatch, blog, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::Condition;

/// The only statement since this was asked last.
pub(crate) fn sent(blog: &Fresh) -> String {
    let statements = blog.statements();
    assert_eq!(statements.len(), 1, "{statements:?}");
    statements.into_iter().next().unwrap_or_default()
}

const USER: &str = r#""id", "name", "email", "age", "created_at""#;

#[tokio::test]
async fn finding() {
    let blog = blog().await;
    User::get(1).maybe(&blog.db).await.unwrap();
    assert_eq!(
        sent(&blog),
        format!(r#"SELECT {USER} FROM "users" WHERE "id" = $1"#)
    );

    User::find().all(&blog.db).await.unwrap();
    assert_eq!(sent(&blog), format!(r#"SELECT {USER} FROM "users""#));

    let page = User::find()
        .filter(User::NAME.eq("a").or(User::AGE.is_null()))
        .filter(User::AGE.lt(1))
        .order_by(User::NAME)
        .order_by(User::AGE.desc().nulls_last())
        .order_by(User::ID.asc().nulls_first())
        .limit(2)
        .offset(3);
    page.all(&blog.db).await.unwrap();
    let expected = r#"WHERE ("name" = $1 OR "age" IS NULL) AND "age" < $2 ORDER BY "name", "age" DESC NULLS LAST, "id" NULLS FIRST LIMIT $3 OFFSET $4"#;
    assert_eq!(
        sent(&blog),
        format!(r#"SELECT {USER} FROM "users" {expected}"#)
    );

    let some = || {
        User::find()
            .filter(User::AGE.ge(1))
            .order_by(User::ID)
            .limit(1)
    };
    some().count(&blog.db).await.unwrap();
    assert_eq!(
        sent(&blog),
        r#"SELECT count(*) FROM "users" WHERE "age" >= $1"#
    );
    some().exists(&blog.db).await.unwrap();
    assert_eq!(
        sent(&blog),
        r#"SELECT EXISTS (SELECT FROM "users" WHERE "age" >= $1)"#
    );
    User::find().first(&blog.db).await.unwrap();
    assert_eq!(
        sent(&blog),
        format!(r#"SELECT {USER} FROM "users" LIMIT $1"#)
    );
}

#[tokio::test]
async fn filtering() {
    let blog = blog().await;
    let (name, age, id) = (User::NAME, User::AGE, User::ID);
    for (condition, expected) in [
        (name.eq("x"), r#""name" = $1"#),
        (name.ne("x"), r#""name" <> $1"#),
        (age.lt(1), r#""age" < $1"#),
        (age.le(1), r#""age" <= $1"#),
        (age.gt(1), r#""age" > $1"#),
        (age.ge(1), r#""age" >= $1"#),
        (name.eq(User::EMAIL), r#""name" = "email""#),
        (id.in_([1, 2]), r#""id" = ANY($1)"#),
        (id.not_in([1, 2]), r#""id" <> ALL($1)"#),
        (age.between(1, 2), r#""age" BETWEEN $1 AND $2"#),
        (age.is_null(), r#""age" IS NULL"#),
        (age.is_not_null(), r#""age" IS NOT NULL"#),
        (name.like("x"), r#""name" LIKE $1"#),
        (name.not_like("x"), r#""name" NOT LIKE $1"#),
        (name.ilike("x"), r#""name" ILIKE $1"#),
        (name.not_ilike("x"), r#""name" NOT ILIKE $1"#),
        (name.starts_with("x"), r#""name" LIKE $1"#),
        (!name.eq("x"), r#"NOT ("name" = $1)"#),
        (
            (name.eq("x") | age.eq(1)) & !(age.eq(2) & id.eq(3)),
            r#"(("name" = $1 OR "age" = $2) AND NOT (("age" = $3 AND "id" = $4)))"#,
        ),
        (
            name.eq("x").and(age.eq(1)).and(id.eq(2) & age.eq(3)),
            r#"("name" = $1 AND "age" = $2 AND "id" = $3 AND "age" = $4)"#,
        ),
        (Condition::all([]), "TRUE"),
        (Condition::any([]), "FALSE"),
    ] {
        User::find()
            .filter(condition)
            .count(&blog.db)
            .await
            .unwrap();
        assert_eq!(
            sent(&blog),
            format!(r#"SELECT count(*) FROM "users" WHERE {expected}"#)
        );
    }
}

#[tokio::test]
async fn inserting() {
    let blog = blog().await;
    let ada = User::insert(new_user("Ada")).one(&blog.db).await.unwrap();
    let one = r#"INSERT INTO "users" ("name", "email", "age") VALUES ($1, $2, $3)"#;
    assert_eq!(sent(&blog), format!("{one} RETURNING {USER}"));
    User::insert(new_user("Bob"))
        .execute(&blog.db)
        .await
        .unwrap();
    assert_eq!(sent(&blog), one);

    let post = || crate::blog::NewPost {
        published: Some(true),
        ..new_post(&ada, "title")
    };
    Post::insert(post()).execute(&blog.db).await.unwrap();
    let given = r#"INSERT INTO "posts" ("author_id", "editor_id", "title", "published") VALUES ($1, $2, $3, $4)"#;
    assert_eq!(sent(&blog), given);
    Post::insert(new_post(&ada, "x"))
        .execute(&blog.db)
        .await
        .unwrap();
    let left = r#"INSERT INTO "posts" ("author_id", "editor_id", "title") VALUES ($1, $2, $3)"#;
    assert_eq!(sent(&blog), left);

    let source = concat!(
        r#"t0."author_id", t0."editor_id", t0."title", COALESCE(t0."published", true) AS "published", "ormcore position" "#,
        r#"FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::boolean[]) WITH ORDINALITY "#,
        r#"AS t0 ("author_id", "editor_id", "title", "published", "ormcore position"))"#,
    );
    Post::insert_many(vec![post()])
        .execute(&blog.db)
        .await
        .unwrap();
    let expected = concat!(
        r#"INSERT INTO "posts" ("author_id", "editor_id", "title", "published") "#,
        r#"SELECT t0."author_id", t0."editor_id", t0."title", COALESCE(t0."published", true) AS "published" "#,
        r#"FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::boolean[]) "#,
        r#"AS t0 ("author_id", "editor_id", "title", "published")"#,
    );
    assert_eq!(sent(&blog), expected);

    Post::insert_many(vec![post()]).all(&blog.db).await.unwrap();
    let expected = format!(
        "WITH input AS MATERIALIZED (SELECT {} AS \"id\", {source}, {}",
        r#"nextval((SELECT pg_get_serial_sequence('"posts"', 'id')::regclass))"#,
        concat!(
            r#"stored AS (INSERT INTO "posts" ("id", "author_id", "editor_id", "title", "published") OVERRIDING SYSTEM VALUE "#,
            r#"SELECT "id", "author_id", "editor_id", "title", "published" FROM input ORDER BY "ormcore position" "#,
            r#"RETURNING "id", "author_id", "editor_id", "title", "published") "#,
            r#"SELECT stored."id", stored."author_id", stored."editor_id", stored."title", stored."published" "#,
            r#"FROM stored JOIN input ON stored."id" = input."id" ORDER BY input."ormcore position""#,
        )
    );
    assert_eq!(sent(&blog), expected);

    Post::insert_many(vec![post()])
        .keys(&blog.db)
        .await
        .unwrap();
    let expected = concat!(
        r#"WITH input AS MATERIALIZED (SELECT array_agg(nextval((SELECT pg_get_serial_sequence('"posts"', 'id')::regclass))) "#,
        r#"AS "id" FROM generate_series(1, $1::bigint)), "#,
        r#"stored AS (INSERT INTO "posts" ("id", "author_id", "editor_id", "title", "published") OVERRIDING SYSTEM VALUE "#,
        r#"SELECT t0."id", t0."author_id", t0."editor_id", t0."title", COALESCE(t0."published", true) AS "published" "#,
        r#"FROM input CROSS JOIN unnest("input"."id", $2::bigint[], $3::bigint[], $4::text[], $5::boolean[]) "#,
        r#"AS t0 ("id", "author_id", "editor_id", "title", "published") RETURNING "id") "#,
        r#"SELECT "input"."id"::bigint[] FROM input "#,
        r#"WHERE (SELECT count(*) FROM stored JOIN unnest("input"."id") AS made ON made = stored."id") = cardinality("input"."id")"#,
    );
    assert_eq!(sent(&blog), expected);
}

#[tokio::test]
async fn updating_and_deleting() {
    let blog = blog().await;
    let update = || User::update(1).set(User::AGE, 1).set(User::NAME, "x");
    update().execute(&blog.db).await.unwrap();
    let one = r#"UPDATE "users" SET "age" = $1, "name" = $2 WHERE "id" = $3"#;
    assert_eq!(sent(&blog), one);
    update().all(&blog.db).await.unwrap();
    assert_eq!(sent(&blog), format!("{one} RETURNING {USER}"));

    let patch = UserPatch {
        age: Some(None),
        ..UserPatch::default()
    };
    let many = User::update_many().patch(patch).filter(User::AGE.gt(1));
    many.execute(&blog.db).await.unwrap();
    assert_eq!(
        sent(&blog),
        r#"UPDATE "users" SET "age" = $1 WHERE "age" > $2"#
    );
    let all = User::update_many().set_null(User::AGE).all_rows();
    all.execute(&blog.db).await.unwrap();
    assert_eq!(sent(&blog), r#"UPDATE "users" SET "age" = $1"#);

    let some = User::delete().key(1).filter(User::AGE.is_null());
    some.execute(&blog.db).await.unwrap();
    assert_eq!(
        sent(&blog),
        r#"DELETE FROM "users" WHERE "id" = $1 AND "age" IS NULL"#
    );
    User::delete().all_rows().execute(&blog.db).await.unwrap();
    assert_eq!(sent(&blog), r#"DELETE FROM "users""#);
    User::delete().key(1).all(&blog.db).await.unwrap();
    let expected = format!(r#"DELETE FROM "users" WHERE "id" = $1 RETURNING {USER}"#);
    assert_eq!(sent(&blog), expected);
}

const POST: &str = r#""id", "author_id", "editor_id", "title", "published""#;

#[tokio::test]
async fn loading_relations() {
    let blog = blog().await;
    let users = User::insert_many(vec![new_user("Ada"), new_user("Bob")]);
    let users = users.all(&blog.db).await.unwrap();
    let post = Post::insert(new_post(&users[0], "x")).one(&blog.db).await;
    let post = post.unwrap();
    blog.statements();
    let of_users = format!(r#"SELECT {USER} FROM "users" WHERE "id" = ANY($1)"#);
    let of_posts = format!(r#"SELECT {POST} FROM "posts" WHERE "author_id" = ANY($1)"#);
    post.author.load(&blog.db).await.unwrap();
    assert_eq!(sent(&blog), of_users.replace("ANY($1)", "$1"));
    users[0].posts.load(&blog.db).await.unwrap();
    assert_eq!(sent(&blog), of_posts.replace("ANY($1)", "$1"));

    Post::find().with(Post::AUTHOR).all(&blog.db).await.unwrap();
    let expected = [format!(r#"SELECT {POST} FROM "posts""#), of_users];
    assert_eq!(blog.statements(), expected);
    let posts = User::POSTS
        .filter(Post::PUBLISHED.eq(true))
        .order_by(Post::ID.desc());
    User::find().with(posts).all(&blog.db).await.unwrap();
    let expected = [
        format!(r#"SELECT {USER} FROM "users""#),
        format!(r#"{of_posts} AND "published" = $2 ORDER BY "id" DESC"#),
    ];
    assert_eq!(blog.statements(), expected);
}

fn of(alias: &str, columns: &str) -> String {
    let columns = columns
        .split(", ")
        .map(|column| format!("{alias}.{column}"));
    columns.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn joining_relations() {
    let blog = blog().await;
    let find = Post::find()
        .filter(Post::TITLE.eq("x"))
        .order_by(Post::ID)
        .limit(3);
    find.with(Post::AUTHOR.joined())
        .all(&blog.db)
        .await
        .unwrap();
    let expected = format!(
        r#"SELECT {}, {} FROM "posts" AS t0 LEFT JOIN "users" AS t1 ON t1."id" = t0."author_id" WHERE t0."title" = $1 ORDER BY t0."id" LIMIT $2"#,
        of("t0", POST),
        of("t1", USER),
    );
    assert_eq!(sent(&blog), expected);

    // A page of owners is cut before the join repeats them.
    let comments = Post::COMMENTS.joined().order_by(Comment::ID.desc());
    let posts = User::POSTS
        .joined()
        .filter(Post::PUBLISHED.eq(true))
        .with(comments);
    let find = User::find()
        .filter(User::AGE.is_null())
        .order_by(User::NAME);
    find.limit(2)
        .offset(1)
        .with(posts)
        .all(&blog.db)
        .await
        .unwrap();
    let expected = format!(
        "SELECT {}, {}, {} FROM ({}) AS t0 {}",
        of("t0", USER),
        of("t1", POST),
        of("t2", r#""id", "post_id", "author_id", "body""#),
        format_args!(
            r#"SELECT {USER} FROM "users" WHERE "age" IS NULL ORDER BY "name" LIMIT $1 OFFSET $2"#
        ),
        concat!(
            r#"LEFT JOIN "posts" AS t1 ON t1."author_id" = t0."id" AND t1."published" = $3 "#,
            r#"LEFT JOIN "comments" AS t2 ON t2."post_id" = t1."id" ORDER BY t0."name", t2."id" DESC"#,
        )
    );
    assert_eq!(sent(&blog), expected);
}
