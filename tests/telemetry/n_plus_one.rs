//! The N+1 problem is seen when it happens, once, and told with its remedy.

use crate::alone::alone;
use crate::blog::{Comment, Post, User, new_comment};
use crate::events::Events;
use crate::measured::{Instrument, metric};
use crate::observed::{Observed, attribute, config, database};
use opentelemetry_sdk::trace::Sampler;
use ormcore::{Config, Error, ErrorKind, Executor, Lazy, NPlusOne, row, sql};
use tracing::Level;

const EVENT: &str = "ormcore.n_plus_one";
const METRIC: &str = "ormcore.n_plus_one.detected";
const SIX: [&str; 6] = ["Ada", "Bob", "Cyd", "Dan", "Eve", "Fay"];

/// Six posts by six authors.
async fn blog_of_six(settings: impl FnOnce(Config) -> Config) -> Observed {
    let blog = Observed::blog_with(Sampler::AlwaysOn, settings).await;
    let authors = blog.users(SIX).await;
    blog.post_by_each(&authors).await;
    blog
}

/// Loads the author of each post; also says in which line.
async fn authors_one_by_one(executor: &impl Executor) -> Result<u32, Error> {
    let mut line = 0;
    for post in Post::find().order_by(Post::ID).all(executor).await? {
        line = line!() + 1;
        post.author.load(executor).await?;
    }
    Ok(line)
}

/// How often the pattern was counted.
fn detected(blog: &Observed) -> f64 {
    let metrics = blog.metrics();
    let found = metrics.iter().find(|metric| metric.name == METRIC);
    found.map_or(0.0, |metric| {
        metric.points.iter().map(|point| point.value).sum()
    })
}

#[tokio::test]
async fn it_is_told_once_with_the_count_the_line_and_the_remedy() {
    let blog = blog_of_six(|config| config).await;
    let (events, _guard) = Events::keep();
    let work = authors_one_by_one(&blog.db);
    let line = blog.sdk.request("GET /posts", work).await.expect("authors");

    let told = events.named(EVENT);
    let [event] = told.as_slice() else {
        panic!("one event: {told:#?}");
    };
    assert_eq!(event.level, Level::WARN);
    assert_eq!(event.target, "ormcore");
    assert_eq!(event.fields["relation"], "Post::AUTHOR");
    assert_eq!(event.fields["count"], "5");
    assert_eq!(event.fields["file"], file!());
    assert_eq!(event.fields["line"], line.to_string());
    let message = &event.fields["message"];
    for part in ["5", &format!("{}:{line}", file!()), ".with(Post::AUTHOR)"] {
        assert!(message.contains(part), "{part} in {message}");
    }

    let metrics = blog.metrics();
    let counter = metric(&metrics, METRIC);
    assert_eq!(counter.instrument, Instrument::Counter);
    assert_eq!(counter.only().value, 1.0);
    let relation = counter.only().get("ormcore.n_plus_one.relation");
    assert_eq!(relation.as_deref(), Some("Post::AUTHOR"));
    assert_eq!(counter.only().attributes.len(), 1);
}

#[tokio::test]
async fn the_enclosing_span_is_marked_and_no_other() {
    let blog = blog_of_six(|config| config).await;
    let work = authors_one_by_one(&blog.db);
    blog.sdk.request("GET /posts", work).await.expect("authors");
    for span in blog.spans() {
        let relation = attribute(&span, "ormcore.n_plus_one.relation");
        let count = attribute(&span, "ormcore.n_plus_one.count");
        let is_enclosing = span.name == "GET /posts";
        assert_eq!(relation.is_some(), is_enclosing, "{}", span.name);
        assert_eq!(
            count.as_deref(),
            is_enclosing.then_some("5"),
            "{}",
            span.name
        );
    }
}

#[tokio::test]
async fn a_transaction_is_an_enclosing_span_too() {
    let blog = blog_of_six(|config| config).await;
    let tx = blog.db.begin().await.expect("a transaction");
    authors_one_by_one(&tx).await.expect("authors");
    tx.commit().await.expect("a commit");
    let spans = blog.spans();
    let transaction = spans.iter().find(|span| span.name == "db.transaction");
    let count = attribute(
        transaction.expect("a transaction"),
        "ormcore.n_plus_one.count",
    );
    assert_eq!(count.as_deref(), Some("5"));
}

