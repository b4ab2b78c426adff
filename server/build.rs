//! Lists the built site (WASM, JavaScript, style sheet, assets) as Rust, so
//! that the binary carries it. Knows nothing of how the site is built.
//!
//! The folder is `FOVEA_SITE_DIR`, else `target/site` of the workspace. When
//! there is none the binary has no site: pages still render on the server.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-env-changed=FOVEA_SITE_DIR");
    let site = site_dir();
    println!("cargo:rerun-if-changed={}", site.display());
    let mut files = Vec::new();
    if site.is_dir() {
        collect(&site, &site, &mut files)?;
    } else if env::var_os("FOVEA_SITE_DIR").is_some() {
        println!(
            "cargo:warning=FOVEA_SITE_DIR={} is not a folder: pages have no style and no script",
            site.display()
        );
    }
    files.sort();
    let mut source = String::from("pub(super) static FILES: &[(&str, &[u8])] = &[\n");
    for (name, path) in &files {
        println!("cargo:rerun-if-changed={}", path.display());
        source.push_str(&format!("    ({name:?}, include_bytes!({:?})),\n", path.display().to_string()));
    }
    source.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("site_files.rs"), source)
}

fn site_dir() -> PathBuf {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    match env::var_os("FOVEA_SITE_DIR") {
        Some(dir) => manifest.join(dir),
        None => manifest.join("../target/site"),
    }
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo:rerun-if-changed={}", path.display());
            collect(root, &path, files)?;
        } else if let Ok(relative) = path.strip_prefix(root) {
            let name = relative.to_string_lossy().replace('\\', "/");
            files.push((name, fs::canonicalize(&path)?));
        }
    }
    Ok(())
}
