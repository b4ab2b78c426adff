use crate::support::*;
use review::*;

fn rects(editor: &Editor, layer: Layer) -> usize {
    let count = |p: &Primitive| if let Primitive::Rects { rects, .. } = p { rects.len() } else { 0 };
    Scene::of(editor).layer(layer).iter().map(count).sum()
}

fn changed(editor: &Editor, cache: &mut SceneCache) -> Vec<Layer> {
    cache.update(editor).iter().collect()
}

#[test]
fn dragging_a_box_repaints_the_overlay_only() {
    let mut editor = open_cells();
    hand(&mut editor).click(160.0, 150.0);
    let mut cache = SceneCache::default();
    cache.update(&editor);
    let mut person = hand(&mut editor);
    person.press(160.0, 150.0);
    person.move_to(180.0, 150.0);
    assert_eq!(changed(person.editor, &mut cache), [Layer::Active, Layer::Handles]);
    person.move_to(200.0, 170.0);
    let layers = cache.update(person.editor);
    assert!(
        layers.touches(Surface::Overlay)
            && !layers.touches(Surface::Static)
            && !layers.touches(Surface::Image)
    );
    person.release(200.0, 170.0);
    assert_eq!(changed(person.editor, &mut cache), [], "the box lies where the drag showed it");
}

#[test]
fn nothing_happened_and_nothing_is_repainted() {
    let mut editor = open_cells();
    let mut cache = SceneCache::default();
    assert!(!cache.update(&editor).is_empty());
    assert!(cache.update(&editor).is_empty());
    hand(&mut editor).move_to(20.0, 20.0);
    assert!(cache.update(&editor).is_empty(), "the pointer moved over nothing");
}

#[test]
fn a_selected_box_leaves_the_resting_ones_and_has_handles() {
    let mut editor = open_cells();
    assert_eq!([Layer::Static, Layer::Active, Layer::Handles].map(|l| rects(&editor, l)), [3, 0, 0]);
    hand(&mut editor).click(160.0, 150.0);
    assert_eq!([Layer::Static, Layer::Active, Layer::Handles].map(|l| rects(&editor, l)), [2, 1, 8]);
    editor.execute(Command::SelectAll);
    assert_eq!([Layer::Static, Layer::Active, Layer::Handles].map(|l| rects(&editor, l)), [0, 3, 0]);
}

#[test]
fn what_lies_off_the_canvas_is_not_painted() {
    let mut editor = open_cells();
    editor.viewport_mut().zoom_at(on_screen(500.0, 400.0), 12.0);
    editor.viewport_mut().look_at(ImagePoint::new(515.0, 315.0));
    assert_eq!(rects(&editor, Layer::Static), 1);
    assert_eq!(editor.visible_ids(), [BoxId(2)]);
}

#[test]
fn tags_say_label_and_score_and_can_be_switched_off() {
    let mut editor = open_cells();
    let tags = |editor: &Editor| -> Vec<String> {
        let text =
            |p: &Primitive| if let Primitive::Tag { text, .. } = p { Some(text.clone()) } else { None };
        Scene::of(editor).surface(Surface::Static).filter_map(text).collect()
    };
    assert_eq!(tags(&editor), ["WBC 0.95", "RBC 0.80", "Platelets 0.50"]);
    editor.execute(Command::ToggleLabels);
    assert!(tags(&editor).is_empty());
}

#[test]
fn the_pixel_grid_and_sharp_pixels_come_with_high_zoom() {
    let mut editor = open_cells();
    let image = |editor: &Editor| Scene::of(editor).layer(Layer::Image).to_vec();
    assert!(matches!(image(&editor).as_slice(), [Primitive::Image { smooth: true, .. }]));
    editor.viewport_mut().zoom_at(on_screen(500.0, 400.0), 20.0);
    let found = image(&editor);
    let [Primitive::Image { smooth: false, .. }, Primitive::Lines { lines, .. }] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!((60..=120).contains(&lines.len()), "{} lines", lines.len());
}

