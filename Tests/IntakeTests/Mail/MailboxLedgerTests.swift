import Testing

@testable import Intake

@Suite("What is remembered of mails") struct MailboxLedgerTests {
    private func ledger(attempts: Int = 4) -> MailboxLedger {
        var ledger = MailboxLedger(attempts: attempts)
        ledger.opened(uidValidity: 1)
        return ledger
    }

    @Test func failuresAreTriedAgainAtGrowingIntervals() {
        var ledger = ledger()
        #expect(ledger.failed(2, at: .zero) == .later(.seconds(60)))
        #expect(ledger.due(of: [1, 2, 3], at: .seconds(59)) == [1, 3])
        #expect(ledger.nextDue == .seconds(60))
        #expect(ledger.due(of: [1, 2, 3], at: .seconds(60)) == [1, 2, 3])
        #expect(ledger.failed(2, at: .seconds(60)) == .later(.seconds(120)))
        #expect(ledger.failed(2, at: .seconds(60)) == .later(.seconds(240)))
        #expect(ledger.failed(2, at: .seconds(60)) == .aside)
        #expect(ledger.accepted == [2: .aside])
        #expect(ledger.nextDue == .zero)
        ledger.marked(2)
        #expect(ledger.accepted.isEmpty)
        #expect(ledger.failing == 0)
    }

    @Test func intervalsHaveAnEnd() {
        var ledger = ledger(attempts: 1000)
        for _ in 0..<998 { _ = ledger.failed(2, at: .zero) }
        #expect(ledger.failed(2, at: .zero) == .later(.seconds(3600)))
    }

    @Test func aLostConnectionIsRarelyTheMailsFault() {
        var ledger = ledger()
        #expect(ledger.failed(2, at: .zero, isLoss: true) == .later(.zero))
        #expect(ledger.due(of: [2], at: .zero) == [2])
        #expect(ledger.failed(2, at: .zero, isLoss: true) == .later(.seconds(60)))
    }

    @Test func aMarkThatFailsIsTriedForEver() {
        var ledger = ledger(attempts: 2)
        ledger.accepted(7, .done)
        for _ in 0..<5 { #expect(ledger.failed(7, at: .zero) != .aside) }
        #expect(ledger.accepted == [7: .done])
        #expect(ledger.due(of: [7], at: .zero).isEmpty)
    }

    @Test func whatIsGoneIsForgotten() {
        var ledger = ledger()
        _ = ledger.failed(2, at: .zero)
        ledger.accepted(3, .done)
        #expect(ledger.due(of: [3], at: .zero) == [3])
        #expect(ledger.failing == 0)
        _ = ledger.due(of: [], at: .zero)
        #expect(ledger.accepted.isEmpty)
    }

    @Test func anotherUIDVALIDITYMeansOtherMails() {
        var ledger = ledger()
        ledger.accepted(3, .done)
        _ = ledger.failed(4, at: .zero)
        ledger.opened(uidValidity: 1)
        #expect(ledger.accepted == [3: .done])
        ledger.opened(uidValidity: 2)
        #expect(ledger.accepted.isEmpty)
        #expect(ledger.failing == 0)
    }

    @Test func thePaceIsEvenAfterAFewAtOnce() {
        var pace = MailboxPace(perMinute: 90)
        let waits = (0..<6).map { _ in pace.take(at: .seconds(100)) }
        let step = Duration.seconds(60) / 90
        #expect(waits == [.zero, .zero, .zero, step, step * 2, step * 3])
        // A quiet hour saves nothing up.
        #expect((0..<4).map { _ in pace.take(at: .seconds(3700)) } == [.zero, .zero, .zero, step])
        var slowest = MailboxPace(perMinute: 0)
        #expect(slowest.take(at: .zero) == .zero)
        #expect(slowest.take(at: .zero) == .seconds(60))
    }

    @Test func backingOffGrowsAndEnds() {
        var backOff = BackOff(first: .seconds(1), last: .seconds(300))
        #expect((0..<10).map { _ in backOff.next(random: 1) }.suffix(2) == [.seconds(256), .seconds(300)])
        for _ in 0..<100 { _ = backOff.next(random: 0) }
        #expect(backOff.next(random: 0) == .seconds(150))
        backOff.reset()
        #expect(backOff.next(random: 0.5) == .milliseconds(750))
    }
}
