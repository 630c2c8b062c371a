//! Bubblegum's second schema. Its program is not published as a package, so nothing of it runs here: account compression of
//! that generation is the real one, and keeps the trees; what Bubblegum would have written into them is written by the tests,
//! with leaves that `mpl-bubblegum` hashes over metadata of that schema, minted without flags and changed afterwards; or by
//! what stands for it (`tests/programs/bubblegum-2`), which takes its fees as well, and closes trees.
//! Collections are accounts as Core writes them. What is sent to Bubblegum is compared with that crate's builders.

use {
    super::{minting::tree_without_bubblegum, *},
    joule_identity_interface::{BUBBLEGUM_CORE_SIGNER, state::control},
    mpl_bubblegum::{
        hash::{DEFAULT_ASSET_DATA_HASH, hash_collection_option},
        instructions::{
            BurnV2Builder, CloseTreeV2Builder, CreateTreeConfigV2Builder, FreezeV2Builder, MintV2Builder,
            SetNonTransferableV2Builder, ThawV2Builder,
        },
    },
    solana_program::hash::hash,
    std::collections::BTreeMap,
};

pub(super) const COLLECTION: Address = Address::new_from_array([0xc0; 32]);
const SOULBOUND: u8 = 4;

/// Account compression of the second generation, and the one who may write its tree, in Bubblegum's place.
pub(super) struct Second {
    pub(super) story: Story,
    writer: Keypair,
    merkle_tree: Address,
}

fn world() -> World {
    World::with(&[("mpl_account_compression", COMPRESSION_PROGRAM_2), ("mpl_noop", LOG_WRAPPER_2)])
}

/// An instruction of account compression, by its name.
fn compression(name: &str, accounts: Vec<AccountMeta>, args: &[&[u8]]) -> Instruction {
    let discriminator = hash(format!("global:{name}").as_bytes()).to_bytes();
    let data = [&discriminator[..8], &args.concat()].concat();
    Instruction { program_id: COMPRESSION_PROGRAM_2, accounts, data }
}

impl Second {
    /// A tree of the shape, and its record.
    pub(super) fn new(collection: Address, soulbound: u8, canopy: u32) -> Self {
        let mut story = Story::in_world(world(), DEPTH, BUFFER, 0);
        if collection != Address::default() {
            story.world.set_account(collection, core_collection(story.tree.registry, &plugins(story.tree.registry)));
        }
        let (account, writer) = (story.world.key(), story.world.user());
        let merkle_tree = account.pubkey();
        let size = merkle_tree_size(DEPTH, BUFFER, canopy);
        let payer = story.world.payer().pubkey();
        let create = create_account(&payer, &merkle_tree, story.world.rent(size), size as u64, &COMPRESSION_PROGRAM_2);
        let accounts = writable_by(merkle_tree, &writer);
        let args = [&DEPTH.to_le_bytes()[..], &BUFFER.to_le_bytes()];
        let initialize = compression("init_empty_merkle_tree", accounts, &args);
        story.world.ok(&[create, initialize], &[&account, &writer]);

        // A record as that of the story's tree of the first schema, but for these.
        let record = story.tree_state();
        story.tree = Tree::unborn(&story.network, merkle_tree, DEPTH, canopy);
        let record = TreeState {
            merkle_tree,
            tree_config: story.tree.config,
            collection,
            schema: 2,
            soulbound,
            minted_count: 0,
            ..record
        };
        story.world.forge(story.tree.address, &record);
        Self { story, writer, merkle_tree }
    }

    fn leaf(&self, machine: &Machine, flags: u8) -> [u8; 32] {
        leaf(machine, flags)
    }

    /// As if Bubblegum had minted it, without flags, and then set these.
    pub(super) fn mint(&mut self, flags: u8) -> Machine {
        let owner = self.story.owner.pubkey();
        let collection = self.story.tree_state().collection;
        let second = Some((collection != Address::default()).then_some(collection));
        let machine = Machine { second, ..self.story.tree.minted(owner, metadata("of the second schema")) };
        let leaf = self.leaf(&machine, 0);
        self.story.tree.set_leaf(machine.nonce, leaf);
        let append = compression("append", writable_by(self.merkle_tree, &self.writer), &[&leaf]);
        self.story.world.ok(&[append], &[&self.writer]);
        let mut record = self.story.tree_state();
        record.minted_count += 1;
        self.story.world.forge(self.story.tree.address, &record);
        if flags != 0 {
            let leaf = self.leaf(&machine, flags);
            self.replace(&machine, leaf);
        }
        machine
    }

    /// As if Bubblegum had changed it.
    fn replace(&mut self, machine: &Machine, leaf: [u8; 32]) {
        let (tree, old) = (&self.story.tree, self.story.tree.leaf(machine.nonce));
        let index = machine.nonce as u32;
        let mut accounts = writable_by(self.merkle_tree, &self.writer);
        accounts.extend(tree.proof(machine));
        let replace = compression("replace_leaf", accounts, &[&tree.root(), &old, &leaf, &index.to_le_bytes()]);
        self.story.world.ok(&[replace], &[&self.writer]);
        self.story.tree.set_leaf(machine.nonce, leaf);
    }

    pub(super) fn activate(&self, machine: &Machine, flags: u8) -> Instruction {
        let activate = activating(self.story.activate(machine), |args| args.flags = flags);
        swap(activate, "compression_program", COMPRESSION_PROGRAM_2)
    }

    pub(super) fn sync(&self, machine: &Machine, flags: u8) -> Instruction {
        let sync = self.story.tree.sync_instruction(machine, OPERATOR, CLASS);
        let sync = with_args(sync, |args: &mut SyncNodeArgs| args.flags = flags);
        swap(sync, "compression_program", COMPRESSION_PROGRAM_2)
    }

    pub(super) fn challenge(&self, machine: &Machine, flags: u8, gone: bool) -> Instruction {
        let challenge = self.story.tree.challenge_instruction(machine, gone);
        let collection = machine.second.flatten().unwrap_or_default();
        let challenge = with_args(challenge, |args: &mut ChallengeNodeArgs| {
            (args.flags, args.collection) = (flags, collection);
        });
        swap(challenge, "compression_program", COMPRESSION_PROGRAM_2)
    }