#[test]
fn the_minimap_appears_when_the_image_no_longer_fits_and_leads_back() {
    let mut editor = open_cells();
    assert!(Scene::of(&editor).layer(Layer::Minimap).is_empty());
    editor.viewport_mut().zoom_at(on_screen(500.0, 400.0), 8.0);
    assert_eq!(Scene::of(&editor).layer(Layer::Minimap).len(), 2);
    let place = MinimapPlace::new(editor.size());
    assert_eq!(place.extent(), (160.0, 120.0));
    editor.viewport_mut().look_at(place.to_image(on_screen(40.0, 90.0)));
    let middle = editor.viewport().to_image(on_screen(500.0, 400.0));
    assert!((middle.x - 160.0).abs() < 1e-9 && (middle.y - 360.0).abs() < 1e-9);
}

#[test]
fn ghosts_are_dashed_and_compared_boxes_have_a_role_of_their_own() {
    let mut editor = Editor::open(Opening { shadow: Some(cells()), ..opening(cells()) }, canvas());
    editor.set_score_range(ScoreRange::new(0.0, 1.0));
    let styles = |editor: &Editor| -> Vec<Style> {
        let style = |p: &Primitive| if let Primitive::Rects { style, .. } = p { Some(*style) } else { None };
        Scene::of(editor).layer(Layer::Static).iter().filter_map(style).collect()
    };
    assert!(styles(&editor).iter().any(|s| s.dash == Dash::Dashed));
    editor.execute(Command::View(View::Compare));
    let found = styles(&editor);
    assert!(!found.is_empty() && found.iter().all(|s| s.role == Role::Verdict(Verdict::Agreed)), "{found:?}");
}

#[test]
fn the_cursor_tells_what_pressing_would_do() {
    let mut editor = open_cells();
    let mut person = hand(&mut editor);
    person.click(160.0, 150.0);
    for (x, y, expected) in [
        (160.0, 150.0, Cursor::Move),
        (220.0, 200.0, Cursor::ResizeNwse),
        (220.0, 150.0, Cursor::ResizeEw),
        (20.0, 20.0, Cursor::Default),
    ] {
        person.move_to(x, y);
        assert_eq!(person.editor.cursor(), expected, "at {x}, {y}");
    }
    editor.execute(Command::Tool(Tool::Draw));
    assert_eq!(editor.cursor(), Cursor::Crosshair);
    editor.handle(Event::HoldPan(true));
    assert_eq!(editor.cursor(), Cursor::Grab);
}

#[test]
fn ten_thousand_boxes_give_few_primitives_and_no_tags() {
    let champion = (0..10_000_u32)
        .map(|i| seen("RBC", 0.9, f64::from(i % 100) * 6.0, f64::from(i / 100) * 4.5, 5.0, 4.0))
        .collect();
    let mut editor = Editor::open(opening(champion), canvas());
    assert_eq!(rects(&editor, Layer::Static), 10_000);
    assert_eq!(Scene::of(&editor).layer(Layer::Static).len(), 1);
    assert!(Scene::of(&editor).layer(Layer::Labels).is_empty());
    editor.viewport_mut().zoom_at(on_screen(500.0, 400.0), 20.0);
    assert!(rects(&editor, Layer::Static) < 200);
    assert!(!Scene::of(&editor).layer(Layer::Labels).is_empty());
}

#[test]
fn a_label_key_recolours_the_box_being_drawn() {
    let mut editor = open_cells();
    editor.execute(Command::Tool(Tool::Draw));
    let mut person = hand(&mut editor);
    person.click(20.0, 20.0);
    person.move_to(80.0, 80.0);
    let mut cache = SceneCache::default();
    cache.update(person.editor);
    person.editor.execute(Command::Relabel(LabelIndex(2)));
    assert_eq!(changed(person.editor, &mut cache), [Layer::Active]);
    assert_eq!(cache.scene(), &Scene::of(person.editor));
}
