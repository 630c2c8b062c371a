//! What the coalition can do, and what it can see others do.

use {
    super::*,
    joule_bme_interface::state::{MIN_GRACE, Policy},
};

/// What gives credits up.
pub(super) fn give_up(town: &Town, who: usize, amount: u64) -> Instruction {
    let network = &town.network;
    GiveUpCredits {
        owner: town.keys[who].pubkey(),
        network: network.address,
        credit_account: town.credits(who),
        destination: town.wallets[who],
        mint: network.mint,
        token_program: network.token_program,
        reserve_vault: network.reserve_vault(),
    }
    .instruction(&GiveUpCreditsArgs { amount: Credits(amount) })
}

/// Shows an amount.
fn tokens(amount: u64) -> String {
    format!("{:.9} tokens", amount as f64 / TOKEN as f64)
}

impl Town {
    /// Of everybody: the last few epochs.
    fn some_epoch(&self, gene: &Gene) -> u64 {
        self.state().open_epoch.saturating_sub(1 + gene.b as u64 % 12)
    }

    fn some_root(&self, gene: &Gene) -> Option<RewardRoot> {
        let mut roots = self.stage.all::<RewardRoot>();
        roots.sort_by_key(|(_, root)| root.index);
        gene.second(&roots).map(|(_, root)| *root)
    }

    /// How many tokens B pays: small amounts as well.
    fn price_of_job(&self, gene: &Gene) -> u64 {
        let usual = if self.kind == Kind::Little || gene.a >= 224 { 20_000 } else { 60 * TOKEN };
        gene.amount(usual, usual).clamp(2_000, 4 * usual)
    }

    /// What the authority may decide next.
    fn another_policy(&self, gene: &Gene) -> (String, Policy) {
        let mut policy = self.state().policy;
        let pick = |values: &[u32]| values[gene.x as usize % values.len()];
        let name = match (self.kind, gene.a % 6) {
            (Kind::Lanes, 0) => {
                policy.providers_share = Bps(pick(&[7_000, 5_000, 6_000]) as u16);
                "the providers' share"
            }
            (Kind::Lanes, 1) => {
                policy.lane_limits[1] = Credits(pick(&[20_000_000, 1_000_000, 50_000_000]) as u64);
                "a lane's limit"
            }
            (Kind::Lanes, _) => {
                let mut all: Vec<Address> = (self.stage.accounts.iter())
                    .filter(|(_, account)| {
                        account.data.len() == 165 && account.data[..32] == *self.network.mint.as_ref()
                    })
                    .map(|(address, _)| *address)
                    .filter(|address| ![B, H].iter().any(|&who| self.wallets[who] == *address))
                    .collect();
                all.sort();
                policy.stakers_token_account = all[gene.x as usize % all.len()];
                "where stakers' tokens go"
            }
            (Kind::Roots, 0 | 1) => {
                policy.epoch_duration = Seconds(pick(&[86_400, 3_600, 6 * 3_600, 2 * 86_400]));
                "the length of an epoch"
            }
            (Kind::Roots, 2 | 3) => {
                policy.breaker_window = Seconds(pick(&[3_600, 86_400, 7 * 86_400, 7_000]));
                "the breaker's window"
            }
            (Kind::Roots, _) => {
                policy.root_opening_period = Seconds(pick(&[86_400, 3_600, 4 * 86_400]));
                "how long roots open"
            }
            (_, 0 | 1) => {
                policy.payments_to_reserve = (gene.x % 2) ^ policy.payments_to_reserve ^ 1;
                "where payments go"
            }
            (_, 2) => {
                policy.initial_emission = Tokens([0, 20 * TOKEN, 300 * TOKEN][gene.x as usize % 3]);
                "the emission"
            }
            _ => {
                policy.breaker_share = Bps(pick(&[2_000, 1, 0, 10_000]) as u16);
                "the breaker's share"
            }
        };
        (name.into(), policy)
    }

