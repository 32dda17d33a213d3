import Foundation
import Testing

@testable import Mail

/// The sets of real mails: what each is, and that each is read at all.
@Suite(.serialized) struct RealMailTests {
    @Test(.enabled(if: !MailArchive.all.isEmpty, "no set of mails is at hand"))
    func allAreReadAndKeptWithinBounds() throws {
        for archive in MailArchive.all {
            for path in archive.files(".eml", ".raw") {
                let bytes = try archive.bytes(path)
                let mail = MailReader().read(bytes)
                #expect(mail.text.utf8.count <= Limits.text, "\(path)")
                #expect(mail.attachments.reduce(0) { $0 + $1.content.count } <= bytes.count * 2, "\(path)")
            }
        }
    }

    /// Two are a person's forwards of a report, two are no reports at all.
    @Test(.enabled(if: MailArchive.sisimai != nil, "the set of bounces is not at hand"))
    func bouncesOpenNoTicket() throws {
        let archive = try #require(MailArchive.sisimai)
        var tally = Tally()
        var named = Tally()
        for path in archive.files(".eml") {
            let name = String(path.split(separator: "/").last ?? "")
            if ["is-not-bounce", "lhost-sendmail-14", "make-test-36"].contains(where: { name.hasPrefix($0) }) {
                continue
            }
            switch try archive.read(path).kind {
            case .delivery(let report):
                tally.count(true, path)
                named.count(report.recipients.contains { $0.address != nil }, path)
            case .automatic, .disposition, .receipt: tally.count(true, path)
            case .personal, .unanswerable: tally.count(false, path)
            }
        }
        #expect(tally.share == 1, "\(tally.wrong)")
        #expect(named.share >= 0.97, "\(named.wrong)")
    }

    @Test(.enabled(if: MailArchive.sisimai != nil, "the set of bounces is not at hand"))
    func personsStayPersons() throws {
        let archive = try #require(MailArchive.sisimai)
        for path in archive.files(".eml") where path.contains("/is-not-bounce") {
            guard case .personal = try archive.read(path).kind else {
                Issue.record("\(path)")
                continue
            }
        }
    }

    @Test(.enabled(if: MailArchive.pecGo != nil && MailArchive.pecJava != nil, "the certified mails are not at hand"))
    func certifiedMail() throws {
        let java = try #require(MailArchive.pecJava)
        for (name, kind) in [
            ("accettazione", CertifiedReceipt.Kind.accepted), ("consegna", CertifiedReceipt.Kind.notDelivered),
        ] {
            for archive in [java, try #require(MailArchive.pecGo)] {
                let path = try #require(archive.files("\(name).eml").first)
                guard case .receipt(let receipt) = try archive.read(path).kind else {
                    Issue.record("\(path) is no receipt")
                    continue
                }
                #expect(receipt.kind == kind)
                #expect(receipt.original?.contains("@") ?? false)
                #expect(receipt.certificate?.type == kind.rawValue)
            }
        }
        let go = try #require(MailArchive.pecGo)
        guard case .receipt(let receipt) = try go.read(try #require(go.files("email_2.eml").first)).kind else {
            Issue.record("a receipt of delivery is none")
            return
        }
        #expect(receipt.kind == .delivered)
        let transport = try go.read(try #require(go.files("email_3.eml").first))
        #expect(transport.envelope?.isCertified ?? false)
        #expect(transport.header.subject?.hasPrefix("POSTA CERTIFICATA: ") ?? false)
    }
}
