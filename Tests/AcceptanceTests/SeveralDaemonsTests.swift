import Foundation
import Postgres
import Synchronization
import Testing
import TransferTesting

/// Three daemons on one database behind a real HAProxy with the configuration that is shipped, each on a port of its own
/// on the loopback.
@Suite(
    .serialized,
    .enabled(if: Balanced.isInstalled, "needs Debian's haproxy"), .timeLimit(.minutes(30)))
struct SeveralDaemonsAcceptance {
    @Test("the load is spread; one that is killed is taken over; restarted one by one, nobody is refused")
    func several() async throws {
        let desks = try await Balanced()
        let crowd = Crowd(base: desks.base, steps: ["acknowledged", "resolved"])
        let isOver = [Flag(), Flag()]
        async let first: Int = desks.flood(crowd, from: 0, until: { isOver[0].value })

        try await desks.more(30, crowd)
        let spread = try desks.requests()
        #expect(spread.count == 3 && spread.values.allSatisfy { $0 > 0 }, "\(spread)")

        // One dies, and holds what it cannot deliver for a while.
        try await desks.control(#"{"smtp":{"mode":"slow","delay_ms":5000}}"#)
        while try await desks.held(by: "b") == 0 { try await Task.sleep(for: .milliseconds(50)) }
        let victim = desks.programs["b"]
        victim?.signal(SIGKILL)
        _ = await victim?.wait()
        let crash = City.moment
        try await desks.control(#"{"smtp":{"mode":"normal"}}"#)
        try await desks.more(30, crowd)
        while !desks.others("b").contains(where: { $0.output.contains("took over") }) {
            try await Task.sleep(for: .milliseconds(100))
        }
        try await desks.start("b")
        try await desks.isReady("b")

        isOver[0].raise()
        let before = try await first

        // From here on nobody may be refused anything.
        let refused = crowd.refusals.count
        async let second: Int = desks.flood(crowd, from: 1000, until: { isOver[1].value })
        for name in ["a", "b", "c"] { try await desks.replace(name, crowd) }
        try await desks.more(10, crowd)
        #expect(crowd.refusals.dropFirst(refused) == [], "a rolling restart refused somebody")
        isOver[1].raise()
        let count = try await before + second
        try await desks.settle(crowd, count: count, crashes: [crash])
        try await desks.end()
    }

    /// `Deploy/prove upgrade` builds the older program and names it.
    @Test(
        "one schema older: replaced one by one under load, and beside the newer ones, nobody is refused",
        .enabled(if: Balanced.olderProgram != nil, "needs an older program: Deploy/prove upgrade"))
    func upgrade() async throws {
        let older = try #require(Balanced.olderProgram)
        let desks = try await Balanced(older)
        let schema = try await desks.city.query("select max(version)::text from schema_version")
        let crowd = Crowd(base: desks.base, steps: ["acknowledged", "resolved"])
        let isOver = Flag()
        async let all: Int = desks.flood(crowd, from: 0, until: { isOver.value })
        try await desks.more(30, crowd)
        for name in ["a", "b", "c"] {
            try await desks.replace(name, crowd)
            // Two programs on the newer schema.
            try await desks.more(30, crowd)
        }
        #expect(crowd.refusals == [], "the upgrade refused somebody")
        #expect(try await desks.city.query("select max(version)::text from schema_version") != schema)
        isOver.raise()
        try await desks.settle(crowd, count: try await all, crashes: [])
        try await desks.end()
    }
}

/// A city of several daemons.
final class Balanced: Sendable {
    static let program = "/usr/sbin/haproxy"
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: program) }
    static var olderProgram: String? { ProcessInfo.processInfo.environment["PASQUINO_OLDER_PROGRAM"] }

    let city: City
    let base: String
    private let hamlet: Hamlet
    private let server: PostgresServer
    private let ports: [String: Int]
    private let socket: String
    private let proxy: Program
    private let running = Mutex<[String: Program]>([:])

    var programs: [String: Program] { running.withLock { $0 } }
    func others(_ name: String) -> [Program] { programs.filter { $0.key != name }.map(\.value) }

    /// - Parameter first: the program that the daemons run at first.
    init(_ first: String = Program.path) async throws {
        hamlet = try Hamlet()
        let state = City.newState()
        server = PostgresServer(directory: state)
        let database = try await server.start()
        city = try await City(
            configuration: hamlet.path, state: state,
            extra: Hamlet.environment.merging(["PASQUINO_DATABASE": database]) { $1 })
        var ports: [String: Int] = [:]
        for name in ["a", "b", "c"] { ports[name] = Int(try LoopbackServer.closedPort()) }
        self.ports = ports
        let port = Int(try LoopbackServer.closedPort())
        base = "http://127.0.0.1:\(port)"
        socket = "\(hamlet.path)/proxy.sock"
        let file = "\(hamlet.path)/haproxy.cfg"
        try Balanced.configuration(port: port, ports: ports, socket: socket)
            .write(toFile: file, atomically: true, encoding: .utf8)
        proxy = try Program(["-db", "-f", file], environment: [:], executable: Balanced.program)
        for name in ports.keys.sorted() { try await start(name, first) }
        for name in ports.keys { try await isReady(name) }
    }

