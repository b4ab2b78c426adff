//! Writes the samples of each target to `FOLDER/TARGET`, for a fuzzer to begin
//! with: `cargo run -p fuzzing --example seeds -- fuzz/corpus`.

use std::{fs, path::PathBuf};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("fuzz/corpus"), PathBuf::from);
    for target in fuzzing::TARGETS {
        let own = folder.join(target.name);
        fs::create_dir_all(&own)?;
        for (number, sample) in (target.samples)().into_iter().enumerate() {
            fs::write(own.join(format!("sample-{number}")), sample)?;
        }
    }
    Ok(())
}
