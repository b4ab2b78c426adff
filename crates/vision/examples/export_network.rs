//! `export_network WEIGHTS OUTPUT`: writes the folded network for another
//! runtime, times it here, and prints `{"forward_ms": …}` (the median).
//! `untrained` for WEIGHTS means the default network as drawn, three classes;
//! `untrained-lite0` the same with EfficientNet-Lite0 for its backbone.

use domain::{name::Label, training::TrainParams};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [weights, output] = arguments.as_slice() else {
        return Err("usage: export_network WEIGHTS|untrained|untrained-lite0 OUTPUT".into());
    };
    let weights = if let Some(backbone) = weights.strip_prefix("untrained") {
        let labels = ["a", "b", "c"].map(Label::new).into_iter().collect::<Result<Vec<_>, _>>()?;
        let backbone = backbone.trim_start_matches('-').to_owned();
        vision::untrained(&labels, &TrainParams { backbone, ..TrainParams::default() })?
    } else {
        std::fs::read(weights)?
    };
    std::fs::write(output, vision::export(&weights)?)?;
    let times = vision::forward_times(&weights, 101)?;
    let median = times.get(times.len() / 2).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let line = format!("{}\n", serde_json::json!({ "forward_ms": median }));
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    Ok(())
}
