//! Accounts in the database: everything that is read or written about them.

use ormcore::{Db, Error, Ref, Result, Session};
use uuid::Uuid;

use super::{Address, PasswordHash};
use crate::entities::{Account, NewAccount, NewUser, User};

/// Both or neither. An address belongs to whoever has a password for it, so a user who was only put on the list
/// (`POST /users`) is this one from now on; unless there are posts, which are of somebody.
///
/// # Errors
/// See [`is_taken`] for an address that is somebody's, be it since a moment ago.
pub(crate) async fn register(db: &Db, new: NewUser, password_hash: PasswordHash) -> Result<User> {
    let mut s = db.session();
    let listed =
        User::EMAIL.eq(new.email.as_str()) & User::ACCOUNT.missing() & User::POSTS.missing();
    let user = match s.first(User::find().filter(listed)).await? {
        Some(user) => {
            s[user].name = new.name;
            s[user].age = new.age;
            user
        }
        None => s.add(new),
    };
    let account = NewAccount {
        id: None,
        user_id: s.key(user),
        password_hash,
    };
    s.add(account);
    s.commit().await?;
    s.take(user)
}

/// Whether a user could not be written because there is one with this address: of two who sign up at once as the same
/// listed user, one is too late for the account.
pub(crate) fn is_taken(error: &Error) -> bool {
    error.is_unique_violation_of(User::EMAIL) || error.is_unique_violation_of(Account::USER_ID)
}

/// Who logs in with an address.
pub(crate) async fn of_address(db: &Db, address: Address) -> Result<Option<Account>> {
    let named = Account::USER.get(User::EMAIL).eq(address.into_text());
    Account::find().filter(named).maybe(db).await
}

/// Whom a token is about.
pub(crate) async fn of_token(s: &mut Session, id: Uuid) -> Result<Option<Ref<User>>> {
    let account = Account::find().filter(Account::ID.eq(id));
    match s.first(account.with(Account::USER.joined())).await? {
        Some(account) => s.related(account, Account::USER),
        None => Ok(None),
    }
}
