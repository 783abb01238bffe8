//! What can befall a portal: the rows F01 to F20 of security.md §5, most of them in several forms.

use crmap_domain::{Trouble, Unreachable};
use portal_sim::{Cloud, Effect, Fault, Lie, Portal, TlsFlaw, UserRole};
use serde_json::json;

/// A portal of a cloud.
pub struct Patient<'a> {
    pub cloud: &'a Cloud,
    pub number: usize,
}

impl Patient<'_> {
    pub fn portal(&self) -> &Portal {
        self.cloud.portal(self.number)
    }

    fn always(&self, effect: Effect) {
        self.portal().set_fault(Fault::every(effect));
    }

    fn next(&self, times: u32, effect: Effect) {
        self.portal().set_fault(Fault::next(times, effect));
    }

    fn set(&self, fault: Fault) {
        self.portal().set_fault(fault);
    }

    fn flawed(&self, flaw: TlsFlaw) {
        self.set(Fault::Tls { flaw });
    }
}

/// What a reading comes to.
#[derive(Clone, Copy)]
pub enum Fate {
    /// Everything is read, and true.
    Read,
    /// What was read is true; what the portal refuses is said to be refused.
    Partly,
    /// It may fail; what is read is true all the same.
    True,
    /// The portal's answers contradict themselves: whatever comes of it is over with the fault.
    Whatever,
    /// It fails, and the trouble is one of these.
    Failed(fn(&Trouble) -> bool),
}

/// One form of one row.
#[derive(Clone, Copy)]
pub struct Ill {
    /// Its number, and what it is.
    pub name: &'static str,
    pub begin: fn(&Patient<'_>),
    /// What a reading comes to meanwhile.
    pub during: Fate,
    /// What a reading comes to when it is over and an administrator has opened the application.
    pub after: Fate,
    /// Ends what clearing all faults does not.
    pub end: fn(&Patient<'_>),
    /// CRMAP knows the portal by a name that does not resolve.
    pub nameless: bool,
    /// Events that come in meanwhile, with the portal's secret or a guess at it.
    pub events: &'static [(&'static str, bool)],
    /// Its tokens may be shown to another portal: to whoever lives at its address by now.
    pub shown_to_a_stranger: bool,
}

const fn ill(name: &'static str, begin: fn(&Patient<'_>), during: Fate) -> Ill {
    Ill {
        name,
        begin,
        during,
        after: Fate::Read,
        end: |_| {},
        nameless: false,
        events: &[],
        shown_to_a_stranger: false,
    }
}

const MALFORMED: Fate = Fate::Failed(|trouble| matches!(trouble, Trouble::Malformed { .. }));
const NO_ANSWER: Fate = Fate::Failed(|trouble| matches!(trouble, Trouble::Unreachable(_)));
const NO_PORTAL: Fate =
    Fate::Failed(|trouble| matches!(trouble, Trouble::NotAPortal | Trouble::PortalFailed));
const OUT_OF_TIME: Fate =
    Fate::Failed(|trouble| *trouble == Trouble::Unreachable(Unreachable::Timeout));
const REVOKED: Fate = Fate::Failed(|trouble| *trouble == Trouble::Revoked);
/// However slow the machine is, it comes to an end.
const TOO_LARGE: Fate = Fate::Failed(|trouble| {
    matches!(
        trouble,
        Trouble::TooLarge | Trouble::Unreachable(Unreachable::Timeout)
    )
});
const ENDLESS: Fate = Fate::Failed(|trouble| {
    matches!(
        trouble,
        Trouble::Malformed { .. } | Trouble::Unreachable(Unreachable::Timeout)
    )
});
const WRONG_TLS: Fate = Fate::Failed(|trouble| *trouble == Trouble::Unreachable(Unreachable::Tls));

/// The forms of the row `number`, from 1 to 20.
pub fn forms(number: usize) -> Vec<Ill> {
    match number {
        1..=4 => moves(number),
        5..=8 => refusals(number),
        9 | 10 => silences(number),
        11 | 12 => shapes(number),
        13 | 14 => ways(number),
        15 => rights(),
        16..=18 => lies(number),
        19 => vec![ill(
            "F19 the data of another portal",
            |patient| {
                patient.set(Fault::ForeignData {
                    portal: patient.number % 10 + 1,
                });
                // Where both people had one number, nothing in the answers would tell them apart.
                let other = json!({"ID": "7654321", "ADMIN": true, "NAME": "Другой"});
                patient.set(Fault::replace_result("profile", other));
            },
            MALFORMED,
        )],
        20 => events(),
        _ => panic!("there is no row {number}"),
    }
}

