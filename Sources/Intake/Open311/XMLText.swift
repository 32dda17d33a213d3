private import CXML

/// Writes XML 1.0 in UTF-8 by libxml2's text writer. What XML cannot say is left out.
///
/// Pointers stay here. Writing to memory fails only when memory is out; then there is no text.
final class XMLText {
    struct Failed: Error {}

    private let document: OpaquePointer

    private init() throws(Failed) {
        guard let document = cxml_new() else { throw Failed() }
        self.document = document
    }

    deinit { cxml_free(document) }

    /// - Parameter body: writes the root element and what is in it.
    static func bytes(_ body: (XMLText) throws(Failed) -> Void) throws(Failed) -> [UInt8] {
        let text = try XMLText()
        try body(text)
        var count = 0
        guard let bytes = cxml_finish(text.document, &count) else { throw Failed() }
        return withExtendedLifetime(text) { Array(UnsafeBufferPointer(start: bytes, count: count)) }
    }

    /// - Parameter name: a name of the protocol's, never a sender's word.
    func element(_ name: String, _ content: () throws(Failed) -> Void) throws(Failed) {
        try check(cxml_start(document, name))
        try content()
        try check(cxml_end(document))
    }

    func text(_ text: String) throws(Failed) {
        let sayable = XMLText.sayable(text)
        if !sayable.isEmpty { try check(cxml_text(document, sayable)) }
    }

    private func check(_ result: Int32) throws(Failed) { if result < 0 { throw Failed() } }

    /// Without the characters that XML 1.0 has no way to say (production 2, Char).
    static func sayable(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { scalar in
                    switch scalar.value {
                    case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
                    default: false
                    }
                }))
    }
}
