import Crypto
import Foundation
import HTTPTypes
import Settings

/// HMAC-SHA256 of the body as it came, as GitHub and many others sign: hexadecimal or base64, with or without `sha256=`
/// before it. It says nothing of the time: a recorded request can be sent again, and is then the same message.
struct BodySignatures: Sendable {
    let header: HTTPField.Name
    private let keys: [SymmetricKey]

    /// - Returns: nil if there is no such header field.
    init?(_ settings: BodySignature) {
        guard let name = HTTPField.Name(settings.header) else { return nil }
        header = name
        keys = settings.secrets.map { SymmetricKey(data: Array($0.value.utf8)) }
    }

    func accepts(_ signature: String, body: [UInt8]) -> Bool {
        guard let given = BodySignatures.given(in: signature) else { return false }
        return keys.contains { key in
            Authentication.equal(Array(HMAC<SHA256>.authenticationCode(for: body, using: key)), given)
        }
    }

    func sign(_ body: [UInt8]) -> [(name: String, value: String)] {
        guard let key = keys.first else { return [] }
        let code = HMAC<SHA256>.authenticationCode(for: body, using: key)
        return [(header.rawName, Data(code).base64EncodedString())]
    }

    /// The signature's bytes, if it has the length of one. The two ways of writing differ in length.
    static func given(in signature: String) -> [UInt8]? {
        guard signature.utf8.count <= 100 else { return nil }
        let text = signature.hasPrefix("sha256=") ? String(signature.dropFirst(7)) : signature
        let bytes: [UInt8]?
        if text.utf8.count == 2 * SHA256.byteCount {
            let digits = text.utf8.map { Int8(truncatingIfNeeded: Character(Unicode.Scalar($0)).hexDigitValue ?? -1) }
            guard digits.allSatisfy({ $0 >= 0 }) else { return nil }
            bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0]) << 4 | UInt8(digits[$0 + 1]) }
        } else {
            bytes = Data(base64Encoded: text).map(Array.init)
        }
        return bytes?.count == SHA256.byteCount ? bytes : nil
    }
}
