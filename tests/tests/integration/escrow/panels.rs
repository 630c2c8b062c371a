//! Panels: several providers do the same, and the most are believed.

use {
    super::*,
    joule_bme_interface::{
        instruction::{BurnCredits, BurnCreditsArgs},
        state::Network as NetworkState,
    },
    joule_escrow_interface::{
        instruction::{BurnPanelPenalty, CreateVerificationArgs},
        state::{Market as MarketState, Panel as PanelState, panel_state},
        trace::Hash,
    },
    joule_interface::AccountSpec,
    joule_stake_interface::state::Slasher,
    joule_tests::fixture::{Panel, Verified, hidden, usual_verification},
    joule_tests::tracked_world::Random,
};

const CLASS: u32 = 9;
const ANSWER: Hash = [5; 32];
const PLACES: usize = 15;

/// A market that takes panels, a client with 500 tokens or 249 dollars, and as many providers as fit, of 400 tokens each.
pub(super) struct Jury {
    pub(super) world: World,
    pub(super) network: Network,
    pub(super) market: Market,
    pub(super) verified: Verified,
    pub(super) client: Keypair,
    pub(super) someone: Keypair,
    pub(super) funding_account: Address,
    vault: Address,
    pub(super) members: Vec<Member>,
    numbers: Cell<u64>,
}

/// What a member does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Finds this.
    Finds(u8),
    /// Commits to this, and does not reveal it.
    Hides(u8),
    /// Commits to what another committed to.
    Copies(usize),
    /// Does not commit.
    Sleeps,
}

impl Jury {
    fn new(terms: Terms, credits: bool) -> Self {
        Self::with_fee(terms, credits, None)
    }

    /// With a fee for a treasury, if jobs are paid in credits.
    fn with_fee(terms: Terms, credits: bool, fee: Option<Bps>) -> Self {
        Self::of_program(TOKEN_PROGRAM, terms, credits, fee)
    }

    /// The network's token, and that in which jobs are paid, are of this token program.
    fn of_program(token_program: Address, mut terms: Terms, credits: bool, fee: Option<Bps>) -> Self {
        let mut world = World::new();
        let [client, someone] = std::array::from_fn(|_| world.user());
        let keys: Vec<Keypair> = (0..PLACES).map(|_| world.user()).collect();
        let holders: Vec<Address> = [&client].into_iter().chain(&keys).map(|key| key.pubkey()).collect();
        let (network, tokens) = Network::of_program(&mut world, token_program, &holders);
        let pool = Pool::new(&world, &network);
        let mint = world.mint_of(token_program);
        if let Some(fee) = fee {
            terms.fee_share = fee;
            terms.fee_payee = network.open_provider_work(&world, someone.pubkey());
        }
        let mut market = Market::unborn(&network, &pool, 0, terms);
        network.add_spender(&world, market.authority);
        pool.add_slasher(&world, &network, market.authority);
        let account = network.open_credit_account(&world, client.pubkey());
        let buy = network.buy_instruction(client.pubkey(), tokens[0], account, 100 * TOKEN);
        world.ok(&[buy], &[&client]);
        let deposit = Deposit::of(client.pubkey(), mint.address, token_program);
        world.ok(&[deposit.open_instruction(&world)], &[]);
        world.mint_to(&mint, deposit.vault, FUNDS);
        world.ok(&[deposit.deposit_instruction(someone.pubkey(), deposit.vault, 0)], &[&someone]);
        if !credits {
            market = market.paid_in(&mint);
        }
        let market = market.create(&world, &network);
        let staked = (network.mint, network.token_program);
        let verified = Verified::create(&world, &network, ID, staked, usual_verification());
        world.ok(&[verified.set_instruction(&network, &market)], &[&network.authority]);
        let paid_in = (!credits).then_some(mint.address);
        let members = keys
            .into_iter()
            .zip(tokens.into_iter().skip(1))
            .map(|member| {
                let member = Member::staked(&mut world, &network, &pool, paid_in, member);
                world.pass(1);
                member
            })
            .collect();
        let funding_account = if credits { account } else { deposit.address };
        let vault = deposit.vault;
        let numbers = Cell::new(0);
        Self { world, network, market, verified, client, someone, funding_account, vault, members, numbers }
    }

    pub(super) fn usual() -> Self {
        Self::new(usual(), false)
    }

    /// All tokens are of this program.
    pub(super) fn usual_of(token_program: Address) -> Self {
        Self::of_program(token_program, usual(), false, None)
    }

    /// A fifth of bond and price is burned for who does not acknowledge.
    pub(super) fn strict() -> Self {
        Self::new(Terms { no_start_penalty: Bps(2_000), ..usual() }, false)
    }

    pub(super) fn unposted(&self) -> Panel {
        let number = self.numbers.replace(self.numbers.get() + 1);
        Panel::of(&self.market, self.client.pubkey(), number)
    }

    pub(super) fn posted(&self, places: u8) -> Panel {
        let panel = self.unposted();
        let post = panel.post_instruction(&self.world, &self.verified, places);
        self.world.ok(&[post], &[&self.client]);
        panel
    }

    pub(super) fn replica(&self, panel: &Panel, member: usize) -> Job {
        let member = &self.members[member];
        panel.replica(member.key.pubkey(), member.payee)
    }

    pub(super) fn join(&self, panel: &Panel, member: usize) -> Receipt {
        let join = panel.join_instruction(&self.world, &self.replica(panel, member));
        self.world.ok(&[join], &[&self.members[member].key])
    }

    pub(super) fn acknowledge(&self, panel: &Panel, member: usize, index: u8) -> Receipt {
        let key = &self.members[member].key;
        self.world.ok(&[panel.acknowledge_instruction(key.pubkey(), index)], &[key])
    }

    /// A panel in which the first members are.
    pub(super) fn joined(&self, places: u8) -> Panel {
        let panel = self.posted(places);
        (0..places as usize).for_each(|member| drop(self.join(&panel, member)));
        panel
    }

    /// A panel in which the first members are, and hold the input.
    pub(super) fn full(&self, places: u8) -> Panel {
        let panel = self.joined(places);
        (0..places).for_each(|member| drop(self.acknowledge(&panel, member as usize, member)));
        panel
    }

    fn hide(&self, panel: &Panel, member: usize, result: Hash) -> Hash {
        let provider = self.members[member].key.pubkey();
        hidden(&panel.state(&self.world), panel.address, provider, result, [member as u8 + 1; 32])
    }

    pub(super) fn commit(&self, panel: &Panel, member: usize, result: Hash) -> Instruction {
        let commitment = self.hide(panel, member, result);
        panel.commit_instruction(self.members[member].key.pubkey(), member as u8, commitment)
    }

    pub(super) fn reveal(&self, panel: &Panel, member: usize, result: Hash) -> Instruction {
        let provider = self.members[member].key.pubkey();
        panel.reveal_instruction(provider, member as u8, result, [member as u8 + 1; 32])
    }

