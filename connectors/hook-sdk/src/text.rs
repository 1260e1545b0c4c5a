//! What is written, piece by piece. Most pieces are names and values of a few bytes. Within WebAssembly a copy of a length
//! that the compiler does not know is a call out of the component, which costs more than these bytes; so short pieces are
//! copied here, eight bytes at a time.

/// Pieces longer than this are copied by the call.
const SHORT: usize = 64;

/// Bytes that are copied rather than cut to their length.
#[cfg(all(target_arch = "wasm32", feature = "change-records"))]
const LITTLE: usize = 4096;

/// Text that is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(Vec<u8>);

impl Text {
    /// Nothing yet.
    pub const fn new() -> Self {
        Text(Vec::new())
    }

    /// Sees to it that there is room for so many bytes more.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.0.reserve(bytes);
    }

    /// Puts a piece behind what is there.
    pub fn push(&mut self, piece: &str) {
        self.push_bytes(piece.as_bytes());
    }

    /// The same of bytes that are UTF-8, or become it with what follows.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.last_chunk::<8>() else { return self.push_few(bytes) };
        if bytes.len() > SHORT {
            return self.0.extend_from_slice(bytes);
        }
        self.0.reserve(bytes.len());
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.0.extend_from_slice(eight);
        }
        if !rest.is_empty() {
            self.0.truncate(self.0.len() + rest.len() - 8);
            self.0.extend_from_slice(last);
        }
    }

    /// Fewer than eight.
    fn push_few(&mut self, bytes: &[u8]) {
        match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (Some(first), Some(last)) => {
                self.0.extend_from_slice(first);
                self.0.truncate(self.0.len() + bytes.len() - 8);
                self.0.extend_from_slice(last);
            }
            _ => bytes.iter().for_each(|byte| self.0.push(*byte)),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes back what was put behind so many bytes.
    pub(crate) fn truncate(&mut self, bytes: usize) {
        self.0.truncate(bytes);
    }

    /// Its bytes, which are UTF-8.
    #[doc(hidden)]
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// The same for the engine, and what room is left for the next time. What crosses is cut to its length; where there is
    /// little, a copy of the right length costs less than that.
    #[cfg(all(target_arch = "wasm32", feature = "change-records"))]
    pub(crate) fn crossing(mut self) -> (Vec<u8>, Text) {
        if self.0.len() > LITTLE {
            return (self.0, Text::new());
        }
        let bytes = self.0.as_slice().to_vec();
        self.0.clear();
        (bytes, self)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> String {
        String::from_utf8(text.0).expect("texts are put together of texts")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Text;

    proptest! {
        #[test]
        fn pieces_stand_one_behind_the_other(pieces in proptest::collection::vec("[a-zä€😀]{0,30}", 0..8)) {
            let mut text = Text::default();
            pieces.iter().for_each(|piece| text.push(piece));
            prop_assert_eq!(String::from(text), pieces.concat());
        }
    }
}
