//! Credits and epochs of `bme`: two owners of credits, a spender, two providers, two work shards, and anyone.
//!
//! `AccrueWork` and `SweepEpoch` need neither clock nor other programs: they run as instructions, on accounts' bytes. `CloseEpoch`
//! mints, so here it is what it calls, in its order: the shards' work, the limits, the division.

use {
    crate::{
        Scope,
        search::{Key, World, next_instant},
    },
    joule_bme::{
        credits,
        epochs::work,
        instructions,
        lanes::{self, Budget, Worth},
    },
    joule_bme_interface::{
        ID,
        instruction::{AccrueWork, SweepEpoch},
        state::{CreditAccount, Epoch, EpochTerms, Network, ProviderWork, Spender, WorkShard},
    },
    joule_common::AccountView,
    joule_interface::{Account, Address, Header},
    joule_math::{Bps, Credits, Seconds, Timestamp, Tokens},
    std::fmt,
};

const START: i64 = 1_000;
const PERIOD: i64 = 10;
const SCHEDULED: u64 = 3;
const OWNERS: usize = 2;
const PROVIDERS: usize = 2;
const SHARDS: usize = 2;

/// Runs an instruction on accounts as the runtime writes them: each its data, at an address of its own, writable.
fn process<const N: usize>(data: &[u8], accounts: [(&Address, &[u8]); N]) -> Option<[Vec<u8>; N]> {
    const HEAD: usize = 88;
    let mut bytes = accounts.map(|(address, data)| {
        let mut words = vec![0u64; (HEAD + data.len()).div_ceil(8)];
        let account: &mut [u8] = bytemuck::cast_slice_mut(&mut words);
        // Not borrowed, not a signer, writable, no program.
        account[..4].copy_from_slice(&[255, 0, 1, 0]);
        account[8..40].copy_from_slice(address.as_ref());
        account[40..72].copy_from_slice(ID.as_ref());
        account[80..HEAD].copy_from_slice(&(data.len() as u64).to_le_bytes());
        account[HEAD..HEAD + data.len()].copy_from_slice(data);
        words
    });
    // SAFETY: an account lies there, as the runtime writes it, as long as its view is used; and nobody else uses it.
    let views = bytes.each_mut().map(|words| unsafe { AccountView::new_unchecked(words.as_mut_ptr().cast()) });
    instructions::process(&views, data).ok()?;
    let lengths = accounts.map(|(_, data)| data.len());
    let mut lengths = lengths.iter();
    Some(bytes.map(|words| {
        let length = *lengths.next().expect("as many");
        bytemuck::cast_slice::<u64, u8>(&words)[HEAD..HEAD + length].to_vec()
    }))
}

fn address(number: u8) -> Address {
    Address::new_from_array([number; 32])
}

/// A network.
#[derive(Clone)]
pub struct Works {
    network: Network,
    spender: Spender,
    accounts: [CreditAccount; OWNERS],
    providers: [ProviderWork; PROVIDERS],
    shards: [WorkShard; SHARDS],
    epochs: Vec<Epoch>,
    now: i64,
    /// Tokens that owners paid.
    paid: u64,
    /// Tokens and credits of the work of each provider, and what it accrued.
    carried: [u64; PROVIDERS],
    worked: [u64; PROVIDERS],
    /// What epochs gave stakers and the treasury.
    to_others: u64,
    bought: u8,
    consumed: u8,
    /// Tokens of the work that epochs paid for which are swept.
    swept: u64,
    /// Tokens of less than a credit, which go with no credit that waits: epochs carry them on.
    dropped: u64,
}

