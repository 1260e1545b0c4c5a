//! The words of which a site's texts are made: several scripts, quotes, markup and line ends included,
//! for these are what breaks a loader.

pub(super) const FIRST_NAMES: [&str; 16] = [
    "Ann",
    "Bo",
    "Chloé",
    "Dmitri",
    "Åsa",
    "Fatima",
    "Günther",
    "Hana",
    "Íñigo",
    "Jürgen",
    "Keiko",
    "Łukasz",
    "Mary Jane",
    "Ngọc",
    "O'Neil",
    "陽子",
];
pub(super) const LAST_NAMES: [&str; 16] = [
    "Li",
    "Smith",
    "Müller",
    "García",
    "Иванов",
    "O'Brien",
    "Øster",
    "Nguyễn",
    "van der Berg",
    "Şahin",
    "Kowalski",
    "田中",
    "D’Angelo",
    "Papadópoulos",
    "Smith-Jones",
    "Žižek",
];
pub(super) const COMPANIES: [&str; 10] = [
    "Acme",
    "Globex",
    "Größe & Söhne",
    "Initech",
    "Café \"Zur Post\"",
    "北方商事",
    "Umbrella",
    "Hooli",
    "Vandelay, Inc.",
    "Soylent",
];
pub(super) const COMPANY_KINDS: [&str; 5] = ["Ltd", "GmbH", "LLC", "S.A.", "株式会社"];
pub(super) const SUBJECTS: [&str; 14] = [
    "Where is my order?",
    "Refund, please",
    "Cannot log in",
    "Re: Invoice 2016/44",
    "Größe falsch",
    "配送について",
    "Broken \"on arrival\"",
    "Please help 🙏",
    "Change of address",
    "Fwd: Fwd: URGENT",
    "Où est ma commande ?",
    "\ttabbed subject",
    "50% off; does it apply?",
    "<script>alert(1)</script>",
];
pub(super) const BODIES: [&str; 8] = [
    "My order never came.",
    "It arrived broken.\r\n\r\nPlease send another one.",
    "Thanks, that solved it! \u{1f600}",
    "We are looking into it.",
    "Could you tell us the order number?\n--\nShop",
    "パスワードを忘れました。",
    "See <b>attached</b> picture & receipt.",
    "The path is C:\\temp\\new and the quote is \"this\".",
];
pub(super) const BACKGROUNDS: [&str; 3] = ["", "Long-standing customer", "Prefers phone;\r\ncall after 5"];
pub(super) const TITLES: [&str; 4] = ["CEO", "Buyer", "Ingénieure", ""];
pub(super) const STREETS: [&str; 4] =
    ["1 Main St\r\nTown", "Hauptstraße 5\r\n10115 Berlin", "東京都千代田区1-1", "Flat 3, The Old Mill\r\nBath\r\nUK"];
pub(super) const FEEDBACK: [&str; 4] = ["Quick!", "", "Took \"ages\"…", "Danke schön"];
pub(super) const ARTICLES: [&str; 10] = [
    "Refunds",
    "Shipping times",
    "Resetting your password",
    "Größentabelle",
    "Retours et échanges",
    "Sizes & fits",
    "Gift cards",
    "お支払い方法",
    "Warranty",
    "Cancelling an order",
];
pub(super) const GROUPS: [&str; 8] =
    ["Support Ninjas", "Billing", "Escalations", "Kundendienst", "Sales", "Night shift", "Spam", "VIP"];
pub(super) const TOPICS: [&str; 12] = [
    "General", "Orders", "Returns", "Payment", "Konto", "Products", "Sizes", "Shipping", "Privacy", "Stores",
    "Careers", "Press",
];
pub(super) const BRANDS: [&str; 4] = ["Shop EU", "Shop US", "Outlet", "Wholesale"];
pub(super) const LABELS: [&str; 14] = [
    "refund",
    "shipping",
    "vip",
    "bug",
    "Größe",
    "spam",
    "follow up",
    "escalated",
    "duplicate",
    "billing",
    "return, damaged",
    "feature request",
    "praise",
    "legacy",
];
pub(super) const COLORS: [&str; 13] = [
    "default", "blue", "teal", "green", "yellow", "orange", "red", "pink", "purple", "brown", "black", "grey", "white",
];
