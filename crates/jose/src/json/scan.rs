//! The tokens of a JSON text (RFC 8259). Nothing is copied; whoever calls goes no further once there was none.

/// Where one stands in a text.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    has_escapes: bool,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, has_escapes: false }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The text from there to here.
    #[inline]
    pub(super) fn since(&self, begun: usize) -> Option<&'a str> {
        self.text.get(begun..self.at)
    }

    /// Whether a string so far had escapes.
    #[inline]
    pub(super) fn has_escapes(&self) -> bool {
        self.has_escapes
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip(&mut self, bytes: usize) {
        // Never far beyond the end of the text, where there is nothing to be had.
        self.at = self.at.wrapping_add(bytes);
    }

    /// The first byte of the next token, which is not taken yet.
    #[inline]
    pub(super) fn token(&mut self) -> Option<u8> {
        loop {
            let byte = self.peek()?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.skip(1);
        }
    }

    /// Takes this token, if it is the next.
    #[inline]
    pub(super) fn take(&mut self, token: u8) -> Option<()> {
        (self.token()? == token).then(|| self.skip(1))
    }

    pub(super) fn word(&mut self, word: &str) -> Option<()> {
        self.text.get(self.at..)?.starts_with(word).then(|| self.skip(word.len()))
    }

    /// What stands between two quotation marks.
    #[inline]
    pub(super) fn string(&mut self) -> Option<&'a str> {
        self.take(b'"')?;
        let begun = self.at;
        self.at = plain_end(self.text.as_bytes(), begun);
        if self.peek() != Some(b'"') {
            self.escapes(begun)?;
        }
        let string = self.since(begun);
        self.skip(1);
        string
    }

    /// To the end of a string that has escapes.
    #[cold]
    fn escapes(&mut self, begun: usize) -> Option<()> {
        self.has_escapes = true;
        while self.peek() == Some(b'\\') {
            self.skip(2);
            self.at = plain_end(self.text.as_bytes(), self.at);
        }
        let is_whole = self.peek() == Some(b'"');
        (is_whole && unescape(self.since(begun)?).is_some()).then_some(())
    }

    pub(super) fn number(&mut self) -> Option<()> {
        let begun = self.at;
        if self.peek()? == b'-' {
            self.skip(1);
        }
        match self.peek()? {
            b'0' => self.skip(1),
            _ => self.digits()?,
        }
        let whole = self.at;
        if self.peek() == Some(b'.') {
            self.skip(1);
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.skip(1);
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.skip(1);
            }
            self.digits()?;
        }
        let number = self.since(begun)?;
        // What is infinite for one reader and an error for another is no number.
        let is_small = self.at == whole && number.len() < 300;
        (is_small || number.parse().is_ok_and(f64::is_finite)).then_some(())
    }

    fn digits(&mut self) -> Option<()> {
        let begun = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.skip(1);
        }
        (self.at != begun).then_some(())
    }
}

/// What a string means. Whether its escapes are sound, surrogates and all, is for serde_json to say, so that it never
/// disagrees.
#[cold]
pub(super) fn unescape(string: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{string}\"")).ok()
}

/// The first byte from `at` that a string can't hold as it is: a quotation mark, a backslash, a control.
fn plain_end(text: &[u8], mut at: usize) -> usize {
    while let Some(word) = text.get(at..).and_then(<[u8]>::first_chunk) {
        match ends(*word) {
            0 => at = at.wrapping_add(8),
            found => return at.wrapping_add((found.trailing_zeros() / 8) as usize),
        }
    }
    while text.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | ..0x20)) {
        at = at.wrapping_add(1);
    }
    at
}

/// Eight bytes at once: the lowest bit that is set is in the first that a string can't hold as it is.
#[inline]
fn ends(bytes: [u8; 8]) -> u64 {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    let word = u64::from_le_bytes(bytes);
    // Its sign bits tell where a byte is less; a borrow may make those above the first one wrong, but not the first.
    let less = |word: u64, than: u8| word.wrapping_sub(each(than)) & !word;
    (less(word, 0x20) | less(word ^ each(b'"'), 1) | less(word ^ each(b'\\'), 1)) & each(0x80)
}