    /// A decided panel, in which the members did this.
    pub(super) fn decided(&self, acts: &[Act]) -> Panel {
        let panel = self.full(acts.len() as u8);
        let mut committed = vec![];
        for (member, act) in acts.iter().enumerate() {
            let key = &self.members[member].key;
            let commitment = match *act {
                Act::Finds(result) | Act::Hides(result) => self.hide(&panel, member, [result; 32]),
                Act::Copies(other) if other < member => committed[other],
                _ => [0xcc; 32],
            };
            committed.push(commitment);
            if *act != Act::Sleeps {
                self.world.ok(&[panel.commit_instruction(key.pubkey(), member as u8, commitment)], &[key]);
            }
        }
        self.world.pass(3_601);
        for (member, act) in acts.iter().enumerate() {
            let key = &self.members[member].key;
            match *act {
                Act::Finds(result) => drop(self.world.ok(&[self.reveal(&panel, member, [result; 32])], &[key])),
                // What the other showed is no opening of it for this one.
                Act::Copies(other) => {
                    let open = panel.reveal_instruction(key.pubkey(), member as u8, ANSWER, [other as u8 + 1; 32]);
                    self.world.fails(open, &[key], EscrowError::WrongReveal);
                }
                _ => {}
            }
        }
        if !acts.iter().all(|act| matches!(act, Act::Finds(_) | Act::Sleeps)) {
            self.world.fails(panel.tally_instruction(), &[], EscrowError::TooEarly);
            self.world.pass(601);
        }
        self.world.ok(&[panel.tally_instruction()], &[]);
        panel
    }

    fn member_of(&self, provider: Address) -> usize {
        self.members.iter().position(|member| member.key.pubkey() == provider).expect("a member")
    }

    /// Pays and settles everybody, burns what is to be burned, and closes it, by cranks.
    fn clear(&self, panel: &Panel) -> Box<PanelState> {
        let world = &self.world;
        for (index, replica) in panel.state(world).present() {
            let number = index as u8;
            let account = self.replica(panel, self.member_of(replica.provider));
            let paid = world.send(&[panel.pay_instruction(&account, number)], &[]).is_ok();
            assert_eq!(paid, !replica.owed.is_zero());
            world.ok(&[panel.settle_instruction(&account, number)], &[]);
            self.check(panel);
        }
        if !panel.state(world).penalty_owed.is_zero() {
            world.ok(&[panel.burn_instruction(u64::MAX)], &[]);
        }
        let state = panel.state(world);
        assert_eq!((state.held, state.unpaid_count, state.unsettled_count), (Amount(0), 0, 0));
        world.ok(&[panel.close_instruction(world)], &[]);
        state
    }

    /// Ends it, however far it is, so that nobody's stake stays in it.
    pub(super) fn release(&self, panel: &Panel) {
        let world = &self.world;
        if world.account(panel.address).is_none() {
            return;
        }
        world.pass(3 * 86_400);
        match panel.state(world).state {
            panel_state::JOINING | panel_state::ACKNOWLEDGING => {
                drop(world.ok(&[panel.cancel_instruction(self.someone.pubkey())], &[&self.someone]));
            }
            panel_state::COMMITTING | panel_state::REVEALING => drop(world.ok(&[panel.tally_instruction()], &[])),
            _ => {}
        }
        for (number, replica) in panel.state(world).present() {
            let account = self.replica(panel, self.member_of(replica.provider));
            world.ok(&[panel.settle_instruction(&account, number as u8)], &[]);
        }
    }

    #[track_caller]
    fn check(&self, panel: &Panel) {
        let state = panel.state(&self.world);
        let parts = [state.paid, state.fee_paid, state.burned, state.refunded, state.held];
        assert_eq!(state.deposited.0, parts.iter().map(|part| part.0).sum::<u64>());
        if self.market.mint != NONE {
            let deposit: DepositState = self.world.read(self.funding_account);
            assert_eq!(deposit.held, state.held);
            assert_eq!(self.world.tokens(self.vault), deposit.held.0 + deposit.free.0);
        } else {
            assert_eq!(self.world.read::<CreditAccount>(self.funding_account).locked[0].0, state.held.0);
        }
    }

    /// All there is of what is staked: penalties are burned.
    fn staked_supply(&self) -> u64 {
        self.world.supply(self.network.mint)
    }

    /// Tokens of the client, held or free; or its credits that are not consumed.
    fn client_funds(&self) -> u64 {
        if self.market.mint == NONE {
            let account: CreditAccount = self.world.read(self.funding_account);
            account.balance.0 + account.locked[0].0
        } else {
            self.world.tokens(self.vault)
        }
    }

    /// What a member has at stake, and what it was paid.
    fn wealth(&self, member: usize) -> (u64, u64) {
        let member = &self.members[member];
        let staked = self.world.read::<Provider>(member.own.provider);
        let paid = if self.market.mint == NONE {
            self.world.read::<ProviderWork>(member.payee).total_work.0
        } else {
            self.world.tokens(member.payee)
        };
        (staked.active_stake().unwrap().0 + staked.bonded.0, paid)
    }
}

/// A token for a result, five of bond.
pub(super) fn usual() -> Terms {
    let arbiter = Address::new_from_array([3; 32]);
    accepted(arbiter, Terms { bond_amount: Tokens(5 * TOKEN), reports: 1, ..usual_terms() })
}

#[test]
fn the_majority_is_paid_and_what_the_minority_loses_is_burned() {
    for credits in [false, true] {
        let terms = Terms { price: Amount(1_000_000), ..usual() };
        let jury = Jury::new(terms, credits);
        let world = &jury.world;
        let before: Vec<_> = (0..5).map(|member| jury.wealth(member)).collect();
        let supply = jury.staked_supply();
        let panel = jury.posted(5);
        jury.check(&panel);
        assert_eq!(panel.state(world).held, Amount(5_000_000));
        world.ok(&[panel.cancel_instruction(jury.client.pubkey())], &[&jury.client]);
        jury.clear(&panel);

        let acts = [Act::Finds(5), Act::Finds(6), Act::Finds(5), Act::Hides(5), Act::Finds(5)];
        let panel = jury.decided(&acts);
        jury.check(&panel);
        let state = jury.clear(&panel);
        assert_eq!((state.paid, state.refunded), (Amount(3_000_000), Amount(2_000_000)));
        assert_eq!((state.result, state.state), ([5; 32], panel_state::AGREED));
        // A quarter for being wrong, half for being silent.
        let lost = [0, 5 * TOKEN / 4, 0, 5 * TOKEN / 2, 0];
        for (member, &(staked, paid)) in before.iter().enumerate() {
            let pay = if lost[member] == 0 { 1_000_000 } else { 0 };
            assert_eq!(jury.wealth(member), (staked - lost[member], paid + pay), "{member}");
        }
        assert_eq!(jury.staked_supply(), supply - lost.iter().sum::<u64>());
        let outcomes = |member: usize| {
            let reputation = world.read::<Provider>(jury.members[member].own.provider).reputation;
            (reputation.delivered, reputation.failed, reputation.disputed)
        };
        assert_eq!((0..4).map(outcomes).collect::<Vec<_>>(), [(1, 0, 0), (0, 0, 1), (1, 0, 0), (0, 1, 0)]);
    }
}