    /// What a gene means now.
    pub(super) fn act(&mut self, name: &str, gene: &Gene) -> Option<Act> {
        let network = self.network.address;
        let authority = self.network.authority.insecure_clone();
        let lane = if self.kind == Kind::Lanes { gene.b % 2 } else { 0 };
        let spending = self.spending[lane as usize].insecure_clone();
        let k = self.owned(K);
        let place = |spender: Address| self.stage.find::<Spender>(spender).map_or(15, |spender| spender.id as usize);
        Some(match name {
            "buy" => {
                let amount = gene.amount(100 * TOKEN, self.stage.tokens(self.wallets[K]));
                let shard = gene.b % self.state().shard_count.max(1);
                Act::new(format!("K burns {} for credits", tokens(amount)), self.buy(K, amount, shard))
            }
            "lock" => {
                let amount = gene.amount(k.balance.0, k.balance.0);
                Act::new(format!("K has {amount} credits locked"), self.lock(K, lane, amount))
                    .with(&[&spending, &self.keys[K]])
            }
            "lock for Z" => {
                let [one, other] = [gene.a % 2, 1 - gene.a % 2];
                let lane = if self.stage.accounts.contains_key(&self.z(one)) { one } else { other };
                let amount = gene.amount(k.balance.0, k.balance.0);
                let mut lock = self.lock(K, lane, amount);
                lock.accounts[1].pubkey = self.keys[Z].pubkey();
                lock.accounts[2].pubkey = self.network.lane_spender(self.keys[Z].pubkey(), lane);
                Act::new(format!("K has {amount} credits locked for Z"), lock)
            }
            "work" => {
                let locked = k.locked[place(self.spender(lane))].0;
                let jobs = self.memory.jobs.iter().filter(|job| job.owner == K && job.lane == lane);
                let free = locked.saturating_sub(jobs.map(|job| job.amount).sum());
                let (amount, provider) = (gene.amount(free, free), *gene.first(&[P, H])?);
                if amount > free {
                    return None;
                }
                let consume = self.consume(spending.pubkey(), K, provider, lane, amount, gene.x);
                Act::new(format!("{} works off {amount} credits of K's", NAMES[provider]), consume).with(&[&spending])
            }
            "work for Z" => {
                let z = self.keys[Z].pubkey();
                let owner = *gene.first(&[K, B])?;
                let locked = |lane: u8| self.owned(owner).locked[place(self.network.lane_spender(z, lane))].0;
                let lane = if locked(0) > 0 { 0 } else { 1 };
                let locked = locked(lane);
                let amount = gene.amount(locked, locked);
                let mut consume = self.consume(z, owner, P, lane, amount, gene.b);
                if gene.b >= 128 {
                    consume.accounts[5].pubkey = self.network.work_shard(gene.b % self.state().shard_count);
                }
                Act::new(format!("P works off {amount} credits of {}'s, which Z has", NAMES[owner]), consume)
            }
            "see B hire" => {
                let amount = self.price_of_job(gene);
                let text = format!("B burns {} for credits, for work", tokens(amount));
                Act::new(text, self.buy(B, amount, gene.b % 2)).with(&[&self.keys[B]])
            }
            "see K hire H" => {
                let lane = if self.kind == Kind::Lanes { gene.a / 2 % 2 } else { 0 };
                let spending = self.spending[lane as usize].insecure_clone();
                let lock = self.lock(K, lane, k.balance.0);
                Act::new(format!("K hires H for {} credits", k.balance.0), lock).with(&[&spending, &self.keys[K]])
            }
            "see H leave" => {
                let mut close = self.network.close_provider_work_instruction(&self.stage.world, self.keys[H].pubkey());
                close.accounts[1].pubkey = self.work_of(H, lane);
                Act::new("H closes its record of work, if it may", close).with(&[&self.keys[H]])
            }
            "update the average" => Act::new("the average is updated", self.network.update_average_instruction()),
            "see the price move" => {
                let by = 6_000 + gene.x as i64 * 50;
                self.memory.price = (self.memory.price * by / 10_000).clamp(40, 400);
                self.memory.published_at = 0;
                self.publish();
                self.stage.aside(format!("the price is {} now", self.memory.price))
            }
            "follow the price" => {
                let seconds = [0, 200, 300, 1_000][gene.b as usize % 4];
                self.memory.follows = (seconds > 0).then_some(seconds);
                self.memory.followed_at = self.stage.now();
                self.memory.follows_until = self.stage.now() + 6 * HOUR;
                self.stage.aside(format!("X updates the average each {seconds} seconds, or no more"))
            }
            "see the oracle fall silent" => {
                if self.memory.silent_since.is_none() {
                    self.publish();
                    self.memory.silent_since = Some(self.stage.now());
                }
                self.stage.aside("nobody publishes a price any more")
            }
            "tend with another account" => {
                self.memory.tends_with = (gene.x < 200).then_some((gene.a, gene.b));
                self.stage.aside("X closes and mints with another account, where it may")
            }
            "burn" => {
                let shard = gene.b % self.state().shard_count.max(1);
                Act::new(format!("shard {shard} is burned"), self.network.burn_instruction(shard))
            }
            "close an epoch" => {
                let (state, now) = (self.state(), self.stage.now());
                let over = (now - state.epoch_ends_at.0).max(0) / state.policy.epoch_duration.0 as i64;
                let ahead = if gene.b >= 128 { over as u64 } else { 0 };
                let index = (state.open_epoch + ahead).saturating_sub(state.closing as u64);
                Act::new(format!("epoch {index} is closed"), self.close(index))
            }
            "accrue" => {
                let who = *gene.first(&[P, H])?;
                let epoch = self.some_epoch(gene);
                let lane = if self.kind == Kind::Lanes { gene.x % 2 } else { 0 };
                let text = format!("the work of {} in epoch {epoch} is accrued", NAMES[who]);
                Act::new(text, self.accrue(who, lane, epoch))
            }
            "claim" => Act::new("P claims", self.claim(P, lane)),
            "sweep" => {
                let epoch = self.some_epoch(gene);
                let mut sweep = self.network.sweep_instruction(&self.stage.world, epoch);
                let closed = self.stage.find::<Epoch>(self.epoch(epoch));
                sweep.accounts[2].pubkey = closed.map_or(sweep.accounts[2].pubkey, |epoch| epoch.payer);
                Act::new(format!("epoch {epoch} is swept"), sweep)
            }
            "mint what was deferred" => Act::new("what was deferred is minted", self.mint_deferred()),
            "give up credits" => {
                let amount = gene.amount(k.balance.0, k.balance.0);
                Act::new(format!("K gives {amount} credits up"), give_up(self, K, amount))
            }
            "reclaim credits" => {
                let owner = self.keys[K].pubkey();
                let reclaim = ReclaimCredits { owner, network, credit_account: self.credits(K) };
                Act::new("K reclaims credits", reclaim.instruction(&ReclaimCreditsArgs {}))
            }
            "close credits" => {
                let who = *gene.first(&[K, X])?;
                let close = self.network.close_credit_account_instruction(&self.stage.world, self.keys[who].pubkey());
                Act::new(format!("{} closes its credits", NAMES[who]), close)
            }
            "close work" => {
                let mut close = self.network.close_provider_work_instruction(&self.stage.world, self.keys[P].pubkey());
                close.accounts[1].pubkey = self.work_of(P, lane);
                Act::new("P closes its record of work", close)
            }
            "send tokens to a vault" => {
                let amount = gene.amount(50 * TOKEN, 50 * TOKEN);
                let vaults = [self.network.burn_vault(gene.b % 2), self.network.reward_vault()];
                let mut vaults = vaults.to_vec();
                if self.kind == Kind::Reserve {
                    vaults.push(self.network.reserve_vault());
                }
                let vault = *gene.first(&vaults)?;
                let send = self.network.transfer_instruction(self.wallets[K], vault, &self.keys[K], amount);
                Act::new(format!("K sends {} to {vault}", tokens(amount)), send)
            }
            "weigh the lanes" => {
                let mut weights = [0; 16];
                weights[..2].copy_from_slice(&[gene.x as u16 * 4, gene.b as u16 * 2]);
                let weigh = WeighLanes { weigher: self.keys[X].pubkey(), network };
                Act::new("X weighs the lanes", weigh.instruction(&WeighLanesArgs { weights }))
            }
            "see a spender revoked" => {
                let mut there = self.stage.all::<Spender>();
                there.retain(|(_, spender)| spender.closes_at == Timestamp(0));
                let spender = gene.first(&there)?.0;
                let revoke = self.network.revoke_spender_instruction(spender, MIN_GRACE.0);
                Act::new(format!("the authority revokes the spender {spender}"), revoke).with(&[&authority])
            }
            "see a spender restored" => {
                let spender = *gene.first(&[self.spender(0), self.spender(1), self.z(0), self.z(1)])?;
                let restore = self.network.restore_spender_instruction(spender);
                Act::new(format!("the authority restores the spender {spender}"), restore).with(&[&authority])
            }
            "close a spender" => {
                let spender = *gene.first(&[self.spender(0), self.spender(1), self.z(0), self.z(1)])?;
                let close = self.network.close_spender_instruction(&self.stage.world, spender);
                Act::new(format!("the spender {spender} is closed"), close)
            }
            "see a spender added" => {
                let all = [(Z, 0), (Z, 1), (B, 0), (B, 1)].map(|(who, lane): (usize, u8)| {
                    (if who == Z { &self.keys[Z] } else { &self.spending[lane as usize] }.pubkey(), lane)
                });
                let is_there = |who, lane| self.stage.accounts.contains_key(&self.network.lane_spender(who, lane));
                let gone: Vec<_> = all.into_iter().filter(|(who, lane)| !is_there(*who, *lane)).collect();
                let (who, lane) = *gene.first(&gone)?;
                let add = self.network.add_spender_instruction(&self.stage.world, who, lane);
                Act::new(format!("the authority adds a spender in lane {lane}"), add).with(&[&authority])
            }
            "see a shard closed" => {
                let (newest, to) = (self.state().shard_count.checked_sub(1)?, gene.b % 4);
                let close = self.network.close_shard_instruction(&self.stage.world, newest, to);
                Act::new(format!("the authority closes shard {newest}, and {to} goes on"), close).with(&[&authority])
            }
            "see a shard added" => {
                let index = self.state().shard_count;
                if index > 5 {
                    return None;
                }
                let add = self.network.add_lane_shard_instruction(&self.stage.world, index, lane);
                Act::new(format!("the authority adds a shard to lane {lane}"), add).with(&[&authority])
            }
            "see a policy proposed" => {
                let (what, policy) = self.another_policy(gene);
                let index = self.state().change_count;
                let propose = self.network.propose_policy_instruction(&self.stage.world, index, policy);
                Act::new(format!("the authority proposes another policy: {what}"), propose).with(&[&authority])
            }
            "execute a policy" => {
                let mut changes = self.stage.all::<PolicyChange>();
                changes.sort_by_key(|(_, change)| change.index);
                let index = gene.first(&changes)?.1.index;
                // Keepers are there.
                self.close_ended();
                let execute = self.network.execute_policy_instruction(&self.stage.world, index);
                Act::new(format!("policy {index} is executed"), execute)
            }
            "see a founder launch" => {
                let (founder, minter) = (gene.first(&self.founders)?, gene.first(&self.minters)?);
                if self.stage.accounts.contains_key(&founder.address) {
                    return None;
                }
                let create = founder.create_instruction(&self.stage.world, minter.pubkey());
                let own = founder.authority.insecure_clone();
                let minter = minter.insecure_clone();
                if self.stage.transact(&[create], &[&own, &minter]).is_err() {
                    self.memory.known.note("a founder's mint is taken", 1);
                }
                self.stage.aside("a founder creates a network of its own")
            }
            "ask for memos" => {
                self.stage.world.ask_for_memos(self.wallets[X]);
                self.stage.note(self.wallets[X]);
                self.stage.aside("X refuses transfers without a memo")
            }
            "see oracles state earnings" => {
                self.state_earnings(if gene.x >= 208 { 10 } else { 0 });
                self.memory.roots_at = self.memory.roots_at.min(self.stage.now() + HOUR);
                self.stage.aside("two oracles state what H and P have earned")
            }
            "publish roots" => {
                let who = *gene.first(&[O, U])?;
                let set: OracleSet = self.stage.find(self.network.oracle_set())?;
                let oracle = self.keys[who].pubkey();
                let leaf = [set.total.0, set.total.0.saturating_add(gene.amount(500 * TOKEN, 2_000 * TOKEN))];
                let root = crate::fixture::reward_tree(&self.network, &[(self.keys[P].pubkey(), leaf)]).0;
                let key = self.keys[who].insecure_clone();
                let mut count = 0;
                for more in 0..7 - gene.b as u64 % 8 {
                    let index = set.root_count + more;
                    let world = &self.stage.world;
                    let publish = self.network.publish_root_instruction(world, oracle, index, root, leaf);
                    count += self.send(&[publish], &[&key]) as u64;
                }
                let index = set.root_count + count;
                let publish = self.network.publish_root_instruction(&self.stage.world, oracle, index, root, leaf);
                Act::new(format!("{} publishes {} roots of its own", NAMES[who], count + 1), publish)
            }
            "approve a root" => {
                let who = *gene.first(&[O, U])?;
                let index = self.some_root(gene)?.index;
                let approve = self.network.approve_root_instruction(self.keys[who].pubkey(), index);
                Act::new(format!("{} approves root {index}", NAMES[who]), approve)
            }
            "activate a root" => {
                let index = self.some_root(gene)?.index;
                Act::new(format!("root {index} is activated"), self.network.activate_root_instruction(index))
            }
            "fund a root" => {
                let index = self.some_root(gene)?.index;
                Act::new(format!("of root {index} more opens"), self.network.fund_roots_instruction(index))
            }
            "veto a root" => {
                let index = self.some_root(gene)?.index;
                let guardian = self.network.guardian.pubkey();
                let veto = self.network.veto_root_instruction(&self.stage.world, guardian, index);
                Act::new(format!("the guardian stops root {index}"), veto)
            }
            "close a root" => {
                let index = self.some_root(gene)?.index;
                Act::new(
                    format!("root {index} is closed"),
                    self.network.close_root_instruction(&self.stage.world, index),
                )
            }
            "claim of a root" => {
                let root = self.some_root(gene)?;
                let of_others = [[root.previous_total.0, root.total.0]];
                let claim = match self.memory.stated.get(&root.index) {
                    Some(stated) => {
                        let leaf = &self.tree(stated).1[1];
                        self.network.claim_root_instruction(self.keys[P].pubkey(), root.index, leaf, self.wallets[P])
                    }
                    None => {
                        let leaves = [(self.keys[P].pubkey(), of_others[0])];
                        let leaf = &crate::fixture::reward_tree(&self.network, &leaves).1[0];
                        self.network.claim_root_instruction(self.keys[P].pubkey(), root.index, leaf, self.wallets[P])
                    }
                };
                Act::new(format!("P claims of root {}", root.index), claim)
            }
            "close its claim" => {
                let close = self.network.close_root_claim_instruction(&self.stage.world, self.keys[P].pubkey());
                Act::new("P closes its record of what roots paid", close)
            }
            "open its claim" => {
                let open = self.network.open_root_claim_instruction(&self.stage.world, self.keys[P].pubkey());
                Act::new("P opens a record of what roots pay", open)
            }
            "see other oracles proposed" => {
                let [one, other] = [0, 1].map(|oracle| self.oracles[oracle].pubkey());
                let [o, u] = [self.keys[O].pubkey(), self.keys[U].pubkey()];
                let (oracles, threshold) = match gene.a % 3 {
                    0 => (vec![o, u], 1),
                    1 => (vec![one, other, o], 2),
                    _ => (vec![], 0),
                };
                let set = self.network.set_oracles_instruction(&oracles, threshold);
                Act::new(format!("the authority proposes {} oracles", oracles.len()), set).with(&[&authority])
            }
            "execute oracles" => {
                Act::new("the proposed oracles are the network's", self.network.execute_oracles_instruction())
            }
            _ => return None,
        })
    }

