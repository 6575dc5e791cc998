//! What the model makes of the ends of transactions, and of parts of them.

use crate::model::{Before, Fields, Model, Part};

impl Model {
    /// The transaction is lost, or the part that goes on: what was flushed in it has to be flushed again.
    pub(crate) fn lose(&mut self) {
        let part = self.parts.last();
        let links = part.map_or(0, |part| part.linked);
        self.transaction = part.map(|part| part.view.clone());
        let again = self.linked.split_off(links);
        let later = std::mem::replace(&mut self.edits, again);
        self.edits.extend(later);
        for row in &mut self.rows {
            let counted = std::mem::take(&mut row.last().counted);
            for [found, made] in counted.into_iter().rev() {
                if let Fields::User { age, .. } = &mut row.now
                    && *age == made
                {
                    *age = found;
                }
            }
            let written = std::mem::replace(&mut row.last().written, false);
            let (was, removed) = (row.last().flushed.clone(), row.last().removed);
            row.again |= written && was.is_none() && row.id.is_some() && !removed;
            row.flushed = was;
            // What came and went in between was never there.
            if row.removed && row.flushed.is_none() && !removed {
                row.forgotten = true;
            }
        }
    }

    pub(crate) fn commit(&mut self) {
        if let Some(view) = self.transaction.take() {
            self.stored = view;
        }
        self.linked.clear();
        for row in &mut self.rows {
            row.forgotten |= row.removed;
            row.before = vec![Before {
                flushed: row.flushed.clone(),
                ..Before::default()
            }];
        }
    }

    pub(crate) fn roll_back(&mut self) {
        self.transaction = None;
        self.edits.clear();
        self.linked.clear();
        self.undo();
    }

    /// Rows are as they were when the last part began, or at the last commit.
    fn undo(&mut self) {
        for row in &mut self.rows {
            let before = row.last();
            (before.counted, before.written) = (Vec::new(), false);
            let (flushed, removed) = (before.flushed.clone(), before.removed);
            (row.removed, row.again) = (removed, false);
            match flushed.clone() {
                None => row.forgotten |= !removed,
                Some((fields, _)) => row.now = fields,
            }
            row.flushed = flushed;
        }
    }

    /// A part begins; everything was flushed.
    pub(crate) fn begin_part(&mut self) {
        let view = self.transaction.get_or_insert_with(|| self.stored.clone());
        self.parts.push(Part {
            view: view.clone(),
            linked: self.linked.len(),
        });
        for row in &mut self.rows {
            row.before.push(Before {
                flushed: row.flushed.clone(),
                removed: row.removed,
                ..Before::default()
            });
        }
    }

    /// A part is kept, or undone.
    pub(crate) fn end_part(&mut self, kept: bool) {
        if !kept {
            self.undo();
            self.edits.clear();
        }
        let Some(part) = self.parts.pop() else {
            return;
        };
        if !kept {
            self.linked.truncate(part.linked);
            self.transaction = Some(part.view);
        }
        for row in &mut self.rows {
            let its = row.before.pop().unwrap_or_default();
            row.last().counted.extend(its.counted);
            row.last().written |= its.written;
        }
    }

    /// A row was read anew.
    pub(crate) fn read(&mut self, at: usize, fields: Fields, version: i32) {
        let row = &mut self.rows[at];
        let read = Some((fields.clone(), version));
        let known = std::mem::replace(&mut row.flushed, read.clone());
        row.now = fields;
        // Where it was not written since, it was so before.
        for before in row.before.iter_mut().rev() {
            if before.flushed != known {
                break;
            }
            before.flushed.clone_from(&read);
        }
    }
}
