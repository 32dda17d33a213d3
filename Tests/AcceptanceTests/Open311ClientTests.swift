import Foundation
import Testing

/// Clients that others wrote, as they stand: PyPI's `georeport`, which reads, and `civicbot`, which also reports.
@Suite(
    .serialized, .enabled(if: PythonClients.isInstalled, Comment(rawValue: PythonClients.absence)),
    .timeLimit(.minutes(30)))
struct Open311Clients {
    @Test("georeport and civicbot work unchanged")
    func python() async throws {
        try await Open311City.with { server in
            let result = try PythonClients.run(
                Open311Clients.script, [server.running.base + "/open311/v2", Open311City.key])
            #expect(result.status == 0, "\(result.output)")
            let words = result.output.split(separator: "\n").last?.split(separator: " ").map(String.init) ?? []
            try #require(words.count == 2, "\(result.output)")
            #expect(words[0] == words[1], "a report sent again is the same")
            let ticket = try await server.ticket(words[0])
            #expect(ticket["category"] as? String == "manutenzione.veicolo-abbandonato")
        }
    }

    private static let script = """
        import sys
        from georeport import GeoReport
        from civicbot.open311 import Open311Client, Open311Error
        from civicbot.registry import Endpoint

        base, key = sys.argv[1:]
        code = "manutenzione.veicolo-abbandonato"

        def only(value):  # of one element, this client gives no list when it reads XML
            return value if isinstance(value, list) else [value]

        endpoint = Endpoint("rome", "Rome", base, write=True)
        bot = Open311Client(endpoint, jurisdiction_id="comune.roma.it")
        services = bot.list_services()
        assert len(services) == 110, len(services)
        assert bot.get_service_definition(code)["attributes"][0]["values"][0]["key"] == "auto"

        def send(**more):
            prepared = bot.create_request(
                code, dry_run=False, confirm="SEND", api_key=key, validate_remote=True, lat=41.8719, lng=12.5674,
                description="Un'auto abbandonata: è lì da mesi & perde olio", email="anna@example.org", **more)
            return prepared.response[0]["service_request_id"]

        try:
            send()
            sys.exit("a required answer was not missed")
        except Open311Error:
            pass
        first = send(attributes={"tipo": "auto", "targa": "AB123CD"})
        second = send(attributes={"tipo": "auto", "targa": "AB123CD"})
        assert bot.get_request(first)["status"] == "open"
        assert [r["service_request_id"] for r in bot.list_requests(status="open")] == [first]

        for format in "json", "xml":
            reader = GeoReport(base, jurisdiction="comune.roma.it", output_format=format)
            assert len(reader.get_service_list()) == 110
            assert reader.get_service_definition(code)["service_code"] == code
            for found in (
                only(reader.get_service_requests(service_code=code, status="open")),
                only(reader.get_service_requests(service_request_id=first)),
                only(reader.get_service_request(first)),
            ):
                assert [r["service_request_id"] for r in found] == [first], found
        print(first, second)
        """
}

/// A place of their own for the clients, made once in a run.
enum PythonClients {
    private static let folder = "/tmp/pasquino-clients-\(ProcessInfo.processInfo.processIdentifier)"
    private static let packages = ["georeport==0.3.1", "civicbot==0.4.0"]

    /// Why they are not there; null if they are.
    private static let missing: String? = {
        atexit { try? FileManager.default.removeItem(atPath: PythonClients.folder) }
        do {
            let venv = try shell("/usr/bin/python3", ["-m", "venv", folder])
            guard venv.status == 0 else { return "python3 -m venv: \(venv.output)" }
            let pip = try shell(
                folder + "/bin/pip", ["install", "--quiet", "--disable-pip-version-check"] + packages)
            return pip.status == 0 ? nil : "pip install \(packages.joined(separator: " ")): \(pip.output)"
        } catch { return "\(error)" }
    }()

    static var isInstalled: Bool { missing == nil }
    static var absence: String {
        "NOT TESTED, the Open311 clients of PyPI could not be installed: \(missing ?? "")"
    }

    static func run(_ script: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        try shell(folder + "/bin/python", ["-c", script] + arguments)
    }

    static func shell(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
