//! A CRM on strings: its tokens, its people and its moods are what the test says.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use crmap_crm::sample::{Size, sample};
use crmap_crm::{
    Access, AccountStanding, Credential, CrmAccount, CrmConnector, CrmError, Doors, FreshTokens,
    OpeningClaim, ProvenOpening, RefreshError, RefreshRequest, SetUp, SetUpStep, StepOutcome,
};
use crmap_domain::{Lang, MemberId, Specification, Trouble};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{ADMIN, member};

/// Somebody's access token.
#[derive(Clone)]
struct Token {
    portal: MemberId,
    user: i64,
}

/// What a portal, or the authority, answers to whoever asks.
pub type Mood = fn() -> CrmError;

#[derive(Default)]
struct Facts {
    access: HashMap<String, Token>,
    expired: Vec<String>,
    refresh: HashMap<String, Token>,
    addresses: HashMap<MemberId, String>,
    portal: Option<Mood>,
    /// Refusals of one user alone.
    of_user: HashMap<i64, Mood>,
    authority: Option<fn() -> RefreshError>,
    proof: Option<Mood>,
    /// Refusals of readings alone.
    reading: Option<Mood>,
    /// The same of one portal.
    reading_of: HashMap<MemberId, Mood>,
    /// Portals whose readings wait until they are told otherwise.
    hanging: HashSet<MemberId>,
    /// Portals whose readings end by a panic.
    breaking: HashSet<MemberId>,
    /// How many readings of a portal are under way, and how many were at the most.
    at_once: HashMap<MemberId, (u32, u32)>,
    reads_late: bool,
    /// When readings begin, by what they say.
    reads_at: Option<OffsetDateTime>,
    more_funnels: i64,
    /// Whom the portals took the administration from.
    demoted: Vec<i64>,
    failing_step: bool,
    mixed_up: bool,
    late: bool,
    refreshes_late: bool,
    waiting: bool,
    installed: Option<bool>,
    made: u32,
    log: Vec<String>,
}

/// The CRM.
pub struct World(Mutex<Facts>);

impl World {
    /// With one portal in it.
    pub fn new(portal: &MemberId) -> Self {
        Self(Mutex::new(Facts {
            addresses: HashMap::from([(portal.clone(), "demo.example".to_owned())]),
            installed: Some(true),
            ..Facts::default()
        }))
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap()
    }

    /// What was asked of whom: `refresh 1`, `standing 12 at demo.example`.
    pub fn log(&self) -> Vec<String> {
        self.facts().log.clone()
    }

    pub fn count(&self, start: &str) -> usize {
        let log = self.log();
        log.iter().filter(|line| line.starts_with(start)).count()
    }

    pub fn forget(&self) {
        self.facts().log.clear();
    }

    /// Makes every access token run out.
    pub fn expire(&self) {
        let mut facts = self.facts();
        let all: Vec<String> = facts.access.keys().cloned().collect();
        facts.expired.extend(all);
    }

    /// The portal forgets every access token; the authority still knows the refresh tokens.
    pub fn forget_access_tokens(&self) {
        self.facts().access.clear();
    }

    /// Kills all tokens of a user, or of everybody.
    pub fn revoke(&self, user: Option<i64>) {
        let mut facts = self.facts();
        let keep = |token: &Token| user.is_some_and(|user| token.user != user);
        facts.access.retain(|_, token| keep(token));
        facts.refresh.retain(|_, token| keep(token));
    }

    pub fn portal_says(&self, mood: Option<Mood>) {
        self.facts().portal = mood;
    }

    pub fn user_hears(&self, user: i64, mood: Mood) {
        self.facts().of_user.insert(user, mood);
    }

    pub fn authority_says(&self, mood: Option<fn() -> RefreshError>) {
        self.facts().authority = mood;
    }

    pub fn proofs_say(&self, mood: Option<Mood>) {
        self.facts().proof = mood;
    }

    /// What portals answer to whoever wants to read them; all else works.
    pub fn readings_say(&self, mood: Option<Mood>) {
        self.facts().reading = mood;
    }

    /// When readings say that they began.
    pub fn reads_at(&self, moment: OffsetDateTime) {
        self.facts().reads_at = Some(moment);
    }

    /// What one portal answers to whoever wants to read it.
    pub fn reading_says(&self, portal: &MemberId, mood: Mood) {
        self.facts().reading_of.insert(portal.clone(), mood);
    }

    /// Has readings of a portal wait until they are told otherwise.
    pub fn hangs(&self, portal: &MemberId, hangs: bool) {
        let mut facts = self.facts();
        if hangs {
            facts.hanging.insert(portal.clone());
        } else {
            facts.hanging.remove(portal);
        }
    }

    /// Has readings of a portal end by a panic, or not any more.
    pub fn breaks(&self, portal: &MemberId, breaks: bool) {
        let mut facts = self.facts();
        if breaks {
            facts.breaking.insert(portal.clone());
        } else {
            facts.breaking.remove(portal);
        }
    }

