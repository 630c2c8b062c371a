//! Bubblegum, first version: reading a tree's configuration in place, and the two calls that the registry signs.
//!
//! Source: `mpl-bubblegum` 4.0, `generated/`; the tests compare with it.

use {
    crate::Result,
    bytemuck::{Pod, Zeroable},
    joule_common::{AccountView, Signer, guard, guard::require},
    joule_identity_interface::{BUBBLEGUM_PROGRAM, COMPRESSION_PROGRAM, IdentityError, LOG_WRAPPER},
    joule_interface::{Address, Fault},
    pinocchio::{
        account::Ref,
        cpi::invoke_signed,
        instruction::{InstructionAccount, InstructionView},
    },
};

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
    version: u8,
    padding: [u8; 5],
}
const _: () = assert!(size_of::<TreeConfig>() == 96);

const TREE_CONFIG: [u8; 8] = [122, 245, 175, 248, 171, 34, 0, 207];

/// Reads the configuration of a tree in which nobody but `registry` mints, and `minted` were.
#[inline(always)]
pub fn tree_config<'a>(view: &'a AccountView, registry: &Address, minted: u64) -> Result<Ref<'a, TreeConfig>> {
    require(guard::eq(view.owner(), &BUBBLEGUM_PROGRAM), IdentityError::WrongTreeConfig)?;
    let data = view.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    require(data.len() == size_of::<TreeConfig>(), IdentityError::WrongTreeConfig)?;
    let config = Ref::map(data, bytemuck::from_bytes::<TreeConfig>);
    let own = config.discriminator == TREE_CONFIG
        && guard::eq(&config.creator, registry)
        && guard::eq(&config.delegate, registry)
        && config.public == 0
        && config.minted == minted;
    require(own, IdentityError::WrongTreeConfig)?;
    Ok(config)
}

/// The programs that Bubblegum works with, checked.
#[derive(Clone, Copy)]
pub struct Programs<'a> {
    compression: &'a AccountView,
    log_wrapper: &'a AccountView,
}

impl<'a> Programs<'a> {
    /// Each is what it should be, Bubblegum itself included.
    #[inline(always)]
    pub fn check(bubblegum: &AccountView, compression: &'a AccountView, log_wrapper: &'a AccountView) -> Result<Self> {
        guard::program(bubblegum, &BUBBLEGUM_PROGRAM)?;
        guard::program(compression, &COMPRESSION_PROGRAM)?;
        guard::program(log_wrapper, &LOG_WRAPPER)?;
        Ok(Self { compression, log_wrapper })
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
    /// System program.
    pub system_program: &'a AccountView,
    /// Bubblegum's.
    pub programs: Programs<'a>,
}

impl CreateTree<'_> {
    const DISCRIMINATOR: [u8; 8] = [165, 83, 136, 142, 89, 202, 47, 220];

    /// Bubblegum refuses a tree that is not zero; account compression, a shape that it does not know.
    pub fn invoke_signed(&self, max_depth: u32, max_buffer_size: u32, signers: &[Signer]) -> Result<()> {
        /// `Some(false)`: only creator and delegate mint.
        const NOT_PUBLIC: [u8; 2] = [1, 0];
        let mut data = [0; 18];
        data[..8].copy_from_slice(&Self::DISCRIMINATOR);
        data[8..12].copy_from_slice(&max_depth.to_le_bytes());
        data[12..16].copy_from_slice(&max_buffer_size.to_le_bytes());
        data[16..].copy_from_slice(&NOT_PUBLIC);
        let accounts = [
            InstructionAccount::writable(self.tree_config.address()),
            InstructionAccount::writable(self.merkle_tree.address()),
            InstructionAccount::writable_signer(self.payer.address()),
            InstructionAccount::readonly_signer(self.tree_creator.address()),
            InstructionAccount::readonly(self.programs.log_wrapper.address()),
            InstructionAccount::readonly(self.programs.compression.address()),
            InstructionAccount::readonly(self.system_program.address()),
        ];
        let views = [
            self.tree_config,
            self.merkle_tree,
            self.payer,
            self.tree_creator,
            self.programs.log_wrapper,
            self.programs.compression,
            self.system_program,
        ];
        call(&data, &accounts, &views, signers)
    }
}

