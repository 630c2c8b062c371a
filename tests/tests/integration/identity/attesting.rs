//! Who vouches for what, until when, and what it costs to be wrong.

use {
    super::*,
    joule_escrow_interface::{EscrowError, state::hot_right},
    joule_stake_interface::{
        StakeError,
        instruction::{ProposeSlash, ProposeSlashArgs},
        state::{PolicyChange, PoolPolicy, Provider, Slash, UnbondingTicket, sentence, status as provider_status},
    },
    joule_tests::fixture::Identity,
};

pub(super) const BOND: u64 = 100 * TOKEN;

/// Of a pool whose stake answers for an attestation of 30 days and 7 days after it.
fn rules() -> PoolPolicy {
    PoolPolicy { unbonding_period: Seconds(37 * DAY as u32), ..Pool::rules() }
}

/// A pool of the network, its registry asking for a bond in it, and a provider who is an attestor of weight 3.
pub(super) struct Bonded {
    pub(super) story: Story,
    pub(super) machine: Machine,
    pub(super) pool: Pool,
    pub(super) voucher: Voucher,
    backer: Backer,
    /// When what it says ends.
    expires_at: Timestamp,
}

impl Bonded {
    pub(super) fn new() -> Self {
        let mut world = World::new();
        let (owner, key) = (world.user(), world.user());
        let (network, tokens) = Network::new(&mut world, &[key.pubkey()]);
        create_registry(&world, &network);
        add_class(&world, &network, CLASS, 0);
        add_class(&world, &network, VOUCHED, 3);
        let tree = Tree::new(&world, &network, DEPTH, BUFFER, 0).0;
        let mut story = Story { world, network, tree, owner };
        let pool = Pool::unborn(&story.network, story.network.mint, story.network.token_program);
        let create = pool.create_instruction(&story.world, &story.network, rules());
        story.world.ok(&[create], &[&story.network.authority]);
        let bonded = Policy {
            pool: pool.address,
            attestor_bond: Tokens(BOND),
            max_attestation_period: Seconds(30 * DAY as u32),
            ..policy(&story.network)
        };
        story.set_policy(bonded);
        let provider = pool.register(&story.world, &key);
        let backer = pool.open_delegation(&story.world, provider, key.pubkey(), tokens[0]);
        story.world.ok(&[pool.stake_instruction(&backer, 200 * TOKEN)], &[&key]);
        // Own stake counts from the next second.
        story.world.pass(1);
        story.world.ok(&[story.add_attestor_instruction(key.pubkey(), provider, 3)], &story.authority());
        let machine = story.mint("vouched for");
        story.world.ok(&[story.activate_in(&machine, VOUCHED)], &[&story.owner]);
        let voucher = Voucher { key, id: 1, provider };
        let expires_at = story.in_days(30);
        Self { story, machine, pool, voucher, backer, expires_at }
    }

    pub(super) fn attest(&self) -> Instruction {
        self.story.attest(&self.voucher, &self.machine, self.expires_at)
    }

    /// Where what it says is kept.
    pub(super) fn statement(&self) -> Address {
        self.voucher.statement(&self.machine, self.expires_at)
    }

    fn close_statement(&self) -> Instruction {
        CloseStatement { statement: self.statement(), payer: self.story.world.payer().pubkey() }
            .instruction(&CloseStatementArgs {})
    }

    /// Leaves less than the bond.
    fn unstake(&self) {
        let world = &self.story.world;
        let ticket = self.pool.next_ticket(world, &self.backer);
        let shares = 150 * TOKEN;
        let unstake = self.pool.unstake_instruction(world, &self.backer, ticket, shares);
        world.ok(&[unstake], &[&self.voucher.key]);
    }

    pub(super) fn look(&self) -> Instruction {
        RefreshAttestor { registry: self.story.tree.registry, provider: self.voucher.provider }
            .instruction(&RefreshAttestorArgs { attestor: self.voucher.id })
    }

    fn serves(&self) -> bool {
        self.story.node(&self.machine).serves(VOUCHED, self.story.world.now())
    }

    pub(super) fn punish(&self, amount: u64) -> Instruction {
        let story = &self.story;
        let provider: Provider = story.world.read(self.voucher.provider);
        PunishAttestor {
            payer: story.world.payer().pubkey(),
            authority: story.network.authority.pubkey(),
            network: story.network.address,
            registry: story.tree.registry,
            statement: self.statement(),
            pool: self.pool.address,
            slasher: self.pool.slasher(story.tree.registry),
            provider: self.voucher.provider,
            slash: joule_stake_interface::pda::slash::find(&self.voucher.provider, &provider.slash_count.to_le_bytes())
                .0,
            stake_program: joule_stake_interface::ID,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&PunishAttestorArgs {
            amount: Tokens(amount),
            evidence: [0xbb; 32],
            sentence: sentence::FINE,
        })
    }
}

