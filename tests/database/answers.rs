//! Rows that are missing, too many or not what they were: the error says which statement was asked, and where.

use crate::blog::{Comment, Post, User, UserPatch, blog, new_post, new_user};
use crate::fresh::{Fresh, fresh};
use ormcore::{Entity, Error, ErrorKind, entities, excluded, sql};

/// Two users; one of them wrote a post.
async fn two() -> Fresh {
    let blog = blog().await;
    let users = User::insert_many(["s3cr3t", "Bob"].map(new_user).into());
    let users = users.all(&blog.db).await.expect("users");
    let post = Post::insert(new_post(&users[0], "s3cr3t"));
    post.execute(&blog.db).await.expect("a post");
    blog.statements();
    blog
}

/// It tells the last statement that was sent, and the line; no value.
fn tells(error: &Error, kind: ErrorKind, blog: &Fresh) {
    assert_eq!(error.kind(), kind, "{error}");
    let sent = blog.statements();
    assert_eq!(
        error.statement(),
        sent.last().map(String::as_str),
        "{error}"
    );
    let place = error.location().expect("a place");
    assert!(place.file().ends_with("answers.rs"), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("; statement: ") && text.contains("; asked at "),
        "{text}"
    );
    assert!(
        !text.contains("s3cr3t") && !text.contains("987654"),
        "{text}"
    );
}

macro_rules! failed {
    ($blog:ident, $kind:ident: $($question:expr;)*) => {$(
        let error = $question.await.map(drop).expect_err(stringify!($question));
        tells(&error, ErrorKind::$kind, &$blog);
    )*};
}

const NOBODY: i64 = 987_654;

#[tokio::test]
async fn a_row_that_is_not_there() {
    let blog = two().await;
    let db = &blog.db;
    let nobody = || User::find().filter(User::NAME.eq("s3cr3t!"));
    let name = || nobody().select(User::NAME);
    let text = "SELECT * FROM users WHERE id = $1";
    failed! { blog, NotFound:
        User::get(NOBODY).one(db);
        User::get(NOBODY).with(User::POSTS).one(db);
        User::get(NOBODY).with(User::POSTS.joined()).one(db);
        nobody().one(db);
        nobody().with(User::POSTS).one(db);
        nobody().with(User::POSTS).consistent().one(db);
        name().one(db);
        name().union(Post::find().filter(Post::ID.lt(0)).select(Post::TITLE)).one(db);
        sql(text).bind(NOBODY).one::<User>(db);
        sql("SELECT id FROM users WHERE id = $1").bind(NOBODY).scalar::<i64>(db);
        User::update(NOBODY).set(User::NAME, "s3cr3t!").one(db);
        User::update(NOBODY).patch(UserPatch::default()).one(db);
        User::update(NOBODY).set(User::AGE, 1).returning(User::ID).one(db);
        User::delete().key(NOBODY).one(db);
        User::delete().key(NOBODY).returning(User::NAME).one(db);
        User::upsert(new_user("Bob")).on_conflict(User::EMAIL).update(User::NAME).filter(User::AGE.eq(excluded(User::AGE))).one(db);
    }
    let tx = db.begin().await.unwrap();
    failed! { blog, NotFound:
        User::get(NOBODY).for_update().one(&tx);
    }
    // Nothing is wrong with the transaction.
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn rows_that_are_too_many() {
    let blog = two().await;
    let db = &blog.db;
    let names = || User::find().select(User::NAME);
    failed! { blog, TooManyRows:
        User::find().one(db);
        User::find().maybe(db);
        User::find().filter(User::NAME.ne("s3cr3t!")).with(User::POSTS.joined()).one(db);
        names().one(db);
        names().maybe(db);
        names().union(names()).one(db);
        names().union(names()).maybe(db);
        sql("SELECT * FROM users").one::<User>(db);
        sql("SELECT * FROM users").maybe::<User>(db);
        sql("SELECT id FROM users WHERE name <> $1").bind("s3cr3t!".to_owned()).scalar::<i64>(db);
    }
    // Nobody asks for the relations of rows that are too many.
    let error = User::find().with(User::POSTS).one(db).await.unwrap_err();
    assert_eq!(blog.statements(), [error.statement().unwrap()]);
}

#[derive(Entity, Debug)]
#[orm(table = "pages", insert(NewPage), patch(PagePatch))]
struct Page {
    #[orm(primary_key)]
    id: i64,
    text: String,
    #[orm(version)]
    version: i32,
}

#[tokio::test]
async fn a_row_that_is_not_what_it_was() {
    let fresh = fresh(entities![Page]).await;
    let db = &fresh.db;
    let page = NewPage {
        id: NOBODY,
        text: "s3cr3t".into(),
    };
    Page::insert(page).execute(db).await.unwrap();
    fresh.statements();
    let stale = || Page::update(NOBODY).version(7);
    failed! { fresh, StaleVersion:
        stale().set(Page::TEXT, "s3cr3t!").one(db);
        stale().set(Page::TEXT, "s3cr3t!").execute(db);
        stale().set(Page::TEXT, "s3cr3t!").returning(Page::VERSION).one(db);
        stale().patch(PagePatch::default()).one(db);
        stale().patch(PagePatch::default()).all(db);
        stale().patch(PagePatch::default()).returning(Page::TEXT).all(db);
        Page::delete().key(NOBODY).version(7).one(db);
        Page::delete().key(NOBODY).version(7).execute(db);
        Page::delete().key(NOBODY).version(7).returning(Page::TEXT).one(db);
    }
    let right = || Page::update(NOBODY).version(1);
    let same = right().patch(PagePatch::default()).one(db).await.unwrap();
    assert_eq!((same.id, &*same.text, same.version), (NOBODY, "s3cr3t", 1));
    right().set(Page::TEXT, "b").execute(db).await.unwrap();
}

/// What a trigger swallows did not come back.
#[tokio::test]
async fn a_row_that_was_not_stored() {
    let blog = two().await;
    let db = &blog.db;
    let swallow =
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER swallow BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION swallow()";
    sql(swallow).batch(db).await.unwrap();
    let comment = || crate::blog::NewComment {
        post_id: 1,
        author_id: 1,
        body: "s3cr3t".into(),
    };
    blog.statements();
    failed! { blog, NotFound:
        Comment::insert(comment()).one(db);
        Comment::insert(comment()).returning(Comment::ID).one(db);
        Comment::insert_many(vec![comment()]).all(db);
        Comment::insert_many(vec![comment()]).keys(db);
    }
}

/// The text is that of the scope it was asked in.
#[derive(Entity, Debug)]
#[orm(table = "notes", insert(NewNote))]
struct Note {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    tenant: i32,
    text: String,
}

#[tokio::test]
async fn a_row_of_another_scope() {
    let fresh = fresh(entities![Note]).await;
    let one = fresh.db.scope(1_i32);
    let note = Note::insert(NewNote {
        text: "s3cr3t".into(),
    });
    let note = note.one(&one).await.unwrap();
    assert_eq!((note.tenant, &*note.text), (1, "s3cr3t"));
    let other = fresh.db.scope(987_654_i32);
    fresh.statements();
    failed! { fresh, NotFound:
        Note::get(note.id).one(&other);
        Note::find().filter(Note::TEXT.eq("s3cr3t")).one(&other);
        Note::update(note.id).set(Note::TEXT, "").one(&other);
        Note::delete().key(note.id).scope(2_i32).one(&one);
        Note::find().filter(Note::TEXT.eq("")).all_scopes().one(&one);
    }
}
