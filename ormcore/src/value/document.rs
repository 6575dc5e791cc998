//! JSON documents as a family of types.

use super::Value;

/// A JSON document: `serde_json::Value` and `Json<T>`, and newtypes of them.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` is no JSON document",
    label = "expected `serde_json::Value` or `Json<T>`"
)]
pub trait JsonDocument: Value {
    /// The type of its parts, and theirs: any document.
    type Part: JsonDocument<Part = Self::Part> + Value<Scalar = Self::Part>;
}