    #[track_caller]
    fn no_such_leaf(&self, instruction: Instruction, signers: &[&Keypair]) {
        self.story.refused_by(COMPRESSION_PROGRAM_2, theirs::NO_SUCH_LEAF, instruction, signers);
    }
}

/// The leaf as the crate hashes it.
fn leaf(machine: &Machine, flags: u8) -> [u8; 32] {
    let collection = machine.second.expect("of the second schema");
    LeafSchema::V2 {
        id: machine.asset,
        owner: machine.owner,
        delegate: machine.owner,
        nonce: machine.nonce,
        data_hash: machine.data_hash(),
        creator_hash: machine.creator_hash(),
        collection_hash: hash_collection_option(collection).unwrap(),
        asset_data_hash: DEFAULT_ASSET_DATA_HASH,
        flags,
    }
    .hash()
}

fn writable_by(merkle_tree: Address, writer: &Keypair) -> Vec<AccountMeta> {
    vec![
        AccountMeta::new(merkle_tree, false),
        AccountMeta::new_readonly(writer.pubkey(), true),
        AccountMeta::new_readonly(LOG_WRAPPER_2, false),
    ]
}

#[test]
fn the_second_generation_proves_leaves_of_the_second_schema() {
    for (collection, canopy) in [(Address::default(), 0), (COLLECTION, 2)] {
        let mut second = Second::new(collection, 0, canopy);
        let (machine, other) = (second.mint(0), second.mint(SOULBOUND));
        let buyer = second.story.world.user();
        let owner = second.story.owner.insecure_clone();
        second.story.world.ok(&[second.activate(&machine, 0)], &[&owner]);
        second.no_such_leaf(second.activate(&other, 0), &[&owner]);
        second.story.world.ok(&[second.activate(&other, SOULBOUND)], &[&owner]);
        assert!(second.story.node(&machine).serves(CLASS, second.story.world.now()));

        // A new owner, then nobody.
        let sold = Machine { owner: buyer.pubkey(), ..machine.clone() };
        let leaf = second.leaf(&sold, 0);
        second.replace(&machine, leaf);
        second.story.world.ok(&[second.challenge(&sold, 0, false)], &[]);
        assert_eq!(second.story.node(&machine).status, status::LOST);
        second.story.world.ok(&[signed(second.sync(&sold, 0), "owner")], &[&buyer]);
        assert_eq!(second.story.node(&machine).status, status::ACTIVE);
        second.no_such_leaf(second.challenge(&sold, 0, true), &[]);
        second.replace(&machine, EMPTY);
        second.story.world.ok(&[second.challenge(&sold, 0, true)], &[]);
        assert_eq!(second.story.node(&machine).status, status::LOST);
    }
}

#[test]
fn a_frozen_or_transferable_leaf_may_not_be_what_is_asked_for() {
    let mut second = Second::new(COLLECTION, 1, 0);
    let owner = second.story.owner.insecure_clone();
    for flags in [0, 1, 2, SOULBOUND | 1, SOULBOUND | 2] {
        let machine = second.mint(flags);
        second.story.world.fails(second.activate(&machine, flags), &[&owner], IdentityError::InvalidFlags);
        second.no_such_leaf(second.activate(&machine, SOULBOUND), &[&owner]);
    }
    let machine = second.mint(SOULBOUND);
    second.story.world.ok(&[second.activate(&machine, SOULBOUND)], &[&owner]);
    // Frozen later: it cannot be proved any more until it is thawed.
    let frozen = second.leaf(&machine, SOULBOUND | 2);
    second.replace(&machine, frozen);
    second.story.world.fails(second.sync(&machine, SOULBOUND | 2), &[], IdentityError::InvalidFlags);
    second.no_such_leaf(second.sync(&machine, SOULBOUND), &[]);
}

#[test]
fn the_generations_are_not_mixed() {
    let mut second = Second::new(Address::default(), 0, 0);
    let machine = second.mint(0);
    let owner = second.story.owner.insecure_clone();
    let activate = second.activate(&machine, 0);
    let first = swap(activate.clone(), "compression_program", COMPRESSION_PROGRAM);
    second.story.world.fails(first, &[&owner], IdentityError::WrongProgram);
    // A leaf of the first schema in a tree of the second.
    let leaf = machine.leaf();
    second.replace(&machine, leaf);
    second.no_such_leaf(second.activate(&machine, 0), &[&owner]);
    // A tree that another program keeps.
    second.story.edit(second.merkle_tree, |account| account.owner = COMPRESSION_PROGRAM);
    second.story.world.fails(activate, &[&owner], IdentityError::InvalidTree);
}

/// The collection's authority sets it free (`SetCollectionV2` without a new one): it is the seller's no more than a buyer's.
#[test]
fn a_leaf_that_left_its_collection_is_challenged() {
    let mut second = Second::new(COLLECTION, 0, 0);
    let machine = second.mint(0);
    let owner = second.story.owner.insecure_clone();
    second.story.world.ok(&[second.activate(&machine, 0)], &[&owner]);
    second.story.world.fails(second.challenge(&machine, 0, false), &[], IdentityError::SameOwner);
    let free = Machine { second: Some(None), ..machine.clone() };
    second.no_such_leaf(second.challenge(&free, 0, false), &[]);
    let leaf = second.leaf(&free, 0);
    second.replace(&machine, leaf);
    // Neither its owner nor a new one goes on with it.
    second.no_such_leaf(second.sync(&machine, 0), &[]);
    second.no_such_leaf(second.sync(&free, 0), &[]);
    let buyer = second.story.world.user();
    for it in [free.clone(), Machine { owner: buyer.pubkey(), ..free.clone() }] {
        let leaf = second.leaf(&it, 0);
        second.replace(&machine, leaf);
        let receipt = second.story.world.ok(&[second.challenge(&it, 0, false)], &[]);
        assert_eq!(receipt.event::<event::NodeChallenged>(ID).owner, it.owner);
        assert_eq!(second.story.node(&machine).status, status::LOST);
    }
    // Back in the collection, and its old owner's, it is found again.
    let leaf = second.leaf(&machine, 0);
    second.replace(&machine, leaf);
    second.story.world.ok(&[second.sync(&machine, 0)], &[]);
    assert_eq!(second.story.node(&machine).status, status::ACTIVE);
}

