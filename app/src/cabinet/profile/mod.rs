//! The account itself: its data and their change, its devices, its log, its end.

mod deletion;
mod devices;
mod log;
mod own;
mod secrets;

use leptos::prelude::*;

use super::data::Profile;
use crate::say;
use crate::words::use_lang;

use deletion::Deletion;
use devices::Devices;
use log::Log;
use own::Own;
use secrets::Secrets;

/// The room of the profile.
#[component]
pub(super) fn ProfileRoom(profile: Profile) -> impl IntoView {
    let lang = use_lang();
    let Profile {
        account,
        devices,
        log,
        portals,
        sends_mail,
    } = profile;
    view! {
        <header class="room__head">
            <h1 class="room__title">{say!(lang, menu_profile)}</h1>
        </header>
        <div class="parts">
            <Own account/>
            <Secrets sends_mail/>
            <Devices devices/>
            <Log log/>
            <Deletion portals/>
        </div>
    }
}
