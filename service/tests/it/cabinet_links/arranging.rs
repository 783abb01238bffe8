//! Order among many portals: favourites, tags of many at once, filters under names.

use crmap_domain::cabinet::{Denial, Description, TagChange};

use super::{card, cards, link, owner, portal};
use crate::support::{Stand, member};

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn put_on(tags: &[&str]) -> TagChange {
    TagChange {
        add: words(tags),
        remove: Vec::new(),
    }
}

#[tokio::test]
async fn tags_are_put_on_all_that_are_meant_and_what_does_not_fit_is_named() {
    let stand = Stand::new().await;
    let services = &stand.services;
    let one = owner(&stand, 1).await;
    let portals = [portal(&stand, 1).await, portal(&stand, 2).await];
    for portal in &portals {
        link(&stand, portal, &one).await;
    }
    let many: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    let full = Description {
        tags: many.clone(),
        ..Description::default()
    };
    let described = services
        .describe_portal(&one.entered, &portals[1], full)
        .await;
    described.unwrap();
    let meant = [portals.as_slice(), &[member(9)]].concat();
    let tagged = services
        .tag_portals(&one.entered, &meant, put_on(&[" VIP ", "vip"]))
        .await;
    let tagged = tagged.unwrap();
    assert_eq!(tagged.full, [portals[1].clone()]);
    let wanted = [
        (portals[0].clone(), words(&["VIP"])),
        (portals[1].clone(), many),
    ];
    assert_eq!(tagged.tags, wanted);
    for card in cards(&stand, &one).await {
        let told = wanted.iter().find(|(portal, _)| *portal == card.member_id);
        assert_eq!(card.description.tags, told.unwrap().1);
    }
    let long = "я".repeat(41);
    let denied = services
        .tag_portals(&one.entered, &portals, put_on(&[&long]))
        .await;
    assert_eq!(denied, Err(Denial::Description));
}

#[tokio::test]
async fn sec_77_only_one_s_own_portals_are_arranged() {
    let stand = Stand::new().await;
    let services = &stand.services;
    let portal = portal(&stand, 1).await;
    let (one, two) = (owner(&stand, 1).await, owner(&stand, 2).await);
    link(&stand, &portal, &one).await;
    let before = card(&stand, &one).await;
    let foreign = std::slice::from_ref(&portal);
    let tagged = services
        .tag_portals(&two.entered, foreign, put_on(&["VIP"]))
        .await;
    assert_eq!(tagged, Err(Denial::NotFound));
    let favoured = services.favour_portals(&two.entered, foreign, true).await;
    assert_eq!(favoured, Err(Denial::NotFound));
    assert_eq!(card(&stand, &one).await, before);

    link(&stand, &portal, &two).await;
    services
        .favour_portals(&two.entered, foreign, true)
        .await
        .unwrap();
    assert!(card(&stand, &two).await.favourite);
    assert!(!card(&stand, &one).await.favourite);
    services
        .favour_portals(&two.entered, foreign, false)
        .await
        .unwrap();
    assert!(!card(&stand, &two).await.favourite);
}

#[tokio::test]
async fn filters_are_kept_by_names_that_fit() {
    let stand = Stand::new().await;
    let services = &stand.services;
    let (one, two) = (owner(&stand, 1).await, owner(&stand, 2).await);
    let save = async |name: &str| services.save_filter(&one.entered, name, "tag=VIP").await;
    for name in ["", "  ", &"я".repeat(41)] {
        assert_eq!(save(name).await, Err(Denial::FilterName));
    }
    let kept = save("  Без   оплаты ").await.unwrap();
    assert_eq!(
        (kept.name.as_str(), kept.query.as_str()),
        ("Без оплаты", "tag=VIP")
    );
    assert_eq!(save("без ОПЛАТЫ").await, Err(Denial::FilterNameTaken));
    for number in 1..30 {
        save(&number.to_string()).await.unwrap();
    }
    assert_eq!(save("ещё один").await, Err(Denial::TooManyFilters));
    let rename = services.rename_filter(&one.entered, &kept.id, "7").await;
    assert_eq!(rename, Err(Denial::FilterNameTaken));
    let foreign = services.rename_filter(&two.entered, &kept.id, "Моё").await;
    assert_eq!(foreign, Err(Denial::NotFound));
    let foreign = services.delete_filter(&two.entered, &kept.id).await;
    assert_eq!(foreign, Err(Denial::NotFound));
    services
        .delete_filter(&one.entered, &kept.id)
        .await
        .unwrap();
    assert_eq!(
        services.saved_filters(&one.entered).await.unwrap().len(),
        29
    );
    assert_eq!(services.saved_filters(&two.entered).await.unwrap(), []);
}
