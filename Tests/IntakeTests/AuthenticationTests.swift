import Testing

@testable import Intake

@Suite("How a sender proves itself") struct AuthenticationTests {
    @Test(
        "The token of a bearer header",
        arguments: [
            ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER   abc", "abc"), ("Bearer a b", "a b"),
            (nil, nil), ("", nil), ("Bearer", nil), ("Bearer ", nil), ("Bearer   ", nil), ("Basic abc", nil),
            ("Bearerabc", nil), (" Bearer abc", nil), ("Bearer\tabc", nil),
        ] as [(String?, String?)])
    func bearer(_ header: String?, _ token: String?) { #expect(Authentication.bearer(header) == token) }

    @Test("A header longer than any token is not read")
    func long() {
        #expect(Authentication.bearer("Bearer " + String(repeating: "x", count: 4089)) != nil)
        #expect(Authentication.bearer("Bearer " + String(repeating: "x", count: 4090)) == nil)
    }

    @Test("Equal only if every byte is")
    func equal() {
        let token = Authentication.digest("token")
        #expect(token.count == 32)
        #expect(Authentication.equal(token, Authentication.digest("token")))
        #expect(!Authentication.equal(token, Authentication.digest("Token")))
        #expect(!Authentication.equal(token, Array(token.dropLast())))
        #expect(!Authentication.equal(token, token + [0]))
        #expect(Authentication.equal([UInt8](), []))
        for position in token.indices {
            var other = token
            other[position] ^= 0x80
            #expect(!Authentication.equal(token, other))
        }
    }
}
