//! Parts of a page in which nothing lives: drawn whole, and never taken over piece by piece.

use leptos::prelude::*;
use leptos::tachys::html::attribute::Attribute;
use leptos::tachys::html::attribute::any_attribute::AnyAttribute;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::CastFrom;
use leptos::tachys::renderer::types::Element;
use leptos::tachys::view::add_attr::AddAnyAttr;
use leptos::tachys::view::{Mountable, Position, PositionState, Render, RenderHtml};

use crate::browser;

/// One element without listeners or signals inside. A page that comes to life passes it by as the
/// server drew it, so that a table of hundreds of rows costs it nothing; when something changes, a new
/// element takes the place of the old one, and the code that would compare the two is not even there.
pub struct Still<F>(F);

/// The element that `draw` gives, which must be exactly one. `draw` is not called where the element is
/// there already: what it would subscribe to is to be asked before.
pub fn still<F, V>(draw: F) -> Still<F>
where
    F: FnOnce() -> V + Send + 'static,
    V: IntoView,
{
    Still(draw)
}

impl<F, V> Render for Still<F>
where
    F: FnOnce() -> V,
    V: Render,
{
    type State = Element;

    fn build(self) -> Element {
        let mut elements = (self.0)().build().elements();
        elements.swap_remove(0)
    }

    fn rebuild(self, state: &mut Element) {
        replace(state, self.build());
    }
}

/// Puts `fresh` where `old` was; what had the focus in the one has it in the other.
fn replace(old: &mut Element, mut fresh: Element) {
    let focused = browser::focused_in(old);
    old.insert_before_this(&mut fresh);
    old.unmount();
    if let Some(way) = focused {
        browser::focus_along(&fresh, &way);
    }
    *old = fresh;
}

impl<F, V> RenderHtml for Still<F>
where
    F: FnOnce() -> V + Send + 'static,
    V: RenderHtml,
{
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buf: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        extra_attrs: Vec<AnyAttribute>,
    ) {
        (self.0)().to_html_with_buf(buf, position, escape, mark_branches, extra_attrs);
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> Element {
        pass_by(cursor, position)
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// Steps over the next element of the page, whatever is inside.
fn pass_by(cursor: &Cursor, position: &PositionState) -> Element {
    match position.get() {
        Position::FirstChild => cursor.child(),
        Position::Current => {}
        _ => cursor.sibling(),
    }
    position.set(Position::NextChild);
    #[expect(
        clippy::expect_used,
        reason = "the server has drawn the same page, or nothing of it can be taken over"
    )]
    Element::cast_from(cursor.current()).expect("an element")
}

impl<F, V> AddAnyAttr for Still<F>
where
    F: FnOnce() -> V + Send + 'static,
    V: RenderHtml,
{
    type Output<SomeNewAttr: Attribute> = Self;

    fn add_any_attr<NewAttr: Attribute>(self, _: NewAttr) -> Self::Output<NewAttr> {
        self
    }
}
