import Testing

@testable import Postgres

@Suite("decided without a server")
struct PureTests {
    @Test("back-off doubles up to its ceiling, half of it by chance")
    func backoff() {
        var generator = SystemRandomNumberGenerator()
        let backoff = Backoff(first: .milliseconds(100), ceiling: .seconds(5))
        for (failures, full) in [(1, 100), (2, 200), (5, 1600), (7, 5000), (1000, 5000), (0, 100)] {
            let pause = backoff.pause(afterFailures: failures, using: &generator)
            #expect(pause >= .milliseconds(full / 2) && pause <= .milliseconds(full))
        }
    }

    @Test("the statement cache tells types apart and drops the least recently used")
    func cache() {
        var cache = StatementCache(capacity: 2)
        #expect(cache.find("a", [20]) == nil)
        let first = cache.newName()
        #expect(cache.insert("a", [20], name: first) == nil)
        #expect(cache.find("a", [20]) == first)
        #expect(cache.find("a", [0]) == first)
        #expect(cache.find("a", [25]) == nil)
        let second = cache.newName()
        #expect(first != second)
        #expect(cache.insert("a", [0], name: second) == nil)
        #expect(cache.find("a", [25]) == nil)
        #expect(cache.find("a", [20]) == first)
        #expect(cache.insert("b", [], name: cache.newName()) == second)
        #expect(cache.find("a", [20]) == first)
        cache.forget("a", name: first)
        #expect(cache.find("a", [20]) == nil)
        #expect(cache.count == 1)
        cache.removeAll()
        #expect(cache.find("b", []) == nil)
        #expect(cache.newName() != second)
    }

    @Test(
        "what may be tried again",
        arguments: [
            ("40001", true), ("40P01", true), ("57P01", true), ("53300", true), ("08006", true), ("55P03", true),
            ("23505", false), ("42601", false), ("22P02", false), ("57014", false),
        ])
    func retriable(code: String, expected: Bool) {
        #expect(PostgresError(.server(sqlstate: code), "x").isRetriable == expected)
        #expect(PostgresError(.usage, "x").isRetriable == false)
        #expect(PostgresError(.unavailable, "x").isRetriable)
    }

    @Test("a description quotes no data")
    func description() {
        let error = PostgresError(
            .server(sqlstate: "22P02"), #"invalid input syntax for type integer: "RSSMRA80A01H501U""#, detail: "secret")
        #expect(error.description == #"PostgreSQL 22P02: invalid input syntax for type integer: "…""#)
        #expect(PostgresError(.connectionLost, "gone", outcomeUnknown: true).description.hasSuffix("(outcome unknown)"))
    }

    @Test("a malformed connection string does not show its password")
    func malformed() {
        let configuration = PostgresConfiguration(connectionString: "host=x password=hunter2 swordfish")
        let error = #expect(throws: PostgresError.self) { try ConnectionParameters(configuration, rotation: 0) }
        #expect(error?.kind == .usage)
        #expect(error?.description.contains("swordfish") == false)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test(
        "after a time-out the next host comes first",
        arguments: [
            (0, nil, nil), (1, "b,c,a", "2,3,1"), (2, "c,a,b", "3,1,2"), (3, nil, nil),
        ])
    func rotation(times: Int, hosts: String?, ports: String?) throws {
        let configuration = PostgresConfiguration(connectionString: "host=a,b,c port=1,2,3 dbname=x")
        let pairs = try ConnectionParameters(configuration, rotation: times).pairs
        #expect(pairs.last { $0.0 == "host" }?.1 == hosts)
        #expect(pairs.last { $0.0 == "port" }?.1 == ports)
    }

    @Test("one port for all hosts stays")
    func onePort() throws {
        let configuration = PostgresConfiguration(connectionString: "postgresql://a,b/x?port=5433")
        let pairs = try ConnectionParameters(configuration, rotation: 1).pairs
        #expect(pairs.last { $0.0 == "host" }?.1 == "b,a")
        #expect(!pairs.contains { $0.0 == "port" && $0.1.contains("5433,") })
    }
}
