//! `User::find()`, `User::get(id)`, `User::insert(…)` and the other beginnings of a statement.

use super::entity::key_type;
use crate::model::{Companion, Entity, MarkKind};
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
    let update_each = format!(" Updates rows of `{table}`, each to values of its own.");
    let delete = format!(" Deletes rows of `{table}`.");
    let restore = entity.marked(MarkKind::Deleted).map(|_| {
        let restore = format!(" Brings the deleted row of `{table}` with this primary key back.");
        quote! {
            #[doc = #restore]
            #visibility fn restore(key: impl _orm::IntoKey<#key>) -> ::ormcore::Update<#name> {
                _orm::Update::restore(key)
            }
        }
    });
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

        #[doc = #update_each]
        #visibility fn update_each<_Columns: _orm::Columns<#name>>(
            columns: _Columns,
            rows: impl ::core::iter::IntoIterator<Item = (#key, _Columns::Values)>,
        ) -> ::ormcore::UpdateEach<#name> {
            _orm::UpdateEach::new(columns, rows)
        }

        #restore

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
    let upsert = format!(" Inserts a row into `{table}`, unless another is in its way.");
    let upsert_many = format!(" Inserts rows into `{table}`, where no others are in their way.");
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

        #[doc = #upsert]
        #visibility fn upsert(row: #row) -> ::ormcore::Upsert<#row> {
            _orm::Upsert::new(row)
        }

        #[doc = #upsert_many]
        #visibility fn upsert_many(
            rows: ::std::vec::Vec<#row>,
        ) -> ::ormcore::Upsert<::std::vec::Vec<#row>> {
            _orm::Upsert::new(rows)
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