    /// The shipped file, but for addresses, TLS, and what only root may do.
    private static func configuration(port: Int, ports: [String: Int], socket: String) throws -> String {
        var text = try String(contentsOfFile: City.root + "/Deploy/proxy/haproxy.cfg", encoding: .utf8)
        func replace(_ old: String, _ new: String) throws {
            guard text.contains(old) else { throw City.Failure("haproxy.cfg has no \(old)") }
            text = text.replacingOccurrences(of: old, with: new)
        }
        try replace("    log /dev/log local0\n    user haproxy\n    group haproxy\n", "")
        try replace("/run/haproxy/admin.sock mode 660", socket)
        try replace("    log global\n", "")
        try replace(":443 ssl crt /etc/haproxy/sportello.pem alpn h2,http/1.1", "127.0.0.1:\(port)")
        for (name, host) in [("a", 11), ("b", 12), ("c", 13)] {
            try replace("10.0.0.\(host):8060", "127.0.0.1:\(ports[name] ?? 0)")
        }
        return text
    }

    func start(_ name: String, _ executable: String = Program.path) async throws {
        let program = try Program(
            ["serve"],
            environment: city.environment.merging(["PASQUINO_LISTEN": "127.0.0.1:\(ports[name] ?? 0)"]) { $1 },
            executable: executable)
        guard await program.line(containing: "ready on") != nil else {
            throw City.Failure("\(name) did not start:\n\(program.output)")
        }
        running.withLock { $0[name] = program }
    }

    /// Changes the outside world.
    func control(_ body: String) async throws {
        let answer = try await HTTP.post("http://127.0.0.1:\(city.sandboxPort)/control", body: Data(body.utf8))
        guard answer.status == 200 else { throw City.Failure(answer.text) }
    }

    /// How many notifications wait in a daemon's memory.
    func held(by name: String) async throws -> Int {
        let pid = programs[name]?.pid ?? 0
        let found = try await city.query(
            """
            select count(*)::text from notification n join daemon d on d.id = n.owner
            where d.pid = \(pid) and n.status = 'waiting'
            """)
        return found.first?.flatMap { Int($0) } ?? 0
    }

    /// Asks HAProxy on its socket.
    @discardableResult func tell(_ command: String) throws -> String {
        guard let answer = UnixSocket.ask(command + "\n", at: socket) else {
            throw City.Failure("HAProxy does not answer:\n\(proxy.output)")
        }
        return answer
    }

    /// A column of HAProxy's statistics (its manual, 9.1), by server and backend.
    private func column(_ name: String) throws -> [(backend: String, server: String, value: String)] {
        let rows = try tell("show stat").split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        }
        guard let place = rows.first?.firstIndex(of: name) else { throw City.Failure("no \(name) in the statistics") }
        return rows.dropFirst().filter { $0.count > place && ports[$0[1]] != nil }.map { ($0[0], $0[1], $0[place]) }
    }

    /// How many messages each has got.
    func requests() throws -> [String: Int] {
        var all: [String: Int] = [:]
        for row in try column("stot") where row.backend == "messages" { all[row.server] = Int(row.value) }
        return all
    }

    /// Waits until HAProxy has found out.
    func isReady(_ name: String) async throws {
        while true {
            // The socket is there a moment after the program.
            let states = (try? column("status")) ?? []
            let own = states.filter { $0.server == name }
            if !own.isEmpty, own.allSatisfy({ $0.value.hasPrefix("UP") }) { return }
            guard proxy.isRunning else { throw City.Failure("HAProxy ended:\n\(proxy.output)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Sends it nothing new, and waits until it has answered the rest.
    func drain(_ name: String) async throws {
        try tell("set server messages/\(name) state drain; set server desks/\(name) state drain")
        while try column("scur").contains(where: { $0.server == name && $0.value != "0" }) {
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Stops one as a rolling restart does, and starts the program under test in its place.
    func replace(_ name: String, _ crowd: Crowd) async throws {
        try await drain(name)
        programs[name]?.signal(SIGTERM)
        #expect(await programs[name]?.wait() == 0)
        try await more(10, crowd)
        try await start(name)
        try tell("set server messages/\(name) state ready; set server desks/\(name) state ready")
        try await isReady(name)
    }

    /// All is told; then both sides are compared.
    func settle(_ crowd: Crowd, count: Int, crashes: [Double]) async throws {
        try await city.quiet()
        let history = try await city.history(of: crowd, crashes: crashes)
        for fault in history.faults { Issue.record("\(fault)") }
        #expect(crowd.contradictions == [])
        #expect(history.kept.count == count)
    }

    /// - Parameter start: the first matter's number.
    /// - Returns: how many matters there were.
    func flood(_ crowd: Crowd, from start: Int, until isOver: @escaping @Sendable () -> Bool) async throws -> Int {
        let next = Numbers()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while !isOver() {
                        let number = start + next.take()
                        _ = try await crowd.pursue(number, by: number % 10 > 0 ? .email : .appIO)
                        // A city's pace; App IO's rate bears no more.
                        try await Task.sleep(for: .milliseconds(200))
                    }
                }
            }
            try await group.waitForAll()
        }
        return next.take()
    }

    /// Waits for so many more.
    func more(_ count: Int, _ crowd: Crowd) async throws {
        let goal = crowd.acknowledged + count
        while crowd.acknowledged < goal { try await Task.sleep(for: .milliseconds(20)) }
    }

    func end() async throws {
        for program in programs.values {
            program.signal(SIGTERM)
            _ = await program.wait()
        }
        proxy.signal(SIGKILL)
        _ = await proxy.wait()
        await city.end(nil)
        try await server.stop()
        hamlet.remove()
    }
}

private final class Numbers: Sendable {
    private let next = Mutex(0)

    /// 0, 1, 2 …
    func take() -> Int {
        next.withLock { next in
            defer { next += 1 }
            return next
        }
    }
}

private final class Flag: Sendable {
    private let isRaised = Mutex(false)
    var value: Bool { isRaised.withLock { $0 } }
    func raise() { isRaised.withLock { $0 = true } }
}