fn moves(number: usize) -> Vec<Ill> {
    match number {
        1 => vec![
            ill(
                "F01 a sign to somebody else",
                |patient| {
                    let location = format!("{}/rest/batch", patient.cloud.oauth_url());
                    patient.always(Effect::Redirect { location });
                },
                Fate::Failed(|trouble| *trouble == Trouble::Moved),
            ),
            ill(
                "F01 a new name",
                |patient| assert!(patient.portal().rename()),
                Fate::Read,
            ),
        ],
        2 => vec![Ill {
            end: |patient| patient.portal().restore(),
            ..ill(
                "F02 deleted",
                |patient| patient.portal().delete(),
                Fate::Failed(|trouble| *trouble == Trouble::Gone),
            )
        }],
        3 => vec![ill(
            "F03 installed anew",
            |patient| {
                let portal = patient.portal();
                portal.reinstall(portal.world().user_id(UserRole::Administrator));
                portal.finish_install();
            },
            REVOKED,
        )],
        _ => vec![Ill {
            shown_to_a_stranger: true,
            ..ill(
                "F04 its name is a stranger's",
                |patient| {
                    assert!(patient.portal().rename());
                    patient.portal().give_former_name_away().unwrap();
                },
                Fate::True,
            )
        }],
    }
}

fn refusals(number: usize) -> Vec<Ill> {
    match number {
        5 => vec![ill("F05 two cabinets", |_| {}, Fate::Read)],
        6 => vec![Ill {
            end: |patient| patient.portal().set_subscription(true),
            ..ill(
                "F06 not paid",
                |patient| patient.portal().set_subscription(false),
                Fate::Failed(|trouble| *trouble == Trouble::NotPaid),
            )
        }],
        7 => vec![
            ill(
                "F07 a storm that passes",
                |patient| patient.next(2, Effect::query_limit()),
                Fate::Read,
            ),
            ill(
                "F07 a storm",
                |patient| patient.always(Effect::query_limit()),
                Fate::Failed(|trouble| *trouble == Trouble::RateLimited),
            ),
            ill(
                "F07 no run time is left",
                |patient| {
                    let effect = Effect::operation_time_limit();
                    patient.set(Fault::method("batch", effect));
                },
                Fate::Failed(|trouble| *trouble == Trouble::RateLimited),
            ),
            Ill {
                end: |patient| patient.portal().set_overloaded(false),
                ..ill(
                    "F07 blocked by hand",
                    |patient| patient.portal().set_overloaded(true),
                    Fate::Failed(|trouble| *trouble == Trouble::Blocked),
                )
            },
        ],
        _ => vec![
            ill(
                "F08 a command of a batch is refused",
                |patient| {
                    let method = "crm.contact.userfield.list";
                    patient.set(Fault::inside_batch(
                        method,
                        "ACCESS_DENIED",
                        "Access denied.",
                    ));
                },
                Fate::Partly,
            ),
            ill(
                "F08 an error in a good answer",
                |patient| {
                    patient.always(Effect::Raw {
                        status: 200,
                        body: r#"{"error":"ERROR_CORE","error_description":"x"}"#.to_owned(),
                    });
                },
                NO_PORTAL,
            ),
        ],
    }
}

fn silences(number: usize) -> Vec<Ill> {
    if number == 9 {
        return vec![
            ill(
                "F09 a page of an error",
                |patient| patient.always(Effect::Html { status: 503 }),
                NO_PORTAL,
            ),
            ill(
                "F09 a captcha",
                |patient| patient.always(Effect::Captcha),
                NO_PORTAL,
            ),
            ill(
                "F09 nothing at all",
                |patient| patient.always(Effect::EmptyBody),
                MALFORMED,
            ),
        ];
    }
    vec![
        ill(
            "F10 byte by byte",
            |patient| patient.always(Effect::Drip { ms: 500 }),
            OUT_OF_TIME,
        ),
        ill(
            "F10 a head without a body",
            |patient| patient.always(Effect::HeadersOnly),
            OUT_OF_TIME,
        ),
        ill(
            "F10 no answer",
            |patient| patient.always(Effect::Hang),
            OUT_OF_TIME,
        ),
        ill(
            "F10 late answers",
            |patient| patient.set(Fault::Latency { ms: 2_500 }),
            Fate::Read,
        ),
    ]
}

fn shapes(number: usize) -> Vec<Ill> {
    if number == 11 {
        return vec![
            ill(
                "F11 half an answer, once",
                |patient| patient.next(1, Effect::TruncatedJson),
                Fate::Read,
            ),
            ill(
                "F11 a line that breaks, once",
                |patient| patient.next(1, Effect::ResetHalfWay),
                Fate::Read,
            ),
            ill(
                "F11 shorter than it says",
                |patient| patient.always(Effect::WrongLength),
                NO_ANSWER,
            ),
            ill(
                "F11 broken lines",
                |patient| patient.always(Effect::Reset),
                NO_ANSWER,
            ),
        ];
    }
    vec![
        ill(
            "F12 a bomb",
            |patient| patient.always(Effect::GzipBomb { mib: 24 }),
            TOO_LARGE,
        ),
        ill(
            "F12 an answer without end",
            |patient| patient.always(Effect::HugeBody { bytes: 256 << 20 }),
            TOO_LARGE,
        ),
        ill(
            "F12 lists within lists",
            |patient| patient.always(Effect::DeepJson { depth: 100_000 }),
            MALFORMED,
        ),
        ill(
            "F12 a list without end",
            |patient| patient.set(Fault::EndlessNext),
            ENDLESS,
        ),
    ]
}

