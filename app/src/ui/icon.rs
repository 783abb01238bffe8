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
