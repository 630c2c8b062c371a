//! Declarations with groups, beside the same without: a group changes nothing but the names of fields.

use {
    crate::{
        Access, AccountMeta, AccountSpec, Address, Fault, Instruction, InstructionSpec, ProgramError,
        private::{CallAccounts, by_discriminator},
    },
    alloc::{vec, vec::Vec},
    pinocchio::{
        AccountView,
        account::{NOT_BORROWED, RuntimeAccount},
    },
};

mod pda {
    crate::pda! {
        /// An owner's tokens.
        vault = ["vault", owner: Address]
    }
}

crate::accounts! {
    /// Tokens of a mint.
    pub struct TokenAccounts {
        /// The mint.
        mint: [],
        /// Where they lie.
        source: [writable] = pda::vault(owner: caller),
    }
}

crate::accounts! {
    /// What pays.
    pub struct PaymentAccounts {
        /// The network.
        network: [optional],
        ..tokens: TokenAccounts,
        /// Signs, and gets the fee, if there is one.
        fee_payee: [signer, writable, optional],
    }
}

crate::instruction! {
    /// Pays.
    pub Pay(PayArgs) = 7 {
        accounts {
            /// Who pays.
            caller: [signer],
            ..payment: PaymentAccounts,
            /// What is paid for.
            job: [writable],
        }
        remaining {
            /// Another job.
            jobs: [writable],
        }
        args {
            /// How much.
            amount: u64,
        }
        tail {
            /// A hash for each job.
            hashes: [[u8; 32]],
        }
    }
}

crate::instruction! {
    /// Pays.
    pub PayFlat(PayFlatArgs) = 8 {
        accounts {
            /// Who pays.
            caller: [signer],
            /// The network.
            network: [optional],
            /// The mint.
            mint: [],
            /// Where they lie.
            source: [writable] = pda::vault(owner: caller),
            /// Signs, and gets the fee, if there is one.
            fee_payee: [signer, writable, optional],
            /// What is paid for.
            job: [writable],
        }
        args {
            /// How much.
            amount: u64,
        }
    }
}

fn address(byte: u8) -> Address {
    Address::new_from_array([byte; 32])
}

fn pay<A: Copy>([caller, network, mint, source, fee_payee, job]: [A; 6]) -> (Pay<A>, PayFlat<A>) {
    let payment = PaymentAccounts { network, tokens: TokenAccounts { mint, source }, fee_payee };
    (Pay { caller, payment, job }, PayFlat { caller, network, mint, source, fee_payee, job })
}

/// Accounts without data at these addresses, with all flags.
fn accounts(addresses: &[Address]) -> Vec<RuntimeAccount> {
    let account = |address: &Address| RuntimeAccount {
        borrow_state: NOT_BORROWED,
        is_signer: 1,
        is_writable: 1,
        executable: 0,
        padding: [0; 4],
        address: *address,
        owner: crate::ID,
        lamports: 0,
        data_len: 0,
    };
    addresses.iter().map(account).collect()
}

fn views(accounts: &mut [RuntimeAccount]) -> Vec<AccountView> {
    // SAFETY: an account without data lies there, and views of it are all that is used from here on.
    accounts.iter_mut().map(|account| unsafe { AccountView::new_unchecked(account) }).collect()
}

fn leave_out(accounts: &mut [RuntimeAccount], indices: &[usize]) {
    for &index in indices {
        accounts[index] = RuntimeAccount { address: crate::ID, is_signer: 0, is_writable: 0, ..accounts[index] };
    }
}

const ADDRESSES: [u8; 6] = [1, 2, 3, 4, 5, 6];

