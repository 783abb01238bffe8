//! Help: which notions are explained where they stand, and where the pages of help are. The texts lie
//! in `app/help`; the server alone has them (`document::help`).

use crmap_domain::Lang;

/// Whose help it is: each face of CRMAP has a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// The application inside a portal.
    Portal,
    /// The cabinet.
    Cabinet,
}

impl Face {
    /// Both, in the order of their links.
    pub const ALL: [Self; 2] = [Self::Cabinet, Self::Portal];

    /// The address of its page, without a language.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Portal => "/help/portal",
            Self::Cabinet => "/help",
        }
    }

    /// The address of its page in a language.
    #[must_use]
    pub fn address(self, lang: Lang) -> String {
        [self.path(), "?lang=", lang.code()].concat()
    }
}

/// Something that not everybody knows; its section of the help bears the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notion {
    /// Why the ID of a stage begins with `C7:`.
    Prefix,
    /// What a stage counts as.
    Meaning,
    /// The numbers that things are sorted by.
    Order,
    /// The code of a custom field.
    Code,
    /// The identifier of a list item from outside.
    Xml,
    /// Through whose eyes a portal was read.
    Viewer,
    /// The connection token.
    Token,
    /// How a portal stands.
    State,
    /// The identity of a portal.
    Member,
    /// Whose access keys a portal is read with.
    Keys,
    /// A portal at one moment.
    Version,
    /// What belongs together in a comparison.
    Matching,
}

impl Notion {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Prefix,
        Self::Meaning,
        Self::Order,
        Self::Code,
        Self::Xml,
        Self::Viewer,
        Self::Token,
        Self::State,
        Self::Member,
        Self::Keys,
        Self::Version,
        Self::Matching,
    ];

    /// The id of its section on a page of help.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::Prefix => "prefix",
            Self::Meaning => "meaning",
            Self::Order => "order",
            Self::Code => "code",
            Self::Xml => "xml",
            Self::Viewer => "viewer",
            Self::Token => "token",
            Self::State => "state",
            Self::Member => "member",
            Self::Keys => "keys",
            Self::Version => "version",
            Self::Matching => "matching",
        }
    }

    /// The id of the explanation that the server puts beside a page.
    #[must_use]
    pub fn popover(self) -> String {
        ["what-", self.section()].concat()
    }
}
