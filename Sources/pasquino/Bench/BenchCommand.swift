import ArgumentParser
import Bench
import Civic
import Daemon
import Foundation
import Settings

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Load on this machine's own PostgreSQL.",
        discussion: """
            Starts a daemon with the configuration's rules on a private PostgreSQL (fsync on), with a sandbox that takes \
            its mail, and posts messages over HTTP from this process; all share the machine. Without --input the messages \
            are as they come to Rome, by topic, place and channel, one in fifty of them twice; of another city, the \
            examples of its rules.

            Without --rate each connection waits for its answer before it posts the next: for capacity. With --rate \
            messages fall due at even intervals whatever became of those before, and their time counts from then: for \
            latency. --limit also measures, on the same PostgreSQL in the same run, what pgbench does with the same \
            inserts, half before, half after. --tickets N measures a database in which N tickets are, told and for the \
            most part closed, of 3 citizens for every 10; it takes about a minute a million.

            --delivery measures the other half: so many notifications of each medium, as intake leaves them, worked off \
            by the daemon. --outage N measures how many are told while N notifications wait for a dead App IO, and \
            without them; and how these go out when it returns.
            """)
    @OptionGroup var options: ConfigurationOption
    @OptionGroup var output: JSONOption
    @Flag(help: "Compare with what PostgreSQL does without the daemon.") var limit = false
    @Option(help: "How many messages are measured, or notifications (default: 50000, or as many as --seconds allows).")
    var messages: Int?
    @Option(help: "Messages a second, whether they are taken or not.") var rate: Double?
    @Option(help: "For how long messages are posted.") var seconds: Double?
    @Option(help: "Tickets that are stored before.") var tickets = 0
    @Flag(help: "Somebody holds an old snapshot of the database meanwhile, so that no dead row can be cleared away.")
    var holdSnapshot = false
    @Option(help: "How many notifications wait for a dead destination.") var outage: Int?
    @Option(help: "A file of messages, one JSON object a line.") var input: String?
    @Option(help: "Connections that post at the same time.") var connections = 64
    @Flag(help: "Measure how fast notifications are told, instead of how fast messages are taken in.")
    var delivery = false
    @Option(help: "With --delivery: email or app_io; both if not given.") var medium: [String] = []
    @Option(
        help: "With --delivery: the port of a mail server on this machine that takes them; the sandbox's if not given.")
    var smtpPort: Int?
    @Option(help: "With --delivery: the port of an App IO on this machine; the sandbox's if not given.") var httpPort:
        Int?

    func validate() throws {
        if let messages, !(100...10_000_000).contains(messages) {
            throw ValidationError("--messages: expected 100 to 10000000")
        }
        if let rate, !(1...100_000).contains(rate) { throw ValidationError("--rate: expected 1 to 100000 a second") }
        if let seconds, !(1...86_400).contains(seconds) { throw ValidationError("--seconds: expected 1 to 86400") }
        guard (0...50_000_000).contains(tickets) else { throw ValidationError("--tickets: expected 0 to 50000000") }
        if rate != nil || seconds != nil || tickets > 0 || holdSnapshot, delivery || outage != nil {
            throw ValidationError(
                "--rate, --seconds, --tickets and --hold-snapshot measure intake: not with --delivery or --outage")
        }
        if let outage, !(1...10_000_000).contains(outage) {
            throw ValidationError("--outage: expected 1 to 10000000")
        }
        if outage != nil, delivery { throw ValidationError("give --outage or --delivery, not both") }
        guard (1...1000).contains(connections) else { throw ValidationError("--connections: expected 1 to 1000") }
        guard medium.allSatisfy(["email", "app_io"].contains) else {
            throw ValidationError("--medium: expected email or app_io")
        }
        guard (smtpPort == nil) == (httpPort == nil) else {
            throw ValidationError("--smtp-port and --http-port: expected both or none")
        }
    }

    func run() async throws {
        let configuration = try options.load()
        if let outage {
            let result = try await OutageBench(
                directory: options.directory, waiting: outage, messages: messages ?? 50_000, connections: connections,
                bodies: try messageBodies(configuration), progress: progress
            ).run()
            return print(output.json ? result.json.text : result.text)
        }
        let scratch = "/tmp/pasquino-bench-\(ProcessInfo.processInfo.processIdentifier)"
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: scratch) }  // a leftover in /tmp harms nobody
        if delivery { return try await measureDelivery(configuration, scratch) }
        let most = seconds.map { Int($0 * (rate ?? 100_000)) }
        let bench = IntakeBench(
            directory: options.directory, configuration: configuration,
            plan: LoadClient.Plan(
                count: min(messages ?? most ?? 50_000, most ?? .max), seconds: seconds, rate: rate),
            connections: connections, stored: tickets, holdsSnapshot: holdSnapshot, limit: limit,
            messages: try mix(configuration), progress: progress)
        let figures = try await bench.run(scratch: scratch)
        print(output.json ? figures.json.text : figures.text)
    }

    private func measureDelivery(_ configuration: Configuration, _ scratch: String) async throws {
        var ports: (smtp: Int, http: Int)?
        if let smtpPort, let httpPort { ports = (smtpPort, httpPort) }
        let bench = DeliveryBench(
            directory: options.directory, configuration: configuration, count: messages ?? 50_000,
            media: medium.isEmpty ? ["email", "app_io"] : medium, ports: ports)
        for figures in try await bench.run(scratch: scratch, progress: progress) {
            print(output.json ? figures.json.text : figures.text)
        }
    }

    private func progress(_ text: String) { if Terminal.isTerminal { Terminal.error(Terminal.dim(text)) } }

    /// What is posted: the file's messages; else what Rome is written about, where the catalogue knows its topics; else the
    /// examples of the rules.
    private func mix(_ configuration: Configuration) throws -> @Sendable (String, String) throws -> BenchMessages {
        let kinds = input == nil ? romanKinds(configuration) : []
        if kinds.isEmpty {
            let bodies = try messageBodies(configuration)
            return { try BenchMessages.each(of: bodies, channel: RomeMix.channelNames[0], token: $0, run: $1) }
        }
        let areas = configuration.areas.map(\.code)
        let people = StoredYears.people(tickets > 0 ? tickets : 10_000_000)
        return { try BenchMessages.rome(kinds, areas: areas, people: people, token: $0, run: $1) }
    }

    /// By the catalogue's numbers of topics. Their words are those of the city's precedents, or the topic's name.
    private func romanKinds(_ configuration: Configuration) -> [BenchMessages.Kind] {
        let texts = Dictionary(grouping: configuration.ruleSet.precedents?.precedents ?? [], by: \.category)
        return configuration.categories.values.sorted { $0.code < $1.code }.compactMap {
            category -> BenchMessages.Kind? in
            guard let weight = category.external["topic"].flatMap({ RomeMix.topics[$0] }) else { return nil }
            let words =
                texts[category.code]?.map(\.text)
                ?? [category.name(in: configuration.city.language, fallback: "it")]
            return BenchMessages.Kind(
                weight: weight, bodies: words.map { Data(JSON.object([("text", .string($0))]).bytes) })
        }
    }

    private func messageBodies(_ configuration: Configuration) throws -> [Data] {
        if let input {
            var bodies: [Data] = []
            try Lines.forEach(in: input) { _, line in bodies.append(Data(line)) }
            guard !bodies.isEmpty else { throw Outcome.failed("\(input) holds no message") }
            return bodies
        }
        let areas = configuration.areas.map(\.code)
        let texts = configuration.rules.flatMap { $0.matchExamples + $0.noMatchExamples }.map(\.text)
        return try (texts.isEmpty ? ["Buca in strada"] : texts).enumerated().map { index, text in
            var message: [String: Any] = ["text": text]
            if !areas.isEmpty { message["fields"] = ["municipio": areas[index % areas.count]] }
            return try JSONSerialization.data(withJSONObject: message)
        }
    }
}
