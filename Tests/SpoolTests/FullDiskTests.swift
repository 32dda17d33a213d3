import Foundation
import TestSupport
import Testing

@testable import Spool

/// A real file system without room: a small tmpfs, which only root may mount.
@Suite struct FullDiskTests {
    static let mayMount: Bool = {
        let place = "/tmp/pasquino-mount-\(UUID().uuidString.prefix(8))"
        guard (try? FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)) != nil else {
            return false
        }
        defer { try? FileManager.default.removeItem(atPath: place) }
        let said = try? Tool.output([
            "sh", "-c", "mount -t tmpfs -o size=64k tmpfs '\(place)' && umount '\(place)' && echo yes",
        ])
        return said.map { String(decoding: $0, as: UTF8.self) } == "yes\n"
    }()

    @Test(
        "A full disk: refused, alive, and kept again when there is room",
        .enabled(if: mayMount, "needs root to mount a tmpfs"))
    func tmpfs() async throws {
        try await withSpool { place in
            try FileManager.default.createDirectory(atPath: place.path, withIntermediateDirectories: true)
            _ = try Tool.output(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place.path])
            defer { _ = try? Tool.output(["umount", "-l", place.path]) }
            let spool = try place.open()
            let body = String(repeating: "x", count: 5000)
            var kept = 0
            let error = await #expect(throws: SpoolError.self) {
                while kept < 100 {
                    try await spool.keep(SegmentFormatTests.request(kept, body: body))
                    kept += 1
                }
            }
            #expect(error?.kind == .disk(ENOSPC))
            #expect(kept > 3)
            // Still full.
            await #expect(throws: SpoolError.self) {
                try await spool.keep(SegmentFormatTests.request(kept, body: body))
            }
            var found: [SpooledRequest] = []
            while let batch = await spool.oldest(most: 100, bytes: 1 << 20) {
                found += batch.requests
                await spool.settle(batch)
            }
            #expect(found == (0..<kept).map { SegmentFormatTests.request($0, body: body) })
            try await spool.keep(SegmentFormatTests.request(1000, body: body))
            #expect(spool.glance.waiting == 1)
            #expect(place.events == [])
            await spool.close()
        }
    }
}
