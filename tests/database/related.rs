//! Questions about related rows, without loading them.

use crate::blog::{Comment, Post, User, blog, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::row;

/// Ada wrote "a" (published, Bob edits it) and "b" (not published); Bob commented on both; Cy did nothing.
async fn three() -> Fresh {
    let blog = blog().await;
    let mut users = Vec::new();
    for name in ["Ada", "Bob", "Cy"] {
        users.push(
            User::insert(new_user(name))
                .one(&blog.db)
                .await
                .expect("a user"),
        );
    }
    for (title, published, editor) in [("a", true, Some(2)), ("b", false, None)] {
        let mut post = new_post(&users[0], title);
        post.published = Some(published);
        post.editor_id = editor;
        let post = Post::insert(post).one(&blog.db).await.expect("a post");
        let comment = crate::blog::NewComment {
            post_id: post.id,
            author_id: 2,
            body: format!("on {title}"),
        };
        Comment::insert(comment)
            .one(&blog.db)
            .await
            .expect("a comment");
    }
    blog.statements();
    blog
}

impl Fresh {
    async fn initials_where(&self, condition: ormcore::Condition<User>) -> String {
        let users = User::find().filter(condition).order_by(User::ID);
        let users = users.select(User::NAME.substring(1, 1)).all(&self.db).await;
        users.expect("users").concat()
    }

    async fn titles_where(&self, condition: ormcore::Condition<Post>) -> String {
        let posts = Post::find().filter(condition).order_by(Post::ID);
        let posts = posts.select(Post::TITLE).all(&self.db).await;
        posts.expect("posts").concat()
    }
}

#[tokio::test]
async fn owners_are_found_by_what_they_have() {
    let blog = three().await;
    assert_eq!(
        blog.initials_where(User::POSTS.any(Post::PUBLISHED)).await,
        "A"
    );
    assert_eq!(
        blog.initials_where(User::POSTS.none(Post::PUBLISHED)).await,
        "BC"
    );
    assert_eq!(blog.initials_where(User::POSTS.exists()).await, "A");
    assert_eq!(blog.initials_where(User::POSTS.missing()).await, "BC");
    assert_eq!(
        blog.initials_where(User::POSTS.every(Post::PUBLISHED))
            .await,
        "BC"
    );
    assert_eq!(
        blog.initials_where(User::POSTS.every(Post::TITLE.lt("z")))
            .await,
        "ABC"
    );
    assert_eq!(
        blog.initials_where(User::POSTS.every(Post::EDITOR_ID.eq(2)))
            .await,
        "BC"
    );
    let by_bob = Comment::AUTHOR.is(User::NAME.eq("Bob"));
    assert_eq!(
        blog.initials_where(User::POSTS.any(Post::COMMENTS.any(by_bob)))
            .await,
        "A"
    );
    let counted = User::POSTS.filter(Post::PUBLISHED).count().eq(1);
    assert_eq!(blog.initials_where(counted).await, "A");
    assert_eq!(
        blog.initials_where(User::POSTS.aggregate(Post::ID.max()).gt(1))
            .await,
        "A"
    );

    let sent = blog.statements();
    let condition = |sent: &str| {
        let condition = sent.split_once(" WHERE ").expect("a condition").1;
        condition.trim_end_matches(" ORDER BY \"id\"").to_owned()
    };
    assert_eq!(
        condition(&sent[0]),
        r#"EXISTS (SELECT FROM "posts" AS s1 WHERE s1."author_id" = "users"."id" AND s1."published")"#
    );
    assert_eq!(
        condition(&sent[5]),
        r#"NOT (EXISTS (SELECT FROM "posts" AS s1 WHERE s1."author_id" = "users"."id" AND (s1."title" < $3) IS NOT TRUE))"#
    );
    assert_eq!(
        condition(&sent[7]),
        r#"EXISTS (SELECT FROM "posts" AS s1 WHERE s1."author_id" = "users"."id" AND EXISTS (SELECT FROM "comments" AS s2 WHERE s2."post_id" = s1."id" AND EXISTS (SELECT FROM "users" AS s3 WHERE s3."id" = s2."author_id" AND s3."name" = $3)))"#
    );
}

#[tokio::test]
async fn rows_are_found_by_what_they_belong_to() {
    let blog = three().await;
    assert_eq!(
        blog.titles_where(Post::AUTHOR.is(User::NAME.eq("Ada")))
            .await,
        "ab"
    );
    assert_eq!(
        blog.titles_where(Post::EDITOR.is(User::NAME.eq("Bob")))
            .await,
        "a"
    );
    assert_eq!(blog.titles_where(Post::EDITOR.exists()).await, "a");
    assert_eq!(blog.titles_where(Post::EDITOR.missing()).await, "b");
    assert_eq!(
        blog.titles_where(Post::EDITOR.get(User::NAME).lower().eq("bob"))
            .await,
        "a"
    );
    assert_eq!(
        blog.titles_where(Post::EDITOR.get(User::NAME).is_null())
            .await,
        "b"
    );
}

#[tokio::test]
async fn counts_and_neighbours_values_come_beside_the_row() {
    let blog = three().await;
    let users: Vec<(User, i64, Option<i64>)> = User::find()
        .order_by(User::POSTS.count().desc())
        .order_by(User::ID)
        .select((
            row(),
            User::POSTS.count(),
            User::POSTS.aggregate(Post::ID.max()),
        ))
        .all(&blog.db)
        .await
        .unwrap();
    let seen: Vec<_> = users
        .iter()
        .map(|(user, count, newest)| (&*user.name, *count, *newest))
        .collect();
    assert_eq!(
        seen,
        [("Ada", 2, Some(2)), ("Bob", 0, None), ("Cy", 0, None)]
    );
    let posts: Vec<(String, Option<String>, Option<String>)> = Post::find()
        .order_by(Post::AUTHOR.get(User::NAME))
        .order_by(Post::ID)
        .select((
            Post::TITLE,
            Post::AUTHOR.get(User::NAME),
            Post::EDITOR.get(User::NAME),
        ))
        .all(&blog.db)
        .await
        .unwrap();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        posts,
        [
            ("a".into(), text("Ada"), text("Bob")),
            ("b".into(), text("Ada"), None)
        ]
    );
}

