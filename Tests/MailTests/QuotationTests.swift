import Testing

@testable import Mail

@Suite struct QuotationTests {
    @Test("replies from the usual programs", arguments: topReplies + outlookReplies + otherReplies)
    func reply(_ reply: Reply) {
        let reading = QuotationReader.read(reply.text)
        #expect(reading.fresh == reply.fresh)
        #expect(reading.signature == reply.signature)
        // No line with text is lost.
        #expect(words(reading.fresh) + words(reading.quoted) + words(reading.signature) == words(reply.text))
    }

    private func words(_ text: String) -> Int { text.split(whereSeparator: \.isWhitespace).count }
}
