//! Browsers that are logged in, each of which can be signed out.

use crmap_domain::Lang;
use crmap_domain::cabinet::Device;
use leptos::either::Either;
use leptos::prelude::*;

use crate::api::cabinet::{end_device, end_other_devices};
use crate::browser;
use crate::cabinet::ages::age;
use crate::cabinet::sending::Sending;
use crate::cabinet::trouble::SendingTrouble;
use crate::say;
use crate::ui::{Badge, Button, Icon, Look, Shade, Toaster, use_toast};
use crate::words::use_lang;

const TITLE: &str = "devices-title";

/// The list of devices.
#[component]
pub(super) fn Devices(devices: Vec<Device>) -> impl IntoView {
    let lang = use_lang();
    let sending = Sending::new(lang, None);
    let toast = use_toast();
    let list = RwSignal::new(devices);
    let others = move || list.with(|list| list.iter().any(|device| !device.current));
    let end_others = move |_| {
        sending.send(end_other_devices(), move |_count| {
            list.update(|list| list.retain(|device| device.current));
            tell_of_end(toast, lang);
        });
    };
    view! {
        <section class="part" aria-labelledby=TITLE>
            <h2 class="part__title" id=TITLE tabindex="-1">{say!(lang, devices_title)}</h2>
            <SendingTrouble sending/>
            <ul class="devices">
                {move || list.get().into_iter().map(|device| row(device, list, sending, toast, lang)).collect_view()}
            </ul>
            {move || others().then(|| view! {
                <Button
                    look=Look::Plain
                    label=say!(lang, devices_end_others)
                    disabled=sending.busy()
                    on_press=end_others
                />
            })}
        </section>
    }
}

/// Says that a device has left, and moves the focus to where it was listed.
fn tell_of_end(toast: Toaster, lang: Lang) {
    toast.tell(
        say!(lang, device_ended).to_owned(),
        browser::point_of(TITLE),
    );
    browser::focus(TITLE);
}

fn row(
    device: Device,
    list: RwSignal<Vec<Device>>,
    sending: Sending,
    toast: Toaster,
    lang: Lang,
) -> impl IntoView {
    let name = name_of(&device.agent, lang);
    let id = device.id.clone();
    let end = move |_| {
        let (id, gone) = (id.clone(), id.clone());
        sending.send(end_device(id), move |()| {
            list.update(|list| list.retain(|device| device.id != gone));
            tell_of_end(toast, lang);
        });
    };
    view! {
        <li class="device" data-id=device.id>
            {Icon::Screen.draw()}
            <div class="device__words">
                <p class="device__name" title=device.agent>{name}</p>
                <p class="faint">
                    {device.ip}" · "{say!(lang, device_seen)}" "{age(device.seen_at, lang)}
                </p>
            </div>
            {if device.current {
                Either::Left(view! { <Badge shade=Shade::Good word=say!(lang, device_this)/> })
            } else {
                Either::Right(view! {
                    <Button
                        look=Look::Plain
                        label=say!(lang, device_end)
                        disabled=sending.busy()
                        on_press=end
                    />
                })
            }}
        </li>
    }
}

/// A browser and a system by the marks that people know; the whole text stands in the title.
fn name_of(agent: &str, lang: Lang) -> String {
    let find = |marks: &[(&str, &'static str)]| {
        marks
            .iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    // The first that fits: browsers claim to be all of their forerunners, too.
    let browser = find(&[
        ("YaBrowser", "Яндекс Браузер"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => say!(lang, device_unknown).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_from_those_that_they_claim_to_be() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36";
        assert_eq!(name_of(chrome, Lang::Ru), "Chrome, Linux");
        let edge =
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0";
        assert_eq!(name_of(edge, Lang::Ru), "Edge, Windows");
        assert_eq!(name_of("curl/8.0", Lang::En), "Unknown browser");
    }
}