/// A world in which what stands in Bubblegum's place takes everything and does nothing.
fn without_bubblegum() -> Story {
    standing_in(world(), LOG_WRAPPER)
}

/// A world in which another program is where Bubblegum would be.
fn standing_in(mut world: World, program: Address) -> Story {
    let program = world.account(program).unwrap();
    world.set_account(BUBBLEGUM_PROGRAM, program);
    let owner = world.user();
    let network = Network::new(&mut world, &[]).0;
    let registry = create_registry(&world, &network);
    world.set_account(COLLECTION, core_collection(registry, &plugins(registry)));
    let tree = Tree::unborn(&network, OPERATOR, DEPTH, 0);
    Story { world, network, tree, owner }
}

/// Core's plugins by their numbers, each with its authority; and what each says of itself.
mod plugin {
    pub const ROYALTIES: u8 = 0;
    pub const UPDATE_DELEGATE: u8 = 4;
    pub const PERMANENT_FREEZE_DELEGATE: u8 = 5;
    pub const PERMANENT_TRANSFER_DELEGATE: u8 = 7;
    pub const PERMANENT_BURN_DELEGATE: u8 = 8;
    pub const BUBBLEGUM_V2: u8 = 15;
}

/// Authority of a plugin.
#[derive(Clone)]
#[allow(clippy::enum_variant_names, reason = "as Core calls them")]
enum Authority {
    Nobody,
    Owner,
    UpdateAuthority,
    Other(Address),
}

/// What a collection needs.
fn plugins(registry: Address) -> Vec<(u8, Authority)> {
    vec![
        (plugin::BUBBLEGUM_V2, Authority::UpdateAuthority),
        (plugin::PERMANENT_FREEZE_DELEGATE, Authority::Other(registry)),
        (plugin::PERMANENT_BURN_DELEGATE, Authority::UpdateAuthority),
    ]
}

/// A collection as Core writes it: base, header, plugins, and behind them their list.
fn core_collection(update_authority: Address, plugins: &[(u8, Authority)]) -> Account {
    let (key, name, uri) = (5u8, "Machines", "https://example.org/machines.json");
    let mut data = borsh::to_vec(&(key, update_authority, name, uri, 0u32, 0u32)).unwrap();
    let (mut bodies, mut list) = (vec![], borsh::to_vec(&(4u8, plugins.len() as u32)).unwrap());
    let start = data.len() + 9;
    for (kind, authority) in plugins {
        list.push(*kind);
        list.extend(match authority {
            Authority::Nobody => vec![0],
            Authority::Owner => vec![1],
            Authority::UpdateAuthority => vec![2],
            Authority::Other(address) => [&[3][..], address.as_ref()].concat(),
        });
        list.extend(((start + bodies.len()) as u64).to_le_bytes());
        bodies.push(*kind);
        bodies.extend(match *kind {
            plugin::PERMANENT_FREEZE_DELEGATE => vec![0],
            plugin::UPDATE_DELEGATE => vec![0; 4],
            plugin::ROYALTIES => vec![0; 2 + 4 + 1],
            _ => vec![],
        });
    }
    // No plugins of third parties.
    list.extend(0u32.to_le_bytes());
    data.extend(borsh::to_vec(&(3u8, (start + bodies.len()) as u64)).unwrap());
    data.extend(bodies);
    data.extend(list);
    Account { lamports: 1 << 30, data, owner: CORE_PROGRAM, ..Account::default() }
}

/// Bubblegum refuses every mint into another, when the tree's rent is paid and locked.
#[test]
fn a_tree_has_a_collection_of_the_registrys() {
    let mut story = without_bubblegum();
    let registry = story.tree.registry;
    let merkle_tree = story.allocate(merkle_tree_size(DEPTH, BUFFER, 0), COMPRESSION_PROGRAM_2);
    let create = create_2(&story, merkle_tree, COLLECTION, 0);
    let usual = plugins(registry);
    let with = |more: &[(u8, Authority)]| [&usual[..], more].concat();
    let without = |kind| usual.iter().filter(|(of, _)| *of != kind).cloned().collect::<Vec<_>>();
    let by = |kind, authority| [&without(kind)[..], &[(kind, authority)]].concat();
    let other = || Authority::Other(OPERATOR);
    let refused = [
        core_collection(OPERATOR, &usual),
        core_collection(registry, &[]),
        core_collection(registry, &without(plugin::BUBBLEGUM_V2)),
        core_collection(registry, &without(plugin::PERMANENT_FREEZE_DELEGATE)),
        core_collection(registry, &without(plugin::PERMANENT_BURN_DELEGATE)),
        core_collection(registry, &by(plugin::PERMANENT_FREEZE_DELEGATE, other())),
        core_collection(registry, &by(plugin::PERMANENT_BURN_DELEGATE, other())),
        core_collection(registry, &by(plugin::PERMANENT_BURN_DELEGATE, Authority::Nobody)),
        core_collection(registry, &by(plugin::PERMANENT_FREEZE_DELEGATE, Authority::Owner)),
        core_collection(registry, &with(&[(plugin::PERMANENT_TRANSFER_DELEGATE, other())])),
        core_collection(registry, &with(&[(plugin::UPDATE_DELEGATE, Authority::UpdateAuthority)])),
        Account { owner: TOKEN_PROGRAM, ..core_collection(registry, &usual) },
        Account { data: vec![], ..core_collection(registry, &usual) },
        Account { data: vec![5; 40], ..core_collection(registry, &usual) },
    ];
    for account in refused {
        story.world.set_account(COLLECTION, account);
        story.world.fails(create.clone(), &story.authority(), IdentityError::InvalidCollection);
    }
    let usual = core_collection(registry, &usual);
    // Cut short anywhere, or an asset in its place.
    for length in 0..usual.data.len() - 4 {
        let cut = Account { data: usual.data[..length].to_vec(), ..usual.clone() };
        story.world.set_account(COLLECTION, cut);
        story.world.fails(create.clone(), &story.authority(), IdentityError::InvalidCollection);
    }
    let mut asset = usual.clone();
    asset.data[0] = 1;
    story.world.set_account(COLLECTION, asset);
    story.world.fails(create.clone(), &story.authority(), IdentityError::InvalidCollection);
    // A soulbound tree has one: nobody could bind its leaves otherwise.
    let without = create_2(&story, merkle_tree, ID, 1);
    story.world.fails(without, &story.authority(), IdentityError::InvalidCollection);
    let accepted = [
        core_collection(registry, &plugins(registry)),
        core_collection(registry, &with(&[(plugin::PERMANENT_TRANSFER_DELEGATE, Authority::UpdateAuthority)])),
        core_collection(registry, &with(&[(plugin::ROYALTIES, other())])),
    ];
    for account in accepted {
        story.world.set_account(COLLECTION, account);
        // What stands in Bubblegum's place creates nothing, and only then it is refused.
        story.world.fails(create.clone(), &story.authority(), IdentityError::WrongTreeConfig);
    }
}

