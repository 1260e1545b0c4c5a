//! The part of the page that the interface's own file gives.

use std::fmt::Write;

use wit_parser::{Docs, Function, Interface, Resolve, Type, TypeDef, TypeDefKind, World, WorldItem, WorldKey};

use super::INTERFACE;

/// Writes the package: its worlds, then each interface with its functions and types.
pub(super) fn write(page: &mut String) {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("hook.wit", INTERFACE).expect("the interface that this program is built with");
    let package = &resolve.packages[package];
    let _ = write!(page, "{}\n\n## Worlds\n\n| world | what it is | has |\n| --- | --- | --- |\n", text(&package.docs));
    for (name, world) in &package.worlds {
        let world = &resolve.worlds[*world];
        let _ = writeln!(page, "| `{name}` | {} | {} |", cell(&world.docs), items(&resolve, world));
    }
    page.push('\n');
    for (name, interface) in &package.interfaces {
        section(&resolve, name, &resolve.interfaces[*interface], page);
    }
}

fn items(resolve: &Resolve, world: &World) -> String {
    let name = |(key, item): (&WorldKey, &WorldItem)| match (key, item) {
        (_, WorldItem::Interface { id, .. }) => resolve.interfaces[*id].name.clone().unwrap_or_default(),
        (key, _) => resolve.name_world_key(key),
    };
    let link = |word: &str, name: String| format!("{word} [`{name}`](#{name})");
    let imports = world.imports.iter().map(|item| link("import", name(item)));
    imports.chain(world.exports.iter().map(|item| link("export", name(item)))).collect::<Vec<_>>().join(", ")
}

fn section(resolve: &Resolve, name: &str, interface: &Interface, page: &mut String) {
    let _ = write!(page, "## {name}\n\n{}\n\n", text(&interface.docs));
    for function in interface.functions.values() {
        let signature = signature(resolve, function);
        let _ =
            write!(page, "### {name}: `{}`\n\n```wit\n{signature}\n```\n\n{}\n\n", function.name, text(&function.docs));
    }
    for (own, kind) in &interface.types {
        of_type(resolve, (name, own), &resolve.types[*kind], page);
    }
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, spoken(resolve, &param.ty))).collect();
    let result = function.result.as_ref().map(|kind| format!(" -> {}", spoken(resolve, kind))).unwrap_or_default();
    format!("{}: func({}){result};", function.name, params.join(", "))
}

fn of_type(resolve: &Resolve, (interface, name): (&str, &str), def: &TypeDef, page: &mut String) {
    let docs = text(&def.docs);
    let of = |kind: Option<&Type>| kind.map(|kind| format!("`{}`", spoken(resolve, kind))).unwrap_or_default();
    let rows: Vec<(&str, String, &Docs)> = match &def.kind {
        TypeDefKind::Record(record) => {
            record.fields.iter().map(|field| (field.name.as_str(), of(Some(&field.ty)), &field.docs)).collect()
        }
        TypeDefKind::Variant(variant) => {
            variant.cases.iter().map(|case| (case.name.as_str(), of(case.ty.as_ref()), &case.docs)).collect()
        }
        TypeDefKind::Enum(words) => words.cases.iter().map(|case| (case.name.as_str(), of(None), &case.docs)).collect(),
        _ => Vec::new(),
    };
    let word = def.kind.as_str();
    let _ =
        write!(page, "### {interface}: {word} `{name}`\n\n{docs}\n\n| name | type | meaning |\n| --- | --- | --- |\n");
    for (name, kind, docs) in rows {
        let _ = writeln!(page, "| `{name}` | {kind} | {} |", cell(docs));
    }
    page.push('\n');
}

/// A type as the interface writes it.
fn spoken(resolve: &Resolve, kind: &Type) -> String {
    let Type::Id(id) = kind else { return plain(kind).to_owned() };
    let def = &resolve.types[*id];
    let or_none = |kind: &Option<Type>| kind.as_ref().map_or("_".to_owned(), |kind| spoken(resolve, kind));
    match (&def.name, &def.kind) {
        (Some(name), _) => name.clone(),
        (None, TypeDefKind::List(inner)) => format!("list<{}>", spoken(resolve, inner)),
        (None, TypeDefKind::Option(inner)) => format!("option<{}>", spoken(resolve, inner)),
        (None, TypeDefKind::Result(result)) => format!("result<{}, {}>", or_none(&result.ok), or_none(&result.err)),
        (None, other) => other.as_str().to_owned(),
    }
}

fn plain(kind: &Type) -> &'static str {
    match kind {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::String => "string",
        _ => "another type",
    }
}

fn text(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().trim().to_owned()
}

fn cell(docs: &Docs) -> String {
    text(docs).replace('\n', " ").replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    #[test]
    fn everything_is_documented() {
        let mut page = String::new();
        super::write(&mut page);
        let bare = |pair: (&str, &str)| pair.0.starts_with('#') && (pair.1.starts_with('#') || pair.1.starts_with('|'));
        let lines: Vec<&str> = page.lines().filter(|line| !line.is_empty()).collect();
        let bare: Vec<&str> = lines.windows(2).filter(|two| bare((two[0], two[1]))).map(|two| two[0]).collect();
        assert_eq!(bare, ["## Worlds"]);
        assert!(!page.contains("|  |\n"), "{page}");
        assert!(page.contains("### sign: `sign`") && page.contains("export [`slices`](#slices)"), "{page}");
    }
}
