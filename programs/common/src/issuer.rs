//! What the issuer of a mint may do to accounts that are not its own, and what lives with that.

use {
    crate::{AccountView, token},
    joule_interface::{Address, Fault},
    spl_token_2022_interface::{
        extension::{
            BaseStateWithExtensions, ExtensionType, StateWithExtensions,
            account_len::try_calculate_account_len_from_mint_data, confidential_transfer::ConfidentialTransferAccount,
            memo_transfer::MemoTransfer,
        },
        state::{Account as Account2022, Mint as Mint2022},
    },
};

/// Powers of an issuer: bits. What counts is which powers exist, not what was made of them so far.
pub mod power {
    /// It may freeze an account.
    pub const FREEZE: u8 = 1;
    /// It may take a fee of each transfer.
    pub const FEE: u8 = 2;
    /// It may have a program of its own asked at each transfer.
    pub const HOOK: u8 = 4;
    /// It may stop all transfers and burns.
    pub const PAUSE: u8 = 8;
    /// It may move or burn what is in any account.
    pub const TAKE: u8 = 16;
    /// All of these.
    pub const ALL: u8 = 31;
}

/// The powers of the mint's issuer. They never grow. A mint that can be closed has all of them: another may be made at its address.
/// Extensions with which a vault could not work at all, or that are not known, are refused.
#[inline(never)]
pub fn powers(mint: &AccountView) -> Result<u8, Fault> {
    let data = mint.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    let mint = StateWithExtensions::<Mint2022>::unpack(&data).map_err(|_| Fault::WrongMint)?;
    let mut powers = if mint.base.freeze_authority.is_some() { power::FREEZE } else { 0 };
    for extension in mint.get_extension_types().map_err(|_| Fault::MintNotAllowed)? {
        use ExtensionType::*;
        powers |= match extension {
            MetadataPointer
            | TokenMetadata
            | GroupPointer
            | GroupMemberPointer
            | TokenGroup
            | TokenGroupMember
            | InterestBearingConfig
            | ScaledUiAmount => 0,
            // An account takes part in these only if its owner asks for it, and no vault does.
            ConfidentialTransferMint | ConfidentialTransferFeeConfig => 0,
            DefaultAccountState => power::FREEZE,
            TransferFeeConfig => power::FEE,
            TransferHook => power::HOOK,
            Pausable => power::PAUSE,
            PermanentDelegate => power::TAKE,
            MintCloseAuthority => power::ALL,
            _ => return Err(Fault::MintNotAllowed),
        };
    }
    Ok(powers)
}

/// Length of a vault of the mint: with the extensions that each account of it must have.
#[inline(never)]
pub fn vault_len(mint: &AccountView) -> Result<usize, Fault> {
    let data = mint.try_borrow().map_err(|_| Fault::DuplicateAccount)?;
    try_calculate_account_len_from_mint_data(&data, &[]).map_err(|_| Fault::MintNotAllowed)
}

/// 165 bytes, one for the account's type, and four for an extension without content.
const LONGEST_PLAIN: usize = 170;

/// A token account of `mint` whose owner cannot refuse transfers: it has no extension but those that its mint asks for, and the
/// immutable owner of associated accounts.
#[inline(always)]
pub fn cannot_refuse(account: &AccountView, mint: &Address) -> bool {
    let asked = account.data_len() <= LONGEST_PLAIN || only_asked_extensions(account);
    asked && token::balance(account, mint).is_ok()
}

/// A token account whose owner lets it refuse transfers such as a program's: it asks for memos, or takes confidential ones only.
#[inline(always)]
pub fn refuses(account: &AccountView) -> bool {
    account.data_len() > LONGEST_PLAIN && asks_for_more(account)
}

#[cold]
#[inline(never)]
fn asks_for_more(account: &AccountView) -> bool {
    let Ok(data) = account.try_borrow() else { return false };
    let Ok(account) = StateWithExtensions::<Account2022>::unpack(&data) else { return false };
    let memos = account.get_extension::<MemoTransfer>();
    let confidential = account.get_extension::<ConfidentialTransferAccount>();
    memos.is_ok_and(|asks| asks.require_incoming_transfer_memos.into())
        || confidential.is_ok_and(|takes| !bool::from(takes.allow_non_confidential_credits))
}

/// A token account has no extension with which its owner could refuse a transfer: only those that its mint or its address asks for.
#[inline(never)]
fn only_asked_extensions(account: &AccountView) -> bool {
    let Ok(data) = account.try_borrow() else { return false };
    let Ok(account) = StateWithExtensions::<Account2022>::unpack(&data) else { return false };
    let asked = |extension: &ExtensionType| {
        use ExtensionType::*;
        matches!(extension, ImmutableOwner | TransferFeeAmount | TransferHookAccount | PausableAccount)
    };
    account.get_extension_types().is_ok_and(|extensions| extensions.iter().all(asked))
}
