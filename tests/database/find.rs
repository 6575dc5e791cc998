//! Finding rows.

use crate::blog::{Comment, Post, User, blog, new_comment, new_post, new_user};

#[tokio::test]
async fn spike() {
    let blog = blog().await;
    let db = &blog.db;
    let ada = User::insert(new_user("Ada")).one(db).await.unwrap();
    assert_eq!(ada.name, "Ada");
    let bob = User::insert(new_user("Bob")).one(db).await.unwrap();
    let posts = Post::insert_many(
        (0..5)
            .map(|n| new_post(if n % 2 == 0 { &ada } else { &bob }, &format!("post {n}")))
            .collect(),
    )
    .all(db)
    .await
    .unwrap();
    assert_eq!(posts.len(), 5);
    for (n, post) in posts.iter().enumerate() {
        assert_eq!(post.title, format!("post {n}"));
        assert!(post.published);
    }
    let comments = Comment::insert_many(
        posts
            .iter()
            .flat_map(|p| [new_comment(p, &ada, "a"), new_comment(p, &bob, "b")])
            .collect(),
    )
    .all(db)
    .await
    .unwrap();
    assert_eq!(comments.len(), 10);
    let again = User::get(ada.id).one(db).await.unwrap();
    assert_eq!(again.email, "ada@example.org");
    assert!(User::get(99).one(db).await.unwrap_err().is_not_found());
    let found = User::find()
        .filter(User::NAME.ilike("a%").and(User::AGE.is_null()))
        .order_by(User::ID.desc())
        .limit(3)
        .all(db)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        Post::find()
            .filter(Post::AUTHOR_ID.eq(ada.id))
            .count(db)
            .await
            .unwrap(),
        3
    );
    assert!(
        Post::find()
            .filter(Post::TITLE.in_(["post 1", "nix"]))
            .exists(db)
            .await
            .unwrap()
    );
    // relations
    let all = Post::find().order_by(Post::ID).all(db).await.unwrap();
    assert!(all[0].author.get().is_err());
    assert_eq!(all[0].author.load(db).await.unwrap().name, "Ada");
    assert!(all[0].editor.load(db).await.unwrap().is_none());
    assert_eq!(ada.posts.load(db).await.unwrap().len(), 3);
    let eager = Post::find()
        .with(Post::AUTHOR)
        .with(Post::COMMENTS.with(Comment::AUTHOR))
        .order_by(Post::ID)
        .all(db)
        .await
        .unwrap();
    assert_eq!(eager[1].author.get().unwrap().name, "Bob");
    assert_eq!(
        eager[1].comments.get().unwrap()[1]
            .author
            .get()
            .unwrap()
            .name,
        "Bob"
    );
    let joined = Post::find()
        .with(Post::AUTHOR.joined())
        .order_by(Post::ID)
        .all(db)
        .await
        .unwrap();
    assert_eq!(joined[1].author.get().unwrap().name, "Bob");
    let users = User::find()
        .with(
            User::POSTS
                .order_by(Post::ID.desc())
                .with(Post::COMMENTS.joined())
                .joined(),
        )
        .order_by(User::ID)
        .limit(1)
        .all(db)
        .await
        .unwrap();
    assert_eq!(users.len(), 1);
    let posts = users[0].posts.get().unwrap();
    assert_eq!(posts.len(), 3);
    assert_eq!(posts[0].title, "post 4");
    assert_eq!(posts[0].comments.get().unwrap().len(), 2);
    println!("{}", serde_json::to_string(&users).unwrap());
    // update, delete
    let older = User::update(ada.id)
        .set(User::AGE, 37)
        .one(db)
        .await
        .unwrap();
    assert_eq!(older.age, Some(37));
    println!(
        "{:?}",
        User::update_many().set(User::AGE, 1).execute(db).await
    );
    assert_eq!(
        Post::delete()
            .filter(Post::AUTHOR_ID.eq(bob.id))
            .execute(db)
            .await
            .unwrap(),
        2
    );
    let raw: Vec<User> =
        ormcore::sql("SELECT age, id, created_at, email, name FROM users WHERE name = $1")
            .bind("Ada".to_owned())
            .all(db)
            .await
            .unwrap();
    assert_eq!(raw[0].age, Some(37));
    // transactions
    let mut tx = db.begin().await.unwrap();
    User::insert(new_user("Carl")).execute(&tx).await.unwrap();
    {
        let sp = tx.savepoint().await.unwrap();
        println!(
            "{}",
            User::insert(new_user("Carl"))
                .execute(&sp)
                .await
                .unwrap_err()
        );
    }
    User::insert(new_user("Dora")).execute(&tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(User::find().count(db).await.unwrap(), 4);
    let tx = db.begin().await.unwrap();
    User::insert(new_user("Carl"))
        .execute(&tx)
        .await
        .unwrap_err();
    println!("{}", tx.commit().await.unwrap_err());
    tokio::spawn({
        let db = db.clone();
        async move {
            db.transaction(async |tx| User::insert(new_user("Eve")).one(tx).await)
                .await
        }
    })
    .await
    .unwrap()
    .unwrap();
}
