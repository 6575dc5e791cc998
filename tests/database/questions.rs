//! Every shape of question and its SQL, in one table: `questions.sql`. Each is also prepared by the server by itself.
//!
//! With `UPDATE_QUESTIONS=1` the table is written anew.

use crate::blog::{Comment, NewUser, Post, User, UserPatch, blog, new_post, new_user};
use crate::fresh::Fresh;
use ormcore::{
    Alias, Condition, Expression, Unit, Window, case, count, dense_rank, fragment, inserted, ntile,
    rank, row, row_number, sql,
};
use std::fmt::Write as _;
use std::path::Path;

/// The questions, and what was sent for them.
pub(crate) struct Table<'b> {
    pub(crate) blog: &'b Fresh,
    text: String,
    statements: Vec<String>,
}

impl<'b> Table<'b> {
    pub(crate) fn new(blog: &'b Fresh) -> Self {
        blog.statements();
        Self {
            blog,
            text: String::new(),
            statements: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, question: &str) {
        let statements = self.blog.statements();
        assert!(!statements.is_empty(), "nothing was sent: {question}");
        let words: Vec<&str> = question.split_whitespace().collect();
        let _ = writeln!(self.text, "-- {}", words.join(" "));
        for statement in statements {
            let _ = writeln!(self.text, "{statement};");
            self.statements.push(statement);
        }
        self.text.push('\n');
    }

    /// It is what stands in the file, and the server takes each of them.
    pub(crate) async fn end(self, file: &str, at_least: usize) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("database")
            .join(file);
        if std::env::var_os("UPDATE_QUESTIONS").is_some() {
            std::fs::write(&path, &self.text).expect("a file");
        }
        let expected = std::fs::read_to_string(&path).expect(file);
        for (at, (found, expected)) in self.text.lines().zip(expected.lines()).enumerate() {
            assert_eq!(found, expected, "line {} of {file}", at + 1);
        }
        assert_eq!(self.text.lines().count(), expected.lines().count());
        assert!(
            self.statements.len() >= at_least,
            "{}",
            self.statements.len()
        );
        for statement in self.statements {
            // A COPY has no plan to prepare.
            if !statement.starts_with("COPY") {
                let prepared = format!("PREPARE question AS {statement}; DEALLOCATE question");
                let db = &self.blog.db;
                sql(prepared).batch(db).await.expect("a statement");
            }
        }
    }
}

macro_rules! asked {
    ($table:ident: $($question:expr;)*) => {$(
        std::hint::black_box($question.await.expect(stringify!($question)));
        $table.add(stringify!($question));
    )*};
}
pub(crate) use asked;

#[tokio::test]
async fn every_shape_has_its_words_and_the_server_takes_them() {
    let blog = blog().await;
    let db = &blog.db;
    let ada = User::insert(new_user("Ada")).one(db).await.unwrap();
    Post::insert(new_post(&ada, "a")).execute(db).await.unwrap();
    let mut table = Table::new(&blog);
    reads(&mut table).await;
    expressions(&mut table).await;
    selections(&mut table).await;
    sources(&mut table).await;
    writes(&mut table).await;
    table.end("questions.sql", 90).await;
}

