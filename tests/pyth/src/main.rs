//! Writes `tests/golden/pyth_price_updates.txt`: price updates, and the bytes that Pyth's own crate makes of them.
//!
//!     cargo run --manifest-path tests/pyth/Cargo.toml > tests/golden/pyth_price_updates.txt

use pyth_solana_receiver_sdk::price_update::{PriceFeedMessage, PriceUpdateV2, VerificationLevel};

fn main() {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move || {
        // xorshift64*: the same updates in every run.
        seed ^= seed >> 12;
        seed ^= seed << 25;
        seed ^= seed >> 27;
        seed.wrapping_mul(0x2545_f491_4f6c_dd1d)
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for line in 0..200 {
        let mut feed_id = [0; 32];
        feed_id.chunks_mut(8).for_each(|chunk| chunk.copy_from_slice(&random().to_le_bytes()));
        // Prices of any size and sign, most of them with a confidence interval that is narrow enough.
        let price = (random() >> (random() % 63)) as i64;
        let ema_price = if line % 5 == 0 { random() as i64 } else { price.saturating_add(price / 100) };
        let message = PriceFeedMessage {
            feed_id,
            price,
            conf: if line % 7 == 0 { random() } else { price.unsigned_abs() / 50 },
            exponent: -((random() % 13) as i32),
            publish_time: 1_790_000_000 + (random() % 1_000_000) as i64,
            prev_publish_time: random() as i64,
            ema_price,
            ema_conf: ema_price.unsigned_abs() / 20,
        };
        let update = PriceUpdateV2 {
            write_authority: Default::default(),
            verification_level: VerificationLevel::Full,
            price_message: message,
            posted_slot: random(),
        };
        println!(
            "{} {} {} {} {} {} {} {}",
            hex(&feed_id),
            message.price,
            message.conf,
            message.exponent,
            message.publish_time,
            message.ema_price,
            message.ema_conf,
            hex(&encode(&update)),
        );
    }
}

/// The account's bytes, discriminator first.
fn encode(update: &PriceUpdateV2) -> Vec<u8> {
    use anchor_lang::AccountSerialize;
    let mut bytes = vec![];
    update.try_serialize(&mut bytes).expect("a vector takes all bytes");
    bytes
}
