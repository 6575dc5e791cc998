//! Stage three, what we write: an entity or a value becomes code. One file for each thing generated, and no decisions.
//!
//! Everything but the declared structs stands in `const _`, so that no name of ours reaches the user's module. The
//! user's names reach into it all the same, in the types of fields, and so ours that could hide one of them start with
//! an underscore: a user may well have a module `orm`.

mod checks;
mod columns;
mod companion;
mod debug;
mod entity;
mod finders;
mod insert;
mod kinds;
mod kinds_related;
mod marks;
mod migrations;
mod newtype;
mod patch;
mod relations;
mod row;
mod rules;
mod scope;
mod serialize;
mod table;
mod template;
mod through;
mod tracked;
mod value;

pub(crate) use kinds::kinds;
pub(crate) use migrations::migrations;
pub(crate) use row::row;
pub(crate) use template::{fragment, sql};
pub(crate) use value::value;

use crate::model::Entity;
use proc_macro2::TokenStream;
use quote::quote;

/// All code for an entity.
pub(crate) fn entity(entity: &Entity) -> TokenStream {
    let insert_struct = insert::declaration(entity);
    let patch_struct = patch::declaration(entity);
    let inside = [
        table::expand(entity),
        entity::expand(entity),
        relations::statics(entity),
        through::statics(entity),
        inherent(entity),
        insert::expand(entity),
        patch::expand(entity),
        marks::expand(entity),
        scope::expand(entity),
        tracked::expand(entity),
        checks::expand(entity),
        serialize::expand(entity).unwrap_or_default(),
    ];
    quote! {
        #insert_struct
        #patch_struct
        #[allow(non_snake_case, unused_qualifications)]
        const _: () = {
            use ::ormcore::codegen as _orm;
            #(#inside)*
        };
    }
}

/// What users name: `User::ID`, `User::POSTS`, `User::find()`.
fn inherent(entity: &Entity) -> TokenStream {
    let name = &entity.name;
    let columns = columns::constants(entity);
    let relations = relations::constants(entity);
    let finders = finders::expand(entity);
    quote! {
        #[allow(dead_code)]
        impl #name {
            #columns
            #relations
            #finders
        }
    }
}
