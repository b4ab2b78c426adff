//! How a file wants to be asked, told from its inputs, outputs and metadata.
//!
//! First the input: how a picture gets into it. Then, once the network has
//! answered for one picture, the outputs: their shapes are known by then, even
//! where the file leaves them open, and their numbers say whether they are
//! pixels or parts, scores or logits.

mod outputs;
mod revision;
mod seen;

use super::{
    decode::Decoder,
    graph::{ElementType, Graph, TensorInfo},
    labels::{Counting, Naming, name_classes},
    metadata::{ClassNames, Metadata},
    picture_input::layout_of,
    session::{Tensor, Values},
    trial::OutputSeen,
};
use crate::onnx::families::{self, Family};
use domain::{
    geometry::Size,
    inference::ImportHints,
    name::Label,
    recipe::{Activation, InputRecipe, InputSize, OutputForm, OutputNames, OutputRecipe, Recipe},
};
use outputs::KnownInput;

/// A reason, and a recipe to start from.
pub(super) type Unknown = (String, Box<Recipe>);

/// How a picture gets into a network.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RecognisedInput {
    /// The name of the input for it.
    pub(super) image: String,
    pub(super) recipe: InputRecipe,
    pub(super) family: Family,
    pub(super) notes: Vec<String>,
}

/// A detector.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Recognised {
    pub(super) recipe: Recipe,
    pub(super) labels: Vec<Label>,
    pub(super) notes: Vec<String>,
}

/// How a picture gets into the network.
///
/// # Errors
/// Why the inputs are none of a detector's.
pub(super) fn recognise_input(
    graph: &Graph,
    metadata: &Metadata,
    hints: &ImportHints,
) -> Result<RecognisedInput, Unknown> {
    let family = Family::of(graph, metadata);
    let start = || Box::new(hints.recipe.clone().unwrap_or_else(|| families::start(metadata)));
    if hints.recipe.is_none()
        && let Some(task) = metadata.task.as_deref().filter(|task| *task != "detect")
    {
        let reason = format!("it is a model for the task {task:?}; only those for \"detect\" are served");
        return Err((reason, start()));
    }
    let input = image_input(graph, hints).map_err(|reason| (reason, start()))?;
    let mut notes = vec![format!("{}.", family.sentence(metadata))];
    let recipe = match &hints.recipe {
        Some(recipe) => {
            notes.push("The recipe was given, not recognised.".to_owned());
            recipe.input.clone()
        }
        None => family.input(graph, metadata, input, &mut notes),
    };
    fits(input, &recipe).map_err(|reason| (reason, start()))?;
    Ok(RecognisedInput { image: input.name.clone(), recipe, family, notes })
}

/// The input that takes a picture; others must be known.
fn image_input<'a>(graph: &'a Graph, hints: &ImportHints) -> Result<&'a TensorInfo, String> {
    let sizes = hints.recipe.as_ref().and_then(|recipe| recipe.input.size_tensor.as_ref());
    let takes_size = |input: &TensorInfo| match sizes {
        Some(name) => input.name == *name,
        None => families::takes_size(input),
    };
    let mut images = graph.inputs.iter().filter(|input| !takes_size(input));
    let image = images.next().ok_or("the network has no input for a picture")?;
    if let Some(other) = images.next() {
        return Err(format!("the network has an input {:?} that is not known", other.name));
    }
    let takes_numbers = image.element.is_float() || image.element == ElementType::UINT8;
    if !takes_numbers || !matches!(image.rank(), Some(3 | 4)) {
        return Err(format!("the input {} takes no picture", image.describe()));
    }
    if layout_of(image).is_none() {
        return Err(format!("the input {} has no axis of three colours", image.describe()));
    }
    if image.rank() == Some(4) && image.axis(0).is_some_and(|images| images != 1) {
        return Err(format!(
            "the input {} takes several pictures at once: export the model for one",
            image.describe()
        ));
    }
    Ok(image)
}

/// Whether a recipe gives what an input takes.
fn fits(input: &TensorInfo, recipe: &InputRecipe) -> Result<(), String> {
    let whole = Recipe { input: recipe.clone(), output: families::start(&Metadata::default()).output };
    whole.check().map_err(|fault| fault.to_string())?;
    let given = match recipe.size {
        InputSize::Fixed(size) => Some(size),
        InputSize::Scaled { .. } | InputSize::Original { .. } => None,
    };
    let shape = crate::input::shape(given.unwrap_or(Size { width: 0, height: 0 }), recipe.layout);
    let rank = input.rank().unwrap_or(shape.len());
    let agrees = |(axis, length): (usize, &usize)| input.axis(axis).is_none_or(|fixed| fixed == *length);
    if rank != shape.len() || !shape.iter().enumerate().all(agrees) {
        let what = given.map_or_else(|| "pictures of any size".to_owned(), |_| format!("{shape:?}"));
        return Err(format!("the input {} does not take {what}", input.describe()));
    }
    Ok(())
}

