//! What only the compiler can check: that a foreign key has the type of the key it refers to.

use crate::model::{BelongsTo, Between, Column, Entity, Foreign, Kind, ManyToMany, Relation};
use crate::parse::{Ident, Type};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The checks; they cost nothing at run time.
pub(super) fn expand(entity: &Entity) -> TokenStream {
    let references = entity.columns.iter().filter_map(reference);
    let relations = entity
        .relations
        .iter()
        .filter_map(|relation| belongs_to(entity, relation));
    let held: Vec<TokenStream> = references.chain(relations).collect();
    let holds = (!held.is_empty()).then(|| holds(&entity.name));
    let relations = entity.relations.iter();
    let others = relations
        .flat_map(|relation| [foreign(entity, relation), through(entity, relation)])
        .flatten();
    quote!(#holds #(#held)* #(#others)*)
}

/// A constant of the trait and not a bound of a function, because a bound adds a note to every complaint.
fn holds(place: &Ident) -> TokenStream {
    quote_spanned! {place.span()=>
        #[diagnostic::on_unimplemented(
            message = "a foreign key of type `{Self}` cannot hold a key of type `{K}`",
            label = "the key it refers to is of type `{K}`"
        )]
        trait _Holds<K> {
            const CHECKED: () = ();
        }
        #[diagnostic::do_not_recommend]
        impl<K> _Holds<K> for K {}
        #[diagnostic::do_not_recommend]
        impl<K> _Holds<K> for ::core::option::Option<K> {}
    }
}

fn reference(column: &Column) -> Option<TokenStream> {
    let target = &column.references.as_ref()?.target;
    let held = column.not_null();
    Some(check(&quote!(#target), &quote!(#held)))
}

fn belongs_to(entity: &Entity, relation: &Relation) -> Option<TokenStream> {
    let Relation {
        target,
        kind:
            Kind::BelongsTo(BelongsTo {
                key,
                checked: false,
                ..
            }),
        ..
    } = relation
    else {
        return None;
    };
    let types: Vec<&Type> = key
        .iter()
        .map(|part| entity.columns[part.column].not_null())
        .collect();
    let held = match types.as_slice() {
        [one] => quote!(#one),
        // In the place of the target, as its parentheses would else stand for the whole derive.
        many => quote_spanned!(target.span()=> (#(#many),*)),
    };
    Some(check(&quote!(#target), &held))
}

fn check(target: &TokenStream, held: &TokenStream) -> TokenStream {
    let key = quote_spanned!(target.span()=> <#target as _orm::Entity>::Key);
    quote_spanned!(held.span()=> const _: () = <#held as _Holds<#key>>::CHECKED;)
}

/// What a relation from the other side goes by: columns that can hold our key, and, where there is one row, unique ones.
fn foreign(entity: &Entity, relation: &Relation) -> Option<TokenStream> {
    let target = &relation.target;
    let (Kind::HasMany(Foreign { key }) | Kind::HasOne(Foreign { key })) = &relation.kind else {
        return None;
    };
    let held = quote_spanned!(target.span()=> #target);
    let mut checks = holding(entity, &held, key);
    // Of the rows for which a condition holds there may be one, whatever is unique.
    let unique = relation.when.is_none();
    if let (Kind::HasOne(_), Some(first), true) = (&relation.kind, key.first(), unique) {
        let infos = key
            .iter()
            .map(|column| quote_spanned!(column.span()=> <#target>::#column.info()));
        checks.extend(quote_spanned! {first.span()=>
            const _: () = _orm::unique_key(&[#(#infos),*], <#target as _orm::Entity>::TABLE);
        });
    }
    Some(checks)
}

/// The same for both sides of a table between, where that is an entity.
fn through(entity: &Entity, relation: &Relation) -> Option<TokenStream> {
    let target = &relation.target;
    let Kind::ManyToMany(ManyToMany {
        through: Between::Entity(between),
        here,
        there,
    }) = &relation.kind
    else {
        return None;
    };
    let mut checks = holding(entity, &quote!(#between), here);
    if let [there] = there.as_slice() {
        checks.extend(quote_spanned! {there.span()=>
            const _: () = _orm::leads_to::<#target, _, _>(&<#between>::#there);
        });
    }
    Some(checks)
}

fn holding(entity: &Entity, holder: &TokenStream, key: &[Ident]) -> TokenStream {
    let name = &entity.name;
    let checks = entity.key_columns().zip(key).map(|(own, foreign)| {
        let own = &own.named.constant;
        let foreign = quote_spanned!(foreign.span()=> &<#holder>::#foreign);
        quote!(const _: () = _orm::same_key(&#name::#own, #foreign);)
    });
    checks.collect()
}
