//! From when and until when a call may be made: the seconds at which what comes of it changes, and what these seconds are.

use {
    crate::calls::{Call, Outcome, Stage},
    joule_tests::{
        effects::{self, Moment},
        example::PROGRAMS,
    },
    std::collections::BTreeSet,
};

/// No further from the recorded time than this is looked at.
const REACH: i64 = 1 << 26;

/// Makes the call at other times, and compares each second at which something else comes of it with the table.
pub fn check(call: &Call, stage: &mut Stage) -> Result<(), String> {
    let recorded = call.example.time();
    let now = recorded.0;
    let instruction = call.example.instruction();
    let accounts: Vec<_> = call.example.accounts().collect();
    let moments = effects::moments(&instruction, &accounts);
    let at = |second: i64, stage: &mut Stage| -> Result<String, String> {
        let mut time = recorded;
        time.0 = second;
        stage.world.set_time(time);
        stage.is_judged = second >= now;
        let outcome = stage.try_call(&instruction);
        stage.is_judged = true;
        stage.world.set_time(recorded);
        Ok(match outcome? {
            Outcome::Done(done) => effects::story(&accounts.iter().cloned().collect(), &done),
            Outcome::Refused(code) => {
                let errors = PROGRAMS.iter().flat_map(|program| program.errors);
                errors.into_iter().find(|error| Some(error.code) == code).map_or("refused", |error| error.name).into()
            }
        })
    };
    let mut seconds: BTreeSet<i64> = moments.iter().map(|(_, second)| *second).collect();
    seconds.extend((0..14).flat_map(|power| [now - (1 << (2 * power)), now + (1 << (2 * power))]));
    seconds.insert(now);
    seconds.retain(|second| (now - REACH..now + REACH).contains(second));
    let mut last: Option<(i64, String)> = None;
    for second in seconds {
        let is = at(second, stage)?;
        if let Some((mut from, was)) = last.filter(|(_, was)| *was != is) {
            let mut to = second;
            while to - from > 1 {
                let middle = from + (to - from) / 2;
                if at(middle, stage)? == was { from = middle } else { to = middle }
            }
            let then = at(to, stage)?;
            let fits = |(name, second): &(String, i64)| match to.saturating_sub(*second) {
                0 => Some(name.clone()),
                1 => Some(format!("after:{name}")),
                _ => None,
            };
            let forms = moments.iter().filter_map(fits).collect();
            effects::moment(&Moment { program: call.program.name, instruction: call.spec.name, was, is: then, forms })?;
        }
        last = Some((second, is));
    }
    Ok(())
}
