//! Bubblegum: reading a tree's configuration in place, and the calls that the registry signs, in both schemas.
//!
//! Source: `mpl-bubblegum` 4.0, `generated/`; the tests compare with it.

use {
    crate::{Result, compression},
    bytemuck::{Pod, Zeroable},
    joule_common::{AccountView, Signer, guard, guard::require},
    joule_identity_interface::{BUBBLEGUM_PROGRAM, IdentityError, instruction::ControlLeafArgs, state::control},
    joule_interface::{Access, Address, Fault, invoke},
    pinocchio::{
        account::Ref,
        cpi::invoke_signed_with_slice,
        instruction::{InstructionAccount, InstructionView},
    },
};

const READ: Access = Access::READ;
const WRITABLE: Access = Access::WRITE;
const SIGNER: Access = Access::SIGN;
const PAYER: Access = Access::SIGN_AND_WRITE;

/// A tree's configuration, read in place.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct TreeConfig {
    discriminator: [u8; 8],
    /// May mint, and name a delegate.
    pub creator: Address,
    /// May mint.
    pub delegate: Address,
    /// Leaves that fit.
    pub capacity: u64,
    /// Leaves minted.
    pub minted: u64,
    /// 1 if anyone may mint.
    pub public: u8,
    decompressible: u8,
    /// Schema, counted from 0.
    pub version: u8,
    padding: [u8; 5],
}
const _: () = assert!(size_of::<TreeConfig>() == 96);

const TREE_CONFIG: [u8; 8] = [122, 245, 175, 248, 171, 34, 0, 207];

/// Reads the configuration of a tree of `schema` in which nobody but `registry` mints, and `minted` were.
#[inline(always)]
pub fn tree_config<'a>(
    view: &'a AccountView,
    registry: &Address,
    schema: u8,
    minted: u64,
) -> Result<Ref<'a, TreeConfig>> {
    require(guard::eq(view.owner(), &BUBBLEGUM_PROGRAM), IdentityError::WrongTreeConfig)?;
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    require(data.len() == size_of::<TreeConfig>(), IdentityError::WrongTreeConfig)?;
    let config = Ref::map(data, bytemuck::from_bytes::<TreeConfig>);
    let own = u64::from_le_bytes(config.discriminator) == u64::from_le_bytes(TREE_CONFIG)
        && guard::eq(&config.creator, registry)
        && guard::eq(&config.delegate, registry)
        && config.public == 0
        && config.version + 1 == schema
        && config.minted == minted;
    require(own, IdentityError::WrongTreeConfig)?;
    Ok(config)
}

/// How many leaves a configuration counts, which [`tree_config`] read before: a mint changes nothing else of it.
#[inline(always)]
pub fn minted(view: &AccountView) -> Result<u64> {
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let config = bytemuck::try_from_bytes::<TreeConfig>(&data).map_err(|_| IdentityError::WrongTreeConfig)?;
    Ok(config.minted)
}

/// Bubblegum and the programs that it works with, checked.
#[derive(Clone, Copy)]
pub struct Programs<'a> {
    bubblegum: &'a AccountView,
    compression: &'a AccountView,
    log_wrapper: &'a AccountView,
    system: &'a AccountView,
}

impl<'a> Programs<'a> {
    /// Each is what it should be for the schema.
    #[inline(always)]
    pub fn check(
        schema: u8,
        bubblegum: &'a AccountView,
        compression: &'a AccountView,
        log_wrapper: &'a AccountView,
        system: &'a AccountView,
    ) -> Result<Self> {
        guard::program(bubblegum, &BUBBLEGUM_PROGRAM)?;
        guard::program(compression, compression::program(schema))?;
        guard::program(log_wrapper, compression::log_wrapper(schema))?;
        guard::system_program(system)?;
        Ok(Self { bubblegum, compression, log_wrapper, system })
    }
}

