//! A disk that is full, once and again and again.

use super::{FULL, Faults, ROOM};
use crate::{
    Result, Store, StoreError, StoreOptions,
    fixtures::{START, act, deployment, drawn, id, new_prediction, revision},
};
use domain::{
    access::{Role, Token},
    deployment::Deployment,
    ids::{PredictionId, TokenId},
    review::Saved,
};
use sea_orm::ConnectionTrait;
use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{sync::mpsc, task::JoinSet};

struct Disk {
    store: Store,
    faults: Arc<Faults>,
}

impl Disk {
    async fn open(folder: &Path) -> Self {
        let faults = Faults::of(&folder.join("fovea.db"));
        Self { store: Store::open(StoreOptions::in_folder(folder)).await.unwrap(), faults }
    }

    /// The database may not grow by a page.
    async fn fill(&self) {
        self.faults.set_full(true);
        self.store.inner.db.writer.execute_unprepared(FULL).await.unwrap();
    }

    async fn make_room(&self) {
        self.faults.set_full(false);
        self.store.inner.db.writer.execute_unprepared(ROOM).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_then_heals() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).await;
    let gate = deployment(&disk.store, "gate").await;
    disk.fill().await;
    let mut answered = Vec::new();
    let mut refused = Vec::new();
    while refused.len() < 8 {
        let new = new_prediction(&gate);
        match disk.store.predictions().insert(new.clone()).await {
            Ok(_) => answered.push(new.id),
            Err(StoreError::Full(_)) => refused.push(new.id),
            Err(error) => panic!("{error:?}"),
        }
    }
    disk.make_room().await;
    for _ in 0..8 {
        answered.push(disk.store.predictions().insert(new_prediction(&gate)).await.unwrap().id);
    }
    for id in &answered {
        assert!(
            disk.store.predictions().find(*id).await.unwrap().is_some(),
            "not to be read before the stop"
        );
    }
    disk.store.close().await.unwrap();
    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    for id in &answered {
        assert!(store.predictions().find(*id).await.unwrap().is_some(), "lost at the stop");
    }
    for id in &refused {
        assert_eq!(store.predictions().find(*id).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_refuses_the_whole_group_and_the_next_one_is_stored() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).await;
    let gate = deployment(&disk.store, "gate").await;
    disk.store.predictions().insert(new_prediction(&gate)).await.unwrap();
    // A token is one statement, a deployment's threshold a transaction.
    let token = |text: &str| {
        (
            Token {
                id: id(),
                name: text.into(),
                role: Role::Viewer,
                created: START,
                last_used: None,
                owner: None,
                expires: None,
            },
            text.to_owned(),
        )
    };
    for number in 0..3 {
        let (token, hash) = token(&format!("t{number}"));
        disk.faults.refuse_commits(1);
        disk.store.tokens().insert(&token, &hash, act()).await.unwrap_err();
        assert_eq!(disk.store.tokens().find_by_hash(&hash).await.unwrap(), None);
        disk.store.tokens().insert(&token, &hash, act()).await.unwrap();
        assert!(disk.store.tokens().find_by_hash(&hash).await.unwrap().is_some());
        let new = new_prediction(&gate);
        disk.faults.refuse_commits(1);
        disk.store.predictions().insert(new.clone()).await.unwrap_err();
        assert_eq!(disk.store.predictions().find(new.id).await.unwrap(), None);
        disk.store.predictions().insert(new.clone()).await.unwrap();
        assert!(disk.store.predictions().find(new.id).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_group_that_meets_a_full_disk_is_tried_once() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).await;
    let gate = deployment(&disk.store, "gate").await;
    disk.fill().await;
    while disk.store.predictions().insert(new_prediction(&gate)).await.is_ok() {}
    let many: Vec<_> = (0..256).map(|_| new_prediction(&gate)).collect();
    let groups = many.len();
    disk.faults.arm(0);
    let answers = disk.store.predictions().insert_many(many).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(StoreError::Full(_)))));
    let (_, statements) = disk.faults.disarm();
    assert!(statements < groups, "{statements} statements for one group");
}

/// What is to be found later, and what is not.
#[derive(Default)]
struct Answers {
    stored: Vec<PredictionId>,
    refused: Vec<PredictionId>,
    reviewed: Vec<PredictionId>,
    not_reviewed: Vec<PredictionId>,
    tokens: Vec<String>,
    no_tokens: Vec<String>,
}

/// What writers share.
#[derive(Clone)]
struct Writers {
    store: Store,
    gate: Deployment,
    answers: Arc<Mutex<Answers>>,
    outcomes: mpsc::UnboundedSender<bool>,
    stop: Arc<AtomicBool>,
}

