//! What a selection, a union or SQL of one's own finds, under a name and with columns that have names.

use crate::blog::{Comment, Post, User, blog, new_comment, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::{Alias, Entity, ErrorKind, Expression, One, count, fragment, row};

/// How much somebody wrote. There is no such table.
#[derive(Entity, Debug)]
struct Total {
    #[orm(primary_key)]
    author_id: i64,
    posts: i64,
    last_title: Option<String>,
    #[orm(belongs_to(key = author_id))]
    author: One<User>,
}

#[derive(Entity, Debug)]
struct Number {
    #[orm(primary_key, rename = "Number \"n\"")]
    n: i32,
}

/// Ada wrote three posts, Bob one and Cy none; Bob has commented on the first.
async fn writers() -> Fresh {
    let blog = blog().await;
    let db = &blog.db;
    let users = ["Ada", "Bob", "Cy"].map(new_user);
    let users = User::insert_many(users.into())
        .all(db)
        .await
        .expect("users");
    let posts = [(0, "a"), (0, "b"), (1, "c"), (0, "d")];
    let posts = posts.map(|(author, title)| new_post(&users[author], title));
    let posts = Post::insert_many(posts.into())
        .all(db)
        .await
        .expect("posts");
    let comment = new_comment(&posts[0], &users[1], "so");
    Comment::insert(comment).execute(db).await.expect("one");
    blog.statements();
    blog
}

const TOTALS: Alias<Total> = Alias::of_rows("totals");

macro_rules! sums {
    () => {
        Post::find()
            .select((Post::AUTHOR_ID, count(), Post::TITLE.max()))
            .group_by(Post::AUTHOR_ID)
    };
}

type Of<T> = ormcore::Column<Total, T>;

const COLUMNS: (Of<i64>, Of<i64>, Of<Option<String>>) =
    (Total::AUTHOR_ID, Total::POSTS, Total::LAST_TITLE);

#[tokio::test]
async fn groups_are_joined_by_a_name_and_their_columns() {
    let blog = writers().await;
    let found: Vec<(String, i64, Option<String>)> = User::find()
        .given_as(TOTALS, COLUMNS, sums!())
        .join(TOTALS, TOTALS.col(Total::AUTHOR_ID).eq(User::ID))
        .filter(TOTALS.col(Total::POSTS).gt(1))
        .select((
            User::NAME,
            TOTALS.col(Total::POSTS),
            TOTALS.col(Total::LAST_TITLE),
        ))
        .all(&blog.db)
        .await
        .unwrap();
    assert_eq!(found, [("Ada".to_owned(), 3, Some("d".to_owned()))]);
    assert_eq!(
        blog.statements(),
        [concat!(
            r#"WITH "totals" ("author_id", "posts", "last_title") AS (SELECT "author_id", count(*), max("title") "#,
            r#"FROM "posts" GROUP BY "author_id") "#,
            r#"SELECT "users"."name", "totals"."posts", "totals"."last_title" FROM "users" "#,
            r#"JOIN "totals" AS "totals" ON "totals"."author_id" = "users"."id" WHERE "totals"."posts" > $1::bigint"#
        )]
    );
    // Twice, and where there is none too.
    let other = TOTALS.again("other");
    let less = other.col(Total::POSTS).lt(TOTALS.col(Total::POSTS));
    let found: Vec<(String, Option<i64>)> = User::find()
        .given_as(TOTALS, COLUMNS, sums!())
        .left_join(TOTALS, TOTALS.col(Total::AUTHOR_ID).eq(User::ID))
        .left_join(other, less)
        .order_by(User::ID)
        .select((User::NAME, other.maybe(Total::AUTHOR_ID)))
        .all(&blog.db)
        .await
        .unwrap();
    let expected = [("Ada", Some(2)), ("Bob", None), ("Cy", None)];
    assert_eq!(found, expected.map(|(name, id)| (name.to_owned(), id)));
}

#[tokio::test]
async fn groups_are_asked_like_a_table() {
    let blog = writers().await;
    let db = &blog.db;
    let totals = || {
        Total::find()
            .given_as(TOTALS, COLUMNS, sums!())
            .of_rows(TOTALS)
    };
    let by_posts = || totals().order_by(Total::POSTS.desc());
    let found = by_posts().with(Total::AUTHOR).all(db).await.unwrap();
    let names: Vec<_> = found
        .iter()
        .map(|total| (&*total.author.get().unwrap().name, total.posts))
        .collect();
    assert_eq!(names, [("Ada", 3), ("Bob", 1)]);
    assert_eq!(found[0].last_title.as_deref(), Some("d"));
    let joined = by_posts().limit(1).with(Total::AUTHOR.joined());
    let joined = joined.one(db).await.unwrap();
    assert_eq!(joined.author.get().unwrap().id, joined.author_id);
    let of_ada = totals().filter(Total::AUTHOR.is(User::NAME.eq("Ada")));
    assert_eq!(of_ada.one(db).await.unwrap().posts, 3);
    assert_eq!(totals().count(db).await.unwrap(), 2);
    assert!(
        totals()
            .filter(Total::POSTS.gt(2))
            .exists(db)
            .await
            .unwrap()
    );
    let mean = totals().select(Total::POSTS.avg()).one(db).await.unwrap();
    assert_eq!(mean, Some(2.0));
    let page = totals().order_by(Total::POSTS).page(1, db).await.unwrap();
    assert_eq!((page.rows[0].author_id, page.next.is_some()), (2, true));
    let next = totals().order_by(Total::POSTS).after(page.next);
    assert_eq!(next.page(1, db).await.unwrap().rows[0].author_id, 1);
    // Inside another question, which gave them the name.
    let busy = Total::find().of_rows(TOTALS).filter(Total::POSTS.gt(2));
    let users = User::find()
        .given_as(TOTALS, COLUMNS, sums!())
        .filter(User::ID.in_query(busy.select(Total::AUTHOR_ID)))
        .select((row(), User::POSTS.count()));
    let (ada, posts) = users.one(db).await.unwrap();
    assert_eq!((&*ada.name, posts), ("Ada", 3));
}

#[tokio::test]
async fn unions_and_names_given_before_are_given_names() {
    let blog = writers().await;
    let db = &blog.db;
    let writers = Alias::<Total>::of_rows("writers");
    let everybody = Post::find().select((Post::AUTHOR_ID, Post::ID));
    let everybody = everybody.union_all(Comment::find().select((Comment::AUTHOR_ID, Comment::ID)));
    let columns = (Total::AUTHOR_ID, Total::POSTS);
    let grouped = Total::find().of_rows(writers);
    let grouped = grouped.select((Total::AUTHOR_ID, count()));
    let found: Vec<(i64, i64)> = Total::find()
        .given_as(writers, columns, everybody)
        .given_as(TOTALS, columns, grouped.group_by(Total::AUTHOR_ID))
        .of_rows(TOTALS)
        .order_by(Total::AUTHOR_ID)
        .select((Total::AUTHOR_ID, Total::POSTS))
        .all(db)
        .await
        .unwrap();
    assert_eq!(found, [(1, 3), (2, 2)]);
    let sent = blog.statements();
    let begin = r#"WITH "writers" ("author_id", "posts") AS ((("#;
    assert!(!sent[0].contains("RECURSIVE"), "{}", sent[0]);
    assert!(
        sent[0].starts_with(&begin[..begin.len() - 1]),
        "{}",
        sent[0]
    );
}

#[tokio::test]
async fn sql_of_ones_own_has_a_name_and_may_call_itself() {
    let blog = writers().await;
    let db = &blog.db;
    let numbers = Alias::<Number>::of_rows("num\"bers");
    let (last, step) = (4, 1);
    let series = || {
        let (from, more) = (r#" FROM "num""bers" WHERE "#, Number::N.lt(last));
        fragment!("SELECT {step} UNION ALL SELECT {Number::N} + {step}")
            .sql(from)
            .part(more)
    };
    let all = Number::find()
        .given_as(numbers, Number::N, series())
        .of_rows(numbers)
        .order_by(Number::N.desc());
    let all: Vec<i32> = all.all(db).await.unwrap().iter().map(|row| row.n).collect();
    assert_eq!(all, [4, 3, 2, 1]);
    assert_eq!(
        blog.statements(),
        [concat!(
            r#"WITH RECURSIVE "num""bers" ("Number ""n""") AS (SELECT $1::integer UNION ALL SELECT "Number ""n""" + $2::integer "#,
            r#"FROM "num""bers" WHERE "Number ""n""" < $3) "#,
            r#"SELECT "Number ""n""" FROM "num""bers" AS "numbers" ORDER BY "Number ""n""" DESC"#
        )]
    );
    // Days without a post are there too.
    let post = Alias::<Post>::new("post");
    let id = Expression::from(Number::N).cast::<i64>();
    let lengths: Vec<(i32, i64)> = Number::find()
        .given_as(numbers, Number::N, series())
        .of_rows(numbers)
        .left_join(post, post.col(Post::AUTHOR_ID).eq(id))
        .order_by(Number::N)
        .select((Number::N, post.maybe(Post::ID).count()))
        .group_by(Number::N)
        .all(db)
        .await
        .unwrap();
    assert_eq!(lengths, [(1, 3), (2, 1), (3, 0), (4, 0)]);
}

#[tokio::test]
async fn what_does_not_fit_is_an_error_that_says_so() {
    let blog = writers().await;
    let db = &blog.db;
    let totals = |sql: &'static str| {
        Total::find()
            .given_as(TOTALS, (Total::AUTHOR_ID, Total::POSTS), fragment(sql))
            .of_rows(TOTALS)
            .select(Total::POSTS)
    };
    let seven = totals("SELECT 1::int8, 7::int8").one(db).await.unwrap();
    assert_eq!(seven, 7);
    // Another type, another number of columns, a column that was not named, and no SELECT at all.
    let other = totals("SELECT 1::int8, 'x'").one(db).await.unwrap_err();
    assert_eq!(other.kind(), ErrorKind::Decode, "{other}");
    let fewer = totals("SELECT 1::int8").one(db).await.unwrap_err();
    assert_eq!(fewer.code(), Some("42P10"), "{fewer}");
    let unnamed = Total::find()
        .given_as(
            TOTALS,
            (Total::AUTHOR_ID, Total::POSTS),
            fragment("SELECT 1, 2"),
        )
        .of_rows(TOTALS)
        .all(db)
        .await;
    assert_eq!(unnamed.unwrap_err().code(), Some("42703"));
    let nothing = totals("nonsense").one(db).await.unwrap_err();
    assert_eq!(nothing.code(), Some("42601"));
    // What may write is not carried out twice, nor among the statements of others: it works all the same.
    let deleted = totals("DELETE FROM comments RETURNING author_id, post_id");
    assert_eq!(deleted.all(db).await.unwrap(), [1]);
    assert_eq!(Comment::find().count(db).await.unwrap(), 0);
}
