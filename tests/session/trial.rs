//! One step after the other, in a session and in its model.

use crate::agreement::{stored, text};
use crate::fresh::Fresh;
use crate::model::{Author, Fields, Model, UserRow};
use crate::parts::Watches;
use crate::random::{Handle, Label, NewNote, NewPerson, Note, Person, Step, Trial};
use ormcore::{Ref, sql};

/// So few that they are often taken, and often by somebody who goes.
const EMAILS: u8 = 12;

impl<'a> Trial<'a> {
    pub(crate) async fn new(fresh: &'a Fresh) -> Self {
        let empty = sql(
            "TRUNCATE people, notes, labels RESTART IDENTITY CASCADE; INSERT INTO labels VALUES (1), (2), (3)",
        );
        empty.batch(&fresh.db).await.expect("empty tables");
        let mut session = fresh.db.session().on_rows::<Person>(Watches);
        let labels = session.all(Label::find().order_by(Label::ID)).await;
        Self {
            fresh,
            labels: labels.expect("labels"),
            session,
            model: Model::default(),
            handles: Vec::new(),
        }
    }

    /// A row that is there, of all that ever were.
    pub(crate) fn pick(&self, number: u8, is: impl Fn(&Handle) -> bool) -> Option<usize> {
        let rows = 0..self.handles.len();
        let fit: Vec<usize> = rows
            .filter(|at| {
                let row = &self.model.rows[*at];
                !row.forgotten && !row.removed && is(&self.handles[*at])
            })
            .collect();
        fit.get(usize::from(number) % fit.len().max(1)).copied()
    }

    pub(crate) fn person(&self, number: u8) -> Option<(usize, Ref<Person>)> {
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

    fn set_email(&mut self, at: usize, row: Ref<Person>, to: String) {
        match self.session.new_row_mut::<NewPerson>(row) {
            Ok(new) => new.email.clone_from(&to),
            Err(_) => self.session[row].email.clone_from(&to),
        }
        if let Fields::User { email, .. } = &mut self.model.rows[at].now {
            *email = to;
        }
    }

    pub(crate) async fn take(&mut self, step: Step) -> Result<(), String> {
        match step {
            Step::AddPerson(number) => {
                let (name, email) = (format!("n{number}"), format!("e{}", number % EMAILS));
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
            Step::Email(number, to) => {
                if let Some((at, row)) = self.person(number) {
                    self.set_email(at, row, format!("e{}", to % EMAILS));
                }
            }
            Step::TakeOver(number, to) => {
                let next = self.person(number.wrapping_add(1));
                if let (Some((at, row)), Some((other, holder))) = (self.person(number), next)
                    && let Fields::User { email, .. } = &self.model.rows[other].now
                {
                    let email = email.clone();
                    self.set_email(other, holder, format!("e{}", to % EMAILS));
                    self.set_email(at, row, email);
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
            Step::Link(number, label) | Step::Unlink(number, label) => {
                if let Some((at, row)) = self.note(number) {
                    let (place, adds) = (usize::from(label % 3), matches!(step, Step::Link(..)));
                    let label = self.labels[place];
                    let linked = match adds {
                        true => self.session.connect(row, Note::LABELS, label),
                        false => self.session.disconnect(row, Note::LABELS, label),
                    };
                    linked.map_err(text)?;
                    self.model.link(at, place as i64 + 1, adds);
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
            Step::Expire(number) => self.expire(number).await?,
            Step::Detach(number) => self.detach(number)?,
            Step::Merge(number, name) => self.merge(number, name).await?,
            Step::Part(steps, kept) => Box::pin(self.part(steps, kept)).await?,
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
                    self.model.stored.remove_post(id);
                }
            }
            Step::OthersAdd(number) => {
                let taken = |person: &UserRow| person.email == format!("e{}", number % EMAILS);
                if self.model.transaction.is_none() && !self.model.stored.users.values().any(taken)
                {
                    let row = NewPerson {
                        name: "other".into(),
                        email: format!("e{}", number % EMAILS),
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
}

fn nth<T: Clone>(rows: &std::collections::BTreeMap<i64, T>, number: u8) -> Option<(i64, T)> {
    let at = usize::from(number) % rows.len().max(1);
    let (id, row) = rows.iter().nth(at)?;
    Some((*id, row.clone()))
}
