//! Links of rows by a table between, said from either side and written by the flush.

use crate::fresh::{Fresh, fresh_after};
use crate::shop::shop_of;
use ormcore::{Entity, Error, Hooks, Many, Ref, Session, async_trait, entities, sql};

#[derive(Entity, Debug)]
#[orm(table = "posts", insert(NewPost))]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(unique)]
    title: String,
    #[orm(many_to_many(Tag, through = "post_tags"))]
    tags: Many<Tag>,
}

#[derive(Entity, Debug)]
#[orm(table = "tags", insert(NewTag))]
struct Tag {
    #[orm(primary_key, generated)]
    id: i32,
    name: String,
    #[orm(many_to_many(Post, through = "post_tags"))]
    posts: Many<Post>,
}

#[derive(Entity, Debug)]
#[orm(table = "people", insert(NewPerson))]
struct Person {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(many_to_many(Person, through = "follows", here = from_id, there = to_id))]
    follows: Many<Person>,
    #[orm(many_to_many(Person, through = "follows", here = to_id, there = from_id))]
    followers: Many<Person>,
}

fn post(title: &str) -> NewPost {
    NewPost {
        title: title.into(),
    }
}

fn tag(name: &str) -> NewTag {
    NewTag { name: name.into() }
}

/// Stored posts 1 and 2, tags 1 and 2, and these links.
async fn linked(links: &[(usize, usize)]) -> (Fresh, Session, Vec<Ref<Post>>, Vec<Ref<Tag>>) {
    let (fresh, mut s) = shop_of(entities![Post, Tag]).await;
    let posts = s.add_all([post("1"), post("2")]);
    let tags = s.add_all([tag("1"), tag("2")]);
    for (post, tag) in links {
        s.connect(posts[post - 1], Post::TAGS, tags[tag - 1])
            .expect("a link");
    }
    s.commit().await.expect("posts and tags");
    fresh.statements();
    (fresh, s, posts, tags)
}

/// The stored links, such as `1-2` of the post 1 and the tag 2.
async fn links(fresh: &Fresh) -> Vec<String> {
    let all = "SELECT post_id || '-' || tag_id FROM post_tags ORDER BY 1";
    sql(all).scalars(&fresh.db).await.expect("the links")
}

#[tokio::test]
async fn the_last_word_about_a_link_counts_from_whichever_side_it_comes() {
    let (fresh, mut s, posts, tags) = linked(&[(2, 2)]).await;
    s.connect(posts[0], Post::TAGS, tags[0]).unwrap();
    s.disconnect(tags[1], Tag::POSTS, posts[1]).unwrap();
    s.connect(posts[1], Post::TAGS, tags[1]).unwrap();
    assert_eq!(s.changes().to_string(), "link 2 in post_tags");
    s.commit().await.unwrap();
    assert_eq!(links(&fresh).await, ["1-1", "2-2"]);
    // And the other way round.
    s.disconnect(posts[0], Post::TAGS, tags[0]).unwrap();
    s.connect(tags[1], Tag::POSTS, posts[1]).unwrap();
    s.disconnect(posts[1], Post::TAGS, tags[1]).unwrap();
    assert_eq!(s.changes().to_string(), "unlink 2 in post_tags");
    s.commit().await.unwrap();
    assert_eq!(links(&fresh).await, [""; 0]);
}

#[tokio::test]
async fn the_last_word_counts_also_when_earlier_ones_come_back() {
    let (fresh, mut s, posts, tags) = linked(&[(2, 2)]).await;
    s.connect(posts[0], Post::TAGS, tags[0]).unwrap();
    s.disconnect(posts[1], Post::TAGS, tags[1]).unwrap();
    s.flush().await.unwrap();
    s.connect(posts[1], Post::TAGS, tags[1]).unwrap();
    let bad = s.add(post("1"));
    assert!(s.flush().await.unwrap_err().is_unique_violation());
    s.remove(bad);
    s.commit().await.unwrap();
    assert_eq!(links(&fresh).await, ["1-1", "2-2"]);
}

#[tokio::test]
async fn what_both_sides_say_goes_into_one_statement() {
    let (fresh, mut s, posts, tags) = linked(&[]).await;
    s.connect(posts[0], Post::TAGS, tags[1]).unwrap();
    s.connect(tags[0], Tag::POSTS, posts[1]).unwrap();
    assert_eq!(s.changes().links(), 2);
    let flush = s.flush().await.unwrap();
    assert_eq!((flush.links, flush.rows()), (2, 2));
    assert_eq!(fresh.statements().len(), 1);
    s.commit().await.unwrap();
    assert_eq!(links(&fresh).await, ["1-2", "2-1"]);
}

#[tokio::test]
async fn links_of_rows_of_one_table_have_a_direction() {
    let (fresh, mut s) = shop_of(entities![Person]).await;
    let people = ["Ada", "Bob"].map(|name| NewPerson { name: name.into() });
    let people = s.add_all(people);
    let (ada, bob) = (people[0], people[1]);
    s.connect(ada, Person::FOLLOWS, bob).unwrap();
    s.connect(bob, Person::FOLLOWS, ada).unwrap();
    s.disconnect(bob, Person::FOLLOWERS, ada).unwrap();
    s.commit().await.unwrap();
    let follows = "SELECT from_id || '-' || to_id FROM follows";
    let follows: Vec<String> = sql(follows).scalars(&fresh.db).await.unwrap();
    assert_eq!(follows, ["2-1"]);
    assert_eq!(s.related(bob, Person::FOLLOWS).unwrap(), [ada]);
    assert_eq!(s.related(ada, Person::FOLLOWS).unwrap(), []);
}

