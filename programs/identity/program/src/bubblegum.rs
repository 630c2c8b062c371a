//! Bubblegum: the calls that the registry signs, and a tree's configuration. Types and encoding are `mpl-bubblegum`'s.

use {
    crate::{Result, compression},
    borsh::BorshSerialize,
    core::iter,
    joule_common::{AccountView, Signer, guard, guard::require},
    joule_identity_interface::{
        BUBBLEGUM_PROGRAM, ID, IdentityError,
        instruction::{
            BubblegumPrograms, CloseTree, ControlLeaf, ControlLeafArgs, CreateTree, CreateTreeArgs, MintNode,
        },
        state::{Tree, control},
    },
    joule_interface::{Access, Address, Fault, invoke},
    mpl_bubblegum::{
        accounts::TreeConfig,
        instructions::{
            BurnV2InstructionArgs, BurnV2InstructionData, CloseTreeV2InstructionData, CreateTreeConfigInstructionArgs,
            CreateTreeConfigInstructionData, CreateTreeConfigV2InstructionArgs, CreateTreeConfigV2InstructionData,
            FreezeV2InstructionArgs, FreezeV2InstructionData, MintV1InstructionData, MintV2InstructionData,
            SetNonTransferableV2InstructionArgs, SetNonTransferableV2InstructionData, ThawV2InstructionArgs,
            ThawV2InstructionData,
        },
    },
    pinocchio::{
        cpi::invoke_signed_with_slice,
        instruction::{InstructionAccount, InstructionView},
    },
};

const READ: Access = Access::READ;
const WRITE: Access = Access::WRITE;
const SIGN: Access = Access::SIGN;
const SIGN_AND_WRITE: Access = Access::SIGN_AND_WRITE;

/// Discriminator of a tree's configuration.
const TREE_CONFIG: [u8; 8] = [122, 245, 175, 248, 171, 34, 0, 207];

/// Reads the configuration of a tree of `schema`: only `registry` may mint, and `minted` leaves were minted.
pub fn tree_config(view: &AccountView, registry: &Address, schema: u8, minted: u64) -> Result<TreeConfig> {
    require(guard::eq(view.owner(), &BUBBLEGUM_PROGRAM), IdentityError::WrongTreeConfig)?;
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    require(data.len() == TreeConfig::LEN, IdentityError::WrongTreeConfig)?;
    let config = TreeConfig::from_bytes(&data).map_err(|_| IdentityError::WrongTreeConfig)?;
    let own = config.discriminator == TREE_CONFIG
        && guard::eq(&config.tree_creator, registry)
        && guard::eq(&config.tree_delegate, registry)
        && !config.is_public
        && config.version.to_bytes() == schema
        && config.num_minted == minted;
    require(own, IdentityError::WrongTreeConfig)?;
    Ok(config)
}

/// Number of leaves that a configuration counts. [`tree_config`] checked it before the mint, which changes nothing else
/// of it.
pub fn minted(view: &AccountView) -> Result<u64> {
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let config = TreeConfig::from_bytes(&data).map_err(|_| IdentityError::WrongTreeConfig)?;
    Ok(config.num_minted)
}

/// Checks Bubblegum and the programs that it calls: each is the one for the schema.
#[inline(always)]
pub fn check_programs(schema: u8, programs: &BubblegumPrograms<&AccountView>) -> Result<()> {
    guard::program(programs.bubblegum_program, &BUBBLEGUM_PROGRAM)?;
    guard::program(programs.compression_program, compression::program(schema))?;
    guard::program(programs.log_wrapper, compression::log_wrapper(schema))?;
    Ok(guard::system_program(programs.system_program)?)
}

