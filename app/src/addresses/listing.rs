//! The Predictions page's whole state as its address says it, both ways: who
//! reloads, comes back or is sent the address sees the same.

use super::{at, escaped};
use domain::{
    ids::PredictionId,
    listing::{ListRequest, SortOrder},
};

/// How predictions are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ListView {
    /// Pictures.
    #[default]
    Grid,
    /// Rows.
    Table,
    /// One, large.
    Details,
}

impl ListView {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Grid, Self::Table, Self::Details];

    /// The word in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Table => "table",
            Self::Details => "details",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == word)
    }
}

/// Thumbnails have six sizes.
pub const SIZES: std::ops::RangeInclusive<u8> = 1..=6;
const USUAL_SIZE: u8 = 3;

/// What the address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListState {
    /// The query as written.
    pub q: String,
    /// In which order.
    pub sort: SortOrder,
    /// Grid, table, or one at a time.
    pub view: ListView,
    /// Size of thumbnails, in [`SIZES`].
    pub size: u8,
    /// Columns of the table by their words; empty for the usual ones.
    pub columns: Vec<String>,
    /// The one shown large.
    pub id: Option<PredictionId>,
    /// The list begins with this one.
    pub from: Option<PredictionId>,
    /// The list begins where a former page ended: for browsers without scripts.
    pub cursor: Option<String>,
    /// Whether counts are asked for, too: for browsers without scripts.
    pub counted: bool,
}

impl Default for ListState {
    fn default() -> Self {
        Self {
            q: String::new(),
            sort: SortOrder::default(),
            view: ListView::default(),
            size: USUAL_SIZE,
            columns: Vec::new(),
            id: None,
            from: None,
            cursor: None,
            counted: false,
        }
    }
}

impl ListState {
    /// Reads the parts of an address; what makes no sense is the usual.
    #[must_use]
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let size = get("size").and_then(|word| word.parse().ok()).filter(|size| SIZES.contains(size));
        let columns = get("columns").unwrap_or_default();
        Self {
            q: get("q").unwrap_or_default().trim().to_owned(),
            sort: get("sort").and_then(|word| word.parse().ok()).unwrap_or_default(),
            view: get("view").as_deref().and_then(ListView::parse).unwrap_or_default(),
            size: size.unwrap_or(USUAL_SIZE),
            columns: columns.split(',').filter(|word| !word.is_empty()).map(str::to_owned).collect(),
            id: get("id").and_then(|word| word.parse().ok()),
            from: get("from").and_then(|word| word.parse().ok()),
            cursor: get("cursor"),
            counted: get("count").is_some(),
        }
    }

    /// The parts that are not as usual, in a fixed order.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let usual = Self::default();
        let parts = [
            ("q", (!self.q.is_empty()).then(|| self.q.clone())),
            ("sort", (self.sort != usual.sort).then(|| self.sort.to_string())),
            ("view", (self.view != usual.view).then(|| self.view.as_str().to_owned())),
            ("size", (self.size != usual.size).then(|| self.size.to_string())),
            ("columns", (!self.columns.is_empty()).then(|| self.columns.join(","))),
            ("id", self.id.map(|id| id.to_string())),
            ("from", self.from.map(|from| from.to_string())),
            ("cursor", self.cursor.clone()),
            ("count", self.counted.then(|| "1".to_owned())),
        ];
        parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// The address, from the page's own path on.
    #[must_use]
    pub fn href(&self) -> String {
        let part = |(name, value): (&str, String)| format!("{name}={}", escaped(&value));
        format!("?{}", self.parts().into_iter().map(part).collect::<Vec<_>>().join("&"))
    }

    /// The same view of something else, from its beginning.
    #[must_use]
    pub fn asking(&self, q: &str) -> Self {
        let view = if self.view == ListView::Details { ListView::Grid } else { self.view };
        Self { q: q.trim().to_owned(), view, ..self.rewound() }
    }

    /// The same in another order, from its beginning.
    #[must_use]
    pub fn sorted(&self, sort: SortOrder) -> Self {
        Self { sort, ..self.rewound() }
    }

    /// The same list shown otherwise.
    #[must_use]
    pub fn shown_as(&self, view: ListView) -> Self {
        Self { view, ..self.clone() }
    }

    /// One of the list, large.
    #[must_use]
    pub fn detail(&self, id: PredictionId) -> Self {
        Self { view: ListView::Details, id: Some(id), ..self.clone() }
    }

    fn rewound(&self) -> Self {
        Self { id: None, from: None, cursor: None, ..self.clone() }
    }

    /// Whether both are the same list, however it is shown.
    #[must_use]
    pub fn is_same_list(&self, other: &Self) -> bool {
        self.q == other.q && self.sort == other.sort && self.counted == other.counted
    }

    /// What to ask the server for: `limit` predictions from where it begins.
    #[must_use]
    pub fn request(&self, limit: u32) -> ListRequest {
        let one = self.id.filter(|_| self.view == ListView::Details);
        ListRequest {
            q: self.q.clone(),
            sort: self.sort,
            limit: Some(limit),
            cursor: self.cursor.clone(),
            from: self.from.or(one),
        }
    }

    /// What a saved view keeps beside query and order.
    #[must_use]
    pub fn state(&self) -> String {
        let rest = Self { q: String::new(), sort: SortOrder::default(), ..self.rewound() };
        rest.href().trim_start_matches('?').to_owned()
    }
}

