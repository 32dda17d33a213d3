import Civic
import Rules

/// Names that stand for two things: whoever reads them takes one, and nobody knows which.
enum Ambiguities {
    static func warn(offices: [(office: Office, fields: Fields)], areas: [Area], base: String, _ reader: Reader) {
        var owners: [String: String] = [:]
        for (office, fields) in offices {
            // A name with dates may pass from one office to another.
            let aliases = office.aliases.filter { $0.from == nil && $0.until == nil }.map(\.name)
            for name in office.names.values.sorted() + aliases {
                let owner = owners[foldedKey(name)] ?? office.code
                owners[foldedKey(name)] = owner
                guard owner != office.code else { continue }
                reader.warn("\(name) is also a name of the office \(owner): remove it from one", at: fields.place)
            }
        }
        owners = [:]
        for area in areas {
            for name in [area.code] + area.names.values.sorted() + area.aliases {
                let owner = owners[foldedKey(name)] ?? area.code
                owners[foldedKey(name)] = owner
                guard owner != area.code else { continue }
                reader.warn(
                    "\(name) is a name of the areas \(owner) and \(area.code): remove it from one",
                    at: SourcePlace(file: "\(base)/areas", line: 1, column: 1))
            }
        }
    }
}