fn ways(number: usize) -> Vec<Ill> {
    if number == 14 {
        return vec![Ill {
            nameless: true,
            ..ill(
                "F14 a name that is lost",
                |_| {},
                Fate::Failed(|trouble| *trouble == Trouble::Unreachable(Unreachable::Dns)),
            )
        }];
    }
    vec![
        ill(
            "F13 out of date",
            |patient| patient.flawed(TlsFlaw::Expired),
            WRONG_TLS,
        ),
        ill(
            "F13 another host's",
            |patient| patient.flawed(TlsFlaw::OtherHost),
            WRONG_TLS,
        ),
        ill(
            "F13 nobody vouches",
            |patient| patient.flawed(TlsFlaw::UnknownAuthority),
            WRONG_TLS,
        ),
        ill(
            "F13 no end of shaking hands",
            |patient| patient.flawed(TlsFlaw::Silent),
            NO_ANSWER,
        ),
    ]
}

fn rights() -> Vec<Ill> {
    vec![
        ill(
            "F15 kept out",
            |patient| patient.always(Effect::user_access()),
            Fate::Failed(|trouble| *trouble == Trouble::Restricted),
        ),
        ill(
            "F15 without rights",
            |patient| patient.always(Effect::invalid_credentials()),
            Fate::Failed(|trouble| *trouble == Trouble::NoRights),
        ),
        ill(
            "F15 without a scope",
            |patient| {
                patient.set(Fault::ScopeWithout {
                    scope: "user_brief".to_owned(),
                });
            },
            Fate::Partly,
        ),
    ]
}

fn lies(number: usize) -> Vec<Ill> {
    let lie = |name, begin| ill(name, begin, Fate::Read);
    match number {
        16 => vec![
            lie("F16 numbers as text", |patient| {
                let lie = Lie::NumbersAsStrings;
                patient.set(Fault::Lies { lie });
            }),
            lie("F16 empty things swapped", |patient| {
                let lie = Lie::EmptySwapped;
                patient.set(Fault::Lies { lie });
            }),
            ill(
                "F16 without ids",
                |patient| patient.set(Fault::Lies { lie: Lie::NullIds }),
                MALFORMED,
            ),
            ill(
                "F16 one id for all",
                |patient| {
                    let lie = Lie::DuplicateIds;
                    patient.set(Fault::Lies { lie });
                },
                Fate::Whatever,
            ),
        ],
        17 => vec![
            ill(
                "F17 rows that go",
                |patient| patient.set(Fault::ShiftingPages { by: 3 }),
                Fate::True,
            ),
            ill(
                "F17 a wrong total",
                |patient| patient.set(Fault::LyingTotal { total: 1_000 }),
                Fate::True,
            ),
        ],
        _ => vec![
            lie("F18 a year ahead", |patient| {
                patient.set(Fault::ServerTime { ahead: 31_536_000 });
            }),
            lie("F18 a year behind", |patient| {
                patient.set(Fault::ServerTime { ahead: -31_536_000 });
            }),
            lie("F18 without a clock", |patient| patient.set(Fault::NoTime)),
        ],
    }
}

fn events() -> Vec<Ill> {
    vec![
        Ill {
            events: &[("left", false), ("left", false)],
            ..ill("F20 forged farewells", |_| {}, Fate::Read)
        },
        Ill {
            events: &[("fields", true), ("fields", true), ("fields", false)],
            ..ill("F20 the same event again", |_| {}, Fate::Read)
        },
        Ill {
            events: &[("left", true)],
            // With the farewell the cabinets' links are void: somebody has to link it anew.
            after: REVOKED,
            end: |patient| {
                let portal = patient.portal();
                portal.install(portal.world().user_id(UserRole::Administrator));
                portal.finish_install();
            },
            ..ill(
                "F20 a farewell",
                |patient| patient.portal().uninstall(false),
                REVOKED,
            )
        },
        Ill {
            end: |patient| {
                let portal = patient.portal();
                portal.install(portal.world().user_id(UserRole::Administrator));
                portal.finish_install();
            },
            ..ill(
                "F20 a farewell that is lost",
                |patient| patient.portal().uninstall(false),
                REVOKED,
            )
        },
    ]
}
