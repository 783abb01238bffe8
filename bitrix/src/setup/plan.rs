//! What has to be bound in every portal (bitrix24.md §1.7, §1.10, §7), and how. It sends nothing.

use crmap_crm::{Doors, SetUpStep};
use crmap_domain::{EntityKind, Lang};
use url::Url;

use crate::batch::Command;
use crate::event;
use crate::params::Params;

/// The one place of CRMAP besides its own page.
pub(super) const PLACE: Place = Place {
    code: "CRM_FUNNELS_TOOLBAR",
    scope: "placement",
};

/// A place in a portal's pages.
pub(super) struct Place {
    pub(super) code: &'static str,
    pub(super) scope: &'static str,
}

/// The button's word in every language.
const TITLE: &str = "CRMAP";

/// What the portal says of the button to its users of a language.
const fn description(lang: Lang) -> &'static str {
    match lang {
        Lang::Ru => "Все воронки, статусы и поля CRM одним списком",
        Lang::En => "All funnels, stages and fields of the CRM in one list",
    }
}

/// One thing to be bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bond {
    /// An event that is posted to CRMAP.
    Event {
        /// Its name in upper case.
        name: String,
        handler: String,
    },
    /// A place where CRMAP is opened.
    Place { handler: String },
}

/// Everything that has to be bound, in the order of the steps.
pub(super) fn bonds(doors: &Doors) -> Vec<Bond> {
    let event = |name: String| Bond::Event {
        name,
        handler: doors.events.clone(),
    };
    let fields = EntityKind::ALL.into_iter().flat_map(|entity| {
        let kind = event::entity_code(entity);
        event::FIELD_CHANGES.map(|change| format!("ONCRM{kind}USERFIELD{change}"))
    });
    ["ONAPPUNINSTALL", "ONAPPPAYMENT"]
        .into_iter()
        .map(str::to_owned)
        .chain(fields)
        .map(event)
        .chain([Bond::Place {
            handler: doors.app.clone(),
        }])
        .collect()
}

impl Bond {
    pub(super) fn step(&self) -> SetUpStep {
        match self {
            Self::Event { name, .. } if name == "ONAPPUNINSTALL" => SetUpStep::Leaving,
            Self::Event { .. } => SetUpStep::Changes,
            Self::Place { .. } => SetUpStep::FunnelsButton,
        }
    }

    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::Event { .. } => "event.bind",
            Self::Place { .. } => "placement.bind",
        }
    }

    pub(super) fn handler(&self) -> &str {
        match self {
            Self::Event { handler, .. } | Self::Place { handler } => handler,
        }
    }

    /// The call that binds it.
    pub(super) fn bind(&self) -> Command {
        let params = match self {
            Self::Event { name, handler } => Params::default()
                .with("event", name)
                .with("handler", handler),
            Self::Place { handler } => {
                let params = Params::default()
                    .with("PLACEMENT", PLACE.code)
                    .with("HANDLER", handler)
                    .with("TITLE", TITLE);
                Lang::ALL.into_iter().fold(params, |params, lang| {
                    let code = lang.code();
                    params
                        .with(&format!("LANG_ALL[{code}][TITLE]"), TITLE)
                        .with(&format!("LANG_ALL[{code}][DESCRIPTION]"), description(lang))
                })
            }
        };
        Command {
            method: self.method(),
            params,
        }
    }

    /// The call that takes the same thing away from another handler.
    pub(super) fn unbind(&self, handler: &str) -> Command {
        match self {
            Self::Event { name, .. } => Command {
                method: "event.unbind",
                params: Params::default()
                    .with("event", name)
                    .with("handler", handler),
            },
            Self::Place { .. } => Command {
                method: "placement.unbind",
                params: Params::default()
                    .with("PLACEMENT", PLACE.code)
                    .with("HANDLER", handler),
            },
        }
    }

    /// Whether `handler` is the same door at an address that CRMAP had before: another host, the
    /// same path. Other paths at whatever host are somebody else's.
    pub(super) fn is_old(&self, handler: &str) -> bool {
        let (Ok(ours), Ok(theirs)) = (Url::parse(self.handler()), Url::parse(handler)) else {
            return false;
        };
        ours.origin() != theirs.origin()
            && ours.path() == theirs.path()
            && ours.query() == theirs.query()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crmap_crm::{Doors, SetUpStep};

    use super::{Bond, bonds};

    fn doors() -> Doors {
        Doors {
            events: "https://crmap.example/b24/event".to_owned(),
            app: "https://crmap.example/b24/app".to_owned(),
        }
    }

    #[test]
    fn eighteen_events_and_one_place_are_bound() {
        let bonds = bonds(&doors());
        let names: HashSet<&str> = bonds
            .iter()
            .filter_map(|bond| match bond {
                Bond::Event { name, .. } => Some(name.as_str()),
                Bond::Place { .. } => None,
            })
            .collect();
        assert_eq!((bonds.len(), names.len()), (19, 18));
        for name in [
            "ONAPPUNINSTALL",
            "ONAPPPAYMENT",
            "ONCRMDEALUSERFIELDSETENUMVALUES",
            "ONCRMLEADUSERFIELDDELETE",
        ] {
            assert!(names.contains(name), "{name}");
        }
        let leaving = bonds
            .iter()
            .filter(|bond| bond.step() == SetUpStep::Leaving);
        assert_eq!(leaving.count(), 1);
    }

    #[test]
    fn only_the_same_path_at_another_address_is_an_old_door() {
        let bond = &bonds(&doors())[0];
        for (handler, old) in [
            ("https://crmap.example/b24/event", false),
            ("https://old.example/b24/event", true),
            ("https://crmap.example:8443/b24/event", true),
            ("https://old.example/b24/event/", false),
            ("https://old.example/b24/event?x=1", false),
            ("https://old.example/hook", false),
            ("nonsense", false),
            ("", false),
        ] {
            assert_eq!(bond.is_old(handler), old, "{handler}");
        }
    }
}
