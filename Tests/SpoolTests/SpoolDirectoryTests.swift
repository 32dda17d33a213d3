import Civic
import Foundation
import Synchronization
import Testing

@testable import Spool

/// A spool on a real disk.
@Suite struct SpoolDirectoryTests {
    private typealias Format = SegmentFormatTests

    @Test("In order over any number of starts; gone when settled") func order() async throws {
        try await withSpool { place in
            for start in 0..<3 {
                let spool = try place.open()
                for number in 0..<5 { try await spool.keep(Format.request(start * 5 + number)) }
                #expect(spool.glance.waiting == (start + 1) * 5)
                #expect(spool.glance.oldest == Format.request(0).receivedAt)
                await spool.close()
            }
            #expect(SpoolGlance(at: place.path)?.waiting == 15)
            let spool = try place.open()
            var drained: [SpooledRequest] = []
            while let batch = await spool.oldest(most: 4, bytes: 1 << 20) {
                #expect(await spool.oldest(most: 4, bytes: 1 << 20)?.requests == batch.requests)
                drained += batch.requests
                await spool.settle(batch)
            }
            #expect(drained == (0..<15).map { Format.request($0) })
            #expect(spool.glance == SpoolGlance())
            #expect(try place.names == ["lock"])
            try await spool.keep(Format.request(99))
            #expect(await spool.oldest(most: 4, bytes: 1 << 20)?.requests == [Format.request(99)])
            await spool.close()
        }
    }

    @Test("What was not settled comes again after a crash") func crash() async throws {
        try await withSpool { place in
            let first = try place.open()
            for number in 0..<6 { try await first.keep(Format.request(number)) }
            let batch = try #require(await first.oldest(most: 3, bytes: 1 << 20))
            await first.settle(batch)
            #expect(first.glance.waiting == 3)
            await first.close()
            let second = try place.open()
            #expect(await second.oldest(most: 100, bytes: 1 << 20)?.requests.count == 6)
            await second.close()
        }
    }

    @Test("Only its owner may read it, and one process at a time has it") func access() async throws {
        try await withSpool { place in
            let spool = try place.open()
            try await spool.keep(Format.request(1))
            let files = FileManager.default
            #expect(try files.attributesOfItem(atPath: place.path)[.posixPermissions] as? Int == 0o700)
            for name in try place.names {
                let mode = try files.attributesOfItem(atPath: "\(place.path)/\(name)")[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(name)")
            }
            #expect { try place.open() } throws: { ($0 as? SpoolError)?.kind == .taken }
            await spool.close()
            let next = try place.open()
            #expect(next.glance.waiting == 1)
            await next.close()
        }
    }

    @Test("Full: refused, alive, and goes on when there is room") func full() async throws {
        try await withSpool { place in
            let spool = try place.open(bounds: SpoolDirectory.Bounds(bytes: 2000, messages: 100))
            var kept = 0
            let error = await #expect(throws: SpoolError.self) {
                while kept < 100 {
                    try await spool.keep(Format.request(kept))
                    kept += 1
                }
            }
            #expect(error?.kind == .full)
            #expect(kept > 3 && spool.glance.waiting == kept && spool.glance.bytes <= 2000)
            let batch = try #require(await spool.oldest(most: 100, bytes: 1 << 20))
            await spool.settle(batch)
            try await spool.keep(Format.request(100))
            spool.bounds = SpoolDirectory.Bounds(bytes: 1 << 20, messages: 1)
            let many = await #expect(throws: SpoolError.self) { try await spool.keep(Format.request(101)) }
            #expect(many?.kind == .full)
            await spool.close()
        }
    }