#[test]
fn a_machine_serves_its_class_while_enough_attestors_vouch_for_it() {
    let (story, machine) = Story::in_service(VOUCHED);
    let [one, two, three] = [1, 2, 3].map(|weight| story.add_attestor(weight));
    let attest = |voucher: &Voucher, days| {
        let attest = story.attest(voucher, &machine, story.in_days(days));
        story.world.ok(&[attest], &[&voucher.key])
    };
    assert_eq!(story.node(&machine).class_expires_at, NEVER);
    attest(&one, 10);
    assert_eq!(story.node(&machine).class_expires_at, NEVER);
    let receipt = attest(&two, 20);
    // Of both together, until the first of them ends.
    let node = story.node(&machine);
    assert_eq!(node.class_expires_at, story.in_days(10));
    let event: event::Attested = receipt.event(ID);
    assert_eq!((event.header.source, event.authority), (machine.node(), two.key.pubkey()));
    assert_eq!((event.evidence, event.expires_at), (EVIDENCE, story.in_days(20)));
    assert_eq!((event.attestor, event.weight, event.class_expires_at), (2, 2, story.in_days(10)));
    let word = Attestation { evidence: EVIDENCE, expires_at: story.in_days(20), attestor: 2, weight: 2 };
    assert_eq!(node.attestations[1], word);
    let now = story.world.now();
    assert!(node.serves(VOUCHED, now) && !node.serves(CLASS, now));
    assert!(node.serves(VOUCHED, Timestamp(story.in_days(10).0 - 1)) && !node.serves(VOUCHED, story.in_days(10)));
    attest(&three, 15);
    assert_eq!(story.node(&machine).class_expires_at, story.in_days(15));

    // Taken back, and given again.
    let receipt = story.world.ok(&[story.withdraw(&three, &machine)], &[&three.key]);
    let event: event::AttestationEnded = receipt.event(ID);
    assert_eq!((event.attestor, event.struck, event.class_expires_at), (3, 0, story.in_days(10)));
    assert_eq!(story.node(&machine).class_expires_at, story.in_days(10));
    let again = story.withdraw(&three, &machine);
    story.world.fails(again, &[&three.key], IdentityError::NoAttestation);
    attest(&three, 12);
    assert_eq!(story.node(&machine).class_expires_at, story.in_days(12));
}

/// An attestor whose keys `escrow` keeps: its hot key vouches if it has that right, and is replaced while what it said stands.
#[test]
fn the_hot_key_of_an_identity_attests_if_it_may() {
    let (mut story, machine) = Story::in_service(VOUCHED);
    let identity = Identity::new(&mut story.world);
    let world = &story.world;
    world.ok(&[story.add_attestor_instruction(identity.address, ID, 3)], &story.authority());
    let (hot, manager) = (&identity.hot, &identity.manager);
    let voucher = Voucher { key: hot.insecure_clone(), id: story.registry().attestor_count, provider: ID };
    let of_identity = |call: Instruction, by: &Keypair| {
        let mut call = call;
        call.accounts[0].pubkey = identity.address;
        identity.by(by, call)
    };
    let attest = || story.attest(&voucher, &machine, story.in_days(5));
    let withdraw = || story.withdraw(&voucher, &machine);
    let give = |rights: u8| world.ok(&[identity.set_hot_key_instruction(hot.pubkey(), rights)], &[manager]);
    world.fails(attest(), &[hot], IdentityError::Unauthorized);
    give(hot_right::WORK);
    world.fails(of_identity(attest(), hot), &[hot], EscrowError::NotPermitted);
    give(hot_right::ATTEST);
    world.ok(&[of_identity(attest(), hot)], &[hot]);
    assert_eq!(story.node(&machine).class_expires_at, story.in_days(5));
    // A thief of it takes nothing back any more, and the manager does.
    give(0);
    world.fails(of_identity(withdraw(), hot), &[hot], EscrowError::NotPermitted);
    assert_eq!(story.node(&machine).class_expires_at, story.in_days(5));
    world.ok(&[of_identity(withdraw(), manager)], &[manager]);
    assert_eq!(story.node(&machine).class_expires_at, NEVER);
}

#[test]
fn an_attestor_vouches_once() {
    let (story, machine) = Story::in_service(VOUCHED);
    let voucher = story.add_attestor(2);
    let attest = |days| story.attest(&voucher, &machine, story.in_days(days));
    story.world.ok(&[attest(5)], &[&voucher.key]);
    story.world.fails(attest(6), &[&voucher.key], IdentityError::AlreadyAttested);
    assert_eq!(story.node(&machine).class_expires_at, NEVER);
    // Renewed without a gap, or when it has ended.
    story.world.ok(&[story.withdraw(&voucher, &machine), attest(6)], &[&voucher.key]);
    story.world.pass(6 * DAY);
    story.world.fails(story.withdraw(&voucher, &machine), &[&voucher.key], IdentityError::NoAttestation);
    story.world.ok(&[attest(7)], &[&voucher.key]);
}

#[test]
fn an_attestation_has_an_end() {
    let (story, machine) = Story::in_service(VOUCHED);
    let voucher = story.add_attestor(3);
    let now = story.world.now().0;
    let longest = now + 90 * DAY as i64;
    for expires in [i64::MIN, 0, now, longest + 1, i64::MAX] {
        let attest = story.attest(&voucher, &machine, Timestamp(expires));
        story.world.fails(attest, &[&voucher.key], IdentityError::InvalidExpiry);
    }
    story.world.ok(&[story.attest(&voucher, &machine, Timestamp(longest))], &[&voucher.key]);
    assert!(story.node(&machine).serves(VOUCHED, story.world.now()));
    story.world.pass(90 * DAY);
    assert!(!story.node(&machine).serves(VOUCHED, story.world.now()));
}

