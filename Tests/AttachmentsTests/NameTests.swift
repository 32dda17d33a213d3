import Foundation
import TestSupport
import Testing

@testable import Attachments

@Suite struct NameTests {
    @Test(arguments: [
        (nil, "attachment"), ("", "attachment"), (".", "attachment"), ("..", "attachment"), ("   ", "attachment"),
        ("foto.jpg", "foto.jpg"), ("../../etc/passwd", "passwd"), ("C:\\Windows\\system32\\foto.jpg", "foto.jpg"),
        ("/etc/", "attachment"), ("..\\..\\", "attachment"), (".htaccess", "htaccess"), ("...foto.jpg", "foto.jpg"),
        (".jpg", "jpg"), ("-rf.txt", "rf.txt"), ("a\u{0}b\u{1F}\u{7F}c\n.txt", "abc.txt"),
        ("fattura\u{202E}fdp.exe", "fatturafdp.exe"), ("\u{200B}\u{FEFF}foto\u{2066}.png\u{2069}", "foto.png"),
        ("perche\u{301}.pdf", "perché.pdf"), ("a  b\u{A0}\u{2003}c.pdf", "a b c.pdf"), ("foto.jpg. . ", "foto.jpg"),
        ("CON", "_CON"), ("con.txt", "_con.txt"), ("Aux.tar.gz", "_Aux.tar.gz"), ("com1.pdf", "_com1.pdf"),
        ("LPT\u{B9}.pdf", "_LPT\u{B9}.pdf"), ("nul .txt", "_nul.txt"), ("CONIN$", "_CONIN$"),
        ("COM10.txt", "COM10.txt"),
        ("console.txt", "console.txt"), ("a<b>c:d\"e|f?g*h;i`.txt", "a_b_c_d_e_f_g_h_i_.txt"),
        ("file:stream.txt", "file_stream.txt"), ("%2e%2e%2f.txt", "%2e%2e%2f.txt"), ("foto.", "foto"),
        ("e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}.txt", "é\u{302}\u{303}\u{304}.txt"),
        ("\u{301}.txt", "\u{301}.txt"),
        ("a\u{37E}b.txt", "a_b.txt"), ("日本語.png", "日本語.png"), ("👩‍👩‍👧.png", "👩👩👧.png"), ("a\u{E000}\u{FFFF}.txt", "a.txt"),
    ])
    func madeSafe(_ given: String?, _ name: String) {
        // By bytes: strings are equal also when one is not composed.
        #expect(Array(SafeName.make(given).utf8) == Array(name.utf8))
    }

    @Test(arguments: [
        ("foto", "image/jpeg", "foto.jpg"), ("foto.JPEG", "image/jpeg", "foto.JPEG"),
        (nil, "image/png", "attachment.png"),
        ("foto.jpg", "image/png", "foto.png"), ("foto.jpg.exe", "image/jpeg", "foto.jpg.exe.jpg"),
        ("fattura.pdf", "application/vnd.microsoft.portable-executable", "fattura.pdf.exe"),
        ("foto.jpg.exe", "application/vnd.microsoft.portable-executable", "foto.jpg.exe"),
        ("fattura.pdf", "text/html", "fattura.pdf.html"),
        ("fattura.pdf.p7m", "application/pkcs7-mime", "fattura.pdf.p7m"),
        ("Relazione 12.03.2024", "application/pdf", "Relazione 12.03.2024.pdf"), ("x.svg", "text/plain", "x.svg.txt"),
        ("fattura.pdf", "text/plain", "fattura.pdf.txt"), ("note.bak", "text/plain", "note.bak"),
        ("note", "text/plain", "note.txt"), ("dati.csv", "text/csv", "dati.csv"),
        ("pianta.dxf", "text/plain", "pianta.dxf"),
        ("x.dat", "application/octet-stream", "x.dat"), ("x.pdf", "application/octet-stream", "x.pdf.bin"),
        ("x", "application/octet-stream", "x"), ("x.exe", "application/octet-stream", "x.exe"),
        ("x.zip", "application/x-unheard-of", "x.zip.bin"), ("a.gif", "image/svg+xml", "a.gif.svg"),
        ("archivio.tar.gz", "application/gzip", "archivio.tar.gz"), ("CON", "image/png", "_CON.png"),
    ])
    func extensionAgrees(_ given: String?, _ type: String, _ name: String) {
        #expect(SafeName.make(given, type: type) == name)
    }

    @Test func longNamesKeepTheirExtension() {
        for stem in ["a", "è", "字", "👩‍👩‍👧", "e\u{301}\u{302}"] {
            let name = SafeName.make(String(repeating: stem, count: 3000) + ".jpeg", type: "image/jpeg")
            #expect(name.utf8.count <= SafeName.longest)
            #expect(name.utf8.count > SafeName.longest - 30)
            #expect(name.hasSuffix(".jpeg"))
        }
        // One character of a hundred thousand bytes.
        let dense = SafeName.make("a" + String(repeating: "\u{5B0}", count: 50_000) + ".pdf")
        #expect(dense.utf8.count <= SafeName.longest)
        #expect(SafeName.make(String(repeating: "../", count: 100_000) + "a.pdf") == "a.pdf")
    }

    /// What holds for each name, whatever was given.
    private func check(_ given: String, type: String?) {
        let name = SafeName.make(given, type: type)
        #expect(!name.isEmpty && name.utf8.count <= SafeName.longest)
        #expect(!name.contains("/") && !name.contains("\\") && !name.hasPrefix(".") && !name.hasPrefix("-"))
        for scalar in name.unicodeScalars {
            let category = scalar.properties.generalCategory
            #expect(![.control, .format, .unassigned, .privateUse].contains(category), "\(given)")
        }
        #expect(Array(name.utf8) == Array(name.precomposedStringWithCanonicalMapping.utf8))
        #expect(SafeName.make(name, type: type) == name, "\(given)")
    }

    @Test(.enabled(if: SharedData.naughtyStrings.count > 100, "the list of naughty strings is not there"))
    func naughtyStrings() {
        for text in SharedData.naughtyStrings {
            for type in [nil, "image/jpeg", "text/plain", "application/octet-stream"] {
                check(text, type: type)
                check(text + ".jpg", type: type)
            }
        }
    }

    @Test func randomNames() {
        var dice = Dice(7)
        let alphabet = Array(
            "ab.-_ /\\\u{202E}\u{301}\u{0}é日%:CONcom1$exjpg\u{212B}\u{1F1}\u{AC00}\u{1100}\u{1161}".unicodeScalars)
        for _ in 0..<3000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...24, using: &dice) { text.append(alphabet.randomElement(using: &dice)!) }
            check(String(text), type: [nil, "image/png", "text/plain"].randomElement(using: &dice)!)
        }
    }

    @Test(arguments: [
        ("word/document.xml", "word/document.xml"), ("../../etc/passwd", "../../etc/passwd"), ("a\\b", "a/b"),
        ("x\u{202E}\u{1B}[31m.txt", "x[31m.txt"), ("", ""),
    ])
    func pathsInArchives(_ given: String, _ shown: String) { #expect(SafeName.path(given) == shown) }
}