async fn reads(table: &mut Table<'_>) {
    let db = &table.blog.db;
    asked! { table:
        User::get(1).one(db);
        User::find().all(db);
        User::find().maybe(db);
        User::find().order_by(User::ID).first(db);
        User::find().filter(User::AGE.is_null()).count(db);
        User::find().filter(User::AGE.is_null()).exists(db);
        User::find().order_by(User::AGE.desc().nulls_last()).limit(1).offset(1).all(db);
        User::find().order_by(User::AGE).page(1, db);
        User::find().numbered_page(1, 2, db);
        User::find().filter(Condition::all([])).filter(Condition::any([])).all(db);
        User::find().filter(User::NAME.eq("a").or(!User::NAME.ne(User::EMAIL))).all(db);
        User::find().filter(User::ID.in_([1]) & User::ID.not_in([2]) & User::AGE.between(1, 2)).all(db);
        User::find().filter(User::POSTS.any(Post::PUBLISHED)).all(db);
        User::find().filter(User::POSTS.none(Post::PUBLISHED) & User::POSTS.missing()).all(db);
        User::find().filter(User::POSTS.every(Post::COMMENTS.exists())).all(db);
        User::find().filter(User::POSTS.filter(Post::PUBLISHED).count().gt(1)).all(db);
        User::find().filter(User::POSTS.aggregate(Post::ID.max()).gt(1)).all(db);
        Post::find().filter(Post::AUTHOR.is(User::NAME.eq("a"))).all(db);
        User::find().filter(User::ID.in_query(Post::find().select(Post::AUTHOR_ID))).all(db);
        User::find().filter(User::ID.not_in_query(Post::find().select(Post::AUTHOR_ID))).all(db);
        User::find().for_update().all(db);
        User::find().for_no_key_update().skip_locked().all(db);
        User::find().for_share().nowait().all(db);
        User::find().with(User::POSTS.order_by(Post::ID).with(Post::COMMENTS)).all(db);
        Post::find().with(Post::AUTHOR.joined()).with(Post::EDITOR.joined()).all(db);
        User::find().with(User::POSTS).consistent().all(db);
        User::find().filter(User::AGE.gt(1)).copy_out(db).next_chunk(9);
        User::find().select((User::NAME, User::AGE)).copy_out_csv(db).next_chunk(9);
        User::find().limit(2).with(User::POSTS.joined().with(Post::COMMENTS.joined())).all(db);
    }
}

async fn expressions(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let (age, name) = (User::AGE, User::NAME);
    asked! { table:
        User::find().filter(((age + 1) * 2 - 3).gt(-age / 4 % 5)).all(db);
        User::find().filter((age - 1).abs().eq(1)).all(db);
        User::find().filter(age.is_distinct_from(1) & age.is_not_distinct_from(2)).all(db);
        User::find().filter(age.coalesce(1).eq(2) & age.null_if(3).is_null()).all(db);
        User::find().filter(age.greatest(1).eq(2) & age.least(1).eq(2)).all(db);
        User::find().filter(age.cast::<Option<f64>>().lt(0.5)).all(db);
        User::find().filter(name.lower().trim().eq(name.upper())).all(db);
        User::find().filter(name.starts_with("a") & name.ends_with("a") & name.contains("a")).all(db);
        User::find().filter(name.icontains("a") & name.not_like("a") & name.not_ilike("a")).all(db);
        User::find().filter(name.matches("a") & name.imatches("a")).all(db);
        User::find().filter(name.length().gt(1) & name.substring(1, 2).eq("a")).all(db);
        User::find().filter(name.replace("a", "b").concat("c").eq("d")).all(db);
        User::find().filter(name.search("english", "a") & name.search_rank("simple", "a").gt(0.1)).all(db);
        User::find().filter(User::CREATED_AT.part(Unit::Year).gt(1)).all(db);
        User::find().filter(User::CREATED_AT.truncate(Unit::Day).lt(User::CREATED_AT)).all(db);
        User::find().filter(case::<User, i32>().when(age.gt(1), 2).when(age.is_null(), 3).otherwise(4).eq(5)).all(db);
        User::find().filter(fragment("").term(name).sql(" = ").bind("a".to_owned())).all(db);
        User::find().filter(Expression::<User, i32>::call("mod", [User::ID.cast::<i32>().into(), (age + 1).into()]).eq(0)).all(db);
        User::find().order_by(name.length().desc()).order_by(age + 1).all(db);
        User::update(1).set(age, age + 1).execute(db);
    }
}

