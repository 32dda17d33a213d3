import Foundation
import TestSupport
import Testing

/// /openapi.yaml says what the daemon answers: schemathesis makes requests of it, right and wrong ones, the same in every
/// run, and finds whatever status, type or shape is not declared, and what is answered without a proof that is required.
@Suite(
    .serialized, .enabled(if: Schemathesis.isInstalled, Comment(rawValue: Schemathesis.absence)),
    .timeLimit(.minutes(20)))
struct SchemaAcceptance {
    @Test("What is answered is what the document says")
    func conformance() async throws {
        try await Open311City.with { server in
            let running = server.running
            let posted = try await running.post(#"{"id":"s1","text":"buca","from":{"email":"anna@example.org"}}"#)
            let code = try #require(posted.member("ticket"))
            let result = try Schemathesis.run(
                """
                [[operations]]
                include-operation-id = "postMessage"
                headers = { Authorization = "Bearer \(City.token)" }
                parameters = { "path.name" = "portale" }
                [[operations]]
                include-path-regex = "^/v1/tickets"
                headers = { Authorization = "Bearer \(City.officeToken)" }
                parameters = { "path.code" = "\(code)" }
                [[operations]]
                include-path-regex = "^/open311"
                parameters = { "path.format" = "json", "query.api_key" = "\(Open311City.key)" }
                """,
                [
                    "run", running.base + "/openapi.yaml", "--url", running.base, "--no-color", "--warnings", "off",
                    "--generation-deterministic", "--max-examples", "20", "--phases", "fuzzing",
                    // Python 3.11 parses in one thread at a time only ("AST constructor recursion depth mismatch").
                    "--workers", "1",
                    "--no-shrink", "--suppress-health-check", "all", "--request-timeout", "60", "--continue-on-failure",
                    // Mail has no shape that it could make.
                    "--exclude-operation-id", "deliverMail", "--checks",
                    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
                        + "response_schema_conformance,ignored_auth",
                ])
            #expect(result.status == 0, "\(result.output.suffix(6000))")
            #expect(result.output.contains("Test cases:"), "\(result.output.suffix(2000))")
            let metrics = try await HTTP.get(running.base + "/metrics").text
            #expect(metrics.contains("\npasquino_internal_errors_total 0\n"))
        }
    }
}

/// PyPI's schemathesis, made once in a run.
private enum Schemathesis {
    private static let folder = "/tmp/pasquino-schemathesis-\(ProcessInfo.processInfo.processIdentifier)"
    private static let packages = ["schemathesis==4.32.5", "hypothesis==6.170.15"]

    /// Why it is not there; null if it is.
    private static let missing: String? = {
        atexit { try? FileManager.default.removeItem(atPath: Schemathesis.folder) }
        do {
            let venv = try PythonClients.shell("/usr/bin/python3", ["-m", "venv", folder])
            guard venv.status == 0 else { return "python3 -m venv: \(venv.output)" }
            let pip = try PythonClients.shell(
                folder + "/bin/pip", ["install", "--quiet", "--disable-pip-version-check"] + packages)
            return pip.status == 0 ? nil : "pip install \(packages.joined(separator: " ")): \(pip.output)"
        } catch { return "\(error)" }
    }()

    static var isInstalled: Bool { missing == nil }
    static var absence: String { "NOT TESTED, schemathesis could not be installed: \(missing ?? "")" }

    static func run(_ settings: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let file = folder + "/schemathesis.toml"
        try settings.write(toFile: file, atomically: true, encoding: .utf8)
        // It leaves files where it is started.
        let elsewhere = ["-c", #"cd "$1" && shift && exec "$@""#, "sh", folder]
        let command = [folder + "/bin/schemathesis", "--config-file", file]
        return try PythonClients.shell("/bin/sh", elsewhere + command + arguments)
    }
}
