//! From the compiler's WASM to what a browser loads: wasm-bindgen's glue and,
//! for a release, the optimiser.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use crate::process::{run, say};
use crate::setup::wasm;
use crate::workspace::{Profile, Workspace};

/// The features that the compiler's target already relies on; the optimiser
/// refuses a module that uses one it was not told of.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-multivalue",
];

/// Writes glue and WASM to a folder of their own and gives that folder; does
/// nothing when it was made from the same file before.
pub(crate) fn bind(workspace: &Workspace, compiled: &Path, profile: Profile, name: &str) -> Result<PathBuf> {
    let folder = workspace.wasm_target().join("bound").join(profile.wasm_name());
    let optimiser = if profile == Profile::Release { wasm::optimiser(workspace) } else { None };
    let stamp_file = folder.with_extension("stamp");
    let stamp = stamp(compiled, optimiser.as_deref())?;
    if fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let first = compiled.with_file_name("first-part.wasm");
    split(compiled, &first, &folder, name).map_err(|error| anyhow!("taking the WASM apart: {error:#}"))?;
    generate(&first, &folder, profile, name).map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
    match (profile, optimiser) {
        (Profile::Release, Some(optimiser)) => {
            for part in parts(&folder)? {
                optimise(&optimiser, &part)?;
            }
        }
        (Profile::Release, None) => {
            say("No wasm-opt (npm package `binaryen`): the WASM stays larger than it could be.");
        }
        (Profile::Dev | Profile::Demo, _) => {}
    }
    fs::write(&stamp_file, stamp)?;
    Ok(folder)
}

/// What the result depends on: the file's size and time, and who optimises it.
fn stamp(compiled: &Path, optimiser: Option<&Path>) -> Result<String> {
    let meta = fs::metadata(compiled).with_context(|| format!("no {}", compiled.display()))?;
    let modified = meta.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
    Ok(format!("{} {modified} {optimiser:?}", meta.len()))
}

/// Writes the part that is loaded first to `first`, the others and what loads
/// them to `folder`.
fn split(compiled: &Path, first: &Path, folder: &Path, name: &str) -> Result<()> {
    let wasm = fs::read(compiled)?;
    let main = format!("./{name}.js");
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = folder;
    options.main_out_path = first;
    options.main_module = &main;
    options.link_name = "./parts.js";
    let parts = wasm_split_cli_support::transform(options).map_err(|error| anyhow!("{error:?}"))?;
    fs::write(files_by_part(folder), serde_json::to_vec(&parts.prefetch_map)?)?;
    Ok(())
}

/// Where it stands which files a part consists of, but for the first one.
fn files_by_part(folder: &Path) -> PathBuf {
    folder.with_extension("parts.json")
}

/// The names, without ending, of the files that each part needs.
pub(crate) fn parts_of(folder: &Path) -> Result<BTreeMap<String, Vec<String>>> {
    Ok(serde_json::from_slice(&fs::read(files_by_part(folder))?)?)
}

/// Every WASM of a folder.
fn parts(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "wasm") {
            parts.push(path);
        }
    }
    parts.sort();
    Ok(parts)
}

fn generate(compiled: &Path, folder: &Path, profile: Profile, name: &str) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(name).typescript(false);
    // The other parts link to these by name.
    bindgen.keep_lld_exports(true).demangle(false);
    if profile == Profile::Release {
        bindgen.remove_name_section(true).remove_producers_section(true).omit_default_module_path(true);
    } else {
        bindgen.keep_debug(false);
    }
    bindgen.web(true)?.generate(folder)
}

fn optimise(optimiser: &Path, wasm: &Path) -> Result<()> {
    let smaller = wasm.with_extension("opt");
    // It is a script for node; one among the npm packages comes before the machine's.
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = optimiser.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders)?;
    let mut command = Command::new(optimiser);
    run(command.env("PATH", path).arg(wasm).args(["-Oz", "-o"]).arg(&smaller).args(FEATURES))?;
    fs::rename(&smaller, wasm).context("cannot put the optimised WASM in place")
}
