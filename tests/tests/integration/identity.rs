//! `identity`, on the real Bubblegum and account compression.

use {
    joule_identity_interface::{
        BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM, ID, IdentityError, LOG_WRAPPER, event,
        instruction::*,
        pda,
        state::{Node, Registry, Tree as TreeState, status},
    },
    joule_interface::{Account as _, Address, Header, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_tests::{
        Network, World,
        bench::Table,
        fixture::{Machine, Tree, create_registry, merkle_tree_size, metadata},
        world::{read_only, swap, unsigned},
    },
    mpl_bubblegum::{
        accounts::TreeConfig,
        hash::{hash_creators, hash_metadata},
        instructions::{BurnBuilder, CreateTreeConfigBuilder, MintV1Builder, SetTreeDelegateBuilder, TransferBuilder},
        types::*,
    },
    solana_account::Account,
    solana_keypair::Keypair,
    solana_program::instruction::AccountMeta,
    solana_signer::Signer,
    solana_system_interface::instruction::create_account,
    spl_merkle_tree_reference::{EMPTY, MerkleTree},
};

const OPERATOR: Address = Address::new_from_array([0x0b; 32]);
const CLASS: u32 = 7;
/// The smallest tree that account compression knows.
const DEPTH: u32 = 3;
const BUFFER: u32 = 8;

/// Errors of the programs that are called: Anchor numbers them from 6,000.
mod theirs {
    /// Account compression: the leaf is not there, or the proof does not lead to it.
    pub const NO_SUCH_LEAF: u32 = 6001;
    /// Account compression: there is no tree of that depth and buffer.
    pub const UNKNOWN_SHAPE: u32 = 6003;
    /// Account compression: what is behind the tree is no canopy.
    pub const CANOPY_LENGTH: u32 = 6004;
    /// Bubblegum: who signs neither created the tree nor is its delegate.
    pub const NOT_CREATOR: u32 = 6016;
}

/// A network with a registry and a small tree, and an owner of machines.
struct Story {
    world: World,
    network: Network,
    tree: Tree,
    owner: Keypair,
}

impl Story {
    fn new() -> Self {
        Self::with(DEPTH, BUFFER, 0)
    }

    /// The same, with a tree of another shape.
    fn with(depth: u32, buffer: u32, canopy: u32) -> Self {
        let mut world = World::new();
        let owner = world.user();
        let (network, tree) = network_with_tree(&mut world, depth, buffer, canopy);
        Self { world, network, tree, owner }
    }

    /// The same, and the owner has a machine.
    fn with_machine() -> (Self, Machine) {
        let mut story = Self::new();
        let machine = story.mint("first");
        (story, machine)
    }

    fn authority(&self) -> [&Keypair; 1] {
        [&self.network.authority]
    }

    fn create_registry(&self) -> Instruction {
        CreateRegistry {
            payer: self.world.payer().pubkey(),
            authority: self.network.authority.pubkey(),
            network: self.network.address,
            registry: pda::registry::find(&self.network.address).0,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&CreateRegistryArgs {})
    }

    /// What registers an allocated Merkle tree.
    fn create_tree(&self, merkle_tree: Address, max_depth: u32, max_buffer_size: u32) -> Instruction {
        CreateTree {
            payer: self.world.payer().pubkey(),
            authority: self.network.authority.pubkey(),
            network: self.network.address,
            registry: self.tree.registry,
            tree: pda::tree::find(&merkle_tree).0,
            merkle_tree,
            tree_config: TreeConfig::find_pda(&merkle_tree).0,
            bubblegum_program: BUBBLEGUM_PROGRAM,
            compression_program: COMPRESSION_PROGRAM,
            log_wrapper: LOG_WRAPPER,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&CreateTreeArgs { max_depth, max_buffer_size })
    }

    /// An account of zeros.
    fn allocate(&self, size: usize, owner: Address) -> Address {
        let (account, payer) = (self.world.key(), self.world.payer().pubkey());
        let create = create_account(&payer, &account.pubkey(), self.world.rent(size), size as u64, &owner);
        self.world.ok(&[create], &[&account]);
        account.pubkey()
    }

    /// An account for a tree of the story's shape.
    fn allocate_tree(&self) -> Address {
        self.allocate(merkle_tree_size(DEPTH, BUFFER, 0), COMPRESSION_PROGRAM)
    }

    fn mint_instruction(&self, metadata: &MetadataArgs) -> Instruction {
        self.tree.mint_instruction(&self.world, &self.network, self.owner.pubkey(), metadata)
    }

    fn mint(&mut self, name: &str) -> Machine {
        self.tree.mint(&self.world, &self.network, self.owner.pubkey(), name).0
    }

    fn activate(&self, machine: &Machine) -> Instruction {
        self.tree.activate_instruction(&self.world, machine, OPERATOR, CLASS)
    }

    fn tree_state(&self) -> TreeState {
        self.world.read(self.tree.address)
    }

    /// Account compression looks for the leaf, and does not find it.
    #[track_caller]
    fn no_such_leaf(&self, instruction: Instruction, owner: &Keypair) {
        self.refused_by(COMPRESSION_PROGRAM, theirs::NO_SUCH_LEAF, instruction, &[owner]);
    }

    /// The called program itself refuses, with this error.
    #[track_caller]
    fn refused_by(&self, program: Address, code: u32, instruction: Instruction, signers: &[&Keypair]) {
        let Err(failure) = self.world.send(&[instruction], signers) else { panic!("succeeded") };
        let line = format!("Program {program} failed: custom program error: {code:#x}");
        assert!(failure.logs.contains(&line), "{line} expected, but:\n{}", failure.logs.join("\n"));
    }

    /// Another network with a registry and a tree, in the same world.
    fn stranger(&mut self) -> (Network, Tree) {
        network_with_tree(&mut self.world, DEPTH, BUFFER, 0)
    }

    /// Changes an account, whoever owns it.
    fn edit(&mut self, address: Address, change: impl FnOnce(&mut Account)) {
        let mut account = self.world.account(address).unwrap();
        change(&mut account);
        self.world.set_account(address, account);
    }

    /// What moves a machine to another owner, at Bubblegum.
    fn transfer(&self, machine: &Machine, to: Address) -> Instruction {
        TransferBuilder::new()
            .tree_config(self.tree.config)
            .leaf_owner(machine.owner, true)
            .leaf_delegate(machine.owner, false)
            .new_leaf_owner(to)
            .merkle_tree(self.tree.merkle_tree)
            .root(self.tree.root())
            .data_hash(hash_metadata(&machine.metadata).unwrap())
            .creator_hash(hash_creators(&machine.metadata.creators))
            .nonce(machine.nonce)
            .index(machine.nonce as u32)
            .add_remaining_accounts(&self.tree.proof(machine))
            .instruction()
    }

    /// What burns it.
    fn burn(&self, machine: &Machine) -> Instruction {
        BurnBuilder::new()
            .tree_config(self.tree.config)
            .leaf_owner(machine.owner, true)
            .leaf_delegate(machine.owner, false)
            .merkle_tree(self.tree.merkle_tree)
            .root(self.tree.root())
            .data_hash(hash_metadata(&machine.metadata).unwrap())
            .creator_hash(hash_creators(&machine.metadata.creators))
            .nonce(machine.nonce)
            .index(machine.nonce as u32)
            .add_remaining_accounts(&self.tree.proof(machine))
            .instruction()
    }
}

fn network_with_tree(world: &mut World, depth: u32, buffer: u32, canopy: u32) -> (Network, Tree) {
    let network = Network::new(world, &[]).0;
    create_registry(world, &network);
    let tree = Tree::new(world, &network, depth, buffer, canopy).0;
    (network, tree)
}

/// An activation with other arguments.
fn with_args(mut activate: Instruction, change: impl FnOnce(&mut ActivateNodeArgs)) -> Instruction {
    change(bytemuck::from_bytes_mut(&mut activate.data[1..]));
    activate
}

/// An activation with the proof of `leaf` as the first and only one of a tree.
fn with_only_leaf(activate: Instruction, leaf: [u8; 32]) -> Instruction {
    let mut copy = MerkleTree::new(&[EMPTY; 1 << DEPTH]);
    copy.add_leaf(leaf, 0);
    let mut activate = with_args(activate, |args| args.root = copy.get_root());
    activate.accounts.truncate(ActivateNode::<()>::ACCOUNTS.len());
    let nodes = copy.get_proof_of_leaf(0).into_iter().map(Address::new_from_array);
    activate.accounts.extend(nodes.map(|node| AccountMeta::new_readonly(node, false)));
    activate
}

fn creator(address: Address, verified: bool, share: u8) -> Creator {
    Creator { address, verified, share }
}

// From a tree to a machine in service

#[test]
fn a_machine_is_minted_and_put_into_service() {
    let mut story = Story::with(14, 64, 0);
    let (machine, minted) = story.tree.mint(&story.world, &story.network, story.owner.pubkey(), "first");
    let tree = &story.tree;

    // Minting returns the asset, tells of it, and creates nothing of ours.
    assert_eq!(machine.asset, mpl_bubblegum::utils::get_asset_id(&tree.merkle_tree, 0));
    assert_eq!(minted.return_data, [&machine.asset.to_bytes()[..], &0u64.to_le_bytes()].concat());
    let event: event::NodeMinted = minted.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (tree.address, 1));
    assert_eq!((event.asset, event.owner, event.nonce), (machine.asset, machine.owner, 0));
    assert_eq!((story.tree_state().capacity, story.tree_state().minted), (1 << 14, 1));
    let config = TreeConfig::from_bytes(&story.world.account(tree.config).unwrap().data).unwrap();
    assert_eq!((config.num_minted, config.tree_creator, config.is_public), (1, tree.registry, false));
    assert!(story.world.account(machine.node()).is_none());

    assert_eq!(tree.proof(&machine).len(), 14);
    let activated = story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    let node: Node = story.world.read(machine.node());
    assert_eq!((node.network, node.merkle_tree), (story.network.address, tree.merkle_tree));
    assert_eq!((node.asset, node.nonce, node.index), (machine.asset, 0, 0));
    assert_eq!((node.owner, node.operator), (machine.owner, OPERATOR));
    assert_eq!((node.class, node.specification), (CLASS, [0x5c; 32]));
    assert_eq!((node.status, node.synced), (status::ACTIVE, story.world.now()));
    assert_eq!(node.payer, story.world.payer().pubkey());
    let event: event::NodeActivated = activated.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (machine.node(), 1));
    assert_eq!((event.owner, event.operator, event.specification), (node.owner, node.operator, node.specification));
    assert_eq!(event.class, CLASS as u64);

    // What a network's users share is read only; activations do not even meet the mints.
    for shared in [story.network.address, tree.registry] {
        assert!(!minted.writable.contains(&shared) && !activated.writable.contains(&shared));
    }
    assert!(!activated.writable.contains(&tree.merkle_tree) && !activated.writable.contains(&tree.address));
}

