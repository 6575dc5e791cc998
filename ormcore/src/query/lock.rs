//! Locking rows while they are read.

use super::find::Find;
use super::get::Get;
use crate::entity::Entity;
use crate::sql::Lock;

macro_rules! locks {
    ($kind:ident, $($base:ident).+) => {
        impl<E: Entity> $kind<E> {
            /// Locks the rows until the transaction ends: nobody else can change, delete or lock them meanwhile. Outside a
            /// transaction the lock is gone as soon as the rows are here. Of several locks the last counts.
            pub fn for_update(self) -> Self {
                self.strength(" FOR UPDATE")
            }

            /// The same, but others may still refer to the rows by foreign keys: enough where the key itself is not changed.
            pub fn for_no_key_update(self) -> Self {
                self.strength(" FOR NO KEY UPDATE")
            }

            /// Locks the rows until the transaction ends: nobody else can change or delete them, others may share the lock.
            pub fn for_share(self) -> Self {
                self.strength(" FOR SHARE")
            }

            /// Leaves out rows that somebody else has locked, instead of waiting: what takes work from a queue wants that.
            /// Without a lock of its own named before it, it locks for update.
            pub fn skip_locked(self) -> Self {
                self.wait(" SKIP LOCKED")
            }

            /// Fails at once when somebody else has locked one of the rows, instead of waiting. Without a lock of its own named
            /// before it, it locks for update.
            ///
            /// The error is [`ErrorKind::LockNotAvailable`](crate::error::ErrorKind::LockNotAvailable).
            pub fn nowait(self) -> Self {
                self.wait(" NOWAIT")
            }

            fn strength(mut self, strength: &'static str) -> Self {
                let wait = self.$($base).+.lock().map_or("", |lock| lock.wait);
                self.$($base).+.more().lock = Some(Lock { strength, wait });
                self
            }

            fn wait(mut self, wait: &'static str) -> Self {
                let strength = self.$($base).+.lock().map_or(" FOR UPDATE", |lock| lock.strength);
                self.$($base).+.more().lock = Some(Lock { strength, wait });
                self
            }
        }
    };
}

locks!(Find, base);
locks!(Get, select.base);
