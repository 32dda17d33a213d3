import Testing

@testable import Rules

@Suite("Folding")
struct FoldedTextTests {
    @Test(
        "words",
        arguments: [
            ("C'è una BUCA!", " c e una buca "),
            ("C’è", " c e "),
            ("", " "),
            (" \t\n…!", " "),
            ("perché però più", " perche pero piu "),
            ("perche\u{301}", " perche "),
            ("Straße ŒUVRE Æsir ĲSSEL", " strasse oeuvre aesir ijssel "),
            ("ﬁlo ﬂotta ＡＢＣ１", " filo flotta abc1 "),
            ("Łódź Đorđe Şişli İstanbul ıss", " lodz dorde sisli istanbul iss "),
            ("Việt Nam", " viet nam "),
            ("Ελλάδα ΟΔΟΣ", " ελλαδα οδοσ "),
            ("ЁЖ Київ й", " еж киів и "),
            ("бу\u{308}ка", " бука "),
            ("مرحبا بالعالم", " مرحبا بالعالم "),
            ("हिन्दी भाषा", " हिन्दी भाषा "),
            ("日本語 道路", " 日本語 道路 "),
            ("Ⴀ", " ⴀ "),
            ("bu\u{AD}ca bu\u{200B}ca \u{FEFF}buca", " buca buca buca "),
            ("🕳️buca🚧🚧strada", " buca strada "),
            ("n.512/B-3", " n 512 b 3 "),
            ("1º 1° 1", " 1 1 1 "),
            ("m²", " m2 "),
            ("a\u{0}b", " a b "),
        ])
    func words(original: String, expected: String) {
        #expect(FoldedText.fold(original) == expected)
    }

    @Test(
        "lightly",
        arguments: [
            ("C’È «QUI» – sì", "c'e \"qui\" - si"), ("a\u{A0}b\nc", "a b\nc"), ("×÷", "×÷"), ("😀", "😀"),
        ])
    func lightly(original: String, expected: String) {
        #expect(FoldedText.lightly(original) == expected)
    }

    @Test(
        "a key has no spaces at its ends", arguments: [("  Municipio  VII ", "municipio vii"), ("!!", ""), ("à", "a")])
    func key(original: String, expected: String) {
        #expect(foldedKey(original) == expected)
    }

    @Test("folding again changes nothing, and no scalar grows more than threefold")
    func allScalars() {
        var grown: [UInt32] = []
        var unstable: [UInt32] = []
        // Behind the first two planes are only ideographs and tags, which have no case.
        for value in UInt32(1)...0x1FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for folder in [ScalarFolder.words, ScalarFolder.light] {
                let bytes = (64 - folder.packed(scalar).leadingZeroBitCount + 7) / 8
                if bytes > 3 * UTF8.width(scalar) { grown.append(value) }
            }
            // Beyond, folding is only the lower case.
            guard value < 0x3000 || (0xFB00...0xFFFF).contains(value) else { continue }
            let once = FoldedText.fold(String(Character(scalar)))
            if FoldedText.fold(once) != once { unstable.append(value) }
        }
        #expect(grown == [])
        #expect(unstable == [])
    }

    @Test("the fast walk and the remembering one agree", arguments: 1...200)
    func agreement(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed) &* 7919)
        var scalars = String.UnicodeScalarView()
        let ranges: [ClosedRange<UInt32>] = [
            0...0x7F, 0x80...0x52F, 0x1E00...0x206F, 0xFB00...0xFFFD, 0x1F300...0x1F6FF,
        ]
        for _ in 0..<Int.random(in: 0...80, using: &generator) {
            guard let range = ranges.randomElement(using: &generator),
                let scalar = Unicode.Scalar(UInt32.random(in: range, using: &generator))
            else { continue }
            scalars.append(scalar)
        }
        let text = String(scalars)
        #expect(Origins(text, .words).bytes == Array(FoldedText.fold(text).utf8))
        #expect(Origins(text, .light).bytes == Array(FoldedText.lightly(text).utf8))
    }
}
