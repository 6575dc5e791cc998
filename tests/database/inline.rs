//! SQL with values in braces, and rows that are structs of one's own.

use crate::blog::{Post, User};
use crate::fresh::Fresh;
use crate::selections::three;
use ormcore::{ErrorKind, Fragment, Row, count, fragment, sql};

#[derive(Row, Debug, PartialEq)]
struct Busy {
    author_id: i64,
    #[orm(rename = "posts")]
    written: i64,
    /// No word of ours.
    r#type: Option<String>,
}

#[tokio::test]
async fn what_stands_in_braces_is_bound() {
    let blog = three().await;
    let (db, least) = (&blog.db, 18);
    let name = "' OR 1 = 1 --".to_owned();
    let none = sql!("SELECT * FROM users WHERE name = {name} AND age > {least + 1}");
    assert_eq!(none.all::<User>(db).await.unwrap().len(), 0);
    let (name, suffix) = ("Ada", "a");
    let ada = sql!(
        r#"SELECT name, '{{"a": 1}}'::jsonb ->> 'a' FROM users
        WHERE name = {name} AND name LIKE '%' || {suffix} AND lower({name}) = {name.to_lowercase()}
          AND age IN ({ { let ages = [30, 31]; ages[0] } }, {"}{".len() as i32})"#
    );
    let ada: (String, String) = ada.one(db).await.unwrap();
    assert_eq!(ada, ("Ada".to_owned(), "1".to_owned()));
    let (text, none) = ("x", None::<i32>);
    let ids = sql!(
        "UPDATE users SET email = name || {text}, age = {none} WHERE id = ANY({vec![1_i64, 2]}) RETURNING id"
    );
    assert_eq!(ids.scalars::<i64>(db).await.unwrap(), [1, 2]);
    let statements = blog.statements();
    assert_eq!(
        statements[0],
        "SELECT * FROM users WHERE name = $1 AND age > $2"
    );
    assert!(
        statements[1].contains("name = $1 AND name LIKE '%' || $2 AND lower($1) = $3"),
        "{}",
        statements[1]
    );
    assert_eq!(
        statements[2],
        "UPDATE users SET email = name || $1, age = $2 WHERE id = ANY($3) RETURNING id"
    );
}

async fn found(blog: &Fresh, fragment: Fragment<User>) -> Vec<String> {
    let users = User::find().filter(fragment).order_by(User::ID);
    users.select(User::NAME).all(&blog.db).await.expect("names")
}

#[tokio::test]
async fn fragments_tell_columns_from_values() {
    let blog = three().await;
    let names = ["Bob".to_owned(), "Cy".to_owned()];
    let fragment = fragment!("reverse({User::NAME}) = reverse({names[0].as_str()})");
    assert_eq!(found(&blog, fragment).await, ["Bob"]);
    assert_eq!(
        blog.statements(),
        [r#"SELECT "name" FROM "users" WHERE (reverse("name") = reverse($1::text)) ORDER BY "id""#]
    );
    let (min, adult) = (18, User::AGE.gt(21));
    let fragment = fragment!("{User::AGE + 1} > {min} AND {adult} IS NOT TRUE");
    assert_eq!(found(&blog, fragment).await, ["Cy"]);
    let inner = fragment!("{User::NAME.length()} % 2 = 1");
    let fragment = fragment!("{inner} OR '{{}}'::int[] = {vec![1]}");
    assert_eq!(found(&blog, fragment).await, ["Ada", "Bob"]);
    // Where there are several tables, the column is the one of the entity.
    let same = User::POSTS.any(
        fragment!("length({Post::TITLE}) = {1}")
            .as_::<bool>()
            .eq(true),
    );
    let wrote = User::find().filter(same).count(&blog.db).await.unwrap();
    assert_eq!(wrote, 2);
    let groups = Post::find()
        .select(fragment!("{count()} * {10_i64}").as_::<i64>())
        .group_by(Post::AUTHOR_ID)
        .order_by(Post::AUTHOR_ID);
    assert_eq!(groups.all(&blog.db).await.unwrap(), [30, 10]);
}

#[tokio::test]
async fn rows_are_read_by_name_and_from_what_is_selected() {
    let blog = three().await;
    let least = 1_i64;
    let busy = sql!(
        "SELECT count(*) AS posts, 'x' AS more, author_id, NULL::text AS type FROM posts
         GROUP BY author_id HAVING count(*) > {least}"
    );
    let busy: Vec<Busy> = busy.all(&blog.db).await.unwrap();
    let ada = Busy {
        author_id: 1,
        written: 3,
        r#type: None,
    };
    assert_eq!(busy, [ada]);
    let selected = Post::find()
        .select((Post::AUTHOR_ID, count(), Post::TITLE.max()))
        .group_by(Post::AUTHOR_ID)
        .order_by(Post::AUTHOR_ID)
        .rows::<Busy>();
    let bob = Busy {
        author_id: 2,
        written: 1,
        r#type: Some("d".into()),
    };
    assert_eq!(selected.all(&blog.db).await.unwrap()[1], bob);
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_an_error_that_says_why() {
    let blog = three().await;
    let lacks = sql("SELECT author_id, 1::bigint AS posts FROM posts").all::<Busy>(&blog.db);
    let lacks = lacks.await.unwrap_err();
    assert_eq!(lacks.kind(), ErrorKind::Decode);
    let text = lacks.to_string();
    assert!(
        text.contains(
            "the result has no column `type`, which `Busy` needs; it has: author_id, posts"
        ),
        "{text}"
    );
    let wrong = sql("SELECT author_id, 1 AS posts, NULL::text AS type FROM posts");
    let text = wrong.all::<Busy>(&blog.db).await.unwrap_err().to_string();
    assert!(
        text.contains("column `posts` of the result has type int4, which the field `Busy::written` cannot be read from"),
        "{text}"
    );
}