/// How boxes come out of the network.
///
/// # Errors
/// Why its outputs are not understood, or what is missing.
pub(super) fn recognise_output(
    graph: &Graph,
    metadata: &Metadata,
    hints: &ImportHints,
    input: RecognisedInput,
    outputs: &[OutputSeen],
) -> Result<Recognised, Unknown> {
    let input = if hints.recipe.is_none() { input.revised(graph, metadata, outputs) } else { input };
    let RecognisedInput { recipe: input_recipe, family, mut notes, .. } = input;
    let whole = |output: OutputRecipe| Recipe { input: input_recipe.clone(), output };
    let start = || {
        let given = hints.recipe.clone();
        Box::new(given.unwrap_or_else(|| whole(families::start(metadata).output)))
    };
    let place = crate::placement::Placement::new(Size { width: 320, height: 240 }, &input_recipe);
    let known = KnownInput {
        graph,
        family,
        input: place.input,
        is_end_to_end: metadata.is_end_to_end || graph.operators.contains("NonMaxSuppression"),
        names: hint_count(hints).or_else(|| metadata.names.as_ref().map(ClassNames::count)),
        are_words: hints.labels.is_empty() && metadata.names.as_ref().is_some_and(|names| names.are_words),
    };
    let (mut output, classes) = match &hints.recipe {
        Some(recipe) => {
            let classes = class_count(&recipe.output, outputs);
            (recipe.output.clone(), classes)
        }
        None => known.output(outputs).map_err(|reason| (reason, start()))?,
    };
    let counting = Counting {
        classes,
        first: output.first_class,
        may_have_more: matches!(output.form, OutputForm::BoxesAndScores | OutputForm::BoxesScoresClasses)
            || hints.recipe.is_some(),
    };
    let naming = name_classes(counting, metadata, hints)
        .map_err(|reason| (reason, Box::new(whole(output.clone()))))?;
    let Naming { labels, first_class, classes, notes: more } = naming;
    if output.classes.is_empty() {
        (output.first_class, output.classes) = (first_class, classes);
    }
    notes.extend(more);
    let recipe = whole(output);
    let tried = decoded(&recipe, labels.len(), outputs, place.input);
    let names = tried.map_err(|reason| (reason, Box::new(recipe.clone())))?;
    let mut recipe = recipe;
    recipe.output.names = names;
    recipe.check().map_err(|fault| (fault.to_string(), Box::new(recipe.clone())))?;
    Ok(Recognised { recipe, labels, notes })
}

fn hint_count(hints: &ImportHints) -> Option<usize> {
    (!hints.labels.is_empty()).then_some(hints.labels.len())
}

/// How many classes a recipe finds in outputs of such shapes.
fn class_count(recipe: &OutputRecipe, outputs: &[OutputSeen]) -> Option<usize> {
    let first = if recipe.objectness { 5 } else { 4 };
    let named = |name: &Option<String>| match name {
        Some(name) => outputs.iter().find(|output| output.name == *name),
        None => None,
    };
    let only = || outputs.iter().find(|output| output.shape.len() == 3);
    match recipe.form {
        OutputForm::Columns => named(&recipe.names.boxes).or_else(only)?.shape.get(1)?.checked_sub(first),
        OutputForm::Rows | OutputForm::Grid => {
            named(&recipe.names.boxes).or_else(only)?.shape.get(2)?.checked_sub(first)
        }
        OutputForm::BoxesAndScores => {
            let scores = named(&recipe.names.scores).or_else(|| {
                outputs.iter().find(|output| output.shape.len() == 3 && output.shape.last() != Some(&4))
            });
            let nothing = usize::from(recipe.activation == Activation::Softmax);
            scores?.shape.last()?.checked_sub(nothing)
        }
        OutputForm::Detections | OutputForm::NumberedDetections | OutputForm::BoxesScoresClasses => None,
    }
}

/// The names of the outputs that the recipe means, if it can be followed.
fn decoded(
    recipe: &Recipe,
    labels: usize,
    outputs: &[OutputSeen],
    input: Size,
) -> Result<OutputNames, String> {
    let tensor = |output: &OutputSeen| {
        let count = output.shape.iter().product();
        let values =
            if output.is_whole { Values::Integers(vec![0; count]) } else { Values::Floats(vec![0.0; count]) };
        Tensor { name: output.name.clone(), shape: output.shape.clone(), values }
    };
    let tensors: Vec<Tensor> = outputs.iter().map(tensor).collect();
    let decoder = Decoder { recipe, labels, least_score: 0.5 };
    decoder.candidates(&tensors, input)?;
    decoder.names(&tensors)
}
