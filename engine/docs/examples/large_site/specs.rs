//! Specs of realistic size, to see how a site of many connectors is made. The same numbers give the same specs: most
//! connectors are small, one in fifty has 60 streams, and the first has 200 with 4,000 fields.

use std::fmt::Write as _;
use std::path::Path;

const CATEGORIES: [&str; 6] = ["analytics", "commerce", "finance", "marketing", "sales", "support"];
const STATUSES: [&str; 4] = ["alpha", "beta", "released", "deprecated"];
const NOUNS: [&str; 16] = [
    "account",
    "action",
    "agent",
    "campaign",
    "charge",
    "contact",
    "customer",
    "event",
    "invoice",
    "item",
    "order",
    "payment",
    "product",
    "refund",
    "subscription",
    "ticket",
];
const PARTS: [&str; 16] = [
    "amount",
    "city",
    "code",
    "count",
    "country",
    "currency",
    "description",
    "email",
    "language",
    "name",
    "notes",
    "phone",
    "price",
    "rate",
    "status",
    "url",
];
const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "timestamp", "date"];

/// Writes so many specs, with so many fields in all, into a folder.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write(folder: &Path, connectors: usize, fields: usize) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    for number in 0..connectors {
        let sizes = sizes(number, connectors, fields);
        std::fs::write(folder.join(format!("c{number}.yaml")), spec(number, &sizes))?;
    }
    Ok(())
}

/// How many fields each stream of a connector has.
fn sizes(number: usize, connectors: usize, fields: usize) -> Vec<usize> {
    let streams = |number: usize| match number {
        0 => 200,
        number if number % 50 == 1 => 60,
        number => 4 + number * 7 % 11,
    };
    let first = 4_000.min(fields);
    let others: usize = (1..connectors).map(streams).sum();
    match number {
        0 => vec![first.div_ceil(200); 200],
        _ => vec![(fields.saturating_sub(first) / others.max(1)).max(3); streams(number)],
    }
}

fn spec(number: usize, sizes: &[usize]) -> String {
    let (category, status) = (CATEGORIES[number % CATEGORIES.len()], STATUSES[number % STATUSES.len()]);
    let mut text = format!(
        "tapwright: 1\nname: c{number}\ntitle: Product {number}\nversion: 1.0.0\nabout:\n  summary: What product {number} \
         knows of its customers, orders and payments.\n  status: {status}\n  category: {category}\n  keywords: [product, \
         {category}]\n  setup:\n    - title: Make a token\n      fills: [token]\n      text: Open the settings, make a token \
         and copy it.\nconfig:\n  token: {{type: string, title: Token, secret: true}}\nauth: {{bearer: \"{{{{ config.token \
         }}}}\"}}\nhttp:\n  base_url: \"https://api-{number}.example/v1\"\n  records: $.items[*]\n  pagination: {{page_number: \
         page, size: {{param: per_page, value: 100}}, stop: short_page}}\n  rate_limit: {{requests: 300, per: 1 minute}}\n\
         streams:\n"
    );
    for (at, size) in sizes.iter().enumerate() {
        stream(&mut text, at, *size);
    }
    text
}

/// The name of a stream: `order`, `order_1` of the second sixteen, and so on.
fn name(at: usize) -> String {
    let noun = NOUNS[at % NOUNS.len()];
    if at < NOUNS.len() { format!("{noun}s") } else { format!("{noun}s_{}", at / NOUNS.len()) }
}

fn stream(text: &mut String, at: usize, size: usize) {
    let name = name(at);
    let _ = write!(
        text,
        "  {name}:\n    description: One row for each of the {name} that the account has, whoever made it.\n    endpoint: \
         GET /{name}\n    primary_key: id\n    replication: full_table\n    fields:\n      id: {{type: integer, description: \
         Number of the row.}}\n"
    );
    for field in 1..size {
        let (noun, part) = (NOUNS[(at + field) % NOUNS.len()], PARTS[field % PARTS.len()]);
        let kind = TYPES[(at * 3 + field) % TYPES.len()];
        let refers = match (field, at) {
            (1, 1..) => format!(", references: {}", self::name(at / 2)),
            _ => String::new(),
        };
        let kind = if refers.is_empty() { kind } else { "integer" };
        let _ = writeln!(
            text,
            "      {noun}_{part}_{field}: {{type: {kind}, description: \"The {part} of the {noun}, as it was last \
             changed.\"{refers}}}"
        );
    }
}