/// Of a tree that was closed no leaf is left: whoever still has a node of it is lost.
#[test]
fn machines_of_a_closed_tree_are_lost() {
    let mut second = Second::new(COLLECTION, 0, 0);
    let machine = second.mint(0);
    let owner = second.story.owner.insecure_clone();
    second.story.world.ok(&[second.activate(&machine, 0)], &[&owner]);
    let challenge = || swap(second.challenge(&machine, 0, true), "merkle_tree", OPERATOR);
    second.story.world.fails(challenge(), &[], IdentityError::WrongTree);
    second.story.world.fails(swap(challenge(), "tree", OPERATOR), &[], IdentityError::WrongTree);
    let challenge = challenge();
    second.story.world.set_account(second.story.tree.address, Account::default());
    let not_burned = with_args(challenge.clone(), |args: &mut ChallengeNodeArgs| args.is_burned = 0);
    second.story.world.fails(not_burned, &[], IdentityError::WrongOwner);
    second.story.world.ok(&[challenge], &[]);
    assert_eq!(second.story.node(&machine).status, status::LOST);
    second.story.world.pass(LOST_DELAY.0 as u64);
    second.story.world.ok(&[second.story.deactivate(&machine)], &[]);
}

/// Where a closed Merkle tree was, another registry makes one of its own: its leaves say nothing of the first one's machines.
#[test]
fn a_tree_of_another_registry_takes_no_machine_over() {
    let mut second = Second::new(COLLECTION, 0, 0);
    let machine = second.mint(0);
    let owner = second.story.owner.insecure_clone();
    second.story.world.ok(&[second.activate(&machine, 0)], &[&owner]);
    let (stranger, theirs) = second.story.stranger();
    let record = TreeState { network: stranger.address, registry: theirs.registry, ..second.story.tree_state() };
    second.story.world.forge(second.story.tree.address, &record);
    let buyer = second.story.world.user();
    let sold = Machine { owner: buyer.pubkey(), ..machine.clone() };
    let leaf = second.leaf(&sold, 0);
    second.replace(&machine, leaf);
    let world = &second.story.world;
    world.fails(signed(second.sync(&sold, 0), "owner"), &[&buyer], IdentityError::WrongRegistry);
    world.fails(second.challenge(&sold, 0, false), &[], IdentityError::WrongRegistry);
    let leave = second.story.deactivate_signed(&machine);
    world.fails(leave, &[&owner], IdentityError::WrongRegistry);
    // Of this registry's tree no leaf is left.
    world.ok(&[second.challenge(&sold, 0, true)], &[]);
    assert_eq!(second.story.node(&machine).status, status::LOST);
}

#[test]
fn closes_trees_as_bubblegum_asks() {
    let mut story = without_bubblegum();
    story.tree = tree_without_bubblegum(&mut story, 2, COLLECTION);
    let mut record = story.tree_state();
    record.payer = story.world.payer().pubkey();
    story.world.forge(story.tree.address, &record);
    let mut registry = story.registry();
    registry.open_tree_count = 1;
    story.world.forge(story.tree.registry, &registry);
    let account = Account { lamports: 1 << 40, data: vec![0; 8], owner: COMPRESSION_PROGRAM_2, ..Account::default() };
    story.world.set_account(story.tree.merkle_tree, account);
    let close = close_2(&story);
    let theirs = CloseTreeV2Builder::new()
        .tree_config(story.tree.config)
        .authority(story.tree.registry)
        .merkle_tree(story.tree.merkle_tree)
        .recipient(story.tree.registry)
        .fee_recipient(OPERATOR)
        .instruction();
    let keys = |instruction: &Instruction| instruction.accounts.iter().map(|it| it.pubkey).collect::<Vec<_>>();
    let mut with_fees = swap(close.clone(), "fee_recipient", OPERATOR);
    let place = place(&with_fees, "fee_recipient");
    with_fees.accounts[place].is_writable = true;
    let calls = story.world.inner_calls(&with_fees, &story.authority());
    assert_eq!(calls, [(BUBBLEGUM_PROGRAM, keys(&theirs), theirs.data.clone())]);
    // Bubblegum 0.12 keeps no fees apart.
    let mut older = keys(&theirs);
    older.remove(4);
    let calls = story.world.inner_calls(&close, &story.authority());
    assert_eq!(calls, [(BUBBLEGUM_PROGRAM, older, theirs.data)]);
    // What closed nothing is not believed.
    story.world.fails(close, &story.authority(), IdentityError::InvalidTree);
}

/// What closes one of the second schema.
fn close_2(story: &Story) -> Instruction {
    let close = swap(setup::close_tree(story), "compression_program", COMPRESSION_PROGRAM_2);
    swap(close, "log_wrapper", LOG_WRAPPER_2)
}