#[test]
fn attestation_slots_are_kept_for_attestations_that_count() {
    let (story, machine) = Story::in_service(VOUCHED);
    let vouchers: Vec<_> = (0..=MAX_ATTESTATIONS).map(|_| story.add_attestor(1)).collect();
    let attest = |voucher: &Voucher, days| story.attest(voucher, &machine, story.in_days(days));
    for (voucher, days) in vouchers[..MAX_ATTESTATIONS].iter().zip(1..) {
        story.world.ok(&[attest(voucher, days)], &[&voucher.key]);
    }
    let last = &vouchers[MAX_ATTESTATIONS];
    story.world.fails(attest(last, 9), &[&last.key], IdentityError::AttestationsFull);
    story.world.pass(DAY);
    story.world.ok(&[attest(last, 9)], &[&last.key]);
    let attestors = story.node(&machine).attestations.map(|word| word.attestor);
    assert_eq!(attestors, [9, 2, 3, 4, 5, 6, 7, 8]);
}

#[test]
fn attesting_checks_its_accounts() {
    let (mut story, machine) = Story::in_service(VOUCHED);
    let [voucher, other] = [story.add_attestor(3), story.add_attestor(3)];
    let (stranger, theirs) = story.stranger();
    let expires = story.in_days(10);
    let (world, tree) = (&story.world, &story.tree);
    let attest = || story.attest(&voucher, &machine, expires);
    let withdraw = || story.withdraw(&voucher, &machine);
    let signers = &[&voucher.key][..];

    let args = |change: fn(&mut AttestArgs)| with_args(attest(), change);
    world.fails(args(|args| args.class = CLASS), signers, IdentityError::MachineChanged);
    world.fails(args(|args| args.owner = OPERATOR), signers, IdentityError::MachineChanged);
    world.fails(args(|args| args.specification[31] ^= 1), signers, IdentityError::MachineChanged);
    world.fails(args(|args| args.site[31] ^= 1), signers, IdentityError::MachineChanged);
    for instruction in [attest(), withdraw()] {
        checks_its_shape(world, &instruction, signers);
        let by = |signer: &Keypair| swap(instruction.clone(), "authority", signer.pubkey());
        world.fails(by(&other.key), &[&other.key], IdentityError::Unauthorized);
        let wrong = |name, address| swap(instruction.clone(), name, address);
        world.fails(wrong("registry", stranger.address), signers, IdentityError::WrongOwner);
        world.fails(wrong("registry", tree.address), signers, IdentityError::WrongAccountType);
        world.fails(wrong("registry", theirs.registry), signers, IdentityError::WrongRegistry);
        world.fails(wrong("class", class(&tree.registry, CLASS)), signers, IdentityError::WrongClass);
        world.fails(wrong("class", class(&theirs.registry, VOUCHED)), signers, IdentityError::WrongRegistry);
        world.fails(wrong("class", tree.registry), signers, IdentityError::WrongAccountType);
        world.fails(wrong("node", tree.registry), signers, IdentityError::WrongAccountType);
        world.fails(wrong("node", stranger.address), signers, IdentityError::WrongOwner);
    }
    for id in [0, 99] {
        let unknown = with_args(attest(), |args: &mut AttestArgs| args.attestor = id);
        world.fails(unknown, signers, IdentityError::UnknownAttestor);
        let unknown = with_args(withdraw(), |args: &mut WithdrawAttestationArgs| args.attestor = id);
        world.fails(unknown, signers, IdentityError::UnknownAttestor);
    }
    world.ok(&[attest()], signers);
}

#[test]
fn a_site_is_vouched_for_with_the_rest_and_ends_with_it() {
    let (story, machine) = Story::in_service(CLASS);
    let voucher = story.add_attestor(1);
    let (world, here) = (&story.world, [0x51; 32]);
    let stands = || story.node(&machine).stands_at(&here, world.now());
    let attest = || story.attest(&voucher, &machine, story.in_days(10));
    let old = attest();
    let specification = story.node(&machine).specification;
    let at = |site: [u8; 32]| {
        let change = story.change_specification(&machine, specification, CLASS);
        with_args(change, |args: &mut ChangeSpecificationArgs| args.site = site)
    };
    // Its owner states it, and nobody's word is needed to serve the class.
    let receipt = world.ok(&[at(here)], &[&story.owner]);
    let event: event::SpecificationChanged = receipt.event(ID);
    assert_eq!((event.site, event.specification, event.version), (here, specification, 2));
    let node = story.node(&machine);
    assert_eq!((node.site, node.specification, node.serves(CLASS, world.now())), (here, specification, true));
    assert!(!stands(), "nobody vouches for it");
    // What an attestor signed for a machine elsewhere is not for this one.
    world.fails(old, &[&voucher.key], IdentityError::MachineChanged);
    world.ok(&[attest()], &[&voucher.key]);
    assert!(stands() && !story.node(&machine).stands_at(&[0x52; 32], world.now()));
    // It moves: whose word counted has to look again.
    world.ok(&[at([0x52; 32])], &[&story.owner]);
    assert!(!stands() && !story.node(&machine).stands_at(&[0x52; 32], world.now()));
    world.ok(&[at(here)], &[&story.owner]);
    assert!(!stands(), "nobody looked since");
    world.ok(&[attest()], &[&voucher.key]);
    assert!(stands());
    world.pass(10 * DAY);
    assert!(!stands(), "its time is over");
}

