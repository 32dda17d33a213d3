import Civic
import Settings

/// One template of a city, with what it is written in.
struct TemplateRow {
    let name: String
    /// `citizens`, `offices`, `chats`.
    let to: String
    let languages: [String]
    /// In the city's own language.
    let kinds: [String]

    static func all(in city: Configuration) -> [TemplateRow] {
        var languages: [String: Set<String>] = [:]
        var kinds: [String: Set<String>] = [:]
        for (language, files) in city.templates {
            for (name, kind) in files.keys.compactMap(TemplateNames.parts) where !name.hasPrefix("_") {
                languages[name, default: []].insert(language)
                if language == city.city.language { kinds[name, default: []].insert(kind) }
            }
        }
        let order = ["subject", "txt", "html", "io", "chat"]
        return languages.keys.sorted().map { name in
            let to =
                TemplateNames.isToOffice(name)
                ? "offices" : TemplateNames.isSaidInChatsOnly(name) ? "chats" : "citizens"
            let spoken = city.city.languages.filter { languages[name]?.contains($0) == true }
            return TemplateRow(
                name: name, to: to, languages: spoken, kinds: order.filter { kinds[name]?.contains($0) == true })
        }
    }

    var json: JSON {
        .object([
            ("name", .string(name)), ("to", .string(to)), ("languages", .strings(languages)),
            ("kinds", .strings(kinds)),
        ])
    }
}
