import Foundation
import TestSupport
import Testing

/// Italian certified mail (PEC) from both sides.
@Suite(.serialized, .timeLimit(.minutes(30))) struct CertifiedMailAcceptance {
    private static let account = """
        certified_mail:
          server: ${env:PASQUINO_SMTP}
          tls: never
          from: {name: Comune di Fidenza, address: protocollo@pec.fidenza.example.org}

        """

    @Test("An envelope opens a ticket of its inner sender; the answer goes out certified; replies to both join")
    func envelope() async throws {
        try await MailCity.with(main: Self.account) { post in
            let envelope = TestEnvelope.mail(from: "anna@pec.example.net", number: 1)
            let first = try await post.post(envelope)
            #expect(first.status == 201)
            #expect(first.member("outcome") == "opened")
            let code = try #require(first.member("ticket"))
            #expect(try await post.post(envelope).member("outcome") == "duplicate")

            let messages = try await post.ticket(code)["messages"] as? [[String: Any]] ?? []
            #expect((messages[0]["text"] as? String)?.hasPrefix("Buongiorno, il lampione") == true)
            let certificate = messages[0]["certificate"] as? [String: Any] ?? [:]
            #expect(certificate["kind"] as? String == "posta-certificata")
            #expect(certificate["believed"] as? Bool == true)
            #expect(certificate["sender"] as? String == "anna@pec.example.net")
            #expect(certificate["provider"] as? String == "Gestore S.p.A.")
            #expect(certificate["identifier"] as? String == "opec1.20261121@pec.example.net")
            #expect(certificate["at"] as? String == "2026-11-21T09:00:00Z")

            let answer = try #require(try await post.mails(to: "anna@pec.example.net").first)
            #expect(answer.envelopeSender == "protocollo@pec.fidenza.example.org")
            #expect(answer.field("From")?.contains("protocollo@pec.fidenza.example.org") == true)
            // Her mail program knows the id that she gave.
            #expect(answer.field("In-Reply-To") == "<1.anna@pec.example.net>")
            #expect(try await post.answer(on: code)["medium"] as? String == "pec")

            // Her own mail, answered by herself, and the city's, by the id that its provider gave it.
            let again = TestEnvelope.mail(from: "anna@pec.example.net", number: 2) {
                $0.fields.append("In-Reply-To: <1.anna@pec.example.net>")
            }
            #expect(try await post.post(again).member("ticket") == code)
            #expect(try await post.post(.receipt("accettazione", of: answer, number: 9)).member("ticket") == code)
            let reply = TestEnvelope.mail(from: "anna@pec.example.net", number: 3) {
                $0.fields.append("In-Reply-To: <city9.20261121@pec.fidenza.example.org>")
            }
            #expect(try await post.post(reply).member("ticket") == code)
        }
    }

    @Test("Each receipt sets what became of the city's mail, in a certified box only, and none opens a ticket")
    func receipts() async throws {
        let kinds = [
            ("accettazione", "delivered"), ("presa-in-carico", "delivered"), ("avvenuta-consegna", "delivered"),
            ("preavviso-errore-consegna", "delivered"), ("non-accettazione", "refused"),
            ("errore-consegna", "refused"), ("rilevazione-virus", "refused"),
        ]
        try await MailCity.with(main: Self.account) { post in
            for (index, (kind, status)) in kinds.enumerated() {
                let sender = "p\(index)@pec.example.net"
                let code = try #require(
                    try await post.post(.mail(from: sender, number: index)).member("ticket"))
                let sent = try #require(try await post.mails(to: sender).first)

                let forged = try await post.post(.receipt(kind, of: sent, number: 100 + index), to: "posta")
                #expect(forged.member("outcome") != "opened")
                // Nor within a mail: what it lies in is the provider's, it is not.
                for (number, wrapping) in [TestEnvelope.Kind.anomaly, .transport].enumerated() {
                    var envelope = TestEnvelope.mail(from: "x@pec.example.net", number: 1000 + 10 * index + number) {
                        $0.fields += [
                            "X-Ricevuta: \(kind)", "X-Riferimento-Message-ID: \(sent.field("Message-ID") ?? "")",
                        ]
                    }
                    envelope.kind = wrapping
                    #expect(try await post.post(envelope).status == 201)
                }
                #expect(try await post.answer(on: code)["receipt"] as? String == nil)
                #expect(try await post.answer(on: code)["status"] as? String == "delivered")

                let isFailure = status == "refused"
                let receipt = TestEnvelope.receipt(
                    kind, of: sent, number: 200 + index, error: isFailure ? "no-dest" : "nessuno")
                let answer = try await post.post(receipt)
                #expect(answer.member("outcome") == "appended", "\(kind): \(answer.text)")
                #expect(answer.member("ticket") == code)
                let notification = try await post.answer(on: code)
                #expect(notification["receipt"] as? String == kind)
                #expect(notification["status"] as? String == status)
                let reason = "certified mail: \(kind)" + (isFailure ? ": no-dest" : "")
                #expect(notification["reason"] as? String == reason)
                #expect(try await post.post(receipt).member("outcome") == "duplicate")
                let kept = (try await post.ticket(code)["messages"] as? [[String: Any]] ?? []).last
                #expect(kept?["kind"] as? String == "receipt")
                #expect((kept?["certificate"] as? [String: Any])?["believed"] as? Bool == true)

                // An earlier word that comes later changes nothing that is decided.
                if isFailure || kind == "avvenuta-consegna" {
                    _ = try await post.post(.receipt("accettazione", of: sent, number: 300 + index))
                    #expect(try await post.answer(on: code)["receipt"] as? String == kind)
                    #expect(try await post.answer(on: code)["reason"] as? String == reason)
                }
            }
            let (_, list) = try await post.city.run(["ticket", "list", "--limit", "1000", "--json"])
            #expect(list.split(separator: "\n").count == kinds.count)
        }
    }

    @Test("An anomaly is ordinary mail; a certificate counts for its own sender only, and reads no entities")
    func anomalies() async throws {
        try await MailCity.with(main: Self.account) { post in
            let anomaly = TestEnvelope(
                kind: .anomaly, sender: "anna@example.net", identifier: "a", inner: TestMail(body: "Lampione spento."))
            let code = try #require(try await post.post(anomaly).member("ticket"))
            #expect(try await post.answer(on: code)["medium"] as? String == "email")
            let sent = try #require(try await post.mails(to: "anna@example.net").first)
            #expect(sent.field("From")?.contains("non-rispondere@example.org") == true)
            let opening = (try await post.ticket(code)["messages"] as? [[String: Any]] ?? []).first
            let certificate = opening?["certificate"] as? [String: Any]
            #expect(certificate?["kind"] as? String == "errore")
            #expect(certificate?["believed"] as? Bool == false)

            // One certified sender writes in another's name.
            let other = TestEnvelope.mail(from: "mallory@pec.example.net", number: 1) {
                $0.from = "Anna <anna@pec.example.net>"
            }
            let claimed = try #require(try await post.post(other).member("ticket"))
            #expect(try await post.answer(on: claimed)["medium"] as? String == "email")
            // A certified envelope in an ordinary box proves nothing.
            let ordinary = try #require(
                try await post.post(.mail(from: "bea@pec.example.net", number: 2), to: "posta").member("ticket"))
            #expect(try await post.answer(on: ordinary)["medium"] as? String == "email")

            var bomb = TestEnvelope.mail(from: "carla@pec.example.net", number: 3)
            let laughs = (1...12).map { level in
                "<!ENTITY l\(level) \"\(String(repeating: "&l\(level - 1);", count: 10))\">"
            }
            bomb.certificate = """
                <?xml version="1.0"?><!DOCTYPE postacert [<!ENTITY l0 "ha"><!ENTITY file SYSTEM "file:///etc/passwd">
                \(laughs.joined())]><postacert tipo="posta-certificata" errore="nessuno"><intestazione>
                <mittente>carla@pec.example.net</mittente><oggetto>&l12;</oggetto></intestazione>
                <dati><gestore-emittente>&file;&l12;</gestore-emittente></dati></postacert>
                """
            let harmless = try await post.post(bomb)
            #expect(harmless.member("outcome") == "opened")
            let ticket = try await post.ticket(try #require(harmless.member("ticket")))
            let words = "\(ticket)"
            #expect(!words.contains("root:"))
            #expect(!words.contains("haha"))
        }
    }

    @Test("The inner sender has the budget, not the provider in whose name all envelopes come") func budget()
        async throws
    {
        try await MailCity.with(main: Self.account) { post in
            for number in 0..<8 {
                _ = try await post.post(.mail(from: "p\(number)@pec.example.net", number: number))
            }
            for number in 0..<8 {
                #expect(try await post.mails(to: "p\(number)@pec.example.net").count == 1)
            }
            for number in 100..<112 {
                #expect(try await post.post(.mail(from: "robot@pec.example.net", number: number)).status == 201)
            }
            // The budget is an hour's; an hour may end meanwhile.
            #expect((5...10).contains(try await post.mails(to: "robot@pec.example.net").count))
        }
    }

    @Test(
        "Real certified mail: envelopes open tickets, receipts none",
        .enabled(if: RealInput.isThere, "../shared/data is not there"))
    func realMail() async throws {
        let samples =
            try SharedData.files(of: "email/pec-java-pec-parser.tar.xz")
            + SharedData.files(of: "email/pec-go-pec.tar.xz")
        try await MailCity.with(main: Self.account) { post in
            var envelopes = 0
            var receipts = 0
            for (name, bytes) in samples where name.hasSuffix(".eml") {
                let text = String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "\r\n", with: "\n")
                let head = text.components(separatedBy: "\n\n")[0].lowercased()
                let answer = try await post.post(bytes, to: "pec")
                let outcome = try #require(answer.member("outcome"))
                if head.contains("\nx-ricevuta:") {
                    receipts += 1
                    #expect(["discarded", "duplicate"].contains(outcome), "\(name): \(answer.text)")
                } else if head.contains("\nx-trasporto:") {
                    envelopes += 1
                    #expect(["opened", "duplicate"].contains(outcome), "\(name): \(answer.text)")
                }
            }
            #expect(envelopes > 0 && receipts > 3)
        }
    }
}
