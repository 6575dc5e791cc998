//! For whatever keeps this process running. Asked every few seconds, so without a trace.

use std::time::Duration;

use axum::{Json, extract::State};
use opentelemetry::{Context, trace::FutureExt};
use ormcore::{Db, sql};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Problem;

const PATIENCE: Duration = Duration::from_secs(2);

/// The process answers.
pub(super) async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// The database answers too.
pub(super) async fn ready(State(db): State<Db>) -> Result<Json<Value>, Problem> {
    // No server span here to be a child of: the statement would be a trace of its own.
    let untraced = Context::current().with_telemetry_suppressed();
    let answer = sql("SELECT 1").execute(&db).with_context(untraced);
    match timeout(PATIENCE, answer).await {
        Ok(Ok(_)) => Ok(Json(json!({ "status": "ready" }))),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            Err(no_answer())
        }
        Err(_) => Err(no_answer()),
    }
}

/// Whatever the reason: whoever asks can only wait.
fn no_answer() -> Problem {
    Problem::unavailable("the database does not answer; try again later")
}
