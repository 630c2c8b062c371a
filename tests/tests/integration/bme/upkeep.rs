//! What a network needs, and nobody in particular does, is paid for out of the treasury's part.

use {
    super::*,
    joule_bme_interface::state::{MAX_CHORES, MAX_KEEPER_SHARE, Upkeep as UpkeepState},
    joule_interface::{Fault, ProgramError},
    joule_tests::fixture::{Upkeep, tick_instruction},
};

const HOUR: u32 = 3_600;

/// A network with an upkeep that keeps a tenth, ten tokens at most, and pays one token for a tick of the halt clock each hour.
struct Kept {
    story: Story,
    upkeep: Upkeep,
    /// A keeper's token account.
    keeper: Address,
}

impl Kept {
    fn new() -> Self {
        let mut story = Story::new();
        let upkeep = Upkeep::unborn(&mut story.world, &story.network);
        let stranger = story.world.address();
        let keeper = story.world.token_account(story.network.mint, stranger);
        let (world, network) = (&story.world, &story.network);
        let set = upkeep.set_instruction(world, network, 1_000, 10 * TOKEN);
        let chore = upkeep.chore_instruction(network, 3, &tick_instruction(world), (1, 1), (TOKEN, HOUR));
        world.ok(&[set, chore], &[&network.authority]);
        Self { story, upkeep, keeper }
    }

    fn state(&self) -> UpkeepState {
        self.story.world.read(self.upkeep.address)
    }

    /// Tokens come in, as an epoch would bring them.
    fn comes(&self, amount: u64) {
        let Story { client, network, world, source, .. } = &self.story;
        world.ok(&[network.transfer_instruction(*source, self.upkeep.vault, client, amount)], &[client]);
    }

    /// A chore, and what pays for it.
    fn done(&self) -> [Instruction; 2] {
        let network = &self.story.network;
        [self.upkeep.tip_instruction(network, 3, self.keeper), tick_instruction(&self.story.world)]
    }

    #[track_caller]
    fn refused<E: Into<ProgramError>>(&self, instructions: &[Instruction], error: E) {
        let ProgramError::Custom(code) = error.into() else { panic!("no error of a program") };
        let failure = self.story.world.send(instructions, &[]).expect_err("it must fail");
        assert_eq!(failure.code(), Some(code), "{:?}\n{}", failure.error, failure.logs.join("\n"));
    }

    /// The vault holds what is kept and what is due.
    #[track_caller]
    fn check(&self) {
        let state = self.state();
        assert!(self.story.world.tokens(self.upkeep.vault) >= state.kept.0 + state.amount_due.0);
    }
}

#[test]
fn a_share_of_the_treasurys_part_is_kept_for_keepers_and_the_rest_goes_on() {
    let mut kept = Kept::new();
    let before = kept.story.world.tokens(kept.upkeep.treasury);
    // The policy names the upkeep's account: a change that waits as every other.
    let story = &mut kept.story;
    let mut policy = story.world.read::<NetworkState>(story.network.address).policy;
    policy.treasury_token_account = kept.upkeep.vault;
    story.world.ok(&[story.network.propose_policy_instruction(&story.world, 0, policy)], &[&story.network.authority]);
    let mut state: NetworkState = story.world.read(story.network.address);
    state.policy = policy;
    story.world.forge(story.network.address, &state);
    story.network.treasury = kept.upkeep.vault;
    story.world.ok(&[story.buy(100 * TOKEN)], &[&story.client]);
    story.world.ok(&[story.lock(100_000_000)], &[&story.client, &story.spending]);
    story.world.ok(&[story.consume(100_000_000)], &[&story.spending]);
    story.world.pass(DAY);
    let receipt = story.world.ok(&[story.network.close_instruction(&story.world, 0, &[0, 1])], &[]);
    let treasury = receipt.event::<event::EpochSettled>(ID).treasury.0;
    assert_eq!((treasury, story.world.tokens(kept.upkeep.vault)), (100 * TOKEN, 100 * TOKEN));
    kept.story.world.ok(&[kept.upkeep.forward_instruction(&kept.story.network)], &[]);
    assert_eq!((kept.state().kept, kept.state().amount_due), (Tokens(10 * TOKEN), Tokens(0)));
    assert_eq!(kept.story.world.tokens(kept.upkeep.treasury) - before, 90 * TOKEN);
    kept.check();
}

#[test]
fn a_chore_is_paid_for_once_an_interval_and_always_the_same() {
    let kept = Kept::new();
    let world = &kept.story.world;
    kept.comes(50 * TOKEN);
    world.run(HOUR as u64);
    kept.refused(&kept.done(), BmeError::NoTipDue);
    world.run(1);
    world.ok(&kept.done(), &[]);
    assert_eq!(world.tokens(kept.keeper), TOKEN);
    kept.refused(&kept.done(), BmeError::NoTipDue);
    world.run(HOUR as u64);
    kept.refused(&kept.done(), BmeError::NoTipDue);
    // Whoever waits gets no more.
    world.run(5 * HOUR as u64);
    world.ok(&kept.done(), &[]);
    assert_eq!(world.tokens(kept.keeper), 2 * TOKEN);
    let state = kept.state();
    assert_eq!((state.kept, state.amount_due, state.paid), (Tokens(3 * TOKEN), Tokens(45 * TOKEN), Tokens(2 * TOKEN)));
    kept.check();
}