#[test]
fn trees_are_counted_and_told_of() {
    let story = Story::new();
    for (count, canopy) in [(2, 0), (3, 2)] {
        let (tree, receipt) = Tree::new(&story.world, &story.network, DEPTH, BUFFER, canopy);
        let event: event::TreeRegistered = receipt.event(ID);
        assert_eq!((event.header.source, event.header.sequence), (tree.registry, count));
        assert_eq!((event.merkle_tree, event.capacity), (tree.merkle_tree, 8));
        let registry: Registry = story.world.read(tree.registry);
        assert_eq!((registry.network, registry.trees), (story.network.address, count));
        let state: TreeState = story.world.read(tree.address);
        assert_eq!(
            (state.registry, state.merkle_tree, state.tree_config),
            (tree.registry, tree.merkle_tree, tree.config)
        );
        assert_eq!((state.capacity, state.minted), (8, 0));
    }
}

#[test]
fn a_canopy_shortens_proofs() {
    let mut story = Story::with(14, 64, 10);
    let (first, second) = (story.mint("first"), story.mint("second"));
    assert_eq!(story.tree.proof(&first).len(), 4);
    story.world.ok(&[story.activate(&first)], &[&story.owner]);
    // Who does not know of the canopy sends the whole proof.
    story.tree.canopy = 0;
    assert_eq!(story.tree.proof(&second).len(), 14);
    story.world.ok(&[story.activate(&second)], &[&story.owner]);
}

