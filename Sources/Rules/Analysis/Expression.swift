/// A regular expression taken apart, as far as the analysis needs: whether folded text can match it, and a text that
/// does. What it does not understand, it takes for something that can.
indirect enum Expression {
    /// Of these scalars; nil are too many to list.
    case one(of: [Unicode.Scalar]?, sample: Unicode.Scalar)
    /// A place between letters.
    case place
    case sequence([Expression])
    case choice([Expression])
    case times(Int, Expression)

    /// - Parameter source: RE2's syntax, valid.
    init(_ source: String) {
        var parser = ExpressionParser(source)
        self = parser.choice()
    }

    /// The shortest text of the first alternatives.
    var sample: String {
        switch self {
        case .one(_, let sample): String(Character(sample))
        case .place: ""
        case .sequence(let parts): parts.map(\.sample).joined()
        // One that asks for nothing tells little.
        case .choice(let parts): parts.first.map(\.sample) ?? ""
        case .times(let least, let inner): String(repeating: inner.sample, count: min(least, 50))
        }
    }

    /// A letter or sign that it needs and that no folded text has.
    var impossible: Unicode.Scalar? {
        switch self {
        case .one(let scalars, let sample):
            return scalars.map { $0.allSatisfy { !FoldedLetters.contains($0) } } == true ? sample : nil
        case .place: return nil
        case .sequence(let parts): return parts.lazy.compactMap(\.impossible).first
        case .choice(let parts):
            let all = parts.map(\.impossible)
            return all.contains { $0 == nil } ? nil : all.first ?? nil
        case .times(let least, let inner): return least == 0 ? nil : inner.impossible
        }
    }
}

/// The scalars that a lightly folded text may hold.
enum FoldedLetters {
    private static let beyondFolding: Set<Unicode.Scalar> = {
        var all: Set<Unicode.Scalar> = []
        for value in UInt32(0)..<0x30000 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            var packed = ScalarFolder.light.packed(scalar)
            var bytes: [UInt8] = []
            while packed != 0 {
                bytes.append(UInt8(truncatingIfNeeded: packed))
                packed >>= 8
            }
            all.formUnion(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        }
        return all
    }()

    static func contains(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x61...0x7A, 0x20...0x40: true
        case 0..<0x30000: beyondFolding.contains(scalar)
        default: true
        }
    }
}
