//! Requests that are not worth a trace, and a layer that is not there for them.

use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::extract::Request;
use futures_util::future::Either;
use tower::{Layer, Service};

const USUALLY: &str = "/health*,/metrics,/docs*,/openapi.json,/favicon.ico";
/// The page asks for its data all the time: it would push out what it is there to show.
const ALWAYS: &str = "/traces*";

/// Paths; a `*` at the end of one stands for any rest.
#[derive(Debug, Clone)]
pub(super) struct Excluded {
    paths: Arc<[String]>,
}

impl Excluded {
    /// The comma list of the environment, which replaces ours.
    pub(super) fn new(listed: Option<&str>) -> Self {
        let paths = listed.unwrap_or(USUALLY).split(',').chain([ALWAYS]);
        let paths = paths.map(str::trim).filter(|path| !path.is_empty());
        Self {
            paths: paths.map(str::to_owned).collect(),
        }
    }

    fn matches(&self, path: &str) -> bool {
        self.paths
            .iter()
            .any(|excluded| match excluded.strip_suffix('*') {
                Some(prefix) => path.starts_with(prefix),
                None => path == excluded,
            })
    }
}

/// A layer that is not there for some paths. A span that is there but does not record would be worse than none: it
/// would be the parent of the request's statements, and a parent that is not sampled takes its children with it.
#[derive(Clone)]
pub(super) struct Unless<L> {
    pub(super) excluded: Excluded,
    pub(super) layer: L,
}

impl<S: Clone, L: Layer<S>> Layer<S> for Unless<L> {
    type Service = UnlessService<S, L::Service>;

    fn layer(&self, inner: S) -> Self::Service {
        UnlessService {
            excluded: self.excluded.clone(),
            plain: inner.clone(),
            layered: self.layer.layer(inner),
        }
    }
}

#[derive(Clone)]
pub(super) struct UnlessService<P, L> {
    excluded: Excluded,
    plain: P,
    layered: L,
}

impl<P, L> Service<Request> for UnlessService<P, L>
where
    P: Service<Request>,
    L: Service<Request, Response = P::Response, Error = P::Error>,
{
    type Response = P::Response;
    type Error = P::Error;
    type Future = Either<P::Future, L::Future>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        ready!(self.plain.poll_ready(task))?;
        self.layered.poll_ready(task)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if self.excluded.matches(request.uri().path()) {
            Either::Left(self.plain.call(request))
        } else {
            Either::Right(self.layered.call(request))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Excluded;

    #[test]
    fn a_star_stands_for_any_rest() {
        let excluded = Excluded::new(Some(" /docs* , /posts"));
        assert!(excluded.matches("/docs/index.html") && excluded.matches("/posts"));
        assert!(!excluded.matches("/posts/1"));
    }

    #[test]
    fn the_environment_replaces_the_list_but_the_page_stays_excluded() {
        let usual = Excluded::new(None);
        assert!(usual.matches("/health") && usual.matches("/traces/data"));
        assert!(!usual.matches("/posts"));
        let own = Excluded::new(Some("/users/*,"));
        assert!(own.matches("/users/1") && own.matches("/traces"));
        assert!(!own.matches("/health") && !own.matches("/posts"));
    }
}
