//! An enum of entities that are kinds of one table's rows.

use crate::model::Kinds;
use crate::parse::Variant;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

/// All code for the enum.
pub(crate) fn kinds(kinds: &Kinds) -> TokenStream {
    let (name, entity) = (&kinds.name, kinds.name.to_string());
    let tables: Vec<TokenStream> = kinds.variants.iter().map(table).collect();
    let checks = checks(kinds, &tables);
    let (constants, finders) = (constants(kinds), finders(kinds));
    let relations = super::kinds_related::expand(kinds);
    let first = &tables[0];
    let key = key(&kinds.variants[0]);
    let places = (0..tables.len()).map(|at| format_ident!("PLACES_{at}"));
    let places: Vec<Ident> = places.collect();
    let variants: Vec<&Ident> = kinds.variants.iter().map(|variant| &variant.name).collect();
    let entities: Vec<TokenStream> = kinds.variants.iter().map(entity_of).collect();
    let rows = kinds.variants.iter().map(|variant| {
        let place = Span::mixed_site().located_at(variant.entity.span());
        Ident::new("row", place)
    });
    let rows: Vec<Ident> = rows.collect();
    let each = || kinds.variants.iter().zip(&rows);
    let keys = each().map(|(variant, row)| same_key(variant, row, &key));
    let scope_keys = each().map(|(variant, row)| called(variant, "scope_key", row));
    let declared: Vec<_> = kinds
        .variants
        .iter()
        .map(|variant| &variant.entity)
        .collect();
    // What has no entity was complained about.
    let rest = (!kinds.whole).then(|| quote!(_ => ::core::unreachable!(),));
    let is_another =
        (variants.len() > 1 || !kinds.whole).then(|| quote!(_ => ::core::option::Option::None,));
    let first_kind = &kinds.variants[0].entity;
    let of_all = kinds.belongs_to.iter().map(|(constant, _)| constant);
    // Not to be confused with anything of the user's.
    let [row, kind, at, check] =
        ["row", "kind", "at", "check"].map(|name| Ident::new(name, Span::mixed_site()));
    quote! {
        #[allow(unused_qualifications)]
        const _: () = {
            use ::ormcore::codegen as _orm;
            #checks
            const KINDS: &[&_orm::Table] = &[#(#tables),*];
            static COLUMNS: [&_orm::ColumnInfo; _orm::columns_of_kinds(KINDS)] = _orm::gathered(KINDS);
            #(static #places: [usize; #tables.columns.len()] = _orm::places_of_kind(#tables, &COLUMNS);)*
            static TABLE: _orm::Table = _orm::Table {
                schema: #first.schema,
                name: #first.name,
                entity: #entity,
                columns: &COLUMNS,
                key: #first.key,
                version: #first.version,
                updated: #first.updated,
                deleted: #first.deleted,
                kind: ::core::option::Option::None,
                kinds: KINDS,
                scope: #first.scope,
                links: &[],
                indexes: &[],
                description: ::core::option::Option::None,
            };

            #[automatically_derived]
            impl _orm::Entity for #name {
                type Key = #key;
                const TABLE: &'static _orm::Table = &TABLE;

                fn key(&self) -> Self::Key {
                    match self {
                        #(Self::#variants(#rows) => #keys,)*
                        #rest
                    }
                }

                fn scope_key(&self) -> ::core::option::Option<_orm::KeyValue> {
                    match self {
                        #(Self::#variants(#rows) => #scope_keys,)*
                        #rest
                    }
                }

                const CHECKED: bool = #(<#entities as _orm::Entity>::CHECKED)||*;

                fn check(&self, #at: usize, #check: &mut _orm::Check) {
                    match self {
                        #(Self::#variants(#rows) => _orm::check_kind::<#entities>(#rows, &#places, #at, #check),)*
                        #rest
                    }
                }

                fn from_row(#row: &_orm::Row<'_>) -> _orm::Result<Self> {
                    // The last column of each kind says which it is.
                    let #kind = _orm::kind_name(#row, #first.columns.len() - 1)?;
                    #(
                        if _orm::is_kind::<#entities>(#kind) {
                            return _orm::read_kind::<#entities>(#row, &#places).map(Self::#variants);
                        }
                    )*
                    ::core::result::Result::Err(_orm::unknown_kind(&TABLE))
                }
            }

            #[automatically_derived]
            impl _orm::Tracked for #name {
                fn leads() -> ::std::vec::Vec<_orm::Lead> {
                    let mut leads = ::std::vec::Vec::new();
                    #(_orm::leads_of_kind::<#entities>(&#places, &mut leads);)*
                    leads
                }

                fn put(
                    &self,
                    at: usize,
                    ty: &_orm::Type,
                    out: &mut _orm::BytesMut,
                ) -> ::core::result::Result<(), _orm::DecodeError> {
                    match self {
                        #(Self::#variants(#rows) => _orm::put_of_kind::<#entities>(#rows, &#places, at, ty, out),)*
                        #rest
                    }
                }

                fn set(
                    &mut self,
                    at: usize,
                    ty: &_orm::Type,
                    raw: ::core::option::Option<&[u8]>,
                ) -> ::core::result::Result<(), _orm::DecodeError> {
                    match self {
                        #(Self::#variants(#rows) => _orm::set_of_kind::<#entities>(#rows, &#places, at, ty, raw),)*
                        #rest
                    }
                }

                fn relations(each: &mut impl _orm::EachRelation<Self>) {
                    let _ = &each;
                    #(each.relation(Self::#of_all);)*
                }
            }

            // Nobody here knows whether they hold: so they are asked of whoever relies on them, which a lifetime does.
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl _orm::SoftDelete for #name where for<'_any> #first_kind: _orm::SoftDelete {}

            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl _orm::Versioned for #name
            where
                for<'_any> #first_kind: _orm::Versioned,
            {
                type Version = <#first_kind as _orm::Versioned>::Version;
            }

            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl _orm::Scoped for #name
            where
                for<'_any> #first_kind: _orm::Scoped,
            {
                type Scope = <#first_kind as _orm::Scoped>::Scope;
            }

            #(
                #[automatically_derived]
                impl _orm::Holds<#declared> for #name {
                    fn held(&self) -> ::core::option::Option<&#declared> {
                        match self {
                            #name::#variants(#rows) => ::core::option::Option::Some(#rows),
                            #is_another
                        }
                    }

                    fn held_mut(&mut self) -> ::core::option::Option<&mut #declared> {
                        match self {
                            #name::#variants(#rows) => ::core::option::Option::Some(#rows),
                            #is_another
                        }
                    }
                }
            )*

            #relations

            #[allow(dead_code)]
            impl #name {
                #constants
                #finders
            }
        };
    }
}

