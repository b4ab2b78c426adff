//! The site: everything a browser fetches, as files in one folder that the
//! server embeds. Built from `frontend`, `style` and `style/assets`.

mod bindgen;
pub(crate) mod css;
mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process::{say, shown};
use crate::setup::wasm::{self, Toolchain};
use crate::workspace::{Profile, Workspace};
use files::SiteFiles;

/// More than this, compressed by gzip, for any page, and a release is refused
/// (bytes).
pub(crate) const WASM_GZIP_LIMIT: u64 = 600_000;

/// The same of a development build, which weighs two and a half times a
/// release: what every run of the tests finds out, with room for what
/// compilers make of it.
const DEV_WASM_GZIP_LIMIT: u64 = 1_600_000;

/// The folder under the site that leptos looks for scripts and styles in.
const PACKAGE: &str = "pkg";

/// The name that the files in the package share.
const OUTPUT_NAME: &str = "fovea";

/// What a build of the site weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Weight {
    /// The WASM that every page needs, as it is (bytes).
    pub(crate) wasm: u64,
    /// The same as it travels by gzip (bytes).
    pub(crate) wasm_gzip: u64,
    /// The same as it travels by brotli (bytes).
    pub(crate) wasm_brotli: u64,
    /// All that the heaviest page needs as it opens, by gzip (bytes).
    pub(crate) page_gzip: u64,
    /// The same of the one address that needs two parts: a prediction shown
    /// large among a list. Most who come there have the second part by then,
    /// so that it is told, and has no limit.
    pub(crate) large_gzip: u64,
}

impl Weight {
    /// Fails when the WASM is heavier than a release may be.
    pub(crate) fn check(self) -> Result<()> {
        self.check_against(WASM_GZIP_LIMIT)
    }

    /// Fails when the WASM of a development build is so heavy that a release of
    /// it would be too heavy.
    pub(crate) fn foretell(self) -> Result<()> {
        self.check_against(DEV_WASM_GZIP_LIMIT)
    }

    fn check_against(self, limit: u64) -> Result<()> {
        if self.page_gzip > limit {
            bail!(
                "the WASM of the heaviest page weighs {} by gzip, and may weigh {}",
                kilobytes(self.page_gzip),
                kilobytes(limit)
            );
        }
        Ok(())
    }
}

/// A build of the site: what it weighs and what the compiler complained of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Built {
    pub(crate) weight: Weight,
    pub(crate) warnings: usize,
}

/// Builds the site. Files whose content did not change are left alone, so that
/// nothing that depends on them is built again.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<Built> {
    let toolchain = wasm::find().context("no compiler for WASM; run `cargo xtask setup`")?;
    let warnings = compile(workspace, &toolchain, profile)?;
    let compiled = workspace.wasm_target().join(wasm::TARGET).join(profile.wasm_name()).join("frontend.wasm");
    let package = bindgen::bind(workspace, &compiled, profile, OUTPUT_NAME)?;

    let mut site = SiteFiles::new(workspace.wasm_target().join("compressed"), profile);
    site.add_folder(&package, PACKAGE)?;
    let style = css::bundle(&workspace.root().join("style/main.css"))?;
    site.add(&format!("{PACKAGE}/{OUTPUT_NAME}.css"), style.into_bytes());
    let assets = workspace.root().join("style/assets");
    if assets.is_dir() {
        site.add_folder(&assets, "")?;
    }
    let folder = workspace.site(profile);
    site.write(&folder)?;

    let weight = weigh(&folder, &bindgen::parts_of(&package)?)?;
    say(&format!(
        "  site           {} · WASM {}, gzip {}, brotli {}; the heaviest page by gzip {}, \
         a prediction shown large {}",
        folder.display(),
        kilobytes(weight.wasm),
        kilobytes(weight.wasm_gzip),
        kilobytes(weight.wasm_brotli),
        kilobytes(weight.page_gzip),
        kilobytes(weight.large_gzip)
    ));
    Ok(Built { weight, warnings })
}

/// Compiles the frontend; gives the number of warnings about our own code,
/// which cargo repeats when nothing had to be compiled.
fn compile(workspace: &Workspace, toolchain: &Toolchain, profile: Profile) -> Result<usize> {
    let mut build = toolchain.cargo_build(workspace);
    build.args(["--package", "frontend", "--profile", profile.wasm_name(), "--message-format", "json"]);
    say(&format!("$ {}", shown(&build)));
    let mut child = build.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let messages = child.stdout.take().context("the output is piped")?;
    let mut warnings = 0;
    for line in BufReader::new(messages).lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line?) else { continue };
        if let Some(rendered) = message.pointer("/message/rendered").and_then(Value::as_str) {
            eprint!("{rendered}");
        }
        warnings += usize::from(is_warning(&message));
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the browser's half does not compile ({status})");
    }
    Ok(warnings)
}

fn is_warning(message: &Value) -> bool {
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str);
    text("/reason") == Some("compiler-message")
        && text("/message/level") == Some("warning")
        && text("/package_id").is_some_and(|id| id.starts_with("path+file://"))
}

fn weigh(site: &Path, parts: &BTreeMap<String, Vec<String>>) -> Result<Weight> {
    let size = |name: &str, suffix: &str| -> Result<u64> {
        let path = site.join(PACKAGE).join(format!("{name}.wasm{suffix}"));
        Ok(fs::metadata(&path).with_context(|| format!("no {}", path.display()))?.len())
    };
    let first = format!("{OUTPUT_NAME}_bg");
    let wasm_gzip = size(&first, ".gz")?;
    let with = |names: &[&str]| -> Result<u64> {
        let files: BTreeSet<&String> = names.iter().filter_map(|name| parts.get(*name)).flatten().collect();
        files.into_iter().try_fold(wasm_gzip, |sum, file| Ok(sum + size(file, ".gz")?))
    };
    let pages: Vec<u64> = parts.keys().map(|name| with(&[name])).collect::<Result<_>>()?;
    Ok(Weight {
        wasm: size(&first, "")?,
        wasm_gzip,
        wasm_brotli: size(&first, ".br")?,
        page_gzip: pages.into_iter().max().unwrap_or(wasm_gzip),
        large_gzip: with(&["predictions", "dashboard"])?,
    })
}

/// Thousands of bytes, for people.
pub(crate) fn kilobytes(bytes: u64) -> String {
    format!("{} kB", bytes.div_ceil(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_site_of_six_hundred_kilobytes_passes_and_one_more_byte_does_not() {
        let weight = |page_gzip| Weight {
            wasm: 2_000_000,
            wasm_gzip: 300_000,
            wasm_brotli: 250_000,
            page_gzip,
            large_gzip: 0,
        };
        assert!(weight(600_000).check().is_ok());
        let message = weight(600_001).check().unwrap_err().to_string();
        assert!(message.contains("601 kB"), "{message}");
    }

    #[test]
    fn only_warnings_about_our_own_crates_count() {
        let message = |level: &str, id: &str| json!({"reason": "compiler-message", "package_id": id, "message": {"level": level}});
        assert!(is_warning(&message("warning", "path+file:///src/app#0.1.0")));
        assert!(!is_warning(&message("note", "path+file:///src/app#0.1.0")));
        assert!(!is_warning(&message("warning", "registry+https://example.org#x@1.0.0")));
        assert!(!is_warning(&json!({"reason": "build-finished", "success": true})));
    }
}
