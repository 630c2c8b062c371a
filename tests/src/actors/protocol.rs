//! The whole protocol: the people of all four programs are the same, in one network. They buy credits at prices that walk
//! and crash, stake behind each other, run machines that attestors vouch for, post jobs that ask for such machines, work,
//! dispute and are slashed; epochs end, roots are claimed, rules change, the network pauses. After each action what every
//! program promises holds, and what holds between them.

use {
    super::{Actors, Random, Shared, TrackedWorld, bme::Market, escrow::Jobs, identity::Machines, stake},
    crate::{
        Network, World,
        fixture::{Backer, TOKEN, VERIFIER},
    },
    joule_interface::Address,
    solana_keypair::Keypair,
    solana_signer::Signer,
    stake::Stakers,
    std::rc::Rc,
};

const CLIENTS: usize = 3;
/// The class that a market asks for.
const CLASS: u32 = 7;

/// Them all, and the chain, with whoever is to act.
pub struct Protocol {
    random: Random,
    chain: Shared,
    market: Market,
    stakers: Stakers,
    jobs: Jobs,
    machines: Machines,
}

/// The chain and the choices go to a part, and come back.
macro_rules! with {
    ($self:ident, $part:ident, $what:expr) => {{
        std::mem::swap(&mut $self.chain, &mut $self.$part.chain);
        std::mem::swap(&mut $self.random, &mut $self.$part.random);
        $what;
        std::mem::swap(&mut $self.chain, &mut $self.$part.chain);
        std::mem::swap(&mut $self.random, &mut $self.$part.random);
    }};
}

impl Actors for Protocol {
    const ACTIONS: &'static [&'static str] = &[
        "accept",
        "activate",
        "attest",
        "bid",
        "burn",
        "buy",
        "cancel",
        "challenge",
        "claim",
        "claim from a root",
        "close",
        "consume",
        "deactivate",
        "deliver",
        "deposit",
        "execute",
        "fund",
        "heartbeat",
        "join",
        "lock a bond",
        "mint",
        "pause",
        "post",
        "redelegate",
        "resume",
        "revoke",
        "seize",
        "settle",
        "settle the bond",
        "stake",
        "start",
        "sync",
        "transfer",
        "unstake",
        "withdraw",
    ];
    const MORE: &'static [(&'static str, Address)] = &[VERIFIER];

    fn new(mut world: World, random: Random) -> Self {
        let clients: [Keypair; CLIENTS] = std::array::from_fn(|_| world.user());
        let people: [Keypair; stake::OWNERS] = std::array::from_fn(|_| world.user());
        let holders: Vec<Address> = clients.iter().chain(&people).map(|key| key.pubkey()).collect();
        let (network, tokens) = Network::new(&mut world, &holders);
        let network = Rc::new(network);
        let (sources, wallets) = tokens.split_at(CLIENTS);
        let owners = || people.iter().map(Keypair::insecure_clone).collect::<Vec<_>>();
        let works: Vec<Address> = people.iter().map(|key| network.open_provider_work(&world, key.pubkey())).collect();

        let with_sources = clients.iter().map(Keypair::insecure_clone).zip(sources.iter().copied()).collect();
        let paid = owners().into_iter().zip(&works).zip(wallets).map(|((key, work), wallet)| (key, *work, *wallet));
        let mut market = Market::arrive(&mut world, network.clone(), with_sources, paid.collect());
        let mut stakers = Stakers::arrive(&mut world, network.clone(), owners(), wallets.to_vec());
        let pool = stakers.here.pool;
        // Half of those who work are providers whom others back; the others back themselves.
        let workers = (0..people.len())
            .map(|w| {
                let provider = stakers.here.providers.get(w).copied().unwrap_or_else(|| {
                    let provider = pool.register(&world, &people[w]);
                    pool.open_delegation(&world, provider, people[w].pubkey(), wallets[w]);
                    provider
                });
                let own = Backer::of(provider, people[w].pubkey(), wallets[w]);
                world.ok(&[pool.stake_instruction(&own, 300 * TOKEN)], &[&people[w]]);
                world.pass(1);
                (people[w].insecure_clone(), works[w])
            })
            .collect();
        let mut machines = Machines::arrive(&mut world, network.clone(), owners(), holders[CLIENTS..].to_vec());
        let buyers = market.clients.iter().map(|client| (client.key.insecure_clone(), client.source, client.credits));
        let buyers: Vec<_> = buyers.collect();
        for (key, source, credits) in &buyers {
            network.refresh_price(&mut world);
            let buy = network.buy_instruction(key.pubkey(), *source, *credits, 300 * TOKEN);
            world.ok(&[buy], &[key]);
        }
        let jobs = Jobs::arrive(&mut world, network, pool, buyers, workers, CLASS, VERIFIER.1);
        (market.pace, stakers.pace, machines.pace) = (3, 6, 6);
        let mut chain = TrackedWorld::new(world);
        chain.may_stay = false;
        Self { random, chain: Shared::new(chain), market, stakers, jobs, machines }
    }

    fn act(&mut self) {
        match self.random.below(20) {
            0..5 => with!(self, market, self.market.act()),
            5..8 => with!(self, stakers, self.stakers.act()),
            8..11 => with!(self, machines, self.machines.act()),
            _ => {
                for worker in &mut self.jobs.workers {
                    let machine = self.machines.machine_of(worker.key.pubkey(), CLASS);
                    worker.node = machine.unwrap_or(joule_escrow_interface::ID);
                }
                with!(self, jobs, self.jobs.act());
            }
        }
        with!(self, market, self.market.check());
        with!(self, stakers, self.stakers.check());
        with!(self, jobs, self.jobs.check());
        with!(self, machines, self.machines.check());
    }

    /// Each part was asked after its action; what is between them is in the books.
    fn check(&self) {}

    fn end(&mut self) {
        with!(self, jobs, self.jobs.end());
    }

    fn chain(&self) -> &TrackedWorld {
        &self.chain
    }

    fn into_chain(self) -> TrackedWorld {
        self.chain.into_inner()
    }

    fn random(&self) -> &Random {
        &self.random
    }
}
