/// Whether somebody wants to know something, by the plainest sign: programs that report do not ask.
enum Question {
    /// A question mark that ends words; those within addresses of pages do not count.
    static func isIn(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { at in
            guard bytes[at] == 0x3F else { return false }
            let next = at + 1 < bytes.count ? bytes[at + 1] : 0x20
            return next.isSpace || [0x21, 0x22, 0x27, 0x29, 0x2E, 0x3F].contains(next) || next >= 0x80
        }
    }
}