#[test]
fn without_a_quorum_the_largest_groups_keep_a_part_of_the_price() {
    let jury = Jury::usual();
    let world = &jury.world;
    let mut kept = 0;
    // A fifth of the price for each replica of a group that is as large as any.
    for (acts, paid) in [
        (&[Act::Finds(1), Act::Finds(2), Act::Finds(3)][..], &[0, 1, 2][..]),
        (&[Act::Finds(1), Act::Finds(2), Act::Finds(1), Act::Finds(2), Act::Sleeps], &[0, 1, 2, 3]),
        (&[Act::Finds(1), Act::Finds(1), Act::Finds(2), Act::Finds(3)], &[0, 1]),
        (&[Act::Sleeps, Act::Sleeps, Act::Hides(1)], &[]),
        (&[Act::Finds(5), Act::Copies(0), Act::Copies(0)], &[0]),
    ] {
        let before: Vec<_> = (0..acts.len()).map(|member| jury.wealth(member)).collect();
        let panel = jury.decided(acts);
        let state = jury.clear(&panel);
        let out = paid.len() as u64 * TOKEN / 5;
        kept += out;
        assert_eq!((state.state, state.paid), (panel_state::DIVIDED, Amount(out)));
        assert_eq!(state.refunded, Amount(acts.len() as u64 * TOKEN - out));
        for (member, act) in acts.iter().enumerate() {
            let lost = if matches!(act, Act::Finds(_)) { 0 } else { 5 * TOKEN / 2 };
            let pay = if paid.contains(&member) { TOKEN / 5 } else { 0 };
            assert_eq!(jury.wealth(member), (before[member].0 - lost, before[member].1 + pay));
        }
    }
    assert_eq!(world.read::<DepositState>(jury.funding_account).free, Amount(FUNDS - kept));
}

/// A client that is in its own panel with fewer than half of the replicas, and gives the input to nobody else. Issue: it paid 2 and
/// took 16.25 of bonds.
#[test]
fn a_client_that_withholds_the_input_burns_as_much_of_its_own() {
    for credits in [false, true] {
        let fee = credits.then_some(Bps(100));
        let terms = Terms { price: Amount(5_000_000), no_start_penalty: Bps(2_000), ..usual() };
        let jury = Jury::with_fee(terms, credits, fee);
        let world = &jury.world;
        let (funds, supply) = (jury.client_funds(), jury.staked_supply());
        let before: Vec<_> = (0..PLACES).map(|member| jury.wealth(member)).collect();
        let panel = jury.joined(15);
        // Its own seven have the input.
        (0..7).for_each(|member| drop(jury.acknowledge(&panel, member, member as u8)));
        let replica = |member: usize| jury.replica(&panel, member);
        world.fails(panel.remove_instruction(&replica(9), 9), &[], EscrowError::TooEarly);
        world.pass(301);
        world.fails(panel.remove_instruction(&replica(3), 3), &[], EscrowError::WrongReplica);
        world.fails(jury.commit(&panel, 3, ANSWER), &[&jury.members[3].key], EscrowError::WrongPanelState);
        (7..15).for_each(|member| drop(world.ok(&[panel.remove_instruction(&replica(member), member as u8)], &[])));
        jury.check(&panel);
        let state = panel.state(world);
        assert_eq!((state.state, state.joined_count, state.refilled), (panel_state::JOINING, 7, 1));
        assert_eq!(state.penalty_owed, Amount(8 * 1_000_000));
        // Those that hold it do not have to wait for others.
        let leave = panel.leave_instruction(&replica(6), 6);
        world.fails(swap(leave.clone(), 0, jury.someone.pubkey()), &[&jury.someone], EscrowError::WrongReplica);
        world.fails(unsigned(leave.clone(), 0), &[], EscrowError::MissingSigner);
        world.fails(read_only(leave.clone(), 1), &[&jury.members[6].key], EscrowError::NotWritable);
        world.ok(&[leave], &[&jury.members[6].key]);
        assert_eq!(jury.wealth(6), before[6]);
        // Nobody comes a second time.
        world.pass(3_601);
        world.ok(&[panel.cancel_instruction(jury.someone.pubkey())], &[&jury.someone]);
        if credits {
            // While the fee's receiver has no record of work, the burning waits; anyone opens it again.
            let (network, receiver) = (&jury.network, &jury.someone);
            world.ok(&[network.close_provider_work_instruction(world, receiver.pubkey())], &[receiver]);
            world.fails(panel.burn_instruction(3_000_000), &[], joule_bme_interface::BmeError::WrongOwner);
            network.open_provider_work(world, receiver.pubkey());
            // The network limits what is consumed in an epoch.
            world.ok(&[panel.burn_instruction(3_000_000)], &[]);
            assert_eq!(panel.state(world).penalty_owed, Amount(5_000_000));
            world.fails(panel.close_instruction(world), &[], EscrowError::NotEmpty);
        }
        let state = jury.clear(&panel);
        assert_eq!((state.state, state.paid, state.burned), (panel_state::CANCELLED, Amount(0), Amount(8_000_000)));
        // A fifth of each price, and a fifth of each bond: nobody has it.
        assert_eq!(jury.client_funds(), funds - 8_000_000);
        assert_eq!(jury.staked_supply(), supply - 8 * TOKEN);
        for (member, &(staked, paid)) in before.iter().enumerate() {
            let lost = if member < 7 { 0 } else { TOKEN };
            assert_eq!(jury.wealth(member), (staked - lost, paid));
            let reputation = world.read::<Provider>(jury.members[member].own.provider).reputation;
            assert_eq!((reputation.failed, reputation.disputed), (0, 0));
        }
    }
}

/// Issue: where no bond is asked for, strangers joined for nothing, and burned a fifth of each price.
#[test]
fn where_replicas_risk_no_bond_none_of_the_clients_money_burns() {
    for credits in [false, true] {
        let price = Amount(5_000_000);
        let terms = Terms { price, no_start_penalty: Bps(2_000), bond_amount: Tokens(0), reports: 0, ..usual() };
        let jury = Jury::new(terms, credits);
        let world = &jury.world;
        let funds = jury.client_funds();
        let panel = jury.joined(3);
        assert_eq!(panel.state(world).held, Amount(3 * price.0));
        world.pass(301);
        for member in 0..3 {
            world.ok(&[panel.remove_instruction(&jury.replica(&panel, member), member as u8)], &[]);
        }
        (3..6).for_each(|member| drop(jury.join(&panel, member)));
        world.pass(301);
        world.ok(&[panel.cancel_instruction(jury.someone.pubkey())], &[&jury.someone]);
        let state = jury.clear(&panel);
        assert_eq!((state.state, state.burned), (panel_state::DISSOLVED, Amount(0)));
        assert_eq!(jury.client_funds(), funds);
    }
}

