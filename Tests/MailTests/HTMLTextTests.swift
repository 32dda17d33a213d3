import Testing

@testable import Mail

@Suite struct HTMLTextTests {
    @Test(
        "HTML as people read it",
        arguments: [
            ("<p>Uno</p><p>due</p>", "Uno\n\ndue"),
            ("<div>uno</div><div>due</div>\n<div>tre</div>", "uno\ndue\ntre"),
            ("uno<br>due<br><br>tre", "uno\ndue\n\ntre"),
            ("<p class=MsoNormal>uno</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>due</p>", "uno\ndue"),
            ("<ul><li>uno<li>due<ol><li>a</ol></ul>", "- uno\n- due\n  1. a"),
            ("<table><tr><td>Via</td><td>Verdi</td></tr><tr><td></td><td>12</td></tr></table>", "Via | Verdi\n12"),
            (#"<a href="https://example.org/x">qui</a>"#, "qui <https://example.org/x>"),
            (#"<a href="https://example.org/">www.example.org</a>"#, "www.example.org"),
            (#"<a href="mailto:a@example.org">a@example.org</a>"#, "a@example.org"),
            (#"<a href="javascript:x()">qui</a>"#, "qui"),
            ("uno<blockquote>due<blockquote>tre</blockquote></blockquote>", "uno\n> due\n> > tre"),
            ("<head><title>T</title></head><style>p{}</style><script>if (a<b) {}</script>uno", "uno"),
            (#"<div style="display: none">nascosto</div>uno"#, "uno"),
            ("&egrave; &euro; &#128578; &amp; & AT&T", "è € 🙂 & & AT&T"),
            ("<p>uno<!--[if mso]><b>solo Word</b><![endif]--><![if !mso]> due<![endif]></p>tre", "uno due\n\ntre"),
            ("<html><body>uno</body></html><p>aggiunto</p>", "uno\n\naggiunto"),
            ("prima <!-- senza fine <b>dopo</b>", "prima senza fine dopo"),
            ("<pre>a\n  b</pre>", "a\n  b"),
            (#"<img alt="🙂" src="cid:x"><img alt="Stemma del Comune" src="cid:y">uno"#, "🙂uno"),
        ])
    func reads(_ html: String, _ text: String) {
        var defects: Set<String> = []
        #expect(HTMLText.read(html, defects: &defects).trimmingLineEnds == text)
    }

    @Test func whatIsTooDeepIsReadWithoutStructure() {
        var defects: Set<String> = []
        let html = String(repeating: "<div>", count: 50_000) + "uno" + String(repeating: "</div>", count: 50_000)
        #expect(HTMLText.read(html, defects: &defects).trimmingLineEnds == "uno")
        #expect(!defects.isEmpty)
    }

    @Test func entitiesOfItsOwnAreNotExpanded() {
        let bomb = """
            <?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"> \
            <!ENTITY f SYSTEM "file:///etc/hostname">]><postacert tipo="accettazione" errore="nessuno"> \
            <intestazione><mittente>x&b;&f;y</mittente></intestazione></postacert>
            """
        let data = CertificateReader.read(Array(bomb.utf8)[...])
        #expect((data?.sender ?? "").utf8.count < 10)
    }
}
