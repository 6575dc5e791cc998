//! Relations through a table between two others.

use crate::fresh::{Fresh, fresh};
use ormcore::{Entity, Find, Many, One, entities};

#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "articles", insert(NewArticle))]
pub(crate) struct Article {
    #[orm(primary_key, generated)]
    pub id: i64,
    pub title: String,
    #[orm(many_to_many(Tag, through = "article_tags"))]
    pub tags: Many<Tag>,
    #[orm(many_to_many(Article, through = "citations", here = from_id, there = to_id))]
    pub cites: Many<Article>,
    #[orm(many_to_many(Person, through = Credit, there = who))]
    pub people: Many<Person>,
}

#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "tags", insert(NewTag))]
pub(crate) struct Tag {
    #[orm(primary_key)]
    pub name: String,
    /// Called like a column of the table between.
    pub article_id: i32,
    #[orm(many_to_many(Article, through = "article_tags"))]
    pub articles: Many<Article>,
    #[orm(has_many(Note, key = tag))]
    pub notes: Many<Note>,
}

#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "notes", insert(NewNote))]
pub(crate) struct Note {
    #[orm(primary_key, generated)]
    pub id: i64,
    #[orm(references(Tag))]
    pub tag: String,
}

#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "people", insert(NewPerson))]
pub(crate) struct Person {
    #[orm(primary_key)]
    pub id: i32,
    #[orm(has_many(Credit, key = who))]
    pub credits: Many<Credit>,
}

/// A table between with a column of its own.
#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "credits", insert(NewCredit))]
pub(crate) struct Credit {
    #[orm(primary_key, references(Article))]
    pub article_id: i64,
    #[orm(primary_key, rename = "person", references(Person))]
    pub who: i32,
    pub role: String,
    #[orm(belongs_to(key = who))]
    pub by: One<Person>,
}

/// Keys of two columns on one side.
#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "shelves", insert(NewShelf))]
pub(crate) struct Shelf {
    #[orm(primary_key)]
    pub room: i32,
    #[orm(primary_key)]
    pub place: String,
    #[orm(many_to_many(Tag, through = "labels", here = (room, place), there = tag))]
    pub labels: Many<Tag>,
}

/// Articles 1 (rust, orm), 2 (rust), 3 (nothing); one note on rust.
pub(crate) async fn three() -> Fresh {
    let fresh = fresh(entities![Article, Tag, Note, Person, Credit, Shelf]).await;
    let articles = ["one", "two", "three"].map(|title| NewArticle {
        title: title.into(),
    });
    let articles = Article::insert_many(articles.into()).all(&fresh.db).await;
    let articles = articles.expect("articles");
    let tags = ["rust", "orm", "idle"].map(|name| NewTag {
        name: name.into(),
        article_id: 77,
    });
    Tag::insert_many(tags.into())
        .execute(&fresh.db)
        .await
        .expect("tags");
    let of = |n: usize| Article::TAGS.of(&articles[n]);
    let linked = of(0)
        .add(&fresh.db, ["rust".to_owned(), "orm".into()])
        .await;
    assert_eq!(linked.expect("links"), 2);
    of(1)
        .add(&fresh.db, ["rust".to_owned()])
        .await
        .expect("a link");
    let note = NewNote { tag: "rust".into() };
    Note::insert(note).execute(&fresh.db).await.expect("a note");
    fresh.statements();
    fresh
}

pub(crate) fn names(article: &Article) -> Vec<&str> {
    let tags = article.tags.get().expect("tags").iter();
    tags.map(|tag| tag.name.as_str()).collect()
}

impl Fresh {
    pub(crate) async fn articles(&self, find: Find<Article>) -> Vec<Article> {
        let find = find.order_by(Article::ID).all(&self.db);
        find.await.expect("articles")
    }

    pub(crate) async fn titles(&self, condition: ormcore::Condition<Article>) -> String {
        let find = Article::find().filter(condition).order_by(Article::ID);
        let titles = find.select(Article::TITLE).all(&self.db).await;
        titles.expect("titles").join(" ")
    }

    /// The tags of the first article.
    pub(crate) async fn tags(&self) -> Vec<String> {
        let tags = Article::TAGS.order_by(Tag::NAME);
        let article = Article::get(1).with(tags).one(&self.db).await;
        names(&article.expect("an article"))
            .into_iter()
            .map(str::to_owned)
            .collect()
    }
}