#[test]
fn a_proof_survives_later_mints() {
    let mut story = Story::with(14, 64, 0);
    let machine = story.mint("first");
    let (root, activate) = (story.tree.root(), story.activate(&machine));
    for _ in 0..3 {
        story.mint("later");
    }
    assert_ne!(root, story.tree.root());
    story.world.ok(&[activate], &[&story.owner]);
}

#[test]
fn a_tree_fills_to_its_last_leaf() {
    let mut story = Story::new();
    let machines: Vec<_> = (0..8).map(|_| story.mint("one of eight")).collect();
    let ninth = story.mint_instruction(&metadata("ninth"));
    story.world.fails(ninth, &story.authority(), IdentityError::TreeFull);
    for machine in machines {
        story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    }
}

#[test]
fn a_delegate_stands_in_the_leaf() {
    let story = Story::new();
    let delegate = Address::new_from_array([0xde; 32]);
    let metadata = metadata("delegated");
    story.world.ok(&[swap(story.mint_instruction(&metadata), 8, delegate)], &story.authority());
    let owner = story.owner.pubkey();
    let machine = Machine { asset: pda::asset(&story.tree.merkle_tree, 0), owner, nonce: 0, metadata };
    let leaf = LeafSchema::V1 {
        id: machine.asset,
        owner,
        delegate,
        nonce: 0,
        data_hash: hash_metadata(&machine.metadata).unwrap(),
        creator_hash: hash_creators(&[]),
    };
    let activate = with_only_leaf(story.activate(&machine), leaf.hash());
    story.no_such_leaf(activate.clone(), &story.owner);
    story.world.ok(&[swap(activate, 2, delegate)], &[&story.owner]);
}