/// A network whose treasury gets nothing pays nothing; one that got little pays that.
#[test]
fn keepers_never_get_more_than_the_share_of_what_the_treasury_got() {
    let kept = Kept::new();
    let world = &kept.story.world;
    world.run(HOUR as u64 + 1);
    kept.refused(&kept.done(), BmeError::NoTipDue);
    kept.comes(9);
    kept.refused(&kept.done(), BmeError::NoTipDue);
    kept.comes(TOKEN);
    world.ok(&kept.done(), &[]);
    assert_eq!((world.tokens(kept.keeper), kept.state().kept), (TOKEN / 10, Tokens(0)));
    // Above the limit all goes to the treasury.
    kept.comes(400 * TOKEN);
    world.ok(&[kept.upkeep.forward_instruction(&kept.story.network)], &[]);
    assert_eq!((kept.state().kept, world.tokens(kept.upkeep.vault)), (Tokens(10 * TOKEN), 10 * TOKEN));
    let elsewhere = swap(kept.upkeep.forward_instruction(&kept.story.network), 2, kept.keeper);
    world.fails(elsewhere, &[], BmeError::from(Fault::WrongAddress));
    let other_vault = swap(kept.upkeep.forward_instruction(&kept.story.network), 1, kept.keeper);
    world.fails(other_vault, &[], BmeError::from(Fault::WrongAddress));
    // Again: nothing is due, and nothing happens.
    world.ok(&[kept.upkeep.forward_instruction(&kept.story.network)], &[]);
    assert_eq!(world.tokens(kept.upkeep.vault), 10 * TOKEN);
    kept.check();
}

#[test]
fn a_tip_is_for_the_next_instruction_as_the_chore_says() {
    let mut kept = Kept::new();
    let (world, network) = (&kept.story.world, &kept.story.network);
    kept.comes(50 * TOKEN);
    world.run(HOUR as u64 + 1);
    let [tip, tick] = kept.done();
    let no = BmeError::NoTipDue;
    let mut other_account = tick.clone();
    other_account.accounts.swap(0, 1);
    let mut other_data = tick.clone();
    other_data.data[0] ^= 1;
    let foreign = Instruction { program_id: SYSTEM_PROGRAM, ..tick.clone() };
    kept.refused(std::slice::from_ref(&tip), no);
    for other in [other_account, other_data, foreign, network.burn_instruction(0), tip.clone()] {
        kept.refused(&[tip.clone(), other], BmeError::NoTipDue);
    }
    kept.refused(&[tick.clone(), tip.clone()], BmeError::NoTipDue);
    kept.refused(&[tip.clone(), network.burn_instruction(0), tick.clone()], BmeError::NoTipDue);
    for index in [0, 2, MAX_CHORES as u8, u8::MAX] {
        kept.refused(&[kept.upkeep.tip_instruction(network, index, kept.keeper), tick.clone()], BmeError::NoTipDue);
    }
    let wrong = |place: usize, address: Address, error: Fault| {
        kept.refused(&[swap(tip.clone(), place, address), tick.clone()], BmeError::from(error));
    };
    wrong(0, network.address, Fault::WrongAccountType);
    wrong(1, kept.keeper, Fault::WrongAddress);
    wrong(2, kept.upkeep.vault, Fault::DuplicateAccount);
    wrong(3, network.address, Fault::WrongMint);
    wrong(4, TOKEN_2022_PROGRAM, Fault::WrongTokenProgram);
    wrong(5, world.key().pubkey(), Fault::WrongAddress);
    world.ok(&[tip.clone(), tick.clone()], &[]);
    let mut foreign = world.account(kept.upkeep.address).unwrap();
    foreign.owner = SYSTEM_PROGRAM;
    kept.story.world.set_account(kept.upkeep.address, foreign);
    kept.refused(&[tip, tick], BmeError::from(Fault::WrongOwner));
}

#[test]
fn more_than_a_byte_of_a_chores_data_can_count() {
    let mut kept = Kept::new();
    kept.comes(50 * TOKEN);
    let (world, network) = (&kept.story.world, &kept.story.network);
    // An instruction with arguments of which some would do nothing.
    let like = network.close_instruction(world, 7, &[0, 1]);
    let network_place = 1;
    assert_eq!(like.accounts[network_place as usize].pubkey, network.address);
    let set = kept.upkeep.chore_instruction(network, 0, &like, (network_place, 8), (TOKEN, 60));
    world.ok(&[set], &[&network.authority]);
    world.run(86_400);
    let tip = kept.upkeep.tip_instruction(network, 0, kept.keeper);
    kept.refused(&[tip.clone(), network.close_instruction(world, 0, &[0, 1])], BmeError::NoTipDue);
    let set = kept.upkeep.chore_instruction(network, 0, &like, (network_place, 1), (TOKEN, 60));
    world.ok(&[set], &[&network.authority]);
    world.run(61);
    kept.story.network.refresh_price(&mut kept.story.world);
    let (world, network) = (&kept.story.world, &kept.story.network);
    // Not for a call that folds nothing.
    kept.refused(&[tip.clone(), network.close_instruction(world, 0, &[])], BmeError::EpochUnsettled);
    world.ok(&[tip, network.close_instruction(world, 0, &[0, 1])], &[]);
    assert_eq!(world.tokens(kept.keeper), TOKEN);
}

