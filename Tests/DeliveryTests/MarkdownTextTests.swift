import TestSupport
import Testing

@testable import Delivery

@Suite struct MarkdownTextTests {
    @Test(
        arguments: [
            ("Buca in via Tuscolana 512.", "Buca in via Tuscolana 512."),
            ("---\nit: x", "\\---\nit: x"),
            ("  - uno\n\t* due\n+ tre", "\\- uno\n\\* due\n\\+ tre"),
            ("1. uno\n12) due\n3,5 m\n2024", "1\\. uno\n12\\) due\n3,5 m\n2024"),
            ("# titolo\nn. #3", "\\# titolo\nn. #3"),
            ("titolo\n===", "titolo\n\\==="),
            ("> cita <b>x</b>", "\\> cita \\<b\\>x\\</b\\>"),
            ("[qui](https://e.vil) (sì)", "\\[qui\\]\\(https: //e.vil) (sì)"),
            ("![i][r]", "!\\[i\\]\\[r\\]"),
            ("**a** _b_ `c` ~~d~~ \\*", "\\*\\*a\\*\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~ \\\\\\*"),
            ("```\ncode\n```", "\\`\\`\\`\ncode\n\\`\\`\\`"),
            ("a | b\n--|--", "a \\| b\n\\--\\|--"),
            ("    codice", "codice"),
            ("\n\n a \r\n\r\n\n\u{2028} b  \n\n", "a\n\nb"),
            ("a\0b\u{202E}c\u{7}", "abc"),
            ("\u{85}---", "\\---"),
            ("", ""),
            ("https://e.vil/a HTTP://e.vil ftp://e.vil", "https: //e.vil/a HTTP: //e.vil ftp: //e.vil"),
            ("www.e.vil (WwW.e.vil) wwww.x", "www .e.vil (WwW .e.vil) wwww .x"),
            ("https:\u{202E}//e.vil ww\0w.e.vil https:\\//e.vil", "https: //e.vil www .e.vil https:\\\\//e.vil"),
            ("ww.x 10:30/11 a/b // www", "ww.x 10:30/11 a/b // www"),
        ])
    func examples(text: String, expected: String) {
        #expect(MarkdownText.neutralised(text) == expected)
    }

    /// The property: no construct survives, and no word is lost.
    private func check(_ text: String) {
        let result = MarkdownText.neutralised(text)
        var plain = String.UnicodeScalarView()
        for line in result.split(separator: "\n") {
            let scalars = Array(line.unicodeScalars)
            #expect(scalars.first?.properties.isWhitespace == false)
            #expect(!["#", "-", "+", "=", ":"].contains(scalars[0]))
            let rest = scalars.drop { ("0"..."9").contains($0) }
            if rest.count < scalars.count { #expect(rest.first != "." && rest.first != ")") }
            var index = 0
            while index < scalars.count {
                if scalars[index] == "\\" {
                    index += 1
                    guard index < scalars.count else {
                        Issue.record("a backslash escapes the line end in \(text.debugDescription)")
                        break
                    }
                } else {
                    #expect(!"`*_[]<>~|".unicodeScalars.contains(scalars[index]))
                }
                plain.append(scalars[index])
                #expect(plain.suffix(3).map { $0 } != [":", "/", "/"])
                #expect(String(String.UnicodeScalarView(plain.suffix(4))).lowercased() != "www.")
                index += 1
            }
        }
        func visible(_ view: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
            view.filter { !$0.properties.isWhitespace && !PlainText.isHidden($0) }
        }
        #expect(visible(plain) == visible(text.unicodeScalars))
    }

    @Test func holdsForRandomText() {
        var random = Dice(42)
        let alphabet = Array("-=+#>*_`~|[]()!\\<:/wW \t\n\r.1à😀\u{301}\u{2028}{}".unicodeScalars)
        for _ in 0..<3000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)])
            }
            check(String(text))
        }
    }

    @Test func holdsForNaughtyStrings() {
        for text in SharedData.naughtyStrings { check(text) }
    }
}

@Suite struct PlainTextTests {
    @Test(
        arguments: [
            ("abcdef", 6, "abcdef"), ("abcdefg", 6, "abcde…"), ("uno due tre", 10, "uno due…"),
            ("uno due tre", 8, "uno due…"), ("😀😀😀", 5, "😀😀…"), ("😀😀😀", 4, "😀…"), ("ab", 1, "…"), ("ab", 0, ""),
            ("a lunghissima", 8, "a lungh…"),
        ])
    func shortening(text: String, limit: Int, expected: String) {
        let result = PlainText.shortened(text, toUTF16: limit)
        #expect(result == expected)
        #expect(result.utf16.count <= limit)
    }

    @Test func oneCharacterLongerThanTheLimitIsCut() {
        let pile = "a" + String(repeating: "\u{301}", count: 50_000)
        #expect(PlainText.shortened(pile, toUTF16: 120).utf16.count == 120)
    }

    @Test(
        arguments: [
            ("550 5.1.1 <mario.rossi@example.org>: unknown", "550 5.1.1 […] unknown"),
            ("user RSSMRA68A01H501Y not found", "user […] not found"),
            ("user=rssmra68a01h501y;", "user=[…];"),
            ("/messages/AAAAAA00A00A000A/01HX", "/messages/[…]/01HX"),
            ("piva 02438750586, tel +393331234567", "piva […], tel +[…]"),
            ("riga\r\nfalsa 2026-11-21", "riga falsa 2026-11-21"),
        ])
    func reasonsNameNobody(text: String, expected: String) {
        #expect(Reason.cleaned(text) == expected)
    }

    @Test func reasonsAreShort() {
        #expect(Reason.cleaned(String(repeating: "x ", count: 1_000_000)).utf16.count <= 200)
    }
}

/// The quick look and the slow one agree.
@Suite("Markdown, quickly")
struct QuickMarkdownTests {
    @Test func whatIsLeftAloneIsWhatStaysTheSame() {
        var dice = Dice(7)
        let pieces = [
            "a", "w", "W", ".", ":", "/", "//", "1", "22", ")", " ", "  ", "\n", "\t", "*", "_", "#", "-", "è", "’",
            "\u{A0}",
            "\u{2003}", "\u{202E}", "\u{FEFF}", "\u{3000}", "€", "\r\n", "www.", "http://", "[", "](", "|", "\u{85}",
            "=", "+",
        ]
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...6, using: &dice)).map { _ in pieces.randomElement(using: &dice) ?? "" }
                .joined()
            // A tab before each line keeps the quick look away, and falls away itself.
            var indented = "\t".unicodeScalars
            for scalar in text.unicodeScalars {
                indented.append(scalar)
                if scalar == "\n" || scalar == "\u{85}" { indented.append("\t") }
            }
            let slow = MarkdownText.neutralised(String(indented))
            let quick = MarkdownText.neutralised(text)
            #expect(quick == slow, "\(text.debugDescription)")
        }
    }
}