#[test]
fn lamports_at_an_address_do_not_stop_its_creation() {
    let (mut story, machine) = Story::with_machine();
    story.world.set_account(machine.node(), Account { lamports: 1, ..Account::default() });
    story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    assert_eq!(story.world.lamports(machine.node()), story.world.rent(size_of::<Node>()));
}

// Whose leaf it is

#[test]
fn a_leaf_is_its_present_owners() {
    let (mut story, machine) = Story::with_machine();
    let buyer = story.world.user();
    let sold = Machine { owner: buyer.pubkey(), ..machine.clone() };
    let before = story.activate(&machine);
    story.world.ok(&[story.transfer(&machine, buyer.pubkey())], &[&story.owner]);

    let after = with_only_leaf(before.clone(), sold.leaf());
    story.no_such_leaf(before, &story.owner);
    story.no_such_leaf(after, &story.owner);
    let activate = with_only_leaf(story.activate(&sold), sold.leaf());
    story.world.ok(&[activate], &[&buyer]);
    assert_eq!(story.world.read::<Node>(machine.node()).owner, buyer.pubkey());
}

#[test]
fn a_burned_machine_is_gone() {
    let (story, machine) = Story::with_machine();
    let activate = story.activate(&machine);
    story.world.ok(&[story.burn(&machine)], &[&story.owner]);
    story.no_such_leaf(activate.clone(), &story.owner);
    story.no_such_leaf(with_only_leaf(activate, EMPTY), &story.owner);
}

#[test]
fn nobody_activates_anothers_machine() {
    let (mut story, machine) = Story::with_machine();
    let thief = story.world.user();
    let activate = || story.activate(&machine);
    story.world.fails(unsigned(activate(), 1), &[], IdentityError::MissingSigner);
    let stolen = swap(activate(), 1, thief.pubkey());
    story.no_such_leaf(stolen.clone(), &thief);
    story.no_such_leaf(swap(stolen, 2, thief.pubkey()), &thief);
}

#[test]
fn a_proof_proves_one_leaf() {
    let (mut story, machine) = Story::with_machine();
    let other = story.mint("other");
    let activate = || story.activate(&machine);
    // Each of what a leaf is made of counts.
    story.no_such_leaf(with_args(activate(), |args| args.data_hash[0] ^= 1), &story.owner);
    story.no_such_leaf(with_args(activate(), |args| args.creator_hash[0] ^= 1), &story.owner);
    story.no_such_leaf(swap(activate(), 2, Address::default()), &story.owner);
    story.no_such_leaf(with_args(activate(), |args| (args.nonce, args.index) = (1, 1)), &story.owner);
    // And so does the proof.
    let mut mixed = activate();
    mixed.accounts.truncate(9);
    story.no_such_leaf(mixed.clone(), &story.owner);
    mixed.accounts.extend(story.tree.proof(&other));
    story.no_such_leaf(mixed, &story.owner);
    story.world.ok(&[activate(), story.activate(&other)], &[&story.owner]);
}

#[test]
fn a_nonce_is_the_index_of_a_minted_leaf() {
    let (mut story, machine) = Story::with_machine();
    story.mint("second");
    for (nonce, index) in [(0, 1), (1, 0), (2, 2), (1 << 32, 0), (u64::MAX, u32::MAX)] {
        let activate = with_args(story.activate(&machine), |args| (args.nonce, args.index) = (nonce, index));
        story.world.fails(activate, &[&story.owner], IdentityError::LeafIndexOutOfRange);
    }
}

#[test]
fn a_machine_is_activated_once() {
    let (story, machine) = Story::with_machine();
    story.world.ok(&[story.activate(&machine)], &[&story.owner]);
    story.world.fails(story.activate(&machine), &[&story.owner], IdentityError::AlreadyInitialized);
}

#[test]
fn activation_checks_its_arguments() {
    let (story, machine) = Story::with_machine();
    let (world, owner) = (&story.world, &[&story.owner][..]);
    world.fails(with_args(story.activate(&machine), |args| args.class = 0), owner, IdentityError::InvalidClass);
    let mut long = story.activate(&machine);
    long.accounts.push(AccountMeta::new_readonly(OPERATOR, false));
    world.fails(long, owner, IdentityError::ProofTooLong);

    let mut activate = story.activate(&machine);
    activate.data.push(0);
    world.fails(activate.clone(), owner, IdentityError::InvalidArguments);
    activate.data.truncate(100);
    world.fails(activate.clone(), owner, IdentityError::InvalidArguments);
    activate.data.truncate(0);
    world.fails(activate.clone(), owner, IdentityError::UnknownInstruction);
    activate.data.push(255);
    world.fails(activate, owner, IdentityError::UnknownInstruction);
}

