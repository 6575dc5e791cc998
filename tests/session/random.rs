//! Random work: the session, the database and a plain model agree after every step.

use crate::chance::{runtime, try_many};
use crate::fresh::Fresh;
use crate::model::{Author, Fault, Fields, Model, PostRow, Stored, UserRow};
use crate::shop::shop_of;
use futures_util::FutureExt as _;
use ormcore::{Entity, Error, ErrorKind, Ref, RowState, Session, entities, sql};
use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_oneof};

#[derive(Entity, Debug)]
#[orm(table = "people", insert(NewPerson))]
struct Person {
    #[orm(primary_key, generated)]
    id: i64,
    name: String,
    #[orm(unique)]
    email: String,
    age: Option<i32>,
    #[orm(version)]
    version: i32,
}

#[derive(Entity, Debug)]
#[orm(table = "notes", insert(NewNote))]
struct Note {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(references(Person))]
    author_id: i64,
    title: String,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    AddPerson(u8),
    AddNote(u8),
    Name(u8, u8),
    Age(u8, Option<i32>),
    Title(u8, u8),
    Author(u8, u8),
    Remove(u8),
    Flush,
    Commit,
    RollBack,
    /// A flush whose future is dropped after one look at it, and then a commit.
    DropAndCommit,
    DropAndRollBack,
    All,
    Get(u8),
    Refresh(u8),
    OthersAge(u8),
    OthersRemoveNote(u8),
    OthersAdd(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<u8>().prop_map(Step::AddPerson),
        4 => any::<u8>().prop_map(Step::AddNote),
        4 => any::<(u8, u8)>().prop_map(|(row, name)| Step::Name(row, name)),
        3 => any::<(u8, Option<i32>)>().prop_map(|(row, age)| Step::Age(row, age)),
        4 => any::<(u8, u8)>().prop_map(|(row, title)| Step::Title(row, title)),
        4 => any::<(u8, u8)>().prop_map(|(row, author)| Step::Author(row, author)),
        3 => any::<u8>().prop_map(Step::Remove),
        5 => any::<u8>().prop_map(|_| Step::Flush),
        4 => any::<u8>().prop_map(|_| Step::Commit),
        2 => any::<u8>().prop_map(|_| Step::RollBack),
        1 => any::<u8>().prop_map(|_| Step::DropAndCommit),
        1 => any::<u8>().prop_map(|_| Step::DropAndRollBack),
        2 => any::<u8>().prop_map(|_| Step::All),
        2 => any::<u8>().prop_map(Step::Get),
        2 => any::<u8>().prop_map(Step::Refresh),
        2 => any::<u8>().prop_map(Step::OthersAge),
        1 => any::<u8>().prop_map(Step::OthersRemoveNote),
        1 => any::<u8>().prop_map(Step::OthersAdd),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Handle {
    Person(Ref<Person>),
    Note(Ref<Note>),
}

struct Trial<'a> {
    fresh: &'a Fresh,
    session: Session,
    model: Model,
    handles: Vec<Handle>,
}

const CASES: u32 = 110;
const STEPS: usize = 100;

#[test]
fn the_session_the_database_and_a_model_agree_after_every_step() {
    let runtime = runtime();
    let (fresh, _) = runtime.block_on(shop_of(entities![Person, Note]));
    let mut steps = 0;
    try_many(CASES, &vec(step(), STEPS), |work| {
        runtime.block_on(async {
            let mut trial = Trial::new(&fresh).await;
            for step in work {
                steps += 1;
                trial
                    .take(step)
                    .await
                    .map_err(|error| format!("{step:?}: {error}"))?;
                trial
                    .compare()
                    .await
                    .map_err(|error| format!("after {step:?}: {error}"))?;
            }
            Ok(())
        })
    });
    assert!(steps >= 10_000, "only {steps} steps");
}

impl<'a> Trial<'a> {
    async fn new(fresh: &'a Fresh) -> Self {
        let empty = sql("TRUNCATE people, notes RESTART IDENTITY CASCADE");
        empty.execute(&fresh.db).await.expect("empty tables");
        Self {
            fresh,
            session: fresh.db.session(),
            model: Model::default(),
            handles: Vec::new(),
        }
    }

    /// A row that is there, of all that ever were.
    fn pick(&self, number: u8, is: impl Fn(&Handle) -> bool) -> Option<usize> {
        let rows = 0..self.handles.len();
        let fit: Vec<usize> = rows
            .filter(|at| {
                let row = &self.model.rows[*at];
                !row.forgotten && !row.removed && is(&self.handles[*at])
            })
            .collect();
        fit.get(usize::from(number) % fit.len().max(1)).copied()
    }

