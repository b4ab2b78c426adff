//! `backbone_maps FILE WIDTHxHEIGHT PIXELS OUTPUT`: what a backbone makes of a
//! picture, for comparing it with another implementation. PIXELS and OUTPUT are
//! 32-bit floats, lowest byte first: `[height, width, 3]` in −1…1, and the maps
//! at strides 8, 16 and 32 one after another.

use domain::geometry::Size;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, size, pixels, output] = arguments.as_slice() else {
        return Err("usage: backbone_maps FILE WIDTHxHEIGHT PIXELS OUTPUT".into());
    };
    let (width, height) = size.split_once('x').ok_or("a size is WIDTHxHEIGHT")?;
    let size = Size::new(width.parse()?, height.parse()?).ok_or("a picture has pixels")?;
    let pixels = std::fs::read(pixels)?;
    let (numbers, _) = pixels.as_chunks::<4>();
    let pixels = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let maps = vision::backbone_maps(&std::fs::read(file)?, size, pixels)?;
    let bytes: Vec<u8> = maps.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(output, bytes)?;
    Ok(())
}
