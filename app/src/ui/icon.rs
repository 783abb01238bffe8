//! Icons: few, drawn in lines of one width, decorative beside words.

use leptos::prelude::*;

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A triangle with an exclamation mark.
    Alert,
    /// An arrow into a tray.
    Download,
    /// A cog.
    Gear,
    /// A lens.
    Search,
    /// A cross.
    Cross,
    /// Two arrows in a circle.
    Refresh,
    /// A clock.
    Clock,
    /// A closed lock.
    Lock,
    /// A tick.
    Check,
    /// An eye.
    Eye,
    /// Two sheets.
    Copy,
    /// A door that stands open.
    Door,
    /// Four tiles.
    Tiles,
    /// A person.
    Person,
    /// A sun and a moon in one.
    Theme,
    /// A globe.
    Globe,
    /// Two links of a chain.
    Chain,
    /// A bin.
    Bin,
    /// A pencil.
    Pencil,
    /// A screen.
    Screen,
    /// A printer.
    Printer,
    /// A star.
    Star,
    /// A question mark in a circle.
    Help,
    /// A box to type commands into.
    Command,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Alert => "M8 1.8 15 14H1L8 1.8ZM8 6.2v3.6M8 11.6v.4",
            Self::Download => "M8 2v8M4.8 7 8 10.2 11.2 7M2.5 11v2.5h11V11",
            Self::Gear => {
                "M8 5.6a2.4 2.4 0 1 0 0 4.8 2.4 2.4 0 0 0 0-4.8ZM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4 1.4M11.2 11.2l1.4 1.4M3.4 12.6l1.4-1.4M11.2 4.8l1.4-1.4"
            }
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3 14 14",
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Refresh => "M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.5 1.8v2.9h-2.9",
            Self::Clock => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM8 4.8V8l2.2 1.6",
            Self::Lock => "M4 7.2h8v6H4zM5.6 7.2V5a2.4 2.4 0 0 1 4.8 0v2.2",
            Self::Check => "M3 8.4 6.5 12 13 4.6",
            Self::Eye => {
                "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8ZM8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4Z"
            }
            Self::Copy => {
                "M6.5 5.5h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-6a1 1 0 0 1-1-1v-6a1 1 0 0 1 1-1ZM10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"
            }
            Self::Door => "M9.5 2.2 4 1.5v13l5.5-.7V2.2ZM9.5 3.5h3v9h-3M7.3 8.2v.2",
            Self::Tiles => {
                "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5H9z"
            }
            Self::Person => {
                "M8 2.2a2.9 2.9 0 1 0 0 5.8 2.9 2.9 0 0 0 0-5.8ZM2.5 14c.5-3 2.6-4.5 5.5-4.5s5 1.5 5.5 4.5"
            }
            Self::Theme => {
                "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 1.8v12.4M8 5.5l4.5-2M8 9.3l6-2.6M8 13l5.2-2.3"
            }
            Self::Globe => {
                "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM1.8 8h12.4M8 1.8c-4 4-4 8.4 0 12.4M8 1.8c4 4 4 8.4 0 12.4"
            }
            Self::Chain => {
                "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.4-2.4a2.6 2.6 0 0 0-3.7-3.7l-.9.9M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.1 9.2a2.6 2.6 0 0 0 3.7 3.7l.9-.9"
            }
            Self::Bin => "M2.5 4h11M6 4V2.5h4V4M4 4l.6 9.5h6.8L12 4M6.7 6.7v4.3M9.3 6.7v4.3",
            Self::Pencil => "M2.5 13.5 3.3 10.2 10.8 2.7l2.5 2.5-7.5 7.5-3.3.8Z",
            Self::Star => "m8 2 1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5Z",
            Self::Screen => "M2 3h12v8H2zM5.5 14h5M8 11v3",
            Self::Printer => "M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7z",
            Self::Help => {
                "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM6.2 6.4a1.8 1.8 0 1 1 2.7 1.6c-.6.3-.9.7-.9 1.3M8 11.5v.1"
            }
            Self::Command => "M2 3h12v10H2zM4.8 6.2 6.8 8l-2 1.8M8.5 10h2.7",
        }
    }

    /// Draws it in the colour of the text around it.
    pub fn draw(self) -> impl IntoView + use<> {
        view! {
            <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d=self.path()></path>
            </svg>
        }
    }
}
