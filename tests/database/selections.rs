//! Columns, expressions and aggregates instead of whole entities.

use crate::blog::{Post, User, blog, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::{Entity as _, ErrorKind, Window, case, count, fragment, row};

/// Ada (30) wrote a, b and c, of which c is no longer published; Bob wrote d; Cy nothing.
pub(crate) async fn three() -> Fresh {
    let blog = blog().await;
    let mut users = Vec::new();
    for (name, age) in [("Ada", Some(30)), ("Bob", None), ("Cy", Some(20))] {
        let mut user = new_user(name);
        user.age = age;
        users.push(User::insert(user).one(&blog.db).await.expect("a user"));
    }
    for (author, title, published) in [
        (0, "a", true),
        (0, "b", true),
        (0, "c", false),
        (1, "d", true),
    ] {
        let mut post = new_post(&users[author], title);
        post.published = Some(published);
        Post::insert(post).one(&blog.db).await.expect("a post");
    }
    blog.statements();
    blog
}

#[tokio::test]
async fn some_columns_are_read_as_a_tuple() {
    let blog = three().await;
    let rows: Vec<(String, Option<i32>)> = User::find()
        .filter(User::NAME.ne("Cy"))
        .order_by(User::ID.desc())
        .select((User::NAME, User::AGE))
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(
        rows,
        [("Bob".to_owned(), None), ("Ada".to_owned(), Some(30))]
    );
    assert_eq!(
        blog.statements(),
        [r#"SELECT "name", "age" FROM "users" WHERE "name" <> $1 ORDER BY "id" DESC"#]
    );
    assert_eq!(blog.operations().len(), 0);

    let one: String = User::find()
        .select(User::NAME)
        .filter(User::ID.eq(1))
        .one(&blog.db)
        .await
        .unwrap();
    assert_eq!(one, "Ada");
    let first: Option<(i64,)> = User::find()
        .select((User::ID,))
        .order_by(User::NAME.desc())
        .first(&blog.db)
        .await
        .unwrap();
    assert_eq!(first, Some((3,)));
    let page: Vec<i64> = User::find()
        .order_by(User::ID)
        .limit(1)
        .offset(1)
        .select(User::ID)
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(page, [2]);
    let none = User::find().select(User::ID).filter(User::ID.eq(9));
    assert_eq!(none.maybe(&blog.db).await.unwrap(), None);
    let none = User::find()
        .select(User::ID)
        .filter(User::ID.eq(9))
        .one(&blog.db)
        .await;
    assert_eq!(none.unwrap_err().kind(), ErrorKind::NotFound);
    let more = User::find().select(User::ID).one(&blog.db).await;
    assert_eq!(more.unwrap_err().kind(), ErrorKind::TooManyRows);
}

#[tokio::test]
async fn groups_are_counted_summed_and_filtered() {
    let blog = three().await;
    let published = count().filter(Post::PUBLISHED.eq(true));
    let rows: Vec<(i64, i64, i64, Option<String>)> = Post::find()
        .select((
            Post::AUTHOR_ID,
            count(),
            published,
            Post::TITLE.string_agg(",").order_by(Post::ID.desc()),
        ))
        .group_by(Post::AUTHOR_ID)
        .having(count().gt(0).and(Post::ID.max().gt(0)))
        .order_by(count().desc())
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(
        rows,
        [
            (1, 3, 2, Some("c,b,a".to_owned())),
            (2, 1, 1, Some("d".to_owned()))
        ]
    );
    let sent = blog.statements().pop().unwrap();
    assert_eq!(
        sent,
        r#"SELECT "author_id", count(*), count(*) FILTER (WHERE "published" = $1), string_agg("title", $2::text ORDER BY "id" DESC) FROM "posts" GROUP BY "author_id" HAVING (count(*) > $3::bigint AND max("id") > $4::bigint) ORDER BY count(*) DESC"#
    );

    type Row = (
        i64,
        i64,
        i64,
        Option<i64>,
        Option<f64>,
        Option<i32>,
        Option<i32>,
    );
    let all: Row = User::find()
        .select((
            count(),
            User::AGE.count(),
            User::AGE.count_distinct(),
            User::AGE.sum(),
            User::AGE.avg(),
            User::AGE.min(),
            User::AGE.max(),
        ))
        .one(&blog.db)
        .await
        .unwrap();
    assert_eq!(all, (3, 2, 2, Some(50), Some(25.0), Some(20), Some(30)));
    let (ages, adults, any): (Option<Vec<Option<i32>>>, Option<bool>, Option<bool>) = User::find()
        .select((
            User::AGE.array_agg().order_by(User::ID),
            User::AGE.gt(18).every(),
            User::AGE.gt(25).some(),
        ))
        .one(&blog.db)
        .await
        .unwrap();
    assert_eq!(
        (ages, adults, any),
        (Some(vec![Some(30), None, Some(20)]), Some(true), Some(true))
    );
    let nobody: Option<i64> = User::find()
        .filter(User::ID.lt(0))
        .select(User::AGE.sum())
        .one(&blog.db)
        .await
        .unwrap();
    assert_eq!(nobody, None);
    let sum: i64 = Post::find()
        .select(Post::ID.sum().coalesce(0))
        .one(&blog.db)
        .await
        .unwrap();
    assert_eq!(sum, 10);
}

#[tokio::test]
async fn an_aggregate_says_so_in_telemetry() {
    let blog = three().await;
    Post::find().select(count()).one(&blog.db).await.unwrap();
    Post::find()
        .select(Post::ID)
        .group_by(Post::ID)
        .all(&blog.db)
        .await
        .unwrap();
    Post::find()
        .select(Post::ID.count().over(Window::new()))
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(blog.operations(), ["aggregate", "aggregate", "find"]);
}

#[tokio::test]
async fn rows_are_told_apart() {
    let blog = three().await;
    let authors: Vec<i64> = Post::find()
        .select(Post::AUTHOR_ID)
        .distinct()
        .order_by(Post::AUTHOR_ID)
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(authors, [1, 2]);
    let newest: Vec<(i64, String)> = Post::find()
        .select((Post::AUTHOR_ID, Post::TITLE))
        .distinct_on(Post::AUTHOR_ID)
        .order_by(Post::AUTHOR_ID)
        .order_by(Post::ID.desc())
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(newest, [(1, "c".to_owned()), (2, "d".to_owned())]);
    let sent = blog.statements();
    assert_eq!(
        sent[0],
        r#"SELECT DISTINCT "author_id" FROM "posts" ORDER BY "author_id""#
    );
    assert_eq!(
        sent[1],
        r#"SELECT DISTINCT ON ("author_id") "author_id", "title" FROM "posts" ORDER BY "author_id", "id" DESC"#
    );
}

#[tokio::test]
async fn a_query_stands_inside_another() {
    let blog = three().await;
    let authors = || {
        Post::find()
            .filter(Post::PUBLISHED.eq(false))
            .select(Post::AUTHOR_ID)
    };
    let names: Vec<String> = User::find()
        .filter(User::ID.in_query(authors()))
        .select(User::NAME)
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(names, ["Ada"]);
    let names: Vec<String> = User::find()
        .filter(User::ID.not_in_query(authors()))
        .filter(User::ID.lt(3))
        .select(User::NAME)
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(names, ["Bob"]);
    let oldest = User::find().select(User::AGE.max()).scalar();
    let eldest = User::find()
        .filter(User::AGE.eq(oldest))
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(eldest.len(), 1);
    let sent = blog.statements();
    assert_eq!(
        sent[1],
        r#"SELECT "name" FROM "users" WHERE "id" NOT IN (SELECT s1."author_id" FROM "posts" AS s1 WHERE s1."published" = $1) AND "id" < $2"#
    );
    assert!(
        sent[2].ends_with(r#"WHERE "age" = (SELECT max(s1."age") FROM "users" AS s1)"#),
        "{}",
        sent[2]
    );
    let deleted = Post::delete().filter(
        Post::AUTHOR_ID.in_query(User::find().filter(User::NAME.eq("Bob")).select(User::ID)),
    );
    assert_eq!(deleted.execute(&blog.db).await.unwrap(), 1);
}

#[derive(Debug, PartialEq)]
struct Busy {
    author: i64,
    posts: i64,
}

impl From<(i64, i64)> for Busy {
    fn from((author, posts): (i64, i64)) -> Self {
        Self { author, posts }
    }
}

#[tokio::test]
async fn rows_become_types_of_ones_own_and_whole_entities() {
    let blog = three().await;
    let busy: Vec<Busy> = Post::find()
        .select((Post::AUTHOR_ID, count()))
        .rows()
        .group_by(Post::AUTHOR_ID)
        .order_by(Post::AUTHOR_ID)
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(
        busy[0],
        Busy {
            author: 1,
            posts: 3
        }
    );
    let users: Vec<(User, String)> = User::find()
        .order_by(User::ID)
        .select((
            row(),
            case::<_, String>()
                .when(User::AGE.ge(21), "adult")
                .otherwise("unknown"),
        ))
        .all(&blog.db)
        .await
        .unwrap();
    let said: Vec<(&str, &str)> = users
        .iter()
        .map(|(user, said)| (&*user.name, &**said))
        .collect();
    assert_eq!(
        said,
        [("Ada", "adult"), ("Bob", "unknown"), ("Cy", "unknown")]
    );
    assert_eq!(users[0].0.posts.load(&blog.db).await.unwrap().len(), 3);
    assert_eq!(users[0].0.key(), 1);
}

#[tokio::test]
async fn a_value_of_another_type_is_refused_by_name() {
    let blog = three().await;
    let wrong = fragment("char_length(")
        .term(User::NAME)
        .sql(")")
        .as_::<String>();
    let refused = User::find()
        .select((User::ID, wrong))
        .all(&blog.db)
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Decode);
    assert!(
        refused
            .to_string()
            .contains("column 2 of the result has type int4, but is read as text"),
        "{refused}"
    );
    // The same SQL read as what it is, after that.
    let right = fragment("char_length(")
        .term(User::NAME)
        .sql(")")
        .as_::<i32>();
    let lengths: Vec<(i64, i32)> = User::find()
        .select((User::ID, right))
        .order_by(User::ID)
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(lengths[0], (1, 3));
    let null = User::find()
        .filter(User::NAME.eq("Bob"))
        .select(User::AGE.cast::<i64>())
        .all(&blog.db)
        .await;
    let null = null.unwrap_err().to_string();
    assert!(null.contains("NULL"), "{null}");
}