/// What registers a tree of the second schema.
fn create_2(story: &Story, merkle_tree: Address, collection: Address, soulbound: u8) -> Instruction {
    let create = swap(story.create_tree(merkle_tree, DEPTH, BUFFER), "compression_program", COMPRESSION_PROGRAM_2);
    let create = swap(swap(create, "log_wrapper", LOG_WRAPPER_2), "collection", collection);
    with_args(create, |args: &mut CreateTreeArgs| (args.schema, args.soulbound) = (2, soulbound))
}

fn metadata_2(collection: Option<Address>) -> MetadataArgsV2 {
    joule_tests::fixture::metadata_2(&metadata("of the second schema"), collection)
}

/// What mints that.
fn mint_2(story: &Story, metadata: &MetadataArgsV2) -> Instruction {
    let mint = story.mint_instruction(&super::metadata("replaced below"));
    let mint = swap(swap(mint, "compression_program", COMPRESSION_PROGRAM_2), "log_wrapper", LOG_WRAPPER_2);
    let mut mint = swap(mint, "core_program", CORE_PROGRAM);
    mint.data = [&[mint.data[0]][..], &borsh::to_vec(metadata).unwrap()].concat();
    if let Some(collection) = metadata.collection {
        mint = swap(swap(mint, "collection", collection), "core_signer", BUBBLEGUM_CORE_SIGNER);
        let place = place(&mint, "collection");
        mint.accounts[place].is_writable = true;
    }
    mint
}

/// What the network does to a leaf.
fn control_leaf(story: &Story, machine: &Machine, action: u8, flags: u8) -> Instruction {
    let mut control = ControlLeaf {
        payer: story.world.payer().pubkey(),
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        registry: story.tree.registry,
        tree: story.tree.address,
        tree_config: story.tree.config,
        leaf_owner: machine.owner,
        leaf_delegate: machine.owner,
        collection: COLLECTION,
        core_signer: BUBBLEGUM_CORE_SIGNER,
        bubblegum_program: BUBBLEGUM_PROGRAM,
        compression_program: COMPRESSION_PROGRAM_2,
        log_wrapper: LOG_WRAPPER_2,
        core_program: CORE_PROGRAM,
        system_program: SYSTEM_PROGRAM,
        merkle_tree: story.tree.merkle_tree,
    }
    .instruction(&ControlLeafArgs {
        root: story.tree.root(),
        data_hash: machine.data_hash(),
        creator_hash: machine.creator_hash(),
        index: machine.nonce as u32,
        flags,
        action,
    });
    control.accounts.extend(story.tree.proof(machine));
    control
}

/// A tree that what stands for Bubblegum made, and a class.
fn with_second_bubblegum() -> Story {
    let more = [BUBBLEGUM_2, ("mpl_account_compression", COMPRESSION_PROGRAM_2), ("mpl_noop", LOG_WRAPPER_2)];
    let mut story = standing_in(World::with(&more), BUBBLEGUM_2.1);
    add_class(&story.world, &story.network, CLASS, 0);
    let merkle_tree = story.allocate(merkle_tree_size(DEPTH, BUFFER, 0), COMPRESSION_PROGRAM_2);
    story.world.ok(&[create_2(&story, merkle_tree, COLLECTION, 0)], &story.authority());
    story.tree = Tree::unborn(&story.network, merkle_tree, DEPTH, 0);
    story
}

/// Mints one, and notes it.
fn minted_2(story: &mut Story) -> Machine {
    let metadata = metadata_2(Some(COLLECTION));
    story.world.ok(&[mint_2(story, &metadata)], &story.authority());
    let owner = story.owner.pubkey();
    let first = story.tree.minted(owner, super::metadata("of the second schema"));
    let machine = Machine { second: Some(Some(COLLECTION)), ..first };
    story.tree.set_leaf(machine.nonce, leaf(&machine, 0));
    machine
}

/// The registry's fee waits in the tree's account, Bubblegum's in its own.
#[test]
fn a_mint_of_the_second_schema_pays_bubblegum() {
    let mut story = with_second_bubblegum();
    story.set_policy(Policy { mint_fee: 5_000_000, fee_receiver: OPERATOR, ..policy(&story.network) });
    let payer = story.world.payer().pubkey();
    let lamports = |story: &Story| [payer, story.tree.address, story.tree.config].map(|it| story.world.lamports(it));
    for _ in 0..2 {
        let before = lamports(&story);
        minted_2(&mut story);
        let after = lamports(&story);
        assert_eq!((after[1], after[2]), (before[1] + 5_000_000, before[2] + 90_000));
        // Two signatures besides, on the bank.
        assert!((5_090_000..=5_100_000).contains(&(before[0] - after[0])));
    }
    assert_eq!(story.tree_state().minted_count, 2);
}

/// Account compression looks whether a leaf stands in it. Whatever its accounts hold goes to who paid for the record.
#[test]
fn a_tree_of_the_second_schema_is_closed_when_no_leaf_stands_in_it() {
    let mut story = with_second_bubblegum();
    let machine = minted_2(&mut story);
    let owner = story.owner.insecure_clone();
    let activate = swap(story.activate(&machine), "compression_program", COMPRESSION_PROGRAM_2);
    story.world.ok(&[activate], &[&owner]);
    story.refused_by(COMPRESSION_PROGRAM_2, theirs::NOT_EMPTY, close_2(&story), &story.authority());
    // A wrong proof burns nothing, nor does the registry's word for another leaf.
    let wrong =
        with_args(control_leaf(&story, &machine, control::BURN, 0), |args: &mut ControlLeafArgs| args.flags = 1);
    story.refused_by(COMPRESSION_PROGRAM_2, theirs::NO_SUCH_LEAF, wrong, &story.authority());
    story.world.ok(&[control_leaf(&story, &machine, control::BURN, 0)], &story.authority());
    story.tree.set_leaf(machine.nonce, EMPTY);

    let tree = [story.tree.address, story.tree.config, story.tree.merkle_tree];
    let held: u64 = tree.iter().map(|it| story.world.lamports(*it)).sum();
    let registry = story.world.lamports(story.tree.registry);
    assert_eq!(setup::brings(&story, close_2(&story)), held);
    assert!(tree.iter().all(|it| story.world.account(*it).is_none()));
    assert_eq!((story.world.lamports(story.tree.registry), story.registry().open_tree_count), (registry, 0));
    // Its machine is lost, whoever owned it.
    let challenge = swap(story.tree.challenge_instruction(&machine, true), "merkle_tree", OPERATOR);
    story.world.ok(&[challenge], &[]);
    assert_eq!(story.node(&machine).status, status::LOST);
    // Nothing was minted: closed as well, and the registry with it when its class is.
    let merkle_tree = story.allocate(merkle_tree_size(DEPTH, BUFFER, 0), COMPRESSION_PROGRAM_2);
    story.world.ok(&[create_2(&story, merkle_tree, COLLECTION, 0)], &story.authority());
    story.tree = Tree::unborn(&story.network, merkle_tree, DEPTH, 0);
    story.world.ok(&[close_2(&story)], &story.authority());
}

