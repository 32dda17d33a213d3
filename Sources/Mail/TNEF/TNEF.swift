/// winmail.dat, Outlook's envelope within an envelope (MS-OXTNEF): the files in it, and the text if it stands nowhere else.
///
/// Read here and not by libytnef: what is wanted is two dozen attributes of a list, and every length in it comes from
/// strangers. A file that breaks off gives what stood before.
struct TNEF {
    private(set) var attachments: [MailAttachment] = []
    /// The first of: plain text, HTML made readable, RTF's words.
    private(set) var text: String?

    private static let mostFiles = 200
    private var codepage = "windows-1252"
    private var current: MailAttachment?
    private var plain: String?
    private var html: String?
    private var rtf: String?

    static func recognises(_ part: Part) -> Bool {
        ["application/ms-tnef", "application/vnd.ms-tnef"].contains(part.type)
            || part.name?.lowercased() == "winmail.dat"
    }

    /// Null if it does not begin as one.
    init?(_ bytes: ArraySlice<UInt8>) {
        var cursor = LittleEndian(bytes)
        guard cursor.uint32() == 0x223E_9F78, cursor.uint16() != nil else { return nil }
        while let level = cursor.uint8(), level == 1 || level == 2, let tag = cursor.uint32(),
            let length = cursor.uint32(),
            let data = cursor.bytes(Int(length)), cursor.uint16() != nil
        {
            read(UInt16(truncatingIfNeeded: tag), data)
            if attachments.count >= Self.mostFiles { break }
        }
        finishAttachment()
        text = plain ?? html ?? rtf
    }

    /// Attributes by their ids (MS-OXTNEF, 2.1.3.2).
    private mutating func read(_ id: UInt16, _ data: ArraySlice<UInt8>) {
        switch id {
        case 0x9007:
            var cursor = LittleEndian(data)
            if let page = cursor.uint32(), page > 0, page < 70_000 { codepage = "cp\(page)" }
        case 0x800C: plain = string(data)
        case 0x9003:
            for property in MAPIProperties(data).all { readMessage(property) }
        case 0x9002:
            finishAttachment()
            current = MailAttachment(name: nil, type: "application/octet-stream", content: [])
        case 0x8010:
            let name = string(data)
            if current?.name == nil { current?.name = name }
        case 0x800F: current?.content = Array(data)
        case 0x9005:
            for property in MAPIProperties(data).all { readAttachment(property) }
        default: break
        }
    }

    private mutating func readMessage(_ property: MAPIProperties.Property) {
        switch property.id {
        case 0x1000: plain = plain ?? string(property)
        case 0x1013:
            var defects: Set<String> = []
            let markup = Charset.decode(property.data, label: codepage, most: Limits.markup)
            html = HTMLText.read(markup, defects: &defects)
        case 0x1009: rtf = RTF.decompress(property.data).map(RTF.text)
        default: break
        }
    }

    private mutating func readAttachment(_ property: MAPIProperties.Property) {
        guard var file = current else { return }
        switch property.id {
        case 0x3707: file.name = string(property) ?? file.name
        case 0x3704: file.name = file.name ?? string(property)
        case 0x370E: file.type = string(property)?.lowercased() ?? file.type
        case 0x3712: file.contentID = string(property)
        // An object carries the id of its interface first; the file follows.
        case 0x3701 where file.content.isEmpty:
            file.content = Array(property.type == 0x000D ? property.data.dropFirst(16) : property.data)
        default: break
        }
        current = file
    }

    private mutating func finishAttachment() {
        if let current, !current.content.isEmpty || current.name != nil { attachments.append(current) }
        current = nil
    }

    private func string(_ property: MAPIProperties.Property) -> String? {
        property.type == 0x001F
            ? clean(Charset.convert(property.data, from: "utf-16le", most: Limits.text)?.text ?? "")
            : string(property.data)
    }

    private func string(_ data: ArraySlice<UInt8>) -> String? { clean(Charset.decode(data, label: codepage)) }

    private func clean(_ text: String) -> String? {
        let text = PlainText.normalize(text)
        return text.utf8.allSatisfy(\.isSpace) ? nil : text
    }
}

/// A list of MAPI properties as TNEF writes them (MS-OXTNEF, 2.1.3.4).
struct MAPIProperties {
    struct Property {
        var type: UInt16
        var id: UInt16
        var data: ArraySlice<UInt8>
    }

    private(set) var all: [Property] = []

    init(_ bytes: ArraySlice<UInt8>) {
        var cursor = LittleEndian(bytes)
        guard let count = cursor.uint32() else { return }
        for _ in 0..<min(count, 2_000) {
            guard let type = cursor.uint16(), let id = cursor.uint16() else { return }
            if id >= 0x8000 {
                guard cursor.skipName() else { return }
            }
            let isMany = type & 0x1000 != 0
            let base = type & 0x0FFF
            let isLong = [0x001E, 0x001F, 0x0102, 0x000D].contains(base)
            var values: UInt32 = 1
            if isMany || isLong {
                guard let given = cursor.uint32(), given <= 10_000 else { return }
                values = given
            }
            for index in 0..<values {
                var length = Self.size(base)
                if isLong {
                    guard let given = cursor.uint32() else { return }
                    length = Int(given)
                }
                guard length > 0 || isLong, let data = cursor.bytes(length) else { return }
                if index == 0 { all.append(Property(type: base, id: id, data: data)) }
                cursor.align(length)
            }
        }
    }

    /// Bytes of a type whose values have one size.
    private static func size(_ type: UInt16) -> Int {
        switch type {
        case 0x0002, 0x0003, 0x0004, 0x000A, 0x000B: 4
        case 0x0005, 0x0006, 0x0007, 0x0014, 0x0040: 8
        case 0x0048: 16
        default: 0
        }
    }
}

/// Numbers and bytes one after another; null at the end.
struct LittleEndian {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    mutating func uint8() -> UInt8? { rest.popFirst() }
    mutating func uint16() -> UInt16? { bytes(2).map { $0.reversed().reduce(0) { $0 << 8 | UInt16($1) } } }
    mutating func uint32() -> UInt32? { bytes(4).map { $0.reversed().reduce(0) { $0 << 8 | UInt32($1) } } }

    /// To the next four bytes, after a value of this length.
    mutating func align(_ length: Int) { rest = rest.dropFirst((4 - length % 4) % 4) }

    /// A named property's set, and its number or name.
    mutating func skipName() -> Bool {
        guard bytes(16) != nil, let kind = uint32(), let value = uint32() else { return false }
        guard kind == 1 else { return true }
        guard bytes(Int(value)) != nil else { return false }
        align(Int(value))
        return true
    }
}
