//! Addresses and networks.

use super::on_terms;
use crate::entity::{Argument, Condition, Term};
use crate::sql::Expr;
use crate::value::Network;

on_terms! { [] [T::Scalar: Network]
    /// Lies in this network, or is it: `10.1.2.3` lies in `10.1.0.0/16`.
    pub fn in_network<N: Network>(self, network: impl Term<E, N>) -> Condition<E> {
        let parts = vec![Argument::from(self).0, network.into_term().0];
        Condition::new(Expr::Words(&["", " <<= ", ""], parts))
    }

    /// Is a network in which this address or network lies.
    pub fn has_address<N: Network>(self, address: impl Term<E, N>) -> Condition<E> {
        let parts = vec![Argument::from(self).0, address.into_term().0];
        Condition::new(Expr::Words(&["", " >>= ", ""], parts))
    }

    /// Lies in this network, or this network in it.
    pub fn shares_addresses<N: Network>(self, network: impl Term<E, N>) -> Condition<E> {
        let parts = vec![Argument::from(self).0, network.into_term().0];
        Condition::new(Expr::Words(&["", " && ", ""], parts))
    }
}
