"""Generated from the OpenAPI description by generate.py; do not edit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ._transport import AsyncTransport, Event, File, quoted

if TYPE_CHECKING:
    from ._types import (
        AddWebhookBody,
        AlertBody,
        AlertRuleBody,
        AlertsBody,
        AskedBody,
        AssetBody,
        BulkBody,
        BulkReportBody,
        ChangesBody,
        ChoiceBody,
        CompareBody,
        ComparisonBody,
        CountBody,
        DatasetImportBody,
        DatasetVersionBody,
        DeliveriesBody,
        DeployingBody,
        DeploymentBody,
        DeploymentChange,
        DeploymentList,
        EvaluationBody,
        ExperimentBody,
        ExperimentDetailBody,
        ExplanationBody,
        FacetsBody,
        FeedbackBody,
        FeedbackSettingsBody,
        HeldBody,
        HistoryBody,
        ImportOrderBody,
        ImportStagedBody,
        ImportedBody,
        InvitedBody,
        KnownValuesBody,
        LabelStudioBody,
        LateShadowBody,
        LaunchBody,
        LaunchedBody,
        LeaseBody,
        LeasesBody,
        LinksAnswer,
        LinksBody,
        ListingBody,
        MeasureBody,
        MetricsBody,
        ModelVersionBody,
        NamedLabelStudioBody,
        NeighbourhoodBody,
        NewDatasetVersionBody,
        NewDeploymentBody,
        NewModelBody,
        NewTokenAnswer,
        NewTokenBody,
        NewUploadBody,
        NewUserBody,
        NextBody,
        PageOf_AssetBody,
        PageOf_AuditBody,
        PageOf_DatasetImportBody,
        PageOf_DatasetVersionBody,
        PageOf_ExperimentBody,
        PageOf_ModelVersionBody,
        PageOf_SubmissionBody,
        PageOf_WorkBody,
        PredictionBody,
        PromotionBody,
        ReadBody,
        ReceivedBody,
        RemovedBody,
        ReplayBody,
        ReportBody,
        ResetLinkBody,
        RestoreBody,
        RestoredBody,
        RetentionBody,
        RetentionNowBody,
        ReviewBody,
        ReviewSettingsBody,
        RevisionsBody,
        RoundBody,
        SaidBody,
        SaveBody,
        SaveViewBody,
        SavedBody,
        SavedViewBody,
        SessionBody,
        SetTrainingDataBody,
        ShadowStateBody,
        SkipRequest,
        StagedModelBody,
        StagedModelList,
        SubjectBody,
        SupervisedBody,
        TokenList,
        TrainerList,
        TrainingBody,
        TrainingDataBody,
        TrainingSettingsBody,
        TrialBody,
        UploadBody,
        UserBody,
        UserChange,
        UserList,
        ViewsBody,
        WebhookBody,
        WebhooksBody,
        WorkBody,
    )


class AsyncOperations(AsyncTransport):
    """Every operation of the API, by its name in the description."""

    async def get_asset_image(
        self,
        id: str,
        *,
        size: str | None = None,
    ) -> bytes:
        """The image of a dataset's asset.

        id: The asset
        size: `full` (default, as it was sent), `thumb` (a small JPEG) or `plain` (as the model saw it: the file as it was sent, or an upright PNG without transparency where programs would show something else).
        """
        return await self._call(
            "GET",
            f"/api/v1/assets/{quoted(id)}/image",
            query={"size": size},
            answer="bytes",
        )

    async def list_audit(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageOf_AuditBody:
        """Lists what was done, newest first.

        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor`.
        """
        return await self._call(
            "GET",
            "/api/v1/audit",
            query={"limit": limit, "cursor": cursor},
            answer="json",
        )

    async def discard_dataset_version(
        self,
        id: str,
    ) -> None:
        """Discards an open dataset version with its images.

        id: The version
        """
        return await self._call(
            "DELETE",
            f"/api/v1/dataset-versions/{quoted(id)}",
            answer="nothing",
        )

    async def list_assets(
        self,
        id: str,
        *,
        split: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageOf_AssetBody:
        """Lists the images of a dataset version.

        id: The version
        split: `train`, `val` or `test`; all when left out.
        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor`.
        """
        return await self._call(
            "GET",
            f"/api/v1/dataset-versions/{quoted(id)}/assets",
            query={"split": split, "limit": limit, "cursor": cursor},
            answer="json",
        )

    async def add_asset(
        self,
        id: str,
        media: File,
        *,
        fields: Mapping[str, Any] | None = None,
    ) -> AssetBody:
        """Adds an image with its true boxes to an open dataset version.

        id: The version
        """
        return await self._call(
            "POST",
            f"/api/v1/dataset-versions/{quoted(id)}/assets",
            body=fields or {},
            media=media,
            answer="json",
        )

    async def freeze_dataset_version(
        self,
        id: str,
    ) -> DatasetVersionBody:
        """Closes a dataset version: from now on it never changes.

        id: The version
        """
        return await self._call(
            "POST",
            f"/api/v1/dataset-versions/{quoted(id)}/freeze",
            answer="json",
        )

    async def list_datasets(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageOf_DatasetVersionBody:
        """Lists the versions of all datasets, newest first.

        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor`.
        """
        return await self._call(
            "GET",
            "/api/v1/datasets",
            query={"limit": limit, "cursor": cursor},
            answer="json",
        )

    async def create_dataset_version(
        self,
        body: NewDatasetVersionBody,
    ) -> DatasetVersionBody:
        """Makes an open dataset version, which then takes images.
        """
        return await self._call(
            "POST",
            "/api/v1/datasets",
            body=body,
            answer="json",
        )

    async def import_dataset(
        self,
        dataset: str,
        body: ImportOrderBody,
    ) -> DatasetImportBody:
        """Imports an upload into a dataset, or looks at what an import would find.
        A worker does it: ask `/imports/{import}` how far it is. The upload is gone
        once it became a version.

        dataset: The dataset's name; made when there is none
        """
        return await self._call(
            "POST",
            f"/api/v1/datasets/{quoted(dataset)}/import",
            body=body,
            answer="json",
        )

    async def get_dataset_version(
        self,
        dataset: str,
        version: str,
    ) -> DatasetVersionBody:
        """One version of a dataset.

        dataset: The dataset's name
        version: The version's name
        """
        return await self._call(
            "GET",
            f"/api/v1/datasets/{quoted(dataset)}/{quoted(version)}",
            answer="json",
        )

    async def undo_deletion(
        self,
        deletion: str,
    ) -> RestoredBody:
        """Brings back what was deleted together, within ten seconds.

        deletion: From the answer to the deletion
        """
        return await self._call(
            "POST",
            f"/api/v1/deletions/{quoted(deletion)}/undo",
            answer="json",
        )

    async def list_deployments(
        self,
    ) -> DeploymentList:
        """Lists the deployments.
        """
        return await self._call(
            "GET",
            "/api/v1/deployments",
            answer="json",
        )

    async def create_deployment(
        self,
        body: NewDeploymentBody,
    ) -> DeploymentBody:
        """Puts a model version to work.
        """
        return await self._call(
            "POST",
            "/api/v1/deployments",
            body=body,
            answer="json",
        )

    async def get_deployment(
        self,
        deployment: str,
    ) -> DeploymentBody:
        """One deployment.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}",
            answer="json",
        )

    async def change_deployment(
        self,
        deployment: str,
        body: DeploymentChange,
    ) -> DeploymentBody:
        """Changes the name, the threshold or the shadow.

        deployment: Name or id
        """
        return await self._call(
            "PUT",
            f"/api/v1/deployments/{quoted(deployment)}",
            body=body,
            answer="json",
        )

    async def delete_deployment(
        self,
        deployment: str,
    ) -> RemovedBody:
        """Deletes a deployment with its predictions, reviews, figures and rules.

        Models, datasets and what was submitted to them stay. For some seconds it
        can be brought back.

        deployment: Name or id
        """
        return await self._call(
            "DELETE",
            f"/api/v1/deployments/{quoted(deployment)}",
            answer="json",
        )

    async def list_alerts(
        self,
        deployment: str,
    ) -> AlertsBody:
        """The alerts of a deployment, and what they said.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/alerts",
            answer="json",
        )

    async def add_alert(
        self,
        deployment: str,
        body: AlertRuleBody,
    ) -> AlertBody:
        """Adds an alert.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/alerts",
            body=body,
            answer="json",
        )

    async def read_alerts(
        self,
        deployment: str,
    ) -> ReadBody:
        """Takes note of what the alerts said so far.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/alerts/read",
            answer="json",
        )

    async def change_alert(
        self,
        deployment: str,
        alert: str,
        body: AlertRuleBody,
    ) -> AlertBody:
        """Changes an alert, which then begins anew.

        deployment: Name or id
        """
        return await self._call(
            "PUT",
            f"/api/v1/deployments/{quoted(deployment)}/alerts/{quoted(alert)}",
            body=body,
            answer="json",
        )

    async def delete_alert(
        self,
        deployment: str,
        alert: str,
    ) -> None:
        """Removes an alert; what it said stays.

        deployment: Name or id
        """
        return await self._call(
            "DELETE",
            f"/api/v1/deployments/{quoted(deployment)}/alerts/{quoted(alert)}",
            answer="nothing",
        )

    async def get_comparison(
        self,
        deployment: str,
        *,
        candidate: str | None = None,
        format: str | None = None,
        recompute: bool | None = None,
    ) -> ComparisonBody:
        """A candidate against the champion on the same held-out reviewed images, as
        JSON or as Markdown.

        deployment: Name or id
        candidate: `model/number` that was compared with the champion; the latest comparison of the deployment when left out.
        format: `json` or `markdown`; `json` when left out.
        recompute: Makes every figure anew from the stored boxes, once a minute at most; reviewers and above.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/comparison",
            query={"candidate": candidate, "format": format, "recompute": recompute},
            answer="json",
        )

    async def compare(
        self,
        deployment: str,
        body: CompareBody,
    ) -> WorkBody:
        """Compares a model version with the champion, on all that was submitted and
        held out so far. Asked again while one is under way, that one is the answer.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/comparison",
            body=body,
            answer="json",
        )

    async def get_continuous_deployment(
        self,
        deployment: str,
    ) -> DeployingBody:
        """What becomes of the candidates of trainings.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/continuous-deployment",
            answer="json",
        )

    async def set_continuous_deployment(
        self,
        deployment: str,
        body: DeployingBody,
    ) -> DeployingBody:
        """Sets what becomes of the candidates of later trainings.

        deployment: Name or id
        """
        return await self._call(
            "PUT",
            f"/api/v1/deployments/{quoted(deployment)}/continuous-deployment",
            body=body,
            answer="json",
        )

    async def get_continuous_training(
        self,
        deployment: str,
    ) -> TrainingBody:
        """Continuous training of a deployment: settings, what waits, launches.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/continuous-training",
            answer="json",
        )

    async def set_continuous_training(
        self,
        deployment: str,
        body: TrainingSettingsBody,
    ) -> TrainingBody:
        """Sets when a training is launched, and with what. What is due already is
        launched.

        deployment: Name or id
        """
        return await self._call(
            "PUT",
            f"/api/v1/deployments/{quoted(deployment)}/continuous-training",
            body=body,
            answer="json",
        )

    async def launch_continuous_training(
        self,
        deployment: str,
    ) -> RoundBody:
        """Launches a training on all that was submitted, due or not.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/continuous-training/launch",
            answer="json",
        )

    def deployment_events(
        self,
        deployment: str,
    ) -> AsyncIterator[Event]:
        """What changes in one deployment.

        deployment: Name or id
        """
        return self._events(
            f"/api/v1/deployments/{quoted(deployment)}/events",
        )

    async def get_feedback_loop(
        self,
        deployment: str,
    ) -> FeedbackBody:
        """The feedback loop of a deployment: settings, and what is in it.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/feedback-loop",
            answer="json",
        )

    async def set_feedback_loop(
        self,
        deployment: str,
        body: FeedbackSettingsBody,
    ) -> FeedbackBody:
        """Sets where submissions go, and whether they may.

        deployment: Name or id
        """
        return await self._call(
            "PUT",
            f"/api/v1/deployments/{quoted(deployment)}/feedback-loop",
            body=body,
            answer="json",
        )

    async def metrics(
        self,
        deployment: str,
        *,
        from_: str | None = None,
        to: str | None = None,
        last_s: int | None = None,
        bucket: str | None = None,
    ) -> MetricsBody:
        """The figures of a deployment over time, with those of the range before,
        and how the images compare with the training data.

        deployment: Name or id
        from_: Start, included; RFC 3339 or seconds since 1970.
        to: End, excluded; now when left out.
        last_s: Instead of both: the last so many seconds.
        bucket: `minute`, `five_minutes`, `quarter_hour`, `hour`, `three_hours`, `six_hours`, `day` or `week` (from Monday); fitted to the range when left out.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/metrics",
            query={"from": from_, "to": to, "last_s": last_s, "bucket": bucket},
            answer="json",
        )

    async def supervised_metrics(
        self,
        deployment: str,
        *,
        scope: str | None = None,
    ) -> SupervisedBody:
        """Figures from reviews: AP and AR with intervals, precision and recall over
        thresholds, confusion, kinds of errors, what reviewers changed.

        Computed in the background when reviews change; `as_of` says when. No
        figure is of an image that the version learned from: `left_out` counts
        those, and near duplicates of them.

        deployment: Name or id
        scope: `random` (when left out), `all`, `blind` or `anchored`.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/metrics/supervised",
            query={"scope": scope},
            answer="json",
        )

    async def predict(
        self,
        deployment: str,
        data: File,
        *,
        monitor: bool | None = None,
        filename: str | None = None,
        source: str | None = None,
        tags: str | None = None,
        metadata: str | None = None,
        timestamp: str | None = None,
        Idempotency_Key: str | None = None,
    ) -> PredictionBody:
        """Predicts an image: the body is the file itself (JPEG, PNG or WebP, known
        by its bytes), a form with the file as `media`, or JSON with the file in
        base64 as `image`.

        deployment: Name or id
        monitor: `false` predicts and stores nothing.
        filename: The file's name.
        source: Which camera, line or client.
        tags: Free words, separated by commas.
        metadata: Free keys and values, as a JSON object.
        timestamp: When the image was taken; now when left out.
        Idempotency_Key: The same key gives the same prediction, once stored
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/predict",
            data=data,
            query={"monitor": monitor, "filename": filename, "source": source, "tags": tags, "metadata": metadata, "timestamp": timestamp},
            headers={"Idempotency-Key": Idempotency_Key},
            answer="json",
        )

    async def list_predictions(
        self,
        deployment: str,
        *,
        q: str | None = None,
        status: str | None = None,
        sort: Literal["received", "-received", "created", "-created", "objects", "-objects", "outlier_score", "-outlier_score", "confidence", "-confidence", "latency", "-latency", "shadow_disagreement", "-shadow_disagreement"] | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        from_: str | None = None,
        offset: int | None = None,
    ) -> ListingBody:
        """Lists what matches a query, page by page.

        deployment: Name or id
        q: A query: `objects > 5 and not has(label = "car")`.
        status: Only this status; the same as `status = …` in the query.
        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor` or `prev_cursor`.
        from_: Begin with this prediction.
        offset: Begin behind so many, at most 100,000, and say how many match. A cursor is faster, and what arrives meanwhile does not shift it.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/predictions",
            query={"q": q, "status": status, "sort": sort, "limit": limit, "cursor": cursor, "from": from_, "offset": offset},
            answer="json",
        )

    async def report(
        self,
        deployment: str,
        body: ReportBody,
        *,
        media: File | None = None,
        history: bool | None = None,
        Idempotency_Key: str | None = None,
    ) -> ReceivedBody:
        """Takes a prediction that was made elsewhere: JSON without image, a form
        with one, or many at once as NDJSON, one object a line, answered line by
        line.

        deployment: Name or id
        history: Admins, NDJSON: each line is stored as if it had arrived at its timestamp, and once however often it is sent.
        Idempotency_Key: The same key gives the same answer, once stored
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/predictions",
            body=body,
            media=media,
            query={"history": history},
            headers={"Idempotency-Key": Idempotency_Key},
            answer="json",
        )

    async def bulk_predictions(
        self,
        deployment: str,
        body: BulkBody,
    ) -> BulkReportBody:
        """Tags, untags, skips, reopens, submits or deletes many predictions. Works
        for about a second a call.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/predictions/bulk",
            body=body,
            answer="json",
        )

    async def count_predictions(
        self,
        deployment: str,
        *,
        q: str | None = None,
        status: str | None = None,
    ) -> CountBody:
        """Counts what matches a query.

        deployment: Name or id
        q: A query; all when left out.
        status: Only this status.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/predictions/count",
            query={"q": q, "status": status},
            answer="json",
        )

    async def explain_query(
        self,
        deployment: str,
        *,
        q: str | None = None,
        sort: str | None = None,
    ) -> ExplanationBody:
        """Says which index answers a query, and what a first page costs.

        deployment: Name or id
        q: A query; all when left out.
        sort: As in the list.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/predictions/explain",
            query={"q": q, "sort": sort},
            answer="json",
        )

    async def export_predictions(
        self,
        deployment: str,
        *,
        format: str,
        q: str | None = None,
        boxes: str | None = None,
        images: str | None = None,
    ) -> bytes:
        """What matches a query, as a file.

        deployment: Name or id
        q: A query; all when left out.
        format: `coco`, `yolo` (a tar with the images), `cvat`, `label-studio`, `csv` or `jsonl`.
        boxes: `best` (default: the reviewer's where there is a review, else the champion's at or above the threshold), `champion` or `review`.
        images: Of `label-studio`: `links` for pictures by links to this server, good for a week, that need no token; paths of local files when left out.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/predictions/export",
            query={"q": q, "format": format, "boxes": boxes, "images": images},
            answer="bytes",
        )

    async def facets(
        self,
        deployment: str,
        *,
        q: str | None = None,
    ) -> FacetsBody:
        """Counts what matches by status, label, model, tag, source and day.

        deployment: Name or id
        q: A query; all when left out.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/predictions/facets",
            query={"q": q},
            answer="json",
        )

    async def known_values(
        self,
        deployment: str,
    ) -> KnownValuesBody:
        """Values that occur in a deployment, to complete a query with.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/predictions/values",
            answer="json",
        )

    async def promote(
        self,
        deployment: str,
        body: PromotionBody,
    ) -> DeploymentBody:
        """Makes a model version the champion.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/promote",
            body=body,
            answer="json",
        )

    async def query_history(
        self,
        deployment: str,
    ) -> HistoryBody:
        """What one asked of a deployment lately.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/query-history",
            answer="json",
        )

    async def remember_query(
        self,
        deployment: str,
        body: AskedBody,
    ) -> None:
        """Remembers a query.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/query-history",
            body=body,
            answer="nothing",
        )

    async def forget_queries(
        self,
        deployment: str,
    ) -> None:
        """Forgets what one asked.

        deployment: Name or id
        """
        return await self._call(
            "DELETE",
            f"/api/v1/deployments/{quoted(deployment)}/query-history",
            answer="nothing",
        )

    async def get_retention(
        self,
        deployment: str,
    ) -> RetentionNowBody:
        """What a deployment keeps, and what is stored of its images.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/retention",
            answer="json",
        )

    async def set_retention(
        self,
        deployment: str,
        body: RetentionBody,
    ) -> RetentionBody:
        """Sets what a deployment keeps. What is too much by it goes within minutes,
        for good.

        deployment: Name or id
        """
        return await self._call(
            "PUT",
            f"/api/v1/deployments/{quoted(deployment)}/retention",
            body=body,
            answer="json",
        )

    async def get_review_settings(
        self,
        deployment: str,
    ) -> ReviewSettingsBody:
        """How a deployment's predictions are reviewed.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/review-settings",
            answer="json",
        )

    async def set_review_settings(
        self,
        deployment: str,
        body: ReviewSettingsBody,
    ) -> ReviewSettingsBody:
        """Sets how a deployment's predictions are reviewed from now on.

        deployment: Name or id
        """
        return await self._call(
            "PUT",
            f"/api/v1/deployments/{quoted(deployment)}/review-settings",
            body=body,
            answer="json",
        )

    async def renew_leases(
        self,
        deployment: str,
        body: HeldBody,
    ) -> LeasesBody:
        """Keeps images on the table for another five minutes.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/review/leases",
            body=body,
            answer="json",
        )

    async def next_reviews(
        self,
        deployment: str,
        body: NextBody,
    ) -> LeasesBody:
        """Gives the next images to review, that nobody else has on the table.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/review/next",
            body=body,
            answer="json",
        )

    async def release_leases(
        self,
        deployment: str,
        body: HeldBody,
    ) -> None:
        """Lets go of images.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/review/release",
            body=body,
            answer="nothing",
        )

    async def roll_back(
        self,
        deployment: str,
        *,
        expected_champion: str | None = None,
    ) -> DeploymentBody:
        """Makes the champion before this one the champion again.

        deployment: Name or id
        expected_champion: The champion of then (`model/number`): with another one by now it is refused. Left out: whichever there is.
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/rollback",
            query={"expected_champion": expected_champion},
            answer="json",
        )

    async def get_shadow(
        self,
        deployment: str,
    ) -> ShadowStateBody:
        """The shadow of a deployment, and how many predictions it has seen.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/shadow",
            answer="json",
        )

    async def replay_shadow(
        self,
        deployment: str,
        body: ReplayBody,
    ) -> WorkBody:
        """Lets the shadow see stored images, too, so that a comparison need not wait
        for new ones. Asked again while one is under way, that one is the answer.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/shadow/replay",
            body=body,
            answer="json",
        )

    async def list_submissions(
        self,
        deployment: str,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageOf_SubmissionBody:
        """Lists what was submitted, the latest first.

        deployment: Name or id
        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor`.
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/submissions",
            query={"limit": limit, "cursor": cursor},
            answer="json",
        )

    async def submit(
        self,
        deployment: str,
        body: ChoiceBody,
    ) -> ChangesBody:
        """Submits reviewed predictions to the feedback loop.

        The image and the boxes of its latest review become an image of the loop's
        dataset version. What cannot go is named with why.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/submit",
            body=body,
            answer="json",
        )

    async def get_training_data(
        self,
        deployment: str,
    ) -> TrainingDataBody:
        """What a deployment is compared with.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/training-data",
            answer="json",
        )

    async def set_training_data(
        self,
        deployment: str,
        body: SetTrainingDataBody,
    ) -> TrainingDataBody:
        """Compares a deployment with a dataset version from now on.

        What that version looks like to the champion is worked out in the
        background, once: switching back to it costs nothing.

        deployment: Name or id
        """
        return await self._call(
            "PUT",
            f"/api/v1/deployments/{quoted(deployment)}/training-data",
            body=body,
            answer="json",
        )

    async def clear_training_data(
        self,
        deployment: str,
    ) -> None:
        """Compares a deployment with nothing.

        deployment: Name or id
        """
        return await self._call(
            "DELETE",
            f"/api/v1/deployments/{quoted(deployment)}/training-data",
            answer="nothing",
        )

    async def unsubmit(
        self,
        deployment: str,
        body: ChoiceBody,
    ) -> ChangesBody:
        """Takes submissions out of the feedback loop again.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/unsubmit",
            body=body,
            answer="json",
        )

    async def list_views(
        self,
        deployment: str,
    ) -> ViewsBody:
        """One's own views and those that others share.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/views",
            answer="json",
        )

    async def save_view(
        self,
        deployment: str,
        body: SaveViewBody,
    ) -> SavedViewBody:
        """Keeps a view; one's own of the same name is replaced.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/views",
            body=body,
            answer="json",
        )

    async def list_webhooks(
        self,
        deployment: str,
    ) -> WebhooksBody:
        """The addresses that are told of a deployment's events.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/webhooks",
            answer="json",
        )

    async def add_webhook(
        self,
        deployment: str,
        body: AddWebhookBody,
    ) -> WebhookBody:
        """Adds an address. The secret in the answer is shown this once.

        deployment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/deployments/{quoted(deployment)}/webhooks",
            body=body,
            answer="json",
        )

    async def delete_webhook(
        self,
        deployment: str,
        webhook: str,
    ) -> None:
        """Removes an address, with what was on its way to it.

        deployment: Name or id
        """
        return await self._call(
            "DELETE",
            f"/api/v1/deployments/{quoted(deployment)}/webhooks/{quoted(webhook)}",
            answer="nothing",
        )

    async def list_deliveries(
        self,
        deployment: str,
        webhook: str,
    ) -> DeliveriesBody:
        """What was sent to an address lately.

        deployment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/deployments/{quoted(deployment)}/webhooks/{quoted(webhook)}/deliveries",
            answer="json",
        )

    def all_events(
        self,
        *,
        after: int | None = None,
    ) -> AsyncIterator[Event]:
        """Everything that changes, for one open browser tab.

        after: The id of an event: what came after it is sent first. The header `Last-Event-ID` goes before.
        """
        return self._events(
            "/api/v1/events",
            query={"after": after},
        )

    async def list_experiments(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageOf_ExperimentBody:
        """Lists the experiments, newest first.

        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor`.
        """
        return await self._call(
            "GET",
            "/api/v1/experiments",
            query={"limit": limit, "cursor": cursor},
            answer="json",
        )

    async def launch_experiment(
        self,
        body: LaunchBody,
    ) -> LaunchedBody:
        """Launches a training; it runs when its turn comes.
        """
        return await self._call(
            "POST",
            "/api/v1/experiments",
            body=body,
            answer="json",
        )

    async def get_experiment(
        self,
        experiment: str,
    ) -> ExperimentDetailBody:
        """One experiment, with curves and log.

        experiment: Name or id
        """
        return await self._call(
            "GET",
            f"/api/v1/experiments/{quoted(experiment)}",
            answer="json",
        )

    async def cancel_experiment(
        self,
        experiment: str,
    ) -> ExperimentBody:
        """Asks an experiment to stop.

        experiment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/experiments/{quoted(experiment)}/cancel",
            answer="json",
        )

    async def retry_experiment(
        self,
        experiment: str,
    ) -> ExperimentBody:
        """Trains again what failed, on the same data with the same parameters.

        experiment: Name or id
        """
        return await self._call(
            "POST",
            f"/api/v1/experiments/{quoted(experiment)}/retry",
            answer="json",
        )

    async def list_imports(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageOf_DatasetImportBody:
        """Lists imports by workers, the latest first, without their reports.

        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor`.
        """
        return await self._call(
            "GET",
            "/api/v1/imports",
            query={"limit": limit, "cursor": cursor},
            answer="json",
        )

    async def get_import(
        self,
        import_: str,
    ) -> DatasetImportBody:
        """How far an import is, and what it found.

        import_: The import
        """
        return await self._call(
            "GET",
            f"/api/v1/imports/{quoted(import_)}",
            answer="json",
        )

    async def cancel_import(
        self,
        import_: str,
    ) -> DatasetImportBody:
        """Asks an import to stop: nothing of it stays.

        import_: The import
        """
        return await self._call(
            "POST",
            f"/api/v1/imports/{quoted(import_)}/cancel",
            answer="json",
        )

    async def undo_import(
        self,
        import_: str,
    ) -> DatasetImportBody:
        """Deletes the dataset version that an import made, as long as nothing refers
        to it.

        import_: The import
        """
        return await self._call(
            "POST",
            f"/api/v1/imports/{quoted(import_)}/undo",
            answer="json",
        )

    async def get_label_studio(
        self,
    ) -> NamedLabelStudioBody:
        """Where Label Studio is.
        """
        return await self._call(
            "GET",
            "/api/v1/label-studio",
            answer="json",
        )

    async def set_label_studio(
        self,
        body: LabelStudioBody,
    ) -> NamedLabelStudioBody:
        """Names the Label Studio whose tasks are predicted.
        """
        return await self._call(
            "PUT",
            "/api/v1/label-studio",
            body=body,
            answer="json",
        )

    async def clear_label_studio(
        self,
    ) -> None:
        """Forgets where Label Studio is: no picture is fetched any more.
        """
        return await self._call(
            "DELETE",
            "/api/v1/label-studio",
            answer="nothing",
        )

    async def make_links(
        self,
        body: LinksBody,
    ) -> LinksAnswer:
        """Gives links to images and weights that open without a token.

        Each is good for its own address and until it is over; it is refused (403)
        when a byte of it was changed. Whoever has it can fetch that one file.
        """
        return await self._call(
            "POST",
            "/api/v1/links",
            body=body,
            answer="json",
        )

    async def list_models(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageOf_ModelVersionBody:
        """Lists the versions of all models, newest first.

        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor`.
        """
        return await self._call(
            "GET",
            "/api/v1/models",
            query={"limit": limit, "cursor": cursor},
            answer="json",
        )

    async def register_model(
        self,
        body: NewModelBody,
    ) -> ModelVersionBody:
        """Registers a model that is served elsewhere: a version without weights,
        whose deployment only takes reports.
        """
        return await self._call(
            "POST",
            "/api/v1/models",
            body=body,
            answer="json",
        )

    async def import_model(
        self,
        data: File,
        *,
        name: str | None = None,
        recipe: str | None = None,
        labels: str | None = None,
    ) -> ImportedBody:
        """Makes the next version of a model out of a file: weights that a Fovea
        exported, or an ONNX graph; which of the two its bytes say. What an ONNX
        graph does not say itself is said by `recipe` and `labels`; a refusal says
        what was seen, and gives a recipe to start from.

        name: The model that receives the version; made when there is none. Needed here or in the form.
        recipe: How it is fed and read, as JSON; for an ONNX graph that does not say so.
        labels: In the order of the network's outputs, separated by commas; for a graph that does not name them.
        """
        return await self._call(
            "POST",
            "/api/v1/models/import",
            data=data,
            query={"name": name, "recipe": recipe, "labels": labels},
            answer="json",
        )

    async def get_model_version(
        self,
        model: str,
        number: str,
    ) -> ModelVersionBody:
        """One version of a model.

        model: The model's name
        number: The version's number
        """
        return await self._call(
            "GET",
            f"/api/v1/models/{quoted(model)}/{quoted(number)}",
            answer="json",
        )

    async def delete_model_version(
        self,
        model: str,
        number: str,
    ) -> None:
        """Deletes a version that nothing uses or ever used.

        model: The model's name
        number: The version's number
        """
        return await self._call(
            "DELETE",
            f"/api/v1/models/{quoted(model)}/{quoted(number)}",
            answer="nothing",
        )

    async def get_model_card(
        self,
        model: str,
        number: str,
    ) -> str:
        """What a version is, in Markdown: labels, lineage, parameters, figures.

        model: The model's name
        number: The version's number
        """
        return await self._call(
            "GET",
            f"/api/v1/models/{quoted(model)}/{quoted(number)}/card",
            answer="text",
        )

    async def evaluate(
        self,
        model: str,
        number: str,
        body: MeasureBody,
    ) -> EvaluationBody:
        """Measures a model version and keeps the figures with it. The answer comes
        when all images are done; who goes away ends it, and nothing is kept.

        Images that the version learned from, or near duplicates of them, are left
        out and counted, unless the split is one that it was fitted to or chosen by.

        model: The model's name
        number: The version's number
        """
        return await self._call(
            "POST",
            f"/api/v1/models/{quoted(model)}/{quoted(number)}/evaluations",
            body=body,
            answer="json",
        )

    async def get_weights(
        self,
        model: str,
        number: str,
    ) -> bytes:
        """The weights of a version, to be kept or imported elsewhere.

        model: The model's name
        number: The version's number
        """
        return await self._call(
            "GET",
            f"/api/v1/models/{quoted(model)}/{quoted(number)}/weights",
            answer="bytes",
        )

    async def get_prediction(
        self,
        id: str,
    ) -> PredictionBody:
        """One prediction.

        id: The prediction
        """
        return await self._call(
            "GET",
            f"/api/v1/predictions/{quoted(id)}",
            answer="json",
        )

    async def delete_prediction(
        self,
        id: str,
    ) -> None:
        """Deletes a prediction with its boxes.

        id: The prediction
        """
        return await self._call(
            "DELETE",
            f"/api/v1/predictions/{quoted(id)}",
            answer="nothing",
        )

    async def get_prediction_image(
        self,
        id: str,
        *,
        size: str | None = None,
    ) -> bytes:
        """The image of a prediction.

        id: The prediction
        size: `full` (default, as it was sent), `thumb` (a small JPEG) or `plain` (as the model saw it: the file as it was sent, or an upright PNG without transparency where programs would show something else).
        """
        return await self._call(
            "GET",
            f"/api/v1/predictions/{quoted(id)}/image",
            query={"size": size},
            answer="bytes",
        )

    async def lease_prediction(
        self,
        id: str,
        body: SessionBody,
    ) -> LeaseBody:
        """Takes one image onto the table for five minutes, or keeps it there.

        id: The prediction
        """
        return await self._call(
            "POST",
            f"/api/v1/predictions/{quoted(id)}/lease",
            body=body,
            answer="json",
        )

    async def neighbours(
        self,
        id: str,
        *,
        q: str | None = None,
        sort: str | None = None,
        radius: int | None = None,
    ) -> NeighbourhoodBody:
        """What stands before and behind a prediction among what matches.

        id: The prediction
        q: A query; all when left out.
        sort: As in the list.
        radius: On each side; 1 when left out, at most 50.
        """
        return await self._call(
            "GET",
            f"/api/v1/predictions/{quoted(id)}/neighbours",
            query={"q": q, "sort": sort, "radius": radius},
            answer="json",
        )

    async def reopen(
        self,
        id: str,
    ) -> PredictionBody:
        """Puts a prediction back to be reviewed; its revisions stay.

        id: The prediction
        """
        return await self._call(
            "POST",
            f"/api/v1/predictions/{quoted(id)}/reopen",
            answer="json",
        )

    async def get_review(
        self,
        id: str,
        *,
        session: str | None = None,
    ) -> SubjectBody:
        """A prediction with all that a review of it needs.

        id: The prediction
        session: One word for one open page, so that its leases are known for its own.
        """
        return await self._call(
            "GET",
            f"/api/v1/predictions/{quoted(id)}/review",
            query={"session": session},
            answer="json",
        )

    async def save_review(
        self,
        id: str,
        body: SaveBody,
    ) -> SavedBody:
        """Saves a review as a new revision; nothing is overwritten.

        The same save again by the same person gives the same revision, so that a
        lost answer is harmless.

        id: The prediction
        """
        return await self._call(
            "PUT",
            f"/api/v1/predictions/{quoted(id)}/review",
            body=body,
            answer="json",
        )

    async def list_revisions(
        self,
        id: str,
    ) -> RevisionsBody:
        """Lists the revisions of a review: who saved what when.

        id: The prediction
        """
        return await self._call(
            "GET",
            f"/api/v1/predictions/{quoted(id)}/revisions",
            answer="json",
        )

    async def get_revision(
        self,
        id: str,
        revision: int,
    ) -> ReviewBody:
        """One revision with its boxes.

        id: The prediction
        revision: From 1
        """
        return await self._call(
            "GET",
            f"/api/v1/predictions/{quoted(id)}/revisions/{quoted(revision)}",
            answer="json",
        )

    async def restore_revision(
        self,
        id: str,
        revision: int,
        body: RestoreBody,
    ) -> SavedBody:
        """Takes back an earlier revision: its boxes become a new one.

        id: The prediction
        revision: From 1
        """
        return await self._call(
            "POST",
            f"/api/v1/predictions/{quoted(id)}/revisions/{quoted(revision)}/restore",
            body=body,
            answer="json",
        )

    async def report_shadow(
        self,
        id: str,
        body: LateShadowBody,
    ) -> PredictionBody:
        """Takes what a shadow saw on an image that was predicted or reported before.
        A prediction has one shadow at most.

        id: The prediction
        """
        return await self._call(
            "POST",
            f"/api/v1/predictions/{quoted(id)}/shadow",
            body=body,
            answer="json",
        )

    async def skip(
        self,
        id: str,
        body: SkipRequest,
    ) -> PredictionBody:
        """Sets a prediction aside.

        id: The prediction
        """
        return await self._call(
            "POST",
            f"/api/v1/predictions/{quoted(id)}/skip",
            body=body,
            answer="json",
        )

    async def restore_deployment(
        self,
        id: str,
    ) -> DeploymentBody:
        """Brings a deployment back that was deleted a moment ago.

        id: The deployment
        """
        return await self._call(
            "POST",
            f"/api/v1/removed-deployments/{quoted(id)}/restore",
            answer="json",
        )

    async def list_staged_models(
        self,
    ) -> StagedModelList:
        """Lists the files of yours that wait to be imported as models.
        """
        return await self._call(
            "GET",
            "/api/v1/staged-models",
            answer="json",
        )

    async def stage_model(
        self,
        data: File,
        *,
        filename: str | None = None,
    ) -> StagedModelBody:
        """Sends a model file that is to be looked at and tried before it is imported.
        It waits for an hour, and is nobody's but the sender's.

        filename: As the file is called; for people.
        """
        return await self._call(
            "POST",
            "/api/v1/staged-models",
            data=data,
            query={"filename": filename},
            answer="json",
        )

    async def get_staged_model(
        self,
        id: str,
    ) -> StagedModelBody:
        """A file that waits, and what it turned out to be.

        id: The file
        """
        return await self._call(
            "GET",
            f"/api/v1/staged-models/{quoted(id)}",
            answer="json",
        )

    async def describe_staged_model(
        self,
        id: str,
        body: SaidBody,
    ) -> StagedModelBody:
        """Says what a file does not say itself, and looks at it again. It waits for
        another hour.

        id: The file
        """
        return await self._call(
            "PUT",
            f"/api/v1/staged-models/{quoted(id)}",
            body=body,
            answer="json",
        )

    async def discard_staged_model(
        self,
        id: str,
    ) -> None:
        """Forgets a file that waits.

        id: The file
        """
        return await self._call(
            "DELETE",
            f"/api/v1/staged-models/{quoted(id)}",
            answer="nothing",
        )

    async def import_staged_model(
        self,
        id: str,
        body: ImportStagedBody,
    ) -> ModelVersionBody:
        """Makes a file that waits the next version of a model.

        id: The file
        """
        return await self._call(
            "POST",
            f"/api/v1/staged-models/{quoted(id)}/import",
            body=body,
            answer="json",
        )

    async def try_staged_model(
        self,
        id: str,
        data: File,
    ) -> TrialBody:
        """Asks a file that waits for the boxes of a picture, which is not kept.

        id: The file
        """
        return await self._call(
            "POST",
            f"/api/v1/staged-models/{quoted(id)}/trial",
            data=data,
            answer="json",
        )

    async def list_tokens(
        self,
    ) -> TokenList:
        """Lists the tokens.
        """
        return await self._call(
            "GET",
            "/api/v1/tokens",
            answer="json",
        )

    async def create_token(
        self,
        body: NewTokenBody,
    ) -> NewTokenAnswer:
        """Makes a token.
        """
        return await self._call(
            "POST",
            "/api/v1/tokens",
            body=body,
            answer="json",
        )

    async def revoke_token(
        self,
        id: str,
    ) -> None:
        """Revokes a token.

        id: The token
        """
        return await self._call(
            "DELETE",
            f"/api/v1/tokens/{quoted(id)}",
            answer="nothing",
        )

    async def list_trainers(
        self,
    ) -> TrainerList:
        """Lists the trainers: the built-in one, and those that the operator of the
        server named.
        """
        return await self._call(
            "GET",
            "/api/v1/trainers",
            answer="json",
        )

    async def begin_upload(
        self,
        body: NewUploadBody,
    ) -> UploadBody:
        """Begins a file that is sent before it is used.
        """
        return await self._call(
            "POST",
            "/api/v1/uploads",
            body=body,
            answer="json",
        )

    async def get_upload(
        self,
        upload: str,
    ) -> UploadBody:
        """How far a file is.

        upload: The upload
        """
        return await self._call(
            "GET",
            f"/api/v1/uploads/{quoted(upload)}",
            answer="json",
        )

    async def write_upload(
        self,
        upload: str,
        data: File,
        *,
        offset: int | None = None,
    ) -> UploadBody:
        """Sends the next bytes of a file, as many as you like: all, or a piece. What
        came before a connection broke is kept; ask how far it is, and go on there.

        upload: The upload
        offset: How many bytes are here already: `received` of the last answer; 0 when left out.
        """
        return await self._call(
            "PUT",
            f"/api/v1/uploads/{quoted(upload)}",
            data=data,
            query={"offset": offset},
            answer="json",
        )

    async def discard_upload(
        self,
        upload: str,
    ) -> None:
        """Forgets a file, whether all of it came or not.

        upload: The upload
        """
        return await self._call(
            "DELETE",
            f"/api/v1/uploads/{quoted(upload)}",
            answer="nothing",
        )

    async def list_users(
        self,
    ) -> UserList:
        """Lists the people.
        """
        return await self._call(
            "GET",
            "/api/v1/users",
            answer="json",
        )

    async def add_user(
        self,
        body: NewUserBody,
    ) -> InvitedBody:
        """Invites a person.
        """
        return await self._call(
            "POST",
            "/api/v1/users",
            body=body,
            answer="json",
        )

    async def change_user(
        self,
        id: str,
        body: UserChange,
    ) -> UserBody:
        """Changes a person's role, or keeps them from signing in.

        id: The person
        """
        return await self._call(
            "PUT",
            f"/api/v1/users/{quoted(id)}",
            body=body,
            answer="json",
        )

    async def reset_link(
        self,
        id: str,
    ) -> ResetLinkBody:
        """Makes a new link by which a person sets their password; a former one works
        no more.

        id: The person
        """
        return await self._call(
            "POST",
            f"/api/v1/users/{quoted(id)}/link",
            answer="json",
        )

    async def change_view(
        self,
        id: str,
        body: SaveViewBody,
    ) -> SavedViewBody:
        """Changes a view.

        id: The view
        """
        return await self._call(
            "PUT",
            f"/api/v1/views/{quoted(id)}",
            body=body,
            answer="json",
        )

    async def delete_view(
        self,
        id: str,
    ) -> None:
        """Forgets a view.

        id: The view
        """
        return await self._call(
            "DELETE",
            f"/api/v1/views/{quoted(id)}",
            answer="nothing",
        )

    async def list_work(
        self,
        *,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> PageOf_WorkBody:
        """Lists the long work, newest first.

        limit: 1 to 200; 50 when left out.
        cursor: From a former page's `next_cursor`.
        """
        return await self._call(
            "GET",
            "/api/v1/work",
            query={"limit": limit, "cursor": cursor},
            answer="json",
        )

    async def cancel_work(
        self,
        id: str,
    ) -> WorkBody:
        """Asks a piece of work to stop: a queued one at once, a running one soon.

        id: The work
        """
        return await self._call(
            "POST",
            f"/api/v1/work/{quoted(id)}/cancel",
            answer="json",
        )
