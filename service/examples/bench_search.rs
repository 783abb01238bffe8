//! Measures the search over all portals: fills a database through the store, asks several hundred
//! different questions, and prints how long they took. Takes the address of a database that may be
//! filled (`sqlite:///path/to/file`, `postgres://…`), the number of portals (500 unless told), and
//! about how many rows each has (1000 unless told). Filled once, it is only asked.
#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use crmap_crm::sample::{Size, sample};
use crmap_crm::{Clock, Doors, FakeCrm};
use crmap_domain::cabinet::{Denial, Found, Level};
use crmap_domain::search::fleet::other_layout;
use crmap_domain::{
    ConnectionToken, CustomField, Fields, Funnel, Lang, ListItem, Meaning, MemberId, Section,
    Specification, Stage,
};
use crmap_service::{Entered, LogIn, PasswordCost, Registration, Services, Settings, Visitor};
use crmap_store::{
    Comparison, Entropy, Grant, InstallFacts, Keeping, KeyRing, NewReading, OpeningTokens,
    SeenPortal, Store, StoreSettings,
};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

/// How many questions of each kind are asked.
const QUESTIONS: usize = 60;
const PASSWORD: &str = "верблюд идёт по мосту";
const STEMS: [&str; 40] = [
    "договор",
    "поставк",
    "клиент",
    "оплат",
    "счёт",
    "заявк",
    "источник",
    "звонок",
    "сайт",
    "скидк",
    "менеджер",
    "отгрузк",
    "склад",
    "товар",
    "услуг",
    "комплект",
    "этап",
    "причин",
    "отказ",
    "срок",
    "регион",
    "город",
    "бюджет",
    "проект",
    "объект",
    "монтаж",
    "замер",
    "доставк",
    "возврат",
    "гаранти",
    "партнёр",
    "тендер",
    "контракт",
    "аренд",
    "лизинг",
    "сервис",
    "ремонт",
    "обращени",
    "согласовани",
    "производств",
];
const ENDINGS: [&str; 8] = ["", "а", "ы", "ов", "ный", "ная", "ное", "ом"];

/// A second passes whenever somebody looks: nobody is sent away for asking too fast.
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> OffsetDateTime {
        let seconds = self.0.fetch_add(1, Ordering::Relaxed);
        OffsetDateTime::from_unix_timestamp(1_800_000_000 + seconds).expect("a moment")
    }
}

/// The same numbers in each run, mixed well.
struct Mixed(AtomicI64);