/// Issue: with 15 replicas and ten seconds, its own joined last when the others slept, and 35 of bonds were the client's.
#[test]
fn the_time_to_commit_begins_when_all_hold_the_input() {
    let jury = Jury::strict();
    let world = &jury.world;
    let panel = jury.joined(3);
    (0..2).for_each(|member| drop(jury.acknowledge(&panel, member, member as u8)));
    // Who holds it does not count twice.
    let again = panel.acknowledge_instruction(jury.members[0].key.pubkey(), 0);
    world.fails(again, &[&jury.members[0].key], EscrowError::WrongReplica);
    let state = panel.state(world);
    assert_eq!((state.state, state.deadline_at.0), (panel_state::ACKNOWLEDGING, world.now().0 + 300));
    world.pass(300);
    let acknowledge = panel.acknowledge_instruction(jury.members[2].key.pubkey(), 2);
    let key = |member: usize| &jury.members[member].key;
    world.fails(swap(acknowledge.clone(), 0, key(1).pubkey()), &[key(1)], EscrowError::WrongReplica);
    world.fails(unsigned(acknowledge.clone(), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(acknowledge.clone(), 1), &[key(2)], EscrowError::NotWritable);
    world.pass(1);
    world.fails(acknowledge, &[key(2)], EscrowError::TooLate);
    // Another takes the place, and then all can work.
    world.ok(&[panel.remove_instruction(&jury.replica(&panel, 2), 2)], &[]);
    world.fails(panel.acknowledge_instruction(key(0).pubkey(), 0), &[key(0)], EscrowError::WrongPanelState);
    jury.join(&panel, 5);
    jury.acknowledge(&panel, 5, 2);
    let state = panel.state(world);
    assert_eq!((state.state, state.deadline_at.0), (panel_state::COMMITTING, world.now().0 + 3_600));
    world.fails(panel.leave_instruction(&jury.replica(&panel, 5), 2), &[key(5)], EscrowError::WrongPanelState);
    for (index, member) in [0, 1, 5].into_iter().enumerate() {
        let mut commit = jury.commit(&panel, member, ANSWER);
        *commit.data.last_mut().unwrap() = index as u8;
        world.ok(&[commit], &[key(member)]);
    }
    for (index, member) in [0, 1, 5].into_iter().enumerate() {
        let mut reveal = jury.reveal(&panel, member, ANSWER);
        *reveal.data.last_mut().unwrap() = index as u8;
        world.ok(&[reveal], &[key(member)]);
    }
    world.ok(&[panel.tally_instruction()], &[]);
    let state = jury.clear(&panel);
    assert_eq!(
        (state.paid, state.burned, state.refunded),
        (Amount(3 * TOKEN), Amount(TOKEN / 5), Amount(2 * TOKEN / 5))
    );

    // Once in the life of a panel: then it dissolves.
    let before: Vec<_> = (0..5).map(|member| jury.wealth(member)).collect();
    let panel = jury.joined(3);
    jury.acknowledge(&panel, 0, 0);
    world.pass(301);
    for index in [1, 2] {
        world.ok(&[panel.remove_instruction(&jury.replica(&panel, index), index as u8)], &[]);
    }
    jury.join(&panel, 4);
    jury.join(&panel, 3);
    assert_eq!(panel.state(world).replicas[1].provider, key(4).pubkey());
    jury.acknowledge(&panel, 4, 1);
    let cancel = panel.cancel_instruction(jury.someone.pubkey());
    world.fails(cancel.clone(), &[&jury.someone], EscrowError::TooEarly);
    world.pass(301);
    world.fails(panel.remove_instruction(&jury.replica(&panel, 3), 2), &[], EscrowError::WrongPanelState);
    world.ok(&[cancel], &[&jury.someone]);
    let state = jury.clear(&panel);
    assert_eq!((state.state, state.burned), (panel_state::DISSOLVED, Amount(3 * TOKEN / 5)));
    let lost = |member: usize| before[member].0 - jury.wealth(member).0;
    assert_eq!([0, 3, 4].map(lost), [0, TOKEN, 0]);
}

/// Issue: a price of 1,000,000 under a limit of 900,000 was never paid, and the panel never closed.
#[test]
fn a_replica_is_paid_in_parts_under_a_spenders_limit() {
    let terms = Terms { price: Amount(5_000_000), ..usual() };
    let jury = Jury::with_fee(terms, true, Some(Bps(1_000)));
    let world = &jury.world;
    let panel = jury.decided(&[Act::Finds(5), Act::Finds(5), Act::Finds(5)]);
    let replica = jury.replica(&panel, 0);
    let paid = |most: u64| {
        world.ok(&[panel.pay_part_instruction(&replica, 0, most)], &[]);
        jury.check(&panel);
        let state = panel.state(world);
        (state.paid.0, state.fee_paid.0, state.replicas[0].owed.0, state.unpaid_count)
    };
    assert_eq!(paid(0), (0, 0, 5_000_000, 3));
    assert_eq!(paid(4_000_000), (4_000_000, 0, 1_000_000, 3));
    world.fails(panel.close_instruction(world), &[], EscrowError::NotEmpty);
    assert_eq!(paid(500_000), (4_500_000, 500_000, 0, 2));
    world.fails(panel.pay_instruction(&replica, 0), &[], EscrowError::WrongReplica);
    let state = jury.clear(&panel);
    assert_eq!((state.paid, state.fee_paid), (Amount(13_500_000), Amount(1_500_000)));
}

#[test]
fn an_honest_majority_never_loses_a_unit() {
    let jury = Jury::usual();
    let mut random = Random::new(77);
    for round in 0..25 {
        let liars = random.place(6);
        let honest = liars + 1 + random.place(3);
        let mut acts = vec![Act::Finds(5); honest.max(3 - liars.min(2))];
        for _ in 0..liars {
            let act = match random.below(5) {
                // They agree among themselves.
                0 | 1 => Act::Finds(66),
                2 => Act::Hides(5),
                3 => Act::Copies(0),
                _ => Act::Sleeps,
            };
            let place = if matches!(act, Act::Copies(_)) { acts.len() } else { random.place(acts.len() + 1) };
            acts.insert(place, act);
        }
        // Who copies, copies from one that is before it, whatever that does.
        let acts: Vec<Act> = acts
            .iter()
            .map(|act| if matches!(act, Act::Copies(_)) && acts[0] != Act::Finds(5) { Act::Sleeps } else { *act })
            .collect();
        let before: Vec<_> = (0..acts.len()).map(|member| jury.wealth(member)).collect();
        let supply = jury.staked_supply();
        let panel = jury.decided(&acts);
        let state = jury.clear(&panel);
        let mut lost = 0;
        for (member, act) in acts.iter().enumerate() {
            let (staked, paid) = jury.wealth(member);
            if *act == Act::Finds(5) {
                assert_eq!((staked, paid), (before[member].0, before[member].1 + TOKEN), "{round}: {acts:?}");
            } else {
                assert!(staked < before[member].0 && paid == before[member].1, "{round}: {acts:?}");
                lost += before[member].0 - staked;
            }
        }
        assert_eq!(jury.staked_supply(), supply - lost);
        assert_eq!(state.result, [5; 32]);
    }
}

/// `tests/golden/escrow_panels.md`: every way in which fewer than half can play, with the client or without it.
#[test]
fn no_coalition_below_half_of_a_panel_gains() {
    let text = format!(
        "# What a coalition in a panel can do\n\nA coalition with fewer than half of the replicas, with the client or without it, \
         plays every way to withhold the input, not to acknowledge it, to leave, to lie, to hide and to be silent, by the program's \
         own rules, against replicas that do what they should. In tokens: each replica costs 1, each bond is 5; `no_start_penalty` a fifth, \
         `minority_penalty` a quarter, `no_reveal_penalty` half, `no_quorum_pay` a fifth. Nothing that others lose is anybody's: \
         it is burned.\n\n{}",
        joule_models::coalition::table()
    );
    joule_tests::golden::compare("escrow_panels.md", &text);
}

#[test]
fn a_panel_fits_fifteen_replicas() {
    let jury = Jury::usual();
    let panel = jury.decided(&[Act::Finds(5); PLACES]);
    let state = jury.clear(&panel);
    assert_eq!((state.state, state.paid), (panel_state::AGREED, Amount(15 * TOKEN)));
}

#[test]
fn nobody_joins_a_panel_twice() {
    let mut jury = Jury::new(Terms { class: CLASS, ..usual() }, false);
    let node = |jury: &mut Jury, number: u8, operator: usize, owner: Address, class: u32| {
        let address = Address::new_from_array([200 + number; 32]);
        let (operator, expires_at) =
            (jury.members[operator].key.pubkey(), jury.world.now().after(Seconds(3_600)).unwrap());
        let state = machine(&jury.network, operator, class, expires_at);
        jury.world.forge(address, &Node { owner, ..state });
        address
    };
    let [one, two] = [1, 2].map(|owner| Address::new_from_array([owner; 32]));
    let first = node(&mut jury, 0, 0, one, CLASS);
    let second = node(&mut jury, 1, 0, two, CLASS);
    let sibling = node(&mut jury, 2, 1, one, CLASS);
    let other = node(&mut jury, 3, 1, two, CLASS);
    let weak = node(&mut jury, 4, 1, two, CLASS + 1);
    let client = jury.client.pubkey();
    let of_client = node(&mut jury, 5, 1, client, CLASS);
    let panel = jury.posted(3);
    let join = |member: usize, node: Address| {
        let replica = Job { node, ..jury.replica(&panel, member) };
        panel.join_instruction(&jury.world, &replica)
    };
    let (world, keys) = (&jury.world, |member: usize| &jury.members[member].key);
    world.ok(&[join(0, first)], &[keys(0)]);
    world.fails(join(0, first), &[keys(0)], EscrowError::AlreadyJoined);
    world.fails(join(0, second), &[keys(0)], EscrowError::AlreadyJoined);
    world.fails(join(1, sibling), &[keys(1)], EscrowError::AlreadyJoined);
    world.fails(join(1, of_client), &[keys(1)], EscrowError::AlreadyJoined);
    world.fails(join(1, first), &[keys(1)], EscrowError::WrongNode);
    world.fails(join(1, weak), &[keys(1)], EscrowError::WrongNode);
    world.fails(join(1, ID), &[keys(1)], EscrowError::NodeRequired);
    world.ok(&[join(1, other)], &[keys(1)]);
}

/// What a replica loses is burned, and wrapped SOL cannot be.
#[test]
fn nobody_joins_a_panel_over_a_pool_of_wrapped_sol() {
    let mut jury = Jury::usual();
    let panel = jury.posted(3);
    let pool = panel.state(&jury.world).pool;
    stake_wrapped_sol(&mut jury.world, pool);
    let join = panel.join_instruction(&jury.world, &jury.replica(&panel, 0));
    jury.world.fails(join, &[&jury.members[0].key], EscrowError::MintNotAllowed);
}

/// Neither wrapped SOL nor credits without a receiver of the fee: what the client loses could not be burned.
#[test]
fn no_panel_is_posted_whose_penalty_nobody_could_burn() {
    let terms = Terms { price: Amount(1_000_000), no_start_penalty: Bps(2_000), ..usual() };
    let jury = Jury::new(terms, true);
    let post = jury.unposted().post_instruction(&jury.world, &jury.verified, 3);
    jury.world.fails(post, &[&jury.client], EscrowError::FeeRequired);
    let mut jury = Jury::strict();
    let mint = Address::from_str_const("So11111111111111111111111111111111111111112");
    let market: MarketState = jury.world.read(jury.market.address);
    jury.world.forge(jury.market.address, &MarketState { mint, ..market });
    let post = jury.unposted().post_instruction(&jury.world, &jury.verified, 3);
    jury.world.fails(post, &[&jury.client], EscrowError::MintNotAllowed);
}

/// Who signs could be another program's authority, and the credits another's.
#[test]
fn nobody_signs_in_place_of_the_program_where_a_panel_burns() {
    let terms = Terms { price: Amount(1_000_000), ..usual() };
    let jury = Jury::with_fee(terms, true, Some(Bps(1_000)));
    let panel = jury.posted(3);
    let authority = AccountSpec::place(BurnPanelPenalty::ACCOUNTS, "escrow_authority").expect("an account");
    let mut burn = swap(panel.burn_instruction(u64::MAX), authority, jury.someone.pubkey());
    burn.accounts[authority].is_signer = true;
    jury.world.fails(burn, &[&jury.someone], EscrowError::WrongAddress);
}

#[test]
fn a_frozen_replica_delays_nobody() {
    let mut jury = Jury::usual();
    let owner = jury.world.address();
    let treasury = jury.world.associated_account(jury.market.mint, owner);
    let terms = Terms { fee_share: Bps(1_000), fee_payee: treasury, ..jury.market.terms };
    jury.world.ok(&[jury.market.set_instruction(&jury.network, terms, 0)], &[&jury.network.authority]);
    jury.market.terms = terms;
    let panel = jury.decided(&[Act::Finds(5); 3]);
    let replicas = [0, 1, 2].map(|member| jury.replica(&panel, member));
    let price = panel.state(&jury.world).price.0;
    let (pay, fee) = (price - price / 10, price / 10);
    // Its issuer freezes an account: byte 108 says so.
    let freeze = |jury: &mut Jury, account: Address, state: u8| {
        let mut frozen = jury.world.account(account).expect("it is there");
        frozen.data[108] = state;
        jury.world.set_account(account, frozen);
    };
    freeze(&mut jury, replicas[0].payee, 2);
    for (number, replica) in replicas.iter().enumerate() {
        jury.world.ok(&[panel.pay_instruction(replica, number as u8)], &[]);
        jury.check(&panel);
    }
    let tokens = |jury: &Jury, replica: &Job| jury.world.tokens(replica.payee);
    assert_eq!([0, 1, 2].map(|member| tokens(&jury, &replicas[member])), [0, pay, pay]);
    assert_eq!((jury.world.tokens(treasury), panel.state(&jury.world).held.0), (3 * fee, pay));
    freeze(&mut jury, replicas[0].payee, 1);
    jury.world.ok(&[panel.pay_instruction(&replicas[0], 0)], &[]);
    assert_eq!((tokens(&jury, &replicas[0]), jury.world.tokens(treasury)), (pay, 3 * fee));

    // The treasury's.
    let panel = jury.decided(&[Act::Finds(5); 3]);
    let replica = jury.replica(&panel, 0);
    freeze(&mut jury, treasury, 2);
    jury.world.ok(&[panel.pay_instruction(&replica, 0)], &[]);
    assert_eq!((tokens(&jury, &replica), panel.state(&jury.world).replicas[0].owed.0), (2 * pay, fee));
    freeze(&mut jury, treasury, 1);
    jury.clear(&panel);
    assert_eq!(jury.world.tokens(treasury), 6 * fee);
}

#[test]
fn panels_are_checked() {
    let jury = Jury::usual();
    let (world, client, someone) = (&jury.world, &jury.client, &jury.someone);
    let key = |member: usize| &jury.members[member].key;

    // Posting.
    let panel = jury.unposted();
    let post = |places| panel.post_instruction(world, &jury.verified, places);
    for places in [2, 16] {
        world.fails(post(places), &[client], EscrowError::PanelsNotOffered);
    }
    let good = post(3);
    let args = CreateVerificationArgs { id: 4, min_replicas: 0, ..usual_verification() };
    let staked = (jury.network.mint, jury.network.token_program);
    let none = Verified::create(world, &jury.network, ID, staked, args);
    for (index, address, error) in [
        (2, jury.network.address, EscrowError::WrongOwner),
        (3, none.address, EscrowError::WrongVerification),
        (4, someone.pubkey(), EscrowError::WrongAddress),
        (5, jury.market.address, EscrowError::WrongOwner),
        (6, jury.market.address, EscrowError::WrongAccountType),
        (10, someone.pubkey(), EscrowError::WrongProgram),
    ] {
        let changed = swap(good.clone(), index, address);
        let failure = world.send(std::slice::from_ref(&changed), &[client]).unwrap_err();
        assert_eq!(failure.code(), Some(error as u32), "{index}: {failure:?}");
    }
    world.fails(swap(good.clone(), 1, someone.pubkey()), &[someone], EscrowError::WrongClient);
    world.fails(unsigned(good.clone(), 1), &[], EscrowError::MissingSigner);
    for index in [4, 6] {
        world.fails(read_only(good.clone(), index), &[client], EscrowError::NotWritable);
    }
    let with = |place: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed.data[place..place + bytes.len()].copy_from_slice(bytes);
        changed
    };
    world.fails(with(9, &[9]), &[client], EscrowError::TermsChanged);
    world.fails(with(17, &0u64.to_le_bytes()), &[client], EscrowError::PriceOutOfRange);
    world.fails(with(17, &(TOKEN + 1).to_le_bytes()), &[client], EscrowError::PriceOutOfRange);
    world.fails(with(57, &9u32.to_le_bytes()), &[client], EscrowError::DurationOutOfRange);
    world.ok(std::slice::from_ref(&good), &[client]);
    world.fails(good, &[client], EscrowError::AlreadyInitialized);

    // Joining.
    let join = panel.join_instruction(world, &jury.replica(&panel, 0));
    for (index, address, error) in [
        (2, jury.market.address, EscrowError::WrongAccountType),
        (3, jury.market.address, EscrowError::WrongNetwork),
        (4, jury.network.address, EscrowError::WrongPool),
        (5, jury.members[1].own.provider, EscrowError::WrongProvider),
        (7, ID, EscrowError::StakeRequired),
        (8, ID, EscrowError::StakeRequired),
        (10, joule_bme_interface::ID, EscrowError::WrongProgram),
    ] {
        world.fails(swap(join.clone(), index, address), &[key(0)], error);
    }
    let paid = swap(join.clone(), 0, client.pubkey());
    world.fails(unsigned(paid, 1), &[client], EscrowError::MissingSigner);
    for index in [2, 5, 7] {
        world.fails(read_only(join.clone(), index), &[key(0)], EscrowError::NotWritable);
    }
    let mut old = join.clone();
    old.data[1] ^= 1;
    world.fails(old, &[key(0)], EscrowError::PostingChanged);
    world.ok(&[join], &[key(0)]);
    world.fails(panel.cancel_instruction(someone.pubkey()), &[someone], EscrowError::TooEarly);
    world.fails(unsigned(panel.cancel_instruction(client.pubkey()), 0), &[], EscrowError::MissingSigner);
    let cancel = panel.cancel_instruction(client.pubkey());
    world.fails(swap(cancel.clone(), 2, jury.verified.address), &[client], EscrowError::WrongClient);
    world.fails(read_only(cancel.clone(), 1), &[client], EscrowError::NotWritable);
    world.fails(read_only(cancel, 2), &[client], EscrowError::NotWritable);
    world.fails(panel.tally_instruction(), &[], EscrowError::WrongPanelState);
    world.fails(panel.close_instruction(world), &[], EscrowError::WrongPanelState);
    let first = jury.replica(&panel, 0);
    world.fails(panel.settle_instruction(&first, 0), &[], EscrowError::WrongPanelState);
    world.fails(jury.commit(&panel, 0, ANSWER), &[key(0)], EscrowError::WrongPanelState);
    jury.join(&panel, 1);
    jury.join(&panel, 2);
    (0..3).for_each(|member| drop(jury.acknowledge(&panel, member, member as u8)));
    let late = panel.join_instruction(world, &jury.replica(&panel, 3));
    world.fails(late, &[key(3)], EscrowError::WrongPanelState);
    world.fails(panel.cancel_instruction(client.pubkey()), &[client], EscrowError::WrongPanelState);

    // Nor to one that was called off before all had joined.
    let gone = jury.posted(3);
    world.ok(&[gone.cancel_instruction(client.pubkey())], &[client]);
    let late = gone.join_instruction(world, &jury.replica(&gone, 3));
    world.fails(late, &[key(3)], EscrowError::WrongPanelState);

    // Committing and revealing.
    let commit = jury.commit(&panel, 0, ANSWER);
    world.fails(swap(commit.clone(), 0, someone.pubkey()), &[someone], EscrowError::WrongReplica);
    world.fails(unsigned(commit.clone(), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(commit.clone(), 1), &[key(0)], EscrowError::NotWritable);
    let nobody = panel.commit_instruction(key(0).pubkey(), 3, ANSWER);
    world.fails(nobody, &[key(0)], EscrowError::WrongReplica);
    world.ok(std::slice::from_ref(&commit), &[key(0)]);
    world.fails(commit, &[key(0)], EscrowError::WrongReplica);
    let reveal = jury.reveal(&panel, 0, ANSWER);
    world.fails(reveal.clone(), &[key(0)], EscrowError::WrongPanelState);
    world.pass(3_601);
    world.fails(jury.commit(&panel, 1, ANSWER), &[key(1)], EscrowError::TooLate);
    world.fails(swap(reveal.clone(), 0, key(1).pubkey()), &[key(1)], EscrowError::WrongReplica);
    world.fails(unsigned(reveal.clone(), 0), &[], EscrowError::MissingSigner);
    world.fails(read_only(reveal.clone(), 1), &[key(0)], EscrowError::NotWritable);
    world.fails(jury.reveal(&panel, 0, [6; 32]), &[key(0)], EscrowError::WrongReveal);
    world.fails(jury.reveal(&panel, 0, NO_RESULT), &[key(0)], EscrowError::ResultRequired);
    world.fails(jury.reveal(&panel, 1, ANSWER), &[key(1)], EscrowError::WrongReplica);
    world.pass(601);
    world.fails(reveal, &[key(0)], EscrowError::TooLate);
    let tally = panel.tally_instruction();
    world.fails(swap(tally.clone(), 1, jury.verified.address), &[], EscrowError::WrongClient);
    world.fails(read_only(tally.clone(), 0), &[], EscrowError::NotWritable);
    world.fails(read_only(tally.clone(), 1), &[], EscrowError::NotWritable);
    world.ok(std::slice::from_ref(&tally), &[]);
    world.fails(tally, &[], EscrowError::WrongPanelState);
    world.fails(panel.pay_instruction(&first, 0), &[], EscrowError::WrongReplica);
    jury.clear(&panel);

    // Paying and settling.
    let panel = jury.decided(&[Act::Finds(5), Act::Finds(5), Act::Finds(6)]);
    let replicas: Vec<Job> = (0..3).map(|member| jury.replica(&panel, member)).collect();
    let pay = panel.pay_instruction(&replicas[0], 0);
    world.fails(panel.pay_instruction(&replicas[2], 2), &[], EscrowError::WrongReplica);
    world.fails(panel.pay_instruction(&replicas[0], 9), &[], EscrowError::WrongReplica);
    for (index, address, error) in [
        (0, jury.market.address, EscrowError::WrongAccountType),
        (2, jury.verified.address, EscrowError::WrongClient),
        (3, jury.members[1].payee, EscrowError::WrongTokenOwner),
        (4, jury.members[1].payee, EscrowError::WrongAddress),
        (7, joule_interface::TOKEN_2022_PROGRAM, EscrowError::WrongTokenProgram),
    ] {
        world.fails(swap(pay.clone(), index, address), &[], error);
    }
    let mint_mismatch = spl_token_interface::error::TokenError::MintMismatch;
    world.fails(swap(pay.clone(), 5, jury.network.mint), &[], mint_mismatch);
    for index in [0, 2, 3, 4] {
        world.fails(read_only(pay.clone(), index), &[], EscrowError::NotWritable);
    }
    world.fails(panel.close_instruction(world), &[], EscrowError::NotEmpty);
    world.ok(std::slice::from_ref(&pay), &[]);
    world.fails(pay, &[], EscrowError::WrongReplica);
    world.ok(&[panel.pay_instruction(&replicas[1], 1)], &[]);
    world.fails(panel.close_instruction(world), &[], EscrowError::BondUnsettled);
    let settle = panel.settle_instruction(&replicas[2], 2);
    world.fails(panel.settle_instruction(&replicas[2], 3), &[], EscrowError::WrongReplica);
    for (index, address, error) in [
        (0, jury.market.address, EscrowError::WrongAccountType),
        (4, joule_bme_interface::ID, EscrowError::WrongProgram),
        (5, replicas[1].bond, EscrowError::WrongBond),
        (5, ID, EscrowError::StakeRequired),
        (8, ID, EscrowError::StakeRequired),
    ] {
        world.fails(swap(settle.clone(), index, address), &[], error);
    }
    // Whose the bond is, `stake` knows.
    let of_another = swap(settle.clone(), 1, jury.members[0].own.provider);
    let failure = world.send(&[of_another], &[]).unwrap_err();
    assert_eq!(failure.code(), Some(joule_stake_interface::StakeError::WrongProvider as u32));
    for index in [0, 1, 5, 6, 8, 9] {
        world.fails(read_only(settle.clone(), index), &[], EscrowError::NotWritable);
    }
    world.ok(std::slice::from_ref(&settle), &[]);
    world.ok(&[settle], &[]);
    for number in 0..2 {
        world.ok(&[panel.settle_instruction(&replicas[number as usize], number)], &[]);
    }
    let close = panel.close_instruction(world);
    world.fails(swap(close.clone(), 1, someone.pubkey()), &[], EscrowError::WrongPayer);
    world.fails(read_only(close.clone(), 0), &[], EscrowError::NotWritable);
    world.ok(&[close], &[]);
    // Where nothing is verified, there are none.
    let nothing = swap(jury.verified.set_instruction(&jury.network, &jury.market), 3, ID);
    world.ok(&[nothing], &[&jury.network.authority]);
    let post = jury.unposted().post_instruction(world, &jury.verified, 3);
    world.fails(post, &[client], EscrowError::NotVerified);
    let closed = jury.market.set_instruction(&jury.network, jury.market.terms, 1);
    world.ok(&[closed], &[&jury.network.authority]);
    let post = jury.unposted().post_instruction(world, &jury.verified, 3);
    world.fails(post, &[client], EscrowError::MarketClosed);
}

#[test]
fn a_pause_and_a_right_that_is_taken_away_hold_nobody_up() {
    let mut jury = Jury::usual();
    let panel = jury.full(3);
    let open = jury.posted(3);
    let mut network: NetworkState = jury.world.read(jury.network.address);
    network.paused = 1;
    jury.world.forge(jury.network.address, &network);
    let world = &jury.world;
    let post = jury.unposted().post_instruction(world, &jury.verified, 3);
    world.fails(post, &[&jury.client], EscrowError::Paused);
    let join = open.join_instruction(world, &jury.replica(&open, 0));
    world.fails(join, &[&jury.members[0].key], EscrowError::Paused);
    world.pass(3_601);
    world.ok(&[open.cancel_instruction(jury.someone.pubkey())], &[&jury.someone]);
    world.ok(&[open.close_instruction(world)], &[]);
    world.ok(&[panel.tally_instruction()], &[]);
    // The slasher may do nothing any more: nobody loses a bond, and nobody's is kept.
    let mut slasher: Slasher = world.read(jury.market.slasher);
    slasher.rights = 0;
    jury.world.forge(jury.market.slasher, &slasher);
    let before = jury.staked_supply();
    let state = jury.clear(&panel);
    assert_eq!(state.state, panel_state::DIVIDED);
    assert_eq!(jury.staked_supply(), before);
}

/// Once the right to its credits is gone, nobody would be paid for going on: whoever does not go on is not at fault, whoever ends it.
#[test]
fn nobody_in_a_panel_is_at_fault_whose_credits_were_revoked() {
    let terms = Terms { price: Amount(1_000_000), no_start_penalty: Bps(2_000), ..usual() };
    for tallied in [true, false] {
        let mut jury = Jury::with_fee(terms, true, Some(Bps(1_000)));
        let (waits, works) = (jury.joined(3), jury.full(3));
        jury.world.ok(&[jury.commit(&works, 0, ANSWER)], &[&jury.members[0].key]);
        jury.network.revoke_soon(&mut jury.world, jury.market.spender, 10);
        let (world, someone) = (&jury.world, &jury.someone);
        let supply = jury.staked_supply();
        let end = |panel: &Panel| {
            let cancel = panel.cancel_instruction(someone.pubkey());
            if tallied { (panel.tally_instruction(), vec![]) } else { (cancel, vec![someone]) }
        };
        for panel in [&waits, &works] {
            let (end, signers) = end(panel);
            let waits = !tallied && panel.address == waits.address;
            world.fails(end, &signers, if waits { EscrowError::TooEarly } else { EscrowError::WrongPanelState });
        }
        world.pass(10);
        for panel in [&waits, &works] {
            let (end, signers) = end(panel);
            world.ok(&[end], &signers);
            let state = panel.state(world);
            assert_eq!((state.state, state.refunded, state.held), (panel_state::CANCELLED, state.deposited, Amount(0)));
            for member in 0..3 {
                let receipt = world.ok(&[panel.settle_instruction(&jury.replica(panel, member), member as u8)], &[]);
                assert_eq!(settled(&receipt), (Tokens(0), outcome::NONE));
            }
            world.ok(&[panel.close_instruction(world)], &[]);
        }
        assert_eq!(jury.staked_supply(), supply);
    }
}

/// Else the network's authority, with one replica, would have the results of the others for nothing.
#[test]
fn who_withholds_a_result_fails_though_the_right_to_credits_ends() {
    let terms = Terms { price: Amount(1_000_000), ..usual() };
    let mut jury = Jury::with_fee(terms, true, Some(Bps(1_000)));
    let panel = jury.full(3);
    for member in 0..3 {
        jury.world.ok(&[jury.commit(&panel, member, ANSWER)], &[&jury.members[member].key]);
    }
    jury.network.revoke_soon(&mut jury.world, jury.market.spender, 10);
    let world = &jury.world;
    world.ok(&[jury.reveal(&panel, 0, ANSWER)], &[&jury.members[0].key]);
    world.pass(10);
    world.fails(panel.cancel_instruction(jury.someone.pubkey()), &[&jury.someone], EscrowError::WrongPanelState);
    world.fails(panel.tally_instruction(), &[], EscrowError::TooEarly);
    // What was promised can still be kept.
    world.ok(&[jury.reveal(&panel, 1, ANSWER)], &[&jury.members[1].key]);
    world.set_time(panel.state(world).deadline_at);
    world.pass(1);
    world.ok(&[panel.tally_instruction()], &[]);
    assert_eq!(panel.state(world).state, panel_state::AGREED);
    for member in 0..3 {
        let receipt = world.ok(&[panel.settle_instruction(&jury.replica(&panel, member), member as u8)], &[]);
        let (burned, how) = settled(&receipt);
        assert_eq!((burned != Tokens(0), how == outcome::FAILED), (member == 2, member == 2));
    }
}

#[test]
fn penalties_of_a_panel_burn_in_mints_of_each_token_program() {
    for token_program in [TOKEN_PROGRAM, joule_interface::TOKEN_2022_PROGRAM] {
        let terms = Terms { no_start_penalty: Bps(2_000), ..usual() };
        let jury = Jury::of_program(token_program, terms, false, None);
        let (world, panel) = (&jury.world, jury.joined(3));
        let burned = |mint: Address, instruction: Instruction, signers: &[&Keypair]| {
            let supply = world.supply(mint);
            world.ok(&[instruction], signers);
            supply - world.supply(mint)
        };
        let (staked, paid, client) = (jury.network.mint, jury.market.mint, &jury.client);
        world.pass(301);
        // RemoveReplica and SettleReplica, of a fifth of the bond; BurnPanelPenalty, of a fifth of the price of each.
        assert_eq!(burned(staked, panel.remove_instruction(&jury.replica(&panel, 0), 0), &[]), TOKEN);
        assert_eq!(burned(staked, panel.cancel_instruction(client.pubkey()), &[client]), 0);
        for member in [1, 2] {
            assert_eq!(
                burned(staked, panel.settle_instruction(&jury.replica(&panel, member), member as u8), &[]),
                TOKEN
            );
        }
        let price = panel.state(world).price.0;
        let burn = panel.burn_instruction(u64::MAX);
        for (name, address, error) in [
            ("work_shard_or_vault", jury.members[0].payee, EscrowError::WrongAddress),
            ("fee_payee_or_mint", staked, EscrowError::WrongMint),
            ("payment_program", ID, EscrowError::WrongTokenProgram),
        ] {
            let place = AccountSpec::place(BurnPanelPenalty::ACCOUNTS, name).expect("an account");
            world.fails(swap(burn.clone(), place, address), &[], error);
        }
        assert_eq!(burned(paid, burn, &[]), 3 * (price / 5));
        world.ok(&[panel.close_instruction(world)], &[]);
    }
}

/// A provider joins the panel that it saw, though the client closed panel and credits, and posted another at the same address.
#[test]
fn panels_of_a_credit_account_that_was_opened_again_are_numbered_on() {
    let mut jury = Jury::new(Terms { price: Amount(1_000_000), ..usual() }, true);
    let client = jury.client.insecure_clone();
    let panel = jury.posted(3);
    let number = panel.state(&jury.world).posting_id;
    jury.world.ok(&[panel.cancel_instruction(client.pubkey())], &[&client]);
    jury.world.ok(&[panel.close_instruction(&jury.world)], &[]);
    let account: CreditAccount = jury.world.read(jury.funding_account);
    let burn = BurnCredits { owner: client.pubkey(), credit_account: jury.funding_account }
        .instruction(&BurnCreditsArgs { amount: account.balance, reference: NONE });
    let close = jury.network.close_credit_account_instruction(&jury.world, client.pubkey());
    jury.world.ok(&[burn, close], &[&client]);
    jury.network.open_credit_account(&jury.world, client.pubkey());
    let opened: CreditAccount = jury.world.read(jury.funding_account);
    let (balance, tokens) = (account.balance, account.tokens);
    jury.world.forge(jury.funding_account, &CreditAccount { balance, tokens, issued: balance, ..opened });
    jury.world.ok(&[panel.post_instruction(&jury.world, &jury.verified, 3)], &[&client]);
    assert!(panel.state(&jury.world).posting_id > number);
}

/// Neither its client nor a replica's provider, nor who paid for the client's deposit.
#[test]
fn who_pays_for_a_panel_and_who_pays_for_its_bonds_get_their_rent_back() {
    let mut jury = Jury::usual();
    let [payer, other]: [Keypair; 2] = std::array::from_fn(|_| jury.world.user());
    let (world, panel) = (&jury.world, jury.unposted());
    let post = swap_named(panel.post_instruction(world, &jury.verified, 3), "payer", payer.pubkey());
    world.ok(&[post], &[&payer, &jury.client]);
    assert_eq!((panel.state(world).client, panel.state(world).payer), (jury.client.pubkey(), payer.pubkey()));
    let bonds = [0, 1, 2].map(|member| {
        let (replica, key) = (jury.replica(&panel, member), &jury.members[member].key);
        let join = swap_named(panel.join_instruction(world, &replica), "payer", other.pubkey());
        let moved: event::PanelMoved = world.ok(&[join], &[&other, key]).event(ID);
        assert_eq!((moved.provider, panel.state(world).replicas[member].provider), (key.pubkey(), key.pubkey()));
        assert_eq!(world.read::<Bond>(replica.bond).payer, other.pubkey());
        replica.bond
    });
    let settled = |settle: Instruction, signers: &[&Keypair], member: usize| {
        let settle = swap_named(settle, "bond_payer", other.pubkey());
        world.closes(settle, signers, bonds[member], other.pubkey())
    };

    // Two hold the input, one of whom leaves; one does not, and is removed.
    [0, 2].into_iter().for_each(|member| drop(jury.acknowledge(&panel, member, member as u8)));
    world.pass(301);
    let remove = panel.remove_instruction(&jury.replica(&panel, 1), 1);
    let removed: event::PanelMoved = settled(remove, &[], 1).event(ID);
    assert_eq!(removed.provider, jury.members[1].key.pubkey());
    let key = &jury.members[0].key;
    let left = settled(panel.leave_instruction(&jury.replica(&panel, 0), 0), &[key], 0);
    assert_eq!(left.event::<event::PanelMoved>(ID).provider, key.pubkey());
    assert_eq!(left.event::<event::ReplicaSettled>(ID).provider, key.pubkey());
    world.pass(3_601);
    world.ok(&[panel.cancel_instruction(jury.someone.pubkey())], &[&jury.someone]);
    let settle = panel.settle_instruction(&jury.replica(&panel, 2), 2);
    let last: event::ReplicaSettled = settled(settle, &[], 2).event(ID);
    assert_eq!(last.provider, jury.members[2].key.pubkey());
    let close = swap_named(panel.close_instruction(world), "rent_receiver", payer.pubkey());
    world.closes(close, &[], panel.address, payer.pubkey());
}

/// Not as long as it runs or as results are judged, nor at the market's price; and who does not start loses what its terms say of that.
#[test]
fn a_panel_waits_as_long_as_its_terms_say_and_costs_what_it_offers() {
    let terms = Terms {
        wait_window: Seconds(1_000),
        acceptance_window: Seconds(2_000),
        no_start_penalty: Bps(3_000),
        ..usual()
    };
    let (jury, price) = (Jury::new(terms, false), Amount(TOKEN - 1));
    let (world, panel) = (&jury.world, jury.unposted());
    let market = Market { terms: Terms { price, ..panel.market.terms }, ..panel.market };
    let post = Panel { market, ..panel }.post_instruction(world, &jury.verified, 3);
    let posted: event::PanelMoved = world.ok(&[post], &[&jury.client]).event(ID);
    let deadline_at = world.now().after(Seconds(1_000)).unwrap();
    assert_eq!((panel.state(world).deadline_at, posted.deadline_at), (deadline_at, deadline_at));
    assert_eq!((panel.state(world).price, panel.state(world).duration), (price, Seconds(3_600)));
    (0..3).for_each(|member| drop(jury.join(&panel, member)));
    jury.acknowledge(&panel, 0, 0);
    world.pass(301);
    let removed = world.ok(&[panel.remove_instruction(&jury.replica(&panel, 1), 1)], &[]);
    assert_eq!(removed.event::<event::ReplicaSettled>(ID).seized_amount, Tokens(5 * TOKEN * 3 / 10));
}
