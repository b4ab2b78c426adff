"""Generated from the OpenAPI description by generate.py; do not edit."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, Union


class AddWebhookBody(TypedDict):
    """An address to be told.
    """

    # `alert.fired`, `alert.cleared`, `drift.declared`, `drift.cleared`, `prediction.reviewed`,
    # `continuous_training.started`, `continuous_training.finished`, `model.deployed`; none for
    # all.
    events: NotRequired[list[str]]

    # How it is told: a kind of the docs' chapter on notices; `webhook` when it is left out.
    kind: NotRequired[str | None]

    # An address of that kind: `https://HOST/PATH`, private addresses only where the server
    # allows them, or mailboxes with a comma between.
    url: str


class AlertRuleBody(TypedDict):
    """A rule as it is set: `metric` or `query`.
    """

    # Whether it is looked at.
    enabled: NotRequired[bool]

    # How far back behind the limit it must come before the alert clears.
    hysteresis: NotRequired[float]

    # In the figure's own unit.
    limit: float

    # A figure of what arrived; or `drift`, the number of features that drift; or of reviews of
    # randomly picked images: `AP`, `AP50`, or `reviewed`, their number
    metric: NotRequired[Literal["predictions", "latency_p50_ms", "latency_p95_ms", "shadow_p50_ms", "shadow_p95_ms", "objects_mean", "confidence_mean", "unusual", "width", "height", "ratio", "area", "brightness", "contrast", "sharpness", "drift", "AP", "AP50", "reviewed"]]

    # 1 to 80 characters, unique within the deployment.
    name: str

    # `>`, `>=`, `<` or `<=`.
    operator: str

    # Instead: how many predictions of the window match this query.
    query: NotRequired[str | None]

    # How long it must hold before the alert fires, in seconds.
    sustained_s: NotRequired[int]

    # Over how long it is measured, in seconds.
    window_s: int


class AlertBody(AlertRuleBody):
    """A rule of a deployment.
    """

    # When it was made.
    created: str

    # Since when it fires; null when it does not.
    firing_since: NotRequired[str | None]

    # `supervised` or `unsupervised`: whether it needs reviews.
    group: str

    # Identity.
    id: str

    # Since when nothing arrives: a figure has no value then, and its alert neither fires nor
    # clears. Null while something does, or when nothing ever did.
    silent_since: NotRequired[str | None]


class AlertEventBody(TypedDict):
    """A firing or a clearing.
    """

    # Of which rule, which may be gone.
    alert_id: str

    # When.
    at: str

    # `fired` or `cleared`.
    event: str

    # Identity.
    id: str

    # Its name then.
    name: str

    # Selects the predictions behind it.
    query: str

    # When somebody took note.
    read: NotRequired[str | None]

    # The figure that made it.
    value: float


class AlertsBody(TypedDict):
    """Rules and inbox.
    """

    # The latest first, at most 100.
    events: list[AlertEventBody]

    # By name.
    rules: list[AlertBody]


class AnnotationBody(TypedDict):
    """A true box, in pixels of the upright image.
    """

    # Height, above 0.
    h: float

    # A region that metrics leave alone.
    ignore: NotRequired[bool]

    # One of the version's labels.
    label: str

    # Width, above 0.
    w: float

    # Left edge.
    x: float

    # Upper edge.
    y: float


class AskedBody(TypedDict):
    """A query that was asked.
    """

    # The query.
    q: str


class AssetBody(TypedDict):
    """One image of a dataset version.
    """

    # Its true boxes.
    annotations: list[AnnotationBody]

    # SHA-256 of the file.
    content_hash: str

    # As the importer saw it.
    filename: str

    # Of the upright image.
    height: int

    # Identity.
    id: str

    # Where the image is.
    image_url: str

    # `train`, `val` or `test`.
    split: str

    # Of the upright image.
    width: int


class AssetForm(TypedDict):
    """The form of an image with its true boxes.
    """

    # The boxes, as a JSON array.
    annotations: NotRequired[list[AnnotationBody] | None]

    # A name for people; the file's when left out.
    filename: NotRequired[str | None]

    # The image: JPEG, PNG or WebP.
    media: bytes

    # `train`, `val` or `test`; `train` when left out.
    split: NotRequired[str | None]


class AuditBody(TypedDict):
    """One act.
    """

    # What, as `area.verb`.
    action: str

    # Who.
    actor: str

    # When.
    at: str

    # More, as JSON text.
    detail: str

    # Rising number.
    id: int

    # On what.
    subject: str


class BestThresholdBody(TypedDict):
    """The threshold of the score at which F1 is highest.
    """

    # F1 there, of all labels together, with its interval.
    f1: EstimateBody

    # Precision there.
    precision: float

    # Recall there.
    recall: float

    # The score from which on boxes count, in steps of 0.01, with the interval (95 %) of the
    # best thresholds of resampled images.
    threshold: EstimateBody


class BoxShape(TypedDict):
    """A box with its label and confidence, in pixels of the upright image.
    """

    # Height, above 0.
    h: float

    # One of the model's labels.
    label: str

    # Confidence from 0 to 1; what lies outside by no more than 0.00001, as sums of small floats
    # do, is taken as 0 or 1.
    score: float

    # Width, above 0.
    w: float

    # Left edge.
    x: float

    # Upper edge.
    y: float


class BucketFigures(TypedDict):
    """As the description has it."""

    # Mean brightness, 0 to 1
    brightness: float | None

    # Mean confidence of boxes at or above the threshold, 0 to 1
    confidence: float | None

    # Mean contrast, 0 to 0.5
    contrast: float | None

    # Median latency
    latency_p50_ms: float | None

    # 95th percentile of the latency
    latency_p95_ms: float | None

    # Mean number of boxes at or above the threshold
    objects_mean: float | None

    # Number of predictions
    predictions: int

    # Images with an outlier score
    scored: int

    # The shadow's median latency
    shadow_p50_ms: float | None

    # 95th percentile of the shadow's latency
    shadow_p95_ms: float | None

    # Median sharpness
    sharpness: float | None

    # Share of the images with an outlier score that lies above 0.99
    unusual: float | None


class BucketBody(BucketFigures):
    """The figures of one bucket.
    """

    # Boxes by label, most first.
    labels: list[LabelCount]

    # The most unusual image.
    most_unusual: NotRequired[str | None]

    # The slowest prediction.
    slowest: NotRequired[str | None]

    # Its first moment.
    start: str


BulkBody = TypedDict(
    "BulkBody",
    {
        # `tag`, `untag`, `skip`, `reopen`, `submit` or `delete`.
        "act": "str",
        # Of those that had arrived by then: a page's `as_of`.
        "as_of": "NotRequired[str | None]",
        # But not these.
        "except": "NotRequired[list[str]]",
        # These; at most 10000.
        "ids": "NotRequired[list[str] | None]",
        # All that match; empty for all.
        "q": "NotRequired[str | None]",
        # Of `skip`.
        "reason": "NotRequired[str | None]",
        # From a former answer to the same request.
        "resume": "NotRequired[str | None]",
        # Of `tag` and `untag`.
        "tag": "NotRequired[str | None]",
    },
)


class BulkReportBody(TypedDict):
    """What became of an act, as far as one call carried it.
    """

    # So many were changed.
    changed: int

    # What undoing a deletion takes, for ten seconds.
    deletion: NotRequired[str | None]

    # The first twenty of them.
    refusals: list[RefusalBody]

    # So many could not be changed.
    refused: int

    # There is more to do: ask the same again with it. Null when done.
    resume: NotRequired[str | None]

    # So many were as asked for already.
    unchanged: int


class CellBody(TypedDict):
    """A cell of the confusion matrix.
    """

    # Boxes.
    count: int

    # Images they are in, at most 50.
    images: list[str]

    # The predicted label; null where nothing was seen.
    predicted: NotRequired[str | None]

    # Selects images in which it may occur.
    query: str

    # The true label; null where nothing is.
    truth: NotRequired[str | None]


class ChangedBody(TypedDict):
    """What reviewers changed.
    """

    # Boxes that are new.
    added: int

    # Boxes that are gone.
    deleted: int

    # Boxes left as they were.
    kept: int

    # Boxes moved.
    moved: int

    # Boxes with another label.
    relabelled: int

    # Reviews that began with this model's boxes.
    reviews: int

    # Of them, those in which no box was changed.
    unchanged: int


class ChangesBody(TypedDict):
    """What became of an act on many predictions. Those that were as asked for
    already are in neither list.
    """

    # Those that changed.
    changed: list[str]

    # Those that were left as they are.
    refused: list[LeftBody]


class ChoiceBody(TypedDict):
    """Which predictions of the deployment: `ids` or `q`.
    """

    # These.
    ids: NotRequired[list[str] | None]

    # All that match, in the query language.
    q: NotRequired[str | None]


class CompareBody(TypedDict):
    """What to compare.
    """

    # `model/number` to be compared with the champion; the shadow when left out.
    candidate: NotRequired[str | None]


class ComparisonBody(TypedDict):
    """A candidate against the champion on the same held-out reviewed images.
    """

    # When it was made.
    at: str

    # Identity.
    id: str

    # Verdict, ΔAP with its interval, by class and size, confusion, errors, latency, and the
    # images that got better and worse.
    report: dict[str, Any]

    # What was compared on what, with the gate's settings and seed; `left_out` counts the
    # held-out images that one of the two learned from.
    subject: dict[str, Any]


class CountBody(TypedDict):
    """A number of predictions.
    """

    # How many.
    count: int

    # False when the time limit came first: there are at least so many.
    exact: bool


class CurveBody(TypedDict):
    """Precision, recall and F1 at one threshold.
    """

    # Null with neither.
    f1: NotRequired[float | None]

    # Null without detections.
    precision: NotRequired[float | None]

    # Null without truth.
    recall: NotRequired[float | None]

    # Boxes at or above it count.
    threshold: float


class CurvePointBody(TypedDict):
    """A point of a curve.
    """

    # `loss`, `loss_class`, `loss_box`, `learning_rate`, `val_ap` or `val_ap50`.
    series: str

    # Optimiser steps done.
    step: int

    # Its value.
    value: float


class DatasetImportBody(TypedDict):
    """An import by a worker.
    """

    # Whether it only looks.
    check: bool

    # When.
    created: str

    # The dataset that receives the version.
    dataset: str

    # `dataset/version`, once there is one, and as long as it is there.
    dataset_version: NotRequired[str | None]

    # The name of the file that was sent.
    filename: str

    # Identity.
    id: str

    # What it is doing, or why it failed.
    message: str

    # From 0 to 1.
    progress: float

    report: NotRequired[ImportReportBody | None]

    # By whom it was asked for.
    requested_by: str

    # `queued`, `running`, `cancelling`, `succeeded`, `failed` or `cancelled`.
    state: str


class DatasetVersionBody(TypedDict):
    """One version of a dataset.
    """

    # Number of boxes.
    boxes: int

    # Boxes by label.
    by_label: dict[str, int]

    # Images by split.
    by_split: dict[str, int]

    # When it was made.
    created: str

    # The dataset's id, whatever its versions.
    dataset_id: NotRequired[str]

    # SHA-256 over images, splits and boxes; empty while open.
    fingerprint: str

    # Identity.
    id: str

    # Number of images.
    images: int

    # An id for each of them: the same word has the same id everywhere.
    label_ids: NotRequired[list[str]]

    # In the order that gives classes their index.
    labels: list[str]

    # `dataset/version`.
    name: str

    # May still receive images.
    open: bool


class DeliveriesBody(TypedDict):
    """What was sent.
    """

    # The latest first, at most 100.
    items: list[DeliveryBody]


class DeliveryBody(TypedDict):
    """An event on its way.
    """

    # What was answered last, or why there was no answer.
    answer: str

    # How often it was tried.
    attempts: int

    # When it happened.
    created: str

    # Which event.
    event: str

    # Identity, the same at every attempt.
    id: str

    # When it is tried next, while it waits.
    next: str

    # `waiting`, `delivered` or `failed`.
    state: str


class DeployedModelBody(TypedDict):
    """A model version in its role.
    """

    # The version's id.
    id: str

    # An id for each of them: the same word has the same id everywhere.
    label_ids: NotRequired[list[str]]

    # Its classes.
    labels: list[str]

    # `model/number`.
    model: str

    # Whether it can predict here; if not, it only takes reports.
    runnable: bool

    # Since when it is in this role.
    since: str


class DeployingBody(TypedDict):
    """What becomes of the candidates of trainings.
    """

    # AP that a class may seem to lose; 0.05 when left out.
    class_margin: NotRequired[float | None]

    # Off: the policy is kept but not followed, and each candidate waits for a person.
    enabled: NotRequired[bool]

    # The candidate's latency that is allowed, 95th percentile; null for any.
    latency_budget_ms: NotRequired[float | None]

    # `champion`, `shadow` or `manual`.
    policy: Literal["champion", "shadow", "manual"]

    # `better` for only with that verdict; null for whatever the verdict. Under `champion`, an
    # undecided candidate then becomes the shadow.
    require: NotRequired[Literal["better", None]]


class DeploymentBody(TypedDict):
    """A model version at work.
    """

    # What answers.
    champion: DeployedModelBody

    # When it was made.
    created: str

    # Identity.
    id: str

    # Unique; usable wherever the id is.
    name: str

    shadow: NotRequired[DeployedModelBody | None]

    # Boxes at or above it are counted as objects.
    threshold: float


class DeploymentCardBody(DeploymentBody):
    """A deployment with its latest figures.
    """

    # Predictions in each of the last 24 hours, oldest first.
    hourly: list[int]

    # When the last one arrived.
    last_prediction: NotRequired[str | None]

    # Predictions since midnight UTC.
    today: int

    # Predictions in all.
    total: int


class DeploymentChange(TypedDict):
    """What is to change; what is left out stays.
    """

    # What it is called from now on.
    name: NotRequired[str | None]

    # `model/number`, or null for none.
    shadow: NotRequired[str | None]

    # From 0 to 1; for later predictions.
    threshold: NotRequired[float | None]


class DeploymentList(TypedDict):
    """All deployments.
    """

    # By name.
    items: list[DeploymentCardBody]


class DriftBody(TypedDict):
    """How drift is looked for.
    """

    # Expected share of false ones among features called different.
    false_discoveries: NotRequired[float]

    # Jensen–Shannon distance from which a difference of labels matters.
    js_effect: NotRequired[float]

    # Kolmogorov–Smirnov statistic from which a difference matters.
    ks_effect: NotRequired[float]

    # Images with which a window may close when it has been open for `longest_ms`.
    least: NotRequired[int]

    # How long a window waits to be full.
    longest_ms: NotRequired[int]

    # Random splits of each permutation test.
    permutations: NotRequired[int]

    # Windows running that it takes to declare drift, or to clear it.
    running: NotRequired[int]

    # Of each source, one image in so many milliseconds counts.
    spacing_ms: NotRequired[int]

    # Images of a window; 30 to 10,000.
    window: NotRequired[int]


class DriftNowBody(TypedDict):
    """Drift as it stands.
    """

    # Features that are declared to drift.
    declared: list[str]

    # Images in the window that is filling.
    filling: int

    last: NotRequired[DriftWindowBody | None]

    # When the first of these was declared; null while none is.
    since: NotRequired[str | None]


DriftWindowBody = TypedDict(
    "DriftWindowBody",
    {
        # Features that ceased to.
        "cleared": "list[str]",
        # Features declared to drift with this window.
        "declared": "list[str]",
        # How each feature compares.
        "features": "list[FeatureBody]",
        # When its earliest image was taken.
        "from": "str",
        # Identity.
        "id": "str",
        # Images that were compared.
        "images": "int",
        # The reference it was compared with.
        "reference_id": "str",
        # Images left out, since another of their source was too near.
        "thinned": "int",
        # When its latest image was taken.
        "to": "str",
    },
)


class ErrorBody(TypedDict):
    """How often something is wrong.
    """

    # How much AP50 would rise were it corrected, 0 to 1.
    ap50_gained: float

    # How often, at or above the threshold.
    count: int

    # `classification`, `localisation`, `both`, `duplicate`, `background` or `missed`.
    kind: str


class EstimateBody(TypedDict):
    """A figure with its 95 % interval.
    """

    # Upper end.
    high: float

    # Lower end.
    low: float

    # Of the images as they are.
    value: float


class EvaluationBody(TypedDict):
    """COCO figures on one split of a dataset version; −1 where undefined.
    """

    ap50_interval: NotRequired[EstimateBody | None]

    ap_interval: NotRequired[EstimateBody | None]

    # When.
    at: str

    best_threshold: NotRequired[BestThresholdBody | None]

    # True boxes measured.
    boxes: int

    # `dataset/version`.
    dataset: str

    # Whether the version was fitted to this very split, or chosen by it: then all of it is
    # measured, and the figures say how well it was learned. Null as above.
    fitted: NotRequired[bool | None]

    # Images measured.
    images: int

    left_out: NotRequired[LeftOutBody | None]

    # AP by label.
    per_label: dict[str, LabelAp]

    # `train`, `val` or `test`.
    split: str

    # The twelve figures, by their COCO names.
    summary: dict[str, float]


class ExperimentBody(TypedDict):
    """A training run.
    """

    # `model/number` it starts from.
    base: NotRequired[str | None]

    # The version of the program that ran it.
    code_version: str

    # When it was asked for.
    created: str

    # What it trains on, `dataset/version`.
    dataset: str

    # Why it failed.
    error: NotRequired[str | None]

    # The data's fingerprint at the start.
    fingerprint: str

    # When it ended, however.
    finished: NotRequired[str | None]

    # Identity.
    id: str

    # The model that receives the new version.
    model: str

    # `model/number` it made, once done.
    model_version: NotRequired[str | None]

    # Unique.
    name: str

    # Everything that shapes the run, seed included.
    params: dict[str, Any]

    plan: NotRequired[PlanBody | None]

    # How far it is, 0 to 1.
    progress: float

    # Seconds it may still take.
    seconds_left: NotRequired[float | None]

    # When it began.
    started: NotRequired[str | None]

    # `queued`, `running`, `cancelling`, `succeeded`, `failed` or `cancelled`.
    state: str

    # Whether it ended before its schedule, for it got no better on the val split (`patience`).
    stopped_early: NotRequired[bool]

    # Who trains; `null` for the built-in trainer.
    trainer: NotRequired[str | None]


class ExperimentDetailBody(ExperimentBody):
    """A training run with its curves and log.
    """

    # Points of all curves, by step.
    curves: list[CurvePointBody]

    # Its log, oldest line first.
    log: list[LogLine]


class ExplanationBody(TypedDict):
    """How a query is answered.
    """

    # How many candidates there are.
    candidates: CountBody

    # Whether it was filled within the time limit.
    complete: bool

    # Where candidates come from.
    drives: str

    # The index behind it.
    index: str

    # Matches that it found.
    matched: int

    # What the database makes of it.
    plan: list[str]

    # What is tested on each.
    residual: str

    # Candidates that a first page looked at.
    scanned: int

    # The statement, without its values.
    sql: str

    # How long it took.
    took_ms: float


class FacetBody(TypedDict):
    """The values of one field among what matches.
    """

    # Whether the numbers are exact, or at least so many.
    exact: bool

    # Whether there are more values than these.
    more: bool

    # The most frequent first; days the latest first.
    values: list[FacetValueBody]


class FacetValueBody(TypedDict):
    """One value of a field.
    """

    # What narrows to it: `has(label = "car")`.
    condition: str

    # How many have it.
    count: int

    # The query narrowed to it.
    query: str

    # As people read it.
    value: str


class FacetsBody(TypedDict):
    """What a query can be narrowed to.
    """

    # By day of arrival, UTC.
    day: FacetBody

    # By label of an object.
    label: FacetBody

    # By `model/number`.
    model: FacetBody

    # By source.
    source: FacetBody

    # By status.
    status: FacetBody

    # By tag.
    tag: FacetBody

    # All that match.
    total: CountBody


class FaultBody(TypedDict):
    """Why a file cannot be imported as it is.
    """

    # In a sentence.
    reason: str

    # A recipe to start from, as JSON to be edited.
    recipe: str

    # Inputs, outputs and metadata of the file, each in a line.
    seen: list[str]


class FeatureBody(TypedDict):
    """How a feature of a window compares.
    """

    # Adjusted for the number of features.
    adjusted_p: float

    # Whether effect and p agree that it differs.
    differs: bool

    # Kolmogorov–Smirnov statistic, or Jensen–Shannon distance of labels.
    effect: float

    # Which.
    feature: str

    # To how many independent images these amount.
    independent_images: float

    # From which effect on it matters.
    matters_from: float

    # Permutation p-value.
    p: float

    # Images of the training data that have the feature.
    reference_images: int

    # Images of the window that have it.
    window_images: int


class FeedbackBody(TypedDict):
    """A deployment's feedback loop.
    """

    dataset: NotRequired[DatasetVersionBody | None]

    # Whether submitting is allowed.
    enabled: bool

    # Images that models are only measured by.
    holdout: int

    # The holdout's share; null without any image.
    holdout_share: NotRequired[float | None]

    # True boxes by label, most first.
    labels: list[LabelBody]

    # Images that no training has taken yet.
    since_launch: int

    # Submits each review in the act that saves it, as far as the loop is on and takes it; a
    # submitted image is reopened before its review changes.
    submit_at_once: bool

    # Images that models learn from.
    train: int

    # The holdout's share has left 10 to 35 %, of 20 images or more.
    unbalanced: bool

    # Reviewed and not submitted yet.
    waiting: int

    # Images by week of submitting, oldest first, empty weeks left out.
    weeks: list[WeekBody]


class FeedbackSettingsBody(TypedDict):
    """How the loop is to be.
    """

    # Make the version when it is not there.
    create: NotRequired[bool]

    # `dataset/version`, open, with all labels of the deployment; null for none.
    dataset: NotRequired[str | None]

    # Whether submitting is allowed.
    enabled: bool

    # Submits each review in the act that saves it, as far as the loop is on and takes it; a
    # submitted image is reopened before its review changes.
    submit_at_once: NotRequired[bool]


class FiguresBody(TypedDict):
    """Figures of one model.
    """

    # When they were computed.
    as_of: str

    best_threshold: NotRequired[BestThresholdBody | None]

    # The cells that count something.
    cells: list[CellBody]

    # What reviewers who began with this model's boxes did to them.
    changes: ChangedBody

    # Rows true, columns predicted, by label; the last of both for nothing.
    confusion: list[list[int]]

    # Over all thresholds.
    curve: list[CurveBody]

    # What is wrong, by kind.
    errors: list[ErrorBody]

    # Reviewed images that the figures are of.
    images: int

    # Reviewed images of the scope that they are not of.
    left_out: LeftOutBody

    # `model/number`.
    model: str

    # In the order of arrival, stretches of equally many images.
    over_time: list[PeriodBody]

    # Of all labels together.
    overall: PointBody

    # By label.
    per_label: list[LabelFiguresBody]

    # Precision at recall 0, 0.01 … 1 at IoU 0.5.
    precision_recall: list[float]

    # `AP`, `AP50` … `AR_large`, as COCO counts them; undefined ones are left out.
    summary: dict[str, EstimateBody]

    # Of the figures at one threshold.
    threshold: float


HeatBody = TypedDict(
    "HeatBody",
    {
        # Boxes whose middle lies in the cell, row by row.
        "cells": "list[int]",
        # Cells of a row.
        "columns": "int",
        # Start of the time it is of: whole hours or days.
        "from": "NotRequired[str | None]",
        # Rows.
        "rows": "int",
        # End, excluded.
        "to": "NotRequired[str | None]",
    },
)


class HeldBody(TypedDict):
    """Images of one open page.
    """

    # At most 200.
    ids: list[str]

    # One word for one open page.
    session: NotRequired[str]


class HistoryBody(TypedDict):
    """What somebody asked lately.
    """

    # The latest first.
    items: list[str]


class ImportFaultBody(TypedDict):
    """Something wrong with one image, box, label or member of the archive.
    """

    # The file it stands in.
    file: str

    # A word for its kind.
    kind: str

    # What is wrong, and what was done about it.
    message: str

    # A line, or an id; empty when it is about the file as a whole.
    place: str

    # `error` where something was left out, else `warning`.
    severity: str


class ImportForm(TypedDict):
    """The form of a model file with what is said of it.
    """

    # Weights of Fovea or an ONNX graph.
    file: bytes

    # In the order of the network's outputs: a JSON array, one a line, or separated by commas.
    labels: NotRequired[str | None]

    # The model that receives the version; made when there is none.
    name: NotRequired[str | None]

    # How it is fed and read, as JSON.
    recipe: NotRequired[str | None]


class ImportOrderBody(TypedDict):
    """What is asked for.
    """

    # Only looks: makes a report and stores no image.
    check: NotRequired[bool]

    # Of text files that are not UTF-8 and do not say what they are: windows-1252, shift_jis,
    # gbk …
    encoding: NotRequired[str | None]

    # What more numbers than a box has are in YOLO's lines: ignore reads the first four, outline
    # takes all for corners; without a word such a file is left out and named
    extra_columns: NotRequired[Literal["ignore", "outline", None]]

    # A format by its word, or `auto` for the one that the files look like, which is also meant
    # when it is left out.
    format: NotRequired[str | None]

    # Imports what is sound although boxes or splits are lost.
    keep_going: NotRequired[bool]

    # Images without a file of labels: left out, or images without objects; `leave-out` without
    # a word
    missing_labels: NotRequired[Literal["leave-out", "background", None]]

    # A size in the annotations that is not the image's: check scales boxes and leaves out
    # images of another shape; ignore takes boxes as they are; `check` without a word
    sizes: NotRequired[Literal["check", "ignore", None]]

    # `train`, `val` or `test` for all images; `from-file`, or nothing, for what the files say.
    split: NotRequired[str | None]

    # Refuses files with any fault.
    strict: NotRequired[bool]

    # Boxes of a class that the files have no name for: left out, or of a class called by its
    # number; `leave-out` without a word
    unlisted_classes: NotRequired[Literal["leave-out", "by-number", None]]

    # An upload that is here as a whole: a zip, tar or tar.gz of images and annotations.
    upload: str

    # The version; `v1`, `v2` … when left out.
    version: NotRequired[str | None]


class ImportReportBody(TypedDict):
    """What was found in the files.
    """

    # Boxes that are kept.
    boxes: int

    # Boxes by label.
    by_label: dict[str, int]

    # Images by split.
    by_split: dict[str, int]

    # What was decided where the files leave a choice, and why.
    decisions: list[str]

    # How many of each kind there are, all counted.
    fault_counts: dict[str, int]

    # The first 1,000 faults.
    faults: list[ImportFaultBody]

    # The format they were read as.
    format: str

    # Images that are kept.
    images: int

    # What was left out.
    left_out: LeftOutFiles

    # Why it is not what the files say: boxes or splits that are lost. Nothing is imported then,
    # unless with `keep_going`.
    problems: list[str]

    # Images without any box.
    without_boxes: int


class ImportStagedBody(TypedDict):
    """Which model receives the version.
    """

    # Made when there is none.
    name: str


class ModelVersionBody(TypedDict):
    """One version of a model.
    """

    # When it was made.
    created: str

    # What it was measured to be worth.
    evaluations: list[EvaluationBody]

    # The experiment that made it.
    experiment_id: NotRequired[str | None]

    # `fovea` or `onnx`; null for a model served elsewhere.
    format: NotRequired[str | None]

    # Identity.
    id: str

    # An id for each label: the same word has the same id everywhere.
    label_ids: NotRequired[list[str]]

    # In the order of the network's outputs.
    labels: list[str]

    # The model it belongs to.
    model: str

    # The model's id, whatever its versions.
    model_id: NotRequired[str]

    # `model/number`.
    name: str

    # 1, 2, 3 …
    number: int

    # How it is fed and read; null where the format knows but one way.
    recipe: NotRequired[dict[str, Any] | None]

    # Whether images can be predicted with it here.
    runs_here: NotRequired[bool]

    # What it does: `detection`.
    task: NotRequired[str]

    # Whether a training here can start from it.
    trainable_here: NotRequired[bool]

    # The external trainer that goes on from it; null for the built-in one.
    trainer: NotRequired[str | None]

    # Size of the weights.
    weights_bytes: NotRequired[int | None]

    # SHA-256 of the weights; null for a model served elsewhere.
    weights_sha256: NotRequired[str | None]


class ImportedBody(ModelVersionBody):
    """A version that was made of a file, and what the file turned out to be.
    """

    # What was seen of the file.
    inspected: InspectedBody


class InspectedBody(TypedDict):
    """What a model file turned out to be.
    """

    # The recipe in sentences.
    explanation: list[str]

    # `fovea` or `onnx`.
    format: str

    # In the order of the network's outputs.
    labels: list[str]

    # What was seen and taken for granted, in sentences.
    notes: list[str]

    # How it is fed and read; null where the format knows but one way.
    recipe: NotRequired[dict[str, Any] | None]

    # Whether a training here can start from it.
    trainable: bool


class InvitedBody(TypedDict):
    """An account with the link that sets its password.
    """

    # Until when the link works.
    expires: str

    # Open it once to choose a password; shown only here.
    setup_path: str

    # The account.
    user: UserBody


class KnownValuesBody(TypedDict):
    """Values that occur in a deployment.
    """

    # Of boxes and of the champion.
    labels: list[str]

    # Keys with some of their values.
    metadata: dict[str, list[str]]

    # `name/number`.
    models: list[str]

    # Who has reviewed.
    reviewers: list[str]

    # Of predictions.
    sources: list[str]

    # Of predictions.
    tags: list[str]


class LabelAp(TypedDict):
    """AP of one label; −1 where undefined.
    """

    # Averaged over IoU 0.50:0.05:0.95.
    AP: float

    # At IoU 0.50.
    AP50: float


class LabelBody(TypedDict):
    """True boxes of one label.
    """

    # Held out.
    holdout: int

    # The label.
    label: str

    # On the training side.
    train: int


class LabelCount(TypedDict):
    """How often something was seen.
    """

    # Boxes at or above the threshold, or predictions.
    count: int

    # The label, or the source.
    label: str


class LabelFiguresBody(TypedDict):
    """The figures of a label.
    """

    AP: NotRequired[EstimateBody | None]

    AP50: NotRequired[EstimateBody | None]

    # Which.
    label: str

    # At the threshold.
    point: PointBody

    # True boxes.
    truths: int


class LabelShare(TypedDict):
    """The share of a label among the boxes.
    """

    # The label.
    label: str

    # 0 to 1.
    share: float


class LabelStudioBody(TypedDict):
    """Where Label Studio is.
    """

    # A token of an account that may see the pictures: a personal access token, or a legacy one.
    token: NotRequired[str | None]

    # `https://HOST`, or `https://HOST/PATH` where it lies below a path; private addresses only
    # where the server allows them (`--allow-private-webhooks`). Pictures are fetched from there
    # alone.
    url: str


class LateShadowBody(TypedDict):
    """What another model saw on the image of a prediction.
    """

    # What it saw.
    boxes: list[BoxShape]

    # How long it took.
    latency_ms: float

    # `name/number` of the model; the deployment's shadow when left out.
    model: NotRequired[str | None]


class LaunchBody(TypedDict):
    """A training to be launched.
    """

    # `model/number` to start from; nothing when left out.
    base: NotRequired[str | None]

    # What to train on, `dataset/version`.
    dataset: str

    # The model that receives the new version; made when there is none.
    model: str

    # Unique; made from the model's name and the time when left out.
    name: NotRequired[str | None]

    # Parameters that differ from the trainer's defaults.
    params: NotRequired[dict[str, Any]]

    # Who trains: a name of `GET /trainers`; the built-in trainer when left out.
    trainer: NotRequired[str | None]


class LaunchedBody(ExperimentBody):
    """A training that was launched.
    """

    # What it will lack for want of data, as a val split: sentences for people.
    notes: NotRequired[list[str]]


class LeaseBody(TypedDict):
    """An image in a reviewer's hands.
    """

    # Who has it.
    holder: str

    # Whether it is the page that asks.
    mine: bool

    # How the image was picked: `random`, `query`, `outlier` or `alert`.
    picked: str

    # The prediction.
    prediction_id: str

    # Until when, unless renewed.
    until: str


class LeasesBody(TypedDict):
    """Some leases.
    """

    # In the order asked for.
    items: list[LeaseBody]


class LeftBody(TypedDict):
    """Why a prediction was left as it is.
    """

    # Which.
    id: str

    # A sentence.
    reason: str


class LeftOutBody(TypedDict):
    """Images that a figure is not of, by reason: a version is never measured on
    what it learned from.
    """

    # All of them.
    images: int

    # Near duplicates of such: their perceptual hashes differ in 8 bits of 64 at most, from the
    # same source, within 24 hours.
    near_duplicates: int

    # In a `train` or `val` split of what the version, or one that it came from, was trained on,
    # by the hash of their pixels.
    trained_on: int

    # Not compared with the training data: their pixels are still to be read, or cannot be.
    unchecked: int


class LeftOutFiles(TypedDict):
    """What an import left out.
    """

    # Boxes, those of left out images among them.
    boxes: int

    # Images.
    images: int


class LineAnswer(TypedDict):
    """The answer to one line.
    """

    # The prediction that was stored, now or before.
    id: NotRequired[str | None]

    # Counted from 1; empty lines count too.
    line: int

    problem: NotRequired[ProblemBody | None]

    # Whether it had been stored before under the same key.
    repeated: NotRequired[bool | None]


class LinksAnswer(TypedDict):
    """Links, in the order of the addresses.
    """

    # Whole addresses, with the name that this server was asked under.
    links: list[str]


class LinksBody(TypedDict):
    """What links are wanted to.
    """

    # Addresses of images or weights, as other answers give them (`image_url`), with their
    # query; 1,000 at most.
    addresses: list[str]

    # Seconds for which they are good: 3,600 when left out, a week at most.
    seconds: NotRequired[int | None]


class PredictionBody(TypedDict):
    """What a model said of one image.
    """

    # All boxes with a score of 0.01 or more, or as the server was told by `--least-score`; at
    # most 300, best first.
    boxes: list[BoxShape]

    # When the image was taken.
    created: str

    # Where it was made.
    deployment_id: str

    # As the sender named the file.
    filename: NotRequired[str | None]

    # Of the upright image.
    height: int

    # Sorts by arrival.
    id: str

    # Where the image is; null when it was not sent.
    image_url: NotRequired[str | None]

    # From the request's arrival to the boxes.
    latency_ms: float

    # Free keys and values.
    metadata: dict[str, str]

    # `model/number` that answered.
    model: str

    # Number of boxes at or above the threshold.
    objects: int

    # How unusual it is against the training data, from 0 to 1.
    outlier_score: NotRequired[float | None]

    # When it arrived.
    received: str

    shadow: NotRequired[ShadowBody | None]

    # Which camera, line or client.
    source: NotRequired[str | None]

    # `to_review`, `reviewed`, `submitted` or `skipped`.
    status: str

    # Free words.
    tags: list[str]

    # Boxes at or above it are counted as objects.
    threshold: float

    # Of the upright image.
    width: int


class ListedNumbers(TypedDict):
    """As the description has it."""

    # Mean score of the boxes that `objects` counts; missing without any
    confidence: float | None

    # Least score of the boxes that `objects` counts; missing without any
    min_confidence: float | None

    # 1 − F1 of champion and shadow, 0 to 1; missing without a shadow
    shadow_disagreement: float | None


class ListedBody(PredictionBody, ListedNumbers):
    """A prediction in a list.
    """

    # Who saved the latest review.
    reviewed_by: NotRequired[str | None]

    # The latest review's number; 0 when there is none.
    revision: int


class ListingBody(TypedDict):
    """A page of predictions.
    """

    # When it was asked; acts on all that match can be frozen at it.
    as_of: str

    # False when the time limit came before the page was full: the cursor goes on from there.
    complete: bool

    count: NotRequired[CountBody | None]

    # In the order asked for.
    items: list[ListedBody]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]

    # Gives the page before this one; null at the beginning.
    prev_cursor: NotRequired[str | None]


class LogLine(TypedDict):
    """A line of a log.
    """

    # When.
    at: str

    # What.
    message: str


class MeasureBody(TypedDict):
    """What to measure a model version on.
    """

    # `dataset/version`.
    dataset: str

    # `train`, `val` or `test`; `test` when left out.
    split: NotRequired[str | None]


MetricsBody = TypedDict(
    "MetricsBody",
    {
        # When it was read.
        "as_of": "str",
        # The range of the same length before it.
        "before": "TotalBody",
        # Width of a bucket in seconds.
        "bucket_s": "int",
        # Oldest first, empty ones included.
        "buckets": "list[BucketBody]",
        # The whole range by model version, the latest first, at most four; empty where one made
        # all predictions.
        "by_model": "list[ModelTotalBody]",
        "drift": "NotRequired[DriftNowBody | None]",
        # How drift is looked for.
        "drift_settings": "DriftBody",
        # Windows compared in this range, the latest first, at most 30.
        "drift_windows": "list[DriftWindowBody]",
        # Start, included.
        "from": "str",
        # Where the middles of boxes lie.
        "heat": "HeatBody",
        # Shares of the labels in the training data, most first.
        "reference_labels": "list[LabelShare]",
        # Predictions by source, most first; those that name none are left out.
        "sources": "list[LabelCount]",
        # End, excluded.
        "to": "str",
        # The whole range as one.
        "total": "TotalBody",
        "training_data": "NotRequired[ReferenceBody | None]",
    },
)


class RangeFigures(TypedDict):
    """As the description has it."""

    # Median number of pixels
    area: float | None

    # Mean brightness, 0 to 1
    brightness: float | None

    # Mean confidence of boxes at or above the threshold, 0 to 1
    confidence_mean: float | None

    # Mean contrast, 0 to 0.5
    contrast: float | None

    # Median height in px
    height: float | None

    # Median latency
    latency_p50_ms: float | None

    # 95th percentile of the latency
    latency_p95_ms: float | None

    # Mean number of boxes at or above the threshold
    objects_mean: float | None

    # Number of predictions
    predictions: int

    # Median of width over height
    ratio: float | None

    # Images with an outlier score
    scored: int

    # The shadow's median latency
    shadow_p50_ms: float | None

    # 95th percentile of the shadow's latency
    shadow_p95_ms: float | None

    # Predictions that a shadow made too
    shadowed: int

    # Median sharpness
    sharpness: float | None

    # Share of the images with an outlier score that lies above 0.99
    unusual: float | None

    # Median width in px
    width: float | None


class TotalBody(RangeFigures):
    """The figures of a whole range.
    """

    # Boxes by confidence, in 20 bins from 0 to 1.
    confidence: list[int]

    # Boxes by label, most first.
    labels: list[LabelCount]

    # Images by number of boxes: `[boxes, images]`, few first.
    objects: list[list[int]]

    # Images by outlier score, in 20 bins from 0 to 1.
    outlier: list[int]

    # Its first moment.
    start: str


class ModelTotalBody(TotalBody):
    """What one model version did in the whole range.
    """

    # `model/number`.
    model: str


class NamedLabelStudioBody(TypedDict):
    """Where Label Studio is, without the token.
    """

    # Whether pictures are asked for with a token.
    has_token: bool

    # The address; null when none was named.
    url: NotRequired[str | None]


class NeighbourhoodBody(TypedDict):
    """Where a prediction stands among what matches.
    """

    # Those behind it; the first one is the nearest.
    after: list[ListedBody]

    # Those before it; the last one is the nearest.
    before: list[ListedBody]

    # False when the time limit came first.
    complete: bool

    # Whether it matches itself.
    matches: bool

    position: NotRequired[CountBody | None]

    # How many match.
    total: CountBody


class NewDatasetVersionBody(TypedDict):
    """A dataset version to be filled.
    """

    # The dataset; made when there is none of this name.
    dataset: str

    # In the order that gives classes their index.
    labels: list[str]

    # The version; `v1`, `v2` … when left out.
    version: NotRequired[str | None]


class NewDeploymentBody(TypedDict):
    """A deployment to be made.
    """

    # `model/number` that answers.
    model: str

    # Letters, digits, `.`, `_`, `-`.
    name: str

    # `model/number` that predicts silently beside it.
    shadow: NotRequired[str | None]

    # From 0 to 1; 0.25 when left out.
    threshold: NotRequired[float | None]


class NewModelBody(TypedDict):
    """A model that is served elsewhere.
    """

    # Its classes.
    labels: list[str]

    # Letters, digits, `.`, `_`, `-`.
    name: str


class NewTokenAnswer(TypedDict):
    """A new token with its secret.
    """

    # For `Authorization: Bearer …`; shown only here.
    secret: str

    # The token.
    token: TokenBody


class NewTokenBody(TypedDict):
    """A token to be made.
    """

    # How long it works (`90d`, `12h`), or until when (RFC 3339). Left out: for ever, as long as
    # its owner may do what it may.
    expires: NotRequired[str | None]

    # What it is for.
    name: str

    # `admin`, `reviewer` or `viewer`.
    role: str


class NewUploadBody(TypedDict):
    """A file that is going to be sent.
    """

    # How many bytes it has.
    bytes: int

    # What it is called; for people.
    filename: str


class NewUserBody(TypedDict):
    """A person to be invited.
    """

    # The address to sign in with.
    email: str

    # `admin`, `reviewer` or `viewer`.
    role: str


class NextBody(TypedDict):
    """Which images to give next.
    """

    # How many, 1 to 10; 1 when left out.
    count: NotRequired[int]

    # Images that are on hand already.
    exclude: NotRequired[list[str]]

    # In the query language; only what is `to_review` is given in any case.
    q: NotRequired[str]

    # One word for one open page: what it holds is given to it again.
    session: NotRequired[str]

    # As in the list of predictions; `-received` when left out.
    sort: NotRequired[str | None]


class PageOf_AssetBody(TypedDict):
    """Some items and where to go on.
    """

    # In the order asked for.
    items: list[dict[str, Any]]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]


class PageOf_AuditBody(TypedDict):
    """Some items and where to go on.
    """

    # In the order asked for.
    items: list[dict[str, Any]]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]


class PageOf_DatasetImportBody(TypedDict):
    """Some items and where to go on.
    """

    # In the order asked for.
    items: list[dict[str, Any]]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]


class PageOf_DatasetVersionBody(TypedDict):
    """Some items and where to go on.
    """

    # In the order asked for.
    items: list[dict[str, Any]]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]


class PageOf_ExperimentBody(TypedDict):
    """Some items and where to go on.
    """

    # In the order asked for.
    items: list[dict[str, Any]]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]


class PageOf_ModelVersionBody(TypedDict):
    """Some items and where to go on.
    """

    # In the order asked for.
    items: list[dict[str, Any]]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]


class PageOf_SubmissionBody(TypedDict):
    """Some items and where to go on.
    """

    # In the order asked for.
    items: list[dict[str, Any]]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]


class PageOf_WorkBody(TypedDict):
    """Some items and where to go on.
    """

    # In the order asked for.
    items: list[dict[str, Any]]

    # Give it back as `cursor` to get the next page; null at the end.
    next_cursor: NotRequired[str | None]


class PairedBody(TypedDict):
    """Champion and shadow on the images that both saw and neither learned from.
    """

    # The champion's figures.
    champion: FiguresBody

    # The shadow's, on the same images.
    shadow: FiguresBody


class ParameterBody(TypedDict):
    """A parameter of a trainer.
    """

    # What is allowed, in words.
    allowed: str

    # What may be chosen from.
    choices: list[str]

    # What holds where nothing is said: a number, true or false, or a text.
    default: Any

    # What it does, with its unit.
    help: str

    # The least that is allowed.
    least: NotRequired[float | None]

    # The most that is allowed.
    most: NotRequired[float | None]

    # What it is a multiple of.
    multiple_of: NotRequired[int | None]

    # Its key among `params`.
    name: str

    # `whole`, `number`, `flag`, `choice` or `text`.
    type: str


PeriodBody = TypedDict(
    "PeriodBody",
    {
        # AP at IoU 0.50:0.95; null without truth.
        "AP": "NotRequired[float | None]",
        # AP at IoU 0.50.
        "AP50": "NotRequired[float | None]",
        # When the first of them arrived.
        "from": "str",
        # Reviewed images.
        "images": "int",
        # When the last of them arrived.
        "to": "str",
    },
)


class PlanBody(TypedDict):
    """What a training will do, as it follows from its data and parameters.
    """

    # The share of images below which those of a label come more often.
    balance: float

    # Images in a step.
    batch_size: int

    # Nine of ten boxes have a shorter side of at least this many px of the input.
    box_px: NotRequired[float | None]

    # Passes, where no time limit says otherwise.
    epochs: int

    # Images of the val split that weights are chosen by.
    held: int

    # Images that weights are fitted to.
    images: int

    # Images of a pass: those with rare labels count more than once.
    images_a_pass: int

    # Height of the network's input, px.
    input_height: int

    # Width of the network's input, px.
    input_width: int

    # Share of images that are made of four.
    mosaic: float

    # What there is to be said of the data.
    notes: list[str]

    # Measurements without a better one that end it; 0 for never.
    patience: int

    # Height of the most common size of the pictures, px.
    picture_height: int

    # Width of the most common size of the pictures, px.
    picture_width: int

    # In a sentence.
    sentence: str

    # Steps of a pass.
    steps_a_pass: int

    # Images are zoomed by up to 1 + this.
    zoom: float


class PointBody(TypedDict):
    """The figures at the threshold.
    """

    f1: NotRequired[EstimateBody | None]

    # True boxes that nobody found.
    missed: int

    precision: NotRequired[EstimateBody | None]

    recall: NotRequired[EstimateBody | None]

    # Detections that found a true box.
    right: int

    # Detections that found none.
    wrong: int


class PredictBody(TypedDict):
    """An image with what is said about it.
    """

    # The file's name.
    filename: NotRequired[str | None]

    # The file (JPEG, PNG or WebP) in base64, or a data URL of it.
    image: str

    # Free keys and values; numbers and booleans are kept as text.
    metadata: NotRequired[dict[str, Any]]

    # `false` predicts and stores nothing.
    monitor: NotRequired[bool | None]

    # Which camera, line or client.
    source: NotRequired[str | None]

    # Free words.
    tags: NotRequired[list[str]]

    # When the image was taken: RFC 3339, or seconds or milliseconds since 1970; now when left
    # out.
    timestamp: NotRequired[str | None]


class PredictForm(TypedDict):
    """The form of an image with what is said about it.
    """

    # The same, beside `metadata`.
    custom_metadata: NotRequired[str | None]

    # The image: JPEG, PNG or WebP.
    media: bytes

    # Free keys and values, as a JSON object.
    metadata: NotRequired[str | None]

    # `false` predicts and stores nothing.
    monitor: NotRequired[bool | None]

    # Which camera, line or client.
    source: NotRequired[str | None]

    # Free words, as a JSON array or separated by commas.
    tags: NotRequired[str | None]

    # When the image was taken; now when left out.
    timestamp: NotRequired[str | None]


class ProblemBody(TypedDict):
    """What every refused or failed request answers (RFC 9457).
    """

    # What was wrong here, and what to do about it.
    detail: str

    # The field, parameter or file it is about.
    place: NotRequired[str | None]

    # The HTTP status code.
    status: int

    # The kind, for people.
    title: str

    # A stable name of the kind of problem.
    type: str


class PromotionBody(TypedDict):
    """What to promote.
    """

    # The champion that was looked at when this was decided (`model/number`): with another one
    # by now it is refused. Left out: whichever there is.
    expected_champion: NotRequired[str | None]

    # Even if it does not know a label that the champion knows.
    force: NotRequired[bool]

    # `model/number`.
    model: str


class ReadBody(TypedDict):
    """How many were new.
    """

    # Firings and clearings that nobody had taken note of.
    read: int


class ReceivedBody(TypedDict):
    """What a report is stored as.
    """

    # The prediction.
    id: str


class ReferenceBody(TypedDict):
    """Training data as a model sees it, frozen.
    """

    # Images that the model never trained on, which say what is usual.
    calibration_images: int

    # When it was asked for.
    created: str

    # `dataset/version`.
    dataset: str

    # Whether unusual images are flagged: that takes 100 calibration images.
    flags: bool

    # Metrics name it.
    id: str

    # What it lacks, or why it failed.
    message: str

    # `model/number`, whose embeddings it holds.
    model: str

    # `building`, `ready` or `failed`.
    state: str

    # Training images whose embeddings it holds.
    training_images: int


class RefusalBody(TypedDict):
    """One that could not be changed.
    """

    # Which.
    id: str

    # Why.
    reason: str


class RemovedBody(TypedDict):
    """A deployment that was deleted a moment ago.
    """

    # Its id, which brings it back.
    id: str

    # What it was called.
    name: str

    # Until when it can be brought back.
    until: str


class ReplayBody(TypedDict):
    """How far back to look.
    """

    # So many of the latest stored images, 1 to 100,000.
    last: int


class ReportBody(TypedDict):
    """A prediction that was made elsewhere.
    """

    # What it saw.
    boxes: list[BoxShape]

    # The file's name.
    filename: NotRequired[str | None]

    # Height of the upright image; taken from the image when there is one.
    height: NotRequired[int | None]

    # For NDJSON: the same key gives the same answer, once stored.
    idempotency_key: NotRequired[str | None]

    # How long the model took.
    latency_ms: float

    # Free keys and values; numbers and booleans are kept as text.
    metadata: NotRequired[dict[str, Any]]

    # `name/number` of the model; the champion when left out.
    model: NotRequired[str | None]

    # Whether the image may be left out by the deployment's `sample_rate`; it may when left out.
    sample: NotRequired[bool | None]

    shadow: NotRequired[ReportedShadowBody | None]

    # Which camera, line or client.
    source: NotRequired[str | None]

    # Free words.
    tags: NotRequired[list[str]]

    # When the image was taken: RFC 3339, or seconds or milliseconds since 1970; now when left
    # out.
    timestamp: NotRequired[str | None]

    # Width of the upright image; taken from the image when there is one.
    width: NotRequired[int | None]


class ReportForm(TypedDict):
    """The form of a report with its image.
    """

    # The image: JPEG, PNG or WebP.
    media: NotRequired[bytes | None]

    report: NotRequired[ReportBody | None]


class ReportedShadowBody(TypedDict):
    """What another model saw on the same image.
    """

    # What it saw.
    boxes: list[BoxShape]

    # How long it took.
    latency_ms: float


class ResetLinkBody(TypedDict):
    """A link that sets a password, once.
    """

    # Until when the link works.
    expires: str

    # Open it once to choose a password; shown only here.
    setup_path: str


class RestoreBody(TypedDict):
    """From which revision an earlier one is taken back.
    """

    # The latest revision, as far as the sender knows.
    base_revision: int


class RestoredBody(TypedDict):
    """What came back.
    """

    # How many predictions.
    restored: int


class RetentionBody(TypedDict):
    """What is kept of what nobody has reviewed. Counts, reviews and what was
    submitted stay.
    """

    # When all images have more bytes, the oldest predictions with an image that nobody reviewed
    # go; `null` for no limit.
    bytes: NotRequired[int | None]

    # Predictions that nobody reviewed go after so many days (1 to 3650); `null` for never.
    days: NotRequired[int | None]

    # The share of arriving images that is kept, from 0 to 1, beside those that are unusual; of
    # the others the prediction only.
    sample_rate: NotRequired[float]


class RetentionNowBody(TypedDict):
    """What is kept, and what is there.
    """

    # When all images have more bytes, the oldest predictions with an image that nobody reviewed
    # go; `null` for no limit.
    bytes: int | None

    # Predictions that nobody reviewed go after so many days (1 to 3650); `null` for never.
    days: int | None

    # The share of arriving images that is kept, from 0 to 1, beside those that are unusual; of
    # the others the prediction only.
    sample_rate: float

    # What is stored of images.
    stored: StoredImagesBody


class RevisionBody(TypedDict):
    """All about a revision but its boxes.
    """

    # When.
    at: str

    # The one it was made from.
    base_revision: int

    # Whether it counts as made without seeing a model's boxes.
    blind: bool

    # Number of boxes.
    box_count: int

    # How the image was picked: `random`, `query`, `outlier` or `alert`.
    picked: str

    # The one whose boxes were taken back, if that is how it came about.
    restored_from: NotRequired[int | None]

    # Who saved it.
    reviewer: str

    # From 1.
    revision: int

    # Where the review began: `champion`, `shadow` or `empty`.
    started_from: str

    statistics: NotRequired[StatisticsShape | None]

    # Boxes that are as a model drew them, found by comparing.
    untouched: int


class ReviewBody(RevisionBody):
    """A revision with its boxes.
    """

    # In the order in which they were saved.
    boxes: list[ReviewBoxBody]

    # The models' boxes that are in it as they were drawn.
    left_as_drawn: list[SourceShape]


class ReviewBoxBody(TypedDict):
    """A true box as it is kept.
    """

    # Height.
    h: float

    # A region that metrics leave alone.
    ignore: bool

    # One of the deployment's labels.
    label: str

    source: NotRequired[SourceShape | None]

    # Width.
    w: float

    # Left edge.
    x: float

    # Upper edge.
    y: float


class ReviewBoxIn(TypedDict):
    """A true box, in pixels of the upright image.
    """

    # Height, above 0.
    h: float

    # A region that metrics leave alone.
    ignore: NotRequired[bool]

    # One of the deployment's labels.
    label: str

    # Read and left out, so that a predicted box can be sent back as it is: a person is sure.
    score: NotRequired[float | None]

    source: NotRequired[SourceShape | None]

    # Width, above 0.
    w: float

    # Left edge.
    x: float

    # Upper edge.
    y: float


class ReviewSettingsBody(TypedDict):
    """How a deployment's predictions are reviewed.
    """

    # The share of images to be reviewed from an empty canvas, from 0 to 1.
    blind_share: float


class RevisionsBody(TypedDict):
    """All revisions.
    """

    # The latest first.
    items: list[RevisionBody]


class RoundBody(TypedDict):
    """One launch, and what came of it.
    """

    # `model/number` it made, once done.
    candidate: NotRequired[str | None]

    # `model/number` it started from.
    champion: str

    # When it was launched.
    created: str

    # The experiment's name.
    experiment: str

    # When it ended.
    finished: NotRequired[str | None]

    # Identity.
    id: str

    # What was done, or why nothing was.
    outcome: str

    # The frozen images, a dataset version.
    snapshot_id: str

    # `training`, `judging`, `done` or `failed`.
    state: str

    # Submissions that it took.
    submissions: int

    # What launched it.
    trigger: str

    # `better`, `worse`, `undecided` or `undecided (anchored)`.
    verdict: NotRequired[str | None]


class SaidBody(TypedDict):
    """What a file does not say itself.
    """

    # In the order of the network's outputs; empty leaves them to the file.
    labels: NotRequired[list[str]]

    # How it is fed and read; null leaves it to the file. As an object, or as its text.
    recipe: NotRequired[dict[str, Any] | None]


class SaveBody(TypedDict):
    """A review to be saved. The boxes are all there are: what is not among them
    is not in the image.
    """

    # The revision it was made from; 0 before the first.
    base_revision: int

    # At most 2,000.
    boxes: list[ReviewBoxIn]

    # `random`, `query`, `outlier` or `alert`: how the image was picked, where that is less than
    # the lease says: `random` is what the server itself gave out so. Left out: as it was
    # leased, else `query`.
    picked: NotRequired[str | None]

    # `champion`, `shadow` or `empty`: where it began. `empty` is believed of whom the server
    # showed the image blind (`blind` of the image's review, while they lease it). Left out: as
    # the former revision, else `champion`.
    started_from: NotRequired[str | None]

    statistics: NotRequired[StatisticsShape | None]


class SaveViewBody(TypedDict):
    """A view to be kept.
    """

    # 1 to 80 characters.
    name: str

    # The query.
    q: NotRequired[str]

    # Whether everybody sees it.
    shared: NotRequired[bool]

    # The order; `-received` when left out.
    sort: NotRequired[str | None]

    # The rest of the page's address.
    state: NotRequired[str]


class SavedBody(ReviewBody):
    """A review as it was saved.
    """

    # Why it was not submitted, where a deployment's reviews are submitted as they are saved;
    # null when it was, and where they are not.
    not_submitted: NotRequired[str | None]

    # This very save had been stored before.
    repeated: bool

    # How far the prediction is now.
    status: str


class SavedViewBody(TypedDict):
    """A view that somebody kept.
    """

    # Identity.
    id: str

    # Whether it is one's own.
    mine: bool

    # Its name.
    name: str

    # Whose it is.
    owner: str

    # The query.
    q: str

    # Whether everybody sees it.
    shared: bool

    # The order.
    sort: str

    # The rest of the page's address.
    state: str

    # When it was last saved.
    updated: str


class SessionBody(TypedDict):
    """Which open page asks.
    """

    # One word for one open page.
    session: NotRequired[str]


class SetTrainingDataBody(TypedDict):
    """How a deployment is to be compared.
    """

    # Look at the images again, even if that was done before.
    again: NotRequired[bool]

    # The frozen dataset version that the model was trained on, as `dataset/version`; the
    # present one when left out.
    dataset: NotRequired[str | None]

    drift: NotRequired[DriftBody | None]


class ShadowBody(TypedDict):
    """What a shadow said of the same image.
    """

    # All boxes with a score of 0.01 or more, or as the server was told by `--least-score`; best
    # first.
    boxes: list[BoxShape]

    # How long it took.
    latency_ms: float

    # `model/number`.
    model: str


class ShadowStateBody(TypedDict):
    """The shadow of a deployment.
    """

    # Predictions since it became the shadow.
    all: int

    # `seen` of `all`, 0 to 1; null without any.
    coverage: NotRequired[float | None]

    # Images left out since this server began, since too many were waiting.
    dropped: int

    # Images that a shadow failed on since this server began.
    failed: int

    replay: NotRequired[WorkBody | None]

    # Earlier predictions that it has seen, in replays.
    replayed: int

    # Predictions since it became the shadow that it has seen, too.
    seen: int

    shadow: NotRequired[DeployedModelBody | None]

    # Images that wait for a shadow, of all deployments of this server.
    waiting: int


class SkipBody(TypedDict):
    """Why a prediction is set aside.
    """

    # When.
    at: str

    # Who said so.
    by: str

    # In a person's words; may be empty.
    reason: str


class SkipRequest(TypedDict):
    """Why a prediction is of no use.
    """

    # In a person's words.
    reason: NotRequired[str]


class SourceShape(TypedDict):
    """A model's box.
    """

    # Its place among that model's boxes, best first, from 0.
    index: int

    # `champion` or `shadow`.
    side: str


class StageForm(TypedDict):
    """The form of a model file.
    """

    # Weights of Fovea or an ONNX graph.
    file: bytes


class StagedModelBody(TypedDict):
    """A file that waits to be imported as a model.
    """

    # Its length.
    bytes: int

    # When it is forgotten, unless something is said of it before.
    expires: str

    fault: NotRequired[FaultBody | None]

    # As it is called where it came from.
    filename: str

    # Identity.
    id: str

    inspected: NotRequired[InspectedBody | None]

    # The labels that were given; empty for those that the file names.
    labels: list[str]

    # The recipe that was given; null for what the file says itself.
    recipe: NotRequired[dict[str, Any] | None]


class StagedModelList(TypedDict):
    """Files that wait.
    """

    # The latest first.
    items: list[WaitingBody]


class StaleBody(ProblemBody):
    """Somebody saved since (RFC 9457, with the other version).
    """

    # The latest revision, with its boxes.
    current: ReviewBody


class StatisticsShape(TypedDict):
    """What the reviewer did, as the editor counted it.
    """

    # Boxes that were not there at the start.
    added: NotRequired[int]

    # Boxes of the start that are gone.
    deleted: NotRequired[int]

    # Boxes of the start in the same place with the same label.
    kept: NotRequired[int]

    # Boxes of the start in another place or of another size.
    moved: NotRequired[int]

    # Boxes of the start with another label.
    relabelled: NotRequired[int]

    # Time at work, pauses left out.
    time_spent_ms: NotRequired[int]


class StoredImagesBody(TypedDict):
    """What is stored of images.
    """

    # Bytes of their files, without thumbnails; an image that came twice counts twice.
    bytes: int

    # Predictions with an image.
    images: int


class SubjectBody(TypedDict):
    """All that a review needs.
    """

    # To be reviewed from an empty canvas.
    blind: bool

    # Where it was made.
    deployment: DeploymentBody

    # What a box may be labelled.
    labels: list[str]

    lease: NotRequired[LeaseBody | None]

    # How it was picked, if it was: `random`, `query`, `outlier` or `alert`.
    picked: NotRequired[str | None]

    # With all boxes of champion and shadow.
    prediction: PredictionBody

    review: NotRequired[ReviewBody | None]

    skip: NotRequired[SkipBody | None]


class SubmissionBody(TypedDict):
    """One submitted image.
    """

    # The image in the dataset.
    asset_id: str

    # When.
    at: str

    # Number of boxes.
    boxes: int

    # Who.
    by: str

    # Whether a training has taken it since.
    consumed: bool

    # The dataset version that received it.
    dataset_version_id: str

    # Where the image came from.
    prediction_id: str

    # Why it stands there: `hash`, `duplicate` (it follows a near duplicate) or `lineage` (a
    # model has learned from it already).
    reason: str

    # The review whose boxes went along.
    revision: int

    # `train` or `holdout`; for ever.
    side: str


class SupervisedBody(TypedDict):
    """Figures of champion and shadow on the reviews of one scope.
    """

    champion: NotRequired[FiguresBody | None]

    paired: NotRequired[PairedBody | None]

    # Of which reviews.
    scope: str

    shadow: NotRequired[FiguresBody | None]

    # Reviews changed since: newer figures are being computed.
    stale: bool


class TokenBody(TypedDict):
    """A bearer token, without its secret.
    """

    # When it was made.
    created: str

    # From then on it is refused; absent for never.
    expires: NotRequired[str | None]

    # Identity.
    id: str

    # When it was last used, to the minute.
    last_used: NotRequired[str | None]

    # What it is for.
    name: str

    # The address of whoever made it: it is refused once that account is disabled or may do less
    # than it. Absent for one of the command line.
    owner: NotRequired[str | None]

    # `admin`, `reviewer` or `viewer`.
    role: str


class TokenList(TypedDict):
    """All tokens.
    """

    # Newest first.
    items: list[TokenBody]


class TrainerBody(TypedDict):
    """A trainer.
    """

    # What it says of itself; empty when it says nothing.
    about: str

    # Whether it is the one of this program.
    built_in: bool

    # What experiments and settings call it.
    name: str

    # Its parameters, in the order in which forms show them.
    parameters: list[ParameterBody]

    # Why it cannot be used now.
    problem: NotRequired[str | None]


class TrainerList(TypedDict):
    """The trainers.
    """

    # All of them, the built-in one first.
    items: list[TrainerBody]


class TrainingBody(TypedDict):
    """Continuous training of a deployment.
    """

    # Off: only a person launches.
    enabled: bool

    # Hours from one scheduled launch to the next; 168 when left out.
    every_hours: int

    # All parameters that the next training would have; `null` when there cannot be one.
    next_params: NotRequired[dict[str, Any] | None]

    # Why there cannot be a next training.
    next_problem: NotRequired[str | None]

    # Training parameters that differ from the usual ones.
    params: dict[str, Any]

    # The latest launches, the latest first.
    rounds: list[RoundBody]

    # Why the next training does not go on from the champion but starts from nothing; null when
    # it goes on.
    starts_from_nothing: NotRequired[str | None]

    # Submissions since the last launch that launch the next; 100 when left out.
    threshold: int

    # Who trains: one that the operator of the server named, or `null` for the built-in trainer.
    # Another trainer begins with its own parameters.
    trainer: str | None

    # What launches by itself: `feedback_count`, `schedule`, `drift`, or `by_hand` for nothing.
    trigger: Literal["feedback_count", "schedule", "drift", "by_hand"]

    # Submissions that no training has taken yet.
    waiting: int


class TrainingDataBody(TypedDict):
    """What a deployment is compared with.
    """

    # How drift is looked for.
    drift: DriftBody

    reference: NotRequired[ReferenceBody | None]


class TrainingSettingsBody(TypedDict):
    """When a training is launched, and with what.
    """

    # Off: only a person launches.
    enabled: bool

    # Hours from one scheduled launch to the next; 168 when left out.
    every_hours: NotRequired[int | None]

    # Training parameters that differ from the usual ones.
    params: NotRequired[dict[str, Any]]

    # Submissions since the last launch that launch the next; 100 when left out.
    threshold: NotRequired[int | None]

    # Who trains: one that the operator of the server named, or `null` for the built-in trainer.
    # Another trainer begins with its own parameters.
    trainer: NotRequired[str | None]

    # What launches by itself: `feedback_count`, `schedule`, `drift`, or `by_hand` for nothing.
    trigger: NotRequired[Literal["feedback_count", "schedule", "drift", "by_hand"]]


class TrialBody(TypedDict):
    """What a model says of a picture on trial.
    """

    # By falling score, from 0.01 or the server's `--least-score` on.
    boxes: list[BoxShape]

    # Of the upright picture, in pixels.
    height: int

    # From the decoded picture to boxes; the first run of a model is its slowest.
    latency_ms: float

    # Of the upright picture, in pixels.
    width: int


class TrialForm(TypedDict):
    """The form of a picture.
    """

    # JPEG, PNG or WebP.
    media: bytes


class UploadBody(TypedDict):
    """A file that is being sent, or waits to be used.
    """

    # How many bytes it will have.
    bytes: int

    # From then on it may be removed, unless something is written or read.
    expires: str

    # What it is called where it comes from; for people.
    filename: str

    # Identity.
    id: str

    # How many of them are here: the `offset` to go on with.
    received: int


class UserBody(TypedDict):
    """A person who can sign in.
    """

    # When the account was made.
    created: str

    # Kept from signing in.
    disabled: bool

    # Lower-case; unique.
    email: str

    # Identity.
    id: str

    # `admin`, `reviewer` or `viewer`.
    role: str


class UserChange(TypedDict):
    """What is to change of a person; what is left out stays.
    """

    # Whether they are kept from signing in.
    disabled: NotRequired[bool | None]

    # `admin`, `reviewer` or `viewer`.
    role: NotRequired[str | None]


class UserList(TypedDict):
    """All people.
    """

    # By address.
    items: list[UserBody]


class ViewsBody(TypedDict):
    """Views of a deployment.
    """

    # By name.
    items: list[SavedViewBody]


class WaitingBody(TypedDict):
    """A file that waits, without a look at it.
    """

    # Its length.
    bytes: int

    # When it is forgotten.
    expires: str

    # As it is called where it came from.
    filename: str

    # Identity.
    id: str


class WebhookBody(TypedDict):
    """An address that is told.
    """

    # When it was made.
    created: str

    # Which events; none for all.
    events: list[str]

    # Identity.
    id: str

    # How it is told.
    kind: str

    # Of a `webhook`, only when it is made, and never again: the key of `Fovea-Signature`, which
    # is `t=SECONDS,v1=HEX`, HMAC-SHA256 of `SECONDS.BODY`.
    secret: NotRequired[str | None]

    # Where.
    url: str


class WebhooksBody(TypedDict):
    """The addresses of a deployment.
    """

    # The oldest first.
    items: list[WebhookBody]


class WeekBody(TypedDict):
    """Images of one week.
    """

    # Held out.
    holdout: int

    # Its Monday, 00:00 UTC.
    start: str

    # On the training side.
    train: int


class WorkBody(TypedDict):
    """A piece of long work.
    """

    # How often it was begun without coming further; what was given back does not count.
    attempts: int

    # When it was asked for.
    created: str

    # Identity.
    id: str

    # What kind.
    kind: str

    # What it is doing, or why it failed.
    message: str

    # 0 to 1.
    progress: float

    # `queued`, `running`, `cancelling`, `succeeded`, `failed` or `cancelled`.
    state: str

    # On what.
    subject: str

    # When it last moved.
    updated: str
