//! From the runtime's bytes to a program's dispatch.

use {
    crate::AccountView,
    core::mem::MaybeUninit,
    pinocchio::account::{MAX_PERMITTED_DATA_INCREASE, RuntimeAccount},
};

/// Most accounts that an instruction is given views of; the runtime locks at most 64 a transaction.
pub const MAX_ACCOUNTS: usize = 64;

/// The first byte of an account, which then counts who borrows it. One that came before has its index there instead.
const FIRST: u8 = 255;

/// From an account's start to the next one's, less its data: its head, the room that it may grow by, a word that is no
/// longer used, and what rounds up to the next word.
const STRIDE: usize = size_of::<RuntimeAccount>() + MAX_PERMITTED_DATA_INCREASE + 8 + 7;

/// Room for the views of an instruction's accounts.
pub type Views = [MaybeUninit<AccountView>; MAX_ACCOUNTS];

/// Takes the runtime's bytes apart: views of the accounts, and the instruction's data. Seven compute units an account,
/// and one to see that there is another.
///
/// # Safety
///
/// `input` is what the runtime passes to an entry point, and nothing else is reading it.
#[inline(always)]
pub unsafe fn read(input: *mut u8, views: &mut Views) -> (&[AccountView], &[u8]) {
    let to = views.as_mut_ptr().cast::<AccountView>();
    // SAFETY: the input starts with the number of accounts, aligned.
    let count = unsafe { *input.cast::<u64>() } as usize;
    // SAFETY: that many accounts follow, and `to` has room for as many as are read.
    let at = unsafe { accounts(input.add(8), to, count) };
    // SAFETY: the first so many views were written.
    let views = unsafe { core::slice::from_raw_parts(to, count.min(MAX_ACCOUNTS)) };
    // SAFETY: behind the accounts come the data's length, aligned, and the data.
    (views, unsafe { core::slice::from_raw_parts(at.add(8), *at.cast::<u64>() as usize) })
}

/// Reads `count` accounts from `at`; gives where they end.
#[inline(always)]
unsafe fn accounts(mut at: *mut u8, to: *mut AccountView, count: usize) -> *mut u8 {
    // Written out, each place is a constant.
    macro_rules! each {
        ($($index:literal)*) => {$(
            if count == $index {
                return at;
            }
            // SAFETY: there is another account.
            if unsafe { *at } != FIRST {
                // SAFETY: so many were read.
                return unsafe { others(at, to, $index, count) };
            }
            // SAFETY: there is room for it.
            at = unsafe { account(at, to.add($index)) };
        )*};
    }
    each!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
    // SAFETY: so many were read.
    unsafe { others(at, to, 16, count) }
}

/// Reads the accounts from `index` on; gives where they end. An account may be there again: then eight bytes name the
/// first, and its view is that one's. Those that there is no room for are passed over.
#[cold]
#[inline(never)]
unsafe fn others(mut at: *mut u8, views: *mut AccountView, index: usize, count: usize) -> *mut u8 {
    let read = count.min(MAX_ACCOUNTS);
    // SAFETY: so many places there are.
    let (mut to, end) = unsafe { (views.add(index), views.add(read)) };
    while to != end {
        // SAFETY: there is another account, or what names one that came before, whose view was written; and there is room.
        unsafe {
            if *at == FIRST {
                at = account(at, to);
            } else {
                to.write(*views.add(*at as usize));
                at = at.wrapping_add(8);
            }
            to = to.add(1);
        }
    }
    for _ in read..count {
        let mut nowhere = MaybeUninit::uninit();
        // SAFETY: there is another account, or what names one, and room for a view.
        at = if unsafe { *at } == FIRST { unsafe { account(at, nowhere.as_mut_ptr()) } } else { at.wrapping_add(8) };
    }
    at
}

/// Makes a view of the account at `at`; gives where it ends.
#[inline(always)]
unsafe fn account(at: *mut u8, to: *mut AccountView) -> *mut u8 {
    let head = at.cast::<RuntimeAccount>();
    // SAFETY: an account's head is there, aligned; a view is made of nothing but where it is.
    unsafe { to.write(AccountView::new_unchecked(head)) };
    // SAFETY: as before. The runtime's input ends behind the account, so the sum is no overflow.
    let end = at.wrapping_add(unsafe { (*head).data_len } as usize).wrapping_add(STRIDE);
    end.map_addr(|address| address & !7)
}