/// What a variant holds, wherever that has to be an entity: so what is none is complained about once.
fn entity_of(variant: &Variant) -> TokenStream {
    let entity = &variant.entity;
    quote_spanned!(entity.span()=> <#entity as _orm::Variant>::Entity)
}

/// A method that it has as an entity.
fn called(variant: &Variant, method: &str, row: &Ident) -> TokenStream {
    let (entity, place) = (entity_of(variant), variant.entity.span());
    let method = Ident::new(method, place);
    quote_spanned!(place=> <#entity as _orm::Entity>::#method(#row))
}

fn table(variant: &Variant) -> TokenStream {
    let entity = entity_of(variant);
    quote_spanned!(variant.entity.span()=> <#entity as _orm::Entity>::TABLE)
}

fn key(variant: &Variant) -> TokenStream {
    let entity = entity_of(variant);
    quote_spanned!(variant.entity.span()=> <#entity as _orm::Entity>::Key)
}

/// The key of a row of one kind, which is that of the first.
fn same_key(variant: &Variant, row: &Ident, first: &TokenStream) -> TokenStream {
    let (ty, key) = (key(variant), called(variant, "key", row));
    quote_spanned!(variant.entity.span()=> <#ty as _orm::SameKey<#first>>::same(#key))
}

/// Whether the variants belong together; each complaint is at the second of two.
fn checks(kinds: &Kinds, tables: &[TokenStream]) -> TokenStream {
    let variants = kinds.variants.iter();
    let first_key = key(&kinds.variants[0]);
    let alike = variants.clone().enumerate().map(|(at, variant)| {
        let (first, this) = (&tables[0], &tables[at]);
        let this_key = key(variant);
        let others = tables[..at].iter();
        let place = variant.entity.span();
        let others = others.map(|other| quote_spanned!(place=> _orm::other_kind(#other, #this);));
        // In one constant: what does not compile is not looked at further.
        quote_spanned! {place=>
            const _: () = {
                let () = <#this_key as _orm::SameKey<#first_key>>::CHECKED;
                _orm::kinds_of_one_table(#first, #this);
                #(#others)*
            };
        }
    });
    let name = &kinds.name;
    let columns = kinds.columns.iter().flat_map(|(constant, _)| {
        variants.clone().map(move |variant| {
            let entity = &variant.entity;
            quote_spanned! {constant.span()=>
                const _: () = {
                    _orm::same_type(&#name::#constant, &<#entity>::#constant);
                    _orm::one_column(#name::#constant.info(), <#entity>::#constant.info());
                };
            }
        })
    });
    let columns: Vec<TokenStream> = columns.collect();
    quote!(#(#alike)* #(#columns)*)
}

/// `Payment::AMOUNT`: of the columns that all kinds have.
fn constants(kinds: &Kinds) -> TokenStream {
    let Kinds {
        name, visibility, ..
    } = kinds;
    let first = &kinds.variants[0].entity;
    let constant = |(constant, ty): &(Ident, crate::parse::Type)| {
        let docs = format!(" The column `{constant}` of every kind.");
        let info = quote_spanned!(constant.span()=> <#first>::#constant.info());
        quote! {
            #[doc = #docs]
            #visibility const #constant: ::ormcore::Column<#name, #ty> = _orm::Column::new(#info);
        }
    };
    kinds.columns.iter().map(constant).collect()
}

fn finders(kinds: &Kinds) -> TokenStream {
    let Kinds {
        name, visibility, ..
    } = kinds;
    let key = key(&kinds.variants[0]);
    quote! {
        /// Finds rows of every kind.
        #visibility fn find() -> ::ormcore::Find<#name> {
            _orm::Find::new()
        }

        /// Gets the row with this primary key, of whichever kind it is.
        #visibility fn get(key: impl _orm::IntoKey<#key>) -> ::ormcore::Get<#name> {
            _orm::Get::new(key)
        }

        /// Updates the row with this primary key, of whichever kind it is.
        #visibility fn update(key: impl _orm::IntoKey<#key>) -> ::ormcore::Update<#name> {
            _orm::Update::by_key(key)
        }

        /// Updates rows of every kind.
        #visibility fn update_many() -> ::ormcore::Update<#name> {
            _orm::Update::many()
        }

        /// Updates rows of every kind, each to values of its own.
        #visibility fn update_each<_Columns: _orm::Columns<#name>>(
            columns: _Columns,
            rows: impl ::core::iter::IntoIterator<Item = (#key, _Columns::Values)>,
        ) -> ::ormcore::UpdateEach<#name> {
            _orm::UpdateEach::new(columns, rows)
        }

        /// Brings the deleted row with this primary key back, of whichever kind it is.
        #visibility fn restore(key: impl _orm::IntoKey<#key>) -> ::ormcore::Update<#name>
        where
            for<'_any> #name: _orm::SoftDelete,
        {
            _orm::Update::restore(key)
        }

        /// Deletes rows of every kind.
        #visibility fn delete() -> ::ormcore::Delete<#name> {
            _orm::Delete::new()
        }
    }
}
