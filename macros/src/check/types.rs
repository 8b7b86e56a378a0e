//! What the name of a type tells: handle, pool, connection, driver, and the type that was probably meant.

use syn::visit_mut::{self, VisitMut};
use syn::{GenericArgument, Ident, Lifetime, PathArguments, PathSegment, Type, parse_quote};

/// Said when an attribute meets its own output.
pub(super) const TWICE: &str = "this function was expanded before: one of the attributes has been renamed \
     by `use .. as ..`, and only their own names are merged";

/// Connection types by the names of pools and databases that people write in their place.
const CONNECTIONS: &[(&str, &str)] = &[
    ("PgPool", "PgConnection"),
    ("Postgres", "PgConnection"),
    ("Pg", "PgConnection"),
    ("MySqlPool", "MySqlConnection"),
    ("MySql", "MySqlConnection"),
    ("Mysql", "MysqlConnection"),
    ("SqlitePool", "SqliteConnection"),
    ("Sqlite", "SqliteConnection"),
];

/// Diesel's connection types, which its pools name.
const LENT: &[&str] = &[
    "PgConnection",
    "MysqlConnection",
    "SqliteConnection",
    "AsyncPgConnection",
    "AsyncMysqlConnection",
];

/// Names that stand for plain values wherever they are met.
pub(super) const PRIMITIVES: &[&str] = &[
    "String", "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16",
    "i32", "i64", "i128", "isize", "f32", "f64",
];

/// A type without the groups and parentheses that macros leave around it.
pub(crate) fn peel(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            other => return other,
        }
    }
}

pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

fn arguments(segment: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    let arguments = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten()
}

pub(crate) fn type_arguments(segment: &PathSegment) -> impl Iterator<Item = &Type> {
    arguments(segment).filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The names of the associated types that are fixed there.
pub(super) fn associated(segment: &PathSegment) -> impl Iterator<Item = &Ident> {
    arguments(segment).filter_map(|argument| match argument {
        GenericArgument::AssocType(it) => Some(&it.ident),
        _ => None,
    })
}

pub(super) fn shows_lifetime(segment: &PathSegment) -> bool {
    arguments(segment).any(|argument| matches!(argument, GenericArgument::Lifetime(_)))
}

/// What a handle's name says of it; an alias that follows no convention says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Write,
    Read,
    Session,
    Connection,
    Unknown,
}

pub(crate) fn sort(name: &str) -> Sort {
    match name {
        _ if name.ends_with("ReadTx") => Sort::Read,
        _ if name.ends_with("Tx") => Sort::Write,
        _ if name.ends_with("Session") => Sort::Session,
        _ if name.ends_with("Connection") || name.ends_with("Conn") => Sort::Connection,
        _ => Sort::Unknown,
    }
}

/// `PgTx` as `PgReadTx`, whatever it was before.
pub(super) fn renamed(name: &str, to: Sort) -> String {
    let stem = ["ReadTx", "Tx", "Session"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or_default();
    let suffix = match to {
        Sort::Read => "ReadTx",
        Sort::Session => "Session",
        _ => "Tx",
    };
    format!("{stem}{suffix}")
}

/// The connection type that belongs where a pool or a database was written.
pub(crate) fn connection_of(ty: &Type) -> Option<&'static str> {
    let last = last_segment(ty)?;
    let known = CONNECTIONS.iter().find(|(name, _)| last.ident == name);
    if let Some((_, connection)) = known {
        return Some(connection);
    }
    let name = last.ident.to_string();
    if matches!(
        name.as_str(),
        "Pool" | "PoolConnection" | "PooledConnection"
    ) {
        return Some(type_arguments(last).next().and_then(lent).unwrap_or("C"));
    }
    if name == "Transaction" {
        // SQLx's own; an alias of a handle by that name has no database among its arguments.
        return type_arguments(last).next().and_then(connection_of);
    }
    name.ends_with("Pool").then_some("C")
}

/// The connection type that a pool's argument stands for: the connection, its database, or its manager.
fn lent(ty: &Type) -> Option<&'static str> {
    let last = last_segment(ty)?;
    let name = last.ident.to_string();
    if matches!(
        name.as_str(),
        "ConnectionManager" | "AsyncDieselConnectionManager"
    ) {
        return type_arguments(last).next().and_then(lent);
    }
    let known = LENT.iter().copied().find(|lent| name == **lent);
    known.or_else(|| connection_of(ty))
}

/// The handle to declare in place of a pool or a connection.
pub(super) fn handle_of(ty: &Type) -> String {
    let connection = connection_of(ty)
        .map(str::to_owned)
        .or_else(|| last_segment(ty).map(|last| last.ident.to_string()))
        .unwrap_or_else(|| "C".to_owned());
    let plain = connection.strip_prefix("Async").unwrap_or(&connection);
    match plain.strip_suffix("Connection") {
        Some(stem @ ("Pg" | "MySql" | "Mysql" | "Sqlite")) => format!("{stem}Tx<'_>"),
        _ => format!("Tx<'_, {connection}>"),
    }
}

/// The handle with its lifetime shown and its connection named, as the errors tell to write it.
pub(crate) fn corrected(ty: &Type) -> Type {
    let mut ty = peel(ty).clone();
    if let Type::Path(path) = &mut ty
        && let Some(last) = path.path.segments.last_mut()
        && sort(&last.ident.to_string()) != Sort::Unknown
    {
        show_lifetime(last);
        name_connection(last);
    }
    ty
}

fn show_lifetime(segment: &mut PathSegment) {
    if shows_lifetime(segment) {
        return;
    }
    match &mut segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.insert(0, parse_quote!('_)),
        other => *other = PathArguments::AngleBracketed(parse_quote!(<'_>)),
    }
}

fn name_connection(segment: &mut PathSegment) {
    let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else {
        return;
    };
    for argument in &mut arguments.args {
        if let GenericArgument::Type(ty) = argument
            && let Some(connection) = connection_of(ty)
        {
            let connection = Ident::new(connection, proc_macro2::Span::call_site());
            *ty = parse_quote!(#connection);
        }
    }
}

/// The type with every lifetime left to inference, for use inside a body.
pub(crate) fn erased(ty: &Type) -> Type {
    struct Erase;
    impl VisitMut for Erase {
        fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
            if lifetime.ident != "static" {
                *lifetime = Lifetime::new("'_", lifetime.span());
            }
        }
        fn visit_type_reference_mut(&mut self, reference: &mut syn::TypeReference) {
            if reference
                .lifetime
                .as_ref()
                .is_some_and(|it| it.ident != "static")
            {
                reference.lifetime = None;
            }
            visit_mut::visit_type_reference_mut(self, reference);
        }
    }
    let mut ty = ty.clone();
    Erase.visit_type_mut(&mut ty);
    ty
}

/// The type as an error shows it.
pub(super) fn shown(ty: &impl quote::ToTokens) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (from, to) in [
        (" < ", "<"),
        ("< ", "<"),
        (" <", "<"),
        (" >", ">"),
        (" ,", ","),
        (" :: ", "::"),
        (" : ", ": "),
        ("& ", "&"),
    ] {
        text = text.replace(from, to);
    }
    text
}