/// Checks what Bubblegum is called with for a registered tree: its Merkle tree, its configuration, and the programs.
#[inline(always)]
pub fn check_tree(
    tree: &Tree,
    merkle_tree: &AccountView,
    tree_config: &AccountView,
    programs: &BubblegumPrograms<&AccountView>,
) -> Result<()> {
    require(guard::eq(&tree.merkle_tree, merkle_tree.address()), IdentityError::WrongTree)?;
    require(guard::eq(&tree.tree_config, tree_config.address()), IdentityError::WrongTreeConfig)?;
    check_programs(tree.schema, programs)
}

/// Data of an instruction: its discriminator, then its arguments.
#[inline(always)]
fn data(discriminator: impl BorshSerialize, args: impl BorshSerialize) -> Result<Vec<u8>> {
    Ok(borsh::to_vec(&(discriminator, args)).map_err(|_| Fault::CallFailed)?)
}

/// Initializes a Merkle tree and its configuration, in which the registry is creator and delegate. Bubblegum refuses a
/// tree that is not zero; account compression refuses an unknown shape.
pub fn create_tree(a: &CreateTree<&AccountView>, args: &CreateTreeArgs, signers: &[Signer]) -> Result<()> {
    let CreateTreeArgs { max_depth, max_buffer_size, .. } = *args;
    // Only creator and delegate mint.
    let public = Some(false);
    let data = if args.schema == 1 {
        let args = CreateTreeConfigInstructionArgs { max_depth, max_buffer_size, public };
        data(CreateTreeConfigInstructionData::new(), args)
    } else {
        let args = CreateTreeConfigV2InstructionArgs { max_depth, max_buffer_size, public };
        data(CreateTreeConfigV2InstructionData::new(), args)
    }?;
    let views = [
        a.tree_config,
        a.merkle_tree,
        a.payer,
        a.registry,
        a.programs.log_wrapper,
        a.programs.compression_program,
        a.programs.system_program,
    ];
    Ok(invoke(&BUBBLEGUM_PROGRAM, &data, &views, &CREATE_TREE_ACCESS, signers)?)
}

// Accesses are written here: with the instructions that the crate's account structs make, a mint costs 7.4 % more and a
// tree's creation 1.3 %, and the ELF grows by half. The tests compare them with the crate's.
const CREATE_TREE_ACCESS: [Access; 7] = [WRITE, WRITE, SIGN_AND_WRITE, SIGN, READ, READ, READ];

/// Closes a Merkle tree in which no leaf stands, and its configuration. Bubblegum pays their rent to creator or delegate alone:
/// to the registry. From some version on it pays its own fees, which lie in the configuration, to an account of its choice.
pub fn close_tree(a: &CloseTree<&AccountView>, signers: &[Signer]) -> Result<()> {
    let data = data(CloseTreeV2InstructionData::new(), ())?;
    let (config, registry, merkle_tree) = (a.tree_config, a.registry, a.merkle_tree);
    let (compression, log_wrapper, system) =
        (a.programs.compression_program, a.programs.log_wrapper, a.programs.system_program);
    if guard::present(a.fee_recipient, &ID) {
        let views = [config, registry, merkle_tree, registry, a.fee_recipient, compression, log_wrapper, system];
        return Ok(invoke(&BUBBLEGUM_PROGRAM, &data, &views, &CLOSE_TREE_ACCESS, signers)?);
    }
    let access = [WRITE, SIGN, WRITE, WRITE, READ, READ, READ];
    let views = [config, registry, merkle_tree, registry, compression, log_wrapper, system];
    Ok(invoke(&BUBBLEGUM_PROGRAM, &data, &views, &access, signers)?)
}

// The registry signs, and is paid.
const CLOSE_TREE_ACCESS: [Access; 8] = [WRITE, SIGN, WRITE, WRITE, WRITE, READ, READ, READ];

/// `None` twice: neither asset data nor its schema.
const NO_ASSET_DATA: [u8; 2] = [0; 2];

