//! The ways in which lines of orders are read: by slices, windows, pages, changed parents.

/// A spec with what a judge must know of it.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) name: &'static str,
    streams: &'static str,
    history: &'static str,
    /// Lines have a bookmark for each order.
    pub(crate) keeps_slices: bool,
    /// Lines are read for orders that changed.
    pub(crate) hangs_on_changes: bool,
    /// What changes while a run reads is after the beginning of the run, and no bookmark passes that.
    pub(crate) may_change_meanwhile: bool,
}

impl Shop {
    pub(crate) fn spec(&self) -> String {
        let Shop { streams, history, .. } = self;
        format!(
            "tapwright: 1\nname: shop\ntitle: Shop\nversion: 1.0.0\nabout: {{summary: A shop.}}\nauth: none\n{history}\n\
             http:\n  base_url: http://api.example\n  records: $.items[*]\n  limits: {{tries: 1}}\n  \
             pagination: {{cursor: {{from: $.next, param: after}}}}\nstreams:\n{streams}"
        )
    }
}

const HISTORY: &str = "schedule: {frequency: 1 day, historical: 40 days}";

const BY_SLICES: &str = "
  orders: {description: Orders., endpoint: GET /orders, primary_key: id, fields: {id: integer, at: timestamp}}
  lines:
    description: Lines.
    for_each: orders
    endpoint: GET /orders/{{ parent.id }}/lines
    primary_key: [order, id]
    replication: {method: incremental, key: at, since: {param: since}}
    limits: {concurrency: 2}
    fields: {order: integer, id: integer, at: timestamp, number: integer}
";

const BY_NUMBERS: &str = "
  orders: {description: Orders., endpoint: GET /orders, primary_key: id, fields: {id: integer, at: timestamp}}
  lines:
    description: Lines.
    for_each: orders
    endpoint: GET /orders/{{ parent.id }}/lines
    primary_key: [order, id]
    replication: {method: incremental, key: clock, since: {param: since}}
    fields: {order: integer, id: integer, at: timestamp, clock: integer, number: integer}
";

const BY_WINDOWS_OF_SLICES: &str = "
  orders: {description: Orders., endpoint: GET /orders, primary_key: id, fields: {id: integer, at: timestamp}}
  lines:
    description: Lines.
    for_each: orders
    endpoint: GET /orders/{{ parent.id }}/lines
    primary_key: [order, id]
    replication: {method: incremental, key: at, since: {param: since}, until: {param: until}, window: 15 days}
    fields: {order: integer, id: integer, at: timestamp, number: integer}
";

const BY_WINDOWS: &str = "
  lines:
    description: Lines.
    endpoint: GET /lines
    primary_key: [order, id]
    replication: {method: incremental, key: at, since: {param: since}, until: {param: until}, window: 10 days}
    fields: {order: integer, id: integer, at: timestamp, number: integer}
";

const IN_FULL: &str = "
  lines:
    description: Lines.
    endpoint: GET /lines
    primary_key: [order, id]
    replication: {method: incremental, key: at, since: {param: since}}
    fields: {order: integer, id: integer, at: timestamp, number: integer}
";

const BY_CHANGED_ORDERS: &str = "
  orders:
    description: Orders.
    endpoint: GET /orders
    primary_key: id
    replication: {method: incremental, key: at, since: {param: since}, order: ascending}
    fields: {id: integer, at: timestamp}
  lines:
    description: Lines.
    for_each: {stream: orders, changed_only: true}
    endpoint: GET /orders/{{ parent.id }}/lines
    primary_key: [order, id]
    replication: {method: incremental, key: at}
    fields: {order: integer, id: integer, at: timestamp, number: integer}
";

const PLAIN: Shop = Shop {
    name: "in full",
    streams: IN_FULL,
    history: "",
    keeps_slices: false,
    hangs_on_changes: false,
    may_change_meanwhile: true,
};

/// All ways.
pub(crate) const SHOPS: [Shop; 6] = [
    Shop { name: "by slices", streams: BY_SLICES, keeps_slices: true, ..PLAIN },
    Shop { name: "by numbers", streams: BY_NUMBERS, keeps_slices: true, may_change_meanwhile: false, ..PLAIN },
    Shop { name: "by windows", streams: BY_WINDOWS, history: HISTORY, ..PLAIN },
    Shop { name: "by windows of slices", streams: BY_WINDOWS_OF_SLICES, history: HISTORY, keeps_slices: true, ..PLAIN },
    PLAIN,
    Shop { name: "by changed orders", streams: BY_CHANGED_ORDERS, hangs_on_changes: true, ..PLAIN },
];
