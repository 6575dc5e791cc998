//! Changing what is linked by a table between two others.

use crate::tags::{Article, NewShelf, Note, Shelf, Tag, three};
use ormcore::{ErrorKind, Many, entities};

#[tokio::test]
async fn links_are_added_removed_set_and_cleared() {
    let press = three().await;
    let article = Article::get(1).one(&press.db).await.unwrap();
    let of = || Article::TAGS.of(&article);
    let keys = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    press.statements();
    assert_eq!(
        of().add(&press.db, keys(&["idle", "rust", "idle"]))
            .await
            .unwrap(),
        1
    );
    assert_eq!(press.statements().len(), 1);
    assert_eq!(press.tags().await, ["idle", "orm", "rust"]);
    assert_eq!(
        of().remove(&press.db, keys(&["rust", "none"]))
            .await
            .unwrap(),
        1
    );
    assert_eq!(press.tags().await, ["idle", "orm"]);
    press.statements();
    assert_eq!(
        of().set(&press.db, keys(&["rust", "orm"])).await.unwrap(),
        1
    );
    assert_eq!(press.statements().len(), 1);
    assert_eq!(press.tags().await, ["orm", "rust"]);
    let unknown = of().set(&press.db, keys(&["none"])).await.unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::ForeignKeyViolation);
    assert_eq!(press.tags().await, ["orm", "rust"]);
    assert_eq!(of().set(&press.db, keys(&[])).await.unwrap(), 0);
    assert!(press.tags().await.is_empty());
    press.statements();
    assert_eq!(of().add(&press.db, keys(&[])).await.unwrap(), 0);
    assert_eq!(of().remove(&press.db, keys(&[])).await.unwrap(), 0);
    assert!(press.statements().is_empty());
    let by_key = || Article::TAGS.of_key(&1);
    by_key()
        .add(&press.db, keys(&["orm", "rust"]))
        .await
        .unwrap();
    assert_eq!(by_key().clear(&press.db).await.unwrap(), 2);
    assert!(press.tags().await.is_empty());
    // What others are linked to is theirs.
    assert_eq!(press.titles(Article::TAGS.exists()).await, "two");
}

#[tokio::test]
async fn links_of_an_entity_to_itself_are_a_tree() {
    let press = three().await;
    let cites = |from: i64| Article::CITES.of_key(&Box::leak(Box::new(from)).clone());
    cites(2).add(&press.db, [3]).await.unwrap();
    let below = async |id: i64| {
        let roots = Article::find().filter(Article::ID.eq(id));
        let tree = Article::find().tree(roots, Article::CITES);
        let found = tree.order_by(Article::ID).all(&press.db).await.unwrap();
        found.iter().map(|article| article.id).collect::<Vec<_>>()
    };
    assert_eq!(below(1).await, [1]);
    assert_eq!(below(2).await, [2, 3]);
    cites(1).add(&press.db, [2]).await.unwrap();
    assert_eq!(below(1).await, [1, 2, 3]);
    assert_eq!(below(3).await, [3]);
    // A circle ends where it began.
    cites(3).add(&press.db, [1]).await.unwrap();
    assert_eq!(below(3).await, [1, 2, 3]);
    cites(2).clear(&press.db).await.unwrap();
    assert_eq!(below(3).await, [1, 2, 3]);
    assert_eq!(below(2).await, [2]);
}

#[tokio::test]
async fn an_entity_can_be_linked_to_itself() {
    let press = three().await;
    let cites = |from: i64| Article::CITES.of_key(&Box::leak(Box::new(from)).clone());
    cites(1).add(&press.db, [2, 3]).await.unwrap();
    cites(2).add(&press.db, [3]).await.unwrap();
    let deep = || Article::CITES.order_by(Article::ID);
    for cites in [
        deep().with(deep()),
        deep().joined().with(deep().joined()),
        deep().lateral().with(deep()),
    ] {
        let articles = press.articles(Article::find().with(cites)).await;
        let ids = |list: &Many<Article>| -> Vec<i64> {
            list.get()
                .unwrap()
                .iter()
                .map(|article| article.id)
                .collect()
        };
        assert_eq!(ids(&articles[0].cites), [2, 3]);
        assert_eq!(ids(&articles[0].cites.get().unwrap()[0].cites), [3]);
        assert_eq!(ids(&articles[1].cites), [3]);
        assert_eq!(ids(&articles[2].cites), Vec::<i64>::new());
    }
}

#[tokio::test]
async fn keys_may_have_several_columns() {
    let press = three().await;
    let shelves = [(1, "a"), (1, "b"), (2, "a")].map(|(room, place)| NewShelf {
        room,
        place: place.into(),
    });
    let shelves = Shelf::insert_many(shelves.into())
        .all(&press.db)
        .await
        .unwrap();
    let labels = |n: usize| Shelf::LABELS.of(&shelves[n]);
    labels(0)
        .add(&press.db, ["rust".to_owned(), "orm".into()])
        .await
        .unwrap();
    labels(2).set(&press.db, ["orm".to_owned()]).await.unwrap();
    let by_name = || Shelf::LABELS.order_by(Tag::NAME);
    for labels in [
        by_name(),
        by_name().joined(),
        by_name().lateral(),
        by_name().limit(2),
        by_name().limit(2).joined(),
    ] {
        let find = Shelf::find()
            .order_by(Shelf::ROOM)
            .order_by(Shelf::PLACE)
            .with(labels);
        let shelves = find.all(&press.db).await.unwrap();
        let counts = shelves
            .iter()
            .map(|shelf| shelf.labels.get().unwrap().len());
        assert_eq!(counts.collect::<Vec<_>>(), [2, 0, 1]);
    }
    assert_eq!(
        labels(0)
            .remove(&press.db, ["orm".to_owned()])
            .await
            .unwrap(),
        1
    );
    assert_eq!(labels(0).clear(&press.db).await.unwrap(), 1);
    let found = Shelf::get((2, "a")).one(&press.db).await.unwrap();
    assert_eq!(found.labels.load(&press.db).await.unwrap()[0].name, "orm");
}

#[tokio::test]
async fn links_go_with_what_they_link() {
    let press = three().await;
    Article::delete().key(1).execute(&press.db).await.unwrap();
    Note::delete().all_rows().execute(&press.db).await.unwrap();
    Tag::delete().key("rust").execute(&press.db).await.unwrap();
    assert_eq!(press.titles(Article::TAGS.missing()).await, "two three");
    ormcore::schema::create(&press.db, entities![Article, Tag])
        .await
        .unwrap();
}