/// Data of a mint. Metadata was checked in its borsh bytes, and is passed on in them.
#[inline(always)]
fn mint_data(discriminator: impl BorshSerialize, metadata: &[u8], rest: &[u8]) -> Result<Vec<u8>> {
    let mut data = Vec::with_capacity(8 + metadata.len() + rest.len());
    discriminator.serialize(&mut data).map_err(|_| Fault::CallFailed)?;
    data.extend_from_slice(metadata);
    data.extend_from_slice(rest);
    Ok(data)
}

/// Mints an NFT of schema 1: appends its leaf.
#[inline(always)]
pub fn mint_v1(a: &MintNode<&AccountView>, metadata: &[u8], signers: &[Signer]) -> Result<()> {
    let data = mint_data(MintV1InstructionData::new(), metadata, &[])?;
    let views = [
        a.tree_config,
        a.leaf_owner,
        a.leaf_delegate,
        a.merkle_tree,
        a.payer,
        a.registry,
        a.programs.log_wrapper,
        a.programs.compression_program,
        a.programs.system_program,
    ];
    Ok(invoke(&BUBBLEGUM_PROGRAM, &data, &views, &MINT_V1_ACCESS, signers)?)
}

const MINT_V1_ACCESS: [Access; 9] = [WRITE, READ, READ, WRITE, SIGN, SIGN, READ, READ, READ];

/// Mints an NFT of schema 2 into `collection`, whose authority is the registry, or into none. Bubblegum takes its own
/// fee from the payer. Its own address stands for an absent account.
#[inline(never)]
pub fn mint_v2(
    a: &MintNode<&AccountView>,
    metadata: &[u8],
    collection: Option<&AccountView>,
    signers: &[Signer],
) -> Result<()> {
    let data = mint_data(MintV2InstructionData::new(), metadata, &NO_ASSET_DATA)?;
    let in_collection = |view| if collection.is_some() { view } else { a.programs.bubblegum_program };
    let views = [
        a.tree_config,
        a.payer,
        a.registry,
        in_collection(a.registry),
        a.leaf_owner,
        a.leaf_delegate,
        a.merkle_tree,
        in_collection(a.collection),
        in_collection(a.core_signer),
        a.programs.log_wrapper,
        a.programs.compression_program,
        a.core_program,
        a.programs.system_program,
    ];
    Ok(invoke(&BUBBLEGUM_PROGRAM, &data, &views, &mint_v2_access(collection.is_some()), signers)?)
}

fn mint_v2_access(in_collection: bool) -> [Access; 13] {
    let only = |access| if in_collection { access } else { READ };
    [WRITE, SIGN_AND_WRITE, SIGN, only(SIGN), READ, READ, WRITE, only(WRITE), READ, READ, READ, READ, READ]
}

/// Changes or burns a leaf of a collection. The registry signs as the collection's permanent delegate; the payer pays
/// Bubblegum's fee. `proof` is the proof's nodes.
pub fn control_leaf(
    a: &ControlLeaf<&AccountView>,
    proof: &[AccountView],
    args: &ControlLeafArgs,
    signers: &[Signer],
) -> Result<()> {
    /// The four instructions have the same arguments.
    macro_rules! data {
        ($data:ident, $args:ident) => {
            data(
                $data::new(),
                $args {
                    root: args.root,
                    data_hash: args.data_hash,
                    creator_hash: args.creator_hash,
                    asset_data_hash: None,
                    flags: Some(args.flags),
                    nonce: args.index as u64,
                    index: args.index,
                },
            )
        };
    }
    let data = match args.action {
        control::BIND => data!(SetNonTransferableV2InstructionData, SetNonTransferableV2InstructionArgs),
        control::FREEZE => data!(FreezeV2InstructionData, FreezeV2InstructionArgs),
        control::THAW => data!(ThawV2InstructionData, ThawV2InstructionArgs),
        _ => data!(BurnV2InstructionData, BurnV2InstructionArgs),
    }?;
    let mut views =
        vec![a.tree_config, a.payer, a.registry, a.leaf_owner, a.leaf_delegate, a.merkle_tree, a.collection];
    let access = if args.action == control::BURN {
        views.extend([a.core_signer, a.log_wrapper, a.compression_program, a.core_program, a.system_program]);
        &BURN_ACCESS[..]
    } else {
        views.extend([a.log_wrapper, a.compression_program, a.system_program]);
        &CONTROL_ACCESS
    };
    views.extend(proof);
    // The proof's nodes come last. They are only read.
    let access = access.iter().copied().chain(iter::repeat(READ));
    let accounts: Vec<_> = views
        .iter()
        .zip(access)
        .map(|(view, access)| InstructionAccount::new(view.address(), access.writable, access.signer))
        .collect();
    let instruction = InstructionView { program_id: &BUBBLEGUM_PROGRAM, accounts: &accounts, data: &data };
    Ok(invoke_signed_with_slice(&instruction, &views, signers)?)
}