#[test]
fn mints_as_the_crates_builder() {
    for collection in [None, Some(COLLECTION)] {
        let mut story = without_bubblegum();
        story.tree = tree_without_bubblegum(&mut story, 2, collection.unwrap_or_default());
        let (tree, owner) = (&story.tree, story.owner.pubkey());
        let delegate = Address::new_from_array([0xde; 32]);
        let metadata = metadata_2(collection);
        let mint = swap(mint_2(&story, &metadata), "leaf_delegate", delegate);
        let theirs = MintV2Builder::new()
            .tree_config(tree.config)
            .payer(story.world.payer().pubkey())
            .tree_creator_or_delegate(Some(tree.registry))
            .collection_authority(collection.map(|_| tree.registry))
            .leaf_owner(owner)
            .leaf_delegate(Some(delegate))
            .merkle_tree(tree.merkle_tree)
            .core_collection(collection)
            .mpl_core_cpi_signer(collection.map(|_| BUBBLEGUM_CORE_SIGNER))
            .metadata(metadata)
            .instruction();
        let keys = theirs.accounts.iter().map(|account| account.pubkey).collect();
        let calls = story.world.inner_calls(&mint, &story.authority());
        assert_eq!(calls, [(BUBBLEGUM_PROGRAM, keys, theirs.data)]);
        // What did nothing minted nothing.
        let world = &story.world;
        world.fails(mint.clone(), &story.authority(), IdentityError::WrongTreeConfig);

        let authority = &story.authority()[..];
        world.fails(swap(mint.clone(), "core_program", BUBBLEGUM_PROGRAM), authority, IdentityError::WrongProgram);
        world.fails(swap(mint.clone(), "log_wrapper", LOG_WRAPPER), authority, IdentityError::WrongProgram);
        let first = swap(mint.clone(), "compression_program", COMPRESSION_PROGRAM);
        world.fails(first, authority, IdentityError::WrongProgram);
        let mut other = swap(mint.clone(), "collection", OPERATOR);
        let place = place(&other, "collection");
        other.accounts[place].is_writable = true;
        world.fails(other, authority, IdentityError::WrongCollection);
        if collection.is_some() {
            let unsigned = swap(mint.clone(), "core_signer", OPERATOR);
            world.fails(unsigned, authority, IdentityError::WrongAddress);
            let mut read_only = mint.clone();
            read_only.accounts[place].is_writable = false;
            world.fails(read_only, authority, IdentityError::NotWritable);
        }
        let mut elsewhere = mint.clone();
        let of_another = metadata_2(Some(OPERATOR));
        elsewhere.data = [&[mint.data[0]][..], &borsh::to_vec(&of_another).unwrap()].concat();
        world.fails(elsewhere, authority, IdentityError::InvalidMetadata);
        let mut first = mint;
        first.data = [&[first.data[0]][..], &borsh::to_vec(&super::metadata("of the first")).unwrap()].concat();
        world.fails(first, authority, IdentityError::InvalidMetadata);
    }
}

#[test]
fn creates_trees_as_the_crates_builder() {
    let story = without_bubblegum();
    let merkle_tree = story.allocate(merkle_tree_size(DEPTH, BUFFER, 0), COMPRESSION_PROGRAM_2);
    let create = create_2(&story, merkle_tree, COLLECTION, 1);
    let theirs = CreateTreeConfigV2Builder::new()
        .tree_config(pda::tree_config(&merkle_tree))
        .merkle_tree(merkle_tree)
        .payer(story.world.payer().pubkey())
        .tree_creator(Some(story.tree.registry))
        .max_depth(DEPTH)
        .max_buffer_size(BUFFER)
        .public(false)
        .instruction();
    let keys: Vec<_> = theirs.accounts.iter().map(|account| account.pubkey).collect();
    let calls = story.world.inner_calls(&create, &story.authority());
    assert_eq!(calls.last(), Some(&(BUBBLEGUM_PROGRAM, keys, theirs.data)));
    // Nothing was created, so nothing is registered.
    story.world.fails(create.clone(), &story.authority(), IdentityError::WrongTreeConfig);
    let first = swap(create, "compression_program", COMPRESSION_PROGRAM);
    story.world.fails(first, &story.authority(), IdentityError::WrongProgram);
}