struct Idle;

#[async_trait]
impl Hooks for Idle {}

#[tokio::test]
async fn a_link_of_a_row_that_never_came_is_no_change() {
    let (fresh, s, _, tags) = linked(&[]).await;
    let mut s = s.on(Idle);
    let new = s.add(post("3"));
    s.connect(new, Post::TAGS, tags[0]).unwrap();
    s.remove(new);
    assert!(s.changes().is_empty(), "{}", s.changes());
    assert_eq!(s.commit().await.unwrap().rows(), 0);
    assert_eq!(links(&fresh).await, [""; 0]);
}

/// Nothing goes along by itself, and a tag has one post.
const STRICT: &str = "\
    CREATE TABLE posts (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, title TEXT NOT NULL); \
    CREATE TABLE tags (id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT NOT NULL); \
    CREATE TABLE post_tags (post_id BIGINT NOT NULL REFERENCES posts, \
        tag_id INTEGER NOT NULL UNIQUE REFERENCES tags, PRIMARY KEY (post_id, tag_id))";

#[tokio::test]
async fn a_link_that_goes_makes_room_for_one_that_comes() {
    let fresh = fresh_after(STRICT).await;
    let mut s = fresh.db.session();
    let (posts, tag) = (s.add_all([post("1"), post("2")]), s.add(tag("1")));
    s.connect(posts[0], Post::TAGS, tag).unwrap();
    s.commit().await.unwrap();
    s.connect(posts[1], Post::TAGS, tag).unwrap();
    s.disconnect(posts[0], Post::TAGS, tag).unwrap();
    s.commit().await.unwrap();
    assert_eq!(links(&fresh).await, ["2-1"]);
}

#[tokio::test]
async fn a_link_ends_before_a_row_of_it_goes() {
    let fresh = fresh_after(STRICT).await;
    let mut s = fresh.db.session();
    let (post, tag) = (s.add(post("1")), s.add(tag("1")));
    s.connect(post, Post::TAGS, tag).unwrap();
    s.commit().await.unwrap();
    s.disconnect(post, Post::TAGS, tag).unwrap();
    s.remove(post);
    s.commit().await.unwrap();
    assert_eq!(links(&fresh).await, [""; 0]);
    assert_eq!(Post::find().count(&fresh.db).await.unwrap(), 0);
}

#[tokio::test]
async fn the_last_word_counts_inside_a_part_of_the_work() {
    let (fresh, mut s, posts, tags) = linked(&[(1, 1)]).await;
    s.nested(async |s| {
        s.connect(posts[1], Post::TAGS, tags[1])?;
        s.disconnect(posts[0], Post::TAGS, tags[0])?;
        s.flush().await?;
        s.connect(tags[0], Tag::POSTS, posts[0])?;
        let bad = s.add(post("1"));
        assert!(s.flush().await.unwrap_err().is_unique_violation());
        s.remove(bad);
        Ok::<_, Error>(())
    })
    .await
    .unwrap();
    s.commit().await.unwrap();
    assert_eq!(links(&fresh).await, ["1-1", "2-2"]);
}

#[tokio::test]
async fn a_row_goes_behind_the_links_that_end_and_before_those_that_take_its_place() {
    let (fresh, mut s, posts, tags) = linked(&[(1, 1), (2, 1)]).await;
    sql(
        "ALTER TABLE post_tags DROP CONSTRAINT post_tags_post_id_fkey, \
         ADD FOREIGN KEY (post_id) REFERENCES posts",
    )
    .batch(&fresh.db)
    .await
    .unwrap();
    s.disconnect(posts[0], Post::TAGS, tags[0]).unwrap();
    s.remove(posts[0]);
    let new = s.add(post("1"));
    s.connect(new, Post::TAGS, tags[0]).unwrap();
    s.commit().await.unwrap();
    let stored = Post::find().order_by(Post::ID).with(Post::TAGS);
    let stored = stored.all(&fresh.db).await.unwrap();
    let counts: Vec<_> = stored
        .iter()
        .map(|post| post.tags.get().unwrap().len())
        .collect();
    assert_eq!((counts, stored[1].id), (vec![1, 1], s[new].id));
}

#[tokio::test]
async fn a_row_whose_links_were_flushed_stays_until_they_are_committed() {
    let (fresh, mut s, posts, tags) = linked(&[]).await;
    s.connect(posts[0], Post::TAGS, tags[0]).unwrap();
    s.flush().await.unwrap();
    for left in [s.detach(posts[0]), s.detach(tags[0])] {
        assert_eq!(left.unwrap_err().kind(), ormcore::ErrorKind::Usage);
    }
    // It may have to be written again.
    let bad = s.add(post("2"));
    assert!(s.flush().await.unwrap_err().is_unique_violation());
    s.remove(bad);
    s.commit().await.unwrap();
    s.detach(posts[0]).unwrap();
    let links = sql("SELECT count(*) FROM post_tags").scalar::<i64>(&fresh.db);
    assert_eq!(links.await.unwrap(), 1);
}