impl Mixed {
    fn next(&self) -> u64 {
        let number = self.0.fetch_add(1, Ordering::Relaxed) as u64;
        let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn word(&self) -> String {
        let stem = STEMS[self.below(STEMS.len())];
        format!("{stem}{}", ENDINGS[self.below(ENDINGS.len())])
    }

    fn label(&self) -> String {
        let words: Vec<_> = (0..=self.below(3)).map(|_| self.word()).collect();
        let mut label = words.join(" ");
        if self.below(3) == 0 {
            label.push_str(&format!(" {}", self.below(1000)));
        }
        let first = label.chars().next().expect("a letter").to_uppercase();
        first.chain(label.chars().skip(1)).collect()
    }
}

impl Entropy for Mixed {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.next() as u8;
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().expect("the address of a database");
    let mut number = |usual| {
        arguments
            .next()
            .map_or(usual, |text| text.parse().expect("a number"))
    };
    let (portals, rows) = (number(500), number(1000));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime
        .expect("a runtime")
        .block_on(measure(&url, portals, rows));
}

async fn measure(url: &str, portals: usize, rows: usize) {
    let store = Arc::new(open(url).await);
    let services = services(&store);
    let (entered, token) = enter(&services).await;
    fill(&store, &services, &entered, &token, portals, rows).await;
    drop(services);
    // As a server that was just started.
    let services = self::services(&store);
    let (entered, _) = enter(&services).await;
    let cold = Instant::now();
    let first = services
        .find(&entered, "договор поставки", None)
        .await
        .expect("an answer");
    println!("portals               {:>10}", first.portals);
    println!(
        "first, nothing loaded {:>10.1} ms, {} rows found",
        ms(cold.elapsed()),
        first.total
    );
    let (mut all, mut total) = (Vec::new(), 0.0);
    println!("kind                         p50 ms     p95 ms     p99 ms     CPU ms      found");
    for (kind, questions) in questions(portals, rows) {
        let (mut times, mut found, before) = (Vec::new(), 0, cpu());
        for question in questions {
            let began = Instant::now();
            let answer: Result<Found, Denial> = services.find(&entered, &question, None).await;
            times.push(began.elapsed());
            found += u64::from(answer.expect("an answer").total);
        }
        let spent = (cpu() - before) / times.len() as f64;
        print(kind, &mut times, spent, found);
        total += spent;
        all.extend(times);
    }
    let kinds = all.len() / QUESTIONS;
    print("all", &mut all, total / kinds as f64, 0);
    println!(
        "rows in memory        {:>10.1} MB",
        services.search_memory() as f64 / 1e6
    );
    println!("resident              {:>10} MB", resident() / 1000);
}

fn print(kind: &str, times: &mut [Duration], spent: f64, found: u64) {
    times.sort();
    let at = |part: usize| ms(times[(times.len() * part / 100).min(times.len() - 1)]);
    let (half, most, all) = (at(50), at(95), at(99));
    println!("{kind:<22} {half:>12.2} {most:>10.2} {all:>10.2} {spent:>10.2} {found:>10}");
}

/// How many milliseconds all threads have worked, which does not depend on what else goes on.
fn cpu() -> f64 {
    let status = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = status.rsplit_once(") ").map_or("", |(_, after)| after);
    let times = after.split(' ').skip(11).take(2);
    let ticks: f64 = times.filter_map(|time| time.parse::<f64>().ok()).sum();
    // A hundred in a second, on any Linux.
    ticks * 10.0
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// In thousands of bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let size = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    size.unwrap_or_default() * 1024 / 1000
}

async fn open(url: &str) -> Store {
    let settings = StoreSettings {
        url: url.to_owned().into(),
        keys: KeyRing::generate([7; 32]),
        entropy: Arc::new(Mixed(AtomicI64::new(1))),
        spill_dir: None,
        connections: 8,
    };
    Store::open(settings).await.expect("a database")
}

fn services(store: &Arc<Store>) -> Services {
    let crm = FakeCrm {
        specification: Arc::new(sample(Size {
            funnels: 0,
            stages: 0,
            fields: 0,
            users: 0,
        })),
        token: None,
        expires_at: OffsetDateTime::UNIX_EPOCH,
        reading_takes: Duration::ZERO,
        failure: None,
    };
    let settings = Settings {
        password_cost: PasswordCost {
            memory_kib: 64,
            passes: 1,
            lanes: 1,
        },
        ..Settings::new(Doors {
            events: "https://crmap.example/bitrix/events".to_owned(),
            app: "https://crmap.example/bitrix/app".to_owned(),
        })
    };
    // Names of rows are never the same, in this run or another.
    static STARTED: AtomicI64 = AtomicI64::new(0);
    let started = STARTED.fetch_add(1, Ordering::Relaxed);
    let seed = (i64::from(std::process::id()) << 32) + (started << 28);
    Services::new(
        Arc::new(crm),
        Arc::clone(store),
        Arc::new(Ticking(AtomicI64::new(0))),
        Arc::new(Mixed(AtomicI64::new(seed))),
        settings,
    )
}

/// The one owner of all portals, and the connection token.
async fn enter(services: &Services) -> (Entered, SecretString) {
    let visitor = Visitor {
        ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        agent: "bench".to_owned(),
    };
    let email = "owner@example.ru".to_owned();
    let form = Registration {
        name: "Владелец".to_owned(),
        email: email.clone(),
        password: SecretString::from(PASSWORD),
        lang: Lang::Ru,
    };
    // It is known in the second run.
    let _ = services.register(form, &visitor).await;
    let form = LogIn {
        email,
        password: SecretString::from(PASSWORD),
    };
    let given = services
        .log_in(form, &visitor, None, None)
        .await
        .expect("let in");
    let cookie = given.cookie.expose_secret().to_owned();
    let entered = services.enter(&cookie, &visitor).await.expect("entered");
    let token = services.connection_token(&entered).await.expect("a token");
    (entered, token)
}

fn member(number: usize) -> MemberId {
    MemberId::parse(&format!("{number:032x}")).expect("an id")
}

async fn fill(
    store: &Store,
    services: &Services,
    entered: &Entered,
    token: &SecretString,
    portals: usize,
    rows: usize,
) {
    let token = ConnectionToken::parse(token.expose_secret()).expect("a token");
    let cabinet = store
        .cabinet_of_token(&token)
        .await
        .expect("a database")
        .expect("a cabinet");
    let known = services.portals(entered).await.expect("portals").len();
    let began = Instant::now();
    for number in known..portals {
        let now = services.now();
        let address = format!("p{number}.bitrix24.ru");
        let seen = SeenPortal {
            member_id: member(number),
            base: format!("https://{address}/rest/"),
            origin: format!("https://{address}"),
            authority: "https://oauth.bitrix.info".to_owned(),
            address,
            now,
        };
        store.remember_opening(&seen).await.expect("remembered");
        let tokens = OpeningTokens {
            member_id: member(number),
            user_id: 1,
            administrator: Some(true),
            access: SecretString::from(format!("access-{number}")),
            expires_at: now,
            candidate: None,
            now,
            keep_at_most: 5,
        };
        store.remember_tokens(&tokens).await.expect("kept");
        let facts = InstallFacts {
            version: Some(3),
            plan: None,
            scopes: vec!["crm".to_owned()],
            now,
        };
        assert!(
            store
                .finish_install(&member(number), &facts)
                .await
                .expect("installed")
        );
        let grant = Grant {
            member_id: member(number),
            installs: 1,
            level: Level::Read,
            user_id: 1,
            now,
            first_reading_at: now,
        };
        store.link(&cabinet.id, &grant, None).await.expect("linked");
        let read = Arc::new(specification(number, rows));
        let reading = NewReading::of(&read, now).await.expect("a reading");
        let first = Comparison {
            with: None,
            changes: Vec::new(),
            known: None,
        };
        let kept = store
            .put_snapshot(&member(number), 1, &reading, &first)
            .await;
        assert_eq!(kept.expect("kept"), Keeping::Kept);
    }
    println!(
        "filled in             {:>10.1} s",
        began.elapsed().as_secs_f64()
    );
}

/// A tenth of the rows are stages, a third fields, the rest items of lists.
fn specification(number: usize, rows: usize) -> Specification {
    let mixed = Mixed(AtomicI64::new((number as i64 + 1) << 24));
    let base = 1_700_000_000 + (number as i64) * 10_000;
    let funnels = (rows / 100).max(1) as i64;
    let mut made = sample(Size {
        funnels: 0,
        stages: 0,
        fields: 0,
        users: 20,
    });
    made.portal.member_id = Some(member(number));
    made.funnels = Section::Rows((0..funnels).map(|id| funnel(id, &mixed)).collect());
    let stages = (0..funnels).flat_map(|funnel| (0..9).map(move |place| (funnel, place)));
    let stages = stages.map(|(funnel, place)| stage(funnel, place, base, &mixed));
    made.stages = Section::Rows(stages.collect());
    let fields =
        |from: i64, to: i64| Section::Rows((from..to).map(|id| field(base + id, &mixed)).collect());
    let total = (rows * 3 / 10) as i64;
    made.fields = Fields {
        deal: fields(0, total / 2),
        contact: fields(total / 2, total * 3 / 4),
        company: fields(total * 3 / 4, total),
        lead: None,
    };
    made
}

fn funnel(id: i64, mixed: &Mixed) -> Funnel {
    Funnel {
        id,
        name: mixed.label(),
        sort: id,
        is_default: id == 0,
    }
}

fn stage(funnel_id: i64, place: i64, base: i64, mixed: &Mixed) -> Stage {
    Stage {
        id: base + funnel_id * 10 + place,
        entity_id: format!("DEAL_STAGE_{funnel_id}"),
        funnel_id,
        status_id: format!("C{funnel_id}:UC_{:06X}", mixed.below(1 << 24)),
        name: mixed.label(),
        sort: place,
        meaning: Meaning::InProgress,
        color: None,
        system: false,
    }
}

fn field(id: i64, mixed: &Mixed) -> CustomField {
    let item = |place: i64| ListItem {
        id: (id - 1_700_000_000) * 10 + place,
        value: mixed.label(),
        sort: place,
        is_default: false,
        xml_id: None,
    };
    let is_list = id % 3 == 0;
    CustomField {
        id,
        code: format!("UF_CRM_{id}"),
        label: mixed.label(),
        type_code: if is_list { "enumeration" } else { "string" }.to_owned(),
        refers_to: Vec::new(),
        required: false,
        multiple: false,
        sort: id,
        xml_id: None,
        items: (0..if is_list { 6 } else { 0 }).map(item).collect(),
    }
}

/// Questions of every kind, each different from the others.
fn questions(portals: usize, rows: usize) -> BTreeMap<&'static str, Vec<String>> {
    let mixed = Mixed(AtomicI64::new(1 << 60));
    let id = || 1_700_000_000 + mixed.below(portals) * 10_000 + mixed.below(rows * 3 / 10);
    let without = |word: &str, place: usize| -> String {
        let letters = word.chars().enumerate();
        letters
            .filter(|(at, _)| *at != place)
            .map(|(_, letter)| letter)
            .collect()
    };
    let part = |word: String| word.chars().take(4).collect::<String>();
    let typed = |word: String| other_layout(&word).expect("letters");
    let mut made: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for number in 0..QUESTIONS {
        let mut ask = |kind, question| made.entry(kind).or_default().push(question);
        ask("a whole ID", format!("UF_CRM_{}", id()));
        ask("a part of an ID", (id() % 1_000_000).to_string());
        ask("a word", mixed.word());
        ask("a part of a word", part(mixed.word()));
        ask("two words", format!("{} {}", mixed.word(), mixed.word()));
        ask("two letters", mixed.word().chars().take(2).collect());
        ask("a typo", without(&mixed.word(), 3));
        ask(
            "two words, a typo",
            format!(
                "{} {}",
                mixed.word(),
                without("производственное", 4 + number % 6)
            ),
        );
        ask("the other layout", typed(mixed.word()));
        ask("nothing", format!("невиданное {number}"));
    }
    made
}
