import Civic

/// A message that shows what the analysis claims. The evaluation of the rules has been asked about it.
public struct Witness: Hashable, Sendable, CustomStringConvertible {
    public let input: RuleInput
    /// The text and what else matters of it, in a line.
    public let description: String
}

/// Builds messages that fulfil a formula.
struct WitnessMaker {
    let table: AtomTable
    let zone: Zone
    /// How many ways of fulfilling a formula are tried.
    static let attempts = 6

    /// - Parameters:
    ///   - attempt: which alternatives are taken.
    ///   - text: stands in front, for what only an operator's example fulfils.
    /// - Returns: nil if no such message was found; whether it does what it should, only the evaluation can tell.
    func witness(of formula: Formula, attempt: Int, text: String = "") -> Witness? {
        var draft = Draft(attempt: attempt)
        draft.rule(out: formula)
        draft.collect(formula, table)
        return draft.witness(table, zone, text: text)
    }
}

private struct Draft {
    let attempt: Int
    private var unwanted: Set<Int> = []
    private var wanted: [Int] = []

    init(attempt: Int) { self.attempt = attempt }

    mutating func rule(out formula: Formula) {
        switch formula {
        case .all(let parts): for part in parts { rule(out: part) }
        case .none(let group): unwanted.formUnion(group.atoms)
        case .any, .some: break
        }
    }

    mutating func collect(_ formula: Formula, _ table: AtomTable) {
        switch formula {
        case .all(let parts):
            // What leaves no choice comes first.
            for part in parts { if case .some(let group) = part, group.atoms.count == 1 { wanted += group.atoms } }
            for part in parts { collect(part, table) }
        case .any(let parts):
            guard !parts.isEmpty else { return }
            let part = parts[attempt % parts.count]
            rule(out: part)
            collect(part, table)
        case .some(let group):
            if wanted.contains(where: { group.contains($0) || table.implied(by: $0).contains(where: group.contains) }) {
                return
            }
            let possible = group.atoms.filter { isPossible($0, table) }
            if !possible.isEmpty { wanted.append(possible[attempt % possible.count]) }
        case .none: break
        }
    }

    private func isPossible(_ atom: Int, _ table: AtomTable) -> Bool {
        !unwanted.contains(atom) && !table.implied(by: atom).contains(where: unwanted.contains)
            && !wanted.contains { table.excludes($0, atom) }
    }

    func witness(_ table: AtomTable, _ zone: Zone, text: String) -> Witness? {
        var message = Message(
            id: Identifier(high: 0, low: 0), channel: "", externalID: "", receivedAt: Timestamp(seconds: 0), text: "")
        var body = text.isEmpty ? [] : [text]
        var subject: [String] = []
        var input = RuleInput(message: message, language: "", area: place(table), at: Timestamp(seconds: 0))
        var context: [String] = []
        var minutes = MinutesOfWeek.all
        for atom in wanted {
            switch table[atom] {
            case .pattern(let part, let written):
                let sample = table.phrase(atom)?.sample ?? expression(written)
                if sample.isEmpty { continue }
                if part == .subject { subject.append(sample) } else { body.append(sample) }
                continue
            case .channel(let name): message.channel = name
            case .language(let code): input.language = code
            case .address(let address): message.sender.email = address
            case .domain(let domain): message.sender.email = message.sender.email ?? "anna@\(domain)"
            case .area(let code): input.area = area(code)
            case .has(let feature): add(feature, to: &message, &subject)
            case .authenticated: message.sender.attested = [.email]
            case .field(let name): message.fields[name] = message.fields[name] ?? "x"
            case .value(let field, let value): message.fields[field] = value
            case .week(let some): minutes = minutes.intersection(some)
            case .open(let calendar): minutes = minutes.intersection(table.hours(calendar).week)
            }
            context.append(table[atom].description)
        }
        // Every other time with a word between, lest the end of one and the beginning of the next make a phrase that is excluded.
        message.text = body.joined(separator: attempt % 2 == 0 ? " " : " x ")
        message.subject = subject.isEmpty ? nil : subject.joined(separator: " ")
        input.message = message
        guard let moment = moment(in: minutes, table, zone) else { return nil }
        input.at = moment
        var text = "“\(message.text)”"
        if let subject = message.subject { text += ", subject “\(subject)”" }
        if !context.isEmpty { text += " (\(context.joined(separator: ", ")))" }
        return Witness(input: input, description: text)
    }

    private func expression(_ written: String) -> String {
        (try? Pattern(written)).map { Expression($0.source).sample } ?? ""
    }

    /// Where it may have happened, if nothing is demanded.
    private func place(_ table: AtomTable) -> AreaPlace {
        let excluded = unwanted.compactMap { atom in if case .area(let code) = table[atom] { code } else { nil } }
        return ["unknown", "outside", "boundary"].first { !excluded.contains($0) }.map(area) ?? .certain("")
    }

    private func area(_ code: String) -> AreaPlace {
        switch code {
        case "outside": .outside
        case "unknown": .unknown
        case "boundary": .boundary([])
        default: .certain(code)
        }
    }

    private func add(_ feature: Condition.Feature, to message: inout Message, _ subject: inout [String]) {
        switch feature {
        case .photo: message.attachments.append(Attachment(name: "a.jpg", type: "image/jpeg", content: []))
        case .attachment: message.attachments.append(Attachment(name: "a.pdf", type: "application/pdf", content: []))
        case .location: message.location = Location(address: "x")
        case .fiscalCode: message.sender.fiscalCode = "x"
        case .phone: message.sender.phone = "x"
        case .email: message.sender.email = message.sender.email ?? "anna@example.org"
        case .name: message.sender.name = "x"
        case .subject: subject.append("x")
        }
    }

    /// A moment within these minutes of the week at which the calendars are as wanted, if a quarter of an hour of the year is.
    private func moment(in minutes: MinutesOfWeek, _ table: AtomTable, _ zone: Zone) -> Timestamp? {
        func calendars(_ atoms: some Sequence<Int>) -> [WorkCalendar] {
            atoms.compactMap { atom in if case .open(let name) = table[atom] { table.calendar(name) } else { nil } }
        }
        let open = calendars(wanted)
        let closed = calendars(unwanted)
        if minutes == .all, open.isEmpty, closed.isEmpty { return Timestamp(seconds: 0) }
        let monday = CivilDate(year: 2024, month: 1, day: 1)
        for day in 0..<370 {
            let date = monday.map { $0.adding(days: day) }
            guard let date else { return nil }
            for minute in stride(from: 0, to: 1440, by: 15) where minutes.contains(day % 7 * 1440 + minute) {
                let moment = zone.moment(LocalTime(date: date, secondOfDay: minute * 60))
                if open.allSatisfy({ $0.isOpen(at: moment) }), !closed.contains(where: { $0.isOpen(at: moment) }) {
                    return moment
                }
            }
        }
        return nil
    }
}
