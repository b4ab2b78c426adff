//! Trainings that are stopped, killed, or whose database goes away: each goes
//! on, and its curve has neither gap nor double step.

mod stepping;

use domain::{
    ids::WorkItemId,
    model::{Experiment, Series},
    training::TrainError,
    work::{WorkItem, WorkState},
};
use service::{Internal, Lane};
use std::{collections::BTreeSet, sync::Arc};
use stepping::{Act, STEPS, Stepping, Training};
use store::Store;
use test_support::{admin, ended_after, run_background_task};

/// The curve is whole.
async fn check_curve(store: &Store, experiment: &Experiment) {
    let points = store.experiments().points(experiment.id).await.expect("reads");
    let losses: Vec<(u32, f64)> =
        points.iter().filter(|p| p.series == Series::Loss).map(|p| (p.step, p.value)).collect();
    let wanted: Vec<(u32, f64)> = (1..=STEPS).map(|step| (step, 1.0 / f64::from(step))).collect();
    assert_eq!(losses, wanted);
}

async fn check_succeeded(training: &Training, experiment: &Experiment, attempts: u32) {
    let store = training.service.store();
    let (item, ended) = both(training, experiment).await;
    assert_eq!(ended.state, WorkState::Succeeded, "{:?}", ended.error);
    assert_eq!((item.attempts, ended.model_version.as_deref()), (attempts, Some("cells/1")));
    check_curve(store, experiment).await;
    assert!(!training.trainer.folder_of(experiment).exists(), "its checkpoints are removed");
}

