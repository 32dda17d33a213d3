import Rules

/// Where the shadow's rules stand: a directory of its own below the configuration's, so that it can change places with
/// `rules` at one stroke.
enum ShadowDirectory {
    static func name(_ fields: Fields) -> Placed<String>? {
        guard let given = fields.placed("shadow") else { return nil }
        var parts = given.value.split(separator: "/", omittingEmptySubsequences: false)
        if parts.last == "" { parts.removeLast() }
        let taken = ["rules", "areas", "templates"]
        guard !parts.isEmpty, parts.allSatisfy({ !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("\0") }),
            !taken.contains(String(parts[0]))
        else {
            fields.reader.error(
                "shadow: expected a directory below this one and not in rules, areas or templates, such as rules-next",
                at: given.place)
            return nil
        }
        return Placed(parts.joined(separator: "/"), at: given.place)
    }
}
