import Foundation
import Rules

/// Where the database is, as written: `embedded`, or a libpq connection string without a password in it.
enum DatabaseText {
    static func read(_ fields: Fields, _ key: String) -> Configuration.Database.Connection? {
        guard let value = fields[key], let written = value.node.text else { return nil }
        if holdsPassword(written) {
            fields.reader.error(
                "database holds a password in plain sight: write ${env:NAME} instead of it, or use passfile=, a .pgpass "
                    + "file or the socket's own authentication", at: value.place)
        }
        guard let text = fields.expanded(key) else { return nil }
        if text == "embedded" { return .embedded }
        if !isURL(text), !text.contains("=") {
            fields.reader.error(
                "database: expected embedded or a libpq connection string, such as \"host=/run/postgresql "
                    + "dbname=pasquino\"", at: value.place)
        }
        return .string(text)
    }

    private static func isURL(_ text: String) -> Bool {
        text.lowercased().hasPrefix("postgresql://") || text.lowercased().hasPrefix("postgres://")
    }

    /// Looks at what stands in the file: what `${env:…}` brings is where it belongs.
    private static func holdsPassword(_ written: String) -> Bool {
        if isURL(written), let start = written.range(of: "://")?.upperBound {
            let authority = written[start...].prefix { !"/?#".contains($0) }
            if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":"),
                isLiteral(authority[authority.index(after: colon)..<at])
            {
                return true
            }
        }
        // password and sslpassword, with spaces around the equals sign as libpq allows.
        return written.lowercased().components(separatedBy: "password").dropFirst().contains { rest in
            let rest = rest.drop(while: \.isWhitespace)
            return rest.first == "=" && isLiteral(rest.dropFirst().drop { $0.isWhitespace || $0 == "'" })
        }
    }

    private static func isLiteral(_ value: Substring) -> Bool { !value.isEmpty && !value.hasPrefix("${env:") }
}
