import Foundation
import TestSupport
import Testing

/// The unit that is shipped.
@Suite struct UnitTests {
    private static let unit = Repository.root.appending(path: "Deploy/debian/pasquino.service").path

    @Test("Its exposure is 1.5 at most, by systemd's own reckoning")
    func exposure() throws {
        // Ends with 1 above the threshold, in tenths.
        let said = try Tool.output(
            ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15", Self.unit])
        #expect(String(decoding: said, as: UTF8.self).contains("Overall exposure level for pasquino.service"))
    }

    @Test("It waits for a sign of life, and is not tried again with a configuration that is refused")
    func policy() throws {
        let lines = Set(try String(contentsOfFile: Self.unit, encoding: .utf8).split(separator: "\n").map(String.init))
        for line in ["Type=notify", "WatchdogSec=2min", "Restart=on-failure", "RestartPreventExitStatus=78"] {
            #expect(lines.contains(line), "\(line)")
        }
    }
}
