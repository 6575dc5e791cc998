//! Accounts in the database: everything that is read or written about them.

use ormcore::{Db, Result};
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

/// Whom a token is about, with the user.
pub(crate) async fn of_token(db: &Db, id: Uuid) -> Result<Option<Account>> {
    let account = Account::find().filter(Account::ID.eq(id));
    account.with(Account::USER.joined()).maybe(db).await
}
