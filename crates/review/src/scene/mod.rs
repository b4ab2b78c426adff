//! The display list: what is to be painted, as a function of the editor's
//! state, in layers so that a drag repaints only what moves.

mod boxes;
mod cache;
mod cursor;
mod frame;
mod primitive;
mod tags;

pub use cache::SceneCache;
pub use cursor::Cursor;
pub use frame::{MINIMAP_PX, MinimapPlace};
pub use primitive::{Dash, Placement, Primitive, Role, Style};

use crate::editor::Editor;

/// A part of the picture; later ones lie on top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// The image and the grid between its pixels.
    Image,
    /// Boxes that are not selected, and candidates.
    Static,
    /// The labels of those.
    Labels,
    /// Selected boxes, the one under the pointer and the one being drawn,
    /// with their labels.
    Active,
    /// The handles of the one selected box.
    Handles,
    /// The crosshair, the rectangle that selects.
    Guides,
    /// The whole image in a corner, in coordinates of its own.
    Minimap,
}

/// A canvas of its own: what changes together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surface {
    /// [`Layer::Image`].
    Image,
    /// [`Layer::Static`] and [`Layer::Labels`].
    Static,
    /// [`Layer::Active`], [`Layer::Handles`], [`Layer::Guides`].
    Overlay,
    /// [`Layer::Minimap`].
    Minimap,
}

impl Surface {
    /// From below to above; the minimap last.
    pub const ALL: [Self; 4] = [Self::Image, Self::Static, Self::Overlay, Self::Minimap];
}

impl Layer {
    /// From below to above.
    pub const ALL: [Self; 7] =
        [Self::Image, Self::Static, Self::Labels, Self::Active, Self::Handles, Self::Guides, Self::Minimap];

    /// The canvas it belongs on.
    #[must_use]
    pub fn surface(self) -> Surface {
        match self {
            Self::Image => Surface::Image,
            Self::Static | Self::Labels => Surface::Static,
            Self::Active | Self::Handles | Self::Guides => Surface::Overlay,
            Self::Minimap => Surface::Minimap,
        }
    }
}

/// Layers that changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LayerSet(u8);

impl LayerSet {
    /// All of them.
    pub const ALL: Self = Self((1 << Layer::ALL.len()) - 1);

    /// Whether a layer changed.
    #[must_use]
    pub fn contains(self, layer: Layer) -> bool {
        self.0 & (1 << layer as u8) != 0
    }

    /// Whether a canvas must be painted again.
    #[must_use]
    pub fn touches(self, surface: Surface) -> bool {
        self.iter().any(|layer| layer.surface() == surface)
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The layers, from below to above.
    pub fn iter(self) -> impl Iterator<Item = Layer> {
        Layer::ALL.into_iter().filter(move |layer| self.contains(*layer))
    }

    pub(crate) fn insert(&mut self, layer: Layer) {
        self.0 |= 1 << layer as u8;
    }
}

/// What is to be painted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    pub(crate) layers: [Vec<Primitive>; Layer::ALL.len()],
}

impl Scene {
    /// The picture of a state, built anew. [`SceneCache`] gives the same one
    /// for less.
    #[must_use]
    pub fn of(editor: &Editor) -> Self {
        Self { layers: Layer::ALL.map(|layer| build(editor, layer)) }
    }

    /// What to paint on one layer, in order.
    #[must_use]
    pub fn layer(&self, layer: Layer) -> &[Primitive] {
        self.layers.get(layer as usize).map_or(&[], Vec::as_slice)
    }

    /// What to paint on one canvas, in order.
    pub fn surface(&self, surface: Surface) -> impl Iterator<Item = &Primitive> {
        let layers = Layer::ALL.into_iter().filter(move |layer| layer.surface() == surface);
        layers.flat_map(|layer| self.layer(layer))
    }
}

pub(crate) fn build(editor: &Editor, layer: Layer) -> Vec<Primitive> {
    match layer {
        Layer::Image => frame::image(editor),
        Layer::Static => boxes::resting(editor),
        Layer::Labels => boxes::resting_tags(editor),
        Layer::Active => boxes::active(editor),
        Layer::Handles => boxes::handles(editor),
        Layer::Guides => frame::guides(editor),
        Layer::Minimap => frame::minimap(editor),
    }
}
