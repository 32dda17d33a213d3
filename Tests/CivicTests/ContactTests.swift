import Civic
import Testing

@Suite struct EmailAddressTests {
    @Test(arguments: [
        ("mario.rossi@example.org", "mario.rossi@example.org"),
        ("  Mario.Rossi@Example.ORG ", "Mario.Rossi@example.org"),
        ("o'neil+tag@sub.example.co.uk", "o'neil+tag@sub.example.co.uk"), ("a@città.it", "a@città.it"),
        ("josé@example.org", "josé@example.org"), ("a@xn--citt-2na.it", "a@xn--citt-2na.it"),
        ("\(String(repeating: "a", count: 64))@example.org", "\(String(repeating: "a", count: 64))@example.org"),
    ])
    func accepts(_ text: String, _ normalised: String) { #expect(EmailAddress(text)?.text == normalised) }

    @Test(arguments: [
        "", "@", "a@", "@b.it", "a", "a@b", "a@b@c.it", "a b@c.it", "a@b c.it", "a@b.it\r\nBcc: x@y.it", "a@b.it\n",
        "a\t@b.it",
        ".a@b.it", "a.@b.it", "a..b@c.it", "a@.it", "a@b..it", "a@b.it.", "a@-b.it", "a@b-.it", "a@b_c.it",
        "a@[192.0.2.1]",
        "a@192.0.2.1", "\"a b\"@c.it", "<a@b.it>", "Mario <a@b.it>", "a,b@c.it", "a@b.it,c@d.it", "a;b@c.it",
        "a\u{0}@b.it",
        "a\u{202E}@b.it", "a\u{200B}@b.it", "a@b\u{AD}.it", "a@b。it", "a\u{85}@b.it",
        "a@\(String(repeating: "b", count: 64)).it",
        "\(String(repeating: "a", count: 65))@example.org", "a@\(String(repeating: "b.", count: 126))it",
        String(repeating: "a@b.it", count: 100_000), "😀@b.it",
    ])
    func refuses(_ text: String) { #expect(EmailAddress(text) == nil) }

    @Test(arguments: [
        ("a@example.org", true), ("a@xn--citt-2na.it", true), ("a@città.it", false), ("josé@example.org", false),
    ])
    func tellsWhatEveryServerTakes(_ text: String, _ isASCII: Bool) { #expect(EmailAddress(text)?.isASCII == isASCII) }

    @Test func keyIgnoresCase() {
        #expect(EmailAddress("Mario@Example.org")?.key == EmailAddress("mario@example.ORG")?.key)
        #expect(EmailAddress("Mario@Example.org") != EmailAddress("mario@example.org"))
    }
}

@Suite struct PhoneNumberTests {
    @Test(arguments: [
        ("333 1234567", "+393331234567"), ("+39 333-123.45.67", "+393331234567"), ("0039 333 1234567", "+393331234567"),
        ("393331234567", "+393331234567"), ("060606", "+39060606"), ("+39 06 0606", "+39060606"),
        ("(0521) 517111", "+390521517111"), ("06/67101", "+390667101"), ("800 123456", "+39800123456"),
        ("392 1234567", "+393921234567"), ("+44 20 7946 0958", "+442079460958"), ("00 1 212 555 0123", "+12125550123"),
        ("+39 (0)6 12345678", "+390612345678"), ("3331234567\u{A0}", "+393331234567"),
    ])
    func accepts(_ text: String, _ e164: String) { #expect(PhoneNumber(text)?.text == e164) }

    @Test(arguments: [
        "", "+", "112", "113", "115", "118", "1515", "116117", "+39112", "+39 6 0606", "12", "333123456789012",
        "+0039333",
        "+1234567890123456", "++393331234567", "333+1234567", "333123456x", "٣٣٣١٢٣٤٥٦٧", "+123456", "tel:3331234567",
        "000000",
        "2 12345678", "9123456789", "4912345678", String(repeating: "3", count: 100_000), "333 1234567\n",
    ])
    func refuses(_ text: String) { #expect(PhoneNumber(text) == nil) }
}
