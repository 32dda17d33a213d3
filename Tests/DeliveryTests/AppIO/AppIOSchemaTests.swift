import Civic
import Foundation
import Settings
import Store
import TestSupport
import Testing

@testable import Delivery

/// What the daemon sends, against App IO's published schema.
@Suite(
    "App IO's schema",
    .enabled(if: SharedData.has("app-io/newmessage.schema.json"), "../shared/data/app-io is not there"))
struct AppIOSchemaTests {
    private func schema(_ definition: String, in file: String = "newmessage.schema.json") throws -> JSONSchema {
        try JSONSchema(try SharedData.read("app-io/\(file)"), definition: definition)
    }

    @Test("The checker itself: the published examples pass, or do not")
    func examples() throws {
        struct Failure: Error {}
        let data = try SharedData.read("app-io/newmessage.examples.json")
        guard let examples = try JSONSerialization.jsonObject(with: data) as? [String: Any],
            let valid = examples["valid"] as? [String: Any], let invalid = examples["invalid"] as? [String: Any]
        else { throw Failure() }
        let schema = try schema("NewMessage")
        for (name, example) in valid {
            #expect(try schema.faults(in: bytes(example)) == [], "\(name)")
        }
        for (name, example) in invalid {
            #expect(try !schema.faults(in: bytes(example)).isEmpty, "\(name)")
        }
    }

    private func bytes(_ value: Any) throws -> [UInt8] { Array(try JSONSerialization.data(withJSONObject: value)) }

    /// What a citizen, an office or a configuration might hold.
    private static let texts: [String] =
        [
            "", "x", "---\nit:\n  cta_1:\n---", "---", "[x](https://evil.example) **a** `b` # c\n---\n",
            String(repeating: "😀", count: 6000), String(repeating: "a", count: 20_000),
            String(repeating: "\\*_[", count: 4000), "\u{0}\u{1}\u{FFFE}\u{202E}", "{{code}}", "\"}],\"payee\":{",
        ] + Array(SharedData.naughtyStrings.prefix(60))

    private static let payments: [PaymentNotice?] = [
        nil, PaymentNotice(amount: 1, noticeNumber: "000000000000000000"),
        PaymentNotice(
            amount: 9_999_999_999, noticeNumber: "399999999999999999", due: CivilDate("2026-03-29"),
            invalidAfterDue: true),
        // A day without an end is never sent as one that ends.
        PaymentNotice(amount: 12_345, noticeNumber: "301011100007347557", due: nil, invalidAfterDue: true),
        PaymentNotice(amount: 12_345, noticeNumber: "301011100007347557", due: CivilDate("2026-10-25")),
    ]

    @Test("Every shipped template, in every language, with whatever it may hold")
    func everyTemplate() throws {
        let schema = try schema("NewMessage")
        var checked = 0
        for city in try Town.all() {
            let texts = city.templates
            let library = try TemplateLibrary(texts: texts, defaultLanguage: city.city.language)
            let facts = Facts(
                configuration: city, statusURL: { "https://c.example/t/\($0)?k=a_b)" }, unsubscribeURL: { $0 },
                threadToken: { $0 })
            for (language, files) in texts {
                let names = Set(files.keys.filter { $0.hasSuffix(".subject") }.map { $0.dropLast(".subject".count) })
                for name in names where !name.hasPrefix("office_") {
                    for (index, text) in Self.texts.enumerated() {
                        let owed = owed(String(name), language, text, Self.payments[index % Self.payments.count])
                        let sent = try request(owed, facts, library, index)
                        #expect(try schema.faults(in: sent) == [], "\(name) in \(language): \(text.prefix(40))")
                        try checkTraps(sent, owed, "\(name) in \(language)")
                        checked += 1
                    }
                }
            }
        }
        #expect(checked > 1000)
    }

