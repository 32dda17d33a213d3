import Civic
import Testing

@testable import Rules

@Suite("What rules cannot do")
struct RuleAnalysisTests {
    private let uffici = WorkCalendar(
        name: "uffici", zone: .utc, week: [.monday: [.init(from: 510, to: 810)]], holidays: [.yearly(month: 1, day: 6)])
    private let notte = WorkCalendar(
        name: "notte", zone: .utc, week: [.friday: [.init(from: 1320, to: 1440)]], holidays: [])

    private func findings(_ rules: RuleDefinition...) throws -> [RuleFinding] {
        let calendars = ["uffici": uffici, "notte": notte]
        let set = try RuleSet(rules: rules, calendars: calendars, zone: .utc)
        return RuleAnalysis(set, calendars: calendars).findings
    }

    private func category(_ code: String) -> Actions { Actions(category: placed(code)) }

    private func one(_ kind: RuleFinding.Kind, _ message: String, _ rules: RuleDefinition...) throws {
        let set = try RuleSet(rules: rules, calendars: [:], zone: .utc)
        let found = RuleAnalysis(set, calendars: [:]).findings
        #expect(found.map(\.kind) == [kind])
        #expect(found.first?.message == message)
        guard let witness = found.first?.witness else { return }
        for rule in [found[0].rule] + found[0].takers { #expect(set.matches(rule: rule, witness.input)) }
    }

    // MARK: Rules that never win

    @Test("behind a rule that stops, discards or always holds there is nothing")
    func unreachable() throws {
        try one(
            .unreachable,
            "b is never reached: a (rules/a.yaml:3:5) holds wherever it does, and ends the evaluation; put b before it, or remove it; for example “buche”",
            rule("a", text("buc*"), Actions(tags: placed("x"), stop: true)), rule("b", text("buche"), category("B")))
        try one(
            .unreachable,
            "b is never reached: a (rules/a.yaml:3:5) holds wherever it does, and discards the message; put b before it, or remove it; for example “premio”",
            rule("a", text("premio"), Actions(discard: placed("spam"))),
            rule("b", .all([text("premio"), .not(text("bando"))]), category("B")))
        try one(
            .unreachable,
            "b never does anything: a (rules/a.yaml:3:5) always holds; put b before it, or remove it; for example “buca”",
            rule("a", .all([]), category("A")), rule("b", text("buca"), category("B")))
    }

    @Test("a discard behind a rule that abstains may come to nothing, and is no end")
    func discardBehindAbstain() throws {
        let priority = Actions(priority: placed(.high))
        #expect(
            try findings(
                rule("r", text("notizia"), Actions(abstain: placed("cronaca"))),
                rule("a", text("premio"), Actions(discard: placed("spam"))), rule("b", text("premio"), priority)
            ).map(\.kind) == [.duplicate])
    }

    @Test("a rule is shadowed by one that sets all its fields, or by several that do together")
    func shadowed() throws {
        try one(
            .shadowed,
            "b never decides anything: wherever it holds, a (rules/a.yaml:3:5) does too, and sets category first; put b before, or remove it; for example “buca”",
            rule("a", .any([text("buca"), text("fosso")]), category("A")),
            rule("b", .all([text("buca"), .not(text("postale"))]), category("B")))
        let both = Actions(category: placed("C"), priority: placed(.high))
        let found = try findings(
            rule("a", text("buc*"), category("A")), rule("p", text("buca", "fosso"), Actions(priority: placed(.low))),
            rule("c", text("buca"), both))
        #expect(found.map(\.kind) == [.shadowed])
        #expect(found.first?.takers == [0, 1])
        let words = try findings(
            rule("a", text("buca"), category("A")), rule("b", text("fosso"), category("B")),
            rule("c", text("buca", "fosso"), category("C")))
        #expect(words.map(\.kind) == [.shadowed])
    }

