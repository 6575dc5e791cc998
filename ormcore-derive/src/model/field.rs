//! Columns: what the words on a field mean.

use super::mark::Mark;
use super::relation::Relation;
use crate::errors::Errors;
use crate::parse::{
    Field, FieldWords, Ident, IndexWords, LitStr, Path, ReferenceWords, RuleWords, Shape, Type,
    Visibility, constant, list, nearest, text, written,
};

/// What the constants of a column and of a relation have in common.
pub(crate) struct Named {
    /// The field, as written.
    pub(crate) field: Ident,
    /// The constant on the struct.
    pub(crate) constant: Ident,
    /// Who sees the field also sees the constant.
    pub(crate) visibility: Visibility,
    /// The field's own documentation.
    pub(crate) docs: Vec<String>,
}

/// A field that is a column.
pub(crate) struct Column {
    pub(crate) named: Named,
    /// Its name in the table.
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// The `T` where the type is an `Option<T>`.
    pub(crate) inner: Option<Type>,
    /// Its PostgreSQL type, where that is not the usual one of the Rust type.
    pub(crate) sql_type: Option<String>,
    pub(crate) primary_key: Option<Ident>,
    pub(crate) generated: bool,
    /// What the database computes it from.
    pub(crate) computed: Option<String>,
    pub(crate) unique: Option<Ident>,
    /// The names of constraints that are not PostgreSQL's own.
    pub(crate) constraints: Vec<String>,
    pub(crate) sensitive: bool,
    pub(crate) default: Option<String>,
    /// The function of the program's that makes what an insert leaves out.
    pub(crate) default_with: Option<Path>,
    /// What its values have to be like.
    pub(crate) rules: Vec<RuleWords>,
    /// Its own index, until all are gathered.
    pub(super) index: Option<IndexWords>,
    pub(crate) description: Option<String>,
    pub(crate) references: Option<Reference>,
    /// What the column says about the row itself.
    pub(crate) mark: Option<Mark>,
    /// The word by which it names the scope of the row.
    pub(crate) scope: Option<Ident>,
}

/// The entity whose primary key a column holds.
pub(crate) struct Reference {
    pub(crate) target: Path,
    pub(crate) on_delete: Option<String>,
    pub(crate) on_update: Option<String>,
}

/// What a struct's fields are.
pub(super) struct Fields {
    pub(super) columns: Vec<Column>,
    pub(super) relations: Vec<Relation>,
    /// Fields that are neither, because of a mistake.
    pub(super) broken: Vec<Ident>,
}

const ACTIONS: [&str; 5] = [
    "cascade",
    "restrict",
    "set null",
    "set default",
    "no action",
];

impl Fields {
    /// Tells columns and relations apart.
    pub(super) fn new(entity: &Ident, fields: Vec<Field>, errors: &Errors) -> Self {
        let (mut columns, mut relations, mut broken) = (Vec::new(), Vec::new(), Vec::new());
        let (values, others): (Vec<Field>, Vec<Field>) = fields
            .into_iter()
            .partition(|field| matches!(field.shape, Some(Shape::Value { .. })));
        for field in values {
            let name = field.name.clone();
            match Column::new(field, errors) {
                Some(column) => columns.push(column),
                None => broken.push(name),
            }
        }
        for field in others {
            let name = field.name.clone();
            match Relation::new(entity, field, &columns, errors) {
                Some(relation) => relations.push(relation),
                None => broken.push(name),
            }
        }
        Self {
            columns,
            relations,
            broken,
        }
    }
}

impl Named {
    pub(super) fn new(field: Ident, visibility: Visibility, docs: Vec<String>) -> Self {
        let constant = Ident::new(&constant(&text(&field)), field.span());
        Self {
            field,
            constant,
            visibility,
            docs,
        }
    }
}

