//! `User::find()`, `User::get(id)`, `User::insert(…)` and the other beginnings of a statement.

use super::entity::key_type;
use crate::model::{Companion, Entity};
use proc_macro2::TokenStream;
use quote::quote;

/// The functions.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    let Entity {
        name,
        visibility,
        table,
        ..
    } = entity;
    let key = key_type(entity);
    let inserts = entity.insert.as_ref().map(|insert| inserts(entity, insert));
    let find = format!(" Finds rows of `{table}`.");
    let get = format!(" Gets the row of `{table}` with this primary key.");
    let update = format!(" Updates the row of `{table}` with this primary key.");
    let update_many = format!(" Updates rows of `{table}`.");
    let delete = format!(" Deletes rows of `{table}`.");
    quote! {
        #[doc = #find]
        #visibility fn find() -> ::ormcore::Find<#name> {
            _orm::Find::new()
        }

        #[doc = #get]
        #visibility fn get(key: impl _orm::IntoKey<#key>) -> ::ormcore::Get<#name> {
            _orm::Get::new(key)
        }

        #inserts

        #[doc = #update]
        #visibility fn update(key: impl _orm::IntoKey<#key>) -> ::ormcore::Update<#name> {
            _orm::Update::by_key(key)
        }

        #[doc = #update_many]
        #visibility fn update_many() -> ::ormcore::Update<#name> {
            _orm::Update::many()
        }

        #[doc = #delete]
        #visibility fn delete() -> ::ormcore::Delete<#name> {
            _orm::Delete::new()
        }
    }
}

fn inserts(entity: &Entity, insert: &Companion) -> TokenStream {
    let Entity {
        visibility, table, ..
    } = entity;
    let row = &insert.name;
    let one = format!(" Inserts a row into `{table}`.");
    let many = format!(" Inserts rows into `{table}`, in the order given.");
    let copy = format!(" Copies rows into `{table}`: any number of them, in constant memory.");
    let stream = format!(" Copies the rows of a stream into `{table}`, as they come.");
    quote! {
        #[doc = #one]
        #visibility fn insert(row: #row) -> ::ormcore::Insert<#row> {
            _orm::Insert::new(row)
        }

        #[doc = #many]
        #visibility fn insert_many(rows: ::std::vec::Vec<#row>) -> ::ormcore::InsertMany<#row> {
            _orm::InsertMany::new(rows)
        }

        #[doc = #copy]
        #visibility fn copy_in<R>(
            rows: R,
        ) -> ::ormcore::CopyIn<#row, impl _orm::Stream<Item = R::Item> + ::core::marker::Send>
        where
            R: ::core::iter::IntoIterator<Item: _orm::CopyItem<#row>, IntoIter: ::core::marker::Send>,
        {
            _orm::CopyIn::rows(rows)
        }

        #[doc = #stream]
        #visibility fn copy_in_stream<S>(rows: S) -> ::ormcore::CopyIn<#row, S>
        where
            S: _orm::Stream<Item: _orm::CopyItem<#row>> + ::core::marker::Send,
        {
            _orm::CopyIn::stream(rows)
        }
    }
}
