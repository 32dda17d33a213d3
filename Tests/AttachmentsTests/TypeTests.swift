import Testing

@testable import Attachments

@Suite struct TypeTests {
    static let portableExecutable: [UInt8] = {
        var bytes = Array("MZ".utf8) + [UInt8](repeating: 0, count: 58) + TestPictures.little32(64)
        bytes +=
            Array("PE\0\0".utf8) + [0x64, 0x86, 1, 0] + [UInt8](repeating: 0, count: 12) + [0xF0, 0, 0x22, 0, 0x0B, 2]
        return bytes + [UInt8](repeating: 0, count: 400)
    }()

    static let pdf = Array("%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n".utf8)

    @Test(arguments: [
        ("una buca", "nota.txt", "", "text/plain", "nota.txt", false),
        ("a,b,c\n1,2,3\n4,5,6\n", "dati.csv", "", "text/csv", "dati.csv", false),
        ("a,b,c\n1,2,3\n4,5,6\n", "dati.txt", "text/csv", "text/csv", "dati.txt", false),
        ("Ciao, sono io, Anna.\nCi sono, qui, due buche.\n", "nota.txt", "text/plain", "text/plain", "nota.txt", false),
        ("<!DOCTYPE html><p>ciao", "fattura.pdf", "application/pdf", "text/html", "fattura.pdf.html", true),
        ("\u{FEFF}  <!-- x --><HTML><body>", "a.txt", "text/plain", "text/html", "a.txt.html", true),
        ("guarda <script>alert(1)</script>", "a.txt", "text/plain", "text/plain", "a.txt", true),
        ("<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.png", "image/png", "image/svg+xml", "logo.png.svg", true),
        ("<?xml version='1.0'?><!DOCTYPE svg PUBLIC 'x' 'y'><svg/>", "a.svg", "", "image/svg+xml", "a.svg", true),
        ("<?xml version='1.0'?><x:svg xmlns:x='http://www.w3.org/2000/svg'/>", "a", "", "image/svg+xml", "a.svg", true),
        ("<?xml version='1.0'?><p:FatturaElettronica/>", "IT01.xml", "", "text/xml", "IT01.xml", false),
        (
            "<?xml version='1.0'?><?xml-stylesheet href='a.xsl'?><p:Fattura/>", "IT01.xml", "", "text/xml", "IT01.xml",
            true
        ),
        ("#!/bin/sh\nrm -rf /\n", "foto", "", "text/x-shellscript", "foto.sh", true),
        ("@echo off\r\ndel *.*\r\n", "a.bat", "", "text/x-msdos-batch", "a.bat", true),
        ("alert(1)", "a.js", "", "text/javascript", "a.js", true),
        ("<?php system('x');", "a.jpg", "image/jpeg", "text/x-php", "a.jpg.php", true),
        ("CreateObject(\"WScript.Shell\")", "a.vbs", "", "text/x-vbscript", "a.vbs", true),
        ("{\"a\": [1, 2]}", "a.json", "", "application/json", "a.json", false),
        (
            "From: a@example.it\r\nTo: b@example.it\r\nSubject: x\r\n\r\nciao\r\n", "a.eml", "message/rfc822",
            "message/rfc822", "a.eml", false
        ),
        ("Una lettera", "a.eml", "", "message/rfc822", "a.eml", false),
        ("", "vuoto.jpg", "image/jpeg", "application/octet-stream", "vuoto.jpg.bin", false),
        ("BEGIN:VCARD\r\nVERSION:3.0\r\nEND:VCARD\r\n", "a.vcf", "", "text/vcard", "a.vcf", false),
        ("{\\rtf1 ciao}", "a.doc", "application/msword", "text/rtf", "a.doc", false),
        ("{\\rtf1 {\\object\\objdata 01}}", "a.rtf", "", "text/rtf", "a.rtf", true),
        ("SP167, Camerino, MC, Marche, , Italia", "luogo.txt", "", "text/plain", "luogo.txt", false),
        ("MIIabc", "atto.pdf.p7m", "", "application/pkcs7-mime", "atto.pdf.p7m", false),
    ])
    func texts(_ text: String, _ given: String, _ declared: String, _ type: String, _ name: String, _ isActive: Bool)
        throws
    {
        let seen = try inspect(Array(text.utf8), name: given, declared: declared)
        #expect(seen.type == type)
        #expect(seen.name == name)
        #expect(seen.isActive == isActive)
        #expect(seen.publicCopy == nil)
    }

