import Civic
import Foundation
import Glibc
import Testing

@testable import Observability

private let moment = Timestamp(seconds: 1_795_253_400)  // 2026-11-21T09:30:00Z

@Suite struct ObserverTests {
    @Test func showsWhatIsImportantEnoughAndCountsEverything() {
        let sink = MemorySink()
        let observe = Observer(level: .notice, sink: sink, now: { moment })
        for sample in samples { observe(sample) }
        #expect(sink.records.allSatisfy { $0.level >= .notice && $0.at == moment })
        #expect(sink.records.count == samples.filter { $0.level >= .notice }.count)
        #expect(observe.metrics.accepted == 2)
        observe.level = .error
        #expect(observe.level == .error)
        observe(.stopping)
        #expect(sink.records.count == samples.filter { $0.level >= .notice }.count)
    }

    @Test func droppedLinesAreCounted() {
        struct Full: LogSink { func write(_ record: LogRecord) -> Bool { false } }
        let observe = Observer(level: .debug, sink: Full())
        observe(.stopping)
        observe(.stopped)
        #expect(observe.metrics.render().contains("\npasquino_log_lines_dropped_total 2\n"))
    }

    @Test func everyLevelIsReadBack() {
        let observe = Observer(level: .debug, sink: MemorySink())
        for level in LogLevel.allCases {
            observe.level = level
            #expect(observe.level == level)
        }
    }
}

@Suite struct PlainSinkTests {
    static func record(_ sentence: String, _ fields: [(name: String, value: String)] = []) -> LogRecord {
        LogRecord(at: moment, level: .notice, name: "test", sentence: sentence, fields: fields)
    }

    @Test func oneLineThatReadsWell() {
        let line = PlainSink.line(
            Self.record("ready", [("HOST", "::1"), ("REASON", "a \"b\""), ("EMPTY", "")]), coloured: false)
        #expect(line == "2026-11-21T09:30:00Z notice  ready  host=::1 reason=\"a \\\"b\\\"\" empty=\"\"\n")
    }

    @Test func colourOnlyWhenAsked() {
        #expect(PlainSink.line(Self.record("x"), coloured: true).contains("\u{1B}[1mnotice \u{1B}[0m"))
        #expect(!PlainSink.line(Self.record("x"), coloured: false).contains("\u{1B}"))
    }

    @Test(arguments: [
        "\n2026-11-21T09:30:00Z error forged", "\u{1B}[2J", "\r", "\u{9B}31m", "\u{2028}", "\u{202E}", "\0", "\u{FEFF}",
    ])
    func nothingForgesALine(_ evil: String) {
        let line = PlainSink.line(Self.record("a\(evil)", [("REASON", evil)]), coloured: false)
        #expect(line.unicodeScalars.filter { $0.properties.generalCategory == .control } == ["\n"])
        #expect(line.hasSuffix("\n"))
        #expect(!line.unicodeScalars.contains { [0x2028, 0x202E, 0xFEFF].contains($0.value) })
    }

    @Test func longTextsAreCut() {
        let long = String(repeating: "à", count: 100_000)
        let line = PlainSink.line(Self.record(long, (0..<50).map { ("F\($0)", long) }), coloured: true)
        #expect(line.utf8.count <= PlainSink.longest)
        #expect(line.contains("…"))
    }

    @Test func slowReaderLosesLinesAndNobodyWaits() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let sink = PlainSink(descriptor: ends[1], coloured: false)
        var written = 0
        while written < 10_000, sink.write(Self.record(String(repeating: "x", count: 1000))) { written += 1 }
        #expect((1..<10_000).contains(written))
        var buffer = [UInt8](repeating: 0, count: 65_536)
        #expect(read(ends[0], &buffer, buffer.count) > 0)
        #expect(sink.write(Self.record("again")))
    }

    @Test func closedDescriptorIsADroppedLine() { #expect(!PlainSink(descriptor: -1).write(Self.record("x"))) }
}

