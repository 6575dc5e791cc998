//! JSON documents: their parts, and what is in them.

use super::on_terms;
use crate::entity::{Argument, Condition, Expression, Term};
use crate::sql::Expr;
use crate::value::{JsonDocument, Operand, Param, SqlType, Value};

const JSONB: SqlType = SqlType::named("jsonb");

/// The type of a document's parts.
type Part<T> = <<T as Value>::Scalar as JsonDocument>::Part;

/// As `jsonb`, which has all the operators: a column may be `json`, and a value of a domain.
fn document(expr: Expr) -> Expr {
    match expr {
        Expr::Typed(value, _) => Expr::Typed(value, JSONB),
        Expr::Column(column) | Expr::Of(_, column) if column.ty.base() == "json" => {
            Expr::Cast(Box::new(expr), JSONB)
        }
        expr => expr,
    }
}

/// Text as one array parameter.
fn texts<V: Operand<String>>(texts: impl IntoIterator<Item = V>) -> Expr {
    let texts: Vec<Param> = texts.into_iter().map(Operand::into_operand).collect();
    Expr::Typed(Param::other(texts), <String as Value>::TYPE.array())
}

on_terms! { [] [T::Scalar: JsonDocument]
    /// The value of a field; NULL where there is none. The name is part of the SQL, so that an index on
    /// `(settings -> 'theme')` is used; for a name from elsewhere there is [`path`](Self::path).
    pub fn field(self, name: &'static str) -> Expression<E, Option<Part<T>>> {
        let parts = vec![document(Argument::from(self).0), Expr::Literal(name)];
        Expression::new(Expr::Words(&["(", " -> ", ")"], parts))
    }

    /// The value of a field as text; NULL where there is none, or it is `null`. The name is part of the SQL.
    pub fn field_text(self, name: &'static str) -> Expression<E, Option<String>> {
        let parts = vec![document(Argument::from(self).0), Expr::Literal(name)];
        Expression::new(Expr::Words(&["(", " ->> ", ")"], parts))
    }

    /// An element of an array, from 0, or from -1 at its end; NULL where there is none.
    pub fn element(self, position: impl Term<E, i32>) -> Expression<E, Option<Part<T>>> {
        let parts = vec![document(Argument::from(self).0), position.into_term().0];
        Expression::new(Expr::Words(&["(", " -> ", ")"], parts))
    }

    /// An element of an array as text, from 0, or from -1 at its end; NULL where there is none, or it is `null`.
    pub fn element_text(self, position: impl Term<E, i32>) -> Expression<E, Option<String>> {
        let parts = vec![document(Argument::from(self).0), position.into_term().0];
        Expression::new(Expr::Words(&["(", " ->> ", ")"], parts))
    }

    /// What fields and positions lead to, one after the other: `["tags", "0"]`; NULL where there is nothing.
    pub fn path<V: Operand<String>>(self, path: impl IntoIterator<Item = V>) -> Expression<E, Option<Part<T>>> {
        let parts = vec![document(Argument::from(self).0), texts(path)];
        Expression::new(Expr::Words(&["(", " #> ", ")"], parts))
    }

    /// The same as text; NULL where there is nothing, or it is `null`.
    pub fn path_text<V: Operand<String>>(self, path: impl IntoIterator<Item = V>) -> Expression<E, Option<String>> {
        let parts = vec![document(Argument::from(self).0), texts(path)];
        Expression::new(Expr::Words(&["(", " #>> ", ")"], parts))
    }

    /// Has everything that another document has. A GIN index serves it.
    pub fn json_contains<D: JsonDocument>(self, other: impl Term<E, D>) -> Condition<E> {
        let parts = vec![document(Argument::from(self).0), document(other.into_term().0)];
        Condition::new(Expr::Words(&["", " @> ", ""], parts))
    }

    /// Has nothing that another document does not have.
    pub fn json_within<D: JsonDocument>(self, other: impl Term<E, D>) -> Condition<E> {
        let parts = vec![document(Argument::from(self).0), document(other.into_term().0)];
        Condition::new(Expr::Words(&["", " <@ ", ""], parts))
    }

    /// Has this field, or, as an array, this text.
    pub fn has_key(self, key: impl Term<E, String>) -> Condition<E> {
        let parts = vec![document(Argument::from(self).0), key.into_term().0];
        Condition::new(Expr::Words(&["", " ? ", ""], parts))
    }

    /// Has at least one of these fields.
    pub fn has_any_key<V: Operand<String>>(self, keys: impl IntoIterator<Item = V>) -> Condition<E> {
        let parts = vec![document(Argument::from(self).0), texts(keys)];
        Condition::new(Expr::Words(&["", " ?| ", ""], parts))
    }

    /// Has all of these fields.
    pub fn has_all_keys<V: Operand<String>>(self, keys: impl IntoIterator<Item = V>) -> Condition<E> {
        let parts = vec![document(Argument::from(self).0), texts(keys)];
        Condition::new(Expr::Words(&["", " ?& ", ""], parts))
    }

    /// Has something where this JSON path leads: `$.tags[*] ? (@ == "red")`.
    pub fn json_path_exists(self, path: impl Term<E, String>) -> Condition<E> {
        let parts = vec![document(Argument::from(self).0), path.into_term().0];
        Condition::new(Expr::Words(&["", " @? CAST(", " AS jsonpath)"], parts))
    }

    /// What this JSON path says holds: `$.price < 10`.
    pub fn json_path_matches(self, path: impl Term<E, String>) -> Condition<E> {
        let parts = vec![document(Argument::from(self).0), path.into_term().0];
        Condition::new(Expr::Words(&["", " @@ CAST(", " AS jsonpath)"], parts))
    }

    /// How many elements it has, which must be an array; of NULL, NULL.
    pub fn json_length(self) -> Expression<E, T::With<i32>> {
        Expression::new(Expr::Call("jsonb_array_length", vec![document(Argument::from(self).0)]))
    }
}