    fn person(&self, number: u8) -> Option<(usize, Ref<Person>)> {
        let at = self.pick(number, |handle| matches!(handle, Handle::Person(_)))?;
        match self.handles[at] {
            Handle::Person(row) => Some((at, row)),
            Handle::Note(_) => None,
        }
    }

    fn note(&self, number: u8) -> Option<(usize, Ref<Note>)> {
        let at = self.pick(number, |handle| matches!(handle, Handle::Note(_)))?;
        match self.handles[at] {
            Handle::Note(row) => Some((at, row)),
            Handle::Person(_) => None,
        }
    }

    /// What a row refers to is a key as soon as it has one.
    fn author(&self, at: usize) -> Author {
        match self.model.rows[at].id {
            Some(id) => Author::Key(id),
            None => Author::Row(at),
        }
    }

    async fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::AddPerson(number) => {
                let (name, email) = (format!("n{number}"), format!("e{}", number % 40));
                let row = NewPerson {
                    name: name.clone(),
                    email: email.clone(),
                    age: None,
                };
                self.handles.push(Handle::Person(self.session.add(row)));
                let age = None;
                self.model.add(Fields::User { name, email, age });
            }
            Step::AddNote(number) => {
                let (author_id, author) = match self.person(number) {
                    Some((at, row)) => (self.session.key(row), self.author(at)),
                    None => (77, Author::Key(77)),
                };
                let title = format!("t{number}");
                let row = NewNote {
                    author_id,
                    title: title.clone(),
                };
                self.handles.push(Handle::Note(self.session.add(row)));
                self.model.add(Fields::Post { author, title });
            }
            Step::Name(number, name) => {
                if let Some((at, row)) = self.person(number) {
                    let to = format!("n{name}");
                    match self.session.new_row_mut::<NewPerson>(row) {
                        Ok(new) => new.name = to.clone(),
                        Err(_) => self.session[row].name = to.clone(),
                    }
                    if let Fields::User { name, .. } = &mut self.model.rows[at].now {
                        *name = to;
                    }
                }
            }
            Step::Age(number, to) => {
                if let Some((at, row)) = self.person(number) {
                    match self.session.new_row_mut::<NewPerson>(row) {
                        Ok(new) => new.age = to,
                        Err(_) => self.session[row].age = to,
                    }
                    if let Fields::User { age, .. } = &mut self.model.rows[at].now {
                        *age = to;
                    }
                }
            }
            Step::Title(number, title) => {
                if let Some((at, row)) = self.note(number) {
                    let to = format!("t{title}");
                    match self.session.new_row_mut::<NewNote>(row) {
                        Ok(new) => new.title = to.clone(),
                        Err(_) => self.session[row].title = to.clone(),
                    }
                    if let Fields::Post { title, .. } = &mut self.model.rows[at].now {
                        *title = to;
                    }
                }
            }
            Step::Author(number, of) => {
                if let (Some((at, row)), Some((person, to))) = (self.note(number), self.person(of))
                {
                    let key = self.session.key(to);
                    match self.session.new_row_mut::<NewNote>(row) {
                        Ok(new) => new.author_id = key,
                        Err(_) => self.session[row].author_id = key,
                    }
                    let key = self.author(person);
                    if let Fields::Post { author, .. } = &mut self.model.rows[at].now {
                        *author = key;
                    }
                }
            }
            Step::Remove(number) => {
                if let Some(at) = self.pick(number, |_| true) {
                    match self.handles[at] {
                        Handle::Person(row) => self.session.remove(row),
                        Handle::Note(row) => self.session.remove(row),
                    }
                    self.model.remove(at);
                }
            }
            Step::Flush => {
                let flushed = self.session.flush().await.map(|_| ());
                self.flushed(flushed)?;
            }
            Step::Commit => {
                let committed = self.session.commit().await.map(|_| ());
                if self.flushed(committed)? {
                    self.model.commit();
                }
            }
            Step::RollBack => self.roll_back().await?,
            Step::DropAndCommit => {
                if self.drop_half_way()? {
                    self.model.lose();
                }
                let committed = self.session.commit().await.map(|_| ());
                if self.flushed(committed)? {
                    self.model.commit();
                }
            }
            Step::DropAndRollBack => {
                self.drop_half_way()?;
                self.roll_back().await?;
            }
            Step::All => {
                let found = self.session.all(Person::find().order_by(Person::ID)).await;
                let found = match found {
                    Ok(found) => found,
                    Err(error) => return self.flushed(Err(error)).map(|_| ()),
                };
                self.flushed(Ok(()))?;
                let view = self.model.transaction.as_ref();
                let view = view.unwrap_or(&self.model.stored).users.clone();
                if found.len() != view.len() {
                    return Err(format!("{} people of {}", found.len(), view.len()));
                }
                for (row, (id, person)) in found.into_iter().zip(view) {
                    self.found(row, id, person)?;
                }
            }
            Step::Get(number) => {
                let id = i64::from(number % 20) + 1;
                let known = self.model.rows.iter().any(|row| {
                    row.id == Some(id)
                        && !row.forgotten
                        && (row.flushed.is_some() || row.is_pending())
                        && matches!(row.now, Fields::User { .. })
                });
                let found = match self.session.maybe::<Person>(id).await {
                    Ok(found) => found,
                    Err(error) => return self.flushed(Err(error)).map(|_| ()),
                };
                if !known {
                    self.flushed(Ok(()))?;
                }
                let view = self.model.transaction.as_ref();
                let view = view.unwrap_or(&self.model.stored).users.get(&id).cloned();
                match (found, view) {
                    (Some(row), _) if known => {
                        let same = self
                            .handles
                            .iter()
                            .any(|handle| matches!(handle, Handle::Person(other) if *other == row));
                        if !same {
                            return Err("a known row has another handle".into());
                        }
                    }
                    (Some(row), Some(person)) => self.found(row, id, person)?,
                    (None, None) => {}
                    (None, Some(_)) if known => {}
                    (found, view) => return Err(format!("{found:?} for {view:?}")),
                }
            }
            Step::Refresh(number) => self.refresh(number).await?,
            Step::OthersAge(number) => {
                if let Some((id, _)) = nth(&self.model.stored.users, number)
                    && self.model.transaction.is_none()
                {
                    let age = Some(i32::from(number));
                    let update = Person::update(id).set(Person::AGE, age);
                    update.execute(&self.fresh.db).await.map_err(text)?;
                    if let Some(person) = self.model.stored.users.get_mut(&id) {
                        person.age = age;
                        person.version += 1;
                    }
                }
            }
            Step::OthersRemoveNote(number) => {
                if let Some((id, _)) = nth(&self.model.stored.posts, number)
                    && self.model.transaction.is_none()
                {
                    let delete = Note::delete().key(id).execute(&self.fresh.db);
                    delete.await.map_err(text)?;
                    self.model.stored.posts.remove(&id);
                }
            }
            Step::OthersAdd(number) => {
                let taken = |person: &UserRow| person.email == format!("e{}", number % 40);
                if self.model.transaction.is_none() && !self.model.stored.users.values().any(taken)
                {
                    let row = NewPerson {
                        name: "other".into(),
                        email: format!("e{}", number % 40),
                        age: None,
                    };
                    let row = Person::insert(row)
                        .one(&self.fresh.db)
                        .await
                        .map_err(text)?;
                    self.model.stored.users.insert(row.id, stored(&row));
                }
            }
        }
        Ok(())
    }

    /// Begins a flush and drops it; whether anything was sent.
    fn drop_half_way(&mut self) -> Result<bool, String> {
        let faults = self.model.faults();
        let nothing = self.model.counts() == (0, 0, 0);
        match self.session.flush().now_or_never() {
            None => Ok(true),
            Some(Ok(_)) if nothing => Ok(false),
            Some(answer) => Err(format!("{answer:?} at once, with {faults:?}")),
        }
    }

    async fn roll_back(&mut self) -> Result<(), String> {
        self.session.rollback().await.map_err(text)?;
        self.model.roll_back();
        Ok(())
    }

    /// What came of a flush is what the model says; whether it went well.
    fn flushed(&mut self, answer: Result<(), Error>) -> Result<bool, String> {
        let faults = self.model.faults();
        match answer {
            Ok(()) if faults.is_empty() => {
                let ids: Vec<i64> = (0..self.handles.len()).map(|at| self.id(at)).collect();
                self.model.flush(|at| ids[at]);
                Ok(true)
            }
            Ok(()) => Err(format!("it went well, although {faults:?}")),
            Err(error) => {
                let fault = match error.kind() {
                    ErrorKind::StaleVersion => Fault::Stale,
                    ErrorKind::UniqueViolation => Fault::Taken,
                    ErrorKind::ForeignKeyViolation => Fault::Nobody,
                    _ => return Err(text(error)),
                };
                if !faults.contains(&fault) {
                    return Err(format!("{faults:?} and not: {error}"));
                }
                if self.session.failure().is_none() {
                    return Err("nothing is said of the failure".into());
                }
                self.model.lose();
                Ok(false)
            }
        }
    }

    fn id(&self, at: usize) -> i64 {
        match self.handles[at] {
            Handle::Person(row) => self.session.try_row(row).map_or(0, |row| row.id),
            Handle::Note(row) => self.session.try_row(row).map_or(0, |row| row.id),
        }
    }

    fn found(&mut self, row: Ref<Person>, id: i64, person: UserRow) -> Result<(), String> {
        let UserRow {
            name,
            email,
            age,
            version,
        } = person;
        let at = self
            .model
            .found(id, Fields::User { name, email, age }, version);
        if at == self.handles.len() {
            self.handles.push(Handle::Person(row));
            return Ok(());
        }
        match self.handles[at] {
            Handle::Person(known) if known == row => Ok(()),
            other => Err(format!("{row:?} was found where {other:?} is known")),
        }
    }

    async fn refresh(&mut self, number: u8) -> Result<(), String> {
        let Some((at, row)) = self.person(number) else {
            return Ok(());
        };
        let refreshed = self.session.refresh(row).await;
        let known = &mut self.model.rows[at];
        if known.flushed.is_none() {
            return match refreshed {
                Err(error) if matches!(error.kind(), ErrorKind::Usage) => Ok(()),
                other => Err(format!("{other:?} for a row that is not there")),
            };
        }
        let view = self
            .model
            .transaction
            .as_ref()
            .unwrap_or(&self.model.stored);
        let id = known.id.unwrap_or_default();
        match (refreshed, view.users.get(&id)) {
            (Ok(()), Some(person)) => {
                let UserRow {
                    name,
                    email,
                    age,
                    version,
                } = person.clone();
                let fields = Fields::User { name, email, age };
                known.now = fields.clone();
                let changed_here = known.flushed != known.committed;
                known.flushed = Some((fields.clone(), version));
                if !changed_here {
                    known.committed = Some((fields, version));
                }
                Ok(())
            }
            (Err(error), None) if error.is_not_found() => Ok(()),
            (answer, view) => Err(format!("{answer:?} for {view:?}")),
        }
    }

    /// The session shows what the model does, and the database holds it.
    async fn compare(&self) -> Result<(), String> {
        for (at, row) in self.model.rows.iter().enumerate() {
            let (state, shown) = match self.handles[at] {
                Handle::Person(handle) => (
                    self.session.state(handle),
                    self.session
                        .try_row(handle)
                        .map(|row| format!("{:?}", stored(row))),
                ),
                Handle::Note(handle) => (
                    self.session.state(handle),
                    self.session.try_row(handle).map(|row| row.title.clone()),
                ),
            };
            let agrees = match &state {
                Err(_) => row.forgotten,
                Ok(RowState::Pending) => row.is_pending(),
                Ok(RowState::Dirty(_)) => row.is_dirty(),
                Ok(RowState::Deleted) => row.removed && !row.forgotten,
                Ok(RowState::Clean) => {
                    !row.forgotten && !row.removed && !row.is_pending() && !row.is_dirty()
                }
                Ok(_) => false,
            };
            if !agrees {
                return Err(format!("row {at} is {state:?}, and in the model {row:?}"));
            }
            if let (true, Some((_, version))) = (row.is_readable(), &row.flushed) {
                let expected = match row.now.clone() {
                    Fields::User { name, email, age } => {
                        let version = *version;
                        format!(
                            "{:?}",
                            UserRow {
                                name,
                                email,
                                age,
                                version
                            }
                        )
                    }
                    Fields::Post { title, .. } => title,
                };
                if shown.as_ref().ok() != Some(&expected) {
                    return Err(format!("row {at} shows {shown:?}, and not {expected}"));
                }
            }
        }
        let changes = self.session.changes();
        let counts = (changes.pending(), changes.dirty(), changes.deleted());
        if counts != self.model.counts() {
            return Err(format!("{counts:?} and not {:?}", self.model.counts()));
        }
        let stored = stored_now(self.fresh).await.map_err(text)?;
        match stored == self.model.stored {
            true => Ok(()),
            false => Err(format!(
                "stored is {stored:?}, and not {:?}",
                self.model.stored
            )),
        }
    }
}

async fn stored_now(fresh: &Fresh) -> Result<Stored, Error> {
    let people = Person::find().all(&fresh.db).await?;
    let notes = Note::find().all(&fresh.db).await?;
    let post = |note: Note| {
        let (author, title) = (note.author_id, note.title);
        (note.id, PostRow { author, title })
    };
    Ok(Stored {
        users: people
            .iter()
            .map(|person| (person.id, stored(person)))
            .collect(),
        posts: notes.into_iter().map(post).collect(),
    })
}

fn stored(person: &Person) -> UserRow {
    UserRow {
        name: person.name.clone(),
        email: person.email.clone(),
        age: person.age,
        version: person.version,
    }
}

fn nth<T: Clone>(rows: &std::collections::BTreeMap<i64, T>, number: u8) -> Option<(i64, T)> {
    let at = usize::from(number) % rows.len().max(1);
    let (id, row) = rows.iter().nth(at)?;
    Some((*id, row.clone()))
}

fn text(error: Error) -> String {
    format!("{error:?}")
}
