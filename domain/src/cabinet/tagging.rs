//! Putting tags on many portals at once, and taking them off.

use serde::{Deserialize, Serialize};

use super::{Description, InvalidDescription};
use crate::MemberId;

/// Tags to put on portals and to take off them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TagChange {
    /// To put on, after those that are there.
    pub add: Vec<String>,
    /// To take off, in whatever case they are written.
    pub remove: Vec<String>,
}

/// What came of a change of many portals' tags.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tagged {
    /// The portals that were to change, with their tags by now.
    pub tags: Vec<(MemberId, Vec<String>)>,
    /// Those of them that would have had more tags than fit, and were left as they were.
    pub full: Vec<MemberId>,
}

impl TagChange {
    /// Trims the tags and drops empty and repeated ones.
    ///
    /// # Errors
    /// [`InvalidDescription`] for a tag that is too long, or for more than a portal can have.
    pub fn tidy(self) -> Result<Self, InvalidDescription> {
        Ok(Self {
            add: tidied(self.add)?,
            remove: tidied(self.remove)?,
        })
    }

    /// A portal's tags after this change.
    ///
    /// # Errors
    /// [`InvalidDescription`] where it would have more than fit.
    pub fn apply(&self, tags: &[String]) -> Result<Vec<String>, InvalidDescription> {
        let is_off = |tag: &String| self.remove.iter().any(|off| same(off, tag));
        let kept = tags.iter().filter(|tag| !is_off(tag)).cloned();
        let tags = kept.chain(self.add.iter().cloned()).collect();
        tidied(tags)
    }
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn tidied(tags: Vec<String>) -> Result<Vec<String>, InvalidDescription> {
    let description = Description {
        tags,
        ..Description::default()
    };
    Ok(description.tidy()?.tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn change(add: &[&str], remove: &[&str]) -> TagChange {
        TagChange {
            add: words(add),
            remove: words(remove),
        }
    }

    #[test]
    fn tags_are_put_on_after_the_others_and_taken_off_in_any_case() {
        let tidy = change(&[" Юг ", "", "юг", "2027"], &["vip"])
            .tidy()
            .unwrap();
        assert_eq!(tidy, change(&["Юг", "2027"], &["vip"]));
        let tags = tidy.apply(&words(&["VIP", "Окна", "юг"])).unwrap();
        assert_eq!(tags, ["Окна", "юг", "2027"]);
        // What is put on and taken off at once is there.
        let tags = change(&["Юг"], &["юг"]).apply(&words(&["юг"])).unwrap();
        assert_eq!(tags, ["Юг"]);
    }

    #[test]
    fn no_portal_gets_more_tags_than_fit() {
        let many: Vec<_> = (0..20).map(|number| number.to_string()).collect();
        assert_eq!(change(&["new"], &[]).apply(&many), Err(InvalidDescription));
        let swapped = change(&["new"], &["7"]).apply(&many).unwrap();
        assert_eq!((swapped.len(), &*swapped[19]), (20, "new"));
        let long = "я".repeat(41);
        assert_eq!(change(&[&long], &[]).tidy(), Err(InvalidDescription));
    }
}
