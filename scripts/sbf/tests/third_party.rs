//! Third-party programs as they were built here: a tree and a leaf in it, through Bubblegum, the compression program and
//! the log program, at no more compute units than when this was written.

use {
    mpl_bubblegum::{
        instructions::{CreateTreeConfigBuilder, MintV1Builder},
        types::{MetadataArgs, TokenProgramVersion, TokenStandard},
    },
    solana_account::Account,
    solana_program::{instruction::Instruction, pubkey::Pubkey},
    solana_program_test::{ProgramTest, ProgramTestContext},
    solana_signer::Signer,
    solana_transaction::Transaction,
};

const COMPRESSION: Pubkey = Pubkey::from_str_const("cmtDvXumGCrqC1Age74AVPhSRVXJMd8PJS91L8KbNCK");
const LOG: Pubkey = Pubkey::from_str_const("noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV");

/// Bytes of the account of a tree with 14 levels that remembers 64 changes.
const TREE: usize = 31_800;

async fn run(context: &ProgramTestContext, instruction: Instruction) -> u64 {
    let payer = &context.payer;
    let transaction =
        Transaction::new_signed_with_payer(&[instruction], Some(&payer.pubkey()), &[payer], context.last_blockhash);
    let result = context.banks_client.process_transaction_with_metadata(transaction).await.expect("it is processed");
    assert_eq!(result.result, Ok(()), "{:#?}", result.metadata.map(|metadata| metadata.log_messages));
    result.metadata.expect("it ran").compute_units_consumed
}

#[tokio::test]
async fn a_leaf_is_minted_through_three_programs() {
    let bubblegum = mpl_bubblegum::ID;
    let tree = Pubkey::new_from_array([9; 32]);
    let mut test = ProgramTest::default();
    test.prefer_bpf(true);
    test.add_program("mpl_bubblegum", bubblegum, None);
    test.add_program("spl_account_compression", COMPRESSION, None);
    test.add_program("spl_noop", LOG, None);
    let account = Account { lamports: 10_u64.pow(11), data: vec![0; TREE], owner: COMPRESSION, ..Account::default() };
    test.add_account(tree, account);
    let context = test.start_with_context().await;
    let payer = context.payer.pubkey();
    let (config, _) = Pubkey::find_program_address(&[tree.as_ref()], &bubblegum);
    let create = CreateTreeConfigBuilder::new()
        .tree_config(config)
        .merkle_tree(tree)
        .payer(payer)
        .tree_creator(payer)
        .max_depth(14)
        .max_buffer_size(64)
        .instruction();
    let metadata = MetadataArgs {
        name: "node".into(),
        symbol: "N".into(),
        uri: "u".into(),
        seller_fee_basis_points: 0,
        primary_sale_happened: false,
        is_mutable: true,
        edition_nonce: None,
        token_standard: Some(TokenStandard::NonFungible),
        collection: None,
        uses: None,
        token_program_version: TokenProgramVersion::Original,
        creators: vec![],
    };
    let mint = MintV1Builder::new()
        .tree_config(config)
        .leaf_owner(payer)
        .leaf_delegate(payer)
        .merkle_tree(tree)
        .payer(payer)
        .tree_creator_or_delegate(payer)
        .metadata(metadata)
        .instruction();
    let (created, minted) = (run(&context, create).await, run(&context, mint).await);
    println!("CreateTree {created}, MintV1 {minted}");
    assert!(created <= 49_000, "CreateTree took {created} compute units");
    assert!(minted <= 31_000, "MintV1 took {minted} compute units");
}
