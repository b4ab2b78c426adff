//! Files that are sent before they are used, and the imports made of them.

use crate::{
    fixtures::{START, act, act_at, id, labels, name, new_model},
    harness::both,
};
use domain::{
    dataset_import::{DatasetImport, ImportChoices, ImportOrder, ImportReport, Sizes},
    ids::{DatasetVersionId, UploadId, WorkItemId},
    page::PageRequest,
    work::WorkState,
};
use serde_json::json;
use store::{
    NewDatasetImport, NewDatasetVersion, NewModelVersion, NewWork, StagedLimits, StagedUpload, Store,
    StoreError,
};
use uuid::Uuid;

const FEW: StagedLimits = StagedLimits { files: 2, bytes: 1_000 };
const HOUR: i64 = 3_600_000;

fn upload(owner: u128, bytes: u64) -> StagedUpload {
    StagedUpload {
        id: id::<UploadId>(),
        owner: Uuid::from_u128(owner),
        filename: "größe.zip".to_owned(),
        bytes,
        created: START,
        expires: START.plus_ms(HOUR),
    }
}

fn import(upload: UploadId) -> NewDatasetImport {
    let dataset = name("crockery");
    let work = NewWork {
        id: id::<WorkItemId>(),
        kind: "import".to_owned(),
        subject: dataset.to_string(),
        payload: json!({}),
        dedupe_key: Some(upload.to_string()),
        created: START,
    };
    let (version, format, split) = (None, Some("yolo".to_owned()), None);
    let order = ImportOrder {
        upload,
        dataset,
        version,
        format,
        split,
        strict: false,
        choices: ImportChoices { keep_going: true, sizes: Sizes::Ignore, ..ImportChoices::default() },
        check: false,
    };
    NewDatasetImport { work, requested_by: "ada".to_owned(), filename: "c.zip".to_owned(), order }
}

async fn found(store: &Store, id: WorkItemId) -> DatasetImport {
    store.datasets().find_import(id).await.unwrap().unwrap()
}

both! {
    async fn an_owner_has_few_uploads_with_few_bytes_and_others_have_their_own(store) {
        let (first, second) = (upload(1, 600), upload(1, 400));
        store.uploads().begin(&first, FEW).await.unwrap();
        let more = store.uploads().begin(&upload(1, 401), FEW).await;
        assert!(matches!(more, Err(StoreError::Conflict { .. })), "{more:?}");
        store.uploads().begin(&second, FEW).await.unwrap();
        assert!(store.uploads().begin(&upload(1, 0), FEW).await.is_err(), "two files");
        store.uploads().begin(&upload(2, 1_000), FEW).await.unwrap();
        assert_eq!(store.uploads().find(first.id).await.unwrap(), Some(first.clone()));
        store.uploads().delete(first.id).await.unwrap();
        assert_eq!(store.uploads().find(first.id).await.unwrap(), None);
        store.uploads().begin(&upload(1, 600), FEW).await.unwrap();
    }

    async fn an_upload_goes_when_its_time_is_over_unless_it_was_renewed(store) {
        let (used, left) = (upload(1, 5), upload(1, 5));
        for one in [&used, &left] {
            store.uploads().begin(one, FEW).await.unwrap();
        }
        store.uploads().renew(used.id, START.plus_ms(3 * HOUR)).await.unwrap();
        assert_eq!(store.uploads().delete_expired(START.plus_ms(2 * HOUR)).await.unwrap(), 1);
        assert!(store.uploads().find(used.id).await.unwrap().is_some());
        assert!(matches!(store.uploads().renew(left.id, START).await, Err(StoreError::NotFound { .. })));
    }

    async fn an_import_has_the_id_of_its_work_and_of_its_version(store) {
        let new = import(id());
        let item = new.work.id;
        store.datasets().queue_import(&new, act()).await.unwrap();
        let again = store.datasets().queue_import(&import(new.order.upload), act()).await;
        assert!(matches!(again, Err(StoreError::Conflict { .. })), "{again:?}");
        let queued = found(store, item).await;
        assert_eq!((queued.state, &queued.order, queued.made, queued.report), (WorkState::Queued, &new.order, None, None));

        let report = ImportReport { format: "yolo".to_owned(), images: 3, ..ImportReport::default() };
        store.datasets().set_import_report(item, &report).await.unwrap();
        let version = NewDatasetVersion {
            id: DatasetVersionId(item.0),
            dataset_id: id(),
            dataset: new.order.dataset.clone(),
            name: None,
            labels: labels(&["cup"]),
            created: START,
        };
        store.datasets().begin_import(version, act()).await.unwrap();
        let made = found(store, item).await;
        assert_eq!((made.made.as_deref(), made.report), (Some("crockery/v1"), Some(report)));
        let listed = store.datasets().import_page(&PageRequest::default()).await.unwrap().items;
        assert_eq!((listed.len(), listed[0].id, &listed[0].report), (1, item, &None), "a list has no reports");

        store.datasets().undo_import(item, act_at(START.plus_ms(1))).await.unwrap();
        assert_eq!(found(store, item).await.made, None);
        let gone = store.datasets().undo_import(item, act()).await;
        assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
    }

    async fn the_number_of_a_deleted_model_version_is_never_given_again(store) {
        let models = store.models();
        // Without weights: those of a deleted version are removed.
        let new = |model| NewModelVersion { weights: None, ..new_model(model) };
        let first = models.create_version(new("lamps"), act()).await.unwrap();
        let second = models.create_version(new("lamps"), act()).await.unwrap();
        models.delete(second.id, act()).await.unwrap();
        models.delete(first.id, act()).await.unwrap();
        assert_eq!(models.create_version(new("lamps"), act()).await.unwrap().number, 3);
        assert_eq!(models.create_version(new("other"), act()).await.unwrap().number, 1);
    }
}