#[tokio::test]
async fn it_is_seen_whatever_statement_returned_the_rows() {
    let find = || Post::find().order_by(Post::ID);
    let blog = blog_of_six(|config| config.n_plus_one(NPlusOne::Error)).await;
    let db = &blog.db;
    let selected = find().select((row(), Post::TITLE)).all(db).await;
    let selected = selected.expect("posts").into_iter().map(|(post, _)| post);
    let union = find().limit(3).select(row::<Post>());
    let union = union.union_all(find().offset(3).select(row()));
    for posts in [
        selected.collect(),
        union.all(db).await.expect("posts"),
        sql("SELECT * FROM posts")
            .all::<Post>(db)
            .await
            .expect("posts"),
        Post::update_many()
            .all_rows()
            .set(Post::TITLE, "b")
            .all(db)
            .await
            .expect("posts"),
    ] {
        assert_eq!(posts.len(), 6);
        let mut kinds = Vec::new();
        for post in &posts {
            kinds.extend(post.author.load(db).await.err().map(|error| error.kind()));
        }
        assert_eq!(kinds, [ErrorKind::NPlusOne]);
    }
}

#[tokio::test]
async fn below_the_threshold_nothing_is_told() {
    let blog = blog_of_six(|config| config.n_plus_one_threshold(7)).await;
    let (events, _guard) = Events::keep();
    authors_one_by_one(&blog.db).await.expect("authors");
    assert!(events.named(EVENT).is_empty());
    assert_eq!(detected(&blog), 0.0);

    let blog = blog_of_six(|config| config.n_plus_one_threshold(2)).await;
    authors_one_by_one(&blog.db).await.expect("authors");
    assert_eq!(events.named(EVENT)[0].fields["count"], "2");
}

#[tokio::test]
async fn each_result_is_counted_by_itself() {
    let blog = blog_of_six(|config| config).await;
    for _ in 0..3 {
        authors_one_by_one(&blog.db).await.expect("authors");
    }
    assert_eq!(detected(&blog), 3.0);
    for _ in 0..6 {
        let few = Post::find().limit(2).all(&blog.db).await.expect("posts");
        for post in &few {
            post.author.load(&blog.db).await.expect("an author");
        }
    }
    assert_eq!(
        detected(&blog),
        3.0,
        "two of one result are no pattern, however often"
    );
}

#[tokio::test]
async fn each_line_is_counted_by_itself() {
    let blog = blog_of_six(|config| config).await;
    let posts = Post::find().all(&blog.db).await.expect("posts");
    for post in &posts[..3] {
        post.author.load(&blog.db).await.expect("an author");
    }
    for post in &posts[3..] {
        post.author.load(&blog.db).await.expect("an author");
    }
    assert_eq!(detected(&blog), 0.0);
}

#[tokio::test]
async fn rows_that_were_asked_for_one_at_a_time_never_count() {
    let blog = blog_of_six(|config| config.n_plus_one(NPlusOne::Error)).await;
    let ids: Vec<i64> = Post::find()
        .all(&blog.db)
        .await
        .expect("posts")
        .iter()
        .map(|post| post.id)
        .collect();
    for id in ids {
        let post = Post::get(id).one(&blog.db).await.expect("a post");
        post.author.load(&blog.db).await.expect("an author");
        let post = Post::find()
            .filter(Post::ID.eq(id))
            .one(&blog.db)
            .await
            .expect("a post");
        post.author.load(&blog.db).await.expect("an author");
        let post = Post::find()
            .filter(Post::ID.eq(id))
            .first(&blog.db)
            .await
            .expect("a post");
        post.expect("a post")
            .author
            .load(&blog.db)
            .await
            .expect("an author");
    }
    assert_eq!(detected(&blog), 0.0);
}

#[tokio::test]
async fn what_is_there_already_or_leads_nowhere_never_counts() {
    let blog = blog_of_six(|config| config.n_plus_one(NPlusOne::Error)).await;
    let posts = Post::find()
        .with(Post::AUTHOR)
        .all(&blog.db)
        .await
        .expect("posts");
    for post in &posts {
        post.author.load(&blog.db).await.expect("an author");
        post.editor.load(&blog.db).await.expect("nobody");
    }
    assert_eq!(detected(&blog), 0.0);
}

