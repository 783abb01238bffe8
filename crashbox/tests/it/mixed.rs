//! Every row of security.md §5 at once, one portal in ten (or, in the ordinary run, one in two) ill
//! while the others are well: what each reading comes to, and what is left afterwards.

use std::time::{Duration, Instant};

use crmap_crashbox::{Bug, Said};
use crmap_domain::cabinet::{RunFailure, RunProgress};
use crmap_domain::{MemberId, Trouble};
use portal_sim::{Options, Portal, Seed, UserRole};

use crate::support::*;

/// The rows of the table.
const ROWS: usize = 20;
/// How many portals there are in the ordinary run, and in the full one.
const FEW: usize = 40;
const MANY: usize = 200;
/// A run comes to its end within this time, however many portals are silent and whatever the machine
/// is doing besides: a portal is given up after 20 seconds, and put off or tried again at most once.
const DEADLINE: Duration = Duration::from_secs(150);
/// Worlds of some size for some of the portals; the others are empty ones.
const WORLDS: usize = 24;

/// Who has what.
struct Ward {
    fleet: Fleet,
    /// The ill ones, each in one form of its row.
    ill: Vec<(usize, Ill)>,
}

impl Ward {
    async fn new(portals: usize, round: usize, chance: &mut Chance) -> Self {
        let seeds = (0..WORLDS).map(|_| Seed::Random(chance.below(100_000)));
        let fleet = Fleet::of(Options {
            portals,
            seeds: seeds.chain([Seed::Empty]).collect(),
            tls: true,
            spare_addresses: 3,
            ..Options::default()
        })
        .await;
        let mut numbers: Vec<usize> = (1..=portals).collect();
        let first = chance.below(1_000) as usize;
        let ill = (1..=ROWS).map(|row| {
            let number = numbers.swap_remove(chance.below(numbers.len() as u64) as usize);
            let forms = forms(row);
            (number, forms[(first + round) % forms.len()])
        });
        let ill = ill.collect();
        Self { fleet, ill }
    }

