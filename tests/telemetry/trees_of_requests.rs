//! What a trace of a small web application holds below its server span, request by request.

use crate::blog::{Post, User, UserPatch, new_post, new_user};
use crate::observed::Observed;
use crate::tree_text::tree;
use ormcore::{Error, sql};

#[tokio::test]
async fn listing_users() {
    let blog = Observed::blog().await;
    blog.users(["Ada", "Bob"]).await;
    let work = User::find().order_by(User::ID).all(&blog.db);
    blog.sdk.request("GET /users", work).await.expect("users");
    assert_eq!(
        tree(&blog.spans()),
        "
GET /users [SERVER]
  db.query.find [CLIENT] collection=users count=2
"
    );
}

#[tokio::test]
async fn reading_a_user_and_what_they_wrote() {
    let blog = Observed::blog().await;
    let [ada] = blog.users(["Ada"]).await;
    let posts = (0..5).map(|number| new_post(&ada, &number.to_string()));
    Post::insert_many(posts.collect())
        .execute(&blog.db)
        .await
        .expect("posts");
    blog.spans();
    let work = async {
        let user = User::get(ada.id).one(&blog.db).await?;
        Ok::<_, Error>(user.posts.load(&blog.db).await?.len())
    };
    let read = blog.sdk.request("GET /users/{user_id}", work).await;
    assert_eq!(read.expect("posts"), 5);
    assert_eq!(
        tree(&blog.spans()),
        "
GET /users/{user_id} [SERVER]
  db.query.find_one [CLIENT] collection=users count=1
  db.relationship.load [INTERNAL] relation=posts strategy=lazy depth=1 batch_count=1 query_count=1 cache_hit=false count=5
    db.query.find [CLIENT] collection=posts count=5
"
    );
}

#[tokio::test]
async fn asking_for_a_user_who_is_not_there_is_no_error() {
    let blog = Observed::blog().await;
    let work = User::get(99).one(&blog.db);
    let missing = blog.sdk.request("GET /users/{user_id}", work).await;
    assert!(missing.unwrap_err().is_not_found());
    assert_eq!(
        tree(&blog.spans()),
        "
GET /users/{user_id} [SERVER]
  db.query.find_one [CLIENT] collection=users count=0
"
    );
}

#[tokio::test]
async fn creating_a_user() {
    let blog = Observed::blog().await;
    let work = blog
        .db
        .transaction(async |tx| User::insert(new_user("Ada")).one(&*tx).await);
    blog.sdk.request("POST /users", work).await.expect("a user");
    assert_eq!(
        tree(&blog.spans()),
        "
POST /users [SERVER]
  db.transaction [INTERNAL] status=committed
    db.query.insert [CLIENT] collection=users count=1 affected_rows=1
"
    );
}

#[tokio::test]
async fn creating_a_post_for_an_author() {
    let blog = Observed::blog().await;
    let [ada] = blog.users(["Ada"]).await;
    let work = async {
        let create = blog.db.transaction(async |tx| {
            let author = User::get(ada.id).one(&*tx).await?;
            Post::insert(new_post(&author, "news")).one(&*tx).await
        });
        let post = create.await?;
        post.author.load(&blog.db).await?;
        Ok::<_, Error>(())
    };
    blog.sdk.request("POST /posts", work).await.expect("a post");
    assert_eq!(
        tree(&blog.spans()),
        "
POST /posts [SERVER]
  db.transaction [INTERNAL] status=committed
    db.query.find_one [CLIENT] collection=users count=1
    db.query.insert [CLIENT] collection=posts count=1 affected_rows=1
  db.relationship.load [INTERNAL] relation=author strategy=lazy depth=1 batch_count=1 query_count=1 cache_hit=false count=1
    db.query.find [CLIENT] collection=users count=1
"
    );
}

#[tokio::test]
async fn reading_a_page_and_how_many_there_are() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob", "Cyd"]).await;
    blog.post_by_each(&authors).await;
    let work = async {
        let posts = Post::find().order_by(Post::ID).limit(2).offset(1);
        let page = posts.with(Post::AUTHOR).all(&blog.db).await?;
        Ok::<_, Error>((page.len(), Post::find().count(&blog.db).await?))
    };
    let page = blog.sdk.request("GET /posts", work).await;
    assert_eq!(page.expect("a page"), (2, 3));
    assert_eq!(
        tree(&blog.spans()),
        "
GET /posts [SERVER]
  db.query.find [CLIENT] collection=posts limit=2 offset=1 count=2
  db.relationship.load [INTERNAL] relation=author strategy=selectinload depth=1 batch_count=2 query_count=1 cache_hit=false count=2
    db.query.find [CLIENT] collection=users count=2
  db.query.count [CLIENT] collection=posts count=1
"
    );
}

#[tokio::test]
async fn changing_and_deleting_and_sql_of_ones_own() {
    let blog = Observed::blog().await;
    let [ada, bob] = blog.users(["Ada", "Bob"]).await;
    let work = async {
        let patch = UserPatch {
            name: Some("Ada L.".to_owned()),
            ..UserPatch::default()
        };
        User::update(ada.id).patch(patch).one(&blog.db).await?;
        User::update_many()
            .all_rows()
            .set(User::AGE, 37)
            .execute(&blog.db)
            .await?;
        User::delete().key(bob.id).execute(&blog.db).await?;
        User::find().exists(&blog.db).await?;
        sql("SELECT * FROM users").all::<User>(&blog.db).await?;
        sql("UPDATE users SET age = $1")
            .bind(38)
            .execute(&blog.db)
            .await?;
        sql("CREATE TABLE a (b int)").batch(&blog.db).await
    };
    blog.sdk
        .request("PATCH /users", work)
        .await
        .expect("changes");
    assert_eq!(
        tree(&blog.spans()),
        "
PATCH /users [SERVER]
  db.query.update [CLIENT] collection=users count=1 affected_rows=1
  db.query.update [CLIENT] collection=users affected_rows=2
  db.query.delete [CLIENT] collection=users affected_rows=1
  db.query.exists [CLIENT] collection=users count=1
  db.query.raw [CLIENT] count=1
  db.query.raw [CLIENT] affected_rows=1
  db.query.raw [CLIENT]
"
    );
}