#[tokio::test]
async fn both_sides_are_loaded_in_every_way() {
    let press = three().await;
    let tags = || Article::TAGS.order_by(Tag::NAME);
    for (tags, statements) in [(tags(), 2), (tags().joined(), 1), (tags().lateral(), 1)] {
        let articles = press.articles(Article::find().with(tags)).await;
        let found: Vec<_> = articles.iter().map(names).collect();
        assert_eq!(found, [vec!["orm", "rust"], vec!["rust"], vec![]]);
        assert!(
            articles[0]
                .tags
                .get()
                .unwrap()
                .iter()
                .all(|tag| tag.article_id == 77)
        );
        assert_eq!(press.statements().len(), statements);
    }
    let articles = press.articles(Article::find()).await;
    assert_eq!(articles[0].tags.load(&press.db).await.unwrap().len(), 2);
    assert!(articles[2].tags.load(&press.db).await.unwrap().is_empty());
    let rust = Tag::get("rust").with(Tag::ARTICLES).one(&press.db).await;
    assert_eq!(rust.unwrap().articles.get().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_loaded_can_be_filtered_and_limited() {
    let press = three().await;
    let orm = || Article::TAGS.filter(Tag::NAME.eq("orm"));
    for tags in [orm(), orm().joined(), orm().lateral()] {
        let articles = press.articles(Article::find().with(tags)).await;
        let found: Vec<_> = articles.iter().map(names).collect();
        assert_eq!(found, [vec!["orm"], vec![], vec![]]);
    }
    let last = || Article::TAGS.order_by(Tag::NAME.desc()).limit(1);
    for (tags, statements) in [(last(), 2), (last().joined(), 1), (last().lateral(), 1)] {
        press.statements();
        let articles = press.articles(Article::find().with(tags)).await;
        let found: Vec<_> = articles.iter().map(names).collect();
        assert_eq!(found, [vec!["rust"], vec!["rust"], vec![]]);
        assert_eq!(press.statements().len(), statements);
    }
    let second = || Article::TAGS.order_by(Tag::NAME).limit(5).offset(1);
    for tags in [second(), second().joined(), second().lateral()] {
        let articles = press.articles(Article::find().with(tags)).await;
        let found: Vec<_> = articles.iter().map(names).collect();
        assert_eq!(found, [vec!["rust"], vec![], vec![]]);
    }
}

/// A tag of two articles is two rows, and each of them has what it leads to.
#[tokio::test]
async fn what_owners_have_in_common_each_has_for_itself() {
    let press = three().await;
    macro_rules! ways {
        ($tags:expr, $notes:expr, $articles:expr) => {
            $tags
                .order_by(Tag::NAME)
                .with($notes)
                .with($articles.order_by(Article::ID))
        };
    }
    let (notes, articles) = (
        || Tag::NOTES.order_by(Note::ID),
        || Tag::ARTICLES.order_by(Article::ID),
    );
    for tags in [
        ways!(Article::TAGS, notes(), articles()),
        ways!(Article::TAGS.joined(), notes(), articles()),
        ways!(Article::TAGS, notes().joined(), articles().joined()),
        ways!(
            Article::TAGS.joined(),
            notes().joined(),
            articles().joined()
        ),
        ways!(
            Article::TAGS.lateral(),
            notes().lateral(),
            articles().lateral()
        ),
        ways!(
            Article::TAGS.limit(5),
            notes().limit(5),
            articles().limit(5)
        ),
        ways!(
            Article::TAGS.joined().limit(5),
            notes().joined().limit(5),
            articles().joined().limit(5)
        ),
        ways!(Article::TAGS.limit(5), notes().joined(), articles()),
    ] {
        let found = press.articles(Article::find().with(tags)).await;
        assert_eq!(
            found.iter().map(names).collect::<Vec<_>>(),
            [vec!["orm", "rust"], vec!["rust"], vec![]]
        );
        for (article, at) in [(0, 1), (1, 0)] {
            let rust = &found[article].tags.get().unwrap()[at];
            assert_eq!(rust.notes.get().unwrap().len(), 1);
            let titles = rust.articles.get().unwrap().iter();
            let titles: Vec<_> = titles.map(|article| article.title.as_str()).collect();
            assert_eq!(titles, ["one", "two"]);
        }
        let orm = &found[0].tags.get().unwrap()[0];
        assert!(orm.notes.get().unwrap().is_empty());
        assert_eq!(orm.articles.get().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn questions_go_through_both_tables() {
    let press = three().await;
    let orm = Tag::NAME.eq("orm");
    assert_eq!(press.titles(Article::TAGS.any(orm)).await, "one");
    let orm = Tag::NAME.eq("orm");
    assert_eq!(press.titles(Article::TAGS.none(orm)).await, "two three");
    let rust = Tag::NAME.eq("rust");
    assert_eq!(press.titles(Article::TAGS.every(rust)).await, "two three");
    assert_eq!(press.titles(Article::TAGS.exists()).await, "one two");
    assert_eq!(press.titles(Article::TAGS.missing()).await, "three");
    assert_eq!(press.titles(Article::TAGS.count().eq(2)).await, "one");
    let newest = Article::TAGS.aggregate(Tag::NAME.max()).eq("rust");
    assert_eq!(press.titles(newest).await, "one two");
    assert_eq!(
        press.statements()[0],
        r#"SELECT "title" FROM "articles" WHERE EXISTS (SELECT FROM "article_tags" AS s1 JOIN "tags" AS s2 ON s2."name" = s1."tag_id" WHERE s1."article_id" = "articles"."id" AND s2."name" = $1) ORDER BY "id""#
    );
}

#[tokio::test]
async fn the_table_between_can_be_an_entity_with_columns_of_its_own() {
    let press = three().await;
    Person::insert_many(vec![NewPerson { id: 1 }, NewPerson { id: 2 }])
        .execute(&press.db)
        .await
        .unwrap();
    let credits = [(1, "author"), (2, "editor")].map(|(who, role)| NewCredit {
        article_id: 2,
        who,
        role: role.into(),
    });
    Credit::insert_many(credits.into())
        .execute(&press.db)
        .await
        .unwrap();
    let people = || Article::PEOPLE.order_by(Person::ID.desc());
    for people in [
        people(),
        people().joined(),
        people().lateral(),
        people().limit(2),
    ] {
        let articles = press.articles(Article::find().with(people)).await;
        let ids = articles[1]
            .people
            .get()
            .unwrap()
            .iter()
            .map(|person| person.id);
        assert_eq!(ids.collect::<Vec<_>>(), [2, 1]);
        assert!(articles[0].people.get().unwrap().is_empty());
    }
    let person = Person::get(1)
        .with(Person::CREDITS.with(Credit::BY))
        .one(&press.db)
        .await
        .unwrap();
    assert_eq!(person.credits.get().unwrap()[0].role, "author");
    assert_eq!(
        Article::PEOPLE.of_key(&2).clear(&press.db).await.unwrap(),
        2
    );
}
