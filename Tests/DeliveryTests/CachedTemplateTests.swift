import Foundation
import Mustache
import TestSupport
import Testing

@testable import Delivery

@Suite("Templates rendered once")
struct CachedTemplateTests {
    static let values = [
        "name": "D’Angelo <b>\n& \"figli\"", "code": "RM-7Q4K2MXD", "note": "a\n  b\n\n", "city": "Roma",
        "phone": "060606",
    ]

    @Test(arguments: [
        "{{name}}, {{{code}}}", "{{#note}}\n- {{note}}{{/note}}{{^note}}none{{/note}} {{city}}",
        "{{#name}}{{#code}}{{name}}{{{name}}}{{/code}}{{/name}}{{^phone}}-{{/phone}}", "no variable", "",
        "{{! a comment }}{{name}}\u{10F000}{{city}}",
    ])
    func theTextIsMustaches(text: String) throws {
        let template = try MustacheTemplate(string: text)
        let cached = CachedTemplate(template)
        for round in 0..<32 {
            let there = Self.values.filter { (abs($0.key.utf8.reduce(0) { $0 &* 31 &+ Int($1) }) >> round) & 1 == 0 }
            for _ in 0..<2 { #expect(cached.render(there) == template.render(there)) }
        }
    }

    /// Mustache indents the lines of a partial's values as well: they are no fixed pieces.
    @Test func whatDependsOnValuesIsLeftToMustache() throws {
        let library = MustacheLibrary(templates: ["p": try MustacheTemplate(string: "{{{note}}}\nx\n{{{note}}}\n")])
        let template = try MustacheTemplate(string: "a\n    {{> p}}\n{{{name}}}")
        let cached = CachedTemplate(template, library: library)
        for _ in 0..<2 { #expect(cached.render(Self.values) == template.render(Self.values, library: library)) }
    }

    /// Mustache takes `<` with an accent over it for another character; a browser does not.
    @Test func everyAngleBracketIsEscaped() throws {
        let cached = CachedTemplate(try MustacheTemplate(string: "{{name}}"))
        #expect(cached.render(["name": "<\u{301}b>"]).utf8.elementsEqual("&lt;\u{301}b&gt;".utf8))
    }
}
