import Settings

/// Finding values in foreign data.
extension FieldValue {
    /// Where a value stands: the members' names and elements' numbers on the way.
    typealias Place = [String]

    /// What stands at a path, in its order. An element of something that is no list is the thing itself: a form with one
    /// file sends no list of them.
    func found(at path: FieldPath) -> [(place: Place, value: FieldValue)] {
        var all: [(Place, FieldValue)] = []
        collect(path.steps[...], at: [], &all)
        return all
    }

    private func collect(_ steps: ArraySlice<FieldPath.Step>, at place: Place, _ all: inout [(Place, FieldValue)]) {
        guard let step = steps.first else {
            all.append((place, self))
            return
        }
        switch (self, step) {
        case (.nested(let members), .member):
            guard let (name, length) = FieldValue.longest(steps, in: members), let value = members[name] else { return }
            value.collect(steps.dropFirst(length), at: place + [name], &all)
        case (.nested(let members), .every):
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                value.collect(steps.dropFirst(), at: place + [name], &all)
            }
        case (.list(let elements), .member(let name)):
            guard let index = Int(name), elements.indices.contains(index) else { return }
            elements[index].collect(steps.dropFirst(), at: place + [String(index)], &all)
        case (.list(let elements), .every):
            for (index, element) in elements.enumerated() {
                element.collect(steps.dropFirst(), at: place + [String(index)], &all)
            }
        case (.leaf, .every), (.leaf, .member("0")): collect(steps.dropFirst(), at: place, &all)
        case (.leaf, .member): break
        }
    }

    /// The member with the longest name that the steps begin with, joined with dots, and how many they are.
    private static func longest(
        _ steps: ArraySlice<FieldPath.Step>, in members: [String: FieldValue]
    ) -> (name: String, length: Int)? {
        var name = ""
        var best: (String, Int)?
        for (index, step) in steps.enumerated() {
            guard case .member(let part) = step else { break }
            name += index == 0 ? part : ".\(part)"
            if members[name] != nil { best = (name, index + 1) }
        }
        return best
    }

    /// As words: numbers and truth values as they are written, lists of them with commas. Nil if it holds objects.
    var words: String? {
        switch self {
        case .leaf(let text): return text
        case .nested: return nil
        case .list(let elements):
            let leaves = elements.compactMap { if case .leaf(let text) = $0 { text } else { nil } }
            return leaves.count == elements.count ? leaves.filter { !$0.isEmpty }.joined(separator: ", ") : nil
        }
    }

    mutating func replace(_ place: ArraySlice<String>, with new: FieldValue) {
        guard let step = place.first else {
            self = new
            return
        }
        switch self {
        case .nested(var members):
            members[step]?.replace(place.dropFirst(), with: new)
            self = .nested(members)
        case .list(var elements):
            guard let index = Int(step), elements.indices.contains(index) else { return }
            elements[index].replace(place.dropFirst(), with: new)
            self = .list(elements)
        case .leaf: break
        }
    }

    /// What stands nowhere in `used`, flattened as a form's fields are, without what is empty.
    func rest(without used: Set<Place>) -> [(name: String, text: String)] {
        var all: [(String, String)] = []
        flatten(at: [], without: used, &all)
        return all
    }

    private func flatten(at place: Place, without used: Set<Place>, _ all: inout [(String, String)]) {
        guard !used.contains(place) else { return }
        switch self {
        case .leaf(let text): if !text.isEmpty { all.append((place.joined(separator: "."), text)) }
        case .nested(let members):
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                value.flatten(at: place + [name], without: used, &all)
            }
        case .list(let elements):
            if let words {
                let isUsed = elements.indices.contains { used.contains(place + [String($0)]) }
                if !words.isEmpty, !isUsed { all.append((place.joined(separator: "."), words)) }
                if !isUsed { return }
            }
            for (index, element) in elements.enumerated() {
                element.flatten(at: place + [String(index)], without: used, &all)
            }
        }
    }
}
