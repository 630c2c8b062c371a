//! Bubblegum: the calls that the registry signs, and a tree's configuration. Types and encoding are `mpl-bubblegum`'s.

use {
    crate::{Result, compression},
    borsh::BorshSerialize,
    joule_common::{AccountView, Signer, guard, guard::require},
    joule_identity_interface::{
        BUBBLEGUM_PROGRAM, IdentityError,
        instruction::{ControlLeaf, ControlLeafArgs, CreateTree, CreateTreeArgs, MintNode},
        state::control,
    },
    joule_interface::{Access, Address, Fault, call},
    mpl_bubblegum::{
        accounts::TreeConfig,
        instructions::{
            BurnV2InstructionArgs, BurnV2InstructionData, CreateTreeConfigInstructionArgs,
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

/// Number of leaves that a configuration counts, which [`tree_config`] checked before: a mint changes nothing else of it.
pub fn minted(view: &AccountView) -> Result<u64> {
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let config = TreeConfig::from_bytes(&data).map_err(|_| IdentityError::WrongTreeConfig)?;
    Ok(config.num_minted)
}

/// Checks Bubblegum and the programs that it calls: each is the one for the schema.
#[inline(always)]
pub fn check_programs(
    schema: u8,
    bubblegum: &AccountView,
    compression: &AccountView,
    log_wrapper: &AccountView,
    system: &AccountView,
) -> Result<()> {
    guard::program(bubblegum, &BUBBLEGUM_PROGRAM)?;
    guard::program(compression, compression::program(schema))?;
    guard::program(log_wrapper, compression::log_wrapper(schema))?;
    Ok(guard::system_program(system)?)
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
    Ok(call!(&BUBBLEGUM_PROGRAM, &data, signers, [
        a.tree_config => WRITE,
        a.merkle_tree => WRITE,
        a.payer => SIGN_AND_WRITE,
        a.registry => SIGN,
        a.log_wrapper => READ,
        a.compression_program => READ,
        a.system_program => READ,
    ])?)
}

/// Data of a mint: metadata, which was checked in its borsh bytes, is passed on in them.
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
    Ok(call!(&BUBBLEGUM_PROGRAM, &data, signers, [
        a.tree_config => WRITE,
        a.leaf_owner => READ,
        a.leaf_delegate => READ,
        a.merkle_tree => WRITE,
        a.payer => SIGN,
        a.registry => SIGN,
        a.log_wrapper => READ,
        a.compression_program => READ,
        a.system_program => READ,
    ])?)
}

/// Mints an NFT of schema 2 into `collection`, whose authority is the registry, or into none. Bubblegum takes its own fee
/// from the payer. Its own address stands for an absent account.
#[inline(never)]
pub fn mint_v2(
    a: &MintNode<&AccountView>,
    metadata: &[u8],
    collection: Option<&AccountView>,
    signers: &[Signer],
) -> Result<()> {
    /// Neither asset data nor its schema.
    const NONE: [u8; 2] = [0; 2];
    let data = mint_data(MintV2InstructionData::new(), metadata, &NONE)?;
    let absent = (a.bubblegum_program, READ);
    let only = |view, access| if collection.is_some() { (view, access) } else { absent };
    let (authority, collection, core_signer) =
        (only(a.registry, SIGN), only(a.collection, WRITE), only(a.core_signer, READ));
    Ok(call!(&BUBBLEGUM_PROGRAM, &data, signers, [
        a.tree_config => WRITE,
        a.payer => SIGN_AND_WRITE,
        a.registry => SIGN,
        authority.0 => authority.1,
        a.leaf_owner => READ,
        a.leaf_delegate => READ,
        a.merkle_tree => WRITE,
        collection.0 => collection.1,
        core_signer.0 => core_signer.1,
        a.log_wrapper => READ,
        a.compression_program => READ,
        a.core_program => READ,
        a.system_program => READ,
    ])?)
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
                    nonce: args.nonce,
                    index: args.nonce as u32,
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
    let mut accounts = vec![
        (a.tree_config, WRITE),
        (a.payer, SIGN_AND_WRITE),
        (a.registry, SIGN),
        (a.leaf_owner, READ),
        (a.leaf_delegate, READ),
        (a.merkle_tree, WRITE),
    ];
    if args.action == control::BURN {
        // Burning lowers the collection's count, by a call to Core.
        let with_core = [a.core_signer, a.log_wrapper, a.compression_program, a.core_program, a.system_program];
        accounts.push((a.collection, WRITE));
        accounts.extend(with_core.map(|view| (view, READ)));
    } else {
        let programs = [a.collection, a.log_wrapper, a.compression_program, a.system_program];
        accounts.extend(programs.map(|view| (view, READ)));
    }
    accounts.extend(proof.iter().map(|node| (node, READ)));
    let views: Vec<_> = accounts.iter().map(|(view, _)| *view).collect();
    let accounts: Vec<_> = accounts
        .iter()
        .map(|(view, access)| InstructionAccount::new(view.address(), access.writable, access.signer))
        .collect();
    let instruction = InstructionView { program_id: &BUBBLEGUM_PROGRAM, accounts: &accounts, data: &data };
    Ok(invoke_signed_with_slice(&instruction, &views, signers)?)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_identity_interface::{BUBBLEGUM_CORE_SIGNER, CORE_PROGRAM, pda},
        mpl_bubblegum::{
            instructions::{MintV1Builder, MintV2Builder},
            types::{MetadataArgsV2, TokenStandard},
            utils::get_asset_id,
        },
    };

    const fn key(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    #[test]
    fn derived_addresses_are_the_crates() {
        for byte in 0..32 {
            let tree = key(byte);
            assert_eq!(pda::tree_config(&tree), TreeConfig::find_pda(&tree).0);
            assert_eq!(pda::asset(&tree, byte as u64), get_asset_id(&tree, byte as u64));
        }
        let signer = Address::find_program_address(&[b"mpl_core_cpi_signer"], &BUBBLEGUM_PROGRAM).0;
        assert_eq!(signer, BUBBLEGUM_CORE_SIGNER);
    }

    /// The crate's builders know the addresses that its structs are given.
    #[test]
    fn programs_are_the_crates() {
        let metadata = MetadataArgsV2 {
            name: String::new(),
            symbol: String::new(),
            uri: String::new(),
            seller_fee_basis_points: 0,
            primary_sale_happened: false,
            is_mutable: false,
            token_standard: Some(TokenStandard::NonFungible),
            creators: vec![],
            collection: None,
        };
        let first = MintV1Builder::new()
            .tree_config(key(1))
            .leaf_owner(key(2))
            .leaf_delegate(key(3))
            .merkle_tree(key(4))
            .payer(key(5))
            .tree_creator_or_delegate(key(6))
            .metadata(metadata.clone().into())
            .instruction();
        let second = MintV2Builder::new()
            .tree_config(key(1))
            .payer(key(2))
            .leaf_owner(key(3))
            .merkle_tree(key(4))
            .metadata(metadata)
            .instruction();
        for (schema, instruction, from) in [(1, first, 6), (2, second, 9)] {
            assert_eq!(instruction.program_id, BUBBLEGUM_PROGRAM);
            let programs = [instruction.accounts[from].pubkey, instruction.accounts[from + 1].pubkey];
            assert_eq!(programs, [*compression::log_wrapper(schema), *compression::program(schema)]);
            if schema == 2 {
                assert_eq!(instruction.accounts[from + 2].pubkey, CORE_PROGRAM);
            }
        }
    }
}
