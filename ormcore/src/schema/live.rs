//! What a database has: tables, columns, indexes, foreign keys and types, as PostgreSQL's own tables say.

use crate::db::Executor;
use crate::error::Result;
use crate::query::sql;
use crate::sql::{Layout, Table, bare_type, quoted};
use crate::value::{Catalog, Char, Definition, Described, Form, Oid, SqlType};
use std::collections::HashMap;
use std::panic::Location;

/// Whom to ask, and the line that asks.
#[derive(Debug)]
pub(super) struct At<'a, X> {
    pub(super) executor: &'a X,
    pub(super) caller: &'static Location<'static>,
}

impl<X> Clone for At<'_, X> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<X> Copy for At<'_, X> {}

/// What was found of what was asked for.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// By the name that was asked for, quoted.
    pub(super) tables: HashMap<String, LiveTable>,
    pub(super) foreign_keys: Vec<LiveForeignKey>,
    /// The numbers of types by the names that were asked for, as they stand in SQL.
    pub(super) types: HashMap<String, u32>,
    pub(super) catalog: Catalog,
}

/// A table or view of the database.
#[derive(Debug)]
pub(super) struct LiveTable {
    pub(super) oid: u32,
    /// `relkind`: a letter.
    pub(super) kind: u8,
    /// Whether a trigger may change rows before they are inserted.
    pub(super) fills: bool,
    pub(super) description: Option<String>,
    pub(super) columns: Vec<LiveColumn>,
    pub(super) indexes: Vec<LiveIndex>,
}

/// A column of the database.
#[derive(Debug)]
pub(super) struct LiveColumn {
    pub(super) name: String,
    pub(super) ty: u32,
    /// As PostgreSQL writes it.
    pub(super) ty_name: String,
    pub(super) not_null: bool,
    /// Whether its domain has no NULL.
    pub(super) of_values: bool,
    pub(super) default: Option<String>,
    /// `attidentity` or `attgenerated`: a letter, if it is either.
    pub(super) made: Option<u8>,
    pub(super) description: Option<String>,
}

/// An index that is valid, by its columns; an expression is none.
#[derive(Debug)]
pub(super) struct LiveIndex {
    pub(super) columns: Vec<Option<String>>,
    pub(super) unique: bool,
    pub(super) primary: bool,
    /// Whether it leaves rows out.
    pub(super) partial: bool,
    pub(super) name: String,
    /// How it works, such as `btree`.
    pub(super) using: String,
}

/// A foreign key from or to one of the tables.
#[derive(Debug)]
pub(super) struct LiveForeignKey {
    pub(super) from: u32,
    pub(super) to: u32,
    /// The table it is on, as it stands in SQL.
    pub(super) table: String,
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) there: Vec<String>,
    /// The letters of `confdeltype` and `confupdtype`.
    pub(super) actions: String,
    /// What follows `ADD CONSTRAINT` and the name.
    pub(super) definition: String,
}

