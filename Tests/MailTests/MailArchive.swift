import Foundation
import TestSupport

@testable import Mail

/// A set of real mails, unpacked once into a temporary folder.
struct MailArchive: Sendable {
    let folder: URL

    static let stalwart = MailArchive("stalwart-mail-parser-legacy-rfc")
    static let mikel = MailArchive("mikel-mail-fixtures")
    static let enmime = MailArchive("enmime-testdata")
    static let sisimai = MailArchive("sisimai-bounces")
    static let pecGo = MailArchive("pec-go-pec")
    static let pecJava = MailArchive("pec-java-pec-parser")
    static let github = MailArchive("reply-quote-github")
    static let zapier = MailArchive("reply-quote-zapier")
    static let all = [stalwart, mikel, enmime, sisimai, pecGo, pecJava].compactMap(\.self)

    /// Null where the data are not at hand.
    private init?(_ name: String) {
        let path = "email/\(name).tar.xz"
        guard SharedData.has(path) else { return nil }
        folder = FileManager.default.temporaryDirectory.appending(path: "pasquino-\(name)-\(UUID().uuidString)")
        guard (try? SharedData.unpack(path, into: folder)) != nil else { return nil }
    }

    /// Paths within the archive, in their order.
    func files(_ suffixes: String...) -> [String] {
        let found = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return found.filter { path in suffixes.contains { path.hasSuffix($0) } }.sorted()
    }

    func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: folder.appending(path: path))) }
    func read(_ path: String) throws -> MailMessage { MailReader().read(try bytes(path)) }
    func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }
}

/// How many of a set came out as expected, and which did not.
struct Tally {
    var right = 0
    var wrong: [String] = []
    var share: Double { Double(right) / Double(max(1, right + wrong.count)) }

    mutating func count(_ isRight: Bool, _ name: String) {
        if isRight { right += 1 } else { wrong.append(name) }
    }
}
