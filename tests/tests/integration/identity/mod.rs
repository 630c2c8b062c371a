//! `identity`, on the real Bubblegum and account compression.

mod attesting;
mod bench;
mod errors;
mod layouts;
mod leaves;
mod minting;
mod revoking;
mod schema_2;
mod setup;
mod syncing;

use {
    joule_identity_interface::{
        BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM, COMPRESSION_PROGRAM_2, CORE_PROGRAM, ID, IdentityError, LOG_WRAPPER,
        LOG_WRAPPER_2, event,
        instruction::*,
        pda,
        state::{
            Attestation, Attestor, Class, LOST_DELAY, MAX_ATTESTATIONS, MAX_ATTESTORS, Node, Policy,
            RESERVATION_PERIOD, Registry, SUSPENSION_PERIOD, SpecificationClaim, Statement, Tree as TreeState, status,
        },
    },
    joule_interface::{Account as _, Address, Header, Instruction, SYSTEM_PROGRAM, TOKEN_PROGRAM},
    joule_math::{Seconds, Timestamp, Tokens},
    joule_tests::{
        Network, Receipt, World,
        bench::Table,
        fixture::{
            BUBBLEGUM_2, Backer, EVIDENCE, Machine, Pool, TOKEN, Tree, Voucher, add_class, add_class_instruction,
            class, create_registry, create_registry_instruction, description, merkle_tree_size, metadata, policy,
            sha256,
        },
        world::{place, swap_named as swap},
    },
    mpl_bubblegum::{
        accounts::TreeConfig,
        hash::{hash_creators, hash_metadata},
        instructions::{CreateTreeConfigBuilder, MintV1Builder, SetTreeDelegateBuilder},
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
/// A class for which nobody needs to vouch, and one that asks for a weight of 3.
const CLASS: u32 = 7;
const VOUCHED: u32 = 8;
/// The smallest tree that account compression knows.
const DEPTH: u32 = 3;
const BUFFER: u32 = 8;
const DAY: u64 = 86_400;
const ALWAYS: Timestamp = Timestamp(i64::MAX);
const NEVER: Timestamp = Timestamp(i64::MIN);

/// Errors of the programs that are called: Anchor numbers them from 6,000.
mod theirs {
    /// Account compression: the leaf is not there, or the proof does not lead to it.
    pub const NO_SUCH_LEAF: u32 = 6001;
    /// Account compression: a leaf stands in the tree.
    pub const NOT_EMPTY: u32 = 6001;
    /// Account compression: there is no tree of that depth and buffer.
    pub const UNKNOWN_SHAPE: u32 = 6003;
    /// Account compression: what is behind the tree is no canopy.
    pub const CANOPY_LENGTH: u32 = 6004;
    /// Bubblegum: who signs neither created the tree nor is its delegate.
    pub const NOT_CREATOR: u32 = 6016;
}

/// A network with a registry, its two classes and a small tree, and an owner of machines.
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
        Self::in_world(World::new(), depth, buffer, canopy)
    }

    fn in_world(mut world: World, depth: u32, buffer: u32, canopy: u32) -> Self {
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

    /// The same, and it is in service.
    fn in_service(class: u32) -> (Self, Machine) {
        let (story, machine) = Self::with_machine();
        story.world.ok(&[story.activate_in(&machine, class)], &[&story.owner]);
        (story, machine)
    }

    fn authority(&self) -> [&Keypair; 1] {
        [&self.network.authority]
    }

    fn registry(&self) -> Registry {
        self.world.read(self.tree.registry)
    }

    fn node(&self, machine: &Machine) -> Node {
        self.world.read(machine.node())
    }

    fn propose_policy(&self, policy: Policy) -> Instruction {
        self.tree.propose_policy_instruction(&self.network, policy)
    }

    fn execute_policy(&self) -> Instruction {
        self.tree.execute_policy_instruction()
    }

    /// Proposes rules, and puts them in force when their time has come.
    fn set_policy(&self, policy: Policy) {
        self.world.ok(&[self.propose_policy(policy)], &self.authority());
        self.world.pass(self.network.parameters(&self.world).change_delay.0 as u64);
        self.world.ok(&[self.execute_policy()], &[]);
    }

    /// What registers an allocated Merkle tree.
    fn create_tree(&self, merkle_tree: Address, max_depth: u32, max_buffer_size: u32) -> Instruction {
        Tree::unborn(&self.network, merkle_tree, 1, 0).create_instruction(
            &self.world,
            &self.network,
            max_depth,
            max_buffer_size,
        )
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
        self.activate_in(machine, CLASS)
    }

    /// Puts it into service; its specification is reserved for its owner before, if nobody has it.
    fn activate_in(&self, machine: &Machine, class: u32) -> Instruction {
        self.reserve(machine.owner, &self.tree.specification(machine));
        self.tree.activate_instruction(&self.world, machine, OPERATOR, class)
    }

    /// Reserves a specification for an owner, if nobody has it.
    fn reserve(&self, owner: Address, specification: &[u8; 32]) {
        if self.world.account(self.tree.claim(specification)).is_none_or(|account| account.data.is_empty()) {
            self.tree.reserve(&self.world, owner, specification);
        }
    }

    /// With another specification, which is reserved for its owner.
    fn activate_as(&self, machine: &Machine, specification: [u8; 32]) -> Instruction {
        self.reserve(machine.owner, &specification);
        swap(self.activate(machine), "specification_claim", self.tree.claim(&specification))
    }

    fn deactivate(&self, machine: &Machine) -> Instruction {
        self.tree.deactivate_instruction(&self.world, machine)
    }

    /// The owner proves that it still is, and signs.
    fn deactivate_signed(&self, machine: &Machine) -> Instruction {
        self.tree.leave_instruction(&self.world, machine)
    }

    /// Sets a specification free whose reservation is over.
    fn release(&self, specification: &[u8; 32]) -> Instruction {
        self.tree.release_instruction(&self.world, OPERATOR, specification)
    }

    /// The new specification is reserved for its owner before, if nobody has it.
    fn change_specification(&self, machine: &Machine, specification: [u8; 32], class: u32) -> Instruction {
        self.reserve(machine.owner, &specification);
        self.tree.change_specification_instruction(&self.world, machine, specification, class)
    }

    fn suspend(&self, machine: &Machine) -> Instruction {
        self.tree.suspend_instruction(&self.network, machine)
    }

    fn revoke(&self, machine: &Machine) -> Instruction {
        self.tree.revoke_instruction(&self.world, &self.network, machine)
    }

    fn reinstate(&self, machine: &Machine) -> Instruction {
        self.tree.reinstate_instruction(&self.world, &self.network, machine)
    }

    fn add_attestor_instruction(&self, authority: Address, provider: Address, weight: u16) -> Instruction {
        self.tree.add_attestor_instruction(&self.network, authority, provider, weight)
    }

    /// Adds an attestor that needs no bond.
    fn add_attestor(&self, weight: u16) -> Voucher {
        let key = self.world.key();
        self.world.ok(&[self.add_attestor_instruction(key.pubkey(), ID, weight)], &self.authority());
        Voucher { key, id: self.registry().attestor_count, provider: ID }
    }

    fn remove_attestor(&self, attestor: u32) -> Instruction {
        self.tree.remove_attestor_instruction(&self.network, attestor)
    }

    /// What vouches for a machine as its node is.
    fn attest(&self, voucher: &Voucher, machine: &Machine, expires: Timestamp) -> Instruction {
        self.tree.attest_instruction(&self.world, voucher, machine, expires)
    }

    fn withdraw(&self, voucher: &Voucher, machine: &Machine) -> Instruction {
        self.tree.withdraw_instruction(&self.world, voucher, machine)
    }

    fn strike(&self, machine: &Machine, attestor: u32) -> Instruction {
        self.tree.strike_instruction(&self.world, &self.network, machine, attestor)
    }

    fn refresh(&self, machine: &Machine) -> Instruction {
        self.tree.refresh_instruction(&self.world, machine)
    }

    fn tree_state(&self) -> TreeState {
        self.world.read(self.tree.address)
    }

    /// A moment `days` from now.
    fn in_days(&self, days: u64) -> Timestamp {
        Timestamp(self.world.now().0 + (days * DAY) as i64)
    }

    /// Account compression looks for the leaf, and does not find it.
    #[track_caller]
    fn no_such_leaf(&self, instruction: Instruction, signers: &[&Keypair]) {
        self.refused_by(COMPRESSION_PROGRAM, theirs::NO_SUCH_LEAF, instruction, signers);
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

    /// Pauses the network, or ends that. How that comes is tested with `bme`.
    fn set_paused(&mut self, paused: u8) {
        let mut network: joule_bme_interface::state::Network = self.world.read(self.network.address);
        network.paused = paused;
        self.world.forge(self.network.address, &network);
    }

    /// Moves a machine to another owner, and notes it.
    fn transfer(&mut self, machine: &Machine, from: &Keypair, to: &Keypair) -> Machine {
        self.world.ok(&[self.tree.transfer_instruction(machine, to.pubkey())], &[from]);
        let moved = Machine { owner: to.pubkey(), ..machine.clone() };
        self.tree.set(&moved);
        moved
    }

    /// Burns it, and notes it.
    fn burn(&mut self, machine: &Machine, owner: &Keypair) {
        self.world.ok(&[self.tree.burn_instruction(machine)], &[owner]);
        self.tree.set_leaf(machine.nonce, EMPTY);
    }
}

fn network_with_tree(world: &mut World, depth: u32, buffer: u32, canopy: u32) -> (Network, Tree) {
    let network = Network::new(world, &[]).0;
    create_registry(world, &network);
    add_class(world, &network, CLASS, 0);
    add_class(world, &network, VOUCHED, 3);
    let tree = Tree::new(world, &network, depth, buffer, canopy).0;
    (network, tree)
}

/// An instruction whose account of that name need not sign.
#[track_caller]
fn unsigned(instruction: Instruction, name: &str) -> Instruction {
    let place = place(&instruction, name);
    joule_tests::world::unsigned(instruction, place)
}

/// An instruction whose account of that name signs.
#[track_caller]
fn signed(mut instruction: Instruction, name: &str) -> Instruction {
    let place = place(&instruction, name);
    instruction.accounts[place].is_signer = true;
    instruction
}

/// An instruction with other arguments.
fn with_args<A: bytemuck::Pod>(mut instruction: Instruction, change: impl FnOnce(&mut A)) -> Instruction {
    change(bytemuck::from_bytes_mut(&mut instruction.data[1..]));
    instruction
}

/// An activation with other arguments.
fn activating(instruction: Instruction, change: impl FnOnce(&mut ActivateNodeArgs)) -> Instruction {
    with_args(instruction, change)
}

/// An activation with the proof of `leaf` as the first and only one of a tree.
fn with_only_leaf(activate: Instruction, leaf: [u8; 32]) -> Instruction {
    let mut copy = MerkleTree::new(&[EMPTY; 1 << DEPTH]);
    copy.add_leaf(leaf, 0);
    let mut activate = activating(activate, |args| args.root = copy.get_root());
    activate.accounts.truncate(ActivateNode::ACCOUNTS.len());
    let nodes = copy.get_proof_of_leaf(0).into_iter().map(Address::new_from_array);
    activate.accounts.extend(nodes.map(|node| AccountMeta::new_readonly(node, false)));
    activate
}

fn creator(address: Address, verified: bool, share: u8) -> Creator {
    Creator { address, verified, share }
}

/// Flags and number of accounts that every instruction checks alike: each signer must sign, each account that is written
/// be writable, none be missing, and arguments have their length.
#[track_caller]
fn checks_its_shape(world: &World, instruction: &Instruction, signers: &[&Keypair]) {
    let spec = joule_identity_interface::SPEC.instructions;
    let spec = spec.iter().find(|spec| spec.discriminator == instruction.data[0]).unwrap();
    let payer = world.payer().pubkey();
    for (place, account) in spec.accounts.iter().enumerate() {
        let key = instruction.accounts[place].pubkey;
        if account.optional && key == ID {
            continue;
        }
        // The transaction's payer signs and is writable, whatever an instruction says.
        if account.signer && key != payer {
            let unsigned = joule_tests::world::unsigned(instruction.clone(), place);
            let others: Vec<_> = signers.iter().copied().filter(|signer| signer.pubkey() != key).collect();
            world.fails(unsigned, &others, IdentityError::MissingSigner);
        }
        if account.writable && key != payer {
            let read_only = joule_tests::world::read_only(instruction.clone(), place);
            world.fails(read_only, signers, IdentityError::NotWritable);
        }
    }
    let mut short = instruction.clone();
    short.accounts.truncate(spec.accounts.len() - 1);
    let still_there = |signer: &&Keypair| short.accounts.iter().any(|a| a.is_signer && a.pubkey == signer.pubkey());
    let others: Vec<_> = signers.iter().copied().filter(still_there).collect();
    world.fails(short.clone(), &others, IdentityError::NotEnoughAccounts);
    if spec.name != "MintNode" {
        let mut long = instruction.clone();
        long.data.push(0);
        world.fails(long, signers, IdentityError::InvalidArguments);
        if spec.args.size > 0 {
            let mut short = instruction.clone();
            short.data.pop();
            world.fails(short, signers, IdentityError::InvalidArguments);
        }
    }
}
