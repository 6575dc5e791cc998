//! CREATE TYPE and CREATE DOMAIN, for the types that columns have and PostgreSQL has not.

use super::token::{Sink, Token};
use super::{Table, Text};
use crate::value::{Definition, Form, SqlType};

/// The types that these tables need, each after those it is made of.
pub(crate) fn definitions(tables: &[&'static Table]) -> Vec<&'static Definition> {
    let mut found = Vec::new();
    for table in tables {
        for column in table.columns {
            gather(column.ty, &mut found);
        }
    }
    found
}

fn gather(ty: SqlType, found: &mut Vec<&'static Definition>) {
    let Some(definition) = ty.definition() else {
        return;
    };
    if found.contains(&definition) {
        return;
    }
    match definition.form {
        Form::Enum(_) => {}
        Form::Composite(fields) => {
            for (_, ty) in fields {
                gather(*ty, found);
            }
        }
        Form::Domain { under, .. } => gather(under, found),
    }
    found.push(definition);
}

/// The statement that creates a type, if nothing of its name exists: PostgreSQL has no `CREATE TYPE IF NOT EXISTS`.
pub(crate) fn create_type(definition: &'static Definition) -> String {
    let mut text = Text::default();
    text.word("DO $ormcore$ BEGIN IF to_regtype(");
    text.put(Token::Literal(definition.sql));
    text.word(") IS NULL THEN ");
    write_type(&mut text, definition);
    text.word("; END IF; END $ormcore$");
    text.into_sql()
}

pub(super) fn write_type(text: &mut Text, definition: &'static Definition) {
    text.word("CREATE ");
    match &definition.form {
        Form::Enum(labels) => {
            text.word("TYPE ");
            text.word(definition.sql);
            text.word(" AS ENUM (");
            text.list(", ", *labels, |text, label| {
                text.put(Token::Literal(label));
            });
            text.word(")");
        }
        Form::Composite(fields) => {
            text.word("TYPE ");
            text.word(definition.sql);
            text.word(" AS (");
            text.list(", ", *fields, |text, (name, ty)| {
                text.word(name);
                text.word(" ");
                text.put(Token::Type(*ty));
            });
            text.word(")");
        }
        Form::Domain { under, check } => {
            text.word("DOMAIN ");
            text.word(definition.sql);
            text.word(" AS ");
            text.put(Token::Type(*under));
            if let Some(check) = check {
                text.word(" CHECK (");
                text.word(check);
                text.word(")");
            }
        }
    }
}