    @Test("what an earlier rule leaves to do is no shadow")
    func notShadowed() throws {
        let more = Actions(category: placed("B"), tags: placed("t"))
        #expect(
            try findings(rule("a", text("buc*"), category("A")), rule("b", text("buca"), more)).map(\.kind) == [
                .outdone
            ])
        #expect(try findings(rule("a", text("buca"), category("A")), rule("b", text("buc*"), category("B"))).isEmpty)
        #expect(
            try findings(
                rule("a", .all([text("buca"), .not(text("postale"))]), category("A")),
                rule("b", text("buca"), category("B"))
            ).isEmpty)
        #expect(
            try findings(
                rule("a", .all([text("buca"), .channel(placed("pec"))]), category("A")),
                rule("b", text("buca"), category("B"))
            ).isEmpty)
        #expect(
            try findings(rule("a", text("buca", in: .subject), category("A")), rule("b", text("buca"), category("B")))
                .isEmpty)
    }

    @Test("the same condition twice is an error if nothing of the second counts")
    func duplicate() throws {
        let condition = Condition.all([text("buca", "fosso"), .not(text("lettere"))])
        try one(
            .duplicate,
            "b has the condition of a (rules/a.yaml:3:5), and nothing that it does counts: remove one of them; for example “buca”",
            rule("a", condition, category("A")), rule("b", condition, category("B")))
        let found = try findings(
            rule("a", condition, category("A")), rule("b", condition, Actions(priority: placed(.high))))
        #expect(found.map(\.kind) == [.duplicate])
        #expect(found.map(\.isError) == [false])
    }

    @Test("what goes by precedents takes nothing for certain, and may itself be shadowed")
    func precedents() throws {
        let known = Precedents([Precedent(text: "una buca", category: "A"), Precedent(text: "una buca", category: nil)])
        func kinds(_ rules: RuleDefinition...) throws -> [RuleFinding.Kind] {
            let set = try RuleSet(rules: rules, calendars: [:], zone: .utc, precedents: known)
            return RuleAnalysis(set, calendars: [:]).findings.map(\.kind)
        }
        let use = Actions(precedents: placed(PrecedentUse(ahead: 0.5)))
        #expect(try kinds(rule("p", text("buc*"), use), rule("b", text("buca"), category("B"))) == [])
        #expect(try kinds(rule("p", text("buca"), use), rule("b", text("buca"), category("B"))) == [])
        #expect(
            try kinds(rule("p", text("buca"), use), rule("b", text("buca"), Actions(abstain: placed("news")))) == [])
        #expect(try kinds(rule("b", text("buc*"), category("B")), rule("p", text("buca"), use)) == [.shadowed])
    }

    @Test("a time that its calendar never has is told where it stands")
    func timeThatNeverComes() throws {
        let always = WorkCalendar(
            name: "sempre", zone: .utc,
            week: Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0, [.init(from: 0, to: 1440)]) }),
            holidays: [])
        let place = SourcePlace(file: "rules/a.yaml", line: 7, column: 9)
        for time in [
            Condition.TimeCondition(calendar: "sempre", open: false),
            Condition.TimeCondition(calendar: "sempre", open: false, weekdays: [.monday]),
        ] {
            let set = try RuleSet(
                rules: [rule("a", .all([text("buca"), .time(time, place)]), category("A"))],
                calendars: ["sempre": always], zone: .utc)
            let found = RuleAnalysis(set, calendars: ["sempre": always]).findings
            #expect(found.map(\.kind) == [.neverHolds])
            #expect(found.first?.place == place)
            #expect(found.first?.message.contains("is at no time") == true, "\(found.first?.message ?? "")")
        }
    }

    @Test("what keeps a rule from abstaining decides first")
    func shadowedAbstention() throws {
        let message = try findings(
            rule("a", text("zebra"), category("A")),
            rule("b", .all([text("zebra"), .has([Placed(.photo, at: somewhere)])]), Actions(abstain: placed("x")))
        ).first?.message
        #expect(message?.contains("does too, and decides first") == true, "\(message ?? "")")
    }

    @Test("stems have nothing in common that is known, but with themselves")
    func stems() throws {
        func stem(_ name: String, _ word: String) -> RuleDefinition {
            RuleDefinition(
                name: name, place: somewhere, condition: text(word), actions: category(name),
                stem: Placed("it", at: somewhere))
        }
        #expect(try findings(stem("a", "buca"), rule("b", text("buca"), category("B"))) == [])
        #expect(try findings(rule("a", text("buc*"), category("A")), stem("b", "buca")) == [])
        #expect(try findings(stem("a", "buca"), stem("b", "buca")).map(\.kind) == [.duplicate])
    }

    // MARK: Conditions

    @Test(
        "conditions that no message fulfils",
        arguments: [
            .all([.area(placed("nord")), .area(placed("sud"))]),
            .all([.area(placed("nord", "est")), .area(placed("sud", "unknown"))]),
            .all([.channel(placed("pec")), .channel(placed("portale"))]),
            .all([.language(placed("it")), .language(placed("en"))]),
            .all([.has(placed(.photo)), .not(.has(placed(.photo)))]),
            .all([.has(placed(.photo)), .not(.has(placed(.attachment)))]),
            .all([.authenticated(true, somewhere), .authenticated(false, somewhere)]),
            .all([text("buca"), .not(text("buc*"))]),
            .all([text("buca", "buche"), .not(text("buc*"))]),
            .all([text("buca", in: .subject), .not(text("buc*"))]),
            .all([text("buca", in: .subject), .not(.has(placed(.subject)))]),
            .all([.any([text("buca"), text("buche")]), .not(text("buc*"))]),
            .all([.from(placed("urp@comune.it")), .not(.from(placed("comune.it")))]),
            .all([.from(placed("comune.it")), .from(placed("regione.it"))]),
            .all([
                .field(name: "tipo", values: placed("Albero"), somewhere),
                .field(name: "tipo", values: placed("ramo"), somewhere),
            ]),
            .all([
                .field(name: "tipo", values: placed("ramo"), somewhere),
                .not(.field(name: "tipo", values: [], somewhere)),
            ]),
            .all([.time(.init(weekdays: [.monday]), somewhere), .time(.init(weekdays: [.sunday]), somewhere)]),
            .all([
                .time(.init(hours: .init(from: 480, to: 600)), somewhere),
                .time(.init(hours: .init(from: 1200, to: 360)), somewhere),
            ]),
            .time(.init(hours: .init(from: 480, to: 480)), somewhere),
            .time(.init(calendar: "uffici", weekdays: [.sunday]), somewhere),
            .all([.time(.init(calendar: "uffici"), somewhere), .time(.init(calendar: "notte"), somewhere)]),
            .time(
                .init(calendar: "notte", open: false, weekdays: [.friday], hours: .init(from: 1330, to: 1350)),
                somewhere),
        ] as [Condition])
    func neverHolds(_ condition: Condition) throws {
        let found = try findings(rule("r", condition, category("A")))
        #expect(found.map(\.kind) == [.neverHolds])
        #expect(found.map(\.isError) == [true])
    }

    @Test("what clashes is named")
    func clash() throws {
        try one(
            .neverHolds,
            "no message fulfils the condition of r: `buca` and not `buc*` exclude each other (3:5, 3:5); change or remove one of them",
            rule("r", .all([text("buca"), .not(text("buc*"))])))
    }

    @Test(
        "conditions that some message fulfils",
        arguments: [
            .all([.area(placed("nord", "sud")), .area(placed("sud"))]), .all([text("buc*"), .not(text("buca"))]),
            .all([text("buca"), .not(text("buca", in: .subject))]), .all([text("buca"), text("fosso")]),
            .all([.has(placed(.attachment)), .not(.has(placed(.photo)))]),
            .all([.from(placed("comune.it")), .from(placed("urp.comune.it"))]),
            .time(
                .init(calendar: "uffici", open: false, weekdays: [.monday], hours: .init(from: 520, to: 530)), somewhere
            ),
            .all([.time(.init(weekdays: [.monday]), somewhere), .time(.init(calendar: "uffici"), somewhere)]),
        ] as [Condition])
    func mayHold(_ condition: Condition) throws {
        #expect(try findings(rule("r", condition, category("A"))).isEmpty)
    }

    @Test("conditions, exceptions and alternatives that ask nothing")
    func idle() throws {
        func kinds(_ condition: Condition) throws -> [RuleFinding.Kind] {
            try findings(rule("r", condition, category("A"))).map(\.kind)
        }
        #expect(try kinds(.any([text("buca"), .not(text("buca"))])) == [.alwaysHolds])
        #expect(try kinds(.not(.all([.area(placed("nord")), .area(placed("sud"))]))) == [.alwaysHolds])
        #expect(try kinds(.all([.area(placed("nord")), .not(.area(placed("sud")))])) == [.idleException])
        #expect(
            try kinds(.all([.any([.area(placed("sud")), text("buca")]), .area(placed("nord"))])) == [.deadAlternative])
        #expect(try kinds(.not(text("buca"))).isEmpty)
    }

    // MARK: Words

    @Test("a word that an earlier rule always takes, with a message that shows it")
    func taken() throws {
        try one(
            .takenWord,
            "`buche` never decides anything here: a (rules/a.yaml:3:5) always takes it; put this rule before, or remove the word; for example “buche”",
            rule("a", text("buc*"), category("A")), rule("b", text("buche", "voragine"), category("B")))
        try one(
            .takenWord,
            "`buca`, `buche` (3:5) never decide anything here: a (rules/a.yaml:3:5) always takes them; put this rule before, or remove the words; for example “buca strada”",
            rule("a", text("buc*"), category("A")),
            rule("b", .all([text("buca", "buche", "voragine"), text("strada", "via")]), category("B")))
    }

    @Test("a word beside a wider one, and the same word again")
    func needless() throws {
        try one(
            .needlessEntry, "`buca` is needless: `buc*` in the same list matches wherever it does; remove it",
            rule("a", text("buca", "fosso", "buc*"), category("A")))
        try one(
            .needlessEntry, "`BÙCA` stands in this list already: remove it",
            rule("a", text("buca", "BÙCA"), category("A")))
        try one(
            .needlessEntry, "`buca postale` is needless: `buca` in the same list matches wherever it does; remove it",
            rule("a", .all([text("via"), .not(text("buca", "buca postale"))]), category("A")))
        try one(
            .needlessEntry,
            "`manto ~1 rotto` is needless: `manto ~3 rotto` in the same list matches wherever it does; remove it",
            rule("a", text("manto ~1 rotto", "manto ~3 rotto"), category("A")))
        // The plain phrase is found for nothing, the other would have to be tried.
        #expect(try findings(rule("a", text("manto rotto", "manto ~3 rotto"), category("A"))).isEmpty)
        try one(
            .needlessEntry, "`channel pec` stands in this list already: remove it",
            rule("a", .channel(placed("pec", "pec")), category("A")))
    }

    @Test("a word that the rule itself excludes")
    func excluded() throws {
        try one(
            .excludedWord,
            "`buca postale` never counts here: the rule's own exception `postale` (3:5) always excludes it; remove one of them",
            rule("a", .all([text("voragine", "buca postale"), .not(text("postale"))]), category("A")))
    }

    // MARK: Regular expressions

    @Test(
        "regular expressions that match nearly everything, or nothing",
        arguments: [
            ("/(buca)?/", .expressionMatchesAll), ("/.*/", .expressionMatchesAll), ("/[a-z]+/", .expressionMatchesAll),
            (#"/\w+ \w+/"#, .expressionMatchesAll), (#"/perch\xe9/"#, .expressionNeverMatches),
            (#"/dell\x{2019}/"#, .expressionNeverMatches), ("/(?-i)[A-Z]{2}x/", .expressionNeverMatches),
            (#"/(\x{c8}|[\x{c0}-\x{c5}])vero/"#, .expressionNeverMatches), ("/.*buca/", .expressionIdleEnds),
            ("/buca.*/", .expressionIdleEnds), ("/(bucapostale){1,900}/", .expressionHuge),
        ] as [(String, RuleFinding.Kind)])
    func expressions(_ written: String, _ kind: RuleFinding.Kind) throws {
        let found = try findings(rule("a", text(written), category("A")))
        #expect(found.map(\.kind) == [kind])
        #expect(found.map(\.isError) == [false])
    }

    @Test(
        "regular expressions that are in order",
        arguments: [
            "/buc[ah]/", "/PERCHÉ/", "/^.{1,150}$/", #"/^[\s\S]{0,160}$/"#, #"/\bn[.] ?[0-9]+/"#, "/[àèì]/",
            "/(?i)[A-Z]4/",
            #"/(\xe9|e) vero/"#, #"/\Qa.*\E/"#, #"/perch\xe9?buca/"#, #"/3\.*/"#, "/“buca”/", "/città’ di [^x]/",
            #"/[[:alpha:]]7\pL?/"#,
        ])
    func goodExpressions(_ written: String) throws {
        #expect(try findings(rule("a", text(written), category("A"))).isEmpty)
    }

    @Test("a text made from an expression matches it")
    func samples() throws {
        for written in [
            "/buc[ah]e?/", #"/\bn[.] ?[0-9]+/"#, "/(a|b)c{2,3}[^x]/", #"/(?:via|piazza) \w{3}\d$/"#, #"/\Qa.b\E+/"#,
            "/[]x-z]q/",
            "/(?P<n>x)(?i:Y)/", #"/[\w.-]+@/"#, #"/\x41\x{42}/"#,
        ] {
            let pattern = try Pattern(written)
            #expect(try occurs(written, in: Expression(pattern.source).sample), "\(written)")
        }
    }
}
