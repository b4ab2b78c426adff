//! A candidate against the champion: verdict, figures, and the images on which
//! they differ.

use crate::ui::IntoAny;
use crate::{
    addresses,
    ui::{Ago, Palette, boxes_overlay, fact, figure, row, table, verdict_pill},
};
use domain::{
    comparison::{EvidenceImage, ImageChange, StoredComparison, reason_words, times},
    geometry::{Rect, Size},
    ids::AssetId,
    name::Label,
};
use leptos::prelude::*;
use measures::{
    metrics::coco::{DetectedBox, Figure},
    statistics::Estimate,
};

fn interval(estimate: Option<Estimate>) -> String {
    estimate.map_or("–".to_owned(), |e| format!("{:+.3} ({:+.3} to {:+.3})", e.value, e.low, e.high))
}

fn number(value: Option<f64>) -> String {
    value.map_or("–".to_owned(), |value| format!("{value:.3}"))
}

/// The whole comparison; `sizes` are those of its images, as far as known.
#[must_use]
pub fn comparison_view(name: &str, stored: &StoredComparison, sizes: &[(AssetId, Size)]) -> AnyView {
    let (subject, report) = (&stored.subject, &stored.report);
    let gate = &report.gate;
    let reasons: Vec<_> = gate
        .reasons
        .iter()
        .map(|reason| view! { <li>{reason_words(reason, &subject.labels)}</li> })
        .collect();
    let more = gate.more_reviews.map(|more| {
        view! { <p>"About "{more}" more held-out reviews would probably decide it."</p> }
    });
    let latency = report.latency.map(|l| {
        let text = format!(
            "{:.0}, {:.0} ms → {:.0}, {:.0} ms",
            l.champion_p50_ms, l.champion_p95_ms, l.candidate_p50_ms, l.candidate_p95_ms
        );
        fact("Latency, median and p95", text)
    });
    let images = format!("{} of {}, {} reviewed blind", gate.images, subject.holdout, gate.blind_images);
    let left_out = subject.left_out.words("one of the two").map(|words| fact("Do not count", words));
    let report_href = addresses::at(format!("/api/v1/deployments/{name}/comparison?format=markdown"));
    view! {
        <section class="panel">
            <div class="panel-head">
                <h2>{subject.candidate.clone()}" against "{subject.champion.clone()}</h2>
                {verdict_pill(gate.verdict)}
            </div>
            <ul>{reasons}</ul>
            {more}
            <dl class="facts">
                {fact("ΔAP, 95 % interval", interval(gate.difference))}
                {fact("ΔAP on blind reviews", interval(gate.blind))}
                {fact("ΔAP on anchored reviews", interval(gate.anchored))}
                {fact("Held-out images", images)}
                {left_out}
                {fact("Earlier comparisons on these images", times(subject.used_before))}
                {latency}
                {fact("Measured", view! { <Ago at=stored.at /> })}
            </dl>
            <p><a href=report_href>"As Markdown"</a></p>
        </section>
        <div class="columns columns-2">
            <section class="panel panel-table"><h2>"By label"</h2>{by_class(stored)}</section>
            <section class="panel panel-table"><h2>"By size"</h2>{by_size(stored)}</section>
            <section class="panel panel-table"><h2>"Errors at the threshold"</h2>{by_error(stored)}</section>
            <section class="panel panel-table"><h2>"Confusion, after minus before"</h2>{confusion(stored)}</section>
        </div>
        {changed_images(stored, sizes)}
    }
    .into_any()
}

/// The images on which the two differ most.
fn changed_images(stored: &StoredComparison, sizes: &[(AssetId, Size)]) -> impl IntoView + use<> {
    let (subject, report) = (&stored.subject, &stored.report);
    let drawing = BoxOverlay { labels: &subject.labels, palette: Palette::new(&subject.labels), sizes };
    view! {
        <section class="panel">
            <h2>{format!("Images that got better ({})", report.better_images)}</h2>
            {drawing.changes(&report.better)}
        </section>
        <section class="panel">
            <h2>{format!("Images that got worse ({})", report.worse_images)}</h2>
            {drawing.changes(&report.worse)}
        </section>
        <section class="panel">
            <h2>"Where the candidate errs most"</h2>
            {drawing.changes(&report.worst)}
        </section>
    }
}

fn by_class(stored: &StoredComparison) -> AnyView {
    let pairs = stored.subject.labels.iter().zip(&stored.report.gate.per_category);
    let rows = pairs.map(|(label, compared)| {
        let cells = vec![
            figure(compared.truths.to_string()),
            figure(number(compared.champion)),
            figure(number(compared.candidate)),
            figure(interval(compared.difference)),
        ];
        row(label.as_str().to_owned(), cells)
    });
    table(&["Label", "#Boxes", "#AP before", "#AP after", "#ΔAP"], rows.collect::<Vec<_>>())
}