/// What is sent for each action is what the crate's builder makes; the registry signs as permanent delegate.
#[test]
fn controls_leaves_as_the_crates_builders() {
    let mut story = without_bubblegum();
    story.tree = tree_without_bubblegum(&mut story, 2, COLLECTION);
    let machine = story.tree.minted(story.owner.pubkey(), super::metadata("to be controlled"));
    let mut record = story.tree_state();
    record.minted_count = 1;
    story.world.forge(story.tree.address, &record);
    let size = merkle_tree_size(DEPTH, BUFFER, 0);
    let account =
        Account { lamports: 1 << 40, data: vec![0; size], owner: COMPRESSION_PROGRAM_2, ..Account::default() };
    story.world.set_account(story.tree.merkle_tree, account);
    let delegate = Address::new_from_array([0xde; 32]);
    let payer = story.world.payer().pubkey();
    let control = |action, flags| swap(control_leaf(&story, &machine, action, flags), "leaf_delegate", delegate);
    // One builder after another: they have no type in common.
    macro_rules! theirs {
        ($builder:ident, $flags:expr, $collection:expr $(, $core_signer:ident)?) => {
            $builder::new()
                .tree_config(story.tree.config)
                .payer(payer)
                .authority(Some(story.tree.registry))
                .leaf_owner(machine.owner)
                .merkle_tree(story.tree.merkle_tree)
                .core_collection($collection)
                $(.mpl_core_cpi_signer(Some($core_signer)))?
                .root(story.tree.root())
                .data_hash(machine.data_hash())
                .creator_hash(machine.creator_hash())
                .flags($flags)
                .nonce(0)
                .index(0)
                .add_remaining_accounts(&story.tree.proof(&machine))
        };
    }
    let cases = [
        (
            control::BIND,
            0,
            theirs!(SetNonTransferableV2Builder, 0, COLLECTION).leaf_delegate(Some(delegate)).instruction(),
        ),
        (control::FREEZE, 4, theirs!(FreezeV2Builder, 4, Some(COLLECTION)).leaf_delegate(delegate).instruction()),
        (control::THAW, 6, theirs!(ThawV2Builder, 6, Some(COLLECTION)).leaf_delegate(delegate).instruction()),
        (
            control::BURN,
            6,
            theirs!(BurnV2Builder, 6, Some(COLLECTION), BUBBLEGUM_CORE_SIGNER)
                .leaf_delegate(Some(delegate))
                .instruction(),
        ),
    ];
    let (world, authority) = (&story.world, &story.authority()[..]);
    for (action, flags, theirs) in cases {
        let keys = theirs.accounts.iter().map(|account| account.pubkey).collect();
        let calls = world.inner_calls(&control(action, flags), authority);
        assert_eq!(calls, [(BUBBLEGUM_PROGRAM, keys, theirs.data)], "action {action}");
        let receipt = world.ok(&[control(action, flags)], authority);
        let event: event::LeafControlled = receipt.event(ID);
        assert_eq!((event.header.source, event.nonce, event.action), (story.tree.address, 0, action as u64));
    }

    let burning = control(control::BURN, 0);
    let control = || control(control::FREEZE, 0);
    checks_its_shape(world, &control(), authority);
    let args = |change: fn(&mut ControlLeafArgs)| with_args(control(), change);
    assert_eq!(world.out_of_range(args(|args| args.action = 4), authority), "action");
    world.fails(args(|args| args.index = 1), authority, IdentityError::LeafIndexOutOfRange);
    let mut long = control();
    long.accounts.push(AccountMeta::new_readonly(OPERATOR, false));
    world.fails(long, authority, IdentityError::ProofTooLong);
    let usurped = swap(control(), "authority", story.owner.pubkey());
    world.fails(usurped, &[&story.owner], IdentityError::Unauthorized);
    // What only burning needs is looked at when it burns.
    let burn = |name| swap(burning.clone(), name, story.owner.pubkey());
    world.fails(burn("core_signer"), authority, IdentityError::WrongAddress);
    world.fails(burn("core_program"), authority, IdentityError::WrongProgram);
    for (name, error) in [
        ("network", IdentityError::WrongOwner),
        ("registry", IdentityError::WrongOwner),
        ("tree", IdentityError::WrongOwner),
        ("tree_config", IdentityError::WrongTreeConfig),
        ("merkle_tree", IdentityError::WrongTree),
        ("collection", IdentityError::WrongCollection),
        ("bubblegum_program", IdentityError::WrongProgram),
        ("compression_program", IdentityError::WrongProgram),
        ("log_wrapper", IdentityError::WrongProgram),
        ("system_program", IdentityError::WrongProgram),
    ] {
        world.fails(swap(control(), name, story.owner.pubkey()), authority, error);
    }
    let control = control();
    story.edit(story.tree.merkle_tree, |account| account.owner = COMPRESSION_PROGRAM);
    story.world.fails(control, &story.authority(), IdentityError::InvalidTree);
}

#[test]
fn leaves_of_the_first_schema_and_of_others_are_not_controlled() {
    let mut story = without_bubblegum();
    let theirs = Network::new(&mut story.world, &[]).0;
    create_registry(&story.world, &theirs);
    story.tree = tree_without_bubblegum(&mut story, 1, Address::default());
    let control = ControlLeaf {
        payer: story.world.payer().pubkey(),
        authority: story.network.authority.pubkey(),
        network: story.network.address,
        registry: story.tree.registry,
        tree: story.tree.address,
        tree_config: story.tree.config,
        leaf_owner: story.owner.pubkey(),
        leaf_delegate: story.owner.pubkey(),
        collection: Address::default(),
        core_signer: BUBBLEGUM_CORE_SIGNER,
        bubblegum_program: BUBBLEGUM_PROGRAM,
        compression_program: COMPRESSION_PROGRAM,
        log_wrapper: LOG_WRAPPER,
        core_program: CORE_PROGRAM,
        system_program: SYSTEM_PROGRAM,
        merkle_tree: story.tree.merkle_tree,
    }
    .instruction(&ControlLeafArgs::default());
    let authority = &story.authority()[..];
    let mut control = control;
    // The System program's account, which stands for no collection, cannot be written.
    let collection = place(&control, "collection");
    control.accounts[collection].pubkey = OPERATOR;
    story.world.fails(control.clone(), authority, IdentityError::InvalidSchema);
    let foreign = pda::registry::find(&theirs.address).0;
    story.world.fails(swap(control.clone(), "registry", foreign), authority, IdentityError::WrongNetwork);
    let both = swap(swap(control, "registry", foreign), "network", theirs.address);
    let by_them = swap(both, "authority", theirs.authority.pubkey());
    story.world.fails(by_them, &[&theirs.authority], IdentityError::WrongRegistry);
}

