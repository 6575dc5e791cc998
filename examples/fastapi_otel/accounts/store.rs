//! Accounts in the database: everything that is read or written about them.

use ormcore::{Db, Ref, Result, Session};
use uuid::Uuid;

use super::{Address, PasswordHash};
use crate::entities::{Account, NewAccount, NewUser, User};

/// Both or neither.
pub(crate) async fn register(db: &Db, new: NewUser, password_hash: PasswordHash) -> Result<User> {
    let mut s = db.session();
    let user = s.add(new);
    let account = NewAccount {
        id: None,
        user_id: s.key(user),
        password_hash,
    };
    s.add(account);
    s.commit().await?;
    s.take(user)
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