    private func owed(
        _ template: String, _ language: String, _ text: String, _ payment: PaymentNotice?
    ) -> OwedNotification {
        let now = Timestamp(seconds: 1_795_424_400)
        var owed = OwedNotification(
            id: Identifier(high: 1, low: 2), ticket: 7, event: Identifier(high: 1, low: 3), code: "FI-7Q4K2MXD",
            medium: .appIO, recipient: AppIOWorld.citizen, fallback: nil, template: template, language: language,
            createdAt: now, nextAttemptAt: now, expiresAt: now, priority: .normal, category: "tributi.tari",
            office: "urp", openedAt: now, dueAt: now, eventAt: now, note: text, forwardedTo: text)
        owed.payment = payment
        owed.corrects = "opened"
        return owed
    }

    /// As the carrier does it.
    private func request(
        _ owed: OwedNotification, _ facts: Facts, _ library: TemplateLibrary, _ index: Int
    ) throws -> [UInt8] {
        guard case .applicable(let recipient) = AppIORecipient.of(owed.recipient) else { throw Missing() }
        let text = try library.render(
            name: owed.template, language: owed.language, variables: facts.variables(of: owed, in: library),
            for: .appIO)
        let city = facts.configuration.city
        return AppIOPayload.message(
            to: recipient, subject: text.subject, markdown: text.io ?? "",
            dueDate: owed.payment?.due.map { AppIOPayload.endOfDay($0, in: city.zone) }, payment: owed.payment,
            isAdvanced: index % 2 == 0, requiresSecureChannels: [nil, true, false][index % 3],
            from: AppIOPayload.Sender(city: city.name, language: text.language))
    }
    private struct Missing: Error {}

    /// What the schema does not say.
    private func checkTraps(_ sent: [UInt8], _ owed: OwedNotification, _ what: String) throws {
        let root = try #require(try JSONSerialization.jsonObject(with: Data(sent)) as? [String: Any])
        let content = try #require(root["content"] as? [String: Any])
        #expect(Set(root.keys).isSubset(of: ["fiscal_code", "content", "feature_level_type"]), "\(what)")
        #expect(
            Set(content.keys).isSubset(
                of: ["subject", "markdown", "due_date", "payment_data", "require_secure_channels"]), "\(what)")
        if let payment = content["payment_data"] as? [String: Any] {
            // A payee needs a permission; and no fraction stands in an amount.
            #expect(Set(payment.keys) == ["amount", "notice_number", "invalid_after_due_date"], "\(what)")
            let text = String(decoding: sent, as: UTF8.self)
            #expect(text.contains("\"amount\":\(owed.payment?.amount ?? 0),"), "\(what)")
            if payment["invalid_after_due_date"] as? Bool == true { #expect(content["due_date"] != nil, "\(what)") }
        }
        let markdown = try #require(content["markdown"] as? String)
        // A front matter of the template's own, or none; never one that a text brought along.
        let body = AppIOFrontMatter(splitting: markdown).body
        #expect(!body.hasPrefix("---"), "\(what)")
        #expect(!markdown.contains("https://evil.example"), "\(what): a text's link can be followed")
    }

    @Test("The profile request, and the sandbox's answers about messages, hold to their schemas")
    func answers() async throws {
        try await AppIOWorld.with { world in
            try await world.control(#"{"io":{"premium":true}}"#)
            let services = world.services(
                AppIOWorld.service("Segnalazioni", keys: AppIOWorld.keys, premium: true))
            var owed = world.owed("payment")
            owed.payment = PaymentNotice(amount: 5, noticeNumber: "301011100007347557")
            guard case .delivered(let id?) = try await world.carrier(services).attempt(owed, markSending: {}) else {
                Issue.record("not delivered")
                return
            }
            let response = try schema("ExternalMessageResponseWithContent", in: "getmessage-response.schema.json")
            for _ in 0..<2 {
                let answer = try await world.client.send(
                    .init(
                        method: "GET", url: world.base + "/io/api/v1/messages/\(AppIOWorld.citizen)/\(id)",
                        headers: [("Ocp-Apim-Subscription-Key", "sandbox-key-1")]))
                #expect(answer.status == 200)
                #expect(try response.faults(in: answer.body) == [])
            }
        }
    }
}