@Suite struct JournalSinkTests {
    /// A whole life at the usual level: the journal has it, lines on standard error do not.
    @Test func aTicketsLifeIsOneFilter() throws {
        let journal = try #require(Datagrams(abstract: false))
        let sink = try #require(JournalSink(path: journal.name, identifier: "pasquino"))
        let life: [Observation] = [
            .messageAccepted(
                channel: "portale", outcome: "opened", ticket: "RM-7Q4K2MXD", category: "strade.buche",
                office: "municipio-i", rule: "strade.buche", undecided: false, seconds: 0.004),
            .notificationFinished(
                medium: .email, destination: "smtp", notification: Identifier(high: 1, low: 2), ticket: "RM-7Q4K2MXD",
                outcome: "delivered", reason: nil, attempt: 1),
            .ticketStep(ticket: "RM-7Q4K2MXD", kind: .resolved, by: "municipio-i"),
        ]
        let observe = Observer(level: .info, sink: sink)
        for step in life + [.batchWritten(rows: 1, seconds: 0)] { observe(step) }
        let entries = journal.texts()
        #expect(entries.count == 3)
        #expect(entries.allSatisfy { $0.contains("\nTICKET_ID=RM-7Q4K2MXD\n") })
        #expect(entries.last?.contains("\nPASQUINO_EVENT=ticket_step\nTICKET_ID=RM-7Q4K2MXD\nSTEP=resolved\n") == true)
        observe.level = .notice
        for step in life { observe(step) }
        #expect(journal.texts() == [])
        let lines = MemorySink()
        for step in life { Observer(level: .info, sink: lines)(step) }
        #expect(lines.records.isEmpty)
    }

    @Test func sendsAnEntry() throws {
        let journal = try #require(Datagrams(abstract: false))
        let sink = try #require(JournalSink(path: journal.name, identifier: "pasquino"))
        let fields = [(name: "TICKET_ID", value: "RM-7Q4K2MXD")]
        let record = LogRecord(at: moment, level: .warning, name: "sample", sentence: "a sentence", fields: fields)
        #expect(sink.write(record))
        #expect(
            journal.texts() == [
                "MESSAGE=a sentence\nPRIORITY=4\nSYSLOG_IDENTIFIER=pasquino\nPASQUINO_EVENT=sample\nTICKET_ID=RM-7Q4K2MXD\n"
            ])
    }

    @Test func linesAreSentWithTheirLength() throws {
        let record = LogRecord(at: moment, level: .error, name: "n", sentence: "a\nPRIORITY=0\u{1B}", fields: [])
        let entry = JournalSink.entry(record, identifier: "p")
        let text = "a\nPRIORITY=0\\u{1b}"
        let expected = Array("MESSAGE\n".utf8) + [UInt8(text.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(text.utf8)
        #expect(Array(entry.prefix(expected.count)) == expected)
        #expect(
            String(decoding: entry.dropFirst(expected.count), as: UTF8.self)
                == "\nPRIORITY=3\nSYSLOG_IDENTIFIER=p\nPASQUINO_EVENT=n\n")
    }

    @Test func journalThatIsFullOrGoneDoesNotBlock() throws {
        let record = LogRecord(at: moment, level: .error, name: "n", sentence: "x", fields: [])
        let nobody = try #require(JournalSink(path: "/tmp/pasquino-no-journal-here"))
        #expect(!nobody.write(record))
        let journal = try #require(Datagrams(abstract: false))
        let sink = try #require(JournalSink(path: journal.name))
        var sent = 0
        while sent < 100_000, sink.write(record) { sent += 1 }
        #expect(sent < 100_000)
    }

    @Test func streamIsRecognisedByDeviceAndInode() throws {
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var status = stat()
        #expect(fstat(ends[1], &status) == 0)
        #expect(JournalSink.isStream("\(status.st_dev):\(status.st_ino)", descriptor: ends[1]))
        #expect(!JournalSink.isStream("\(status.st_dev):\(status.st_ino + 1)", descriptor: ends[1]))
        #expect(!JournalSink.isStream(nil, descriptor: ends[1]))
        #expect(!JournalSink.isStream("", descriptor: ends[1]))
        #expect(!JournalSink.isStream("0:0", descriptor: -1))
    }
}