/// A move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Move {
    /// Time passes until then.
    Wait(i64),
    /// An owner buys so many credits for so many tokens.
    Buy(usize, u64, u64),
    /// An owner's credits are set aside for the spender.
    Lock(usize, u64),
    /// They are given back.
    Unlock(usize, u64),
    /// They pay a provider, and count in a shard.
    Consume(usize, usize, usize, u64),
    /// An owner burns a free credit.
    Burn(usize),
    /// An owner takes back what is locked.
    Reclaim(usize),
    /// Anyone ends the open epoch.
    Close,
    /// Anyone adds a shard's work.
    Fold(usize),
    /// Anyone accrues a provider's work of an epoch.
    Accrue(usize, usize),
    /// Anyone sweeps an epoch.
    Sweep(usize),
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Wait(until) => write!(f, "time passes until second {}", until - START),
            Self::Buy(owner, credits, tokens) => write!(f, "owner {owner} buys {credits} credits for {tokens} tokens"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl Works {
    fn new(limit: u64, vouched: bool) -> Self {
        let mut network = Network { open_epoch: 1, epoch_ends_at: Timestamp(START + PERIOD), ..Network::default() };
        network.header =
            Header { discriminator: Network::DISCRIMINATOR, version: Network::VERSION, ..Header::default() };
        network.shard_count = SHARDS as u8;
        network.policy.epoch_duration = Seconds(PERIOD as u32);
        network.terms = EpochTerms {
            duration: Seconds(PERIOD as u32),
            own_duration: Seconds(PERIOD as u32),
            remint_cap: Tokens(4),
            providers_share: Bps(7_000),
            stakers_share: Bps(2_000),
            vouched: vouched as u8,
            ..EpochTerms::default()
        };
        network.terms.lane_weights[0] = 1;
        network.terms.lane_limits[0] = Credits(limit);
        let provider = ProviderWork {
            header: Header {
                discriminator: ProviderWork::DISCRIMINATOR,
                version: ProviderWork::VERSION,
                ..Header::default()
            },
            network: address(1),
            ..ProviderWork::default()
        };
        Self {
            network,
            spender: Spender::default(),
            accounts: Default::default(),
            providers: [provider; PROVIDERS],
            shards: Default::default(),
            epochs: vec![],
            now: START,
            paid: 0,
            carried: [0; PROVIDERS],
            worked: [0; PROVIDERS],
            to_others: 0,
            bought: 0,
            consumed: 0,
            swept: 0,
            dropped: 0,
        }
    }

    fn closing(&mut self) -> Option<&mut Epoch> {
        self.epochs.last_mut().filter(|epoch| epoch.is_settled == 0)
    }

    /// Decides the epoch, as `CloseEpoch` does.
    fn settle(&mut self) -> Result<(), String> {
        let Some(mut epoch) = self.closing().copied() else { return Ok(()) };
        let network = &mut self.network;
        let (carried, remintable) = (network.carried, network.remintable.min(epoch.terms.remint_cap));
        lanes::apply_limits(network, &mut epoch).map_err(|error| format!("no limits: {error}"))?;
        let budget = Budget { scheduled: Tokens(SCHEDULED), remintable, carried, room: Tokens(1_000) };
        let given = lanes::divide(network, &mut epoch, budget, Worth::Unbounded);
        let given = given.map_err(|error| format!("nothing is divided: {error}"))?;
        network.remintable = Tokens(network.remintable.0.checked_sub(given.reminted.0).ok_or("too much is reminted")?);
        network.carried = Tokens(network.carried.0.checked_sub(given.carried.0).ok_or("too much was carried")?);
        epoch.emission = Tokens(given.split.providers.0 + given.carried.0);
        epoch.is_settled = 1;
        network.closing = 0;
        self.to_others += given.split.stakers.0 + given.split.treasury.0;
        if epoch.lanes[0].emission != epoch.emission {
            return Err("the lane is given other than the epoch".into());
        }
        let counted = epoch.lanes[0].counted_tokens.0;
        let all = epoch.emission.0 + given.split.stakers.0 + given.split.treasury.0;
        if epoch.terms.vouched == 0 && all > counted {
            return Err(format!("an epoch gives {all}, and {counted} were burned for its work"));
        }
        let limit = epoch.terms.lane_limits[0];
        if !limit.is_zero() && epoch.worked > limit {
            return Err(format!("{} credits count, and the limit is {}", epoch.worked.0, limit.0));
        }
        *self.epochs.last_mut().expect("it closes") = epoch;
        Ok(())
    }

    /// Work that is not paid for yet.
    fn is_pending(&self) -> bool {
        let ring = |work: &[joule_bme_interface::state::EpochWork]| work.iter().any(|entry| !entry.credits.is_zero());
        self.providers.iter().any(|one| ring(&one.work) || !one.waiting.credits.is_zero())
            || self.shards.iter().any(|shard| ring(&shard.work))
            || !self.network.lanes[0].waiting.is_zero()
    }
}

impl World for Works {
    type Move = Move;

    fn moves(&self, moves: &mut Vec<Move>) {
        let ends_at = self.network.epoch_ends_at.0;
        moves.extend(next_instant(self.now, [ends_at]).filter(|next| *next <= ends_at).map(Move::Wait));
        for owner in 0..OWNERS {
            if self.bought & 1 << owner == 0 {
                // The second pays another price.
                moves.push(if owner == 0 { Move::Buy(0, 3, 5) } else { Move::Buy(1, 2, 1) });
            }
            moves.extend([Move::Lock(owner, 1), Move::Lock(owner, 2), Move::Unlock(owner, 1)]);
            moves.extend([Move::Burn(owner), Move::Reclaim(owner)]);
            for provider in 0..PROVIDERS {
                // Which shard it is matters only where both are used.
                moves.extend([1, 2].map(|amount| Move::Consume(owner, provider, (owner + provider) % SHARDS, amount)));
            }
        }
        // There is no end of epochs: without work that they are needed for, two.
        let in_shards = self.shards.iter().flat_map(|shard| shard.work).any(|entry| !entry.credits.is_zero());
        if in_shards || !self.network.lanes[0].waiting.is_zero() || self.network.open_epoch < 3 {
            moves.push(Move::Close);
        }
        moves.extend((0..SHARDS).map(Move::Fold));
        for epoch in 0..self.epochs.len() {
            moves.extend((0..PROVIDERS).map(|provider| Move::Accrue(provider, epoch)));
            moves.push(Move::Sweep(epoch));
        }
    }

    fn is_crank(one: &Move) -> bool {
        matches!(one, Move::Wait(_) | Move::Close | Move::Fold(_) | Move::Accrue(..) | Move::Sweep(_))
    }

    fn make(&mut self, one: &Move) -> Result<bool, String> {
        let done = match *one {
            Move::Wait(until) => {
                self.now = until;
                true
            }
            Move::Buy(owner, amount, tokens) => {
                self.bought |= 1 << owner;
                self.paid += tokens;
                self.network.remintable.0 += tokens;
                credits::issue(&mut self.accounts[owner], Credits(amount), Tokens(tokens)).is_ok()
            }
            Move::Lock(owner, amount) => {
                credits::lock(&mut self.accounts[owner], &self.spender, Credits(amount)).is_ok()
            }
            Move::Unlock(owner, amount) => {
                credits::unlock(&mut self.accounts[owner], &self.spender, Credits(amount)).is_ok()
            }
            Move::Consume(owner, provider, shard, amount) => {
                let epoch = work::epoch_at(&self.network, Timestamp(self.now));
                let amount = Credits(amount);
                let Ok(tokens) = credits::consume(&mut self.accounts[owner], &self.spender, amount) else {
                    return Ok(false);
                };
                self.carried[provider] += tokens.0;
                self.worked[provider] += amount.0;
                self.consumed += 1;
                if epoch != 1 + ((self.now - START) / PERIOD) as u64 {
                    return Err(format!("work of second {} counts in epoch {epoch}", self.now - START));
                }
                work::record(&mut self.providers[provider], epoch, amount, tokens).is_ok()
                    && work::record_in_shard(&mut self.shards[shard], epoch, amount, tokens).is_ok()
            }
            Move::Burn(owner) => credits::burn(&mut self.accounts[owner], Credits(1)).is_ok(),
            Move::Reclaim(owner) => credits::reclaim(&mut self.accounts[owner], 0).is_ok_and(|given| !given.is_zero()),
            Move::Close => {
                let network = &mut self.network;
                if network.closing == 1 || self.now < network.epoch_ends_at.0 {
                    return Ok(false);
                }
                let mut epoch =
                    Epoch { index: network.open_epoch, terms: network.terms, network: address(1), ..Epoch::default() };
                epoch.header =
                    Header { discriminator: Epoch::DISCRIMINATOR, version: Epoch::VERSION, ..Header::default() };
                network.open_epoch += 1;
                network.epoch_ends_at.0 += PERIOD;
                network.closing = 1;
                self.epochs.push(epoch);
                true
            }
            Move::Fold(shard) => {
                let all = (1 << SHARDS) - 1;
                let part = &mut self.shards[shard];
                let Some(epoch) = self.epochs.last_mut().filter(|epoch| epoch.is_settled == 0) else {
                    return Ok(false);
                };
                if epoch.folded & 1 << shard != 0 {
                    return Ok(false);
                }
                epoch.folded |= 1 << shard;
                let taken = work::take_from_shard(part, epoch.index);
                epoch.lanes[0].credits.0 += taken.credits.0;
                epoch.lanes[0].tokens.0 += taken.tokens.0;
                if epoch.folded == all {
                    self.settle()?;
                }
                true
            }
            Move::Accrue(provider, index) => {
                let (mine, epoch) = (&mut self.providers[provider], &mut self.epochs[index]);
                let (here, there) = (address(10 + provider as u8), address(20));
                let accounts = [(&here, bytemuck::bytes_of(mine)), (&there, bytemuck::bytes_of(epoch))];
                let Some([first, second]) = process(&[AccrueWork::<Address>::DISCRIMINATOR], accounts) else {
                    return Ok(false);
                };
                let before = Self::tokens_of(mine) + Self::paid_tokens_of(epoch);
                (*mine, *epoch) = (bytemuck::pod_read_unaligned(&first), bytemuck::pod_read_unaligned(&second));
                let after = Self::tokens_of(mine) + Self::paid_tokens_of(epoch);
                let dropped = before.checked_sub(after).ok_or("tokens are paid twice")?;
                if dropped != 0 && !mine.waiting.credits.is_zero() {
                    return Err(format!("{dropped} tokens of work that waits are lost"));
                }
                self.dropped += dropped;
                true
            }
            Move::Sweep(index) => {
                let epoch = self.epochs[index];
                let (network, there) = (address(1), address(20));
                let payer = epoch.payer;
                let accounts = [
                    (&network, bytemuck::bytes_of(&self.network)),
                    (&there, bytemuck::bytes_of(&epoch)),
                    (&payer, &[][..]),
                ];
                let Some([first, ..]) = process(&[SweepEpoch::<Address>::DISCRIMINATOR], accounts) else {
                    return Ok(false);
                };
                self.network = bytemuck::pod_read_unaligned(&first);
                self.swept += Self::paid_tokens_of(&epoch);
                self.epochs.remove(index);
                true
            }
        };
        Ok(done)
    }

    fn check(&self) -> Result<(), String> {
        for account in &self.accounts {
            let locked: u64 = account.locked.iter().map(|locked| locked.0).sum();
            let parts = account.balance.0 + locked + account.consumed.0 + account.burned.0;
            if account.issued.0 != parts {
                return Err(format!("{} credits were issued, and {parts} are somewhere", account.issued.0));
            }
            let unused = account.balance.0 + locked;
            if unused == 0 && !account.tokens.is_zero() {
                return Err("credits are gone, and their tokens are not".into());
            }
        }
        let kept: u64 = self.accounts.iter().map(|account| account.tokens.0 + account.burned_tokens.0).sum();
        let carried: u64 = self.carried.iter().sum();
        if self.paid != kept + carried {
            return Err(format!("{} tokens were paid, {kept} are kept and {carried} carried", self.paid));
        }
        // No work is lost: it is in a provider's ring, waits, or was paid for.
        let mut paid_for = 0;
        for (provider, worked) in self.providers.iter().zip(self.worked) {
            let there: u64 =
                provider.work.iter().map(|entry| entry.credits.0).sum::<u64>() + provider.waiting.credits.0;
            if there > worked {
                return Err(format!("{there} credits of work are there, of {worked}"));
            }
            paid_for += worked - there;
        }
        let in_shards: u64 = self.shards.iter().flat_map(|shard| shard.work).map(|entry| entry.credits.0).sum();
        let folding =
            self.epochs.last().filter(|epoch| epoch.is_settled == 0).map_or(0, |epoch| epoch.lanes[0].credits.0);
        let waits = self.network.lanes[0].waiting.0;
        let all: u64 = self.worked.iter().sum();
        // What epochs count and nobody accrued; and what they count of what waited.
        let open: u64 = self
            .epochs
            .iter()
            .filter(|epoch| epoch.is_settled == 1)
            .map(|epoch| epoch.lanes[0].counted.0.saturating_sub(self.paid_of(epoch)))
            .sum();
        if all != paid_for + in_shards + folding + waits + open {
            return Err(format!(
                "of {all} credits of work {paid_for} are paid for, {in_shards} in shards, {folding} being added, {waits} wait, \
                 {open} can be accrued"
            ));
        }
        // Nor are its tokens.
        let there: u64 = self.providers.iter().map(Self::tokens_of).sum();
        let paid: u64 = self.epochs.iter().map(Self::paid_tokens_of).sum();
        if carried != there + paid + self.swept + self.dropped {
            return Err(format!("of {carried} tokens {there} go with work that is not paid for, {paid} were"));
        }
        for (provider, carried) in self.providers.iter().zip(self.carried) {
            if self.network.terms.vouched == 0 && provider.accrued.0 > carried {
                return Err(format!("a provider has {}, and {carried} were burned for its work", provider.accrued.0));
            }
        }
        for epoch in &self.epochs {
            if epoch.accrued > epoch.emission || epoch.accrued_work.0 > epoch.worked.0 + epoch.waiting.0 {
                return Err("more is accrued than the epoch has".into());
            }
            let all_came = epoch.is_settled == 1 && epoch.accrued_work.0 == epoch.worked.0 + epoch.waiting.0;
            if all_came && epoch.worked.0 > 0 && epoch.accrued.0 + (PROVIDERS as u64) < epoch.emission.0 {
                return Err(format!("of {} only {} are accrued", epoch.emission.0, epoch.accrued.0));
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        !self.is_pending() && self.epochs.is_empty()
    }

    fn write(&self, key: &mut Key) {
        key.account(&self.network);
        self.accounts.iter().for_each(|account| key.account(account));
        self.providers.iter().for_each(|provider| key.account(provider));
        self.shards.iter().for_each(|shard| key.account(shard));
        self.epochs.iter().for_each(|epoch| key.account(epoch));
        key.add(&(
            self.now,
            self.paid,
            self.carried,
            self.worked,
            self.to_others,
            self.bought,
            self.consumed,
            (self.swept, self.dropped),
        ));
    }

    fn tell(&self) -> String {
        let free = self.accounts.map(|account| (account.balance.0, account.locked[0].0, account.tokens.0));
        let epochs: Vec<_> = self
            .epochs
            .iter()
            .map(|epoch| (epoch.index, epoch.worked.0, epoch.waiting.0, epoch.emission.0, epoch.accrued.0))
            .collect();
        format!(
            "second {}: epoch {} is open; owners' free and locked credits and their tokens {free:?}; work {:?}, its tokens {:?}, \
             accrued {:?}; waiting {}, carried {}; epochs (number, counted, waiting, emission, accrued) {epochs:?}",
            self.now - START,
            self.network.open_epoch,
            self.worked,
            self.carried,
            [0, 1].map(|provider: usize| self.providers[provider].accrued.0),
            self.network.lanes[0].waiting.0,
            self.network.carried.0,
        )
    }
}

impl Works {
    /// Tokens of a provider's work that is not paid for.
    fn tokens_of(provider: &ProviderWork) -> u64 {
        provider.work.iter().map(|entry| entry.tokens.0).sum::<u64>() + provider.waiting.tokens.0
    }

    /// Tokens of that work.
    fn paid_tokens_of(epoch: &Epoch) -> u64 {
        let lane = &epoch.lanes[0];
        if lane.tokens.is_zero() { 0 } else { lane.counted_tokens.0 * lane.settled_tokens.0 / lane.tokens.0 }
    }

    /// Credits of an epoch's work that it paid providers for.
    fn paid_of(&self, epoch: &Epoch) -> u64 {
        let lane = &epoch.lanes[0];
        // By the sum that was settled, as a part of all.
        if lane.credits.is_zero() { 0 } else { lane.counted.0 * lane.settled.0 / lane.credits.0 }
    }
}

/// Networks without and with a limit of an epoch's credits, and one whose operator vouches for every job. Both owners have bought.
pub fn starts(_: Scope) -> Vec<Works> {
    [(0, false), (2, false), (0, true)]
        .map(|(limit, vouched)| {
            let mut works = Works::new(limit, vouched);
            for one in [Move::Buy(0, 3, 5), Move::Buy(1, 2, 1), Move::Lock(0, 2), Move::Lock(1, 2)] {
                assert_eq!(works.make(&one), Ok(true));
            }
            works
        })
        .to_vec()
}

/// Moves from a start.
pub fn depth(scope: Scope) -> u32 {
    match scope {
        Scope::Small => 4,
        Scope::Large => 6,
    }
}
