//! Bodies that compress as prose does: words of a vocabulary, few of them often and many seldom, in lines.

use super::numbers;
use bytes::Bytes;

/// Words in the vocabulary: with these S2 leaves two fifths, as of English.
const WORDS: usize = 8192;
/// What words are made of.
const SYLLABLES: [&str; 32] = [
    "a", "an", "ar", "be", "co", "de", "di", "e", "en", "er", "es", "fi", "ga", "ho", "i", "in", "ing", "la", "li",
    "lo", "ma", "ne", "o", "or", "pre", "ra", "re", "sa", "ta", "ti", "ver", "un",
];
/// A line ends behind the word that reaches it.
const LINE: usize = 72;

/// At least `length` bytes of text, the same in every run.
pub fn text(length: usize) -> Bytes {
    let mut numbers = numbers();
    let mut next = || numbers.next().unwrap_or_default();
    let words: Vec<String> = (0..WORDS).map(|_| word(next())).collect();
    let mut text = Vec::with_capacity(length + LINE);
    let mut line = 0;
    while text.len() < length {
        let word = &words[rank(next())];
        text.extend_from_slice(word.as_bytes());
        line += word.len() + 1;
        text.push(if line > LINE { b'\n' } else { b' ' });
        line = if line > LINE { 0 } else { line };
    }
    text.into()
}

/// One to four syllables.
fn word(number: u64) -> String {
    let syllable = |at: u64| SYLLABLES[(number >> (8 + 5 * at)) as usize % SYLLABLES.len()];
    (0..=number % 4).map(syllable).collect()
}

/// Which word comes: one of the first 2^n words as often as one of the first 2^(n-1).
fn rank(number: u64) -> usize {
    let bits = number % u64::from(WORDS.ilog2() + 1);
    (number >> 8) as usize % (1 << bits)
}
