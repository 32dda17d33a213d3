import Civic
import Crypto

/// How a mail proves which ticket it answers: by a token that only we can make, in the address it is sent to and in the
/// Message-IDs it refers to.
///
/// The token is the ticket's code, a dot, and 65 bits of an HMAC over it: `rm-7q4k2mxd.4hj2k9v0aqtz3`. Letters' case is
/// no part of it, since mail systems change it.
extension Instance {
    public func threadToken(of code: String) -> String {
        let code = code.uppercased()
        let digest = Array(authentication(of: "mail\u{0}\(code)"))
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        var bits: UInt64 = digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        var text: [UInt8] = []
        for _ in 0..<12 {
            text.append(digits[Int(bits >> 59)])
            bits <<= 5
        }
        text.append(digits[Int(digest[8] & 31)])
        return "\(code.lowercased()).\(String(decoding: text, as: UTF8.self))"
    }

    /// The code in a token, if we made it.
    public func code(inThreadToken token: some StringProtocol) -> String? {
        let token = token.lowercased()
        guard token.utf8.count < 64, let dot = token.lastIndex(of: ".") else { return nil }
        let code = token[..<dot].uppercased()
        let expected = Array(threadToken(of: code).utf8)
        let given = Array(token.utf8)
        guard expected.count == given.count, zip(expected, given).reduce(UInt8(0), { $0 | ($1.0 ^ $1.1) }) == 0 else {
            return nil
        }
        return code
    }

    /// The code in `anything+TOKEN@domain` (RFC 5233), if we made the token.
    public func code(inAddress address: String) -> String? {
        guard let at = address.lastIndex(of: "@") else { return nil }
        let local = address[..<at]
        guard let plus = local.lastIndex(of: "+") else { return nil }
        return code(inThreadToken: local[local.index(after: plus)...])
    }

    /// What a Message-ID of ours tells.
    public struct OwnMail: Hashable, Sendable {
        public let code: String
        /// Null: the ticket's thread as a whole.
        public let notification: Identifier?
    }

    /// `NOTIFICATION.TOKEN@domain` or `ticket.TOKEN@domain`, without angle brackets, if we made it.
    public func ownMail(messageID: String) -> OwnMail? {
        guard messageID.utf8.count < 300, let at = messageID.lastIndex(of: "@") else { return nil }
        let left = messageID[..<at]
        guard let dot = left.firstIndex(of: "."), let code = code(inThreadToken: left[left.index(after: dot)...]) else {
            return nil
        }
        return OwnMail(code: code, notification: Identifier(String(left[..<dot])))
    }
}