#[test]
fn the_list_is_flat_and_in_order() {
    assert_eq!(Pay::ACCOUNTS, PayFlat::ACCOUNTS);
    assert_eq!(
        Pay::SPEC,
        InstructionSpec {
            name: "Pay",
            discriminator: 7,
            remaining: Some(AccountSpec::new("jobs", " Another job.").writable()),
            args: Pay::SPEC.args,
            tail: Pay::SPEC.tail,
            ..PayFlat::SPEC
        }
    );
    let names: Vec<_> = Pay::ACCOUNTS.iter().map(|account| account.name).collect();
    assert_eq!(names, ["caller", "network", "mint", "source", "fee_payee", "job"]);
    let source = Pay::ACCOUNTS[3];
    assert_eq!(
        (source.derived.unwrap().pda.name, source.derived.unwrap().seeds),
        ("vault", &[("owner", "caller")][..])
    );
    assert_eq!((PaymentAccounts::ACCOUNTS, TokenAccounts::ACCOUNTS), (&Pay::ACCOUNTS[1..5], &Pay::ACCOUNTS[2..4]));
}

#[test]
fn instructions_are_listed_by_discriminator() {
    let other = InstructionSpec { name: "Other", discriminator: 3, ..Pay::SPEC };
    let sorted = by_discriminator([PayFlat::SPEC, other, Pay::SPEC]);
    assert_eq!(sorted.map(|spec| spec.name), ["Other", "Pay", "PayFlat"]);
}

#[test]
#[should_panic = "a discriminator stands twice"]
fn a_discriminator_stands_once() {
    by_discriminator([Pay::SPEC, PayFlat::SPEC, Pay::SPEC]);
}

#[test]
fn the_builder_sets_flags() {
    let (grouped, flat) = pay(ADDRESSES.map(address));
    let built = grouped.instruction_with(&PayArgs { amount: 0x0201 }, &[9]);
    let meta = |byte, is_signer, is_writable| AccountMeta { pubkey: address(byte), is_signer, is_writable };
    assert_eq!(
        built,
        Instruction {
            program_id: crate::ID,
            accounts: vec![
                meta(1, true, false),
                meta(2, false, false),
                meta(3, false, false),
                meta(4, false, true),
                meta(5, true, true),
                meta(6, false, true),
            ],
            data: vec![7, 1, 2, 0, 0, 0, 0, 0, 0, 9],
        }
    );
    assert_eq!(flat.instruction(&PayFlatArgs { amount: 0 }).accounts, built.accounts);
}

#[test]
fn an_account_that_is_left_out_has_no_flags() {
    let (mut grouped, _) = pay(ADDRESSES.map(address));
    grouped.payment.fee_payee = crate::ID;
    // Only an optional account can be left out.
    grouped.job = crate::ID;
    let accounts = grouped.instruction(&PayArgs { amount: 0 }).accounts;
    assert_eq!(accounts[4], AccountMeta { pubkey: crate::ID, is_signer: false, is_writable: false });
    assert_eq!(accounts[5], AccountMeta { pubkey: crate::ID, is_signer: false, is_writable: true });
}

#[test]
fn a_program_takes_it_apart() {
    let mut accounts = accounts(&[1, 2, 3, 4, 5, 6, 7, 8].map(address));
    let views = views(&mut accounts);
    let data = [&[1, 2, 0, 0, 0, 0, 0, 0][..], &[9; 33]].concat();
    let (a, args, remaining, tail) = Pay::parse(&views, &data).unwrap();
    let [caller, network, mint, source, fee_payee, job] = core::array::from_fn(|index| &views[index]);
    assert_eq!(a, pay([caller, network, mint, source, fee_payee, job]).0);
    assert_eq!(({ args.amount }, tail), (0x0201, &[9; 33][..]));
    assert_eq!(remaining.iter().map(|view| *view.address()).collect::<Vec<_>>(), [7, 8].map(address));

    let (flat, args, remaining, tail) = PayFlat::parse(&views, &data[..8]).unwrap();
    assert_eq!((flat, { args.amount }), (pay([caller, network, mint, source, fee_payee, job]).1, 0x0201));
    assert_eq!((remaining.len(), tail), (2, &[][..]));
}