    fn patient(&self, number: usize) -> Patient<'_> {
        Patient {
            cloud: &self.fleet.cloud,
            number,
        }
    }

    fn ill_of(&self, number: usize) -> Option<&Ill> {
        self.ill
            .iter()
            .find(|(ill, _)| *ill == number)
            .map(|(_, ill)| ill)
    }

    /// Those that CRMAP knows, which strangers who come later are not of.
    fn known(&self) -> impl Iterator<Item = &Portal> {
        let portals = self.fleet.cloud.portals();
        portals
            .filter(|portal| !portal.application_token().is_empty())
            .filter(|portal| {
                self.fleet
                    .secrets
                    .iter()
                    .any(|(_, secret)| *secret == portal.application_token())
                    || self.ill_of(portal.number()).is_some()
            })
    }

    async fn fall_ill(&self) {
        for (number, ill) in &self.ill {
            let patient = self.patient(*number);
            (ill.begin)(&patient);
            if ill.nameless {
                self.fleet.lose_name(patient.portal()).await;
            }
        }
    }

    /// The events of all who send any.
    async fn post(&self) {
        for (number, ill) in &self.ill {
            for (kind, is_right) in ill.events {
                let portal = self.fleet.cloud.portal(*number);
                let token = if *is_right {
                    let right = self
                        .fleet
                        .secrets
                        .iter()
                        .filter(|(what, _)| *what == "application token");
                    right
                        .map(|(_, token)| token.clone())
                        .nth(number - 1)
                        .unwrap()
                } else {
                    "0123456789abcdef0123456789abcdef".to_owned()
                };
                let event = [
                    "receive",
                    "--member",
                    portal.member_id(),
                    "--token",
                    &token,
                    "--kind",
                    kind,
                    "--number",
                    "1",
                ];
                let (base, cloud) = (&self.fleet.base, &self.fleet.cloud);
                Worker::start_at(base, cloud, "post", None, &event)
                    .await
                    .end()
                    .await;
            }
        }
    }

    /// Has all portals read; once more where our own database was too busy for one.
    async fn run(&self) -> Result<RunProgress, Violation> {
        let mut run = self.run_once().await?;
        for _ in 0..3 {
            let was_busy = |failed: &RunFailure| failed.trouble == Trouble::StoreUnavailable;
            if !run.failed.iter().any(was_busy) {
                break;
            }
            run = self.run_once().await?;
        }
        Ok(run)
    }

    async fn run_once(&self) -> Result<RunProgress, Violation> {
        let started = Instant::now();
        self.fleet.start_run().await;
        loop {
            let progress = self.fleet.progress().await.unwrap();
            if progress.finished_at.is_some() {
                eprintln!(
                    "{} of {} read in {:?}",
                    progress.read,
                    progress.total,
                    started.elapsed()
                );
                return Ok(progress);
            }
            if started.elapsed() > DEADLINE {
                eprintln!("{progress:?}");
                let (read, total) = (progress.read, progress.total);
                return Err(Violation::NotRead { read, total });
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Whether the portal's reading came to what it should have.
    async fn came_true(
        &self,
        portal: &Portal,
        fate: Fate,
        run: &RunProgress,
    ) -> Result<(), Violation> {
        let member = MemberId::parse(portal.member_id()).unwrap();
        let failure = run.failed.iter().find(|failed| failed.member_id == member);
        let number = portal.number();
        if matches!(fate, Fate::Whatever) {
            return Ok(());
        }
        let otherwise = |came: String| Violation::Otherwise {
            portal: number,
            ill: self.ill_of(number).map_or("well", |ill| ill.name),
            came,
        };
        if let Fate::Failed(is_one) = fate {
            return match failure {
                Some(failed) if is_one(&failed.trouble) => Ok(()),
                came => Err(otherwise(format!("{came:?}"))),
            };
        }
        if let Some(failed) = failure {
            if matches!(fate, Fate::True) {
                return Ok(());
            }
            return Err(otherwise(format!("{:?}", failed.trouble)));
        }
        let kept = patiently(|| self.fleet.store.snapshot(&self.fleet.tenant, &member)).await;
        let Some(kept) = kept else {
            return Err(otherwise("nothing is kept".to_owned()));
        };
        let is_so = match fate {
            Fate::Partly => is_true_in_part(&kept.specification, portal.world()),
            _ => is_true(&kept.specification, portal.world()),
        };
        if is_so {
            Ok(())
        } else {
            Err(Violation::Untrue { portal: number })
        }
    }

    /// All faults end, and each of the ill portals' administrators opens the application.
    async fn recover(&self, doctor: &mut Worker) {
        for (number, ill) in &self.ill {
            let patient = self.patient(*number);
            patient.portal().clear_faults();
            (ill.end)(&patient);
        }
        for (number, ill) in &self.ill {
            let (query, body) = self
                .fleet
                .cloud
                .portal(*number)
                .opening_form(UserRole::Administrator, "ru");
            doctor.tell(&format!("{query}\t{body}")).await;
            let said = doctor
                .until(|said| matches!(said, Said::Opened(_) | Said::Failed(_)))
                .await;
            assert!(matches!(said, Said::Opened(_)), "{}: {said:?}", ill.name);
        }
    }

    /// What must be so whatever has happened.
    async fn is_in_order(&self) -> Result<(), Violation> {
        assert_eq!(self.fleet.store.verify().await.unwrap(), []);
        for (what, sql) in [
            (
                "tasks",
                "select count(*) from refresh_task where ended_at is null",
            ),
            (
                "runs",
                "select count(*) from refresh_run where finished_at is null",
            ),
            (
                "leases of readings",
                "select count(*) from portal where reading_until is not null and reading_owner is not null",
            ),
            (
                "leases of chains",
                "select count(*) from credential where lease_owner is not null",
            ),
            (
                "chains in doubt",
                "select count(*) from credential where status = 'ambiguous'",
            ),
            (
                "linked portals without a next time",
                "select count(*) from portal where next_reading_at is null and state = 'ok' \
                 and exists (select 1 from link where link.member_id = portal.member_id \
                 and link.void_since is null)",
            ),
        ] {
            let count = self.fleet.base.count(sql).await;
            if count > 0 {
                return Err(Violation::Left { what, count });
            }
        }
        for entry in self.fleet.cloud.violations() {
            let portal = entry.portal.unwrap();
            if !self
                .ill_of(portal)
                .is_some_and(|ill| ill.shown_to_a_stranger)
            {
                return Err(Violation::ShownToAStranger { portal });
            }
        }
        told_secrets(&self.fleet).await
    }
}

async fn worker(ward: &Ward, name: &str, bug: Option<Bug>) -> Worker {
    let arguments = ["--hasty", "--pace", "200", "read"];
    let (base, cloud) = (&ward.fleet.base, &ward.fleet.cloud);
    let mut worker = Worker::start_at(base, cloud, name, bug, &arguments).await;
    worker.until(|said| *said == Said::Ready).await;
    worker
}

async fn everything_at_once(
    portals: usize,
    round: usize,
    bug: Option<Bug>,
) -> Result<(), Violation> {
    let mut chance = Chance::new("mixed");
    let ward = Ward::new(portals, round, &mut chance).await;
    let shared = ward.ill.iter().find(|(_, ill)| ill.name.starts_with("F05"));
    let shared = ward.fleet.cloud.portal(shared.unwrap().0);
    let second = ward.fleet.second_cabinet(shared).await;
    ward.fall_ill().await;
    let (one, two) = (
        worker(&ward, "one", bug).await,
        worker(&ward, "two", bug).await,
    );
    ward.post().await;
    let run = ward.run().await?;
    let mut wrong = Vec::new();
    for portal in ward.known() {
        let fate = ward
            .ill_of(portal.number())
            .map_or(Fate::Read, |ill| ill.during);
        wrong.extend(ward.came_true(portal, fate, &run).await.err());
    }
    if let Some(first) = wrong.first() {
        eprintln!("{wrong:#?}");
        return Err(first.clone());
    }
    one.end().await;
    two.end().await;
    let mut doctor = worker(&ward, "three", bug).await;
    ward.recover(&mut doctor).await;
    let run = ward.run().await?;
    for portal in ward.known() {
        let ill = ward.ill_of(portal.number());
        let fate = ill.map_or(Fate::Read, |ill| ill.after);
        ward.came_true(portal, fate, &run).await?;
    }
    let member = MemberId::parse(shared.member_id()).unwrap();
    let kept = patiently(|| ward.fleet.store.snapshot(&second, &member)).await;
    assert!(is_true(&kept.unwrap().specification, shared.world()), "F05");
    doctor.end().await;
    ward.is_in_order().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f01_to_f20_together_leave_everything_in_order() {
    if number_from("CRASHBOX_FULL", 0) == 0 {
        let round = 0;
        everything_at_once(FEW, round, None).await.unwrap();
        return;
    }
    for round in 0..4 {
        everything_at_once(MANY, round, None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn f01_to_f20_together_catch_rows_that_are_lost() {
    let caught = everything_at_once(ROWS + 2, 0, Some(Bug::LoseRows)).await;
    assert!(
        matches!(caught, Err(Violation::Untrue { .. })),
        "{caught:?}"
    );
}
