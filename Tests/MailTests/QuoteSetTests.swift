import Testing

@testable import Mail

/// What the tests of two reply parsers expect of their mails, in the words of what is new: what begins it or stands in it,
/// and what does not.
@Suite struct QuoteSetTests {
    private struct Expectation {
        var file: String
        /// The whole of what is new; else null.
        var whole: String?
        var holds: [String] = []
        var lacks: [String] = []
        var signature: String?
    }

    private let expectations: [Expectation] = [
        Expectation(
            file: "email_1_1", holds: ["Hi folks", "Java HTTP API."], lacks: ["-Abhishek"], signature: "-Abhishek Kona"),
        Expectation(file: "email_1_2", holds: ["Hi,", "You can list"], lacks: ["Hi folks", "mailing list", "wrote:"]),
        Expectation(file: "email_1_3", holds: ["Oh thanks.\n\nHaving"], lacks: ["-A", "Russell", "mailing list"]),
        Expectation(file: "email_1_4", holds: ["Awesome"], lacks: ["Loader", "defunkt"]),
        Expectation(file: "email_1_5", holds: ["One: Here's", "on and on\nfor a while."]),
        Expectation(file: "email_1_6", holds: ["I get"], lacks: ["Was this", "wrote"]),
        Expectation(file: "email_1_7", whole: ":+1:"),
        Expectation(
            file: "email_1_8", holds: ["I will reply", "and under this."], lacks: ["okay?", "inline", "Hey there"]),
        Expectation(
            file: "correct_sig", whole: "this is an email with a correct -- signature.", signature: "-- \nrick"),
        Expectation(file: "email_2_1", whole: "Outlook with a reply"),
        Expectation(file: "email_2_2", whole: "Outlook with a reply directly above line"),
        Expectation(file: "email_2_3", holds: ["Outlook with a reply"], lacks: ["Subject", "Sent:"]),
        Expectation(file: "email_iPhone", whole: "Here is another email", signature: "Sent from my iPhone"),
        Expectation(file: "email_BlackBerry", whole: "Here is another email"),
        Expectation(file: "email_multi_word_sent_from_my_mobile_device", whole: "Here is another email"),
        Expectation(
            file: "email_sent_from_my_not_signature",
            whole: "Here is another email\n\nSent from my desk, is much easier then my mobile phone."),
        Expectation(
            file: "email_bullets",
            whole: "test 2 this should list second\n\nand have spaces\n\nand retain this formatting\n\n\n"
                + "   - how about bullets\n   - and another"),
        Expectation(file: "email_one_is_not_on", holds: ["One outstanding question"], lacks: ["On Oct 1, 2012"]),
        Expectation(file: "greedy_on", holds: ["On your remote host"], lacks: ["On 9 Jan 2014", "I am having"]),
        Expectation(file: "pathological", holds: ["onto something", "computer."], lacks: ["wrote", "ATGG"]),
        Expectation(file: "email_sig_delimiter_in_middle_of_line", holds: ["this is not a signature", "kthxbai"]),
        Expectation(file: "email_gmail", whole: "This is a test for inbox replying to a github message."),
        Expectation(file: "email_partial_quote_header", holds: ["On your remote host", "TextMate"], lacks: ["George"]),
        Expectation(file: "email_headers_no_delimiter", whole: "And another reply!"),
    ]

    @Test(.enabled(if: MailArchive.github != nil && MailArchive.zapier != nil, "the sets of replies are not at hand"))
    func asTheFixturesExpect() throws {
        var tally = Tally()
        for archive in [try #require(MailArchive.github), try #require(MailArchive.zapier)] {
            for path in archive.files(".txt") {
                let name = path.split(separator: "/").last?.dropLast(4) ?? ""
                guard let expected = expectations.first(where: { $0.file == name }) else { continue }
                let reading = QuotationReader.read(PlainText.normalize(try archive.text(path)))
                let isRight =
                    expected.whole.map { reading.fresh == $0 } ?? true
                    && expected.holds.allSatisfy { reading.fresh.contains($0) }
                    && !expected.lacks.contains { reading.fresh.contains($0) }
                    && expected.signature.map { reading.signature.hasPrefix($0) } ?? true
                tally.count(isRight, path)
            }
        }
        #expect(tally.right + tally.wrong.count == 45)
        #expect(tally.share == 1, "\(tally.wrong)")
    }
}
