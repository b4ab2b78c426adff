//! A project's labelling set-up: where its rectangles go, which member of a
//! task names the picture, and which labels may be given.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// What a project's first control for rectangles wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelConfig {
    /// The control's name.
    pub from_name: String,
    /// The name of the picture that it is for.
    pub to_name: String,
    /// The member of a task's data that says where the picture is.
    pub data_key: String,
    /// What the control offers.
    pub labels: Vec<String>,
}

/// Elements of a set-up that are looked at: a project with thousands of labels
/// has as many.
const MOST_ELEMENTS: usize = 20_000;

impl LabelConfig {
    /// Reads the XML. `None` without a `RectangleLabels` for an `Image` whose
    /// value is a member of the task's data, and for what is no XML.
    #[must_use]
    pub fn parse(xml: &str) -> Option<Self> {
        let mut reader = Reader::from_str(xml);
        let (mut images, mut control, mut is_inside) = (Vec::new(), None::<Self>, false);
        for _ in 0..MOST_ELEMENTS {
            match reader.read_event().ok()? {
                Event::Eof => return control.and_then(|control| control.with_key(&images)),
                Event::End(tag) if tag.name().as_ref() == b"RectangleLabels" => is_inside = false,
                Event::Start(tag) => {
                    let begins = tag.name().as_ref() == b"RectangleLabels" && control.is_none();
                    is_inside |= begins;
                    take(&tag, is_inside, &mut images, &mut control);
                }
                Event::Empty(tag) => take(&tag, is_inside, &mut images, &mut control),
                _ => {}
            }
        }
        None
    }

    fn with_key(self, images: &[(String, String)]) -> Option<Self> {
        let (_, value) = images.iter().find(|(name, _)| *name == self.to_name)?;
        let data_key = value.strip_prefix('$')?.to_owned();
        (!data_key.is_empty() && !self.from_name.is_empty()).then_some(Self { data_key, ..self })
    }
}

fn take(
    tag: &BytesStart<'_>,
    is_inside: bool,
    images: &mut Vec<(String, String)>,
    control: &mut Option<LabelConfig>,
) {
    let get = |key: &str| attribute(tag, key).unwrap_or_default();
    match tag.name().as_ref() {
        b"Image" => images.push((get("name"), get("value"))),
        b"RectangleLabels" if control.is_none() => {
            let (from_name, to_name) = (get("name"), get("toName"));
            *control = Some(LabelConfig { from_name, to_name, ..LabelConfig::default() });
        }
        b"Label" if is_inside => {
            if let Some(control) = control {
                control.labels.extend(attribute(tag, "value"));
            }
        }
        _ => {}
    }
}

fn attribute(tag: &BytesStart<'_>, key: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.as_ref() == key.as_bytes())?;
    let raw = std::str::from_utf8(&found.value).ok()?;
    Some(quick_xml::escape::unescape(raw).ok()?.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: &str = r#"<View>
        <Header value="Cells"/>
        <Image name="picture" value="$photo" zoom="true"/>
        <Choices name="quality" toName="picture"><Choice value="good"/></Choices>
        <RectangleLabels name="box" toName="picture">
            <Label value="red &amp; round" background="red"/><Label value="white"></Label>
        </RectangleLabels>
        <RectangleLabels name="other" toName="picture"><Label value="not this"/></RectangleLabels>
    </View>"#;

    #[test]
    fn the_first_control_for_rectangles_says_where_boxes_go() {
        let config = LabelConfig::parse(USUAL).expect("a set-up");
        assert_eq!((config.from_name.as_str(), config.to_name.as_str()), ("box", "picture"));
        assert_eq!(config.data_key, "photo");
        assert_eq!(config.labels, ["red & round", "white"]);
    }

    #[test]
    fn the_picture_may_come_behind_its_control() {
        let xml = r#"<View><RectangleLabels name="b" toName="i"><Label value="a"/></RectangleLabels><Image name="i" value="$image"/></View>"#;
        assert_eq!(LabelConfig::parse(xml).map(|config| config.data_key).as_deref(), Some("image"));
    }

    #[test]
    fn what_has_no_rectangles_or_is_no_xml_is_no_set_up() {
        for xml in [
            "",
            "no XML",
            "<View",
            "<View/>",
            r#"<View><Image name="i" value="$image"/><PolygonLabels name="b" toName="i"/></View>"#,
            r#"<View><Image name="i" value="image"/><RectangleLabels name="b" toName="i"/></View>"#,
            r#"<View><Image name="j" value="$image"/><RectangleLabels name="b" toName="i"/></View>"#,
        ] {
            assert_eq!(LabelConfig::parse(xml), None, "{xml}");
        }
        let endless = "<Label value=\"a\"/>".repeat(MOST_ELEMENTS + 1);
        assert_eq!(LabelConfig::parse(&endless), None);
    }
}