/// Initializes a Merkle tree and its configuration.
pub struct CreateTree<'a> {
    /// The configuration to create.
    pub tree_config: &'a AccountView,
    /// The Merkle tree: allocated and zero.
    pub merkle_tree: &'a AccountView,
    /// Pays the configuration's rent.
    pub payer: &'a AccountView,
    /// Creator and delegate of the tree.
    pub tree_creator: &'a AccountView,
    /// Bubblegum's.
    pub programs: Programs<'a>,
}

impl CreateTree<'_> {
    /// Bubblegum refuses a tree that is not zero; account compression, a shape that it does not know.
    pub fn invoke_signed(&self, schema: u8, max_depth: u32, max_buffer_size: u32, signers: &[Signer]) -> Result<()> {
        let p = &self.programs;
        let views =
            [self.tree_config, self.merkle_tree, self.payer, self.tree_creator, p.log_wrapper, p.compression, p.system];
        Ok(invoke(
            &BUBBLEGUM_PROGRAM,
            &create_tree(schema, max_depth, max_buffer_size),
            &views,
            &CREATE_TREE_ACCESS,
            signers,
        )?)
    }
}

const CREATE_TREE_ACCESS: [Access; 7] = [WRITABLE, WRITABLE, PAYER, SIGNER, READ, READ, READ];

/// Data of `create_tree` and `create_tree_v2`.
fn create_tree(schema: u8, max_depth: u32, max_buffer_size: u32) -> [u8; 18] {
    /// `Some(false)`: only creator and delegate mint.
    const NOT_PUBLIC: [u8; 2] = [1, 0];
    const CREATE_TREE: [u8; 8] = [165, 83, 136, 142, 89, 202, 47, 220];
    const CREATE_TREE_V2: [u8; 8] = [55, 99, 95, 215, 142, 203, 227, 205];
    let mut data = [0; 18];
    data[..8].copy_from_slice(if schema == 1 { &CREATE_TREE } else { &CREATE_TREE_V2 });
    data[8..12].copy_from_slice(&max_depth.to_le_bytes());
    data[12..16].copy_from_slice(&max_buffer_size.to_le_bytes());
    data[16..].copy_from_slice(&NOT_PUBLIC);
    data
}

/// Mints one NFT: appends its leaf.
pub struct Mint<'a> {
    /// The tree's configuration.
    pub tree_config: &'a AccountView,
    /// Owner.
    pub leaf_owner: &'a AccountView,
    /// Delegate; the owner where there is none.
    pub leaf_delegate: &'a AccountView,
    /// The Merkle tree.
    pub merkle_tree: &'a AccountView,
    /// Signs; in schema 2 Bubblegum's own fee is taken from it.
    pub payer: &'a AccountView,
    /// Creator of the tree, and authority of its collection.
    pub tree_creator: &'a AccountView,
    /// Bubblegum's.
    pub programs: Programs<'a>,
}

impl Mint<'_> {
    /// `mint_v1`, with `metadata` in borsh.
    #[inline(always)]
    pub fn invoke_1(&self, metadata: &[u8], signers: &[Signer]) -> Result<()> {
        let p = &self.programs;
        let views = [
            self.tree_config,
            self.leaf_owner,
            self.leaf_delegate,
            self.merkle_tree,
            self.payer,
            self.tree_creator,
            p.log_wrapper,
            p.compression,
            p.system,
        ];
        Ok(invoke(&BUBBLEGUM_PROGRAM, &mint_1(metadata), &views, &MINT_1_ACCESS, signers)?)
    }

    /// `mint_v2`, into a collection of which the registry is the authority, or into none. Bubblegum's own address stands
    /// for what is absent.
    #[inline(never)]
    pub fn invoke_2(
        &self,
        metadata: &[u8],
        collection: Option<&AccountView>,
        core_signer: &AccountView,
        core: &AccountView,
        signers: &[Signer],
    ) -> Result<()> {
        let p = &self.programs;
        let in_collection = |view| if collection.is_some() { view } else { p.bubblegum };
        let views = [
            self.tree_config,
            self.payer,
            self.tree_creator,
            in_collection(self.tree_creator),
            self.leaf_owner,
            self.leaf_delegate,
            self.merkle_tree,
            collection.unwrap_or(p.bubblegum),
            in_collection(core_signer),
            p.log_wrapper,
            p.compression,
            core,
            p.system,
        ];
        Ok(invoke(&BUBBLEGUM_PROGRAM, &mint_2(metadata), &views, &mint_2_access(collection.is_some()), signers)?)
    }
}