    /// How many readings of one portal were under way at one time, at the most.
    pub fn most_at_once(&self) -> u32 {
        let facts = self.facts();
        facts
            .at_once
            .values()
            .map(|(_, most)| *most)
            .max()
            .unwrap_or(0)
    }

    /// How many readings are under way.
    pub fn being_read(&self) -> u32 {
        self.facts().at_once.values().map(|(now, _)| now).sum()
    }

    /// Has readings wait until they are told otherwise.
    pub fn reads_late(&self, late: bool) {
        self.facts().reads_late = late;
    }

    /// Has all portals have so many funnels besides the first.
    pub fn has_more_funnels(&self, count: i64) {
        self.facts().more_funnels = count;
    }

    /// Takes the administration of all portals from a user.
    pub fn demote(&self, user: i64) {
        self.facts().demoted.push(user);
    }

    pub fn a_step_fails(&self, fails: bool) {
        self.facts().failing_step = fails;
    }

    /// Has the portal think about how it stands until it is told otherwise; installers are not
    /// kept waiting.
    pub fn answers_late(&self, late: bool) {
        self.facts().late = late;
    }

    /// Has the authority keep everybody waiting for new tokens until it is told otherwise.
    pub fn refreshes_late(&self, late: bool) {
        self.facts().refreshes_late = late;
    }

    /// Whether somebody waits for the portal.
    pub fn is_waiting(&self) -> bool {
        self.facts().waiting
    }

    /// Has the authority answer with the pair of somebody else.
    pub fn mix_up(&self, mixed_up: bool) {
        self.facts().mixed_up = mixed_up;
    }

    pub fn is_installed(&self, installed: Option<bool>) {
        self.facts().installed = installed;
    }

    pub fn lives_at(&self, portal: &MemberId, address: &str) {
        self.facts()
            .addresses
            .insert(portal.clone(), address.to_owned());
    }

    /// A new pair for a user.
    pub fn pair(&self, portal: &MemberId, user: i64) -> (String, String) {
        let mut facts = self.facts();
        facts.made += 1;
        let token = Token {
            portal: portal.clone(),
            user,
        };
        let (access, refresh) = (
            format!("access-{}", facts.made),
            format!("refresh-{}", facts.made),
        );
        facts.access.insert(access.clone(), token.clone());
        facts.refresh.insert(refresh.clone(), token);
        (access, refresh)
    }

    fn proven(&self, token: &SecretString) -> Result<ProvenOpening, CrmError> {
        let facts = self.facts();
        if let Some(mood) = facts.proof {
            return Err(mood());
        }
        let text = token.expose_secret();
        let known = facts.access.get(text).cloned();
        let known = known.ok_or(CrmError::NotProved { reason: "unknown" })?;
        if facts.expired.iter().any(|expired| expired == text) {
            return Err(CrmError::Expired);
        }
        let address = facts.addresses[&known.portal].clone();
        Ok(ProvenOpening {
            member_id: known.portal.clone(),
            origin: format!("https://{address}"),
            access: Access {
                base: format!("https://{address}/rest/"),
                credential: Credential::Token(token.clone()),
                member_id: Some(known.portal),
                user_id: Some(known.user),
            },
            address,
            user_id: known.user,
            expires_at: datetime!(2100-01-01 0:00 UTC),
            authority: "https://oauth.example/".to_owned(),
        })
    }
}

/// A reading that is counted as long as it is under way.
struct UnderWay<'a> {
    world: &'a World,
    portal: &'a MemberId,
}

impl<'a> UnderWay<'a> {
    fn begin(world: &'a World, portal: &'a MemberId) -> Self {
        let mut facts = world.facts();
        let (now, most) = facts.at_once.entry(portal.clone()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        drop(facts);
        Self { world, portal }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some((now, _)) = self.world.facts().at_once.get_mut(self.portal) {
            *now -= 1;
        }
    }
}

struct Account {
    world: Arc<World>,
    access: Access,
}

impl Account {
    /// Who asks, if anybody is let in.
    fn user(&self, what: &str) -> Result<i64, CrmError> {
        let Credential::Token(token) = &self.access.credential else {
            panic!("no webhook is used here");
        };
        let mut facts = self.world.facts();
        let text = token.expose_secret();
        let known = facts.access.get(text).cloned();
        let host = self.access.base.clone();
        let user = known.as_ref().map_or(0, |token| token.user);
        facts.log.push(format!("{what} {user} at {host}"));
        let known = known.ok_or(CrmError::Revoked {
            code: "invalid_token".to_owned(),
        })?;
        if let Some(mood) = facts.portal {
            return Err(mood());
        }
        if let Some(mood) = facts.of_user.get(&known.user) {
            return Err(mood());
        }
        if host != format!("https://{}/rest/", facts.addresses[&known.portal]) {
            return Err(CrmError::Moved);
        }
        if facts.expired.iter().any(|expired| expired == text) {
            return Err(CrmError::Expired);
        }
        Ok(known.user)
    }

    fn administers(&self, user: i64) -> bool {
        user == ADMIN && !self.world.facts().demoted.contains(&user)
    }

