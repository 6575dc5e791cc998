//! What other libraries call the words on a struct and its columns.

const DEFERRED: &str = "all columns of an entity are read with it: `.select(…)` the others, or declare a second entity of the \
                        same table without this one";

/// And what to write here. A newcomer's first guess deserves better than a list.
pub(super) const CALLED_ELSEWHERE: [(&str, &str); 44] = [
    ("pk", "write `primary_key`"),
    ("id", "write `primary_key`"),
    ("auto_increment", "write `generated`"),
    ("autoincrement", "write `generated`"),
    ("identity", "write `generated`"),
    ("serial", "write `generated`"),
    ("computed", "write `generated = \"…\"`"),
    ("generated_always", "write `generated = \"…\"`"),
    ("default_factory", "write `default_with = …`"),
    ("default_fn", "write `default_with = …`"),
    ("comment", "write `description = \"…\"`"),
    ("indexed", "write `index`"),
    ("validator", "write `validate(…)`"),
    ("garde", "write `validate(…)`"),
    ("email", "write `validate(email)`"),
    ("url", "write `validate(url)`"),
    ("length", "write `validate(length(…))`"),
    ("max_length", "write `validate(length(max = …))`"),
    ("range", "write `validate(range(…))`"),
    ("column", "write `rename = \"…\"`"),
    ("column_name", "write `rename = \"…\"`"),
    ("name", "write `rename = \"…\"`"),
    ("column_type", "write `type = \"…\"`"),
    ("sql_type", "write `type = \"…\"`"),
    ("default_value", "write `default = \"…\"`"),
    (
        "foreign_key",
        "write `references(…)` on the column and `belongs_to(key = …)` on the relation",
    ),
    (
        "nullable",
        "a column may be NULL when its type is an `Option`",
    ),
    ("null", "a column may be NULL when its type is an `Option`"),
    (
        "not_null",
        "a column is NOT NULL unless its type is an `Option`",
    ),
    ("table_name", "write `table = \"…\"`"),
    ("lock_version", "write `version`"),
    ("optimistic_lock", "write `version`"),
    ("updated_at", "write `updated`"),
    ("deleted_at", "write `soft_delete`"),
    ("tenant", "write `scope`"),
    ("tenant_id", "write `scope`"),
    ("shard_key", "write `scope`"),
    ("distribution_column", "write `scope`"),
    (
        "created_at",
        "write `generated`: the database sets the moment of an insert",
    ),
    ("many2many", "write `many_to_many(…, through = \"…\")`"),
    (
        "belongs_to_many",
        "write `many_to_many(…, through = \"…\")`",
    ),
    ("deferred", DEFERRED),
    ("defer", DEFERRED),
    (
        "has_and_belongs_to_many",
        "write `many_to_many(…, through = \"…\")`",
    ),
];
