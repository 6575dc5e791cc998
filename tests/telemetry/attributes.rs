//! What spans carry, name by name, value by value and type by type.

use crate::blog::{Post, User, new_post, new_user};
use crate::observed::{Observed, Sdk, attribute, attributes_of, config, database};
use crate::wire_tap::port_of;
use opentelemetry::Value;
use opentelemetry_sdk::trace::{Sampler, SpanData};
use ormcore::{Config, SpanNames, Window, count, sql};

/// Attributes as lines. What differs from run to run is named instead of shown, and a duration is only a number.
pub(crate) fn lines(blog: &Observed, span: &SpanData) -> String {
    let mut text = String::from("\n");
    for (name, value) in attributes_of(span) {
        let (kind, value) = match value {
            Value::String(value) => ("string", value.to_string()),
            Value::I64(value) => ("int", value.to_string()),
            Value::Bool(value) => ("bool", value.to_string()),
            Value::F64(value) => {
                assert!(value >= 0.0, "{name} is a duration: {value}");
                ("double", "…".to_owned())
            }
            other => ("another type", format!("{other:?}")),
        };
        text += &format!("{name}: {kind} = {value}\n");
    }
    let port = port_of(blog.database.url());
    text.replace(blog.database.name(), "{database}")
        .replace(&format!("int = {port}\n"), "int = {port}\n")
        .replace(file!(), "{this file}")
}

#[tokio::test]
async fn a_question_says_what_was_asked_and_what_came() {
    let blog = Observed::blog().await;
    blog.users(["Ada", "Bob", "Cyd"]).await;
    let question = User::find()
        .filter(User::NAME.ne("Bob"))
        .filter(User::ID.gt(0))
        .order_by(User::NAME.desc())
        .order_by(User::ID)
        .limit(10)
        .offset(1);
    let asked = question.all(&blog.db);
    let line = line!() - 1;
    assert_eq!(asked.await.expect("users").len(), 1);

    let text = lines(&blog, &blog.only_span());
    let text = text.replace(&format!("int = {line}\n"), "int = {line}\n");
    assert_eq!(
        text,
        r#"
code.file.path: string = {this file}
code.line.number: int = {line}
db.collection.name: string = users
db.namespace: string = {database}|public
db.operation.name: string = find
db.query.filters_count: int = 2
db.query.limit: int = 10
db.query.offset: int = 1
db.query.order_by: string = name DESC, id
db.query.summary: string = SELECT users
db.query.text: string = SELECT "id", "name", "email", "age", "created_at" FROM "users" WHERE "name" <> $1 AND "id" > $2 ORDER BY "name" DESC, "id" LIMIT $3 OFFSET $4
db.response.returned_rows: int = 1
db.result.count: int = 1
db.system.name: string = postgresql
ormcore.decode_duration: double = …
ormcore.pool.wait_duration: double = …
ormcore.statement.cached: bool = false
server.address: string = 127.0.0.1
server.port: int = {port}
"#
    );
}

#[tokio::test]
async fn an_aggregate_says_what_is_computed_of_how_many_groups() {
    let blog = Observed::blog().await;
    let [ada] = blog.users(["Ada"]).await;
    Post::insert(new_post(&ada, "one"))
        .one(&blog.db)
        .await
        .expect("a post");
    blog.only_span();
    let asked = Post::find()
        .select((Post::AUTHOR_ID, count(), Post::ID.sum().coalesce(0)))
        .group_by(Post::AUTHOR_ID)
        .having(count().gt(0));
    let groups = asked.all(&blog.db).await.expect("groups");
    assert_eq!(groups, [(1, 1, 1)]);
    let span = blog.only_span();
    assert_eq!(span.name, "db.query.aggregate");
    let text = lines(&blog, &span);
    let of_query: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("db.operation") || line.starts_with("db.query"))
        .collect();
    assert_eq!(
        of_query,
        [
            "db.operation.name: string = aggregate",
            "db.query.aggregates: string = count,sum",
            "db.query.group_by_count: int = 1",
            "db.query.summary: string = SELECT posts",
            r#"db.query.text: string = SELECT "author_id", count(*), coalesce(CAST(sum("id") AS bigint), $1::bigint) FROM "posts" GROUP BY "author_id" HAVING count(*) > $2::bigint"#,
        ]
    );

    let beside_each = Post::ID.sum().over(Window::new());
    let sums = Post::find().select(beside_each).all(&blog.db);
    sums.await.expect("sums");
    let span = blog.only_span();
    assert_eq!(span.name, "db.query.find");
    assert_eq!(attribute(&span, "db.query.aggregates"), None);
    assert_eq!(attribute(&span, "db.query.group_by_count"), None);
}

