//! Which instructions hash several streams at once, found out at run time.

use crate::rounds::{mix, sines};
use crate::{BLOCK, State};
use std::fmt;

/// One way to hash several streams, fit for the processor we run on.
#[derive(Clone, Copy)]
pub struct Engine {
    name: &'static str,
    lanes: usize,
    /// Mixes blocks into the states of as many streams, up to the number of lanes; all have as many blocks, and there is a
    /// stream.
    ///
    /// Safe to call where the instructions it is made of exist, which is what having an `Engine` means.
    several: unsafe fn(&mut [&mut State], &[&[[u8; BLOCK]]]),
}

impl Engine {
    /// One after the other, on any processor.
    pub const PLAIN: Engine = Engine { name: "plain", lanes: 1, several: plain };

    /// The engines that this processor can run, fastest first; the last is [`Engine::PLAIN`].
    pub fn available() -> Vec<Engine> {
        let mut engines = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            use crate::x86;
            if is_x86_feature_detected!("avx512f") {
                engines.push(Engine { name: "avx512", lanes: x86::LANES_512, several: x86::several_512 });
            }
            if is_x86_feature_detected!("avx2") {
                engines.push(Engine { name: "avx2", lanes: x86::LANES_256, several: x86::several_256 });
            }
        }
        engines.push(Engine::PLAIN);
        engines
    }

    /// The first of [`Engine::available`].
    pub fn fastest() -> Engine {
        Engine::available().first().copied().unwrap_or(Engine::PLAIN)
    }

    /// What it is called in benchmarks and logs.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How many streams go at once at most.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Mixes blocks into their streams' states.
    ///
    /// # Panics
    ///
    /// If there are no streams, or more streams than lanes, or not as many blocks of one as of another.
    pub(crate) fn several(&self, states: &mut [&mut State], blocks: &[&[[u8; BLOCK]]]) {
        assert!((1..=self.lanes).contains(&states.len()), "a lane for every stream");
        assert_eq!(states.len(), blocks.len(), "blocks for every stream");
        assert!(blocks.windows(2).all(|two| two[0].len() == two[1].len()), "as many of each");
        // SAFETY: this value was made by `available`, after its instructions were found to be there, or is PLAIN,
        // which needs none; the other promises were checked above.
        unsafe { (self.several)(states, blocks) }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Engine").field(&self.name).finish()
    }
}

/// Mixes blocks into one state, with ordinary registers. No wider ones are faster for a single stream: AVX-512 saves an
/// instruction of F and I, but where it was measured each instruction of a chain takes twice as long as in an ordinary register.
pub(crate) fn one(state: &mut State, blocks: &[[u8; BLOCK]]) {
    let sines = sines();
    for block in blocks {
        let (words, _) = block.as_chunks::<4>();
        let message = std::array::from_fn(|word| u32::from_le_bytes(words[word]));
        // SAFETY: ordinary words need no special instructions.
        *state = unsafe { mix::<u32>(*state, &message, sines) };
    }
}

fn plain(states: &mut [&mut State], blocks: &[&[[u8; BLOCK]]]) {
    for (state, blocks) in states.iter_mut().zip(blocks) {
        one(state, blocks);
    }
}
