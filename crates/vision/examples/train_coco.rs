//! Trains on a folder in COCO's format and measures on its test split:
//! `train_coco IMAGES COCO.json OUTPUT [key=value]…`, the keys being those of
//! `TrainParams`; `backbone` and `base` are files. Progress on stderr, the
//! figures as JSON on stdout.
//!
//! Images carry a `split`; boxes without an area are left out.

use domain::{
    dataset::{Annotation, Split},
    geometry::{Rect, Size},
    inference::{ModelError, ModelFile, PredictorLoader},
    name::Label,
    training::{Control, TrainEvent, TrainImage, TrainParams, TrainRequest, Trainer},
};
use engine::InferenceOptions;
use measures::metrics::coco::{DetectedBox, ImageBoxes, TruthBox, evaluate};
use serde_json::{Value, json};
use std::{error::Error, path::Path, str::FromStr, sync::mpsc, time::Instant};
use vision::{DeviceChoice, VisionTrainer};

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [images, annotations, output, settings @ ..] = arguments.as_slice() else {
        return Err("usage: train_coco IMAGES COCO.json OUTPUT [key=value]…".into());
    };
    let (labels, images) = read(Path::new(images), Path::new(annotations))?;
    let file = |key: &str| settings.iter().find_map(|setting| setting.strip_prefix(key)).map(Into::into);
    let (base, backbone) = (file("base="), file("backbone="));
    let is_file = |setting: &&String| setting.starts_with("base=") || setting.starts_with("backbone=");
    let settings: Vec<&String> = settings.iter().filter(|setting| !is_file(setting)).collect();
    let (params, output) = (params(&settings)?, output.into());
    let request = TrainRequest { labels, images, params, base, backbone, output, checkpoints: None };
    eprintln!("{}", serde_json::to_string(&request.params)?);
    let outcome = VisionTrainer::on(DeviceChoice::Cpu).train(&request, &mut report())?;
    let test = measure(&request)?;
    let line = json!({"outcome": outcome, "test": test});
    std::io::Write::write_all(&mut std::io::stdout(), format!("{line}\n").as_bytes())?;
    Ok(())
}

fn params(settings: &[&String]) -> Result<TrainParams, Failure> {
    let mut params = serde_json::to_value(TrainParams::default())?;
    for setting in settings {
        let (key, value) = setting.split_once('=').ok_or("settings look like key=value")?;
        let known = params.get_mut(key).ok_or_else(|| format!("no parameter {key}"))?;
        *known = serde_json::from_str(value)?;
    }
    Ok(serde_json::from_value(params)?)
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, Failure> {
    Ok(value[key].as_str().ok_or_else(|| format!("{key} is missing"))?)
}

fn read(folder: &Path, file: &Path) -> Result<(Vec<Label>, Vec<TrainImage>), Failure> {
    let coco: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let list = |key: &str| coco[key].as_array().cloned().unwrap_or_default();
    let categories = list("categories");
    let labels = categories
        .iter()
        .map(|category| Ok(Label::from_str(text(category, "name")?)?))
        .collect::<Result<Vec<_>, Failure>>()?;
    let all = list("annotations");
    let mut images = Vec::new();
    for image in list("images") {
        let side = |key: &str| image[key].as_u64().unwrap_or(0) as u32;
        let own = all.iter().filter(|annotation| annotation["image_id"] == image["id"]);
        let annotations = own.filter_map(|annotation| {
            let place = categories.iter().position(|c| c["id"] == annotation["category_id"])?;
            let number = |i: usize| annotation["bbox"][i].as_f64();
            let rect = Rect::new(number(0)?, number(1)?, number(2)?, number(3)?).ok()?;
            let ignore = annotation["iscrowd"] == 1;
            Some(Annotation { label: labels.get(place)?.clone(), rect, ignore })
        });
        images.push(TrainImage {
            path: folder.join(text(&image, "file_name")?),
            size: Size::new(side("width"), side("height")).ok_or("an image has no size")?,
            split: Split::from_str(text(&image, "split")?)?,
            annotations: annotations.collect(),
        });
    }
    Ok((labels, images))
}

fn report() -> impl FnMut(&TrainEvent) -> Control {
    let mut last = Instant::now();
    let mut since = 0;
    move |event| {
        match event {
            TrainEvent::Step { step, .. } if step % 50 != 0 => {}
            TrainEvent::Step { step, steps, loss, loss_class, loss_box, learning_rate, seconds_left } => {
                let each = last.elapsed().as_secs_f64() / f64::from(step - since).max(1.0);
                (last, since) = (Instant::now(), *step);
                eprintln!(
                    "{step}/{steps} loss {loss:.3} (class {loss_class:.3}, box {loss_box:.3}) \
                     rate {learning_rate:.2e}, {each:.3} s a step, {seconds_left:.0} s left"
                );
            }
            TrainEvent::Validated { step, summary } => {
                eprintln!(
                    "at {step}: AP {:.4} AP50 {:.4} AP75 {:.4}",
                    summary.AP, summary.AP50, summary.AP75
                );
            }
            TrainEvent::Log { message } => eprintln!("{message}"),
            _ => {}
        }
        Control::Continue
    }
}

/// COCO's figures on the test split, through the predictor as served.
fn measure(request: &TrainRequest) -> Result<Value, Failure> {
    let loader = vision::loader(InferenceOptions::default())?;
    let predictor = loader.load(ModelFile::fovea(&std::fs::read(&request.output)?))?;
    let mut images = Vec::new();
    let mut times = Vec::new();
    for image in request.images.iter().filter(|image| image.split == Split::Test) {
        let pixels = imaging::decode(&std::fs::read(&image.path)?, &imaging::Limits::default())?;
        let (sender, receiver) = mpsc::channel();
        let asked = Instant::now();
        predictor.predict(pixels, Box::new(move |result| drop(sender.send(result))));
        let found = receiver.recv().map_err(|error| ModelError::Failed(error.to_string()))??;
        times.push(asked.elapsed().as_secs_f64() * 1e3);
        let class = |label: &Label| request.labels.iter().position(|other| other == label);
        let truths =
            image.annotations.iter().filter_map(|a| Some(TruthBox::new(class(&a.label)?, &a.rect, a.ignore)));
        let detections = found.detections.iter().map(|d| DetectedBox::new(d.class, &d.rect, d.score));
        images.push(ImageBoxes { truths: truths.collect(), detections: detections.collect() });
    }
    times.sort_by(f64::total_cmp);
    let found = evaluate(request.labels.len(), &images);
    Ok(json!({
        "summary": found.summary,
        "per_category": found.per_category,
        "median_ms": times.get(times.len() / 2),
    }))
}
