//! `identity`, on the real Bubblegum and account compression.

use {
    joule_identity_interface::{
        BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM, ID, IdentityError, LOG_WRAPPER, event,
        instruction::*,
        pda,
        state::{Node, Registry, Tree as TreeState, status},
    },
    joule_interface::{Address, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_tests::{
        Network, Receipt, World,
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
    solana_system_interface::instruction as system_instruction,
    spl_merkle_tree_reference::{EMPTY, MerkleTree},
};

/// Errors of the programs that are called: Anchor numbers them from 6,000.
mod theirs {
    /// Account compression: the leaf is not there, or the proof does not lead to it.
    pub const NO_SUCH_LEAF: u32 = 6001;
    pub const UNKNOWN_SHAPE: u32 = 6003;
    pub const CANOPY_LENGTH: u32 = 6004;
    /// Bubblegum: who signs neither created the tree nor is its delegate.
    pub const NOT_CREATOR: u32 = 6016;
}

/// A Merkle tree, and what an indexer knows of it.
struct Forest {
    merkle_tree: Address,
    depth: u32,
    buffer: u32,
    canopy: u32,
    mirror: MerkleTree,
}

impl Forest {
    /// Allocates the account of a tree.
    fn allocate(world: &World, depth: u32, buffer: u32, canopy: u32) -> Self {
        let size = size(depth, buffer) + ((2 << canopy) - 2) * 32;
        Self {
            merkle_tree: allocate(world, size, COMPRESSION_PROGRAM),
            depth,
            buffer,
            canopy,
            mirror: MerkleTree::new(&vec![EMPTY; 1 << depth]),
        }
    }

    fn state(&self) -> Address {
        pda::tree::find(&self.merkle_tree).0
    }

    fn config(&self) -> Address {
        TreeConfig::find_pda(&self.merkle_tree).0
    }

    /// The nodes beside the path from a leaf to the canopy.
    fn proof(&self, index: u32) -> Vec<[u8; 32]> {
        let mut proof = self.mirror.get_proof_of_leaf(index as usize);
        proof.truncate((self.depth - self.canopy) as usize);
        proof
    }
}

/// Bytes of a tree without canopy.
fn size(depth: u32, buffer: u32) -> usize {
    80 + (buffer as usize + 1) * (40 + 32 * depth as usize)
}

fn allocate(world: &World, size: usize, owner: Address) -> Address {
    let account = Keypair::new();
    let payer = world.payer().pubkey();
    let create = system_instruction::create_account(&payer, &account.pubkey(), world.rent(size), size as u64, &owner);
    world.ok(&[create], &[&account]);
    account.pubkey()
}

/// A machine's NFT, as an indexer knows it.
#[derive(Clone)]
struct Machine {
    merkle_tree: Address,
    asset: Address,
    owner: Address,
    delegate: Address,
    nonce: u64,
    data_hash: [u8; 32],
    creator_hash: [u8; 32],
}

impl Machine {
    fn leaf(&self) -> [u8; 32] {
        LeafSchema::V1 {
            id: self.asset,
            owner: self.owner,
            delegate: self.delegate,
            nonce: self.nonce,
            data_hash: self.data_hash,
            creator_hash: self.creator_hash,
        }
        .hash()
    }
}

/// A proof, as it was when it was asked for.
struct Proof {
    root: [u8; 32],
    nodes: Vec<[u8; 32]>,
}

/// A network with a registry, and an owner of machines.
struct Story {
    world: World,
    network: Network,
    registry: Address,
    owner: Keypair,
    operator: Address,
}

impl Story {
    fn new() -> Self {
        let mut world = World::new();
        let (owner, operator) = (world.user(), Address::new_unique());
        let (network, registry) = network_with_registry(&mut world);
        Self { world, network, registry, owner, operator }
    }

    /// The same, and a small tree.
    fn with_tree() -> (Self, Forest) {
        let story = Self::new();
        let forest = story.tree(3, 8, 0);
        (story, forest)
    }

    /// The same, and the owner's machine in it.
    fn with_machine() -> (Self, Forest, Machine) {
        let (story, mut forest) = Self::with_tree();
        let machine = story.mint(&mut forest);
        (story, forest, machine)
    }

    /// A registered tree.
    fn tree(&self, depth: u32, buffer: u32, canopy: u32) -> Forest {
        let forest = Forest::allocate(&self.world, depth, buffer, canopy);
        self.world.ok(&[self.create_tree(&forest)], &[&self.network.authority]);
        forest
    }

    fn create_tree(&self, forest: &Forest) -> Instruction {
        CreateTree {
            payer: self.world.payer().pubkey(),
            authority: self.network.authority.pubkey(),
            network: self.network.address,
            registry: self.registry,
            tree: forest.state(),
            merkle_tree: forest.merkle_tree,
            tree_config: forest.config(),
            bubblegum_program: BUBBLEGUM_PROGRAM,
            compression_program: COMPRESSION_PROGRAM,
            log_wrapper: LOG_WRAPPER,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(&CreateTreeArgs { max_depth: forest.depth, max_buffer_size: forest.buffer })
    }

    fn mint_instruction(&self, forest: &Forest, metadata: &MetadataArgs) -> Instruction {
        MintNode {
            payer: self.world.payer().pubkey(),
            authority: self.network.authority.pubkey(),
            network: self.network.address,
            registry: self.registry,
            tree: forest.state(),
            merkle_tree: forest.merkle_tree,
            tree_config: forest.config(),
            leaf_owner: self.owner.pubkey(),
            leaf_delegate: self.owner.pubkey(),
            bubblegum_program: BUBBLEGUM_PROGRAM,
            compression_program: COMPRESSION_PROGRAM,
            log_wrapper: LOG_WRAPPER,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction_with(&MintNodeArgs {}, &borsh::to_vec(metadata).unwrap())
    }

    /// Mints the owner's next machine.
    fn mint(&self, forest: &mut Forest) -> Machine {
        self.mint_as(forest, &metadata(), self.owner.pubkey()).0
    }

    fn mint_as(&self, forest: &mut Forest, metadata: &MetadataArgs, delegate: Address) -> (Machine, Receipt) {
        let nonce = self.world.read::<TreeState>(forest.state()).minted;
        let mint = swap(self.mint_instruction(forest, metadata), 8, delegate);
        let receipt = self.world.ok(&[mint], &[&self.network.authority]);
        let machine = Machine {
            merkle_tree: forest.merkle_tree,
            asset: mpl_bubblegum::utils::get_asset_id(&forest.merkle_tree, nonce),
            owner: self.owner.pubkey(),
            delegate,
            nonce,
            data_hash: hash_metadata(metadata).unwrap(),
            creator_hash: hash_creators(&metadata.creators),
        };
        forest.mirror.add_leaf(machine.leaf(), nonce as usize);
        (machine, receipt)
    }

    /// What an indexer answers now.
    fn prove(&self, forest: &Forest, machine: &Machine) -> Proof {
        Proof { root: forest.mirror.get_root(), nodes: forest.proof(machine.nonce as u32) }
    }

    fn args(&self, machine: &Machine, proof: &Proof) -> ActivateNodeArgs {
        ActivateNodeArgs {
            root: proof.root,
            data_hash: machine.data_hash,
            creator_hash: machine.creator_hash,
            nonce: machine.nonce,
            index: machine.nonce as u32,
            operator: self.operator,
            specification: [5; 32],
            class: 7,
        }
    }

    fn activate_with(&self, machine: &Machine, proof: &Proof, args: &ActivateNodeArgs) -> Instruction {
        let mut activate = ActivateNode {
            payer: self.world.payer().pubkey(),
            owner: machine.owner,
            leaf_delegate: machine.delegate,
            registry: self.registry,
            tree: pda::tree::find(&machine.merkle_tree).0,
            merkle_tree: machine.merkle_tree,
            node: pda::node::find(&machine.asset).0,
            compression_program: COMPRESSION_PROGRAM,
            system_program: SYSTEM_PROGRAM,
        }
        .instruction(args);
        let nodes = proof.nodes.iter().map(|&node| AccountMeta::new_readonly(Address::new_from_array(node), false));
        activate.accounts.extend(nodes);
        activate
    }

    fn activate(&self, machine: &Machine, proof: &Proof) -> Instruction {
        self.activate_with(machine, proof, &self.args(machine, proof))
    }

    /// `program` itself refuses, with this error.
    #[track_caller]
    fn refused_by(&self, program: Address, code: u32, instruction: Instruction, signers: &[&Keypair]) {
        let Err(failure) = self.world.send(&[instruction], signers) else { panic!("succeeded") };
        let line = format!("Program {program} failed: custom program error: {code:#x}");
        assert!(failure.logs.contains(&line), "{line} expected, but:\n{}", failure.logs.join("\n"));
    }

    /// Another network with a registry and a tree, in the same world.
    fn stranger(&mut self) -> (Network, Address, Forest) {
        let (network, registry) = network_with_registry(&mut self.world);
        let forest = Forest::allocate(&self.world, 3, 8, 0);
        let create = self.create_tree(&forest);
        let create = swap(swap(swap(create, 1, network.authority.pubkey()), 2, network.address), 3, registry);
        self.world.ok(&[create], &[&network.authority]);
        (network, registry, forest)
    }

    /// Changes an account's bytes, whoever owns it.
    fn edit(&mut self, address: Address, change: impl FnOnce(&mut Account)) {
        let mut account = self.world.account(address).unwrap();
        change(&mut account);
        self.world.set_account(address, account);
    }

    /// Moves a machine to another owner, at Bubblegum.
    fn transfer(&self, forest: &mut Forest, machine: &Machine, from: &Keypair, to: Address) -> Machine {
        let proof = self.prove(forest, machine);
        let nodes: Vec<_> =
            proof.nodes.iter().map(|&n| AccountMeta::new_readonly(Address::new_from_array(n), false)).collect();
        let transfer = TransferBuilder::new()
            .tree_config(forest.config())
            .leaf_owner(machine.owner, true)
            .leaf_delegate(machine.delegate, false)
            .new_leaf_owner(to)
            .merkle_tree(forest.merkle_tree)
            .root(proof.root)
            .data_hash(machine.data_hash)
            .creator_hash(machine.creator_hash)
            .nonce(machine.nonce)
            .index(machine.nonce as u32)
            .add_remaining_accounts(&nodes)
            .instruction();
        self.world.ok(&[transfer], &[from]);
        let moved = Machine { owner: to, delegate: to, ..machine.clone() };
        forest.mirror.add_leaf(moved.leaf(), moved.nonce as usize);
        moved
    }
}

fn network_with_registry(world: &mut World) -> (Network, Address) {
    let network = Network::new(world, &[]).0;
    let registry = pda::registry::find(&network.address).0;
    world.ok(&[create_registry(world, &network)], &[&network.authority]);
    (network, registry)
}

fn create_registry(world: &World, network: &Network) -> Instruction {
    CreateRegistry {
        payer: world.payer().pubkey(),
        authority: network.authority.pubkey(),
        network: network.address,
        registry: pda::registry::find(&network.address).0,
        system_program: SYSTEM_PROGRAM,
    }
    .instruction(&CreateRegistryArgs {})
}

fn metadata() -> MetadataArgs {
    MetadataArgs {
        name: "Joule node".into(),
        symbol: "NODE".into(),
        uri: "https://nodes.example/1.json".into(),
        seller_fee_basis_points: 0,
        primary_sale_happened: false,
        is_mutable: true,
        edition_nonce: None,
        token_standard: Some(TokenStandard::NonFungible),
        collection: None,
        uses: None,
        token_program_version: TokenProgramVersion::Original,
        creators: vec![],
    }
}

fn creator(address: Address, verified: bool, share: u8) -> Creator {
    Creator { address, verified, share }
}

// From a tree to a machine in service

#[test]
fn a_machine_is_minted_and_put_into_service() {
    let story = Story::new();
    let mut forest = story.tree(14, 64, 0);
    let (machine, minted) = story.mint_as(&mut forest, &metadata(), story.owner.pubkey());

    // Minting returns the asset, tells of it, and creates nothing of ours.
    assert_eq!(minted.return_data, [&machine.asset.to_bytes()[..], &0u64.to_le_bytes()].concat());
    let event: event::NodeMinted = minted.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (forest.state(), 1));
    assert_eq!((event.asset, event.owner, event.nonce), (machine.asset, story.owner.pubkey(), 0));
    let state: TreeState = story.world.read(forest.state());
    assert_eq!((state.capacity, state.minted), (1 << 14, 1));
    let config = TreeConfig::from_bytes(&story.world.account(forest.config()).unwrap().data).unwrap();
    assert_eq!((config.num_minted, config.tree_creator, config.is_public), (1, story.registry, false));
    let address = pda::node::find(&machine.asset).0;
    assert!(story.world.account(address).is_none());

    let proof = story.prove(&forest, &machine);
    assert_eq!(proof.nodes.len(), 14);
    let activated = story.world.ok(&[story.activate(&machine, &proof)], &[&story.owner]);
    let node: Node = story.world.read(address);
    assert_eq!(
        (node.network, node.merkle_tree, node.asset),
        (story.network.address, forest.merkle_tree, machine.asset)
    );
    assert_eq!((node.owner, node.operator, node.payer), (machine.owner, story.operator, story.world.payer().pubkey()));
    assert_eq!((node.nonce, node.index, node.class, node.specification), (0, 0, 7, [5; 32]));
    assert_eq!((node.status, node.synced), (status::ACTIVE, story.world.now()));
    let event: event::NodeActivated = activated.event(ID);
    assert_eq!((event.header.source, event.header.sequence), (address, 1));
    assert_eq!((event.owner, event.operator, event.specification), (node.owner, node.operator, node.specification));
    assert_eq!(event.class, 7);
    // What users of the network share is never written.
    for receipt in [&minted, &activated] {
        for shared in [story.network.address, story.registry] {
            assert!(!receipt.writable.contains(&shared));
        }
    }
    assert!(!activated.writable.contains(&forest.merkle_tree) && !activated.writable.contains(&forest.state()));
}

#[test]
fn trees_are_counted_and_told_of() {
    let story = Story::new();
    for (count, canopy) in [(1, 0), (2, 2)] {
        let forest = Forest::allocate(&story.world, 3, 8, canopy);
        let receipt = story.world.ok(&[story.create_tree(&forest)], &[&story.network.authority]);
        let event: event::TreeRegistered = receipt.event(ID);
        assert_eq!((event.header.source, event.header.sequence), (story.registry, count));
        assert_eq!((event.merkle_tree, event.capacity), (forest.merkle_tree, 8));
        let registry: Registry = story.world.read(story.registry);
        assert_eq!((registry.network, registry.trees), (story.network.address, count));
        let tree: TreeState = story.world.read(forest.state());
        assert_eq!(
            (tree.registry, tree.merkle_tree, tree.tree_config),
            (story.registry, forest.merkle_tree, forest.config())
        );
        assert_eq!((tree.capacity, tree.minted), (8, 0));
    }
}

#[test]
fn a_canopy_shortens_proofs() {
    let story = Story::new();
    let mut forest = story.tree(14, 64, 10);
    let machines = [story.mint(&mut forest), story.mint(&mut forest)];
    let short = story.prove(&forest, &machines[0]);
    assert_eq!(short.nodes.len(), 4);
    story.world.ok(&[story.activate(&machines[0], &short)], &[&story.owner]);
    // Who does not know of the canopy sends the whole proof.
    forest.canopy = 0;
    let whole = story.prove(&forest, &machines[1]);
    assert_eq!(whole.nodes.len(), 14);
    story.world.ok(&[story.activate(&machines[1], &whole)], &[&story.owner]);
}

#[test]
fn a_proof_survives_later_mints() {
    let story = Story::new();
    let mut forest = story.tree(14, 64, 0);
    let machine = story.mint(&mut forest);
    let proof = story.prove(&forest, &machine);
    for _ in 0..3 {
        story.mint(&mut forest);
    }
    assert_ne!(proof.root, forest.mirror.get_root());
    story.world.ok(&[story.activate(&machine, &proof)], &[&story.owner]);
}

#[test]
fn a_tree_fills_to_its_last_leaf() {
    let (story, mut forest) = Story::with_tree();
    let machines: Vec<_> = (0..8).map(|_| story.mint(&mut forest)).collect();
    let ninth = story.mint_instruction(&forest, &metadata());
    story.world.fails(ninth, &[&story.network.authority], IdentityError::TreeFull);
    for machine in machines {
        let proof = story.prove(&forest, &machine);
        story.world.ok(&[story.activate(&machine, &proof)], &[&story.owner]);
    }
}

#[test]
fn a_delegate_stands_in_the_leaf() {
    let (story, mut forest) = Story::with_tree();
    let delegate = Address::new_unique();
    let (machine, _) = story.mint_as(&mut forest, &metadata(), delegate);
    let proof = story.prove(&forest, &machine);
    let activate = || story.activate(&machine, &proof);
    story.refused_by(COMPRESSION_PROGRAM, theirs::NO_SUCH_LEAF, swap(activate(), 2, machine.owner), &[&story.owner]);
    story.world.ok(&[activate()], &[&story.owner]);
}

#[test]
fn lamports_at_an_address_do_not_stop_its_creation() {
    let (mut story, forest, machine) = Story::with_machine();
    let node = pda::node::find(&machine.asset).0;
    story.world.set_account(node, Account { lamports: 1, ..Account::default() });
    let proof = story.prove(&forest, &machine);
    story.world.ok(&[story.activate(&machine, &proof)], &[&story.owner]);
    assert_eq!(story.world.lamports(node), story.world.rent(size_of::<Node>()));
}

// Whose leaf it is

#[test]
fn a_leaf_is_its_present_owners() {
    let (mut story, mut forest, machine) = Story::with_machine();
    let buyer = story.world.user();
    let before = story.prove(&forest, &machine);
    let sold = story.transfer(&mut forest, &machine, &story.owner, buyer.pubkey());
    let after = story.prove(&forest, &sold);

    for proof in [&before, &after] {
        let activate = story.activate(&machine, proof);
        story.refused_by(COMPRESSION_PROGRAM, theirs::NO_SUCH_LEAF, activate, &[&story.owner]);
    }
    story.world.ok(&[story.activate(&sold, &after)], &[&buyer]);
}

#[test]
fn nobody_activates_anothers_machine() {
    let (mut story, forest, machine) = Story::with_machine();
    let thief = story.world.user();
    let proof = story.prove(&forest, &machine);
    let activate = || story.activate(&machine, &proof);
    story.world.fails(unsigned(activate(), 1), &[], IdentityError::MissingSigner);
    let stolen = swap(activate(), 1, thief.pubkey());
    story.refused_by(COMPRESSION_PROGRAM, theirs::NO_SUCH_LEAF, stolen, &[&thief]);
    let stolen = swap(swap(activate(), 1, thief.pubkey()), 2, thief.pubkey());
    story.refused_by(COMPRESSION_PROGRAM, theirs::NO_SUCH_LEAF, stolen, &[&thief]);
}

#[test]
fn a_burned_machine_is_gone() {
    let (story, mut forest, machine) = Story::with_machine();
    let proof = story.prove(&forest, &machine);
    let nodes: Vec<_> =
        proof.nodes.iter().map(|&n| AccountMeta::new_readonly(Address::new_from_array(n), false)).collect();
    let burn = BurnBuilder::new()
        .tree_config(forest.config())
        .leaf_owner(machine.owner, true)
        .leaf_delegate(machine.delegate, false)
        .merkle_tree(forest.merkle_tree)
        .root(proof.root)
        .data_hash(machine.data_hash)
        .creator_hash(machine.creator_hash)
        .nonce(machine.nonce)
        .index(machine.nonce as u32)
        .add_remaining_accounts(&nodes)
        .instruction();
    story.world.ok(&[burn], &[&story.owner]);
    forest.mirror.remove_leaf(0);
    for proof in [proof, story.prove(&forest, &machine)] {
        let activate = story.activate(&machine, &proof);
        story.refused_by(COMPRESSION_PROGRAM, theirs::NO_SUCH_LEAF, activate, &[&story.owner]);
    }
}

#[test]
fn a_proof_proves_one_leaf() {
    let (story, mut forest, machine) = Story::with_machine();
    let other = story.mint_as(&mut forest, &MetadataArgs { name: "Other".into(), ..metadata() }, machine.owner).0;
    let (proof, others) = (story.prove(&forest, &machine), story.prove(&forest, &other));
    let activate = |args: &ActivateNodeArgs| story.activate_with(&machine, &proof, args);
    let args = story.args(&machine, &proof);
    let refused = |instruction| {
        story.refused_by(COMPRESSION_PROGRAM, theirs::NO_SUCH_LEAF, instruction, &[&story.owner]);
    };

    // Each of what the leaf is made of counts.
    refused(activate(&ActivateNodeArgs { data_hash: other.data_hash, ..args }));
    refused(activate(&ActivateNodeArgs { creator_hash: [1; 32], ..args }));
    refused(swap(activate(&args), 2, Address::new_unique()));
    refused(story.activate(&machine, &others));
    refused(activate(&ActivateNodeArgs { nonce: 1, index: 1, ..args }));
    refused(story.activate(&machine, &Proof { nodes: vec![], ..proof }));
}

#[test]
fn a_nonce_is_an_index_of_a_minted_leaf() {
    let (story, mut forest, machine) = Story::with_machine();
    story.mint(&mut forest);
    let proof = story.prove(&forest, &machine);
    let args = story.args(&machine, &proof);
    for (nonce, index) in [(0, 1), (1, 0), (2, 2), (1 << 32, 0), (u64::MAX, u32::MAX)] {
        let activate = story.activate_with(&machine, &proof, &ActivateNodeArgs { nonce, index, ..args });
        story.world.fails(activate, &[&story.owner], IdentityError::LeafIndexOutOfRange);
    }
}

#[test]
fn a_machine_is_activated_once() {
    let (story, forest, machine) = Story::with_machine();
    let proof = story.prove(&forest, &machine);
    story.world.ok(&[story.activate(&machine, &proof)], &[&story.owner]);
    story.world.fails(story.activate(&machine, &proof), &[&story.owner], IdentityError::AlreadyInitialized);
}

#[test]
fn activation_checks_its_arguments() {
    let (story, forest, machine) = Story::with_machine();
    let proof = story.prove(&forest, &machine);
    let zero = ActivateNodeArgs { class: 0, ..story.args(&machine, &proof) };
    let activate = story.activate_with(&machine, &proof, &zero);
    story.world.fails(activate, &[&story.owner], IdentityError::InvalidClass);
    let long = Proof { nodes: [&proof.nodes[..], &[[1; 32]]].concat(), ..proof };
    story.world.fails(story.activate(&machine, &long), &[&story.owner], IdentityError::ProofTooLong);

    let mut activate = story.activate(&machine, &proof);
    activate.data.push(0);
    story.world.fails(activate.clone(), &[&story.owner], IdentityError::InvalidArguments);
    activate.data.truncate(100);
    story.world.fails(activate.clone(), &[&story.owner], IdentityError::InvalidArguments);
    activate.data.truncate(0);
    story.world.fails(activate.clone(), &[&story.owner], IdentityError::UnknownInstruction);
    activate.data.push(255);
    story.world.fails(activate, &[&story.owner], IdentityError::UnknownInstruction);
}

#[test]
fn activation_checks_its_accounts() {
    let (mut story, forest, machine) = Story::with_machine();
    let (stranger, their_registry, their_forest) = story.stranger();
    let proof = story.prove(&forest, &machine);
    let (world, owner) = (&story.world, &[&story.owner][..]);
    let activate = || story.activate(&machine, &proof);

    for index in [0, 6] {
        world.fails(read_only(activate(), index), owner, IdentityError::NotWritable);
    }
    world.fails(swap(activate(), 3, stranger.address), owner, IdentityError::WrongOwner);
    world.fails(swap(activate(), 3, forest.state()), owner, IdentityError::WrongKind);
    world.fails(swap(activate(), 3, their_registry), owner, IdentityError::WrongRegistry);
    world.fails(swap(activate(), 4, forest.merkle_tree), owner, IdentityError::WrongOwner);
    world.fails(swap(activate(), 4, story.registry), owner, IdentityError::WrongKind);
    world.fails(swap(activate(), 4, their_forest.state()), owner, IdentityError::WrongRegistry);
    world.fails(swap(activate(), 5, their_forest.merkle_tree), owner, IdentityError::WrongTree);
    world.fails(swap(activate(), 6, pda::node::find(&forest.merkle_tree).0), owner, IdentityError::WrongAddress);
    world.fails(swap(activate(), 7, BUBBLEGUM_PROGRAM), owner, IdentityError::WrongProgram);
    world.fails(swap(activate(), 8, TOKEN_PROGRAM), owner, IdentityError::WrongProgram);
    let mut short = activate();
    short.accounts.truncate(8);
    world.fails(short, owner, IdentityError::NotEnoughAccounts);
    let unpaid = unsigned(swap(activate(), 0, stranger.authority.pubkey()), 0);
    world.fails(unpaid, owner, IdentityError::MissingSigner);

    let stolen = activate();
    story.edit(forest.merkle_tree, |account| account.owner = TOKEN_PROGRAM);
    story.world.fails(stolen, &[&story.owner], IdentityError::InvalidTree);
}

#[test]
fn a_forged_tree_is_no_tree() {
    // A tree that an attacker owns at account compression, with any leaf in it, passed off as ours.
    let (mut story, forest, machine) = Story::with_machine();
    let proof = story.prove(&forest, &machine);
    let state = story.world.account(forest.state()).unwrap();
    let forged = Address::new_unique();
    story.world.set_account(forged, Account { owner: TOKEN_PROGRAM, ..state });
    let activate = swap(story.activate(&machine, &proof), 4, forged);
    story.world.fails(activate, &[&story.owner], IdentityError::WrongOwner);
}

// Who mints what

#[test]
fn only_the_registry_mints() {
    let (story, forest) = Story::with_tree();
    let authority = &story.network.authority;
    // At Bubblegum itself, not even the network's authority.
    let mint = MintV1Builder::new()
        .tree_config(forest.config())
        .leaf_owner(authority.pubkey())
        .leaf_delegate(authority.pubkey())
        .merkle_tree(forest.merkle_tree)
        .payer(story.world.payer().pubkey())
        .tree_creator_or_delegate(authority.pubkey())
        .metadata(metadata())
        .instruction();
    story.refused_by(BUBBLEGUM_PROGRAM, theirs::NOT_CREATOR, mint, &[authority]);
    let name = SetTreeDelegateBuilder::new()
        .tree_config(forest.config())
        .merkle_tree(forest.merkle_tree)
        .tree_creator(authority.pubkey())
        .new_tree_delegate(authority.pubkey())
        .instruction();
    assert!(story.world.send(&[name], &[authority]).is_err());
}

#[test]
fn minting_checks_its_accounts() {
    let (mut story, forest) = Story::with_tree();
    let (stranger, their_registry, their_forest) = story.stranger();
    let (world, authority) = (&story.world, &[&story.network.authority][..]);
    let mint = || story.mint_instruction(&forest, &metadata());

    world.fails(unsigned(mint(), 1), &[], IdentityError::MissingSigner);
    world.fails(unsigned(swap(mint(), 0, stranger.authority.pubkey()), 0), authority, IdentityError::MissingSigner);
    for index in [0, 4, 5, 6] {
        world.fails(read_only(mint(), index), authority, IdentityError::NotWritable);
    }
    world.fails(swap(mint(), 1, stranger.authority.pubkey()), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(mint(), 2, story.registry), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), 2, stranger.address), authority, IdentityError::Unauthorized);
    let hijacked = swap(swap(mint(), 1, stranger.authority.pubkey()), 2, stranger.address);
    world.fails(hijacked, &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(mint(), 3, their_registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(mint(), 3, story.network.address), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), 3, forest.state()), authority, IdentityError::WrongKind);
    world.fails(swap(mint(), 4, their_forest.state()), authority, IdentityError::WrongRegistry);
    world.fails(swap(mint(), 4, story.registry), authority, IdentityError::WrongKind);
    world.fails(swap(mint(), 4, forest.merkle_tree), authority, IdentityError::WrongOwner);
    world.fails(swap(mint(), 5, their_forest.merkle_tree), authority, IdentityError::WrongTree);
    world.fails(swap(mint(), 6, their_forest.config()), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(mint(), 9, COMPRESSION_PROGRAM), authority, IdentityError::WrongProgram);
    world.fails(swap(mint(), 10, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    world.fails(swap(mint(), 11, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    world.fails(swap(mint(), 12, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    let mut short = mint();
    short.accounts.truncate(12);
    world.fails(short, authority, IdentityError::NotEnoughAccounts);
    assert_eq!(story.world.read::<TreeState>(forest.state()).minted, 0);
}

#[test]
fn a_configuration_that_is_not_the_registrys_is_refused() {
    let (mut story, mut forest) = Story::with_tree();
    story.mint(&mut forest);
    let config = story.world.account(forest.config()).unwrap();
    let cases: [(&str, fn(&mut Account)); 9] = [
        ("of another program", |account| account.owner = TOKEN_PROGRAM),
        ("of another kind", |account| account.data[0] ^= 1),
        ("shorter", |account| account.data.truncate(95)),
        ("longer", |account| account.data.push(0)),
        ("another's tree", |account| account.data[8] ^= 1),
        ("handed to a delegate", |account| account.data[40] ^= 1),
        ("behind ours", |account| account.data[80] = 0),
        ("ahead of ours", |account| account.data[80] = 2),
        ("public", |account| account.data[88] = 1),
    ];
    for (name, change) in cases {
        println!("{name}");
        story.world.set_account(forest.config(), config.clone());
        story.edit(forest.config(), change);
        let mint = story.mint_instruction(&forest, &metadata());
        story.world.fails(mint, &[&story.network.authority], IdentityError::WrongTreeConfig);
    }
    story.world.set_account(forest.config(), config);
    story.mint(&mut forest);
}

#[test]
fn metadata_has_limits() {
    let (story, mut forest) = Story::with_tree();
    let [a, b] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
    let payer = story.world.payer().pubkey();
    let collection = |verified| Some(Collection { verified, key: a });
    let cases = [
        MetadataArgs { name: "n".repeat(33), ..metadata() },
        MetadataArgs { symbol: "s".repeat(11), ..metadata() },
        MetadataArgs { uri: "u".repeat(201), ..metadata() },
        MetadataArgs { seller_fee_basis_points: 10_001, ..metadata() },
        MetadataArgs { token_standard: None, ..metadata() },
        MetadataArgs { token_standard: Some(TokenStandard::Fungible), ..metadata() },
        MetadataArgs { collection: collection(true), ..metadata() },
        MetadataArgs { creators: vec![creator(a, false, 99)], ..metadata() },
        MetadataArgs { creators: vec![creator(a, false, 50), creator(b, false, 51)], ..metadata() },
        MetadataArgs { creators: vec![creator(a, false, 156), creator(b, false, 200)], ..metadata() },
        MetadataArgs { creators: vec![creator(a, false, 50), creator(a, false, 50)], ..metadata() },
        MetadataArgs { creators: vec![creator(a, true, 100)], ..metadata() },
        // Bubblegum would take the payer's signature for this.
        MetadataArgs { creators: vec![creator(payer, true, 100)], ..metadata() },
        MetadataArgs {
            creators: (0..6).map(|i| creator(Address::new_unique(), false, if i == 0 { 95 } else { 1 })).collect(),
            ..metadata()
        },
    ];
    let authority = &[&story.network.authority][..];
    for metadata in cases {
        println!("{metadata:?}");
        let mint = story.mint_instruction(&forest, &metadata);
        story.world.fails(mint, authority, IdentityError::InvalidMetadata);
    }
    let mut mint = story.mint_instruction(&forest, &metadata());
    mint.data.push(0);
    story.world.fails(mint.clone(), authority, IdentityError::InvalidMetadata);
    mint.data.truncate(mint.data.len() - 2);
    story.world.fails(mint.clone(), authority, IdentityError::InvalidMetadata);
    mint.data.truncate(1);
    story.world.fails(mint, authority, IdentityError::InvalidMetadata);

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
        creators: [story.registry, a, b]
            .map(|key| creator(key, key == story.registry, 30 + 10 * (key == a) as u8))
            .into(),
        ..metadata()
    };
    let (machine, _) = story.mint_as(&mut forest, &full, story.owner.pubkey());
    let proof = story.prove(&forest, &machine);
    story.world.ok(&[story.activate(&machine, &proof)], &[&story.owner]);
}

// Setting up

#[test]
fn creating_a_registry_checks_its_accounts() {
    let mut world = World::new();
    let network = Network::new(&mut world, &[]).0;
    let stranger = Network::new(&mut world, &[]).0;
    let create = || create_registry(&world, &network);
    let authority = &[&network.authority][..];

    world.fails(unsigned(create(), 1), &[], IdentityError::MissingSigner);
    for index in [0, 3] {
        world.fails(read_only(create(), index), authority, IdentityError::NotWritable);
    }
    let usurped = swap(create(), 1, stranger.authority.pubkey());
    world.fails(usurped, &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(create(), 2, network.mint), authority, IdentityError::WrongOwner);
    world.fails(swap(create(), 2, network.burn_shard(0)), authority, IdentityError::WrongKind);
    world.fails(swap(create(), 3, Address::new_unique()), authority, IdentityError::WrongAddress);
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
    let (stranger, their_registry, their_forest) = story.stranger();
    let forest = Forest::allocate(&story.world, 3, 8, 0);
    let (world, authority) = (&story.world, &[&story.network.authority][..]);
    let create = || story.create_tree(&forest);

    world.fails(unsigned(create(), 1), &[], IdentityError::MissingSigner);
    for index in [0, 3, 4, 5, 6] {
        world.fails(read_only(create(), index), authority, IdentityError::NotWritable);
    }
    world.fails(swap(create(), 1, stranger.authority.pubkey()), &[&stranger.authority], IdentityError::Unauthorized);
    world.fails(swap(create(), 2, story.registry), authority, IdentityError::WrongOwner);
    let hijacked = swap(swap(create(), 1, stranger.authority.pubkey()), 2, stranger.address);
    world.fails(hijacked, &[&stranger.authority], IdentityError::WrongNetwork);
    world.fails(swap(create(), 3, their_registry), authority, IdentityError::WrongNetwork);
    world.fails(swap(create(), 3, their_forest.state()), authority, IdentityError::WrongKind);
    world.fails(swap(create(), 4, their_forest.state()), authority, IdentityError::WrongAddress);
    world.fails(swap(create(), 6, their_forest.config()), authority, IdentityError::WrongTreeConfig);
    world.fails(swap(create(), 7, COMPRESSION_PROGRAM), authority, IdentityError::WrongProgram);
    world.fails(swap(create(), 8, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    world.fails(swap(create(), 9, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    world.fails(swap(create(), 10, BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
    let mut long = create();
    long.data.push(0);
    world.fails(long, authority, IdentityError::InvalidArguments);

    world.ok(&[create()], authority);
    world.fails(create(), authority, IdentityError::InvalidTree);
}

#[test]
fn a_registered_address_is_not_registered_again() {
    let mut story = Story::new();
    let (forest, used) = (Forest::allocate(&story.world, 3, 8, 0), story.tree(3, 8, 0));
    let state = story.world.read::<TreeState>(used.state());
    story.world.forge(forest.state(), &state);
    let create = story.create_tree(&forest);
    story.world.fails(create, &[&story.network.authority], IdentityError::AlreadyInitialized);
}

#[test]
fn a_tree_starts_empty_at_account_compression() {
    let mut story = Story::new();
    let world = &story.world;
    let authority = &[&story.network.authority][..];
    let foreign =
        Forest { merkle_tree: allocate(world, size(3, 8), TOKEN_PROGRAM), ..Forest::allocate(world, 3, 8, 0) };
    world.fails(story.create_tree(&foreign), authority, IdentityError::InvalidTree);

    // Someone else was faster, and made the account a tree of theirs.
    let taken = Forest::allocate(world, 3, 8, 0);
    let payer = world.payer().pubkey();
    let steal = CreateTreeConfigBuilder::new()
        .tree_config(taken.config())
        .merkle_tree(taken.merkle_tree)
        .payer(payer)
        .tree_creator(payer)
        .max_depth(3)
        .max_buffer_size(8)
        .instruction();
    world.ok(&[steal], &[]);
    world.fails(story.create_tree(&taken), authority, IdentityError::InvalidTree);

    let used = Forest::allocate(world, 3, 8, 0);
    let create = story.create_tree(&used);
    story.edit(used.merkle_tree, |account| account.data[55] = 1);
    story.world.fails(create, &[&story.network.authority], IdentityError::InvalidTree);
}

#[test]
fn a_tree_has_a_shape() {
    let story = Story::new();
    let authority = &[&story.network.authority][..];
    let with = |size: usize, depth, buffer| {
        let merkle_tree = allocate(&story.world, size, COMPRESSION_PROGRAM);
        let forest = Forest { merkle_tree, depth, buffer, canopy: 0, mirror: MerkleTree::new(&[EMPTY]) };
        story.create_tree(&forest)
    };
    for (size, depth, buffer) in
        [(size(3, 8) - 1, 3, 8), (size(3, 8), 0, 8), (10_000, 31, 8), (10_000, 64, 8), (10_000, 3, u32::MAX), (0, 3, 8)]
    {
        story.world.fails(with(size, depth, buffer), authority, IdentityError::InvalidTreeShape);
    }
    let unknown = with(size(4, 8), 4, 8);
    story.refused_by(COMPRESSION_PROGRAM, theirs::UNKNOWN_SHAPE, unknown, authority);
    let odd_canopy = with(size(3, 8) + 32, 3, 8);
    story.refused_by(COMPRESSION_PROGRAM, theirs::CANOPY_LENGTH, odd_canopy, authority);
    story.world.ok(&[with(size(5, 8), 5, 8)], authority);
}
