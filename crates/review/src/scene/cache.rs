//! The scene, kept from frame to frame: a layer is built anew only when what
//! it shows has changed. Gives what [`Scene::of`] gives (a law in the tests).

use super::{Layer, LayerSet, Scene, build};
use crate::{boxes::LabelIndex, editor::Editor, hit::Hit, models::View, viewport::Viewport};

/// What the resting boxes depend on.
#[derive(Clone, Debug, PartialEq)]
struct RestingKey {
    viewport: Viewport,
    document: u64,
    selection: u64,
    filter: u64,
    view: View,
    blind: bool,
    shows_labels: bool,
}

/// What the active boxes depend on besides.
#[derive(Clone, Debug, PartialEq)]
struct ActiveKey {
    resting: RestingKey,
    gesture: u64,
    hover: Option<Hit>,
    label: LabelIndex,
}

/// The scene of one editor, kept up to date.
#[derive(Clone, Debug, Default)]
pub struct SceneCache {
    scene: Scene,
    resting: Option<RestingKey>,
    active: Option<ActiveKey>,
}

impl SceneCache {
    /// The scene as last updated.
    #[must_use]
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Brings the scene up to date and says which layers changed. One cache
    /// serves one editor: give another editor a cache of its own.
    pub fn update(&mut self, editor: &Editor) -> LayerSet {
        let active = ActiveKey::of(editor);
        let resting = Some(active.resting.clone());
        let mut changed = LayerSet::default();
        for layer in Layer::ALL {
            let is_current = match layer {
                Layer::Static | Layer::Labels => self.resting == resting,
                Layer::Active => self.active.as_ref() == Some(&active),
                // A few shapes each: building them is cheaper than a key.
                Layer::Image | Layer::Handles | Layer::Guides | Layer::Minimap => false,
            };
            if !is_current {
                self.replace(layer, build(editor, layer), &mut changed);
            }
        }
        self.resting = resting;
        self.active = Some(active);
        changed
    }

    fn replace(&mut self, layer: Layer, fresh: Vec<super::Primitive>, changed: &mut LayerSet) {
        if let Some(held) = self.scene.layers.get_mut(layer as usize)
            && *held != fresh
        {
            *held = fresh;
            changed.insert(layer);
        }
    }
}

impl ActiveKey {
    fn of(editor: &Editor) -> Self {
        Self {
            resting: RestingKey {
                viewport: editor.viewport,
                document: editor.document.revision(),
                selection: editor.selection.revision(),
                filter: editor.filter.revision(),
                view: editor.view,
                blind: editor.is_blind(),
                shows_labels: editor.show_labels,
            },
            gesture: editor.gesture_revision,
            hover: editor.hover,
            label: editor.current_label,
        }
    }
}
