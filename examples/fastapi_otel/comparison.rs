//! The point of it all: the application asks itself for the same posts, lazily and eagerly, and looks at both traces.

use std::{error::Error, net::SocketAddr, time::Duration};

use serde_json::Value;

use crate::{
    ask::{self, Answer},
    traces::{Trace, TraceStore},
};

pub(crate) const LAZY: &str = "/posts";
pub(crate) const EAGER: &str = "/posts?eager=true";
const JOINED: &str = "/posts?eager=joined";
/// The same statements, for a single post.
const WARM_UP: [&str; 3] = [
    "/posts?limit=1",
    "/posts?limit=1&eager=true",
    "/posts?limit=1&eager=joined",
];

#[derive(Debug)]
pub(crate) struct Comparison {
    pub(crate) lazy: Trace,
    pub(crate) eager: Trace,
    joined: Trace,
    /// Each by an author of its own, which the lazy request has to ask for.
    posts: usize,
}

impl Comparison {
    pub(crate) async fn make(
        address: SocketAddr,
        traces: &TraceStore,
    ) -> Result<Self, Box<dyn Error>> {
        // Connecting and preparing are paid once by whoever comes first. That would be unfair here.
        for path in WARM_UP {
            expect_ok(path, &ask::get_untraced(address, path).await?)?;
        }
        let answer = ask::get(address, LAZY).await?;
        expect_ok(LAZY, &answer)?;
        let posts: Vec<Value> = serde_json::from_str(&answer.body)?;
        Ok(Self {
            lazy: trace_of(LAZY, &answer, traces).await?,
            eager: asked(address, EAGER, traces).await?,
            joined: asked(address, JOINED, traces).await?,
            posts: posts.len(),
        })
    }

    /// One statement and one for each author; two; one. Anything else would be a mistake in the ORM or in its telemetry.
    pub(crate) fn check(&self) -> Result<(), String> {
        let expected = [
            (LAZY, &self.lazy, 1 + self.posts),
            (EAGER, &self.eager, 2),
            (JOINED, &self.joined, 1),
        ];
        for (path, trace, statements) in expected {
            if trace.statements != statements {
                return Err(format!(
                    "GET {path} over {} posts shows {} statements in its trace instead of {statements}",
                    self.posts, trace.statements
                ));
            }
        }
        Ok(())
    }
}

async fn asked(
    address: SocketAddr,
    path: &str,
    traces: &TraceStore,
) -> Result<Trace, Box<dyn Error>> {
    let answer = ask::get(address, path).await?;
    expect_ok(path, &answer)?;
    trace_of(path, &answer, traces).await
}

fn expect_ok(path: &str, answer: &Answer) -> Result<(), String> {
    match answer.status {
        200 => Ok(()),
        status => Err(format!(
            "GET {path} was answered with {status}: {}",
            answer.body
        )),
    }
}

async fn trace_of(
    path: &str,
    answer: &Answer,
    traces: &TraceStore,
) -> Result<Trace, Box<dyn Error>> {
    let trace_id = answer
        .trace_id
        .ok_or("no trace to show: is OTEL_SDK_DISABLED set?")?;
    let trace = traces.finished(trace_id, Duration::from_secs(5)).await;
    trace.ok_or_else(|| {
        format!("no trace of GET {path} to show: does OTEL_TRACES_SAMPLER leave it out?").into()
    })
}