impl Writers {
    /// Notes an outcome; one that is no fault of the disk is a fault of ours.
    fn note<T, I>(
        &self,
        id: I,
        result: Result<T>,
        choose: fn(&mut Answers) -> (&mut Vec<I>, &mut Vec<I>),
    ) -> bool {
        let stored = result.is_ok();
        if let Err(error) = result {
            let wrong = matches!(error, StoreError::NotFound { .. } | StoreError::Conflict { .. });
            assert!(!wrong, "{error:?}");
        }
        let mut answers = self.answers.lock().unwrap();
        let (good, bad) = choose(&mut answers);
        if stored {
            good.push(id);
        } else {
            bad.push(id);
        }
        let _ = self.outcomes.send(stored);
        stored
    }

    /// Reports, now and then with a review.
    async fn report(self, reviews: bool) {
        while !self.stop.load(Ordering::Relaxed) {
            let new = new_prediction(&self.gate);
            let id = new.id;
            let result = self.store.predictions().insert(new).await;
            let stored = self.note(id, result, |answers| (&mut answers.stored, &mut answers.refused));
            if stored && reviews {
                let saved = self.store.reviews().save(revision(id, 0, vec![drawn("car", 2.0)], "eve")).await;
                if let Ok(saved) = &saved {
                    assert!(matches!(saved, Saved::Stored { .. }));
                }
                self.note(id, saved, |answers| (&mut answers.reviewed, &mut answers.not_reviewed));
            }
        }
    }

    async fn make_tokens(self) {
        while !self.stop.load(Ordering::Relaxed) {
            let token = Token {
                id: id::<TokenId>(),
                name: "ci".into(),
                role: Role::Viewer,
                created: START,
                last_used: None,
                owner: None,
                expires: None,
            };
            let hash = token.id.to_string();
            let result = self.store.tokens().insert(&token, &hash, act()).await;
            self.note(hash, result, |answers| (&mut answers.tokens, &mut answers.no_tokens));
        }
    }
}

/// xorshift: the same moments in each run, as far as threads allow.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_times_full_at_any_moment_loses_nothing_that_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).await;
    let gate = deployment(&disk.store, "gate").await;
    let (outcomes, mut heard) = mpsc::unbounded_channel();
    let answers = Arc::new(Mutex::new(Answers::default()));
    let stop = Arc::new(AtomicBool::new(false));
    let writers = Writers { store: disk.store.clone(), gate, answers: Arc::clone(&answers), outcomes, stop };
    let mut tasks = JoinSet::new();
    for number in 0..6 {
        tasks.spawn(writers.clone().report(number % 2 == 0));
    }
    for _ in 0..2 {
        tasks.spawn(writers.clone().make_tokens());
    }
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for round in 0..20 {
        for _ in 0..random.below(150) {
            heard.recv().await.unwrap();
        }
        match round % 4 {
            // In the midst of a statement, of any transaction.
            0 => disk.faults.arm(1 + random.below(40)),
            // At commits.
            1 => disk.faults.refuse_commits(1 + random.below(5)),
            _ => disk.fill().await,
        }
        while heard.recv().await.unwrap() {}
        for _ in 0..random.below(30) {
            heard.recv().await.unwrap();
        }
        disk.make_room().await;
        while !heard.recv().await.unwrap() {}
    }
    writers.stop.store(true, Ordering::Relaxed);
    while let Some(task) = tasks.join_next().await {
        task.unwrap();
    }
    disk.store.close().await.unwrap();

    let store = Store::open(StoreOptions::in_folder(folder.path())).await.unwrap();
    let answers = std::mem::take(&mut *answers.lock().unwrap());
    assert!(answers.refused.len() + answers.not_reviewed.len() + answers.no_tokens.len() >= 20);
    for id in &answers.stored {
        assert!(store.predictions().find(*id).await.unwrap().is_some(), "{id} was answered");
    }
    for id in &answers.refused {
        assert_eq!(store.predictions().find(*id).await.unwrap(), None, "{id} was refused");
    }
    for id in &answers.reviewed {
        assert!(store.reviews().latest(*id).await.unwrap().is_some(), "the review of {id} was answered");
    }
    for id in &answers.not_reviewed {
        assert_eq!(store.reviews().latest(*id).await.unwrap(), None, "the review of {id} was refused");
    }
    for hash in &answers.tokens {
        assert!(store.tokens().find_by_hash(hash).await.unwrap().is_some(), "{hash} was answered");
    }
    for hash in &answers.no_tokens {
        assert_eq!(store.tokens().find_by_hash(hash).await.unwrap(), None, "{hash} was refused");
    }
    assert_eq!(store.inconsistencies().await.unwrap(), Vec::<String>::new());
}