#[tokio::test]
async fn rows_are_changed_and_deleted_by_what_is_related() {
    let blog = three().await;
    let changed = User::update_many()
        .set(User::AGE, User::POSTS.count().cast::<i32>())
        .filter(User::POSTS.exists())
        .execute(&blog.db)
        .await
        .unwrap();
    assert_eq!(changed, 1);
    assert_eq!(User::get(1).one(&blog.db).await.unwrap().age, Some(2));
    let gone = User::delete()
        .filter(User::POSTS.missing())
        .filter(User::NAME.ne("Bob"))
        .execute(&blog.db)
        .await;
    assert_eq!(gone.unwrap(), 1);
}

mod conditional {
    use crate::fresh::{Fresh, fresh_after};
    use ormcore::{Column, Condition, Entity, Lazy, Many, One};

    #[derive(Entity, Debug, serde::Serialize)]
    #[orm(table = "things")]
    struct Thing {
        #[orm(primary_key)]
        id: i64,
        parent_id: Option<i64>,
        live: bool,
        kind: String,
        #[orm(has_many(Thing, key = parent_id, when = is_live))]
        parts: Many<Thing>,
        #[orm(has_one(Thing, key = parent_id, when = Thing::is_handle))]
        handle: One<Option<Thing>>,
        #[orm(many_to_many(Thing, through = "likes", here = a, there = b, when = live))]
        likes: Many<Thing>,
    }

    impl Thing {
        fn is_handle() -> Condition<Self> {
            Self::KIND.eq("handle") & is_live()
        }
    }

    fn is_live() -> Condition<Thing> {
        Thing::LIVE.eq(true)
    }

    fn live() -> Column<Thing, bool> {
        Thing::LIVE
    }

    /// 1 has the parts 2 (a handle) and 3, and two that are not live: 4 (a handle) and 5; 2 has 6; 5 has 7. 1 likes 4 and 6.
    async fn seven() -> Fresh {
        fresh_after(
            "CREATE TABLE things (id bigint PRIMARY KEY, parent_id bigint, live bool NOT NULL, kind text NOT NULL);
             CREATE TABLE likes (a bigint, b bigint, PRIMARY KEY (a, b));
             INSERT INTO likes VALUES (1, 4), (1, 6);
             INSERT INTO things VALUES (1, NULL, true, ''), (2, 1, true, 'handle'), (3, 1, true, ''),
                (4, 1, false, 'handle'), (5, 1, false, ''), (6, 2, true, ''), (7, 5, true, '')",
        )
        .await
    }

    fn ids(things: &[Thing]) -> Vec<i64> {
        things.iter().map(|thing| thing.id).collect()
    }

    #[tokio::test]
    async fn a_condition_of_a_relation_holds_however_it_is_loaded() {
        let things = seven().await;
        let parts = || Thing::PARTS.order_by(Thing::ID);
        let likes = || Thing::LIKES.order_by(Thing::ID);
        let handle = || Thing::HANDLE.order_by(Thing::ID);
        let first = || Thing::find().filter(Thing::ID.eq(1));
        for find in [
            first().with(parts()).with(likes()).with(handle()),
            first()
                .with(parts().joined())
                .with(likes().joined())
                .with(handle().joined()),
            first()
                .with(parts().lateral())
                .with(likes().lateral())
                .with(handle().lateral()),
            first()
                .with(parts().limit(9))
                .with(likes().limit(9))
                .with(handle()),
            first(),
            first().lazy(Lazy::Peers),
        ] {
            let thing = find.one(&things.db).await.unwrap();
            assert_eq!(ids(thing.parts.load(&things.db).await.unwrap()), [2, 3]);
            assert_eq!(ids(thing.likes.load(&things.db).await.unwrap()), [6]);
            let handle = thing.handle.load(&things.db).await.unwrap();
            assert_eq!(handle.map(|handle| handle.id), Some(2));
            assert!(handle.is_some_and(|handle| handle.live && handle.parent_id == Some(1)));
        }
    }

    #[tokio::test]
    async fn a_condition_of_a_relation_holds_in_questions_and_trees() {
        let things = seven().await;
        let found = async |condition| {
            let find = Thing::find().filter(condition).order_by(Thing::ID);
            ids(&find.all(&things.db).await.unwrap())
        };
        assert_eq!(found(Thing::PARTS.exists()).await, [1, 2, 5]);
        assert_eq!(found(Thing::PARTS.count().eq(2)).await, [1]);
        assert_eq!(found(Thing::HANDLE.exists()).await, [1]);
        assert_eq!(
            found(Thing::LIKES.any(Thing::ID.lt(5))).await,
            Vec::<i64>::new()
        );
        let roots = Thing::find().filter(Thing::ID.eq(1));
        let tree = Thing::find().tree(roots, Thing::PARTS).order_by(Thing::ID);
        assert_eq!(ids(&tree.all(&things.db).await.unwrap()), [1, 2, 3, 6]);
    }
}