const MINT_1_ACCESS: [Access; 9] = [WRITABLE, READ, READ, WRITABLE, SIGNER, SIGNER, READ, READ, READ];

fn mint_1(metadata: &[u8]) -> Vec<u8> {
    const MINT_V1: [u8; 8] = [145, 98, 192, 118, 184, 147, 118, 104];
    data(&MINT_V1, metadata, &[])
}

/// For less than `concat` takes.
#[inline(always)]
fn data(discriminator: &[u8; 8], metadata: &[u8], tail: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(discriminator.len() + metadata.len() + tail.len());
    data.extend_from_slice(discriminator);
    data.extend_from_slice(metadata);
    data.extend_from_slice(tail);
    data
}

fn mint_2_access(in_collection: bool) -> [Access; 13] {
    let only = |access| if in_collection { access } else { READ };
    [WRITABLE, PAYER, SIGNER, only(SIGNER), READ, READ, WRITABLE, only(WRITABLE), READ, READ, READ, READ, READ]
}

fn mint_2(metadata: &[u8]) -> Vec<u8> {
    const MINT_V2: [u8; 8] = [120, 121, 23, 146, 173, 110, 199, 205];
    /// Neither data nor its schema.
    const NO_ASSET_DATA: [u8; 2] = [0, 0];
    data(&MINT_V2, metadata, &NO_ASSET_DATA)
}

/// Does something to a leaf of a collection, as its permanent delegate.
pub struct Control<'a> {
    /// The tree's configuration.
    pub tree_config: &'a AccountView,
    /// Pays Bubblegum's fee.
    pub payer: &'a AccountView,
    /// The collection's permanent delegate.
    pub registry: &'a AccountView,
    /// Owner in the leaf.
    pub leaf_owner: &'a AccountView,
    /// Delegate in the leaf.
    pub leaf_delegate: &'a AccountView,
    /// The Merkle tree.
    pub merkle_tree: &'a AccountView,
    /// The collection.
    pub collection: &'a AccountView,
    /// Bubblegum's signer for Core.
    pub core_signer: &'a AccountView,
    /// Core.
    pub core: &'a AccountView,
    /// Bubblegum's.
    pub programs: Programs<'a>,
    /// The proof's nodes.
    pub proof: &'a [AccountView],
}

impl Control<'_> {
    /// `set_non_transferable_v2`, `freeze_v2`, `thaw_v2` or `burn_v2`.
    pub fn invoke_signed(&self, args: &ControlLeafArgs, signers: &[Signer]) -> Result<()> {
        let p = &self.programs;
        let burns = args.action == control::BURN;
        let mut views = vec![
            self.tree_config,
            self.payer,
            self.registry,
            self.leaf_owner,
            self.leaf_delegate,
            self.merkle_tree,
            self.collection,
        ];
        if burns {
            views.extend([self.core_signer, p.log_wrapper, p.compression, self.core, p.system]);
        } else {
            views.extend([p.log_wrapper, p.compression, p.system]);
        }
        let access = if burns { &BURN_ACCESS[..] } else { &CONTROL_ACCESS };
        let accounts = views.iter().zip(access).map(|(view, access)| (*view, *access));
        let accounts = accounts.chain(self.proof.iter().map(|node| (node, READ)));
        let accounts: Vec<_> = accounts
            .map(|(view, access)| InstructionAccount::new(view.address(), access.writable, access.signer))
            .collect();
        views.extend(self.proof);
        let data = control(args);
        let instruction = InstructionView { program_id: &BUBBLEGUM_PROGRAM, accounts: &accounts, data: &data };
        Ok(invoke_signed_with_slice(&instruction, &views, signers)?)
    }
}