impl Live {
    /// Asks for these tables, for those they refer to, and for these types.
    pub(super) async fn read(
        at: At<'_, impl Executor>,
        layouts: &[Layout],
        definitions: &[&'static Definition],
    ) -> Result<Self> {
        let mut live = Self::default();
        let mut names = Vec::new();
        for layout in layouts {
            names.push(quoted(layout.table));
            let keys = layout.foreign_keys.iter();
            names.extend(keys.map(|foreign_key| quoted(foreign_key.target)));
        }
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            live.read_tables(at, names).await?;
        }
        let mut tables: Vec<_> = live.tables.values().map(|table| Oid(table.oid)).collect();
        tables.sort_unstable();
        if !tables.is_empty() {
            live.read_columns(at, tables.clone()).await?;
            live.read_indexes(at, tables.clone()).await?;
            live.read_foreign_keys(at, tables).await?;
        }
        let columns = layouts.iter().flat_map(|layout| &layout.columns);
        let mut names: Vec<_> = columns.map(|column| bare_type(column.info.ty)).collect();
        for definition in definitions {
            names.push(bare_type(SqlType::named(definition.sql)));
            match &definition.form {
                Form::Enum(_) => {}
                Form::Composite(fields) => {
                    names.extend(fields.iter().map(|(_, ty)| bare_type(*ty)));
                }
                Form::Domain { under, .. } => names.push(bare_type(*under)),
            }
        }
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            live.read_types(at, names).await?;
        }
        Ok(live)
    }

    /// The table, if there is one.
    pub(super) fn table(&self, table: &Table) -> Option<&LiveTable> {
        self.tables.get(&quoted(table))
    }

    /// The number of the type that goes by this name, if there is one.
    pub(super) fn ty(&self, ty: SqlType) -> Option<u32> {
        self.types.get(&bare_type(ty)).copied()
    }

    async fn read_tables(&mut self, at: At<'_, impl Executor>, names: Vec<String>) -> Result<()> {
        let tables = sql("SELECT asked, c.oid, relkind, \
             EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgtype & 7 = 7), obj_description(c.oid, 'pg_class') \
             FROM unnest($1::text[]) AS asked JOIN pg_class c ON c.oid = to_regclass(asked) \
             WHERE relkind IN ('r', 'p', 'v', 'm', 'f')");
        let tables = tables.summary("SELECT pg_class").bind(names).idempotent();
        for row in tables
            .all_at::<(String, Oid, Char, bool, Option<String>)>(at.executor, at.caller)
            .await?
        {
            let (name, oid, kind, fills, description) = row;
            let table = LiveTable {
                oid: oid.0,
                kind: kind.0,
                fills,
                description,
                columns: Vec::new(),
                indexes: Vec::new(),
            };
            self.tables.insert(name, table);
        }
        Ok(())
    }

    async fn read_columns(&mut self, at: At<'_, impl Executor>, tables: Vec<Oid>) -> Result<()> {
        let columns = sql(
            "SELECT attrelid, attname, atttypid, format_type(atttypid, atttypmod), attnotnull, typtype = 'd' AND typnotnull, \
             ARRAY[coalesce(pg_get_expr(adbin, adrelid), typdefault), col_description(attrelid, attnum)], \
             attidentity::text || attgenerated::text \
             FROM pg_attribute JOIN pg_type t ON t.oid = atttypid \
             LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum \
             WHERE attrelid = ANY ($1::oid[]) AND attnum > 0 AND NOT attisdropped ORDER BY attrelid, attnum",
        );
        let columns = columns.summary("SELECT pg_attribute").bind(tables);
        type Texts = Vec<Option<String>>;
        type Row = (Oid, String, Oid, String, bool, bool, Texts, String);
        for row in columns
            .idempotent()
            .all_at::<Row>(at.executor, at.caller)
            .await?
        {
            let (table, name, ty, ty_name, not_null, of_values, texts, made) = row;
            let text = |at: usize| texts.get(at).cloned().flatten();
            let made = made.bytes().next();
            for found in self.of(table) {
                found.columns.push(LiveColumn {
                    name: name.clone(),
                    ty: ty.0,
                    ty_name: ty_name.clone(),
                    not_null,
                    of_values,
                    default: text(0),
                    made,
                    description: text(1),
                });
            }
        }
        Ok(())
    }

    async fn read_indexes(&mut self, at: At<'_, impl Executor>, tables: Vec<Oid>) -> Result<()> {
        // An `int2vector` is counted from 0.
        let indexes = sql(
            "SELECT indrelid, ARRAY(SELECT attname::text FROM unnest((indkey::int2[])[0:indnkeyatts - 1]) WITH ORDINALITY \
             AS part(number, place) LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number ORDER BY place), \
             indisunique, indisprimary, indpred IS NOT NULL, c.relname, amname \
             FROM pg_index JOIN pg_class c ON c.oid = indexrelid JOIN pg_am ON pg_am.oid = c.relam WHERE indrelid = ANY ($1::oid[]) AND indisvalid ORDER BY indexrelid",
        );
        let indexes = indexes.summary("SELECT pg_index").bind(tables);
        type Row = (Oid, Vec<Option<String>>, bool, bool, bool, String, String);
        for row in indexes
            .idempotent()
            .all_at::<Row>(at.executor, at.caller)
            .await?
        {
            let (table, columns, unique, primary, partial, name, using) = row;
            for found in self.of(table) {
                found.indexes.push(LiveIndex {
                    columns: columns.clone(),
                    unique,
                    primary,
                    partial,
                    name: name.clone(),
                    using: using.clone(),
                });
            }
        }
        Ok(())
    }

    async fn read_foreign_keys(
        &mut self,
        at: At<'_, impl Executor>,
        tables: Vec<Oid>,
    ) -> Result<()> {
        // Those that the partitions of others have are theirs.
        let keys = sql(
            "SELECT conrelid, confrelid, conrelid::regclass::text, conname, \
             ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS part(number, place) \
             JOIN pg_attribute ON attrelid = conrelid AND attnum = number ORDER BY place), \
             ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS part(number, place) \
             JOIN pg_attribute ON attrelid = confrelid AND attnum = number ORDER BY place), \
             confdeltype::text || confupdtype::text, pg_get_constraintdef(oid) \
             FROM pg_constraint WHERE contype = 'f' \
             AND (conrelid = ANY ($1::oid[]) OR confrelid = ANY ($1::oid[]) AND conparentid = 0) ORDER BY oid",
        );
        let keys = keys.summary("SELECT pg_constraint").bind(tables);
        type Row = (
            Oid,
            Oid,
            String,
            String,
            Vec<String>,
            Vec<String>,
            String,
            String,
        );
        for row in keys
            .idempotent()
            .all_at::<Row>(at.executor, at.caller)
            .await?
        {
            let (from, to, table, name, columns, there, actions, definition) = row;
            self.foreign_keys.push(LiveForeignKey {
                from: from.0,
                to: to.0,
                table,
                name,
                columns,
                there,
                actions,
                definition,
            });
        }
        Ok(())
    }

    /// The types of the columns and those of these names, with what they are made of.
    async fn read_types(&mut self, at: At<'_, impl Executor>, names: Vec<String>) -> Result<()> {
        let named = sql(
            "SELECT asked, to_regtype(asked)::oid FROM unnest($1::text[]) AS asked WHERE to_regtype(asked) IS NOT NULL",
        );
        let named = named.summary("SELECT pg_type").bind(names).idempotent();
        for (name, oid) in named
            .all_at::<(String, Oid)>(at.executor, at.caller)
            .await?
        {
            self.types.insert(name, oid.0);
        }
        let columns = self.tables.values().flat_map(|table| &table.columns);
        let columns = columns.map(|column| column.ty);
        let mut types: Vec<_> = columns
            .chain(self.types.values().copied())
            .map(Oid)
            .collect();
        types.sort_unstable();
        types.dedup();
        if types.is_empty() {
            return Ok(());
        }
        let described = sql(
            "WITH RECURSIVE found(number) AS (SELECT unnest($1::oid[]) UNION \
             SELECT part FROM found JOIN pg_type t ON t.oid = number CROSS JOIN LATERAL (\
             SELECT unnest(ARRAY[t.typelem, t.typbasetype]) UNION ALL \
             SELECT rngsubtype FROM pg_range WHERE number IN (rngtypid, rngmultitypid) UNION ALL \
             SELECT atttypid FROM pg_attribute WHERE attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped\
             ) AS parts(part) WHERE part <> 0) \
             SELECT t.oid, typname, nspname, typtype, coalesce(nullif(typbasetype, 0), \
             CASE WHEN typcategory = 'A' THEN nullif(typelem, 0) END, \
             (SELECT rngsubtype FROM pg_range WHERE t.oid IN (rngtypid, rngmultitypid))), \
             CASE typtype WHEN 'e' THEN ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder) \
             ELSE ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped \
             ORDER BY attnum) END, \
             ARRAY(SELECT atttypid FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped ORDER BY attnum) \
             FROM found JOIN pg_type t ON t.oid = number JOIN pg_namespace n ON n.oid = typnamespace",
        );
        let described = described.summary("SELECT pg_type").bind(types);
        type Row = (
            Oid,
            String,
            String,
            Char,
            Option<Oid>,
            Vec<String>,
            Vec<Oid>,
        );
        for row in described
            .idempotent()
            .all_at::<Row>(at.executor, at.caller)
            .await?
        {
            let (oid, name, schema, form, under, words, fields) = row;
            let described = Described {
                name,
                schema,
                form: form.0,
                under: under.map(|under| under.0),
                words,
                fields: fields.into_iter().map(|field| field.0).collect(),
            };
            self.catalog.0.insert(oid.0, described);
        }
        Ok(())
    }

    /// The tables of this number: one may have been asked for by two names.
    fn of(&mut self, table: Oid) -> impl Iterator<Item = &mut LiveTable> {
        let tables = self.tables.values_mut();
        tables.filter(move |other| other.oid == table.0)
    }
}

impl LiveTable {
    /// The column, if there is one.
    pub(super) fn column(&self, name: &str) -> Option<&LiveColumn> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether it is no table but a question.
    pub(super) fn is_view(&self) -> bool {
        matches!(self.kind, b'v' | b'm')
    }

    /// Whether it may have keys.
    pub(super) fn has_keys(&self) -> bool {
        matches!(self.kind, b'r' | b'p')
    }

    /// Whether its rows are kept in others.
    pub(super) fn is_partitioned(&self) -> bool {
        self.kind == b'p'
    }
}

impl LiveColumn {
    /// Whether a row may leave it out.
    pub(super) fn has_default(&self) -> bool {
        self.default.is_some() || self.made.is_some()
    }
}
