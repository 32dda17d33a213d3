import Civic
import Testing

@testable import Delivery

@Suite("ledger")
struct LedgerTests {
    private let id = Identifier(high: 1, low: 1)

    @Test("what is held is not taken again; what is finished only once the table knows")
    func life() {
        var ledger = Ledger()
        #expect(ledger.isNew(id))
        var taken = [ledger.take(id), ledger.take(id)]
        #expect(ledger.count == 1)
        ledger.begin(id)
        ledger.attempted(id)
        ledger.finish(id)
        #expect(ledger.count == 0)
        #expect(!ledger.isNew(id))
        taken.append(ledger.take(id))
        ledger.record([id], at: World.start)
        taken.append(ledger.take(id))
        #expect(taken == [true, false, false, true])
    }

    @Test("while somebody reads the table, the finished stay known")
    func readings() {
        var ledger = Ledger()
        ledger.beginReading()
        ledger.beginReading()
        var taken = [ledger.take(id)]
        ledger.finish(id)
        ledger.record([id], at: World.start)
        ledger.endReading()
        taken.append(ledger.take(id))
        ledger.endReading()
        taken.append(ledger.take(id))
        #expect(taken == [true, false, true])
    }

    @Test("what was finished is remembered for some seconds, and not for ever")
    func lately() {
        var ledger = Ledger()
        ledger.record([id], at: World.start)
        let others = (2...4).map { Identifier(high: 1, low: $0) }
        ledger.record([others[0]], at: World.start + .seconds(4))
        #expect(ledger.wasFinished(id) && ledger.wasFinished(others[0]))
        ledger.record([others[1]], at: World.start + .seconds(6))
        #expect(ledger.wasFinished(id))
        ledger.record([others[2]], at: World.start + .seconds(12))
        #expect(!ledger.wasFinished(id) && !ledger.wasFinished(others[0]) && ledger.wasFinished(others[1]))
    }

    @Test("a reading does not end the wait for what the table does not know yet")
    func unrecorded() {
        var ledger = Ledger()
        var taken = [ledger.take(id)]
        ledger.finish(id)
        ledger.beginReading()
        ledger.endReading()
        taken.append(ledger.take(id))
        #expect(taken == [true, false])
    }

    @Test("what is under way when all is forgotten is held again, but not put in line")
    func forgotten() {
        var ledger = Ledger()
        var taken = [ledger.take(id)]
        ledger.begin(id)
        ledger.forget()
        #expect(!ledger.holds(id) && ledger.isNew(id))
        taken.append(ledger.take(id))
        #expect(taken == [true, false])
        #expect(ledger.holds(id))
    }
}