const CONTROL_ACCESS: [Access; 10] = [WRITABLE, PAYER, SIGNER, READ, READ, WRITABLE, READ, READ, READ, READ];
/// Burning lowers the collection's count, by a call to Core.
const BURN_ACCESS: [Access; 12] =
    [WRITABLE, PAYER, SIGNER, READ, READ, WRITABLE, WRITABLE, READ, READ, READ, READ, READ];

/// Data of the four instructions: they differ in their discriminators only.
fn control(args: &ControlLeafArgs) -> Vec<u8> {
    const SET_NON_TRANSFERABLE_V2: [u8; 8] = [181, 141, 206, 58, 242, 199, 152, 168];
    const FREEZE_V2: [u8; 8] = [200, 151, 244, 102, 16, 195, 255, 3];
    const THAW_V2: [u8; 8] = [96, 133, 101, 93, 82, 220, 146, 191];
    const BURN_V2: [u8; 8] = [115, 210, 34, 240, 232, 143, 183, 16];
    let discriminator = match args.action {
        control::BIND => SET_NON_TRANSFERABLE_V2,
        control::FREEZE => FREEZE_V2,
        control::THAW => THAW_V2,
        _ => BURN_V2,
    };
    /// `None`: there is no asset data.
    const NO_ASSET_DATA: [u8; 1] = [0];
    let (nonce, index) = (args.nonce.to_le_bytes(), (args.nonce as u32).to_le_bytes());
    [
        &discriminator[..],
        &args.root,
        &args.data_hash,
        &args.creator_hash,
        &NO_ASSET_DATA,
        &[1, args.flags],
        &nonce,
        &index,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_identity_interface::{BUBBLEGUM_CORE_SIGNER, CORE_PROGRAM, pda},
        mpl_bubblegum::{accounts::TreeConfig as TheirConfig, instructions::*, types::*},
        solana_program::instruction::Instruction,
    };

    /// Address 1 stands for the first argument of a builder, and so on.
    const fn key(number: u8) -> Address {
        Address::new_from_array([number; 32])
    }

    fn access_of(instruction: &Instruction) -> Vec<Access> {
        instruction
            .accounts
            .iter()
            .map(|account| Access { signer: account.is_signer, writable: account.is_writable })
            .collect()
    }

    fn keys_of(instruction: &Instruction) -> Vec<Address> {
        instruction.accounts.iter().map(|account| account.pubkey).collect()
    }

    #[test]
    fn creates_trees_as_their_builders() {
        assert_eq!(BUBBLEGUM_PROGRAM, mpl_bubblegum::ID);
        let theirs = CreateTreeConfigBuilder::new()
            .tree_config(key(1))
            .merkle_tree(key(2))
            .payer(key(3))
            .tree_creator(key(4))
            .max_depth(14)
            .max_buffer_size(64)
            .public(false)
            .instruction();
        assert_eq!(theirs.data, create_tree(1, 14, 64));
        assert_eq!(access_of(&theirs), CREATE_TREE_ACCESS);
        assert_eq!(keys_of(&theirs)[4..6], [*compression::log_wrapper(1), *compression::program(1)]);
        let theirs = CreateTreeConfigV2Builder::new()
            .tree_config(key(1))
            .merkle_tree(key(2))
            .payer(key(3))
            .tree_creator(Some(key(4)))
            .max_depth(20)
            .max_buffer_size(256)
            .public(false)
            .instruction();
        assert_eq!(theirs.data, create_tree(2, 20, 256));
        assert_eq!(access_of(&theirs), CREATE_TREE_ACCESS);
        let expected = [key(1), key(2), key(3), key(4), *compression::log_wrapper(2), *compression::program(2)];
        assert_eq!(keys_of(&theirs)[..6], expected);
    }

    #[test]
    fn mints_as_their_builders() {
        let metadata = MetadataArgs {
            name: "machine".into(),
            symbol: "NODE".into(),
            uri: "https://example.org".into(),
            seller_fee_basis_points: 0,
            primary_sale_happened: false,
            is_mutable: false,
            edition_nonce: None,
            token_standard: Some(TokenStandard::NonFungible),
            collection: None,
            uses: None,
            token_program_version: TokenProgramVersion::Original,
            creators: vec![],
        };
        let theirs = MintV1Builder::new()
            .tree_config(key(1))
            .leaf_owner(key(2))
            .leaf_delegate(key(3))
            .merkle_tree(key(4))
            .payer(key(5))
            .tree_creator_or_delegate(key(6))
            .metadata(metadata.clone())
            .instruction();
        assert_eq!(theirs.data, mint_1(&borsh::to_vec(&metadata).unwrap()));
        assert_eq!(access_of(&theirs), MINT_1_ACCESS);

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
            let theirs = MintV2Builder::new()
                .tree_config(key(1))
                .payer(key(2))
                .tree_creator_or_delegate(Some(key(3)))
                .collection_authority(collection.map(|_| key(3)))
                .leaf_owner(key(4))
                .leaf_delegate(Some(key(5)))
                .merkle_tree(key(6))
                .core_collection(collection)
                .mpl_core_cpi_signer(collection.map(|_| BUBBLEGUM_CORE_SIGNER))
                .metadata(metadata.clone())
                .instruction();
            assert_eq!(theirs.data, mint_2(&borsh::to_vec(&metadata).unwrap()));
            assert_eq!(access_of(&theirs), mint_2_access(collection.is_some()));
            let keys = keys_of(&theirs);
            assert_eq!(keys[9..12], [*compression::log_wrapper(2), *compression::program(2), CORE_PROGRAM]);
            let absent = collection.is_none();
            assert!([3, 7, 8].into_iter().all(|index| (keys[index] == BUBBLEGUM_PROGRAM) == absent));
        }
        let signer = Address::find_program_address(&[b"mpl_core_cpi_signer"], &BUBBLEGUM_PROGRAM).0;
        assert_eq!(signer, BUBBLEGUM_CORE_SIGNER);
    }

    /// What data and addresses are is tested on the program, where these cannot be seen.
    #[test]
    fn controls_with_their_builders_flags() {
        macro_rules! access_of_theirs {
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
        assert_eq!(access_of_theirs!(SetNonTransferableV2Builder, Some(key(5)), key(7)), CONTROL_ACCESS);
        assert_eq!(access_of_theirs!(FreezeV2Builder, key(5), Some(key(7))), CONTROL_ACCESS);
        assert_eq!(access_of_theirs!(ThawV2Builder, key(5), Some(key(7))), CONTROL_ACCESS);
        assert_eq!(access_of_theirs!(BurnV2Builder, Some(key(5)), Some(key(7))), BURN_ACCESS);
    }

    #[test]
    fn reads_their_configuration() {
        let theirs = TheirConfig {
            discriminator: TREE_CONFIG,
            tree_creator: key(1),
            tree_delegate: key(2),
            total_mint_capacity: 3,
            num_minted: 4,
            is_public: true,
            is_decompressible: DecompressibleState::Disabled,
            version: Version::V2,
        };
        let mut bytes = borsh::to_vec(&theirs).unwrap();
        bytes.resize(TheirConfig::LEN, 0);
        let ours: TreeConfig = bytemuck::pod_read_unaligned(&bytes);
        assert_eq!((ours.creator, ours.delegate), (key(1), key(2)));
        assert_eq!((ours.capacity, ours.minted, ours.public, ours.version), (3, 4, 1, 1));
    }

    #[test]
    fn pda_addresses_match() {
        for byte in 0..32 {
            let tree = key(byte);
            assert_eq!(pda::tree_config(&tree), TheirConfig::find_pda(&tree).0);
            assert_eq!(pda::asset(&tree, byte as u64), mpl_bubblegum::utils::get_asset_id(&tree, byte as u64));
        }
    }
}
