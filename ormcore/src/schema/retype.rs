//! The SQL that gives a column another type.

use super::changes::Statement;
use super::conversion::conversion;
use super::difference::name_of;
use super::live::{Live, LiveColumn, LiveForeignKey, LiveTable};
use super::mend_tables::{anew, number};
use crate::sql::{Layout, Wanted, alter_column, bare_type, declared, identifier, quoted};

/// What gives a column another type.
#[derive(Debug)]
pub(super) struct Retyped<'a> {
    pub(super) statements: Vec<Statement>,
    /// What makes it number the rows, if it is to.
    pub(super) numbers: Vec<Statement>,
    /// Foreign keys that are in the way.
    pub(super) cut: Vec<&'a LiveForeignKey>,
}

pub(super) fn retype<'a>(
    layout: &Layout,
    wanted: &Wanted,
    found: &LiveTable,
    column: &LiveColumn,
    live: &'a Live,
) -> Retyped<'a> {
    let by_hand = |reason: String| Retyped {
        statements: vec![Statement::by_hand(reason)],
        numbers: Vec::new(),
        cut: Vec::new(),
    };
    if matches!(column.made, Some(b's' | b'v')) {
        let name = format!("`{}.{}`", name_of(layout.table), column.name);
        return by_hand(format!(
            "{name} is computed by the database: drop it and add it anew"
        ));
    }
    let ty = declared(wanted.info.ty);
    let from = live.catalog.get(live.catalog.base(column.ty));
    let to = live
        .ty(wanted.info.ty)
        .and_then(|oid| live.catalog.get(live.catalog.base(oid)));
    let conversion = conversion(from.as_ref(), to.as_ref(), &ty);
    let (name, bare) = (identifier(&column.name), bare_type(wanted.info.ty));
    let mut actions = vec![match conversion.by_text {
        // Without its length, lest text be cut off without a word.
        true => format!("TYPE {ty} USING {name}::text::{bare}"),
        false => format!("TYPE {ty}"),
    }];
    let mut numbers = Vec::new();
    let mut statements = Vec::new();
    let alter = |actions: &[String]| {
        Statement::new(alter_column(&quoted(layout.table), &column.name, actions))
    };
    if column.made.is_some() && !wanted.numbered() {
        // In one statement with the type PostgreSQL refuses it.
        statements.push(alter(&["DROP IDENTITY".to_owned()]));
    }
    let numbered = |default: &String| default.starts_with("nextval(");
    match (&column.default, wanted.default()) {
        (Some(_), Some(default)) => {
            actions.insert(0, "DROP DEFAULT".to_owned());
            actions.push(format!("SET DEFAULT {default}"));
        }
        (Some(default), None) if wanted.numbered() && !numbered(default) => {
            actions.insert(0, "DROP DEFAULT".to_owned());
            numbers.extend(number(layout, wanted));
        }
        (Some(default), None) if conversion.by_text => {
            actions.insert(0, "DROP DEFAULT".to_owned());
            actions.push(format!("SET DEFAULT ({default})::text::{bare}"));
        }
        // One that is missing is a gap of its own.
        (None, _) | (_, None) => {}
    }
    let keys = live.foreign_keys.iter().filter(|key| {
        let has = |names: &[String]| names.contains(&column.name);
        let concerned =
            key.from == found.oid && has(&key.columns) || key.to == found.oid && has(&key.there);
        concerned && conversion.cuts
    });
    let statement = alter(&actions).risking(conversion.risk).risking(anew());
    statements.push(statement);
    Retyped {
        statements,
        numbers,
        cut: keys.collect(),
    }
}