/// Mints one NFT: appends its leaf.
pub struct MintV1<'a> {
    /// The tree's configuration.
    pub tree_config: &'a AccountView,
    /// Owner.
    pub leaf_owner: &'a AccountView,
    /// Delegate; the owner where there is none.
    pub leaf_delegate: &'a AccountView,
    /// The Merkle tree.
    pub merkle_tree: &'a AccountView,
    /// Signs; Bubblegum takes nothing from it.
    pub payer: &'a AccountView,
    /// Creator of the tree.
    pub tree_creator: &'a AccountView,
    /// System program.
    pub system_program: &'a AccountView,
    /// Bubblegum's.
    pub programs: Programs<'a>,
}

impl MintV1<'_> {
    const DISCRIMINATOR: [u8; 8] = [145, 98, 192, 118, 184, 147, 118, 104];

    /// `metadata` in borsh.
    pub fn invoke_signed(&self, metadata: &[u8], signers: &[Signer]) -> Result<()> {
        let data = [&Self::DISCRIMINATOR, metadata].concat();
        let accounts = [
            InstructionAccount::writable(self.tree_config.address()),
            InstructionAccount::readonly(self.leaf_owner.address()),
            InstructionAccount::readonly(self.leaf_delegate.address()),
            InstructionAccount::writable(self.merkle_tree.address()),
            InstructionAccount::readonly_signer(self.payer.address()),
            InstructionAccount::readonly_signer(self.tree_creator.address()),
            InstructionAccount::readonly(self.programs.log_wrapper.address()),
            InstructionAccount::readonly(self.programs.compression.address()),
            InstructionAccount::readonly(self.system_program.address()),
        ];
        let views = [
            self.tree_config,
            self.leaf_owner,
            self.leaf_delegate,
            self.merkle_tree,
            self.payer,
            self.tree_creator,
            self.programs.log_wrapper,
            self.programs.compression,
            self.system_program,
        ];
        call(&data, &accounts, &views, signers)
    }
}

#[inline(always)]
fn call<const N: usize>(
    data: &[u8],
    accounts: &[InstructionAccount; N],
    views: &[&AccountView; N],
    signers: &[Signer],
) -> Result<()> {
    let instruction = InstructionView { program_id: &BUBBLEGUM_PROGRAM, accounts, data };
    Ok(invoke_signed(&instruction, views, signers)?)
}

#[cfg(test)]
mod tests {
    use {
        super::*,
        joule_identity_interface::pda,
        mpl_bubblegum::{
            accounts::TreeConfig as TheirConfig,
            instructions::{CreateTreeConfigInstructionArgs, CreateTreeConfigInstructionData, MintV1InstructionData},
            types::{DecompressibleState, Version},
        },
    };

    #[test]
    fn discriminators() {
        assert_eq!(BUBBLEGUM_PROGRAM, mpl_bubblegum::ID);
        assert_eq!(borsh::to_vec(&CreateTreeConfigInstructionData::new()).unwrap(), CreateTree::DISCRIMINATOR);
        assert_eq!(borsh::to_vec(&MintV1InstructionData::new()).unwrap(), MintV1::DISCRIMINATOR);
    }

    #[test]
    fn not_public() {
        let theirs = CreateTreeConfigInstructionArgs { max_depth: 14, max_buffer_size: 64, public: Some(false) };
        assert_eq!(borsh::to_vec(&theirs).unwrap(), [14, 0, 0, 0, 64, 0, 0, 0, 1, 0]);
    }

    #[test]
    fn reads_their_configuration() {
        let [creator, delegate] = [1, 2].map(|byte| Address::new_from_array([byte; 32]));
        let theirs = TheirConfig {
            discriminator: TREE_CONFIG,
            tree_creator: creator,
            tree_delegate: delegate,
            total_mint_capacity: 3,
            num_minted: 4,
            is_public: true,
            is_decompressible: DecompressibleState::Disabled,
            version: Version::V2,
        };
        let mut bytes = borsh::to_vec(&theirs).unwrap();
        bytes.resize(TheirConfig::LEN, 0);
        let ours: TreeConfig = bytemuck::pod_read_unaligned(&bytes);
        assert_eq!((ours.creator, ours.delegate), (creator, delegate));
        assert_eq!((ours.capacity, ours.minted, ours.public), (3, 4, 1));
    }

    #[test]
    fn their_addresses() {
        for byte in 0..32 {
            let tree = Address::new_from_array([byte; 32]);
            assert_eq!(pda::tree_config(&tree), TheirConfig::find_pda(&tree).0);
            assert_eq!(pda::asset(&tree, byte as u64), mpl_bubblegum::utils::get_asset_id(&tree, byte as u64));
        }
    }
}
