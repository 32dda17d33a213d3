import Civic
import Foundation
import TestSupport
import Testing

@testable import Delivery

@Suite struct AppIOPayloadTests {
    private let roma = AppIOPayload.Sender(city: "Roma Capitale", language: "it")

    private struct Sent: Decodable {
        struct Content: Decodable {
            let subject: String
            let markdown: String
            let dueDate: String?

            enum CodingKeys: String, CodingKey { case subject, markdown, dueDate = "due_date" }
        }
        let fiscalCode: String
        let content: Content

        enum CodingKeys: String, CodingKey { case content, fiscalCode = "fiscal_code" }
    }

    private func recipient(_ code: String) -> AppIORecipient? {
        if case .applicable(let recipient) = AppIORecipient.of(code) { recipient } else { nil }
    }

    /// What App IO would say, after its specification.
    private func send(
        subject: String = "La tua segnalazione", markdown: String = String(repeating: "a", count: 80),
        code: String = "RSSMRA68A01H501Y", due: Timestamp? = nil, from sender: AppIOPayload.Sender? = nil
    ) throws -> Sent.Content {
        let bytes = AppIOPayload.message(
            to: try #require(recipient(code)), subject: subject, markdown: markdown, dueDate: due, from: sender ?? roma)
        let members = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(Set(members.keys) == ["fiscal_code", "content"])
        let content = try #require(members["content"] as? [String: Any])
        #expect(Set(content.keys).subtracting(["due_date"]) == ["subject", "markdown"])
        let sent = try JSONDecoder().decode(Sent.self, from: Data(bytes))
        #expect(FiscalCode.matchesPattern(sent.fiscalCode))
        #expect((10...120).contains(sent.content.subject.utf16.count))
        #expect((80...10_000).contains(sent.content.markdown.utf16.count))
        return sent.content
    }

    @Test(
        "Subjects",
        arguments: [
            ("", "Roma Capitale"),
            ("Fatto", "Roma Capitale: Fatto"),
            ("123456789", "Roma Capitale: 123456789"),
            ("1234567890", "1234567890"),
            (String(repeating: "a", count: 120), String(repeating: "a", count: 120)),
            (String(repeating: "a", count: 121), String(repeating: "a", count: 119) + "…"),
            ("😀😀😀😀", "Roma Capitale: 😀😀😀😀"),
            ("😀😀😀😀😀", "😀😀😀😀😀"),
            (String(repeating: "😀", count: 60), String(repeating: "😀", count: 60)),
            (String(repeating: "😀", count: 61), String(repeating: "😀", count: 59) + "…"),
            ("  La tua\nsegnalazione\0 ", "La tua segnalazione"),
        ])
    func subjects(text: String, expected: String) throws {
        #expect(try send(subject: text).subject == expected)
    }

    @Test func aShortCityStillMakesASubject() throws {
        let sender = AppIOPayload.Sender(city: "Re", language: "en")
        #expect(try send(subject: "", from: sender).subject == "Communication: Re")
        #expect(try send(subject: "Sì", from: AppIOPayload.Sender(city: "", language: "xx")).subject.count >= 10)
    }

    @Test(arguments: [0, 1, 9, 78, 79, 80, 81, 9_999, 10_000, 10_001, 200_000])
    func bodies(length: Int) throws {
        for text in [String(repeating: "a", count: length), String(repeating: "😀", count: length / 2)] {
            let sent = try send(markdown: text).markdown
            if (80...10_000).contains(text.utf16.count) { #expect(sent == text) }
            if text.utf16.count > 10_000 { #expect(sent.hasSuffix("…")) }
            if text.utf16.count < 80 { #expect(sent.hasPrefix(text) && sent.contains("messaggio automatico di Roma")) }
        }
    }

    @Test func aCutNeverLeavesABackslash() throws {
        for shift in 0..<4 {
            let text = String(repeating: "a", count: shift) + String(repeating: "\\*", count: 6_000)
            let sent = try send(markdown: text).markdown
            #expect(sent.hasSuffix("…") && !sent.dropLast().hasSuffix("\\"))
        }
    }

    static let front =
        "---\nit:\n    cta_1:\n        text: \"Visualizza\"\n        action: \"iohandledlink://https://c.it/t/1\"\n---"

    @Test func buttonsStandFirst() throws {
        let body = String(repeating: "b", count: 80)
        #expect(try send(markdown: "\n\(Self.front)\n\n\(body)\n").markdown == "\(Self.front)\n\n\(body)")
        let long = try send(markdown: Self.front + "\n" + String(repeating: "b ", count: 9_000)).markdown
        #expect(long.hasPrefix(Self.front + "\n\nb b"))
        let short = try send(markdown: Self.front + "\nbreve").markdown
        #expect(short.dropFirst(Self.front.count + 2).utf16.count >= 80)
    }

    @Test(
        "A block that App IO would not take is dropped whole",
        arguments: [
            front.replacingOccurrences(of: "https", with: "http"),
            front.replacingOccurrences(of: "iohandledlink://https", with: "https"),
            front.replacingOccurrences(of: "https://c.it/t/1", with: "https://"),
            front.replacingOccurrences(of: "https://c.it/t/1", with: "javascript:alert(1)"),
            front.replacingOccurrences(of: "it:\n", with: "fr:\n"),
            front.replacingOccurrences(of: "cta_1", with: "cta_2"),
            front.replacingOccurrences(of: "cta_1", with: "cta_3"),
            front.replacingOccurrences(of: "Visualizza", with: "Vi\"sualizza"),
            front.replacingOccurrences(of: "Visualizza", with: "Vi\\sualizza"),
            front.replacingOccurrences(of: "\"Visualizza\"", with: ""),
            front.replacingOccurrences(of: "        action", with: "            action"),
            front.replacingOccurrences(of: "        ", with: "    "),
            "---\n---", "---", "---\n---\n---\n---",
        ])
    func badBlocks(block: String) throws {
        let body = String(repeating: "b", count: 80)
        #expect(try send(markdown: block + "\n" + body).markdown == body)
    }

    @Test func textBetweenRulesIsNotLost() throws {
        let body = "prima\n---\n" + String(repeating: "b", count: 80)
        #expect(try send(markdown: "---\n" + body).markdown == body)
    }

    @Test func aSecondBlockIsNotPassed() throws {
        let sent = try send(markdown: Self.front + "\n" + Self.front + "\n" + String(repeating: "b", count: 80))
            .markdown
        #expect(!sent.dropFirst(Self.front.count).drop(while: \.isNewline).hasPrefix("---"))
    }

    @Test(
        "Other actions and both languages",
        arguments: ["mailto:urp@c.it", "tel:+39060606", "sms:+393331234567", "https://c.it/t/1?k=a:b"])
    func otherActions(action: String) throws {
        let block = Self.front.replacingOccurrences(of: "https://c.it/t/1", with: action)
            .replacingOccurrences(
                of: "\n---",
                with: "\nen:\n    cta_1:\n        text: View\n        action: \"iohandledlink://https://c.it\"\n---")
        let body = String(repeating: "b", count: 80)
        #expect(try send(markdown: block + "\n" + body).markdown == block + "\n\n" + body)
    }

    @Test(
        "Due dates are UTC with a Z, whole seconds",
        arguments: [
            ("2026-01-31T22:59:59.500Z", "2026-01-31T22:59:59Z"), ("2026-03-29T01:30:00+02:00", "2026-03-28T23:30:00Z"),
        ])
    func dueDates(moment: String, expected: String) throws {
        let due = try #require(Timestamp(rfc3339: moment))
        #expect(try send(due: due).dueDate == expected)
    }

    @Test func anImpossibleDueDateIsLeftOut() throws {
        #expect(try send(due: Timestamp(seconds: 400_000_000_000)).dueDate == nil)
        #expect(try send().dueDate == nil)
    }

    @Test(
        "The end of a Roman day",
        arguments: [
            ("2026-01-31T12:00:00Z", "2026-01-31T22:59:59Z"), ("2026-07-31T12:00:00Z", "2026-07-31T21:59:59Z"),
            ("2026-03-29T00:30:00Z", "2026-03-29T21:59:59Z"), ("2026-10-25T00:30:00Z", "2026-10-25T22:59:59Z"),
            ("2026-10-24T22:30:00Z", "2026-10-25T22:59:59Z"),
        ])
    func endOfDay(moment: String, expected: String) throws {
        let rome = Zone(
            name: "Europe/Rome", base: 3600,
            changes: [Zone.Change(at: 1_774_746_000, offset: 7200), Zone.Change(at: 1_792_890_000, offset: 3600)])
        let at = try #require(Timestamp(rfc3339: moment))
        #expect(AppIOPayload.endOfDay(of: at, in: rome).rfc3339 == expected)
    }

    @Test(
        "Recipients",
        arguments: [
            ("RSSMRA68A01H501Y", "RSSMRA68A01H501Y"), (" rssmra68a01h501y\n", "RSSMRA68A01H501Y"),
            ("AAAAAA00A00A000A", "AAAAAA00A00A000A"), ("SPNDNL80R13C555X", "SPNDNL80R13C555X"),
            ("RSSMRALULALMHRLV", nil), ("RSSMRAL8A01HRLMY", "RSSMRAL8A01HRLMY"),
            ("RSSMRA68A41H501Y", "RSSMRA68A41H501Y"),
            ("BNCLRA64B69F205X", "BNCLRA64B69F205X"), ("02438750586", nil), ("", nil), ("RSSMRA68A01H501", nil),
            ("RSSMRA68F01H501Y", nil), ("ＲSSMRA68A01H501Y", nil), ("RSSMRA68A01H501Y\0", "RSSMRA68A01H501Y"),
        ] as [(String, String?)])
    func recipients(code: String, expected: String?) {
        #expect(recipient(code)?.fiscalCode == expected)
    }

    @Test func theProfileRequestHoldsTheCodeOnly() throws {
        let body = AppIOPayload.profile(of: try #require(recipient("rssmra68a01h501y")))
        #expect(String(decoding: body, as: UTF8.self) == #"{"fiscal_code":"RSSMRA68A01H501Y"}"#)
    }

    @Test(.enabled(if: !SharedData.naughtyStrings.isEmpty, "the naughty strings are not here"))
    func naughtyStringsMakeValidMessages() throws {
        for text in SharedData.naughtyStrings { _ = try send(subject: text, markdown: text) }
    }

    private struct Examples: Decodable {
        struct Message: Decodable {
            let fiscalCode: String?
            let content: Sent.Content?

            enum CodingKeys: String, CodingKey { case content, fiscalCode = "fiscal_code" }
        }
        struct Length: Decodable {
            let subject: String
            let accepted: Bool
        }
        let valid: [String: Message]
        let invalid: [String: Message]
        let lengths: [Length]

        enum CodingKeys: String, CodingKey { case valid, invalid, lengths = "subject_length_is_utf16" }
    }

    @Test(.enabled(if: SharedData.has("app-io/newmessage.examples.json"), "the examples are not here"))
    func examplesOfTheSpecification() throws {
        let data = try SharedData.read("app-io/newmessage.examples.json")
        let examples = try JSONDecoder().decode(Examples.self, from: data)
        #expect(examples.valid.count + examples.invalid.count + examples.lengths.count == 37)
        for (name, example) in examples.valid {
            guard let content = example.content else { continue }
            let code = example.fiscalCode ?? "RSSMRA68A01H501Y"
            let due = content.dueDate.flatMap(Timestamp.init(rfc3339:))
            let sent = try send(subject: content.subject, markdown: content.markdown, code: code, due: due)
            #expect(sent.subject == content.subject, "\(name)")
            #expect(sent.markdown == content.markdown, "\(name)")
            #expect((sent.dueDate == nil) == (content.dueDate == nil), "\(name)")
        }
        for (name, example) in examples.invalid {
            guard let code = example.fiscalCode, let content = example.content else { continue }
            #expect((recipient(code) == nil) == (name == "cf11"), "\(name)")
            guard recipient(code) != nil else { continue }
            _ = try send(subject: content.subject, markdown: content.markdown, code: code)
        }
        for example in examples.lengths {
            #expect((try send(subject: example.subject).subject == example.subject) == example.accepted)
        }
    }
}