/// Bytes of a legacy transaction; or of one of version 0, with a lookup table of these.
fn bytes(payer: Address, instructions: &[Instruction], table: &[Address]) -> usize {
    let short = |length: usize| if length < 128 { 1 } else { 2 };
    let mut keys: BTreeMap<Address, (bool, bool)> = BTreeMap::from([(payer, (true, true))]);
    for instruction in instructions {
        keys.entry(instruction.program_id).or_default();
        for account in &instruction.accounts {
            let flags = keys.entry(account.pubkey).or_default();
            *flags = (flags.0 || account.is_signer, flags.1 || account.is_writable);
        }
    }
    let programs: Vec<_> = instructions.iter().map(|it| it.program_id).collect();
    let looked_up = |key: &Address| table.contains(key) && !programs.contains(key) && !keys[key].0;
    let named = keys.keys().filter(|key| !looked_up(key)).count();
    let signatures = keys.values().filter(|flags| flags.0).count();
    let compiled: usize = instructions
        .iter()
        .map(|it| 1 + short(it.accounts.len()) + it.accounts.len() + short(it.data.len()) + it.data.len())
        .sum();
    let tables = if table.is_empty() { 0 } else { 1 + 1 + 32 + 2 + (keys.len() - named) };
    1 + 64 * signatures + 3 + 1 + 32 * named + 32 + 1 + compiled + tables
}

/// Of a tree of depth 20 with a canopy of 6, by an authority that pays and does not own the machine. Identity's page has the
/// figures.
#[test]
fn what_is_done_to_a_leaf_fits_a_transaction() {
    let story = without_bubblegum();
    let key = |byte| Address::new_from_array([byte; 32]);
    let (owner, payer, authority) = (key(1), key(2), story.network.authority.pubkey());
    let proof: Vec<_> = (100..114).map(|byte| AccountMeta::new_readonly(key(byte), false)).collect();
    let mut tree = Tree::unborn(&story.network, key(3), 5, 0);
    let machine = Machine { second: Some(Some(COLLECTION)), ..tree.minted(owner, metadata("H100 SXM #123456")) };
    let control = |payer, action| {
        let burns = action == control::BURN;
        let mut control = ControlLeaf {
            payer,
            authority,
            network: tree.network,
            registry: tree.registry,
            tree: tree.address,
            tree_config: tree.config,
            leaf_owner: owner,
            leaf_delegate: owner,
            collection: COLLECTION,
            core_signer: if burns { BUBBLEGUM_CORE_SIGNER } else { ID },
            bubblegum_program: BUBBLEGUM_PROGRAM,
            compression_program: COMPRESSION_PROGRAM_2,
            log_wrapper: LOG_WRAPPER_2,
            core_program: if burns { CORE_PROGRAM } else { ID },
            system_program: SYSTEM_PROGRAM,
            merkle_tree: tree.merkle_tree,
        }
        .instruction(&ControlLeafArgs { action, ..ControlLeafArgs::default() });
        control.accounts.extend(proof.clone());
        control
    };
    for action in [control::BIND, control::FREEZE, control::THAW] {
        assert_eq!(bytes(authority, &[control(authority, action)], &[]), 1_102);
        assert_eq!(bytes(payer, &[control(payer, action)], &[]), 1_198);
    }
    assert_eq!(bytes(authority, &[control(authority, control::BURN)], &[]), 1_166);

    let metadata = borsh::to_vec(&joule_tests::fixture::metadata_2(&machine.metadata, Some(COLLECTION))).unwrap();
    let mint = MintNode {
        payer: authority,
        minter: authority,
        network: tree.network,
        registry: tree.registry,
        tree: tree.address,
        merkle_tree: tree.merkle_tree,
        tree_config: tree.config,
        leaf_owner: owner,
        leaf_delegate: owner,
        programs: BubblegumPrograms {
            bubblegum_program: BUBBLEGUM_PROGRAM,
            compression_program: COMPRESSION_PROGRAM_2,
            log_wrapper: LOG_WRAPPER_2,
            system_program: SYSTEM_PROGRAM,
        },
        collection: COLLECTION,
        core_signer: BUBBLEGUM_CORE_SIGNER,
        core_program: CORE_PROGRAM,
    }
    .instruction_with(&MintNodeArgs {}, &metadata);
    let mut activate = ActivateNode {
        payer: authority,
        owner,
        leaf_delegate: owner,
        network: tree.network,
        class: class(&tree.registry, CLASS),
        tree: tree.address,
        node: machine.node(),
        specification_claim: tree.claim(&tree.specification(&machine)),
        compression_program: COMPRESSION_PROGRAM_2,
        system_program: SYSTEM_PROGRAM,
        merkle_tree: tree.merkle_tree,
    }
    .instruction(&ActivateNodeArgs::default());
    activate.accounts.extend(proof.clone());
    let all = [mint, control(authority, control::BIND), activate];
    let table = [
        tree.network,
        tree.registry,
        class(&tree.registry, CLASS),
        tree.address,
        tree.merkle_tree,
        tree.config,
        COLLECTION,
        BUBBLEGUM_CORE_SIGNER,
        BUBBLEGUM_PROGRAM,
        COMPRESSION_PROGRAM_2,
        LOG_WRAPPER_2,
        CORE_PROGRAM,
        SYSTEM_PROGRAM,
    ];
    // All three of the network's own machine; of another's, in two transactions, or in one of version 1.
    let own = all.clone().map(|mut instruction| {
        for account in instruction.accounts.iter_mut().filter(|account| account.pubkey == owner) {
            account.pubkey = authority;
        }
        instruction
    });
    assert_eq!((bytes(authority, &own, &[]), bytes(authority, &own, &table)), (1_553, 1_186));
    assert_eq!((bytes(authority, &all, &[]), bytes(authority, &all, &table)), (1_649, 1_282));
    assert_eq!(bytes(authority, &all[1..], &table), 1_156);
    // With two levels more of canopy all three of another's fit as well.
    let shorter = all.map(|mut instruction| {
        let nodes = &proof[..2];
        instruction.accounts.retain(|account| nodes.iter().all(|node| node.pubkey != account.pubkey));
        instruction
    });
    assert_eq!((bytes(authority, &shorter, &[]), bytes(authority, &shorter, &table)), (1_581, 1_214));
}