    /// Z's spender in a lane, there or not.
    fn z(&self, lane: u8) -> Address {
        self.network.lane_spender(self.keys[Z].pubkey(), lane)
    }

    /// What follows a transaction of the coalition's.
    pub(super) fn respond(&mut self, genes: &[Gene], names: &[&str], receipt: &Receipt) {
        self.watch(receipt);
        for (gene, name) in genes.iter().zip(names) {
            match *name {
                "see B hire" => self.hire(B, gene),
                "see K hire H" => {
                    // What was there before it is locked.
                    let locked = self.owned(K).locked;
                    let lane = if self.kind == Kind::Lanes { gene.a / 2 % 2 } else { 0 };
                    let place =
                        self.stage.find::<Spender>(self.spender(lane)).map_or(15, |spender| spender.id as usize);
                    let jobs = self.memory.jobs.iter().filter(|job| job.owner == K && job.lane == lane);
                    let amount = locked[place].0.saturating_sub(jobs.map(|job| job.amount).sum());
                    let due = self.stage.now() + [0, 3 * HOUR, 2 * DAY, 20 * DAY][gene.b as usize / 4 % 4];
                    self.memory.jobs.push(Job { owner: K, provider: H, lane, amount, due });
                    self.pay_jobs();
                }
                _ => {}
            }
        }
    }
}