    fn address(&self) -> String {
        let base = self.access.base.trim_start_matches("https://");
        base.trim_end_matches("/rest/").to_owned()
    }
}

#[async_trait]
impl CrmAccount for Account {
    async fn read_specification(&self, lang: Lang) -> Result<Specification, CrmError> {
        let user = self.user("read")?;
        let portal = self.access.member_id.clone().unwrap();
        let _under_way = UnderWay::begin(&self.world, &portal);
        let is_late = || {
            let facts = self.world.facts();
            facts.reads_late || facts.hanging.contains(&portal)
        };
        while is_late() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let (breaks, mood) = {
            let facts = self.world.facts();
            let mood = facts.reading_of.get(&portal).copied();
            (facts.breaking.contains(&portal), mood)
        };
        assert!(!breaks, "as the test wants it");
        if let Some(mood) = mood {
            return Err(mood());
        }
        if let Some(mood) = self.world.facts().reading {
            return Err(mood());
        }
        let mut specification = sample(Size {
            funnels: 1 + self.world.facts().more_funnels,
            stages: 1,
            fields: 1,
            users: 1,
        });
        specification.portal.address = self.address();
        specification.portal.member_id = self.access.member_id.clone();
        if let Some(moment) = self.world.facts().reads_at {
            specification.reading.at = moment;
        }
        specification.reading.lang = lang;
        specification.reading.viewer.id = user;
        specification.reading.viewer.administrator = self.administers(user);
        Ok(specification)
    }

    async fn standing(&self) -> Result<AccountStanding, CrmError> {
        let kept_waiting = {
            let mut facts = self.world.facts();
            let first = facts.late && !facts.waiting;
            facts.waiting |= first;
            first
        };
        while kept_waiting && self.world.facts().late {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let user = self.user("standing")?;
        Ok(AccountStanding {
            user_id: user,
            user_name: "Анна Титова".to_owned(),
            administrator: self.administers(user),
            installed: self.world.facts().installed,
            version: Some(3),
            payment_expired: Some(false),
            plan: Some("ru_basic".to_owned()),
            scopes: vec!["crm".to_owned(), "placement".to_owned()],
        })
    }

    async fn set_up(&self, _doors: &Doors) -> Result<SetUp, CrmError> {
        let standing = self.standing().await?;
        self.user("set_up")?;
        let fails = self.world.facts().failing_step;
        let outcome = |step| match step {
            SetUpStep::Changes if fails => StepOutcome::Failed(Trouble::RateLimited),
            _ => StepOutcome::Done,
        };
        let steps = SetUpStep::ALL.map(|step| (step, outcome(step)));
        Ok(SetUp {
            standing,
            steps: steps.into(),
        })
    }
}

/// The way to the world.
pub struct Connector(pub Arc<World>);

#[async_trait]
impl CrmConnector for Connector {
    fn account(&self, access: &Access) -> Result<Arc<dyn CrmAccount>, CrmError> {
        Ok(Arc::new(Account {
            world: Arc::clone(&self.0),
            access: access.clone(),
        }))
    }

    async fn prove_opening(&self, claim: &OpeningClaim) -> Result<ProvenOpening, CrmError> {
        let proven = self.0.proven(&claim.access_token)?;
        if proven.member_id != claim.member_id {
            return Err(CrmError::NotProved { reason: "foreign" });
        }
        Ok(proven)
    }

    async fn prove_token(
        &self,
        access_token: &SecretString,
        member_id: &MemberId,
    ) -> Result<ProvenOpening, CrmError> {
        self.0.facts().log.push("prove".to_owned());
        let proven = self.0.proven(access_token)?;
        assert_eq!(proven.member_id, *member_id);
        Ok(proven)
    }

    async fn refresh(&self, request: &RefreshRequest) -> Result<FreshTokens, RefreshError> {
        while self.0.facts().refreshes_late {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let token = {
            let mut facts = self.0.facts();
            let used = facts
                .refresh
                .get(request.refresh_token.expose_secret())
                .cloned();
            let user = used.as_ref().map_or(0, |token| token.user);
            facts.log.push(format!("refresh {user}"));
            if let Some(mood) = facts.authority {
                return Err(mood());
            }
            facts.refresh.remove(request.refresh_token.expose_secret());
            used.ok_or(RefreshError::Rejected {
                code: "invalid_grant".to_owned(),
            })?
        };
        let (access, refresh) = self.0.pair(&token.portal, token.user);
        let (address, mixed_up) = {
            let mut facts = self.0.facts();
            let mixed_up = std::mem::take(&mut facts.mixed_up);
            (facts.addresses[&token.portal].clone(), mixed_up)
        };
        Ok(FreshTokens {
            access_token: access.into(),
            refresh_token: refresh.into(),
            expires_in: time::Duration::HOUR,
            member_id: if mixed_up { member(66) } else { token.portal },
            user_id: token.user,
            base: format!("https://{address}/rest/"),
            address,
        })
    }
}
