/// Addresses of a field (RFC 5322, 3.4), as mail programs write them: linear, without recursion.
struct Addresses {
    private var result: [MailAddress] = []
    /// What stands before `<`, or the whole of an address without brackets; quotes resolved.
    private var phrase: [UInt8] = []
    private var angle: [UInt8]?
    private var comment: [UInt8] = []
    private var wasQuoted = false

    static func read(_ raw: ArraySlice<UInt8>) -> [MailAddress] {
        var reader = Addresses()
        reader.scan(EncodedWords.unfold(raw.prefix(Limits.field)))
        return reader.result
    }

    private mutating func scan(_ value: [UInt8]) {
        var at = 0
        while at < value.count, result.count < Limits.addresses {
            let byte = value[at]
            switch byte {
            case 0x22: at = quoted(value, from: at + 1)
            case 0x28: at = skipComment(value, from: at + 1)
            case 0x3C:
                let end = value[at...].firstIndex { $0 == 0x3E } ?? value.endIndex
                // `<<a@b>` and routes (`<@relay:a@b>`) end in the address that counts.
                let inner = value[(at + 1)..<end].filter { $0 != 0x3C && !$0.isSpace }
                let route = inner.first == 0x40 ? inner.lastIndex(of: 0x3A) : nil
                angle = route.map { Array(inner[($0 + 1)...]) } ?? Array(inner)
                at = end + 1
                continue
            case 0x3E where angle != nil: break
            case 0x2C, 0x3B: finish()
            case 0x3A where angle == nil && !phrase.contains(0x40) && !isWord(phrase): phrase = []
            default: phrase.append(byte)
            }
            at += 1
        }
        finish()
    }

    /// Within an encoded word, whose colon means nothing.
    private func isWord(_ phrase: [UInt8]) -> Bool {
        guard let last = phrase.lastIndex(of: 0x3D) else { return false }
        return last + 1 < phrase.endIndex && phrase[last + 1] == 0x3F
    }

    private mutating func quoted(_ value: [UInt8], from start: Int) -> Int {
        var at = start
        wasQuoted = true
        while at < value.count, value[at] != 0x22 {
            if value[at] == 0x5C, at + 1 < value.count { at += 1 }
            phrase.append(value[at])
            at += 1
        }
        return at
    }

    private mutating func skipComment(_ value: [UInt8], from start: Int) -> Int {
        var at = start
        var depth = 1
        while at < value.count {
            if value[at] == 0x5C, at + 1 < value.count {
                at += 1
            } else if value[at] == 0x28 {
                depth += 1
            } else if value[at] == 0x29 {
                depth -= 1
                if depth == 0 { return at }
            }
            comment.append(value[at])
            at += 1
        }
        return at
    }

    private mutating func finish() {
        defer {
            phrase = []
            angle = nil
            comment = []
            wasQuoted = false
        }
        let written = text(phrase)
        if let angle {
            let address = text(angle)
            var name = written.isEmpty ? text(comment) : written
            // `Rossi, Maria <m@x>`: the comma stood without quotes.
            if let last = result.last, last.address.isEmpty, let before = last.name, !name.isEmpty {
                name = "\(before), \(name)"
                result.removeLast()
            }
            guard !address.isEmpty || !name.isEmpty else { return }
            result.append(MailAddress(name: name.isEmpty ? nil : name, address: address))
            return
        }
        guard !written.isEmpty else { return }
        let words = written.split(whereSeparator: \.isWhitespace)
        if let address = words.first(where: { $0.contains("@") }), words.count == 1 || !wasQuoted {
            // The brackets may have stood within an encoded word.
            let bare = address.trimmingCharacters { $0 == "<" || $0 == ">" }
            let name = comment.isEmpty ? words.filter { $0 != address }.joined(separator: " ") : text(comment)
            result.append(MailAddress(name: name.isEmpty ? nil : name, address: bare))
        } else {
            // A word alone is a name, not a local user: nothing can be sent to it.
            result.append(MailAddress(name: written, address: ""))
        }
    }

    private func text(_ bytes: [UInt8]) -> String {
        EncodedWords.decode(bytes[...]).split(whereSeparator: \.isWhitespace).joined(separator: " ")
            .trimmingCharacters { $0 == "'" || $0 == "\"" }
    }
}