#[test]
fn the_authority_sets_upkeep_and_chores_within_bounds() {
    let kept = Kept::new();
    let (world, network) = (&kept.story.world, &kept.story.network);
    let (authority, stranger) = (&network.authority, &kept.story.client);
    let set = |share| kept.upkeep.set_instruction(world, network, share, 5);
    world.fails(swap(set(1), 1, stranger.pubkey()), &[stranger], BmeError::from(Fault::Unauthorized));
    assert_eq!(world.out_of_range(set(MAX_KEEPER_SHARE + 1), &[authority]), "keeper_share");
    world.fails(swap(set(1), 4, kept.keeper), &[authority], BmeError::from(Fault::WrongAddress));
    world.fails(swap(set(1), 5, kept.keeper), &[authority], BmeError::from(Fault::WrongAddress));
    world.fails(swap(set(1), 6, TOKEN_2022_PROGRAM), &[authority], BmeError::from(Fault::WrongAddress));
    // What came before is divided as it was.
    kept.comes(10 * TOKEN);
    world.ok(&[set(0)], &[authority]);
    assert_eq!((kept.state().kept, kept.state().max_kept), (Tokens(TOKEN), Tokens(5)));

    let like = network.update_average_instruction();
    let chore = |index, length, tip, interval| {
        kept.upkeep.chore_instruction(network, index, &like, (0, length), (tip, interval))
    };
    world.fails(swap(chore(0, 1, 1, 60), 0, stranger.pubkey()), &[stranger], BmeError::from(Fault::Unauthorized));
    world.fails(chore(MAX_CHORES as u8, 1, 1, 60), &[authority], BmeError::from(Fault::InvalidParameter));
    for interval in [59, 30 * 86_400 + 1] {
        assert_eq!(world.out_of_range(chore(0, 1, 1, interval), &[authority]), "interval");
    }
    for length in [0, 9] {
        assert_eq!(world.out_of_range(chore(0, length, 1, 60), &[authority]), "data_length");
    }
    world.ok(&[chore(3, 1, 0, 0)], &[authority]);
    assert_eq!(kept.state().chores[3], Default::default());
    world.run(HOUR as u64 + 1);
    kept.refused(&kept.done(), BmeError::NoTipDue);
}

#[test]
fn an_upkeep_is_its_networks_and_its_treasury_somebodys() {
    let mut kept = Kept::new();
    let (rival, _) = Network::new(&mut kept.story.world, &[]);
    // Another network's upkeep, another's chore.
    let own = Upkeep::unborn(&mut kept.story.world, &rival);
    let world = &kept.story.world;
    let network = &kept.story.network;
    world.ok(&[own.set_instruction(world, &rival, 5, 5)], &[&rival.authority]);
    let mut set = kept.upkeep.set_instruction(world, &rival, 5, 5);
    world.fails(set.clone(), &[&rival.authority], BmeError::from(Fault::WrongNetwork));
    let like = network.update_average_instruction();
    let chore = kept.upkeep.chore_instruction(&rival, 0, &like, (0, 1), (1, 60));
    world.fails(chore, &[&rival.authority], BmeError::from(Fault::WrongNetwork));
    // A treasury of another mint; one that the network or the upkeep owns; a vault that is not the associated account.
    set = own.set_instruction(world, network, 5, 5);
    world.fails(set, &[&network.authority], BmeError::from(Fault::WrongNetwork));
    let (first, reward_vault) = (kept.upkeep.vault, kept.story.network.reward_vault());
    let associated = kept.story.world.associated_account(kept.story.network.mint, kept.story.network.address);
    let [chained, foreign, networks, associated] = [first, own.treasury, reward_vault, associated]
        .map(|treasury| Upkeep::of(&mut kept.story.world, &kept.story.network, treasury));
    let (world, network) = (&kept.story.world, &kept.story.network);
    let refused = |upkeep: &Upkeep, error: Fault| {
        let set = upkeep.set_instruction(world, network, 5, 5);
        world.fails(set, &[&network.authority], BmeError::from(error));
    };
    refused(&foreign, Fault::WrongMint);
    refused(&networks, Fault::WrongTokenOwner);
    refused(&associated, Fault::WrongTokenOwner);
    refused(&Upkeep { vault: world.key().pubkey(), ..chained }, Fault::InvalidTokenAccount);
    refused(&Upkeep { vault: kept.keeper, ..chained }, Fault::WrongAddress);
    // An upkeep may pass the rest on to another one.
    world.ok(&[chained.set_instruction(world, network, 5, 5)], &[&network.authority]);
}
