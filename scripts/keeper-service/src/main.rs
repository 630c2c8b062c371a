//! Command line: see `scripts/keeper --help`.

use {
    joule_interface::Address,
    joule_keeper::{
        due::Settings,
        keeper::{Keeper, Limits},
        metrics,
        rpc::Rpc,
    },
    joule_math::Seconds,
    solana_keypair::Keypair,
    std::{env, fs, net::SocketAddr, process::ExitCode, str::FromStr, thread, time::Duration},
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("keeper: {problem}; see --help");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    url: String,
    key: Option<String>,
    all: bool,
    once: bool,
    dry: bool,
    every: u64,
    metrics: Option<SocketAddr>,
    settings: Settings,
    limits: Limits,
}

fn run() -> Result<(), String> {
    let options = options(env::args().skip(1))?;
    let key = match &options.key {
        Some(path) => read_key(path)?,
        None if options.dry => Keypair::new(),
        None => return Err("--key names the file of the keeper's key pair".into()),
    };
    let mut keeper =
        Keeper::new(Rpc::new(&options.url), key, options.settings, options.limits, |line| println!("{line}"));
    if options.dry {
        let (_, due, pass) = keeper.read().map_err(|fault| fault.to_string())?;
        for it in &due {
            println!("{}.{} of {}, since {}", it.name.0, it.name.1, it.account, it.since.0);
        }
        println!("{} due, {} kinds of accounts not read", due.len(), pass.unread.len());
        return Ok(());
    }
    println!("the keeper is {}", keeper.address());
    if let Some(address) = options.metrics {
        let address = metrics::serve(address, keeper.metrics()).map_err(|error| format!("{address}: {error}"))?;
        println!("metrics at http://{address}/metrics");
    }
    loop {
        match keeper.pass() {
            Ok(pass) if !pass.due.is_empty() => println!(
                "{} due, {} done, {} failed, {} beyond the budget",
                pass.due.len(),
                pass.done.len(),
                pass.failed.len(),
                pass.unpaid
            ),
            Ok(_) => {}
            // The server may be back for the next pass.
            Err(fault) if !options.once => println!("no pass: {fault}"),
            Err(fault) => return Err(fault.to_string()),
        }
        if options.once {
            return Ok(());
        }
        thread::sleep(Duration::from_secs(options.every));
    }
}

/// A key pair as Solana's tools write it: 64 numbers.
fn read_key(path: &str) -> Result<Keypair, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
    let bytes: Vec<u8> =
        serde_json::from_str(&text).map_err(|_| format!("{path} is no key pair: 64 numbers in JSON"))?;
    Keypair::try_from(bytes.as_slice()).map_err(|_| format!("{path} is no key pair: 64 numbers in JSON"))
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        url: "http://127.0.0.1:8899".into(),
        key: None,
        all: false,
        once: false,
        dry: false,
        every: 30,
        metrics: None,
        settings: Settings::default(),
        limits: Limits::default(),
    };
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{argument} needs a value after it"));
        let number =
            |text: String| text.replace('_', "").parse::<u64>().map_err(|_| format!("{text} is not a whole number"));
        let seconds = |text: String| number(text).map(|number| Seconds(number.min(u32::MAX as u64) as u32));
        let address = |text: &str| Address::from_str(text).map_err(|_| format!("{text} is no address"));
        let Options { settings, limits, .. } = &mut options;
        match argument.as_str() {
            "--url" => options.url = value()?,
            "--key" => options.key = Some(value()?),
            "--network" => drop(settings.networks.get_or_insert_default().insert(address(&value()?)?)),
            "--all-networks" => options.all = true,
            "--price" => {
                let text = value()?;
                let (network, price) = text.split_once('=').ok_or("--price has the form NETWORK=ACCOUNT")?;
                settings.prices.insert(address(network)?, address(price)?);
            }
            "--open-accounts" => settings.opens_accounts = true,
            "--average-age" => settings.average_age = seconds(value()?)?,
            "--settle-after" => settings.settle_after = seconds(value()?)?,
            "--fund-after" => settings.fund_after = seconds(value()?)?,
            "--close-jobs-after" => settings.close_jobs_after = seconds(value()?)?,
            "--least-fees" => settings.least_fees = number(value()?)?,
            "--least-earnings" => settings.least_earnings = number(value()?)?,
            "--pay-out-every" => settings.pay_out_every = seconds(value()?)?,
            "--wait-for-tips" => settings.wait_for_tips = seconds(value()?)?,
            "--lamports-a-day" => limits.lamports_a_day = number(value()?)?,
            "--accounts-a-day" => limits.accounts_a_day = number(value()?)?,
            "--reserve" => limits.reserve = number(value()?)?,
            "--lamports-a-transaction" => limits.lamports_a_transaction = number(value()?)?,
            "--lowest-price" => limits.price.0 = number(value()?)?,
            "--highest-price" => limits.price.1 = number(value()?)?,
            "--reread-every" => limits.reread_every = number(value()?)?,
            "--every" => options.every = number(value()?)?,
            "--metrics" => {
                let text = value()?;
                options.metrics = Some(text.parse().map_err(|_| format!("{text} is no address with a port"))?);
            }
            "--once" => options.once = true,
            "--dry-run" => options.dry = true,
            other => return Err(format!("{other} is no option")),
        }
    }
    let Options { url, all, every, settings, limits, .. } = &options;
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err("--url has to begin with http:// or https://".into());
    }
    match (&settings.networks, all) {
        (None, false) => return Err("name the networks to serve with --network, or --all-networks".into()),
        (Some(_), true) => return Err("--network and --all-networks exclude each other".into()),
        _ => {}
    }
    if limits.price.0 > limits.price.1 {
        return Err("--lowest-price is above --highest-price".into());
    }
    if *every == 0 {
        return Err("--every has to be a second at least".into());
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, String> {
        options(text.split_whitespace().map(String::from))
    }

    #[test]
    fn options_are_read() {
        let one = "11111111111111111111111111111112";
        let read =
            parse(&format!("--network {one} --url https://host --every 5 --reread-every 7 --once")).expect("right");
        assert_eq!((read.url.as_str(), read.every, read.limits.reread_every, read.once), ("https://host", 5, 7, true));
        assert_eq!(read.settings.networks.expect("one").len(), 1);
        let limits = parse("--all-networks --lamports-a-day 1_000 --accounts-a-day 500").expect("right").limits;
        assert_eq!((limits.lamports_a_day, limits.accounts_a_day), (1_000, 500));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("", "--network"),
            ("--all-networks --network 11111111111111111111111111111112", "exclude each other"),
            ("--all-networks --url mainnet", "--url"),
            ("--all-networks --every 0", "--every"),
            ("--all-networks --every soon", "soon is not a whole number"),
            ("--all-networks --lowest-price 9 --highest-price 8", "--lowest-price is above --highest-price"),
            ("--all-networks --looks 9", "--looks is no option"),
            ("--all-networks --key", "--key needs a value"),
            ("--network nobody", "nobody is no address"),
        ];
        for (text, why) in cases {
            let refused = parse(text).err().expect("it is wrong");
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }
}
