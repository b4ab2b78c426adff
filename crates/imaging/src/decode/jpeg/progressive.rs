//! Coefficients that come bit by bit (ITU-T T.81, G.1.2).

use super::{
    header::{Run, Scan},
    huffman::{Bits, Table},
    idct::ZIGZAG,
};
use crate::ImageError;

/// The first bits of coefficients (T.81, G.1.2.2).
#[inline]
pub(super) fn bring(
    block: &mut [i16; 64],
    scan: &Scan,
    table: &Table,
    bits: &mut Bits<'_>,
    run: &mut Run,
) -> Result<(), ImageError> {
    if run.empty_blocks > 0 {
        run.empty_blocks -= 1;
        return Ok(());
    }
    let mut at = scan.from;
    while at <= scan.to {
        let symbol = bits.symbol(table)?;
        let (zeros, size) = (symbol >> 4, u32::from(symbol & 0xF));
        if size == 0 && zeros < 15 {
            run.empty_blocks = (1 << zeros) - 1 + bits.bits(zeros.into());
            break;
        }
        at += usize::from(zeros);
        let value = bits.number(size);
        set(block, at, (value << scan.low) as i16)?;
        at += 1;
    }
    Ok(())
}

/// One more bit of coefficients (T.81, G.1.2.3).
pub(super) fn refine(
    block: &mut [i16; 64],
    scan: &Scan,
    table: &Table,
    bits: &mut Bits<'_>,
    run: &mut Run,
) -> Result<(), ImageError> {
    let one = 1i16 << scan.low;
    let mut at = scan.from;
    while run.empty_blocks == 0 && at <= scan.to {
        let symbol = bits.symbol(table)?;
        let (mut zeros, size) = (symbol >> 4, symbol & 0xF);
        let mut value = 0;
        if size != 0 {
            value = if bits.bits(1) == 1 { one } else { -one };
        } else if zeros < 15 {
            run.empty_blocks = (1 << zeros) + bits.bits(zeros.into());
            break;
        }
        // Those that are there already get their bit on the way to the place.
        while at <= scan.to {
            let place = &mut block[usize::from(ZIGZAG[at])];
            at += 1;
            if *place != 0 {
                add_bit(place, one, bits);
            } else if zeros == 0 {
                *place = value;
                value = 0;
                break;
            } else {
                zeros -= 1;
            }
        }
        if value != 0 {
            return Err(outside());
        }
    }
    if run.empty_blocks > 0 {
        run.empty_blocks -= 1;
        for zigzag in ZIGZAG.get(at..=scan.to).unwrap_or_default() {
            let place = &mut block[usize::from(*zigzag)];
            if *place != 0 {
                add_bit(place, one, bits);
            }
        }
    }
    Ok(())
}

#[inline]
fn add_bit(place: &mut i16, one: i16, bits: &mut Bits<'_>) {
    if bits.bits(1) == 1 && *place & one == 0 {
        *place = if *place > 0 { place.wrapping_add(one) } else { place.wrapping_sub(one) };
    }
}

/// Sets the coefficient of this number in the file's order.
#[inline]
fn set(block: &mut [i16; 64], at: usize, value: i16) -> Result<(), ImageError> {
    let place = ZIGZAG.get(at).filter(|_| at < 64).and_then(|zigzag| block.get_mut(usize::from(*zigzag)));
    *place.ok_or_else(outside)? = value;
    Ok(())
}

#[cold]
pub(super) fn outside() -> ImageError {
    ImageError::broken("JPEG: a coefficient is outside its block")
}