#[tokio::test]
async fn a_statement_that_writes_says_how_many_rows() {
    let blog = Observed::blog().await;
    let [ada, _bob] = blog.users(["Ada", "Bob"]).await;
    let everyone = || User::update_many().all_rows().set(User::AGE, 1);
    everyone().execute(&blog.db).await.expect("an update");
    let span = blog.only_span();
    assert_eq!(
        attribute(&span, "db.result.affected_rows").as_deref(),
        Some("2")
    );
    assert_eq!(attribute(&span, "db.result.count"), None);
    assert_eq!(attribute(&span, "db.response.returned_rows"), None);

    let rows = vec![new_post(&ada, "one"), new_post(&ada, "two")];
    Post::insert_many(rows.clone())
        .all(&blog.db)
        .await
        .expect("posts");
    let of_rows = blog.only_span();
    let keys = Post::insert_many(rows).keys(&blog.db);
    assert_eq!(keys.await.expect("keys").len(), 2);
    let span = blog.only_span();
    for name in [
        "db.result.affected_rows",
        "db.result.count",
        "db.response.returned_rows",
    ] {
        for span in [&of_rows, &span] {
            let attributes = attributes_of(span);
            assert_eq!(attributes.get(name), Some(&Value::I64(2)), "{name}");
        }
    }
    // Many rows in one statement are one operation.
    assert_eq!(attribute(&span, "db.operation.batch.size"), None);
}

#[tokio::test]
async fn a_load_says_what_was_loaded_and_how() {
    let blog = Observed::blog().await;
    let authors = blog.users(["Ada", "Bob"]).await;
    blog.post_by_each(&authors).await;
    User::find()
        .with(User::POSTS)
        .all(&blog.db)
        .await
        .expect("users");

    let spans = blog.spans();
    let load = spans
        .iter()
        .find(|span| span.name == "db.relationship.load");
    assert_eq!(
        lines(&blog, load.expect("a load")),
        "
db.relationship.batch_count: int = 2
db.relationship.cache_hit: bool = false
db.relationship.depth: int = 1
db.relationship.fk_column: string = author_id
db.relationship.name: string = posts
db.relationship.query_count: int = 1
db.relationship.strategy: string = selectinload
db.relationship.target_model: string = Post
db.result.count: int = 2
"
    );
}

#[tokio::test]
async fn a_join_has_no_collection_but_names_its_tables_in_the_summary() {
    let blog = Observed::blog().await;
    let joined = Post::find().with(Post::AUTHOR.joined());
    joined.all(&blog.db).await.expect("no posts");
    let span = blog.only_span();
    assert_eq!(attribute(&span, "db.collection.name"), None);
    assert_eq!(
        attribute(&span, "db.query.summary").as_deref(),
        Some("SELECT posts users")
    );
}

#[tokio::test]
async fn the_namespace_is_the_database_and_the_schema_that_names_are_found_in() {
    let database = database();
    let admin = config(&database).connect().await.expect("a connection");
    let schema = sql("CREATE SCHEMA shop");
    schema.batch(&admin).await.expect("a schema");
    for (path, namespace) in [
        ("public", format!("{}|public", database.name())),
        ("shop,public", format!("{}|shop", database.name())),
        // None of the path is there: only the database is known.
        ("nowhere", database.name().to_owned()),
    ] {
        let sdk = Sdk::new(Sampler::AlwaysOn);
        let url = format!("{}?options=-csearch_path%3D{path}", database.url());
        let config = Config::new(&url).expect("a URL");
        let config = config.tracer_provider(&sdk.tracer_provider);
        let db = config.connect().await.expect("a connection");
        sql("SELECT 1").execute(&db).await.expect("an answer");
        let found = attribute(&sdk.spans()[0], "db.namespace");
        assert_eq!(found, Some(namespace), "{path}");
    }
}