async fn selections(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let of_author = || Window::new().partition_by(Post::AUTHOR_ID);
    let in_order = || of_author().order_by(Post::ID);
    let ids = || User::find().select(User::ID);
    let authors = || Post::find().select(Post::AUTHOR_ID);
    asked! { table:
        User::find().select((User::NAME, User::AGE)).all(db);
        User::find().select(row::<User>()).all(db);
        User::find().select(User::NAME).distinct().all(db);
        User::find().select(User::NAME).distinct_on(User::AGE).order_by(User::AGE).all(db);
        Post::find().select((Post::AUTHOR_ID, count())).group_by(Post::AUTHOR_ID).having(count().gt(3)).all(db);
        User::find().select((User::AGE.sum(), User::AGE.avg(), User::AGE.min(), User::AGE.max())).all(db);
        User::find().select((User::AGE.count(), User::AGE.count_distinct(), User::AGE.array_agg())).all(db);
        User::find().select(count().filter(User::AGE.gt(1))).all(db);
        Post::find().select((Post::TITLE.eq("a").every(), Post::TITLE.eq("b").some())).all(db);
        Post::find().select(Post::TITLE.string_agg(",").order_by(Post::ID.desc())).all(db);
        Post::find().select((row_number().over(in_order()), rank().over(in_order()))).all(db);
        Post::find().select((dense_rank().over(in_order()), ntile(2).over(in_order()))).all(db);
        Post::find().select((Post::TITLE.lag(1).over(in_order()), Post::TITLE.lead(2).over(in_order()))).all(db);
        Post::find().select((Post::ID.first_value().over(in_order()), Post::ID.last_value().over(in_order().all_rows()))).all(db);
        Post::find().select((count().over(of_author()), Post::ID.sum().over(in_order().rows_so_far()))).all(db);
        User::find().select((User::NAME, Post::find().select(Post::ID.max()).scalar::<User>())).all(db);
        ids().union(authors()).all(db);
        ids().union_all(authors()).order_by_position(1).limit(1).offset(1).all(db);
        ids().intersect(authors()).order_by_position_desc(1).all(db);
        ids().intersect_all(authors()).all(db);
        ids().except(authors()).all(db);
        ids().except_all(authors()).union(ids()).all(db);
    }
}

async fn sources(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let other = Alias::<User>::new("other");
    let on = || other.col(User::AGE).eq(User::AGE);
    let older = || User::find().filter(User::AGE.gt(1));
    asked! { table:
        User::find().join(other, on()).filter(other.col(User::ID).gt(User::ID)).all(db);
        User::find().left_join(other, on()).select((User::ID, other.maybe(User::ID))).all(db);
        User::find().right_join(other, on()).select(other.col::<User, _>(User::ID)).all(db);
        User::find().full_join(other, other.col(User::ID).eq(User::ID)).select(count()).all(db);
        User::find().of(older()).order_by(User::ID).all(db);
        User::find().of(older().limit(1)).select(count()).all(db);
        User::find().join(other, on()).count(db);
    }
}

async fn writes(table: &mut Table<'_>) {
    let db = &table.blog.db;
    let new = |name: &str| -> NewUser { new_user(name) };
    let patch = || UserPatch {
        age: Some(None),
        ..UserPatch::default()
    };
    let comment = |id: i64| crate::blog::NewComment {
        post_id: id,
        author_id: 1,
        body: String::new(),
    };
    asked! { table:
        User::insert(new("b")).one(db);
        User::insert(new("c")).execute(db);
        User::insert_many(vec![new("d"), new("e")]).all(db);
        User::insert_many(vec![new("f")]).keys(db);
        User::insert_many(vec![new("g")]).execute(db);
        Comment::insert_many(vec![comment(1)]).all(db);
        User::copy_in([new("h")]).execute(db);
        User::insert(new("i")).returning((User::ID, User::NAME)).one(db);
        User::insert_many(vec![new("j"), new("k")]).returning(User::ID).all(db);
        User::upsert(new("j")).on_conflict(User::EMAIL).update(User::NAME).returning((row(), inserted())).one(db);
        User::upsert_many(vec![new("j")]).on_conflict(User::EMAIL).update(User::NAME).returning((User::ID, inserted())).all(db);
        User::update(1).set(User::AGE, 1).returning((User::ID, User::POSTS.count())).one(db);
        User::update_each(User::AGE, [(1, Some(2))]).returning((User::ID, User::AGE)).all(db);
        Comment::delete().key(9).returning(Comment::BODY).maybe(db);
        User::update(1).set(User::NAME, "x").set_null(User::AGE).one(db);
        User::update(1).patch(patch()).execute(db);
        User::update_many().set(User::AGE, 1).filter(User::POSTS.exists()).all(db);
        User::update_many().set(User::NAME, User::NAME.concat("!")).all_rows().execute(db);
        Comment::delete().filter(Comment::POST.is(Post::PUBLISHED)).execute(db);
        User::delete().key(9).execute(db);
        Comment::delete().all_rows().execute(db);
        db.notify("news", "42");
    }
}
