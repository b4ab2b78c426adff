//! The labels of a COCO file by the ids of its categories.

use super::{
    elements::Category,
    form::{Element, File},
    scalar::Id,
};
use crate::{FaultKind, intake::Intake, labels::label_of};
use domain::name::Label;
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    path::Path,
};

/// Roboflow's first category: without boxes, and the supercategory of others.
pub(super) fn dummy_of<'a>(
    file: &'a File,
    categories: &BTreeMap<Id, Option<Label>>,
    used: &BTreeSet<Label>,
) -> Option<&'a Id> {
    let all = || file.categories.iter().flatten().filter_map(Element::get);
    let above: HashSet<&str> = all().filter_map(|category| category.supercategory.as_deref()).collect();
    let is_dummy = |category: &&Category| {
        let name = category.name.as_deref().unwrap_or_default();
        let own = category.supercategory.as_deref().unwrap_or_default();
        let label = category.id.as_ref().and_then(|id| categories.get(id)?.as_ref());
        label.is_some_and(|label| !used.contains(label)) && above.contains(name) && own != name
    };
    all().find(is_dummy).and_then(|category| category.id.as_ref())
}

/// Labels by id.
pub(super) fn read_categories(
    path: &Path,
    file: &File,
    intake: &mut Intake<'_>,
) -> BTreeMap<Id, Option<Label>> {
    let mut by_id = BTreeMap::new();
    for (index, category) in file.categories.iter().flatten().enumerate() {
        let Some((category, id)) = category.get().and_then(|category| Some((category, category.id.clone()?)))
        else {
            let place = format!("categories[{index}]");
            intake.log.error(FaultKind::Unreadable, path, place, "a category without an id; left out");
            continue;
        };
        let place = format!("category {id}");
        let name = category.name.as_deref().map_or(Err("it has no name".to_owned()), label_of);
        if let Err(why) = &name {
            let message = format!("the category's boxes are left out: {why}");
            intake.log.error(FaultKind::InvalidLabel, path, &place, message);
        }
        match by_id.get(&id) {
            Some(first) if *first == name.as_ref().ok().cloned() => {
                intake.log.warning(FaultKind::Duplicate, path, &place, "the same category again");
            }
            Some(_) => {
                let message = "a second category with this id; the id's boxes are left out";
                intake.log.error(FaultKind::Duplicate, path, &place, message);
                by_id.insert(id, None);
            }
            None => _ = by_id.insert(id, name.ok()),
        }
    }
    let mut own = HashSet::new();
    for (id, label) in &by_id {
        if let Some(label) = label.as_ref().filter(|label| !own.insert(*label)) {
            let message = format!("a second category named {label}; the two are one from here on");
            intake.log.warning(FaultKind::Duplicate, path, format!("category {id}"), message);
        }
    }
    by_id
}

/// Gives each id that annotations have and no category a label of its own:
/// the id, as far as it can be one.
pub(super) fn call_unlisted_by_number(
    path: &Path,
    file: &File,
    categories: &mut BTreeMap<Id, Option<Label>>,
    intake: &mut Intake<'_>,
) {
    let ids = file.annotations.iter().flatten().filter_map(Element::get);
    let mut called = BTreeSet::new();
    for id in ids.filter_map(|annotation| annotation.category_id.as_ref()) {
        if categories.contains_key(id) {
            continue;
        }
        let text = match id {
            Id::Text(text) => text.to_string(),
            number => number.to_string(),
        };
        let label = label_of(&text).ok();
        called.extend(label.clone());
        categories.insert(id.clone(), label);
    }
    for label in called {
        let message = format!("no category has the id {label}; its boxes are of a class called {label}");
        intake.log.warning(FaultKind::InvalidLabel, path, "categories", message);
    }
}
