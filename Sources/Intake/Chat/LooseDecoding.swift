extension KeyedDecodingContainer {
    /// The member, or nil if it is missing, null or of another type: what a messenger adds or changes some day must not
    /// cost what it says beside it.
    func loose<Value: Decodable>(_ key: Key, as type: Value.Type = Value.self) -> Value? {
        try? decodeIfPresent(Value.self, forKey: key)
    }
}

/// A member by the name that it has on the wire.
struct MemberName: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init(stringLiteral name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension String {
    /// An ISO 639-1 code, of a BCP 47 tag such as `it-IT`.
    var primaryLanguage: String? {
        let primary = prefix { $0 != "-" && $0 != "_" }.lowercased()
        return primary.utf8.count == 2 && primary.utf8.allSatisfy { (0x61...0x7A).contains($0) } ? primary : nil
    }

    /// A messenger's word for a kind of event, as the label of a count: nothing else may become one.
    var asKind: String {
        let isWord = !isEmpty && utf8.count <= 64 && utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F }
        return isWord ? self : "other"
    }
}