#[test]
fn activation_checks_its_accounts() {
    let (mut story, machine) = Story::with_machine();
    let (stranger, theirs) = story.stranger();
    let (world, tree, owner) = (&story.world, &story.tree, &[&story.owner][..]);
    let activate = || story.activate(&machine);

    world.fails(read_only(activate(), 6), owner, IdentityError::NotWritable);
    let unpaid = unsigned(swap(activate(), 0, stranger.authority.pubkey()), 0);
    world.fails(unpaid, owner, IdentityError::MissingSigner);
    world.fails(swap(activate(), 3, stranger.address), owner, IdentityError::WrongOwner);
    world.fails(swap(activate(), 3, tree.address), owner, IdentityError::WrongKind);
    world.fails(swap(activate(), 3, theirs.registry), owner, IdentityError::WrongRegistry);
    world.fails(swap(activate(), 4, tree.merkle_tree), owner, IdentityError::WrongOwner);
    world.fails(swap(activate(), 4, tree.registry), owner, IdentityError::WrongKind);
    world.fails(swap(activate(), 4, theirs.address), owner, IdentityError::WrongRegistry);
    world.fails(swap(activate(), 5, theirs.merkle_tree), owner, IdentityError::WrongTree);
    world.fails(swap(activate(), 6, pda::node::find(&tree.address).0), owner, IdentityError::WrongAddress);
    world.fails(swap(activate(), 7, BUBBLEGUM_PROGRAM), owner, IdentityError::WrongProgram);
    world.fails(swap(activate(), 8, TOKEN_PROGRAM), owner, IdentityError::WrongProgram);
    let mut short = activate();
    short.accounts.truncate(8);
    world.fails(short, owner, IdentityError::NotEnoughAccounts);

    let activate = activate();
    story.edit(story.tree.merkle_tree, |account| account.owner = TOKEN_PROGRAM);
    story.world.fails(activate, &[&story.owner], IdentityError::InvalidTree);
}

// Who mints what

#[test]
fn only_the_registry_mints() {
    let story = Story::new();
    let authority = story.network.authority.pubkey();
    // At Bubblegum itself, not even the network's authority.
    let mint = MintV1Builder::new()
        .tree_config(story.tree.config)
        .leaf_owner(authority)
        .leaf_delegate(authority)
        .merkle_tree(story.tree.merkle_tree)
        .payer(story.world.payer().pubkey())
        .tree_creator_or_delegate(authority)
        .metadata(metadata("at the door"))
        .instruction();
    story.refused_by(BUBBLEGUM_PROGRAM, theirs::NOT_CREATOR, mint, &story.authority());
    let delegate = SetTreeDelegateBuilder::new()
        .tree_config(story.tree.config)
        .merkle_tree(story.tree.merkle_tree)
        .tree_creator(authority)
        .new_tree_delegate(authority)
        .instruction();
    assert!(story.world.send(&[delegate], &story.authority()).is_err());
}