const CONTROL_ACCESS: [Access; 10] = [WRITE, SIGN_AND_WRITE, SIGN, READ, READ, WRITE, READ, READ, READ, READ];
/// Burning lowers the collection's count, by a call to Core.
const BURN_ACCESS: [Access; 12] = [WRITE, SIGN_AND_WRITE, SIGN, READ, READ, WRITE, WRITE, READ, READ, READ, READ, READ];

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_identity_interface::{BUBBLEGUM_CORE_SIGNER, CORE_PROGRAM, pda},
        mpl_bubblegum::{
            instructions::{
                BurnV2Builder, CloseTreeV2Builder, CreateTreeConfigBuilder, CreateTreeConfigV2Builder, FreezeV2Builder,
                MintV1Builder, MintV2Builder, SetNonTransferableV2Builder, ThawV2Builder,
            },
            types::{MetadataArgsV2, TokenStandard},
            utils::get_asset_id,
        },
        solana_program::instruction::Instruction,
    };

    /// Address 1 stands for the first argument of a builder, and so on.
    const fn key(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    fn access_of(instruction: &Instruction) -> Vec<Access> {
        let accounts = instruction.accounts.iter();
        accounts.map(|account| Access { signer: account.is_signer, writable: account.is_writable }).collect()
    }

    /// From `first` on, the instruction names the log wrapper and account compression of the schema.
    fn assert_programs(instruction: &Instruction, first: usize, schema: u8) {
        assert_eq!(instruction.program_id, BUBBLEGUM_PROGRAM);
        let programs = [instruction.accounts[first].pubkey, instruction.accounts[first + 1].pubkey];
        assert_eq!(programs, [*compression::log_wrapper(schema), *compression::program(schema)]);
    }

    #[test]
    fn trees_are_created_as_by_the_crates_builders() {
        macro_rules! create {
            ($builder:ident, $creator:expr) => {
                $builder::new()
                    .tree_config(key(1))
                    .merkle_tree(key(2))
                    .payer(key(3))
                    .tree_creator($creator)
                    .max_depth(14)
                    .max_buffer_size(64)
                    .instruction()
            };
        }
        let create_v1 = create!(CreateTreeConfigBuilder, key(4));
        let create_v2 = create!(CreateTreeConfigV2Builder, Some(key(4)));
        assert_eq!(access_of(&create_v1), CREATE_TREE_ACCESS);
        assert_eq!(access_of(&create_v2), CREATE_TREE_ACCESS);
        assert_programs(&create_v1, 4, 1);
        assert_programs(&create_v2, 4, 2);
    }

    #[test]
    fn trees_are_closed_as_by_the_crates_builder() {
        let close = CloseTreeV2Builder::new()
            .tree_config(key(1))
            .authority(key(2))
            .merkle_tree(key(3))
            .recipient(key(2))
            .instruction();
        assert_eq!(access_of(&close), CLOSE_TREE_ACCESS);
        assert_eq!(close.accounts[5].pubkey, *compression::program(2));
        assert_eq!(close.accounts[6].pubkey, *compression::log_wrapper(2));
        assert_eq!(close.data, data(CloseTreeV2InstructionData::new(), ()).unwrap());
    }

    #[test]
    fn nfts_are_minted_as_by_the_crates_builders() {
        for collection in [None, Some(key(8))] {
            let metadata = MetadataArgsV2 {
                name: "machine".into(),
                symbol: "NODE".into(),
                uri: "https://example.org".into(),
                seller_fee_basis_points: 0,
                primary_sale_happened: false,
                is_mutable: false,
                token_standard: Some(TokenStandard::NonFungible),
                creators: vec![],
                collection,
            };
            let mint = MintV1Builder::new()
                .tree_config(key(1))
                .leaf_owner(key(2))
                .leaf_delegate(key(3))
                .merkle_tree(key(4))
                .payer(key(5))
                .tree_creator_or_delegate(key(6))
                .metadata(metadata.clone().into())
                .instruction();
            assert_eq!(access_of(&mint), MINT_V1_ACCESS);
            assert_programs(&mint, 6, 1);

            let bytes = borsh::to_vec(&metadata).unwrap();
            let mint = MintV2Builder::new()
                .tree_config(key(1))
                .payer(key(2))
                .tree_creator_or_delegate(Some(key(3)))
                .collection_authority(collection.map(|_| key(3)))
                .leaf_owner(key(4))
                .leaf_delegate(Some(key(5)))
                .merkle_tree(key(6))
                .core_collection(collection)
                .mpl_core_cpi_signer(collection.map(|_| BUBBLEGUM_CORE_SIGNER))
                .metadata(metadata)
                .instruction();
            assert_eq!(access_of(&mint), mint_v2_access(collection.is_some()));
            assert_eq!(mint.data, mint_data(MintV2InstructionData::new(), &bytes, &NO_ASSET_DATA).unwrap());
            assert_programs(&mint, 9, 2);
            assert_eq!(mint.accounts[11].pubkey, CORE_PROGRAM);
        }
    }

    /// The integration tests compare data and addresses. They do not see these.
    #[test]
    fn leaves_are_controlled_as_by_the_crates_builders() {
        macro_rules! access_of_control {
            ($builder:ident, $delegate:expr, $collection:expr) => {
                access_of(
                    &$builder::new()
                        .tree_config(key(1))
                        .payer(key(2))
                        .authority(Some(key(3)))
                        .leaf_owner(key(4))
                        .leaf_delegate($delegate)
                        .merkle_tree(key(6))
                        .core_collection($collection)
                        .root([0; 32])
                        .data_hash([0; 32])
                        .creator_hash([0; 32])
                        .nonce(0)
                        .index(0)
                        .instruction(),
                )
            };
        }
        assert_eq!(access_of_control!(SetNonTransferableV2Builder, Some(key(5)), key(7)), CONTROL_ACCESS);
        assert_eq!(access_of_control!(FreezeV2Builder, key(5), Some(key(7))), CONTROL_ACCESS);
        assert_eq!(access_of_control!(ThawV2Builder, key(5), Some(key(7))), CONTROL_ACCESS);
        assert_eq!(access_of_control!(BurnV2Builder, Some(key(5)), Some(key(7))), BURN_ACCESS);
    }

    #[test]
    fn addresses_are_derived_as_by_the_crate() {
        for byte in 0..32 {
            let tree = key(byte);
            assert_eq!(pda::tree_config(&tree), TreeConfig::find_pda(&tree).0);
            assert_eq!(pda::asset(&tree, byte as u64), get_asset_id(&tree, byte as u64));
        }
        let signer = Address::find_program_address(&[b"mpl_core_cpi_signer"], &BUBBLEGUM_PROGRAM).0;
        assert_eq!(signer, BUBBLEGUM_CORE_SIGNER);
    }
}