#[test]
fn a_program_refuses_what_was_not_declared() {
    let fault = |change: fn(&mut Vec<RuntimeAccount>), data: &[u8]| {
        let mut accounts = accounts(&ADDRESSES.map(address));
        change(&mut accounts);
        let views = views(&mut accounts);
        let (grouped, flat) = (Pay::parse(&views, data).err(), PayFlat::parse(&views, data).err());
        assert_eq!(grouped, flat);
        grouped
    };
    assert_eq!(fault(|_| (), &[0; 8]), None);
    assert_eq!(fault(|_| (), &[0; 7]), Some(Fault::InvalidArguments));
    assert_eq!(fault(|accounts| accounts.truncate(5), &[0; 8]), Some(Fault::NotEnoughAccounts));
    assert_eq!(fault(|accounts| accounts.clear(), &[0; 8]), Some(Fault::NotEnoughAccounts));
    assert_eq!(fault(|accounts| accounts[0].is_signer = 0, &[0; 8]), Some(Fault::MissingSigner));
    assert_eq!(fault(|accounts| accounts[3].is_writable = 0, &[0; 8]), Some(Fault::NotWritable));
    assert_eq!(fault(|accounts| accounts[4].is_signer = 0, &[0; 8]), Some(Fault::MissingSigner));
    assert_eq!(fault(|accounts| accounts[4].is_writable = 0, &[0; 8]), Some(Fault::NotWritable));
    assert_eq!(fault(|accounts| accounts[5].is_writable = 0, &[0; 8]), Some(Fault::NotWritable));
    // What is not asked for does not matter.
    let others = |accounts: &mut Vec<RuntimeAccount>| {
        for (index, signs, writes) in [(0, 1, 0), (1, 0, 0), (2, 0, 0), (3, 0, 1), (5, 0, 1)] {
            (accounts[index].is_signer, accounts[index].is_writable) = (signs, writes);
        }
    };
    assert_eq!(fault(others, &[0; 8]), None);
    // An optional account may be the program itself, which has no flags; another may not.
    assert_eq!(fault(|accounts| leave_out(accounts, &[1, 4]), &[0; 8]), None);
    assert_eq!(fault(|accounts| leave_out(accounts, &[5]), &[0; 8]), Some(Fault::NotWritable));

    // Without a declared tail, nothing may follow the arguments.
    let mut accounts = accounts(&ADDRESSES.map(address));
    let views = views(&mut accounts);
    assert_eq!(PayFlat::parse(&views, &[0; 9]).err(), Some(Fault::InvalidArguments));
    assert_eq!(Pay::parse(&views, &[0; 9]).map(|(.., tail)| tail.len()), Ok(1));
}

#[test]
fn a_call_passes_declared_flags() {
    let mut accounts = accounts(&[1, 2, 3, 4, 5, 6].map(address));
    let absent = accounts.len() - 2;
    accounts[absent].address = crate::ID;
    let views = views(&mut accounts);
    let (grouped, flat) = pay(core::array::from_fn(|index| &views[index]));
    let mut call = CallAccounts::<6>::new();
    grouped.add_to(&mut call);
    let passed = *call.access();
    let (read, write, sign) = (Access::READ, Access::WRITE, Access::SIGN);
    assert_eq!(passed, [sign, read, read, write, read, write]);
    let mut call = CallAccounts::<6>::new();
    flat.add_to(&mut call);
    assert_eq!(*call.access(), passed);

    // Off chain nothing is called.
    assert_eq!(grouped.invoke(&PayArgs { amount: 1 }), Ok(()));
    assert_eq!(flat.invoke(&PayFlatArgs { amount: 1 }), Ok(()));
    assert_eq!(grouped.invoke_signed_with(&PayArgs { amount: 1 }, &[1; 32], &[&views[0]], &[]), Ok(()));
    let read = views[2].try_borrow().unwrap();
    assert_eq!(grouped.invoke(&PayArgs { amount: 1 }), Ok(()));
    drop(read);
    let written = views[3].try_borrow().unwrap();
    assert_eq!(grouped.invoke(&PayArgs { amount: 1 }), Err(ProgramError::AccountBorrowFailed));
    drop(written);
}