impl Column {
    fn new(field: Field, errors: &Errors) -> Option<Self> {
        let Field {
            name,
            visibility,
            docs,
            ty,
            shape,
            words,
            serde: _,
        } = field;
        let Some(Shape::Value { inner }) = shape else {
            return None;
        };
        let to_one = words.belongs_to.is_some() || words.has_one.is_some();
        if to_one || words.has_many.is_some() || words.many_to_many.is_some() {
            not_a_relation(&ty, inner.as_ref(), &words, errors);
            return None;
        }
        let column = words
            .rename
            .as_ref()
            .map_or_else(|| text(&name), LitStr::value);
        if let Some(reference) = &words.references {
            let null = Null {
                field: &name,
                ty: &ty,
                allowed: inner.is_some(),
                default: words.default.is_some(),
            };
            null.check(reference, errors);
        }
        if let (Some(_), Some(inner)) = (&words.primary_key, &inner) {
            let (whole, inner) = (written(&ty), written(inner));
            errors.on(
                &ty,
                format!("a primary key is never NULL: write `{inner}`, not `{whole}`"),
            );
        }
        let made = super::made::one_way(&words, errors);
        let mark = Mark::new(&words, &ty, inner.as_ref(), errors);
        let scope = super::scope::word(&words, &ty, inner.as_ref(), errors);
        Some(Self {
            named: Named::new(name, visibility, docs),
            name: column,
            ty,
            inner,
            sql_type: words.sql_type.map(|text| text.value()),
            primary_key: words.primary_key,
            generated: words.generated.is_some() || mark.is_some(),
            computed: words
                .generated
                .and_then(|words| words.expression)
                .map(|text| text.value()),
            // With a complaint that it is one too many; the code has to fit all the same.
            default_with: words.default_with.filter(|_| made),
            rules: words.rules.unwrap_or_default(),
            index: words.index,
            description: words.description.map(|text| text.value()),
            constraints: words
                .unique
                .iter()
                .filter_map(|unique| unique.name.as_ref())
                .chain(&words.constraint)
                .map(LitStr::value)
                .collect(),
            unique: words.unique.map(|unique| unique.word),
            sensitive: words.sensitive.is_some(),
            default: words
                .default
                .map(|text| text.value())
                .or_else(|| mark.as_ref().map(|mark| mark.kind.default().to_owned())),
            references: words.references.map(|words| Reference::new(words, errors)),
            mark,
            scope,
        })
    }
}

impl Column {
    /// The type without its `Option`.
    pub(crate) fn not_null(&self) -> &Type {
        self.inner.as_ref().unwrap_or(&self.ty)
    }
}

impl Reference {
    fn new(words: ReferenceWords, errors: &Errors) -> Self {
        let action = |word: Option<LitStr>| {
            let word = word?;
            let text = word.value().to_lowercase();
            if ACTIONS.contains(&text.as_str()) {
                return Some(text);
            }
            let remedy = match nearest(&text, ACTIONS) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it may be {}", list(ACTIONS, "or")),
            };
            errors.on(&word, format!("unknown action `{text}`; {remedy}"));
            None
        };
        Self {
            target: words.target,
            on_delete: action(words.on_delete),
            on_update: action(words.on_update),
        }
    }
}

/// Whether a column can become NULL, or its default, when the row it refers to goes.
struct Null<'a> {
    field: &'a Ident,
    ty: &'a Type,
    allowed: bool,
    default: bool,
}

impl Null<'_> {
    fn check(&self, reference: &ReferenceWords, errors: &Errors) {
        let (field, ty) = (self.field, written(self.ty));
        for action in [&reference.on_delete, &reference.on_update]
            .into_iter()
            .flatten()
        {
            match action.value().to_lowercase().as_str() {
                "set null" if !self.allowed => {
                    errors.on(
                        action,
                        format!(
                            "`{field}` is never NULL; for `set null` make it an `Option<{ty}>`"
                        ),
                    );
                }
                "set default" if !self.allowed && !self.default => {
                    errors.on(
                        action,
                        format!(
                            "`{field}` has no default; for `set default` add `default = \"…\"`"
                        ),
                    );
                }
                _ => {}
            }
        }
    }
}

fn not_a_relation(ty: &Type, inner: Option<&Type>, words: &FieldWords, errors: &Errors) {
    let seen = written(ty);
    if words.belongs_to.is_some() {
        let one = match inner {
            Some(inner) => format!("One<Option<{}>>", written(inner)),
            None => format!("One<{seen}>"),
        };
        errors.on(
            ty,
            format!("`belongs_to` is for a `One`: write `{one}`, not `{seen}`"),
        );
    }
    let name = |target: &Option<Path>| target.as_ref().map_or_else(|| "…".to_owned(), written);
    if let Some(has_one) = &words.has_one {
        let target = name(&has_one.target);
        errors.on(
            ty,
            format!("`has_one` is for a `One`: write `One<Option<{target}>>`, not `{seen}`"),
        );
    }
    let has_many = words.has_many.as_ref();
    let many_to_many = words.many_to_many.as_ref();
    for (word, target) in [
        has_many.map(|words| (&words.word, &words.target)),
        many_to_many.map(|words| (&words.word, &words.target)),
    ]
    .into_iter()
    .flatten()
    {
        let many = name(target);
        errors.on(
            ty,
            format!("`{word}` is for a `Many`: write `Many<{many}>`, not `{seen}`"),
        );
    }
}
