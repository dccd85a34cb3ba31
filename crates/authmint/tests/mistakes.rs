//! Mistakes that people make, and what the compiler says to them. The words are the compiler's, so they are compared with the release
//! that they were written down with; `TRYBUILD=overwrite cargo test --test mistakes --all-features` writes them down anew.

/// The compiler of the snapshots.
const RELEASE: &str = "rustc 1.95.";

#[test]
fn mistakes_read_well() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = std::process::Command::new(rustc).arg("--version").output().map(|output| output.stdout);
    let version = String::from_utf8(said.unwrap_or_default()).unwrap_or_default();
    if !version.starts_with(RELEASE) {
        println!("NOT COMPARED: the snapshots are from {RELEASE}, this is {version}");
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/mistakes/*.rs");
}
