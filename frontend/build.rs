//! Keeps in the WASM what tells its parts from each other, so that the build of
//! the site can take it apart.

fn main() {
    println!("cargo::rustc-link-arg-cdylib=--emit-relocs");
    println!("cargo::rerun-if-changed=build.rs");
}
