import Foundation

/// Fidenza with a handful of its rules: a daemon that starts in a moment, for tests that start it many times.
struct Hamlet {
    let path: String
    static let environment = Dictionary(
        uniqueKeysWithValues: ["MENSA", "TARI", "IMU", "CUP"].map { ("PASQUINO_IO_KEY_\($0)", "sandbox-key-\($0)") })

    init() throws {
        path = "/tmp/pasquino-config-\(UUID().uuidString.prefix(8))"
        let files = FileManager.default
        try files.copyItem(atPath: City.root + "/Config/fidenza", toPath: path)
        for file in try files.contentsOfDirectory(atPath: path + "/rules") where !file.hasPrefix("20-") {
            try files.removeItem(atPath: "\(path)/rules/\(file)")
        }
        try files.removeItem(atPath: path + "/precedents")
        let main = path + "/pasquino.yaml"
        let text = try String(contentsOfFile: main, encoding: .utf8)
        let more = text.replacingOccurrences(of: "messages_per_minute: 600", with: "messages_per_minute: 60000")
        guard more != text else { throw City.Failure("the rate of messages was not found in \(main)") }
        try more.write(toFile: main, atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }  // a leftover in /tmp harms nobody
}