/// The address of a review, and of the next one without an id, in a list.
#[must_use]
pub fn review_among(deployment: &str, id: Option<PredictionId>, q: &str, sort: SortOrder) -> String {
    let sort = if sort == SortOrder::default() { String::new() } else { sort.to_string() };
    super::review(deployment, id, q, &sort)
}

/// The address of a saved view.
#[must_use]
pub fn saved(q: &str, sort: SortOrder, state: &str) -> String {
    let list = ListState { q: q.to_owned(), sort, ..ListState::default() };
    format!("{}&{state}", list.href()).trim_end_matches('&').replace("?&", "?")
}

/// What is exported: `format` of `coco`, `yolo`, `cvat`,
/// `label-studio`, `csv`, `jsonl`.
#[must_use]
pub fn export(deployment: &str, q: &str, format: &str) -> String {
    let q = escaped(q);
    at(format!("/api/v1/deployments/{deployment}/predictions/export?format={format}&q={q}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::listing::SortField;
    use query::schema::NumberField;

    fn decoded(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let hex = |rest: &mut std::str::Bytes<'_>| rest.take(2).map(char::from).collect::<String>();
            let number = (byte == b'%').then(|| u8::from_str_radix(&hex(&mut rest), 16).expect("two digits"));
            bytes.push(number.unwrap_or(byte));
        }
        String::from_utf8(bytes).expect("text")
    }

    fn read(href: &str) -> ListState {
        ListState::read(|key| {
            let mut pairs = href.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == key).map(|(_, value)| decoded(value))
        })
    }

    fn id(n: u8) -> PredictionId {
        format!("{n:032x}").parse().expect("an id")
    }

    fn elaborate() -> ListState {
        ListState {
            q: "has(label = \"a&b\") and tag ~ 'é'".into(),
            sort: SortOrder::ascending(SortField::Number(NumberField::OutlierScore)),
            view: ListView::Details,
            size: 5,
            columns: vec!["status".into(), "metadata.line".into()],
            id: Some(id(7)),
            from: Some(id(9)),
            cursor: Some("a b".into()),
            counted: true,
        }
    }

    #[test]
    fn the_address_holds_the_whole_state() {
        for state in [elaborate(), ListState::default()] {
            assert_eq!(read(&state.href()), state, "{}", state.href());
        }
        assert_eq!(ListState::default().href(), "?");
    }

    #[test]
    fn nonsense_in_the_address_is_the_usual() {
        let typed = ["sort", "view", "size", "id", "from"];
        let nonsense = ListState::read(|key| typed.contains(&key).then(|| "<script>".to_owned()));
        assert_eq!(nonsense, ListState::default());
    }

    #[test]
    fn another_query_begins_at_the_beginning() {
        let first_page = elaborate().asking(" objects > 5 ");
        assert_eq!((first_page.q.as_str(), first_page.view), ("objects > 5", ListView::Grid));
        assert_eq!((first_page.id, first_page.from, first_page.cursor.clone()), (None, None, None));
        assert_eq!((first_page.size, first_page.columns.len()), (5, 2));
        assert!(!first_page.is_same_list(&elaborate()));
    }

    #[test]
    fn a_saved_view_leads_to_the_same_list_shown_the_same() {
        let state = elaborate();
        let list = read(&saved(&state.q, state.sort, &state.state()));
        assert_eq!(list, ListState { id: None, from: None, cursor: None, ..state });
        assert_eq!(saved("", SortOrder::default(), ""), "?");
    }

    #[test]
    fn a_review_knows_its_list() {
        let sort = SortOrder::descending(SortField::Number(NumberField::OutlierScore));
        assert_eq!(
            review_among("cells", Some(id(1)), "objects > 5", sort),
            format!("/deployments/cells/review/{}?q=objects%20%3E%205&sort=-outlier_score", id(1))
        );
        assert_eq!(review_among("cells", None, "", SortOrder::default()), "/deployments/cells/review");
    }
}