#[test]
fn minting_checks_its_accounts() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let sibling = Tree::new(&story.world, &story.network, DEPTH, BUFFER, 0).0;
    let (world, tree, authority) = (&story.world, &story.tree, &story.authority()[..]);
    let mint = || story.mint_instruction(&metadata("refused"));

    world.fails(unsigned(mint(), 1), &[], IdentityError::MissingSigner);
    let unpaid = unsigned(swap(mint(), 0, stranger.authority.pubkey()), 0);
    world.fails(unpaid, authority, IdentityError::MissingSigner);
    for index in [4, 5, 6] {
        world.fails(read_only(mint(), index), authority, IdentityError::NotWritable);
    }
    let usurped = swap(mint(), 1, stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(mint(), 2, tree.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), 2, story.network.burn_shard(0)), authority, IdentityError::WrongKind);
    world.fails(swap(usurped, 2, stranger.address), &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(mint(), 3, story.network.address), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), 3, tree.address), authority, IdentityError::WrongKind);
    world.fails(swap(mint(), 3, theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(mint(), 4, tree.merkle_tree), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), 4, tree.registry), authority, IdentityError::WrongKind);
    world.fails(swap(mint(), 4, theirs.address), authority, IdentityError::WrongRegistry);
    world.fails(swap(mint(), 5, theirs.merkle_tree), authority, IdentityError::WrongTree);
    world.fails(swap(mint(), 6, theirs.config), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(mint(), 6, sibling.config), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(mint(), 9, COMPRESSION_PROGRAM), authority, IdentityError::WrongProgram);
    for index in [10, 11, 12] {
        world.fails(swap(mint(), index, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    }
    let mut short = mint();
    short.accounts.truncate(12);
    world.fails(short, authority, IdentityError::NotEnoughAccounts);
    assert_eq!(story.tree_state().minted, 0);
}

#[test]
fn a_configuration_that_is_not_the_registrys_is_refused() {
    let (mut story, _) = Story::with_machine();
    let config = story.world.account(story.tree.config).unwrap();
    type Change = fn(&mut Account);
    let cases: [(&str, Change); 9] = [
        ("of another program", |account| account.owner = TOKEN_PROGRAM),
        ("of another kind", |account| account.data[0] ^= 1),
        ("shorter", |account| account.data.truncate(95)),
        ("longer", |account| account.data.push(0)),
        ("of another's tree", |account| account.data[8] ^= 1),
        ("with a delegate", |account| account.data[40] ^= 1),
        ("behind ours", |account| account.data[80] = 0),
        ("ahead of ours", |account| account.data[80] = 2),
        ("public", |account| account.data[88] = 1),
    ];
    for (name, change) in cases {
        println!("{name}");
        story.world.set_account(story.tree.config, config.clone());
        story.edit(story.tree.config, change);
        let mint = story.mint_instruction(&metadata("refused"));
        story.world.fails(mint, &story.authority(), IdentityError::WrongTreeConfig);
    }
    story.world.set_account(story.tree.config, config);
    story.mint("second");
}

#[test]
fn a_leaf_that_bubblegum_did_not_count_is_not_believed() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let registry = create_registry(&world, &network);
    let owner = world.user();
    // In Bubblegum's place, before it ever ran: a program that takes everything and does nothing.
    let idle = world.account(LOG_WRAPPER).unwrap();
    world.set_account(BUBBLEGUM_PROGRAM, idle);
    let merkle_tree = world.key().pubkey();
    let (tree, tree_config) = (pda::tree::find(&merkle_tree).0, pda::tree_config(&merkle_tree));
    world.forge(
        tree,
        &TreeState {
            header: Header { kind: TreeState::KIND, version: TreeState::VERSION, bump: 0, reserved: [0; 5] },
            registry,
            merkle_tree,
            tree_config,
            capacity: 8,
            minted: 0,
            sequence: 0,
            reserved: [0; 64],
        },
    );
    let config = TreeConfig {
        discriminator: [122, 245, 175, 248, 171, 34, 0, 207],
        tree_creator: registry,
        tree_delegate: registry,
        total_mint_capacity: 8,
        num_minted: 0,
        is_public: false,
        is_decompressible: DecompressibleState::Disabled,
        version: Version::V1,
    };
    let mut data = borsh::to_vec(&config).unwrap();
    data.resize(TreeConfig::LEN, 0);
    world.set_account(tree_config, Account { lamports: 1 << 30, data, owner: BUBBLEGUM_PROGRAM, ..Account::default() });
    let mint = MintNode {
        payer: world.payer().pubkey(),
        authority: network.authority.pubkey(),
        network: network.address,
        registry,
        tree,
        merkle_tree,
        tree_config,
        leaf_owner: owner.pubkey(),
        leaf_delegate: owner.pubkey(),
        bubblegum_program: BUBBLEGUM_PROGRAM,
        compression_program: COMPRESSION_PROGRAM,
        log_wrapper: LOG_WRAPPER,
        system_program: SYSTEM_PROGRAM,
    }
    .instruction_with(&MintNodeArgs {}, &borsh::to_vec(&metadata("imagined")).unwrap());
    world.fails(mint, &[&network.authority], IdentityError::WrongTreeConfig);
}

