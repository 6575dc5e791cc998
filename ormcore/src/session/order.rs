//! In which order tables are written, so that every key that is referred to is there before.

use super::tracked::Lead;
use crate::sql::Table;

/// The places of tables, those that are referred to before those that refer to them.
///
/// Where they refer to each other in a circle, columns that may be NULL do not count: they are set behind the insert.
pub(super) fn parents_first(tables: &[(&'static Table, &[Lead])]) -> Vec<usize> {
    let mut left: Vec<usize> = (0..tables.len()).collect();
    let mut order = Vec::with_capacity(tables.len());
    while !left.is_empty() {
        let is_free = |at: &usize, strict: bool| {
            let others = left.iter().filter(|other| *other != at);
            !others
                .copied()
                .any(|other| refers(tables, *at, other, strict))
        };
        let free = |strict| left.iter().position(|at| is_free(at, strict));
        // With a circle of columns that all must have a value, no order is right.
        let next = free(false).or_else(|| free(true)).unwrap_or(0);
        order.push(left.remove(next));
    }
    order
}

/// Whether rows of one table refer to those of another; `strict`: whether they must.
fn refers(tables: &[(&'static Table, &[Lead])], from: usize, to: usize, strict: bool) -> bool {
    let (Some((table, leads)), Some((target, _))) = (tables.get(from), tables.get(to)) else {
        return false;
    };
    leads.iter().any(|lead| {
        let nullable = table
            .columns
            .get(lead.column)
            .is_some_and(|column| column.nullable);
        (lead.table)() == *target && !(strict && nullable)
    })
}

#[cfg(test)]
mod tests {
    use super::{Lead, Table, parents_first};
    use crate::sql::ColumnInfo;

    const fn column(name: &'static str, nullable: bool) -> ColumnInfo {
        ColumnInfo {
            nullable,
            ..ColumnInfo::plain::<i64>(name)
        }
    }

    static KEY: ColumnInfo = column("id", false);
    static MAY: ColumnInfo = column("may", true);
    static MUST: ColumnInfo = column("must", false);
    static USERS: Table = Table {
        schema: None,
        name: "users",
        entity: "User",
        columns: &[&KEY, &MAY, &MUST],
        key: &[&KEY],
        version: None,
        updated: None,
        deleted: None,
        kind: None,
        kinds: &[],
        scope: None,
        links: &[],
        indexes: &[],
        description: None,
    };
    static POSTS: Table = Table {
        name: "posts",
        ..USERS
    };

    const MAY_LEAD_TO_POSTS: &[Lead] = &[Lead {
        column: 1,
        table: || &POSTS,
    }];
    const MUST_LEAD_TO_USERS: &[Lead] = &[Lead {
        column: 2,
        table: || &USERS,
    }];
    const MUST_LEAD_TO_POSTS: &[Lead] = &[Lead {
        column: 2,
        table: || &POSTS,
    }];

    #[test]
    fn whoever_is_referred_to_comes_first() {
        let posts: (_, &[Lead]) = (&POSTS, MUST_LEAD_TO_USERS);
        assert_eq!(parents_first(&[posts, (&USERS, &[])]), [1, 0]);
        assert_eq!(parents_first(&[(&USERS, &[]), posts]), [0, 1]);
    }

    #[test]
    fn in_a_circle_those_that_must_refer_come_last() {
        let posts: (_, &[Lead]) = (&POSTS, MUST_LEAD_TO_USERS);
        let users: (_, &[Lead]) = (&USERS, MAY_LEAD_TO_POSTS);
        assert_eq!(parents_first(&[posts, users]), [1, 0]);
        assert_eq!(parents_first(&[users, posts]), [0, 1]);
    }

    #[test]
    fn a_table_may_refer_to_itself_and_a_hopeless_circle_ends() {
        assert_eq!(parents_first(&[(&USERS, MUST_LEAD_TO_USERS)]), [0]);
        let posts: (_, &[Lead]) = (&POSTS, MUST_LEAD_TO_USERS);
        let users: (_, &[Lead]) = (&USERS, MUST_LEAD_TO_POSTS);
        assert_eq!(parents_first(&[posts, users]).len(), 2);
    }
}