    @Test func utf16IsLookedThrough() throws {
        var html: [UInt8] = [0xFF, 0xFE]
        for unit in "<html><script>".utf16 { html += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        #expect(try inspect(html, name: "a.txt").isActive)
    }

    @Test func programsAreNamedForWhatTheyAre() throws {
        let seen = try inspect(TypeTests.portableExecutable, name: "fattura.pdf", declared: "application/pdf")
        #expect(seen.type == "application/vnd.microsoft.portable-executable")
        #expect(seen.name == "fattura.pdf.exe")
        #expect(seen.isActive)
        #expect(try inspect(TypeTests.portableExecutable, name: "foto.jpg.exe").name == "foto.jpg.exe")
        let picture = try inspect(TestPictures.jpeg(), name: "foto.jpg.exe")
        #expect(picture.name == "foto.jpg.exe.jpg")
        #expect(!picture.isActive)
        #expect(try inspect([1, 2, 3, 0, 0xFF], name: "x.exe").isActive)
    }

    @Test func documentsOfPDF() throws {
        let plain = try inspect(TypeTests.pdf, name: "atto.pdf")
        #expect(plain.type == "application/pdf")
        #expect(!plain.isActive)
        #expect(try inspect(TypeTests.pdf + Array("/JavaScript (app.alert)".utf8)).isActive)
    }

    @Test(arguments: [
        (["word/document.xml"], OfficeTypes.word, "docx", false),
        (["xl/workbook.xml"], OfficeTypes.sheet, "xlsx", false),
        (["ppt/presentation.xml"], OfficeTypes.slides, "pptx", false),
        (["word/document.xml", "word/vbaProject.bin"], OfficeTypes.wordMacros, "docm", true),
        (["xl/workbook.xml", "xl/vbaProject.bin"], OfficeTypes.sheetMacros, "xlsm", true),
        ([], "application/zip", "zip", false),
    ])
    func officeDocuments(_ parts: [String], _ type: String, _ ending: String, _ isActive: Bool) throws {
        let entries = ["[Content_Types].xml", "_rels/.rels"] + parts
        let seen = try inspect(TestArchives.make(.zip, entries.map { ($0, Array("<xml/>".utf8)) }), name: "documento")
        #expect(seen.type == type)
        #expect(seen.name == "documento.\(ending)")
        #expect(seen.isActive == isActive)
        #expect(seen.archive?.entries.count == entries.count)
    }

    @Test func openDocuments() throws {
        let type = "application/vnd.oasis.opendocument.text"
        func document(_ more: [String]) throws -> InspectedAttachment {
            let entries = [("mimetype", Array(type.utf8))] + (["content.xml"] + more).map { ($0, Array("<xml/>".utf8)) }
            return try inspect(TestArchives.make(.storedZip, entries), name: "a.odt")
        }
        #expect(try document([]).type == type)
        #expect(try document([]).isActive == false)
        #expect(try document(["Basic/Standard/Module1.xml"]).isActive)
    }

    @Test func programsInZips() throws {
        let entry = Array("x".utf8)
        #expect(
            try inspect(TestArchives.make(.zip, [("META-INF/MANIFEST.MF", entry)])).type == "application/java-archive")
        let packageOfAndroid = try inspect(
            TestArchives.make(.zip, [("AndroidManifest.xml", entry), ("classes.dex", entry)]))
        #expect(packageOfAndroid.type == "application/vnd.android.package-archive")
        #expect(packageOfAndroid.isActive)
        let hidden = try inspect(TestArchives.make(.zip, [("foto.jpg", TypeTests.portableExecutable)]))
        #expect(hidden.archive?.hasActive == true)
    }

    @Test func signedData() throws {
        let head: [UInt8] = [0x30, 0x80, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02, 0xA0, 0x80]
        let data: [UInt8] = [0x30, 0x80, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01]
        let content = head + data + [0xA0, 0x80] + TypeTests.pdf
        let seen = try inspect(content, name: "atto.pdf.p7m", declared: "application/octet-stream")
        #expect(seen.type == "application/pkcs7-mime")
        #expect(seen.name == "atto.pdf.p7m")
        #expect(try inspect(content, name: "atto.pdf").name == "atto.pdf.p7m")
        #expect(try inspect(content, name: "smime.p7s").type == "application/pkcs7-mime")
        #expect(try inspect(head + data + [0, 0], name: "firma").name == "firma.p7s")
        #expect(try inspect(head, name: "smime.p7s").type == "application/pkcs7-signature")
    }

    @Test func oldOfficeDocumentsWithMacros() throws {
        var content: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 1528)
        let plain = try inspect(content, name: "a.doc")
        #expect(plain.type == "application/msword")
        #expect(!plain.isActive)
        content += Array("_VBA_PROJECT".utf16).flatMap { [UInt8($0), 0] }
        #expect(try inspect(content, name: "a.doc").isActive)
    }

    // MARK: - Two things at once

    @Test func pictureThatIsAScript() throws {
        let content = TestPictures.gif(
            comment: "*/=1;alert(document.cookie)/*", behind: Array("*/;<script>alert(1)</script>".utf8))
        let seen = try inspect(content, name: "x.gif")
        #expect(seen.type == "image/gif")
        let copy = try #require(seen.publicCopy)
        #expect(copy[...].place(of: "alert") == nil)
    }

    @Test func documentThatIsAZip() throws {
        let zip = try TestArchives.make(.zip, [("setup.exe", Array("x".utf8))])
        for head in [TypeTests.pdf, TestPictures.jpeg()] {
            let seen = try inspect(head + zip, name: "x")
            #expect(["application/pdf", "image/jpeg"].contains(seen.type))
            #expect(seen.archive?.entries.map(\.path) == ["setup.exe"])
            #expect(seen.archive?.hasActive == true)
        }
        #expect(try inspect(TestPictures.jpeg() + zip).publicCopy == TestPictures.jpeg())
    }

    @Test func hashIsOfTheContent() throws {
        let seen = try inspect(Array("abc".utf8))
        let text = seen.hash.map { String($0, radix: 16) }
        #expect(seen.hash.count == 32 && text.prefix(4) == ["ba", "78", "16", "bf"])
        #expect(seen.bytes == 3)
    }
}
