//! The scans of a JPEG, one after another, to planes of samples: any order of
//! components, any sampling, sequential and progressive (ITU-T T.81, annexes
//! A, F and G). Strict: a picture of which bits are missing is an error.

use super::{
    frame::{Coding, Frame},
    header::{Run, Scan, short},
    huffman::{Bits, Table},
    idct::ZIGZAG,
    plane::Plane,
    progressive::{bring, outside, refine},
    segments::{SOS, Segment, segments},
    standard,
};
use crate::{ImageError, wide::wide};

/// Decodes the scans of a file whose frame was read.
pub(super) fn decode(bytes: &[u8], frame: &Frame) -> Result<Vec<Plane>, ImageError> {
    let mut decoder = Decoder {
        coding: frame.coding,
        units: frame.units(),
        planes: frame.components.iter().map(|one| Plane::new(frame, *one)).collect(),
        codes: standard::tables(),
        tables: [None; 4],
        interval: 0,
    };
    for segment in segments(bytes) {
        decoder.take(&segment)?;
    }
    if decoder.planes.iter().any(|plane| plane.table.is_none()) {
        return Err(ImageError::Truncated);
    }
    if frame.coding == Coding::Progressive {
        decoder.planes.iter_mut().for_each(Plane::finish);
    }
    Ok(decoder.planes)
}

struct Decoder {
    coding: Coding,
    /// Of the frame, across and down.
    units: (usize, usize),
    planes: Vec<Plane>,
    /// Of means, and of the other coefficients.
    codes: [[Option<Table>; 4]; 2],
    tables: [Option<[u16; 64]>; 4],
    /// Units between restart markers; 0 without.
    interval: usize,
}

impl Decoder {
    fn take(&mut self, segment: &Segment<'_>) -> Result<(), ImageError> {
        match segment.code {
            0xC4 => self.take_codes(segment.data),
            0xDB => self.take_tables(segment.data),
            0xDD => {
                let interval = segment.data.first_chunk::<2>().ok_or_else(short)?;
                self.interval = u16::from_be_bytes(*interval).into();
                Ok(())
            }
            SOS => self.take_scan(segment),
            _ => Ok(()),
        }
    }

    /// T.81, B.2.4.2.
    fn take_codes(&mut self, mut data: &[u8]) -> Result<(), ImageError> {
        while let Some((head, rest)) = data.split_first_chunk::<17>() {
            let [place, counts @ ..] = head;
            let length: usize = counts.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(length).ok_or_else(short)?;
            let slot = self.codes.get_mut(usize::from(place >> 4));
            let slot = slot.and_then(|kind| kind.get_mut(usize::from(place & 0xF)));
            // A mean's symbol is the size of a number.
            if place >> 4 == 0 && symbols.iter().any(|symbol| *symbol > 15) {
                return Err(short());
            }
            *slot.ok_or_else(short)? = Some(Table::new(counts, symbols)?);
            data = rest;
        }
        Ok(())
    }

    /// T.81, B.2.4.1.
    fn take_tables(&mut self, mut data: &[u8]) -> Result<(), ImageError> {
        while let Some((place, rest)) = data.split_first() {
            let wide = place >> 4 != 0;
            let (values, rest) = rest.split_at_checked(if wide { 128 } else { 64 }).ok_or_else(short)?;
            let mut table = [0; 64];
            for (number, zigzag) in ZIGZAG.iter().take(64).enumerate() {
                let value = if wide {
                    let pair = values.get(2 * number..).and_then(<[u8]>::first_chunk::<2>);
                    pair.copied().map(u16::from_be_bytes)
                } else {
                    values.get(number).copied().map(u16::from)
                };
                table[usize::from(*zigzag)] = value.unwrap_or_default();
            }
            *self.tables.get_mut(usize::from(place & 0xF)).ok_or_else(short)? = Some(table);
            data = rest;
        }
        Ok(())
    }

    fn take_scan(&mut self, segment: &Segment<'_>) -> Result<(), ImageError> {
        let scan = Scan::read(segment.data, self.coding, &self.planes)?;
        for part in &scan.parts {
            let plane = &mut self.planes[part.plane];
            if self.coding == Coding::Sequential && plane.table.is_some() {
                return Err(ImageError::broken("JPEG: a component comes twice"));
            }
            let table = self.tables[usize::from(plane.component.table)];
            plane.table = Some(plane.table.or(table).ok_or_else(|| missing("quantisation table"))?);
        }
        let mut bits = Bits::new(segment.following);
        if self.coding == Coding::Sequential {
            self.sequential(&scan, &mut bits)?;
        } else {
            self.progressive(&scan, &mut bits)?;
        }
        bits.end().map(drop)
    }