#[tokio::test]
async fn sql_of_ones_own_is_summed_up_by_its_author_or_by_its_first_word() {
    let blog = Observed::blog().await;
    let unnamed = sql("select 1 from users");
    unnamed.execute(&blog.db).await.expect("an answer");
    let named = sql("select 1 from users").summary("SELECT users posts");
    named.execute(&blog.db).await.expect("an answer");
    let summaries: Vec<_> = blog
        .spans()
        .iter()
        .map(|span| attribute(span, "db.query.summary"))
        .collect();
    assert_eq!(summaries[0].as_deref(), Some("SELECT"));
    assert_eq!(summaries[1].as_deref(), Some("SELECT users posts"));
}

#[tokio::test]
async fn whether_a_statement_was_prepared_before_is_told() {
    let blog = Observed::blog_with(Sampler::AlwaysOn, |config| config.pool_size(1)).await;
    for _ in 0..2 {
        User::find().count(&blog.db).await.expect("a count");
    }
    let cached: Vec<_> = blog
        .spans()
        .iter()
        .map(|span| attributes_of(span)["ormcore.statement.cached"].clone())
        .collect();
    assert_eq!(cached, [Value::Bool(false), Value::Bool(true)]);
}

#[tokio::test]
async fn long_sql_is_cut_between_characters() {
    let blog = Observed::blog().await;
    // Each of the characters is three bytes long, and the limit counts characters.
    let text = format!("SELECT '{}'", "€".repeat(5000));
    let whole: &'static str = Box::leak(text.into_boxed_str());
    sql(whole).execute(&blog.db).await.expect("an answer");
    let shown = attribute(&blog.only_span(), "db.query.text").expect("a text");
    assert_eq!(shown.chars().count(), 4096);
    assert!(whole.starts_with(&shown));
}

#[tokio::test]
async fn sql_is_shown_only_where_it_may_be() {
    let blog = Observed::blog_with(Sampler::AlwaysOn, |config| config.query_text(false)).await;
    User::find().count(&blog.db).await.expect("a count");
    let span = blog.only_span();
    assert_eq!(attribute(&span, "db.query.text"), None);
    assert_eq!(
        attribute(&span, "db.query.summary").as_deref(),
        Some("SELECT users")
    );
}

#[tokio::test]
async fn spans_can_be_named_by_their_summary() {
    let semconv = |config: Config| config.span_names(SpanNames::Semconv);
    let blog = Observed::blog_with(Sampler::AlwaysOn, semconv).await;
    User::insert(new_user("Ada"))
        .execute(&blog.db)
        .await
        .expect("a user");
    User::find()
        .with(User::POSTS)
        .all(&blog.db)
        .await
        .expect("users");
    let names: Vec<_> = blog
        .spans()
        .iter()
        .map(|span| span.name.to_string())
        .collect();
    assert_eq!(
        names,
        [
            "INSERT users",
            "SELECT users",
            "db.relationship.load",
            "SELECT posts"
        ]
    );
}

#[tokio::test]
async fn the_builders_attributes_are_on_every_span() {
    let tenant = |config: Config| config.attribute("tenant.id", "acme");
    let blog = Observed::blog_with(Sampler::AlwaysOn, tenant).await;
    let authors = blog.users(["Ada"]).await;
    blog.post_by_each(&authors).await;
    let tx = blog.db.begin().await.expect("a transaction");
    Post::find()
        .with(Post::AUTHOR)
        .all(&tx)
        .await
        .expect("posts");
    tx.commit().await.expect("a commit");
    let spans = blog.spans();
    assert_eq!(spans.len(), 4);
    for span in spans {
        assert_eq!(
            attribute(&span, "tenant.id").as_deref(),
            Some("acme"),
            "{}",
            span.name
        );
    }
}

#[tokio::test]
async fn spans_say_which_library_and_which_conventions_they_come_from() {
    let blog = Observed::blog().await;
    User::find().count(&blog.db).await.expect("a count");
    let scope = blog.only_span().instrumentation_scope;
    assert_eq!(scope.name(), "ormcore");
    assert_eq!(scope.version(), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(
        scope.schema_url(),
        Some(opentelemetry_semantic_conventions::SCHEMA_URL)
    );
}