    @Test("Those who come together share an fsync; the file and its directory have one before anybody is answered")
    func groups() async throws {
        try await withSpool { place in
            let syncs = Mutex<[Bool]>([])
            let gate = DispatchSemaphore(value: 0)
            var disk = Disk()
            let real = disk.sync
            disk.sync = { file in
                var status = stat()
                fstat(file, &status)
                if syncs.withLock({
                    $0.append(status.st_mode & S_IFMT == S_IFDIR); return $0.count
                }) == 4 {
                    gate.wait()
                }
                return real(file)
            }
            let spool = try place.open(disk: disk)
            syncs.withLock { $0 = [] }
            try await spool.keep(Format.request(0))
            #expect(syncs.withLock { $0 } == [false, true])
            try await spool.keep(Format.request(1))
            #expect(syncs.withLock { $0 } == [false, true, false])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await spool.keep(Format.request(2)) }
                while syncs.withLock({ $0.count }) < 4 { await Task.yield() }
                for number in 3..<102 { group.addTask { try await spool.keep(Format.request(number)) } }
                // One is in its fsync; all others have come by the time it goes on.
                while spool.queued < 99 { await Task.yield() }
                gate.signal()
                try await group.waitForAll()
            }
            #expect(syncs.withLock { $0 }.count == 5)
            #expect(spool.glance.waiting == 102)
            await spool.close()
        }
    }

    @Test("A disk that fails: refused, and the next is kept; nothing that was acknowledged is lost")
    func disk() async throws {
        for failing in ["write", "sync", "directory"] {
            try await withSpool { place in
                let broken = Mutex(false)
                var disk = Disk()
                let (write, sync) = (disk.write, disk.sync)
                disk.write = { file, bytes, offset in
                    guard failing == "write", broken.withLock({ $0 }) else { return write(file, bytes, offset) }
                    // Half of it fits.
                    _ = write(file, Array(bytes.prefix(bytes.count / 2)), offset)
                    return ENOSPC
                }
                disk.sync = { file in
                    var status = stat()
                    fstat(file, &status)
                    let isDirectory = status.st_mode & S_IFMT == S_IFDIR
                    let fails = failing == "directory" ? isDirectory : failing == "sync" && !isDirectory
                    return fails && broken.withLock({ $0 }) ? EIO : sync(file)
                }
                let spool = try place.open(disk: disk)
                var kept: [SpooledRequest] = []
                for number in 0..<9 {
                    // The directory matters for a new file only.
                    if failing == "directory", let batch = await spool.oldest(most: 9, bytes: 1 << 20) {
                        await spool.settle(batch)
                        kept = []
                    }
                    broken.withLock { $0 = number % 3 == 1 }
                    do {
                        try await spool.keep(Format.request(number))
                        kept.append(Format.request(number))
                        #expect(number % 3 != 1)
                    } catch {
                        #expect(number % 3 == 1)
                        #expect((error as? SpoolError)?.kind == .disk(failing == "write" ? ENOSPC : EIO))
                    }
                }
                #expect(spool.glance.waiting == kept.count)
                await spool.close()
                broken.withLock { $0 = false }
                let next = try place.open()
                var found: [SpooledRequest] = []
                while let batch = await next.oldest(most: 100, bytes: 1 << 20) {
                    found += batch.requests
                    await next.settle(batch)
                }
                #expect(found == kept, "\(failing)")
                #expect(place.events == [], "\(failing)")
                await next.close()
            }
        }
    }

    @Test("A torn end is cut off; damage is set aside, and what is around it is drained") func damage() async throws {
        try await withSpool { place in
            let first = try place.open()
            for number in 0..<3 { try await first.keep(Format.request(number)) }
            await first.close()
            let file = "\(place.path)/0000000000000001.spool"
            let good = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file)))
            try Data(good + good[SegmentFormat.headerSize...].prefix(40)).write(to: URL(fileURLWithPath: file))
            let second = try place.open()
            #expect(place.events == [.torn(file: file, at: good.count)])
            #expect(second.glance.waiting == 3)
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)).count == good.count)
            await second.close()

            let entries = SegmentFormat.scan(good).entries
            var bad = good
            bad[entries[1].range.upperBound - 1] ^= 1
            try Data(bad).write(to: URL(fileURLWithPath: file))
            let third = try place.open()
            let batch = try #require(await third.oldest(most: 100, bytes: 1 << 20))
            #expect(batch.requests == [Format.request(0), Format.request(2)])
            await third.settle(batch)
            #expect(
                place.events.dropFirst().first
                    == .damaged(
                        file: file, at: entries[1].offset, bytes: entries[1].range.count))
            let aside = "\(place.path)/0000000000000001.damaged"
            #expect(place.events.last == .setAside(file: aside))
            #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: aside))) == bad)
            #expect(third.glance.aside == 1 && third.glance.waiting == 0)
            await third.close()
            // A number is not used twice, and what was set aside is not read again.
            let fourth = try place.open()
            #expect(fourth.glance.aside == 1 && fourth.glance.waiting == 0)
            try await fourth.keep(Format.request(9))
            #expect(try place.names == ["0000000000000001.damaged", "0000000000000002.spool", "lock"])
            await fourth.close()
        }
    }

    @Test("What the disk changes while it waits is set aside when it is its turn") func rot() async throws {
        try await withSpool { place in
            let spool = try place.open()
            for number in 0..<3 { try await spool.keep(Format.request(number)) }
            let file = URL(fileURLWithPath: "\(place.path)/0000000000000001.spool")
            var bytes = try [UInt8](Data(contentsOf: file))
            bytes[bytes.count - 1] ^= 1
            try Data(bytes).write(to: file)
            let batch = try #require(await spool.oldest(most: 100, bytes: 1 << 20))
            #expect(batch.requests == [Format.request(0), Format.request(1)])
            await spool.settle(batch)
            #expect(try place.names == ["0000000000000001.damaged", "lock"])
            await spool.close()
        }
    }

    @Test("What cannot be taken in stays, for a person") func refused() async throws {
        try await withSpool { place in
            let spool = try place.open()
            try await spool.keep(Format.request(0))
            await spool.settle(try #require(await spool.oldest(most: 1, bytes: 1)), refused: true)
            #expect(try place.names == ["0000000000000001.damaged", "lock"])
            await spool.close()
        }
    }

    @Test("Files are of one size or so, and each is gone when it is drained") func segments() async throws {
        try await withSpool { place in
            let spool = try place.open()
            let body = String(repeating: "x", count: 1 << 20)
            for number in 0..<10 { try await spool.keep(Format.request(number, body: body)) }
            #expect(try place.names.count { $0.hasSuffix(".spool") } == 3)
            var count = 0
            while let batch = await spool.oldest(most: 100, bytes: 2 << 20) {
                #expect(batch.requests.count <= 2)
                count += batch.requests.count
                await spool.settle(batch)
            }
            #expect(count == 10)
            #expect(try place.names == ["lock"])
            await spool.close()
        }
    }
}

/// A spool's directory, and what it told.
final class SpoolPlace: Sendable {
    let path: String
    private let told = Mutex<[SpoolEvent]>([])
    init(_ path: String) { self.path = path }

    var events: [SpoolEvent] { told.withLock { $0 } }
    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }

    func open(bounds: SpoolDirectory.Bounds = SpoolDirectory.Bounds(bytes: 256 << 20), disk: Disk = Disk()) throws
        -> SpoolDirectory
    {
        try SpoolDirectory(path, bounds: bounds, disk: disk) { event in self.told.withLock { $0.append(event) } }
    }
}

/// Removed afterwards, whatever happens.
func withSpool(_ body: (SpoolPlace) async throws -> Void) async throws {
    let directory = "/tmp/pasquino-spool-\(UUID().uuidString.prefix(8))"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await body(SpoolPlace("\(directory)/state/spool"))
}
