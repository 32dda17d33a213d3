import Testing

@testable import Settings

@Suite("Where a value stands in foreign data") struct FieldPathTests {
    @Test(
        "Members with dots, elements in brackets, * for all",
        arguments: [
            ("id", ["id"]), ("data.subject", ["data", "subject"]), ("images[0].url", ["images", "0", "url"]),
            ("images.0.url", ["images", "0", "url"]), ("[2].id", ["2", "id"]), ("a[0][1]", ["a", "0", "1"]),
            ("images.*.url", ["images", "*", "url"]), ("images[*].url", ["images", "*", "url"]), ("*", ["*"]),
            ("Via e numero", ["Via e numero"]), ("città", ["città"]), ("a-b.c:d", ["a-b", "c:d"]),
            ("a[007]", ["a", "7"]),
        ])
    func good(_ text: String, _ steps: [String]) throws {
        let path = try FieldPath(text)
        #expect(path.description == text)
        #expect(path.steps == steps.map { $0 == "*" ? .every : .member($0) })
    }

    @Test(
        "What is no path is told why",
        arguments: [
            ("", "empty"), ("a..b", "one dot"), (".a", "one dot"), ("a.", "one dot"), ("$.a", "leave out $."),
            ("a[", "without its ]"), ("a[0", "without its ]"), ("a[x]", "a number"), ("a[-1]", "a number"),
            ("a[]", "a number"), ("a]", "where a dot belongs"), ("a[0]b", "where a dot belongs"),
            ("a{b", "where a dot belongs"), ("a.[0]", "one dot"), ("a\nb", "control character"),
            ("a[99999999999999999999]", "a number"),
            (Array(repeating: "a", count: 33).joined(separator: "."), "more than 32"),
        ])
    func bad(_ text: String, _ words: String) {
        let mistake = #expect(throws: FieldPath.Mistake.self) { try FieldPath(text) }
        #expect(mistake?.description.contains(words) == true, "\(mistake?.description ?? "")")
    }

    @Test("A text with braces is lines of words and paths")
    func templates() throws {
        let path = try FieldPath("a.b")
        #expect(try FieldSource("a.b") == .path(path))
        #expect(try FieldSource("{a.b}") == .template([[.place(path)]]))
        #expect(
            try FieldSource("Via {a.b}, Roma\n\nfine")
                == .template([[.words("Via "), .place(path), .words(", Roma")], [], [.words("fine")]]))
        for text in ["{", "}", "a}", "{a", "{}", "{a..b}", "{a\nb}", "{{a}}"] {
            #expect(throws: FieldPath.Mistake.self, "\(text)") { try FieldSource(text) }
        }
    }
}
