import Testing

@testable import Intake

@Suite struct RequestFramingTests {
    @Test(
        "A host is a name or an address, perhaps with a port, or nothing",
        arguments: [
            "", "example.org", "example.org:8080", "example.org:", "127.0.0.1:80", "[::1]", "[::1]:8080", "[v1.a:b]",
            "a_b", "x%20y", "xn--rm-fka.example",
        ])
    func hosts(_ value: String) { #expect(RequestFraming.isHost(value.utf8)) }

    @Test(
        "What another reader could take for another host is none",
        arguments: [
            "a b", "a\tb", "a@b", "a/b", "a?b", "a#b", "a\\b", "http://a", "a:b", "a:1:2", "::1", "[::1", "::1]", "[]",
            "[::1]x", "[::1]:x", "[[::1]]", "a\"b", "<a>", "città.it", "a\u{0}b", ":80x", "[", "]", ":a",
        ])
    func others(_ value: String) { #expect(!RequestFraming.isHost(value.utf8)) }
}
