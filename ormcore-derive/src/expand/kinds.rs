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
    let keys = kinds.variants.iter().map(|variant| same_key(variant, &key));
    let declared: Vec<_> = kinds
        .variants
        .iter()
        .map(|variant| &variant.entity)
        .collect();
    // What has no entity was complained about.
    let rest = (!kinds.whole).then(|| quote!(_ => ::core::unreachable!(),));
    let is_another =
        (variants.len() > 1 || !kinds.whole).then(|| quote!(_ => ::core::option::Option::None,));
    let first_entity = &entities[0];
    let of_all = kinds.belongs_to.iter().map(|(constant, _)| constant);
    // Not to be confused with anything of the user's.
    let [row, kind] = ["row", "kind"].map(|name| Ident::new(name, Span::mixed_site()));
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
            };

            #[automatically_derived]
            impl _orm::Entity for #name {
                type Key = #key;
                const TABLE: &'static _orm::Table = &TABLE;

                fn key(&self) -> Self::Key {
                    match self {
                        #(Self::#variants(#row) => #keys(<#entities as _orm::Entity>::key(#row)),)*
                        #rest
                    }
                }

                fn scope_key(&self) -> ::core::option::Option<_orm::KeyValue> {
                    match self {
                        #(Self::#variants(#row) => <#entities as _orm::Entity>::scope_key(#row),)*
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
                        #(Self::#variants(#row) => _orm::put_of_kind::<#entities>(#row, &#places, at, ty, out),)*
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
                        #(Self::#variants(#row) => _orm::set_of_kind::<#entities>(#row, &#places, at, ty, raw),)*
                        #rest
                    }
                }

                fn relations(each: &mut impl _orm::EachRelation<Self>) {
                    let _ = &each;
                    #(each.relation(Self::#of_all);)*
                }
            }

            #[automatically_derived]
            impl _orm::Kinds for #name {
                type First = #first_entity;
            }

            #(
                #[automatically_derived]
                impl _orm::Holds<#declared> for #name {
                    fn held(&self) -> ::core::option::Option<&#declared> {
                        match self {
                            #name::#variants(#row) => ::core::option::Option::Some(#row),
                            #is_another
                        }
                    }

                    fn held_mut(&mut self) -> ::core::option::Option<&mut #declared> {
                        match self {
                            #name::#variants(#row) => ::core::option::Option::Some(#row),
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

fn table(variant: &Variant) -> TokenStream {
    let entity = entity_of(variant);
    quote_spanned!(variant.entity.span()=> <#entity as _orm::Entity>::TABLE)
}

fn key(variant: &Variant) -> TokenStream {
    let entity = entity_of(variant);
    quote_spanned!(variant.entity.span()=> <#entity as _orm::Entity>::Key)
}

/// The way from the key of one kind to that of the first, which is the same.
fn same_key(variant: &Variant, first: &TokenStream) -> TokenStream {
    let key = key(variant);
    quote_spanned!(variant.entity.span()=> <#key as _orm::SameKey<#first>>::same)
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
        #visibility fn restore<_Row>(key: impl _orm::IntoKey<_Row::Key>) -> ::ormcore::Update<_Row>
        where
            // It is this enum, and the kinds need not be marked as deleted at all.
            Self: _orm::Itself<_Row>,
            _Row: _orm::SoftDelete,
        {
            _orm::Update::restore(key)
        }

        /// Deletes rows of every kind.
        #visibility fn delete() -> ::ormcore::Delete<#name> {
            _orm::Delete::new()
        }
    }
}
