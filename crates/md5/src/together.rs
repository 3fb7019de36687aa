//! Several streams at once.

use crate::engine::one;
use crate::{BLOCK, Engine, Md5, State};

/// A stream's blocks that are still to be mixed in.
struct Lane<'a> {
    state: &'a mut State,
    blocks: &'a [[u8; BLOCK]],
}

/// Adds to every stream its bytes, as [`Md5::update`] would one after the other. As many streams as the engine has
/// [lanes](Engine::lanes) take the time of one, as far as all have bytes.
pub fn update_together(engine: Engine, streams: &mut [(&mut Md5, &[u8])]) {
    let mut lanes = Vec::with_capacity(streams.len());
    for (md5, bytes) in streams {
        let bytes = md5.complete_block(bytes);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        // The state is mixed below; nothing looks at the rest before that.
        md5.count(blocks);
        md5.keep(rest);
        if !blocks.is_empty() {
            lanes.push(Lane { state: &mut md5.state, blocks });
        }
    }
    // The longest first: what remains in the end is what has company for longest.
    lanes.sort_by_key(|lane| std::cmp::Reverse(lane.blocks.len()));
    while !lanes.is_empty() {
        let now = lanes.len().min(engine.lanes());
        step(engine, &mut lanes[..now]);
        lanes.retain(|lane| !lane.blocks.is_empty());
    }
}

/// Takes all lanes on by as many blocks as the shortest has.
fn step(engine: Engine, lanes: &mut [Lane<'_>]) {
    let count = lanes.iter().map(|lane| lane.blocks.len()).min().unwrap_or(0);
    let mut states = Vec::with_capacity(lanes.len());
    let mut blocks = Vec::with_capacity(lanes.len());
    for lane in lanes {
        let (now, later) = lane.blocks.split_at(count);
        lane.blocks = later;
        states.push(&mut *lane.state);
        blocks.push(now);
    }
    match (&mut states[..], &blocks[..]) {
        ([state], [blocks]) => one(state, blocks),
        (states, blocks) => engine.several(states, blocks),
    }
}
