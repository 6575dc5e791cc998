//! What refers to rows, asked before they are deleted.

use crate::blog::{Comment, Post, User, blog, new_comment, new_post, new_user};
use crate::fresh::{Fresh, fresh};
use ormcore::{Entity, entities};

/// Ada wrote two posts, one of which Bob edits; Bob wrote one, and two comments.
async fn writers() -> Fresh {
    let blog = blog().await;
    let db = &blog.db;
    let users = User::insert_many(["Ada", "Bob", "Cy"].map(new_user).into());
    let users = users.all(db).await.expect("users");
    let mut posts = [(0, "a"), (0, "b"), (1, "c")].map(|(n, title)| new_post(&users[n], title));
    posts[0].editor_id = Some(users[1].id);
    let posts = Post::insert_many(posts.into())
        .all(db)
        .await
        .expect("posts");
    let comments = [0, 2].map(|post| new_comment(&posts[post], &users[1], ""));
    let comments = Comment::insert_many(comments.into());
    comments.execute(db).await.expect("comments");
    blog.statements();
    blog
}

#[tokio::test]
async fn each_column_tells_how_many_rows_refer() {
    let blog = writers().await;
    let db = &blog.db;
    let all = entities![User, Post, Comment];
    let told = async |find: ormcore::Find<User>| {
        let referrers = find.referrers(all, &blog.db).await.unwrap();
        let told: Vec<_> = referrers.iter().map(ToString::to_string).collect();
        told.join(", ")
    };
    let of = |name: &str| User::find().filter(User::NAME.eq(name));
    assert_eq!(told(of("Ada")).await, "2 by Post::author_id (cascade)");
    assert_eq!(
        blog.statements(),
        [concat!(
            r#"WITH source AS (SELECT "id" FROM "users" WHERE "name" = $1) "#,
            r#"SELECT (SELECT count(*) FROM "posts" AS s1 WHERE s1."author_id" IN (SELECT "id" FROM source)), "#,
            r#"(SELECT count(*) FROM "posts" AS s1 WHERE s1."editor_id" IN (SELECT "id" FROM source)), "#,
            r#"(SELECT count(*) FROM "comments" AS s1 WHERE s1."author_id" IN (SELECT "id" FROM source))"#
        )]
    );
    let of_bob = "1 by Post::author_id (cascade), 1 by Post::editor_id (set null), 2 by Comment::author_id (cascade)";
    assert_eq!(told(of("Bob")).await, of_bob);
    assert_eq!(told(of("Cy")).await, "");
    let both = "3 by Post::author_id (cascade), 1 by Post::editor_id (set null), 2 by Comment::author_id (cascade)";
    assert_eq!(told(User::find()).await, both);
    let last = User::find().order_by(User::ID.desc()).limit(2);
    assert_eq!(told(last).await, of_bob);
    let one = User::find().order_by(User::ID).limit(1).with(User::POSTS);
    assert_eq!(told(one.offset(1)).await, of_bob);
    // Nothing to ask, nothing sent.
    blog.statements();
    let none = Comment::find().referrers(all, db).await.unwrap();
    assert!(none.is_empty() && blog.statements().is_empty());
    let none = User::find().referrers(entities![User], db).await.unwrap();
    assert!(none.is_empty() && blog.statements().is_empty());
}

#[derive(Entity, Debug)]
#[orm(table = "boxes", insert(NewBox))]
struct Box {
    #[orm(primary_key)]
    id: i64,
    #[orm(references(Box))]
    inside_of: Option<i64>,
    #[orm(soft_delete)]
    deleted_at: Option<chrono::DateTime<chrono::Utc>>,
}

#[tokio::test]
async fn what_it_tells_is_what_a_delete_meets() {
    let fresh = fresh(entities![Box]).await;
    let db = &fresh.db;
    let rows = [(1, None), (2, Some(1)), (3, Some(1))];
    let rows = rows.map(|(id, inside_of)| NewBox { id, inside_of });
    Box::insert_many(rows.into()).execute(db).await.unwrap();
    Box::delete().key(3).execute(db).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let one = || Box::find().filter(Box::ID.eq(1)).for_update();
    let referrers = one().referrers(entities![Box], &tx).await.unwrap();
    let [ref inside] = referrers[..] else {
        panic!("{referrers:?}");
    };
    assert!(inside.is_in_the_way());
    assert_eq!(
        (inside.table, inside.column, inside.rows),
        ("boxes", "inside_of", 2)
    );
    assert_eq!(
        (inside.entity, inside.field, inside.on_delete),
        ("Box", "inside_of", None)
    );
    // And so it is: also for the one that only seems deleted.
    let refused = tx.attempt(async |part| Box::delete().key(1).hard().execute(part).await);
    assert!(refused.await.unwrap_err().is_foreign_key_violation());
    let others = Box::delete().filter(Box::INSIDE_OF.eq(1)).hard();
    assert_eq!(others.execute(&tx).await.unwrap(), 2);
    assert!(
        one()
            .referrers(entities![Box], &tx)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(Box::delete().key(1).hard().execute(&tx).await.unwrap(), 1);
    tx.commit().await.unwrap();
}
