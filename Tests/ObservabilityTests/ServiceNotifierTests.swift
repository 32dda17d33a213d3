import Observability
import Testing

@Suite struct ServiceNotifierTests {
    @Test(arguments: [false, true])
    func speaksToTheServiceManager(abstract: Bool) throws {
        let manager = try #require(Datagrams(abstract: abstract))
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.name], monotonic: { 1_234_567 })
        #expect(notifier.status("connecting"))
        #expect(notifier.ready(status: "serving Roma"))
        #expect(notifier.reloading())
        #expect(notifier.watchdog())
        #expect(notifier.extendTimeout(.milliseconds(1500)))
        #expect(notifier.extendTimeout(.seconds(-1)))
        #expect(notifier.stopping())
        #expect(
            manager.texts() == [
                "STATUS=connecting", "READY=1\nSTATUS=serving Roma",
                "RELOADING=1\nMONOTONIC_USEC=1234567\nSTATUS=reloading", "WATCHDOG=1", "EXTEND_TIMEOUT_USEC=1500000",
                "EXTEND_TIMEOUT_USEC=0", "STOPPING=1\nSTATUS=stopping",
            ])
    }

    @Test func statusStaysOneLine() throws {
        let manager = try #require(Datagrams(abstract: true))
        ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.name]).status("a\nREADY=1")
        #expect(manager.texts() == ["STATUS=a\\nREADY=1"])
    }

    @Test(arguments: [
        [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"], ["NOTIFY_SOCKET": "/tmp/nobody-is-there"],
    ])
    func nobodyListens(_ environment: [String: String]) {
        let notifier = ServiceNotifier(environment: environment)
        #expect(!notifier.ready(status: "ok"))
        #expect(!notifier.watchdog())
    }

    @Test func fullSocketDoesNotBlock() throws {
        let manager = try #require(Datagrams(abstract: true))
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": manager.name])
        var sent = 0
        while sent < 100_000, notifier.watchdog() { sent += 1 }
        #expect(sent < 100_000)
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "30000000"], Duration.seconds(30)),
            (["WATCHDOG_USEC": "500", "WATCHDOG_PID": "7"], .microseconds(500)),
            (["WATCHDOG_USEC": "500", "WATCHDOG_PID": "8"], nil), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "x"], nil), ([:], nil),
        ] as [([String: String], Duration?)])
    func watchdog(_ environment: [String: String], _ interval: Duration?) {
        #expect(ServiceNotifier(environment: environment, process: 7).watchdogInterval == interval)
    }

    @Test func monotonicTimeRuns() { #expect(ServiceNotifier.monotonicMicroseconds() > 0) }
}
