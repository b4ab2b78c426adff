//! What a JPEG's frame header says (ITU-T T.81, B.2.2): size, components, and
//! with the segments beside it, which colours they are.

use super::segments::Segment;
use crate::ImageError;

/// How the coefficients come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Each block at once (baseline and extended sequential, 8 bits).
    Sequential,
    /// Bit by bit, over many scans.
    Progressive,
}

/// What the components are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Grey,
    YCbCr,
    Rgb,
    /// As Adobe writes it, whatever the file says: 0 is full ink.
    Cmyk,
    /// YCbCr of the complements of the first three inks, and black as it is.
    Ycck,
}

/// A component: a plane of samples of its own resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Sampling factor across, 1 to 4.
    pub(super) h: u8,
    /// Sampling factor down, 1 to 4.
    pub(super) v: u8,
    /// Which quantisation table, 0 to 3.
    pub(super) table: u8,
}

/// A frame that can be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) coding: Coding,
    pub(super) width: u16,
    pub(super) height: u16,
    /// One, three or four.
    pub(super) components: Vec<Component>,
}

impl Frame {
    /// Whether a marker begins a frame.
    pub(super) fn begins_with(code: u8) -> bool {
        matches!(code, 0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF)
    }

    /// Precision, height, width and the number of components, then for each
    /// its id, its sampling factors and its table.
    pub(super) fn read(segment: &Segment<'_>) -> Result<Self, ImageError> {
        let coding = match segment.code {
            0xC0 | 0xC1 => Coding::Sequential,
            0xC2 => Coding::Progressive,
            0xC3 => return Err(ImageError::unsupported("a lossless JPEG")),
            0xC9..=0xCB | 0xCD..=0xCF => return Err(ImageError::unsupported("an arithmetic-coded JPEG")),
            _ => return Err(ImageError::unsupported("a hierarchical JPEG")),
        };
        let (head, rest) = segment.data.split_first_chunk::<6>().ok_or_else(short)?;
        let &[precision, h1, h0, w1, w0, count] = head;
        if precision != 8 {
            return Err(ImageError::unsupported(format!("a JPEG of {precision} bits a sample")));
        }
        let (components, _) = rest.as_chunks::<3>();
        if components.len() < usize::from(count) {
            return Err(short());
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(ImageError::unsupported(format!("a JPEG of {count} components")));
        }
        let components: Vec<Component> =
            components.iter().take(count.into()).map(Component::read).collect::<Result<_, _>>()?;
        let frame = Self {
            coding,
            width: u16::from_be_bytes([w1, w0]),
            height: u16::from_be_bytes([h1, h0]),
            components,
        };
        if frame.height == 0 && frame.width > 0 {
            return Err(ImageError::unsupported("a JPEG that tells its height behind its picture (DNL)"));
        }
        frame.check_factors()?;
        Ok(frame)
    }

    /// Each resolution must divide the largest: what lies between is defined
    /// by no standard, and read by no usual program.
    fn check_factors(&self) -> Result<(), ImageError> {
        let (h_max, v_max) = self.factors();
        if self.components.iter().all(|one| h_max % one.h == 0 && v_max % one.v == 0) {
            return Ok(());
        }
        Err(ImageError::unsupported("a JPEG whose sampling factors do not divide each other"))
    }

    /// The largest sampling factors, across and down.
    pub(super) fn factors(&self) -> (u8, u8) {
        self.components.iter().fold((1, 1), |(h, v), one| (h.max(one.h), v.max(one.v)))
    }

    /// Units of all components together (T.81, A.2.3), across and down.
    pub(super) fn units(&self) -> (usize, usize) {
        let (h, v) = self.factors();
        let along = |side: u16, factor: u8| usize::from(side).div_ceil(8 * usize::from(factor));
        (along(self.width, h), along(self.height, v))
    }

    /// The size of a component's own samples (T.81, A.1.1).
    pub(super) fn own_size(&self, one: &Component) -> (usize, usize) {
        let (h_max, v_max) = self.factors();
        let along =
            |side: u16, own: u8, most: u8| (usize::from(side) * usize::from(own)).div_ceil(usize::from(most));
        (along(self.width, one.h, h_max), along(self.height, one.v, v_max))
    }

    /// Blocks of a component, filled up to whole units.
    pub(super) fn own_blocks(&self, one: &Component) -> (usize, usize) {
        let (across, down) = self.units();
        (across * usize::from(one.h), down * usize::from(one.v))
    }
}

impl Component {
    fn read(&[id, factors, table]: &[u8; 3]) -> Result<Self, ImageError> {
        let (h, v) = (factors >> 4, factors & 0xF);
        if !(1..=4).contains(&h) || !(1..=4).contains(&v) || table > 3 {
            return Err(ImageError::broken("JPEG: a component's head is nonsense"));
        }
        Ok(Self { id, h, v, table })
    }
}

fn short() -> ImageError {
    ImageError::broken("JPEG: its frame header is too short")
}

/// What stands beside the frame and says what the components are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ColourHints {
    has_jfif: bool,
    /// Adobe's byte: 0 as it is, 1 YCbCr, 2 YCCK.
    adobe: Option<u8>,
}

impl ColourHints {
    /// Takes note of a segment before the first scan.
    pub(super) fn see(&mut self, segment: &Segment<'_>) {
        match (segment.code, segment.data) {
            (0xE0, [b'J', b'F', b'I', b'F', 0, rest @ ..]) if rest.len() >= 9 => self.has_jfif = true,
            (0xEE, [b'A', b'd', b'o', b'b', b'e', _, _, _, _, _, _, transform, ..]) => {
                self.adobe = Some(*transform);
            }
            _ => {}
        }
    }

    /// As libjpeg decides, and with it the browsers: JFIF is YCbCr, then what
    /// Adobe's segment says, then ids that are the letters R, G and B.
    pub(super) fn colours(self, components: &[Component]) -> Colours {
        match (components, self.adobe) {
            ([_], _) => Colours::Grey,
            ([_, _, _, _], None | Some(0)) => Colours::Cmyk,
            ([_, _, _, _], Some(_)) => Colours::Ycck,
            (_, Some(0)) if !self.has_jfif => Colours::Rgb,
            ([r, g, b], None) if !self.has_jfif && [r.id, g.id, b.id] == *b"RGB" => Colours::Rgb,
            _ => Colours::YCbCr,
        }
    }

    /// Whether any reader comes to YCbCr: nothing hints at something else.
    pub(super) fn are_plain(self, components: &[Component]) -> bool {
        let ids_say_rgb = components.iter().map(|one| one.id).eq(*b"RGB");
        matches!(self.adobe, None | Some(1)) && !ids_say_rgb
    }
}
