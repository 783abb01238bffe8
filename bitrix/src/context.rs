//! What everything of one connector shares: its settings, its clock, its way out, the limits of the
//! portals and the record of what was said. It decides nothing.

use std::sync::Arc;

use crmap_crm::{Clock, Journal, SharedPace};

use crate::egress::Egress;
use crate::limits::Lanes;
use crate::settings::Settings;

/// Clones share everything.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) settings: Arc<Settings>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) egress: Arc<Egress>,
    pub(crate) lanes: Arc<Lanes>,
    /// None where nothing is kept, so that nothing is masked in vain.
    pub(crate) journal: Option<Arc<dyn Journal>>,
    pub(crate) shared_pace: Arc<dyn SharedPace>,
}
