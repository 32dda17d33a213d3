import Civic
import Crypto
import Foundation
import HTTPTypes
import Testing

@testable import Intake
@testable import Settings

/// Deliveries as Meta makes them.
enum Meta {
    static let account = MetaAccount(
        api: "https://graph.facebook.com/v23.0", id: "1122334455667", token: Secret("t"),
        appSecrets: [Secret("app_secret"), Secret("the new one")], verifyToken: Secret("parola"))

    static func messenger(_ medium: Medium) -> MetaMessenger { MetaMessenger(account, medium: medium) }

    static func delivery(_ body: [UInt8], signature: String? = nil) -> Delivery {
        var headers = HTTPFields()
        if let signature { headers[HTTPField.Name("X-Hub-Signature-256")!] = signature }
        return Delivery(
            url: "https://city.example/v1/channels/whatsapp", headers: headers, body: body,
            receivedAt: Timestamp(seconds: 1_795_424_400))
    }

    static func read(_ medium: Medium, _ body: String) throws -> [ChatEvent] {
        try messenger(medium).read(delivery(Array(body.utf8)))
    }

    static func signature(_ body: [UInt8], _ secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
        return "sha256=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

@Suite("Meta proves itself") struct MetaSignatureTests {
    /// As Meta sends it: escaped.
    private static let body =
        #"{"object":"page","entry":[{"id":"1","messaging":[{"message":{"mid":"m_1","text":"Buca \u00e8 qui"}}]}]}"#
    private static let signature = "sha256=c54fd0dccd54423e56fade5557c798023a55fa322082e6f7d2d9d3b041d547b2"

    private func isProven(_ body: String, _ signature: String?) -> Bool {
        (try? Meta.messenger(.messenger).prove(Meta.delivery(Array(body.utf8), signature: signature))) != nil
    }

    @Test("the vector, over the bytes as they came")
    func vector() {
        #expect(isProven(Self.body, Self.signature))
        #expect(Self.body.utf8.count == 103)
        // What it means, written otherwise, is not what was signed.
        #expect(!isProven(Self.body.replacing(#"\u00e8"#, with: "è"), Self.signature))
    }

    @Test("each of the app's secrets counts, while one is changed")
    func rotation() {
        let body = Array("{}".utf8)
        #expect(isProven("{}", Meta.signature(body, "app_secret")))
        #expect(isProven("{}", Meta.signature(body, "the new one")))
        #expect(!isProven("{}", Meta.signature(body, "an old one")))
        #expect(!isProven("{}", Meta.signature(body, "")))
    }

    @Test(
        "forged ones are refused with 401",
        arguments: [
            nil, "", "sha256=", "sha1=c54fd0dccd54423e56fade5557c798023a55fa32",
            "c54fd0dccd54423e56fade5557c798023a55fa322082e6f7d2d9d3b041d547b2",
            "sha256=c54fd0dccd54423e56fade5557c798023a55fa322082e6f7d2d9d3b041d547b3",
            "sha256=c54fd0dccd54423e56fade5557c798023a55fa322082e6f7d2d9d3b041d547b",
            "sha256=c54fd0dccd54423e56fade5557c798023a55fa322082e6f7d2d9d3b041d547b2b2",
            "sha256=g54fd0dccd54423e56fade5557c798023a55fa322082e6f7d2d9d3b041d547b2",
            "sha256=\u{0130}54fd0dccd54423e56fade5557c798023a55fa322082e6f7d2d9d3b041d547b2",
        ])
    func forged(signature: String?) {
        #expect(throws: Problem(.unauthorized, "X-Hub-Signature-256 is missing or wrong")) {
            try Meta.messenger(.messenger).prove(Meta.delivery(Array(Self.body.utf8), signature: signature))
        }
    }

    @Test("without a secret nobody is believed")
    func noSecret() {
        var account = Meta.account
        account.appSecrets = [Secret("")]
        let body = Array("{}".utf8)
        #expect(throws: Problem.self) {
            try MetaMessenger(account, medium: .whatsapp).prove(
                Meta.delivery(body, signature: Meta.signature(body, "")))
        }
    }

    @Test("the challenge comes back to who names our word, and to nobody else")
    func challenge() throws {
        func ask(_ query: String) throws -> String? {
            try Meta.messenger(.whatsapp).challenge(try FormBody(urlencoded: query))
        }
        #expect(try ask("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=parola") == "1158201444")
        for query in [
            "", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=altra", "hub.mode=subscribe&hub.challenge=1",
            "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=parola",
            "hub.mode=subscribe&hub.verify_token=parola", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=",
        ] {
            #expect(throws: Problem(.forbidden, "the verify token is missing or wrong")) { try ask(query) }
        }
    }
}
