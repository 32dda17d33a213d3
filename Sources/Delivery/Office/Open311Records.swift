private import CXML
import FoundationEssentials

/// What a GeoReport v2 server answers: a list of plain records, in JSON or XML, whichever it felt like.
public enum Open311Records {
    /// A server that says more is not looked at further.
    private static let most = 2000

    /// - Returns: nil if it is neither; members without a value are left out.
    public static func read(_ body: [UInt8]) -> [[String: String]]? {
        guard let first = body.first(where: { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }) else { return nil }
        return first == UInt8(ascii: "<") ? xml(body) : json(body)
    }

    private static func xml(_ body: [UInt8]) -> [[String: String]]? {
        let box = Box()
        let read = body.withUnsafeBytes { bytes in
            cxml_read(
                bytes.assumingMemoryBound(to: CChar.self).baseAddress!, bytes.count, Int32(most),
                Unmanaged.passUnretained(box).toOpaque()
            ) { context, record, name, text in
                guard let context else { return }
                let box = Unmanaged<Box>.fromOpaque(context).takeUnretainedValue()
                while box.records.count <= Int(record) { box.records.append([:]) }
                let text = String(cString: text)
                if !text.allSatisfy(\.isWhitespace) { box.records[Int(record)][String(cString: name)] = text }
            }
        }
        return withExtendedLifetime(box) { read == 0 ? box.records : nil }
    }

    private final class Box {
        var records: [[String: String]] = []
    }

    /// A list; or, as some servers have it, a list below the name that it has in XML, or a record alone.
    private static func json(_ body: [UInt8]) -> [[String: String]]? {
        let decoder = JSONDecoder()
        let data = Data(body)
        if let list = try? decoder.decode([Record].self, from: data) { return list.prefix(most).map(\.members) }
        if let nested = try? decoder.decode([String: [Record]].self, from: data), let list = nested.values.first {
            return list.prefix(most).map(\.members)
        }
        return (try? decoder.decode(Record.self, from: data)).map { [$0.members] }
    }

    private struct Record: Decodable {
        var members: [String: String] = [:]

        private struct Name: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Name.self)
            for name in values.allKeys {
                if let text = try? values.decode(String.self, forKey: name) {
                    if !text.isEmpty { members[name.stringValue] = text }
                } else if let number = try? values.decode(Int64.self, forKey: name) {
                    members[name.stringValue] = String(number)
                } else if let flag = try? values.decode(Bool.self, forKey: name) {
                    members[name.stringValue] = flag ? "true" : "false"
                } else if let number = try? values.decode(Double.self, forKey: name) {
                    members[name.stringValue] = String(number)
                }
            }
        }
    }
}
