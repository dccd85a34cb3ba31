//! Tokens of some 300 bytes, signed and verified, encrypted and decrypted, beside four peers and the bare primitive.
//!
//! All contenders of a row are timed in turns, so that a busy machine is unfair to all alike, in rounds so short that many pass
//! without another program; of each contender the round counts that only a tenth are faster than. Keys are parsed before the clock
//! starts, as far as the peer's interface lets one.

mod contenders;
mod fixed;

use std::hint::black_box;
use std::time::{Duration, Instant};

use contenders::{Contender, encryption, sets, signatures};
use fixed::fixed;

/// Rounds of which the one is taken that a tenth are faster than.
const ROUNDS: usize = 150;
/// How long one round of one contender takes.
const SLICE: Duration = Duration::from_millis(3);

/// Nanoseconds for one call.
fn time(work: &dyn Fn()) -> f64 {
    let mut calls = 0_u32;
    let begun = Instant::now();
    while begun.elapsed() < SLICE {
        for _ in 0..4 {
            black_box(work)();
        }
        calls += 4;
    }
    begun.elapsed().as_nanos() as f64 / f64::from(calls)
}

/// The time of each contender, in turns.
fn race(works: &[Option<Contender>]) -> Vec<Option<f64>> {
    let rounds: Vec<Vec<Option<f64>>> =
        (0..ROUNDS).map(|_| works.iter().map(|work| work.as_ref().map(|work| time(&**work))).collect()).collect();
    (0..works.len())
        .map(|index| {
            let mut times: Vec<f64> = rounds.iter().filter_map(|round| round[index]).collect();
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 10).copied()
        })
        .collect()
}

fn per_second(nanoseconds: Option<f64>) -> String {
    nanoseconds.map_or_else(|| "".to_owned(), |nanoseconds| format!("{:.0}", 1e9 / nanoseconds))
}

fn main() {
    println!("| | authmint /s | bare primitive /s | of it | above it | jsonwebtoken | josekit | jwt-simple | jose-rs | × the best |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for row in signatures() {
        let times = race(&row.contenders);
        let (ours, limit) = (times[0].unwrap(), times[1].unwrap());
        let best = times[2..].iter().flatten().copied().fold(f64::INFINITY, f64::min);
        println!(
            "| {} | {} | {} | {:.1} % | {:.0} ns | {} | {} | {} | {} | {:.2} |",
            row.name,
            per_second(times[0]),
            per_second(times[1]),
            100.0 * limit / ours,
            ours - limit,
            per_second(times[2]),
            per_second(times[3]),
            per_second(times[4]),
            per_second(times[5]),
            best / ours,
        );
    }
    println!("\n| with a primitive that does nothing | sign | verify |\n|---|---|---|");
    for (algorithm, works) in fixed() {
        let times = race(&works);
        println!("| {algorithm} | {:.0} ns | {:.0} ns |", times[0].unwrap(), times[1].unwrap());
    }
    println!("\n| | authmint /s | josekit | jose-rs | × the best |\n|---|---|---|---|---|");
    for row in encryption() {
        let times = race(&row.contenders);
        let best = times[1..].iter().flatten().copied().fold(f64::INFINITY, f64::min);
        let ratio = best / times[0].unwrap();
        let [ours, josekit, jose_rs] = [0, 1, 2].map(|index| per_second(times[index]));
        println!("| {} | {ours} | {josekit} | {jose_rs} | {ratio:.2} |", row.name);
    }
    let times = race(&sets());
    let (one, hundred) = (times[0].unwrap(), times[1].unwrap());
    println!("\nHS256 verify by a set of 1 key: {one:.0} ns; of 100 keys: {hundred:.0} ns; ratio {:.2}", hundred / one);
}
