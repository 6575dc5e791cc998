//! The `tracing` events of one thread, kept.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Once;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) name: &'static str,
    pub(crate) target: String,
    pub(crate) level: Level,
    pub(crate) fields: BTreeMap<&'static str, String>,
}

#[derive(Clone, Default)]
pub(crate) struct Events(Rc<RefCell<Vec<Kept>>>);

/// Keeps events until it is dropped.
pub(crate) struct Keeping;

thread_local! {
    static KEEPER: RefCell<Option<Events>> = const { RefCell::new(None) };
}

impl Events {
    /// Keeps the events of this thread.
    pub(crate) fn keep() -> (Self, Keeping) {
        // One subscriber for all threads: what one of them finds uninteresting `tracing` may switch off for the others.
        static INSTALLED: Once = Once::new();
        INSTALLED.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(ByThread);
            tracing::subscriber::set_global_default(subscriber).expect("the first subscriber");
        });
        let events = Self::default();
        KEEPER.set(Some(events.clone()));
        (events, Keeping)
    }

    pub(crate) fn all(&self) -> Vec<Kept> {
        self.0.borrow().clone()
    }

    pub(crate) fn named(&self, name: &str) -> Vec<Kept> {
        let mut events = self.all();
        events.retain(|event| event.name == name);
        events
    }
}

impl Drop for Keeping {
    fn drop(&mut self) {
        KEEPER.set(None);
    }
}

struct ByThread;

impl<S: Subscriber> Layer<S> for ByThread {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut fields = Fields::default();
        event.record(&mut fields);
        let kept = Kept {
            name: metadata.name(),
            target: metadata.target().to_owned(),
            level: *metadata.level(),
            fields: fields.0,
        };
        KEEPER.with_borrow(|keeper| {
            if let Some(events) = keeper {
                events.0.borrow_mut().push(kept);
            }
        });
    }
}

#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}