#[test]
fn metadata_has_limits() {
    let story = Story::new();
    let [a, b] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
    let payer = story.world.payer().pubkey();
    let usual = || metadata("usual");
    let collection = |verified| Some(Collection { verified, key: a });
    let creators = |creators| MetadataArgs { creators, ..usual() };
    let cases = [
        metadata(&"n".repeat(33)),
        MetadataArgs { symbol: "s".repeat(11), ..usual() },
        MetadataArgs { uri: "u".repeat(201), ..usual() },
        MetadataArgs { seller_fee_basis_points: 10_001, ..usual() },
        MetadataArgs { token_standard: None, ..usual() },
        MetadataArgs { token_standard: Some(TokenStandard::Fungible), ..usual() },
        MetadataArgs { collection: collection(true), ..usual() },
        creators(vec![creator(a, false, 99)]),
        creators(vec![creator(a, false, 50), creator(b, false, 51)]),
        creators(vec![creator(a, false, 156), creator(b, false, 200)]),
        creators(vec![creator(a, false, 50), creator(a, false, 50)]),
        creators(
            (0..6)
                .map(|i| creator(Address::new_from_array([i + 10; 32]), false, if i == 0 { 95 } else { 1 }))
                .collect(),
        ),
        creators(vec![creator(a, true, 100)]),
        // Bubblegum would take the payer's signature for this.
        creators(vec![creator(payer, true, 100)]),
    ];
    for metadata in cases {
        println!("{metadata:?}");
        story.world.fails(story.mint_instruction(&metadata), &story.authority(), IdentityError::InvalidMetadata);
    }
    let mut mint = story.mint_instruction(&usual());
    mint.data.push(0);
    story.world.fails(mint.clone(), &story.authority(), IdentityError::InvalidMetadata);
    for length in [mint.data.len() - 2, 1] {
        mint.data.truncate(length);
        story.world.fails(mint.clone(), &story.authority(), IdentityError::InvalidMetadata);
    }

    // Bubblegum takes all that is within them.
    let full = MetadataArgs {
        name: "n".repeat(32),
        symbol: "s".repeat(10),
        uri: "u".repeat(200),
        seller_fee_basis_points: 10_000,
        primary_sale_happened: true,
        edition_nonce: Some(255),
        collection: collection(false),
        uses: Some(Uses { use_method: UseMethod::Multiple, remaining: 1, total: 2 }),
        token_program_version: TokenProgramVersion::Token2022,
        creators: vec![creator(story.tree.registry, true, 60), creator(a, false, 40), creator(b, false, 0)],
        ..usual()
    };
    story.world.ok(&[story.mint_instruction(&full)], &story.authority());
    let owner = story.owner.pubkey();
    let machine = Machine { asset: pda::asset(&story.tree.merkle_tree, 0), owner, nonce: 0, metadata: full };
    let activate = with_only_leaf(story.activate(&machine), machine.leaf());
    story.world.ok(&[activate], &[&story.owner]);
}

// Setting up

#[test]
fn creating_a_registry_checks_its_accounts() {
    let mut story = Story::new();
    let stranger = story.stranger().0;
    story.network = Network::new(&mut story.world, &[]).0;
    let (world, authority) = (&story.world, &story.authority()[..]);
    let create = || story.create_registry();

    world.fails(unsigned(create(), 1), &[], IdentityError::MissingSigner);
    let unpaid = unsigned(swap(create(), 0, stranger.authority.pubkey()), 0);
    world.fails(unpaid, authority, IdentityError::MissingSigner);
    world.fails(read_only(create(), 3), authority, IdentityError::NotWritable);
    let usurped = swap(create(), 1, stranger.authority.pubkey());
    world.fails(usurped, &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(create(), 2, story.network.mint), authority, IdentityError::WrongOwner);
    world.fails(swap(create(), 2, story.network.burn_shard(0)), authority, IdentityError::WrongKind);
    world.fails(swap(create(), 3, OPERATOR), authority, IdentityError::WrongAddress);
    world.fails(swap(create(), 4, TOKEN_PROGRAM), authority, IdentityError::WrongProgram);
    let mut long = create();
    long.data.push(0);
    world.fails(long, authority, IdentityError::InvalidArguments);

    world.ok(&[create()], authority);
    world.fails(create(), authority, IdentityError::AlreadyInitialized);
}

