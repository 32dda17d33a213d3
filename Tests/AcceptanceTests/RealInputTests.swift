import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Bench

/// Input that nobody on the project wrote.
@Suite(.serialized) struct RealInput {
    static let data = SharedData.folder.path
    static let isThere = FileManager.default.fileExists(atPath: data)

    /// What a Unix tool prints, as lines.
    private func lines(_ command: String) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(whereSeparator: \.isNewline).map(String.init)
    }

    private func request(_ body: Data, _ token: String = City.token) -> [UInt8] {
        Array(
            "POST /v1/channels/portale/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\nContent-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n"
                .utf8) + body
    }

    @Test(
        "27,380 rows of roma-sus-2020: as many tickets, none twice, all notified",
        .enabled(if: isThere, "../shared/data is not there"))
    func rome() async throws {
        var requests: [[UInt8]] = []
        for row in try lines("cat \(Self.data)/roma-sus-2020/*.csv.gz | gzip -dc | iconv -f ISO-8859-1 -t UTF-8") {
            let cells = row.trimmingCharacters(in: .whitespacesAndNewlines).components(separatedBy: ";")
            guard cells.count >= 15, cells[1] == "2020" else { continue }
            let body = try JSONSerialization.data(withJSONObject: [
                "id": "sus-\(requests.count)", "text": cells[8], "fields": ["municipio": cells[14]],
                "from": ["email": "c\(requests.count)@example.org"],
            ])
            requests.append(request(body))
        }
        #expect(requests.count == 27_380)
        let city = try await City()
        let running = try await city.start()
        let report = await LoadClient(port: running.port, requests: requests).run(connections: 32)
        #expect(report.statuses == [201: 27_380])
        #expect(report.failures == 0)
        // The same again changes nothing.
        let again = await LoadClient(port: running.port, requests: Array(requests.prefix(2000))).run(
            connections: 32)
        #expect(again.statuses == [200: 2000])
        try await city.quiet()
        let counts = try await city.counts()
        #expect(counts.mails == 27_380)
        #expect(counts.distinctMessageIDs == 27_380)
        let (_, output) = try await city.run(["ticket", "list", "--json", "--limit", "1000000"])
        let codes = output.split(separator: "\n")
        #expect(codes.count == 27_380)
        await city.end(running)
    }

    @Test(
        "Citizens' texts, naughty strings and JSONTestSuite: never a crash, never a 500",
        .enabled(if: isThere, "../shared/data is not there"))
    func hostile() async throws {
        var bodies: [(name: String, body: Data, expected: Set<Int>)] = []
        func message(_ name: String, _ text: String) throws {
            let body = try JSONSerialization.data(withJSONObject: ["id": "\(bodies.count)", "text": text])
            bodies.append((name, body, text.isEmpty ? [422] : [201]))
        }
        for line in try lines("gzip -dc \(Self.data)/citizen-text/*.jsonl.gz") where !line.isEmpty {
            try message("citizen", String(line.prefix(50_000)))
        }
        for line in try lines("cat \(Self.data)/citizen-text/csi-unlockpa/faq.csv") where !line.isEmpty {
            try message("faq", line)
        }
        for line in try lines("tar xJf \(Self.data)/adversarial/blns.tar.xz -O --wildcards '*blns.txt'")
        where !line.isEmpty {
            try message("naughty", line)
        }
        #expect(bodies.count > 3000)
        let folder = "/tmp/pasquino-json-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = try lines("tar xJf \(Self.data)/adversarial/jsontestsuite.tar.xz -C \(folder)")
        let files = FileManager.default.enumerator(atPath: folder)
        var cases = 0
        while let file = files?.nextObject() as? String {
            guard file.hasSuffix(".json"), let body = FileManager.default.contents(atPath: "\(folder)/\(file)") else {
                continue
            }
            let name = (file as NSString).lastPathComponent
            // y: JSON, but no message; n: not JSON; i: either.
            let expected: Set<Int> = name.hasPrefix("y_") ? [422] : name.hasPrefix("n_") ? [400] : [400, 422]
            guard name.hasPrefix("y_") || name.hasPrefix("n_") || name.hasPrefix("i_") else { continue }
            bodies.append((name, body, expected))
            cases += 1
        }
        try? FileManager.default.removeItem(atPath: folder)  // a leftover in /tmp harms nobody
        #expect(cases > 300)

        let city = try await City()
        let running = try await city.start()
        for (name, body, expected) in bodies {
            let answer = try await HTTP.post(running.messages, body: body, token: City.token)
            #expect(expected.contains(answer.status), "\(name): \(answer.status) \(answer.text)")
        }
        #expect(try await HTTP.get(running.base + "/health/ready").status == 200)
        await city.end(running)
    }
}