    /// Goes through the blocks of a scan in the order in which they come.
    #[inline(always)]
    fn walk<'a>(
        &mut self,
        scan: &Scan,
        bits: &mut Bits<'a>,
        mut each: impl FnMut(&mut Plane, &mut Bits<'a>, &mut Run, usize, (usize, usize)) -> Result<(), ImageError>,
    ) -> Result<(), ImageError> {
        let alone = scan.parts.len() == 1;
        let (across, down) = match scan.parts.first() {
            // A component by itself has no blocks beyond its own edge.
            Some(part) if alone => {
                let (width, height) = self.planes[part.plane].size;
                (width.div_ceil(8), height.div_ceil(8))
            }
            _ => self.units,
        };
        let mut run = Run::default();
        for unit in 0..across * down {
            if self.interval > 0 && unit > 0 && unit.is_multiple_of(self.interval) {
                bits.restart((unit / self.interval - 1) as u8)?;
                run = Run::default();
            }
            let (x, y) = (unit % across, unit / across);
            for (number, part) in scan.parts.iter().enumerate() {
                let plane = &mut self.planes[part.plane];
                if alone {
                    each(plane, bits, &mut run, number, (x, y))?;
                    continue;
                }
                let (h, v) = (usize::from(plane.component.h), usize::from(plane.component.v));
                for block in 0..h * v {
                    each(plane, bits, &mut run, number, (x * h + block % h, y * v + block / h))?;
                }
            }
            bits.check()?;
        }
        Ok(())
    }

    fn sequential(&mut self, scan: &Scan, bits: &mut Bits<'_>) -> Result<(), ImageError> {
        let codes = self.codes.clone();
        let tables = scan.parts.iter().map(|part| {
            Ok((found(&codes[0], part.means, "codes of means")?, found(&codes[1], part.others, "codes")?))
        });
        let tables: Vec<(&Table, &Table)> = tables.collect::<Result<_, ImageError>>()?;
        wide(|| {
            self.walk(scan, bits, |plane, bits, run, part, place| {
                let (means, others) = tables[part];
                let mut block = [0i16; 64];
                let size = bits.symbol(means)?;
                run.means[part] = run.means[part].wrapping_add(bits.number(u32::from(size & 0xF)));
                block[0] = run.means[part] as i16;
                let mut at = 1;
                while at < 64 {
                    if let Some(short) = bits.coefficient(others) {
                        at += usize::from(short.zeros);
                        block[usize::from(ZIGZAG[at]) & 63] = short.value;
                        at += 1;
                        continue;
                    }
                    let symbol = bits.symbol(others)?;
                    let (zeros, size) = (usize::from(symbol >> 4), u32::from(symbol & 0xF));
                    if size == 0 && zeros < 15 {
                        break;
                    }
                    at += zeros;
                    block[usize::from(ZIGZAG[at]) & 63] = bits.number(size) as i16;
                    at += 1;
                }
                if at > 64 {
                    return Err(outside());
                }
                plane.put(&block, at == 1, place);
                Ok(())
            })
        })
    }

    fn progressive(&mut self, scan: &Scan, bits: &mut Bits<'_>) -> Result<(), ImageError> {
        let codes = self.codes.clone();
        match (scan.from, scan.refines) {
            (0, false) => {
                let tables = scan.parts.iter().map(|part| found(&codes[0], part.means, "codes of means"));
                let tables: Vec<&Table> = tables.collect::<Result<_, _>>()?;
                self.walk(scan, bits, |plane, bits, run, part, place| {
                    let size = bits.symbol(tables[part])?;
                    run.means[part] = run.means[part].wrapping_add(bits.number(u32::from(size & 0xF)));
                    plane.block(place)?[0] = (run.means[part] << scan.low) as i16;
                    Ok(())
                })
            }
            (0, true) => self.walk(scan, bits, |plane, bits, _, _, place| {
                plane.block(place)?[0] |= (bits.bits(1) << scan.low) as i16;
                Ok(())
            }),
            (_, refines) => {
                let slot = scan.parts.first().map(|part| part.others).unwrap_or_default();
                let table = found(&codes[1], slot, "codes")?;
                self.walk(scan, bits, |plane, bits, run, _, place| {
                    let block = plane.block(place)?;
                    if refines {
                        refine(block, scan, table, bits, run)
                    } else {
                        bring(block, scan, table, bits, run)
                    }
                })
            }
        }
    }
}

fn found<'t>(slots: &'t [Option<Table>; 4], slot: usize, what: &str) -> Result<&'t Table, ImageError> {
    slots.get(slot).and_then(Option::as_ref).ok_or_else(|| missing(what))
}

fn missing(what: &str) -> ImageError {
    ImageError::broken(format!("JPEG: its {what} are missing"))
}
