import Foundation
import Testing
import Transfer
import TransferTesting

@testable import Intake
@testable import Settings

@Suite("Files of messengers") struct MediaTests {
    @Test(
        "only https at the messenger's own hosts, and the API's own origin",
        arguments: [
            ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", true),
            ("https://scontent.xx.fbcdn.net/v/a.jpg", true), ("https://FBCDN.net/a", true),
            ("https://lookaside.fbsbx.com:443/a", true), ("http://127.0.0.1:8070/media/1", true),
            ("http://lookaside.fbsbx.com/a", false), ("https://lookaside.fbsbx.com:8443/a", false),
            ("https://evilfbsbx.com/a", false), ("https://fbsbx.com.evil.example/a", false),
            ("https://user@lookaside.fbsbx.com/a", false), ("https://evil.example/fbsbx.com", false),
            ("http://127.0.0.1:8071/media/1", false), ("https://127.0.0.1:8070/media/1", false),
            ("http://169.254.169.254/latest", false), ("file:///etc/passwd", false), ("", false), ("a b", false),
        ])
    func hosts(url: String, isAllowed: Bool) {
        let address = MediaAddress(api: "http://127.0.0.1:8070/graph/v23.0", hosts: [".fbsbx.com", ".fbcdn.net"])
        #expect(address.allows(url) == isAllowed)
    }

    @Test("a file that arrived in part is not the file")
    func digests() {
        let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
        let content = Array("test".utf8)
        #expect(MetaMedia.isWhole(content, sha256: hex))
        #expect(MetaMedia.isWhole(content, sha256: "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="))
        #expect(!MetaMedia.isWhole(content + [0], sha256: hex))
        #expect(MetaMedia.isWhole(content, sha256: nil))
        #expect(MetaMedia.isWhole(content, sha256: "odd"))
    }

    @Test("fetched from the stand-ins: by id and bearer, by address alone, and by one step on")
    func fetched() async throws {
        try await withSandbox { ports in
            let base = "http://127.0.0.1:\(ports.http)"
            let client = try TransferClient(label: "test")
            let picture: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + Array(repeating: 7, count: 1000)
            let kept = try await client.send(
                HTTPRequest(method: "POST", url: base + "/api/media?type=image/jpeg", body: picture))
            #expect(kept.status == 201)
            let id = "900000000000001"
            let meta = MetaAccount(
                api: base + "/graph/v23.0", id: "1", token: Secret("sandbox-token"), appSecrets: [],
                verifyToken: Secret(""))
            let whatsapp = MetaMedia(meta, isWhatsApp: true, client: client)
            #expect(try await whatsapp.fetch(ChatMedia(reference: id), limit: 1 << 20) == picture)
            await #expect(throws: MediaFailure(reason: "the file has 1004 bytes", isRetriable: false)) {
                try await whatsapp.fetch(ChatMedia(reference: id), limit: 1000)
            }
            await #expect(throws: MediaFailure(reason: "the Graph API answered 404", isRetriable: false)) {
                try await whatsapp.fetch(ChatMedia(reference: "5"), limit: 1000)
            }
            await #expect(throws: MediaFailure(reason: "the file's id is not one of WhatsApp's", isRetriable: false)) {
                try await whatsapp.fetch(ChatMedia(reference: "../me"), limit: 1000)
            }
            var wrong = meta
            wrong.token = Secret("old")
            await #expect(throws: MediaFailure(reason: "the Graph API answered 401", isRetriable: true)) {
                try await MetaMedia(wrong, isWhatsApp: true, client: client).fetch(
                    ChatMedia(reference: id), limit: 9999)
            }
            let page = MetaMedia(meta, isWhatsApp: false, client: client)
            #expect(try await page.fetch(ChatMedia(reference: base + "/media/\(id)"), limit: 1 << 20) == picture)
            await #expect(throws: MediaFailure(reason: "the file's address is none of Meta's", isRetriable: false)) {
                try await page.fetch(ChatMedia(reference: "http://10.0.0.1/media/1"), limit: 1000)
            }
            let sms = SMSAccount(
                api: base + "/twilio/2010-04-01", account: "AC1", token: Secret("sandbox-token"), from: "+39333",
                url: nil)
            let address = "\(sms.api)/Accounts/AC1/Messages/MM1/Media/\(id)"
            #expect(
                try await TwilioMedia(sms, client: client).fetch(ChatMedia(reference: address), limit: 1 << 20)
                    == picture)
            do {
                _ = try await TwilioMedia(sms, client: client).fetch(ChatMedia(reference: address), limit: 100)
                Issue.record("too large, and fetched")
            } catch let failure as MediaFailure {
                #expect(!failure.isRetriable)
            }
            await #expect(throws: MediaFailure(reason: "the file's address is none of Twilio's", isRetriable: false)) {
                try await TwilioMedia(sms, client: client).fetch(ChatMedia(reference: "http://10.0.0.1/"), limit: 1)
            }
            await client.close()
        }
    }
}