fn by_size(stored: &StoredComparison) -> AnyView {
    let shown = [
        (Figure::AP, "all"),
        (Figure::AP50, "all, IoU 0.50"),
        (Figure::AP_small, "small"),
        (Figure::AP_medium, "medium"),
        (Figure::AP_large, "large"),
    ];
    let rows = shown.into_iter().filter_map(|(which, name)| {
        let pair = stored.report.figures.iter().find(|pair| pair.figure == which)?;
        Some(row(name, vec![figure(number(pair.champion)), figure(number(pair.candidate))]))
    });
    table(&["Boxes", "#AP before", "#AP after"], rows.collect::<Vec<_>>())
}

fn by_error(stored: &StoredComparison) -> AnyView {
    let rows = stored.report.errors.iter().map(|pair| {
        let cells = vec![figure(pair.champion.to_string()), figure(pair.candidate.to_string())];
        row(pair.kind.title(), cells)
    });
    table(&["What", "#Before", "#After"], rows.collect::<Vec<_>>())
}

/// Rows are true classes, columns what they were taken for.
fn confusion(stored: &StoredComparison) -> AnyView {
    let report = &stored.report;
    let labels = &stored.subject.labels;
    let name =
        |place: usize| labels.get(place).map_or("nothing".to_owned(), |label| label.as_str().to_owned());
    let mut rows = Vec::new();
    for (truth, (before, after)) in
        report.champion_confusion.iter().zip(&report.candidate_confusion).enumerate()
    {
        for (predicted, (before, after)) in before.iter().zip(after).enumerate() {
            if before != after {
                let change = after.cast_signed() - before.cast_signed();
                let cells = vec![
                    figure(name(predicted)),
                    figure(before.to_string()),
                    figure(after.to_string()),
                    figure(format!("{change:+}")),
                ];
                rows.push(row(name(truth), cells));
            }
        }
    }
    table(&["True label", "#Taken for", "#Before", "#After", "#Change"], rows)
}

/// What an image's boxes are drawn with.
struct BoxOverlay<'a> {
    labels: &'a [Label],
    palette: Palette,
    sizes: &'a [(AssetId, Size)],
}

impl BoxOverlay<'_> {
    fn picture(&self, image: &EvidenceImage, boxes: impl Iterator<Item = (usize, [f64; 4])>) -> AnyView {
        let size = self.sizes.iter().find(|(id, _)| *id == image.asset_id).map(|(_, size)| *size);
        let drawn: Vec<(String, Rect)> = boxes
            .filter_map(|(category, [x, y, w, h])| {
                Some((self.labels.get(category)?.as_str().to_owned(), Rect::new(x, y, w, h).ok()?))
            })
            .collect();
        let overlay = size.map(|size| boxes_overlay(size, &drawn, &self.palette));
        view! {
            <div class="picture">
                <img src=addresses::asset_thumb(image.asset_id) alt=image.filename.clone() loading="lazy" decoding="async" />
                {overlay}
            </div>
        }
        .into_any()
    }

    fn change(&self, change: &ImageChange) -> AnyView {
        let image = &change.image;
        let detections =
            |boxes: &[DetectedBox]| boxes.iter().map(|b| (b.category, b.bbox)).collect::<Vec<_>>();
        let truths = image.truths.iter().map(|truth| (truth.category, truth.bbox)).collect::<Vec<_>>();
        let parts = [
            (truths, format!("true, {}", image.truths.len())),
            (detections(&image.champion), format!("before, F1 {:.2}", change.champion_f1)),
            (detections(&image.candidate), format!("after, F1 {:.2}", change.candidate_f1)),
        ];
        let figures: Vec<_> = parts
            .into_iter()
            .map(|(boxes, caption)| {
                let picture = self.picture(image, boxes.into_iter());
                view! { <figure>{picture}<figcaption class="dim">{caption}</figcaption></figure> }
            })
            .collect();
        view! { <li><span class="change-name">{image.filename.clone()}</span><div class="triptych">{figures}</div></li> }
            .into_any()
    }

    fn changes(&self, changes: &[ImageChange]) -> AnyView {
        if changes.is_empty() {
            return view! { <p class="dim">"None."</p> }.into_any();
        }
        let all: Vec<_> = changes.iter().map(|change| self.change(change)).collect();
        view! { <ul class="changes">{all}</ul> }.into_any()
    }
}
