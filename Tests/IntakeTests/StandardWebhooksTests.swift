import Crypto
import Foundation
import Settings
import TestSupport
import Testing
import Webhooks

@testable import Intake

@Suite("Standard Webhooks signatures") struct StandardWebhooksTests {
    private static let now: Int64 = 1_795_424_400
    private static let body = Array(#"{"id":"1","text":"buca"}"#.utf8)
    private static let key = Array("a key of twenty-four byte".utf8)
    private static let other = Array("and another one, as long".utf8)

    private static func secret(_ key: [UInt8]) -> String { "whsec_" + Data(key).base64EncodedString() }

    private static func signature(
        _ key: [UInt8] = key, id: String = "msg_1", timestamp: String = "\(now)", body: [UInt8] = body
    ) -> String {
        let signed = Array("\(id).\(timestamp).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: SymmetricKey(data: key))
        return "v1," + Data(code).base64EncodedString()
    }

    private func accepts(
        _ signatures: String, secrets: [String] = [StandardWebhooksTests.secret(key)], id: String = "msg_1",
        timestamp: String = "\(StandardWebhooksTests.now)", body: [UInt8] = StandardWebhooksTests.body,
        now: Int64 = StandardWebhooksTests.now
    ) throws -> Bool {
        try #require(StandardWebhooks(secrets: secrets)).accepts(
            id: id, timestamp: timestamp, signatures: signatures, body: body, now: now)
    }

    @Test(
        "The vector of the reference libraries",
        .enabled(
            if: SharedData.has("webhooks/standard-webhooks-vectors.tar.xz"), "../shared/data/webhooks is not there"))
    func vector() throws {
        let files = try SharedData.files(of: "webhooks/standard-webhooks-vectors.tar.xz")
        let bytes = try #require(files.first { $0.path.hasSuffix("test_webhooks.py") }?.bytes)
        let source = String(decoding: bytes, as: UTF8.self)
        let test = String(source[try #require(source.range(of: "def test_sign_function")).lowerBound...])
        func value(_ pattern: some RegexComponent<(Substring, Substring)>) throws -> String {
            String(try #require(test.firstMatch(of: pattern)).output.1)
        }
        let key = try value(/key = "(.*)"/)
        let id = try value(/msg_id = "(.*)"/)
        let timestamp = try value(/fromtimestamp\(([0-9]+)/)
        let payload = Array(try value(/payload = '(.*)'/).utf8)
        let expected = try value(/expected = "(.*)"/)
        let now = try #require(Int64(timestamp))
        #expect(try accepts(expected, secrets: [key], id: id, timestamp: timestamp, body: payload, now: now))
        // The prefix says what it is, and may be missing.
        let bare = String(key.dropFirst("whsec_".count))
        #expect(try accepts(expected, secrets: [bare], id: id, timestamp: timestamp, body: payload, now: now))
        #expect(try !accepts(expected, secrets: [key], id: id, timestamp: timestamp, body: payload + [0x20], now: now))
        // A secret without its padding, as the reference libraries take it.
        for secret in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwBr"] {
            #expect(source.contains(secret))
            let padding = String(repeating: "=", count: (4 - secret.count % 4) % 4)
            let padded = try #require(Data(base64Encoded: secret + padding))
            let signature = Self.signature(Array(padded))
            #expect(try accepts(signature, secrets: [secret]))
            #expect(try accepts(signature, secrets: ["whsec_" + secret]))
            #expect(try accepts(signature, secrets: [secret + padding]))
        }
    }

    @Test("Good with the same id, time and body; wrong with any other")
    func wrong() throws {
        #expect(try accepts(Self.signature()))
        #expect(try !accepts(Self.signature(), id: "msg_2"))
        #expect(try !accepts(Self.signature(), timestamp: "\(Self.now - 1)"))
        #expect(try !accepts(Self.signature(), body: Self.body + [0x20]))
        #expect(try !accepts(Self.signature(), secrets: [Self.secret(Self.other)]))
        #expect(try accepts(Self.signature(body: []), body: []))
    }

    @Test("A header that is no signature", arguments: ["", " ", "v1", "v1,", "v1,?", "v1a,AAAA", ",", "v2", "v1,AAAA"])
    func noSignature(_ header: String) throws { #expect(try !accepts(header)) }

    @Test("A good one without its version, with another version, cut, or in a header too long")
    func altered() throws {
        let good = Self.signature()
        #expect(try !accepts(String(good.dropFirst(3))))
        #expect(try !accepts("v2," + good.dropFirst(3)))
        #expect(try !accepts("v1a," + good.dropFirst(3)))
        #expect(try !accepts(String(good.dropLast(4))))
        #expect(try !accepts(String(repeating: "v1,AAAA ", count: 1100) + good))
    }

    @Test("One of several signatures suffices, and one of several secrets")
    func several() throws {
        let (good, strange) = (Self.signature(), Self.signature(Self.other))
        #expect(try accepts("\(strange) v2,AAAA v1a,BBBB \(good)"))
        #expect(try !accepts("\(strange) \(strange)"))
        let both = [Self.secret(Self.other), Self.secret(Self.key)]
        #expect(try accepts(good, secrets: both))
        #expect(try accepts(strange, secrets: both))
        #expect(try !accepts(Self.signature(Self.body), secrets: both))
        #expect(try !accepts(good, secrets: []))
    }

    @Test("Five minutes either way, and not a second more", arguments: [(300, true), (301, false)])
    func time(_ distance: Int64, _ accepted: Bool) throws {
        #expect(try accepts(Self.signature(), now: Self.now + distance) == accepted)
        #expect(try accepts(Self.signature(), now: Self.now - distance) == accepted)
    }

    @Test(
        "A time that is none, though signed",
        arguments: [
            "", "hello", "0", "-1", "1795424400.0", "0x6B03A910", "9223372036854775807", "-9223372036854775808",
            "99999999999999999999", " 1795424400",
        ])
    func noTime(_ timestamp: String) throws {
        #expect(try !accepts(Self.signature(timestamp: timestamp), timestamp: timestamp))
    }

    @Test(
        "What cannot be a good signature is known without the body",
        arguments: [
            (0, signature(other), true), (300, signature(), true), (301, signature(), false), (0, "v1,AAAA", false),
            (0, "v1,AAAA " + signature(other), true), (0, "", false),
        ])
    func plausible(_ late: Int64, _ signatures: String, _ expected: Bool) throws {
        let verifier = try #require(StandardWebhooks(secrets: [Self.secret(Self.key)]))
        #expect(
            verifier.isPlausible(timestamp: "\(Self.now)", signatures: signatures, now: Self.now + late) == expected)
    }

    @Test("A secret that is not base64, or empty, is refused when the channel is made")
    func secrets() throws {
        for secret in ["", "whsec_", "whsec_?", "whsec_è", "ciao ciao"] {
            #expect(StandardWebhooks(secrets: [secret]) == nil, "\(secret)")
            #expect(StandardWebhooks(secrets: [Self.secret(Self.key), secret]) == nil, "\(secret)")
        }
        let limits = try Rome.configuration().limits
        let channel = Channel(name: "portale", token: nil, signingSecrets: [Secret("whsec_?")])
        let error = #expect(throws: WebhookChannel.BadSecret.self) { try WebhookChannel(channel, limits: limits) }
        #expect(error?.description.contains("portale") == true)
        #expect(error?.description.contains("?") == false)
    }

    /// The reference libraries' own vector.
    @Test("What we sign is signed once by each secret, as the reference libraries do")
    func signed() throws {
        let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
        let body = Array(#"{"test": 2432232314}"#.utf8)
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        let one = try #require(StandardWebhooks(secrets: [key])).sign(id: id, body: body, now: 1_614_265_330)
        #expect(one.map(\.name) == ["webhook-id", "webhook-timestamp", "webhook-signature"])
        #expect(one.map(\.value) == [id, "1614265330", expected])
        let other = Self.secret(Self.other)
        let two = try #require(StandardWebhooks(secrets: [other, key])).sign(id: id, body: body, now: 1_614_265_330)
        let signatures = try #require(two.last?.value)
        #expect(signatures.split(separator: " ").count == 2 && signatures.hasSuffix(" " + expected))
        for secret in [key, other] {
            #expect(
                try accepts(
                    signatures, secrets: [secret], id: id, timestamp: "1614265330", body: body, now: 1_614_265_330))
        }
        #expect(StandardWebhooks(secrets: [])?.sign(id: id, body: body, now: 1).isEmpty == true)
    }
}
