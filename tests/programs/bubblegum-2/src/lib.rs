//! What stands for Bubblegum's second schema, whose source is not published as a package: what it does to accounts and
//! lamports, as far as `identity` uses it. It makes a tree's configuration, mints and burns leaves, and closes a tree, by calls
//! to the real account compression; a mint pays its fee. It knows nothing else, looks at metadata no further than a leaf's hash
//! does, and does not call Core: who may burn a leaf is the collection's update authority.
#![forbid(unsafe_code)]

use {
    borsh::{BorshDeserialize, BorshSerialize},
    joule_common::{AccountView, Signer, account, entrypoint, system},
    joule_identity_interface::BUBBLEGUM_PROGRAM,
    joule_interface::{Access, Address, ProgramError, call, pinocchio},
    mpl_bubblegum::{
        accounts::TreeConfig,
        hash::{DEFAULT_ASSET_DATA_HASH, hash_collection_option, hash_creators, hash_metadata},
        instructions::{
            BurnV2InstructionArgs, BurnV2InstructionData, CloseTreeV2InstructionData,
            CreateTreeConfigV2InstructionArgs, CreateTreeConfigV2InstructionData, MintV2InstructionArgs,
            MintV2InstructionData,
        },
        types::{DecompressibleState, LeafSchema, Version},
        utils::get_asset_id,
    },
    pinocchio::{
        cpi::invoke_signed_with_slice,
        instruction::{InstructionAccount, InstructionView},
    },
    solana_program::hash::hash,
};

entrypoint!(crate::process);

/// Where tests keep it; it stands for Bubblegum at Bubblegum's own address.
pub const ID: Address = Address::from_str_const("JouLeBubb1egum11111111111111111111111111111");
/// What a mint pays, into the tree's configuration, lamports.
pub const MINT_FEE: u64 = 90_000;
/// Who calls it is neither the tree's creator nor its delegate.
pub const NOT_CREATOR: u32 = 6016;

/// Bubblegum's instruction.
pub fn process(accounts: &[AccountView], data: &[u8]) -> Result<(), ProgramError> {
    let (discriminator, args) = data.split_at_checked(8).ok_or(ProgramError::InvalidInstructionData)?;
    let is = |written: Result<Vec<u8>, _>| written.is_ok_and(|written| written == discriminator);
    if is(borsh::to_vec(&CreateTreeConfigV2InstructionData::new())) {
        return create_tree(accounts, &read(args)?);
    }
    if is(borsh::to_vec(&MintV2InstructionData::new())) {
        return mint(accounts, &read(args)?);
    }
    if is(borsh::to_vec(&BurnV2InstructionData::new())) {
        return burn(accounts, &read(args)?);
    }
    if is(borsh::to_vec(&CloseTreeV2InstructionData::new())) {
        return close_tree(accounts);
    }
    Err(ProgramError::InvalidInstructionData)
}

fn create_tree(accounts: &[AccountView], args: &CreateTreeConfigV2InstructionArgs) -> Result<(), ProgramError> {
    let [config, merkle_tree, payer, creator, log_wrapper, compression, _system] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let creator = if creator.address() == &BUBBLEGUM_PROGRAM { payer } else { signed(creator)? };
    let bump = [bump(merkle_tree)];
    let seeds = [merkle_tree.address().as_ref().into(), (&bump).into()];
    let signers = [Signer::from(&seeds)];
    system::create_account(payer, config, &BUBBLEGUM_PROGRAM, TreeConfig::LEN, &signers)?;
    let made = TreeConfig {
        discriminator: [122, 245, 175, 248, 171, 34, 0, 207],
        tree_creator: *creator.address(),
        tree_delegate: *creator.address(),
        total_mint_capacity: 1 << args.max_depth,
        num_minted: 0,
        is_public: args.public.unwrap_or(false),
        is_decompressible: DecompressibleState::Disabled,
        version: Version::V2,
    };
    write(config, &made)?;
    let data = compressions("init_empty_merkle_tree", &(args.max_depth, args.max_buffer_size))?;
    call!(compression.address(), &data, &signers, [
        merkle_tree => Access::WRITE, config => Access::SIGN, log_wrapper => Access::READ
    ])
}

fn mint(accounts: &[AccountView], args: &MintV2InstructionArgs) -> Result<(), ProgramError> {
    let [config, payer, delegate, _, leaf_owner, leaf_delegate, merkle_tree, collection, rest @ ..] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let [_core_signer, log_wrapper, compression, _core, _system] = rest else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let mut tree = tree_of(config, delegate)?;
    if tree.num_minted >= tree.total_mint_capacity {
        return Err(ProgramError::InvalidArgument);
    }
    let collection = present(collection).map(|collection| *collection.address());
    if args.metadata.collection != collection {
        return Err(ProgramError::InvalidArgument);
    }
    let leaf = LeafSchema::V2 {
        id: get_asset_id(merkle_tree.address(), tree.num_minted),
        owner: *leaf_owner.address(),
        delegate: *present(leaf_delegate).unwrap_or(leaf_owner).address(),
        nonce: tree.num_minted,
        data_hash: hash_metadata(&args.metadata).map_err(|_| ProgramError::InvalidInstructionData)?,
        creator_hash: hash_creators(&args.metadata.creators),
        collection_hash: hash_collection_option(collection).map_err(|_| ProgramError::InvalidInstructionData)?,
        asset_data_hash: DEFAULT_ASSET_DATA_HASH,
        flags: 0,
    };
    let bump = [bump(merkle_tree)];
    let seeds = [merkle_tree.address().as_ref().into(), (&bump).into()];
    call!(compression.address(), &compressions("append", &leaf.hash())?, &[(&seeds).into()], [
        merkle_tree => Access::WRITE, config => Access::SIGN, log_wrapper => Access::READ
    ])?;
    tree.num_minted += 1;
    write(config, &tree)?;
    Ok(system::transfer(payer, config, MINT_FEE)?)
}

