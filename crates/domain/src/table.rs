//! Enums whose variants are the rows of a table.

/// Declares an enum with `ROWS`, the number of variants that have a row here;
/// `all()`, these in the order of the rows, and then the variants that wrap
/// the rows of another table; and `row()`, the row of a variant. A row cannot
/// be left out of any of the three.
macro_rules! table {
    (
        $(#[$doc:meta])*
        pub enum $name:ident: $row:ty {
            $($(#[$of:meta])* $variant:ident => $value:expr,)+
        }
        $(with $(#[$nested_of:meta])* $nested:ident($inner:ty) => $inner_row:expr;)*
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$of])* $variant,)+
            $($(#[$nested_of])* $nested($inner),)*
        }

        impl $name {
            /// How many rows the table has.
            pub const ROWS: usize = [$(stringify!($variant)),+].len();

            /// All, in the order in which they are shown.
            pub fn all() -> impl Iterator<Item = Self> + Clone {
                [$(Self::$variant),+].into_iter()
                    $(.chain(<$inner>::all().map(Self::$nested)))*
            }

            /// What the table says of it.
            #[must_use]
            pub fn row(self) -> &'static $row {
                match self {
                    $(Self::$variant => const { &$value },)+
                    $(Self::$nested(inner) => $inner_row(inner),)*
                }
            }
        }
    };
}
pub(crate) use table;
