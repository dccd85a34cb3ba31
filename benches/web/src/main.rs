//! A request with a token through axum, and a login, beside peers: in turns, on one thread, without a socket.

mod api;
mod login;
mod peer;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the runtime starts");
    runtime.block_on(async {
        api::run().await;
        login::run().await;
    });
}

/// Runs the contenders in turns and prints how many each does in a second: the one of its rounds that a tenth are faster than.
pub(crate) async fn race<'a>(title: &str, mut contenders: Vec<(&'a str, Contender<'a>)>, rounds: usize, each: u32) {
    let mut rates = vec![Vec::new(); contenders.len()];
    for _ in 0..rounds {
        for ((_, contender), rates) in contenders.iter_mut().zip(&mut rates) {
            let begun = std::time::Instant::now();
            for _ in 0..each {
                contender().await;
            }
            rates.push(f64::from(each) / begun.elapsed().as_secs_f64());
        }
    }
    let mut counts = Vec::new();
    for (_, contender) in &mut contenders {
        counts.push(allocation_counter::measure(|| pollster::block_on(contender())));
    }
    println!("\n| {title} | a second | of the first | allocations | bytes |\n|---|---|---|---|---|");
    let best = |rates: &mut Vec<f64>| {
        rates.sort_by(|a, b| b.total_cmp(a));
        rates[rates.len() / 10]
    };
    let rates: Vec<f64> = rates.iter_mut().map(best).collect();
    for (((name, _), rate), count) in contenders.iter().zip(&rates).zip(&counts) {
        println!(
            "| {name} | {rate:.0} | {:.1} % | {} | {} |",
            100.0 * rate / rates[0],
            count.count_total,
            count.bytes_total
        );
    }
}

pub(crate) type Contender<'a> = Box<dyn FnMut() -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>> + 'a>;
