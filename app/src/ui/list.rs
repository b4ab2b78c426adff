//! Lists whose items keep their place in the document by a key.

use super::IntoAny;
use leptos::prelude::{AnyView, For as ForOfLeptos, ForProps as PropsOfLeptos, IntoView, component};
use std::{
    any::Any,
    hash::{Hash, Hasher},
    sync::Arc,
};

/// An item for each of a list: one with a key that was there stays as it is.
/// As leptos' own of this name, compiled once and not for each list.
#[component]
pub fn For<T, K, V>(
    /// What is listed.
    each: impl Fn() -> Vec<T> + Send + 'static,
    /// By which an item is known again.
    key: impl Fn(&T) -> K + Send + 'static,
    /// Draws an item.
    children: impl Fn(T) -> V + Send + Sync + 'static,
) -> impl IntoView
where
    T: Send + 'static,
    K: Eq + Hash + Send + Sync + 'static,
    V: IntoAny,
{
    let children = Arc::new(children);
    let item = move |value: T| {
        let key = Key(Arc::new(key(&value)));
        let children = Arc::clone(&children);
        Item { key, draw: Box::new(move || children(value).into_any()) }
    };
    of_items(Box::new(move || each().into_iter().map(&item).collect()))
}

type Draw = Box<dyn FnOnce() -> AnyView + Send>;

struct Item {
    key: Key,
    draw: Draw,
}

fn of_items(each: Box<dyn Fn() -> Vec<Item> + Send>) -> AnyView {
    let (key, children) = (|item: &Item| item.key.clone(), |item: Item| (item.draw)());
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    ForOfLeptos(PropsOfLeptos { each, key, children }).into_any()
}

/// A key of whatever type.
#[derive(Clone)]
struct Key(Arc<dyn AnyKey>);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.is(other.0.as_any())
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash_into(state);
    }
}

trait AnyKey: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn is(&self, other: &dyn Any) -> bool;
    fn hash_into(&self, state: &mut dyn Hasher);
}

impl<K: Eq + Hash + Send + Sync + 'static> AnyKey for K {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn is(&self, other: &dyn Any) -> bool {
        other.downcast_ref() == Some(self)
    }

    fn hash_into(&self, mut state: &mut dyn Hasher) {
        self.hash(&mut state);
    }
}

#[cfg(test)]
mod tests {
    use super::Key;
    use std::{collections::HashSet, sync::Arc};

    #[test]
    fn keys_are_the_same_by_type_and_value() {
        let keys = [
            Key(Arc::new(1_u32)),
            Key(Arc::new(1_u64)),
            Key(Arc::new("1".to_owned())),
            Key(Arc::new(1_u32)),
            Key(Arc::new(2_u32)),
        ];
        assert!(keys[0] == keys[3] && keys[0] != keys[1] && keys[0] != keys[2] && keys[0] != keys[4]);
        assert_eq!(keys.into_iter().collect::<HashSet<_>>().len(), 4);
    }
}