/// Declares the program's entry point: `$process(accounts, data)` with the program's own error type; the interface
/// `$interface`, if it has one, whose names the feature `log-names` logs ([`names`](crate::names)); and to whom findings
/// are reported, as `security.txt` in the ELF. Like the ids, these addresses are for whoever deploys to replace.
///
/// Accounts are read in place. Running under another id than the crate's own is impossible to reach with accounts of
/// value: every account is checked to be owned by the crate's id.
#[macro_export]
macro_rules! entrypoint {
    ($process:path $(, $interface:ident)?) => {
        #[cfg(target_os = "solana")]
        mod entry {
            /// What the runtime calls.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn entrypoint(input: *mut u8) -> u64 {
                let mut views = [const { core::mem::MaybeUninit::uninit() }; $crate::entrypoint::MAX_ACCOUNTS];
                // SAFETY: the runtime calls this, once, with its own input.
                let (accounts, data) = unsafe { $crate::entrypoint::read(input, &mut views) };
                $($crate::names::instruction(
                    const { &$crate::names::of::<{ $interface::SPEC.instructions.len() }>($interface::SPEC.instructions) },
                    data,
                );)?
                match $process(accounts, data) {
                    Ok(()) => 0,
                    Err(error) => {
                        let code = $crate::__private::ProgramError::from(error).into();
                        $($crate::names::error($interface::SPEC.errors, code);)?
                        code
                    }
                }
            }
            $crate::__private::pinocchio::default_allocator!();
            $crate::__private::pinocchio::default_panic_handler!();
            $crate::__private::solana_security_txt::security_txt! {
                name: env!("CARGO_PKG_NAME"),
                project_url: "https://joule.example",
                contacts: "email:security@joule.example",
                policy: "https://joule.example/SECURITY.md",
                preferred_languages: "en",
                source_release: env!("CARGO_PKG_VERSION")
            }
        }
    };
}

#[doc(hidden)]
pub mod private {
    pub use {joule_interface::ProgramError, pinocchio, solana_security_txt};
}

#[cfg(test)]
pub(crate) mod tests {
    use {super::*, joule_interface::Address};

    /// An account as the runtime writes it.
    pub(crate) fn account_of(owner: &Address, data: &[u8]) -> Vec<u64> {
        let mut bytes = input(&[Ok(data.len())], &[]);
        let account = bytemuck::cast_slice_mut::<_, u8>(&mut bytes);
        account[8 + 40..8 + 72].copy_from_slice(owner.as_array());
        let at = 8 + size_of::<RuntimeAccount>();
        account[at..at + data.len()].copy_from_slice(data);
        bytes.split_off(1)
    }

    /// The runtime's bytes for accounts, each of so much data or another named again.
    fn input(accounts: &[Result<usize, u8>], data: &[u8]) -> Vec<u64> {
        let mut bytes = (accounts.len() as u64).to_le_bytes().to_vec();
        for (number, account) in accounts.iter().enumerate() {
            match account {
                Err(earlier) => bytes.extend([*earlier, 0, 0, 0, 0, 0, 0, 0]),
                Ok(size) => {
                    let mut head = [0; size_of::<RuntimeAccount>()];
                    head[0] = FIRST;
                    head[8..40].fill(number as u8);
                    head[80..].copy_from_slice(&(*size as u64).to_le_bytes());
                    bytes.extend(head);
                    // In one piece each: under Miri a loop over so many bytes takes minutes.
                    bytes.extend_from_slice(&vec![7; size + MAX_PERMITTED_DATA_INCREASE]);
                    bytes.resize(bytes.len().next_multiple_of(8) + 8, 0);
                }
            }
        }
        bytes.extend((data.len() as u64).to_le_bytes());
        bytes.extend(data);
        let mut words = vec![0; bytes.len().div_ceil(8)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(&bytes);
        words
    }

    #[test]
    fn bytes_that_the_runtime_wrote_are_read() {
        let many: Vec<_> = (0..70).map(|index| if index % 3 == 2 { Err(index as u8 / 2) } else { Ok(index) }).collect();
        for accounts in [&many[..0], &many[..1], &many[..5], &many[..16], &many[..17], &many[..64], &many[..]] {
            for data in [&b""[..], b"x", b"some data"] {
                let mut words = input(accounts, data);
                let mut views = [const { MaybeUninit::uninit() }; MAX_ACCOUNTS];
                // SAFETY: the bytes are as the runtime's.
                let (read, rest) = unsafe { read(words.as_mut_ptr().cast(), &mut views) };
                assert_eq!((read.len(), rest), (accounts.len().min(MAX_ACCOUNTS), data));
                for (number, view) in read.iter().enumerate() {
                    let mut first = number;
                    while let Err(earlier) = accounts[first] {
                        first = earlier as usize;
                    }
                    assert_eq!(view.address().as_array(), &[first as u8; 32]);
                    assert_eq!(view.data_len(), accounts[first].unwrap());
                }
            }
        }
    }
}
