import TestSupport
import Testing

@testable import Delivery

@Suite("Markdown as the app shows it") struct MarkdownPageTests {
    @Test(
        arguments: [
            ("a **b** *c* _d_ `e`", "<p>a <strong>b</strong> <em>c</em> <em>d</em> <code>e</code></p>\n"),
            ("# T\n### U\n#no", "<h4>T</h4>\n<h6>U</h6>\n<p>#no</p>\n"),
            ("- a\n- b\n\nx", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<p>x</p>\n"),
            ("1. a\n2) b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>\n"), ("a\nb", "<p>a<br>\nb</p>\n"),
            (
                "[x](https://c.it/?a=1&b)",
                "<p><a href=\"https://c.it/?a=1&amp;b\" rel=\"noopener noreferrer\">x</a></p>\n"
            ),
            ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
            ("[x](data:text/html,x)", "<p>[x](data:text/html,x)</p>\n"),
            ("\\*a\\* \\[b\\]\\(c) \\<", "<p>*a* [b](c) &lt;</p>\n"), ("<b>&\"'", "<p>&lt;b&gt;&amp;&quot;&#39;</p>\n"),
            ("**a", "<p>**a</p>\n"), ("* a", "<ul>\n<li>a</li>\n</ul>\n"), ("a ** b", "<p>a ** b</p>\n"),
            ("\\", "<p>\\</p>\n"),
        ])
    func shown(markdown: String, html: String) { #expect(MarkdownPage.html(markdown) == html) }

    @Test("Whatever was made harmless shows what it said, and no text becomes a tag")
    func naughty() {
        for text in SharedData.naughtyStrings + [
            "[](", "**", "[a](https://x", "`", "_", String(repeating: "*[", count: 2000),
        ] {
            for html in [MarkdownPage.html(text), MarkdownPage.html(MarkdownText.neutralised(text))] {
                let tags = html.matches(of: /<\/?([a-zA-Z!][a-zA-Z0-9]*)/).map { String($0.output.1) }
                #expect(
                    Set(tags).isSubset(of: ["p", "br", "strong", "em", "code", "a", "ul", "ol", "li", "h4", "h5", "h6"]
                    ),
                    "\(text.debugDescription.prefix(200))")
            }
            let shown = MarkdownPage.html(MarkdownText.neutralised(text))
            #expect(!shown.contains("<strong>") && !shown.contains("<a "), "\(text.debugDescription.prefix(200))")
        }
    }
}