#[test]
fn a_removed_attestors_attestation_ends_at_the_next_refresh() {
    let (mut story, machine) = Story::in_service(VOUCHED);
    let [voucher, other] = [story.add_attestor(2), story.add_attestor(2)];
    for voucher in [&voucher, &other] {
        story.world.ok(&[story.attest(voucher, &machine, story.in_days(10))], &[&voucher.key]);
    }
    assert!(story.node(&machine).serves(VOUCHED, story.world.now()));
    let receipt = story.world.ok(&[story.remove_attestor(voucher.id)], &story.authority());
    let event: event::AttestorChanged = receipt.event(ID);
    assert_eq!((event.authority, event.id, event.weight), (voucher.key.pubkey(), 1, 0));
    assert_eq!(story.registry().attestor(1), None);
    let attest = story.attest(&voucher, &machine, story.in_days(10));
    story.world.fails(attest, &[&voucher.key], IdentityError::UnknownAttestor);

    let (stranger, theirs) = story.stranger();
    let (world, tree) = (&story.world, &story.tree);
    let refresh = || story.refresh(&machine);
    checks_its_shape(world, &refresh(), &[]);
    world.fails(swap(refresh(), "registry", theirs.registry), &[], IdentityError::WrongRegistry);
    world.fails(swap(refresh(), "registry", stranger.address), &[], IdentityError::WrongOwner);
    world.fails(swap(refresh(), "class", class(&tree.registry, CLASS)), &[], IdentityError::WrongClass);
    world.fails(swap(refresh(), "class", class(&theirs.registry, VOUCHED)), &[], IdentityError::WrongRegistry);
    world.fails(swap(refresh(), "node", tree.address), &[], IdentityError::WrongAccountType);
    let receipt = world.ok(&[refresh()], &[]);
    assert_eq!(receipt.event::<event::NodeRefreshed>(ID).class_expires_at, NEVER);
    assert!(!story.node(&machine).serves(VOUCHED, world.now()));

    // The same authority, added again, is another attestor: its old word does not rise.
    world.ok(&[story.add_attestor_instruction(voucher.key.pubkey(), ID, 2)], &story.authority());
    world.ok(&[refresh()], &[]);
    assert!(!story.node(&machine).serves(VOUCHED, world.now()));
    let again = Voucher { id: 3, ..voucher };
    world.ok(&[story.attest(&again, &machine, story.in_days(5))], &[&again.key]);
    assert_eq!(story.node(&machine).class_expires_at, story.in_days(5));
}

#[test]
fn an_attestation_needs_a_bond() {
    let bonded = Bonded::new();
    let (story, voucher) = (&bonded.story, &bonded.voucher);
    let world = &story.world;
    let signers = &[&voucher.key][..];
    world.fails(swap(bonded.attest(), "provider", ID), signers, IdentityError::NotBonded);
    // A provider with as much stake, but another's.
    let mut other: Provider = world.read(voucher.provider);
    other.authority = OPERATOR;
    let mut bonded = bonded;
    bonded.story.world.forge(OPERATOR, &other);
    let wrong = swap(bonded.attest(), "provider", OPERATOR);
    bonded.story.world.fails(wrong, &[&bonded.voucher.key], IdentityError::WrongProvider);

    let provider: Provider = bonded.story.world.read(bonded.voucher.provider);
    let attest = bonded.attest();
    let address = bonded.voucher.provider;
    for change in [
        Provider { status: provider_status::JAILED, ..provider },
        Provider { status: provider_status::TOMBSTONED, ..provider },
        Provider { pool: OPERATOR, ..provider },
        Provider { own: joule_math::Tokens(99 * TOKEN), ..provider },
    ] {
        bonded.story.world.forge(address, &change);
        bonded.story.world.fails(attest.clone(), &[&bonded.voucher.key], IdentityError::NotBonded);
    }
    bonded.story.edit(address, |account| account.owner = TOKEN_PROGRAM);
    bonded.story.world.fails(attest.clone(), &[&bonded.voucher.key], IdentityError::WrongOwner);
    bonded.story.world.forge(address, &provider);
    bonded.story.world.ok(&[attest], &[&bonded.voucher.key]);
    assert!(bonded.serves());
}

#[test]
fn without_its_bond_an_attestor_counts_nothing() {
    let bonded = Bonded::new();
    let (story, machine) = (&bonded.story, &bonded.machine);
    let world = &story.world;
    world.ok(&[bonded.attest()], &[&bonded.voucher.key]);
    // While the bond is there, looking changes nothing.
    world.ok(&[bonded.look(), story.refresh(machine)], &[]);
    assert!(bonded.serves());
    bonded.unstake();
    let receipt = world.ok(&[bonded.look(), story.refresh(machine)], &[]);
    let event: event::AttestorChanged = receipt.event(ID);
    assert_eq!((event.provider, event.id, event.weight), (bonded.voucher.provider, 1, 0));
    assert!(!bonded.serves());
    // The bond back, its word counts again.
    world.ok(&[bonded.pool.stake_instruction(&bonded.backer, 150 * TOKEN)], &[&bonded.voucher.key]);
    world.pass(1);
    world.ok(&[bonded.look(), story.refresh(machine)], &[]);
    assert!(bonded.serves());
}