#[tokio::test]
async fn a_loop_inside_a_loop_is_counted_with_the_outer_one() {
    let blog = blog_of_six(|config| config).await;
    let posts = Post::find().all(&blog.db).await.expect("posts");
    let comments = posts
        .iter()
        .map(|post| new_comment(post, &stranger(&posts), "well"));
    Comment::insert_many(comments.collect())
        .execute(&blog.db)
        .await
        .expect("comments");

    let (events, _guard) = Events::keep();
    for user in User::find().all(&blog.db).await.expect("users") {
        // One post each: by itself no loop at all.
        for post in user.posts.load(&blog.db).await.expect("posts") {
            post.comments.load(&blog.db).await.expect("comments");
        }
    }
    let mut relations: Vec<_> = events
        .named(EVENT)
        .iter()
        .map(|event| event.fields["relation"].clone())
        .collect();
    relations.sort();
    assert_eq!(relations, ["Post::COMMENTS", "User::POSTS"]);
}

/// Somebody who exists; comments only need an author.
fn stranger(posts: &[Post]) -> User {
    User {
        id: posts[0].author_id,
        name: String::new(),
        email: String::new(),
        age: None,
        created_at: chrono::DateTime::UNIX_EPOCH,
        posts: ormcore::Many::unloaded(),
    }
}

#[tokio::test]
async fn what_is_loaded_through_a_loaded_row_is_counted_too() {
    let blog = blog_of_six(|config| config).await;
    let (events, _guard) = Events::keep();
    for post in Post::find().all(&blog.db).await.expect("posts") {
        let author = post.author.load(&blog.db).await.expect("an author");
        author.posts.load(&blog.db).await.expect("posts");
    }
    let mut relations: Vec<_> = events
        .named(EVENT)
        .iter()
        .map(|event| event.fields["relation"].clone())
        .collect();
    relations.sort();
    assert_eq!(relations, ["Post::AUTHOR", "User::POSTS"]);
}

#[tokio::test]
async fn it_can_be_left_alone() {
    let blog = blog_of_six(|config| config.n_plus_one(NPlusOne::Off)).await;
    let (events, _guard) = Events::keep();
    authors_one_by_one(&blog.db).await.expect("authors");
    assert!(events.named(EVENT).is_empty());
    assert_eq!(detected(&blog), 0.0);
}

#[tokio::test]
async fn it_can_be_an_error_that_says_the_same() {
    let blog = blog_of_six(|config| config.n_plus_one(NPlusOne::Error)).await;
    let error = authors_one_by_one(&blog.db).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NPlusOne);
    let text = error.to_string();
    for part in ["5", "Post::AUTHOR", ".with(Post::AUTHOR)", file!()] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(detected(&blog), 1.0);
}

#[test]
fn the_environment_says_what_happens() {
    let name = "n_plus_one::the_environment_says_what_happens";
    let environments: [&[(&str, &str)]; 2] = [
        &[("ORMCORE_N_PLUS_ONE", "off")],
        &[("ORMCORE_N_PLUS_ONE", "error")],
    ];
    alone(name, &environments, async || {
        let blog = blog_of_six(|config| config).await;
        let result = authors_one_by_one(&blog.db)
            .await
            .map_err(|error| error.kind());
        let is_error = std::env::var("ORMCORE_N_PLUS_ONE").as_deref() == Ok("error");
        assert_eq!(result.err(), is_error.then_some(ErrorKind::NPlusOne));
    });
}

#[tokio::test]
async fn it_is_told_without_any_telemetry_too() {
    let database = database();
    let silent = config(&database).telemetry(false).connect().await;
    let db = silent.expect("a connection");
    let (events, _guard) = Events::keep();
    let users = SIX.map(crate::blog::new_user).into();
    let authors = User::insert_many(users).all(&db).await.expect("users");
    let posts = authors
        .iter()
        .map(|author| crate::blog::new_post(author, "news"));
    Post::insert_many(posts.collect())
        .execute(&db)
        .await
        .expect("posts");
    authors_one_by_one(&db).await.expect("authors");
    assert_eq!(events.named(EVENT).len(), 1);
}

#[tokio::test]
async fn peers_that_are_loaded_at_once_are_no_pattern() {
    let blog = blog_of_six(|config| config.n_plus_one(NPlusOne::Error)).await;
    let posts = Post::find().lazy(Lazy::Peers).all(&blog.db).await;
    for post in &posts.expect("posts") {
        post.author.load(&blog.db).await.expect("an author");
    }
    assert_eq!(detected(&blog), 0.0);
}
