//! What a portal posts.

use portal_sim::{Portal, UserRole};

/// What a portal posts, open to be tampered with.
#[derive(Debug, Clone)]
pub struct Form {
    pub door: &'static str,
    pub query: Vec<(String, String)>,
    pub body: Vec<(String, String)>,
}

impl Form {
    pub fn of(portal: &Portal, role: UserRole) -> Self {
        let (query, body) = portal.opening_form(role, "ru");
        let pairs = |text: &str| {
            url::form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect()
        };
        Self {
            door: "/bitrix/app",
            query: pairs(&query),
            body: pairs(&body),
        }
    }

    /// A form that names no portal of any cloud.
    pub fn made_up() -> Self {
        let pairs = |pairs: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            pairs.iter().map(owned).collect()
        };
        Self {
            door: "/bitrix/app",
            query: pairs(&[
                ("DOMAIN", "demo.bitrix24.ru"),
                ("PROTOCOL", "1"),
                ("LANG", "ru"),
                ("APP_SID", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
            ]),
            body: pairs(&[
                ("AUTH_ID", "access-token-of-the-user"),
                ("AUTH_EXPIRES", "3600"),
                ("REFRESH_ID", "refresh-token-of-the-user"),
                ("APPLICATION_TOKEN", "application-token-of-the-portal"),
                ("member_id", "0123456789abcdef0123456789abcdef"),
                ("PLACEMENT", "DEFAULT"),
            ]),
        }
    }

    pub fn get(&self, name: &str) -> &str {
        let mut all = self.query.iter().chain(&self.body);
        &all.find(|(known, _)| known == name).unwrap().1
    }

    #[must_use]
    pub fn set(mut self, name: &str, value: &str) -> Self {
        let mut all = self.query.iter_mut().chain(&mut self.body);
        match all.find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => self.body.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.query.retain(|(known, _)| known != name);
        self.body.retain(|(known, _)| known != name);
        self
    }

    #[must_use]
    pub fn at(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same form for another door.
    #[must_use]
    pub const fn to(mut self, door: &'static str) -> Self {
        self.door = door;
        self
    }

    pub fn target(&self) -> String {
        format!("{}?{}", self.door, encoded(&self.query))
    }

    pub fn encoded_body(&self) -> String {
        encoded(&self.body)
    }
}

fn encoded(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}