fn burn(accounts: &[AccountView], args: &BurnV2InstructionArgs) -> Result<(), ProgramError> {
    let [config, _payer, authority, leaf_owner, leaf_delegate, merkle_tree, collection, rest @ ..] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let [_core_signer, log_wrapper, compression, _core, _system, proof @ ..] = rest else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    // Behind Core's kind of account.
    let may = match present(collection) {
        Some(collection) => collection.try_borrow()?.get(1..33) == Some(authority.address().as_ref()),
        None => authority.address() == leaf_owner.address(),
    };
    if !may {
        return Err(ProgramError::IncorrectAuthority);
    }
    signed(authority)?;
    let leaf = LeafSchema::V2 {
        id: get_asset_id(merkle_tree.address(), args.nonce),
        owner: *leaf_owner.address(),
        delegate: *present(leaf_delegate).unwrap_or(leaf_owner).address(),
        nonce: args.nonce,
        data_hash: args.data_hash,
        creator_hash: args.creator_hash,
        collection_hash: hash_collection_option(present(collection).map(|collection| *collection.address()))
            .map_err(|_| ProgramError::InvalidInstructionData)?,
        asset_data_hash: args.asset_data_hash.unwrap_or(DEFAULT_ASSET_DATA_HASH),
        flags: args.flags.unwrap_or(0),
    };
    let bump = [bump(merkle_tree)];
    let seeds = [merkle_tree.address().as_ref().into(), (&bump).into()];
    let data = compressions("replace_leaf", &(args.root, leaf.hash(), [0u8; 32], args.index))?;
    let mut metas = vec![
        InstructionAccount::writable(merkle_tree.address()),
        InstructionAccount::readonly_signer(config.address()),
        InstructionAccount::readonly(log_wrapper.address()),
    ];
    metas.extend(proof.iter().map(|node| InstructionAccount::readonly(node.address())));
    let views: Vec<_> = [merkle_tree, config, log_wrapper].into_iter().chain(proof).collect();
    let instruction = InstructionView { program_id: compression.address(), accounts: &metas, data: &data };
    invoke_signed_with_slice(&instruction, &views, &[(&seeds).into()])
}

/// Account compression says whether a leaf stands in the tree. All lamports go to the recipient, fees included.
fn close_tree(accounts: &[AccountView]) -> Result<(), ProgramError> {
    let [config, authority, merkle_tree, recipient, compression, _log_wrapper, _system] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let tree = tree_of(config, authority)?;
    if ![tree.tree_creator, tree.tree_delegate].contains(recipient.address()) {
        return Err(ProgramError::InvalidArgument);
    }
    let bump = [bump(merkle_tree)];
    let seeds = [merkle_tree.address().as_ref().into(), (&bump).into()];
    call!(compression.address(), &compressions("close_empty_tree", &())?, &[(&seeds).into()], [
        merkle_tree => Access::WRITE, config => Access::SIGN, recipient => Access::WRITE
    ])?;
    Ok(account::close(config, recipient)?)
}

/// A tree's configuration, for its creator or its delegate, who signed.
fn tree_of(config: &AccountView, by: &AccountView) -> Result<TreeConfig, ProgramError> {
    if !config.owned_by(&BUBBLEGUM_PROGRAM) {
        return Err(ProgramError::IllegalOwner);
    }
    let tree = TreeConfig::from_bytes(&config.try_borrow()?).map_err(|_| ProgramError::InvalidAccountData)?;
    if ![tree.tree_creator, tree.tree_delegate].contains(signed(by)?.address()) {
        return Err(ProgramError::Custom(NOT_CREATOR));
    }
    Ok(tree)
}

fn write(config: &AccountView, tree: &TreeConfig) -> Result<(), ProgramError> {
    let bytes = borsh::to_vec(tree).map_err(|_| ProgramError::InvalidAccountData)?;
    let mut config = *config;
    config.try_borrow_mut()?[..bytes.len()].copy_from_slice(&bytes);
    Ok(())
}

/// An instruction of account compression, by its name.
fn compressions(name: &str, args: &impl BorshSerialize) -> Result<Vec<u8>, ProgramError> {
    let args = borsh::to_vec(args).map_err(|_| ProgramError::InvalidInstructionData)?;
    Ok([&hash(format!("global:{name}").as_bytes()).to_bytes()[..8], &args].concat())
}

fn read<T: BorshDeserialize>(args: &[u8]) -> Result<T, ProgramError> {
    T::try_from_slice(args).map_err(|_| ProgramError::InvalidInstructionData)
}

/// One that is left out has Bubblegum's address in its place.
fn present(account: &AccountView) -> Option<&AccountView> {
    (account.address() != &BUBBLEGUM_PROGRAM).then_some(account)
}

fn signed(account: &AccountView) -> Result<&AccountView, ProgramError> {
    if account.is_signer() { Ok(account) } else { Err(ProgramError::MissingRequiredSignature) }
}

fn bump(merkle_tree: &AccountView) -> u8 {
    Address::find_program_address(&[merkle_tree.address().as_ref()], &BUBBLEGUM_PROGRAM).1
}
