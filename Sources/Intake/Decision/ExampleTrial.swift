import Civic
import Rules
import Settings

/// The examples beside the rules, run: those with a context as the messages of citizens are, through the same decision.
extension Classifier {
    public func test() -> RuleTest {
        RuleTest(configuration.ruleSet) { example, context in
            let input = input(of: example, context)
            guard !example.expected.isEmpty else { return RuleTest.Trial(input: input, differences: [], why: []) }
            let verdict = decide(input)
            let comparison = ExampleComparison(expected: example.expected, verdict: verdict, configuration)
            return RuleTest.Trial(input: input, differences: comparison.differences, why: comparison.why)
        }
    }

    /// Noon of a Wednesday without a holiday: examples must hold whenever they are run.
    private static let usualDay = LocalTime(date: CivilDate(daysSinceEpoch: 20_460), secondOfDay: 43_200)

    private func input(of example: RuleExample, _ context: RuleExample.Context) -> RuleInput {
        let at = context.at ?? configuration.city.zone.moment(Classifier.usualDay)
        let channel = context.channel?.value ?? ""
        var sender = Sender(
            name: context.name, email: context.email, phone: context.phone, fiscalCode: context.fiscalCode)
        if sender != Sender() { sender.attested = configuration.channels[channel]?.attests ?? [] }
        if let authenticated = context.authenticated { sender.attested = authenticated ? [.fiscalCode] : [] }
        var message = Message(
            id: Identifier(high: 0, low: 0), channel: channel, externalID: "example", receivedAt: at, sender: sender,
            subject: context.subject, text: example.text, language: context.language?.value.lowercased(),
            fields: context.fields)
        for feature in context.has { message.add(feature) }
        var input = input(message)
        if let area = context.area?.value { input.area = place(said: area) }
        return input
    }

    private func place(said name: String) -> AreaPlace {
        switch name {
        case "outside": .outside
        case "boundary": .boundary([])
        case "unknown": .unknown
        default: place(named: name)
        }
    }
}

extension Message {
    /// Gives the message something of the kind, if it has none: rules ask only whether it is there.
    fileprivate mutating func add(_ feature: Condition.Feature) {
        switch feature {
        case .photo: attachments.append(Attachment(name: "photo", type: "image/jpeg", content: []))
        case .attachment: attachments.append(Attachment(name: "file", type: "application/octet-stream", content: []))
        case .location: location = location ?? Location(address: "example")
        case .fiscalCode: sender.fiscalCode = sender.fiscalCode ?? "example"
        case .phone: sender.phone = sender.phone ?? "example"
        case .email: sender.email = sender.email ?? "example"
        case .subject: subject = subject ?? "example"
        case .name: sender.name = sender.name ?? "example"
        }
    }
}

/// What an example expects beside what was decided.
struct ExampleComparison {
    /// The fields that came out otherwise: `category strade.buche, not verde.alberi`.
    private(set) var differences: [String] = []
    private var fields: Set<String> = []
    private let verdict: Verdict

    init(expected: RuleExample.Expectation, verdict: Verdict, _ configuration: Configuration) {
        self.verdict = verdict
        compare("category", expected.category?.value, verdict.category)
        if let office = expected.office?.value { compare(office: office, configuration) }
        compare("priority", expected.priority?.value.rawValue, verdict.priority.rawValue)
        compare("sla", expected.target?.value.description, verdict.target.description)
        compare("tags", expected.tags.map(\.value), verdict.tags)
        compare("reply", expected.reply?.value, verdict.reply)
        compare("notify", expected.notify.map(\.value), verdict.notify)
        compare("discard", expected.discard, verdict.discard)
        compare("abstain", expected.abstain, verdict.abstained)
        if let undecided = expected.undecided, undecided != verdict.undecided {
            differ("undecided", "\(undecided)", "\(verdict.undecided)")
        }
    }

    private mutating func differ(_ field: String, _ wanted: String, _ found: String?) {
        fields.insert(field)
        differences.append("\(field) \(wanted), not \(found ?? "none")")
    }

    private mutating func compare(_ field: String, _ wanted: String?, _ found: String?) {
        if let wanted, wanted != found { differ(field, wanted, found) }
    }

    private mutating func compare(_ field: String, _ wanted: [String], _ found: [String]) {
        let missing = wanted.filter { !found.contains($0) }
        guard !missing.isEmpty else { return }
        differ(field, missing.joined(separator: ", "), found.isEmpty ? nil : found.joined(separator: ", "))
    }

    private mutating func compare(_ field: String, _ wanted: RuleExample.Expectation.Reason?, _ found: String?) {
        guard let wanted, !wanted.fits(found) else { return }
        switch wanted {
        case .none: differ(field, "none", found)
        case .any: differ(field, "for some reason", found)
        case .text(let reason): differ(field, reason, found)
        }
    }

    /// A role is whoever plays it at the place.
    private mutating func compare(office name: String, _ configuration: Configuration) {
        let day = configuration.city.zone.local(verdict.receivedAt).date
        switch configuration.directory.resolve(name, area: verdict.area, on: day) {
        case .office(let office):
            if office != verdict.office {
                differ("office", office == name ? name : "\(name) (\(office))", verdict.office)
            }
        case .unresolved(let reason): differ("office", "\(name) (\(reason))", verdict.office)
        }
    }

    /// For each field that differs, what set it; and the rules that came near.
    var why: [String] {
        guard !differences.isEmpty else { return [] }
        // A message that is discarded or left to a person lacks other fields for that reason.
        let asked = fields.union(
            ["discard", "abstain"] + (fields.contains("undecided") ? ["category", "office"] : []))
        let reasons = verdict.explanation.because.filter { asked.contains($0.field.rawValue) }.map { reason in
            let words = reason.matched.prefix(3).map { "“\($0.text)”" }.joined(separator: ", ")
            return
                "\(reason.field.rawValue) \(reason.value): rule \(reason.rule) (\(reason.place))  \(reason.condition)"
                + (words.isEmpty ? "" : "  \(words)")
        }
        let defaults = verdict.defaults.filter { asked.contains($0.field) }.map { "\($0.field): from \($0.source)" }
        let nearly = verdict.explanation.nearly.map { "nearly \($0.rule) (\($0.place)): failed \($0.failed)" }
        return reasons + defaults + nearly
    }
}