#[test]
fn creating_a_tree_checks_its_accounts() {
    let mut story = Story::new();
    let (stranger, theirs) = story.stranger();
    let merkle_tree = story.allocate_tree();
    let (world, tree, authority) = (&story.world, &story.tree, &story.authority()[..]);
    let create = || story.create_tree(merkle_tree, DEPTH, BUFFER);

    world.fails(unsigned(create(), 1), &[], IdentityError::MissingSigner);
    let unpaid = unsigned(swap(create(), 0, stranger.authority.pubkey()), 0);
    world.fails(unpaid, authority, IdentityError::MissingSigner);
    for index in [3, 4, 5, 6] {
        world.fails(read_only(create(), index), authority, IdentityError::NotWritable);
    }
    let usurped = swap(create(), 1, stranger.authority.pubkey());
    world.fails(usurped.clone(), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(create(), 2, tree.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(create(), 2, story.network.burn_shard(0)), authority, IdentityError::WrongKind);
    world.fails(swap(usurped, 2, stranger.address), &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(create(), 3, theirs.registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(create(), 3, tree.address), authority, IdentityError::WrongKind);
    world.fails(swap(create(), 3, merkle_tree), authority, IdentityError::WrongOwner);
    world.fails(swap(create(), 4, pda::tree::find(&tree.address).0), authority, IdentityError::WrongAddress);
    world.fails(swap(create(), 6, tree.config), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(create(), 7, COMPRESSION_PROGRAM), authority, IdentityError::WrongProgram);
    for index in [8, 9, 10] {
        world.fails(swap(create(), index, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    }
    let mut long = create();
    long.data.push(0);
    world.fails(long, authority, IdentityError::InvalidArguments);
    world.ok(&[create()], authority);
}

#[test]
fn a_tree_is_registered_once() {
    let mut story = Story::new();
    let again = story.create_tree(story.tree.merkle_tree, DEPTH, BUFFER);
    story.world.fails(again, &story.authority(), IdentityError::InvalidTree);
    // Were it zero again, its registration would still stand.
    story.edit(story.tree.merkle_tree, |account| account.data.fill(0));
    let again = story.create_tree(story.tree.merkle_tree, DEPTH, BUFFER);
    story.world.fails(again, &story.authority(), IdentityError::AlreadyInitialized);
}

#[test]
fn a_tree_starts_empty_at_account_compression() {
    let mut story = Story::new();
    let foreign = story.allocate(merkle_tree_size(DEPTH, BUFFER, 0), TOKEN_PROGRAM);
    story.world.fails(story.create_tree(foreign, DEPTH, BUFFER), &story.authority(), IdentityError::InvalidTree);

    // Someone was faster, and made the account a tree of theirs.
    let (taken, payer) = (story.allocate_tree(), story.world.payer().pubkey());
    let take = CreateTreeConfigBuilder::new()
        .tree_config(pda::tree_config(&taken))
        .merkle_tree(taken)
        .payer(payer)
        .tree_creator(payer)
        .max_depth(DEPTH)
        .max_buffer_size(BUFFER)
        .instruction();
    story.world.ok(&[take], &[]);
    story.world.fails(story.create_tree(taken, DEPTH, BUFFER), &story.authority(), IdentityError::InvalidTree);

    let used = story.allocate_tree();
    story.edit(used, |account| account.data[55] = 1);
    story.world.fails(story.create_tree(used, DEPTH, BUFFER), &story.authority(), IdentityError::InvalidTree);
}

#[test]
fn a_tree_has_a_shape() {
    let story = Story::new();
    let size = |depth, buffer| merkle_tree_size(depth, buffer, 0);
    let create = |size, depth, buffer| story.create_tree(story.allocate(size, COMPRESSION_PROGRAM), depth, buffer);
    for (size, depth, buffer) in [
        (size(3, 8) - 1, 3, 8),
        (size(3, 8), 3, 16),
        (size(3, 8), 0, 8),
        (size(31, 8), 31, 8),
        (size(64, 8), 64, 8),
        (size(3, 8), 3, u32::MAX),
        (0, 3, 8),
    ] {
        story.world.fails(create(size, depth, buffer), &story.authority(), IdentityError::InvalidTreeShape);
    }
    let unknown = create(size(4, 8), 4, 8);
    story.refused_by(COMPRESSION_PROGRAM, theirs::UNKNOWN_SHAPE, unknown, &story.authority());
    let odd = create(size(3, 8) + 32, 3, 8);
    story.refused_by(COMPRESSION_PROGRAM, theirs::CANOPY_LENGTH, odd, &story.authority());
    story.world.ok(&[create(size(5, 8), 5, 8)], &story.authority());
}

// What it costs

#[test]
fn bench() {
    let mut story = Story::new();
    let mut table = Table::new("identity", ID);
    let without_registry = Network::new(&mut story.world, &[]).0;
    let network = std::mem::replace(&mut story.network, without_registry);
    table.row("CreateRegistry", &story.world.ok(&[story.create_registry()], &story.authority()));
    story.network = network;
    for (name, canopy) in [("no canopy", 0), ("a canopy of 10", 10)] {
        let merkle_tree = story.allocate(merkle_tree_size(14, 64, canopy), COMPRESSION_PROGRAM);
        let create = story.create_tree(merkle_tree, 14, 64);
        table.row(&format!("CreateTree (depth 14, {name})"), &story.world.ok(&[create], &story.authority()));
        let mut tree = Tree::new(&story.world, &story.network, 14, 64, canopy).0;
        let (machine, minted) = tree.mint(&story.world, &story.network, story.owner.pubkey(), "machine");
        table.row(&format!("MintNode (depth 14, {name})"), &minted);
        let activate = tree.activate_instruction(&story.world, &machine, OPERATOR, CLASS);
        let proof = tree.proof(&machine).len();
        table.row(&format!("ActivateNode (proof of {proof})"), &story.world.ok(&[activate], &[&story.owner]));
    }
    table.check();
}
