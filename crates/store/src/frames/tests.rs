use super::*;
use erasure::{Geometry, bitrot};

fn memory() -> Memory {
    Memory::new(1 << 20, base::World::system())
}

fn layout(data: usize, parity: usize, block: u64) -> Layout {
    Layout {
        geometry: Geometry::new(data, parity, block).expect("valid"),
        code: erasure::ReedSolomon::new(data, parity).expect("valid"),
        distribution: (1..=u8::try_from(data + parity).expect("small")).collect(),
        upgraded_from: None,
    }
}

/// Frames made the plain way: block by block, shard by shard.
fn expected(layout: &Layout, body: &[u8]) -> Vec<Vec<u8>> {
    let mut files = vec![Vec::new(); layout.geometry.total()];
    for block in body.chunks(usize::try_from(layout.geometry.block_size()).expect("small")) {
        let len = layout.code.shard_len(block.len());
        let mut shards: Vec<Vec<u8>> = layout.code.split(block).map(<[u8]>::to_vec).collect();
        shards.iter_mut().for_each(|shard| shard.resize(len, 0));
        let mut parity = vec![vec![0; len]; layout.geometry.parity()];
        let mut outputs: Vec<&mut [u8]> = parity.iter_mut().map(Vec::as_mut_slice).collect();
        layout.code.encode_block(block, &mut outputs).expect("fits");
        shards.extend(parity);
        for (file, shard) in files.iter_mut().zip(&shards) {
            bitrot::append_frame(file, shard);
        }
    }
    files
}

#[test]
fn frames_are_those_of_the_plain_way_at_every_length() {
    let memory = memory();
    for (data, parity) in [(1, 0), (2, 2), (3, 1), (4, 2), (12, 4)] {
        let layout = layout(data, parity, 64);
        for len in (0..=200).chain([255, 256, 257, 640]) {
            let body: Vec<u8> = (0..len).map(|at| u8::try_from(at * 7 % 251).expect("small")).collect();
            let mut buffer = memory.try_buffer(framed_len(&layout, len)).expect("room");
            buffer.bytes_mut().fill(0xee);
            let mut frames = FrameBuffer::new(&layout, buffer, len, 0);
            for piece in body.chunks(13) {
                let mut piece = Bytes::copy_from_slice(piece);
                frames.fill(&mut piece);
                assert!(piece.is_empty());
            }
            assert_eq!(frames.finish(&memory), expected(&layout, &body), "{data}+{parity}, {len} bytes");
        }
    }
    assert_eq!(memory.used(), 0);
}

#[test]
fn less_than_announced_is_laid_out_anew() {
    let memory = memory();
    let layout = layout(3, 2, 64);
    for len in 0..64 {
        let body: Vec<u8> = (0..len).collect();
        let buffer = memory.try_buffer(framed_len(&layout, 64)).expect("room");
        let mut frames = FrameBuffer::new(&layout, buffer, 64, 0);
        frames.fill(&mut Bytes::from(body.clone()));
        assert_eq!(frames.finish(&memory), expected(&layout, &body));
    }
}

#[test]
fn large_frames_lie_as_in_the_file() {
    let memory = Memory::new(64 << 20, base::World::system());
    let layout = layout(3, 2, 1 << 20);
    let body: Vec<u8> = (0..1 << 20).map(|at: usize| (at ^ at >> 8).to_le_bytes()[0]).collect();
    for (len, before) in [(1 << 20, 0), (1 << 20, 349_558), (900_001, 5 * 349_558)] {
        let buffer = memory.try_buffer(framed_len(&layout, 1 << 20)).expect("room");
        let mut frames = FrameBuffer::new(&layout, buffer, 1 << 20, before);
        frames.fill(&mut Bytes::copy_from_slice(&body[..len]));
        let frames = frames.finish(&memory);
        for frame in &frames {
            assert_eq!(to_u64(frame.as_ptr().addr() % PAGE), before % to_u64(PAGE));
        }
        assert_eq!(frames, expected(&layout, &body[..len]));
    }
}