#[test]
fn refreshing_an_attestor_checks_its_accounts() {
    let mut bonded = Bonded::new();
    let (stranger, theirs) = bonded.story.stranger();
    let world = &bonded.story.world;
    checks_its_shape(world, &bonded.look(), &[]);
    let look = || bonded.look();
    world.fails(swap(look(), "registry", stranger.address), &[], IdentityError::WrongOwner);
    world.fails(swap(look(), "registry", theirs.registry), &[], IdentityError::UnknownAttestor);
    world.fails(swap(look(), "registry", theirs.address), &[], IdentityError::WrongAccountType);
    world.fails(swap(look(), "provider", OPERATOR), &[], IdentityError::WrongProvider);
    for id in [0, 2] {
        let unknown = with_args(look(), |args: &mut RefreshAttestorArgs| args.attestor = id);
        world.fails(unknown, &[], IdentityError::UnknownAttestor);
    }
    // One that was added when no bond was asked for has no provider, and none now.
    let free = Policy { attestor_bond: Tokens(0), ..bonded.story.registry().policy };
    let asking = bonded.story.registry().policy;
    bonded.story.set_policy(free);
    let other = bonded.story.add_attestor(1);
    bonded.story.set_policy(asking);
    let look = swap(look(), "provider", Address::default());
    let look = with_args(look, |args: &mut RefreshAttestorArgs| args.attestor = other.id);
    world.ok(&[look], &[]);
    assert_eq!(bonded.story.registry().attestor(other.id).unwrap().bonded, 0);
    // A provider of a version that is not read is not taken for none.
    let look = bonded.look();
    bonded.story.edit(bonded.voucher.provider, |account| account.data[1] += 1);
    bonded.story.world.fails(look, &[], IdentityError::WrongAccountType);
}

/// What is borrowed for a transaction, or stays for less than the pool's standing period, backs no word.
#[test]
fn borrowed_stake_vouches_for_nothing() {
    let bonded = Bonded::new();
    let (story, world, signers) = (&bonded.story, &bonded.story.world, &[&bonded.voucher.key][..]);
    bonded.unstake();
    world.fails(bonded.attest(), signers, IdentityError::NotBonded);
    let unstake = || {
        let ticket = bonded.pool.next_ticket(world, &bonded.backer);
        bonded.pool.unstake_instruction(world, &bonded.backer, ticket, 150 * TOKEN)
    };
    let lend = bonded.pool.stake_instruction(&bonded.backer, 150 * TOKEN);
    // Lent, used and given back at once, or in the second in which it came.
    let at_once = world.send(&[lend.clone(), bonded.attest(), unstake()], signers).unwrap_err();
    assert_eq!(at_once.code(), Some(IdentityError::NotBonded as u32));
    world.ok(&[lend], signers);
    world.fails(bonded.attest(), signers, IdentityError::NotBonded);
    world.ok(&[bonded.look()], &[]);
    assert_eq!(story.registry().attestor(1).unwrap().bonded, 0);
    world.pass(1);
    world.ok(&[bonded.attest()], signers);
}

#[test]
fn a_false_attestation_costs_stake() {
    let bonded = Bonded::new();
    let (story, pool) = (&bonded.story, &bonded.pool);
    let world = &story.world;
    world.ok(&[bonded.attest()], &[&bonded.voucher.key]);
    let (node, statement) = (story.node(&bonded.machine), world.read::<Statement>(bonded.statement()));
    assert_eq!((statement.registry, statement.node), (story.tree.registry, bonded.machine.node()));
    assert_eq!((statement.owner, statement.specification, statement.class), (node.owner, node.specification, VOUCHED));
    assert_eq!((statement.evidence, statement.provider, statement.attestor), (EVIDENCE, bonded.voucher.provider, 1));
    assert_eq!((statement.expires_at, statement.bond), (bonded.expires_at, Tokens(BOND)));
    assert_eq!(statement.liability_ends_at, Timestamp(bonded.expires_at.0 + 7 * DAY as i64));
    pool.add_slasher(world, &story.network, story.tree.registry);
    let before: Provider = world.read(bonded.voucher.provider);
    let receipt = world.ok(&[bonded.punish(BOND)], &story.authority());
    let event: event::AttestorPunished = receipt.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (bonded.statement(), 1));
    assert_eq!((event.node, event.provider), (bonded.machine.node(), bonded.voucher.provider));
    assert_eq!((event.attestor, event.amount), (1, Tokens(BOND)));
    let address = joule_stake_interface::pda::slash::find(&bonded.voucher.provider, &0u64.to_le_bytes()).0;
    let slash: Slash = world.read(address);
    assert_eq!((slash.amount, slash.evidence, slash.sentence), (Tokens(BOND), [0xbb; 32], sentence::FINE));
    assert_eq!(slash.slasher, pool.slasher(story.tree.registry));

    // Once for each word.
    world.fails(bonded.punish(BOND), &story.authority(), IdentityError::AlreadyPunished);
    world.pass(DAY);
    let execute = joule_stake_interface::instruction::ExecuteSlash {
        pool: pool.address,
        provider: bonded.voucher.provider,
        slash: address,
        rewards: pool.rewards,
        rent_receiver: world.payer().pubkey(),
    };
    world.ok(&[execute.instruction(&joule_stake_interface::instruction::ExecuteSlashArgs {})], &[]);
    let after: Provider = world.read(bonded.voucher.provider);
    assert_eq!(after.active_stake().unwrap().0, before.active_stake().unwrap().0 - BOND);
}

