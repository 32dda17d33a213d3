import Foundation
import Testing

@testable import Mail

/// Against the trees that another parser reads from the same mails. Where it gives U+FFFD for 8-bit header bytes and text,
/// we read windows-1252; where it leaves uuencoded files in the text, we make them attachments: those count as different.
@Suite(.enabled(if: MailArchive.stalwart != nil, "the set of parsed mails is not at hand"))
struct ParserSetTests {
    private struct Tree: Equatable {
        var type: String
        var charset: String?
        var children: [Tree] = []
    }

    @Test func asTheReferenceReads() throws {
        let archive = try #require(MailArchive.stalwart)
        var structure = Tally()
        var text = Tally()
        var attachments = Tally()
        var from = Tally()
        for path in archive.files(".eml") {
            let mail = try archive.read(path)
            let json = try JSONSerialization.jsonObject(
                with: Data(archive.bytes(path.dropLast(3) + "json")))
            let reference = try #require(json as? [String: Any])
            structure.count(ours(mail.structure) == theirs(reference, 0), path)
            attachments.count(mail.attachments.count == (reference["attachments"] as? [Any])?.count, path)
            if let expected = plain(reference) { text.count(words(mail.text) == words(expected), path) }
            if let expected = sender(reference) { from.count(mail.header.from.first?.address == expected, path) }
        }
        #expect(structure.share >= 0.99, "\(structure.wrong)")
        #expect(attachments.share >= 0.98, "\(attachments.wrong)")
        #expect(text.share >= 0.94, "\(text.wrong)")
        #expect(from.share >= 0.99, "\(from.wrong)")
    }

    private func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }

    private func ours(_ part: MailPart) -> Tree {
        Tree(type: part.type, charset: part.charset, children: part.children.map(ours))
    }

    private func theirs(_ message: [String: Any], _ index: Int, in holder: String = "") -> Tree {
        let part = (message["parts"] as? [[String: Any]])?[index] ?? [:]
        let (type, charset) = contentType(part) ?? (holder == "multipart/digest" ? "message/rfc822" : "text/plain", nil)
        let body = part["body"] as? [String: Any] ?? [:]
        var tree = Tree(type: type, charset: charset)
        if let children = body["Multipart"] as? [Int] { tree.children = children.map { theirs(message, $0, in: type) } }
        if let inner = body["Message"] as? [String: Any] { tree.children = [theirs(inner, 0)] }
        return tree
    }

    private func contentType(_ part: [String: Any]) -> (String, String?)? {
        for header in part["headers"] as? [[String: Any]] ?? [] where header["name"] as? String == "content_type" {
            guard let value = (header["value"] as? [String: Any])?["ContentType"] as? [String: Any],
                let type = value["c_type"] as? String, let subtype = value["c_subtype"] as? String
            else { continue }
            let charset = (value["attributes"] as? [[String: String]])?.first { $0["name"] == "charset" }?["value"]
            return ("\(type)/\(subtype)".lowercased(), charset?.lowercased())
        }
        return nil
    }

    /// Null if some of the text is HTML.
    private func plain(_ message: [String: Any]) -> String? {
        let parts = message["parts"] as? [[String: Any]] ?? []
        let bodies = (message["text_body"] as? [Int] ?? []).compactMap { parts[$0]["body"] as? [String: Any] }
        guard !bodies.contains(where: { $0["Html"] != nil }) else { return nil }
        return bodies.compactMap { $0["Text"] as? String }.joined(separator: "\n")
    }

    private func sender(_ message: [String: Any]) -> String? {
        let headers = ((message["parts"] as? [[String: Any]])?[0]["headers"]) as? [[String: Any]] ?? []
        guard let from = headers.first(where: { $0["name"] as? String == "from" }),
            let address = (from["value"] as? [String: Any])?["Address"] as? [String: Any]
        else { return nil }
        return (address["List"] as? [[String: Any]])?.first?["address"] as? String
    }
}
