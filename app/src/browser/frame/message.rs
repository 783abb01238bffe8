//! The texts that page and portal exchange (bitrix24.md §6.2-6.4), and which answer belongs to which
//! question. It speaks to nobody: who may be listened to is for [`super::Frame`] to say (SEC-44).

use std::collections::HashMap;

/// Answers hold a pair of tokens or a size; nothing that is longer is one.
const LONGEST: usize = 64 * 1024;

/// What ties the frame to the page around it: the end of the window's name.
pub(super) fn app_sid(window: &str) -> Option<&str> {
    window.rsplit('|').next().filter(|sid| !sid.is_empty())
}

/// What is said to the portal: a command, with parameters in JSON where it takes some, and the
/// ticket that the answer will name.
pub(super) fn command(name: &str, parameters: Option<&str>, ticket: &str, app_sid: &str) -> String {
    match parameters {
        Some(parameters) => format!("{name}:{parameters}:{ticket}:{app_sid}"),
        None => format!("{name}:{ticket}:{app_sid}"),
    }
}

/// Questions that wait for their answers, by their tickets, with what is told when one comes.
pub(super) struct Questions<T>(HashMap<String, T>);

impl<T> Default for Questions<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Questions<T> {
    /// Waits for an answer.
    pub(super) fn ask(&mut self, ticket: String, tell: T) {
        self.0.insert(ticket, tell);
    }

    /// Waits no more.
    pub(super) fn forget(&mut self, ticket: &str) {
        self.0.remove(ticket);
    }

    /// The question that a message answers, and the answer; each is answered once. Nothing where the
    /// message is something else.
    pub(super) fn answered<'a>(&mut self, message: &'a str) -> Option<(T, &'a str)> {
        if message.len() > LONGEST {
            return None;
        }
        let (ticket, answer) = message.split_once(':')?;
        Some((self.0.remove(ticket)?, answer))
    }
}

#[cfg(test)]
mod tests {
    use crmap_fuzz::Target;

    use super::*;

    const WORDS: [&str; 8] = [
        "crmap1x1f",
        "crmap2x2f",
        "crmap3x3f:",
        ":{\"AUTH_ID\":\"evil\"}",
        "refreshAuth",
        "resizeWindow:",
        "|",
        "null",
    ];

    #[test]
    fn sec_44_a_message_answers_the_question_that_it_names_and_no_other() {
        let target = Target::new(env!("CARGO_MANIFEST_DIR"), "message");
        target.knowing(&WORDS).up_to(70_000).run(|input| {
            let message = String::from_utf8_lossy(input);
            let mut questions = Questions::default();
            for (number, ticket) in ["crmap1x1f", "crmap2x2f", "crmap3x3f"].iter().enumerate() {
                questions.ask((*ticket).to_owned(), number);
            }
            questions.forget("crmap2x2f");
            let answered = questions.answered(&message);
            let waiting = questions.0.len();
            let Some((number, answer)) = answered else {
                assert_eq!(waiting, 2);
                return 0;
            };
            assert_ne!(number, 1, "nobody waits for that any more");
            assert_eq!(message, format!("crmap{0}x{0}f:{answer}", number + 1));
            assert_eq!(waiting, 1);
            assert!(questions.answered(&message).is_none(), "it was answered");
            1 + answer.len().min(50)
        });
    }

    #[test]
    fn sec_44_no_message_of_any_length_is_looked_at() {
        for (longer, counts) in [(0, true), (1, false)] {
            let mut questions = Questions::default();
            questions.ask("crmap1x1f".to_owned(), ());
            let answer = "a".repeat(LONGEST - "crmap1x1f:".len() + longer);
            let message = format!("crmap1x1f:{answer}");
            assert_eq!(questions.answered(&message).is_some(), counts);
        }
    }

    #[test]
    fn sec_44_names_of_windows_of_any_kind_give_one_word_or_none() {
        let target = Target::new(env!("CARGO_MANIFEST_DIR"), "message");
        target.knowing(&["|", "demo.bitrix24.ru|1|"]).run(|input| {
            let name = String::from_utf8_lossy(input);
            let sid = app_sid(&name);
            assert!(sid.is_none_or(|sid| !sid.is_empty() && !sid.contains('|')));
            let said = command(
                "resizeWindow",
                Some("{}"),
                "crmap1x1",
                sid.unwrap_or_default(),
            );
            assert!(said.starts_with("resizeWindow:{}:crmap1x1:"));
            sid.map(|sid| sid.len().min(50))
        });
    }
}