/// The work and its experiment, which are in the same state.
async fn both(training: &Training, experiment: &Experiment) -> (WorkItem, Experiment) {
    let store = training.service.store();
    let item = store.work().find(WorkItemId(experiment.id.0)).await.expect("reads").expect("there");
    let experiment = store.experiments().find(experiment.id).await.expect("reads").expect("there");
    assert_eq!(item.state, experiment.state);
    assert_eq!(store.inconsistencies().await.expect("reads"), Vec::<String>::new());
    (item, experiment)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn launches_of_one_second_have_names_of_their_own() {
    let training = Training::on_sqlite(Stepping::new(|_, _| Act::Step)).await;
    training.queue.leaves("train");
    let launch = || training.launch_called(None);
    let (a, b, c, d) = tokio::join!(launch(), launch(), launch(), launch());
    let names: BTreeSet<String> = [a, b, c, d].iter().map(|experiment| experiment.name.to_string()).collect();
    assert_eq!(names.len(), 4, "{names:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_experiment_has_its_plan_and_says_when_it_ended_early() {
    // The first attempt would have ended early, and is killed before that counts.
    let trainer = Stepping::new(|attempt, step| match (attempt, step) {
        (0, 15) => Act::Hold,
        (1, 25) => Act::EndEarly,
        _ => Act::Step,
    });
    let training = Training::on_sqlite(trainer).await;
    let experiment = training.launch("run").await;
    assert!(experiment.plan.is_none() && !experiment.stopped_early, "nothing is planned yet");
    run_background_task(&training.service, "train", "w0", training.trainer.held()).await;
    let (_, waiting) = both(&training, &experiment).await;
    let plan = waiting.plan.expect("its first attempt had one");
    assert_eq!((plan.images, plan.held, waiting.stopped_early), (1, 0, false));
    assert!(training.service.jobs().run_next(Internal, Lane::Train, "last").await.expect("works"));
    let (_, ended) = both(&training, &experiment).await;
    assert_eq!((ended.state, ended.stopped_early), (WorkState::Succeeded, true));
    assert_eq!(ended.plan, Some(plan), "the same in each attempt");
    assert_eq!(training.trainer.done().concat(), (1..=24).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_training_that_is_stopped_five_times_succeeds_and_does_no_step_twice() {
    // Stopped after steps 7, 14, 21, 28, 35.
    let trainer = Stepping::new(
        |attempt, step| {
            if attempt < 5 && step == attempt * 7 + 8 { Act::Hold } else { Act::Step }
        },
    );
    let training = Training::on_sqlite(trainer).await;
    let experiment = training.launch("run").await;
    for stop in 0..5 {
        run_background_task(&training.service, "train", &format!("w{stop}"), training.trainer.held()).await;
        let (item, _) = both(&training, &experiment).await;
        assert_eq!((item.state, item.attempts), (WorkState::Queued, 0), "stop {stop}");
    }
    assert!(training.service.jobs().run_next(Internal, Lane::Train, "last").await.expect("works"));
    check_succeeded(&training, &experiment, 1).await;
    let done = training.trainer.done();
    assert_eq!(done.len(), 6);
    assert_eq!(done.concat(), (1..=STEPS).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_training_whose_worker_is_killed_goes_on_from_its_last_checkpoint() {
    let trainer =
        Stepping::new(|attempt, step| if (attempt, step) == (0, 25) { Act::Hold } else { Act::Step });
    let training = Training::on_sqlite(trainer).await;
    let experiment = training.launch("run").await;
    let checkpointed = async {
        training.trainer.held().await;
        while training.trainer.confirmed(&experiment) != Some(20) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        ended = training.service.jobs().run_next(Internal, Lane::Train, "killed") => panic!("it ended: {ended:?}"),
        () = checkpointed => {}
    }
    training.trainer.kill();
    let (item, _) = both(&training, &experiment).await;
    assert_eq!(item.state, WorkState::Running);
    assert!(
        !training.service.jobs().run_next(Internal, Lane::Train, "early").await.expect("works"),
        "it may still live"
    );
    training.clock.advance_ms(20_000);
    assert!(training.service.jobs().run_next(Internal, Lane::Train, "next").await.expect("works"));
    check_succeeded(&training, &experiment, 1).await;
    assert_eq!(training.trainer.done()[1], (21..=STEPS).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_training_whose_process_is_killed_goes_on_until_three_attempts_come_no_further() {
    let killed = || Act::End(TrainError::Killed("the training process ended early (signal: 9)".to_owned()));
    let twice =
        move |attempt, step| if attempt < 2 && step == 15 + attempt * 10 { killed() } else { Act::Step };
    let training = Training::on_sqlite(Stepping::new(twice)).await;
    let experiment = training.launch("run").await;
    for _ in 0..2 {
        assert!(training.service.jobs().run_next(Internal, Lane::Train, "w").await.expect("works"));
        let (item, _) = both(&training, &experiment).await;
        assert_eq!((item.state, item.attempts), (WorkState::Queued, 1), "it left a later checkpoint");
        assert!(item.message.contains("signal: 9"), "{}", item.message);
    }
    assert!(training.service.jobs().run_next(Internal, Lane::Train, "w").await.expect("works"));
    check_succeeded(&training, &experiment, 1).await;
    let firsts: Vec<u32> = training.trainer.done().iter().map(|steps| steps[0]).collect();
    assert_eq!(firsts, [1, 11, 21]);

    let always = Training::on_sqlite(Stepping::new(move |_, step| {
        if step == 15 {
            Act::End(TrainError::Killed("the training process ended early (signal: 9)".to_owned()))
        } else {
            Act::Step
        }
    }))
    .await;
    let experiment = always.launch("run").await;
    while always.service.jobs().run_next(Internal, Lane::Train, "w").await.expect("works") {}
    let (item, ended) = both(&always, &experiment).await;
    assert_eq!((ended.state, item.attempts), (WorkState::Failed, 3));
    assert!(ended.error.expect("says why").contains("signal: 9"));
    assert!(!always.trainer.folder_of(&experiment).exists());
}

#[tokio::test]
async fn a_training_that_fails_by_itself_fails_at_once() {
    let trainer =
        Stepping::new(|_, step| if step == 15 { Act::End(TrainError::Diverged { step }) } else { Act::Step });
    let training = Training::on_sqlite(trainer).await;
    let experiment = training.launch("run").await;
    assert!(training.service.jobs().run_next(Internal, Lane::Train, "w").await.expect("works"));
    let (item, ended) = both(&training, &experiment).await;
    assert_eq!((ended.state, item.attempts), (WorkState::Failed, 1));
    assert!(ended.error.expect("says why").contains("no longer a number at step 15"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_training_that_is_cancelled_leaves_what_it_has_and_a_waiting_one_nothing() {
    let trainer = Stepping::new(|_, step| if step == 15 { Act::Hold } else { Act::Step });
    let training = Training::on_sqlite(trainer).await;
    let running = training.launch("running").await;
    let (ended, ()) = tokio::join!(training.service.jobs().run_next(Internal, Lane::Train, "w"), async {
        training.trainer.held().await;
        let asked = training.service.learning().cancel_experiment(&admin(), running.id).await;
        assert_eq!(asked.expect("asked").state, WorkState::Cancelling);
    });
    assert!(ended.expect("works"));
    let (_, ended) = both(&training, &running).await;
    assert_eq!((ended.state, ended.model_version.as_deref()), (WorkState::Succeeded, Some("cells/1")));

    let waiting = training.launch("waiting").await;
    run_background_task(&training.service, "train", "stopped", training.trainer.held()).await;
    assert!(training.trainer.folder_of(&waiting).exists(), "it left a checkpoint");
    training.service.learning().cancel_experiment(&admin(), waiting.id).await.expect("cancelled");
    let (_, ended) = both(&training, &waiting).await;
    assert_eq!((ended.state, ended.model_version), (WorkState::Cancelled, None));
    assert!(!training.trainer.folder_of(&waiting).exists());
}

#[tokio::test]
#[should_panic(expected = "leaves work behind: [(\"train\", \"queued\")]")]
async fn a_test_that_leaves_work_in_the_queue_without_a_word_fails() {
    let training = Training::on_sqlite(Stepping::new(|_, _| Act::Step)).await;
    training.launch("forgotten").await;
}

#[tokio::test]
async fn checkpoints_of_what_ended_elsewhere_are_swept_and_others_are_not() {
    let training = Training::on_sqlite(Stepping::new(|_, _| Act::Step)).await;
    training.queue.leaves("train");
    let (ended, queued) = (training.launch("ended").await, training.launch("queued").await);
    let by = store::By { actor: "root".to_owned(), person: "root".to_owned(), at: ended.created };
    let act = store::Act::new(by, "test.act", serde_json::json!({}));
    training.service.store().work().cancel(WorkItemId(ended.id.0), act).await.expect("cancelled");
    let absent = training.trainer.folder_of(&queued).with_file_name(uuid::Uuid::now_v7().to_string());
    let foreign = absent.with_file_name("not of an experiment");
    let (ended, queued) = (training.trainer.folder_of(&ended), training.trainer.folder_of(&queued));
    for folder in [&ended, &queued, &absent, &foreign] {
        std::fs::create_dir_all(folder).expect("made");
    }
    training.service.jobs().delete_old_checkpoints(Internal).await;
    let left = [&ended, &queued, &absent, &foreign].map(|folder| folder.exists());
    assert_eq!(left, [false, true, false, true]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_for_a_moment_costs_a_training_nothing() {
    let away = Arc::new(stepping::Doors::default());
    let close = Arc::clone(&away);
    let trainer = Stepping::new(move |_, step| {
        if step == 12 {
            close.shut();
        }
        Act::Step
    });
    let Some(training) = Training::on_postgres(trainer, &away, None).await else { return };
    let experiment = training.launch("run").await;
    let (worked, ()) =
        tokio::join!(training.service.jobs().run_next(Internal, Lane::Train, "w"), away.opened_after(3));
    assert!(worked.expect("works"));
    check_succeeded(&training, &experiment, 1).await;
    assert_eq!(training.trainer.done(), [(1..=STEPS).collect::<Vec<_>>()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_training_whose_database_stays_away_goes_back_to_the_queue_and_on_later() {
    let away = Arc::new(stepping::Doors::default());
    let close = Arc::clone(&away);
    let trainer = Stepping::new(move |attempt, step| match (attempt, step) {
        (0, 12) => {
            close.shut();
            Act::Step
        }
        (0, 30) => Act::Hold,
        _ => Act::Step,
    });
    let patience = std::time::Duration::ZERO;
    let Some(training) = Training::on_postgres(trainer, &away, Some(patience)).await else { return };
    let experiment = training.launch("run").await;
    let (worked, ()) =
        tokio::join!(training.service.jobs().run_next(Internal, Lane::Train, "w"), away.opened_after(3));
    worked.expect_err("the database was away");
    let (item, _) = both(&training, &experiment).await;
    assert_eq!((item.state, item.attempts), (WorkState::Queued, 0));
    while training.service.jobs().run_next(Internal, Lane::Train, "w").await.expect("works") {}
    check_succeeded(&training, &experiment, 1).await;
}

#[tokio::test]
async fn wherever_a_process_ends_its_training_is_launched_done_and_cancelled_once() {
    let training = Training::on_sqlite(Stepping::new(|_, _| Act::Step)).await;
    let service = &training.service;
    // Between any two waits of launching and working: between any two
    // transactions, too.
    for polls in 1.. {
        let name = format!("run-{polls}");
        let launched = ended_after(polls, training.launch(&name)).await;
        assert_eq!(service.store().inconsistencies().await.expect("reads"), Vec::<String>::new());
        let there = service.learning().experiment(&admin(), &name).await;
        assert!(there.is_ok() || launched.is_none(), "an answer comes after the commit");
        let Ok(there) = there else { continue };
        let experiment = there.experiment;
        let worked = ended_after(polls, service.jobs().run_next(Internal, Lane::Train, "ended")).await;
        both(&training, &experiment).await;
        training.clock.advance_ms(20_000);
        while service.jobs().run_next(Internal, Lane::Train, "next").await.expect("works") {}
        let (_, ended) = both(&training, &experiment).await;
        assert_eq!(ended.state, WorkState::Succeeded, "after {polls} polls: {:?}", ended.error);
        check_curve(service.store(), &experiment).await;
        if launched.is_some() && worked.is_some() {
            break;
        }
    }
    for polls in 1.. {
        let experiment = training.launch(&format!("cancelled-{polls}")).await;
        let cancelled =
            ended_after(polls, service.learning().cancel_experiment(&admin(), experiment.id)).await;
        both(&training, &experiment).await;
        while service.jobs().run_next(Internal, Lane::Train, "next").await.expect("works") {}
        let (_, ended) = both(&training, &experiment).await;
        assert!(ended.state.is_final());
        if cancelled.is_some() {
            assert_eq!(ended.state, WorkState::Cancelled);
            break;
        }
    }
}

#[tokio::test]
async fn wherever_a_process_ends_a_training_that_fails_has_failed() {
    let trainer =
        Stepping::new(|_, step| if step == 3 { Act::End(TrainError::Diverged { step }) } else { Act::Step });
    let training = Training::on_sqlite(trainer).await;
    for polls in 1.. {
        let experiment = training.launch(&format!("run-{polls}")).await;
        let worked =
            ended_after(polls, training.service.jobs().run_next(Internal, Lane::Train, "ended")).await;
        both(&training, &experiment).await;
        training.clock.advance_ms(20_000);
        while training.service.jobs().run_next(Internal, Lane::Train, "next").await.expect("works") {}
        let (_, ended) = both(&training, &experiment).await;
        assert_eq!(ended.state, WorkState::Failed, "after {polls} polls");
        assert!(ended.error.is_some_and(|error| error.contains("step 3")));
        if worked.is_some() {
            break;
        }
    }
}