/// A strike needs nothing of stake: neither a slasher, nor room in its windows, nor an attestor with stake.
#[test]
fn a_false_attestation_is_struck_in_any_case() {
    let mut bonded = Bonded::new();
    let (stranger, theirs) = bonded.story.stranger();
    let story = &bonded.story;
    let world = &story.world;
    let strike = || story.strike(&bonded.machine, 1);
    world.fails(strike(), &story.authority(), IdentityError::NoAttestation);
    world.ok(&[bonded.attest()], &[&bonded.voucher.key]);
    assert!(bonded.serves());
    let authority = &story.authority()[..];
    checks_its_shape(world, &strike(), authority);
    let usurped = swap(strike(), "authority", stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    let elsewhere = swap(usurped, "network", stranger.address);
    world.fails(elsewhere, &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(strike(), "class", class(&story.tree.registry, CLASS)), authority, IdentityError::WrongClass);
    world.fails(swap(strike(), "class", class(&theirs.registry, VOUCHED)), authority, IdentityError::WrongRegistry);
    world.fails(swap(strike(), "node", story.tree.address), authority, IdentityError::WrongAccountType);
    for id in [0, 2] {
        world.fails(story.strike(&bonded.machine, id), authority, IdentityError::NoAttestation);
    }
    // The registry is no slasher, and the stake is leaving. The guardian will do.
    bonded.unstake();
    world.fails(bonded.punish(BOND), authority, StakeError::WrongOwner);
    let guardian = &story.network.guardian;
    let receipt = world.ok(&[swap(strike(), "authority", guardian.pubkey())], &[guardian]);
    let event: event::AttestationEnded = receipt.event(ID);
    assert_eq!((event.attestor, event.struck, event.class_expires_at), (1, 1, NEVER));
    assert!(!bonded.serves());
    assert_eq!(story.node(&bonded.machine).attestations, [Attestation::default(); MAX_ATTESTATIONS]);
    // And it is punished when stake can.
    bonded.pool.add_slasher(world, &story.network, story.tree.registry);
    world.ok(&[bonded.punish(BOND)], &story.authority());
}

/// Whoever leaves in the transaction in which it attests, and whom nobody looks at: its stake is there until the liability is
/// over, and a second after that it can be gone.
#[test]
fn who_attested_can_be_punished_to_the_end() {
    let bonded = Bonded::new();
    let (story, world, pool) = (&bonded.story, &bonded.story.world, &bonded.pool);
    pool.add_slasher(world, &story.network, story.tree.registry);
    let (key, ticket) = (&bonded.voucher.key, pool.next_ticket(world, &bonded.backer));
    let leave = pool.unstake_instruction(world, &bonded.backer, ticket, 200 * TOKEN);
    world.ok(&[bonded.attest(), leave], &[key]);
    let statement: Statement = world.read(bonded.statement());
    assert_eq!(statement.liability_ends_at, world.read::<UnbondingTicket>(ticket).withdrawable_at);
    // Nobody refreshes it, so it counts to its end.
    world.pass(30 * DAY - 1);
    assert!(bonded.serves());
    world.pass(7 * DAY);
    let withdraw = || pool.withdraw_instruction(world, &bonded.backer, ticket);
    world.fails(withdraw(), &[key], StakeError::NotWithdrawable);
    world.ok(&[bonded.punish(BOND)], &story.authority());
    // What was proposed waits for its day, and so does the part of the stake that it may take.
    world.pass(1);
    world.ok(&[withdraw()], &[key]);
    world.pass(DAY);
    let slash = joule_stake_interface::pda::slash::find(&bonded.voucher.provider, &0u64.to_le_bytes()).0;
    let execute = joule_stake_interface::instruction::ExecuteSlash {
        pool: pool.address,
        provider: bonded.voucher.provider,
        slash,
        rewards: pool.rewards,
        rent_receiver: world.payer().pubkey(),
    };
    let receipt = world.ok(&[execute.instruction(&joule_stake_interface::instruction::ExecuteSlashArgs {})], &[]);
    let event: joule_stake_interface::event::Slashed = receipt.event(joule_stake_interface::ID);
    assert_eq!((event.own, event.unbonding, event.withheld), (Tokens(0), Tokens(0), Tokens(BOND)));
}

/// A policy that promises more than its pool keeps is refused; and so is an attestation, where the pool is about to keep less.
#[test]
fn nothing_is_said_for_longer_than_stake_answers() {
    let bonded = Bonded::new();
    let (story, world, pool) = (&bonded.story, &bonded.story.world, &bonded.pool);
    let (signers, authority) = (&[&bonded.voucher.key][..], &story.authority()[..]);
    let asking = story.registry().policy;
    for longer in [
        Policy { max_attestation_period: Seconds(30 * DAY as u32 + 1), ..asking },
        Policy { liability_period: Seconds(7 * DAY as u32 + 1), ..asking },
    ] {
        assert_eq!(world.out_of_range(story.propose_policy(longer), authority), "max_attestation_period");
    }
    let free = Policy { attestor_bond: Tokens(0), liability_period: Seconds(90 * DAY as u32), ..asking };
    for accepted in [asking, free] {
        world.ok(&[story.propose_policy(accepted)], authority);
    }
    let attest = |days| story.attest(&bonded.voucher, &bonded.machine, story.in_days(days));
    for (name, address) in [("pool", ID), ("pool", story.network.address)] {
        world.fails(swap(attest(30), name, address), signers, IdentityError::WrongAddress);
    }

    // Stake that leaves later will answer for less.
    let shorter = PoolPolicy { unbonding_period: Seconds(20 * DAY as u32), ..rules() };
    world.ok(&[pool.propose_policy_instruction(world, &story.network, shorter, joule_stake_interface::ID)], authority);
    world.fails(attest(14), signers, IdentityError::InvalidExpiry);
    assert_eq!(world.out_of_range(story.propose_policy(asking), authority), "max_attestation_period");
    let withdraw = story.withdraw(&bonded.voucher, &bonded.machine);
    world.ok(&[attest(13), withdraw.clone()], signers);
    world.pass(story.network.parameters(world).change_delay.0 as u64);
    world.ok(&[pool.execute_policy_instruction(world)], &[]);
    world.fails(attest(14), signers, IdentityError::InvalidExpiry);
    // And for more, as soon as it does.
    world.ok(&[pool.propose_policy_instruction(world, &story.network, rules(), joule_stake_interface::ID)], authority);
    world.fails(attest(14), signers, IdentityError::InvalidExpiry);
    let change: PolicyChange = world.read(pool.change());
    world.pass((change.executable_at.0 - world.now().0) as u64);
    world.ok(&[pool.execute_policy_instruction(world)], &[]);
    world.ok(&[attest(30)], signers);
}

/// Whatever becomes of the attestation, the node, its owner, the attestor or the registry's rules.
#[test]
fn what_was_said_stays_punishable() {
    type Escape = fn(&mut Bonded);
    let escapes: [(&str, Escape); 8] = [
        ("withdrawn", |it| {
            let withdraw = it.story.withdraw(&it.voucher, &it.machine);
            it.story.world.ok(&[withdraw], &[&it.voucher.key]);
        }),
        ("expired", |it| it.story.world.pass(31 * DAY)),
        ("renewed by its owner", |it| {
            let specification = it.story.node(&it.machine).specification;
            let renew = it.story.change_specification(&it.machine, specification, VOUCHED);
            it.story.world.ok(&[renew], &[&it.story.owner]);
        }),
        ("moved to the owner's second wallet", |it| {
            let (owner, second) = (it.story.owner.insecure_clone(), it.story.world.user());
            let moved = it.story.transfer(&it.machine, &owner, &second);
            let sync = signed(it.story.tree.sync_instruction(&moved, OPERATOR, VOUCHED), "owner");
            it.story.world.ok(&[sync], &[&second]);
        }),
        ("out of service", |it| {
            it.story.world.ok(&[it.story.deactivate_signed(&it.machine)], &[&it.story.owner]);
        }),
        ("out and in again", |it| {
            it.story.world.ok(&[it.story.deactivate_signed(&it.machine)], &[&it.story.owner]);
            it.story.world.ok(&[it.story.activate_in(&it.machine, VOUCHED)], &[&it.story.owner]);
        }),
        ("by one who is no attestor any more", |it| {
            it.story.world.ok(&[it.story.remove_attestor(1)], &it.story.authority());
        }),
        ("when no bond is asked for any more", |it| {
            let free = Policy { attestor_bond: Tokens(0), liability_period: Seconds(0), ..it.story.registry().policy };
            it.story.set_policy(free);
        }),
    ];
    for (name, escape) in escapes {
        let mut bonded = Bonded::new();
        bonded.story.world.ok(&[bonded.attest()], &[&bonded.voucher.key]);
        bonded.pool.add_slasher(&bonded.story.world, &bonded.story.network, bonded.story.tree.registry);
        escape(&mut bonded);
        println!("{name}");
        bonded.story.world.fails(bonded.close_statement(), &[], IdentityError::StatementNotEnded);
        bonded.story.world.ok(&[bonded.punish(BOND)], &bonded.story.authority());
    }
}

#[test]
fn a_statement_has_an_end() {
    let bonded = Bonded::new();
    let (story, world) = (&bonded.story, &bonded.story.world);
    world.ok(&[bonded.attest()], &[&bonded.voucher.key]);
    bonded.pool.add_slasher(world, &story.network, story.tree.registry);
    let last = bonded.expires_at.0 + 7 * DAY as i64 - 1;
    world.pass((last - world.now().0) as u64);
    let close = || bonded.close_statement();
    world.fails(close(), &[], IdentityError::StatementNotEnded);
    checks_its_shape(world, &bonded.punish(BOND), &story.authority());
    world.pass(1);
    world.fails(bonded.punish(BOND), &story.authority(), IdentityError::StatementEnded);
    world.fails(swap(close(), "payer", story.owner.pubkey()), &[], IdentityError::WrongPayer);
    world.fails(swap(close(), "statement", bonded.machine.node()), &[], IdentityError::WrongAccountType);
    checks_its_shape(world, &close(), &[]);
    let (payer, rent) = (world.payer().pubkey(), world.lamports(bonded.statement()));
    let before = world.lamports(payer);
    world.ok(&[close()], &[]);
    assert!(world.account(bonded.statement()).is_none());
    // Less the transaction's fee.
    assert!(world.lamports(payer) > before + rent - 100_000);
}

#[test]
fn a_statement_is_kept_of_each_attestation_with_a_bond() {
    let bonded = Bonded::new();
    let (story, world, signers) = (&bonded.story, &bonded.story.world, &[&bonded.voucher.key][..]);
    checks_its_shape(world, &bonded.attest(), signers);
    // Left out, it lies at no address of its own.
    world.fails(swap(bonded.attest(), "statement", ID), signers, IdentityError::WrongAddress);
    let elsewhere = swap(bonded.attest(), "statement", OPERATOR);
    world.fails(elsewhere, signers, IdentityError::WrongAddress);
    world.fails(swap(bonded.attest(), "system_program", ID), signers, IdentityError::WrongProgram);
    world.ok(&[bonded.attest()], signers);
    // Said again, it is another one; with the same end it would be the same.
    let withdraw = story.withdraw(&bonded.voucher, &bonded.machine);
    world.ok(&[withdraw], signers);
    world.fails(bonded.attest(), signers, IdentityError::AlreadyInitialized);
    let again = story.attest(&bonded.voucher, &bonded.machine, Timestamp(bonded.expires_at.0 - 1));
    world.ok(&[again], signers);
    assert!(bonded.serves());
}

#[test]
fn punishing_checks_its_accounts() {
    let mut bonded = Bonded::new();
    let (stranger, theirs) = bonded.story.stranger();
    let (story, voucher) = (&bonded.story, &bonded.voucher);
    let world = &story.world;
    let authority = &story.authority()[..];
    let punish = || bonded.punish(BOND);
    world.fails(punish(), authority, IdentityError::WrongOwner);
    world.ok(&[bonded.attest()], &[&voucher.key]);
    // Stake itself says that the registry is no slasher there.
    world.fails(punish(), authority, StakeError::WrongOwner);
    bonded.pool.add_slasher(world, &story.network, story.tree.registry);

    checks_its_shape(world, &punish(), authority);
    let usurped = swap(punish(), "authority", stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    let elsewhere = swap(usurped, "network", stranger.address);
    world.fails(elsewhere.clone(), &[&stranger.authority], IdentityError::WrongNetwork);
    let elsewhere = swap(elsewhere, "registry", theirs.registry);
    world.fails(elsewhere, &[&stranger.authority], IdentityError::WrongRegistry);
    world.fails(swap(punish(), "network", story.tree.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(punish(), "registry", theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(punish(), "registry", story.tree.address), authority, IdentityError::WrongAccountType);
    world.fails(swap(punish(), "statement", bonded.machine.node()), authority, IdentityError::WrongAccountType);
    world.fails(swap(punish(), "provider", OPERATOR), authority, IdentityError::WrongProvider);
    world.fails(swap(punish(), "stake_program", BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    assert_eq!(world.out_of_range(bonded.punish(BOND + 1), authority), "amount");
    world.fails(bonded.punish(0), authority, StakeError::ZeroAmount);

    // Nobody else proposes in the registry's name: it signs for the network's authority alone.
    let slash = joule_stake_interface::pda::slash::find(&voucher.provider, &0u64.to_le_bytes()).0;
    let direct = ProposeSlash {
        payer: world.payer().pubkey(),
        slasher_authority: story.network.authority.pubkey(),
        slasher: bonded.pool.slasher(story.tree.registry),
        pool: bonded.pool.address,
        provider: voucher.provider,
        slash,
        system_program: SYSTEM_PROGRAM,
    };
    let args = ProposeSlashArgs { amount: Tokens(1), evidence: [0; 32], sentence: 0 };
    world.fails(direct.instruction(&args), authority, StakeError::Unauthorized);
    world.ok(&[punish()], authority);
}

/// Neither who paid for the machine's record, for the attestor's account, for the registry or for the pool, nor who signs.
#[test]
fn who_pays_for_a_statement_and_who_pays_for_a_slash_get_their_rent_back() {
    let mut bonded = Bonded::new();
    let [payer, other]: [Keypair; 2] = std::array::from_fn(|_| bonded.story.world.user());
    let (story, pool, provider) = (&bonded.story, &bonded.pool, bonded.voucher.provider);
    let world = &story.world;
    pool.add_slasher(world, &story.network, story.tree.registry);
    world.ok(&[swap(bonded.attest(), "payer", payer.pubkey())], &[&payer, &bonded.voucher.key]);
    let statement: Statement = world.read(bonded.statement());
    assert_eq!((statement.provider, statement.payer), (provider, payer.pubkey()));
    let authority = &story.network.authority;
    world.ok(&[swap(bonded.punish(BOND), "payer", other.pubkey())], &[&other, authority]);
    let address = joule_stake_interface::pda::slash::find(&provider, &0u64.to_le_bytes()).0;
    let slash: Slash = world.read(address);
    assert_eq!((slash.provider, slash.payer), (provider, other.pubkey()));

    let veto = pool.veto_slash_instruction(authority.pubkey(), address, &slash);
    world.closes(swap(veto, "rent_receiver", other.pubkey()), &[authority], address, other.pubkey());
    world.set_time(statement.liability_ends_at);
    let close = swap(bonded.close_statement(), "payer", payer.pubkey());
    world.closes(close, &[], bonded.statement(), payer.pubkey());
}

/// As long as the pool says, which here is not the day that other things wait.
#[test]
fn the_slash_of_an_attestor_waits_as_in_its_pool() {
    let mut bonded = Bonded::new();
    let state: joule_stake_interface::state::Pool = bonded.story.world.read(bonded.pool.address);
    let policy = PoolPolicy { slash_delay: Seconds(100_000), ..state.policy };
    bonded.story.world.forge(bonded.pool.address, &joule_stake_interface::state::Pool { policy, ..state });
    let (story, pool) = (&bonded.story, &bonded.pool);
    let world = &story.world;
    pool.add_slasher(world, &story.network, story.tree.registry);
    world.ok(&[bonded.attest()], &[&bonded.voucher.key]);
    world.ok(&[bonded.punish(BOND)], &story.authority());
    let address = joule_stake_interface::pda::slash::find(&bonded.voucher.provider, &0u64.to_le_bytes()).0;
    assert_eq!(world.read::<Slash>(address).executable_at, world.now().after(Seconds(100_000)).unwrap());
}
